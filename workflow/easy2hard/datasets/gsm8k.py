"""GSM8K: free-form word problems with worked solutions; Hase 2024, §3."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from easy2hard.datasets._items import HARDNESS_ITEMS, Items, hold_apart
from easy2hard.rows import Row
from easy2hard.sources import Loaded, Reader, Source
from easy2hard.strict import Strict

TITLE = "GSM8K"
LICENCE = "MIT (openai/grade-school-math)"
HUB = {
    "id": "openai/gsm8k",
    "revision": "740312add88f781978c0658806c59bc2815b9866",
    "configs": ["main"],
    "splits": ["train", "test"],
}
MEASURES = ("reasoning_steps", "question_words", "answer_chars", "reasoning_words")
# The paper's groups (2-3, 4-5, 6-11 lines), not the released code's (4, 7): see the spec's note on the off-by-one.
CUTOFFS = {"reasoning_steps": (3.0, 6.0)}
MARK = "####"
# One choice, the answer: only methods that generate can be asked (those with GENERATES).
FREE_FORM = True


class Options(Strict):
    """Options of the loader."""

    hardness_items: Annotated[int, Field(ge=0)] = HARDNESS_ITEMS
    """Items held apart for model-based hardness; they are neither trained nor tested on."""


def load(source: Source, options: Options, seed: int) -> Loaded:
    """8,792 items, 1,000 of them in the part "hardness". Ids are split/row, rows from 0 in file order."""
    reader = Reader(source.pinned(HUB))
    official = reader.is_official([f"{split}.jsonl" for split in HUB["splits"]])
    items = Items()
    for split in HUB["splits"]:
        rows = reader.file(f"{split}.jsonl") if official else reader.split("main", split)
        for index, row in enumerate(rows):
            solution, answer = _solution(row)
            steps = solution.split("\n")
            item_id, question = f"{split}/{index:04d}", row.text("question")
            items.add(row, item_id, question, [answer], 0, solution=solution, steps=steps, origin=split)
    frame = hold_apart(items.frame(), options.hardness_items, seed)
    return Loaded(frame, len(frame), {}, reader.records, notes=reader.notes)


def pools(options: Options) -> tuple[int, dict[str, tuple[int, int, int]]]:
    """Items to train on, and the most easy, medium and hard ones by measure: counts of the official files."""
    return 8792 - options.hardness_items, {"reasoning_steps": (4805, 3086, 901)}


def _solution(row: Row) -> tuple[str, str]:
    """The text before the mark without line ends around it (calculator marks stay), and the answer after it."""
    parts = row.text("answer").split(MARK)
    if len(parts) != 2:
        raise row.error(f"'answer' has {len(parts) - 1} marks '{MARK}' (expected one, before the answer)")
    solution, answer = parts[0].strip("\n"), parts[1].strip()
    if not solution.strip() or not answer:
        raise row.error(f"'answer' has no {'solution before' if answer else 'answer after'} '{MARK}' (expected one)")
    return solution, answer
