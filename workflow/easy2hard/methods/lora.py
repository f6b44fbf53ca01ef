"""LoRA fine-tuning on the choices of a training set; QLoRA for a model in 8 or 4 bits (Hase 2024, §4.6)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from easy2hard import jobs, prompts, seeds
from easy2hard.strict import Strict

if TYPE_CHECKING:
    from easy2hard.models import lora
    from easy2hard.models.tokenise import Encoder, ItemTokens

TITLE = "LoRA"
NEEDS = "model"
SUPERVISED = True
NOISY_LABELS = True
SPLIT_JOBS_BY = ("measure",)


class Adapters(Strict):
    """How adapters are trained; the defaults are the paper's."""

    r: int = Field(16, ge=1)
    """Rank of the adapters."""
    alpha: float = Field(32.0, gt=0)
    """Scale of the adapters: their output is multiplied by alpha / r."""
    dropout: float = Field(0.1, ge=0, lt=1)
    """Dropout on the adapters' input in training; the base model has none."""
    targets: list[str] = []
    """Names of the modules that get adapters; empty: peft's default for the family (Llama: q_proj, v_proj), or see
    `docs/methods.md`, kinds of models."""
    learning_rate: float = Field(1e-4, gt=0)
    """Learning rate of the first update; falls linearly to a tenth."""
    weight_decay: float = Field(1e-5, ge=0)
    """AdamW's weight decay, on matrices only."""
    clip: float = Field(1.0, gt=0)
    """Largest norm of an update's gradient."""
    batch: int = Field(50, ge=1)
    """Items an update."""
    micro_batch: int = Field(50, ge=1)
    """Items (with all their choices) a forward pass; less needs less memory, the update is the same but for dropout."""
    epochs: int = Field(3, ge=1)
    """Passes over the training set, more where that gives fewer updates than `min_updates`."""
    min_updates: int = Field(10, ge=1)
    """Least number of updates."""

    def recipe(self) -> lora.Recipe:
        """These options, without those of a class made from this one."""
        from easy2hard.models.lora import Recipe

        chosen = self.model_dump(include=set(Adapters.model_fields) - {"targets"})
        return Recipe(**chosen, targets=tuple(self.targets))


class Options(Adapters):
    """How adapters are trained, and what they are trained on."""

    answer_as: prompts.AnswerAs = "text"
    """What is scored: the text of a choice, or its letter."""
    token_budget: int = Field(512, ge=1)
    """Tokens a forward pass in evaluation; more uses a GPU better and takes more memory."""
    max_tokens: int = Field(2048, ge=1)
    """Longest prompt with its answer, in tokens; a model's own limit applies besides."""


def predict(job: jobs.Job) -> Iterator[pd.DataFrame]:
    """Predictions of every (training set, size) for all items outside it; the model is loaded once.

    Raises UserError for a quantised model without bitsandbytes or GPU, unknown targets, an item that does not fit.
    """
    from easy2hard.models import load, lora, score

    encoder = load.load_prompts(job.model, job.model_spec)
    tuner = lora.Tuner(load.load_language_model(job.model, job.model_spec), job.options.recipe())
    tokens = _tokens(job, encoder, job.items, tuner)
    taught = tokens if job.train_items is job.items else _tokens(job, encoder, job.train_items, tuner)
    labels = dict(zip(job.train_items["item_id"], job.train_items["label"].astype(int), strict=True))
    for chosen, size in [(one, size) for one in jobs.training_sets(job) for size in one.sizes]:
        names = chosen.item_ids[:size]
        seed = seeds.torch_seed(job.seed, "lora", chosen.measure, chosen.condition, chosen.seed, size)
        given = labels | dict(chosen.labels)
        losses = tuner.fit([taught[name] for name in names], [given[name] for name in names], seed)
        say(chosen, size, tuner.recipe, losses)
        items = jobs.test_items(job, chosen, size)
        rows = score.token_log_probs(tuner.model, [tokens[name] for name in items["item_id"]], job.options.token_budget)
        yield jobs.prediction_rows(items, rows, chosen, size)


def _tokens(job: jobs.Job, encoder: Encoder, items: pd.DataFrame, tuner: lora.Tuner) -> dict[str, ItemTokens]:
    """Tokens of every item that may be trained on or predicted, by id. Raises UserError where one does not fit."""
    from easy2hard.models import score

    prompt = prompts.resolve(job.prompt)
    records = jobs.readable_items(job, items).to_dict("records")
    queries = [prompts.render_query(prompt, item) for item in records]
    texts = [prompts.continuations(prompt, item, job.options.answer_as) for item in records]
    tokens = encoder.items("", queries, texts)
    score.check_fit(tuner.model, tokens, queries, job.options.max_tokens)
    return {item["item_id"]: row for item, row in zip(records, tokens, strict=True)}


def say(chosen: jobs.TrainingSet, size: int, recipe: lora.Recipe, losses: list[float]) -> None:
    """Tell what a fit was: items, epochs, updates, first and last loss."""
    from easy2hard.models.lora import schedule

    epochs, updates = schedule(size, recipe)
    noise = f" noise {chosen.noise:g}" if chosen.noise else ""
    print(
        f"lora: {chosen.measure} {chosen.condition}{noise} seed {chosen.seed}: {size} items, {epochs} epochs, "
        f"{updates} updates of at most {recipe.batch}, loss {losses[0]:.4f} -> {losses[-1]:.4f}",
        file=sys.stderr,
        flush=True,
    )
