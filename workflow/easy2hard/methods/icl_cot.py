"""In-context chain of thought: demonstrations with their reasoning, then the question (Hase 2024, §4.4; prompt 0305).

The demonstrations of a (measure, condition, seed) are the first of its draw, as in `icl`. Those that label noise hits
show the reasoning of another (`jobs.reasoned`).
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from easy2hard import jobs, prompts
from easy2hard.methods import _cot

TITLE = "ICL CoT"
NEEDS = "model"
SUPERVISED = True
IN_CONTEXT = True
NOISY_LABELS = True
GENERATES = True
SPLIT_JOBS_BY = ("measure",)


class Options(_cot.Options):
    """How answers are written and read."""


def predict(job: jobs.Job) -> Iterator[pd.DataFrame]:
    """PREDICTIONS rows of every training set and size; the model is loaded once.

    Raises UserError for a question that is longer than fits, and a demonstration without a solution.
    """
    from easy2hard.models import load, reason

    prompt, encoder = prompts.resolve(job.prompt), load.load_prompts(job.model, job.model_spec)
    model = load.load_language_model(job.model, job.model_spec)
    writer = reason.Reasoner(model, encoder, prompt, job.options, prompts.stops(prompt))
    for chosen in jobs.training_sets(job):
        for size in chosen.sizes:
            items = jobs.test_items(job, chosen, size)
            texts = writer.write(items.to_dict("records"), jobs.reasoned(job, chosen, size))
            yield _cot.predictions(items, texts, job.options, chosen, size)
