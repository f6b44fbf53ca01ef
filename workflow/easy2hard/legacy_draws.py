"""The draws of the code released with Hase et al. 2024, for splits with `legacy: true` (§3.2 and §7 of its protocol).

One run of that code is one process for a method, measure and condition: NumPy's process-wide generator is seeded once
at its start, training points of seed after seed are drawn from it, and in-context methods draw the order of their
examples from it too. Everything else of a seed comes from a fresh generator of the seed's number.

Positions are in the order of the source, as drawn by that code; `sorted_by_source` gives a dataset that order.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from easy2hard import draws
from easy2hard.buckets import BUCKETS
from easy2hard.draws import Frame
from easy2hard.errors import UserError

KNOWN = ("easy", "medium", "hard", "all", "easy_and_hard")  # conditions of that code


@dataclass(frozen=True)
class Draw:
    """order: the largest training set, each smaller one a prefix; tested: positions, for all sizes of the seed."""

    seed: int
    order: np.ndarray
    tested: np.ndarray


def sorted_by_source(data: Frame, place: str) -> Frame:
    """The dataset in the order of its source. Raises UserError, naming `place`, where that is not known."""
    if data.source_row is None:
        raise UserError(f"{place}: the items table does not hold the order of the source, which legacy draws need")
    order = np.argsort(data.source_row, kind="stable")
    return Frame(**{field.name: getattr(data, field.name)[order] for field in dataclasses.fields(Frame)})


def run(
    data: Frame, condition: str | None, sizes: list[int], seeds: int, base: int, in_context: bool, n_test: int | None
) -> Iterator[Draw]:
    """The draws of one process, seed after seed. condition None: the model without training, whose sizes are [0].

    base: seed of the process-wide generator; n_test: items of a capped test, None for all that are left.
    """
    process, largest = np.random.RandomState(base), max(sizes)
    for seed in range(seeds):
        generator = np.random.default_rng(seed)
        order = _training(data, condition, largest, process, generator)
        tested = _without(data.tested if n_test is None else data.main, order)
        if n_test is not None:
            tested = _capped(tested, data, n_test, generator)
        if in_context:
            order = order[process.permutation(largest)]
        yield Draw(seed, _nested(order, sizes, np.random.default_rng(seed)), tested)


def _training(
    data: Frame, condition: str | None, size: int, process: np.random.RandomState, generator: np.random.Generator
) -> np.ndarray:
    """Training points from the process-wide generator, those of `easy_and_hard` from the seed's; then in an order of
    the seed's. Both halves of `easy_and_hard` are rounded up and the whole is cut to the size."""
    pools = list(draws.pools(data, condition).values()) if condition else [np.flatnonzero(data.main)]
    if len(pools) == 1:
        drawn = process.choice(pools[0], size, replace=False)
    else:
        drawn = np.concatenate([generator.choice(pool, math.ceil(size / 2), replace=False) for pool in pools])
    return generator.choice(drawn, size, replace=False)


def _without(mask: np.ndarray, positions: np.ndarray) -> np.ndarray:
    rest = mask.copy()
    rest[positions] = False
    return np.flatnonzero(rest)


def _capped(candidates: np.ndarray, data: Frame, n: int, generator: np.random.Generator) -> np.ndarray:
    """A test of at most n items, balanced over the buckets: as `draws.stratified` says, in that code's order."""
    groups = [candidates[data.bucket[candidates] == name] for name in BUCKETS]
    smallest = min(groups, key=len)
    if len(groups) * len(smallest) >= n:
        quota = math.ceil(n / len(groups))
        return np.concatenate([generator.choice(group, quota, replace=False) for group in groups])[:n]
    rest = math.ceil((n - len(smallest)) / 2)
    taken = [g if g is smallest else generator.choice(g, min(rest, len(g)), replace=False) for g in groups]
    return generator.permutation(np.concatenate(taken))[:n]


def _nested(order: np.ndarray, sizes: list[int], generator: np.random.Generator) -> np.ndarray:
    """The set reordered so that each smaller size is a prefix: each is drawn from the next larger one."""
    sets = [order]
    for size in sorted(sizes, reverse=True)[1:]:
        sets.append(generator.choice(sets[-1], size, replace=False))
    return np.array(list(dict.fromkeys(name for chosen in reversed(sets) for name in chosen)), dtype=np.int64)
