"""Training and test sets (Hase 2024, §3): conditions, nested sizes, one generator a purpose.

DEVIATION from the paper's code, where training points came from the process-wide generator and so depended on what had
been drawn before: here a training set is fixed by (base seed, dataset, measure, condition, seed) alone. Adding a
condition, a size or a seed changes no other draw, and all methods share the training sets. Noise in labels is a
dimension of the training sets. DEVIATION: the code hits the same positions in all seeds; here each seed draws its own.
`legacy` has both as in the code (`legacy_draws`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from easy2hard import draws, legacy_draws, seeds, split_spec
from easy2hard.draws import Frame
from easy2hard.errors import UserError
from easy2hard.matrices import UNSUPERVISED
from easy2hard.split_spec import Spec


def draw(spec: Spec, test: Frame, train: Frame | None = None, shared: frozenset[str] = frozenset()) -> pd.DataFrame:
    """SPLITS rows for the dataset `test`, trained on itself or on the dataset `train`.

    shared: ids of items that are in both datasets, which are never tested on once trained on.
    Raises UserError where a pool is too small for the largest size and the reserve, or nothing is left to test on.
    """
    source = test if train is None else train
    check(source, spec, split_spec.RESERVE if train is None else 0)
    blocks = []
    if spec.legacy:
        source = test = legacy_draws.sorted_by_source(test, spec.place)
        blocks = [(made.seed, UNSUPERVISED, 0, 0.0, "test", *_tested(test, made.tested)) for made in _floor(test, spec)]
    for made in _legacy_draws(test, spec) if spec.legacy else _training_draws(source, spec):
        for rate, labels in _labels(made, spec, source):
            found = [(size, source.ids[made.order[:size]], labels[:size]) for size in spec.sizes]
            blocks += [(*made.key(size), rate, "train", ids, given) for size, ids, given in found]
        trained = made.order if train is None else _positions(test, source.ids[made.order], shared)
        tested = _tests(made, spec, test, trained)
        blocks += [(*made.key(size), 0.0, "test", *_tested(test, rows)) for size, rows in tested]
    return _gather(blocks, spec.place)


def check(data: Frame, spec: Spec, reserve: int) -> None:
    """Raise UserError naming dataset, measure, condition, pool and request where a pool is too small.

    `reserve` holds where the spec names none. Both pools of `easy_and_hard` need half the size and the reserve, those
    of a mix their share of the size and the reserve.
    """
    largest = max(spec.sizes)
    reserve = reserve if spec.reserve is None else spec.reserve
    for condition in spec.conditions:
        available = draws.pools(data, condition)
        for (name, pool), share in zip(available.items(), draws.shares(condition, largest), strict=True):
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
    """The largest training set of a condition and seed: positions in draw order; its test set where already drawn."""

    condition: str
    seed: int
    order: np.ndarray
    tested: np.ndarray | None = None

    def key(self, size: int) -> tuple[int, str, int]:
        return self.seed, self.condition, size


def _training_draws(data: Frame, spec: Spec) -> Iterator[_Draw]:
    for condition in spec.conditions:
        for seed in range(spec.seeds):
            generator = seeds.generator(spec.seed, "split", *spec.source, condition, seed)
            yield _Draw(condition, seed, draws.training(data, condition, max(spec.sizes), generator))


def _legacy_draws(data: Frame, spec: Spec) -> Iterator[_Draw]:
    in_context, n_test = spec.legacy == "in_context", getattr(spec.test, "n", None)
    for condition in spec.conditions:
        for made in legacy_draws.run(data, condition, spec.sizes, spec.seeds, spec.seed, in_context, n_test):
            yield _Draw(condition, made.seed, made.order, made.tested)


def _floor(data: Frame, spec: Spec) -> Iterator[legacy_draws.Draw]:
    """Capped tests of the model without training, which the released code draws for it alone."""
    if spec.test.kind == "stratified":
        yield from legacy_draws.run(data, None, [0], spec.seeds, spec.seed, False, spec.test.n)


def _tested(data: Frame, rows: np.ndarray) -> tuple[np.ndarray, np.ma.MaskedArray]:
    """Ids of test items, and that they keep their labels."""
    return data.ids[rows], np.ma.masked_all(len(rows), int)


def _labels(made: _Draw, spec: Spec, data: Frame) -> Iterator[tuple[float, np.ma.MaskedArray]]:
    """(rate, labels in place of the true ones) for every noise rate of the condition, from one draw a seed."""
    for rate in spec.rates(made.condition):
        purpose = ("noise", *spec.source, made.condition, made.seed)
        # The released code: the same positions in all seeds.
        generator = np.random.default_rng(spec.seed) if spec.legacy else seeds.generator(spec.seed, *purpose)
        yield rate, draws.noisy(data, made.order, spec.noise.kind if spec.noise else "uniform", rate, generator)


def _positions(test: Frame, ids: np.ndarray, shared: frozenset[str]) -> np.ndarray:
    """Where the training items stand in the test dataset, in draw order; -1 where they do not."""
    place = {name: position for position, name in enumerate(test.ids) if name in shared}
    return np.array([place.get(name, -1) for name in ids], dtype=np.int64)


def _tests(made: _Draw, spec: Spec, test: Frame, trained: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """(size, positions tested on) for every size. A drawn test set is the same for all sizes of a seed."""
    if made.tested is not None:
        return [(size, made.tested) for size in spec.sizes]
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
    """One frame from blocks (seed, condition, size, noise, role, ids, labels); position counts from 0 in each block."""
    length = [len(block[-1]) for block in blocks]
    if not min(length):
        seed, condition, size = blocks[length.index(0)][:3]
        raise UserError(f"{place}, condition '{condition}', seed {seed}, size {size}: no item is left to test on")
    names = ("seed", "condition", "size", "noise", "role")
    columns = {name: np.repeat([block[at] for block in blocks], length) for at, name in enumerate(names)}
    columns["position"] = np.concatenate([np.arange(n) for n in length])
    columns["item_id"] = np.concatenate([block[-2] for block in blocks])
    labels = np.ma.concatenate([block[-1] for block in blocks])
    columns["label"] = pd.arrays.IntegerArray(labels.filled(0).astype(np.int32), np.ma.getmaskarray(labels))
    return pd.DataFrame(columns)
