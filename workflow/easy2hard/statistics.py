"""Statistics of item × seed arrays: accuracy, differences, supervision gap recovered, with bootstrap intervals.

Arrays are (n_items, n_seeds): 1 for correct, 0 for wrong, NaN where the item was not tested in that seed (it was in the
training set). Runs without torch, SciPy, or the workflow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from easy2hard import bootstrap
from easy2hard.arrays import check_options, correctness, paired
from easy2hard.calibration import brier, expected_calibration_error
from easy2hard.estimates import Estimate, minus, summarise, summarise_ratio
from easy2hard.rank_correlation import spearman

__all__ = [
    "Estimate",
    "accuracy",
    "brier",
    "difference",
    "expected_calibration_error",
    "generalisation_gap",
    "spearman",
    "supervision_gap_recovered",
]


def accuracy(matrix: ArrayLike, *, resamples: int = 10_000, level: float = 0.95, seed: int = 0) -> Estimate:
    """Mean over seeds of each seed's mean over its tested items (Hase 2024, §5), a share 0–1.

    matrix: (n_items, n_seeds) of 0, 1, NaN; one dimension means one seed. Items and seeds are resampled with
    replacement; the interval is the percentile interval at `level`. Items tested in no seed are ignored; so are seeds
    with no tested item. p_value is NaN: 0 is no null for an accuracy.
    DEVIATION: the paper prints the mean distance of the two quantiles from the mean; this gives the quantiles.
    Raises ValueError for a wrong shape, a value other than 0, 1 or NaN, or no tested item.
    """
    check_options(resamples, level)
    values = correctness(matrix, "matrix")
    values = values[~np.isnan(values).all(axis=1)]
    draws = bootstrap.means({"accuracy": values}, resamples, seed)["accuracy"]
    return summarise(bootstrap.point(values), draws, len(values), _seeds(values), level)


def difference(
    first: ArrayLike, second: ArrayLike, *, resamples: int = 10_000, level: float = 0.95, seed: int = 0
) -> Estimate:
    """Accuracy of `first` minus accuracy of `second`, −1 to 1 (Hase 2024, §5: pairwise differences).

    Both (n_items, n_seeds), rows the same items in the same order, seeds each its own; NaN as in `accuracy`. Rows are
    resampled jointly, seeds independently. p_value: two-sided against 0, see `supervision_gap_recovered`.
    n_items counts the items tested in both. Raises ValueError as `accuracy` does, and where no item is in common.
    """
    check_options(resamples, level)
    matrices, common = paired({"first": first, "second": second})
    draws = bootstrap.means(matrices, resamples, seed)
    points = {role: bootstrap.point(matrix) for role, matrix in matrices.items()}
    fewest = min(map(_seeds, matrices.values()))
    value = float(minus(points["first"], points["second"]))
    return summarise(value, minus(draws["first"], draws["second"]), common, fewest, level, null=True)


def supervision_gap_recovered(
    easy: ArrayLike,
    hard: ArrayLike,
    unsupervised: ArrayLike,
    *,
    resamples: int = 10_000,
    level: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """SGR = (easy − unsupervised) / (hard − unsupervised) of accuracies on the same test items (Hase 2024, §2, §5).

    All three accuracies are over the items that each array tested in some seed: an item trained on in every seed of one
    array counts in none.

    1: training on easy data does as well as on hard data; 0: no better than no training; may exceed 1 or be negative.
    Each array is (n_items, n_seeds) of 1, 0 and NaN (item not tested in that seed); rows are the same items in the same
    order; numbers of seeds may differ; `unsupervised` is usually (n_items, 1). One dimension means one seed.

    value: ratio of the accuracies (see `accuracy`), NaN where hard equals unsupervised. Bootstrap: items jointly for
    the three arrays, seeds independently for each; draws with a zero denominator are dropped, as in the paper, and
    counted in `dropped`. low, high: percentile interval. p_value: two-sided against 0, share of the draws, centred on
    the value, that lie at or beyond ±|value|, with one added to both counts. defined: False where the interval of
    hard − unsupervised (gap_low, gap_high) covers 0; print such an SGR as *undefined*. n_items: items tested in all
    three arrays. DEVIATION: the paper prints half the 95 % range; this gives the quantiles.

    Raises ValueError for a wrong shape, unequal rows, no seed, a value other than 0, 1, NaN, or no item in common.
    """
    check_options(resamples, level)
    matrices, common = paired({"easy": easy, "hard": hard, "unsupervised": unsupervised})
    draws = bootstrap.means(matrices, resamples, seed)
    points = {role: bootstrap.point(matrix) for role, matrix in matrices.items()}
    over, gap = (float(minus(points[role], points["unsupervised"])) for role in ("easy", "hard"))
    over_draws, gap_draws = (minus(draws[role], draws["unsupervised"]) for role in ("easy", "hard"))
    fewest = min(_seeds(matrices["easy"]), _seeds(matrices["hard"]))
    return summarise_ratio((over, gap), (over_draws, gap_draws), common, fewest, level)


def generalisation_gap(
    matrix: ArrayLike,
    test: ArrayLike,
    train: ArrayLike,
    *,
    resamples: int = 10_000,
    level: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """Accuracy at the test level minus accuracy at the training level of the same runs (Hase 2024, §5), −1 to 1.

    matrix: (n_items, n_seeds) as in `accuracy`; test, train: (n_items,) booleans, the items of each level (they may
    overlap). Items and seeds are resampled once for both levels. Raises ValueError as `accuracy` does, for masks of
    another shape, and for a level without a tested item.
    """
    check_options(resamples, level)
    values = correctness(matrix, "matrix")
    levels = [np.asarray(mask) for mask in (test, train)]
    if any(mask.shape != (len(values),) or mask.dtype != bool for mask in levels):
        raise ValueError(f"test and train must be boolean arrays of {len(values)} items")
    both = [np.where(mask[:, None], values, np.nan) for mask in levels]
    if any(np.isnan(part).all() for part in both):
        raise ValueError("a level has no tested item")
    used = levels[0] | levels[1]
    # One role for both levels: the seeds of a run are drawn once, as they are the same training sets.
    draws = [bootstrap.means({"accuracy": part[used]}, resamples, seed)["accuracy"] for part in both]
    value = float(minus(bootstrap.point(both[0]), bootstrap.point(both[1])))
    tested = int((~np.isnan(values[used]).all(axis=1)).sum())
    return summarise(value, minus(*draws), tested, min(map(_seeds, both)), level, null=True)


def _seeds(matrix: np.ndarray) -> int:
    """Seeds in which something was tested."""
    return int((~np.isnan(matrix)).any(axis=0).sum())
