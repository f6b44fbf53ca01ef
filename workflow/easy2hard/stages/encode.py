"""Stage `encode`: hidden states of every item, for probes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from easy2hard import prompts, state_tables, tables
from easy2hard.command import command
from easy2hard.errors import UserError
from easy2hard.progress import track

WINDOW = 512  # items a row group: sorted by length inside, written in the order of items
BUDGET = 1024  # tokens a forward pass
Rows = tuple[list[str], list[int], np.ndarray]


def _reader(model: Path | None, spec: dict, layers: str | list[int], pooling: str | None) -> object:
    from easy2hard.models import load, states

    causal = load.is_causal(model, spec)
    body = load.load_encoder(model, spec)
    chosen = pooling or ("last" if causal else "mean")
    return states.Reader(body, states.resolve_layers(body, layers), chosen, BUDGET)


def _encode(reader: object, encoder: object, prompt: prompts.Prompt, at: str) -> Callable[[list[dict]], Rows]:
    """A function from items to (item ids, choice numbers, states [rows, width])."""

    def choices(items: list[dict]) -> Rows:
        texts = [prompts.continuations(prompt, item) for item in items]
        found = reader.choices(encoder.items("", [prompts.render_query(prompt, item) for item in items], texts))
        keys = [(item["item_id"], number) for item, own in zip(items, texts, strict=True) for number in range(len(own))]
        return [key[0] for key in keys], [key[1] for key in keys], found

    def questions(items: list[dict]) -> Rows:
        found = reader.texts(encoder.texts([prompts.render_query(prompt, item) for item in items]))
        return [item["item_id"] for item in items], [state_tables.QUESTION] * len(items), found

    known = {"choice": choices, "question_end": questions}
    if at not in known:
        raise UserError(f"at '{at}': expected one of {', '.join(known)}")
    return known[at]


def _windows(items: pd.DataFrame) -> Iterator[list[dict]]:
    columns = items[["item_id", "question", "choices"]]
    for start in range(0, len(items), WINDOW):
        yield columns.iloc[start : start + WINDOW].to_dict("records")


def _layers(layers: str) -> str | list[int]:
    """A word, or numbers from a JSON list."""
    if not layers.startswith("["):
        return layers
    try:
        return [int(number) for number in json.loads(layers)]
    except ValueError as error:
        raise UserError(f"layers '{layers}': expected a word or a list of numbers, e.g. [8, 16]") from error


@command
def main(
    items: Path,
    out: Path,
    model: Path | None = None,
    model_spec: dict | None = None,
    prompt: str = "0040",
    at: str = "choice",
    layers: str = "paper",
    pooling: str | None = None,
) -> None:
    """Write hidden states: columns item_id, choice (−1: question), state (float16, the layers one after the other).

    model: local folder, or none for the hub model of `model_spec` (keys of `models.devices.ModelSpec`).
    prompt: name or JSON template. at: `choice` (last token of prompt and choice, a row a choice; Hase 2024 §4.5) or
    `question_end` (last token of the prompt, a row an item). layers: paper, middle, last, or numbers like `[8, 16]`.
    pooling: last, mean or cls; by default last for causal models and mean for encoders.
    """
    from easy2hard.models import load, tokenise

    table = tables.read(items, tables.ITEMS)
    template = prompts.resolve(prompt)
    settings = model_spec or {}
    reader = _reader(model, settings, _layers(layers), pooling)
    encode = _encode(reader, tokenise.Encoder(load.load_tokenizer(model, settings)), template, at)
    stored = {
        "at": at,
        "layers": list(reader.layers),
        "width": reader.width // len(reader.layers),
        "pooling": reader.pooling,
        "prompt": template.model_dump(),
        "model": load.model_fingerprint(model, settings),
    }
    with state_tables.writing(out, reader.width, stored) as writer:
        windows = (encode(window) for window in _windows(table))
        rows = -(-len(table) // WINDOW)
        for ids, numbers, found in track(windows, rows, "encoding", "windows"):
            writer.append(ids, numbers, found)
