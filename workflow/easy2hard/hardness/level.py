"""High school or college (Hase 2024, §2: "Grade level (MMLU)")."""

from __future__ import annotations

import pandas as pd

TITLE = "School level"
DEFINITION = "School level of the question's subject: 0 high school, 1 college."
SOURCE = "Hase et al. 2024, §2 (name of the subject)"


def score(items: pd.DataFrame) -> pd.Series:
    """Level an item, float 0 or 1; NaN where the subject has none."""
    return items["level"].astype(float)
