"""Split: training and test sets by hardness, for one dataset and one measure."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from easy2hard import draws, jobs, split_spec, splits, tables
from easy2hard.command import command
from easy2hard.errors import UserError


def joined(items: Path, hardness: Path) -> tuple[draws.Frame, tuple[str, str]]:
    """A dataset with its buckets, and its names (dataset, measure). Raises UserError where the tables do not belong."""
    about, dataset = tables.metadata(hardness), tables.metadata(items).get("dataset")
    if about.get("dataset") != dataset:
        raise UserError(f"{hardness}: made from dataset '{about.get('dataset')}', but the items are of '{dataset}'")
    data = draws.frame(tables.read(items, tables.ITEMS), tables.read(hardness, tables.HARDNESS))
    return data, (str(dataset), str(about["measure"]))


def named(spec: split_spec.Spec, tested: tuple[str, str], trained: tuple[str, str] | None) -> split_spec.Spec:
    """The spec with the names of the tables trained on. Raises UserError where a name in it is not the tables'."""
    held = dict(zip(("dataset", "measure"), tested, strict=True))
    if trained is not None:
        held |= dict(zip(("train_dataset", "train_measure"), trained, strict=True))
    for key in ("dataset", "measure", "train_dataset", "train_measure"):
        asked = getattr(spec, key)
        if asked not in (None, held.get(key)):
            raise UserError(f"split spec: {key} is '{asked}', but the tables given hold '{held.get(key, 'none')}'")
    return spec.model_copy(update=held)


def _shared(items: Path, train_items: Path | None) -> frozenset[str]:
    """Ids of the items that the training dataset shares with the tested one; none when they are one dataset."""
    if train_items is None:
        return frozenset()
    return frozenset(jobs.same_items(tables.read(items, tables.ITEMS), tables.read(train_items, tables.ITEMS)))


def _log(drawn: pd.DataFrame) -> None:
    tested = drawn[drawn["role"] == "test"].groupby(["condition", "size", "seed"]).size()
    for condition, counts in tested.groupby(level="condition"):
        sizes = ", ".join(map(str, sorted(set(counts.index.get_level_values("size")))))
        seeds = counts.index.get_level_values("seed").nunique()
        tests = f"{counts.min():,} to {counts.max():,}"
        print(f"{condition}: train on {sizes}; {seeds} seeds; test on {tests} items", file=sys.stderr)


@command
def main(
    items: Path,
    hardness: Path,
    spec: dict,
    out: Path,
    train_items: Path | None = None,
    train_hardness: Path | None = None,
) -> None:
    """Write seed, condition, size, role, position, item_id. With `train_*`: train on that dataset, test on this."""
    checked = split_spec.parse(spec)
    if (train_items is None) != (train_hardness is None):
        raise UserError("train_items and train_hardness: give both, or neither")
    test, tested = joined(items, hardness)
    train, trained = (None, None) if train_items is None else joined(train_items, train_hardness)
    checked = named(checked, tested, trained)
    drawn = splits.draw(checked, test, train, _shared(items, train_items))
    _log(drawn)
    tables.write(drawn, out, tables.SPLITS, {"spec": checked.model_dump(mode="json")})
