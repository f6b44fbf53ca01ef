"""Accuracy against the value of a hardness measure (Hase 2024, Figs 4, 11, 12; §5)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from easy2hard.matrices import distinct, pivot

MANY = 9  # distinct values from which on equal-width bins are made
BINS = 4
LARGEST_ERROR = 0.1  # bins with a standard error of this or more are dropped


def accuracy_by_value(predictions: pd.DataFrame, value: pd.Series, level: float = 0.95) -> tuple[pd.DataFrame, int]:
    """Rows (condition, size, value_low, value_high, accuracy, low, high, n_items, n_seeds), and the bins dropped.

    predictions: tested rows of one measure and part; value: of the measure, by item_id of the part (NaN is left out).
    Accuracy is the mean over items of the item's mean over seeds, 0–1; low, high: t-interval over items, not clipped.
    At least 9 distinct values are cut into 4 equal-width bins [value_low, value_high), the last one closed; fewer stand
    for themselves (value_low = value_high). Bins with a standard error of 0.1 or more, or of one item, are dropped, as
    in the paper.
    """
    known = value.dropna()
    rows = predictions[predictions["item_id"].isin(known.index)]
    if rows.empty:
        return pd.DataFrame(), 0
    ids = distinct(rows, "item_id")
    edges = _edges(known.loc[ids].to_numpy(dtype=np.float64))
    found = [_run(cell, known, edges, level) for _, cell in rows.groupby(["condition", "size"], sort=True)]
    return pd.concat([frame for frame, _ in found], ignore_index=True), sum(dropped for _, dropped in found)


def _edges(values: np.ndarray) -> np.ndarray:
    """(bins, 2) lower and upper value of each bin."""
    distinct = np.unique(values)
    if len(distinct) < MANY:
        return np.stack([distinct, distinct], axis=1)
    cuts = np.linspace(distinct[0], distinct[-1], BINS + 1)
    return np.stack([cuts[:-1], cuts[1:]], axis=1)


def _run(cell: pd.DataFrame, value: pd.Series, edges: np.ndarray, level: float) -> tuple[pd.DataFrame, int]:
    ids, seeds = distinct(cell, "item_id"), distinct(cell, "seed")
    means = np.nanmean(pivot(cell, ids, seeds, "correct"), axis=1)
    place = np.searchsorted(edges[:, 0], value.loc[ids].to_numpy(dtype=np.float64), side="right") - 1
    rows, dropped = [], 0
    for (low, high), inside in zip(edges, (means[place == number] for number in range(len(edges))), strict=True):
        row = _bin(inside, level)
        dropped += int(row is None and len(inside) > 0)
        if row is not None:
            rows.append({"value_low": low, "value_high": high, **row})
    first = cell.iloc[0]
    frame = pd.DataFrame(rows).assign(condition=first["condition"], size=first["size"], n_seeds=len(seeds))
    return frame, dropped


def _bin(means: np.ndarray, level: float) -> dict | None:
    """Accuracy and t-interval of a bin; None where it is too uncertain to show."""
    if len(means) < 2:
        return None
    error = means.std(ddof=1) / np.sqrt(len(means))
    if error >= LARGEST_ERROR:
        return None
    from scipy.special import stdtrit  # here, as nothing else needs SciPy

    half = float(stdtrit(len(means) - 1, (1 + level) / 2)) * error
    accuracy = float(means.mean())
    return {"accuracy": accuracy, "low": accuracy - half, "high": accuracy + half, "n_items": len(means)}
