"""The user's own hardness: the `hardness` column of a `local` dataset."""

from __future__ import annotations

import pandas as pd

TITLE = "Given hardness"
DEFINITION = "Hardness as given with the items in the dataset's own hardness column, in its unit; higher is harder."
SOURCE = "given with the data"


def score(items: pd.DataFrame) -> pd.Series:
    """Value an item, float; NaN where none was given."""
    return items["hardness"].astype(float)
