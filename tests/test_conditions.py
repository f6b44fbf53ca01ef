"""Conditions beyond the five: one value of the measure, mixes of easy and hard; what they are called."""

from __future__ import annotations

import numpy as np
import pytest
from easy2hard import conditions, draws, split_spec
from easy2hard.errors import UserError
from test_splits import buckets_of, drawn, members, toy

TOY = toy(60, 40, 50, none=4, apart=6, held=5)


@pytest.mark.parametrize("share", [1, 10, 30, 50, 66, 99])
def test_every_prefix_of_a_mix_keeps_its_share(share):
    name = f"mix_{share}"
    order = members(drawn(TOY, conditions=[name], sizes=[40], reserve=0))[0, name, 40]
    for n in range(1, 41):
        found = buckets_of(TOY, order[:n])
        assert found["medium"] == 0 and found["easy"] + found["hard"] == n
        assert abs(found["hard"] - n * share / 100) <= 0.5
        assert found["hard"] == conditions.hard_items(name, n)
    assert len(set(order)) == 40


def test_a_value_trains_on_items_of_that_value_only():
    frame = drawn(TOY, conditions=["value_2", "value_3"], sizes=[10])
    values = dict(zip(TOY.ids, TOY.value, strict=True))
    for (_, name, _), ids in members(frame).items():
        assert {values[item] for item in ids} == {conditions.value(name)}
    assert len(members(frame, "test")[0, "value_2", 10]) == 60 + 40 + 50 + 4 + 5 - 10


def test_other_conditions_draw_as_if_there_were_no_new_ones():
    alone, beside = (
        members(drawn(TOY, conditions=names)) for names in (["easy", "hard"], ["mix_30", "easy", "value_1", "hard"])
    )
    assert all(beside[key] == ids for key, ids in alone.items())


@pytest.mark.parametrize(
    ("condition", "size", "counts", "said"),
    [
        ("value_7", 5, (60, 0, 60), "the pool has 0 value_7 items, but 5 to train on and 5 in reserve"),
        ("mix_30", 10, (11, 0, 60), "the pool has 11 easy items, but 7 to train on and 5 in reserve"),
        ("mix_30", 10, (60, 0, 7), "the pool has 7 hard items, but 3 to train on and 5 in reserve"),
    ],
)
def test_a_pool_that_is_too_small_is_one_line(condition, size, counts, said):
    with pytest.raises(UserError) as caught:
        drawn(toy(*counts), conditions=[condition], sizes=[size])
    assert said in str(caught.value) and f"condition '{condition}'" in str(caught.value)


def test_a_mix_needs_only_its_share_of_each_pool():
    assert len(members(drawn(toy(7, 0, 3), conditions=["mix_30"], sizes=[9], reserve=0))[0, "mix_30", 9]) == 9


@pytest.mark.parametrize("name", ["value_3", "value_-1", "value_0", "value_0.25", "mix_1", "mix_99", "easy_and_hard"])
def test_names_that_are_conditions(name):
    assert conditions.check(name) == name


@pytest.mark.parametrize("name", ["value_", "value_03", "value_3.0", "value_x", "mix_0", "mix_100", "mix_3.5", "esay"])
def test_names_that_are_not(name):
    with pytest.raises(UserError) as caught:
        split_spec.parse({"dataset": "d", "measure": "m", "conditions": [name], "sizes": [2], "seeds": 1, "seed": 0,
                      "test": {"kind": "complement"}})  # fmt: skip
    assert f"unknown condition '{name}'" in str(caught.value) and "mix_<percent" in str(caught.value)


def test_reading_order_and_labels():
    names = ["value_10", "mix_30", "ceiling", "hard", "value_2", "mix_5", "easy", "unsupervised"]
    ordered = ["unsupervised", "easy", "hard", "mix_5", "mix_30", "value_2", "value_10", "ceiling"]
    assert sorted(names, key=conditions.rank) == ordered
    assert [conditions.label(name) for name in ("mix_5", "value_2", "easy_and_hard")] == [
        "5% hard",
        "value 2",
        "easy and hard",
    ]


def test_hard_items_of_conditions():
    expected = {"easy": 0, "hard": 7, "easy_and_hard": 3, "mix_50": 4, "all": None, "value_1": None}
    assert {name: conditions.hard_items(name, 7) for name in expected} == expected
    assert draws.shares("easy_and_hard", 7) == [4, 4] and draws.shares("mix_50", 7) == [3, 4]
    assert np.isnan(TOY.value[TOY.bucket == ""]).all()
