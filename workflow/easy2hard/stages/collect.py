"""Metrics of all runs → long tables, the results also as CSV."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from easy2hard import tables
from easy2hard.command import command
from easy2hard.errors import UserError
from easy2hard.files import write_text

UNDEFINED = "undefined"


def concatenate(paths: list[Path], table: tables.Table) -> pd.DataFrame:
    """Rows of all files, sorted by the key. Raises UserError, naming both files, where two hold the same key."""
    keys: dict[tuple, Path] = {}
    frames = []
    for path in paths:
        frame = tables.read(path, table)
        for key in frame[list(table.key)].itertuples(index=False, name=None):
            if keys.setdefault(key, path) != path:
                raise UserError(f"{path} and {keys[key]}: both have the row {dict(zip(table.key, key, strict=True))}")
        frames.append(frame)
    filled = [frame for frame in frames if len(frame)]
    whole = pd.concat(filled) if filled else pd.DataFrame(columns=list(table.columns))
    return whole.sort_values(list(table.key), ignore_index=True)


def as_csv(results: pd.DataFrame) -> str:
    """Results as CSV text: numbers with 6 significant digits, NaN empty, the value of an undefined SGR "undefined".

    The bounds of an undefined SGR stay, as does the column `defined`; the Parquet table keeps its value.
    """
    shown = results.copy()
    for name in ("value", "low", "high", "p_value"):
        shown[name] = [number(value) for value in results[name]]
    shown["value"] = shown["value"].where(results["defined"].astype(bool), UNDEFINED)
    return shown.to_csv(index=False, lineterminator="\n")


def number(value: float) -> str:
    """Six significant digits; empty for NaN."""
    return "" if pd.isna(value) else f"{value:.6g}"


@command
def main(
    metrics: list[Path],
    by_value: list[Path],
    correlations: list[Path],
    results: Path,
    results_csv: Path,
    accuracy_by_value: Path,
    all_correlations: Path,
) -> None:
    """Write one long table each of metrics (also as CSV), accuracy by hardness value, and correlations."""
    rows = concatenate(metrics, tables.RESULTS)
    curves = concatenate(by_value, tables.ACCURACY_BY_VALUE)
    pairs = concatenate(correlations, tables.CORRELATIONS)
    dropped = sum(int(tables.metadata(path)["dropped_bins"]) for path in by_value)
    tables.write(rows, results, tables.RESULTS, {"files": len(metrics)})
    write_text(results_csv, as_csv(rows))
    tables.write(curves, accuracy_by_value, tables.ACCURACY_BY_VALUE, {"files": len(by_value), "dropped_bins": dropped})
    tables.write(pairs, all_correlations, tables.CORRELATIONS, {"files": len(correlations)})
