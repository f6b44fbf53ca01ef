"""Which published value belongs to which of our results: same dataset, measure, method, training set, size and test.

The unsupervised model is the same for every method. A value that the paper gives without a measure (Table 4) belongs to
every measure. Where our model is none of the paper's, its main model stands in, and `same_model` is False. Values of
runs with label noise belong to no row without a `noise` column that says the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from easy2hard.published import MAIN_MODEL
from easy2hard.strict import Strict

PAPER = ["paper", "paper_low", "paper_high", "paper_label"]
CONDITION = "unsupervised"
GRADES = {"value_3": "easy", "value_8": "hard"}  # of the training set of third and eighth grade
BINNED = -2.0  # no measure has such a value


class Counterparts(Strict):
    """The paper's names of ours; what is not named has no counterpart."""

    datasets: dict[str, str] = {}
    """Dataset of the paper (`arc_all` for the training set of third grade) by name of ours."""
    methods: dict[str, str] = {}
    """Method plug-in by name of ours."""
    models: dict[str, str] = {}
    """Model of the paper by name of ours; the others are compared with its main model."""
    stand_ins: list[str] = []
    """Datasets of ours that are another (a generated world beside a real dataset); training sizes may differ there."""
    recut: list[str] = []
    """`dataset/measure` of ours whose easy, medium and hard are not the paper's."""
    generators: dict[str, str] = {}
    """Generator of the second paper by name of ours (`generator`, or `generator/model`)."""
    evaluators: dict[str, str] = {}
    """Evaluator of the second paper by name of ours (`evaluator`, or `evaluator/judge`)."""


@dataclass(frozen=True)
class Match:
    """Rows of ours beside published values: columns of ours, those of the paper with `their_`, and `same_model`."""

    rows: pd.DataFrame
    item: str = ""
    """Figure or table of the paper whose own values go first."""

    def best(self) -> pd.DataFrame:
        """One published value a row of ours (by `row`): of the item asked for, with an interval, printed, the first."""
        own = self.rows["their_item"].str.split("/").str[0] == self.item
        bare, measured = self.rows["their_low"].isna(), self.rows["their_read"] != "printed"
        order = self.rows.assign(other=~own, bare=bare, measured=measured)
        order = order.sort_values(["row", "other", "bare", "measured", "their_line"], kind="stable")
        return order.drop_duplicates("row").set_index("row")


def results(rows: pd.DataFrame, published: pd.DataFrame, known: Counterparts) -> Match:
    """RESULTS rows beside published accuracies and SGR; `row` is the position in `rows`."""
    return _match(rows.assign(at_value=float("nan")), published, known)


def by_value(rows: pd.DataFrame, published: pd.DataFrame, known: Counterparts) -> Match:
    """ACCURACY_BY_VALUE rows of single values (not of bins) beside published ones."""
    rows = rows.assign(
        at_value=rows["value_low"].where(rows["value_low"] == rows["value_high"], BINNED),
        test_on="value",
        metric="accuracy",
        value=rows["accuracy"],
        train_dataset=rows["dataset"],
    )
    return _match(rows, published, known)


def correlations(rows: pd.DataFrame, published: pd.DataFrame, known: Counterparts) -> Match:
    """CORRELATIONS rows of the main items beside published ones; a pair of measures has no order."""
    theirs = _prefixed(published[published["metric"] == "spearman"])
    theirs["pair"] = _pairs(theirs["their_measure"], theirs["their_measure_b"])
    ours = rows.assign(
        row=range(len(rows)),
        their_dataset=_named(rows["dataset"], known.datasets),
        pair=_pairs(rows["measure_a"], rows["measure_b"]),
        same_model=True,
    )
    ours = ours[(ours["part"] == "main") & (ours["measure_a"] != ours["measure_b"])]
    return Match(ours.merge(theirs, on=["their_dataset", "pair"]))


def _named(names: pd.Series, known: dict[str, str]) -> list[str]:
    """The paper's names; empty for those without one."""
    return [known.get(name, "") for name in names]


def _conditions(rows: pd.DataFrame, known: Counterparts) -> list[str]:
    """Training conditions; single grades of the training set from which both are drawn, by their names there."""
    graded = [known.datasets.get(name) == "arc_all" for name in rows["train_dataset"]]
    return [GRADES.get(name, name) if here else name for name, here in zip(rows["condition"], graded, strict=True)]


def _pairs(first: pd.Series, second: pd.Series) -> list[str]:
    return ["~".join(sorted(pair)) for pair in zip(first, second, strict=True)]


def _prefixed(published: pd.DataFrame) -> pd.DataFrame:
    return published.rename(columns={name: f"their_{name}" for name in published.columns})


def _match(rows: pd.DataFrame, published: pd.DataFrame, known: Counterparts) -> Match:
    ours = rows.assign(
        row=range(len(rows)),
        their_dataset=_named(rows["dataset"], known.datasets),
        condition=_conditions(rows, known),
        trained=_named(rows["train_dataset"], known.datasets),
        way=_named(rows["method"], known.methods),
        like=[known.models.get(name, MAIN_MODEL) for name in rows["model"]],
        same_model=rows["model"].isin(list(known.models)),
        apart=rows["dataset"].isin(known.stand_ins),
        loud=rows["noise"] if "noise" in rows.columns else 0.0,
    )
    recut = (ours["dataset"] + "/" + ours["measure"]).isin(known.recut) & (ours["test_on"] != "all")
    ours = ours[(ours["part"] == "main") & ~recut] if "part" in ours.columns else ours[~recut]
    theirs = _prefixed(published[published["metric"] != "spearman"])
    keys = {"condition": "their_condition", "test_on": "their_test_on", "metric": "their_metric"}
    joined = ours.merge(
        theirs, left_on=["their_dataset", *keys], right_on=["their_dataset", *keys.values()], how="inner", sort=False
    )
    return Match(joined[_fits(joined)].reset_index(drop=True))


def _fits(joined: pd.DataFrame) -> pd.Series:
    """Whether a published value belongs to the row of ours that it was joined to."""
    free = joined["condition"] == CONDITION
    same_at = joined["at_value"].fillna(-1) == joined["their_at_value"].fillna(-1)
    same_size = (joined["size"] == joined["their_size"]) | joined["their_size"].isna() | joined["apart"]
    return (
        (joined["like"] == joined["their_model"])
        & (free | (joined["way"] == joined["their_method"]))
        & (free | (joined["trained"] == joined["their_train_dataset"]))
        & ((joined["measure"] == joined["their_measure"]) | (joined["their_measure"] == ""))
        & (joined["loud"] == joined["their_noise"])
        & same_at
        & (same_size | free)
    )


def beside(rows: pd.DataFrame, match: Match, known: Counterparts) -> pd.DataFrame:
    """The rows with columns `PAPER`: value and interval of the best match (NaN for none) and one label for all."""
    best = match.best()
    columns = {"paper": "their_value", "paper_low": "their_low", "paper_high": "their_high"}
    found = best.reindex(range(len(rows)))
    values = {name: found[column].to_numpy() for name, column in columns.items()}
    return rows.assign(**values, paper_label=label(best, known) if len(best) else "")


def label(found: pd.DataFrame, known: Counterparts) -> str:
    """What the paper's marks are called in a legend."""
    real = "paper (real data)" if found["dataset"].isin(known.stand_ins).any() else "paper"
    if found["their_model"].eq("").all() or found["same_model"].all():
        return real
    return f"{real}, {MAIN_MODEL}" if not found["same_model"].any() else f"{real}, same model or {MAIN_MODEL}"
