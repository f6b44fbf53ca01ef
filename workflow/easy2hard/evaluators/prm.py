"""Process reward model: solutions labelled step by step, up to the first wrong one (Sun 2024, §3.3; App. L)."""

from __future__ import annotations

import pandas as pd

from easy2hard import solutions
from easy2hard.errors import UserError
from easy2hard.evaluators import _labels
from easy2hard.solutions import Format, Step
from easy2hard.strict import Count
from easy2hard.training_settings import EvaluatorTraining

TITLE = "PRM"
OUTCOME_ONLY = False
OUTCOMES = False


class ProcessTraining(EvaluatorTraining):
    """How a process reward model is trained; the defaults are the paper's for a 7B model."""

    max_tokens: Count = 768
    """Longest example in tokens; longer ones are left out and counted."""


class Options(_labels.Options):
    """What a process reward model learns from, how it is trained and read."""

    training: EvaluatorTraining = ProcessTraining()
    """How the model is trained."""


def label(
    samples: pd.DataFrame,
    grades: pd.DataFrame,
    items: pd.DataFrame,
    layout: Format,
    options: _labels.Options,
    seed: int,
    taught: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """LABELLED rows: a span a labelled step, over its characters and the separator after it, or where it is read.

    taught: published LABELLED rows, which are added.

    Raises UserError where samples have no step labels, or not one a step.
    """
    found = _labels.solved(samples, grades, items, options)
    rows = []
    for item, sample, question, text, labels in _columns(found):
        steps = _steps(layout, item, text, labels)
        said = [(_span(step, options.labels), value) for step, value in zip(steps, labels, strict=True) if value >= 0]
        if said:
            starts, stops = zip(*(span for span, _ in said), strict=True)
            values = [float(value) for _, value in said]
            rows.append((item, f"process {sample}", question, text, list(starts), list(stops), values))
    return _labels.table(rows) if taught is None else pd.concat([_labels.table(rows), taught], ignore_index=True)


def _steps(layout: Format, item: str, text: str, labels: object) -> tuple[Step, ...]:
    if labels is None:
        raise UserError(f"evaluator: item '{item}' has no step labels; its dataset has no step checker, so take orm")
    steps = solutions.parse(layout, text).steps
    if len(steps) != len(labels):
        raise UserError(f"evaluator: item '{item}' has a solution of {len(steps)} steps with {len(labels)} labels")
    return steps


def _span(step: Step, labels: str) -> tuple[int, int]:
    """All characters of a step with its separator; or its last character and the first of the separator.

    DEVIATION: in place of these the original's option labels the last three tokens, however its text is cut.
    """
    if labels == "every_token":
        return step.start, step.stop
    return step.end - 1, min(step.end + 1, step.stop)


def _columns(found: pd.DataFrame) -> zip:
    names = ("item_id", "sample", "question", "text", "step_labels")
    return zip(*(found[name] for name in names), strict=True)
