"""Solutions drawn by a server of the OpenAI protocol: vLLM, SGLang, llama.cpp, transformers serve, hosted ones."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field

from easy2hard import seeds
from easy2hard.completions import Access, Client, Garbage
from easy2hard.errors import UserError
from easy2hard.progress import track
from easy2hard.sampling import Count, Job, Prompt, Sharded

TITLE = "OpenAI-compatible server"
PATHS = {"completions": "completions", "chat": "chat/completions"}
SEEDS = 2**31  # what servers take as a seed


class Options(Sharded):
    """Where the server is and what it is sent."""

    url: str
    """Base address, such as `http://localhost:8000/v1`; `$NAME` takes it from that environment variable."""
    model: str
    """The server's name of the model."""
    endpoint: Literal["completions", "chat"] = "completions"
    """`completions` gets the prompt as it is; `chat` as a user's message, which the server puts into its template."""
    key_variable: str | None = None
    """Environment variable that holds the API key."""
    together: Count = 1
    """Samples a request (`n`). With more than one the server tells only the sum of their tokens."""
    top_k_field: str | None = "top_k"
    """Field that takes top-k (vLLM, SGLang, llama.cpp: `top_k`). null: not sent, and the server's own applies."""
    extra: dict[str, Any] = Field(default_factory=dict)
    """Further fields of every request, sent as they are."""
    concurrent: Count = 32
    """Requests at once."""
    timeout: Annotated[float, Field(gt=0)] = 600.0
    """Seconds a request may take."""
    retries: Annotated[int, Field(ge=0)] = 6
    """Further tries after 429, 5xx, a broken connection, a timeout or an answer that is not of the protocol."""
    wait: Annotated[float, Field(ge=0)] = 1.0
    """Seconds before the first retry, doubled before each further one, at most a minute."""


def identity(job: Job) -> dict:
    """What the samples depend on beside the settings. Not the address: a server may move while a job is resumed."""
    told = job.options.model_dump(include={"model", "endpoint", "together", "top_k_field", "extra"})
    return told | {"seeds": "by run seed, sampling seed, problem, first sample of the request"}


def writer(job: Job, prompts: Sequence[Prompt]) -> Callable[[range], pd.DataFrame]:
    """A function that asks for the SAMPLES of a range of the prompts.

    Raises UserError for an address or key that is not there, and as `Client.ask`.
    """
    options = job.options
    client = Client(Access(_address(options), options.key_variable, options.timeout, options.retries, options.wait))
    if options.top_k_field is None and job.settings.top_k:
        print(f"top_k {job.settings.top_k} is not sent: the server's own setting applies", file=sys.stderr)

    def write(chosen: range) -> pd.DataFrame:
        asked = [(*prompts[number], part) for number in chosen for part in _parts(job.settings.n, options.together)]
        pool = ThreadPoolExecutor(options.concurrent)
        try:
            found = pool.map(lambda one: _answered(client, job, *one), asked)
            rows = [row for part in track(found, len(asked), "sampling", "requests") for row in part]
        finally:
            pool.shutdown(cancel_futures=True)
        return pd.DataFrame(rows, columns=["item_id", "sample", "text", "tokens", "ended"])

    return write


def _address(options: Options) -> str:
    base = options.url
    if base.startswith("$"):
        base = os.environ.get(base[1:], "")
        if not base:
            raise UserError(f"options.url: environment variable '{options.url[1:]}' is not set (expected an address)")
    if not base.startswith(("http://", "https://")):
        raise UserError(f"options.url: '{base}' is no address (expected http://… or https://…)")
    return f"{base.rstrip('/')}/{PATHS[options.endpoint]}"


def _parts(count: int, together: int) -> list[range]:
    return [range(first, min(first + together, count)) for first in range(0, count, together)]


def _answered(client: Client, job: Job, item_id: str, prompt: str, samples: range) -> list[tuple]:
    """Rows of one request's samples."""
    answer = client.ask(body(job, item_id, prompt, samples))
    choices = answer["choices"]
    if len(choices) != len(samples):
        raise UserError(
            f"{client.access.url}: {len(choices)} texts came back for n {len(samples)} (with options.together 1 it is "
            "asked for one)"
        )
    try:
        texts = [_ended(choice, job.stops) for choice in choices]
        tokens = _shares([text for text, _ in texts], int(answer["usage"]["completion_tokens"]))
    except (KeyError, TypeError, ValueError, Garbage) as error:
        raise UserError(f"{client.access.url}: an answer without text, finish_reason or usage ({error!r})") from error
    rows = zip(samples, texts, tokens, strict=True)
    return [(item_id, index, text, count, ended) for index, (text, ended), count in rows]


def body(job: Job, item_id: str, prompt: str, samples: range) -> dict:
    """The request for some samples of a problem."""
    settings, options = job.settings, job.options
    message = {"messages": [{"role": "user", "content": prompt}]} if options.endpoint == "chat" else {"prompt": prompt}
    made = {
        "model": options.model,
        **message,
        "max_tokens": settings.max_tokens,
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "seed": seeds.entropy(job.seed, "sample", settings.seed, item_id, samples.start) % SEEDS,
    }
    if len(samples) > 1:
        made["n"] = len(samples)
    if job.stops:
        made["stop"] = list(job.stops)
    if options.top_k_field is not None:
        made[options.top_k_field] = settings.top_k or -1  # -1: all, for each of the servers named
    return made | options.extra


def _ended(choice: dict, stops: tuple[str, ...]) -> tuple[str, str]:
    """(text before the first stop string, why it ended). Some servers leave the stop string in, some cut it off."""
    text = choice["message"]["content"] if "message" in choice else choice["text"]
    if not isinstance(text, str):
        raise Garbage(f"a text of type {type(text).__name__}")
    places = [place for stop in stops if (place := text.find(stop)) >= 0]
    if places:
        return text[: min(places)], "stop"
    if choice["finish_reason"] == "length":
        return text, "length"
    return text, "stop" if isinstance(choice.get("stop_reason"), str) else "eos"


def _shares(texts: Sequence[str], total: int) -> list[int]:
    """Tokens a text: the total of one; of several, shares by their characters, since the server tells no more."""
    sizes = [len(text) + 1 for text in texts]
    return [round(total * size / sum(sizes)) for size in sizes]
