"""Collects ITEMS rows and checks each where it stands: choices, label, ids that repeat."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from easy2hard import tables
from easy2hard.errors import UserError
from easy2hard.rows import Row

HARDNESS_ITEMS = 1000  # held apart in Hase 2024, §3 (released code: drawn with a fresh generator of the seed)


class Items:
    """The rows of an ITEMS table in reading order."""

    def __init__(self) -> None:
        self._records: list[dict] = []
        self._first: dict[str, str] = {}

    def add(self, row: Row, item_id: str, question: str, choices: list[str], label: int, **columns: object) -> None:
        """One item; `columns` are any of the other ITEMS columns. Raises UserError: label, repeated id."""
        if not 0 <= label < len(choices):
            raise row.error(f"label {label} is outside the choices (expected 0 to {len(choices) - 1})")
        if item_id in self._first:
            raise row.error(f"id '{item_id}' was given at {self._first[item_id]} (expected each id once)")
        self._first[item_id] = row.place
        given = {"item_id": item_id, "question": question, "choices": choices, "label": label}
        self._records.append({**_empty(), **given, "answer": choices[label], **columns})

    def frame(self) -> pd.DataFrame:
        """The items as a frame with every ITEMS column."""
        return pd.DataFrame(self._records, columns=list(tables.ITEMS.columns))


@cache
def _empty() -> dict[str, str | None]:
    """An item that says nothing; not a constant, since a loader is imported before tables are (`later`)."""
    return {name: None for name in tables.ITEMS.columns} | {"part": "main"}


def several(row: Row, choices: list[str]) -> list[str]:
    """The choices, if there are two or more. Raises UserError."""
    if len(choices) < 2:
        raise row.error(f"{len(choices)} choice (expected at least two)")
    shown = [choice.strip() for choice in choices]
    if len(set(shown)) < len(shown):
        repeated = next(choice for choice in shown if shown.count(choice) > 1)
        raise row.error(f"choice '{repeated[:60]}' stands twice (expected different choices)")
    return choices


def hold_apart(items: pd.DataFrame, count: int, seed: int) -> pd.DataFrame:
    """With `count` items in the part "hardness", drawn by position as in the released code (Hase 2024, §1.2.4).

    Raises UserError where there are not more than `count` items.
    """
    if count >= len(items) > 0:
        raise UserError(f"options.hardness_items: {count} of {len(items)} items held apart (expected fewer)")
    # DEVIATION from the rule that every generator is seeded by (seed, purpose): this draw is the authors' own, so that
    # the 1,000 items are theirs for the same seed and order.
    chosen = np.random.default_rng(seed).choice(len(items), count, replace=False)
    part = items["part"].to_numpy(copy=True)
    part[chosen] = "hardness"
    return items.assign(part=part)
