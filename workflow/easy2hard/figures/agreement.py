"""How often evaluators and the final answer say the same of a solution (Sun 2024, Fig. 15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard import reranked
from easy2hard.figure_tables import Tables, distinct
from easy2hard.figures import _heat

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Agreement of evaluators"
CAPTION = (
    "Share of sampled solutions (in percent, with half its {level} bootstrap interval over problems) of which two "
    "say the same, right or wrong: two evaluators, or an evaluator and the final answer. An evaluator of steps "
    "calls a solution right where it gives every step more than one half, one of outcomes where it gives the last "
    "token more than one half. Darker is more agreement; where most solutions are wrong, two that call everything "
    "wrong agree too. n counts solutions."
)
SHOWS = "rerankings"
FINAL = "final_answer"
COLUMNS = ["panel", "y", "x", "value", "low", "high", "n_items", "n_seeds", "generated"]


class Options(reranked.Choice):
    """Which problems."""

    test_on: reranked.Bucket = "all"
    """Problems whose solutions are counted."""


def data(tables: Tables) -> pd.DataFrame:
    """One row a pair, once: panel (generator, model), y and x (evaluator or final answer), value."""
    shown = Options.model_validate(tables.options)
    rows = tables.diagnosed
    rows = reranked.chosen(rows[(rows["metric"] == "agreement") & (rows["test_on"] == shown.test_on)], shown)
    if shown.evaluators:
        rows = rows[rows["other"].isin([*shown.evaluators, FINAL])]
    rows = reranked.needed(rows, "agreement", f"agreement of evaluators on {shown.test_on} problems")
    order = [FINAL, *(shown.evaluators or sorted({*rows["evaluator"], *rows["other"]} - {FINAL}))]
    first, second = (rows[["evaluator", "other"]].map(order.index).agg(end, axis=1) for end in ("min", "max"))
    called = [_called(tables, name) for name in order]
    rows = rows.assign(
        panel=reranked.headings(tables, rows, "generator"),
        y=second.map(called.__getitem__),
        x=first.map(called.__getitem__),
        first=first,
        second=second,
        n_items=rows["n"],
        n_seeds=1,
        generated=reranked.flagged(tables, rows),
    )
    rows = rows.sort_values(["second", "first"], kind="stable")
    rows = rows.sort_values("panel", key=lambda names: names.map(list(names.unique()).index), kind="stable")
    return distinct(rows[COLUMNS].reset_index(drop=True), ["panel", "y", "x"])


def _called(tables: Tables, name: str) -> str:
    return "final answer" if name == FINAL else tables.label(name, "evaluator")


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _heat.draw(frame, _heat.Look("", "", _heat.interval))
