"""Metrics of a prediction run by test bucket, with bootstrap intervals (Hase 2024, §5): see `evaluate`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from easy2hard.cells import TESTS, Cell, Values, bootstrap_cells, make_cell, noise_index, ordered, slices_of
from easy2hard.estimates import Estimate, minus, summarise, summarise_ratio
from easy2hard.matrices import BUCKETS, UNSUPERVISED

FLOOR = (UNSUPERVISED, 0, 0)
HARD, ORACLE = "hard", "oracle"


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
    """All cells of one measure and part by (condition, size, noise index), their values, and the rows of each test
    bucket. top: the condition that others are compared with, "hard" or "oracle"."""

    cells: dict[tuple[str, int, int], Cell]
    values: dict[tuple[str, int, int], Values]
    groups: dict[str, np.ndarray]
    options: Options
    top: str = HARD


def evaluate(
    predictions: pd.DataFrame,
    unsupervised: pd.DataFrame | None,
    buckets: pd.Series,
    part: str,
    measure: str,
    options: Options,
    oracle: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """RESULTS rows (without the columns that name the run) of one measure on one part.

    predictions: tested rows of the measure with `brier` (matrices.test_rows, .scored); unsupervised: those of the
    zero-shot run, or None; buckets: bucket or missing, by item_id, of the items of the part; oracle: tested rows of
    hard-trained runs that stand for "hard" in comparisons (trained on the dataset tested, where the others are not).

    Metrics, each for test_on all, easy, medium, hard:
    accuracy, ece, brier, label_confidence — of the runs of `condition`, `size` and `noise`; accuracy alone where
    answers were generated, which have no confidence;
    gap — accuracy on test_on minus accuracy on the training level, for condition easy, medium, hard;
    minus_unsupervised — accuracy of `condition` minus that of the unsupervised run;
    minus_hard — accuracy of `condition` minus that of the hard-trained run of the same size, and of the noise rate at
    the same place among its rates;
    sgr — (condition − unsupervised) / (hard − unsupervised); `defined` False where the interval of the denominator
    covers 0.
    Comparisons are made on the items that every run of their size and noise index, and the unsupervised one, was tested
    on in some seed: an item that one condition trained on in all seeds is in no comparison. n_items counts them.
    """
    here = predictions[predictions["item_id"].isin(buckets.index)]
    if here.empty:
        return pd.DataFrame()
    # Only items that the runs were tested on: a capped draw compares with the unsupervised run on the same items.
    order = ordered(buckets[buckets.index.isin(here["item_id"].unique())])
    cells = _cells(here, order)
    own = [cell.key for cell in cells]
    for rows in (unsupervised, None if oracle is None else oracle.assign(condition=ORACLE)):
        cells += [] if rows is None else _cells(rows[rows["item_id"].isin(order.index)], order)
    values = bootstrap_cells(cells, slices_of(order), options.resamples, options.seed)
    groups = {name: np.isin(order.to_numpy(), chosen) for name, chosen in TESTS.items()}
    grid = Grid({cell.key: cell for cell in cells}, values, groups, options, HARD if oracle is None else ORACLE)
    rows = [row for key in own for row in (*_metrics(grid, key), *_gaps(grid, key))]
    for paired in _paired(grid, slices_of(order)):
        rows += [row for key in own if key in paired.cells and key != FLOOR for row in _comparisons(paired, key)]
    return pd.DataFrame(rows).assign(measure=measure, part=part)


def _paired(grid: Grid, slices: list[slice]) -> Iterator[Grid]:
    """What is compared, for each (size, noise index), on the items that all of its cells and the floor tested."""
    for place in sorted({key[1:] for key in grid.cells if key != FLOOR}):
        cells = [cell for key, cell in grid.cells.items() if key == FLOOR or key[1:] == place]
        common = np.logical_and.reduce([cell.tested.any(axis=1) for cell in cells])
        kept = [cell.only(common) for cell in cells]
        values = bootstrap_cells(kept, slices, grid.options.resamples, grid.options.seed)
        yield replace(grid, cells={cell.key: cell for cell in kept}, values=values)


def _cells(rows: pd.DataFrame, order: pd.Series) -> list[Cell]:
    rows = rows.assign(index=noise_index(rows))
    return [make_cell(one, order) for _, one in rows.groupby(["condition", "size", "index"], sort=True)]


def _metrics(grid: Grid, key: tuple) -> Iterator[dict]:
    """Rows of METRICS for each bucket in which something was tested."""
    for test_on, inside in grid.groups.items():
        n_items, n_seeds = _counts([grid.cells[key]], inside)
        for metric in grid.cells[key].metrics if n_items else ():
            value, draws = grid.values[key].of(test_on, metric)
            yield _row(grid, key, test_on, metric, summarise(value, draws, n_items, n_seeds, grid.options.level))


def _gaps(grid: Grid, key: tuple) -> Iterator[dict]:
    """Rows of the gap to the training level, for each other bucket."""
    home, cell = key[0], grid.cells[key]
    if not grid.options.gaps or home not in BUCKETS or not _counts([cell], grid.groups[home])[0]:
        return
    for test_on, inside in grid.groups.items():
        if test_on != home and _counts([cell], inside)[0]:
            pair = [grid.values[key].of(name) for name in (test_on, home)]
            counts = _counts([cell], inside | grid.groups[home])
            yield _row(grid, key, test_on, "gap", _apart(pair, counts, grid.options.level))


def _comparisons(grid: Grid, key: tuple) -> Iterator[dict]:
    """Rows of minus_unsupervised, minus_hard and sgr, where there is something to compare with."""
    hard = (grid.top, *key[1:])
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
            yield _row(grid, key, test_on, metric, _apart(pair, counts, grid.options.level))


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
            yield _row(grid, key, test_on, "sgr", summarise_ratio(values, drawn, *counts, grid.options.level))


def _counts(cells: list[Cell], inside: np.ndarray) -> tuple[int, int]:
    """Items of the group tested in every cell, and the least number of seeds with one (unsupervised not counted)."""
    tested = [cell.tested & inside[:, None] for cell in cells]
    n_items = int(np.logical_and.reduce([one.any(axis=1) for one in tested]).sum())
    trained = [one for cell, one in zip(cells, tested, strict=True) if cell.condition != UNSUPERVISED] or tested
    return n_items, min(int(one.any(axis=0).sum()) for one in trained)


def _row(grid: Grid, key: tuple, test_on: str, metric: str, estimate: Estimate) -> dict:
    kept = ("value", "low", "high", "p_value", "n_items", "n_seeds", "defined")
    numbers = {name: getattr(estimate, name) for name in kept}
    place = {"condition": key[0], "size": key[1], "noise": grid.cells[key].noise}
    return {**place, "test_on": test_on, "metric": metric, **numbers}
