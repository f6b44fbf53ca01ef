"""Unsupervised chain of thought: the model reasons and answers after the bare question (Hase 2024, §4.7).

The paper's prompt is 5305 for GSM8K; "0305_steps" and "5305_steps" end in "Let's think step by step.".
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from easy2hard import jobs, prompts
from easy2hard.methods import _cot

TITLE = "zero-shot CoT"
NEEDS = "model"
SUPERVISED = False
GENERATES = True
SPLIT_JOBS_BY: tuple[str, ...] = ()


class Options(_cot.Options):
    """How answers are written and read."""


def predict(job: jobs.Job) -> Iterator[pd.DataFrame]:
    """PREDICTIONS rows of every test item. Raises UserError for a question that is longer than fits."""
    from easy2hard.models import load, reason

    prompt, encoder = prompts.resolve(job.prompt), load.load_prompts(job.model, job.model_spec)
    model = load.load_language_model(job.model, job.model_spec)
    writer = reason.Reasoner(model, encoder, prompt, job.options, prompts.stops(prompt))
    items = jobs.test_items(job)
    yield _cot.predictions(items, writer.write(items.to_dict("records"), []), job.options)
