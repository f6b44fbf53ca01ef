"""The second study's part of the report: tables of re-ranking, values of the paper beside ours, links to the cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import pandas as pd

from easy2hard import comparison_reranking, html_report, reranked, reranking_tables
from easy2hard import tables as store
from easy2hard.figure_tables import Tables

STUDY = "Second study: judging by easy training"
ABOUT = (
    "Can an evaluator that was trained on easy problems only choose the right one among a generator's solutions of "
    "hard problems? After Sun et al. (2024). Votes weighted by the evaluator, and the single solution that it likes "
    "best, are compared with majority voting over the same samples."
)
CAPTIONS = {
    "Gain over majority voting": (
        "Problems solved minus those that majority voting over the same samples solves, in points, with interval and "
        "p-value against no difference; paired by problem. At the largest number of samples. The random pick and the "
        "bound pass@N use no evaluator."
    ),
    "Generators": "Problems solved by each generator alone, in percent with intervals (the paper's Tables 1 and 9).",
    "Evaluators": (
        "What evaluators recognise: accuracy in percent, area under the ROC curve, with intervals (Table 10, Fig. 24). "
        "n: the most steps or solutions of the row."
    ),
}
TABLES: dict[str, Callable[[Tables], pd.DataFrame]] = {
    "Gain over majority voting": reranking_tables.gains,
    "Generators": reranking_tables.generators,
    "Evaluators": reranking_tables.evaluators,
}


def about(tables: Tables) -> str:
    """Which re-rankings are shown."""
    return html_report.items(escape(tables.label(name, "reranking")) for name in tables.spec.rerankings)


def results(tables: Tables) -> list[tuple[str, str]]:
    """Heading and HTML of each table; an interval stands below its value."""
    return [(heading, _table(made(tables), CAPTIONS[heading])) for heading, made in TABLES.items()]


def _table(frame: pd.DataFrame, caption: str) -> str:
    if frame.empty:
        return html_report.paragraph("These results have no rows of this kind.")
    rows = [[str(cell).replace(" [", "\n[", 1) for cell in row] for row in frame.itertuples(index=False)]
    names = [str(name).replace("_", " ").replace("auc", "AUC") for name in frame.columns]
    return html_report.table(names, rows, numbers=range(2, len(names)), caption=caption)


def published(tables: Tables, path: Path) -> str:
    """Ours beside the paper's, by figure or table of the paper, folded away."""
    found = store.read(path, comparison_reranking.COMPARISON)
    said = html_report.paragraph(store.metadata(path)["said"])
    return said + "\n".join(_item(tables, item, rows) for item, rows in found.groupby("item", sort=False))


def _item(tables: Tables, item: str, rows: pd.DataFrame) -> str:
    head = ["generator", "evaluator", "what", "problems", "N", "ours", "paper", "difference", "agreement"]
    named = reranked.headings(tables, rows, "generator")
    body = [_compared(tables, name, row) for name, row in zip(named, rows.itertuples(), strict=True)]
    return html_report.details(f"{item}: {len(rows):,} comparisons", html_report.table(head, body, numbers=range(4, 8)))


def _compared(tables: Tables, generator: str, row: tuple) -> list[str]:
    what = reranked.METHODS.get(row.method, row.metric.replace("_", " ")) + (
        f" ({row.aggregation or row.other})" if row.aggregation or row.other else ""
    )
    theirs = [f"\npaper: {name}" if name not in ("", "(none)") else "" for name in _theirs(row)]
    ours = "undefined" if pd.isna(row.ours) else f"{100 * row.ours:.1f}"
    interval = "" if pd.isna(row.low) else f"\n{100 * row.low:.1f} to {100 * row.high:.1f}"
    apart = "–" if pd.isna(row.difference) else f"{100 * row.difference:+.1f}".replace("-", "−")
    evaluator = tables.label(row.evaluator, "evaluator") if row.evaluator else "–"
    numbers = [f"{row.n:,}" if row.n else "", ours + interval, f"{100 * row.published:.1f}", apart]
    return [generator + theirs[0], evaluator + theirs[1], what, row.test_on, *numbers, row.agreement]


def _theirs(row: tuple) -> tuple[str, str]:
    return row.published_generator, row.published_evaluator


def case_studies(pages: Sequence[Path]) -> str:
    """Links to the pages of case studies, which are files beside the report."""
    links = (f'<a href="{escape(path.name)}">{escape(path.name)}</a>' for path in pages)
    return html_report.paragraph(
        "Hard problems on which majority and weighted voting disagree, drawn by a rule, with the solutions, the scores "
        "of their steps and the votes. In files of their own, beside this one:"
    ) + html_report.items(links)
