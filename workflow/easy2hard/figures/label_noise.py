"""Accuracy on hard items against wrong labels in the training data (Hase 2024, Fig. 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard.conditions import label, rank
from easy2hard.figure_tables import SETTING, Tables, largest_size, require, with_floor
from easy2hard.figures import _curves, cost_curves

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Accuracy against label noise"
CAPTION = (
    "Accuracy on hard test items after training on items some of whose labels are wrong. The horizontal axis gives the "
    "share of training items that noise hits, in the order of its heading: hard items are harder to label, so they may "
    "be hit more often than easy ones at the same place. Test labels are always right. The dotted line is the model "
    "without training. Dots are means over test items and training draws; bars and the shaded band are {level} "
    "intervals of a bootstrap that resamples both. The largest training size is shown. n counts the test items and the "
    "seeds are the training draws, each with its own wrong labels."
)

OVERLAY = "Hollow black marks"


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: panel (dataset, measure, method), series (training condition), position (place of the rate)."""
    rows = tables.noisy
    rows = rows[(rows["metric"] == "accuracy") & (rows["part"] == "main") & (rows["test_on"] == "hard")]
    hit = rows.groupby([*SETTING, "condition"])["noise"].transform("max") > 0
    trained = require(rows[hit & (rows["size"] > 0)], "label_noise", "a split with noise above 0")
    rows = largest_size(with_floor(pd.concat([trained, rows[rows["size"] == 0]])))
    rows = tables.beside(rows[rows["condition"] != "ceiling"].reset_index(drop=True), item="Figure 7")
    place = rows.groupby([*SETTING, "condition"])["noise"].rank(method="dense")
    rows = rows.assign(position=place.where(rows["size"] > 0))
    rows = rows.merge(_ticks(rows[rows["size"] > 0]), on=[*SETTING, "position"], how="left")
    also = tables.varying(rows, "experiment", "model")
    return cost_curves.panels(
        rows.assign(
            panel=tables.titles(rows, "dataset", "measure", "method", *also),
            axis=rows.groupby(SETTING)["axis"].transform("first"),
            x=rows["x"].fillna(""),
            generated=rows["dataset"].map(tables.is_generated),
        )
    )


def _ticks(rows: pd.DataFrame) -> pd.DataFrame:
    """Text of every tick, the rates of the conditions where they differ, and of the axis, by setting and position."""
    found = []
    for key, group in rows.groupby(SETTING):
        rates = group.pivot_table("noise", "position", "condition")[sorted(group["condition"].unique(), key=rank)]
        same = rates.nunique(axis=1).le(1).all()
        shown = [" / ".join(dict.fromkeys(f"{rate:.3g}%" for rate in 100 * row.dropna())) if same else
                 " / ".join("–" if pd.isna(rate) else f"{rate:.3g}%" for rate in 100 * row)
                 for _, row in rates.iterrows()]  # fmt: skip
        axis = "Training labels hit by noise" + ("" if same else f" ({' / '.join(map(label, rates.columns))})")
        names = dict(zip(SETTING, key, strict=True))
        texts = zip(rates.index, shown, strict=True)
        found += [{**names, "position": at, "x": text, "axis": axis} for at, text in texts]
    return pd.DataFrame(found)


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _curves.draw(frame, "Accuracy on hard items", "Training data")
