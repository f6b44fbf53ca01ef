"""Metrics of a prediction run by test bucket, with bootstrap intervals (Hase 2024, §5): see `evaluate`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from easy2hard.cells import TESTS, Cell, Values, bootstrap_cells, make_cell, ordered, slices_of
from easy2hard.estimates import Estimate, minus, summarise, summarise_ratio
from easy2hard.matrices import BUCKETS, UNSUPERVISED

FLOOR = (UNSUPERVISED, 0)


@dataclass(frozen=True)
class Options:
    """resamples: bootstrap draws; level: of the intervals; seed: of the bootstrap; gaps: whether the training levels
    are levels of the test items (not so when trained on another dataset)."""

    resamples: int = 10_000
    level: float = 0.95
    seed: int = 0
    gaps: bool = True


@dataclass(frozen=True)
class Grid:
    """All cells of one measure and part by (condition, size), their values, and the rows of each test bucket."""

    cells: dict[tuple[str, int], Cell]
    values: dict[tuple[str, int], Values]
    groups: dict[str, np.ndarray]
    options: Options


def evaluate(
    predictions: pd.DataFrame,
    unsupervised: pd.DataFrame | None,
    buckets: pd.Series,
    part: str,
    measure: str,
    options: Options,
) -> pd.DataFrame:
    """RESULTS rows (without the columns that name the run) of one measure on one part.

    predictions: tested rows of the measure with `brier` (matrices.test_rows, .scored); unsupervised: those of the
    zero-shot run, or None; buckets: bucket or missing, by item_id, of the items of the part.

    Metrics, each for test_on all, easy, medium, hard:
    accuracy, ece, brier, label_confidence — of the runs of `condition` and `size`; accuracy alone where answers were
    generated, which have no confidence;
    gap — accuracy on test_on minus accuracy on the training level, for condition easy, medium, hard;
    minus_unsupervised — accuracy of `condition` minus that of the unsupervised run;
    minus_hard — accuracy of `condition` minus that of the hard-trained run of the same size;
    sgr — (condition − unsupervised) / (hard − unsupervised); `defined` False where the interval of the denominator
    covers 0. Comparisons are paired by item; their n_items are the items tested in all that is compared.
    """
    here = predictions[predictions["item_id"].isin(buckets.index)]
    if here.empty:
        return pd.DataFrame()
    # Only items that the runs were tested on: a capped draw compares with the unsupervised run on the same items.
    order = ordered(buckets[buckets.index.isin(here["item_id"].unique())])
    cells = [make_cell(rows, order) for _, rows in here.groupby(["condition", "size"], sort=True)]
    own = [cell.key for cell in cells]
    if unsupervised is not None:
        cells.append(make_cell(unsupervised[unsupervised["item_id"].isin(order.index)], order))
    values = bootstrap_cells(cells, slices_of(order), options.resamples, options.seed)
    groups = {name: np.isin(order.to_numpy(), chosen) for name, chosen in TESTS.items()}
    grid = Grid({cell.key: cell for cell in cells}, values, groups, options)
    rows = [row for key in own for row in (*_metrics(grid, key), *_gaps(grid, key), *_comparisons(grid, key))]
    return pd.DataFrame(rows).assign(measure=measure, part=part)


def _metrics(grid: Grid, key: tuple) -> Iterator[dict]:
    """Rows of METRICS for each bucket in which something was tested."""
    for test_on, inside in grid.groups.items():
        n_items, n_seeds = _counts([grid.cells[key]], inside)
        for metric in grid.cells[key].metrics if n_items else ():
            value, draws = grid.values[key].of(test_on, metric)
            yield _row(key, test_on, metric, summarise(value, draws, n_items, n_seeds, grid.options.level))


def _gaps(grid: Grid, key: tuple) -> Iterator[dict]:
    """Rows of the gap to the training level, for each other bucket."""
    home, cell = key[0], grid.cells[key]
    if not grid.options.gaps or home not in BUCKETS or not _counts([cell], grid.groups[home])[0]:
        return
    for test_on, inside in grid.groups.items():
        if test_on != home and _counts([cell], inside)[0]:
            pair = [grid.values[key].of(name) for name in (test_on, home)]
            counts = _counts([cell], inside | grid.groups[home])
            yield _row(key, test_on, "gap", _apart(pair, counts, grid.options.level))


def _comparisons(grid: Grid, key: tuple) -> Iterator[dict]:
    """Rows of minus_unsupervised, minus_hard and sgr, where there is something to compare with."""
    hard = ("hard", key[1])
    others = {"minus_unsupervised": FLOOR, "minus_hard": hard}
    for metric, other in others.items():
        if other in grid.cells and key not in (FLOOR, other):
            yield from _differences(grid, key, other, metric)
    if FLOOR in grid.cells and hard in grid.cells and key not in (FLOOR, hard):
        yield from _ratios(grid, key, hard)


def _differences(grid: Grid, key: tuple, other: tuple, metric: str) -> Iterator[dict]:
    for test_on, inside in grid.groups.items():
        counts = _counts([grid.cells[key], grid.cells[other]], inside)
        if counts[0]:
            pair = [grid.values[name].of(test_on) for name in (key, other)]
            yield _row(key, test_on, metric, _apart(pair, counts, grid.options.level))


def _apart(pair: list, counts: tuple[int, int], level: float) -> Estimate:
    """Estimate of the first accuracy minus the second, from their points and draws."""
    (value, draws), (base, base_draws) = pair
    return summarise(float(minus(value, base)), minus(draws, base_draws), *counts, level, null=True)


def _ratios(grid: Grid, key: tuple, hard: tuple) -> Iterator[dict]:
    names = (key, hard, FLOOR)
    for test_on, inside in grid.groups.items():
        counts = _counts([grid.cells[name] for name in names], inside)
        if counts[0]:
            (one, draws), (top, top_draws), (base, base_draws) = (grid.values[name].of(test_on) for name in names)
            values = float(minus(one, base)), float(minus(top, base))
            drawn = minus(draws, base_draws), minus(top_draws, base_draws)
            yield _row(key, test_on, "sgr", summarise_ratio(values, drawn, *counts, grid.options.level))


def _counts(cells: list[Cell], inside: np.ndarray) -> tuple[int, int]:
    """Items of the group tested in every cell, and the least number of seeds with one (unsupervised not counted)."""
    tested = [cell.tested & inside[:, None] for cell in cells]
    n_items = int(np.logical_and.reduce([one.any(axis=1) for one in tested]).sum())
    trained = [one for cell, one in zip(cells, tested, strict=True) if cell.condition != UNSUPERVISED] or tested
    return n_items, min(int(one.any(axis=0).sum()) for one in trained)


def _row(key: tuple, test_on: str, metric: str, estimate: Estimate) -> dict:
    kept = ("value", "low", "high", "p_value", "n_items", "n_seeds", "defined")
    numbers = {name: getattr(estimate, name) for name in kept}
    return {"condition": key[0], "size": key[1], "test_on": test_on, "metric": metric, **numbers}
