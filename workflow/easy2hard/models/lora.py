"""LoRA: one loaded base, adapters drawn anew for every training set (Hase 2024, §4.6).

Loss of a multiple-choice item: cross-entropy of the softmax over its choices' summed log-probabilities. Only the
adapters' own dropout is active in training (the paper means all other to be 0): the base stays in evaluation mode.
"""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import peft
import torch
from peft.tuners.lora import LoraLayer
from peft.utils.constants import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING
from torch import Tensor
from transformers import PreTrainedModel

from easy2hard import seeds
from easy2hard.errors import UserError
from easy2hard.models import kinds
from easy2hard.models.tokenise import ItemTokens, Row

ADAPTER = "default"
# Families that peft has no default for: query and value of the attention, like most of its defaults; where there is no
# attention, what leads into the mixer of a state-space model.
TARGETS = (("q_proj", "v_proj"), ("q", "v"), ("in_proj", "x_proj"), ("in_proj",))


@dataclass(frozen=True)
class Recipe:
    """Settings of a fine-tuning; the defaults are the paper's. targets: () takes those of the family (`targets`)."""

    r: int = 16
    alpha: float = 32.0
    dropout: float = 0.1
    targets: tuple[str, ...] = ()
    learning_rate: float = 1e-4
    final_rate: float = 0.1
    weight_decay: float = 1e-5
    clip: float = 1.0
    batch: int = 50
    micro_batch: int = 50
    epochs: int = 3
    min_updates: int = 10

    def rate(self, update: int, updates: int) -> float:
        """Learning rate of an update (from 0): linear, towards `final_rate` of the first."""
        return self.learning_rate * (1 - (1 - self.final_rate) * update / updates)


def schedule(items: int, recipe: Recipe) -> tuple[int, int]:
    """(epochs, updates): epochs × ceil(items / batch), with more epochs where that is below `min_updates`.

    DEVIATION: the original drops the micro-batches left over from accumulation (9 or 10 updates instead of 12 for
    160 items); here every epoch ends with an update, over a smaller batch where items do not divide.
    """
    per_epoch = math.ceil(items / recipe.batch)
    epochs = max(recipe.epochs, math.ceil(recipe.min_updates / per_epoch))
    return epochs, epochs * per_epoch


