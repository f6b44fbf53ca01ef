"""Rows of small panels of lines: over the number of samples (doubling to the right) or over named ticks.

Frame columns: `COLUMNS`. `row` is a bold heading above its panels, `panel` the title of one; panels of one name have
one vertical range in all rows. `axis` names the horizontal axis, `x` is the text of a tick at `position`; empty where
the axis is a number. Shades are `value` ± `spread`. Intervals (`low`, `high`) are bars at the dots over named ticks;
over a number they stand right of the last dot, one a series, so that they do not hide the shades.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from easy2hard import paper_marks, style
from easy2hard.figures import _panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = [
    *("row", "panel", "axis", "series", "style", "position", "x"),
    *("value", "spread", "low", "high", "n_items", "n_models", "generated"),
]
HEIGHT, LINE, TURNED = 1.9, 0.17, 0.75  # inches: a panel with its ticks, a line of heading or title, turned ticks
LONG = 5  # characters of a tick's text from which on ticks are turned


@dataclass(frozen=True)
class Look:
    """What the vertical axis and the legend are called, how many panels stand side by side, where lines of reference
    are, what clips values; `percent`: ticks are shares; `joined`: lines join dots; `shared`: one range for all."""

    ylabel: str
    legend: str
    columns: int = 3
    guides: tuple[float, ...] = ()
    limits: tuple[float, float] = (0.0, 1.0)
    percent: bool = True
    joined: bool = True
    shared: bool = False


@dataclass(frozen=True)
class Place:
    """A panel and where it stands; `first` of its line of panels, `headed` where the bold heading is above it."""

    row: str
    panel: str
    line: int
    column: int
    headed: bool


def draw(frame: pd.DataFrame, look: Look) -> Figure:
    """The figure of a frame; rows, panels and series as they first appear."""
    with style.settings():
        places = _places(frame, look.columns)
        series = _panels.marks(frame)
        labels = [*series, *paper_marks.names(frame)]
        figure, axes = _grid(frame, places, labels)
        for place, axis in zip(places, axes, strict=True):
            here = frame[(frame["row"] == place.row) & (frame["panel"] == place.panel)]
            _panel(axis, here, series, look)
            axis.set_ylim(*_limits(frame if look.shared else frame[frame["panel"] == place.panel], look))
            _title(axis, place, _titled(frame, places, place.line))
            if place.column == 0:
                axis.set_ylabel(look.ylabel)
            last = place.line == max(one.line for one in places if one.column == place.column)
            axis.set_xlabel(_below(here, last, axis.get_gridspec().ncols))
        handles = [*_panels.handles(series), *(paper_marks.handle() for _ in paper_marks.names(frame))]
        style.legend(figure, handles, labels, look.legend)
        style.tag(figure, list(frame["generated"]))
        return figure


def _places(frame: pd.DataFrame, columns: int) -> list[Place]:
    """Panels from left to right, row by row; a row with more panels than columns goes on below."""
    places, top = [], 0
    for row in frame["row"].unique():
        panels = list(frame.loc[frame["row"] == row, "panel"].unique())
        places += [
            Place(row, panel, top + at // columns, at % columns, at == 0 and bool(row))
            for at, panel in enumerate(panels)
        ]
        top = places[-1].line + 1
    return places


def _grid(frame: pd.DataFrame, places: list[Place], labels: list[str]) -> tuple[Figure, list[Axes]]:
    down, across = places[-1].line + 1, max(one.column for one in places) + 1
    width = style.WIDTH if across > 1 else 4.6
    titles = sum(LINE * sum(_titled(frame, places, line)) for line in range(down))
    height = HEIGHT + TURNED * bool(frame["x"].astype(str).str.len().max() > LONG)
    figure = style.blank(down * height + titles + 0.5 + style.legend_height(labels, width), width)
    grid = figure.add_gridspec(down, across)
    return figure, [figure.add_subplot(grid[one.line, one.column]) for one in places]


def _titled(frame: pd.DataFrame, places: list[Place], line: int) -> tuple[int, int]:
    """Lines of bold heading and of titles that a line of panels takes."""
    here = [one for one in places if one.line == line]
    heading = max(style.lines(_heading(one.row)) if one.headed else 0 for one in here)
    return heading, max(style.lines(_name(one.panel, len(here))) for one in here)


def _heading(row: str) -> str:
    return style.wrap(row, 95)


def _below(here: pd.DataFrame, last: bool, columns: int) -> str:
    """The text under a panel: n, and above it in the last panel of a column what the axis is."""
    said = [here["axis"].iloc[0], _n(here)] if last else [_n(here)]
    return "\n".join(style.wrap(text, 84 // max(columns, 2) - 2) for text in said)


def _name(panel: str, beside: int) -> str:
    return style.wrap(panel, 84 // max(beside, 2) - 3)


def _n(frame: pd.DataFrame) -> str:
    models = int(frame["n_models"].max())
    items = f"n = {style.count(frame['n_items'].min(), frame['n_items'].max())}"
    return items + (f", {models} models" if models > 1 else "")


def _title(axis: Axes, place: Place, room: tuple[int, int]) -> None:
    """The panel's name, and above it the bold heading of its row, for which empty lines make room."""
    heading, lines = room
    name = _name(place.panel, axis.get_gridspec().ncols)
    axis.set_title("\n" * heading + name, loc="left", fontsize=style.NORMAL)
    if place.headed:
        axis.annotate(
            _heading(place.row),
            *((0, 1), (0, 5 + 1.25 * style.NORMAL * lines)),
            xycoords="axes fraction",
            textcoords="offset points",
            fontweight="bold",
            va="bottom",
            in_layout=False,
        )


