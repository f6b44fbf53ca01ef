"""RERANKED and DIAGNOSED rows for figures and tables: which rows, in which order, what a reader should call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from easy2hard import counterparts_reranking, published_reranking
from easy2hard.config_reranking import Aggregation
from easy2hard.errors import UserError
from easy2hard.figure_tables import require
from easy2hard.strict import Strict

if TYPE_CHECKING:
    from easy2hard.figure_tables import Tables

MEAN = "*"  # model: the mean over replicates
PLACE = ["reranking", "dataset", "generator", "model"]
METHODS = {
    "greedy": "greedy",
    "sampled": "one sample",
    "random": "random pick",
    "majority": "majority vote",
    "weighted": "weighted voting",
    "best_of_n": "best-of-N",
    "pass_at_n": "pass@N",
}
Method = Literal["greedy", "sampled", "random", "majority", "weighted", "best_of_n", "pass_at_n"]
SAMPLES = "Samples a problem (N)"


Bucket = Literal["easy", "medium", "hard", "all"]
DOTS = [
    *("panel", "row", "group", "series", "style", "value", "low", "high", "defined"),
    *("n_items", "n_models", "generated"),
]


class Choice(Strict):
    """Options of every figure of a re-ranking: which of the rows."""

    models: Literal["mean", "each"] = "mean"
    """`mean`: the mean over replicates where the models of a re-ranking are some; `each`: every model by itself."""
    evaluators: list[str] = []
    """Names of evaluators shown, in order; empty: all, by name."""


class Shown(Choice):
    """Options of figures of one aggregation a method."""

    weighted: Aggregation = "prod"
    """Aggregation of step scores for weighted voting, where several were computed."""
    best_of_n: Aggregation = "min"
    """Aggregation of step scores for best-of-N, where several were computed."""


def chosen(rows: pd.DataFrame, shown: Choice) -> pd.DataFrame:
    """Rows of the evaluators and models asked for; evaluators in the order asked for, those without one first."""
    if shown.evaluators:
        order = ["", *shown.evaluators]
        rows = rows[rows["evaluator"].isin(order)]
        rows = rows.sort_values("evaluator", key=lambda names: names.map(order.index), kind="stable")
    mean = rows["model"] == MEAN
    if shown.models == "each":
        return rows[~mean]
    averaged = mean.groupby(rows["reranking"]).transform("max").astype(bool)
    return rows[mean | ~averaged]


def by_bucket(rows: pd.DataFrame, tests: list[str]) -> pd.DataFrame:
    """Rows tested on these, with `position` (rank)."""
    rows = rows[rows["test_on"].isin(tests)]
    return rows.assign(position=rows["test_on"].map(tests.index) + 0.0)


def by_value(tables: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of single values of the measure, with `position` (rank of the value), `x` and `axis` (the measure)."""
    rows = rows[rows["test_on"].str.startswith("value ")]
    value = rows["test_on"].str.removeprefix("value ").astype(float)
    return rows.assign(
        position=value.rank(method="dense"),
        x=value.map("{:g}".format),
        axis=[tables.label(name, "measure") for name in rows["measure"]],
    )


