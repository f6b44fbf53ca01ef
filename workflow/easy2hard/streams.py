"""Records of files too large to hold: JSON lines, a JSON list, Parquet, one record at a time."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path

from easy2hard import progress
from easy2hard.errors import UserError, unknown
from easy2hard.rows import Row, kind_of

CHUNK = 1 << 20  # bytes read at a time
LARGEST = 1 << 24  # characters, or bytes, of a record; what is longer is no record
POINTER = b"version https://git-lfs.github.com/spec/v1"
BLANKS = re.compile(r"[ \t\r\n]*")


def records(path: Path) -> Iterator[Row | UserError]:
    """The records of a file in order; in place of a damaged one, what is wrong with it. Progress is shown.

    Raises UserError where nothing can be read on: no file or an empty one, a git-LFS pointer, an unknown suffix, a line
    without an end, a JSON list or a Parquet file that is damaged.
    """
    if path.suffix not in READERS:
        raise unknown("file suffix", path.suffix, READERS, str(path))
    if not path.is_file():
        raise UserError(f"{path}: no such file (expected a data file there)")
    head = _head(path)
    if head.startswith(POINTER):
        size = re.search(rb"size ([0-9]+)", head)
        told = f" ({int(size[1]):,} bytes)" if size else ""
        raise UserError(
            f"{path}: a git-LFS pointer, not the data{told}, which is elsewhere: run 'git lfs pull' in the repository "
            "it came from, or download the file itself"
        )
    if not head.strip():
        raise UserError(f"{path}:1: empty file (expected at least one record)")
    return READERS[path.suffix](path)


def _head(path: Path) -> bytes:
    with open(path, "rb") as handle:
        return handle.read(1024)


def _chunks(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as handle:
        parts = iter(lambda: handle.read(CHUNK), b"")
        yield from progress.track(parts, -(-path.stat().st_size // CHUNK), f"read {path.name}", "MiB")


# -- JSON lines --------------------------------------------------------------------------------------------------------


def _lines(path: Path) -> Iterator[Row | UserError]:
    blank = 0
    for number, line in enumerate(_cut(path), start=1):
        if not line.strip():
            blank = blank or number  # blank lines at the end are no fault
            continue
        if blank:
            yield UserError(f"{path}:{blank}: blank line (expected a JSON object)")
            blank = 0
        yield _object(line, path, number)


def _cut(path: Path) -> Iterator[bytes]:
    """Lines without their ends. Not `splitlines`: U+2028 and its like are legal inside a JSON text."""
    rest, number = b"", 1
    for chunk in _chunks(path):
        *whole, rest = (rest + chunk).split(b"\n")
        number += len(whole)
        if len(rest) > LARGEST:
            raise UserError(f"{path}:{number}: a line of more than {LARGEST:,} bytes (expected a JSON object in each)")
        yield from whole
    if rest:
        yield rest


def _object(line: bytes, path: Path, number: int) -> Row | UserError:
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        value = DECODER.decode(text)
    except UnicodeDecodeError as error:
        byte = line[error.start]
        return UserError(f"{path}:{number}: byte {byte:#04x} is not UTF-8 (expected UTF-8 text)")
    except (ValueError, RecursionError) as error:
        return UserError(f"{path}:{number}: not JSON: {_reason(error, text)} (expected a JSON object)")
    return _row(value, path, number)


def _reason(error: Exception, text: str) -> str:
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    cut = "; is the line cut off?" if error.pos >= len(text) - 1 or error.msg.startswith("Unterminated") else ""
    return f"{error.msg} (character {error.pos + 1} of {len(text)}){cut}"


def _row(value: object, path: Path, number: int) -> Row | UserError:
    if not isinstance(value, dict):
        return UserError(f"{path}:{number}: {kind_of(value)} (expected a JSON object)")
    return Row(str(path), number, value)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"repeated key '{next(name for name in names if names.count(name) > 1)}'")
    return made


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")


DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)


# -- a JSON list -------------------------------------------------------------------------------------------------------


def _json(path: Path) -> Iterator[Row | UserError]:
    """A list of objects; or, as some publishers name them, JSON lines in a file called .json."""
    first = _head(path).removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    return _lines(path) if first == b"{" else _members(path)


def _members(path: Path) -> Iterator[Row | UserError]:
    window = _Window(path)
    window.take("[")
    while True:
        number = window.blanks()
        yield _row(window.value(), path, number)
        if window.take(",]") == "]":
            break
    number = window.blanks()
    if window.left():
        raise UserError(f"{path}:{number}: not JSON: text after the list (expected the end)")


class _Window:
    """The part of a long JSON text that is being read; knows the line it is at."""

    def __init__(self, path: Path):
        self._path, self._chunks = path, _chunks(path)
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._text, self._at, self._line, self._ended = "", 0, 1, False

    def blanks(self) -> int:
        """Go to the next thing that is not blank; the line it stands in."""
        self._advance(BLANKS.match(self._text, self._at).end())
        while self._at == len(self._text) and self._more():
            self._advance(BLANKS.match(self._text, self._at).end())
        return self._line

    def left(self) -> bool:
        """Whether anything follows."""
        return self._at < len(self._text)

    def take(self, expected: str) -> str:
        """The next character, which must be one of `expected`."""
        number = self.blanks()
        found = self._text[self._at : self._at + 1]
        if not found or found not in expected:
            wanted = " or ".join(expected)
            raise UserError(f"{self._path}:{number}: not JSON: {found or 'end of file'!r} (expected {wanted})")
        self._at += 1
        return found

    def value(self) -> object:
        """The next value. One that does not parse may go on in the part not yet read, so reading goes on first."""
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if len(self._text) - self._at > LARGEST or not self._more():
                    raise self._fault(error) from None
            else:
                self._advance(end)
                return value

    def _fault(self, error: Exception) -> UserError:
        at = min(getattr(error, "pos", self._at), len(self._text))
        number = self._line + self._text.count("\n", self._at, at)
        return UserError(f"{self._path}:{number}: not JSON: {getattr(error, 'msg', error)} (expected a JSON object)")

    def _advance(self, to: int) -> None:
        self._line += self._text.count("\n", self._at, to)
        self._at = to

    def _more(self) -> bool:
        """Read a further part, and forget what lies behind; false at the end of the file."""
        if self._ended:
            return False
        chunk = next(self._chunks, b"")
        self._ended = not chunk
        try:
            self._text = self._text[self._at :] + self._decode(chunk, final=self._ended)
        except UnicodeDecodeError as error:
            raise UserError(f"{self._path}: after line {self._line}: not UTF-8: {error.reason}") from None
        self._at = 0
        return True


# -- Parquet -----------------------------------------------------------------------------------------------------------


def _parquet(path: Path) -> Iterator[Row | UserError]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        rows = (values for batch in file.iter_batches(1024) for values in batch.to_pylist())
        for number, values in enumerate(progress.track(rows, file.metadata.num_rows, f"read {path.name}"), start=1):
            yield Row(str(path), number, values, "row")
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a readable Parquet file: {error} (expected Parquet)") from None


READERS = {".jsonl": _lines, ".ndjson": _lines, ".json": _json, ".parquet": _parquet}
