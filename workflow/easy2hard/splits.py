"""Training and test sets (Hase 2024, §3): conditions, nested sizes, one generator a purpose.

DEVIATION from the paper's code, where training points came from the process-wide generator and so depended on what had
been drawn before: here a training set is fixed by (base seed, dataset, measure, condition, seed) alone. Adding a
condition, a size or a seed changes no other draw, and all methods share the training sets.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field, ValidationError

from easy2hard import draws, seeds
from easy2hard.draws import Frame
from easy2hard.errors import UserError
from easy2hard.strict import Strict

Condition = Literal["easy", "medium", "hard", "all", "easy_and_hard"]
RESERVE = 50  # items a pool keeps out of training (Hase 2024, §3.2 step 2); none in a transfer (§3.3)


class Complement(Strict):
    """Test on everything outside the training set, held-out items included."""

    kind: Literal["complement"] = Field(description="test on every item not trained on")


class Stratified(Strict):
    """Test on a draw of `n` items, as equal as can be over the buckets, outside the largest training set."""

    kind: Literal["stratified"] = Field(description="test on a draw balanced over easy, medium, hard")
    n: int = Field(description="items in the test set", ge=1)


class Spec(Strict):
    """What to draw."""

    dataset: str = Field(description="dataset tested on, and trained on unless `train_dataset` says otherwise")
    measure: str = Field(description="hardness measure of the dataset tested on")
    train_dataset: str | None = Field(description="another dataset to train on", default=None)
    train_measure: str | None = Field(description="measure of the other dataset to train on", default=None)
    conditions: list[Condition] = Field(description="what to train on", min_length=1)
    sizes: list[int] = Field(description="training set sizes; smaller sets are parts of larger ones", min_length=1)
    seeds: int = Field(description="number of training sets a condition", ge=1)
    seed: int = Field(description="base seed")
    test: Complement | Stratified = Field(description="which items to test on", discriminator="kind")
    standardize: bool = Field(description="equal test and training sizes for all conditions (§3.3)", default=False)
    reserve: int | None = Field(
        description="items a pool keeps out of training; by default 50, or 0 when another dataset is tested on",
        default=None,
        ge=0,
    )

    @property
    def source(self) -> tuple[str, str]:
        """Dataset and measure trained on. They seed the draws."""
        return self.train_dataset or self.dataset, self.train_measure or self.measure

    @property
    def place(self) -> str:
        """How messages name the dataset and the measure trained on."""
        return "dataset '{}', measure '{}'".format(*self.source)


def parse(spec: dict | Spec) -> Spec:
    """Check the settings of a split. Raises UserError with the key and what is wrong with it."""
    try:
        checked = Spec.model_validate(spec)
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(f"split spec: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    for name, given in (("conditions", checked.conditions), ("sizes", checked.sizes)):
        if len(set(given)) != len(given):
            raise UserError(f"split spec: {name}: {given} lists a value twice")
    if min(checked.sizes) < 1:
        raise UserError(f"split spec: sizes: {min(checked.sizes)} is below 1 (zero-shot needs no training set)")
    return checked


def draw(spec: Spec, test: Frame, train: Frame | None = None, shared: frozenset[str] = frozenset()) -> pd.DataFrame:
    """SPLITS rows for the dataset `test`, trained on itself or on the dataset `train`.

    shared: ids of items that are in both datasets, which are never tested on once trained on.
    Raises UserError where a pool is too small for the largest size and the reserve, or nothing is left to test on.
    """
    source = test if train is None else train
    check(source, spec, RESERVE if train is None else 0)
    blocks = []
    for made in _training_draws(source, spec):
        blocks += [(*made.key(size), "train", source.ids[made.order[:size]]) for size in spec.sizes]
        trained = made.order if train is None else _positions(test, source.ids[made.order], shared)
        tested = _tests(made, spec, test, trained)
        blocks += [(*made.key(size), "test", test.ids[rows]) for size, rows in tested]
    return _gather(blocks, spec.place)


def check(data: Frame, spec: Spec, reserve: int) -> None:
    """Raise UserError naming dataset, measure, condition, pool and request where a pool is too small.

    `reserve` holds where the spec names none. Both pools of `easy_and_hard` need half the size and the reserve.
    """
    largest = max(spec.sizes)
    reserve = reserve if spec.reserve is None else spec.reserve
    for condition in spec.conditions:
        available = draws.pools(data, condition)
        share = math.ceil(largest / len(available))
        for name, pool in available.items():
            if len(pool) < share + reserve:
                raise UserError(
                    f"{spec.place}, condition '{condition}': the pool has {len(pool)} {name} items, but {share} to "
                    f"train on and {reserve} in reserve are asked; use smaller sizes, or drop the condition"
                )
    if spec.standardize:
        _check_standard(data, spec.place, largest)


def _check_standard(data: Frame, place: str, largest: int) -> None:
    smaller, quota = draws.bottleneck(data), draws.quota(data)
    if largest > smaller - quota:
        raise UserError(
            f"{place}: standardized sizes leave {max(smaller - quota, 0)} items to train on in every condition "
            f"({smaller} in the smaller of easy and hard, {quota} of them to test on), but {largest} are asked"
        )


@dataclass(frozen=True)
class _Draw:
    """The largest training set of a condition and seed: positions in draw order."""

    condition: str
    seed: int
    order: np.ndarray

    def key(self, size: int) -> tuple[int, str, int]:
        return self.seed, self.condition, size


def _training_draws(data: Frame, spec: Spec) -> Iterator[_Draw]:
    for condition in spec.conditions:
        for seed in range(spec.seeds):
            generator = seeds.generator(spec.seed, "split", *spec.source, condition, seed)
            yield _Draw(condition, seed, draws.training(data, condition, max(spec.sizes), generator))


def _positions(test: Frame, ids: np.ndarray, shared: frozenset[str]) -> np.ndarray:
    """Where the training items stand in the test dataset, in draw order; -1 where they do not."""
    place = {name: position for position, name in enumerate(test.ids) if name in shared}
    return np.array([place.get(name, -1) for name in ids], dtype=np.int64)


def _tests(made: _Draw, spec: Spec, test: Frame, trained: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """(size, positions tested on) for every size. A drawn test set is the same for all sizes of a seed."""
    if spec.test.kind == "complement" and not spec.standardize:
        return [(size, np.flatnonzero(_without(test.tested, trained[:size]))) for size in spec.sizes]
    # The condition is not part of the purpose: see `draws.stratified` on pairing.
    generator = seeds.generator(spec.seed, "test", *spec.source, made.seed)
    candidates = _without(test.main, trained)
    if spec.standardize:
        quotas = draws.quotas(test, 0 if spec.train_dataset else max(spec.sizes))
        chosen = draws.balanced(candidates, test, quotas, generator)
    else:
        chosen = draws.stratified(candidates, test, spec.test.n, generator)
    return [(size, chosen) for size in spec.sizes]


def _without(mask: np.ndarray, positions: np.ndarray) -> np.ndarray:
    rest = mask.copy()
    rest[positions[positions >= 0]] = False
    return rest


def _gather(blocks: list[tuple], place: str) -> pd.DataFrame:
    """One frame from blocks (seed, condition, size, role, ids); position counts from 0 in each block."""
    length = [len(block[-1]) for block in blocks]
    if not min(length):
        seed, condition, size = blocks[length.index(0)][:3]
        raise UserError(f"{place}, condition '{condition}', seed {seed}, size {size}: no item is left to test on")
    names = ("seed", "condition", "size", "role")
    columns = {name: np.repeat([block[at] for block in blocks], length) for at, name in enumerate(names)}
    columns["position"] = np.concatenate([np.arange(n) for n in length])
    return pd.DataFrame({**columns, "item_id": np.concatenate([block[-1] for block in blocks])})
