"""Problems solved against the number of samples, by how the answer is chosen (Sun 2024, Figs. 4–6 and 8–14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard import reranked
from easy2hard.figure_tables import Tables
from easy2hard.figures import _matrix, _votes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Problems solved by re-ranking samples"
CAPTION = (
    "Share of problems solved against N, the number of solutions sampled for each, by how one answer is chosen "
    "among them: the most frequent one (majority vote), the one whose solutions have the largest sum of the "
    "evaluator's scores (weighted voting), or that of the single solution with the best score (best-of-N). Pass@N, "
    f"where it is shown, counts a problem as solved if any sample is right: no choice can do better. {_votes.SHADES} "
    "Panels of the same problems have the same vertical axis. n counts problems."
)
SHOWS = "rerankings"
OVERLAY = "Hollow black marks"


class Options(reranked.Shown):
    """Which curves, and what stands in one panel."""

    methods: list[reranked.Method] = ["majority", "weighted", "best_of_n"]
    """Ways to choose an answer: also random and pass_at_n."""
    tests: list[reranked.Bucket] = ["easy", "hard", "all"]
    """Which problems, in order."""
    by_evaluator: bool = False
    """Panels by method with a curve an evaluator, in place of panels by evaluator with a curve a method."""


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: row (evaluator, generator), panel (test problems), series (method), position (N)."""
    shown = Options.model_validate(tables.options)
    rows = reranked.by_bucket(_votes.accuracy(tables, shown, shown.methods), shown.tests)
    rows = reranked.needed(rows, "reranking_curves", f"accuracy by {', '.join(shown.methods)}")
    rows = reranked.one_aggregation(rows, shown)
    rows = rows.assign(panel=rows["test_on"].map(reranked.tested), tested=rows["position"])
    return _by_method(tables, rows) if shown.by_evaluator else _votes.by_evaluator(tables, rows)


def _by_method(tables: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """A row of panels a method with a curve an evaluator; those without an evaluator are repeated in each."""
    judged = reranked.needed(rows[rows["evaluator"] != ""], "reranking_curves", "an evaluator")
    ways = [name for name in reranked.METHODS if name in set(judged["method"])]
    free = rows[rows["evaluator"] == ""]
    copies = [judged.assign(way=judged["method"]), *(free.assign(way=way) for way in ways)]
    copies = pd.concat(copies, ignore_index=True).sort_values("way", key=lambda way: way.map(ways.index), kind="stable")
    plain, called = copies["evaluator"] == "", copies.assign(evaluator=copies["way"].map(reranked.title), judge="")
    names = copies["method"].map(reranked.METHODS).where(plain, reranked.evaluator_names(tables, copies))
    return _votes.frame(
        tables,
        copies.assign(
            row=reranked.headings(tables, called, "evaluator"),
            series=names,
            style=copies["method"].where(plain, ""),
            order=names.map({name: at for at, name in enumerate(names.unique())}),
        ),
    )


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _matrix.draw(frame, _matrix.Look("Problems solved", "Answer chosen by"))
