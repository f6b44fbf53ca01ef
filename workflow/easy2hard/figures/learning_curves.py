"""Accuracy against the number of training items (Hase 2024, Fig. 6 without its costs)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard.conditions import label, rank
from easy2hard.figure_tables import SETTING, Tables, distinct, paper_columns, require, with_floor
from easy2hard.figures import _panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Learning curves"
CAPTION = (
    "Accuracy on hard test items against the number of training items, by the hardness of the training items; 0 is "
    "the model without training. Training sets of one draw are nested. Dots are means over test items and training "
    "draws; bars are {level} intervals of a bootstrap that resamples both. The horizontal axis names the sizes at "
    "equal distances; dots of one size are moved sideways so that they can be told apart. n counts the test items (the "
    "most, where dots differ) and the seeds are the training draws."
)
OVERLAY = "Hollow black marks"


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: panel (dataset, measure, method), series (training condition), position (rank of the size)."""
    rows = tables.results
    rows = rows[(rows["metric"] == "accuracy") & (rows["part"] == "main") & (rows["test_on"] == "hard")]
    supervised = rows[rows["size"] > 0]
    several = supervised.groupby(SETTING)["size"].transform("nunique") > 1
    rows = with_floor(pd.concat([supervised[several], rows[rows["size"] == 0]]))
    rows = require(rows[rows["condition"] != "ceiling"], "learning_curves", "a method with several training sizes")
    rows = tables.beside(rows)
    also = tables.varying(rows, "experiment", "model")
    rows = rows.assign(
        panel=tables.titles(rows, "dataset", "measure", "method", *also),
        axis="Training items",
        series=rows["condition"].map(label),
        style=rows["condition"],
        position=rows.groupby(SETTING)["size"].rank(method="dense"),
        x=rows["size"].map("{:,}".format),
        generated=rows["dataset"].map(tables.is_generated),
        order=rows["condition"].map(rank),
    ).sort_values(["panel", "order", "position"], kind="stable")
    return distinct(rows[_panels.COLUMNS + paper_columns(rows)].reset_index(drop=True), ["panel", "series", "position"])


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _panels.lines(frame, "Accuracy on hard items", "Training data")
