"""Accuracy against the value of a hardness measure (Hase 2024, Figs. 4, 11, 12)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from easy2hard import counterparts
from easy2hard.figure_tables import Tables, distinct, paper_columns, require
from easy2hard.figures import _panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Accuracy against hardness"
CAPTION = (
    "Accuracy by the value of a hardness measure (values with many levels are cut into bins of equal width, given by "
    "their ends), for models trained on items of all hardness, and without training. Dots are means over test items "
    "and training draws; bars are {level} t-intervals over items, cut at 0% and 100%. Dots of one value are "
    "moved sideways so that they can be told apart. "
    "n counts the test items of a value (the most, where methods differ) and the seeds are the training "
    "draws. Values with a "
    "standard error of 0.1 or more are left out, as in the paper. A measure that captures hardness for "
    "the model gives falling lines."
)
OVERLAY = "Hollow black marks"


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: panel (dataset, measure, and what else varies), series (method), position (rank of the value)."""
    rows = tables.accuracy_by_value
    rows = rows[rows["condition"].isin(["all", "unsupervised"]) & (rows["part"] == "main")]
    rows = require(rows, "accuracy_by_hardness", "accuracy by value of a method trained on 'all' or untrained")
    largest = rows.groupby(["experiment", "dataset", "model", "method", "measure"])["size"].transform("max")
    rows = rows[rows["size"] == largest].reset_index(drop=True)
    rows = tables.beside(rows, counterparts.by_value)
    also = tables.varying(rows, "experiment", "model")
    bins = rows.groupby(["dataset", "measure"])
    return distinct(
        rows.assign(
            panel=tables.titles(rows, "dataset", "measure", *also),
            axis=[tables.label(name, "measure") for name in rows["measure"]],
            series=[tables.label(name, "method") for name in rows["method"]],
            style=rows["condition"].where(rows["condition"] == "unsupervised", rows["method"]),
            position=bins["value_low"].rank(method="dense"),
            x=[_bin(low, high) for low, high in zip(rows["value_low"], rows["value_high"], strict=True)],
            value=rows["accuracy"],
            generated=rows["dataset"].map(tables.is_generated),
        )[_panels.COLUMNS + paper_columns(rows)],
        ["panel", "series", "position"],
    )


def _bin(low: float, high: float) -> str:
    """A value, or a bin with as many decimals as its width needs."""
    if low == high:
        return f"{low:.4g}"
    decimals = max(0, 1 - math.floor(math.log10(high - low)))
    return f"{low:.{decimals}f}–{high:.{decimals}f}"


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _panels.lines(frame, "Accuracy", "Method")