def by_subject(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of single subjects, with `position` (alphabetical), `x` and `axis`."""
    rows = rows[rows["test_on"].str.startswith("subject ")]
    name = rows["test_on"].str.removeprefix("subject ")
    return rows.assign(position=name.rank(method="dense"), x=name, axis="Subject")


def one_aggregation(rows: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    """Rows of one aggregation a method and evaluator: the one asked for, else its only one (an outcome has none)."""
    asked = rows["method"].map({"weighted": shown.weighted, "best_of_n": shown.best_of_n})
    place = [*PLACE, "evaluator", "judge", "method"]
    fits = rows["aggregation"] == asked
    known = fits.groupby([rows[name] for name in place]).transform("any")
    kept = rows[fits | ~known]
    several = kept.groupby(place)["aggregation"].nunique()
    if (several > 1).any():
        evaluator, method = several[several > 1].index[0][-3], several[several > 1].index[0][-1]
        raise UserError(
            f"figure: method '{method}' of evaluator '{evaluator}' was computed with several aggregations, "
            f"none of them '{shown.weighted if method == 'weighted' else shown.best_of_n}'; say which to show"
        )
    return kept


def repeated(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with an evaluator, and those without one (majority, pass@N) repeated for every evaluator of their place."""
    judged = rows[rows["evaluator"] != ""]
    if judged.empty:
        return rows
    keys = judged[[*PLACE, "evaluator", "judge"]].drop_duplicates()
    free = keys.merge(rows[rows["evaluator"] == ""].drop(columns=["evaluator", "judge"]), on=PLACE)
    return pd.concat([judged, free[list(rows.columns)]], ignore_index=True)


def once(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows without the same result of another re-ranking of the same samples."""
    names = ["dataset", "generator", "model", "method", "test_on", "n", "value", "low", "high", "n_items"]
    return rows.drop_duplicates(names)


def headings(tables: Tables, rows: pd.DataFrame, *always: str) -> list[str]:
    """What tells rows apart: the columns `always`, then generator, model and judge where they vary, then dataset and
    re-ranking where nothing else does."""
    rows = rows.assign(model=_models(tables, rows), judge=_judges(tables, rows))
    columns = [*always, *(name for name in tables.varying(rows, "generator", "model") if name not in always), "judge"]
    for name in ("dataset", "reranking"):
        found = pd.Series(tables.titles(rows, *columns), index=rows.index)
        if rows[name].groupby(found).nunique().max() > 1:
            columns.append(name)
    return tables.titles(rows, *columns)


def evaluator_names(tables: Tables, rows: pd.DataFrame) -> list[str]:
    """The evaluator, and the model it was trained from where that is not the generator's."""
    named = rows.assign(judge=_judges(tables, rows))
    return tables.titles(named, "evaluator", "judge")


def _models(tables: Tables, rows: pd.DataFrame) -> list[str]:
    """Models as a reader should see them."""
    count = rows["n_models"] if "n_models" in rows.columns else [0] * len(rows)
    return [
        tables.label(name, "model") if name != MEAN else f"mean of {of:,} models" if of else "mean of the models"
        for name, of in zip(rows["model"], count, strict=True)
    ]


def _judges(tables: Tables, rows: pd.DataFrame) -> list[str]:
    """The model an evaluator was trained from, where it is not the generator's."""
    return [
        f"evaluator from {tables.label(judge, 'model')}" if judge not in ("", model) else ""
        for judge, model in zip(rows["judge"], rows["model"], strict=True)
    ]


def series(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with `series` and `style` by method, in the order of METHODS; the aggregation is said where there is one."""
    used = rows.groupby("method")["aggregation"].agg(lambda found: ", ".join(sorted(set(found) - {""})))
    names = {name: METHODS[name] + (f" ({used[name]})" if used[name] else "") for name in used.index}
    order = rows["method"].map(list(METHODS).index)
    return rows.assign(series=rows["method"].map(names), style=rows["method"], order=order)


def title(method: str) -> str:
    """`Majority vote`: a method at the beginning of a heading."""
    return METHODS[method][0].upper() + METHODS[method][1:]


def tested(name: str) -> str:
    """`Hard problems`."""
    return f"{name.capitalize()} problems"


def flagged(tables: Tables, rows: pd.DataFrame) -> pd.Series:
    """Whether each row is of a generated world."""
    return rows["dataset"].map(tables.is_generated).astype(bool)


def needed(rows: pd.DataFrame, figure: str, needs: str) -> pd.DataFrame:
    """The rows, or a UserError where there are none."""
    return require(rows, figure, f"{needs} in the tables of re-ranking")


def beside(tables: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of RERANKED or DIAGNOSED with the second paper's values, where asked for."""
    if not tables.paper_paths:
        return rows
    rows, known = rows.reset_index(drop=True), tables.spec.counterparts
    match = counterparts_reranking.reranked if "method" in rows.columns else counterparts_reranking.diagnosed
    return counterparts_reranking.beside(rows, match(rows, published_reranking.read(tables.paper_paths), known), known)
