"""PRM800K: solutions whose steps people rated, each step with alternatives; Sun 2024, §1.2 and §1.4 of the spec."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from easy2hard import solutions
from easy2hard.rows import Row, kind_of
from easy2hard.solutions import Format
from easy2hard.strict import Strict
from easy2hard.teaching import _pieces
from easy2hard.teaching._pieces import Labelled, Piece
from easy2hard.teaching_files import Files
from easy2hard.teaching_problems import Known, Seen, outside

TITLE = "PRM800K"
LICENCE = "MIT (openai/prm800k)"
HUB = None  # its home is a GitHub repository, with the files in git-LFS
GIVES = ("lessons", "labelled")
MARK = "# Answer"
RATINGS = (-1, 0, 1, None)


class Options(Strict):
    """Which files and records, and what they give."""

    phases: list[Literal[1, 2]] = Field([1, 2], min_length=1)
    """Phases of the collection: files `phase1_train.jsonl`, `phase2_train.jsonl`."""
    split: Literal["train", "test"] = "train"
    """The files to learn from, or those of the test problems, which only diagnose."""
    additional: Literal["keep", "skip", "stop"] = "keep"
    """Problems that the dataset does not have, in no split of it: keep them, whatever their difficulty, as the paper
    does; skip them, counted; or take them for bad records."""
    neutral: Literal["positive", "negative", "skip"] = "positive"
    """Label of a step rated 0: positive as in the paper (App. L), negative, or none."""
    one_pass: bool = True
    """The chain of chosen steps is one example with all its labels (or targets); else each rated step is one."""
    duplicates: Literal["drop", "keep"] = "drop"
    """Equal steps after equal steps of the same problem: the first one only, or all. Other labels are no duplicates."""


@dataclass(frozen=True)
class Step:
    """Completions as (text, rating); the text that the solution goes on with, None at its end; which of them it is."""

    completions: tuple[tuple[str, int | None], ...]
    follows: str | None
    chosen: int | None


@dataclass(frozen=True)
class Record:
    """A labelled solution."""

    question: str
    steps: tuple[Step, ...]


def files(options: Options) -> tuple[str, ...]:
    """Names of the files."""
    return tuple(f"phase{phase}_{options.split}.jsonl" for phase in sorted(set(options.phases)))


def parse(row: Row) -> Record:
    """A record of either phase, up to the first step without completions.

    Raises UserError for a rating that is none of -1, 0, 1 and null, a step without text, a choice that is not there.
    """
    question = row.inside(row.value("question"), "question").text("problem")
    given = row.inside(row.value("label"), "label").value("steps")
    if not isinstance(given, list) or not given:
        raise row.error(f"'steps' is {kind_of(given)} (expected a list of steps)")
    steps = []
    for number, one in enumerate(given):
        step = row.inside(one, f"steps[{number}]")
        if step.value("completions") is None:
            break
        steps.append(_step(step, f"steps[{number}]"))
    return Record(question, tuple(steps))


def _parser(known: Known, options: Options) -> Callable[[Row], Record]:
    """`parse`, which also minds problems that the dataset does not have, where the options want that."""

    def checked(row: Row) -> Record:
        record = parse(row)
        if not known.is_known(record.question):
            raise row.error(f"problem {kind_of(record.question)} is in no split of the dataset (expected one of its)")
        return record

    return checked if options.additional == "stop" else parse


def _step(step: Row, name: str) -> Step:
    given = step.value("completions")
    if not isinstance(given, list):
        raise step.error(f"'{name}.completions' is {kind_of(given)} (expected a list or null)")
    found = tuple(_completion(step, one, f"{name}.completions[{at}]") for at, one in enumerate(given))
    chosen, human = step.values.get("chosen_completion"), step.values.get("human_completion")
    if chosen is not None:
        if type(chosen) is not int or not 0 <= chosen < len(found):
            wanted = f"the number of one of {len(found)} completions"
            raise step.error(f"'{name}.chosen_completion' is {kind_of(chosen)} (expected {wanted})")
    elif human is not None:
        return Step(found, step.inside(human, f"{name}.human_completion").text("text"), None)
    elif len(found) == 1:
        chosen = 0
    return Step(found, None if chosen is None else found[chosen][0], chosen)


def _completion(step: Row, given: object, name: str) -> tuple[str, int | None]:
    """DEVIATION: one without text is a fault of the record; the released code leaves out the rest of the step."""
    one = step.inside(given, name)
    rating = one.value("rating")
    if isinstance(rating, bool | float) or rating not in RATINGS:
        raise step.error(f"'{name}.rating' is {kind_of(rating)} (expected -1, 0, 1 or null)")
    return step.checked_text(one.value("text"), f"{name}.text"), rating


@dataclass(frozen=True)
class Place:
    """A place in a solution: the text before, what is offered there with its rating, what the solution goes on with.

    chosen: which of those offered it goes on with, None for the end and for what the labeller wrote.
    """

    before: str
    offered: tuple[tuple[Piece, int | None], ...]
    follows: Piece | None
    chosen: int | None


def walk(record: Record, layout: Format) -> Iterator[Place]:
    """The places of a solution, up to the one where it ends."""
    text = ""
    for step in record.steps:
        offered = tuple((_piece(layout, text, words), rating) for words, rating in step.completions)
        follows = None if step.follows is None else _piece(layout, text, step.follows)
        yield Place(text, offered, follows, step.chosen)
        if follows is None:
            return
        text += follows.gap + follows.body


def _piece(layout: Format, before: str, text: str) -> Piece:
    words, mark, answer = text.partition(MARK)
    return _pieces.piece(layout, before, words, answer if mark else None)


def lessons(source: Files, known: Known, layout: Format, options: Options) -> Iterator[tuple]:
    """Rows of LESSONS: steps rated 1, given those before. Steps before may have any rating, or be the labeller's own.

    DEVIATION: duplicates are those of one problem; the released code forgets the question, so that equal first steps of
    different problems are lost. With `one_pass`, neighbouring targets of the chain are one example. Examples are not
    filtered by length here: training, which has the tokenizer, leaves out and counts those of more than `max_tokens`.
    Nor are they shuffled: training draws an order for each epoch.
    """
    seen = Seen(options.duplicates == "drop")
    for place, record in source.read(_parser(known, options)):
        item = _item(record, source, known, options)
        if item is not None:
            prompt = solutions.prompt(layout, record.question)
            for example, before, pieces in sorted(_targets(record, place, layout, options, seen)):
                target = "".join(one.gap + one.body for one in pieces)
                yield item, example, prompt + before, target, pieces[-1].ends


def _targets(
    record: Record, example: str, layout: Format, options: Options, seen: Seen
) -> Iterator[tuple[str, str, list[Piece]]]:
    """(example, text before, pieces to write)."""
    run: list[Piece] = []
    begins = ("", "")
    for number, place in enumerate(walk(record, layout)):
        chained = False
        for at, (one, rating) in enumerate(place.offered):
            if rating != 1 or not seen.add(record.question, place.before + one.gap + one.body):
                continue
            if options.one_pass and at == place.chosen:
                chained = True
            else:
                yield f"{example}/{number:03d}/{at:03d}", place.before, [one]
        if chained:
            begins = begins if run else (f"{example}/{number:03d}/chain", place.before)
            run.append(place.follows)
        if run and (not chained or place.follows.ends):
            yield *begins, run
            run = []
    if run:
        yield *begins, run


def labelled(source: Files, known: Known, layout: Format, options: Options) -> Iterator[tuple]:
    """Rows of LABELLED: rated steps, given those before; -1 is bad, 1 good, 0 as the options say, null without label.

    DEVIATION: with `one_pass`, the chain of a solution is one example, where the released code makes one of each step:
    the same labelled tokens, fewer examples. Duplicates are as for lessons.
    """
    seen = Seen(options.duplicates == "drop")
    for place, record in source.read(_parser(known, options)):
        item = _item(record, source, known, options)
        if item is not None:
            rows = _labels(record, place, layout, options, seen)
            made = (_pieces.row(item, example, record.question, pieces, layout) for example, pieces in sorted(rows))
            yield from (row for row in made if row is not None)


def _labels(
    record: Record, example: str, layout: Format, options: Options, seen: Seen
) -> Iterator[tuple[str, list[Labelled]]]:
    """(example, pieces with their labels), one for each completion beside the chain, and one for the chain."""
    chain: list[Labelled] = []
    before: list[Labelled] = []
    for number, place in enumerate(walk(record, layout)):
        said = None
        for at, (one, rating) in enumerate(place.offered):
            label = _label(rating, options)
            fresh = label is not None and seen.add(record.question, place.before + one.gap + one.body, f"{label}")
            if fresh and options.one_pass and at == place.chosen:
                said = label
            elif fresh:
                yield f"{example}/{number:03d}/{at:03d}", [*before, Labelled(one, label)]
        if place.follows is not None:
            chain.append(Labelled(place.follows, said))
            before.append(Labelled(place.follows, None))
    yield f"{example}/chain", chain


def _label(rating: int | None, options: Options) -> float | None:
    neutral = {"positive": 1.0, "negative": 0.0, "skip": None}[options.neutral]
    return {-1: 0.0, 0: neutral, 1: 1.0, None: None}[rating]


def _item(record: Record, source: Files, known: Known, options: Options) -> str | None:
    """The problem's id; None where it is not to be learnt from, which is counted."""
    item = known.item(record.question)
    if item is not None:
        return item
    if known.is_known(record.question):
        source.left_out["of a problem that is not chosen"] += 1
        return None
    if options.additional == "skip":
        source.left_out["of a problem that the dataset does not have"] += 1
        return None
    return outside("additional", record.question)
