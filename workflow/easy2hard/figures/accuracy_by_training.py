"""Accuracy by what the model was trained on (Hase 2024, Figs. 5, 13, 14, 17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard.figure_tables import Tables, largest_size, require, with_floor
from easy2hard.figures import _dots, _dots_data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Accuracy by training data"
CAPTION = (
    "Accuracy on hard, easy and all test items after training on easy, medium, hard or all items, and without "
    "training. Each dot is the mean over test items and training draws; its bar is the {level} interval of a bootstrap "
    "that resamples items and training draws. Training sets have the same number of items in every condition; where "
    "several numbers were run, the largest is shown. n counts the test items (the fewest, where dots differ because "
    "training items are left out) and the seeds are the training draws."
)
OVERLAY = "Hollow black marks"
PANELS = {"hard": "Tested on hard items", "easy": "Tested on easy items", "all": "Tested on all items"}


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: panel (test bucket), row (model, method), group (dataset, measure), series (training data)."""
    rows = tables.results
    rows = rows[(rows["metric"] == "accuracy") & (rows["part"] == "main") & rows["test_on"].isin(PANELS)]
    rows = largest_size(with_floor(rows))
    rows = tables.beside(require(rows, "accuracy_by_training", "accuracy of a supervised method"))
    return _dots_data.frame(tables, rows, PANELS)


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _dots.draw(frame, _dots.Scale("Accuracy", percent=True, limits=(-0.02, 1.02)), "Training data")
