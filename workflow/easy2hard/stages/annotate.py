"""Annotate: the hardness and the bucket of every item of a dataset, by one measure."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

from easy2hard import buckets, registry, tables
from easy2hard.command import command
from easy2hard.errors import UserError


def values(items: pd.DataFrame, measure: str, dataset: str) -> pd.Series:
    """Hardness of each item. Raises UserError where the dataset does not have the measure or a value is infinite."""
    found = registry.load("hardness", measure).score(items)
    if not found[items["part"] == "main"].notna().any():
        raise UserError(f"dataset '{dataset}' has no measure '{measure}': no item of part 'main' has a value")
    infinite = np.isinf(found.to_numpy(dtype=float))
    if infinite.any():
        item = items["item_id"].to_numpy()[infinite][0]
        raise UserError(f"dataset '{dataset}', measure '{measure}': the value of item '{item}' is infinite")
    return found


def definition(plugin: ModuleType, about: dict, measure: str) -> str:
    """What the measure means for these items: the dataset's own words, where its metadata has `definitions`."""
    return about.get("definitions", {}).get(measure, plugin.DEFINITION)


def _log(dataset: str, measure: str, found: dict) -> None:
    easy, hard = found["cutoffs"]["easy"], found["cutoffs"]["hard"]
    print(f"{dataset}, {measure}: easy ≤ {easy:g}, hard ≥ {hard:g}", file=sys.stderr)
    for part, sizes in found["counts"].items():
        print(f"  {part}: " + ", ".join(f"{number:,} {name}" for name, number in sizes.items()), file=sys.stderr)
    for concern in found["concerns"]:
        print(f"  warning: {concern}", file=sys.stderr)


@command
def main(items: Path, measure: str, cutoffs: dict, out: Path) -> None:
    """Write item_id, value, bucket; with the definition, cutoffs, counts and licence as metadata."""
    plugin = registry.load("hardness", measure)
    asked = buckets.parse(cutoffs)
    rows, about = tables.read(items, tables.ITEMS), tables.metadata(items)
    dataset = str(about["dataset"])
    value = values(rows, measure, dataset)
    bucket, resolved = buckets.assign(value, rows["part"], asked)
    metadata = {
        "measure": measure,
        "title": plugin.TITLE,
        "definition": definition(plugin, about, measure),
        "source": plugin.SOURCE,
        "dataset": dataset,
        "licence": about["licence"],
        "cutoffs": {"kind": asked.kind, "asked": [asked.easy, asked.hard], "easy": resolved[0], "hard": resolved[1]},
        "counts": buckets.tally(rows, bucket),
        "concerns": buckets.concerns(value, rows["part"], bucket, resolved),
    }
    _log(dataset, measure, metadata)
    table = pd.DataFrame({"item_id": rows["item_id"], "value": value, "bucket": bucket})
    tables.write(table, out, tables.HARDNESS, metadata)
