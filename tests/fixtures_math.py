"""Small invented files of MATH: one file a problem, PRM800K's math_splits, the hub's Parquet."""

from __future__ import annotations

import json
from pathlib import Path

from writing import write_lines, write_parquet

FOLDERS = {
    "algebra": "Algebra",
    "counting_and_probability": "Counting & Probability",
    "geometry": "Geometry",
    "intermediate_algebra": "Intermediate Algebra",
    "number_theory": "Number Theory",
    "prealgebra": "Prealgebra",
    "precalculus": "Precalculus",
}
COUNTS = {"train": 3, "test": 6}
LISTED = (0, 1)  # numbers of the test problems of each subject that stand for MATH500


def records(split: str, folder: str) -> list[dict]:
    """Levels 1, 2, 3, 1, 2, 3; in the original release's columns."""
    return [
        {
            "problem": f"In {folder}, what is ${number}+{number}$ ({split})?",
            "level": f"Level {number % 3 + 1}",
            "type": FOLDERS[folder],
            "solution": f"Twice {number} is meant. So it is $\\boxed{{{2 * number}}}$.",
        }
        for number in range(COUNTS[split])
    ]


def split_records(tested: bool) -> list[dict]:
    """The records of math_splits' test.jsonl or train.jsonl."""
    found = []
    for split in COUNTS:
        for folder in FOLDERS:
            for number, record in enumerate(records(split, folder)):
                if (split == "test" and number in LISTED) == tested:
                    answer, level = str(2 * number), number % 3 + 1
                    given = {"problem": record["problem"], "solution": record["solution"], "answer": answer}
                    unique_id = f"{split}/{folder}/{number}.json"
                    found.append({**given, "subject": FOLDERS[folder], "level": level, "unique_id": unique_id})
    return found


def splits(folder: Path) -> Path:
    write_lines(folder / "train.jsonl", split_records(tested=False))
    write_lines(folder / "test.jsonl", split_records(tested=True))
    return folder


def original(folder: Path) -> Path:
    for split in COUNTS:
        for subject in FOLDERS:
            for number, record in enumerate(records(split, subject)):
                path = folder / split / subject / f"{number}.json"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(record), encoding="utf-8")
    return folder


def hub(folder: Path) -> Path:
    for split in COUNTS:
        for subject in FOLDERS:
            write_parquet(folder / subject / f"{split}-00000-of-00001.parquet", records(split, subject))
    return folder
