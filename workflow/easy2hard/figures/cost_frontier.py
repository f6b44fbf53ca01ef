"""Which mix of easy and hard training items is best for a budget, as hard items cost more. Not in Hase 2024.

Its Fig. 6 has one price and two mixes; the question of what to label is answered by all affordable sets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from easy2hard.conditions import hard_items
from easy2hard.figure_tables import Tables, require
from easy2hard.figures import _heat
from easy2hard.figures.cost_curves import cost, priced
from easy2hard.strict import Strict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "The best mix for a budget"
CAPTION = (
    "For each budget and price of a hard item (an easy one costs 1): the share of hard items in the training set that "
    "gave the best accuracy among all training sets that were run and cost no more. Below it, in brackets, the shares "
    "of the mixes that may be as good: those whose {level} interval reaches the accuracy of the best. Then that "
    "accuracy, in percent. Darker has more hard items. A dash marks a budget that pays for no set that was run. No "
    "set is made up by interpolation, so a budget between two sizes buys the smaller one; and as the best of several "
    "noisy results is shown, its accuracy is biased upwards a little. n counts the test items and the seeds are the "
    "training draws."
)
PLACE = ["experiment", "dataset", "train_dataset", "model", "method", "measure"]
NUMBERS = ["value", "near_low", "near_high", "accuracy", "low", "high", "items"]
Cost = Annotated[float, Field(gt=0)]


class Options(Strict):
    """Prices, budgets and what is tested."""

    ratios: Annotated[list[Cost], Field(min_length=1)] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]
    """Costs of a hard item, where an easy one costs 1."""
    budgets: list[Cost] = []
    """Budgets; empty: six from the price of the smallest easy set to that of ten times the largest."""
    test_on: Literal["easy", "medium", "hard", "all"] = "hard"
    """Test bucket."""


def data(tables: Tables) -> pd.DataFrame:
    """One row a cell: panel (dataset, measure, method), y (budget), x (price), value (best share of hard items)."""
    options = Options.model_validate(tables.options)
    known = [name for name in tables.results["condition"].unique() if hard_items(name, 1) is not None]
    rows = priced(tables, known, options.test_on, "cost_frontier")
    rows = rows[rows["size"] > 0]
    mixes = rows.groupby(PLACE)["condition"].transform("nunique")
    rows = require(rows[mixes > 1], "cost_frontier", "several mixes of easy and hard items in several sizes")
    also = tables.varying(rows, "experiment", "model")
    rows = rows.assign(
        panel=tables.titles(rows, "dataset", "measure", "method", *also),
        share=[hard_items(name, 100) / 100 for name in rows["condition"]],
        generated=rows["dataset"].map(tables.is_generated),
    )
    budgets = sorted(options.budgets or _budgets(rows["size"]))
    found = [_panel(group, budgets, sorted(options.ratios)) for _, group in rows.groupby("panel", sort=True)]
    return pd.concat(found, ignore_index=True)


def _budgets(sizes: pd.Series) -> list[float]:
    """Six round budgets at about equal ratios."""
    exact = np.geomspace(sizes.min(), 10 * sizes.max(), 6)
    return list(dict.fromkeys(float(f"{budget:.1e}") for budget in exact))


def _panel(rows: pd.DataFrame, budgets: list[float], ratios: list[float]) -> pd.DataFrame:
    names = {"panel": rows["panel"].iloc[0], "generated": bool(rows["generated"].iloc[0])}
    cells = []
    for budget in budgets:
        for ratio in ratios:
            paid = [cost(name, size, ratio) for name, size in zip(rows["condition"], rows["size"], strict=True)]
            place = {"y": f"{budget:,g}", "x": f"{ratio:g}×"}
            cells.append({**names, **place, **_best(rows[np.array(paid) <= budget])})
    return pd.DataFrame(cells)[["panel", "y", "x", *NUMBERS, "n_items", "n_seeds", "generated"]]


def _best(affordable: pd.DataFrame) -> dict:
    """The most accurate set, of equal ones that with the fewest hard items; and the mixes that may be as good."""
    if affordable.empty:
        return dict.fromkeys(NUMBERS, np.nan) | {"n_items": 0, "n_seeds": 0}
    best = affordable.sort_values(["value", "share"], ascending=[False, True], kind="stable").iloc[0]
    near = affordable.loc[affordable["high"] >= best["value"], "share"]
    found = [best["share"], near.min(), near.max(), best["value"], best["low"], best["high"], best["size"]]
    return dict(zip(NUMBERS, found, strict=True)) | {"n_items": best["n_items"], "n_seeds": best["n_seeds"]}


def _cell(row: pd.Series) -> str:
    low, high = row["near_low"], row["near_high"]
    near = f"{100 * low:.0f}%" if low == high else f"{100 * low:.0f}–{100 * high:.0f}%"
    return f"{100 * row['value']:.0f}%\n({near})\n{100 * row['accuracy']:.0f}"


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    look = _heat.Look("Cost of a hard item (easy: 1)", "Budget", _cell, lines=3)
    return _heat.draw(frame, look, columns=1)
