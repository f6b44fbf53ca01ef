"""LoRA on reasoning and answer, then greedy generation after the bare question (Hase 2024, §4.6; prompt 0305).

Loss: minus the summed log-probability of reasoning, answer and end token, averaged over the items of a batch; no
examples in context. Items that label noise hits are taught the reasoning of another (`jobs.reasoned`).

DEVIATION: the paper does not say that its code multiplies the least number of updates by 15 here; `min_updates` has
that product, 150. The code then lost part of them to leftover micro-batches (126 updates for 160 items); here every
epoch ends with an update (152).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from easy2hard import jobs, prompts, seeds
from easy2hard.errors import UserError
from easy2hard.methods import _cot, lora

if TYPE_CHECKING:
    from easy2hard.models.lora import TextTuner
    from easy2hard.models.tokenise import Encoder, ItemTokens

TITLE = "LoRA CoT"
NEEDS = "model"
SUPERVISED = True
GENERATES = True
NOISY_LABELS = True
SPLIT_JOBS_BY = ("measure",)


class Options(lora.Adapters, _cot.Options):
    """How adapters are trained, and how answers are written and read."""

    min_updates: int = Field(150, ge=1)
    """Least number of updates: 15 times that of `lora`, as the original's code (its paper does not say so)."""
    micro_batch: int = Field(4, ge=1)
    """Texts a forward pass; less needs less memory, the update is the same but for dropout."""


def predict(job: jobs.Job) -> Iterator[pd.DataFrame]:
    """Predictions of every (training set, size) for all items outside it; the model is loaded once.

    Raises UserError for a training item without a solution, a text that does not fit, a tokenizer without an end token.
    """
    from easy2hard.models import load, reason
    from easy2hard.models.lora import TextTuner

    prompt, encoder = prompts.resolve(job.prompt), load.load_prompts(job.model, job.model_spec)
    tuner = TextTuner(load.load_language_model(job.model, job.model_spec), job.options.recipe())
    taught = _taught(job, encoder, tuner, prompt)
    # Texts end by the end token they were taught: no stop strings of the prompt, as in the original.
    writer = reason.Reasoner(tuner.model, encoder, prompt, job.options, ())
    for chosen, size in _sets(job):
        seed = seeds.torch_seed(job.seed, "lora_cot", chosen.measure, chosen.condition, chosen.seed, size)
        texts = [taught[_written(prompt, item)] for item in jobs.reasoned(job, chosen, size)]
        losses = tuner.fit_texts(texts, seed)
        lora.say(chosen, size, tuner.recipe, losses)
        items = jobs.test_items(job, chosen, size)
        written = writer.write(items.to_dict("records"), [])
        yield _cot.predictions(items, written, job.options, chosen, size, cut_line=False)


def _sets(job: jobs.Job) -> list[tuple[jobs.TrainingSet, int]]:
    return [(chosen, size) for chosen in jobs.training_sets(job) for size in chosen.sizes]


def _written(prompt: prompts.Prompt, item: dict) -> tuple[str, str]:
    """Query, and reasoning with answer as they are taught."""
    return prompts.render_query(prompt, item), prompts.render_target(prompt, item)


def _taught(
    job: jobs.Job, encoder: Encoder, tuner: TextTuner, prompt: prompts.Prompt
) -> dict[tuple[str, str], ItemTokens]:
    """Tokens of query, and of reasoning with answer and end token, of every text that is taught; each is made once."""
    from easy2hard.models import score

    end = encoder.tokenizer.eos_token_id
    if end is None:
        raise UserError("lora_cot: the model's tokenizer has no end token, so texts cannot be taught to end")
    shown = (item for chosen, size in _sets(job) for item in jobs.reasoned(job, chosen, size))
    texts = list(dict.fromkeys(_written(prompt, item) for item in shown))
    queries = [query for query, _ in texts]
    parts = encoder.items("", queries, [[target] for _, target in texts])
    tokens = [encoder.item(item.stem, [[*item.choices[0], end]]) for item in parts]
    score.check_fit(tuner.model, tokens, queries, job.options.max_tokens)
    return dict(zip(texts, tokens, strict=True))
