"""ARC with human measures; 1,000 items held apart for model-based hardness (Hase 2024, §3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from easy2hard.datasets import _arc
from easy2hard.datasets._items import HARDNESS_ITEMS, hold_apart
from easy2hard.sources import Loaded, Source
from easy2hard.strict import Strict

TITLE = "ARC"
LICENCE, HUB, MEASURES = _arc.LICENCE, _arc.HUB, _arc.MEASURES
CUTOFFS = {"grade": (5.0, 8.0), "difficulty": (1.0, 3.0), "bloom": (2.0, 4.0), "depth_of_knowledge": (1.0, 3.0)}


class Options(Strict):
    """Options of the loader."""

    hardness_items: Annotated[int, Field(ge=0)] = HARDNESS_ITEMS
    """Items held apart for model-based hardness; they are neither trained nor tested on."""


def load(source: Source, options: Options, seed: int) -> Loaded:
    """Of 7,787 questions the 4,521 with all four annotations, 1,000 of them in the part "hardness"."""
    loaded = _arc.load(source.pinned(HUB))
    return replace(loaded, items=hold_apart(loaded.items, options.hardness_items, seed))

def pools(options: Options) -> tuple[int, dict[str, tuple[int, int, int]]]:
    """Items to train on, and the most easy, medium and hard ones by measure: counts of the official files."""
    return 4521 - options.hardness_items, _arc.POOLS | {"grade": (1434, 1055, 2032)}
