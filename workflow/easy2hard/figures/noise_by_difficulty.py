"""Label noise crossed with the hardness of training data, a full factorial. Not in Hase 2024 (Fig. 7: one pairing)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from easy2hard.conditions import label, rank
from easy2hard.figure_tables import SETTING, Tables, distinct, largest_size, require
from easy2hard.figures import _heat
from easy2hard.strict import Strict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Label noise by difficulty"
CAPTION = (
    "Accuracy (in percent, with half its {level} interval of a bootstrap over items and training draws) by the "
    "hardness of the training items and the share of them that label noise hits. Darker is more accurate. Every "
    "combination was trained with the same number of items; test labels are always right. Strong edges mark cells "
    "whose interval lies wholly below the accuracy without noise at the left of their row. n counts the test items and "
    "the seeds are the training draws, each with its own wrong labels."
)
COLUMNS = ["panel", "y", "x", "value", "low", "high", "below", "n_items", "n_seeds", "generated"]


class Options(Strict):
    """What the models are tested on."""

    test_on: Literal["easy", "medium", "hard", "all"] = "hard"
    """Test bucket."""


def data(tables: Tables) -> pd.DataFrame:
    """One row a cell: panel (dataset, measure, method), y (training data), x (noise rate)."""
    tested = Options.model_validate(tables.options).test_on
    rows = tables.noisy
    rows = rows[(rows["metric"] == "accuracy") & (rows["part"] == "main") & (rows["test_on"] == tested)]
    rows = largest_size(rows[rows["size"] > 0])
    rows = rows[rows.groupby([*SETTING, "condition"])["noise"].transform("max") > 0]
    rows = require(rows, "noise_by_difficulty", "a split with noise above 0")
    first = rows[rows["noise"] == 0].set_index([*SETTING, "condition"])["value"]
    clean = pd.MultiIndex.from_frame(rows[[*SETTING, "condition"]]).map(first.to_dict())
    also = tables.varying(rows, "experiment", "model")
    rows = rows.assign(
        panel=tables.titles(rows, "dataset", "measure", "method", *also),
        y=rows["condition"].map(label),
        x=[f"{100 * rate:.3g}%" for rate in rows["noise"]],
        below=rows["high"].to_numpy() < pd.to_numeric(clean),
        order=rows["condition"].map(rank),
        generated=rows["dataset"].map(tables.is_generated),
    ).sort_values(["panel", "noise", "order"])
    return distinct(rows[COLUMNS].reset_index(drop=True), ["panel", "y", "x"])


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    look = _heat.Look("Training labels hit by noise", "Trained on", _heat.interval, lambda row: bool(row["below"]))
    return _heat.draw(frame, look)
