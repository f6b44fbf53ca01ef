"""Accuracy against the value of a hardness measure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from easy2hard import tables
from easy2hard.accuracy_by_value import accuracy_by_value
from evaluation_world import MEASURES, evaluated, invent


@pytest.fixture(scope="module")
def world() -> dict:
    return invent()


@pytest.fixture(scope="module")
def done(world, tmp_path_factory) -> dict:
    return evaluated(world, tmp_path_factory.mktemp("evaluated"))


def curve(value: np.ndarray, correct: np.ndarray) -> tuple[pd.DataFrame, int]:
    ids = [f"i{n:04d}" for n in range(len(value))]
    rows = [(ids[n], seed, correct[n, seed]) for n in range(len(value)) for seed in range(correct.shape[1])]
    frame = pd.DataFrame(rows, columns=["item_id", "seed", "correct"]).assign(condition="all", size=4)
    return accuracy_by_value(frame, pd.Series(value, index=ids))


def test_few_values_stand_for_themselves_with_a_t_interval():
    scipy_stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    value, correct = np.repeat([1.0, 3.0], 50), (rng.random((100, 2)) < 0.7).astype(float)
    found, dropped = curve(value, correct)
    assert list(found["value_low"]) == list(found["value_high"]) == [1.0, 3.0]
    means = correct[:50].mean(axis=1)
    low, high = scipy_stats.t.interval(0.95, 49, means.mean(), scipy_stats.sem(means))
    assert (found["low"][0], found["high"][0]) == pytest.approx((low, high))
    assert dropped == 0


def test_nine_values_are_cut_into_four_bins_of_equal_width():
    value = np.tile(np.arange(9.0), 40)
    found, dropped = curve(value, (np.arange(360)[:, None] % 7 > 0).astype(float))
    assert list(found["value_low"]) == [0, 2, 4, 6]
    assert list(found["value_high"]) == [2, 4, 6, 8]
    assert list(found["n_items"]) == [80, 80, 80, 120]  # the last bin is closed
    assert dropped == 0


def test_uncertain_bins_and_missing_values_are_dropped_and_counted():
    value = np.array([1.0] * 50 + [2.0] * 4 + [3.0] + [np.nan] * 5)
    found, dropped = curve(value, (np.arange(60)[:, None] % 2 > 0).astype(float))
    assert list(found["value_low"]) == [1.0]
    assert dropped == 2


def test_by_value_table_counts_dropped_bins(done):
    frame = tables.read(done["by_value"], tables.ACCURACY_BY_VALUE)
    assert set(frame["condition"]) == {"all"}
    assert set(frame["measure"]) <= set(MEASURES)
    assert tables.metadata(done["by_value"])["dropped_bins"] > 0
