"""How many of 100 fine-tuned models get an item wrong (MNLI with the runs of McCoy et al. 2020)."""

from __future__ import annotations

import pandas as pd

TITLE = "Wrong runs of 100"
DEFINITION = "Number of 100 BERT models, fine-tuned with different seeds, that get the item wrong."
SOURCE = "counts that come with the dataset (McCoy, Min and Linzen 2020)"


def score(items: pd.DataFrame) -> pd.Series:
    """Runs an item, float 0 to 100; the loader of a dataset with counts puts them into `hardness`."""
    return items["hardness"].astype(float)
