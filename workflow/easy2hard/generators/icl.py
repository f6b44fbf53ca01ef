"""In-context learning: worked solutions before each problem (Sun 2024, §3.2): Full, Hard, Easy-to-Hard by its problems.

DEVIATION: the paper prints its own four exemplars for each setting; here they are drawn from the problems shown, by
seed. `exemplars` gives fixed ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import Field

from easy2hard import seeds, solutions
from easy2hard.errors import UserError
from easy2hard.readers import read_jsonl
from easy2hard.solutions import Format
from easy2hard.strict import Strict

TITLE = "ICL"
TRAINS = False
FILES = ("exemplars",)  # options that name files


class Options(Strict):
    """What is shown."""

    shots: Annotated[int, Field(ge=1)] = 4
    """Exemplars drawn from the problems of the generator. Sun 2024: 4."""
    exemplars: str | None = None
    """JSONL file of fixed exemplars (`problem`, `solution`, `answer`), shown in its order in place of drawn ones."""
    separator: str = "\n\n"
    """What stands between two exemplars, and before the problem."""


def prefix(shown: pd.DataFrame | None, layout: Format, options: Options, seed: int) -> str:
    """Text before each problem's prompt: the exemplars, each followed by the separator.

    shown: ITEMS to draw from; not read where exemplars are given. Raises UserError for too few, and for a problem
    without a worked solution.
    """
    given = options.exemplars
    made = _drawn(shown, layout, options, seed) if given is None else _given(Path(given), layout)
    return "".join(exemplar + options.separator for exemplar in made)


def _drawn(shown: pd.DataFrame | None, layout: Format, options: Options, seed: int) -> list[str]:
    """Those with the least of a number of their own, so that leaving a problem out brings in one other."""
    there = 0 if shown is None else len(shown)
    if there < options.shots:
        raise UserError(f"options.shots: {options.shots} exemplars asked for, but {there} problems may be shown")
    order = sorted(shown["item_id"], key=lambda name: seeds.entropy(seed, "exemplar", name))[: options.shots]
    items = shown.set_index("item_id", drop=False).loc[order].to_dict("records")
    return [_exemplar(layout, item["question"], _steps(layout, item), item["answer"]) for item in items]


def _steps(layout: Format, item: dict) -> list[str]:
    """The worked steps of an item. Raises UserError where it has none."""
    if item["steps"] is not None and len(item["steps"]):
        return list(item["steps"])
    if not isinstance(item["solution"], str):
        raise UserError(f"item '{item['item_id']}': no worked solution, so it cannot be shown as an exemplar")
    return _cut(layout, item["solution"])


def _given(path: Path, layout: Format) -> list[str]:
    """The exemplars of a file, in its order. Raises UserError with file and line."""
    rows = read_jsonl(path)
    return [
        _exemplar(layout, row.text("problem"), _cut(layout, row.text("solution")), row.text("answer")) for row in rows
    ]


def _cut(layout: Format, solution: str) -> list[str]:
    return solutions.parse(layout, solution).words(solution)


def _exemplar(layout: Format, question: str, steps: list[str], answer: str) -> str:
    return solutions.prompt(layout, question) + solutions.write(layout, steps, answer)
