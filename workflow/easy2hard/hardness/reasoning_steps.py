"""Number of reasoning steps in the reference solution (Hase 2024, §2: "Num. reasoning steps").

The paper's code counts sub-questions for StrategyQA and lines for GSM8K. DEVIATION: the code caps the count at 10;
here it is not capped (one GSM8K item has 11 lines; its bucket is the same).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from easy2hard.hardness._text import counts

TITLE = "Reasoning steps"
DEFINITION = (
    "Number of steps of the reference reasoning: the steps the dataset lists or, "
    "for a dataset that lists none, the non-empty lines of the solution."
)
SOURCE = "Hase et al. 2024, §2 (reference solution)"


def score(items: pd.DataFrame) -> pd.Series:
    """Steps an item, float; NaN where an item has no reasoning. One way of counting for the whole dataset."""
    listed = items["steps"].map(_listed).astype(float)
    return listed if listed.notna().any() else counts(items["solution"], _lines).replace(0.0, np.nan)


def _listed(steps: object) -> float:
    """Length of a list of steps; an empty or absent list is no step count."""
    return float(len(steps)) if isinstance(steps, (list, tuple, np.ndarray)) and len(steps) else np.nan


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
