"""Content of input files as part of what a job depends on.

Snakemake looks at an input file only when it is newer than what was made from it; a copy that keeps an older time
(`cp -p`, `rsync -a`, an unpacked archive) would go unnoticed. A digest of the content, in `params`, is noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from easy2hard import remembered
from easy2hard.files import sha256

LARGEST = 1 << 28  # bytes; of larger files (weights) only the size is taken
MEMORY = "contents.json"


def digest(files: Iterable[str]) -> str:
    """`content …` of the files, in order; files that have not changed since the last call are not read again.

    Names and folders do not count, so that two checkouts agree. Missing files count as absent.
    """
    found = [Path(file) for file in files]
    known = remembered.recall(MEMORY) if found else {}
    before = len(known)
    parts = [_part(file, known) for file in found]
    if len(known) > before:
        remembered.keep(MEMORY, known)
    return f"content {hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]}"


def _part(file: Path, known: dict[str, str]) -> str:
    if not file.is_file():
        return "absent"
    found = file.stat()
    if found.st_size > LARGEST:
        return f"{found.st_size} bytes"
    key = f"{file.resolve()}|{found.st_size}|{found.st_mtime_ns}"
    if key not in known:
        known[key] = sha256(file)
    return known[key]
