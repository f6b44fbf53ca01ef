"""How sure models are of the right choice by the number of items trained on: what MDL hardness is the mean of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from easy2hard.figure_tables import Tables, distinct, require
from easy2hard.figures import _panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Confidence in the right choice by training size"
CAPTION = (
    "Mean probability that a model gives to the right choice, by the number of items it was trained on. Training items "
    "are held apart from those scored; sets of one draw are nested; 0 is the model without training, which counts "
    "for MDL without training only. MDL hardness of an item is one minus its mean over the sizes and draws of a curve. "
    "Dots are means over items and draws; bars are "
    "{level} t-intervals over the training draws, for these items (none where there is one draw). The horizontal axis "
    "names the sizes at equal distances; dots of one size are moved sideways so that they can be told apart. n counts "
    "the items scored and the seeds are the training draws."
)


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: panel (dataset, measure), series (model), position (rank of the size), value with interval."""
    runs = tables.curves[tables.curves["part"] == "main"]
    runs = require(_beside(_once(runs)), "mdl_curves", "a measure by MDL (`mdl_…`) of a dataset it shows")
    key = ["dataset", "measure", "model", "size"]
    dots = [{**dict(zip(key, at, strict=True)), **_dot(dot, tables.spec.level)} for at, dot in runs.groupby(key)]
    rows = pd.DataFrame(dots)
    frame = rows.assign(
        panel=tables.titles(rows, "dataset", "measure"),
        axis="Training items",
        series=[tables.label(name, "model") for name in rows["model"]],
        style="",
        position=rows.groupby(["dataset", "measure"])["size"].rank(method="dense"),
        x=rows["size"].map("{:,}".format),
        generated=rows["dataset"].map(tables.is_generated),
    ).sort_values(["panel", "series", "position"], kind="stable")
    return distinct(frame[_panels.COLUMNS].reset_index(drop=True), ["panel", "series", "position"])


def _once(runs: pd.DataFrame) -> pd.DataFrame:
    """Without measures whose curves another one has too: normed beside raw, one model beside several."""
    seen: set[tuple] = set()
    kept = []
    groups = [rows for _, rows in runs.groupby(["dataset", "measure"])]
    for rows in sorted(groups, key=len, reverse=True):
        own = set(rows[["dataset", "method", "model", "size", "seed", "label_confidence"]].itertuples(index=False))
        if not own <= seen:
            kept.append(rows)
        seen |= own
    return pd.concat(kept, ignore_index=True) if kept else runs


def _beside(runs: pd.DataFrame) -> pd.DataFrame:
    """With the untrained model (size 0) at the left of each trained method's curve, where a dataset has just one."""
    untrained = runs.groupby(["dataset", "measure"])["size"].transform("max") == 0
    kept = []
    for _, rows in runs.groupby("dataset"):
        bare, trained = rows[untrained.loc[rows.index]], rows[~untrained.loc[rows.index]]
        if bare["measure"].nunique() != 1 or not set(bare["model"]) <= set(trained["model"]):
            kept.append(rows)
            continue
        for measure, own in trained.groupby("measure"):
            kept += [bare[bare["model"].isin(own["model"])].assign(measure=measure), own]
    return pd.concat(kept, ignore_index=True) if kept else runs


def _dot(runs: pd.DataFrame, level: float) -> dict:
    """Mean over training draws with its t-interval; no interval from one draw."""
    values, n = runs["label_confidence"].to_numpy(), len(runs)
    half = np.nan
    if n > 1:
        from scipy.special import stdtrit

        half = float(stdtrit(n - 1, (1 + level) / 2)) * values.std(ddof=1) / np.sqrt(n)
    mean = float(values.mean())
    return {
        "value": mean,
        "low": mean - half,
        "high": mean + half,
        "n_items": int(runs["items"].max()),
        "n_seeds": int(runs["seed"].nunique()),
    }


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _panels.lines(frame, "Confidence in right choice", "Model")
