"""Linear probes on hidden states, fitted many at a time as batched tensors (Hase 2024, §4.5).

Two variants. "choice": states [N, C, D], one vector w, score of a choice = w·z of its last token.
"question_end": states [N, D], one matrix [C, D], score of the c-th choice = row c. No bias in either.

Probes of equal training size are stacked, [p, rows, D], in chunks of bounded memory; a chunk is small enough to stay
in the processor's cache, which is where most of the speed comes from. No number of a probe depends on its batch-mates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from easy2hard.errors import UserError
from easy2hard.models.descent import Problem, Recipe, newton_like, paper_descent
from easy2hard.progress import track

CHUNK_BYTES = 4 << 20  # of standardised training states a chunk: about what the L2/L3 caches hold


@dataclass(frozen=True)
class Pool:
    """States all probes draw their training items from.

    states: [N, C, D] ("choice") or [N, D] ("question_end"), any float type. labels: [N], index of the right choice.
    valid: [N, C] bool, False where an item has no such choice; padded states may hold anything finite.
    """

    states: torch.Tensor
    labels: torch.Tensor
    valid: torch.Tensor

    @property
    def per_choice(self) -> bool:
        return self.states.ndim == 3

    @property
    def weight_shape(self) -> tuple[int, int]:
        """[vectors, D] of one probe: one vector for all choices, or one a choice."""
        return (1 if self.per_choice else self.valid.shape[1], self.states.shape[-1])


@dataclass(frozen=True)
class Probes:
    """Fitted probes. weights: [P, K, D]; mean, scale: [P, D]; z = (x - mean) * scale, scale 0 for constant features."""

    weights: torch.Tensor
    mean: torch.Tensor
    scale: torch.Tensor


def fit(
    pool: Pool,
    training: Sequence[np.ndarray],
    seeds: Sequence[int],
    recipe: Recipe,
    max_bytes: int = CHUNK_BYTES,
    labels: Sequence[np.ndarray] | None = None,
) -> Probes:
    """Fit one probe a training set (`training[p]`: row numbers into the pool) from its own initialisation seed.

    labels[p]: labels to train on in place of the pool's, one an item of `training[p]`. max_bytes bounds the
    standardised states in memory (one probe at least). Raises UserError where a probe stays NaN after all attempts or
    does not converge.
    """
    order = [part for group in _equal_sizes(training) for part in _chunks(group, training, pool, max_bytes)]
    chunks = track(order, len(order), "fitting probes", "chunks")
    given = [pool.labels.numpy()[rows] for rows in training] if labels is None else labels
    fitted = [_fit_chunk(pool, (training, given, seeds), part, recipe) for part in chunks]
    back = torch.from_numpy(np.argsort(np.concatenate(order), kind="stable"))
    weights, mean, scale = (torch.cat(columns)[back] for columns in zip(*fitted, strict=True))
    return Probes(weights, mean, scale)


def scores(probes: Probes, pool: Pool, max_bytes: int = 64 << 20) -> Iterator[tuple[slice, torch.Tensor]]:
    """Yield (items, scores [items, P, C]) for every item of the pool, one matrix product a block of items.

    Scores of choices an item does not have are -inf. Raises UserError where the pool does not fit the probes.
    """
    count, shape = len(probes.weights), pool.states.shape
    if probes.weights.shape[1:] != pool.weight_shape:
        found, wanted = tuple(probes.weights.shape[1:]), pool.weight_shape
        raise UserError(f"probe: trained for (vectors, features) {found}, but the test states need {wanted}")
    weights = (probes.weights * probes.scale[:, None]).flatten(0, 1)  # [P * K, D]: acts on x instead of z
    row_bytes = 4 * pool.valid.shape[1] * (shape[-1] + count)
    step = max(1, max_bytes // row_bytes)
    for start in range(0, shape[0], step):
        items = slice(start, min(start + step, shape[0]))
        yield items, _score_block(probes, weights, pool, items)


def initial_weights(shape: tuple[int, int], seeds: Sequence[int]) -> torch.Tensor:
    """[P, K, D] from U(-1/√D, 1/√D), the default of `torch.nn.Linear`, each probe from its own seed."""
    bound = shape[-1] ** -0.5
    draws = [torch.empty(shape).uniform_(-bound, bound, generator=torch.Generator().manual_seed(s)) for s in seeds]
    return torch.stack(draws)


def _score_block(probes: Probes, weights: torch.Tensor, pool: Pool, items: slice) -> torch.Tensor:
    """Centred on the block's first state before the product: features far from 0 would lose digits."""
    count = len(probes.weights)
    states = pool.states[items].float()
    pivot = states.reshape(-1, states.shape[-1])[0]
    offset = ((probes.mean - pivot)[:, None] * weights.view(count, -1, weights.shape[-1])).sum(-1)  # [P, K]
    raw = (states - pivot) @ weights.T  # [n, C, P] or [n, P * K]
    block = raw.transpose(1, 2) if pool.per_choice else raw.unflatten(1, (count, -1))
    return (block - offset).masked_fill(~pool.valid[items][:, None], -torch.inf)


