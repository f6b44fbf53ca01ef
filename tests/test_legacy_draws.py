"""Legacy splits: the draws of the code released with Hase et al. 2024, and the two counts that prove them."""

from __future__ import annotations

import copy
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import test_config
from easy2hard import check, draws, matrices, split_spec, splits, tables
from easy2hard.buckets import BUCKETS
from easy2hard.errors import UserError
from easy2hard.runs import Runs
from easy2hard.stages import annotate, fetch, split
from test_splits import SPEC, members, toy

REAL = Path(os.environ.get("EASY2HARD_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))


def legacy(kind: str = "trained", **changes: object) -> pd.DataFrame:
    """A legacy split of a toy whose source has its items in reverse."""
    data = toy(60, 50, 40, none=4, apart=6)
    data = draws.Frame(**{**vars(data), "source_row": np.arange(len(data.ids))[::-1]})
    return splits.draw(split_spec.parse({**SPEC, "legacy": kind, **changes}), data)


# -- the real data -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gsm8k(tmp_path_factory) -> pd.DataFrame:
    """SPLITS of GSM8K as the paper's ICL runs drew them: k = 8, 500 test items, 5 seeds."""
    if not (REAL / "gsm8k").is_dir():
        pytest.skip(f"GSM8K is not at {REAL}")
    folder = tmp_path_factory.mktemp("gsm8k")
    items, hardness, out = (folder / f"{name}.parquet" for name in ("items", "hardness", "splits"))
    fetch.main("gsm8k", "gsm8k", {"path": str(REAL / "gsm8k")}, {}, 0, items)
    annotate.main(items, "reasoning_steps", {"kind": "fixed", "easy": 3, "hard": 6}, hardness)
    spec = {"dataset": "gsm8k", "measure": "reasoning_steps", "conditions": ["easy", "hard"], "sizes": [8], "seeds": 5}
    spec |= {"seed": 0, "test": {"kind": "stratified", "n": 500}, "legacy": "in_context"}
    split.main(items, hardness, spec, out)
    bucket = tables.read(hardness, tables.HARDNESS).set_index("item_id")["bucket"]
    drawn = tables.read(out, tables.SPLITS)
    return drawn.assign(bucket=drawn["item_id"].map(bucket))


def test_five_runs_without_training_test_2065_different_items(gsm8k):
    floor = gsm8k[gsm8k["condition"] == "unsupervised"]
    assert floor.groupby("seed").size().to_list() == [500] * 5
    assert floor.groupby("bucket").size().to_dict() == {"easy": 835, "medium": 835, "hard": 830}
    assert floor["item_id"].nunique() == 2065  # the paper's Table 2


def test_easy_and_hard_trained_runs_share_333_hard_test_items(gsm8k):
    tests = gsm8k[(gsm8k["role"] == "test") & (gsm8k["bucket"] == "hard")]
    easy, hard = (tests.loc[tests["condition"] == name, ["seed", "item_id"]] for name in ("easy", "hard"))
    assert easy.merge(hard)["item_id"].nunique() == 333  # the paper's Table 2


# -- what is drawn -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["in_context", "trained"])
def test_points_of_all_seeds_come_from_one_generator_in_the_order_of_the_source(kind):
    sets = members(legacy(kind, conditions=["easy"], sizes=[10], test={"kind": "complement"}))
    easy = np.array([f"t{at:05d}" for at in range(59, -1, -1)])  # in the order of the source
    process = np.random.RandomState(0)
    for seed in range(3):
        drawn = process.choice(easy, 10, replace=False)
        assert set(sets[seed, "easy", 10]) == set(drawn)
        order = np.random.default_rng(seed).choice(drawn, 10, replace=False)
        order = order[process.permutation(10)] if kind == "in_context" else order
        assert sets[seed, "easy", 10] == list(order)


def test_sizes_are_nested_and_share_one_test_of_all_that_the_largest_left():
    frame = legacy(conditions=["hard", "all", "easy_and_hard"])
    sets, tests = members(frame), members(frame, "test")
    for (seed, condition, size), ids in sets.items():
        assert ids == sets[seed, condition, 10][:size] and len(set(ids)) == size
        assert sorted(tests[seed, condition, size]) == sorted(tests[seed, condition, 10])
        assert len(tests[seed, condition, size]) == 154 - 10
        assert not set(tests[seed, condition, size]) & set(sets[seed, condition, 10])
    assert len({tuple(ids) for ids in sets.values()}) == len(sets)


@pytest.mark.parametrize(("n", "counts"), [(30, (10, 10, 10)), (100, (34, 34, 32)), (140, (53, 50, 35))])
def test_a_capped_test_is_balanced(n, counts):
    frame = legacy("in_context", conditions=["hard"], sizes=[5], test={"kind": "stratified", "n": n})
    ids = members(frame, "test")[0, "hard", 5]
    place = {"easy": range(60), "medium": range(60, 110), "hard": range(110, 150)}
    found = {name: sum(int(one[1:]) in place[name] for one in ids) for name in BUCKETS}
    assert len(ids) == len(set(ids)) and tuple(found.values()) == counts
    assert len(members(frame, "test")[2, "unsupervised", 0]) == n


def test_noise_hits_the_same_positions_in_all_seeds():
    noise = {"kind": "uniform", "rates": {"easy": [0, 0.3]}}
    frame = legacy(conditions=["easy"], sizes=[30], seeds=4, noise=noise)
    hit = frame[frame["noise"] == 0.3].dropna(subset="label").groupby("seed")["position"].agg(tuple)
    assert len(hit) == 4 and hit.nunique() == 1 and 4 <= len(hit[0]) <= 15


def test_items_that_do_not_know_their_source_cannot_be_drawn():
    with pytest.raises(UserError, match="does not hold the order of the source"):
        splits.draw(split_spec.parse({**SPEC, "legacy": "trained"}), toy(60, 50, 40))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"conditions": ["value_3"]}, "no condition 'value_3'"),
        ({"standardize": True}, "not with"),
        ({"legacy": "in_context"}, r"one size for methods in context, found \[2, 4, 10\]"),
        ({"legacy": "yes"}, "legacy"),
    ],
)
def test_what_legacy_does_not_go_with_is_one_line(changes, said):
    with pytest.raises(UserError, match=said):
        split_spec.parse({**SPEC, "legacy": "trained", **changes})


