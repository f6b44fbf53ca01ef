"""MetaMathQA: rewritten training problems of MATH and GSM8K with solutions by a model; Sun 2024, §1.3 of the spec."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from easy2hard import sentences, solutions
from easy2hard.rows import Row
from easy2hard.solutions import Format
from easy2hard.strict import Count, Strict
from easy2hard.teaching_files import Files
from easy2hard.teaching_problems import Known, digest, outside

TITLE = "MetaMathQA"
LICENCE = "MIT (meta-math/MetaMathQA)"
HUB = {"id": "meta-math/MetaMathQA", "revision": "aa4f34d3d2d3231299b5b03d9b3e5a20da45aa18"}
GIVES = ("lessons",)
SAID = "The answer is: "
RESULT = "####"


class Options(Strict):
    """How many solutions are kept."""

    per_epoch: Count | None = 3
    """Solutions a question and epoch: 3 in the paper (C.1), 4 in its code; null: all."""
    epochs: Count = 3
    """Epochs that the table holds, each with other solutions of a question as far as they go; so train for 1 epoch."""
    gsm8k: bool = True
    """Keep the rows made from GSM8K, whatever their difficulty."""


@dataclass(frozen=True)
class Record:
    """A question with a solution, and what it was rewritten from."""

    kind: str
    question: str
    original: str
    rationale: str
    answer: str


def files(options: Options) -> tuple[str, ...]:
    """Names of the files."""
    return ("MetaMathQA-395K.json*",)


def parse(row: Row) -> Record:
    """A row. Raises UserError where the solution has no answer, or nothing but one."""
    response = row.text("response")
    rationale, mark, answer = response.rpartition(SAID)
    if not mark or not answer.strip():
        raise row.error(f"'response' has no answer after '{SAID.strip()}' (expected one at its end)")
    rationale = rationale.split(RESULT)[0]
    if not rationale.strip():
        raise row.error("'response' has no steps before its answer (expected some)")
    kind = row.text("type")
    if not kind.startswith(("MATH_", "GSM_")):
        raise row.error(f"'type' is '{kind}' (expected the like of MATH_AnsAug or GSM_Rephrased)")
    return Record(kind, row.text("query"), row.text("original_question"), rationale, answer.strip())


def lessons(source: Files, known: Known, layout: Format, options: Options) -> Iterator[tuple]:
    """Rows of LESSONS, each a whole solution, its steps cut at sentences.

    The solutions of a question, repeated `epochs` times, are cut off at `per_epoch` times `epochs`: with few of them
    each stands once an epoch, with many each epoch has others. The files are read twice, once to count.
    """
    counts = Counter(digest(record.question) for _, record, _ in _chosen(source, known, options))
    ranks: Counter[bytes] = Counter()
    for place, record, item in _chosen(source, known, options):
        question = digest(record.question)
        steps = sentences.steps(record.rationale)
        text = solutions.write(layout, steps, record.answer)
        for copy in range(copies(ranks[question], counts[question], options)):
            yield item, f"{place}/{copy:03d}", solutions.prompt(layout, record.question), text, True
        ranks[question] += 1


def copies(rank: int, count: int, options: Options) -> int:
    """How often solution number `rank` of `count` stands in the list of them, repeated and cut off."""
    length = options.epochs * count
    if options.per_epoch is not None:
        length = min(length, options.epochs * options.per_epoch)
    return len(range(rank, length, count))


def _chosen(source: Files, known: Known, options: Options) -> Iterator[tuple[str, Record, str]]:
    """(place, record, item) of the rows to learn from."""
    for place, record in source.read(parse):
        if record.kind.startswith("GSM_"):
            item = outside("gsm8k", record.original) if options.gsm8k else None
        else:
            item = known.item(record.original)
        if item is None:
            source.left_out["made from GSM8K" if record.kind.startswith("GSM_") else "of a problem not chosen"] += 1
        else:
            yield place, record, item
