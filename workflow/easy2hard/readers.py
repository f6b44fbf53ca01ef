"""Readers of data files: JSONL, JSON, CSV, Parquet. A damaged file stops with one line that says where and why."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

from easy2hard.errors import UserError
from easy2hard.rows import Row, kind_of

BLANKS = re.compile(r"[ \t\r\n]*")


def read_jsonl(path: Path) -> list[Row]:
    """One JSON object a line. Raises UserError for a blank or damaged line and for an empty file."""
    # Not str.splitlines: U+2028 and its like are legal inside a JSON text.
    lines = text_of(path).rstrip("\r\n \t").split("\n")
    return [_record(_parsed(line, path, number), path, number) for number, line in enumerate(lines, start=1)]


def _parsed(line: str, path: Path, number: int) -> object:
    if not line.strip():
        raise UserError(f"{path}:{number}: blank line (expected a JSON object)")
    cursor = _Cursor(line, path, first_line=number)
    value = cursor.value()
    cursor.end()
    return value


def _record(value: object, path: Path, number: int) -> Row:
    if not isinstance(value, dict):
        raise UserError(f"{path}:{number}: {kind_of(value)} (expected a JSON object)")
    return Row(str(path), number, value)


def read_json(path: Path) -> list[Row]:
    """A JSON list of objects, each placed at the line where it begins. Raises UserError."""
    return [_record(value, path, number) for _, value, number in _members(_Cursor(text_of(path), path), "[]")]


def read_json_record(path: Path) -> list[Row]:
    """A file that is one JSON object, as its only row. Raises UserError."""
    cursor = _Cursor(text_of(path), path)
    number = cursor.line()
    value = cursor.value()
    cursor.end()
    return [_record(value, path, number)]


def read_json_object(path: Path) -> dict[str, Row]:
    """A JSON object of objects: key → row. Raises UserError, also for a key that stands twice."""
    rows: dict[str, Row] = {}
    for key, value, number in _members(_Cursor(text_of(path), path), "{}"):
        if key in rows:
            raise UserError(f"{path}:{number}: key '{key}' was given at line {rows[key].number} (expected it once)")
        rows[key] = _record(value, path, number)
    return rows


def _members(cursor: _Cursor, brackets: str) -> Iterator[tuple[str, object, int]]:
    """(key or '', value, line) of each member of the outermost list or object."""
    cursor.take(brackets[0])
    while True:
        number = cursor.line()
        key = cursor.key() if brackets == "{}" else ""
        yield key, cursor.value(), number
        if cursor.take("," + brackets[1]) == brackets[1]:
            return cursor.end()


class _Cursor:
    """A place in a JSON text, moved forward value by value so that each has its line."""

    def __init__(self, text: str, path: Path, first_line: int = 1):
        self._text, self._path, self._at = text, path, 0
        self._counted, self._line = 0, first_line
        self._decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)

    def line(self) -> int:
        """The line of the next thing that is not blank."""
        self._at = BLANKS.match(self._text, self._at).end()
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def error(self, reason: str) -> UserError:
        return UserError(f"{self._path}:{self.line()}: {reason}")

    def take(self, expected: str) -> str:
        """The next character, which must be one of `expected`."""
        self.line()
        found = self._text[self._at : self._at + 1]
        if not found or found not in expected:
            raise self.error(f"not JSON: {found or 'end of file'!r} (expected {' or '.join(expected)})")
        self._at += 1
        return found

    def key(self) -> str:
        """A member's name and the colon after it."""
        name = self.value()
        self.take(":")
        return str(name)

    def value(self) -> object:
        self.line()
        try:
            found, self._at = self._decoder.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            self._at = min(error.pos, len(self._text))
            raise self.error(f"not JSON: {error.msg} (expected a JSON value)") from None
        except (ValueError, RecursionError) as error:
            raise self.error(f"not JSON: {error} (expected a JSON value)") from None
        return found

    def end(self) -> None:
        """Nothing but blanks may follow."""
        number = self.line()
        if self._at < len(self._text):
            raise UserError(f"{self._path}:{number}: not JSON: text after the last value (expected the end)")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"repeated key '{repeated[0]}'")
    return dict(pairs)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")


def read_csv(path: Path, columns: tuple[str, ...] = (), delimiter: str = ",", quotes: bool = True) -> list[Row]:
    """CSV records, each placed at its first line; the first is the header unless `columns` are given.

    quotes: whether `"` quotes a cell (a TSV often has bare ones). Raises UserError for a damaged record, another
    number of cells, a header with empty or repeated names, and an empty file.
    """
    records = list(_records(path, delimiter, quotes))
    if not columns:
        number, header = records.pop(0)
        columns = _header(header, path, number)
    if not records:
        raise UserError(f"{path}:2: only a header (expected at least one row)")
    return [_cells(cells, columns, path, number) for number, cells in records]


def read_tsv(path: Path) -> list[Row]:
    """Tab-separated records with a header; a quotation mark is a letter like others."""
    return read_csv(path, delimiter="\t", quotes=False)


def _records(path: Path, delimiter: str, quotes: bool) -> Iterator[tuple[int, list[str]]]:
    text = text_of(path).rstrip("\r\n")
    quoting = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True)
    number = 1
    try:
        for cells in reader:
            yield number, cells
            number = reader.line_num + 1
    except csv.Error as error:
        raise UserError(f"{path}:{number}: not CSV: {error} (expected cells parted by {delimiter!r})") from None


def _header(names: list[str], path: Path, number: int) -> tuple[str, ...]:
    if not names:
        raise UserError(f"{path}:{number}: blank line (expected the names of the columns)")
    repeated = sorted({name for name in names if names.count(name) > 1 or not name.strip()})
    if repeated:
        raise UserError(f"{path}:{number}: header name '{repeated[0]}' (expected names, each once)")
    return tuple(names)


def _cells(cells: list[str], columns: tuple[str, ...], path: Path, number: int) -> Row:
    if len(cells) != len(columns):
        wanted = f"{len(columns)}: {', '.join(columns)}"
        raise UserError(f"{path}:{number}: {len(cells)} cells (expected {wanted})")
    return Row(str(path), number, dict(zip(columns, cells, strict=True)), typed=False)


def read_parquet(path: Path) -> list[Row]:
    """Rows of a Parquet file, counted from 1. Raises UserError for a damaged or empty file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        records = pq.read_table(path).to_pylist()
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a readable Parquet file: {error} (expected Parquet)") from None
    if not records:
        raise UserError(f"{path}: row 1: no rows (expected at least one)")
    return [Row(str(path), number, record, "row") for number, record in enumerate(records, start=1)]


def text_of(path: Path) -> str:
    """The text of a file, without a byte order mark. Raises UserError: missing, not UTF-8, empty."""
    if not path.is_file():
        raise UserError(f"{path}: no such file (expected a data file there)")
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}:{number}: byte {data[error.start]:#04x} is not UTF-8 (expected UTF-8 text)") from None
    if not text.strip():
        raise UserError(f"{path}:1: empty file (expected at least one row)")
    return text
