"""Counting in text, shared by the text measures."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import pandas as pd


def counts(values: pd.Series, parts: Callable[[str], Collection]) -> pd.Series:
    """`len(parts(text))` of each row as float; NaN where there is no text. Same index as `values`."""
    return values.map(lambda text: float(len(parts(text))) if isinstance(text, str) else np.nan).astype(float)


def words(values: pd.Series) -> pd.Series:
    """Words a text, split at white space as the paper does (Hase 2024, §2); NaN where there is no text."""
    return counts(values, str.split)
