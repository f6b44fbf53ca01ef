"""Supervision Gap Recovered by method (Hase 2024, Fig. 15 and Table 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard.figure_tables import Tables, largest_size, require
from easy2hard.figures import _dots, _dots_data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Supervision Gap Recovered"
CAPTION = (
    "Supervision Gap Recovered by training on easy items: (easy-trained − unsupervised) / (hard-trained − "
    "unsupervised) accuracy. 1 (dashed) is as good as training on hard items, 0 (dashed) no better than no training; "
    "it may exceed 1. Bars are {level} intervals of a bootstrap that resamples items (the same in all three "
    "accuracies) and training draws; an arrowhead means that the interval goes on beyond the axis. "
    '"Undefined" means that the '
    "interval of hard-trained minus unsupervised accuracy covers zero, so that there is no gap to recover. n counts "
    "the test items and the seeds are the training draws."
)
OVERLAY = "Hollow black marks"
PANELS = {"hard": "Tested on hard items", "all": "Tested on all items"}


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: panel (test bucket), row (model), group (dataset, measure), series (method)."""
    rows = tables.results
    chosen = (rows["metric"] == "sgr") & (rows["condition"] == "easy") & (rows["part"] == "main")
    rows = largest_size(rows[chosen & rows["test_on"].isin(PANELS)])
    rows = tables.beside(require(rows, "sgr_by_method", "SGR of a supervised method"))
    return _dots_data.frame(tables, rows, PANELS, series_column="method")


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _dots.draw(frame, _dots.Scale("Supervision Gap Recovered", limits=(-1.5, 3.5), guides=(0.0, 1.0)), "Method")
