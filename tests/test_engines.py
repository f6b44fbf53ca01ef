"""Engine `openai`: against transformers' own server, and against one that fails in every way a server fails."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from easy2hard.engines import openai
from easy2hard.errors import UserError
from easy2hard.sampling import Job, Settings

SETTINGS = {"n": 3, "temperature": 0.7, "top_k": 20, "top_p": 0.9, "max_tokens": 12, "seed": 0}
PROMPTS = [(f"p{number}", f"red lamp {'moon ' * number}is") for number in range(4)]


def job(url: str, options: dict, stops: tuple[str, ...] = (), **settings: object) -> Job:
    given = {"url": url, "model": "tiny", "wait": 0.01, "timeout": 20.0, "concurrent": 4} | options
    return Job(Settings(**SETTINGS | settings), openai.Options(**given), None, {}, stops, 0)


def asked(chosen: Job, prompts: list = PROMPTS) -> list[tuple]:
    rows = openai.writer(chosen, prompts)(range(len(prompts)))
    return sorted(rows.itertuples(index=False, name=None))


class Server:
    """Answers as the protocol says, or as `faults` says: what to do with the first requests of each seed."""

    def __init__(self, faults: tuple = (), reply: dict | None = None):
        self.seen: list[dict] = []
        self.headers: list[str | None] = []
        self.tries: Counter = Counter()
        self.faults, self.reply = faults, reply or {}
        handler = type("Handler", (Handler,), {"owner": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"

    def __enter__(self) -> Server:
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    owner: Server

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:  # noqa: N802 - the name http.server asks for
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.owner.headers.append(self.headers["authorization"])
        fault = dict(enumerate(self.owner.faults)).get(self.owner.tries[body["seed"]])
        self.owner.tries[body["seed"]] += 1
        if fault is None:
            self.owner.seen.append(body | {"path": self.path})
            self.answer(200, json.dumps(completion(body) | self.owner.reply))
        elif isinstance(fault, int):
            self.answer(fault, json.dumps({"error": {"message": f"status {fault} for key sekret"}}))
        elif fault == "cut":
            self.answer(200, '{"choices": [', length=1000)
        elif fault == "hang up":
            self.close_connection = True
        elif fault == "slow":
            time.sleep(0.4)
            self.answer(200, "{}")
        else:
            self.answer(200, fault)

    def answer(self, status: int, text: str, length: int | None = None) -> None:
        try:
            self.send_response(status)
            self.send_header("content-length", str(length or len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())
        except BrokenPipeError:  # the client has given up waiting
            pass
        self.close_connection = length is not None


def completion(body: dict) -> dict:
    """Three words and a stop string for every sample asked for."""
    text = f"words of {body['seed']}\n\nProblem: again"
    choice = {"finish_reason": "stop", "message" if "messages" in body else "text": text}
    if "messages" in body:
        choice["message"] = {"role": "assistant", "content": text}
    count = body.get("n", 1)
    return {"choices": [choice] * count, "usage": {"completion_tokens": 7 * count}}


def test_what_a_request_says_and_what_comes_back():
    with Server() as server:
        rows = asked(job(server.url, {"extra": {"min_p": 0.1}}, stops=("\n\nProblem:",)))
    assert [(row[0], row[1]) for row in rows] == [(name, number) for name, _ in PROMPTS for number in range(3)]
    assert all(row[2].startswith("words of") and "Problem" not in row[2] and row[3:] == (7, "stop") for row in rows)
    first = next(body for body in server.seen if body["prompt"] == PROMPTS[0][1])
    told = {"model": "tiny", "max_tokens": 12, "temperature": 0.7, "top_p": 0.9, "top_k": 20, "min_p": 0.1}
    assert told.items() <= first.items() and first["stop"] == ["\n\nProblem:"] and first["path"] == "/v1/completions"
    seeds = {body["seed"] for body in server.seen}
    assert len(seeds) == 12 and all(0 <= seed < 2**31 for seed in seeds)
    with Server() as again:
        assert asked(job(again.url, {}, stops=("\n\nProblem:",))) == rows
        other = asked(job(again.url, {}, seed=1))
    assert {row[2] for row in other}.isdisjoint(row[2] for row in rows)


def test_several_samples_a_request_chat_and_all_tokens():
    with Server() as server:
        rows = asked(job(server.url, {"together": 2, "endpoint": "chat", "top_k_field": None}, top_k=0))
        assert asked(job(server.url, {}, top_k=0)) and server.seen[-1]["top_k"] == -1
    assert len(rows) == 12 and len(server.seen) == 8 + 12
    assert {body.get("n") for body in server.seen[:8]} == {2, None}
    chat = server.seen[0]
    assert chat["path"] == "/v1/chat/completions" and chat["messages"][0]["content"].startswith("red lamp")
    assert "top_k" not in chat and {row[3] for row in rows} == {7} and {row[4] for row in rows} == {"eos"}


FAULTS = (429, 500, "not json", "[]", "cut", "hang up", '{"choices": 3}')


def test_a_server_that_fails_and_recovers_gives_the_same_rows(capfd):
    with Server() as server:
        rows = asked(job(server.url, {}))
    with Server(FAULTS) as server:
        assert asked(job(server.url, {"retries": len(FAULTS)})) == rows
        assert set(server.tries.values()) == {len(FAULTS) + 1}
    said = capfd.readouterr().err
    assert "status 429; asked again in 0.01 s" in said and "not JSON: 'not json'" in said
    assert "asked again in 0.64 s" in said, "the wait doubles"


@pytest.mark.parametrize(
    ("faults", "options", "message"),
    [
        ((404,), {}, r"refused with 404: .*status 404 for key \*\*\*"),
        ((401,), {}, r"refused with 401"),
        ((500, 503), {"retries": 1}, r"status 503, after 2 requests"),
        (("hang up",), {"retries": 0}, r"RemoteProtocolError .* after 1 requests"),
        (("slow",), {"retries": 0, "timeout": 0.1}, r"ReadTimeout .* after 1 requests"),
    ],
)
def test_a_refusal_is_one_line_without_the_key(faults, options, message, monkeypatch, capfd):
    monkeypatch.setenv("TEST_KEY", "sekret")
    with Server(faults) as server, pytest.raises(UserError, match=message) as error:
        asked(job(server.url, {"key_variable": "TEST_KEY", **options}))
    assert set(server.headers) == {"Bearer sekret"}
    assert "\n" not in str(error.value) and "sekret" not in str(error.value) + "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ({"choices": []}, "0 texts came back for n 1"),
        ({"usage": None}, "an answer without text, finish_reason or usage"),
        ({"choices": [{"text": None, "finish_reason": "stop"}]}, "an answer without text"),
    ],
)
def test_an_answer_of_another_shape(reply, message):
    with Server(reply=reply) as server, pytest.raises(UserError, match=message):
        asked(job(server.url, {}))


def test_address_and_key(monkeypatch):
    monkeypatch.delenv("NO_SUCH", raising=False)
    for options, message in (
        ({"url": "localhost:80"}, "'localhost:80' is no address"),
        ({"url": "$NO_SUCH"}, "environment variable 'NO_SUCH' is not set"),
        ({"url": "http://a:b"}, "is no address"),
        ({"url": "http://127.0.0.1:9/v1", "retries": 1}, r"ConnectError .* after 2 requests"),
        ({"key_variable": "NO_SUCH"}, "key_variable: environment variable 'NO_SUCH' is not set"),
    ):
        with pytest.raises(UserError, match=message):
            asked(job("http://127.0.0.1:9/v1", options))
    with Server() as server:
        monkeypatch.setenv("ADDRESS", server.url)
        assert len(asked(job("$ADDRESS", {}))) == 12
    assert "url" not in openai.identity(job("$ADDRESS", {}))


@pytest.fixture(scope="module")
def serving(tmp_path_factory):
    """transformers' own server with a tiny model, on a free port of this machine."""
    pytest.importorskip("torch")
    pytest.importorskip("fastapi")
    from tiny_models import causal, save, word_tokenizer

    folder, tokenizer = tmp_path_factory.mktemp("served") / "tiny", word_tokenizer()
    tokenizer.chat_template = "{% for message in messages %}Q: {{ message.content }} A: {% endfor %}"
    save(causal("llama", len(tokenizer)), tokenizer, folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(sys.executable).with_name("transformers")
    command = [str(program), "serve", str(folder), "--device", "cpu", "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}/v1"
            yield SimpleNamespace(url=url, folder=folder, alive=lambda: process.poll() is None)
        finally:
            process.kill()


def served(serving, options: dict, **settings: object) -> list[tuple]:
    """Samples by the server, which takes top-k and whether to sample at all in its `generation_config`."""
    config = json.dumps({"do_sample": True, "top_k": 20, "eos_token_id": 3, "pad_token_id": 0})
    fixed = {"model": str(serving.folder), "top_k_field": None, "extra": {"generation_config": config}}
    return asked(job(serving.url, {"concurrent": 1, "timeout": 60.0, **fixed, **options}, **settings))


def test_transformers_serve(serving, monkeypatch):
    from easy2hard.engines import transformers

    waits = {"retries": 100, "wait": 0.5}
    monkeypatch.setattr("easy2hard.completions.LONGEST_WAIT", 0.5)
    greedy = served(serving, waits, n=1, temperature=0.0)
    local = job("http://unused", {}, n=1, temperature=0.0)
    own = Job(local.settings, transformers.Options(), serving.folder, {}, (), 0)
    assert greedy == sorted(transformers.writer(own, PROMPTS)(range(4)).itertuples(index=False, name=None))
    drawn = served(serving, {}, n=2)
    assert drawn == served(serving, {}, n=2) and len({row[2] for row in drawn}) == 8
    assert len(served(serving, {"endpoint": "chat"}, n=1)) == 4
    with pytest.raises(UserError, match="refused with 400: .*Server is pinned to"):
        served(serving, {"model": "another"})
    with pytest.raises(UserError, match="refused with 422: .*Unexpected fields.*top_k"):
        served(serving, {"top_k_field": "top_k"})
    assert serving.alive()
