"""VitaminC (Schuster, Fisch, Barzilay 2021): claims against evidence that a revision of Wikipedia may have changed.

The official files pair claims with the evidence before and after a revision, so that the same claim is supported by
one and refuted by the other. Reduced copies (claim, evidence, label, id) may lack the partners of an item, so
`contrast` is missing for them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Annotated

import pandas as pd
from pydantic import Field, StringConstraints

from easy2hard.datasets import _claims
from easy2hard.datasets._items import Items
from easy2hard.rows import Row
from easy2hard.sources import Loaded, Reader, Source
from easy2hard.strict import Strict

TITLE = "VitaminC"
LICENCE = "CC BY-SA 3.0 (TalSchuster/VitaminC; text of Wikipedia)"
HUB = {
    "id": "tals/vitaminc",
    "revision": "be6febb761b0b2807687e61e0b5282e459df2fa0",
    "configs": ["default"],
    "splits": ["train", "validation", "test"],
}
ON_HUB = {"dev": "validation"}
MEASURES = ("contrast", "question_words")
# Easy: the claim has one label whatever evidence stands beside it; hard: it changes with the evidence.
CUTOFFS = {"contrast": (0.0, 1.0)}
DEFINITIONS = {
    "question_words": "Number of words in evidence and claim and in the words that ask, split at white space."
}
Name = Annotated[str, StringConstraints(pattern=r"^\w+$")]


class Options(Strict):
    """Options of the loader."""

    splits: Annotated[list[Name], Field(min_length=1)] = ["dev", "test"]
    """Files to read, without .jsonl; on the hub the splits (`dev` is `validation` there)."""


def load(source: Source, options: Options, seed: int) -> Loaded:
    """One item a row; ids are the official `unique_id`, in reduced copies `id`. Raises UserError."""
    reader, items = Reader(source.pinned(HUB)), Items()
    official = reader.is_official([f"{split}.jsonl" for split in options.splits])
    claims: list[str | None] = []
    for split, row in _rows(reader, options.splits, official):
        whole = "case_id" in row.values
        claim, label = row.text("claim"), _claims.label(row)
        claims.append(claim if whole else None)
        items.add(
            row,
            row.text("unique_id" if whole else "id"),
            _claims.question(claim, row.text("evidence")),
            list(_claims.CHOICES),
            label,
            subject=row.text("revision_type") if whole else None,
            origin=split,
        )
    frame = items.frame()
    frame["hardness"] = contrasts(claims, list(frame["label"]))
    notes = [*reader.notes, *_notes(claims)]
    return Loaded(frame, len(frame), {}, reader.records, notes=notes, extra={"definitions": DEFINITIONS})


def _rows(reader: Reader, splits: list[str], official: bool) -> Iterator[tuple[str, Row]]:
    for split in splits:
        rows = reader.file(f"{split}.jsonl") if official else reader.split("default", ON_HUB.get(split, split))
        yield from ((split, row) for row in rows)


def contrasts(claims: list[str | None], labels: list[int]) -> pd.Series:
    """For each item, how many items have its claim and another label; NaN where the claim is None."""
    by_claim: dict[str | None, Counter] = defaultdict(Counter)
    for claim, label in zip(claims, labels, strict=True):
        by_claim[claim][label] += 1
    found = [
        None if claim is None else by_claim[claim].total() - by_claim[claim][label]
        for claim, label in zip(claims, labels, strict=True)
    ]
    return pd.Series(found, dtype="float64")


def _notes(claims: list[str | None]) -> list[str]:
    reduced = claims.count(None)
    return [f"{reduced} items are of a reduced copy without 'case_id': no measure 'contrast'"] if reduced else []
