"""Solutions drawn here, by transformers and PyTorch: any causal model of the hub, on CPU or GPUs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import pandas as pd

from easy2hard.errors import UserError
from easy2hard.sampling import Count, Job, Prompt, Sharded

TITLE = "transformers"


class Options(Sharded):
    """How the job is run."""

    rows: Count | None = None
    """Samples written at once; by default up to 512, as memory allows."""


def identity(job: Job) -> dict:
    """What the samples depend on beside the settings: the weights and how they are loaded."""
    from easy2hard.models import devices, load

    loading = devices.ModelSpec.of(job.model_spec).model_dump(include={"dtype", "device", "quantization"})
    return {"model": load.model_fingerprint(job.model, job.model_spec), **loading, "rows": job.options.rows}


def writer(job: Job, prompts: Sequence[Prompt]) -> Callable[[range], pd.DataFrame]:
    """A function that writes the SAMPLES of a range of the prompts.

    Raises UserError where a prompt and `max_tokens` do not fit into the model, before anything is drawn.
    """
    from easy2hard.models import load, sample
    from easy2hard.models.choose import Drawing
    from easy2hard.models.ends import Stop
    from easy2hard.models.tokenise import Encoder

    settings = job.settings
    model, tokenizer = load.load_causal(job.model, job.model_spec), load.load_tokenizer(job.model, job.model_spec)
    stems = Encoder(tokenizer).texts([text for _, text in prompts])
    _check(prompts, stems, settings.max_tokens, load.max_tokens(model))
    drawing = Drawing(settings.temperature, settings.top_k, settings.top_p)
    stop = Stop(job.stops, settings.max_tokens)

    def write(chosen: range) -> pd.DataFrame:
        asked = [((settings.seed, prompts[number][0]), stems[number]) for number in chosen]
        found = sample.sample(model, tokenizer, asked, settings.n, drawing, stop, job.seed, job.options.rows)
        return pd.DataFrame(
            [
                (prompts[number][0], index, text.text, text.tokens, text.ended)
                for number, texts in zip(chosen, found, strict=True)
                for index, text in enumerate(texts)
            ],
            columns=["item_id", "sample", "text", "tokens", "ended"],
        )

    return write


def _check(prompts: Sequence[Prompt], stems: list[list[int]], most: int, limit: int | None) -> None:
    """Raise UserError for a prompt that is empty, or too long."""
    longest = max(range(len(stems)), key=lambda number: len(stems[number]))
    empty = [name for (name, _), stem in zip(prompts, stems, strict=True) if not stem]
    if empty:
        raise UserError(f"problem '{empty[0]}': its prompt has no token")
    print(f"prompts: {len(stems):,}, of at most {len(stems[longest]):,} tokens", file=sys.stderr)
    if limit is not None and len(stems[longest]) + most > limit:
        raise UserError(
            f"problem '{prompts[longest][0]}': {len(stems[longest])} tokens of its prompt and max_tokens {most} are "
            f"more than the {limit} positions of the model"
        )
