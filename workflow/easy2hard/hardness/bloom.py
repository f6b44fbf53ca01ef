"""Required cognitive skill, the level in Bloom's taxonomy (Hase 2024, §2: "Bloom skill")."""

from __future__ import annotations

import pandas as pd

TITLE = "Bloom skill"
DEFINITION = (
    "Cognitive skill the question asks for, as a level of Bloom's taxonomy: "
    "1 remembering, 2 understanding, 3 applying, 4 analyzing, 5 evaluating."
)
SOURCE = "annotation that comes with the dataset (Hase et al. 2024, §2 and App. A)"


def score(items: pd.DataFrame) -> pd.Series:
    """Level an item, float 1 to 5; NaN where it is not annotated."""
    return items["bloom"].astype(float)
