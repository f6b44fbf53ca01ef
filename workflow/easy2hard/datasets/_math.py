"""Records of MATH in each of their layouts: one file a problem, PRM800K's math_splits, the hub."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from easy2hard.boxed import last_boxed
from easy2hard.errors import UserError, unknown
from easy2hard.readers import read_json_record
from easy2hard.rows import Row, kind_of
from easy2hard.sources import Reader

SUBJECTS = {
    "algebra": "Algebra",
    "counting_and_probability": "Counting & Probability",
    "geometry": "Geometry",
    "intermediate_algebra": "Intermediate Algebra",
    "number_theory": "Number Theory",
    "prealgebra": "Prealgebra",
    "precalculus": "Precalculus",
}
SPLITS = ("train", "test")
TRAIN, LIST = "train.jsonl", "test.jsonl"
UNIQUE_ID = re.compile(r"(train|test)/[a-z_]+/[0-9]+\.json")
LEVEL = re.compile(r"Level ([1-5])")
NO_LEVEL = ("Level ?", "?", None)


@dataclass(frozen=True)
class Problem:
    """A record of any layout. origin: the original set, train or test. tested: whether it is in part `test`."""

    row: Row
    item_id: str
    question: str
    subject: str
    level: float | None
    solution: str
    answer: str
    origin: str
    tested: bool


def read(reader: Reader) -> tuple[list[Problem], bool]:
    """The problems, and whether their parts are those of PRM800K's split (else the original ones)."""
    path = reader.source.path
    if path is not None and path.is_file():
        return list(_splits([(reader.read(path, path.name), True)])), True
    folders = [name for name in (*SPLITS, *SUBJECTS) if path is not None and (reader.root / name).is_dir()]
    if not folders and reader.is_official([TRAIN, LIST]):
        names = [TRAIN, LIST] if (path / TRAIN).is_file() else [LIST]
        return list(_splits([(reader.file(name), name == LIST) for name in names])), True
    problems = list(_original(reader) if set(folders) & set(SPLITS) else _hub(reader))
    listed = reader.source.annotations or (path / LIST if path and (path / LIST).is_file() else None)
    if listed is None:
        return problems, False
    return with_list(problems, reader.read(listed, listed.name)), True


def _splits(files: list[tuple[list[Row], bool]]) -> Iterator[Problem]:
    """Records of math_splits: the subject's name, the level as a number, the answer and an id are given."""
    for rows, tested in files:
        for row in rows:
            item_id = row.text("unique_id")
            if not UNIQUE_ID.fullmatch(item_id):
                raise row.error(f"'unique_id' is {kind_of(item_id)} (expected the like of test/algebra/2.json)")
            yield _problem(row, item_id, "subject", row.text("answer"), item_id.split("/")[0], tested)


def _original(reader: Reader) -> Iterator[Problem]:
    """Records of the original release, `train/algebra/2.json`; each folder is recorded as one source."""
    for split in SPLITS:
        for folder in SUBJECTS:
            place = reader.root / split / folder
            names = [path.name for path in place.glob("*.json") if path.stem.isdigit()]
            if not names:
                raise UserError(f"{place}: no problems (expected files such as 2.json)")
            before = len(reader.records)
            for name in sorted(names, key=lambda name: int(name.removesuffix(".json"))):
                item_id = f"{split}/{folder}/{name}"
                row = reader.file(item_id, read_json_record)[0]
                yield _problem(row, item_id, "type", _boxed(row), split, split == "test")
            reader.records[before:] = [_one_record(f"{split}/{folder}", reader.records[before:])]


def _one_record(name: str, records: list[dict]) -> dict:
    """One source in place of a file a problem; its checksum is that of the files' checksums, a line each."""
    lines = "".join(f"{record['sha256']}\n" for record in records)
    size = sum(record["bytes"] for record in records)
    return {"name": name, "sha256": hashlib.sha256(lines.encode()).hexdigest(), "bytes": size, "rows": len(records)}


def _hub(reader: Reader) -> Iterator[Problem]:
    for split in SPLITS:
        for folder in SUBJECTS:
            for index, row in enumerate(reader.split(folder, split)):
                yield _problem(row, f"{split}/{folder}/{index:04d}", "type", _boxed(row), split, split == "test")


def _problem(row: Row, item_id: str, subject: str, answer: str, origin: str, tested: bool) -> Problem:
    question, solution = row.text("problem"), row.text("solution")
    name = row.text(subject)
    if name not in SUBJECTS.values():
        raise unknown(f"'{subject}'", name, SUBJECTS.values(), row.place)
    return Problem(row, item_id, question, name, _level(row), solution, answer, origin, tested)


def _level(row: Row) -> float | None:
    """1 to 5, given as a number or as "Level 3"; None where the release has a question mark. Raises UserError."""
    given = row.value("level")
    if given in NO_LEVEL:
        return None
    found = LEVEL.fullmatch(given) if isinstance(given, str) else None
    level = int(found[1]) if found else given
    if isinstance(level, bool) or level not in (1, 2, 3, 4, 5):
        raise row.error(f"'level' is {kind_of(given)} (expected 1 to 5, or Level 1 to Level 5)")
    return float(level)


def _boxed(row: Row) -> str:
    found = last_boxed(row.text("solution"))
    if found is None:
        raise row.error("'solution' has no \\boxed{} that closes (expected the answer in one)")
    return found


def with_list(problems: list[Problem], rows: list[Row]) -> list[Problem]:
    """With the listed problems, all of the original test set, in part `test` and all others in `main`.

    Problems are matched by their text. Raises UserError for a listed one that is not there.
    """
    found = {problem.question: problem.item_id for problem in reversed(problems) if problem.origin == "test"}
    chosen = set()
    for row in rows:
        question = row.text("problem")
        if question not in found:
            raise row.error("'problem' is not in the original test set (expected a problem of it)")
        chosen.add(found[question])
    return [replace(problem, tested=problem.item_id in chosen) for problem in problems]
