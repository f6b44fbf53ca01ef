"""How step scores are made into one score of a solution (Sun 2024, Figs. 16–18)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from easy2hard import reranked
from easy2hard.figure_tables import Tables
from easy2hard.figures import _matrix, _votes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Aggregations of step scores"
CAPTION = (
    "Share of problems solved against the number of solutions sampled for each (N), by how the evaluator's scores "
    "of the steps p are made into one score of the solution: their product (prod), least (min), greatest (max) or "
    "mean, the sigmoid of the mean of their log odds (mean_logit), the mean of their odds (mean_odd), or the score "
    "of the last step (last); upper rows of an evaluator for weighted voting, lower ones for best-of-N. Majority "
    f"voting, which asks no evaluator, stands beside. {_votes.SHADES} Panels of the same problems have the same "
    "vertical axis. n counts problems."
)
SHOWS = "rerankings"
ORDER = ["", "prod", "min", "max", "mean", "mean_logit", "mean_odd", "last"]


class Options(reranked.Choice):
    """Which curves."""

    methods: list[Literal["weighted", "best_of_n"]] = ["weighted", "best_of_n"]
    """Ways to choose an answer by an evaluator."""
    tests: list[reranked.Bucket] = ["easy", "hard", "all"]
    """Which problems, in order."""


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: row (evaluator, method), panel (test problems), series (aggregation), position (N)."""
    shown = Options.model_validate(tables.options)
    rows = tables.reranked
    wanted = (rows["method"].isin(shown.methods) & (rows["aggregation"] != "")) | (rows["method"] == "majority")
    rows = reranked.by_bucket(reranked.chosen(rows[wanted & (rows["metric"] == "accuracy")], shown), shown.tests)
    judged = reranked.needed(rows[rows["evaluator"] != ""], "aggregations", "an evaluator of steps")
    rows = reranked.repeated(pd.concat([judged, rows[rows["evaluator"] == ""]], ignore_index=True))
    free = rows["method"] == "majority"
    copies = [rows[~free].assign(way=rows["method"]), *(rows[free].assign(way=way) for way in shown.methods)]
    rows = pd.concat([copy for copy in copies if len(copy)], ignore_index=True)
    rows = rows.sort_values("way", key=lambda way: way.map(shown.methods.index), kind="stable")
    names = pd.Series(reranked.headings(tables, rows, "evaluator"), index=rows.index)
    rows = rows.assign(
        evaluated=names.map(list(dict.fromkeys(names)).index),
        row=names + " · " + rows["way"].map(reranked.METHODS),
        panel=rows["test_on"].map(reranked.tested),
        tested=rows["position"],
        series=rows["aggregation"].replace({"": reranked.METHODS["majority"]}),
        style=rows["aggregation"].replace({"": "majority"}),
        order=rows["aggregation"].map(ORDER.index),
    ).sort_values("evaluated", kind="stable")
    return _votes.frame(tables, rows)


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _matrix.draw(frame, _matrix.Look("Problems solved", "Aggregation"))
