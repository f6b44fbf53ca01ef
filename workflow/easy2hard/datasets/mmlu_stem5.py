"""MMLU-STEM-5: five subjects, high school (level 0) and college (level 1); Hase 2024, §3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from easy2hard.datasets._items import Items, several
from easy2hard.readers import read_csv
from easy2hard.rows import Row
from easy2hard.sources import Loaded, Reader, Source

TITLE = "MMLU-STEM-5"
LICENCE = "MIT (hendrycks/test)"
SUBJECTS = ("computer_science", "physics", "mathematics", "chemistry", "biology")
LEVELS = ("high_school", "college")
SPLITS = {"validation": "val", "test": "test"}  # hub name → official folder and file ending
HUB = {
    "id": "cais/mmlu",
    "revision": "c30699e8356da336a370243923dbaf21066bb9fe",
    "configs": [f"{level}_{subject}" for subject in SUBJECTS for level in LEVELS],
    "splits": list(SPLITS),
}
MEASURES = ("level", "question_words", "answer_chars", "answer_words")
CUTOFFS = {"level": (0.0, 1.0)}
COLUMNS = ("question", "A", "B", "C", "D", "answer")
LETTERS = COLUMNS[1:5]


def load(source: Source, options: None, seed: int) -> Loaded:
    """1,746 items: 1,143 of high school, 603 of college. Ids are subject/split/row, rows from 0 in file order."""
    reader = Reader(source.pinned(HUB))
    items = Items()
    for config, split, rows in _tables(reader):
        level = 0.0 if config.startswith("high_school") else 1.0
        for index, row in enumerate(rows):
            item_id = f"{config}/{split}/{index:04d}"
            items.add(row, item_id, **_question(row), subject=config, level=level, origin=f"{config}/{split}")
    frame = items.frame()
    return Loaded(frame, len(frame), {}, reader.records, notes=reader.notes)


def pools(options: object) -> tuple[int, dict[str, tuple[int, int, int]]]:
    """Items to train on, and the most easy, medium and hard ones by measure: counts of the official files."""
    return 1746, {"level": (1143, 0, 603)}


def _tables(reader: Reader) -> Iterator[tuple[str, str, list[Row]]]:
    """(config, split, rows) in the paper's order."""
    names = {
        (config, split): f"{folder}/{config}_{folder}.csv"
        for config in HUB["configs"]
        for split, folder in SPLITS.items()
    }
    official = reader.is_official(list(names.values()))
    for (config, split), name in names.items():
        yield config, split, reader.file(name, _headless) if official else reader.split(config, split)


def _headless(path: Path) -> list[Row]:
    return read_csv(path, COLUMNS)


def _question(row: Row) -> dict:
    """Question, choices and label of an official row (letters) or a hub row (a list and an index)."""
    if "choices" in row.values:
        choices = several(row, row.texts("choices"))
        return {"question": row.text("question"), "choices": choices, "label": row.integer("answer")}
    letter = row.text("answer")
    if letter not in LETTERS:
        raise row.error(f"answer '{letter}' is outside the choices (expected A, B, C or D)")
    choices = [row.text(name) for name in LETTERS]
    return {"question": row.text("question"), "choices": choices, "label": LETTERS.index(letter)}