class Tuner:
    """A base model with LoRA layers in place. `fit` starts from fresh adapters each time; the base never changes."""

    def __init__(self, model: PreTrainedModel, recipe: Recipe):
        self.recipe = recipe
        self.quantized = getattr(model, "is_quantized", False)
        self.model = _with_adapters(model, recipe, self.quantized)
        self.layers = [module for module in self.model.modules() if isinstance(module, LoraLayer)]
        self.parameters = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        self._short = "logits_to_keep" in inspect.signature(self.model.forward).parameters

    def fit(self, items: Sequence[ItemTokens], labels: Sequence[int], seed: int) -> list[float]:
        """Train fresh adapters on tokenised items; returns the mean loss of each update.

        The seed fixes adapters, dropout and order. Raises UserError where the loss is not finite.
        """
        epochs, updates = schedule(len(items), self.recipe)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self._reset()
            optimiser = self._optimiser()
            self._dropout(active=True)
            losses = []
            for update, batch in enumerate(_batches(items, epochs, self.recipe.batch, seed)):
                for group in optimiser.param_groups:
                    group["lr"] = self.recipe.rate(update, updates)
                losses.append(self._update(optimiser, [items[i] for i in batch], [labels[i] for i in batch]))
            self._dropout(active=False)
        return losses

    def choice_scores(self, items: Sequence[ItemTokens]) -> torch.Tensor:
        """Summed log-probability of each choice, [items, most choices] float32 with gradient; -inf where none is.

        Each different input is read once: choices of one token share a single reading of the question. The last
        token of a choice is never fed.
        """
        width = max(len(item.choices) for item in items)
        rows: dict[Row, int] = {}
        where, places, tokens, owner = [], [], [], []
        for number, item in enumerate(items):
            for index, choice in enumerate(item.choices):
                row = rows.setdefault(item.row(choice[:-1]), len(rows))
                where += [row] * len(choice)
                places += range(len(choice))
                tokens += choice
                owner += [number * width + index] * len(choice)
        found = self._log_probs(list(rows), *(np.array(column) for column in (where, places, tokens)))
        cells = torch.tensor(owner, device=found.device)
        sums = found.new_zeros(len(items) * width).index_add(0, cells, found)
        absent = torch.ones_like(sums, dtype=torch.bool).index_fill(0, cells, False)
        return sums.masked_fill(absent, -torch.inf).view(len(items), width)

    def _update(self, optimiser: torch.optim.Optimizer, items: list[ItemTokens], labels: list[int]) -> float:
        """One step over a batch, in micro-batches of like length; the gradient is clipped once, over the whole.

        DEVIATION: the original clips at every micro-batch, so that its step depends on how many there are.
        """
        order = sorted(range(len(items)), key=lambda index: items[index].longest)
        total = 0.0
        for start in range(0, len(order), self.recipe.micro_batch):
            part = order[start : start + self.recipe.micro_batch]
            loss = self._loss([items[index] for index in part], [labels[index] for index in part]) / len(items)
            loss.backward()
            total += float(loss.detach())
        if not math.isfinite(total):
            raise UserError(f"lora: the loss is {total}; lower `learning_rate` or take another dtype")
        torch.nn.utils.clip_grad_norm_(self.parameters, self.recipe.clip)
        optimiser.step()
        optimiser.zero_grad()
        return total

    def _loss(self, items: list[ItemTokens], labels: list[int]) -> Tensor:
        """Sum over items of the cross-entropy of the softmax over their choices."""
        scores = self.choice_scores(items)
        right = torch.tensor(labels, device=scores.device)
        return torch.nn.functional.cross_entropy(scores, right, reduction="sum")

    def _log_probs(self, rows: list[Row], where: np.ndarray, places: np.ndarray, tokens: np.ndarray) -> Tensor:
        """Log-probability, float32, of each token at a place of the continuation of row `where`; logits only there."""
        fed = kinds.of(self.model).feed(rows)
        positions, column = np.unique(fed.first[where] + places, return_inverse=True)
        if self._short:
            fed.keywords["logits_to_keep"] = torch.from_numpy(positions).to(fed.mask.device)
        logits = self.model(**fed.keywords, use_cache=False).logits
        kept = (logits if self._short else logits[:, positions]).float()
        row, column, token = (torch.from_numpy(index).to(kept.device) for index in (where, column, tokens))
        return kept[row, column, token] - torch.logsumexp(kept, -1)[row, column]

    def _reset(self) -> None:
        for layer in self.layers:
            layer.reset_lora_parameters(ADAPTER, init_lora_weights=True)

    def _dropout(self, active: bool) -> None:
        for layer in self.layers:
            layer.lora_dropout.train(active)

    def _optimiser(self) -> torch.optim.Optimizer:
        """AdamW, in 8 bits for a quantised base; no decay on vectors (biases, norms)."""
        kind = importlib.import_module("bitsandbytes").optim.AdamW8bit if self.quantized else torch.optim.AdamW
        decayed = [parameter for parameter in self.parameters if parameter.ndim > 1]
        rest = [parameter for parameter in self.parameters if parameter.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": self.recipe.weight_decay}]
        if rest:
            groups.append({"params": rest, "weight_decay": 0.0})
        return kind(groups, lr=self.recipe.learning_rate)


class TextTuner(Tuner):
    """Fine-tuning on texts: each item has one continuation, and the loss is minus its summed log-probability (§4.6)."""

    def fit_texts(self, items: Sequence[ItemTokens], seed: int) -> list[float]:
        """Train fresh adapters to write each item's only continuation; as `fit`."""
        return self.fit(items, [0] * len(items), seed)

    def _loss(self, items: list[ItemTokens], labels: list[int]) -> Tensor:
        # Not divided by the tokens, as in the original: a long solution weighs more than a short one.
        return -self.choice_scores(items).sum()


def targets(model: PreTrainedModel) -> list[str] | None:
    """Modules that get adapters: peft's default where it has one, else the first of TARGETS that the model has."""
    if model.config.model_type in TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING:
        # Named here, because peft loses its default of a mixture of experts when it rewrites the names of the experts.
        return list(TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING[model.config.model_type])
    names = {name.rsplit(".", 1)[-1] for name, part in model.named_modules() if isinstance(part, torch.nn.Linear)}
    return next((list(found) for found in TARGETS if names.issuperset(found)), None)


def _with_adapters(model: PreTrainedModel, recipe: Recipe, quantized: bool) -> PreTrainedModel:
    """Put 32-bit LoRA layers into the model. Raises UserError where the targets are unknown or not in the model."""
    if quantized:
        model = peft.prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    config = peft.LoraConfig(
        r=recipe.r,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules=list(recipe.targets) or targets(model),
        bias="none",
    )
    model.requires_grad_(False)
    try:
        model = peft.inject_adapter_in_model(config, model, ADAPTER)
    except ValueError as error:  # no default for the family, or no module of that name
        raise UserError(f"lora: `targets` {list(recipe.targets)}: {error}") from error
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return model.eval()


def _batches(items: Sequence[ItemTokens], epochs: int, batch: int, seed: int) -> Iterator[np.ndarray]:
    """Index arrays of at most `batch` items, every item once an epoch, in a new order each."""
    for epoch in range(epochs):
        order = seeds.generator(seed, "order", epoch).permutation(len(items))
        for start in range(0, len(order), batch):
            yield order[start : start + batch]
