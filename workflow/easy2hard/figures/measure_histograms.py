"""Histograms of hardness measures with their easy, medium and hard parts (Hase 2024, Fig. 20)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from easy2hard import style
from easy2hard.figure_tables import Tables, require
from easy2hard.figures import _panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Histograms of hardness measures"
CAPTION = (
    "How many items have each value of a hardness measure, stacked by the bucket they fall into: easy, medium, hard. "
    "Measures with up to 15 whole values have a bar a value; the others 30 bins of equal width, and a bar that a "
    "cutoff divides shows both parts. Higher always means harder. n counts the items that have a value; the number "
    "that lack one is given where there are any."
)
BUCKETS = {"easy": 0.5, "medium": 0.6, "hard": 1.0}  # opacity: light to dark, so that greyscale keeps them apart
COLUMNS = ["panel", "axis", "bucket", "left", "right", "items", "missing", "generated"]


def data(tables: Tables) -> pd.DataFrame:
    """One row a bar and bucket: panel (dataset, measure), left and right end of the bar, number of items."""
    rows = require(tables.hardness, "measure_histograms", "hardness tables")
    bars = [
        _bars(part).assign(dataset=dataset, measure=measure, missing=int(part["value"].isna().sum()))
        for (dataset, measure), part in rows.groupby(["dataset", "measure"])
    ]
    frame = require(pd.concat(bars, ignore_index=True), "measure_histograms", "a hardness measure with values")
    return frame.assign(
        panel=tables.titles(frame, "dataset", "measure"),
        axis=[tables.label(name, "measure") for name in frame["measure"]],
        generated=frame["dataset"].map(tables.is_generated),
    )[COLUMNS]


def _bars(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.dropna(subset=["value", "bucket"])
    if rows.empty:
        return pd.DataFrame(columns=["bucket", "left", "right", "items"])
    edges = _edges(rows["value"].to_numpy())
    counts = {bucket: np.histogram(rows.loc[rows["bucket"] == bucket, "value"], edges)[0] for bucket in BUCKETS}
    return pd.concat(
        [
            pd.DataFrame({"bucket": bucket, "left": edges[:-1], "right": edges[1:], "items": count})
            for bucket, count in counts.items()
        ],
        ignore_index=True,
    )


def _edges(values: np.ndarray) -> np.ndarray:
    """Ends of the bars: a bar a whole value where they are few, else 30 bins (Fig. 20)."""
    low, high = float(values.min()), float(values.max())
    if (values == values.round()).all() and high - low < 15:
        return np.arange(low - 0.5, high + 1.0)
    return np.linspace(low, high, 31) if high > low else np.array([low - 0.5, high + 0.5])


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    with style.settings():
        panels = list(frame["panel"].unique())
        figure, axes = _panels.grid(panels, 3, 1.75, 0.85)
        handles = {}
        for axis, panel in zip(axes, panels, strict=True):
            handles.update(_histogram(axis, frame[frame["panel"] == panel]))
        style.legend(figure, list(handles.values()), list(handles), "Bucket")
        style.tag(figure, list(frame["generated"]))
        return figure


def _histogram(axis: Axes, frame: pd.DataFrame) -> dict:
    """Stacked bars; returns a legend handle a bucket."""
    base, handles = 0, {}
    for bucket, opacity in BUCKETS.items():
        rows, look = frame[frame["bucket"] == bucket], style.CONDITIONS[bucket]
        width = (rows["right"] - rows["left"]).to_numpy()
        bars = axis.bar(
            rows["left"],
            rows["items"],
            width,
            bottom=base,
            align="edge",
            alpha=opacity,
            facecolor=look.color,
            hatch=look.hatch,
            edgecolor="white",
            linewidth=0.4,
        )
        base, handles[bucket] = base + rows["items"].to_numpy(), bars
    missing = int(frame["missing"].iloc[0])
    n = f"n = {int(frame['items'].sum()):,}" + (f", {missing:,} missing" if missing else "")
    axis.set_xlabel(style.wrap(f"{frame['axis'].iloc[0]}", 30) + f"\n{n}")
    axis.set_ylabel("Items")
    axis.locator_params(axis="x", nbins=6, integer=bool((frame["left"] % 1 == 0.5).all()))
    axis.locator_params(axis="y", nbins=4, integer=True)
    return handles