def _equal_sizes(training: Sequence[np.ndarray]) -> list[np.ndarray]:
    sizes = np.array([len(rows) for rows in training])
    if len(sizes) == 0 or sizes.min() < 1:
        raise ValueError("every probe needs at least one training item")
    return [np.flatnonzero(sizes == size) for size in np.unique(sizes)]


def _chunks(group: np.ndarray, training: Sequence[np.ndarray], pool: Pool, max_bytes: int) -> Iterator[np.ndarray]:
    """Pieces of a group of equal size whose standardised states fit into `max_bytes`."""
    rows = len(training[group[0]]) * (max(pool.valid.shape[1] - 1, 1) if pool.per_choice else 1)
    most = max(1, int(max_bytes // (4 * rows * pool.states.shape[-1])))
    for start in range(0, len(group), most):
        yield group[start : start + most]


def _fit_chunk(
    pool: Pool, sets: tuple[Sequence[np.ndarray], Sequence[np.ndarray], Sequence[int]], part: np.ndarray, recipe: Recipe
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Weights [p, K, D], mean [p, D], scale [p, D] of one chunk. sets: rows, labels and seeds of all probes."""
    training, given, seeds = sets
    rows, labels = (torch.from_numpy(np.stack([one[probe] for probe in part])) for one in (training, given))  # [p, n]
    problem, mean, scale = _problem(pool, rows, labels)
    start = initial_weights(pool.weight_shape, [seeds[probe] for probe in part])
    if recipe.name == "lbfgs":
        return newton_like(problem, start, recipe), mean, scale
    return _attempts(problem, start, recipe), mean, scale


def _attempts(problem: Problem, start: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """The paper's refits: while a probe's weights are NaN, clip/4 and λ·4 from the same start; six attempts."""
    weights = paper_descent(problem, start, recipe)
    for _ in range(1, recipe.attempts):
        broken = ~weights.isfinite().flatten(1).all(1)
        if not broken.any():
            return weights
        recipe = recipe.gentler()
        weights[broken] = paper_descent(problem.select(broken), start[broken], recipe)
    if not weights.isfinite().all():
        raise UserError(f"probe: weights are not finite after {recipe.attempts} attempts; expected finite states")
    return weights


def _problem(pool: Pool, rows: torch.Tensor, labels: torch.Tensor) -> tuple[Problem, torch.Tensor, torch.Tensor]:
    """Standardised training states of [p, n] items with their labels [p, n], and mean and scale [p, D].

    The mean and standard deviation are pooled over a probe's training items and choices, no epsilon. DEVIATION:
    padded choices do not count (the original pads with zero vectors that do), and a feature that is constant over
    the training set gets scale 0 (the original divides by zero).
    """
    states = pool.states[rows].float()  # [p, n, C, D] or [p, n, D]
    valid = pool.valid[rows]  # [p, n, C]
    pivot = (states[:, :1, :1] if pool.per_choice else states[:, :1]).clone()
    states -= pivot  # exact zeros where a feature is constant, and no loss of digits far from 0
    weight = valid.unsqueeze(-1) if pool.per_choice else valid.any(-1, keepdim=True)
    mean, scale = _moments(states, None if bool(weight.all()) else weight)
    inputs = _differences(states, scale, valid) if pool.per_choice else (states - mean[:, None]).mul_(scale[:, None])
    return Problem(inputs, labels, valid, reference=pool.per_choice), mean + pivot.flatten(1), scale


def _differences(states: torch.Tensor, scale: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
    """Standardised states of choices 1.. minus that of choice 0, [p, (C - 1) n, D]; 0 for padded choices."""
    choices = states.transpose(1, 2)  # [p, C, n, D]
    inputs = (choices[:, 1:] - choices[:, :1]).contiguous().mul_(scale[:, None, None])
    if not bool(valid.all()):
        inputs.masked_fill_(~valid.transpose(1, 2)[:, 1:, :, None], 0.0)
    return inputs.flatten(1, 2)


def _moments(states: torch.Tensor, weight: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and 1 / standard deviation (0 where that is 0), [p, D]; unbiased as `torch.std` is."""
    axes = tuple(range(1, states.ndim - 1))
    if weight is None:
        count = torch.tensor(float(np.prod(states.shape[1:-1])))
        mean = states.sum(axes) / count
        squares = states - mean.view(len(mean), *[1] * len(axes), -1)
    else:
        count = weight.sum(axes).float()  # [p, 1]
        mean = torch.where(weight, states, 0.0).sum(axes) / count
        squares = torch.where(weight, states - mean.view(len(mean), *[1] * len(axes), -1), 0.0)
    deviation = (squares.square_().sum(axes) / (count - 1).clamp(min=1)).sqrt_()
    return mean, torch.where(deviation > 0, 1 / deviation, 0.0)
