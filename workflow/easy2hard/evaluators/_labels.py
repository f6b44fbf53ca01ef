"""What evaluators have in common: their options, and solutions joined with grades and questions."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from easy2hard.errors import UserError
from easy2hard.strict import Strict
from easy2hard.training_settings import EvaluatorTraining

COLUMNS = ["item_id", "example", "question", "text", "starts", "stops", "labels"]


class Options(Strict):
    """What an evaluator learns from, how it is trained and read."""

    labels: Literal["every_token", "last_token"] = "every_token"
    """Tokens that carry a label: all of the solution or step, or the one at which it is read."""
    duplicates: Literal["drop", "keep"] = "drop"
    """Equal solutions of a problem: the first one only, or all."""
    unfinished: float | None = -5.0
    """Logit of the outcome and of the last step of a solution that was cut off, as in the original; null: as read."""
    training: EvaluatorTraining = EvaluatorTraining()
    """How the model is trained."""


def solved(samples: pd.DataFrame, grades: pd.DataFrame, items: pd.DataFrame, options: Options) -> pd.DataFrame:
    """Solutions with text, in order: item_id, sample, text, question, correct, step_labels.

    Raises UserError where samples lack a grade or an item.
    """
    graded = samples.merge(grades[["item_id", "sample", "correct", "step_labels"]], validate="one_to_one")
    found = graded.merge(items[["item_id", "question"]], on="item_id", validate="many_to_one")
    if len(found) < len(samples):
        raise UserError(f"label: {len(samples) - len(found)} of {len(samples)} samples have no grade or no item")
    found = found[found["text"].str.strip() != ""].sort_values(["item_id", "sample"], ignore_index=True)
    return found if options.duplicates == "keep" else found.drop_duplicates(["item_id", "text"], ignore_index=True)


def published(rows: pd.DataFrame, options: Options) -> pd.DataFrame:
    """Published LABELLED rows, their labels on the tokens that the options want.

    A step of `last_token` is labelled at its last character and the first of the separator after it.
    """
    if options.labels == "every_token":
        return rows
    spans = [
        [_read_at(text[start:stop], start) for start, stop in zip(starts, stops, strict=True)]
        for text, starts, stops in zip(rows["text"], rows["starts"], rows["stops"], strict=True)
    ]
    starts, stops = ([[span[side] for span in row] for row in spans] for side in (0, 1))
    return rows.assign(starts=starts, stops=stops)


def _read_at(step: str, start: int) -> tuple[int, int]:
    size = len(step.rstrip())
    return start + size - 1, start + min(size + 1, len(step))


def table(rows: list[tuple]) -> pd.DataFrame:
    """LABELLED from rows of its columns."""
    return pd.DataFrame(rows, columns=COLUMNS)
