"""How many sentences are needed to check a claim (FEVER)."""

from __future__ import annotations

import pandas as pd

TITLE = "Evidence sentences"
DEFINITION = (
    "Number of sentences in the smallest set of evidence that settles the claim; "
    "missing where there is not enough information."
)
SOURCE = "evidence that comes with the dataset (Thorne et al. 2018)"


def score(items: pd.DataFrame) -> pd.Series:
    """Sentences an item, float from 1; NaN where there is no evidence. The loader puts them into `hardness`."""
    return items["hardness"].astype(float)
