"""Accuracy on hard items by model: scale and robustness (Hase 2024, Figs. 8 and 16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard.figure_tables import Tables, largest_size, require, with_floor
from easy2hard.figures import _curves, cost_curves
from easy2hard.strict import Strict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Accuracy by model"
CAPTION = (
    "Accuracy on hard test items of several models, by what they were trained on; lines join the models of one kind of "
    "training. Dots are means over test items and training draws; bars are {level} intervals of a bootstrap that "
    "resamples both. The largest training size is shown. n counts the test items and the seeds are the training draws."
)

OVERLAY = "Hollow black marks"


class Options(Strict):
    """Which models, in which order."""

    models: list[str] = []
    """Names of models from left to right; empty: all, by name."""


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: panel (dataset, measure, method), series (training condition), position (place of the model)."""
    asked = Options.model_validate(tables.options).models
    rows = tables.results
    rows = rows[(rows["metric"] == "accuracy") & (rows["part"] == "main") & (rows["test_on"] == "hard")]
    rows = largest_size(with_floor(rows))
    order = asked or sorted(rows["model"].unique())
    rows = require(rows[rows["model"].isin(order)], "by_model", f"accuracy of supervised models among {order}")
    rows = tables.beside(rows)
    also = tables.varying(rows, "experiment")
    return cost_curves.panels(
        rows.assign(
            panel=tables.titles(rows, "dataset", "measure", "method", *also),
            axis="Model",
            position=rows["model"].map(order.index) + 1.0,
            x=[tables.label(name, "model") for name in rows["model"]],
            generated=rows["dataset"].map(tables.is_generated),
        )
    )


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _curves.draw(frame, "Accuracy on hard items", "Training data")
