"""Area under the ROC curve, from pairs counted by problem, so that problems can be resampled by matrix products."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from easy2hard.estimates import divide


@dataclass(frozen=True)
class Area:
    """pairs: (n, n) positives of problem i that score above negatives of problem j, ties half. positives, negatives:
    (n,) their numbers by problem."""

    pairs: np.ndarray
    positives: np.ndarray
    negatives: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """(n,): scores by problem."""
        return self.positives + self.negatives

    def only(self, members: np.ndarray) -> Area:
        """Of the problems chosen, (n,) bool."""
        return Area(self.pairs[np.ix_(members, members)], self.positives[members], self.negatives[members])

    def of(self, counts: np.ndarray) -> np.ndarray:
        """(b, n) times each problem occurs → (b,) areas; NaN where one class is empty."""
        above = np.einsum("bn,bn->b", counts @ self.pairs, counts)
        return divide(above, (counts @ self.positives) * (counts @ self.negatives))


@dataclass(frozen=True)
class Share:
    """hits of sizes, (n,) each by problem."""

    hits: np.ndarray
    sizes: np.ndarray

    def only(self, members: np.ndarray) -> Share:
        """Of the problems chosen, (n,) bool."""
        return Share(self.hits[members], self.sizes[members])

    def of(self, counts: np.ndarray) -> np.ndarray:
        """(b, n) times each problem occurs → (b,) shares; NaN where there is nothing."""
        return divide(counts @ self.hits, counts @ self.sizes)


def area(scores: np.ndarray, positive: np.ndarray, problem: np.ndarray, n_problems: int) -> Area:
    """scores: (m,) finite; positive: (m,) bool; problem: (m,) ascending numbers of the scores' problems, from 0."""
    levels, codes = np.unique(scores, return_inverse=True)
    owners, place = problem[positive], codes[positive]
    negatives, bounds = codes[~positive], np.searchsorted(problem[~positive], np.arange(n_problems + 1))
    pairs = np.zeros((n_problems, n_problems))
    for number, (start, stop) in enumerate(pairwise(bounds)):
        below = np.cumsum(np.bincount(negatives[start:stop], minlength=len(levels)))
        # Half of those at the level count: the mean of those up to it and those below it.
        under = np.concatenate([[0], below])
        pairs[:, number] = np.bincount(owners, (under[place] + under[place + 1]) / 2, n_problems)
    sizes = [np.bincount(problem[kind], minlength=n_problems).astype(np.float64) for kind in (positive, ~positive)]
    return Area(pairs, *sizes)


def share(hit: np.ndarray, problem: np.ndarray, n_problems: int) -> Share:
    """hit: (m,) bool; problem: (m,) numbers of their problems, from 0."""
    return Share(np.bincount(problem, hit, n_problems), np.bincount(problem, minlength=n_problems).astype(np.float64))
