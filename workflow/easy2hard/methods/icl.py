"""In-context learning: one fixed list of k demonstrations for every test item (Hase 2024, §4.4).

The k demonstrations of a (measure, condition, noise, seed) are the first k items of its draw, in draw order, with the
answers that their labels to train on name.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from easy2hard import jobs, prompts
from easy2hard.methods import zero_shot

TITLE = "ICL"
NEEDS = "model"
SUPERVISED = True
IN_CONTEXT = True
NOISY_LABELS = True
SPLIT_JOBS_BY = ("measure",)


class Options(zero_shot.Options):
    """How choices are scored: as in zero_shot."""


def predict(job: jobs.Job) -> Iterator[pd.DataFrame]:
    """PREDICTIONS rows of every training set and size. Raises UserError for a question that is longer than fits."""
    from easy2hard.models import ask

    asker = ask.Asker(job.model, job.model_spec, prompts.resolve(job.prompt), job.options)
    for chosen in jobs.training_sets(job):
        demonstrations = jobs.demonstrations(job, chosen)
        for size in chosen.sizes:
            items = jobs.test_items(job, chosen, size)
            scores = asker.scores(items.to_dict("records"), demonstrations[:size])
            yield jobs.prediction_rows(items, scores, chosen, size)
