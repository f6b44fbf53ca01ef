"""Unsupervised baseline: choices scored after the bare question (Hase 2024, §4.7).

DEVIATION: the original runs it again for every hardness measure, though the predictions are the same; here once for
a model, dataset and prompt.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from easy2hard import jobs, prompts
from easy2hard.strict import Strict

TITLE = "zero-shot"
NEEDS = "model"
SUPERVISED = False
SPLIT_JOBS_BY: tuple[str, ...] = ()


class Options(Strict):
    """How choices are scored."""

    normalise: Literal["sum", "token", "char", "pmi"] = "sum"
    """Score of a choice: summed log-probability; the same per token or per character; or minus that after the cue."""
    answer_as: prompts.AnswerAs = "text"
    """What is scored: the text of a choice, or its letter."""
    token_budget: Annotated[int, Field(ge=1)] | None = None
    """Tokens a forward pass; more uses a GPU better and takes more memory. Null: 256 on a CPU, 1024 on a GPU."""
    max_tokens: Annotated[int, Field(ge=1)] = 2048
    """Longest prompt with its answer, in tokens; a model's own limit applies besides."""


def predict(job: jobs.Job) -> Iterator[pd.DataFrame]:
    """PREDICTIONS rows of every test item. Raises UserError for an item that is longer than fits."""
    from easy2hard.models import ask

    asker = ask.Asker(job.model, job.model_spec, prompts.resolve(job.prompt), job.options)
    items = jobs.test_items(job)
    yield jobs.prediction_rows(items, asker.scores(items.to_dict("records"), []))
