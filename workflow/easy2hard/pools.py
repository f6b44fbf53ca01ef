"""Which problems a generator learns from, a sampling solves: by part, condition and size."""

from __future__ import annotations

import pandas as pd

from easy2hard import conditions, seeds
from easy2hard.errors import UserError


def pool(items: pd.DataFrame, hardness: pd.DataFrame, problems: dict, seed: int) -> pd.DataFrame:
    """ITEMS rows of the chosen problems, by id.

    problems: fields of `config_reranking.Problems`. A draw of `size` is nested: a larger one holds a smaller one.
    Raises UserError for a part without items, a condition without problems, more problems asked for than there are.
    """
    part, condition, measure, size = (problems[name] for name in ("part", "condition", "measure", "size"))
    known = sorted(items["part"].unique())
    if part not in known:
        raise UserError(f"problems.part: '{part}' has no items; this dataset has {', '.join(known)}")
    joined = items[items["part"] == part].merge(hardness, on="item_id", how="left", validate="one_to_one")
    chosen = joined[_mask(joined, condition)].sort_values("item_id", ignore_index=True)
    if chosen.empty:
        raise UserError(f"problems.condition: part '{part}' has no '{condition}' problems by {measure}")
    if size is not None and size > len(chosen):
        raise UserError(f"problems.size: {size} of {len(chosen)} '{condition}' problems of part '{part}' asked for")
    if size is not None:
        random = seeds.generator(seed, "problems", part, measure, condition)
        chosen = chosen.iloc[sorted(random.permutation(len(chosen))[:size])]
    return chosen[list(items.columns)].reset_index(drop=True)


def _mask(joined: pd.DataFrame, condition: str) -> pd.Series:
    value = conditions.value(condition)
    if value is not None:
        return joined["value"] == value
    return pd.Series(condition == "all", joined.index) | (joined["bucket"] == condition)
