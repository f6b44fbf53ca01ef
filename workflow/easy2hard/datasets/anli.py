"""Adversarial NLI (Nie et al. 2020): pairs written to fool a model, in three rounds against ever stronger models.

The authors ask not to tune on the test sets nor to train on development sets and report test numbers: what is
measured here by training on some of these items is generalisation between rounds, not a score for their leaderboard.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from easy2hard.datasets import _nli
from easy2hard.datasets._items import Items
from easy2hard.rows import Row
from easy2hard.sources import Loaded, Reader, Source
from easy2hard.strict import Strict

TITLE = "ANLI"
LICENCE = "CC BY-NC 4.0 (facebookresearch/anli)"
ROUNDS = (1, 2, 3)
SPLITS = ("train", "dev", "test")
HUB = {
    "id": "facebook/anli",
    "revision": "8e4813d81f46d313dac7892e1c28076917cfcdf9",
    "configs": ["plain_text"],
    "splits": [f"{split}_r{number}" for number in ROUNDS for split in SPLITS],
}
MEASURES = ("level", "question_words", "reasoning_words")
# One bucket a round: the model to fool was BERT in round 1, ensembles of RoBERTa in rounds 2 and 3, the last with
# contexts of several kinds of text.
CUTOFFS = {"level": (1.0, 3.0)}
DEFINITIONS = {
    "level": "Round of the collection, 1 to 3; in each a stronger model had to be fooled.",
    "question_words": _nli.QUESTION_WORDS,
    "reasoning_words": (
        "Number of words in the writer's reason for the label and for the model's mistake, split at white space; "
        "missing where none was written."
    ),
}


class Options(Strict):
    """Options of the loader."""

    splits: Annotated[list[Literal["train", "dev", "test"]], Field(min_length=1)] = ["dev", "test"]
    """Splits to read, of every round. `train` adds 162,865 items, most without a reason."""


def load(source: Source, options: Options, seed: int) -> Loaded:
    """6,400 items of development and test sets: 2,000, 2,000 and 2,400 by round. Ids are the official `uid`."""
    reader, items = Reader(source.pinned(HUB)), Items()
    for number, split, rows, official in _tables(reader, options.splits):
        for row in rows:
            items.add(
                row,
                row.text("uid"),
                _nli.question(row.text("context" if official else "premise"), row.text("hypothesis")),
                list(_nli.CHOICES),
                _nli.label_letter(row, "label") if official else row.integer("label"),
                solution=_reason(row),
                level=float(number),
                origin=f"R{number}/{split}",
            )
    frame = items.frame()
    return Loaded(frame, len(frame), {}, reader.records, notes=reader.notes, extra={"definitions": DEFINITIONS})


def _tables(reader: Reader, splits: list[str]) -> Iterator[tuple[int, str, list[Row], bool]]:
    """(round, split, rows, whether official) of every file."""
    names = {(number, split): f"R{number}/{split}.jsonl" for number in ROUNDS for split in splits}
    official = reader.is_official(list(names.values()))
    for (number, split), name in names.items():
        rows = reader.file(name) if official else reader.split("plain_text", f"{split}_r{number}")
        yield number, split, rows, official


def _reason(row: Row) -> str | None:
    """Why the writer thinks the label right and the model wrong; None where nothing was written."""
    reason = row.value("reason")
    blank = reason is None or (isinstance(reason, str) and not reason.strip())
    return None if blank else row.text("reason")
