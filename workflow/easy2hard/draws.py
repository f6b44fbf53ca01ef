"""The draws behind a split, as positions in a dataset: training orders and test sets (Hase 2024, §3)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from easy2hard.buckets import BUCKETS
from easy2hard.errors import UserError

TEST_SHARE, TEST_LEAST = 0.25, 50  # size standardisation (Hase 2024, §3.3)


@dataclass(frozen=True)
class Frame:
    """A dataset as positions 0…n-1 in the order of `item_id`. All arrays [n].

    ids: str; main: bool, may be trained on; tested: bool, may be tested on; bucket: str, "" where there is none.
    """

    ids: np.ndarray
    main: np.ndarray
    tested: np.ndarray
    bucket: np.ndarray

    def pool(self, *names: str) -> np.ndarray:
        """Positions of the "main" items of the named buckets, ascending."""
        return np.flatnonzero(self.main & np.isin(self.bucket, names))


def frame(items: pd.DataFrame, hardness: pd.DataFrame) -> Frame:
    """Join ITEMS and HARDNESS rows by `item_id`. Raises UserError where the two tables list different items."""
    lacking = set(items["item_id"]) ^ set(hardness["item_id"])
    if lacking:
        raise UserError(f"items and hardness tables differ in {len(lacking)} items, first '{min(lacking)}'")
    joined = items[["item_id", "part"]].merge(hardness, on="item_id", validate="one_to_one").sort_values("item_id")
    part, bucket = joined["part"].to_numpy(dtype=object), joined["bucket"].astype(object)
    named = bucket.where(bucket.notna(), "").to_numpy(dtype=str)
    return Frame(joined["item_id"].to_numpy(dtype=object), part == "main", part != "hardness", named)


def pools(data: Frame, condition: str) -> dict[str, np.ndarray]:
    """Where a condition draws from: one pool, or for `easy_and_hard` two that give the same number."""
    if condition == "easy_and_hard":
        return {"easy": data.pool("easy"), "hard": data.pool("hard")}
    return {condition: data.pool(*BUCKETS) if condition == "all" else data.pool(condition)}


def training(data: Frame, condition: str, size: int, generator: np.random.Generator) -> np.ndarray:
    """`size` positions in draw order; each prefix is the training set of its length.

    The whole pool is permuted, so the first n do not depend on `size`. `easy_and_hard` takes from its two pools in
    turn: every even prefix is half and half.
    """
    orders = [generator.permutation(pool) for pool in pools(data, condition).values()]
    shortest = min(map(len, orders))
    return np.stack([order[:shortest] for order in orders], axis=1).ravel()[:size]


def stratified(candidates: np.ndarray, data: Frame, n: int, generator: np.random.Generator) -> np.ndarray:
    """A test draw of at most `n` positions, balanced over the buckets (Hase 2024, §3.2 step 5).

    candidates: bool [items]. With m the smallest group: if 3m < n, all of it and ⌈(n − m)/2⌉ of each other group (or
    all of it), shuffled; else ⌈n/3⌉ of each in the order easy, medium, hard; cut to the first n (500: 167/167/166).
    The generator orders all items before the candidates are looked at: conditions which share a generator test on the
    same items as far as their training sets allow, so comparisons stay paired. Each draw by itself is uniform.
    """
    groups, shuffle = _groups(candidates, data, generator), generator.permutation(len(data.ids))
    smallest = min(range(len(groups)), key=lambda index: len(groups[index]))
    m = len(groups[smallest])
    if len(groups) * m >= n:
        return np.concatenate([group[: math.ceil(n / len(groups))] for group in groups])[:n]
    rest = math.ceil((n - m) / 2)
    taken = np.concatenate([group if index == smallest else group[:rest] for index, group in enumerate(groups)])
    return taken[np.argsort(shuffle[taken])][:n]


def balanced(candidates: np.ndarray, data: Frame, number: dict[str, int], generator: np.random.Generator) -> np.ndarray:
    """A test draw of a fixed number of candidates a bucket: positions."""
    groups = _groups(candidates, data, generator)
    return np.concatenate([group[: number[name]] for name, group in zip(BUCKETS, groups, strict=True)])


def _groups(candidates: np.ndarray, data: Frame, generator: np.random.Generator) -> list[np.ndarray]:
    """Candidates of each bucket in a random order that does not depend on who else is a candidate."""
    order = generator.permutation(len(data.ids))
    order = order[candidates[order]]
    return [order[data.bucket[order] == name] for name in BUCKETS]


def bottleneck(data: Frame) -> int:
    """Items in the smaller of the easy and the hard pool."""
    return min(len(data.pool("easy")), len(data.pool("hard")))


def quota(data: Frame) -> int:
    """Test items a bucket under size standardisation: max(⌊¼ · bottleneck⌋, 50) (Hase 2024, §3.3)."""
    return max(math.floor(TEST_SHARE * bottleneck(data)), TEST_LEAST)


def quotas(data: Frame, trained: int) -> dict[str, int]:
    """Test items by bucket under size standardisation, the same whatever was trained on (`trained` items).

    The paper's code tests each (train on, test on) pair on the same number of points. Here one test set serves all
    pairs, so it holds that number of each bucket; fewer only where the medium pool is too small.
    """
    return {name: max(min(quota(data), len(data.pool(name)) - trained), 0) for name in BUCKETS}
