"""Correlate: Spearman correlation between all hardness measures of a dataset."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from easy2hard import correlation, tables
from easy2hard.command import command
from easy2hard.errors import UserError

PART = "main"  # the paper's probing set


def columns(hardness: list[Path]) -> pd.DataFrame:
    """One column of values a measure, indexed by item. Raises UserError where two tables hold the same measure."""
    found: dict[str, pd.Series] = {}
    for path in hardness:
        measure = str(tables.metadata(path)["measure"])
        if measure in found:
            raise UserError(f"{path}: a second table of the measure '{measure}'")
        found[measure] = tables.read(path, tables.HARDNESS).set_index("item_id")["value"]
    return pd.DataFrame({name: found[name] for name in sorted(found)})


@command
def main(hardness: list[Path], items: Path, dataset: str, out: Path) -> None:
    """Write dataset, part, measure_a, measure_b, spearman, n_items over the items of part main."""
    if not hardness:
        raise UserError(f"dataset '{dataset}': no hardness table to correlate")
    rows = tables.read(items, tables.ITEMS)
    values = columns(hardness).reindex(rows.loc[rows["part"] == PART, "item_id"])
    found = correlation.pairs(values).assign(dataset=dataset, part=PART)
    tables.write(found, out, tables.CORRELATIONS, {"dataset": dataset, "part": PART})
