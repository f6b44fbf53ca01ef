"""From a hardness value to a bucket: easy, medium, hard (Hase 2024, §2)."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field, ValidationError

from easy2hard.errors import UserError
from easy2hard.strict import Strict

BUCKETS = ("easy", "medium", "hard")


class Cutoffs(Strict):
    """Easy is a value ≤ `easy`, else hard is a value ≥ `hard`, else medium."""

    kind: Literal["fixed", "percentiles"] = Field(description="`fixed`: in the measure's unit; `percentiles`: 0 to 100")
    easy: float = Field(description="easy: at most this value, or this percentile")
    hard: float = Field(description="hard: at least this value, or this percentile")


def parse(cutoffs: dict | Cutoffs) -> Cutoffs:
    """Check `{"kind": "fixed"|"percentiles", "easy": e, "hard": h}`. UserError unless e < h, and 0 to 100."""
    try:
        checked = Cutoffs.model_validate(cutoffs)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, ("cutoffs", *first["loc"])))
        raise UserError(f"{place}: {first['msg']}; expected kind fixed or percentiles, easy, hard") from error
    if checked.easy >= checked.hard:
        raise UserError(f"cutoffs: easy ({checked.easy:g}) must be below hard ({checked.hard:g})")
    if checked.kind == "percentiles" and not (checked.easy >= 0 and checked.hard <= 100):
        raise UserError(f"cutoffs: percentiles are 0 to 100, got {checked.easy:g} and {checked.hard:g}")
    return checked


def assign(
    values: pd.Series, part: pd.Series, cutoffs: dict | Cutoffs
) -> tuple[pd.Series, tuple[float, float]]:
    """The bucket of each value (None where it is NaN) and the cutoffs in the measure's unit (easy, hard).

    values: float, one an item; part: the items' parts, same index. Percentiles are taken over the "main" items that
    have a value (the paper's probing set), by linear interpolation; both ends are inclusive, so ties enlarge a bucket.
    Where ties make the two percentiles equal, what is not easy is hard. Raises UserError for cutoffs that do not fit.
    """
    easy, hard = resolve(values, part, parse(cutoffs))
    number = values.to_numpy(dtype=float)
    named = np.select([np.isnan(number), number <= easy, number >= hard], [None, "easy", "hard"], default="medium")
    return pd.Series(named, index=values.index, dtype=object), (easy, hard)


def resolve(values: pd.Series, part: pd.Series, cutoffs: Cutoffs) -> tuple[float, float]:
    """Cutoffs in the measure's unit. Raises UserError where no "main" item has a value to take percentiles of."""
    if cutoffs.kind == "fixed":
        return cutoffs.easy, cutoffs.hard
    known = values[(part == "main") & values.notna()].to_numpy(dtype=float)
    if not len(known):
        raise UserError("cutoffs: no item of part 'main' has a value, so there are no percentiles to take")
    easy, hard = np.quantile(known, [cutoffs.easy / 100, cutoffs.hard / 100])
    return float(easy), float(hard)


def counts(bucket: pd.Series) -> dict[str, int]:
    """Items by bucket, in order, and how many have none (`missing`)."""
    found = {name: int((bucket == name).sum()) for name in BUCKETS}
    return {**found, "missing": int(bucket.isna().sum())}


def tally(items: pd.DataFrame, bucket: pd.Series) -> dict[str, dict[str, int]]:
    """Items by bucket, for each part and for all of them."""
    parts = {str(name): counts(bucket[rows.index]) for name, rows in items.groupby("part", sort=True)}
    return {"all": counts(bucket), **parts}


def concerns(values: pd.Series, part: pd.Series, bucket: pd.Series, resolved: tuple[float, float]) -> list[str]:
    """What a reader of the table must know: all values equal, percentiles that coincide, empty buckets."""
    main = part == "main"
    known = values[main & values.notna()]
    found = []
    if known.nunique() == 1:
        found.append(f"all {len(known)} values of part 'main' are equal ({known.iloc[0]:g}): the measure tells nothing")
    if resolved[0] >= resolved[1]:
        found.append(f"ties: both cutoffs are {resolved[0]:g}, so no item is medium")
    sizes = counts(bucket[main])
    empty = [name for name in BUCKETS if not sizes[name]]
    if empty:
        found.append(f"no item of part 'main' is {' or '.join(empty)}")
    return found
