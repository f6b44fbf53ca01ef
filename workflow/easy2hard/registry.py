"""Plug-ins, found by file name. One new file adds one; an unknown name lists what exists."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from types import ModuleType

from easy2hard.errors import unknown

ROOT = Path(__file__).parent
KINDS = ("datasets", "hardness", "methods", "generators", "engines", "evaluators", "teaching", "figures")


@cache
def names(kind: str) -> tuple[str, ...]:
    """Names of the plug-ins of a kind: file names without `.py`; `folder/name` for those in a folder."""
    folder = ROOT / kind
    found = (path.relative_to(folder).with_suffix("") for path in folder.rglob("*.py"))
    return tuple(sorted(path.as_posix() for path in found if not path.name.startswith("_")))


def path(kind: str, name: str) -> Path:
    """Source file of a plug-in. Raises UserError for a name that does not exist."""
    if name not in names(kind):
        raise unknown(f"{kind} plug-in", name, names(kind))
    return ROOT / kind / f"{name}.py"


def load(kind: str, name: str) -> ModuleType:
    """Import a plug-in. Raises UserError for a name that does not exist."""
    path(kind, name)
    return importlib.import_module(f"easy2hard.{kind}.{name.replace('/', '.')}")
