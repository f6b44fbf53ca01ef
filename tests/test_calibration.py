"""Calibration errors by hand, and rank correlation against SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from easy2hard import bootstrap, statistics

NAN = float("nan")


def test_spearman_equals_the_correlation_of_average_ranks():
    scipy_stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(11)
    x, y = rng.integers(0, 5, 60).astype(float), rng.normal(size=60)
    y = y + 0.3 * x
    found = statistics.spearman(x, y, resamples=150, seed=2)
    assert found.value == pytest.approx(scipy_stats.spearmanr(x, y).statistic, abs=1e-12)
    counts = np.concatenate(list(bootstrap.item_counts(60, 150, 2))).astype(int)
    slow = [scipy_stats.spearmanr(np.repeat(x, row), np.repeat(y, row)).statistic for row in counts]
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(slow, [0.025, 0.975])), abs=1e-9)


def test_spearman_leaves_out_missing_values_and_knows_no_constant():
    assert statistics.spearman([1, 2, 3, NAN], [2, 4, 6, 0], resamples=20).n_items == 3
    constant = statistics.spearman([1, 1, 1], [1, 2, 3], resamples=20)
    assert math.isnan(constant.value) and math.isnan(constant.low) and math.isnan(constant.p_value)
    with pytest.raises(ValueError, match="at least 2"):
        statistics.spearman([1, NAN], [1, 2])
    with pytest.raises(ValueError, match="equally long"):
        statistics.spearman([1, 2], [1, 2, 3])


def test_expected_calibration_error_by_hand():
    confidence, correct = [0.95, 0.95, 0.65, 0.65, 1.0], [1, 0, 1, 1, 1]
    found = statistics.expected_calibration_error(confidence, correct, bins=10, resamples=100)
    # Bin 0.9–1: three items, accuracy 2/3, confidence 2.9/3; bin 0.6–0.7: accuracy 1, confidence 0.65.
    assert found.value == pytest.approx(3 / 5 * abs(2 / 3 - 2.9 / 3) + 2 / 5 * 0.35)
    assert 0 <= found.low <= found.high <= 1


def test_expected_calibration_error_of_a_calibrated_forecaster_is_small():
    rng = np.random.default_rng(12)
    confidence = rng.uniform(0.25, 1, (4000, 2))
    correct = (rng.random(confidence.shape) < confidence).astype(float)
    assert statistics.expected_calibration_error(confidence, correct, bins=15, resamples=20).value < 0.03
    assert statistics.expected_calibration_error(confidence**3, correct, bins=15, resamples=20).value > 0.1


def test_expected_calibration_error_rejects_what_does_not_fit():
    with pytest.raises(ValueError, match="same cells"):
        statistics.expected_calibration_error([0.5, NAN], [1, 0])
    with pytest.raises(ValueError, match="same shape"):
        statistics.expected_calibration_error([0.5], [1, 0])
    with pytest.raises(ValueError, match="between 0 and 1"):
        statistics.expected_calibration_error([1.5, 0.5], [1, 0])
    with pytest.raises(ValueError, match="bins"):
        statistics.expected_calibration_error([0.5], [1], bins=0)


def test_brier_by_hand_with_unequal_numbers_of_choices():
    probabilities = [[0.5, 0.25, 0.25], [0.9, 0.1, NAN]]
    found = statistics.brier(probabilities, [0, 1], resamples=50)
    expected = ((0.5**2 + 0.25**2 + 0.25**2) + (0.9**2 + 0.9**2)) / 2
    assert found.value == pytest.approx(expected)
    assert statistics.brier([[1.0, 0.0]], [0], resamples=5).value == 0
    assert statistics.brier([[1.0, 0.0]], [1], resamples=5).value == 2


@pytest.mark.parametrize(
    ("probabilities", "label"), [([[0.5, 0.4]], [0]), ([[0.5, 0.5]], [2]), ([[1.0, NAN]], [1]), ([[0.5, 0.5]], [0, 1])]
)
def test_brier_rejects_what_does_not_fit(probabilities, label):
    with pytest.raises(ValueError):
        statistics.brier(probabilities, label)
