"""Calibration on hard items by training data: expected calibration error and Brier score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard.figure_tables import Tables, largest_size, require, with_floor
from easy2hard.figures import _dots, _dots_data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Calibration"
CAPTION = (
    "How far confidence can be trusted on hard test items, by training data; lower is better. Left: expected "
    "calibration error, the mean distance between confidence and accuracy over ten bins of the confidence (the softmax "
    "probability of the chosen answer). Right: Brier score, the squared distance between the probabilities of all "
    "choices and the right answer, from 0 to 2. Bars are {level} intervals of a bootstrap that resamples "
    "items and training "
    "draws; those of the calibration error lie high, since resampling adds to a distance. n counts the test items (the "
    "fewest, where dots differ) and the seeds are the training draws. The paper reports no calibration."
)
PANELS = {"ece": "Expected calibration error", "brier": "Brier score"}


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: panel (metric), row (method), group (dataset, measure), series (training data)."""
    rows = tables.results
    rows = rows[rows["metric"].isin(PANELS) & (rows["part"] == "main") & (rows["test_on"] == "hard")]
    rows = require(largest_size(with_floor(rows)), "calibration", "ECE or Brier score of a supervised method")
    return _dots_data.frame(tables, rows, PANELS, "metric")


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _dots.draw(frame, _dots.Scale("Error (lower is better)", share=False, limits=(-0.02, 2.02)), "Training data")
