"""Spearman correlation between hardness measures (Hase 2024, Figs. 3 and 10)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from easy2hard import counterparts, style
from easy2hard.figure_tables import Tables, paper_columns, require
from easy2hard.figures import _panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Correlation between hardness measures"
CAPTION = (
    "Spearman correlation between hardness measures, over the items that have both. Higher always means harder. "
    "Darker cells are stronger correlations of either sign; the printed number carries the sign, and negative cells "
    "are hatched. A dash marks a pair without a value (one measure is constant). n counts the items of a pair."
)
OVERLAY = "Numbers in square brackets"


def data(tables: Tables) -> pd.DataFrame:
    """One row a pair of different measures, once: panel (dataset), y and x (measures), spearman, n_items."""
    rows = tables.correlations
    rows = rows[(rows["measure_a"] != rows["measure_b"]) & (rows["part"] == "main")]
    rows = require(rows, "correlation_heatmap", "a dataset with two or more hardness measures")
    pair = [tuple(sorted(names)) for names in zip(rows["measure_a"], rows["measure_b"], strict=True)]
    rows = rows.assign(first=[a for a, _ in pair], second=[b for _, b in pair])
    rows = rows.drop_duplicates(["dataset", "first", "second"]).sort_values(["dataset", "first", "second"])
    rows = tables.beside(rows, counterparts.correlations)
    return rows.assign(
        panel=tables.titles(rows, "dataset"),
        y=[tables.label(name, "measure") for name in rows["second"]],
        x=[tables.label(name, "measure") for name in rows["first"]],
        generated=rows["dataset"].map(tables.is_generated),
    )[["panel", "y", "x", "spearman", "n_items", "generated", *paper_columns(rows)]].reset_index(drop=True)


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data: a lower triangle a dataset."""
    with style.settings():
        panels = [
            f"{name} (n = {style.count(rows['n_items'].min(), rows['n_items'].max())})"
            for name, rows in frame.groupby("panel", sort=False)
        ]
        largest = max(len(_names(rows)) for _, rows in frame.groupby("panel"))
        height = 1.35 + (0.34 if largest > 4 else 0.42) * (largest - 1)
        figure, axes = _panels.grid(panels, 2 if largest <= 4 else 1, height, 0.35)
        if len(panels) == 1 or largest > 4:
            figure.set_figwidth(min(style.WIDTH, 2.6 + 1.1 * largest))
        for axis, (_, rows) in zip(axes, frame.groupby("panel", sort=False), strict=True):
            _triangle(axis, rows)
        style.tag(figure, list(frame["generated"]))
        return figure


def _names(frame: pd.DataFrame) -> list[str]:
    """Measures of a panel in the order of the triangle."""
    return list(dict.fromkeys([*frame["x"], *frame["y"]]))


def _triangle(axis: Axes, frame: pd.DataFrame) -> None:
    names = _names(frame)
    for row in frame.itertuples(index=False):
        across, down = sorted((names.index(row.x), names.index(row.y)))
        _cell(axis, across, down - 1, row.spearman, getattr(row, "paper", math.nan))
    size = len(names) - 1
    axis.set_xlim(-0.5, size - 0.5)
    axis.set_ylim(size - 0.5, -0.5)
    axis.set_xticks(
        range(size), [style.wrap(name, 14) for name in names[:-1]], rotation=40, ha="right", rotation_mode="anchor"
    )
    axis.set_yticks(range(size), [style.wrap(name, 26) for name in names[1:]])
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)


def _cell(axis: Axes, across: int, down: int, value: float, paper: float) -> None:
    from matplotlib.patches import Rectangle

    strength = 0.0 if pd.isna(value) else min(1.0, abs(value))
    grey = 0.97 - 0.75 * strength
    color = (grey, grey, min(1.0, grey + 0.1)) if not value < 0 else (min(1.0, grey + 0.1), grey, grey)
    axis.add_patch(
        Rectangle(
            (across - 0.48, down - 0.46),
            0.96,
            0.92,
            facecolor=color,
            edgecolor="#b0b0b0",
            hatch="////" if value < -0.005 else None,
            linewidth=0,
        )
    )
    box = {"boxstyle": "round,pad=0.12", "facecolor": color, "linewidth": 0}
    axis.text(
        across,
        down,
        _number(value) + ("" if pd.isna(paper) else f"\n[{_number(paper)}]"),
        ha="center",
        va="center",
        fontsize=style.SMALL,
        color="white" if grey < 0.55 else style.INK,
        bbox=box,
    )


def _number(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.2f}".replace("-", "−")
