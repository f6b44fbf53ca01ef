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


def table(rows: list[tuple]) -> pd.DataFrame:
    """LABELLED from rows of its columns."""
    return pd.DataFrame(rows, columns=COLUMNS)
