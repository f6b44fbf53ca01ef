"""Outcome and process reward model: trained on the examples of both (Sun 2024, §3.3)."""

from __future__ import annotations

import pandas as pd
from pydantic import Field

from easy2hard import seeds
from easy2hard.evaluators import orm, prm
from easy2hard.solutions import Format

TITLE = "OPRM"
OUTCOME_ONLY = False
OUTCOMES = True


class Options(orm.Options):
    """What an outcome and process reward model learns from, how it is trained and read."""

    outcome_share: float | None = Field(None, gt=0, lt=1)
    """Share of outcome examples among all, reached by leaving out some of the kind that is too many, at random. Null:
    all examples of both kinds. The paper does not tell its share."""


def label(
    samples: pd.DataFrame,
    grades: pd.DataFrame,
    items: pd.DataFrame,
    layout: Format,
    options: Options,
    seed: int,
    taught: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """LABELLED rows of the outcome and of the process reward model, in the stated shares.

    taught: published LABELLED rows. Where there are some, they are the step examples, as in the paper, and the samples
    give outcomes only.
    """
    outcome = orm.label(samples, grades, items, layout, options, seed)
    process = prm.label(samples, grades, items, layout, options, seed) if taught is None else taught
    if options.outcome_share is not None:
        odds = options.outcome_share / (1 - options.outcome_share)
        outcome = _at_most(outcome, round(len(process) * odds), seed, "outcome")
        process = _at_most(process, round(len(outcome) / odds), seed, "process")
    return pd.concat([outcome, process], ignore_index=True)


def _at_most(rows: pd.DataFrame, count: int, seed: int, kind: str) -> pd.DataFrame:
    chosen = seeds.generator(seed, "mix", kind).permutation(len(rows))[:count]
    return rows.iloc[sorted(chosen)]
