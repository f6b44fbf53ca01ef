"""Training sizes that no pool can hold, as far as this is known before any job: from counts of the official files, and
from the options of generated worlds. What only the tables tell is told by the rule `split`, before any model is loaded.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from types import ModuleType

from pydantic import BaseModel

from easy2hard import apart, draws, registry
from easy2hard.buckets import BUCKETS
from easy2hard.check_names import Fault
from easy2hard.conditions import value
from easy2hard.config import Config, Dataset, Split
from easy2hard.errors import UserError
from easy2hard.settings import options_of
from easy2hard.split_spec import RESERVE


def check_pools(config: Config) -> Iterator[Fault]:
    """The largest size and the reserve must be in the pool of every condition; the first that lacks some is told."""
    for name, split in config.splits.items():
        trained = config.datasets.get(split.train_dataset or split.dataset)
        if trained and split.sizes:
            found = _apart(split, trained) if split.pool == "hardness" else _main(split, trained)
            yield from ((("splits", name, "sizes"), reason) for reason in itertools.islice(found, 1))


def _main(split: Split, trained: Dataset) -> Iterator[str]:
    for measure in [split.train_measure] if split.train_measure else split.measures:
        most = _most(trained, measure)
        for condition in split.conditions if most else ():
            for reason in _lacking(split, condition, most):
                yield f"measure '{measure}', condition '{condition}': {reason}"


def _apart(split: Split, trained: Dataset) -> Iterator[str]:
    """Items held apart, where an option of the loader says how many: a number, or one a level."""
    options = _options(trained)
    held = getattr(options, "hardness_items", getattr(options, "hardness", None))
    if held is not None:
        try:
            apart.dev_size(held if isinstance(held, int) else sum(held), max(split.sizes), split.dataset)
        except UserError as error:
            yield str(error)


def _lacking(split: Split, condition: str, most: dict[str, int]) -> Iterator[str]:
    default = 0 if split.train_dataset else RESERVE
    reserve = default if split.reserve is None else split.reserve
    for pool, share in zip(_pools(condition), draws.shares(condition, max(split.sizes)), strict=True):
        if most[pool] < share + reserve:
            kind = "" if pool == "all" else f"{pool} "
            yield (
                f"the pool has at most {most[pool]} {kind}items, but {share} to train on and {reserve} in reserve are "
                "asked; use smaller sizes, or drop the condition"
            )


def _pools(condition: str) -> list[str]:
    """Pools that a condition draws from: as `draws.pools`, but for a single value, of which all items may be."""
    if condition in BUCKETS:
        return [condition]
    return ["all"] if condition == "all" or value(condition) is not None else ["easy", "hard"]


def _most(dataset: Dataset, measure: str) -> dict[str, int] | None:
    """The most items that each bucket, and all of them, can have; None where that is not known before data are read."""
    module, options = _module(dataset), _options(dataset)
    if options is None or not hasattr(module, "pools"):
        return None
    total, known = module.pools(options)
    counts = known.get(measure) if measure not in dataset.cutoffs else None
    return {"all": total} | dict(zip(BUCKETS, counts or (total,) * len(BUCKETS), strict=True))


def _module(dataset: Dataset) -> ModuleType | None:
    return registry.load("datasets", dataset.plugin) if dataset.plugin in registry.names("datasets") else None


def _options(dataset: Dataset) -> BaseModel | None:
    """Options of the loader; None where they, or its name, are at fault, which is told elsewhere."""
    module = _module(dataset)
    try:
        return options_of(module, dataset.options) if module else None
    except UserError:
        return None
