"""The level a dataset gives its items: in MMLU high school or college (Hase 2024, §2: "Grade level (MMLU)")."""

from __future__ import annotations

import pandas as pd

TITLE = "Level"
DEFINITION = "Level the dataset gives the item (in MMLU: 0 high school, 1 college, by the subject)."
SOURCE = "given with the dataset (Hase et al. 2024, §2)"


def score(items: pd.DataFrame) -> pd.Series:
    """Level an item, float; NaN where there is none."""
    return items["level"].astype(float)
