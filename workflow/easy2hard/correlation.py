"""Spearman correlation between hardness measures (Hase 2024, Figs 3 and 10)."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    """Rank correlation of two float arrays [n], ties averaged, no NaN; NaN where it is undefined (n < 2, constant)."""
    if len(first) < 2:
        return float("nan")
    ranks = [pd.Series(values).rank(method="average").to_numpy() for values in (first, second)]
    a, b = (values - values.mean() for values in ranks)
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(np.clip((a @ b) / scale, -1.0, 1.0)) if scale > 0 else float("nan")


def pairs(values: pd.DataFrame) -> pd.DataFrame:
    """Correlation of every column with every column: measure_a, measure_b, spearman, n_items.

    values: one row an item, one column a measure. Each pair uses the items that have both values (`n_items`).
    """
    return pd.DataFrame([_pair(values, a, b) for a, b in product(values.columns, repeat=2)])


def _pair(values: pd.DataFrame, a: str, b: str) -> dict:
    first, second = values[a].to_numpy(dtype=float), values[b].to_numpy(dtype=float)
    both = ~(np.isnan(first) | np.isnan(second))
    return {"measure_a": a, "measure_b": b, "spearman": spearman(first[both], second[both]), "n_items": int(both.sum())}
