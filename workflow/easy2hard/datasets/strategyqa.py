"""StrategyQA: yes/no questions with facts (solution) and a decomposition (steps); Hase 2024, §3."""

from __future__ import annotations

from collections.abc import Iterator

from easy2hard.datasets._items import Items
from easy2hard.rows import Row
from easy2hard.sources import Loaded, Reader, Source

TITLE = "StrategyQA"
LICENCE = "MIT (eladsegal/strategyqa)"
# A Parquet copy of the 2,290 labelled questions that keeps the decomposition (the copy the authors used is a script,
# which is never run). Its card states no licence.
HUB = {
    "id": "havens2/strategyQA_train",
    "revision": "1465fef6dd77aa224abcd8f4a2ae03a7cfb0021c",
    "configs": ["default"],
    "splits": ["train"],
}
MEASURES = ("reasoning_steps", "question_words", "reasoning_words")
CUTOFFS = {"reasoning_steps": (2.0, 4.0)}
CHOICES = ["yes", "no"]
OFFICIAL = {"train": "train.json", "dev": "dev.json"}


def load(source: Source, options: None, seed: int) -> Loaded:
    """2,290 items; ids are the official `qid`."""
    reader = Reader(source.pinned(HUB))
    items = Items()
    for split, rows in _tables(reader):
        for row in rows:
            items.add(
                row,
                row.text("qid"),
                row.text("question"),
                list(CHOICES),
                0 if row.flag("answer") else 1,
                solution=" ".join(row.texts("facts")),
                steps=row.texts("decomposition"),
                origin=split,
            )
    frame = items.frame()
    return Loaded(frame, len(frame), {}, reader.records, notes=reader.notes)


def pools(options: object) -> tuple[int, dict[str, tuple[int, int, int]]]:
    """Items to train on, and the most easy, medium and hard ones by measure: counts of the official files."""
    return 2290, {"reasoning_steps": (644, 1219, 427)}


def _tables(reader: Reader) -> Iterator[tuple[str, list[Row]]]:
    if reader.is_official(list(OFFICIAL.values())):
        for split, name in OFFICIAL.items():
            yield split, reader.file(name)
    else:
        yield "train", reader.split("default", "train")
