"""Stage `nll`: negative log-likelihood of every item's question, right answer and reasoning, for one model."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from easy2hard import tables
from easy2hard.command import command

TEXTS = {"question": "question", "answer": "answer", "reasoning": "solution"}  # by column of ITEMS


def given(column: pd.Series) -> pd.Series:
    """The texts that are there: neither missing nor blank."""
    return column[column.notna() & column.fillna("").str.strip().ne("")].astype(str)


@command
def main(items: Path, out: Path, model: Path | None = None, model_spec: dict | None = None) -> None:
    """Write item_id, question, answer, reasoning: nats summed over the tokens of the bare text after BOS (§2.2).

    model: local folder, or none for the hub model of `model_spec` (keys of `models.devices.ModelSpec`). The model is
    loaded once for the three texts. Raises UserError for a text that is longer than the model can read.
    """
    from easy2hard.models import load, nll

    rows, spec = tables.read(items, tables.ITEMS), model_spec or {}
    encoder = load.load_prompts(model, spec)
    tokenizer = encoder.tokenizer
    texts = {name: given(rows[column]) for name, column in TEXTS.items()}
    tokens = {name: nll.encode(tokenizer, list(column)) for name, column in texts.items()}
    before = encoder.unprompted(nll.start_token(tokenizer))
    flat = nll.nll(load.load_language_model(model, spec), [row for part in tokens.values() for row in part], before)
    pieces = np.split(flat, np.cumsum([len(part) for part in tokens.values()])[:-1])
    columns = {n: pd.Series(p, index=texts[n].index) for n, p in zip(tokens, pieces, strict=True)}
    stored = {
        "dataset": tables.metadata(items)["dataset"],
        "model": load.model_fingerprint(model, spec),
        "start": " ".join(tokenizer.convert_ids_to_tokens([*before.prompt, *before.opening])),
        "unknown": {name: nll.unknown(tokenizer, part) for name, part in tokens.items()},
    }
    table = pd.DataFrame({"item_id": rows["item_id"], **{n: c.reindex(rows.index) for n, c in columns.items()}})
    tables.write(table, out, tables.NLL, stored)
    print(f"read {len(flat):,} texts of {len(rows):,} items after {stored['start']!r}", file=sys.stderr)
