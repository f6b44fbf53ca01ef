"""An estimate with its bootstrap interval, and how both follow from bootstrap draws (Hase 2024, §5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NIL = 1e-12  # differences of accuracies below this are rounding: two equal shares summed in another order


@dataclass(frozen=True)
class Estimate:
    """A statistic of items × seeds.

    value, low, high: in the unit of the statistic (accuracy 0–1; SGR a ratio); NaN where it cannot be computed, never
    infinite. p_value: two-sided, against 0; NaN for statistics whose null is not 0. defined: False where a ratio rests
    on a gap that may be nil. n_items: distinct items. n_seeds: seeds with a tested item (the least of
    several matrices). dropped: bootstrap draws without a finite value. gap_low, gap_high: interval of the ratio's
    denominator, else NaN.
    """

    value: float
    low: float
    high: float
    p_value: float
    defined: bool
    n_items: int
    n_seeds: int
    resamples: int
    level: float
    dropped: int = 0
    gap_low: float = float("nan")
    gap_high: float = float("nan")


def summarise(
    value: float, draws: np.ndarray, n_items: int, n_seeds: int, level: float, *, null: bool = False
) -> Estimate:
    """Estimate from the point value and its bootstrap draws (resamples,). `null`: whether to test against 0."""
    value = float(value) if np.isfinite(value) else float("nan")
    low, high = interval(draws, level)
    p_value = two_sided(value, draws) if null else float("nan")
    dropped = int(np.count_nonzero(~np.isfinite(draws)))
    return Estimate(value, low, high, p_value, True, n_items, n_seeds, len(draws), level, dropped)


def summarise_ratio(
    value: tuple[float, float], draws: tuple[np.ndarray, np.ndarray], n_items: int, n_seeds: int, level: float
) -> Estimate:
    """Estimate of numerator / denominator; `defined` where the interval of the denominator does not cover 0.

    value: the two point values; draws: the two (resamples,) arrays, from the same resamples. Draws with a zero
    denominator have no ratio and are dropped, as in the paper's analysis.
    """
    whole = summarise(float(divide(*value)), divide(*draws), n_items, n_seeds, level, null=True)
    gap_low, gap_high = interval(draws[1], level)
    # With no finite draw (gap_low NaN) nothing says that the gap is not nil, so the ratio is not defined either.
    defined = bool(np.isfinite(whole.value) and (gap_low > 0 or gap_high < 0))
    return Estimate(**{**vars(whole), "defined": defined, "gap_low": gap_low, "gap_high": gap_high})


def interval(draws: np.ndarray, level: float) -> tuple[float, float]:
    """Percentile interval of the finite draws; (NaN, NaN) where there is none."""
    finite = draws[np.isfinite(draws)]
    if not len(finite):
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def two_sided(value: float, draws: np.ndarray) -> float:
    """p-value against 0: share of centred draws at or beyond ±|value| (Hase 2024, §5), NaN without draws.

    Draws are centred on the value. One is added to both counts, so p is never 0: the observed value counts as a draw.
    """
    finite = draws[np.isfinite(draws)]
    if not len(finite) or not np.isfinite(value):
        return float("nan")
    # Rounding must not decide whether a draw of exactly 0 lies beyond: both sides are compared with a margin.
    beyond = np.count_nonzero(np.abs(finite - value) >= abs(value) * (1 - 1e-9))
    return float((beyond + 1) / (len(finite) + 1))


def minus(first: np.ndarray | float, second: np.ndarray | float) -> np.ndarray:
    """Element-wise difference of accuracies, exactly 0 where they differ by rounding alone."""
    apart = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    return np.where(np.abs(apart) < NIL, 0.0, apart)


def divide(numerator: np.ndarray | float, denominator: np.ndarray | float) -> np.ndarray:
    """Element-wise ratio; NaN where the denominator is 0 or NaN, or the ratio is not finite."""
    numerator, denominator = np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = numerator / denominator
    return np.where(np.isfinite(ratio), ratio, np.nan)
