"""The files of a published training set: found, read record by record, what is bad or left out counted."""

from __future__ import annotations

import fnmatch
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from easy2hard import files, streams
from easy2hard.errors import UserError
from easy2hard.rows import Row
from easy2hard.sources import NOT_PINNED, Source

T = TypeVar("T")
LISTED = 50  # bad records that are named; all are counted


@dataclass
class Files:
    """Files in the order of their names, with what was found in them.

    skip: leave bad records out in place of stopping. bad: what is wrong, one line a record. left_out: records that the
    protocol does not want, by reason. Both are of one reading, however often the files are read.
    """

    paths: tuple[Path, ...]
    skip: bool = False
    bad: dict[str, None] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    records: int = 0

    def read(self, parse: Callable[[Row], T]) -> Iterator[tuple[str, T]]:
        """(place, parsed record), place being ascending text. Raises UserError for a bad record unless `skip`."""
        self.records, self.left_out = 0, Counter()
        for path in self.paths:
            for found in streams.records(path):
                self.records += 1
                try:
                    if isinstance(found, UserError):
                        raise found
                    made = parse(found)
                except UserError as error:
                    self._bad(error)
                else:
                    yield f"{path.stem}:{found.number:08d}", made

    def _bad(self, error: UserError) -> None:
        if not self.skip:
            raise error
        self.bad[str(error)] = None

    def told(self) -> dict:
        """Counts for the table: sources with checksums, records, bad ones (the first of them named), those left out."""
        sources = [
            {"name": path.name, "sha256": files.sha256(path), "bytes": path.stat().st_size} for path in self.paths
        ]
        bad = {"count": len(self.bad), "first": [_without_folder(line, self.paths) for line in [*self.bad][:LISTED]]}
        left_out = dict(sorted(self.left_out.items()))
        return {"sources": sources, "records": self.records, "bad": bad, "left_out": left_out}


def _without_folder(line: str, paths: tuple[Path, ...]) -> str:
    """No folder in what is stored, so that equal data in two places gives equal tables."""
    for path in paths:
        line = line.removeprefix(f"{path.parent}{os.sep}")
    return line


def locate(source: Source, patterns: tuple[str, ...]) -> tuple[Path, ...]:
    """The files of a source, by name: a file itself; of a folder or a hub repository those that fit the patterns.

    Raises UserError where a pattern has no file, or two files have one name.
    """
    if source.path is not None and source.path.is_file():
        return (source.path,)
    folder = _hub(source, patterns) if source.hub else source.path
    if not folder.is_dir():
        raise UserError(f"{folder}: no such file or folder (expected {' and '.join(patterns)})")
    every = sorted(path for path in folder.rglob("*") if path.is_file())
    found: list[Path] = []
    for pattern in patterns:
        fitting = [path for path in every if fnmatch.fnmatchcase(path.name, pattern)]
        if not fitting:
            raise UserError(f"{source.hub or folder}: no file {pattern} (expected one)")
        found += fitting
    names = Counter(path.stem for path in set(found))
    if twice := [name for name, count in names.items() if count > 1]:
        raise UserError(f"{folder}: two files are called {twice[0]} (expected one; give the 'path' of the file itself)")
    return tuple(sorted(set(found), key=lambda path: path.stem))


def notes(source: Source) -> list[str]:
    """What the reader of the table should know: a hub repository without a commit."""
    return [f"{source.hub}: {NOT_PINNED}"] if source.hub and not source.revision else []


def _hub(source: Source, patterns: tuple[str, ...]) -> Path:
    """Folder in the cache with the files of a hub repository that fit, downloaded where they are not there yet."""
    try:
        from huggingface_hub import constants, errors, snapshot_download
    except ImportError as error:
        raise UserError(f"source.hub: '{source.hub}' needs the package {error.name} (or give a local path)") from error
    offline = source.offline or constants.HF_HUB_OFFLINE
    allowed = [allowed for pattern in patterns for allowed in (pattern, f"*/{pattern}")]
    # The base class of the HTTP library that huggingface_hub is built on; it has changed between its releases.
    http_error = errors.HfHubHTTPError.__bases__[0]
    try:
        found = snapshot_download(
            source.hub,
            repo_type="dataset",
            revision=source.revision,
            allow_patterns=allowed,
            local_files_only=offline,
        )
    except (OSError, ValueError, http_error) as error:
        state = "offline: expected it in the cache" if offline else "expected it on the hub"
        where = f"{source.hub}@{source.revision or 'main'}"
        raise UserError(f"{where}: cannot be loaded ({state}, or a local path): {error}") from error
    return Path(found)
