"""Supervised fine-tuning on worked solutions (Sun 2024, §3.2): Full, Easy-to-Hard, Hard-to-Easy by its problems."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from easy2hard import lessons
from easy2hard.errors import UserError
from easy2hard.solutions import Format
from easy2hard.strict import Strict
from easy2hard.training_jobs import GeneratorJob
from easy2hard.training_settings import Training

TITLE = "SFT"
TRAINS = True


class Options(Strict):
    """What is learnt and how."""

    targets: Literal["solution", "step"] = "solution"
    """`solution`: one example a problem. `step`: one a step, given those before, as in the paper. Published lessons are
    learnt as they are."""
    training: Training = Training()
    """How the model is trained."""
    dtype: Literal["float32", "bfloat16"] | None = None
    """Number format of the weights and of AdamW's state while the model is trained; by default the model's."""


def prefix(shown: pd.DataFrame | None, layout: Format, options: Options, seed: int) -> str:
    """Text before each problem's prompt: none."""
    return ""


def examples(problems: pd.DataFrame, layout: Format, options: Options, seed: int) -> list[lessons.Lesson]:
    """What is learnt from the problems. Raises UserError, naming the problem, for one without a worked solution."""
    items = problems[["item_id", "question", "answer", "solution", "steps"]].to_dict("records")
    if options.targets == "solution":
        return [lessons.whole(item, layout) for item in items]
    return [lesson for item in items for lesson in lessons.by_step(item, layout)]


def train(job: GeneratorJob) -> dict:
    """Write the trained model into `job.out`; returns what its record tells of the training."""
    from easy2hard.models import load, sft

    if load.kind_of(job.model, job.model_spec) != "causal":
        raise UserError("generator sft: the model is no causal language model and writes no solutions")
    spec = job.model_spec | ({"dtype": job.options.dtype} if job.options.dtype else {})
    model, tokenizer = load.load_causal(job.model, spec), load.load_tokenizer(job.model, spec)
    made = job.taught
    if made is None:
        made = examples(job.problems, job.layout, job.options, job.seed)
    model, told = sft.train(model, tokenizer, made, job.options.training, job.seed, job.state)
    sft.save(model, tokenizer, job.out)
    return told
