"""Grouped dots with intervals: panels side by side, groups down the page under bold row headings.

Dots on a horizontal scale need no turned labels, take names of any length and need not start at zero.
The columns of a frame are `_dots_data.COLUMNS`, or `n_models` in place of `n_seeds`; with a column `part`, rows where
it is `replicate` are strokes below the dot of their series, which comes before them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from easy2hard import paper_marks, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


SLOT, NOTE, LINE, HEAD = 0.125, 0.17, 0.145, 0.24  # inches: a dot, the line of n, a line of label, a heading


@dataclass(frozen=True)
class Band:
    """A strip of the vertical axis, in inches from the top: a heading or a group of dots."""

    row: str
    group: str | None
    top: float
    height: float
    slot: float = SLOT

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


@dataclass(frozen=True)
class Scale:
    """The horizontal axis."""

    label: str
    share: bool = True
    percent: bool = False
    limits: tuple[float, float] | None = None
    guides: tuple[float, ...] = ()


def draw(frame: pd.DataFrame, scale: Scale, legend_title: str) -> Figure:
    """The figure of a frame with `_dots_data.COLUMNS`; panels, rows, groups and series as they first appear."""
    with style.settings():
        bands, series, panels = _bands(frame), _series(frame), list(frame["panel"].unique())
        total = bands[-1].top + bands[-1].height
        figure = style.blank(total + 1.15 + style.legend_height([*series, *paper_marks.names(frame)], style.WIDTH))
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for axis, panel in zip(axes, panels, strict=True):
            _panel(axis, frame[frame["panel"] == panel], bands, series, scale, _limits(frame, panel, scale))
            axis.set_title(style.wrap(panel, round(66 / len(panels))), loc="left")
        _label_bands(axes[0], bands, total)
        _legend(figure, series, frame, legend_title)
        style.tag(figure, list(frame["generated"]))
        return figure


def _bands(frame: pd.DataFrame) -> list[Band]:
    """Strips from top to bottom; headings only where there is more than one row."""
    bands, top = [], 0.0
    below = paper_marks.shown(frame) or "part" in frame.columns
    slot = SLOT * (1.75 if below else 1.0)  # room for the paper's mark or the replicates below ours
    for row in frame["row"].unique():
        if row:
            bands.append(Band(row, None, top, HEAD + LINE * (style.lines(style.wrap(row, 30)) - 1)))
            top += bands[-1].height
        here = frame[frame["row"] == row]
        for group in here["group"].unique():
            slots = here.loc[here["group"] == group, "series"].nunique()
            height = max(slot * (slots + 0.4) + NOTE, LINE * style.lines(_folded(group)) + 0.08)
            bands.append(Band(row, group, top, height, slot))
            top += height
    return bands


def _folded(group: str) -> str:
    return style.wrap(group, 26)


def _series(frame: pd.DataFrame) -> dict[str, style.Mark]:
    """Mark of every series, by label."""
    names = frame[["series", "style"]].drop_duplicates("series")
    return {series: style.mark(kind, at) for at, (series, kind) in enumerate(names.itertuples(index=False))}


def _limits(frame: pd.DataFrame, panel: str, scale: Scale) -> tuple[float, float]:
    """Range of the axis: as given, else all dots and intervals with a margin (of every panel where shared)."""
    shown = frame if scale.share else frame[frame["panel"] == panel]
    numbers = shown.loc[shown["defined"], ["value", "low", "high"]].stack().dropna()
    numbers = pd.concat([numbers, paper_marks.numbers(shown)])
    low, high = (float(numbers.min()), float(numbers.max())) if len(numbers) else (0.0, 1.0)
    margin = 0.06 * (high - low) or 0.05
    low, high = low - margin, high + margin
    return (max(low, scale.limits[0]), min(high, scale.limits[1])) if scale.limits else (low, high)


def _panel(
    axis: Axes,
    frame: pd.DataFrame,
    bands: list[Band],
    series: dict[str, style.Mark],
    scale: Scale,
    limits: tuple[float, float],
) -> None:
    axis.set_xlim(*limits)
    axis.set_xlabel(scale.label)
    axis.grid(axis="x")
    axis.tick_params(axis="y", length=0)
    axis.locator_params(axis="x", nbins=5)
    if scale.percent:
        axis.xaxis.set_major_formatter(style.percent)
    for guide in scale.guides:
        axis.axvline(guide, color=style.SOFT, linewidth=1.0, linestyle=(0, (4, 2)), zorder=1)
    shaded = False
    for band in bands:
        shaded = not shaded if band.group is not None else False
        color = "#dedede" if band.group is None else style.BAND if shaded else "white"
        axis.axhspan(band.top, band.top + band.height, facecolor=color, linewidth=0, zorder=0)
        if band.group is not None:
            here = frame[(frame["row"] == band.row) & (frame["group"] == band.group)]
            _band(axis, here, band, series, limits)
            _note(axis, band, _n(here) if len(here) else "no data", color)


def _band(axis: Axes, frame: pd.DataFrame, band: Band, series: dict[str, style.Mark], limits: tuple) -> None:
    """Dots of one group from the top, above the line that states n."""
    shown = [name for name in series if name in set(frame["series"])]
    start = band.top + max(0.0, band.height - NOTE - band.slot * (len(shown) + 0.4)) / 2 + SLOT * 0.7
    for slot, name in enumerate(shown):
        rows, height = frame[frame["series"] == name], start + slot * band.slot
        row = rows.iloc[0]
        _dot(axis, row, height, series[name], limits)
        if "part" in frame.columns:
            strokes = rows.loc[rows["part"] == "replicate", "value"]
            _strokes(axis, strokes, height + 0.6 * SLOT, series[name], limits)
        if paper_marks.shown(frame):
            paper_marks.across(axis, row, height + 0.55 * SLOT, series[name].marker, limits)


def _strokes(axis: Axes, values: pd.Series, height: float, mark: style.Mark, limits: tuple[float, float]) -> None:
    """The replicates behind a mean, as upright strokes."""
    seen = values[values.between(*limits)]
    axis.plot(seen, [height] * len(seen), linestyle="none", marker="|", markersize=4.5, color=mark.color)


def _n(frame: pd.DataFrame) -> str:
    """`n = 587 × 5 seeds`; the smallest number of items where it differs between dots."""
    repeats = "models" if "n_models" in frame.columns else "seeds"
    low, high, seeds = int(frame["n_items"].min()), int(frame["n_items"].max()), int(frame[f"n_{repeats}"].max())
    items = f"n = {low:,}" if low == high else f"n ≥ {low:,}"
    return items + (f" × {seeds} {repeats}" if seeds > 1 else "")


def _note(axis: Axes, band: Band, text: str, ground: str) -> None:
    axis.text(
        0.985,
        band.top + band.height - NOTE / 2,
        text,
        transform=axis.get_yaxis_transform(),
        ha="right",
        va="center",
        fontsize=style.SMALL,
        color=style.SOFT,
        bbox={"facecolor": ground, "linewidth": 0, "pad": 0.8},
    )


def _dot(axis: Axes, row: pd.Series, height: float, mark: style.Mark, limits: tuple[float, float]) -> None:
    """A dot with its interval; an arrow where the interval leaves the axis; `undefined` in words."""
    look = {
        "color": mark.color,
        "markerfacecolor": mark.face,
        "marker": mark.marker,
        "markersize": mark.size,
        "markeredgewidth": 1.1,
        "linestyle": "none",
        "clip_on": False,
    }
    if not row["defined"] or pd.isna(row["value"]):
        axis.plot([0.03], [height], transform=axis.get_yaxis_transform(), **look)
        axis.text(
            0.065,
            height,
            "undefined",
            transform=axis.get_yaxis_transform(),
            va="center",
            style="italic",
            fontsize=style.SMALL,
        )
        return
    low, high = (value if pd.notna(value) else row["value"] for value in (row["low"], row["high"]))
    axis.plot([max(low, limits[0]), min(high, limits[1])], [height, height], color=mark.color, linewidth=1.5)
    for end, outside, arrow in ((limits[0], low < limits[0], "<"), (limits[1], high > limits[1], ">")):
        if outside:
            axis.plot([end], [height], marker=arrow, color=mark.color, markersize=4.5, clip_on=False)
    if limits[0] <= row["value"] <= limits[1]:
        axis.plot([row["value"]], [height], zorder=3, **look)


def _label_bands(axis: Axes, bands: list[Band], total: float) -> None:
    """Names of groups at the left, headings in bold; the page reads from the top."""
    labels = [style.wrap(band.row, 30) if band.group is None else _folded(band.group) for band in bands]
    axis.set_yticks([band.middle for band in bands], labels)
    for band, label in zip(bands, axis.get_yticklabels(), strict=True):
        label.set_fontweight("bold" if band.group is None else "normal")
    axis.set_ylim(total, 0)


def _legend(figure: Figure, series: dict[str, style.Mark], frame: pd.DataFrame, title: str) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            color=mark.color,
            marker=mark.marker,
            markerfacecolor=mark.face,
            markersize=mark.size,
            markeredgewidth=1.1,
            linewidth=1.5,
        )
        for mark in series.values()
    ]
    paper = paper_marks.names(frame)
    style.legend(figure, [*handles, *(paper_marks.handle() for _ in paper)], [*series, *paper], title)
