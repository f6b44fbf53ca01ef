"""Re-rankings → one long table, also as CSV; what evaluators are worth → another."""

from __future__ import annotations

from pathlib import Path

from easy2hard import sample_tables, tables
from easy2hard.command import command
from easy2hard.files import write_text
from easy2hard.stages.collect import concatenate, number

NUMBERS = ("value", "spread", "low", "high", "p_value")


@command
def main(rerankings: list[Path], diagnosed: list[Path], reranked: Path, csv: Path, all_diagnosed: Path) -> None:
    """Write one long table of re-ranking (also as CSV, six significant digits) and one of diagnoses."""
    rows = concatenate(rerankings, sample_tables.RERANKED)
    tables.write(rows, reranked, sample_tables.RERANKED, {"files": len(rerankings)})
    shown = rows.assign(**{name: [number(value) for value in rows[name]] for name in NUMBERS})
    write_text(csv, shown.to_csv(index=False, lineterminator="\n"))
    found = concatenate(diagnosed, sample_tables.DIAGNOSED)
    tables.write(found, all_diagnosed, sample_tables.DIAGNOSED, {"files": len(diagnosed)})
