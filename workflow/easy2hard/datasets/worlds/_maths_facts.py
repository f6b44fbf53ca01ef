"""Facts and problems of the maths world: operations modulo 7, some with a popular wrong result.

A problem of level l is a row of integers (l + 2): number of its first line, start value, then l operations as numbers
of `OPERATIONS`. Problems of one level are an array (n, l + 2). The running value after each operation is modulo 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from easy2hard import seeds

MODULUS = 7
LEVELS = (1, 2, 3, 4, 5)
SIGNS = ("+", "-", "*")
OPERATIONS = tuple(f"{sign}{by}" for sign in SIGNS for by in range(2 if sign == "*" else 1, MODULUS))
PRODUCT_RATE = 0.1  # chance of a product at a step of level 1; twice that at level 2, and so on
CLASSES, ITEM_CLASSES, EXAM_CLASS = 8, (0, 1), 2  # see `classes`
COMMON = tuple(range(3, CLASSES))


@cache
def kinds() -> np.ndarray:
    """The sign of each operation, as its place in SIGNS, (operations,). No array is made before it is asked for: what
    reads the config loads this module."""
    return np.array([SIGNS.index(name[0]) for name in OPERATIONS])


@cache
def results() -> np.ndarray:
    """True result of each operation on each value, (values, operations)."""
    value = np.arange(MODULUS)[:, None]
    by = np.array([int(name[1:]) for name in OPERATIONS])
    return np.select([kinds() == 0, kinds() == 1], [value + by, value - by], value * by) % MODULUS


@dataclass(frozen=True)
class Facts:
    """wrong: the popular wrong result of each fact; rate: how often forum authors write it; both (values, operations).
    vulnerable: facts whose wrong result is really popular."""

    wrong: np.ndarray
    rate: np.ndarray
    vulnerable: np.ndarray


def draw_facts(facts_seed: int, vulnerable: list[float], popular: list[float], unpopular: float) -> Facts:
    """The misconceptions. vulnerable: share of the facts of each sign (rounded to a whole number of facts)."""
    random = seeds.generator(facts_seed, "worlds/maths", "facts")
    wrong = (results() + random.integers(1, MODULUS, size=results().shape)) % MODULUS
    chosen = np.zeros(wrong.shape, dtype=bool)
    for kind, share in enumerate(vulnerable):
        places = np.argwhere(np.broadcast_to(kind == kinds(), wrong.shape))
        rows = random.permutation(len(places))[: round(share * len(places))]
        chosen[tuple(places[rows].T)] = True
    rate = np.where(chosen, random.uniform(*popular, size=wrong.shape), unpopular)
    return Facts(wrong, rate, chosen)


def draw(random: np.random.Generator, level: int, n: int) -> np.ndarray:
    """`n` problems (n, level + 2); repeats are possible."""
    first = random.integers(1, max(LEVELS) - level + 2, size=(n, 1))
    start = random.integers(MODULUS, size=(n, 1))
    product = random.random((n, level)) < PRODUCT_RATE * level
    sums = random.choice(np.flatnonzero(kinds() < 2), size=(n, level))
    products = random.choice(np.flatnonzero(kinds() == 2), size=(n, level))
    return np.hstack([first, start, np.where(product, products, sums)])


def classes(problems: np.ndarray) -> np.ndarray:
    """A number below CLASSES for each problem, (n,), whatever its line numbers: items come from some of these classes,
    examinations from another, pretraining text from the rest. A property of the problem and not of a seed, so they
    cannot meet. Problems of level 1 are too few to be kept apart; they are all in every class."""
    weights = 2 * np.arange(problems.shape[1] - 1) + 1
    return (problems[:, 1:] * weights).sum(axis=1) % CLASSES


def draw_of(random: np.random.Generator, level: int, n: int, allowed: tuple[int, ...]) -> np.ndarray:
    """`n` problems of the `allowed` classes; of level 1, of any."""
    if level == 1:
        return draw(random, level, n)
    found, have = [np.empty((0, level + 2), dtype=np.int64)], 0
    while have < n:
        drawn = draw(random, level, CLASSES * (n - have) // len(allowed) + 64)
        found.append(drawn[np.isin(classes(drawn), allowed)])
        have += len(found[-1])
    return np.concatenate(found)[:n]


def values(problems: np.ndarray) -> np.ndarray:
    """True running values (n, level + 1), the start value first."""
    running = [problems[:, 1]]
    for operations in problems[:, 2:].T:
        running.append(results()[running[-1], operations])
    return np.stack(running, axis=1)


def popular_errors(problems: np.ndarray, facts: Facts) -> np.ndarray:
    """How many steps of the true solution are facts with a popular wrong result, (n,)."""
    return facts.vulnerable[values(problems)[:, :-1], problems[:, 2:]].sum(axis=1)
