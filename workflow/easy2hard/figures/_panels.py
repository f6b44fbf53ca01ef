"""A grid of small panels, and lines with intervals over named positions in them.

Frame columns of `lines`: panel, series, style, x (tick text), position, value, low, high, n_items, n_seeds, generated,
axis (text under the panel).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from easy2hard import paper_marks, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = [
    "panel",
    "axis",
    "series",
    "style",
    "position",
    "x",
    "value",
    "low",
    "high",
    "n_items",
    "n_seeds",
    "generated",
]


def grid(names: list[str], columns: int, height: float, extra: float) -> tuple[Figure, list[Axes]]:
    """A figure with one titled panel a name, at most `columns` side by side, each `height` inches. In `settings`."""
    columns = min(columns, len(names))
    rows = math.ceil(len(names) / columns)
    titles = [style.wrap(name, round(88 / columns) - 8) for name in names]
    folded = max(map(style.lines, titles)) * 0.16
    figure = style.blank(rows * (height + folded) + extra, width(len(names), columns))
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axis in axes[len(names) :]:
        axis.remove()
    for axis, title in zip(axes, titles, strict=False):
        axis.set_title(title, loc="left")
    return figure, axes[: len(names)]


def width(panels: int, columns: int) -> float:
    """Inches of a figure with so many panels."""
    return style.WIDTH if min(panels, columns) > 1 else 4.6


def lines(frame: pd.DataFrame, ylabel: str, legend_title: str, columns: int = 2) -> Figure:
    """A panel a `panel`, a line with intervals a `series`; the same vertical range everywhere."""
    with style.settings():
        series = marks(frame)
        panels, labels = list(frame["panel"].unique()), [*series, *paper_marks.names(frame)]
        figure, axes = grid(panels, columns, 2.5, 0.35 + style.legend_height(labels, width(len(panels), columns)))
        bounds = limits(frame)
        for axis, panel in zip(axes, panels, strict=True):
            _panel(axis, frame[frame["panel"] == panel], series)
            axis.set_ylim(*bounds)
            axis.set_ylabel(ylabel)
            axis.yaxis.set_major_formatter(style.percent)
        shown = [*handles(series), *(paper_marks.handle() for _ in paper_marks.names(frame))]
        style.legend(figure, shown, labels, legend_title)
        style.tag(figure, list(frame["generated"]))
        return figure


def marks(frame: pd.DataFrame) -> dict[str, style.Mark]:
    """Mark of every series, in the order of the frame."""
    names = frame[["series", "style"]].drop_duplicates("series").itertuples(index=False)
    return {name: style.mark(kind, at) for at, (name, kind) in enumerate(names)}


def limits(frame: pd.DataFrame) -> tuple[float, float]:
    """Vertical range of all dots, intervals and published values, with a margin."""
    numbers = frame[["value", "low", "high"]].stack().dropna()
    numbers = pd.concat([numbers, paper_marks.numbers(frame)]).clip(0, 1)
    low, high = float(numbers.min()), float(numbers.max())
    margin = 0.06 * (high - low) or 0.05
    return max(low - margin, -0.02), min(high + margin, 1.02)


def _panel(axis: Axes, frame: pd.DataFrame, series: dict[str, style.Mark]) -> None:
    shifts = _shifts(frame, list(series))
    for name in [name for name in series if name in set(frame["series"])]:
        rows = frame[frame["series"] == name].sort_values("position")
        rows = rows.assign(position=rows["position"] + shifts.loc[rows.index])
        line(axis, rows, series[name])
        if paper_marks.shown(rows):
            paper_marks.upright(axis, rows, 0.045, series[name].marker)
    ticks = frame.groupby("position").agg(x=("x", "first"), low=("n_items", "min"), high=("n_items", "max"))
    axis.set_xticks(list(ticks.index), _tick_labels(ticks))
    axis.set_xlim(ticks.index.min() - 0.5, ticks.index.max() + 0.5)
    axis.set_xlabel(style.wrap(frame["axis"].iloc[0], 46) + "\n" + _n(frame, ticks))
    axis.grid(axis="y")


def _shifts(frame: pd.DataFrame, series: list[str]) -> pd.Series:
    """How far each dot is moved sideways, so that the dots of one position stand side by side around it."""
    order = frame["series"].map(series.index)
    places = order.groupby(frame["position"])
    beside = places.transform("size")
    return (places.rank() - (beside + 1) / 2) * (0.5 / beside).clip(upper=0.09)


def _tick_labels(ticks: pd.DataFrame) -> list[str]:
    """Tick text, and under it n where n differs between ticks and there is room (at most 8 ticks)."""
    if ticks["high"].nunique() == 1 or len(ticks) > 8:
        return list(ticks["x"])
    return [f"{x}\n({high:,})" for x, high in zip(ticks["x"], ticks["high"].astype(int), strict=True)]


def _n(frame: pd.DataFrame, ticks: pd.DataFrame) -> str:
    seeds = int(frame["n_seeds"].max())
    bracketed = ticks["high"].nunique() > 1 and len(ticks) <= 8
    items = "n in brackets" if bracketed else f"n = {style.count(ticks['high'].min(), ticks['high'].max())}"
    return items + (f", {seeds} seeds" if seeds > 1 else "")


def line(axis: Axes, rows: pd.DataFrame, mark: style.Mark) -> None:
    """Dots with intervals, joined."""
    rows = rows.dropna(subset=["value"])
    # A share ends at 0 and 1, where a t-interval does not.
    low, high = (rows[end].fillna(rows["value"]).clip(0, 1) for end in ("low", "high"))
    axis.errorbar(
        rows["position"],
        rows["value"],
        yerr=[rows["value"] - low, high - rows["value"]],
        color=mark.color,
        marker=mark.marker,
        markerfacecolor=mark.face,
        markersize=5,
        linestyle=mark.line,
        elinewidth=1.0,
        capsize=2,
    )


def handles(series: dict[str, style.Mark]) -> list:
    """Keys of a legend."""
    from matplotlib.lines import Line2D

    return [
        Line2D(
            [], [], color=mark.color, marker=mark.marker, markerfacecolor=mark.face, markersize=5, linestyle=mark.line
        )
        for mark in series.values()
    ]
