"""AI2 ARC, Easy and Challenge, joined with the annotations released with Hase 2024 (§1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from easy2hard.datasets._items import Items, several
from easy2hard.errors import UserError, nearest
from easy2hard.readers import read_json_object
from easy2hard.rows import Row
from easy2hard.sources import Loaded, Reader, Source

LICENCE = "questions CC BY-SA 4.0 (AI2 ARC); annotations Apache-2.0 (allenai/easy-to-hard-generalization)"
HUB = {
    "id": "allenai/ai2_arc",
    "revision": "210d026faf9955653af8916fad021475a3f00453",
    "configs": ["ARC-Easy", "ARC-Challenge"],
    "splits": ["train", "validation", "test"],
}
MEASURES = (
    "grade", "difficulty", "bloom", "depth_of_knowledge", "question_words", "answer_chars", "answer_words",
)  # fmt: skip
ANNOTATIONS = "arc-challenge-easy-annotations.json"
OFFICIAL_SPLITS = {"train": "Train", "validation": "Dev", "test": "Test"}
TAGS = {"ARC-Easy": "ARCEZ_", "ARC-Challenge": "ARCCH_"}
LABELS = ("ABCDE", "12345")
# Annotation text → number; None where the text has no place on the scale (§1.3).
SCALES: dict[str, dict[str, float | None]] = {
    "grade": {f"Grade {grade:02d}": float(grade) for grade in range(3, 9)}
    | {"Biology": None, "Earth and Space Sciences": None},
    "bloom": {"Remembering": 1.0, "Understanding": 2.0, "Applying": 3.0, "Analyzing": 4.0, "Evaluating": 5.0},
    "depth_of_knowledge": {"I": 1.0, "II": 2.0, "III": 3.0},
    "difficulty": {"Low": 1.0, "Medium": 2.0, "High": 3.0},
}
# Easy, medium and hard items of the official files by the paper's cutoffs; grades are cut in two ways.
POOLS = {"difficulty": (1056, 2878, 587), "bloom": (2357, 1314, 850), "depth_of_knowledge": (2353, 1974, 194)}


def load(source: Source) -> Loaded:
    """The questions with all four human measures, in reading order: Easy then Challenge, train, validation, test.

    Raises UserError for a damaged row, and for an annotation of a question that is not there.
    """
    reader = Reader(source)
    path = _annotations_path(source)
    questions = list(_questions(reader))
    annotations = _annotations(reader, path)
    items, reasons = Items(), []
    for row, origin in questions:
        item_id = row.text("id")
        scores = annotations.pop(TAGS[origin.split("/")[0]] + item_id, None)
        items.add(row, item_id, **_question(row), origin=origin, **(scores[1] if scores else {}))
        reasons.append(_reason(scores))
    for key, (row, _) in annotations.items():
        raise row.error(f"annotation '{key}' belongs to no question (expected an id of the ARC files)")
    return _kept(items.frame(), pd.Series(reasons), reader)


def _kept(frame: pd.DataFrame, reasons: pd.Series, reader: Reader) -> Loaded:
    """The rows the protocol keeps; the others counted by reason."""
    dropped = {str(reason): int(count) for reason, count in reasons.value_counts().sort_index().items() if reason}
    kept = frame[(reasons == "").to_numpy()].reset_index(drop=True)
    if kept.empty:
        raise UserError(f"{reader.records[0]['name']}: no question has all four annotations (expected at least one)")
    return Loaded(kept, len(frame), dropped, reader.records, notes=reader.notes)


def _reason(scores: tuple[Row, dict[str, float | None]] | None) -> str:
    """Why the protocol drops a question; empty where it is kept."""
    if scores is None:
        return "not annotated"
    return "" if scores[1]["grade"] is not None else "no grade (course name)"


def _questions(reader: Reader) -> Iterator[tuple[Row, str]]:
    """Every question row with its origin, e.g. `ARC-Easy/train`."""
    names = {(config, split): f"{config}-{file}.jsonl" for config in TAGS for split, file in OFFICIAL_SPLITS.items()}
    official = reader.is_official(list(names.values()))
    for (config, split), name in names.items():
        for row in reader.file(name) if official else reader.split(config, split):
            yield row, f"{config}/{split}"


def _question(row: Row) -> dict:
    """Question, choices and label, from the official form (`question.stem`) or the hub's (`choices.text`)."""
    stated = row.value("question")
    if isinstance(stated, dict):
        inner = row.inside(stated, "question")
        question, labels, texts = inner.text("stem"), *_official_choices(inner)
    else:
        question, inner = row.text("question"), row.inside(row.value("choices"), "choices")
        labels, texts = inner.texts("label"), inner.texts("text")
    if len(labels) != len(texts) or "".join(labels) not in {names[: len(texts)] for names in LABELS}:
        raise row.error(f"choice labels {', '.join(labels)} of {len(texts)} choices (expected A, B, C … or 1, 2, 3 …)")
    key = row.text("answerKey")
    if key not in labels:
        raise row.error(f"answerKey '{key}' is not a choice (expected one of {', '.join(labels)})")
    return {"question": question, "choices": several(row, texts), "label": labels.index(key)}


def _official_choices(row: Row) -> tuple[list[str], list[str]]:
    """Labels and texts of the official list of choices."""
    stated = row.value("choices")
    if not isinstance(stated, list) or not stated:
        raise row.error("'choices' holds no choices (expected a list of objects with text and label)")
    choices = [row.inside(choice, f"choices[{index}]") for index, choice in enumerate(stated)]
    return [choice.text("label") for choice in choices], [choice.text("text") for choice in choices]


def _annotations_path(source: Source) -> Path:
    if source.annotations is None and source.path is None:
        raise UserError(f"source.annotations: missing; the hub copy has none (expected the path of {ANNOTATIONS})")
    return source.annotations or source.path / ANNOTATIONS


def _annotations(reader: Reader, path: Path) -> dict[str, tuple[Row, dict[str, float | None]]]:
    """Tag and id → row and the four scores."""
    rows: dict[str, Row] = {}

    def read(path: Path) -> list[Row]:
        rows.update(read_json_object(path))
        return list(rows.values())

    reader.read(path, path.name, read)
    return {key: (row, _scores(key, row)) for key, row in rows.items()}


def _scores(key: str, row: Row) -> dict[str, float | None]:
    if not key.startswith(tuple(TAGS.values())):
        raise row.error(f"annotation key '{key}' (expected {' or '.join(TAGS.values())} and the id)")
    scores = {}
    for name, scale in SCALES.items():
        value = row.text(name)
        if value not in scale:
            raise row.error(f"{name} '{value}' of '{key}' (expected one of {', '.join(scale)}{nearest(value, scale)})")
        scores[name] = scale[value]
    return scores
