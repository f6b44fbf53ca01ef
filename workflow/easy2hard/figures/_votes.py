"""Curves over the number of samples: a row of panels an evaluator, a curve a way to choose an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard import reranked
from easy2hard.figure_tables import distinct, paper_columns
from easy2hard.figures import _matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from easy2hard.figure_tables import Tables

SHADES = (
    "Dots are means over random subsets of N of the samples, shades one standard deviation over these subsets, as in "
    "the paper. Bars right of the last N are {level} intervals of a bootstrap over problems (and over replicates where "
    "means over models are shown), which the shades leave out."
)


def accuracy(tables: Tables, shown: reranked.Shown, methods: Sequence[str]) -> pd.DataFrame:
    """Accuracy of these methods for the evaluators and models asked for, with the paper's values where asked for."""
    rows = tables.reranked
    rows = rows[(rows["metric"] == "accuracy") & rows["method"].isin(methods)]
    return reranked.beside(tables, reranked.chosen(rows, shown))


def by_evaluator(tables: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """The frame of rows with `panel` and `tested` (its rank): curves without an evaluator are repeated in each row."""
    rows = reranked.series(reranked.repeated(rows))
    return frame(tables, rows.assign(row=reranked.headings(tables, rows, "evaluator")))


def frame(tables: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """The frame of rows with `row`, `panel`, `tested`, `series`, `style` and `order` (rank of the series)."""
    rows = rows.assign(
        block=rows["row"].map(list(rows["row"].unique()).index),
        generated=reranked.flagged(tables, rows),
        position=rows["n"].astype(float),
        x="",
        axis=reranked.SAMPLES,
    ).sort_values(["block", "tested", "order", "position"], kind="stable")
    rows = rows[_matrix.COLUMNS + paper_columns(rows)].reset_index(drop=True)
    return distinct(rows, ["row", "panel", "series", "position"])
