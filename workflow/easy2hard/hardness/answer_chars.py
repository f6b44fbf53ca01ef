"""Length of the correct answer in characters (Hase 2024, §2: "Answer num. chars")."""

from __future__ import annotations

import pandas as pd

from easy2hard.hardness._text import counts

TITLE = "Answer characters"
DEFINITION = "Number of characters in the text of the correct answer."
SOURCE = "Hase et al. 2024, §2 (text)"


def score(items: pd.DataFrame) -> pd.Series:
    """Characters (Unicode code points) an item, float."""
    return counts(items["answer"], str)
