"""Majority voting, weighted voting, best-of-N, pass@N over a table of sampled solutions (Sun 2024, §3.3, §4).

`majority`, `weighted`, `best_of_n`, `pass_at_n` and `picked` are pure functions of a table with a row a sample:

    item_id   the problem
    sample    its number within the problem: only the order counts, and only for which random subset it falls into
    cluster   number of its class of equivalent answers, negative for no answer; or, in its place,
    answer    text, null for no answer: equal texts are equivalent
    correct   whether the answer is right: the same for all samples of a cluster
    weight    (weighted) 0 or more;   score    (best_of_n) higher is better

Ties, samples without an answer: see `easy2hard.ballots`, which has the same methods for the arrays of one problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from easy2hard import ballots, closed_forms, seeds

EXACT = frozenset({"best_of_n", "pass_at_n", "random"})  # methods with a closed form
SUBSETS = 400  # as OpenAI's evaluation of PRM800K draws them; the paper's number of trials is not stated


@dataclass(frozen=True)
class Samples:
    """A table as pools of samples, items sorted by id. places: each sample's row of the table. bounds: (n_items + 1,)
    of the samples of each item."""

    item_ids: tuple[str, ...]
    pools: tuple[ballots.Pool, ...]
    bounds: np.ndarray
    places: np.ndarray


@dataclass(frozen=True)
class Ballot:
    """A way to choose an answer: majority, weighted, best_of_n, pass_at_n, random. values: (samples,) weights or
    scores, in the order of the samples."""

    method: str
    values: np.ndarray | None = None


@dataclass(frozen=True)
class Votes:
    """What one method comes to.

    shares: (n_items, N, R) chance to be right in each subset: 0 or 1, a fraction where there is a tie. values:
    (n_items, N) its expectation over subsets, by closed form where there is one (`exact`), else the mean of the shares.
    numbers: the N; () for whole pools, where N and R are 1.
    """

    item_ids: tuple[str, ...]
    numbers: tuple[int, ...]
    shares: np.ndarray
    values: np.ndarray
    exact: np.ndarray

    @property
    def accuracy(self) -> np.ndarray:
        """(N,) mean over items."""
        return self.values.mean(axis=0)

    @property
    def spread(self) -> np.ndarray:
        """(N,) standard deviation, over subsets, of the mean over items: the shaded margin of the papers' figures."""
        return self.shares.mean(axis=0).std(axis=1)


def majority(
    samples: pd.DataFrame, numbers: Sequence[int] | None = None, *, subsets: int = SUBSETS, seed: int = 0
) -> Votes:
    """The answer that most samples give.

    numbers: ascending; every item needs as many samples as the largest. None: the whole pool of each item, whatever its
    size. subsets: how many random ones, without replacement. Raises ValueError for a missing column, a sample that
    occurs twice, a cluster that is right and wrong, numbers that no pool has.
    """
    return _votes(samples, "majority", None, numbers, subsets, seed)


def weighted(
    samples: pd.DataFrame, numbers: Sequence[int] | None = None, *, subsets: int = SUBSETS, seed: int = 0
) -> Votes:
    """The answer with the largest sum of `weight` over its samples (Sun 2024: products of step scores).

    Weights of an item may be scaled by any factor. A weight below 1e-280 of the item's largest counts as that much. So
    equal weights give `majority`, zeros included. Raises ValueError as `majority`, and for a weight that is negative or
    not finite.
    """
    return _votes(samples, "weighted", "weight", numbers, subsets, seed)


def best_of_n(
    samples: pd.DataFrame, numbers: Sequence[int] | None = None, *, subsets: int = SUBSETS, seed: int = 0
) -> Votes:
    """The answer of the sample with the highest `score`; exact. Errors as `majority`, and for a NaN score."""
    return _votes(samples, "best_of_n", "score", numbers, subsets, seed)


def pass_at_n(
    samples: pd.DataFrame, numbers: Sequence[int] | None = None, *, subsets: int = SUBSETS, seed: int = 0
) -> Votes:
    """Whether any sample is right; exact: 1 − C(m − c, N) / C(m, N). Raises ValueError as `majority`."""
    return _votes(samples, "pass_at_n", None, numbers, subsets, seed)


def picked(
    samples: pd.DataFrame, numbers: Sequence[int] | None = None, *, subsets: int = SUBSETS, seed: int = 0
) -> Votes:
    """The answer of a sample picked at random from those with an answer: a control; exact. Errors as `majority`."""
    return _votes(samples, "random", None, numbers, subsets, seed)


