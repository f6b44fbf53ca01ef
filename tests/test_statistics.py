"""Statistics: arithmetic against published numbers, a slow loop with the same draws, coverage, rules, errors."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from easy2hard import bootstrap, statistics

NAN = float("nan")
LIBRARY = Path(__file__).parents[1] / "workflow"

# Hase 2024, Fig. 5 (ICL, hard test, U / E / H in %) and the SGR printed in Fig. 15 (p. 18).
PUBLISHED = {
    "ARC grade": (83.1, 89.7, 89.9, 0.97),
    "ARC difficulty": (83.1, 88.2, 88.3, 0.98),
    "ARC Bloom": (79.3, 85.9, 85.9, 1.00),
    "MMLU": (48.3, 53.5, 53.6, 0.98),
    "StrategyQA": (60.9, 66.2, 68.3, 0.72),
    "GSM8K": (6.0, 23.7, 28.2, 0.80),
    # Fig. 8 (p. 10): MMLU by model size.
    "MMLU, 7b": (31.2, 35.8, 35.4, 1.09),
    "MMLU, 13b": (38.0, 39.2, 39.6, 0.75),
    "MMLU, 70b": (48.3, 53.5, 53.6, 0.97),
}


def column(percent: float, n: int = 1000) -> np.ndarray:
    """One seed with exactly this accuracy."""
    return (np.arange(n) < round(percent * n / 100)).astype(float)[:, None]


def draw(rng: np.random.Generator, rate: float, shape: tuple[int, int], gaps: float = 0.0) -> np.ndarray:
    matrix = (rng.random(shape) < rate).astype(float)
    matrix[rng.random(shape) < gaps] = NAN
    return matrix


@pytest.mark.parametrize("name", PUBLISHED)
def test_sgr_of_the_printed_accuracies_is_the_printed_sgr(name):
    unsupervised, easy, hard, printed = PUBLISHED[name]
    found = statistics.supervision_gap_recovered(column(easy), column(hard), column(unsupervised), resamples=50)
    exact = (easy - unsupervised) / (hard - unsupervised)
    assert found.value == pytest.approx(exact, abs=1e-9)
    # Both sides are rounded in print: the accuracies to 0.1 points, the ratio to 0.01.
    gap = hard - unsupervised
    assert abs(found.value - printed) <= 0.005 + 0.1 * (1 + abs(exact)) / gap


def test_accuracy_is_the_mean_of_seed_means_not_of_cells():
    matrix = np.array([[1, 1], [1, NAN], [0, NAN], [0, NAN]])
    assert statistics.accuracy(matrix, resamples=20).value == pytest.approx((0.5 + 1.0) / 2)


def test_items_and_seeds_without_a_test_are_not_counted():
    found = statistics.accuracy([[1, 0, NAN], [NAN, NAN, NAN], [0, 1, NAN]], resamples=20)
    assert (found.n_items, found.n_seeds, found.value) == (2, 2, 0.5)


def test_one_dimension_is_one_seed():
    flat, tall = (statistics.accuracy(array, resamples=50) for array in ([1, 0, 1, 1], [[1], [0], [1], [1]]))
    assert (flat.value, flat.low, flat.high, flat.n_seeds) == (tall.value, tall.low, tall.high, 1)


def test_same_seed_same_estimate_other_seed_other_interval():
    rng = np.random.default_rng(1)
    arrays = draw(rng, 0.7, (60, 4), 0.1), draw(rng, 0.8, (60, 3), 0.1), draw(rng, 0.4, (60, 1))
    first, again, other = (
        statistics.supervision_gap_recovered(*arrays, resamples=300, seed=seed) for seed in (0, 0, 1)
    )
    assert first == again
    assert first.value == other.value
    assert (first.low, first.high) != (other.low, other.high)


def test_draws_do_not_depend_on_the_chunk_size(monkeypatch):
    whole = np.concatenate(list(bootstrap.item_counts(30, 50, 7)))
    monkeypatch.setattr(bootstrap, "CHUNK", 90)
    pieces = list(bootstrap.item_counts(30, 50, 7))
    assert len(pieces) > 10
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    assert (whole.sum(axis=1) == 30).all()


def test_sums_do_not_depend_on_the_order_of_the_items():
    """Exact sums: however threads share the work, the bytes stay the same."""
    rng = np.random.default_rng(2)
    for values in (rng.random((3000, 4)), (rng.random((3000, 4)) < 0.5).astype(float)):
        columns, order = bootstrap.exact(values), rng.permutation(3000)
        counts = next(bootstrap.item_counts(3000, 40, 0)).astype(columns.dtype)
        np.testing.assert_array_equal(counts @ columns, counts[:, order] @ columns[order])
        np.testing.assert_allclose(columns, values, atol=2.0**-32)


def slow_accuracy(matrix: np.ndarray, rows: list[int], columns: list[int]) -> float:
    means = []
    for place in columns:
        cells = [matrix[row][place] for row in rows if not math.isnan(matrix[row][place])]
        if cells:
            means.append(sum(cells) / len(cells))
    return sum(means) / len(means) if means else NAN


def slow_sgr(arrays: dict[str, np.ndarray], resamples: int, seed: int) -> list[float]:
    """Plain loops over repeated rows and columns, from the same counts."""
    n_items = len(arrays["easy"])
    items = np.concatenate(list(bootstrap.item_counts(n_items, resamples, seed))).astype(int)
    columns = {role: bootstrap.seed_counts(a.shape[1], resamples, seed, role).astype(int) for role, a in arrays.items()}
    ratios = []
    for number in range(resamples):
        rows = [row for row in range(n_items) for _ in range(items[number][row])]
        at = {}
        for role, matrix in arrays.items():
            places = [place for place in range(matrix.shape[1]) for _ in range(columns[role][number][place])]
            at[role] = slow_accuracy(matrix, rows, places)
        gap = at["hard"] - at["unsupervised"]
        ratios.append((at["easy"] - at["unsupervised"]) / gap if abs(gap) > 1e-12 else NAN)
    return ratios


def test_agrees_with_plain_loops_over_the_same_draws():
    rng = np.random.default_rng(3)
    arrays = {"easy": draw(rng, 0.7, (14, 3), 0.2), "hard": draw(rng, 0.8, (14, 4), 0.2)}
    arrays["unsupervised"] = draw(rng, 0.3, (14, 1))
    ratios = np.array(slow_sgr(arrays, 200, 5))
    found = statistics.supervision_gap_recovered(**arrays, resamples=200, seed=5)
    finite = ratios[~np.isnan(ratios)]
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(finite, [0.025, 0.975])), abs=1e-6)
    assert found.dropped == len(ratios) - len(finite)
    beyond = (np.abs(finite - found.value) >= abs(found.value) - 1e-9).sum()
    assert found.p_value == pytest.approx((beyond + 1) / (len(finite) + 1))


def test_point_values_do_not_depend_on_the_order_of_items():
    rng = np.random.default_rng(4)
    arrays = [draw(rng, rate, (80, 3), 0.1) for rate in (0.7, 0.8, 0.4)]
    order = rng.permutation(80)
    first = statistics.supervision_gap_recovered(*arrays, resamples=10)
    second = statistics.supervision_gap_recovered(*(array[order] for array in arrays), resamples=10)
    assert first.value == pytest.approx(second.value, abs=1e-12)
    assert first.n_items == second.n_items


def test_clear_gap_is_defined_and_no_gap_is_not():
    rng = np.random.default_rng(5)
    easy, hard, floor = (draw(rng, rate, (300, 5)) for rate in (0.7, 0.75, 0.3))
    clear = statistics.supervision_gap_recovered(easy, hard, floor, resamples=500)
    assert clear.defined
    assert clear.gap_low > 0
    assert clear.p_value < 0.05
    none = statistics.supervision_gap_recovered(easy, draw(rng, 0.3, (300, 5)), floor, resamples=500)
    assert not none.defined
    assert none.gap_low <= 0 <= none.gap_high


def test_definition_follows_the_interval_of_hard_minus_unsupervised():
    rng = np.random.default_rng(6)
    for rate in (0.3, 0.36, 0.42, 0.5):
        arrays = draw(rng, 0.6, (150, 4)), draw(rng, rate, (150, 4)), draw(rng, 0.3, (150, 1))
        found = statistics.supervision_gap_recovered(*arrays, resamples=400)
        assert found.defined == (not found.gap_low <= 0 <= found.gap_high)


@pytest.mark.parametrize("same", [np.ones((8, 2)), np.zeros((8, 3)), np.tile([[1.0, 0.0]], (8, 1))])
def test_zero_denominator_gives_nan_and_no_infinity(same):
    found = statistics.supervision_gap_recovered(np.ones((8, 2)), same, same, resamples=100)
    assert math.isnan(found.value)
    assert not found.defined
    numbers = [value for value in dataclasses.astuple(found) if isinstance(value, float)]
    assert not any(map(math.isinf, numbers))


def test_a_gap_of_rounding_error_is_no_gap():
    # The same accuracy, 0.3, from other sums: 3/10 against the mean of 0.1, 0.2 and 0.6.
    hard = np.zeros((10, 3))
    hard[:1, 0] = hard[:2, 1] = hard[:6, 2] = 1
    floor = (np.arange(10) < 3).astype(float)
    assert math.isnan(statistics.supervision_gap_recovered(np.ones((10, 1)), hard, floor, resamples=50).value)


def test_infinite_draws_are_dropped_and_counted():
    easy, hard, floor = np.array([1, 1, 0.0]), np.array([1, 1, 1.0]), np.array([1, 0, 0.0])
    found = statistics.supervision_gap_recovered(easy, hard, floor, resamples=500)
    assert found.dropped > 0
    assert math.isfinite(found.low) and math.isfinite(found.high) and 0 < found.p_value <= 1


def test_pairing_narrows_the_interval_of_a_difference():
    rng = np.random.default_rng(7)
    first = draw(rng, 0.6, (400, 1))
    second = first.copy()
    second[:20] = 0
    paired = statistics.difference(first, second, resamples=500)
    apart = statistics.difference(first, second[rng.permutation(400)], resamples=500)
    assert paired.high - paired.low < 0.7 * (apart.high - apart.low)
    assert paired.value == pytest.approx(apart.value)


def test_difference_of_equal_arrays_is_zero_and_not_significant():
    same = draw(np.random.default_rng(8), 0.5, (40, 1))
    found = statistics.difference(same, same, resamples=100)
    assert (found.value, found.low, found.high, found.p_value) == (0, 0, 0, 1)


def test_generalisation_gap_is_the_difference_of_the_two_levels():
    matrix = np.array([[1, 1], [1, 0], [0, 0], [1, NAN]], dtype=float)
    easy = np.array([True, True, False, False])
    found = statistics.generalisation_gap(matrix, ~easy, easy, resamples=100)
    assert found.value == pytest.approx(0.25 - 0.75)
    assert found.n_items == 4
    assert statistics.generalisation_gap(matrix, easy, easy, resamples=100).high == 0


def test_intervals_cover_the_truth():
    """400 invented experiments; items and seeds vary alike, so leaving either out of the resampling would be seen."""
    rng = np.random.default_rng(9)
    n_items, n_seeds, hits = 120, 8, 0
    for number in range(400):
        ease, luck = rng.uniform(0.3, 0.7, (n_items, 1)), rng.uniform(-0.1, 0.1, (1, n_seeds))
        matrix = (rng.random((n_items, n_seeds)) < ease + luck).astype(float)
        matrix[rng.random(matrix.shape) < 0.1] = NAN
        found = statistics.accuracy(matrix, resamples=200, seed=number)
        hits += found.low <= 0.5 <= found.high
    assert 0.90 <= hits / 400 <= 0.99


def test_sgr_intervals_cover_the_truth():
    """Items differ much and seeds little: where noise by cell rules, resampling both ways is known to be too wide."""
    rng, hits, cuts, noise = np.random.default_rng(10), 0, (0.8, 1.0, 0.0), 0.2
    easy_rate, hard_rate, floor_rate = (0.5 * (1 + math.erf(cut / math.sqrt(2 * (1 + noise**2)))) for cut in cuts)
    truth = (easy_rate - floor_rate) / (hard_rate - floor_rate)
    for number in range(400):
        ability = rng.normal(size=(200, 1))
        shapes = zip(cuts, (6, 6, 1), strict=True)
        arrays = [(ability + noise * rng.normal(size=(200, seeds)) < cut).astype(float) for cut, seeds in shapes]
        found = statistics.supervision_gap_recovered(*arrays, resamples=200, seed=number)
        hits += found.low <= truth <= found.high
    assert 0.90 <= hits / 400 <= 0.99


WRONG = {
    "three dimensions": (np.ones((2, 2, 2)), "dimensions"),
    "no item": (np.ones((0, 3)), "0 items"),
    "no seed": (np.ones((3, 0)), "0 seeds"),
    "a half": (np.array([[0.5], [1]]), "0.5"),
    "a two": (np.array([[2], [1]]), "value 2"),
    "infinity": (np.array([[np.inf], [1]]), "inf"),
    "nothing tested": (np.full((3, 2), NAN), "no tested item"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arrays_are_value_errors(name):
    array, message = WRONG[name]
    with pytest.raises(ValueError, match=message):
        statistics.accuracy(array)
    with pytest.raises(ValueError, match=message):
        statistics.supervision_gap_recovered(array, np.ones((2, 1)), np.zeros((2, 1)))


def test_unequal_rows_and_nothing_in_common_are_value_errors():
    with pytest.raises(ValueError, match="different numbers of items"):
        statistics.supervision_gap_recovered(np.ones((3, 2)), np.ones((4, 2)), np.zeros((3, 1)))
    with pytest.raises(ValueError, match="no item was tested in all"):
        statistics.difference([1, NAN], [NAN, 0])


@pytest.mark.parametrize("options", [{"resamples": 0}, {"level": 0.0}, {"level": 1.0}, {"level": 95}])
def test_wrong_options_are_value_errors(options):
    with pytest.raises(ValueError, match="expected"):
        statistics.accuracy(np.ones((3, 2)), **options)


def test_statistics_import_neither_torch_nor_scipy():
    code = "import sys, easy2hard.statistics; print(sorted({'torch', 'scipy'} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=LIBRARY)
    assert shown.stdout.strip() == "[]"


def test_items_that_one_run_never_tested_count_in_no_comparison():
    """The hard-trained run trained on the last two items in every seed; there the easy-trained run is always wrong."""
    easy = np.array([[1, 1], [1, 0], [0, 0], [0, 0]], dtype=float)
    hard = np.array([[1, 1], [1, 1], [np.nan, np.nan], [np.nan, np.nan]])
    unsupervised = np.array([[1], [0], [0], [0]], dtype=float)
    found = statistics.supervision_gap_recovered(easy, hard, unsupervised, resamples=200)
    assert found.n_items == 2 and found.value == pytest.approx((0.75 - 0.5) / (1 - 0.5))
    assert statistics.difference(easy, hard, resamples=200).value == pytest.approx(-0.25)
