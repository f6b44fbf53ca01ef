"""Evaluators: a causal body with a head of one logit a token, trained by weighted cross-entropy (Sun 2024, §3).

ORM, PRM and OPRM are this one model: they differ in which characters of a solution carry which labels.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedModel
from transformers import PreTrainedTokenizerBase as Tokenizer

from easy2hard import solutions
from easy2hard.errors import UserError
from easy2hard.models import load, sft, training
from easy2hard.models.packing import Example, Pack
from easy2hard.models.pairs import Pair, Pairs
from easy2hard.models.trainable import Trainable
from easy2hard.solutions import Format
from easy2hard.training_settings import Training

HEAD = "head.safetensors"
EPSILON = 1e-6  # added to the summed weights, as in the original


class Evaluator(nn.Module):
    """A body and its head. The head has two rows without bias, begun at 0, and a logit is their mean (the paper's)."""

    def __init__(self, body: PreTrainedModel):
        super().__init__()
        width = getattr(body.config, "word_embed_proj_dim", body.config.hidden_size)
        self.body = body
        self.head = nn.Linear(width, 2, bias=False, device=body.device)
        nn.init.zeros_(self.head.weight)

    def logits(self, inputs: dict[str, Tensor], rows: Tensor, columns: Tensor) -> Tensor:
        """Logits, float32 [N], at N places of a forward pass."""
        states = self.body(**inputs, use_cache=False).last_hidden_state
        return self.head(states[rows, columns].to(self.head.weight.dtype)).mean(-1).float()


def train(
    body: PreTrainedModel,
    tokenizer: Tokenizer,
    labelled: pd.DataFrame,
    layout: Format,
    recipe: Training,
    seed: int,
    state: Path | None = None,
) -> tuple[Evaluator, dict]:
    """Train an evaluator from LABELLED rows; returns it, and what a record tells: counts and the curve of the loss.

    state: folder where training is kept from time to time. Raises UserError where no example fits.
    """
    every = examples(labelled, tokenizer, layout)
    fitting = [example for example in every if len(example.ids) <= recipe.max_tokens]
    if not fitting:
        raise UserError(f"training: none of {len(every)} examples fits `max_tokens` {recipe.max_tokens}")
    trainable = Trainable(body, recipe, seed)
    evaluator = Evaluator(body)
    trainer = training.Trainer(evaluator, label_loss(evaluator), recipe, EPSILON)
    losses = trainer.fit(fitting, training.packs(body, recipe, fitting), seed, state)
    weights, targets = (np.concatenate([getattr(one, name) for one in fitting]) for name in ("weights", "targets"))
    told = {
        "examples": len(fitting),
        "too_long": len(every) - len(fitting),
        "labelled_tokens": int(weights.sum()),
        "positive_tokens": round(float(weights @ targets), 3),
        "updates": len(losses),
        "loss": training.curve(losses),
    }
    evaluator.body = trainable.merged()
    return evaluator, told


def label_loss(evaluator: Evaluator) -> training.Objective:
    """Summed, weighted binary cross-entropy of the labelled tokens."""

    def total(pack: Pack) -> Tensor:
        found = evaluator.logits(pack.inputs, pack.rows, pack.columns)
        return functional.binary_cross_entropy_with_logits(found, pack.targets, pack.weights, reduction="sum")

    return total


def examples(labelled: pd.DataFrame, tokenizer: Tokenizer, layout: Format) -> list[Example]:
    """One Example a LABELLED row, up to its last labelled token: what follows has no part in the loss.

    Raises UserError where no token stands for a labelled character.
    """
    sources = [solutions.prompt(layout, question) for question in labelled["question"]]
    pairs = Pairs(tokenizer).encode(sources, list(labelled["text"]))
    columns = (labelled[name] for name in ("item_id", "starts", "stops", "labels"))
    return [_example(pair, *row) for pair, *row in zip(pairs, *columns, strict=True)]


def _example(
    pair: Pair, item_id: str, starts: Sequence[int], stops: Sequence[int], labels: Sequence[float]
) -> Example:
    span = spans_of(pair.spans, np.asarray(starts), np.asarray(stops))
    read = np.nonzero(span >= 0)[0]
    if not len(read):
        raise UserError(f"item '{item_id}': no token stands for a labelled character of its solution")
    size = len(pair.source) + int(read[-1]) + 1
    targets, weights = np.zeros((2, size), np.float32)
    targets[len(pair.source) + read] = np.asarray(labels, np.float32)[span[read]]
    weights[len(pair.source) + read] = 1
    return Example(np.array(pair.ids[:size]), targets, weights)


def spans_of(tokens: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Number of the first labelled span that each token shares a character with, -1 where there is none.

    tokens: [T, 2] characters. Spans are in order and do not overlap. A token of no characters belongs to the span that
    it stands in.
    """
    first = np.searchsorted(stops, tokens[:, 0], side="right")
    inside = np.minimum(first, len(starts) - 1)
    shared = (first < len(starts)) & (starts[inside] < np.maximum(tokens[:, 1], tokens[:, 0] + 1))
    return np.where(shared, first, -1)


def save(evaluator: Evaluator, tokenizer: Tokenizer, folder: Path) -> None:
    """Write body, head and the tokenizer's files into a folder, which is made; safetensors."""
    sft.save(evaluator.body, tokenizer, folder)
    save_file({"weight": evaluator.head.weight.detach().contiguous()}, folder / HEAD)
    sft.readable(folder)


def load_evaluator(folder: Path, spec: dict) -> tuple[Evaluator, dict]:
    """An evaluator in evaluation mode, and what its record.json tells. Raises UserError where it is none."""
    if not (folder / HEAD).is_file() or not (folder / "record.json").is_file():
        raise UserError(f"evaluator {folder}: no {HEAD} or no record.json in it; expected what train_evaluator wrote")
    evaluator = Evaluator(load.load_encoder(folder, spec))
    weight = load_file(folder / HEAD)["weight"]
    if weight.shape != evaluator.head.weight.shape:
        raise UserError(f"evaluator {folder}: the head has shape {tuple(weight.shape)}, which does not fit the body")
    with torch.no_grad():
        evaluator.head.weight.copy_(weight)
    return evaluator.eval().requires_grad_(False), json.loads((folder / "record.json").read_text(encoding="utf-8"))
