"""Problems of which any sample is right, by level or subject (Sun 2024, Fig. 21)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from easy2hard import reranked
from easy2hard.figure_tables import Tables
from easy2hard.figures import _matrix, _votes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Problems within reach (pass@N)"
CAPTION = (
    "Share of problems of which at least one of N sampled solutions has the right answer: what a perfect judge "
    "would solve, and a bound on every way to choose among the samples. Dots are the expectation over all subsets "
    "of N of the samples, by its closed form; shades are one standard deviation over random subsets, and bars right "
    "of the last N are {level} intervals of a bootstrap over problems (and over replicates where means over models "
    "are shown). All panels have the same vertical axis. n counts the problems of a curve."
)
SHOWS = "rerankings"
OVERLAY = "Hollow black marks"


class Options(reranked.Choice):
    """What the curves are of."""

    by: Literal["value", "subject"] = "value"
    """`value`: of the hardness measure; `subject`."""


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: panel (generator, model), series (level or subject), position (N)."""
    shown = Options.model_validate(tables.options)
    rows = _votes.accuracy(tables, shown, ["pass_at_n"])
    rows = reranked.by_value(tables, rows) if shown.by == "value" else reranked.by_subject(rows)
    rows = reranked.needed(rows, "pass_at_n", f"pass_at_n by {shown.by}")
    rows = reranked.once(rows)
    names = pd.Series(reranked.headings(tables, rows, "generator"), index=rows.index)
    rows = rows.assign(
        row="",
        panel=names,
        tested=names.map(list(names.unique()).index),
        series=rows["axis"] + " " + rows["x"] if shown.by == "value" else rows["x"],
        style="",
        order=rows["position"],
    )
    return _votes.frame(tables, rows)


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _matrix.draw(frame, _matrix.Look("Problems with a right sample", "Problems", columns=2, shared=True))
