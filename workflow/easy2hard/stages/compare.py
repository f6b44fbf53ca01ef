"""Ours beside the published values, as a table. Needs no torch."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from easy2hard import comparison, figure_tables, settings, tables
from easy2hard import published as values
from easy2hard.command import command
from easy2hard.files import write_text


def as_csv(found: pd.DataFrame) -> str:
    """The table as CSV text, numbers with 6 significant digits."""
    shown = found.copy()
    for name in comparison.NUMBERS:
        shown[name] = ["" if pd.isna(value) else f"{value:.6g}" for value in found[name]]
    return shown.to_csv(index=False, lineterminator="\n")


@command
def main(
    results: Path,
    accuracy_by_value: Path,
    correlations: Path,
    published: Path,
    spec: dict,
    out: Path,
    csv: Path,
) -> None:
    """Write the comparison as Parquet (with `said`, what it is worth in one sentence) and as CSV."""
    chosen = settings.parse(figure_tables.Spec, spec, "spec")
    stored = figure_tables.Tables(results, accuracy_by_value, correlations, spec=chosen)
    rows = stored.results[stored.results["condition"] != "ceiling"].reset_index(drop=True)
    curves = stored.accuracy_by_value.reset_index(drop=True)
    pairs = stored.correlations.reset_index(drop=True)
    found = comparison.compare(rows, curves, pairs, values.read(published), chosen.counterparts)
    said = comparison.said(found, chosen.datasets, chosen.generated)
    print(said, file=sys.stderr)
    tables.write(found, out, comparison.COMPARISON, {"said": said})
    write_text(csv, as_csv(found))
