"""FEVER (Thorne et al. 2018): claims about Wikipedia to check; hardness is how many sentences must be combined.

The files name the evidence (page and sentence) but do not hold its text: an item is the bare claim, answered from
what the model knows. Claims without enough evidence have no evidence set, so `evidence_sentences` is missing for
them: they are in the condition `all`, and in neither `easy` nor `hard`. To compare these conditions on the same task,
leave such claims out with `verifiable_only`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from easy2hard.datasets import _claims
from easy2hard.datasets._items import Items
from easy2hard.rows import Row, kind_of
from easy2hard.sources import Loaded, Reader, Source
from easy2hard.strict import Strict

TITLE = "FEVER"
LICENCE = "CC BY-SA 3.0 (fever.ai; text of Wikipedia)"
# The official repository on the hub is a script, which is never run. This copy has a row for every evidence set.
HUB = {
    "id": "copenlu/fever_gold_evidence",
    "revision": "a6b8d891d393e97a4efac791afffb2d7de5e57c6",
    "configs": ["default"],
    "splits": ["train", "validation", "test"],
}
ON_HUB = {"train": "train", "paper_dev": "validation", "paper_test": "test"}
MEASURES = ("evidence_sentences", "question_words")
# One sentence is enough, or several must be combined (multi-hop); nothing lies between.
CUTOFFS = {"evidence_sentences": (1.0, 2.0)}
DEFINITIONS = {"question_words": "Number of words in the claim and in the words that ask, split at white space."}


class Options(Strict):
    """Options of the loader."""

    splits: Annotated[list[Literal["train", "paper_dev", "paper_test"]], Field(min_length=1)] = ["paper_dev"]
    """Official files to read, without .jsonl; on the hub their copies."""
    verifiable_only: bool = False
    """Leave out the claims without enough evidence, and that answer from the choices."""


def load(source: Source, options: Options, seed: int) -> Loaded:
    """9,999 items of `paper_dev`, a third by label; ids are the official claim numbers. Raises UserError."""
    reader, items = Reader(source.pinned(HUB)), Items()
    official = reader.is_official([f"{split}.jsonl" for split in options.splits])
    choices, dropped = list(_claims.CHOICES), 0
    if options.verifiable_only:
        choices.remove(_claims.CHOICES[_claims.NOT_ENOUGH])
    for split in options.splits:
        rows = reader.file(f"{split}.jsonl") if official else reader.split("default", ON_HUB[split])
        claims = _official(rows) if official else _of_sets(rows)
        for row, number, sentences in claims:
            question, label = _claims.question(row.text("claim")), _claims.label(row)
            if options.verifiable_only and label == _claims.NOT_ENOUGH:
                dropped += 1
                continue
            items.add(row, str(number), question, list(choices), label, hardness=sentences, origin=split)
    frame, lost = items.frame(), {"not enough information": dropped} if dropped else {}
    extra = {"definitions": DEFINITIONS}
    return Loaded(frame, len(frame) + dropped, lost, reader.records, notes=reader.notes, extra=extra)


def _official(rows: list[Row]) -> Iterator[tuple[Row, int, float | None]]:
    """(row, claim number, sentences in the smallest set): a row a claim; an entry ends with page and sentence."""
    for row in rows:
        yield row, row.integer("id"), _smallest(row, _list(row, row.value("evidence"), "sets"), slice(2, 4), 4)


def _of_sets(rows: list[Row]) -> Iterator[tuple[Row, int, float | None]]:
    """The same from a row a set: the rows of a claim must agree; an entry begins with page and sentence."""
    grouped: dict[int, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.integer("original_id"), []).append(row)
    for number, group in grouped.items():
        for row in group[1:]:
            _check_same(row, group[0])
        sizes = [_smallest(row, [row.value("evidence")], slice(0, 2), 3) for row in group]
        yield group[0], number, None if None in sizes else min(sizes)


def _check_same(row: Row, first: Row) -> None:
    for name in ("claim", "label"):
        if row.value(name) != first.value(name):
            raise row.error(f"'{name}' differs from {first.place} (expected the same for one 'original_id')")


def _smallest(row: Row, sets: list, where: slice, length: int) -> float | None:
    """Different sentences in the smallest evidence set; None where there is not enough information."""
    if _claims.label(row) == _claims.NOT_ENOUGH:
        return None
    return float(min(len(_sentences(row, _list(row, one, "entries"), where, length)) for one in sets))


def _sentences(row: Row, entries: list, where: slice, length: int) -> set[tuple[str, str]]:
    """(page, sentence) of every entry. Raises UserError where one is missing."""
    found = set()
    for entry in entries:
        if not isinstance(entry, list) or len(entry) != length or None in entry[where]:
            raise row.error(f"'evidence' has the entry {kind_of(entry)} (expected {length} values, page and sentence)")
        page, sentence = entry[where]
        found.add((str(page), str(sentence)))
    return found


def _list(row: Row, value: object, of: str) -> list:
    if not isinstance(value, list) or not value:
        raise row.error(f"'evidence' holds {kind_of(value)} (expected a list of {of})")
    return value
