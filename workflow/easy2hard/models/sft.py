"""Supervised fine-tuning of a generator: cross-entropy of target tokens, given the source (Sun 2024, §2.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedModel
from transformers import PreTrainedTokenizerBase as Tokenizer
from transformers.utils import logging

from easy2hard.errors import UserError
from easy2hard.lessons import Lesson
from easy2hard.models import training
from easy2hard.models.packing import Example, Pack
from easy2hard.models.pairs import Pairs
from easy2hard.models.trainable import Trainable
from easy2hard.training_settings import Training


def train(
    model: PreTrainedModel,
    tokenizer: Tokenizer,
    lessons: Sequence[Lesson],
    recipe: Training,
    seed: int,
    state: Path | None = None,
) -> tuple[PreTrainedModel, dict]:
    """Fine-tune in place; returns the model to be saved, and what a record tells: counts and the curve of the loss.

    state: folder where training is kept from time to time. Raises UserError where no lesson fits or the loss diverges.
    """
    every = examples(lessons, tokenizer)
    fitting = [example for example in every if len(example.ids) < recipe.max_tokens]
    if not fitting:
        raise UserError(f"training: none of {len(every)} examples fits `max_tokens` {recipe.max_tokens}")
    trainable = Trainable(model, recipe, seed)
    trainer = training.Trainer(trainable.model, next_token_loss(model), recipe)
    losses = trainer.fit(fitting, training.packs(model, recipe, fitting), seed, state)
    told = {
        "examples": len(fitting),
        "too_long": len(every) - len(fitting),
        "target_tokens": int(sum(example.weights.sum() for example in fitting)),
        "updates": len(losses),
        "loss": training.curve(losses),
    }
    return trainable.merged(), told


def examples(lessons: Sequence[Lesson], tokenizer: Tokenizer) -> list[Example]:
    """One Example a lesson: all tokens but the last, at each the token that follows, weight 1 where that is a target.

    The end token is the last target of a lesson that ends. Raises UserError for a target without tokens, a prompt
    without any, a tokenizer without end token.
    """
    if tokenizer.eos_token_id is None:
        raise UserError("training: the tokenizer has no end token, so a generator would never learn to stop")
    pairs = Pairs(tokenizer).encode([one.source for one in lessons], [one.target for one in lessons])
    made = []
    for lesson, pair in zip(lessons, pairs, strict=True):
        written = pair.target + [tokenizer.eos_token_id] * lesson.ends
        if not pair.source or not written:
            raise UserError(f"item '{lesson.item_id}': {'the target' if pair.source else 'the prompt'} has no tokens")
        ids = np.array(pair.source + written)
        weights = np.zeros(len(ids) - 1, np.float32)
        weights[len(pair.source) - 1 :] = 1
        made.append(Example(ids[:-1], ids[1:], weights))
    return made


def next_token_loss(model: PreTrainedModel) -> training.Objective:
    """Summed cross-entropy of the tokens that follow the read places, computed in 32 bits."""
    head = model.get_output_embeddings()

    def total(pack: Pack) -> Tensor:
        with _read_at(head, pack.rows, pack.columns):
            logits = model(**pack.inputs, use_cache=False).logits[0]
        losses = functional.cross_entropy(logits.float(), pack.targets, reduction="none")
        return (losses * pack.weights).sum()

    return total


@contextmanager
def _read_at(head: nn.Module, rows: Tensor, columns: Tensor) -> Iterator[None]:
    """Let the output matrix see the given places only, as one row: logits elsewhere are never made.

    What a family does to logits after the matrix (scaling, capping) is done as ever.
    """
    hook = head.register_forward_pre_hook(lambda _, given: (given[0][rows, columns][None],))
    try:
        yield
    finally:
        hook.remove()


def save(model: PreTrainedModel, tokenizer: Tokenizer, folder: Path) -> None:
    """Write safetensors, config and the tokenizer's files into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    logging.disable_progress_bar()
    model.save_pretrained(folder, max_shard_size="1000GB")  # one file however large: what the rules name
    tokenizer.save_pretrained(folder)
    readable(folder)


def readable(folder: Path) -> None:
    """Let others read the weights: the writer leaves them to their owner only."""
    for path in folder.glob("*.safetensors"):
        path.chmod(0o644)
