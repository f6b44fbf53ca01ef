"""Lines with intervals over a number or over ticks, and the level without training as a horizontal line.

Frame columns: `_panels.COLUMNS`. position: where a dot stands; missing for a level, which is drawn across the panel.
x: text of the tick at `position`; empty where the horizontal axis is a number on a logarithmic scale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard import paper_marks, style
from easy2hard.figures import _panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIDEWAYS = 1.02  # a dot's shift on a logarithmic axis, so that dots at one place can be told apart

PAPER = 0.03  # a published mark's shift from ours, between ticks that are 1 apart


def draw(frame: pd.DataFrame, ylabel: str, legend_title: str) -> Figure:
    """A panel a `panel`, a line a `series`; the same vertical range everywhere, in percent."""
    with style.settings():
        series = _panels.marks(frame)
        panels = list(frame["panel"].unique())
        labels = [*series, *paper_marks.names(frame)]
        legend = style.legend_height(labels, _panels.width(len(panels), 2))
        figure, axes = _panels.grid(panels, 2, 2.6, 0.35 + legend)
        bounds = _panels.limits(frame)
        for axis, panel in zip(axes, panels, strict=True):
            _panel(axis, frame[frame["panel"] == panel], series)
            axis.set_ylim(*bounds)
            axis.set_ylabel(ylabel)
            axis.yaxis.set_major_formatter(style.percent)
        handles = _panels.handles(series)
        dotted = set(frame.loc[frame["position"].notna(), "series"])
        for name, handle in zip(series, list(handles), strict=True):
            handle.set_marker(series[name].marker if name in dotted else "")
        handles += [paper_marks.handle() for _ in paper_marks.names(frame)]
        style.legend(figure, handles, labels, legend_title)
        style.tag(figure, list(frame["generated"]))
        return figure


def _panel(axis: Axes, frame: pd.DataFrame, series: dict[str, style.Mark]) -> None:
    dots, levels = frame.dropna(subset="position"), frame[frame["position"].isna()]
    named = dots["x"].astype(str).str.len().gt(0).all()
    for row in levels.itertuples():
        axis.axhspan(row.low, row.high, color=series[row.series].color, alpha=0.08, linewidth=0)
        axis.axhline(row.value, color=series[row.series].color, linestyle=series[row.series].line)
    shown = [name for name in series if name in set(dots["series"])]
    for at, name in enumerate(shown):
        rows = dots[dots["series"] == name].sort_values("position")
        away = at - (len(shown) - 1) / 2
        moved = rows["position"] + 0.06 * away if named else rows["position"] * SIDEWAYS**away
        _panels.line(axis, rows.assign(position=moved), series[name])
        if paper_marks.shown(rows):
            beside = moved + PAPER if named else moved * SIDEWAYS**2
            paper_marks.upright(axis, rows.assign(position=beside), 0, series[name].marker)
    _ticks(axis, dots, named)
    axis.set_xlabel(style.wrap(frame["axis"].iloc[0], 46) + "\n" + _n(dots))
    axis.grid(axis="y")


def _ticks(axis: Axes, dots: pd.DataFrame, named: bool) -> None:
    if named:
        ticks = dots.groupby("position")["x"].first()
        axis.set_xticks(list(ticks.index), [style.wrap(text, 12) for text in ticks])
        axis.set_xlim(ticks.index.min() - 0.4, ticks.index.max() + 0.4)
        return
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axis.set_xscale("log")
    wide = dots["position"].max() > 300 * dots["position"].min()
    axis.xaxis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0)))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))


def _n(dots: pd.DataFrame) -> str:
    seeds = int(dots["n_seeds"].max())
    return f"n = {style.count(dots['n_items'].min(), dots['n_items'].max())}" + (f", {seeds} seeds" * (seeds > 1))
