"""Accuracy at each test level after training on each level alone: the degree of the hardness gap.

Not in Hase 2024, whose training data are three groups (§3); its sequel questions ask for single levels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard.conditions import rank, value
from easy2hard.figure_tables import Tables, distinct, require
from easy2hard.figures import _heat

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Training level by test level"
CAPTION = (
    "Accuracy (in percent, with half its {level} t-interval over items) on test items of each value of a hardness "
    "measure, after training on items of one value only, on items of all values, and without training. Darker is more "
    "accurate. Strong edges mark cells in which the level tested is the level trained on: the further from them, the "
    "larger the hardness gap. A dash marks a cell without enough test items (a standard error of 0.1 or more). The "
    "largest training size is shown. n counts the test items of a cell and the seeds are the training draws."
)
PLACE = ["experiment", "dataset", "model", "measure"]
COLUMNS = ["panel", "y", "x", "value", "low", "high", "same", "n_items", "n_seeds", "generated"]


def data(tables: Tables) -> pd.DataFrame:
    """One row a cell: panel (dataset, measure, method), y (trained on), x (test level)."""
    rows = tables.accuracy_by_value
    rows = rows[rows["part"] == "main"]
    trained = rows[(rows["size"] > 0) & ((rows["condition"] == "all") | rows["condition"].map(value).notna())]
    single = trained["condition"].map(value).notna()
    known = trained[[*PLACE, "method"]].apply(tuple, axis=1)
    trained = trained[known.isin(set(known[single]))]
    trained = require(trained, "train_test_matrix", "conditions value_… of a method")
    trained = trained[trained["size"] == trained.groupby([*PLACE, "method"])["size"].transform("max")]
    methods = trained[[*PLACE, "method"]].drop_duplicates()
    floor = methods.merge(rows[rows["condition"] == "unsupervised"].drop(columns="method"), on=PLACE)
    return _cells(tables, pd.concat([trained, floor], ignore_index=True))


def _cells(tables: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """Every cell of every panel, those without a result too."""
    also = tables.varying(rows, "experiment", "model")
    rows = rows.assign(
        panel=tables.titles(rows, "dataset", "measure", "method", *also),
        y=rows["condition"].map(_row),
        x=[f"{low:g}" if low == high else f"{low:.3g}–{high:.3g}" for low, high in zip(
            rows["value_low"], rows["value_high"], strict=True)],
        order=rows["condition"].map(rank),
        same=[low <= (value(name) if value(name) is not None else float("nan")) <= high for name, low, high in zip(
            rows["condition"], rows["value_low"], rows["value_high"], strict=True)],
        generated=rows["dataset"].map(tables.is_generated),
        value=rows["accuracy"],
    )  # fmt: skip
    rows = distinct(rows.sort_values(["panel", "order", "value_low"]), ["panel", "y", "x"])
    whole = [_whole(group) for _, group in rows.groupby("panel", sort=False)]
    return pd.concat(whole, ignore_index=True)[COLUMNS]


def _whole(panel: pd.DataFrame) -> pd.DataFrame:
    """The rows of a panel, with a row without value where a level of the test was left out."""
    across = panel.sort_values("value_low")["x"].unique()
    index = pd.MultiIndex.from_product([panel["y"].unique(), across], names=["y", "x"])
    full = panel.set_index(["y", "x"]).reindex(index).reset_index()
    for name in ("panel", "generated"):
        full[name] = panel[name].iloc[0]
    return full.assign(same=full["same"].eq(True), n_items=full["n_items"].fillna(0), n_seeds=full["n_seeds"].fillna(0))


def _row(condition: str) -> str:
    level = value(condition)
    return f"{level:g}" if level is not None else {"unsupervised": "none"}.get(condition, condition)


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    look = _heat.Look("Test level", "Trained on level", _heat.interval, lambda row: bool(row["same"]))
    return _heat.draw(frame, look)
