"""Tables like the second paper's 1, 9 and 10, and of the gains over majority voting, as CSV. Needs no torch."""

from __future__ import annotations

from pathlib import Path

from easy2hard import figure_tables, reranking_tables, settings
from easy2hard.command import command
from easy2hard.files import write_text


@command
def main(reranked: Path, diagnosed: Path, spec: dict, generators: Path, evaluators: Path, gains: Path) -> None:
    """Write the three tables."""
    chosen = settings.parse(figure_tables.Spec, spec, "spec")
    stored = figure_tables.Tables(spec=chosen, reranked_path=reranked, diagnosed_path=diagnosed)
    for name, path in (("generators", generators), ("evaluators", evaluators), ("gains", gains)):
        frame = reranking_tables.TABLES[name](stored)
        write_text(path, frame.to_csv(index=False, lineterminator="\n"))
