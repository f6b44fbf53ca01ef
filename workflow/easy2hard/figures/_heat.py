"""Grids of shaded cells with their numbers: rows down the page, columns across, a grid a panel.

Frame columns: panel, y, x (texts, in the order in which they first appear), value (0–1, the shade; missing: no data),
generated, n_items (0: no data), n_seeds, and what `Look.cell` prints.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from easy2hard import style
from easy2hard.figures import _panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EDGE = "#b0b0b0"


@dataclass(frozen=True)
class Look:
    """What the axes are called, what stands in a cell, and which cells have a strong edge."""

    xlabel: str
    ylabel: str
    cell: Callable[[pd.Series], str]
    strong: Callable[[pd.Series], bool] = lambda row: False
    lines: int = 2


def draw(frame: pd.DataFrame, look: Look, columns: int = 2) -> Figure:
    """The figure of a frame. Shades run from the least to the greatest value of all panels, light to dark."""
    with style.settings():
        panels = list(frame["panel"].unique())
        rows, across = frame["y"].nunique(), frame["x"].nunique()
        long = frame["y"].str.len().max() > 14
        columns = columns if across <= 6 and not long else 1
        height = 0.85 + rows * (0.16 * look.lines + 0.1)
        titles = [f"{name} ({_n(frame[frame['panel'] == name])})" for name in panels]
        figure, axes = _panels.grid(titles, columns, height, 0.4)
        if long:
            figure.set_figwidth(min(style.WIDTH, 1.9 + 0.08 * max(max(map(len, titles)), 10 * across)))
        elif len(panels) == 1 or columns == 1:
            figure.set_figwidth(min(style.WIDTH, max(4.6, 1.9 + 0.78 * across)))
        low, high = frame["value"].min(), frame["value"].max()
        for axis, panel in zip(axes, panels, strict=True):
            _grid(axis, frame[frame["panel"] == panel], look, (low, high))
        style.tag(figure, list(frame["generated"]))
        return figure


def _n(frame: pd.DataFrame) -> str:
    shown = frame[frame["n_items"] > 0]
    seeds = int(shown["n_seeds"].max())
    items = style.count(shown["n_items"].min(), shown["n_items"].max())
    return f"n = {items}" + (f", {seeds} seeds" if seeds > 1 else "")


def _grid(axis: Axes, frame: pd.DataFrame, look: Look, ends: tuple[float, float]) -> None:
    down, across = list(frame["y"].unique()), list(frame["x"].unique())
    for _, row in frame.iterrows():
        _cell(axis, across.index(row["x"]), down.index(row["y"]), row, look, ends)
    axis.set_xlim(-0.5, len(across) - 0.5)
    axis.set_ylim(len(down) - 0.5, -0.5)
    axis.set_xticks(range(len(across)), [style.wrap(name, 10) for name in across])
    axis.set_yticks(range(len(down)), [style.wrap(name, 20) for name in down])
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    axis.set_xlabel(look.xlabel)
    axis.set_ylabel(look.ylabel)


def _cell(axis: Axes, at: int, line: int, row: pd.Series, look: Look, ends: tuple[float, float]) -> None:
    from matplotlib.patches import Rectangle

    missing = pd.isna(row["value"])
    share = 0.0 if missing or ends[1] <= ends[0] else (row["value"] - ends[0]) / (ends[1] - ends[0])
    grey = 0.97 - 0.72 * share
    strong = not missing and look.strong(row)
    edge = {"edgecolor": style.INK, "linewidth": 1.6} if strong else {"edgecolor": EDGE, "linewidth": 0.5}
    color = "white" if missing else (grey, grey, min(1.0, grey + 0.12))
    axis.add_patch(Rectangle((at - 0.46, line - 0.46), 0.92, 0.92, facecolor=color, zorder=2 if strong else 1, **edge))
    ink = "white" if grey < 0.55 else style.INK
    text = "–" if missing else look.cell(row)
    axis.text(at, line, text, ha="center", va="center", fontsize=style.SMALL, color=ink, linespacing=1.1, zorder=3)


def interval(row: pd.Series) -> str:
    """`71.2 ±3.1` in percent, over two lines."""
    return f"{100 * row['value']:.0f}\n±{50 * (row['high'] - row['low']):.0f}"
