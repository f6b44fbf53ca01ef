"""How many other items have the same claim and another label (VitaminC)."""

from __future__ import annotations

import pandas as pd

TITLE = "Contrasting items"
DEFINITION = "Number of items that have the same claim and another label, because their evidence differs."
SOURCE = "counted in the files read (contrast pairs of Schuster, Fisch and Barzilay 2021)"


def score(items: pd.DataFrame) -> pd.Series:
    """Items an item, float from 0; NaN where partners may be missing. The loader puts them into `hardness`."""
    return items["hardness"].astype(float)
