"""ARC with human measures, nothing held apart, for training on 3rd-grade questions (Hase 2024: to college)."""

from __future__ import annotations

from easy2hard.datasets import _arc
from easy2hard.sources import Loaded, Source

TITLE = "ARC (nothing held apart)"
LICENCE, HUB, MEASURES = _arc.LICENCE, _arc.HUB, _arc.MEASURES
# Easy is 3rd grade alone: the cutoffs of the 3rd-grade-to-college runs.
CUTOFFS = {"grade": (3.0, 8.0), "difficulty": (1.0, 3.0), "bloom": (2.0, 4.0), "depth_of_knowledge": (1.0, 3.0)}


def load(source: Source, options: None, seed: int) -> Loaded:
    """Of 7,787 questions the 4,521 with all four annotations."""
    return _arc.load(source.pinned(HUB))


def pools(options: object) -> tuple[int, dict[str, tuple[int, int, int]]]:
    """Items to train on, and the most easy, medium and hard ones by measure: counts of the official files."""
    return 4521, _arc.POOLS | {"grade": (194, 2295, 2032)}
