"""Outcome reward model: whole solutions, labelled by their final answer (Sun 2024, §3.3 and C.1)."""

from __future__ import annotations

import pandas as pd
from pydantic import Field

from easy2hard import seeds
from easy2hard.evaluators import _labels
from easy2hard.solutions import Format

TITLE = "ORM"
OUTCOME_ONLY = True
OUTCOMES = True


class Options(_labels.Options):
    """What an outcome reward model learns from, how it is trained and read."""

    balance: float | None = Field(3.0, ge=1)
    """Right to wrong solutions of a problem lie between 1 to this and this to 1, by leaving some out at random; so
    problems with right or wrong ones only are left out. Null: all solutions."""


def label(
    samples: pd.DataFrame, grades: pd.DataFrame, items: pd.DataFrame, layout: Format, options: Options, seed: int
) -> pd.DataFrame:
    """LABELLED rows: one span a solution, over all of it or its last character."""
    found = _labels.solved(samples, grades, items, options)
    if options.balance is not None:
        found = balanced(found, options.balance, seed)
    rows = []
    for item, sample, question, text, correct in _columns(found):
        start = 0 if options.labels == "every_token" else len(text) - 1
        rows.append((item, f"outcome {sample}", question, text, [start], [len(text)], [float(correct)]))
    return _labels.table(rows)


def balanced(found: pd.DataFrame, most: float, seed: int) -> pd.DataFrame:
    """The rows left when, by item, neither right nor wrong ones outnumber the others more than `most` times."""
    kept = []
    for item, rows in found.groupby("item_id", sort=True)["correct"]:
        right, wrong = rows.index[rows], rows.index[~rows]
        random = seeds.generator(seed, "balance", item)
        for own, other in ((right, wrong), (wrong, right)):
            room = int(most * len(other))
            kept += list(own) if len(own) <= room else list(random.permutation(own)[:room])
    return found.loc[sorted(kept)]


def _columns(found: pd.DataFrame) -> zip:
    names = ("item_id", "sample", "question", "text", "correct")
    return zip(*(found[name] for name in names), strict=True)
