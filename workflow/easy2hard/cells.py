"""The runs of one measure as arrays, and the bootstrap of their metrics by test bucket (Hase 2024, §5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from easy2hard import bootstrap
from easy2hard.calibration import BINS, ece_columns
from easy2hard.matrices import BUCKETS, distinct, pivot

METRICS = ("accuracy", "brier", "label_confidence", "ece")
# Rows are sorted by bucket: easy, medium, hard, none. "all" is the sum of the four.
GROUPS = (*BUCKETS, None)
TESTS = {"all": (0, 1, 2, 3), "easy": (0,), "medium": (1,), "hard": (2,)}


@dataclass(frozen=True)
class Cell:
    """One (condition, size). features: (n_items, n_seeds, 4 + BINS): tested, correct, brier, label confidence, and
    correct − confidence by bin; 0 where not tested. metrics: those that its predictions have; answers that were
    generated have an accuracy only."""

    condition: str
    size: int
    features: np.ndarray
    metrics: tuple[str, ...] = METRICS

    @property
    def key(self) -> tuple[str, int]:
        return self.condition, self.size

    @cached_property
    def tested(self) -> np.ndarray:
        """(n_items, n_seeds) bool."""
        return self.features[..., 0] > 0

    @property
    def flat(self) -> np.ndarray:
        """Features as columns."""
        return self.features.reshape(len(self.features), -1)


@dataclass(frozen=True)
class Values:
    """points (tests, metrics) and draws (tests, metrics, resamples) of a cell, in the order of TESTS and METRICS."""

    points: np.ndarray
    draws: np.ndarray

    def of(self, test_on: str, metric: str = "accuracy") -> tuple[float, np.ndarray]:
        """Point value and draws of one metric on one test bucket."""
        place = list(TESTS).index(test_on), METRICS.index(metric)
        return float(self.points[place]), self.draws[place]


def ordered(buckets: pd.Series) -> pd.Series:
    """Position of each item's bucket in GROUPS, by item_id, sorted by bucket and item."""
    codes = pd.Series(len(BUCKETS), index=buckets.index)
    for code, name in enumerate(BUCKETS):
        codes[buckets == name] = code
    return codes.sort_index().sort_values(kind="stable")


def slices_of(order: pd.Series) -> list[slice]:
    """Rows of each of GROUPS."""
    edges = np.searchsorted(order.to_numpy(), np.arange(len(GROUPS) + 1))
    return [slice(start, stop) for start, stop in zip(edges[:-1], edges[1:], strict=True)]


def make_cell(rows: pd.DataFrame, order: pd.Series) -> Cell:
    """Cell of the PREDICTIONS rows, with `brier`, of one condition and size; rows in the given order of items."""
    ids, seeds = order.index.to_numpy(), distinct(rows, "seed")
    columns = ("correct", "brier", "label_confidence", "confidence")
    correct, brier, label_confidence, confidence = (pivot(rows, ids, seeds, column) for column in columns)
    parts = [~np.isnan(correct), np.nan_to_num(correct), np.nan_to_num(brier), np.nan_to_num(label_confidence)]
    features = np.concatenate([np.stack(parts, axis=-1), ece_columns(confidence, correct, BINS)], axis=-1)
    rounded = bootstrap.exact(features).astype(np.float64, copy=False)
    metrics = METRICS if rows["brier"].notna().all() else METRICS[:1]
    return Cell(str(rows["condition"].iloc[0]), int(rows["size"].iloc[0]), rounded, metrics)


def bootstrap_cells(cells: list[Cell], slices: list[slice], resamples: int, seed: int) -> dict[tuple[str, int], Values]:
    """Points and draws of every cell. Items are drawn once for all cells, seeds once for each condition."""
    # Training sets of several sizes are nested: one condition's seeds are the same runs at every size.
    seeds = [bootstrap.seed_counts(cell.tested.shape[1], resamples, seed, cell.condition) for cell in cells]
    draws = [np.empty((len(TESTS), len(METRICS), resamples)) for _ in cells]
    start = 0
    for chunk in bootstrap.item_counts(slices[-1].stop, resamples, seed):
        counts = chunk.astype(np.float64)
        stop = start + len(counts)
        for cell, drawn, found in zip(cells, seeds, draws, strict=True):
            shape = (len(counts), *cell.features.shape[1:])
            sums = [(counts[:, rows] @ cell.flat[rows]).reshape(shape) for rows in slices]
            found[:, :, start:stop] = _metrics(sums, drawn[start:stop])
        start = stop
    return {cell.key: Values(_points(cell, slices), found) for cell, found in zip(cells, draws, strict=True)}


def _points(cell: Cell, slices: list[slice]) -> np.ndarray:
    sums = [cell.features[rows].sum(axis=0)[None] for rows in slices]
    return _metrics(sums, np.ones((1, cell.features.shape[1])))[:, :, 0]


def _metrics(sums: list[np.ndarray], seeds: np.ndarray) -> np.ndarray:
    """(tests, metrics, b) from the sums of the features over the items of each group, (b, n_seeds, features)."""
    found = []
    for groups in TESTS.values():
        total = sum(sums[group] for group in groups)
        errors = np.abs(total[..., 4:]).sum(axis=-1)
        columns = (total[..., 1], total[..., 2], total[..., 3], errors)
        found.append([bootstrap.seed_mean(column, total[..., 0], seeds) for column in columns])
    return np.array(found)
