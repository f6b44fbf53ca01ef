"""Length of the question in words (Hase 2024, §2: "Question num. words")."""

from __future__ import annotations

import pandas as pd

from easy2hard.hardness._text import words

TITLE = "Question words"
DEFINITION = "Number of words in the question, choices excluded, split at white space."
SOURCE = "Hase et al. 2024, §2 (text)"


def score(items: pd.DataFrame) -> pd.Series:
    """Words an item, float."""
    return words(items["question"])
