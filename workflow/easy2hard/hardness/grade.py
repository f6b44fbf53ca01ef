"""School grade of the question (Hase 2024, §2: "Grade level")."""

from __future__ import annotations

import pandas as pd

TITLE = "Grade level"
DEFINITION = "School grade the question is meant for (in ARC: US grades 3 to 8)."
SOURCE = "annotation that comes with the dataset (Hase et al. 2024, §2 and App. A)"


def score(items: pd.DataFrame) -> pd.Series:
    """Grade an item, float; NaN where it is not annotated with a grade."""
    return items["grade"].astype(float)
