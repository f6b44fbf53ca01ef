"""Tables like those of Sun et al. 2024 (1, 9, 10) and of the gains over majority voting: one row a line, wide.

Every value is text with its interval, `41.2 [37.0, 45.5]`: percent, areas under a curve as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from easy2hard import reranked

if TYPE_CHECKING:
    from easy2hard.figure_tables import Tables

TESTS = ("easy", "hard", "all")
METRICS = ["step_accuracy", "outcome_accuracy", "step_auc", "outcome_auc"]
NONE = "–"


def generators(tables: Tables) -> pd.DataFrame:
    """Each generator greedy and by majority vote of every number of samples. Tables 1 and 9 of the paper.

    Columns: generator, problems (easy, hard, all), n, `greedy`, `majority of 16`, … in percent.
    """
    rows = tables.reranked
    rows = rows[(rows["metric"] == "accuracy") & rows["method"].isin(["greedy", "majority"])]
    rows = reranked.once(reranked.chosen(rows[rows["test_on"].isin(TESTS)], reranked.Choice()))
    rows = rows.sort_values(["method", "n"], kind="stable")
    votes = rows["n"].map("majority of {:,}".format).where(rows["method"] == "majority", "greedy")
    rows = rows.assign(generator=reranked.headings(tables, rows, "generator"), problems=rows["test_on"], column=votes)
    return _wide(rows, ["generator", "problems"], _percent)


def evaluators(tables: Tables) -> pd.DataFrame:
    """Accuracy and area under the ROC curve of each evaluator, over steps and solutions. Table 10 and Fig. 24.

    Columns: evaluator, problems, n (the most steps or solutions), then the metrics; of solutions by the last token.
    """
    rows = tables.diagnosed
    rows = rows[(rows["metric"] != "agreement") & (rows["other"] == "") & rows["test_on"].isin(TESTS)]
    rows = reranked.chosen(rows, reranked.Choice()).sort_values("metric", key=lambda names: names.map(METRICS.index))
    named = reranked.headings(tables, rows, "evaluator")
    rows = rows.assign(evaluator=named, problems=rows["test_on"], column=rows["metric"], n_items=rows["n"])
    return _wide(
        rows, ["evaluator", "problems"], lambda row: _area(row) if row.metric.endswith("auc") else _percent(row)
    )


def gains(tables: Tables) -> pd.DataFrame:
    """Each way to choose minus the majority of as many samples, at the largest number of samples, in points.

    Columns: evaluator, chosen by, n (all problems), easy, hard, all: with interval and p-value.
    """
    rows = tables.reranked
    rows = rows[(rows["metric"] == "minus_majority") & rows["test_on"].isin(TESTS)]
    rows = reranked.chosen(rows[rows["n"] == rows.groupby("reranking")["n"].transform("max")], reranked.Choice())
    rows = rows.sort_values("test_on", key=lambda names: names.map(TESTS.index), kind="stable")
    called = rows.assign(evaluator=rows["evaluator"].replace({"": "none"}))
    rule = rows["aggregation"].map(lambda name: f" ({name})" if name else "")
    way = rows["method"].map(reranked.METHODS) + rule + ", N = " + rows["n"].map("{:,}".format)
    named = reranked.headings(tables, called, "evaluator")
    rows = rows.assign(evaluator=named, chosen=way, column=rows["test_on"])
    return _wide(rows, ["evaluator", "chosen"], _points).rename(columns={"chosen": "chosen by"})


def _wide(rows: pd.DataFrame, index: list[str], said: Callable[[tuple], str]) -> pd.DataFrame:
    """A row a place of `index`, a column a `column`, in the order in which they first appear; n is the largest."""
    if rows.empty:
        return pd.DataFrame(columns=[*index, "n"])
    rows = rows.assign(text=[said(row) for row in rows.itertuples()])
    wide = rows.pivot(index=index, columns="column", values="text")[list(rows["column"].unique())].fillna(NONE)
    wide.insert(0, "n", rows.groupby(index)["n_items"].max().map("{:,}".format))
    found = wide.rename_axis(columns=None).reset_index()
    ranks = {name: {value: at for at, value in enumerate(rows[name].unique())} for name in index}
    ranks["problems"] = {name: at for at, name in enumerate(TESTS)}
    return found.sort_values(index, key=lambda column: column.map(ranks[column.name]), ignore_index=True)


def _percent(row: tuple) -> str:
    return _interval(*(100 * value for value in (row.value, row.low, row.high)), ".1f")


def _area(row: tuple) -> str:
    return _interval(row.value, row.low, row.high, ".3f")


def _points(row: tuple) -> str:
    found = _interval(*(100 * value for value in (row.value, row.low, row.high)), "+.1f")
    if pd.isna(row.p_value):
        return found
    return f"{found} p {'< 0.001' if row.p_value < 0.001 else f'= {row.p_value:.3f}'}"


def _interval(value: float, low: float, high: float, form: str) -> str:
    if pd.isna(value):
        return "undefined"
    text = f"{value:{form}}" + ("" if pd.isna(low) else f" [{low:{form}}, {high:{form}}]")
    return text.replace("-", "−")


TABLES: dict[str, Callable[[Tables], pd.DataFrame]] = {
    "generators": generators,
    "evaluators": evaluators,
    "gains": gains,
}
