"""Training conditions and label noise: what a training set is drawn from, and which of its labels are wrong.

Besides the paper's five: `value_3` trains only on items whose measure is exactly 3, `mix_30` on 30 % hard and 70 % easy
items, spread evenly so that each prefix of a draw keeps the share.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from easy2hard.errors import nearest
from easy2hard.strict import Strict

NAMED = ("easy", "medium", "hard", "all", "easy_and_hard")
VALUE, MIX = r"value_(-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?)", r"mix_([1-9][0-9]?)"
PATTERN = f"^(?:{'|'.join(NAMED)}|{VALUE}|{MIX})$"
FREE = ("unsupervised", "ceiling")


def check(name: str) -> str:
    """The name of a condition. Raises ValueError saying what is allowed."""
    if not re.fullmatch(PATTERN, name):
        said = f"{', '.join(NAMED)}, value_<number>, mix_<percent of hard items, 1 to 99>"
        raise ValueError(f"unknown condition '{name}'; allowed: {said}{nearest(name, NAMED)}")
    return name


Condition = Annotated[str, AfterValidator(check), Field(json_schema_extra={"pattern": PATTERN})]
Rate = Annotated[float, Field(ge=0, le=1)]


class Noise(Strict):
    """Wrong labels in training sets; test labels are always right."""

    kind: Literal["uniform", "mislabel"]
    """`uniform`: a hit item gets a label drawn from all its choices, the right one included, as the paper's code does;
    `mislabel`: it gets one of the other choices."""
    rates: dict[Condition, list[Rate]]
    """Shares of training items that are hit, ascending, by condition; a condition not named has no noise. Conditions
    are compared at the same place of their lists (the paper: p for easy, 2p for hard)."""

    @model_validator(mode="after")
    def _ascending(self) -> Noise:
        for name, rates in self.rates.items():
            if not rates or sorted(set(rates)) != rates:
                raise ValueError(f"rates of '{name}' are {rates}; expected each once, in ascending order")
        return self

    def of(self, condition: str) -> list[float]:
        """Rates of a condition."""
        return self.rates.get(condition, [0.0])


def value(name: str) -> float | None:
    """The value of the measure that `value_…` trains on, else None."""
    found = re.fullmatch(VALUE, name)
    return float(found.group(1)) if found else None


def percent(name: str) -> int | None:
    """Per cent of hard items of `mix_…`, else None."""
    found = re.fullmatch(MIX, name)
    return int(found.group(1)) if found else None


def hard_items(name: str, size: int) -> int | None:
    """Hard items among the first `size` of a draw of easy and hard items; None for other conditions.

    `mix_…` rounds to the nearest, so that no prefix is more than half an item off its share.
    """
    share = percent(name)
    if share is not None:
        return (2 * size * share + 100) // 200
    return {"easy": 0, "hard": size, "easy_and_hard": size // 2}.get(name)


def label(name: str) -> str:
    """What a reader should call a condition."""
    if value(name) is not None:
        return f"value {value(name):g}"
    if percent(name) is not None:
        return f"{percent(name)}% hard"
    known = {"unsupervised": "none (unsupervised)", "ceiling": "none, reliable source named"}
    return known.get(name, name.replace("_", " "))


def rank(name: str) -> tuple:
    """Sorting key: without training first, then the named ones, mixes by share, values by value; the ceiling last."""
    order = ["unsupervised", *NAMED]
    if name in order:
        return (0, order.index(name))
    if percent(name) is not None:
        return (1, percent(name))
    return (2, value(name)) if value(name) is not None else (3, 0)
