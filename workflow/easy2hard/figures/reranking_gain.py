"""What re-ranking adds to majority voting, problem by problem, with controls (the headline of Sun 2024, Fig. 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd
from pydantic import Field

from easy2hard import reranked
from easy2hard.figure_tables import Tables, distinct
from easy2hard.figures import _dots, _dots_data, _matrix

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Gain over majority voting"
CAPTION = (
    "Problems solved minus those that majority voting over the same samples solves, so that zero (dashed) is "
    "majority voting itself. The difference is paired by problem. Bars are {level} intervals of a bootstrap over "
    "problems, and over replicates where means over models are shown; strokes below a bar are the single "
    "replicates. A gain is resolved where its bar does not cross zero. The random pick is a control: it takes any "
    "sample with an answer, whatever evaluators say, and shows what choosing without knowledge costs. All samples "
    "drawn are used unless the axis says another N. n counts problems."
)
SHOWS = "rerankings"
CONTROL = "No evaluator"


class Options(reranked.Shown):
    """Which gains."""

    by: Literal["bucket", "value", "subject"] = "bucket"
    """`bucket`: easy, hard and all side by side; `value`, `subject`: every one of the hardness measure, as lines."""
    methods: list[reranked.Method] = ["random", "weighted", "best_of_n"]
    """Ways to choose an answer, in the order of the legend."""
    tests: list[reranked.Bucket] = ["easy", "hard", "all"]
    """Which problems, in order, where they are buckets."""
    n: int | None = Field(default=None, ge=1)
    """Number of samples; by default the largest of each re-ranking."""


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: panel (problems), group (evaluator), series (method); or as lines: panel (evaluator), x."""
    shown = Options.model_validate(tables.options)
    rows = tables.reranked
    rows = rows[(rows["metric"] == "minus_majority") & rows["method"].isin(shown.methods)]
    rows = rows[rows["n"] == (shown.n or rows.groupby("reranking")["n"].transform("max"))]
    rows = reranked.needed(rows, "reranking_gain", f"minus_majority of {', '.join(shown.methods)}")
    rows = reranked.one_aggregation(rows, shown)
    return _grouped(tables, rows, shown) if shown.by == "bucket" else _lines(tables, rows, shown)


def _named(tables: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with what tells their evaluators apart in `name`, and series by method."""
    called = rows.assign(evaluator=rows["evaluator"].replace({"": CONTROL}))
    return reranked.series(rows).assign(
        name=reranked.headings(tables, called, "evaluator"), generated=reranked.flagged(tables, rows)
    )


def _grouped(tables: Tables, rows: pd.DataFrame, shown: Options) -> pd.DataFrame:
    rows = reranked.by_bucket(rows, shown.tests)
    main = reranked.needed(reranked.chosen(rows, shown), "reranking_gain", "results on these problems")
    main = _named(tables, main)
    rows = pd.concat([main.assign(part="mean"), _replicates(main, rows)], ignore_index=True)
    rows = rows.assign(
        panel=[f"{reranked.tested(name)}, N = {n:,}" for name, n in zip(rows["test_on"], rows["n"], strict=True)],
        row="",
        group=rows["name"],
        defined=rows["value"].notna(),
    )
    panels = rows.sort_values("position")["panel"].unique()
    ways = rows.sort_values("order")["style"].unique()
    rows = _dots_data.ordered(rows, {"panel": list(panels), "style": list(ways)})
    rows = rows[[*reranked.DOTS, "part", "model"]]
    return distinct(rows, ["panel", "row", "group", "series", "part", "model"])


def _replicates(main: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The single models behind the means, named as these, without their own intervals."""
    place = ["reranking", "dataset", "generator", "evaluator", "method", "aggregation", "test_on", "n"]
    shared = ["name", "series", "style", "order", "generated"]
    named = main.loc[main["model"] == reranked.MEAN, [*place, "judge", *shared]].rename(columns={"judge": "role"})
    single = rows[rows["model"] != reranked.MEAN].merge(named, on=place)
    own = (single["role"] == reranked.MEAN) & (single["judge"] == single["model"])  # each by its own model's evaluator
    single = single[own | (single["judge"] == single["role"])]
    return single.assign(part="replicate", low=float("nan"), high=float("nan"))


def _lines(tables: Tables, rows: pd.DataFrame, shown: Options) -> pd.DataFrame:
    rows = reranked.chosen(rows, shown)
    rows = reranked.by_value(tables, rows) if shown.by == "value" else reranked.by_subject(rows)
    rows = reranked.needed(rows, "reranking_gain", f"results by {shown.by}")
    rows = _named(tables, reranked.repeated(rows))
    panel = [f"{name}, N = {n:,}" for name, n in zip(rows["name"], rows["n"], strict=True)]
    rows = rows.assign(row="", panel=panel, spread=float("nan")).sort_values(["order", "position"], kind="stable")
    return distinct(rows[_matrix.COLUMNS].reset_index(drop=True), ["panel", "series", "position"])


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    label = "Solved minus majority vote"
    if "position" in frame.columns:
        look = _matrix.Look(label, "Answer chosen by", guides=(0.0,), limits=(-1.0, 1.0), shared=True)
        return _matrix.draw(frame, look)
    scale = _dots.Scale(label, percent=True, limits=(-1.0, 1.0), guides=(0.0,))
    return _dots.draw(frame, scale, "Answer chosen by")
