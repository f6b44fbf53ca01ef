"""Hard problems on which majority and weighted voting disagree, by a rule and not by taste (Sun 2024, Figs. 22, 23).

A problem has a case where both ways to vote have one clear winner, and one of the winners is right and the other wrong.
Which of the cases are shown is drawn at random from the seed, so that nobody picks the nicest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from easy2hard import aggregations, seeds
from easy2hard.config_reranking import Aggregation, Count
from easy2hard.errors import UserError
from easy2hard.strict import Strict

KEY = ["item_id", "sample"]
TIE = 1e-9  # sums nearer to each other than this share are a tie, as in `voting`
GAINED, LOST = "gained", "lost"  # by weighted voting


class Spec(Strict):
    """What a page of case studies is of, and how much it shows."""

    title: str
    """Title of the re-ranking."""
    generator: str
    """Title of the generator that wrote the solutions."""
    evaluator: str
    """Title of the evaluator that scored them."""
    dataset: str
    """Title of the dataset of the problems."""
    generated: bool
    """Whether the problems are of a generated world."""
    format: str | dict
    """Solution format, as in the config."""
    reads: Literal["steps", "outcome"]
    """`steps`: scores of steps are aggregated to weights; `outcome`: the score at the last token is the weight."""
    aggregation: Aggregation = "prod"
    """Aggregation of step scores."""
    bucket: Literal["easy", "medium", "hard"] = "hard"
    """Bucket of the problems."""
    cases: Count = 3
    """Problems shown of each kind, at most."""
    answers: Annotated[int, Field(ge=2)] = 4
    """Answers of a problem that are listed, at most."""
    solutions: Count = 2
    """Solutions shown with their steps an answer, the best-scored first, at most."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the draw."""


@dataclass(frozen=True)
class Case:
    """A problem. answers: one row a class of equivalent answers, most votes first (answer, correct, votes, score,
    cluster). samples: its rows with text, grades, scores and `weight`."""

    item: pd.Series
    answers: pd.DataFrame
    samples: pd.DataFrame


@dataclass(frozen=True)
class Kind:
    """All problems of one kind: how many there are, and the cases shown."""

    name: str
    count: int
    cases: list[Case]


def weights(samples: pd.DataFrame, spec: Spec) -> np.ndarray:
    """(samples,) score of each solution; 0 where it has none. samples: with the columns of SCORES."""
    if spec.reads == "outcome":
        logs = aggregations.log_sigmoid(samples["outcome_logit"].to_numpy(dtype=np.float64))
        return np.nan_to_num(np.exp(logs), nan=0.0)
    return np.nan_to_num(aggregations.scores(list(samples["step_logits"]), spec.aggregation), nan=0.0)


def answers(samples: pd.DataFrame) -> pd.DataFrame:
    """One row a problem and class of equivalent answers, most votes first; samples without an answer have no row."""
    known = samples[samples["cluster"] >= 0].sort_values(KEY)
    found = known.groupby(["item_id", "cluster"], as_index=False).agg(
        answer=("answer", "first"), correct=("correct", "first"), votes=("sample", "size"), score=("weight", "sum")
    )
    return found.sort_values(["item_id", "votes", "score"], ascending=[True, False, False], kind="stable")


def winner(answers: pd.DataFrame, by: str) -> bool | None:
    """Whether the answer with most of `by` is right; None where several have as much."""
    ranked = answers.sort_values(by, ascending=False, kind="stable")
    if len(ranked) > 1 and ranked[by].iloc[0] - ranked[by].iloc[1] <= TIE * ranked[by].iloc[0]:
        return None
    return bool(ranked["correct"].iloc[0])


def kinds(items: pd.DataFrame, samples: pd.DataFrame, spec: Spec) -> tuple[int, list[Kind]]:
    """Number of problems with an answer, and the kinds of cases among them. samples: with `weight`; items: ITEMS rows.

    Raises UserError where no problem of these items has a sample with an answer.
    """
    tables = dict(list(answers(samples[samples["item_id"].isin(items["item_id"])]).groupby("item_id")))
    if not tables:
        raise UserError(f"case studies: no {spec.bucket} problem has a sample with an answer")
    verdicts = {name: (winner(table, "votes"), winner(table, "score")) for name, table in tables.items()}
    wanted = {GAINED: (False, True), LOST: (True, False)}
    found = {kind: sorted(name for name, own in verdicts.items() if own == pair) for kind, pair in wanted.items()}
    rows, own = items.set_index("item_id", drop=False), dict(list(samples.groupby("item_id")))
    return len(tables), [
        Kind(kind, len(names), [Case(rows.loc[name], tables[name], own[name]) for name in _drawn(names, kind, spec)])
        for kind, names in found.items()
    ]


def _drawn(names: list[str], kind: str, spec: Spec) -> list[str]:
    random = seeds.generator(spec.seed, "case studies", kind)
    return [names[at] for at in sorted(random.permutation(len(names))[: spec.cases])]
