"""What a generator learns: a source that is given, a target that is to be written (Sun 2024, §3 and its code)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from easy2hard import solutions
from easy2hard.errors import UserError
from easy2hard.solutions import Format


@dataclass(frozen=True)
class Lesson:
    """One example. ends: the solution is complete with `target`, so that the end token follows."""

    item_id: str
    source: str
    target: str
    ends: bool


def whole(item: dict, layout: Format) -> Lesson:
    """The prompt, then the whole worked solution."""
    return Lesson(item["item_id"], solutions.prompt(layout, item["question"]), _written(item, layout), True)


def by_step(item: dict, layout: Format) -> Iterator[Lesson]:
    """A lesson a step: the prompt and the steps before, then the step, led by what separates it from the one before.

    The answer is a step of its own or belongs to the last, as the format says.
    """
    source, text = solutions.prompt(layout, item["question"]), _written(item, layout)
    ends = [step.end for step in solutions.parse(layout, text).steps]
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        yield Lesson(item["item_id"], source + text[:start], text[start:end], end == ends[-1])


def _written(item: dict, layout: Format) -> str:
    """The worked solution in the format; where an item has no list of steps, its solution text is one step."""
    steps = [] if item["steps"] is None else list(item["steps"])
    steps = steps or [item["solution"]]
    if not isinstance(steps[0], str):
        raise UserError(f"item '{item['item_id']}': has no worked solution to learn from")
    return solutions.write(layout, steps, item["answer"])