def pools(samples: pd.DataFrame) -> Samples:
    """The pools of a table. Raises ValueError, naming the item, where it does not fit."""
    lacking = [name for name in ("item_id", "sample", "correct") if name not in samples]
    if lacking or not {"cluster", "answer"} & set(samples):
        raise ValueError(f"samples have no column {(lacking or ['cluster'])[0]!r}")
    if samples.empty or samples.duplicated(["item_id", "sample"]).any():
        raise ValueError("samples are empty, or one occurs twice")
    clusters = samples["cluster"] if "cluster" in samples else pd.Series(pd.factorize(samples["answer"])[0])
    order = np.lexsort((samples["sample"].to_numpy(), samples["item_id"].to_numpy(dtype=str)))
    ids = samples["item_id"].to_numpy()[order]
    starts = np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]]))
    bounds = np.append(starts, len(ids))
    cluster, correct = clusters.to_numpy()[order], samples["correct"].to_numpy()[order]
    found = [_pool(ids[a], cluster[a:b], correct[a:b]) for a, b in pairwise(bounds)]
    return Samples(tuple(ids[starts]), tuple(found), bounds, order)


def _pool(item: str, cluster: np.ndarray, correct: np.ndarray) -> ballots.Pool:
    try:
        return ballots.pool(cluster, correct)
    except ValueError as error:
        raise ValueError(f"item '{item}': {error}") from error


def outcomes(
    samples: Samples, chosen: Sequence[Ballot], numbers: Sequence[int] | None, subsets: int, seed: int
) -> Iterator[list[tuple[np.ndarray, np.ndarray]]]:
    """For each item in turn, of each ballot: shares (N, R) and values (N,). All ballots see the same subsets."""
    for place, (item, pool) in enumerate(zip(samples.item_ids, samples.pools, strict=True)):
        drawn = ballots.everything(pool) if numbers is None else _drawn(item, pool, numbers, subsets, seed)
        own = slice(*samples.bounds[place : place + 2])
        yield [_outcome(drawn, ballot, own) for ballot in chosen]


def _drawn(item: str, pool: ballots.Pool, numbers: Sequence[int], subsets: int, seed: int) -> ballots.Subsets:
    try:
        return ballots.draw(pool, numbers, subsets, seeds.generator(seed, "subsets", item))
    except ValueError as error:
        raise ValueError(f"item '{item}': {error}") from error


def _outcome(drawn: ballots.Subsets, ballot: Ballot, own: slice) -> tuple[np.ndarray, np.ndarray]:
    pool, numbers = drawn.pool, drawn.numbers
    if ballot.method == "pass_at_n":
        return ballots.passed(drawn), closed_forms.passed(pool, numbers)
    if ballot.method == "random":
        return ballots.picked(drawn), closed_forms.picked(pool, numbers)
    if ballot.method == "best_of_n":
        rank = ballots.ranks(pool, ballot.values[own])
        return ballots.best(drawn, rank), closed_forms.best(pool, numbers, rank)
    shares = ballots.voted(drawn, None if ballot.values is None else ballot.values[own])
    return shares, np.where(np.array(numbers) == 1, closed_forms.single(pool), shares.mean(axis=1))


def is_exact(method: str, numbers: Sequence[int], sizes: Sequence[int]) -> np.ndarray:
    """(N,) bool: whether values are exact: by closed form, for one sample, or for the whole of every pool."""
    whole = [number == min(sizes) == max(sizes) for number in numbers]
    return np.array([method in EXACT or number == 1 or all_ for number, all_ in zip(numbers, whole, strict=True)])


def _votes(
    samples: pd.DataFrame, method: str, column: str | None, numbers: Sequence[int] | None, subsets: int, seed: int
) -> Votes:
    if column is not None and column not in samples:
        raise ValueError(f"samples have no column '{column}'")
    read = pools(samples)
    values = None if column is None else samples[column].to_numpy(dtype=np.float64)[read.places]
    found = [pair for (pair,) in outcomes(read, [Ballot(method, values)], numbers, subsets, seed)]
    shares, expected = (np.array(part) for part in zip(*found, strict=True))
    sizes = np.diff(read.bounds)
    exact = np.array([True]) if numbers is None else is_exact(method, numbers, sizes)
    return Votes(read.item_ids, tuple(numbers or ()), shares, expected, exact)
