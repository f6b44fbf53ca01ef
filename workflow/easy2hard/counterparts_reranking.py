"""Which value of Sun et al. 2024 belongs to which row of ours: same choice of answer, N and test problems, and the
generator and evaluator of the paper that the config names beside ours (`Counterparts.generators`, `.evaluators`).

A name of ours is a generator or evaluator, or for one model of several `generator/model` and `evaluator/judge`.
"""

from __future__ import annotations

import pandas as pd

from easy2hard.counterparts import Counterparts

FREE = ("greedy", "majority", "pass_at_n")  # ways to choose that ask no evaluator
RULES = {"weighted": "prod", "best_of_n": "min"}  # the paper's aggregations (appendix L)


def reranked(rows: pd.DataFrame, published: pd.DataFrame, known: Counterparts) -> pd.DataFrame:
    """Every pair of a RERANKED row (by `row`, its position) and a published value (columns with `their_`).

    A way to choose without an evaluator (majority) is the same beside every evaluator. An evaluator's rows of another
    aggregation than the paper's have no counterpart, unless none is of the paper's (an outcome reward has no steps).
    """
    ours = _ours(rows, known)[_papers_rule(rows).to_numpy() & (rows["metric"] == "accuracy").to_numpy()]
    ours = ours.assign(their_evaluator=ours["their_evaluator"].mask(ours["method"].isin(FREE), ""))
    theirs = published[published["method"] != ""]
    theirs = theirs.assign(evaluator=theirs["evaluator"].mask(theirs["method"].isin(FREE), ""))
    return _joined(ours, theirs, ["method", "n", "test_on", "metric"])


def diagnosed(rows: pd.DataFrame, published: pd.DataFrame, known: Counterparts) -> pd.DataFrame:
    """Every pair of a DIAGNOSED row and a published value; the paper's are of the generator `SFT-7b`."""
    theirs = published[published["method"] == ""].drop(columns=["method", "n"]).assign(generator="SFT-7b")
    return _joined(_ours(rows, known), theirs, ["test_on", "metric"])


def _papers_rule(rows: pd.DataFrame) -> pd.Series:
    """Whether a row's step scores were aggregated as the paper's, or not at all."""
    fits = (rows["aggregation"] == rows["method"].map(RULES)) | rows["method"].isin(FREE)
    place = [rows[name] for name in ("reranking", "model", "evaluator", "judge", "method")]
    return fits | ~fits.groupby(place).transform("any")


def _ours(rows: pd.DataFrame, known: Counterparts) -> pd.DataFrame:
    return rows.assign(
        row=range(len(rows)),
        their_generator=_named(rows, "generator", "model", known.generators),
        their_evaluator=_named(rows, "evaluator", "judge", known.evaluators),
    )


def _joined(ours: pd.DataFrame, theirs: pd.DataFrame, shared: list[str]) -> pd.DataFrame:
    theirs = theirs.rename(columns={name: f"their_{name}" for name in theirs.columns if name not in shared})
    return ours.merge(theirs, on=["their_generator", "their_evaluator", *shared], how="inner", sort=False)


def _named(rows: pd.DataFrame, column: str, model: str, known: dict[str, str]) -> list[str]:
    """The paper's names; for an evaluator that has none a text that no name is."""
    pairs = zip(rows[column], rows[model], strict=True)
    return [known.get(f"{name}/{of}", known.get(name, "(none)")) for name, of in pairs]


def beside(rows: pd.DataFrame, found: pd.DataFrame, known: Counterparts) -> pd.DataFrame:
    """The rows with columns `counterparts.PAPER`: the first value of each in the order of the files, else NaN."""
    best = found.drop_duplicates("row").set_index("row").reindex(range(len(rows)))
    stand_in = rows["dataset"].isin(known.stand_ins).any()
    label = ("paper (real data)" if stand_in else "paper") if len(found) else ""
    missing = float("nan")
    return rows.assign(
        paper=best["their_value"].to_numpy(), paper_low=missing, paper_high=missing, paper_label=label
    )
