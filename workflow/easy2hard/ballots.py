"""One problem's samples, and which share of each way to choose an answer is right, in random subsets of them.

Ties are broken fairly and without chance: where several answers (or samples) are first, each is taken with equal
probability, and the value is the expected one, a share between 0 and 1. Samples without an answer belong to a subset,
count in its size, and can never be chosen: a subset of nothing else has the value 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

TIE = 1e-9  # sums of weights within this share of the largest are equal: they were added up in another order
FLOOR = 1e-280  # least weight, as a share of the largest: so that nothing is voted for with nothing


@dataclass(frozen=True)
class Pool:
    """All samples of a problem. cluster: (m,) int64, 0 … n_right−1 are right answers, up to n_clusters−1 wrong ones,
    n_clusters stands for no answer."""

    cluster: np.ndarray
    n_clusters: int
    n_right: int

    @property
    def correct(self) -> np.ndarray:
        """(m,) bool."""
        return self.cluster < self.n_right

    @property
    def answered(self) -> np.ndarray:
        """(m,) bool."""
        return self.cluster < self.n_clusters


def pool(cluster: ArrayLike, correct: ArrayLike) -> Pool:
    """Pool of samples: cluster of equivalent answers, any whole numbers, negative for no answer; whether each is right.

    Raises ValueError for unequal shapes, no sample, a right sample without an answer, and a cluster of which some
    samples are right and others wrong: equivalent answers are right or wrong together.
    """
    numbers, right = np.asarray(cluster), np.asarray(correct, dtype=bool)
    if numbers.ndim != 1 or numbers.shape != right.shape or not len(numbers):
        raise ValueError(f"cluster and correct have the shapes {numbers.shape} and {right.shape}, expected two lists")
    if right[numbers < 0].any():
        raise ValueError("a sample without an answer is marked as right")
    names, codes = np.unique(numbers[numbers >= 0], return_inverse=True)
    known = right[numbers >= 0]
    hits, sizes = (np.bincount(codes, weights, len(names)) for weights in (known, None))
    if ((hits > 0) & (hits < sizes)).any():
        mixed = int(names[(hits > 0) & (hits < sizes)][0])
        raise ValueError(f"cluster {mixed} holds right and wrong answers; expected equivalent ones")
    place = np.empty(len(names), dtype=np.int64)
    place[np.argsort(hits == 0, kind="stable")] = np.arange(len(names))
    found = np.full(len(numbers), len(names), dtype=np.int64)
    found[numbers >= 0] = place[codes]
    return Pool(found, len(names), int((hits > 0).sum()))


@dataclass(frozen=True)
class Subsets:
    """Random subsets of a pool: the first N of each of R shuffles, for each of the numbers N, ascending.

    order: for each number, (R, N − the number before) places of the samples that it adds. cells: the same shapes,
    subset × (n_clusters + 1) + cluster of each.
    """

    pool: Pool
    numbers: tuple[int, ...]
    order: tuple[np.ndarray, ...]
    cells: tuple[np.ndarray, ...]

    def __len__(self) -> int:
        return len(self.order[0])


def draw(samples: Pool, numbers: Sequence[int], subsets: int, rng: np.random.Generator) -> Subsets:
    """Subsets without replacement; those of a larger N hold those of a smaller one.

    Raises ValueError for numbers that do not ascend, a number outside 1 … m, or no subset.
    """
    size, wanted = len(samples.cluster), tuple(numbers)
    if not wanted or list(wanted) != sorted(set(wanted)) or wanted[0] < 1 or wanted[-1] > size:
        raise ValueError(f"numbers of samples are {list(wanted)}, expected ascending ones from 1 to {size}")
    if subsets < 1:
        raise ValueError(f"subsets is {subsets}, expected at least 1")
    whole = np.broadcast_to(np.arange(size, dtype=np.int32), (subsets, size))
    order = rng.permuted(whole, axis=1)[:, : wanted[-1]]
    return _subsets(samples, wanted, order)


def everything(samples: Pool) -> Subsets:
    """The whole pool as the only subset."""
    size = len(samples.cluster)
    return _subsets(samples, (size,), np.arange(size, dtype=np.int32)[None])


def _subsets(samples: Pool, numbers: tuple[int, ...], order: np.ndarray) -> Subsets:
    rows = np.arange(len(order))[:, None] * (samples.n_clusters + 1)
    # Contiguous parts: they are read once for each way to vote.
    parts = tuple(np.ascontiguousarray(order[:, a:b]) for a, b in pairwise((0, *numbers)))
    return Subsets(samples, numbers, parts, tuple(samples.cluster[part] + rows for part in parts))


def voted(subsets: Subsets, weights: np.ndarray | None = None) -> np.ndarray:
    """Share right of the answer with most votes, or the largest sum of weights: (N, R) float64.

    weights: (m,), not negative, finite where a sample has an answer; a common factor changes nothing.
    """
    samples, width = subsets.pool, subsets.pool.n_clusters + 1
    scaled = None if weights is None else _scaled(np.asarray(weights, dtype=np.float64), samples)
    shape = (len(subsets), width)
    sums = np.zeros(shape)
    found = []
    for order, cells in zip(subsets.order, subsets.cells, strict=True):
        chosen = None if scaled is None else scaled[order].ravel()
        sums += np.bincount(cells.ravel(), chosen, shape[0] * width).reshape(shape)
        found.append(_share(sums[:, :-1], samples.n_right))
    return np.array(found)


def _scaled(weights: np.ndarray, samples: Pool) -> np.ndarray:
    """Weights as shares of the largest, 0 for samples without an answer."""
    known = weights[samples.answered]
    if not (np.isfinite(known) & (known >= 0)).all():
        raise ValueError("a sample with an answer has no weight, or one that is negative or infinite")
    largest = known.max(initial=0.0)
    shares = known / largest if largest > 0 else np.ones(len(known))
    found = np.zeros(len(weights))
    found[samples.answered] = np.maximum(shares, FLOOR)
    return found


def _share(sums: np.ndarray, n_right: int) -> np.ndarray:
    """(R, clusters) → (R,): share of right clusters among those with the largest sum, 0 where all sums are 0."""
    right = sums[:, :n_right].max(axis=1, initial=0.0)
    wrong = sums[:, n_right:].max(axis=1, initial=0.0)
    share = (right > wrong).astype(np.float64)
    close = np.flatnonzero((np.abs(right - wrong) <= TIE * np.maximum(right, wrong)) & (right > 0))
    if len(close):
        first = sums[close] >= (1 - TIE) * np.maximum(right, wrong)[close, None]
        share[close] = first[:, :n_right].sum(axis=1) / first.sum(axis=1)
    return share


def ranks(samples: Pool, scores: ArrayLike) -> np.ndarray:
    """(m,) int64: 0 for the samples with the highest score, and so on, equal scores alike; the last rank, one more than
    that of any answer, is that of samples without an answer."""
    values = np.asarray(scores, dtype=np.float64)
    if np.isnan(values[samples.answered]).any():
        raise ValueError("a sample with an answer has no score")
    found = np.empty(len(values), dtype=np.int64)
    levels, codes = np.unique(-values[samples.answered], return_inverse=True)
    found[samples.answered] = codes
    found[~samples.answered] = len(levels)
    return found


def best(subsets: Subsets, rank: np.ndarray) -> np.ndarray:
    """Share right of the sample with the highest score: (N, R). rank: of each sample, see `ranks`."""
    samples = subsets.pool
    right, sizes = (np.bincount(rank, kind, rank.max() + 1) for kind in (samples.correct, None))
    shares = right / np.maximum(sizes, 1)
    mixed = bool(((shares > 0) & (shares < 1)).any())
    top = np.full(len(subsets), rank.max())
    found = []
    for place, order in enumerate(subsets.order):
        top = np.minimum(top, rank[order].min(axis=1))
        found.append(_tied(subsets, rank, top, place) if mixed else shares[top])
    return np.array(found)


def _tied(subsets: Subsets, rank: np.ndarray, top: np.ndarray, place: int) -> np.ndarray:
    """Share right among the samples of the best rank, where samples of one rank may differ."""
    held = np.hstack(subsets.order[: place + 1])
    first = rank[held] == top[:, None]
    return (first & subsets.pool.correct[held]).sum(axis=1) / first.sum(axis=1)


def passed(subsets: Subsets) -> np.ndarray:
    """1 where some sample is right, else 0: (N, R)."""
    return (_counted(subsets, subsets.pool.correct) > 0).astype(np.float64)


def picked(subsets: Subsets) -> np.ndarray:
    """Share right of the samples that have an answer, which one picked at random would be: (N, R)."""
    right, answered = (_counted(subsets, kind) for kind in (subsets.pool.correct, subsets.pool.answered))
    return right / np.maximum(answered, 1)


def _counted(subsets: Subsets, kind: np.ndarray) -> np.ndarray:
    """(N, R): how many samples of a kind each subset holds."""
    return np.cumsum([kind[order].sum(axis=1) for order in subsets.order], axis=0)
