"""Depth of knowledge (annotated beside the paper's measures; not in the paper's figures)."""

from __future__ import annotations

import pandas as pd

TITLE = "Depth of knowledge"
DEFINITION = "Depth of knowledge the question asks for: 1 recall, 2 skill or concept, 3 strategic thinking."
SOURCE = "annotation that comes with the dataset (released with the code of Hase et al. 2024; not in the paper)"


def score(items: pd.DataFrame) -> pd.Series:
    """Depth an item, float 1 to 3; NaN where it is not annotated."""
    return items["depth_of_knowledge"].astype(float)
