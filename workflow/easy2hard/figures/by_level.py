"""Problems solved against the number of samples, by level of the problems (Sun 2024, Fig. 19)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard import reranked
from easy2hard.figure_tables import Tables
from easy2hard.figures import _matrix, _votes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Re-ranking by level"
CAPTION = (
    "Share of problems solved against the number of solutions sampled for each (N), for every value of the hardness "
    "measure by itself: by majority vote, by voting weighted with the evaluator's scores, and by the single best "
    f"solution (best-of-N). {_votes.SHADES} Panels of one level have the same vertical axis, those of different "
    "levels do not. n counts problems."
)
SHOWS = "rerankings"
OVERLAY = "Hollow black marks"


class Options(reranked.Shown):
    """Which curves."""

    methods: list[reranked.Method] = ["majority", "weighted", "best_of_n"]
    """Ways to choose an answer: also random and pass_at_n."""


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: row (evaluator, generator), panel (level), series (method), position (N)."""
    shown = Options.model_validate(tables.options)
    rows = reranked.by_value(tables, _votes.accuracy(tables, shown, shown.methods))
    rows = reranked.needed(rows, "by_level", "accuracy on single values of a hardness measure")
    rows = reranked.one_aggregation(rows, shown)
    return _votes.by_evaluator(tables, rows.assign(panel=rows["axis"] + " " + rows["x"], tested=rows["position"]))


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _matrix.draw(frame, _matrix.Look("Problems solved", "Answer chosen by", columns=5))
