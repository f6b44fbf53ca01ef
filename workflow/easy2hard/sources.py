"""Where records come from: a local folder or file (official format or the hub's Parquet), or the hub itself.

Every file read is recorded with its size, checksum and rows.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from easy2hard import files
from easy2hard.errors import UserError, unknown
from easy2hard.readers import read_csv, read_json, read_jsonl, read_parquet, read_tsv
from easy2hard.rows import Row

READERS: dict[str, Callable[[Path], list[Row]]] = {
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".json": read_json,
    ".csv": read_csv,
    ".tsv": read_tsv,
    ".parquet": read_parquet,
}
SHARD = re.compile(r"-(\d{5})-of-(\d{5})")
NOT_PINNED = "revision not pinned"


@dataclass(frozen=True)
class Source:
    """A local `path` (folder or file) or a `hub` id with its commit; `annotations` is a file that some loaders
    need beside it: for ARC its annotations, for MATH the list of MATH500."""

    path: Path | None = None
    hub: str | None = None
    revision: str | None = None
    offline: bool = False
    annotations: Path | None = None

    @classmethod
    def of(cls, settings: dict) -> Source:
        """From the config's `source` mapping. Raises UserError for an unknown key, or not one of path and hub."""
        for name in settings:
            if name not in cls.__dataclass_fields__:
                raise unknown("key", name, cls.__dataclass_fields__, "source")
        given = {name: value for name, value in settings.items() if value is not None}
        for name in {"path", "annotations"} & given.keys():
            given[name] = Path(given[name])
        if ("path" in given) == ("hub" in given):
            raise UserError("source: expected exactly one of 'path' and 'hub'")
        return cls(**given)

    def pinned(self, hub: dict | None) -> Source:
        """With the plug-in's own commit where the same hub id is asked for without one."""
        known = hub is not None and self.hub == hub["id"] and self.revision is None
        return replace(self, revision=hub["revision"]) if known else self


@dataclass
class Loaded:
    """What a dataset plug-in gives: ITEMS rows, records read, records its protocol drops by reason, files read.

    raw == len(items) + sum(dropped.values()). `licence` and `notes` add to what the module states.
    """

    items: pd.DataFrame
    raw: int
    dropped: dict[str, int]
    sources: list[dict]
    licence: str | None = None
    notes: list[str] = field(default_factory=list)
    extra: dict = field(default_factory=dict)


