"""What one call leaves for the next so that it need not be worked out again: JSON files below `.snakemake`.

Nothing depends on them: each entry says what it was made from, and a lost or broken file costs time only.
"""

from __future__ import annotations

import json
from pathlib import Path

from easy2hard.files import write_text

FOLDER = Path(".snakemake") / "easy2hard"


def recall(name: str) -> dict:
    """What was stored under a name; empty where nothing was, or where the file is broken or another's."""
    try:
        found = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def keep(name: str, known: dict) -> None:
    """Store a mapping; where Snakemake has no folder, or it cannot be written to, nothing is stored."""
    if not FOLDER.parent.is_dir():
        return
    try:
        write_text(FOLDER / name, json.dumps(known, separators=(",", ":"), sort_keys=True))
    except OSError:  # no right, no room, a file system that is only read
        return
