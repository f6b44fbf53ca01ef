"""The draws behind a split, as positions in a dataset: training orders and test sets (Hase 2024, §3)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from easy2hard import conditions
from easy2hard.buckets import BUCKETS
from easy2hard.errors import UserError

TEST_SHARE, TEST_LEAST = 0.25, 50  # size standardisation (Hase 2024, §3.3)


@dataclass(frozen=True)
class Frame:
    """A dataset as positions 0…n-1 in the order of `item_id`. All arrays [n].

    ids: str; main: bool, may be trained on; tested: bool, may be tested on; bucket: str, "" where there is none;
    value: float, of the measure, NaN where there is none; label: int, the right choice; choices: int, how many;
    source_row: int, place in the order of the source, or None where the items do not hold it.
    """

    ids: np.ndarray
    main: np.ndarray
    tested: np.ndarray
    bucket: np.ndarray
    value: np.ndarray
    label: np.ndarray
    choices: np.ndarray
    source_row: np.ndarray | None = None

    def pool(self, *names: str) -> np.ndarray:
        """Positions of the "main" items of the named buckets, ascending."""
        return np.flatnonzero(self.main & np.isin(self.bucket, names))


def frame(items: pd.DataFrame, hardness: pd.DataFrame) -> Frame:
    """Join ITEMS and HARDNESS rows by `item_id`. Raises UserError where the two tables list different items."""
    lacking = set(items["item_id"]) ^ set(hardness["item_id"])
    if lacking:
        raise UserError(f"items and hardness tables differ in {len(lacking)} items, first '{min(lacking)}'")
    own = items[["item_id", "part", "label", "source_row"]].assign(choices=items["choices"].str.len())
    joined = own.merge(hardness, on="item_id", validate="one_to_one").sort_values("item_id")
    part, bucket = joined["part"].to_numpy(dtype=object), joined["bucket"].astype(object)
    named = bucket.where(bucket.notna(), "").to_numpy(dtype=str)
    label, choices = (joined[name].to_numpy(dtype=np.int64) for name in ("label", "choices"))
    value = joined["value"].to_numpy(dtype=np.float64)
    ids = joined["item_id"].to_numpy(dtype=object)
    row = None if joined["source_row"].isna().any() else joined["source_row"].to_numpy(dtype=np.int64)
    return Frame(ids, part == "main", part != "hardness", named, value, label, choices, row)


def pools(data: Frame, condition: str) -> dict[str, np.ndarray]:
    """Where a condition draws from: one pool, or for `easy_and_hard` and `mix_…` the easy and the hard one."""
    if condition == "easy_and_hard" or conditions.percent(condition) is not None:
        return {"easy": data.pool("easy"), "hard": data.pool("hard")}
    value = conditions.value(condition)
    if value is not None:
        return {condition: np.flatnonzero(data.main & (data.value == value))}
    return {condition: data.pool(*BUCKETS) if condition == "all" else data.pool(condition)}


def shares(condition: str, size: int) -> list[int]:
    """How many items each of the `pools` of a condition must have for a training set, in their order."""
    if condition == "easy_and_hard":
        return [math.ceil(size / 2)] * 2
    hard = conditions.hard_items(condition, size) if conditions.percent(condition) is not None else None
    return [size] if hard is None else [size - hard, hard]


def training(data: Frame, condition: str, size: int, generator: np.random.Generator) -> np.ndarray:
    """`size` positions in draw order; each prefix is the training set of its length.

    The whole pool is permuted, so the first n do not depend on `size`. `easy_and_hard` takes from its two pools in
    turn: every even prefix is half and half; `mix_…` keeps its share in every prefix.
    """
    orders = [generator.permutation(pool) for pool in pools(data, condition).values()]
    if len(orders) == 1:
        return orders[0][:size]
    taken = np.array([conditions.hard_items(condition, n) for n in range(size + 1)])
    hard = np.diff(taken) == 1
    return np.where(hard, orders[1][taken[1:] - 1], orders[0][np.arange(1, size + 1) - taken[1:] - 1])


def noisy(data: Frame, order: np.ndarray, kind: str, rate: float, generator: np.random.Generator) -> np.ma.MaskedArray:
    """Labels of the items that noise hits, int [len(order)], masked where it does not (Hase 2024, §5).

    One draw decides for all rates: what a low rate hits, a higher one hits too, with the same label. `uniform` draws
    from all choices of the item, `mislabel` from the wrong ones. order: positions; generator: the same for all rates.
    """
    random = generator.random((len(order), 2))  # a row an item, so that the first rows do not depend on the length
    hit, pick, choices = random[:, 0] < rate, random[:, 1], data.choices[order]
    if kind == "uniform":
        drawn = np.floor(pick * choices).astype(np.int64)
    else:
        drawn = (data.label[order] + 1 + np.floor(pick * (choices - 1)).astype(np.int64)) % choices
    return np.ma.masked_array(drawn, ~hit)


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
