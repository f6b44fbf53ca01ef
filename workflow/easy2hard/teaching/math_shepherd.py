"""Math-Shepherd: solutions whose steps were labelled by where they lead; Sun 2024, §1.5 of the spec."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from easy2hard.rows import Row
from easy2hard.solutions import Format
from easy2hard.strict import Strict
from easy2hard.teaching import _pieces
from easy2hard.teaching._pieces import Labelled
from easy2hard.teaching_files import Files
from easy2hard.teaching_problems import Known

TITLE = "Math-Shepherd"
LICENCE = "none stated (peiyi9979/Math-Shepherd)"
HUB = {"id": "peiyi9979/Math-Shepherd", "revision": "ae6b0c54fca9fa26096f7de175c747e4b262e01a"}
GIVES = ("labelled",)
TAG, FIRST = "ки", " Step 1: "
NUMBER = re.compile(r"Step [0-9]+: ?")
SAID = "The answer is: "
LABELS = {"+": 1.0, "-": 0.0}
PREFIXES = range(5, 50)  # characters of a beginning that the released code takes for the whole


class Options(Strict):
    """Which records, and how their problems are found."""

    tasks: list[Literal["MATH", "GSM8K"]] = Field(["MATH"], min_length=1)
    """Records of which data: MATH in the paper. Those of GSM8K are found only where the dataset is GSM8K."""
    legacy: bool = False
    """Look problems up as the released code does: white space does not count, and it is enough that a beginning of 5 to
    49 characters is that of a chosen problem and of no other. It takes some hard problems for easy ones."""


@dataclass(frozen=True)
class Record:
    """A solution with a label a step. steps: none where the record is not of the form that is wanted."""

    task: str
    question: str
    steps: tuple[tuple[str, float], ...]


def files(options: Options) -> tuple[str, ...]:
    """Names of the files."""
    return ("math-shepherd.jsonl",)


def parse(row: Row) -> Record:
    """A row, its labels read at the places of the step tags; what follows the last tag is dropped.

    Raises UserError where the labels do not fit the text, and for a step without text.
    """
    task, text, labels = row.text("task"), row.text("input"), row.text("label")
    *parts, _ = text.split(TAG)
    if FIRST not in (parts or [text])[0]:
        return Record(task, text, ())
    if not parts:
        raise row.error(f"'input' has no step tag '{TAG}' (expected one after each step)")
    wanted = len(text) - len(parts) * (len(TAG) - 1)
    if len(labels) != wanted:
        told = f"{wanted:,}, one for each of {len(parts)} tags of 'input'"
        raise row.error(f"'label' has {len(labels):,} characters (expected {told})")
    steps = []
    question, _, parts[0] = parts[0].partition(FIRST)
    at = len(question) + len(FIRST)
    for number, part in enumerate(parts, start=1):
        at += len(part)
        steps.append((_words(row, number, part), _label(row, number, labels[at])))
        at += 1
    return Record(task, question.strip(), tuple(steps))


def _words(row: Row, number: int, part: str) -> str:
    words = part.strip()
    words = words[NUMBER.match(words).end() :] if NUMBER.match(words) else words
    return row.checked_text(words, f"step {number} of input")


def _label(row: Row, number: int, found: str) -> float:
    if found not in LABELS:
        raise row.error(f"'label' has {found!r} at step {number} (expected + or -)")
    return LABELS[found]


def labelled(source: Files, known: Known, layout: Format, options: Options) -> Iterator[tuple]:
    """Rows of LABELLED, one a solution with all its labels.

    DEVIATION: a problem is found by its exact text (white space apart), unless `legacy` asks for the released code's
    way, which also goes by beginnings.
    """
    find = _by_beginning(known) if options.legacy else _exactly(known)
    for place, record in source.read(parse):
        item = find(record.question) if record.steps and record.task in options.tasks else None
        if item is None:
            source.left_out[_reason(record, options)] += 1
            continue
        yield _pieces.row(item, place, record.question, _labelled(record, layout), layout)


def _reason(record: Record, options: Options) -> str:
    if record.task not in options.tasks:
        return f"task {record.task}"
    return "of a problem that is not chosen" if record.steps else f"without '{FIRST.strip()}'"


def _labelled(record: Record, layout: Format) -> list[Labelled]:
    """The steps; the answer belongs to the last."""
    made, text = [], ""
    for number, (words, label) in enumerate(record.steps, start=1):
        mark, answer = "", ""
        if number == len(record.steps):
            words, mark, answer = words.partition(SAID)
        one = _pieces.piece(layout, text, words, answer if mark else None)
        made.append(Labelled(one, label))
        text += one.gap + one.body
    return made


def _bare(text: str) -> str:
    return "".join(text.split())


def _exactly(known: Known) -> Callable[[str], str | None]:
    items = {_bare(question): item for question, item in known.chosen.items()}
    return lambda question: items.get(_bare(question))


def _by_beginning(known: Known) -> Callable[[str], str | None]:
    """The released code's way, with the problems that MetaMath was made from: the original training set."""
    items = {_bare(question): item for question, item in known.chosen.items() if question in known.original}
    others = {_bare(question)[:size] for question in known.others & known.original for size in PREFIXES}
    begun = {question[:size]: item for question, item in items.items() for size in PREFIXES}
    begun = {start: item for start, item in begun.items() if start not in others}

    def find(question: str) -> str | None:
        bare = _bare(question)
        starts = (bare[:size] for size in reversed(PREFIXES))
        return items.get(bare) or next((begun[start] for start in starts if start in begun), None)

    return find
