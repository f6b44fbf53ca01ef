"""MATH: competition problems of levels 1 to 5 with worked solutions, split as PRM800K does; Sun 2024, §3.1."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import pandas as pd
from pydantic import Field

from easy2hard import seeds, sentences
from easy2hard.datasets import _math
from easy2hard.datasets._items import Items
from easy2hard.datasets._math import Problem
from easy2hard.errors import UserError
from easy2hard.sources import Loaded, Reader, Source
from easy2hard.strict import Strict

TITLE = "MATH"
LICENCE = "MIT (hendrycks/math; split: MIT, openai/prm800k)"
HUB = {
    "id": "EleutherAI/hendrycks_math",
    "revision": "21a5633873b6a120296cce3e2df9d5550074f4a3",
    "configs": list(_math.SUBJECTS),
    "splits": ["train", "test"],
}
MEASURES = ("level", "question_words", "answer_chars", "reasoning_steps", "reasoning_words")
CUTOFFS = {"level": (3.0, 4.0)}  # Sun 2024, §3.1: easy is 1 to 3, hard 4 and 5
FORMAT = "prm800k"
GRADER = "prm800k"
# One choice, the answer: only methods that generate can be asked (those with GENERATES).
FREE_FORM = True


class Options(Strict):
    """Options of the loader."""

    validation: bool = True
    """Hold a part `validation` apart: as many problems of each subject and level as part `test` has, drawn from those
    problems of the original test set that are not in it. Needs the 12,000/500 split."""
    longest_question: Annotated[int, Field(ge=1)] | None = None
    """Longest question of part `validation`, in characters; by default any."""


def parts(options: Options) -> dict[str, None]:
    """Names of the parts; how many problems each has is not known before the files are read."""
    return dict.fromkeys(("main", "validation", "test") if options.validation else ("main", "test"))


def load(source: Source, options: Options, seed: int) -> Loaded:
    """12,500 items: `main` 11,500, `validation` 500, `test` 500 (MATH500); 12,000 and 500 without validation.

    Ids are those of PRM800K (`test/algebra/2.json`); from the hub, which has none, split/subject/row. Without the list
    of MATH500 the original split (7,500 and 5,000) is kept, there is no validation, and the notes say so.
    """
    reader = Reader(source.pinned(HUB))
    problems, split_known = _math.read(reader)
    items = Items()
    for problem in problems:
        items.add(
            problem.row,
            problem.item_id,
            problem.question,
            [problem.answer],
            0,
            solution=problem.solution,
            steps=sentences.steps(problem.solution),
            subject=problem.subject,
            level=problem.level,
            part="test" if problem.tested else "main",
            origin=problem.origin,
        )
    frame = items.frame()
    has_pool = split_known and ((frame["part"] == "main") & (frame["origin"] == "test")).any()
    if options.validation and has_pool:
        frame["part"] = frame["part"].mask(frame["item_id"].isin(_validation(frame, options, seed)), "validation")
    return Loaded(frame, len(frame), {}, reader.records, notes=[*reader.notes, *_notes(problems, split_known)])


def _validation(items: pd.DataFrame, options: Options, seed: int) -> set[str]:
    """Ids of the problems held apart. Raises UserError where a subject and level has too few.

    DEVIATION: the released code draws with an own seed and limits prompts to 496 tokens of its tokenizer; here the seed
    is the run's, and the limit, if any, is in characters of the question, so that no tokenizer is needed.
    """
    pool = items[(items["part"] == "main") & (items["origin"] == "test")]
    if options.longest_question is not None:
        pool = pool[pool["question"].str.len() <= options.longest_question]
    chosen: set[str] = set()
    for (subject, level), wanted in items[items["part"] == "test"].groupby(["subject", "level"]).size().items():
        ids = sorted(pool.loc[(pool["subject"] == subject) & (pool["level"] == level), "item_id"])
        if len(ids) < wanted:
            raise UserError(
                f"options.validation: {wanted} problems of {subject}, level {level:g} wanted, {len(ids)} left of the "
                "original test set (expected as many; allow longer questions or set it to false)"
            )
        random = seeds.generator(seed, "math", "validation", subject, int(level))
        chosen.update(ids[at] for at in random.permutation(len(ids))[:wanted])
    return chosen


def _notes(problems: list[Problem], split_known: bool) -> list[str]:
    """What the reader of the table should know."""
    unknown = Counter(problem.level is None for problem in problems)[True]
    notes = [f"{unknown} problems have no level ('Level ?')"] if unknown else []
    if not split_known:
        notes.append(
            "no list of MATH500 (test.jsonl of PRM800K's math_splits, as source.annotations): parts main and test are "
            "the original training and test sets, and there is no validation part"
        )
    return notes
