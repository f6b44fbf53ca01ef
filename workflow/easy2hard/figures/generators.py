"""Generators by themselves: greedy and by majority vote (Sun 2024, Tables 1 and 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard import reranked
from easy2hard.figure_tables import Tables, distinct, paper_columns
from easy2hard.figures import _dots, _dots_data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Generators without an evaluator"
CAPTION = (
    "Share of problems that each generator solves with its one greedy solution, and by majority vote over N sampled "
    "ones. Bars are {level} intervals of a bootstrap over problems, and over replicates where means over models are "
    "shown; generators on the same problems are compared better by the paired differences of the tables than by "
    "whether their bars overlap. n counts problems."
)
SHOWS = "rerankings"
OVERLAY = "Hollow black marks"


class Options(reranked.Choice):
    """Which votes."""

    numbers: list[int] = []
    """Numbers of samples of the majority votes; empty: the two largest of each re-ranking."""
    tests: list[reranked.Bucket] = ["easy", "hard", "all"]
    """Which problems, in order."""


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: panel (test problems), group (generator, model), series (greedy, majority of N)."""
    shown = Options.model_validate(tables.options)
    rows = tables.reranked
    rows = rows[(rows["metric"] == "accuracy") & rows["method"].isin(["greedy", "majority"])]
    rows = reranked.by_bucket(reranked.chosen(rows[_wanted(rows, shown.numbers)], shown), shown.tests)
    rows = reranked.needed(rows, "generators", f"greedy or majority accuracy on {', '.join(shown.tests)}")
    rows = reranked.once(reranked.beside(tables, rows))
    votes = rows["n"].map("majority of {:,}".format)
    rows = rows.assign(
        panel=rows["test_on"].map(reranked.tested),
        row="",
        group=reranked.headings(tables, rows, "generator"),
        series=votes.where(rows["method"] == "majority", rows["method"]),
        style=rows["method"].where(rows["method"] == "greedy", rows["n"].map("votes {}".format)),
        defined=rows["value"].notna(),
        generated=reranked.flagged(tables, rows),
    )
    panels = rows.sort_values("position")["panel"].unique()
    ways = rows.sort_values(["method", "n"])["style"].unique()
    rows = _dots_data.ordered(rows, {"panel": list(panels), "style": list(ways)})
    return distinct(rows[reranked.DOTS + paper_columns(rows)], ["panel", "row", "group", "series"])


def _wanted(rows: pd.DataFrame, numbers: list[int]) -> pd.Series:
    """Greedy rows, and majorities of these numbers of samples."""
    votes = rows["method"] == "majority"
    if numbers:
        return ~votes | rows["n"].isin(numbers)
    several = rows[votes].groupby("reranking")["n"].unique()
    largest = {name: sorted(found)[-2:] for name, found in several.items()}
    fits = [n in largest.get(name, ()) for name, n in zip(rows["reranking"], rows["n"], strict=True)]
    return ~votes | pd.Series(fits, index=rows.index)


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _dots.draw(frame, _dots.Scale("Problems solved", percent=True, limits=(0.0, 1.0)), "Decoding")
