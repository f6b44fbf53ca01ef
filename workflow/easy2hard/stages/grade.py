"""Grade: the answer of every sampled solution, whether it is right, its class of equal answers, labels of its steps."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from easy2hard import grading, registry, solutions, tables
from easy2hard.command import command
from easy2hard.errors import UserError
from easy2hard.sample_tables import GRADES, SAMPLES
from easy2hard.settings import options_of

Check = Callable[[str, list[str]], list[int]]
"""Question and steps → a label a step, see `sample_tables.GRADES`."""


def grades(
    samples: pd.DataFrame, items: pd.DataFrame, layout: solutions.Format, grader: str, check: Check | None
) -> pd.DataFrame:
    """GRADES rows of SAMPLES rows. Raises UserError for samples of a problem that is not among the items."""
    known = items.set_index("item_id")[["question", "answer"]]
    strange = sorted(set(samples["item_id"]) - set(known.index))
    if strange:
        raise UserError(f"samples of {len(strange)} problems that the items do not have, first '{strange[0]}'")
    ordered = samples.sort_values(["item_id", "sample"], ignore_index=True)
    columns: dict[str, list] = {name: [] for name in ("answer", "correct", "cluster", "step_labels")}
    for item_id, texts in ordered.groupby("item_id", sort=False)["text"]:
        question, gold = known.loc[item_id]
        for name, values in _graded(list(texts), question, gold, layout, grader, check).items():
            columns[name] += values
    return ordered[["item_id", "sample"]].assign(**columns)


def _graded(
    texts: list[str], question: str, gold: str, layout: solutions.Format, grader: str, check: Check | None
) -> dict[str, list]:
    """Columns of the solutions of one problem; equal texts are read once."""
    parsed = {text: solutions.parse(layout, text) for text in dict.fromkeys(texts)}
    labels = {text: _labels(check, question, found.words(text)) for text, found in parsed.items()}
    answers = [parsed[text].answer for text in texts]
    correct = grading.grade_many([(answer, gold) for answer in answers], grader)
    return {
        "answer": answers,
        "correct": correct,
        "cluster": _of_one_verdict(grading.clusters(answers, grader), correct),
        "step_labels": [labels[text] for text in texts],
    }


def _of_one_verdict(classes: list[int], correct: list[bool]) -> list[int]:
    """Classes numbered again by first appearance, each of one verdict; -1 stays.

    Grading is not transitive, so a class may hold answers that match its first one, some of which match the gold answer
    while others do not. A vote needs a class to be right or wrong: such a class, which is rare, is two.
    """
    numbers: dict[tuple[int, bool], int] = {}
    pairs = zip(classes, correct, strict=True)
    return [-1 if pair[0] < 0 else numbers.setdefault(pair, len(numbers)) for pair in pairs]


def _labels(check: Check | None, question: str, steps: list[str]) -> list[int] | None:
    """The checker's label of each step; None without one. Raises ValueError where it gives more or fewer."""
    if check is None:
        return None
    found = check(question, steps)
    if len(found) != len(steps):
        raise ValueError(f"check_steps gave {len(found)} labels for {len(steps)} steps of {question[:60]!r}")
    return found


def checker(plugin: str, options: dict) -> Check | None:
    """The step checker of a dataset plug-in, where it has one."""
    module = registry.load("datasets", plugin)
    chosen, check = options_of(module, options), getattr(module, "check_steps", None)
    return None if check is None else lambda question, steps: check(chosen, question, steps)


def _log(found: pd.DataFrame) -> None:
    answered = found["answer"].notna()
    print(
        f"{len(found):,} solutions of {found['item_id'].nunique():,} problems: {answered.sum():,} with an answer, "
        f"{found['correct'].sum():,} right, {len(found[answered].drop_duplicates(['item_id', 'answer'])):,} different "
        f"answers, {grading.given_up():,} comparisons given up (time or memory)",
        file=sys.stderr,
    )


@command
def main(samples: Path, items: Path, plugin: str, options: dict, format: str, grader: str, out: Path) -> None:
    """Write item_id, sample, answer, correct, cluster, step_labels (GRADES)."""
    layout = solutions.read(format)
    rows = tables.read(samples, SAMPLES)
    found = grades(rows, tables.read(items, tables.ITEMS), layout, grader, checker(plugin, options))
    _log(found)
    tables.write(found, out, GRADES, {"grader": grader, "format": layout.name})
