"""Stage `encode`: hidden states of every item, for probes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from easy2hard import prompts, state_tables, tables
from easy2hard.command import command
from easy2hard.errors import UserError, unknown
from easy2hard.progress import track

if TYPE_CHECKING:
    from easy2hard.models import states, tokenise

WINDOW = 128  # items a row group: sorted by length inside, written in the order of items
Rows = tuple[list[str], list[int], np.ndarray]  # item ids, choice numbers, states [rows, width]
Encode = Callable[[list[dict]], Rows]


def _choices(reader: states.Reader, encoder: tokenise.Encoder, template: prompts.Prompt) -> Encode:
    """Items → a row a choice."""

    def encode(items: list[dict]) -> Rows:
        queries = [prompts.render_query(template, item) for item in items]
        texts = [prompts.continuations(template, item) for item in items]
        keys = [(item["item_id"], number) for item, own in zip(items, texts, strict=True) for number in range(len(own))]
        return [key[0] for key in keys], [key[1] for key in keys], reader.choices(encoder.items("", queries, texts))

    return encode


def _questions(reader: states.Reader, encoder: tokenise.Encoder, template: prompts.Prompt) -> Encode:
    """Items → a row an item."""

    def encode(items: list[dict]) -> Rows:
        tokens = encoder.texts([prompts.render_query(template, item) for item in items])
        found = reader.rows([encoder.prompt(row) for row in tokens])
        return [item["item_id"] for item in items], [state_tables.QUESTION] * len(items), found

    return encode


AT: dict[str, Callable[..., Encode]] = {"choice": _choices, "question_end": _questions}


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
    pooling: last, mean or cls; by default mean for encoders, else last.
    """
    from easy2hard.models import load, states, tree

    if at not in AT:
        raise unknown("value", at, AT, "at")
    table, template, settings = tables.read(items, tables.ITEMS), prompts.resolve(prompt), model_spec or {}
    encoder = load.load_prompts(model, settings)
    body = load.load_encoder(model, settings)
    chosen = pooling or ("mean" if load.kind_of(model, settings) == "encoder" else "last")
    reader = states.Reader(body, states.resolve_layers(body, _layers(layers)), chosen, tree.default_budget(body))
    encode = AT[at](reader, encoder, template)
    stored = {
        "at": at,
        "layers": list(reader.layers),
        "width": reader.width // len(reader.layers),
        "pooling": chosen,
        "prompt": template.model_dump(),
        "model": load.model_fingerprint(model, settings),
    }
    count = -(-len(table) // WINDOW)
    with state_tables.writing(out, reader.width, stored) as writer:
        for rows in track(map(encode, _windows(table)), count, "encoding", f"windows of {WINDOW} items"):
            writer.append(*rows)
