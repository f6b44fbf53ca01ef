"""Re-ranking beside the second paper's values, as a table. Needs no torch."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from easy2hard import comparison_reranking, figure_tables, published_reranking, settings, tables
from easy2hard.command import command
from easy2hard.files import write_text


@command
def main(reranked: Path, diagnosed: Path, published: list[Path], spec: dict, out: Path, csv: Path) -> None:
    """Write the comparison as Parquet (with `said`, what it is worth in one sentence) and as CSV."""
    chosen = settings.parse(figure_tables.Spec, spec, "spec")
    stored = figure_tables.Tables(spec=chosen, reranked_path=reranked, diagnosed_path=diagnosed)
    rows, judged = stored.reranked.reset_index(drop=True), stored.diagnosed.reset_index(drop=True)
    values = published_reranking.read(published)
    found = comparison_reranking.compare(rows, judged, values, chosen.counterparts)
    said = comparison_reranking.said(found, chosen.counterparts)
    print(said, file=sys.stderr)
    tables.write(found, out, comparison_reranking.COMPARISON, {"said": said})
    shown = found.copy()
    for name in comparison_reranking.NUMBERS:
        shown[name] = ["" if pd.isna(value) else f"{value:.6g}" for value in found[name]]
    write_text(csv, shown.to_csv(index=False, lineterminator="\n"))
