"""Files: written beside the target and moved into place when whole; checksums."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Yield a path beside `path`; on success it takes its place, on failure it is removed. Files and folders.

    What a killed process left beside `path` is cleared by the next one.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial, former = (target.with_name(f".{target.name}.{word}.partial") for word in ("new", "old"))
    _remove(partial)
    try:
        yield partial
        if partial.is_dir() and target.exists():  # a folder does not replace a folder in one step
            _remove(former)
            os.replace(target, former)
        os.replace(partial, target)
    finally:
        _remove(partial)
        _remove(former)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_text(path: Path | str, text: str) -> None:
    """Write UTF-8 text, whole or not at all."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


def sha256(path: Path | str) -> str:
    """SHA-256 of a file, hexadecimal, read in pieces."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
