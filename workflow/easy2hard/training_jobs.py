"""What a plug-in that trains is given, and how its stage writes what comes out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from easy2hard.lessons import Lesson
from easy2hard.solutions import Format
from easy2hard.strict import Strict


@dataclass(frozen=True)
class GeneratorJob:
    """One generator to train.

    problems: ITEMS rows to learn from. taught: published lessons in their place, None for none. model: base folder, or
    None when `model_spec` names a hub id. state: folder for what should survive a kill. out: folder to write model,
    config and tokenizer into.
    """

    problems: pd.DataFrame
    layout: Format
    options: Strict
    model: Path | None
    model_spec: dict
    seed: int
    state: Path
    out: Path
    taught: Sequence[Lesson] | None = None


def write_record(folder: Path, told: dict) -> None:
    """Write record.json. No time and no path in it, so that equal jobs write equal bytes."""
    (folder / "record.json").write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def short(told: dict) -> str:
    """What a record tells of a training, for the log: counts, first and last point of the curve."""
    counts = ", ".join(f"{name} {value}" for name, value in told.items() if name != "loss")
    return f"{counts}, loss {told['loss'][0][1]:.4f} -> {told['loss'][-1][1]:.4f}"
