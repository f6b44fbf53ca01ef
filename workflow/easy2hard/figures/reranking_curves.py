"""Problems solved against the number of samples, by how the answer is chosen (Sun 2024, Figs. 4–6 and 8–14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard.figure_tables import Tables, distinct, paper_columns
from easy2hard.figures import _matrix, _reranked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Problems solved by re-ranking samples"
CAPTION = (
    "Share of problems solved against N, the number of solutions sampled for each, by how one answer is chosen among "
    "them: the most frequent one (majority vote), the one whose solutions have the largest sum of the evaluator's "
    "scores (weighted voting), or that of the single solution with the best score (best-of-N). Pass@N, where it is "
    "shown, counts a problem as solved if any sample is right: no choice can do better. Dots are means over random "
    "subsets of N of the samples, shades one standard deviation over these subsets, as in the paper. Bars right of the "
    "last N are {level} intervals of a bootstrap over problems (and over replicates where means over models are "
    "shown), which the shades leave out. Panels of the same problems have the same vertical axis. n counts problems."
)
SHOWS = "rerankings"
OVERLAY = "Hollow black marks"


class Options(_reranked.Shown):
    """Which curves, and what stands in one panel."""

    methods: list[_reranked.Method] = ["majority", "weighted", "best_of_n"]
    """Ways to choose an answer, in the order of the legend: also random and pass_at_n."""
    by_evaluator: bool = False
    """Panels by method with a curve an evaluator, in place of panels by evaluator with a curve a method."""


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: row (evaluator, generator), panel (test problems), series (method), position (N)."""
    shown = Options.model_validate(tables.options)
    rows = tables.reranked
    rows = rows[(rows["metric"] == "accuracy") & rows["method"].isin(shown.methods)]
    rows = _reranked.by_bucket(_reranked.chosen(rows, shown), shown.tests)
    rows = _reranked.one_aggregation(_reranked.beside(tables, rows), shown)
    rows = _reranked.needed(rows, "reranking_curves", f"accuracy by {', '.join(shown.methods)}")
    rows = _by_evaluator(tables, rows) if shown.by_evaluator else _by_method(tables, rows)
    rows = rows.assign(
        panel=rows["test_on"].map(_reranked.tested),
        generated=_reranked.flagged(tables, rows),
        tested=rows["position"],
        position=rows["n"].astype(float),
        x="",
        axis=_reranked.SAMPLES,
    ).sort_values(["block", "tested", "order", "position"], kind="stable")
    rows = rows[_matrix.COLUMNS + paper_columns(rows)].reset_index(drop=True)
    return distinct(rows, ["row", "panel", "series", "position"])


def _by_method(tables: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """A row of panels an evaluator; the curves without one are repeated in each."""
    rows = _reranked.series(_reranked.repeated(rows))
    rows = rows.assign(row=_reranked.headings(tables, rows, "evaluator"))
    return rows.assign(block=rows["row"].map(list(rows["row"].unique()).index))


def _by_evaluator(tables: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """A row of panels a method with a curve an evaluator; those without an evaluator are repeated in each."""
    judged = rows[rows["evaluator"] != ""]
    ways = [name for name in _reranked.METHODS if name in set(judged["method"])]
    free = rows[rows["evaluator"] == ""]
    copies = [judged.assign(way=judged["method"]), *(free.assign(way=way) for way in ways)]
    copies = pd.concat(copies, ignore_index=True)
    plain = copies["evaluator"] == ""
    way = copies["way"].map(_reranked.title)
    copies = copies.assign(row=_reranked.headings(tables, copies.assign(evaluator=way, judge=""), "evaluator"))
    names = copies["method"].map(_reranked.METHODS).where(plain, _reranked.evaluator_names(tables, copies))
    return copies.assign(
        block=copies["row"].map(list(copies["row"].unique()).index),
        series=names,
        style=copies["method"].where(plain, ""),
        order=names.map({name: at for at, name in enumerate(names.unique())}),
    )


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _matrix.draw(frame, _matrix.Look("Problems solved", "Answer chosen by"))
