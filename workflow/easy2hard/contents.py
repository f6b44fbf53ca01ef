"""Content of input files as part of what a job depends on.

Snakemake looks at an input file only when it is newer than what was made from it; a copy that keeps an older time
(`cp -p`, `rsync -a`, an unpacked archive) would go unnoticed. A digest of the content, in `params`, is noticed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from easy2hard.files import sha256, write_text

LARGEST = 1 << 28  # bytes; of larger files (weights) only the size is taken
CACHE = Path(".snakemake") / "easy2hard" / "contents.json"


def digest(files: Iterable[str]) -> str:
    """`content …` of the files, in order; files that have not changed since the last call are not read again.

    Names and folders do not count, so that two checkouts agree. Missing files count as absent.
    """
    found = [Path(file) for file in files]
    known = _known() if found else {}
    before = len(known)
    parts = [_part(file, known) for file in found]
    if len(known) > before:
        _remember(known)
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


def _known() -> dict[str, str]:
    try:
        return json.loads(CACHE.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def _remember(known: dict[str, str]) -> None:
    """Store what was read; a folder that cannot be written to costs time, nothing else."""
    if not CACHE.parents[1].is_dir():
        return
    try:
        write_text(CACHE, json.dumps(known, indent=0, sort_keys=True))
    except PermissionError:
        return
