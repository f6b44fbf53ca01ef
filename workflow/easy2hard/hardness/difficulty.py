"""Rating of difficulty (Hase 2024, §2: "1/2/3 difficulty")."""

from __future__ import annotations

import pandas as pd

TITLE = "Difficulty rating"
DEFINITION = "Difficulty rating of the item: 1 low, 2 medium, 3 high (in ARC: rated by experts)."
SOURCE = "annotation that comes with the dataset (Hase et al. 2024, §2 and App. A)"


def score(items: pd.DataFrame) -> pd.Series:
    """Rating an item, float 1 to 3; NaN where it is not annotated."""
    return items["difficulty"].astype(float)
