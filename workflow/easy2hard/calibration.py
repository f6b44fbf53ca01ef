"""Calibration of choice probabilities: expected calibration error and Brier score. Not in Hase 2024 (§5: "none")."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from easy2hard import bootstrap
from easy2hard.arrays import check_options, correctness, shares
from easy2hard.estimates import Estimate, summarise

BINS = 10


def expected_calibration_error(
    confidence: ArrayLike,
    correct: ArrayLike,
    bins: int = BINS,
    *,
    resamples: int = 10_000,
    level: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """Mean over seeds of Σ_bins share × |accuracy − mean confidence|, 0–1, over equal-width bins of the confidence.

    confidence (probability of the prediction, 0–1) and correct (0/1): the same shape, (n_items,) or (n_items, n_seeds),
    NaN in the same cells. Source: Guo et al. 2017. Interval: items and seeds resampled as in `statistics.accuracy`; as
    the absolute value is biased upwards in small samples, so are the draws, and the interval may lie above the value.
    Raises ValueError for unequal shapes or NaN cells, values out of range, or fewer than 1 bin.
    """
    check_options(resamples, level)
    confidences, hits = shares(confidence, "confidence"), correctness(correct, "correct")
    if confidences.shape != hits.shape or (np.isnan(confidences) != np.isnan(hits)).any():
        raise ValueError("confidence and correct must have the same shape and be NaN in the same cells")
    kept = ~np.isnan(hits).all(axis=1)
    columns = ece_columns(confidences[kept], hits[kept], bins)
    tested = ~np.isnan(hits[kept])
    value = _ece(columns.sum(axis=0)[None], tested.sum(axis=0)[None], np.ones((1, hits.shape[1])))[0]
    draws = _ece_draws(columns, tested, resamples, seed)
    return summarise(value, draws, int(kept.sum()), int(tested.any(axis=0).sum()), level)


def ece_columns(confidence: np.ndarray, correct: np.ndarray, bins: int) -> np.ndarray:
    """(n_items, n_seeds, bins): correct − confidence in the cell's bin, 0 elsewhere and in untested cells.

    Sums over items of these columns are all that the error needs, so it can be bootstrapped by matrix products.
    """
    if bins < 1:
        raise ValueError(f"bins is {bins}, expected at least 1")
    tested = ~np.isnan(correct)
    # The last bin is closed: a confidence of exactly 1 belongs to it.
    place = np.minimum((np.nan_to_num(confidence) * bins).astype(np.int64), bins - 1)
    inside = (place[..., None] == np.arange(bins)) & tested[..., None]
    return np.where(inside, np.nan_to_num(correct - confidence)[..., None], 0.0)


def _ece(sums: np.ndarray, tested: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return bootstrap.seed_mean(np.abs(sums).sum(axis=-1, dtype=np.float64), tested, counts)


def _ece_draws(columns: np.ndarray, tested: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    n_items, n_seeds, bins = columns.shape
    flat = bootstrap.exact(np.hstack([columns.reshape(n_items, -1), tested]))
    counts = bootstrap.seed_counts(n_seeds, resamples, seed, "accuracy")
    found, start = [], 0
    for drawn in bootstrap.item_counts(n_items, resamples, seed):
        sums, stop = drawn.astype(flat.dtype, copy=False) @ flat, start + len(drawn)
        binned = sums[:, : n_seeds * bins].reshape(-1, n_seeds, bins)
        found.append(_ece(binned, sums[:, n_seeds * bins :], counts[start:stop]))
        start = stop
    return np.concatenate(found)


def brier(
    probabilities: ArrayLike, label: ArrayLike, *, resamples: int = 10_000, level: float = 0.95, seed: int = 0
) -> Estimate:
    """Brier score over all choices, Σ_choices (p − [is label])², mean over items: 0 (best) to 2 (Brier 1950).

    probabilities: (n_items, n_choices), each row summing to 1, NaN for choices an item lacks; label: (n_items,) index
    of the right choice. Interval: items resampled. Raises ValueError for wrong shapes, rows that do not sum to 1, or
    a label that is not a choice.
    """
    check_options(resamples, level)
    table, gold = shares(probabilities, "probabilities"), np.asarray(label)
    if gold.shape != (len(table),) or not np.issubdtype(gold.dtype, np.integer):
        raise ValueError(f"label must hold {len(table)} whole numbers")
    if not np.allclose(np.nansum(table, axis=1), 1, atol=1e-4):
        raise ValueError("a row of probabilities does not sum to 1")
    if (gold < 0).any() or (gold >= table.shape[1]).any() or np.isnan(table[np.arange(len(table)), gold]).any():
        raise ValueError("a label is not among its item's choices")
    lengths = (~np.isnan(table)).sum(axis=1)
    place = (~np.isnan(table)).cumsum(axis=1)[np.arange(len(table)), gold] - 1
    scores = brier_by_item(table[~np.isnan(table)], lengths, place)[:, None]
    draws = bootstrap.means({"accuracy": scores}, resamples, seed)["accuracy"]
    return summarise(bootstrap.point(scores), draws, len(scores), 1, level)


def brier_by_item(probabilities: np.ndarray, lengths: np.ndarray, label: np.ndarray) -> np.ndarray:
    """(n_items,) Brier score of each item. probabilities: all items' choices end to end; lengths: choices an item."""
    starts = np.cumsum(lengths) - lengths
    # Σ (p − y)² = Σ p² − 2 p_label + 1
    return np.add.reduceat(probabilities**2, starts) - 2 * probabilities[starts + label] + 1


def softmax_by_item(scores: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Softmax over each item's choices; scores of all items end to end, as are the probabilities returned."""
    starts = np.cumsum(lengths) - lengths
    shifted = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), lengths))
    return shifted / np.repeat(np.add.reduceat(shifted, starts), lengths)
