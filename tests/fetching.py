"""Fetching invented or real datasets in tests: in this process, or as the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import fixtures_data as fixtures
import pandas as pd
from easy2hard import tables
from easy2hard.stages import fetch

WORKFLOW = Path(__file__).parent.parent / "workflow"


def fetched(plugin: str, path: Path, out: Path, **options: object) -> tuple[pd.DataFrame, dict]:
    """Items and metadata of a dataset fetched from a local path."""
    given = {**fixtures.OPTIONS.get(plugin, {}), **options}
    fetch.main("d", plugin, {"path": str(path)}, given, 0, out)
    return tables.read(out, tables.ITEMS), tables.metadata(out)


def same_items(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Equal but for where each was read from."""
    columns = [name for name in tables.ITEMS.columns if name not in ("origin", "source_row")]
    return one[columns].to_json() == other[columns].to_json()


def counts(values: pd.Series) -> dict:
    return values.value_counts().sort_index().to_dict()


def run_fetch(dataset: str, plugin: str, source: dict, options: dict, out: Path, **environment: str):
    """The stage as a command of its own."""
    words = ["--dataset", dataset, "--plugin", plugin, "--source", json.dumps(source)]
    words += ["--options", json.dumps(options), "--seed", "0", "--out", str(out)]
    return subprocess.run(
        [sys.executable, "-m", "easy2hard.stages.fetch", *words],
        env={**os.environ, "PYTHONPATH": str(WORKFLOW), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
