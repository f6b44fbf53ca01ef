"""Splits: nested, disjoint, fixed by their purpose; the stratified draw; standard sizes; transfer."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from easy2hard import draws, jobs, split_spec, splits, tables
from easy2hard.buckets import BUCKETS
from easy2hard.errors import UserError
from easy2hard.stages import split
from hypothesis import given, settings
from hypothesis import strategies as st

steady = settings(deadline=None, derandomize=True, database=None, max_examples=60)
CONDITIONS = ["easy", "medium", "hard", "all", "easy_and_hard"]
SPEC = {
    "dataset": "toy",
    "measure": "grade",
    "conditions": CONDITIONS,
    "sizes": [2, 4, 10],
    "seeds": 3,
    "seed": 0,
    "test": {"kind": "complement"},
    "reserve": 5,
}


def toy(
    easy: int, medium: int, hard: int, none: int = 0, apart: int = 0, held: int = 0, mark: str = "t"
) -> draws.Frame:
    """A dataset with so many "main" items of each bucket, items without one, and items of the other two parts."""
    bucket = ["easy"] * easy + ["medium"] * medium + ["hard"] * hard + [""] * none + ["easy"] * (apart + held)
    part = np.array(["main"] * (easy + medium + hard + none) + ["hardness"] * apart + ["held_out"] * held)
    ids = np.array([f"{mark}{at:05d}" for at in range(len(bucket))], dtype=object)
    number = np.arange(len(bucket))
    value = np.where(np.array(bucket) == "", np.nan, number % 4 + 1.0)
    return draws.Frame(ids, part == "main", part != "hardness", np.array(bucket), value, number % 3, number % 2 + 3)


def drawn(data: draws.Frame, train: draws.Frame | None = None, **changes: object) -> pd.DataFrame:
    return splits.draw(split_spec.parse({**SPEC, **changes}), data, train)


def members(frame: pd.DataFrame, role: str = "train") -> dict[tuple, list[str]]:
    """Item ids in order of position, by (seed, condition, size)."""
    rows = frame[frame["role"] == role].sort_values("position")
    return {key: list(group) for key, group in rows.groupby(["seed", "condition", "size"])["item_id"]}


def buckets_of(data: draws.Frame, ids: list[str]) -> dict[str, int]:
    named = dict(zip(data.ids, data.bucket, strict=True))
    return {name: sum(named[item] == name for item in ids) for name in BUCKETS}


TOY = toy(30, 25, 20, none=4, apart=6, held=5)


def test_sets_have_their_size_and_come_from_their_pool():
    for (_, condition, size), ids in members(drawn(TOY)).items():
        found = buckets_of(TOY, ids)
        assert len(set(ids)) == size == sum(found.values())
        if condition in BUCKETS:
            assert found[condition] == size
        assert max(ids) < "t00075"  # items without a bucket and other parts come last in the toy


def test_smaller_sets_are_the_first_items_of_larger_ones():
    sets = members(drawn(TOY))
    for (seed, condition, size), ids in sets.items():
        assert ids == sets[seed, condition, 10][:size]


def test_every_even_prefix_of_easy_and_hard_is_half_and_half():
    for seed in range(3):
        ids = members(drawn(TOY, sizes=[10]))[seed, "easy_and_hard", 10]
        for n in range(2, 11, 2):
            assert buckets_of(TOY, ids[:n]) == {"easy": n // 2, "medium": 0, "hard": n // 2}


def test_the_complement_is_all_but_the_training_set_and_the_items_held_apart():
    frame = drawn(TOY)
    train, test = members(frame), members(frame, "test")
    everything = set(TOY.ids[TOY.tested])
    assert len(everything) == 30 + 25 + 20 + 4 + 5
    assert train.keys() == test.keys()
    for key, ids in test.items():
        assert set(ids) == everything - set(train[key])


def test_the_order_and_the_choice_of_conditions_sizes_and_seeds_change_no_draw():
    whole = members(drawn(TOY))
    for changes in ({"conditions": CONDITIONS[::-1]}, {"conditions": ["hard"]}, {"sizes": [4]}, {"seeds": 1}):
        for key, ids in members(drawn(TOY, **changes)).items():
            assert ids == whole[key]
    assert members(drawn(TOY, sizes=[2, 4, 12]))[0, "all", 4] == whole[0, "all", 4]


def test_the_seed_the_dataset_and_the_measure_change_the_draw():
    sets = members(drawn(TOY))
    for changes in ({"seed": 1}, {"dataset": "d"}, {"measure": "m"}):
        assert members(drawn(TOY, **changes))[0, "all", 10] != sets[0, "all", 10]
    assert len({tuple(sets[seed, "all", 10]) for seed in range(3)}) == 3


def test_known_draw():
    """The first draw, written down: it must never change, or results of the same config would."""
    sets = members(drawn(TOY))
    assert sets[0, "hard", 4] == ["t00066", "t00058", "t00068", "t00073"]
    assert sets[0, "easy_and_hard", 4] == ["t00008", "t00067", "t00001", "t00060"]


@steady
@given(
    st.tuples(st.integers(1, 25), st.integers(1, 25), st.integers(1, 25)),
    st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True),
    st.sets(st.sampled_from(CONDITIONS), min_size=1),
    st.integers(0, 5),
)
def test_any_split_is_nested_disjoint_and_repeatable(sizes: tuple, asked: list[int], conditions: set, reserve: int):
    data = toy(*sizes, apart=2, held=1)
    changes = {"sizes": asked, "conditions": sorted(conditions), "reserve": reserve, "seeds": 2}
    try:
        frame = drawn(data, **changes)
    except UserError as error:
        assert "toy" in str(error) and "grade" in str(error)
        return
    pd.testing.assert_frame_equal(frame, drawn(data, **changes))
    train, test = members(frame), members(frame, "test")
    assert len(train) == 2 * len(asked) * len(conditions)
    for key, ids in train.items():
        assert len(set(ids)) == len(ids) == key[2]
        assert ids == train[*key[:2], max(asked)][: key[2]]
        assert not set(ids) & set(test[key])
        assert len(ids) + len(test[key]) == sum(sizes) + 1


# -- pools that are too small ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "condition", "size", "reserve", "fits"),
    [
        ((60, 0, 0), "easy", 10, 50, True),
        ((59, 0, 0), "easy", 10, 50, False),
        ((10, 0, 0), "easy", 10, 0, True),
        ((20, 20, 20), "all", 10, 50, True),
        ((15, 0, 15), "easy_and_hard", 10, 10, True),
        ((15, 0, 14), "easy_and_hard", 10, 10, False),
        ((8, 0, 8), "easy_and_hard", 15, 0, True),
        ((8, 0, 7), "easy_and_hard", 15, 0, False),
    ],
)
def test_a_pool_must_hold_the_largest_size_and_the_reserve(
    counts: tuple, condition: str, size: int, reserve: int, fits: bool
):
    changes = {"conditions": [condition], "sizes": [size], "reserve": reserve}
    if fits:
        assert len(members(drawn(toy(*counts, held=1), **changes))[0, condition, size]) == size
        return
    with pytest.raises(UserError):
        drawn(toy(*counts, held=1), **changes)


def test_the_message_names_dataset_measure_condition_pool_and_request():
    with pytest.raises(UserError) as error:
        drawn(toy(100, 0, 100), conditions=["medium"], sizes=[10], reserve=None)
    asked = ("dataset 'toy'", "measure 'grade'", "condition 'medium'")
    for said in (*asked, "0 medium items", "10 to train on", "50 in reserve"):
        assert said in str(error.value)


def test_nothing_to_test_on_is_an_error():
    with pytest.raises(UserError, match="condition 'easy', seed 0, size 10: no item is left to test on"):
        drawn(toy(10, 0, 0), conditions=["easy"], sizes=[10], reserve=0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sizes": [0, 5]}, "sizes: 0 is below 1"),
        ({"sizes": [5, 5]}, "lists a value twice"),
        ({"sizes": []}, "sizes"),
        ({"conditions": ["easy", "easy"]}, "conditions: ['easy', 'easy'] lists a value twice"),
        ({"conditions": ["simple"]}, "conditions.0"),
        ({"seeds": 0}, "seeds"),
        ({"test": {"kind": "stratified"}}, "test.stratified.n"),
        ({"test": {"kind": "random"}}, "test"),
        ({"reserve": -1}, "reserve"),
        ({"standardise": True}, "standardise"),
    ],
)
def test_a_wrong_spec_is_one_clear_line(changes: dict, message: str):
    with pytest.raises(UserError) as error:
        split_spec.parse({**SPEC, **changes})
    assert message in str(error.value)


# -- the stratified draw (Hase 2024, §3.2 step 5) ----------------------------------------------------------------


def stratified(data: draws.Frame, n: int, seed: int = 0) -> np.ndarray:
    return draws.stratified(data.main.copy(), data, n, np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("counts", "n", "expected"),
    [
        ((900, 900, 900), 500, (167, 167, 166)),  # the paper's GSM8K test sets
        ((900, 900, 167), 501, (167, 167, 167)),  # 3m = n: not capped
        ((900, 900, 100), 500, (200, 200, 100)),  # capped: all of the smallest, half the rest of each other
        ((100, 150, 900), 500, (100, 150, 200)),  # a group smaller than its half of the rest is taken whole
        ((300, 0, 300), 100, (50, 0, 50)),  # no medium items, as in MMLU
        ((5, 4, 3), 500, (5, 4, 3)),  # fewer than asked: all of them
    ],
)
def test_stratified_counts(counts: tuple, n: int, expected: tuple):
    data = toy(*counts)
    chosen = stratified(data, n)
    assert len(set(chosen)) == len(chosen)
    assert tuple(int((data.bucket[chosen] == name).sum()) for name in BUCKETS) == expected


def test_an_odd_rest_is_rounded_up_and_one_item_at_random_is_cut():
    data = toy(900, 900, 101)
    found = [tuple(int((data.bucket[chosen] == name).sum()) for name in BUCKETS) for chosen in
             (stratified(data, 500, seed) for seed in range(40))]  # fmt: skip
    assert {sum(counts) for counts in found} == {500}
    assert set(found) == {(199, 200, 101), (200, 199, 101), (200, 200, 100)}


def test_a_stratified_test_set_is_one_for_all_sizes_outside_the_largest_training_set():
    data = toy(60, 60, 60, apart=5, held=9)
    frame = drawn(data, test={"kind": "stratified", "n": 30})
    train, test = members(frame), members(frame, "test")
    for (seed, condition, size), ids in test.items():
        assert ids == test[seed, condition, 10]
        assert not set(ids) & set(train[seed, condition, 10])
        assert buckets_of(data, ids) == {"easy": 10, "medium": 10, "hard": 10}
        assert set(ids) <= set(data.ids[data.main])
        assert size <= 10
    assert test[0, "easy", 10] != test[1, "easy", 10]


def test_conditions_share_stratified_test_items_as_far_as_they_can():
    data = toy(60, 60, 60)
    test = members(drawn(data, test={"kind": "stratified", "n": 30}), "test")
    pool = set(data.ids[data.pool("hard")])
    hard = {condition: set(test[0, condition, 10]) & pool for condition in CONDITIONS}
    assert hard["easy"] == hard["medium"]
    assert len(hard["easy"] & hard["hard"]) > 5


def test_a_stratified_draw_is_uniform_in_a_bucket():
    data = toy(20, 20, 20)
    hits = np.zeros(60)
    for seed in range(600):
        hits[stratified(data, 15, seed)] += 1
    assert hits.sum() == 600 * 15
    np.testing.assert_allclose(hits / 600, 0.25, atol=0.08)  # 4.5 standard deviations


# -- size standardisation (Hase 2024, §3.3) ----------------------------------------------------------------------


@pytest.mark.parametrize(("counts", "quota"), [((400, 300, 1000), 100), ((403, 300, 1000), 100), ((90, 100, 120), 50)])
def test_standard_test_size(counts: tuple, quota: int):
    data = toy(*counts)
    assert draws.quota(data) == quota
    test = members(drawn(data, standardize=True, sizes=[5, 30]), "test")
    assert len(test) == 3 * 5 * 2
    for ids in test.values():
        assert buckets_of(data, ids) == dict.fromkeys(BUCKETS, quota)


def test_standard_training_sizes_are_limited_for_every_condition_alike():
    data = toy(100, 400, 400)
    assert drawn(data, standardize=True, sizes=[50], reserve=0, conditions=["hard"]) is not None
    with pytest.raises(UserError, match="leave 50 items to train on in every condition"):
        drawn(data, standardize=True, sizes=[51], reserve=0, conditions=["hard"])


# -- training on another dataset ---------------------------------------------------------------------------------


def test_training_on_another_dataset_tests_on_all_of_this():
    here, there = toy(5, 0, 4, apart=2, held=1, mark="m"), toy(20, 20, 20)
    frame = drawn(here, there, reserve=None, sizes=[4, 20])
    everything = set(here.ids[here.tested])
    assert all(set(ids) == everything for ids in members(frame, "test").values())
    alone = members(drawn(there, reserve=0, sizes=[4, 20]))
    assert all(set(ids) <= set(there.ids) for ids in alone.values())
    # The draw is that of the dataset trained on, whatever is tested on.
    names = {"dataset": "mine", "measure": "level", "train_dataset": "toy", "train_measure": "grade"}
    assert members(drawn(here, there, reserve=None, sizes=[4, 20], **names)) == alone


# -- the stage ---------------------------------------------------------------------------------------------------


def write(folder: Path, dataset: str, data: draws.Frame, measure: str = "grade") -> tuple[Path, Path]:
    """Items and hardness tables of a toy dataset."""
    part = np.where(data.main, "main", np.where(data.tested, "held_out", "hardness"))
    rows = pd.DataFrame({name: [None] * len(part) for name in tables.ITEMS.columns})
    rows = rows.assign(item_id=data.ids, part=part, question="?", answer="b", label=1, origin="toy")
    rows = rows.assign(choices=[["a", "b"]] * len(part))
    values = pd.DataFrame({"item_id": data.ids, "value": 1.0, "bucket": data.bucket}).replace({"bucket": {"": None}})
    items, hardness = folder / f"{dataset}.items.parquet", folder / f"{dataset}.{measure}.parquet"
    tables.write(rows, items, tables.ITEMS, {"dataset": dataset})
    tables.write(values, hardness, tables.HARDNESS, {"dataset": dataset, "measure": measure})
    return items, hardness


def test_the_stage_writes_what_was_drawn_and_the_same_bytes_twice(tmp_path: Path):
    items, hardness = write(tmp_path, "toy", TOY)
    outs = [tmp_path / "first.parquet", tmp_path / "second.parquet"]
    for out in outs:
        split.main(items, hardness, SPEC, out)
    assert outs[0].read_bytes() == outs[1].read_bytes()
    found = tables.read(outs[0], tables.SPLITS)
    assert members(found) == members(drawn(TOY))
    assert members(found, "test") == members(drawn(TOY), "test")
    assert tables.metadata(outs[0])["spec"]["reserve"] == 5


def test_the_stage_trains_on_another_dataset(tmp_path: Path):
    here, there = toy(5, 0, 4, mark="m"), toy(20, 20, 20)
    items, hardness = write(tmp_path, "mine", here, "level")
    train_items, train_hardness = write(tmp_path, "toy", there)
    spec = {**SPEC, "dataset": "mine", "measure": "level", "reserve": 0}
    split.main(items, hardness, spec, tmp_path / "out.parquet", train_items, train_hardness)
    split.main(train_items, train_hardness, {**SPEC, "reserve": 0}, tmp_path / "alone.parquet")
    transfer, alone = (members(tables.read(tmp_path / f"{name}.parquet", tables.SPLITS)) for name in ("out", "alone"))
    assert transfer == alone
    about = tables.metadata(tmp_path / "out.parquet")["spec"]
    assert (about["train_dataset"], about["train_measure"]) == ("toy", "grade")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dataset": "arc"}, "dataset is 'arc', but the tables given hold 'toy'"),
        ({"measure": "bloom"}, "measure is 'bloom', but the tables given hold 'grade'"),
        ({"train_dataset": "arc"}, "train_dataset is 'arc', but the tables given hold 'none'"),
    ],
)
def test_names_that_are_not_those_of_the_tables_are_an_error(tmp_path: Path, changes: dict, message: str):
    items, hardness = write(tmp_path, "toy", TOY)
    with pytest.raises(UserError) as error:
        split.main(items, hardness, {**SPEC, **changes}, tmp_path / "out.parquet")
    assert message in str(error.value)
    assert not (tmp_path / "out.parquet").exists()


def test_tables_of_different_datasets_are_an_error(tmp_path: Path):
    items, _ = write(tmp_path, "toy", TOY)
    _, hardness = write(tmp_path, "other", TOY)
    with pytest.raises(UserError, match="made from dataset 'other', but the items are of 'toy'"):
        split.main(items, hardness, SPEC, tmp_path / "out.parquet")


def test_tables_of_different_items_are_an_error(tmp_path: Path):
    items, _ = write(tmp_path, "toy", TOY)
    _, hardness = write(tmp_path / "less", "toy", toy(30, 25, 19))
    with pytest.raises(UserError, match="differ in .* items, first"):
        split.main(items, hardness, SPEC, tmp_path / "out.parquet")


def test_one_of_the_two_training_tables_alone_is_an_error(tmp_path: Path):
    items, hardness = write(tmp_path, "toy", TOY)
    with pytest.raises(UserError, match="give both, or neither"):
        split.main(items, hardness, SPEC, tmp_path / "out.parquet", train_items=items)


def test_a_large_split_is_drawn_in_seconds():
    start = time.process_time()
    frame = drawn(toy(1434, 1055, 2032), sizes=[10, 20, 40, 80, 160, 320], seeds=10, reserve=50)
    assert len(frame) == 10 * 5 * 6 * 4521
    assert time.process_time() - start < 10


@pytest.mark.parametrize("test", [{"kind": "complement"}, {"kind": "stratified", "n": 12}])
def test_items_of_both_datasets_are_not_tested_on_once_trained_on(test):
    spec = split_spec.parse({**SPEC, "train_dataset": "other", "train_measure": "grade", "test": test})
    shared = frozenset(TOY.ids[::2])
    rows = splits.draw(spec, TOY, TOY, shared)
    trained, tested = members(rows), members(rows, "test")
    both = [set(trained[key]) & set(tested[key]) for key in trained]
    assert not any(names & shared for names in both)
    assert any(both), "items that are not shared may be tested on: they only have the same id"


def test_the_stage_and_the_job_know_shared_items_by_id_and_question():
    first = pd.DataFrame({"item_id": ["a", "b", "c"], "question": ["1", "2", "3"]})
    second = pd.DataFrame({"item_id": ["b", "c", "d"], "question": ["2", "other", "4"]})
    assert jobs.same_items(first, second) == {"b"}
    assert jobs.same_items(first, first) == {"a", "b", "c"}
