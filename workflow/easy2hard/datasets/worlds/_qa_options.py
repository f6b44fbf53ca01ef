"""Options of the QA world."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from easy2hard.datasets.worlds._qa_facts import OBJECTS
from easy2hard.strict import Strict

Count = Annotated[int, Field(ge=0)]
Weight = Annotated[float, Field(ge=0)]


class Options(Strict):
    """Settings of the world, its items and its pretraining text."""

    facts_seed: int = 0
    """Fixes the facts: colours, misconceptions, which objects are held out. Apart from the seed of the draws, so that
    items and corpora of several seeds speak of one world."""
    objects: int = Field(default=48, ge=8, le=len(OBJECTS), multiple_of=8)
    """Objects in the world, a multiple of 8; half of them are held out of all supervision."""
    vulnerable: float = Field(default=0.6, ge=0, le=1)
    """Share of the objects with a popular wrong colour."""
    main: list[Count] = Field(default=[24, 276, 240, 190, 200], min_length=5, max_length=5)
    """Items of part main at levels 1 to 5; level 1 has one possible question an object."""
    held_out: list[Count] = Field(default=[24, 76, 60, 70, 70], min_length=5, max_length=5)
    """Items of part held_out at levels 1 to 5."""
    hardness: list[Count] = Field(default=[0, 0, 0, 0, 0], min_length=5, max_length=5)
    """Items of part hardness at levels 1 to 5, held apart to fit model-based measures; none of them is in main."""
    documents: int = Field(default=15_000, ge=1)
    """Pretraining documents."""
    document_tokens: int = Field(default=96, ge=16)
    """Tokens a document, <bos> included: also the longest prompt whose accuracy means anything."""
    level_weights: list[Weight] = Field(default=[0.3, 0.25, 0.2, 0.15, 0.1], min_length=5, max_length=5)
    """Shares of the levels among the questions of the documents."""
    careful: float = Field(default=0.4, ge=0, le=1)
    """Share of documents by a careful author; the others are by forum authors."""
    tagged: float = Field(default=0.5, ge=0, le=1)
    """Share of documents that name the kind of their author."""
    slip: float = Field(default=0.02, ge=0, le=1)
    """Share of answers replaced by a random colour."""

    @field_validator("level_weights")
    @classmethod
    def _some_weight(cls, weights: list[float]) -> list[float]:
        if not sum(weights) > 0:
            raise ValueError("expected at least one level with a weight above 0")
        return weights