class Reader:
    """Reads tables of a source and keeps the record of each: name, sha256, bytes, rows, for the hub the revision."""

    def __init__(self, source: Source):
        self.source = source
        self.records: list[dict] = []

    @property
    def root(self) -> Path:
        """The local folder. Raises UserError where there is none."""
        path = self.source.path
        if path is None or not path.is_dir():
            raise UserError(f"{path}: no such folder (expected the dataset's files in it)")
        return path

    @property
    def notes(self) -> list[str]:
        """What the reader of the table should know: a hub repository without a commit."""
        return [f"{self.source.hub}: {NOT_PINNED}"] if self.source.hub and not self.source.revision else []

    def is_official(self, names: list[str]) -> bool:
        """Whether the source is a folder that holds one of the official files `names`."""
        return self.source.path is not None and any((self.root / name).exists() for name in names)

    def file(self, name: str, read: Callable[[Path], list[Row]] | None = None) -> list[Row]:
        """Rows of one file of the folder; the reader is chosen by the suffix unless `read` is given."""
        return self.read(self.root / name, name, read)

    def read(self, path: Path, name: str, read: Callable[[Path], list[Row]] | None = None) -> list[Row]:
        """Rows of the file `path`, recorded as `name`. Raises UserError."""
        if not path.is_file():
            raise UserError(f"{path}: no such file (expected a data file there)")
        if read is None and path.suffix not in READERS:
            raise unknown("file suffix", path.suffix, READERS, str(path))
        rows = (read or READERS[path.suffix])(path)
        self.records.append(
            {"name": name, "sha256": files.sha256(path), "bytes": path.stat().st_size, "rows": len(rows)}
        )
        return rows

    def split(self, config: str, split: str) -> list[Row]:
        """Rows of one split of one hub config, from the hub or from a local copy of its Parquet files."""
        if self.source.hub:
            return self._from_hub(self.source, config, split)
        shards = list(_shards(self.root, config, split))
        if not shards:
            wanted = f"the official files or {_layout(config, split)}"
            raise UserError(f"{self.root}: no data of {config}/{split} (expected {wanted})")
        return [row for path in shards for row in self.file(path.relative_to(self.root).as_posix())]

    def of(self, source: Source, config: str, split: str) -> list[Row]:
        """Rows of one split of another hub repository, recorded like those of this source."""
        return self._from_hub(source, config, split)

    def _from_hub(self, source: Source, config: str, split: str) -> list[Row]:
        place = f"{source.hub}/{config}/{split}"
        records = _download(source, config, split)
        if not records:
            raise UserError(f"{place}: row 1: no rows (expected at least one)")
        stored = "\n".join(json.dumps(record, sort_keys=True, default=str) for record in records).encode()
        # The hub's own files are not at hand here, so size and checksum are of the rows as JSON lines.
        self.records.append(
            {
                "name": place,
                "revision": source.revision,
                "sha256": hashlib.sha256(stored).hexdigest(),
                "bytes": len(stored),
                "rows": len(records),
            }
        )
        return [Row(place, number, record, "row") for number, record in enumerate(records, start=1)]


def _layout(config: str, split: str) -> str:
    return f"{config}/{split}-*.parquet" if config != "default" else f"data/{split}-*.parquet"


def _shards(root: Path, config: str, split: str) -> Iterator[Path]:
    """The Parquet files of a split in any of the hub's layouts, in order, none missing."""
    folders = [root / config, root / "data" / config]
    folders += [root / "data", root] if config == "default" else []
    for folder in folders:
        for pattern in (f"{split}-*.parquet", f"{split}.parquet", f"{split}/*.parquet"):
            found = sorted(folder.glob(pattern))
            if found:
                _check_complete(found)
                yield from found
                return


def _check_complete(shards: list[Path]) -> None:
    numbers = [SHARD.search(path.name) for path in shards]
    if all(numbers):
        wanted = int(numbers[0].group(2))
        missing = sorted(set(range(wanted)) - {int(number.group(1)) for number in numbers})
        if missing or len(shards) != wanted:
            detail = f"part {missing[0]} is missing" if missing else "there are parts of two copies"
            raise UserError(f"{shards[0]}: {detail} (expected {wanted} parts, found {len(shards)})")


def _download(source: Source, config: str, split: str) -> list[dict]:
    """Rows of a hub split, from the cache or the net. Raises UserError for what the user can mend."""
    if source.offline:
        os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        import datasets
        import huggingface_hub
    except ImportError as error:
        raise UserError(f"source.hub: '{source.hub}' needs the package {error.name} (or give a local path)") from error
    if source.offline:
        # Both libraries read the variable once, when they are imported.
        datasets.config.HF_HUB_OFFLINE = huggingface_hub.constants.HF_HUB_OFFLINE = True
    # The base class of the HTTP library that huggingface_hub is built on; it has changed between its releases.
    http_error = huggingface_hub.errors.HfHubHTTPError.__bases__[0]
    try:
        return list(datasets.load_dataset(source.hub, config, split=split, revision=source.revision))
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError, http_error) as error:
        # OSError: not found, not reachable, not cached. ValueError: unknown config or split. RuntimeError: a script.
        state = "offline: expected it in the cache" if datasets.config.HF_HUB_OFFLINE else "expected it on the hub"
        where = f"{source.hub}@{source.revision or 'main'} {config}/{split}"
        raise UserError(f"{where}: cannot be loaded ({state}, or a local path): {error}") from error
