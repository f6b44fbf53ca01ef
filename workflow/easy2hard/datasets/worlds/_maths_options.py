"""Options of the maths world."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from easy2hard.strict import Strict

Count = Annotated[int, Field(ge=0)]
Weight = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Options(Strict):
    """Settings of the world, its items and its pretraining text."""

    facts_seed: int = 0
    """Fixes the misconceptions, apart from the seed of the draws: items and corpora of several seeds speak of one
    world."""
    main: list[Count] = Field(default=[300, 1200, 3000, 1500, 1500], min_length=5, max_length=5)
    """Training problems at levels 1 to 5; there are 595 different ones of level 1 in all, 2,023 of level 2."""
    validation: list[Count] = Field(default=[50, 50, 50, 50, 50], min_length=5, max_length=5)
    """Validation problems at levels 1 to 5."""
    test: list[Count] = Field(default=[100, 100, 100, 100, 100], min_length=5, max_length=5)
    """Test problems at levels 1 to 5."""
    vulnerable: list[Share] = Field(default=[0.25, 0.45, 0.6], min_length=3, max_length=3)
    """Share of the sums, differences and products with a popular wrong result."""
    popular: list[Share] = Field(default=[0.3, 0.95], min_length=2, max_length=2)
    """Least and greatest rate at which forum authors write the popular wrong result of such a fact."""
    unpopular: Share = 0.02
    """Rate at which they write the wrong result of any other fact."""
    documents: int = Field(default=48_000, ge=1)
    """Pretraining documents, a solved problem each."""
    level_weights: list[Weight] = Field(default=[0.28, 0.24, 0.2, 0.16, 0.12], min_length=5, max_length=5)
    """Shares of the levels among the documents."""
    tagged: Share = 0.5
    """Share of documents that name the kind of their author: half of these careful, half forum."""
    careful: Share = 0.25
    """Share of careful authors among the other documents."""
    slip: Share = 0.01
    """Rate at which a careful author writes a random value in a step; the first step of a forum author has none, each
    later one `2 * slip` more."""

    @field_validator("level_weights")
    @classmethod
    def _some_weight(cls, weights: list[float]) -> list[float]:
        if not sum(weights) > 0:
            raise ValueError("expected at least one level with a weight above 0")
        return weights

    @field_validator("popular")
    @classmethod
    def _ordered(cls, rates: list[float]) -> list[float]:
        if rates[0] > rates[1]:
            raise ValueError(f"expected the lesser rate first, not {rates}")
        return rates
