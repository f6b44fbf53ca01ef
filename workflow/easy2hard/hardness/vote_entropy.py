"""Disagreement of many people about an item's label (ChaosNLI)."""

from __future__ import annotations

import pandas as pd

TITLE = "Vote entropy (bits)"
DEFINITION = "Entropy, in bits, of the labels that 100 people gave the item: 0 where all agree."
SOURCE = "votes that come with the dataset (Nie, Zhou and Bansal 2020)"


def score(items: pd.DataFrame) -> pd.Series:
    """Bits an item, float; the loader of a dataset with votes puts them into `hardness`."""
    return items["hardness"].astype(float)
