"""Length of the reference solution in words (computed by the paper's code, not reported)."""

from __future__ import annotations

import pandas as pd

from easy2hard.hardness._text import words

TITLE = "Reasoning words"
DEFINITION = "Number of words in the reference solution, split at white space."
SOURCE = "Hase et al. 2024, §2 (reference solution; not reported in the paper)"


def score(items: pd.DataFrame) -> pd.Series:
    """Words an item, float; NaN where an item has no solution."""
    return words(items["solution"])