# -- the config --------------------------------------------------------------------------------------------------


def faults_of(split: dict, methods: list[str]) -> str:
    """What is said of the default config with these changes of its split and methods; a split's spec if nothing is."""
    config = copy.deepcopy(test_config.DEFAULT)
    config["splits"]["qa"] |= {"legacy": True, **split}
    config["experiments"]["qa"]["methods"] = methods
    config["select"]["figures"] = []
    try:
        return Runs(check.load(config)).split("qa", "level")
    except UserError as error:
        return str(error)


@pytest.mark.parametrize(("methods", "kind"), [(["zero_shot", "icl"], "in_context"), (["probe", "lora"], "trained")])
def test_a_legacy_split_is_drawn_for_the_methods_that_use_it(methods, kind):
    sizes = [6] if kind == "in_context" else [40, 80, 160]
    assert f'"legacy": "{kind}"' in faults_of({"sizes": sizes}, methods)


@pytest.mark.parametrize(
    ("split", "methods", "said"),
    [
        ({}, ["icl", "lora"], "splits.qa.legacy: methods in context and trained ones drew different sets"),
        ({}, ["icl"], "splits.qa.sizes: with 'legacy' and a method in context one size"),
        ({"conditions": ["easy", "mix_30"]}, ["lora"], "splits.qa.conditions: 'mix_30' is not one of the released"),
        ({"standardize": True}, ["lora"], "splits.qa.standardize: not with 'legacy'"),
        ({"pool": "hardness", "measures": [], "conditions": ["all"]}, ["lora"], "splits.qa.legacy: not with 'pool"),
    ],
)
def test_a_legacy_split_that_cannot_be_is_told_before_any_job(split, methods, said):
    assert said in faults_of(split, methods)


# -- the model without training ----------------------------------------------------------------------------------


def test_the_model_without_training_is_tested_on_the_items_drawn_for_it():
    split = pd.DataFrame({"seed": [0, 1, 1], "condition": "unsupervised", "role": "test", "item_id": ["a", "a", "b"]})
    predictions = pd.DataFrame({"seed": 0, "item_id": ["a", "b", "c", "h"], "correct": [True, False, True, True]})
    parts = pd.Series({"a": "main", "b": "main", "c": "main", "h": "held_out"})
    found = matrices.floor_rows(predictions, split, parts, "here")
    rows = list(found.itertuples(index=False, name=None))
    assert rows == [(0, "a", True), (1, "a", True), (1, "b", False), (0, "h", True)]
    plain = matrices.floor_rows(predictions, split.assign(condition="easy"), parts, "here")
    pd.testing.assert_frame_equal(plain, predictions)
    with pytest.raises(UserError, match="here: 1 of 3 test items have no prediction"):
        matrices.floor_rows(predictions[1:].assign(item_id=["a", "c", "h"]), split, parts, "here")
