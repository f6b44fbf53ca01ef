"""Fetch: records of a dataset → the items table, with sizes, checksums, licence and what was dropped."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

from easy2hard import registry, tables
from easy2hard.command import command
from easy2hard.settings import options_of
from easy2hard.sources import Loaded, Source


def metadata(dataset: str, plugin: str, module: ModuleType, loaded: Loaded, seed: int) -> dict:
    """What is stored beside the items. Raises ValueError where the plug-in's counts do not add up."""
    kept, lost = len(loaded.items), sum(loaded.dropped.values())
    if loaded.raw != kept + lost:
        raise ValueError(f"{plugin}: {loaded.raw} raw is not {kept} kept + {lost} dropped")
    parts = loaded.items["part"].value_counts().sort_index()
    return {
        **loaded.extra,
        "dataset": dataset,
        "plugin": plugin,
        "title": module.TITLE,
        "licence": loaded.licence or module.LICENCE,
        "sources": loaded.sources,
        "raw": loaded.raw,
        "kept": kept,
        "dropped": loaded.dropped,
        "parts": {str(part): int(count) for part, count in parts.items()},
        "seed": seed,
        "notes": loaded.notes,
    }


def log(summary: dict) -> None:
    """Say on stderr what was read, kept and dropped."""
    for source in summary["sources"]:
        size = f"{source['rows']:,} rows, {source['bytes']:,} bytes"
        say(f"read {source['name']}: {size}, sha256 {source['sha256'][:12]}…")
    say(f"{summary['dataset']}: {summary['raw']:,} raw → {summary['kept']:,} kept")
    for reason, count in summary["dropped"].items():
        say(f"  dropped by the protocol, {reason}: {count:,}")
    say("  parts: " + ", ".join(f"{part} {count:,}" for part, count in summary["parts"].items()))
    for note in summary["notes"]:
        say(f"warning: {note}")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@command
def main(dataset: str, plugin: str, source: dict, options: dict, seed: int, out: Path) -> None:
    """Write the items of a dataset (ITEMS) with where they come from."""
    module = registry.load("datasets", plugin)
    chosen = options_of(module, options)
    loaded = module.load(Source.of(source) if source else None, chosen, seed)
    summary = metadata(dataset, plugin, module, loaded, seed)
    log(summary)
    tables.write(loaded.items.assign(source_row=range(len(loaded.items))), out, tables.ITEMS, summary)
