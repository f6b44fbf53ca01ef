"""Exact expectations over all subsets of N of a problem's samples, where a closed form exists.

m samples, C(m, N) subsets, all equally likely. Ties and samples without an answer as in `easy2hard.ballots`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from easy2hard.ballots import Pool


def avoiding(size: int, number: int) -> np.ndarray:
    """(size + 1,): chance that a subset of `number` of `size` samples holds none of k given ones, k = 0 … size.

    C(size − k, number) / C(size, number), as a product of ratios: nothing overflows, zeros are exact.
    """
    left = np.arange(size, 0, -1)
    return np.concatenate([[1.0], np.cumprod(np.maximum(left - number, 0) / left)])


def passed(samples: Pool, numbers: Sequence[int]) -> np.ndarray:
    """pass@N: 1 − C(m − c, N) / C(m, N), c samples of m being right. (N,) float64."""
    right = int(samples.correct.sum())
    return np.array([1 - avoiding(len(samples.cluster), number)[right] for number in numbers])


def best(samples: Pool, numbers: Sequence[int], rank: np.ndarray) -> np.ndarray:
    """Best-of-N: a sum over ranks of the chance that a rank is the best one in the subset, times its share right.

    With b samples of better ranks and g of this one, that chance is [C(m − b, N) − C(m − b − g, N)] / C(m, N). (N,)
    """
    right, sizes = (np.bincount(rank, kind, rank.max() + 1) for kind in (samples.correct, None))
    shares = right / np.maximum(sizes, 1)
    edges = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    chances = (-np.diff(avoiding(len(rank), number)[edges]) for number in numbers)
    return np.array([float(chance @ shares) for chance in chances])


def picked(samples: Pool, numbers: Sequence[int]) -> np.ndarray:
    """A sample with an answer, picked at random: its share right times the chance that there is one. (N,)"""
    answered = int(samples.answered.sum())
    share = float(samples.correct.sum()) / max(answered, 1)
    return np.array([share * (1 - avoiding(len(samples.cluster), number)[answered]) for number in numbers])


def single(samples: Pool) -> float:
    """Share of right samples: the accuracy of one sample, without an answer or not."""
    return float(samples.correct.mean())
