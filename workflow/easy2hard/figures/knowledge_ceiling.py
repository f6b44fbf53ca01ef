"""What the model of a generated world knows, and what supervision brings out: ceiling and controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard.figure_tables import Tables, largest_size, require, with_floor
from easy2hard.figures import _dots, _dots_data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Knowledge ceiling and controls"
CAPTION = (
    "Accuracy on hard items of a generated world. The model was pretrained on generated text by reliable and by "
    "unreliable authors. The star is the model without training, asked in the words of the reliable authors: what it "
    "knows, and so a ceiling for bringing that knowledge out (training can exceed it by teaching). The cross is "
    "the model without training, asked neutrally. Left: items like those trained on; right: items built only from "
    "facts that no training item contained, where training cannot teach the answers. Bars are {level} intervals of a "
    "bootstrap that resamples items and training draws. n counts the test items (the fewest, where dots differ) and "
    "the seeds are the training draws. The design of this world was chosen so that effects are measurable; it is no "
    "evidence on real data."
)
PANELS = {"main": "Facts that training may contain", "held_out": "Facts held out from training"}


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: panel (part), row (method), group (dataset, measure), series (training data or ceiling)."""
    rows = tables.results
    rows = rows[(rows["metric"] == "accuracy") & (rows["test_on"] == "hard") & rows["part"].isin(PANELS)]
    rows = rows[rows["dataset"].map(tables.is_generated).astype(bool)]
    rows = largest_size(with_floor(rows, ("unsupervised", "ceiling")))
    rows = require(rows, "knowledge_ceiling", "accuracy of a supervised method on a generated world")
    return _dots_data.frame(tables, rows, PANELS, "part")


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _dots.draw(frame, _dots.Scale("Accuracy on hard items", percent=True, limits=(-0.02, 1.02)), "Training data")
