"""Stage `label`: what an evaluator learns from, labelled solutions."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from easy2hard import registry, sample_tables, tables, training_jobs
from easy2hard.command import command
from easy2hard.errors import UserError
from easy2hard.settings import options_of


def joined(paths: list[Path], table: tables.Table) -> pd.DataFrame:
    """Tables of several samplings below each other. Samples of an item are numbered on from table to table."""
    read = [tables.read(path, table) for path in paths]
    every = pd.concat(read, keys=range(len(read)), names=["table", None]).reset_index("table")
    every = every.sort_values(["item_id", "table", "sample"], ignore_index=True)
    every["sample"] = every.groupby("item_id").cumcount().astype("int32")
    return every.drop(columns="table")


@command
def main(
    samples: list[Path],
    grades: list[Path],
    items: Path,
    evaluator: str,
    options: dict,
    format: str,
    seed: int,
    out: Path,
) -> None:
    """Write the LABELLED table of an evaluator. samples, grades: one table a sampling, in the same order."""
    plugin = registry.load("evaluators", evaluator)
    drawn, graded = joined(samples, sample_tables.SAMPLES), joined(grades, sample_tables.GRADES)
    known = tables.read(items, tables.ITEMS)
    layout = training_jobs.layout(format)
    rows = plugin.label(drawn, graded, known, layout, options_of(plugin, options), seed)
    if rows.empty:
        raise UserError(f"label {evaluator}: none of {len(drawn)} samples gives a labelled example")
    told = {"evaluator": evaluator, "samples": len(drawn), "examples": len(rows), "items": rows["item_id"].nunique()}
    tables.write(rows, out, sample_tables.LABELLED, told)
    print(f"labelled: {told}", file=sys.stderr)
