"""Invented training sets in the published layouts, with the few problems they are about."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from easy2hard import tables
from easy2hard.stages import teach

PROBLEMS = {  # id: (question, level, part)
    "train/algebra/1.json": ("What is half of 8, plus 1?", 1, "main"),
    "train/algebra/2.json": ("What is half of 8, plus 2?", 3, "main"),
    "train/algebra/3.json": ("How many primes are below 100?", 5, "main"),
    "test/algebra/4.json": ("What is 3 times 7?", 2, "test"),
}
EASY, SECOND, HARD, TESTED = (question for question, _, _ in PROBLEMS.values())


def step(*completions: tuple[str, int | None], chosen: int | None = None, human: str | None = None) -> dict:
    """A step of a PRM800K record."""
    given = [{"text": text, "rating": rating, "flagged": False} for text, rating in completions]
    own = None if human is None else {"text": human, "rating": None, "source": "human", "flagged": False}
    return {"completions": given, "human_completion": own, "chosen_completion": chosen}


def record(question: str, *steps: dict) -> dict:
    """A PRM800K record, with fields that are not read."""
    return {
        "labeler": "nobody",
        "is_quality_control_question": False,
        "question": {"problem": question, "ground_truth_answer": "5"},
        "label": {"steps": list(steps), "total_time": 1, "finish_reason": "solution"},
    }


def write_lines(path: Path, rows: list[dict | str]) -> Path:
    """JSON lines; a text stands as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def problems(folder: Path, given: dict[str, tuple[str, int, str]] = PROBLEMS) -> dict[str, Path]:
    """Tables of items and of hardness by level."""
    rows = [
        {"item_id": item, "question": question, "part": part, "level": 1.0 * level, "origin": item.split("/")[0]}
        for item, (question, level, part) in given.items()
    ]
    fixed = {"choices": [["1"]] * len(rows), "label": np.int32(0), "answer": "1", "solution": None, "steps": None}
    empty = dict.fromkeys(("grade", "difficulty", "bloom", "depth_of_knowledge", "hardness"), np.nan)
    items = pd.DataFrame(rows).assign(**fixed, subject="Algebra", **empty)
    buckets = np.where(items["level"] <= 3, "easy", "hard")
    hardness = pd.DataFrame({"item_id": items["item_id"], "value": items["level"], "bucket": buckets})
    tables.write(items, folder / "items.parquet", tables.ITEMS)
    tables.write(hardness, folder / "hardness.parquet", tables.HARDNESS)
    return {"items": folder / "items.parquet", "hardness": folder / "hardness.parquet"}


def taught(folder: Path, plugin: str, gives: str, source: Path, condition: str = "easy", **given) -> pd.DataFrame:
    """What the stage writes, as `folder/out.parquet`, in the order of its rows.

    given: options of the plug-in; on_bad_record, format, known (the problems).
    """
    bad, known = given.pop("on_bad_record", "stop"), given.pop("known", PROBLEMS)
    layout = given.pop("format", "prm800k")
    teach.main(
        plugin=plugin,
        gives=gives,
        source={"path": str(source)},
        problems={"part": "main", "measure": "level", "condition": condition, "size": None},
        options=given,
        on_bad_record=bad,
        format=layout,
        seed=0,
        out=folder / "out.parquet",
        **problems(folder, known),
    )
    return tables.read(folder / "out.parquet", teach.TABLES[gives]).sort_values("example", ignore_index=True)


def spans(row: dict) -> list[tuple[str, float]]:
    """Labelled texts of a LABELLED row."""
    found = zip(row["starts"], row["stops"], row["labels"], strict=True)
    return [(row["text"][start:stop], float(label)) for start, stop, label in found]
