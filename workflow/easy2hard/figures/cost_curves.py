"""Accuracy on hard items against what the training items cost (Hase 2024, Fig. 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pandas as pd
from pydantic import Field

from easy2hard import paper_marks
from easy2hard.conditions import Condition, hard_items, label, rank
from easy2hard.figure_tables import SETTING, Tables, distinct, paper_columns, require, with_floor
from easy2hard.figures import _curves, _panels
from easy2hard.strict import Strict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Accuracy against the cost of training data"
CAPTION = (
    "Accuracy on hard test items against the cost of the training items, on a logarithmic scale. An easy item costs 1; "
    "what a hard item costs is said under each panel. A training set costs what its items cost, whatever the model. "
    "The dotted line is the model without training. Dots are means over test items and training draws; bars and the "
    "shaded band are {level} intervals of a bootstrap that resamples both. Dots at one cost are moved sideways so that "
    "they can be told apart. n counts the test items and the seeds are the training draws."
)

OVERLAY = "Hollow black marks"


class Options(Strict):
    """What training items cost."""

    ratio: Annotated[float, Field(gt=0)] = 2.0
    """Cost of a hard item, where an easy one costs 1 (the paper: 2)."""
    conditions: list[Condition] = ["easy", "hard"]
    """Conditions shown: easy, hard, easy_and_hard and mixes; the cost of others is not known."""


def cost(condition: str, size: int, ratio: float) -> float:
    """Cost of the first `size` items of a draw: easy ones 1 each, hard ones `ratio` each."""
    hard = hard_items(condition, size)
    return size - hard + hard * ratio


def priced(tables: Tables, conditions: list[str], test_on: str, figure: str) -> pd.DataFrame:
    """Accuracy rows on test_on of the conditions whose cost is known, of methods with several training sizes."""
    rows = tables.results
    rows = rows[(rows["metric"] == "accuracy") & (rows["part"] == "main") & (rows["test_on"] == test_on)]
    known = [name for name in conditions if hard_items(name, 1) is not None]
    trained = rows[rows["condition"].isin(known)]
    trained = trained[trained.groupby(SETTING)["size"].transform("nunique") > 1]
    trained = require(trained, figure, "a method with several sizes of easy and hard")
    return pd.concat([trained, rows[rows["size"] == 0]])


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: panel (dataset, measure, method), series (training condition), position (cost)."""
    options = Options.model_validate(tables.options)
    rows = with_floor(priced(tables, options.conditions, "hard", "cost_curves"))
    rows = tables.beside(rows[rows["condition"] != "ceiling"], item="Figure 6")
    also = tables.varying(rows, "experiment", "model")
    return panels(
        rows.assign(
            panel=tables.titles(rows, "dataset", "measure", "method", *also),
            axis=f"Cost of the training items (hard: {options.ratio:g}, easy: 1)",
            position=[
                cost(name, size, options.ratio) if size else None
                for name, size in zip(rows["condition"], rows["size"], strict=True)
            ],
            x="",
            generated=rows["dataset"].map(tables.is_generated),
        )
    )


def panels(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with panel, axis, position and x as data of curves, one series a training condition."""
    rows = rows.assign(
        series=rows["condition"].map(label), style=rows["condition"], order=rows["condition"].map(rank)
    ).sort_values(["panel", "order", "position"], kind="stable", ignore_index=True)
    for name in set(paper_marks.NUMBERS) & set(rows.columns):
        rows[name] = rows[name].where(rows["position"].notna())  # the paper shows no level across a panel
    return distinct(rows[_panels.COLUMNS + paper_columns(rows)], ["panel", "series", "position"])


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _curves.draw(frame, "Accuracy on hard items", "Training data")
