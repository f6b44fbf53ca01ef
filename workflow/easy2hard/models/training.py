"""Training on token sequences: one small loop for generators and evaluators (Sun 2024, §3 and its code).

AdamW, linear warm-up, cosine, clipped gradients; the loss of an update is a weighted mean over the real batch, however
it is cut into forward passes. The state is kept on disk, and a killed job that is started again ends with the bytes of
one that was not killed (on the CPU). The loop is our own because transformers' Trainer averages per forward pass, keeps
its state as pickles, and spends on each update of a tiny model about as much as the update itself costs.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from easy2hard import seeds
from easy2hard.errors import UserError
from easy2hard.models import checkpoints, packing, tree
from easy2hard.models.packing import Example, Pack
from easy2hard.progress import track
from easy2hard.training_settings import Training

Objective = Callable[[Pack], Tensor]  # the summed, weighted loss of a pass


class Trainer:
    """Trains the parameters of `model` that ask for a gradient."""

    def __init__(self, model: nn.Module, objective: Objective, recipe: Training, epsilon: float = 0.0):
        """epsilon: added to the summed weights by which the loss of a batch is divided."""
        self.model, self.objective, self.recipe, self.epsilon = model, objective, recipe, epsilon
        self.named = {name: one for name, one in model.named_parameters() if one.requires_grad}
        first = next(model.parameters())
        self.device, self.dtype = first.device, first.dtype

    def fit(self, examples: Sequence[Example], packed: bool, seed: int, state: Path | None = None) -> list[float]:
        """Train; returns the loss of each update. state: where training is kept, and found again, from time to time.

        The seed fixes the order and dropout. Raises UserError where the loss is not finite.
        """
        recipe, optimiser = self.recipe, self._optimiser()
        schedule = Schedule(len(examples), recipe)
        losses = checkpoints.load(state, self.named, optimiser) if state else []
        kept = time.monotonic()
        with torch.random.fork_rng():
            todo = list(batches(len(examples), recipe.epochs, recipe.batch, seed))[len(losses) :]
            for batch in track(todo, len(todo), "training", "updates"):
                torch.manual_seed(seeds.torch_seed(seed, "dropout", len(losses)))
                for group in optimiser.param_groups:
                    group["lr"] = schedule.rate(len(losses))
                losses.append(self._update(optimiser, [examples[number] for number in batch], packed))
                if state and time.monotonic() - kept >= recipe.checkpoint_seconds:
                    checkpoints.save(state, self.named, optimiser, losses)
                    kept = time.monotonic()
        return losses

    def _update(self, optimiser: torch.optim.Optimizer, batch: list[Example], packed: bool) -> float:
        """One step over a batch; its loss before the step.

        DEVIATION: the original averages over each GPU's share of the batch apart, so that its loss depends on their
        number; here every token of the real batch weighs the same.
        """
        share = 1 / (sum(float(example.weights.sum()) for example in batch) + self.epsilon)
        total = 0.0
        for rows in packing.arrange([len(example.ids) for example in batch], packed, self.recipe.micro_tokens):
            with self._precision():
                loss = self.objective(packing.pack(batch, rows, self.device, self.dtype)) * share
            loss.backward()
            total += float(loss.detach())
        if not math.isfinite(total):
            raise UserError(f"training: the loss is {total}; lower `learning_rate` or take another dtype")
        nn.utils.clip_grad_norm_(self.named.values(), self.recipe.clip)
        optimiser.step()
        optimiser.zero_grad()
        return total

    def _precision(self) -> AbstractContextManager:
        return torch.autocast(self.device.type, torch.bfloat16) if self.recipe.mixed else nullcontext()

    def _optimiser(self) -> torch.optim.Optimizer:
        """AdamW; no decay on vectors (biases, norms)."""
        matrices = [one for one in self.named.values() if one.ndim > 1]
        groups = [{"params": matrices, "weight_decay": self.recipe.weight_decay}]
        if vectors := [one for one in self.named.values() if one.ndim <= 1]:
            groups.append({"params": vectors, "weight_decay": 0.0})
        return torch.optim.AdamW(groups, lr=self.recipe.learning_rate, betas=(0.9, 0.999), eps=1e-8, fused=True)


class Schedule:
    """Learning rate: linear warm-up over a share of one epoch's updates, then a cosine down to the final rate.

    DEVIATION: the original drops the examples left over at the end of an epoch; here every epoch ends with an update,
    over a smaller batch where examples do not divide.
    """

    def __init__(self, examples: int, recipe: Training):
        per_epoch = math.ceil(examples / recipe.batch)
        self.updates = per_epoch * recipe.epochs
        self.warm = min(round(per_epoch * recipe.warmup), self.updates)
        self.recipe = recipe

    def rate(self, update: int) -> float:
        """Learning rate of an update, counted from 0."""
        peak, least = self.recipe.learning_rate, self.recipe.learning_rate * self.recipe.final_rate
        if update < self.warm:
            return peak * (update + 1) / (self.warm + 1)
        done = (update - self.warm) / max(1, self.updates - self.warm - 1)
        return least + (peak - least) * (1 + math.cos(math.pi * done)) / 2


def batches(examples: int, epochs: int, size: int, seed: int) -> Iterator[np.ndarray]:
    """Numbers of the examples of each update: every one once an epoch, in a new order each."""
    for epoch in range(epochs):
        order = seeds.generator(seed, "order", epoch).permutation(examples)
        for start in range(0, examples, size):
            yield order[start : start + size]


def packs(model: nn.Module, recipe: Training, examples: Sequence[Example]) -> bool:
    """Whether examples share rows: asked for, and exact for this family at these lengths (else said in the log)."""
    reason = tree.refusal(model, max(len(example.ids) for example in examples)) if recipe.packing else ""
    if reason:
        print(f"training: one example a row, because {reason}", flush=True)
    return recipe.packing and not reason


def curve(losses: list[float], points: int = 50) -> list[list[float]]:
    """[updates done, mean loss since the point before], for a record: at most `points`, six decimals."""
    ends = sorted({math.ceil(len(losses) * (point + 1) / points) for point in range(points)})
    pieces = zip([0, *ends[:-1]], ends, strict=True)
    return [[end, round(float(np.mean(losses[start:end])), 6)] for start, end in pieces]
