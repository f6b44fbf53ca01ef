"""The paper's values beside ours: hollow black marks with thin intervals, and what legend and caption say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

NUMBERS = ["paper", "paper_low", "paper_high"]
CAPTION = (
    "{marks} are the values of Hase et al. (2024, arXiv 2401.06751 v1), on real data and with their 95% "
    "intervals where the paper gives them, for the same dataset, measure, method, training data and training size"
)
RERANKING = (
    "{marks} are the values of Sun et al. (2024, arXiv 2403.09472 v2), on the 500 test problems of MATH and without "
    "intervals, for the same way to choose an answer and number of samples, and for the generator and evaluator of the "
    "paper that the config names beside ours"
)
NONE = "The paper has no value for what is shown here"


def shown(frame: pd.DataFrame) -> bool:
    """Whether a figure's data have a value of the paper."""
    return "paper" in frame.columns and bool(frame["paper"].notna().any())


def numbers(frame: pd.DataFrame) -> pd.Series:
    """All values and ends of intervals of the paper, for the range of an axis."""
    return frame[NUMBERS].stack().dropna() if shown(frame) else pd.Series(dtype=float)


def names(frame: pd.DataFrame) -> list[str]:
    """What the marks are called in the legend; nothing where there are none."""
    return [str(frame.loc[frame["paper"].notna(), "paper_label"].iloc[0])] if shown(frame) else []


def caption(frame: pd.DataFrame, marks: str, said: str = CAPTION) -> str:
    """The sentence about the paper's values, shown as `marks`; empty where they were not asked for.

    said: what is said of the paper, `CAPTION` or `RERANKING`."""
    if "paper" not in frame.columns:
        return ""
    if not shown(frame):
        return f"{NONE}."
    name = names(frame)[0]
    other = "; here another dataset stands in, and training sizes may differ" if "real data" in name else ""
    return f"{said.format(marks=marks)} ({name}{other})."


def look(marker: str, size: float = 5.2) -> dict:
    """Keywords of a hollow mark."""
    return {
        "color": style.INK,
        "marker": marker,
        "markersize": size,
        "markerfacecolor": "white",
        "markeredgewidth": 0.9,
        "linestyle": "none",
    }


def handle() -> Line2D:
    """The mark of the legend."""
    from matplotlib.lines import Line2D

    return Line2D([], [], **{**look("o"), "linestyle": "-", "linewidth": 0.8})


def across(axis: Axes, row: pd.Series, height: float, marker: str, limits: tuple[float, float]) -> None:
    """A mark with a horizontal interval; nothing where the paper has no value or it lies outside the axis."""
    if pd.isna(row["paper"]) or not limits[0] <= row["paper"] <= limits[1]:
        return
    if pd.notna(row["paper_low"]):
        ends = [max(row["paper_low"], limits[0]), min(row["paper_high"], limits[1])]
        axis.plot(ends, [height, height], color=style.INK, linewidth=0.8)
    axis.plot([row["paper"]], [height], zorder=4, clip_on=False, **look(marker))


def upright(axis: Axes, rows: pd.DataFrame, shift: float, marker: str) -> None:
    """Marks with vertical intervals at `position`, moved sideways by `shift`."""
    rows = rows[rows["paper"].notna()]
    bars = rows[rows["paper_low"].notna()]
    axis.vlines(bars["position"] + shift, bars["paper_low"], bars["paper_high"].clip(upper=1), style.INK, linewidth=0.8)
    axis.plot(rows["position"] + shift, rows["paper"], zorder=4, **look(marker, 4.6))
