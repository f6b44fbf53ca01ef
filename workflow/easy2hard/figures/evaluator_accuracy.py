"""How well evaluators tell right steps and right solutions from wrong ones (Sun 2024, Table 10 and Fig. 24)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from easy2hard import reranked
from easy2hard.figure_tables import Tables, distinct, paper_columns
from easy2hard.figures import _dots, _dots_data, _matrix

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "What evaluators recognise"
CAPTION = (
    "Accuracy: share of steps and of whole solutions that an evaluator calls right or wrong as they are (right "
    "where its probability is above one half). AUC: area under the ROC curve, the chance that a right one scores "
    "above a wrong one, which no threshold changes; one half is guessing. For accuracy it is not: always saying the "
    "more frequent of right and wrong may exceed one half. A solution's score is that at its last token unless an "
    "aggregation of step scores was chosen. Steps after the first wrong one are not counted. Bars are {level} "
    "bootstrap intervals over problems. n counts steps or solutions (the fewest, where dots differ)."
)
SHOWS = "rerankings"
OVERLAY = "Hollow black marks"
PANELS = {
    "step_accuracy": "Steps: accuracy",
    "outcome_accuracy": "Solutions: accuracy",
    "step_auc": "Steps: AUC",
    "outcome_auc": "Solutions: AUC",
}


class Options(reranked.Choice):
    """By buckets of hardness as dots, or by values of the measure as lines."""

    by: Literal["bucket", "value"] = "bucket"
    """`bucket`: easy, hard and all; `value`: every value of the hardness measure, as lines."""
    solution: Literal["last_token", "prod", "min", "max", "mean", "mean_logit", "mean_odd", "last"] = "last_token"
    """Score of a whole solution: at its last token, for all alike, or an aggregation of its step scores where there
    is one."""
    tests: list[reranked.Bucket] = ["easy", "hard", "all"]
    """Which problems, in order, where they are buckets."""


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: panel (metric), group (evaluator) and series (problems), or series (evaluator) and x (value)."""
    shown = Options.model_validate(tables.options)
    rows = tables.diagnosed
    rows = _scored(reranked.chosen(rows[rows["metric"].isin(PANELS)], shown), shown.solution)
    rows = reranked.by_value(tables, rows) if shown.by == "value" else reranked.by_bucket(rows, shown.tests)
    rows = reranked.needed(rows, "evaluator_accuracy", f"{' or '.join(PANELS)} of an evaluator")
    rows = reranked.beside(tables, rows)
    rows = rows.assign(
        panel=rows["metric"].map(PANELS),
        generated=reranked.flagged(tables, rows),
        name=reranked.headings(tables, rows, "evaluator"),
        n_items=rows["n"],
    )
    return _lines(rows) if shown.by == "value" else _grouped(rows)


def _scored(rows: pd.DataFrame, solution: str) -> pd.DataFrame:
    """Rows of steps, and those of solutions by the score asked for; by the last token's where an evaluator lacks it."""
    asked = rows["other"] == ("" if solution == "last_token" else solution)
    place = [rows[name] for name in (*reranked.PLACE, "evaluator", "judge", "metric")]
    known = asked.groupby(place).transform("any")
    return rows[asked | (~known & (rows["other"] == ""))]


def _grouped(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.assign(
        row="",
        group=rows["name"],
        series=rows["test_on"].map(reranked.tested),
        style=rows["test_on"],
        n_seeds=1,
        defined=rows["value"].notna(),
    )
    tests = rows.sort_values("position")["style"].unique()
    rows = _dots_data.ordered(rows, {"panel": list(PANELS.values()), "style": list(tests)})
    rows = rows[_dots_data.COLUMNS + paper_columns(rows)]
    return distinct(rows, ["panel", "row", "group", "series"])


def _lines(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.assign(row="", series=rows["name"], style="", spread=float("nan"), n_models=1)
    order = rows["panel"].map(list(PANELS.values()).index)
    rows = rows.assign(order=order).sort_values(["order", "series", "position"], kind="stable")
    rows = rows[_matrix.COLUMNS + paper_columns(rows)].reset_index(drop=True)
    return distinct(rows, ["panel", "series", "position"])


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    if "position" in frame.columns:
        return _matrix.draw(frame, _matrix.Look("Share or area", "Evaluator", columns=2, percent=False))
    return _dots.draw(frame, _dots.Scale("Share or area", limits=(0.0, 1.0)), "Tested on")
