"""Stage `label`: what an evaluator learns from, labelled solutions."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from easy2hard import registry, sample_tables, solutions, tables
from easy2hard.command import command
from easy2hard.errors import UserError
from easy2hard.evaluators import _labels
from easy2hard.settings import options_of


def joined(paths: list[Path], table: tables.Table) -> pd.DataFrame:
    """Tables of several samplings below each other. Samples of an item are numbered on from table to table."""
    if not paths:
        return table.schema.empty_table().to_pandas()
    read = [tables.read(path, table) for path in paths]
    every = pd.concat(read, keys=range(len(read)), names=["table", None]).reset_index("table")
    every = every.sort_values(["item_id", "table", "sample"], ignore_index=True)
    every["sample"] = every.groupby("item_id").cumcount().astype("int32")
    return every.drop(columns="table")


def published(paths: list[Path], options: _labels.Options) -> pd.DataFrame:
    """Published labels below each other, their examples named by the number of the table."""
    read = [tables.read(path, sample_tables.LABELLED) for path in paths]
    named = [rows.assign(example=f"taught {number} " + rows["example"]) for number, rows in enumerate(read)]
    return _labels.published(pd.concat(named, ignore_index=True), options)


@command
def main(
    evaluator: str,
    options: dict,
    format: str,
    seed: int,
    out: Path,
    samples: list[Path] = (),
    grades: list[Path] = (),
    items: Path | None = None,
    taught: list[Path] = (),
) -> None:
    """Write the LABELLED table of an evaluator, from samples, published labels or both.

    samples, grades: one table a sampling, in the same order, with the items they solve. taught: LABELLED tables.
    """
    plugin = registry.load("evaluators", evaluator)
    chosen = options_of(plugin, options)
    drawn, graded = joined(samples, sample_tables.SAMPLES), joined(grades, sample_tables.GRADES)
    known = tables.read(items, tables.ITEMS) if items else tables.ITEMS.schema.empty_table().to_pandas()
    given = {"taught": published(taught, chosen)} if taught else {}
    rows = plugin.label(drawn, graded, known, solutions.read(format), chosen, seed, **given)
    if rows.empty:
        raise UserError(f"label {evaluator}: none of {len(drawn)} samples gives a labelled example")
    told = {"evaluator": evaluator, "samples": len(drawn), "examples": len(rows), "items": rows["item_id"].nunique()}
    told["taught"] = [tables.metadata(path) for path in taught]
    tables.write(rows, out, sample_tables.LABELLED, told)
    shown = {name: value for name, value in told.items() if name != "taught"}
    print(f"labelled: {shown}", file=sys.stderr)
