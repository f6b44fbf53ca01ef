"""Block bootstrap of items × seeds as matrix products of resampling counts (Hase 2024, §5).

Items are resampled jointly for all matrices (paired), seeds independently for each matrix. A resample is a vector of
counts, so the sum over resampled items is `counts @ matrix`; a mask of tested cells gives the number summed over.
Noise that is independent by cell is counted by both resamplings: intervals are wide rather than narrow where it rules.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from easy2hard import seeds

CHUNK = 2_000_000  # counts held at once, 4 bytes each: 8 MB, whatever the number of items


def item_counts(n_items: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Chunks (b, n_items) float32: how often each item is drawn, n_items draws with replacement a resample.

    The draws do not depend on the chunk size. Counts are whole numbers, exact in 32 bits.
    """
    rng = seeds.generator(seed, "bootstrap", "items", n_items)
    step = max(1, CHUNK // n_items)
    for start in range(0, resamples, step):
        yield _counts(rng, min(step, resamples - start), n_items).astype(np.float32)


def exact(columns: np.ndarray) -> np.ndarray:
    """Columns whose sums are exact, so that the order in which threads add them up cannot change a bit.

    Whole numbers (0/1) stay whole, in 32 bits: exact up to 16 million draws. Others are rounded to 2⁻³² in 64 bits:
    exact up to a million draws of values below 2.
    """
    if (columns == np.rint(columns)).all():
        return np.ascontiguousarray(columns, dtype=np.float32)
    return np.ascontiguousarray(np.rint(columns * 2.0**32) / 2.0**32, dtype=np.float64)


def seed_counts(n_seeds: int, resamples: int, seed: int, role: str) -> np.ndarray:
    """(resamples, n_seeds) float64: how often each seed is drawn. `role` names the matrix: one stream each."""
    rng = seeds.generator(seed, "bootstrap", "seeds", role, n_seeds)
    return _counts(rng, resamples, n_seeds).astype(np.float64)


def _counts(rng: np.random.Generator, resamples: int, size: int) -> np.ndarray:
    drawn = rng.integers(0, size, size=(resamples, size))
    drawn += np.arange(resamples)[:, None] * size
    return np.bincount(drawn.ravel(), minlength=resamples * size).reshape(resamples, size)


def seed_mean(sums: np.ndarray, tested: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean over seeds of each seed's mean over its tested items: (b, n_seeds) three times → (b,).

    sums: of the values; tested: number of tested items; counts: weight of each seed. Seeds with nothing tested are
    left out; NaN where none is left.
    """
    rates = np.divide(sums, tested, out=np.zeros(sums.shape), where=tested > 0)
    weights = counts * (tested > 0)
    total = weights.sum(axis=1)
    return np.divide((weights * rates).sum(axis=1), total, out=np.full(len(total), np.nan), where=total > 0)


def point(matrix: np.ndarray) -> float:
    """Mean over seeds of the per-seed mean over tested items: (n_items, n_seeds) with NaN → float."""
    tested = ~np.isnan(matrix)
    sums = np.where(tested, matrix, 0.0).sum(axis=0, keepdims=True)
    return float(seed_mean(sums, tested.sum(axis=0, keepdims=True), np.ones(sums.shape))[0])


def means(matrices: dict[str, np.ndarray], resamples: int, seed: int) -> dict[str, np.ndarray]:
    """Bootstrap draws (resamples,) of `point` for each matrix (n_items, n_seeds) with NaN; the rows are paired."""
    parts = [part for matrix in matrices.values() for part in (np.nan_to_num(matrix), ~np.isnan(matrix))]
    stacked = exact(np.hstack(parts))
    drawn = item_counts(len(stacked), resamples, seed)
    sums = np.concatenate([counts.astype(stacked.dtype, copy=False) @ stacked for counts in drawn])
    found, start = {}, 0
    for role, matrix in matrices.items():
        width = matrix.shape[1]
        pair = sums[:, start : start + width], sums[:, start + width : start + 2 * width]
        found[role] = seed_mean(*pair, seed_counts(width, resamples, seed, role))
        start += 2 * width
    return found
