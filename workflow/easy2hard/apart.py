"""Training sets drawn from the items held apart for model-based measures of hardness (Hase 2024, §2.1)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from pydantic import Field

from easy2hard import seeds
from easy2hard.errors import UserError
from easy2hard.strict import Strict

MEASURE = "none"  # these sets are drawn without regard to hardness
CONDITION = "all"
DEV_SHARE, DEV_LEAST = 0.1, 100  # development items a seed sets apart first


class Spec(Strict):
    """What to draw."""

    dataset: str
    """Dataset trained and tested on."""
    sizes: list[int] = Field(min_length=1)
    """Training set sizes; smaller sets are parts of larger ones."""
    seeds: int = Field(ge=1)
    """Number of training sets."""
    seed: int
    """Base seed."""


def draw(items: pd.DataFrame, spec: Spec) -> pd.DataFrame:
    """SPLITS rows: train, dev and test items of every seed and size. All items outside the part are tested.

    A tenth of the part, at least 100 where the largest size leaves that many, is set apart for development first, as
    in the paper. Raises UserError where the part is too small.

    DEVIATION: the original logs its curve of accuracy by size on the development items, and chooses nothing by them;
    here curves are kept of the items scored (`mdl.curve`), which are more, and development items are not read.
    """
    pool = np.sort(items.loc[items["part"] == "hardness", "item_id"].to_numpy(dtype=object))
    tested = np.sort(items.loc[items["part"] != "hardness", "item_id"].to_numpy(dtype=object))
    dev = dev_size(len(pool), max(spec.sizes), spec.dataset)
    blocks = []
    for seed in range(spec.seeds):
        order = seeds.generator(spec.seed, "apart", spec.dataset, seed).permutation(pool)
        for size in spec.sizes:
            roles = {"train": order[dev : dev + size], "dev": order[:dev], "test": tested}
            blocks += list(_rows(seed, size, roles))
    return pd.concat(blocks, ignore_index=True)


def dev_size(pool: int, largest: int, dataset: str) -> int:
    """Development items: max(⌈10 %⌉, 100), fewer where the largest training set leaves fewer, but never below 10 %."""
    least = math.ceil(DEV_SHARE * pool)
    if not pool:
        raise UserError(f"dataset '{dataset}' has no items held apart (part 'hardness') to train on")
    if largest + least > pool:
        raise UserError(
            f"dataset '{dataset}': part 'hardness' has {pool} items, {least} of them for development, but {largest} "
            "to train on are asked; use smaller sizes"
        )
    return min(max(least, DEV_LEAST), pool - largest)


def _rows(seed: int, size: int, roles: dict[str, np.ndarray]) -> Iterator[pd.DataFrame]:
    for role, ids in roles.items():
        key = {"seed": seed, "condition": CONDITION, "size": size, "role": role}
        yield pd.DataFrame({**key, "position": np.arange(len(ids)), "item_id": ids})
