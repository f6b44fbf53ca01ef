"""Length of the correct answer in words (computed by the paper's code, not reported)."""

from __future__ import annotations

import pandas as pd

from easy2hard.hardness._text import words

TITLE = "Answer words"
DEFINITION = "Number of words in the text of the correct answer, split at white space."
SOURCE = "Hase et al. 2024, §2 (text; not reported in the paper)"


def score(items: pd.DataFrame) -> pd.Series:
    """Words an item, float."""
    return words(items["answer"])
