"""How a worked solution is written and read: prompt, steps, answer; from text to spans of characters.

A format is data (`Format`): the built-in ones stand in `BUILT_IN`. Positions of steps are offsets of characters, never
ids of tokens, so that any tokenizer serves (Sun 2024 reads scores at a hard-coded newline token).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field, field_validator

from easy2hard.boxed import last_boxed
from easy2hard.errors import UserError, unknown
from easy2hard.settings import parse as settings
from easy2hard.strict import Strict


class Format(Strict):
    """How a solution is laid out."""

    name: str
    """What the config calls it."""
    prompt: str = "{question}"
    """What stands before the solution; `{question}` is replaced."""
    joiner: str = "\n\n"
    """What stands between two steps."""
    breaks: str = r"\n\n+"
    """Regular expression of what stands between two steps when a text is read."""
    answer: str = "\n\n# Answer\n\n"
    """What stands between the last step and the answer."""
    after: str = ""
    """What follows the answer."""
    answer_is_step: bool = False
    """Whether the answer is a step of its own; else it belongs to the last step, as in Sun 2024."""
    boxed: bool = False
    """The answer is read from the last \\boxed{} of the text, not from what follows the answer mark."""
    stops: tuple[str, ...] = Field((), strict=False)  # YAML and JSON have lists
    """Strings before which a sampled solution ends, beside the end token."""

    @field_validator("prompt")
    @classmethod
    def _asks(cls, prompt: str) -> str:
        if "{question}" not in prompt:
            raise ValueError("expected {question} in it, or no problem would be shown")
        return prompt

    @field_validator("breaks")
    @classmethod
    def _cuts(cls, breaks: str) -> str:
        try:
            empty = re.search(breaks, "") is not None
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        if empty:
            raise ValueError("expected a regular expression that does not match an empty text")
        return breaks

    @field_validator("answer")
    @classmethod
    def _marks(cls, answer: str) -> str:
        if not answer.strip():
            raise ValueError("expected a mark with some text in it, by which an answer is found")
        return answer


BUILT_IN = {
    made.name: made
    for made in (
        # Sun 2024, appendix; §2.3 of the specification.
        Format(name="prm800k", prompt="# Question\n\n{question}\n\n# Solution\n\n"),
        # The layout of Minerva's few-shot prompt, which Sun 2024 uses in context (appendix R).
        Format(
            name="minerva",
            prompt="Problem:\n{question}\n\nSolution:\n",
            answer="\nFinal Answer: The final answer is $",
            after="$. I hope it is correct.",
            stops=("\n\nProblem:",),
        ),
        # The chat-like prompt of Sun 2024's released code for models that box their answer; §1.8 of the specification.
        Format(
            name="boxed",
            prompt=(
                "User: {question}\n"
                "Please reason step by step, and put your final answer within \\boxed{}.\n\nAssistant:"
            ),
            answer=" The answer is $\\boxed{",
            after="}$.",
            boxed=True,
            stops=("\n\nUser:",),
        ),
        # The generated maths world: "#2 *5 2 #3 +1 3 ans 3", a step a line number.
        Format(
            name="maths_world",
            prompt="{question} ",
            joiner=" ",
            breaks=r" (?=#)",
            answer=" ans ",
            answer_is_step=True,
        ),
    )
}


@dataclass(frozen=True)
class Step:
    """A step of a text: characters [start, end) are its words, [end, stop) what separates it from the next one."""

    start: int
    end: int
    stop: int


@dataclass(frozen=True)
class Parsed:
    """A text as steps and answer. The spans [start, stop) of the steps are adjacent and cover the text."""

    steps: tuple[Step, ...]
    answer: str | None

    def words(self, text: str) -> list[str]:
        """The words of each step."""
        return [text[step.start : step.end].strip() for step in self.steps]


def resolve(given: str | dict | Format) -> Format:
    """A format by built-in name, or its settings, also as the text of a JSON object, which is how stages get them.

    Raises UserError for an unknown name, key or wrong value, and for a text that begins as an object and is none.
    """
    if isinstance(given, Format):
        return given
    if isinstance(given, str) and given.lstrip().startswith("{"):
        try:
            given = json.loads(given)
        except json.JSONDecodeError as error:
            raise UserError(f"format: not a JSON object ({error})") from error
    if isinstance(given, dict):
        return settings(Format, given, "format")
    if given not in BUILT_IN:
        raise unknown("solution format", given, BUILT_IN)
    return BUILT_IN[given]


def prompt(layout: Format, question: str) -> str:
    """What a generator is given."""
    return layout.prompt.replace("{question}", question)


def write(layout: Format, steps: Sequence[str], answer: str) -> str:
    """A whole solution."""
    return layout.joiner.join(steps) + layout.answer + answer + layout.after


def parse(layout: Format, text: str) -> Parsed:
    """Cut a text into steps and answer.

    The answer is what follows the first answer mark, up to `after` (or the end where there is none); None without a
    mark or when nothing follows. In a boxed format it is the content of the last balanced \\boxed{} and belongs to the
    last step, wherever it stands. A text without words has no steps.
    """
    if layout.boxed:
        return Parsed(tuple(_steps(layout, text, len(text))), last_boxed(text))
    cut, begin = _mark(layout, text)
    steps = _steps(layout, text, cut)
    if begin is None:
        return Parsed(tuple(steps), None)
    if layout.answer_is_step or not steps:
        first = cut + _blank(text[cut:]) if steps else 0
        steps.append(Step(first, len(text), len(text)))
    else:
        steps[-1] = Step(steps[-1].start, len(text), len(text))
    if len(steps) > 1:
        steps[-2] = Step(steps[-2].start, steps[-2].end, steps[-1].start)
    return Parsed(tuple(steps), _said(layout, text[begin:]))


def _mark(layout: Format, text: str) -> tuple[int, int | None]:
    """Where the first answer mark begins and ends; the length of the text and None where there is none."""
    opening = layout.answer.lstrip()
    if text.startswith(opening):  # a solution of nothing but an answer
        return 0, len(opening)
    cut = text.find(layout.answer)
    return (len(text), None) if cut < 0 else (cut, cut + len(layout.answer))


def _steps(layout: Format, text: str, body: int) -> list[Step]:
    """Steps of the text before the answer mark; those without words are joined to the step before."""
    marks = [match.span() for match in re.finditer(layout.breaks, text[:body])]
    starts = [0, *(stop for _, stop in marks)]
    ends = [*(start for start, _ in marks), body]
    found: list[Step] = []
    for start, end in zip(starts, ends, strict=True):
        if text[start:end].strip():
            found.append(Step(start, end, body))
    for place, (step, following) in enumerate(zip(found, found[1:], strict=False)):
        found[place] = Step(step.start, step.end, following.start)
    if found:
        found[0] = Step(0, found[0].end, found[0].stop)
    return found


def _said(layout: Format, rest: str) -> str | None:
    """The answer in what follows the mark; None where there is none."""
    said = rest.split(layout.after, 1)[0] if layout.after else rest
    return said.strip() or None


def _blank(text: str) -> int:
    return len(text) - len(text.lstrip())
