"""Spearman's rank correlation with a bootstrap interval over items (Hase 2024, §5: hardness correlation)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from easy2hard import bootstrap
from easy2hard.arrays import check_options
from easy2hard.estimates import Estimate, divide, summarise


def spearman(x: ArrayLike, y: ArrayLike, *, resamples: int = 10_000, level: float = 0.95, seed: int = 0) -> Estimate:
    """Pearson correlation of the average ranks, −1 to 1.

    x, y: (n_items,); items with NaN in either are left out. Every resample is ranked anew (ties get their mean rank).
    value is NaN where x or y is constant. p_value: two-sided against 0, from the draws. Raises ValueError for unequal
    shapes, an infinite value, or fewer than 2 items with both values.
    """
    check_options(resamples, level)
    first, second = (np.asarray(values, dtype=np.float64) for values in (x, y))
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(f"x and y must be one-dimensional and equally long, not {first.shape} and {second.shape}")
    both = ~np.isnan(first) & ~np.isnan(second)
    if both.sum() < 2 or np.isinf(first).any() or np.isinf(second).any():
        raise ValueError(f"{int(both.sum())} items with both values, expected at least 2, all finite")
    codes = [np.unique(values[both], return_inverse=True)[1] for values in (first, second)]
    n_items = int(both.sum())
    value = _weighted(np.ones((1, n_items)), codes)[0]
    chunks = bootstrap.item_counts(n_items, resamples, seed)
    draws = np.concatenate([_weighted(counts.astype(np.float64), codes) for counts in chunks])
    return summarise(value, draws, n_items, 1, level, null=True)


def _weighted(counts: np.ndarray, codes: list[np.ndarray]) -> np.ndarray:
    """(b,) correlations of the ranks when item i occurs counts[:, i] times; codes: dense order of the values."""
    a, b = (_centred_ranks(counts, code) for code in codes)
    weighted = counts * a
    joint = np.einsum("ij,ij->i", weighted, b)
    spread = np.sqrt(np.einsum("ij,ij->i", weighted, a) * np.einsum("ij,ij,ij->i", counts, b, b))
    return divide(joint, spread)


def _centred_ranks(counts: np.ndarray, code: np.ndarray) -> np.ndarray:
    """(b, n_items) mean rank of each item's value among the resampled items, minus the mean of all ranks."""
    order = np.argsort(code, kind="stable")
    starts = np.searchsorted(code[order], np.arange(code.max() + 1))
    mass = np.add.reduceat(counts[:, order], starts, axis=1)  # resampled items with each distinct value
    ranks = np.cumsum(mass, axis=1) - (mass - 1) / 2
    return (ranks - (counts.shape[1] + 1) / 2)[:, code]
