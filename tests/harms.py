"""Ways to harm a data file in tests: each gives a function of the path."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import fixtures_data as fixtures
import pyarrow.parquet as pq


def swap(old: str, new: str, line: int = 0) -> Callable[[Path], None]:
    """Replace in one line (from 1; 0 is anywhere), the first time only."""

    def harm(path: Path) -> None:
        lines = path.read_text(encoding="utf-8").split("\n")
        numbers = [line - 1] if line else [n for n, text in enumerate(lines) if old in text][:1]
        assert numbers and old in lines[numbers[0]], (old, lines[:3])
        lines[numbers[0]] = lines[numbers[0]].replace(old, new, 1)
        path.write_text("\n".join(lines), encoding="utf-8")

    return harm


def record(line: int, **changes: object) -> Callable[[Path], None]:
    """Change fields of the JSON record of a line; a change to `del` takes the field away."""

    def harm(path: Path) -> None:
        lines = path.read_text(encoding="utf-8").split("\n")
        changed = {**json.loads(lines[line - 1]), **changes}
        lines[line - 1] = json.dumps({name: value for name, value in changed.items() if value != "del"})
        path.write_text("\n".join(lines), encoding="utf-8")

    return harm


def choice(line: int, **changes: object) -> Callable[[Path], None]:
    """Change the second choice of an ARC record."""

    def harm(path: Path) -> None:
        question = json.loads(path.read_text(encoding="utf-8").split("\n")[line - 1])["question"]
        question["choices"][1] |= changes
        record(line, question=question)(path)

    return harm


def put(text: bytes, at: str | None = None) -> Callable[[Path], None]:
    """Write these bytes in place of the file, or before the first `at`."""

    def harm(path: Path) -> None:
        data = path.read_bytes()
        path.write_bytes(text if at is None else data.replace(at.encode(), text + at.encode(), 1))

    return harm


def rows(change: Callable[[list[dict]], None]) -> Callable[[Path], None]:
    """Change the rows of a Parquet file."""

    def harm(path: Path) -> None:
        records = pq.read_table(path).to_pylist()
        change(records)
        fixtures.write_parquet(path, records)

    return harm


def cell(row: int, **changes: object) -> Callable[[Path], None]:
    """Change cells of a row (from 1) of a Parquet file."""
    return rows(lambda records: records[row - 1].update(changes))
