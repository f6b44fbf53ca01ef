"""The model as it is: it writes a solution after the problem's prompt, with nothing shown before."""

from __future__ import annotations

import pandas as pd

from easy2hard.settings import NoOptions
from easy2hard.solutions import Format

TITLE = "base model"
TRAINS = False


def prefix(shown: pd.DataFrame | None, layout: Format, options: NoOptions, seed: int) -> str:
    """Text before each problem's prompt: none."""
    return ""
