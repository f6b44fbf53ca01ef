"""Checks of what the statistics are given. Every failure is a ValueError that names the argument."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def check_options(resamples: int, level: float) -> None:
    """Raise ValueError unless resamples ≥ 1 and 0 < level < 1."""
    if resamples < 1:
        raise ValueError(f"resamples is {resamples}, expected at least 1")
    if not 0 < level < 1:
        raise ValueError(f"level is {level}, expected between 0 and 1")


def two_dimensional(values: ArrayLike, name: str) -> np.ndarray:
    """Float (n_items, n_seeds); one dimension becomes one seed. Raises ValueError for other shapes and no cell."""
    array = np.asarray(values, dtype=np.float64)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2:
        raise ValueError(f"{name} has {array.ndim} dimensions, expected items × seeds")
    if 0 in array.shape:
        raise ValueError(f"{name} has {array.shape[0]} items and {array.shape[1]} seeds, expected at least 1 of each")
    if np.isnan(array).all():
        raise ValueError(f"{name} has no tested item")
    return array


def shares(values: ArrayLike, name: str) -> np.ndarray:
    """`two_dimensional`, with every value between 0 and 1, or NaN."""
    array = two_dimensional(values, name)
    wrong = ~np.isnan(array) & ~((array >= 0) & (array <= 1))
    if wrong.any():
        raise ValueError(f"{name} has the value {array[wrong][0]:g}, expected between 0 and 1, or NaN")
    return array


def correctness(values: ArrayLike, name: str) -> np.ndarray:
    """`two_dimensional`, with every value 0, 1 or NaN."""
    array = two_dimensional(values, name)
    wrong = ~np.isnan(array) & (array != 0) & (array != 1)
    if wrong.any():
        raise ValueError(f"{name} has the value {array[wrong][0]:g}, expected 0, 1 or NaN")
    return array


def paired(matrices: dict[str, ArrayLike]) -> tuple[dict[str, np.ndarray], int]:
    """Checked matrices of the items that all of them tested in some seed, and how many these are."""
    arrays = {name: correctness(values, name) for name, values in matrices.items()}
    rows = {name: len(array) for name, array in arrays.items()}
    if len(set(rows.values())) > 1:
        raise ValueError(f"the matrices have different numbers of items: {rows}")
    tested = np.stack([~np.isnan(array).all(axis=1) for array in arrays.values()])
    common = tested.all(axis=0)
    if not common.any():
        raise ValueError(f"no item was tested in all of {', '.join(arrays)}")
    return {name: array[common] for name, array in arrays.items()}, int(common.sum())
