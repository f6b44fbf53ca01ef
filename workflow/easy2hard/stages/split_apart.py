"""Split, apart: training sets for model-based measures of hardness, from the items held apart for that."""

from __future__ import annotations

import sys
from pathlib import Path

from easy2hard import apart, settings, tables
from easy2hard.command import command


@command
def main(items: Path, spec: dict, out: Path) -> None:
    """Write seed, condition, size, role (train, dev, test), position, item_id."""
    checked = settings.parse(apart.Spec, spec, "spec")
    drawn = apart.draw(tables.read(items, tables.ITEMS), checked)
    tables.write(drawn, out, tables.SPLITS, {"spec": checked.model_dump(mode="json")})
    once = drawn[(drawn["seed"] == 0) & (drawn["size"] == max(checked.sizes))]["role"].value_counts().to_dict()
    sizes = ", ".join(map(str, checked.sizes))
    print(
        f"train on {sizes} of part hardness, {checked.seeds} seeds; test on {once['test']:,} items; "
        f"{once['dev']:,} set apart for development",
        file=sys.stderr,
    )
