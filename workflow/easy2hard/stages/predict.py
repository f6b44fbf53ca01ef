"""Predictions of one method for one model: every item outside the training set, by measure, condition, size, seed."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from easy2hard import registry, tables
from easy2hard.command import command
from easy2hard.errors import UserError
from easy2hard.jobs import Job
from easy2hard.settings import options_of


def training_rows(split: Path, select: dict) -> pd.DataFrame:
    """Training rows of a split table for the asked conditions and sizes. Raises UserError when there are none."""
    rows = tables.read(split, tables.SPLITS)
    kept = (rows["role"] == "train") & rows["condition"].isin(select["conditions"]) & rows["size"].isin(select["sizes"])
    if not kept.any():
        raise UserError(f"{split}: no training rows for conditions {select['conditions']} and sizes {select['sizes']}")
    return rows[kept]


@command
def main(
    items: Path,
    method: str,
    options: dict,
    prompt: str,
    seed: int,
    out: Path,
    select: dict | None = None,
    splits: list[Path] = [],  # noqa: B006 - read by the command line, never changed
    train_items: Path | None = None,
    model: Path | None = None,
    model_spec: dict | None = None,
    states: Path | None = None,
    train_states: Path | None = None,
) -> None:
    """Predict with one method: the PREDICTIONS table of a job.

    `select` has measures, conditions and sizes; `splits` one table a measure, in the same order.
    """
    tested = tables.read(items, tables.ITEMS)
    chosen = registry.load("methods", method)
    job = Job(
        items=tested,
        train_items=tables.read(train_items, tables.ITEMS) if train_items else tested,
        splits={name: training_rows(path, select) for name, path in zip(select["measures"], splits, strict=True)}
        if select
        else {},
        model=model,
        model_spec=model_spec or {},
        states=states,
        train_states=train_states or states,
        options=options_of(chosen, options),
        prompt=prompt,
        seed=seed,
    )
    predictions = pd.concat(chosen.predict(job), ignore_index=True)
    tables.write(predictions, out, tables.PREDICTIONS, {"method": method, "items": len(tested)})
    print(f"wrote {len(predictions):,} predictions, {predictions['correct'].mean():.1%} correct", file=sys.stderr)