def _limits(frame: pd.DataFrame, look: Look) -> tuple[float, float]:
    """Vertical range of all that is drawn, with a margin; a line of reference is within it."""
    numbers = [frame[name] for name in ("value", "low", "high")]
    numbers += [frame["value"] - frame["spread"], frame["value"] + frame["spread"], paper_marks.numbers(frame)]
    found = pd.concat([*numbers, pd.Series(look.guides, dtype=float)]).dropna().clip(*look.limits)
    low, high = (float(found.min()), float(found.max())) if len(found) else look.limits
    margin = 0.07 * (high - low) or 0.05
    return low - margin, high + margin


def _panel(axis: Axes, frame: pd.DataFrame, series: dict[str, style.Mark], look: Look) -> None:
    named = frame["x"].astype(str).str.len().gt(0).all()
    for guide in look.guides:
        axis.axhline(guide, color=style.SOFT, linewidth=1.0, linestyle=(0, (4, 2)), zorder=1)
    shown = [name for name in series if name in set(frame["series"])]
    for at, name in enumerate(shown):
        rows = frame[(frame["series"] == name) & frame["value"].notna()].sort_values("position")
        away = at - (len(shown) - 1) / 2
        moved = rows.assign(position=rows["position"] + 0.5 / max(4, len(shown)) * away) if named else rows
        _line(axis, moved, series[name], look)
        ends = moved if named else rows.tail(1).assign(position=_right(frame, at))
        _bars(axis, ends, series[name], look)
        if paper_marks.shown(rows):
            paper_marks.upright(axis, moved, 0.06 if named else 0.0, series[name].marker)
    _ticks(axis, frame, named)
    _right_edge(axis, frame, len(shown), named)
    if look.percent:
        axis.yaxis.set_major_formatter(style.percent)
    axis.locator_params(axis="y", nbins=5)
    axis.grid(axis="y")


def _line(axis: Axes, rows: pd.DataFrame, mark: style.Mark, look: Look) -> None:
    """Dots, joined, with shades."""
    low, high = ((rows["value"] + sign * rows["spread"]).clip(*look.limits) for sign in (-1, 1))
    if rows["spread"].notna().any():
        axis.fill_between(rows["position"], low, high, color=mark.color, alpha=0.16, linewidth=0)
    axis.plot(
        rows["position"],
        rows["value"],
        color=mark.color,
        marker=mark.marker,
        markerfacecolor=mark.face,
        markersize=4.2,
        linestyle=mark.line if look.joined else "none",
    )


def _right(frame: pd.DataFrame, at: int) -> float:
    """Where the interval of the series number `at` stands, right of the last number of samples."""
    return frame["position"].max() * 2 ** (0.45 + 0.3 * at)


def _bars(axis: Axes, rows: pd.DataFrame, mark: style.Mark, look: Look) -> None:
    rows = rows.dropna(subset=["low", "high"])
    low, high = (rows[end].clip(*look.limits) for end in ("low", "high"))
    axis.vlines(rows["position"], low, high, mark.color, linewidth=1.3)
    axis.plot(rows["position"], rows["value"], linestyle="none", marker="_", markersize=4, color=mark.color)


def _right_edge(axis: Axes, frame: pd.DataFrame, shown: int, named: bool) -> None:
    if named:
        axis.set_xlim(frame["position"].min() - 0.5, frame["position"].max() + 0.5)
        return
    last = frame["position"].max()
    bars = frame["low"].notna().any()
    axis.set_xlim(frame["position"].min() / 1.25, _right(frame, shown - 1) * 1.2 if bars else last * 1.25)


def _ticks(axis: Axes, frame: pd.DataFrame, named: bool) -> None:
    if named:
        ticks = frame.groupby("position")["x"].first()
        long = ticks.str.len().max() > LONG
        turned = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if long else {}
        axis.set_xticks(list(ticks.index), list(ticks), **turned)
        return
    from matplotlib.ticker import NullLocator

    axis.set_xscale("log", base=2)
    numbers = sorted(frame["position"].unique())
    room = 6 if axis.get_gridspec().ncols <= 3 else 4
    kept = numbers[:: math.ceil(len(numbers) / room)]
    axis.set_xticks(kept, [f"{number:,.0f}" for number in kept])
    axis.xaxis.set_minor_locator(NullLocator())
