"""A user's own records: any JSONL, JSON, CSV, TSV or Parquet, with the columns named in the config."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from easy2hard.datasets._items import Items, several
from easy2hard.errors import UserError
from easy2hard.rows import Row
from easy2hard.sources import Loaded, Reader, Source
from easy2hard.strict import Strict

TITLE = "Own data"
LICENCE = "as stated by the user"
HUB = None
NUMBERS = ("hardness", "level", "grade", "difficulty", "bloom", "depth_of_knowledge")
MEASURES = (
    "given", "level", "grade", "difficulty", "bloom", "depth_of_knowledge",
    "question_words", "answer_chars", "answer_words", "reasoning_steps", "reasoning_words",
)  # fmt: skip
CUTOFFS: dict[str, tuple[float, float]] = {}
Text = Annotated[str, StringConstraints(pattern=r"\S")]


class Columns(Strict):
    """Names of the columns. Choices and label for questions with choices, answer for free-form ones."""

    question: Text
    """Column of the question."""
    choices: Text | list[Text] | None = None
    """One column with a list of texts (in a CSV: a JSON list), or the columns that hold one choice each."""
    label: Text | None = None
    """Column of the correct choice, in the form `label_as` says."""
    answer: Text | None = None
    """Column of the answer of a free-form question."""
    id: Text | None = None
    """Column of the item id; else file name and row number."""
    solution: Text | None = None
    """Column of a worked solution or supporting facts; may be empty."""
    steps: Text | None = None
    """Column of the list of reasoning steps (in a CSV: a JSON list); may be empty."""
    subject: Text | None = None
    """Column of the subject; may be empty."""
    hardness: Text | None = None
    """Column of your own hardness, a number, higher is harder; may be empty. Measure `given`."""
    level: Text | None = None
    """Column of the level, a number; may be empty."""
    grade: Text | None = None
    """Column of the school grade, a number; may be empty."""
    difficulty: Text | None = None
    """Column of the rated difficulty, a number; may be empty."""
    bloom: Text | None = None
    """Column of the cognitive skill, a number; may be empty."""
    depth_of_knowledge: Text | None = None
    """Column of the depth of knowledge, a number; may be empty."""


class Options(Strict):
    """Options of the loader."""

    licence: Text
    """Licence of the data, stored with every table made from it."""
    columns: Columns
    """Names of the columns."""
    choices: Annotated[list[Text], Field(min_length=2)] | None = None
    """The same choices for every question, for classification, for example [yes, no]."""
    label_as: Literal["index", "letter", "text"] = "index"
    """How `columns.label` names the choice: its number, its letter (A, B, …), or its text."""
    label_base: Literal[0, 1] = 0
    """Number of the first choice, with `label_as: index`."""
    files: list[Text] = Field(default_factory=list)
    """Files inside the folder, in reading order, where the source is a folder."""
    config: Text = "default"
    """Configuration of the hub repository, where the source is on the hub."""
    splits: list[Text] = Field(default_factory=list)
    """Splits of the hub repository, in reading order, where the source is on the hub."""

    @model_validator(mode="after")
    def _one_form(self) -> Options:
        columns = self.columns
        if columns.choices is not None and self.choices is not None:
            raise ValueError("choices are given twice, by 'choices' and by 'columns.choices'; expected one")
        closed = columns.choices is not None or self.choices is not None
        if closed and (columns.label is None or columns.answer is not None):
            raise ValueError("with choices, expected 'columns.label' and no 'columns.answer'")
        if not closed and (columns.answer is None or columns.label is not None):
            raise ValueError("without choices, expected 'columns.answer' and no 'columns.label'")
        return self


def load(source: Source, options: Options, seed: int) -> Loaded:
    """One item a row. Raises UserError with file and line for every row that does not fit the columns."""
    reader = Reader(source)
    items = Items()
    for name, index, row in _rows(reader, options):
        item_id = _id(row, options) or f"{name}/{index:06d}"
        items.add(row, item_id, row.text(options.columns.question), *_answer(row, options), **_extras(row, options),
                  origin=name)  # fmt: skip
    frame = items.frame()
    return Loaded(frame, len(frame), {}, reader.records, licence=options.licence, notes=reader.notes)


def _rows(reader: Reader, options: Options) -> Iterator[tuple[str, int, Row]]:
    """(table, row from 0, row) of every table of the source."""
    for name, rows in _tables(reader, options):
        yield from ((name, index, row) for index, row in enumerate(rows))


def _tables(reader: Reader, options: Options) -> Iterator[tuple[str, list[Row]]]:
    path = reader.source.path
    if path is None:
        if not options.splits:
            raise UserError("options.splits: empty (expected the splits to read from the hub)")
        for split in options.splits:
            yield split, reader.split(options.config, split)
    elif path.is_dir():
        if not options.files:
            raise UserError(f"{path}: a folder, and options.files is empty (expected the files to read)")
        for name in options.files:
            yield name.rsplit(".", 1)[0], reader.file(name)
    else:
        yield path.stem, reader.read(path, path.name)


def _id(row: Row, options: Options) -> str | None:
    name = options.columns.id
    if name is None:
        return None
    return str(row.integer(name)) if isinstance(row.value(name), int) else row.text(name)


def _answer(row: Row, options: Options) -> tuple[list[str], int]:
    """Choices and label; a free-form answer is its own only choice, as for GSM8K."""
    if options.columns.answer is not None:
        return [row.text(options.columns.answer)], 0
    choices = several(row, _choices(row, options))
    return choices, _label(row, options, choices)


def _choices(row: Row, options: Options) -> list[str]:
    named = options.columns.choices
    if named is None:
        return list(options.choices or [])
    if isinstance(named, list):
        return [row.text(name) for name in named]
    return row.texts(named)


def _label(row: Row, options: Options, choices: list[str]) -> int:
    name = options.columns.label
    if options.label_as == "index":
        label = row.integer(name) - options.label_base
        if not 0 <= label < len(choices):
            highest = len(choices) - 1 + options.label_base
            found = label + options.label_base
            raise row.error(f"'{name}' {found} is outside the choices (expected {options.label_base} to {highest})")
        return label
    names = choices if options.label_as == "text" else [chr(ord("A") + index) for index in range(len(choices))]
    found = row.text(name)
    if names.count(found) != 1:
        reason = "is outside the choices" if found not in names else "is more than one choice"
        raise row.error(f"'{name}' '{found}' {reason} (expected one of {', '.join(names)})")
    return names.index(found)


def _extras(row: Row, options: Options) -> dict:
    """The other ITEMS columns that are named; an empty cell is a missing value."""
    columns = options.columns
    extras: dict = {name: row.number_or_none(column) for name in NUMBERS if (column := getattr(columns, name))}
    for name, read in (("solution", row.text), ("subject", row.text), ("steps", row.texts)):
        column = getattr(columns, name)
        if column and row.value(column) not in (None, "", []):
            extras[name] = read(column)
    return extras
