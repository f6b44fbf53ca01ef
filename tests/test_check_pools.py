"""Sizes that no pool can hold are told before any job, as far as counts are known."""

from __future__ import annotations

import copy
import os
from pathlib import Path

import pytest
import test_config
from easy2hard import buckets, check, registry, settings
from easy2hard.datasets.worlds import qa
from easy2hard.errors import UserError
from easy2hard.sources import Source

REAL = Path(os.environ.get("EASY2HARD_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
FOLDERS = {"arc": "arc", "arc_all": "arc", "mmlu_stem5": "mmlu", "strategyqa": "strategyqa", "gsm8k": "gsm8k"}


def said(dataset: dict, split: dict) -> str:
    """Faults of the default config with another dataset and a split of it; empty for none."""
    config = copy.deepcopy(test_config.DEFAULT)
    config["datasets"]["own"] = dataset
    config["splits"]["own"] = {"dataset": "own", "conditions": ["hard"], **split}
    try:
        check.load(config)
    except UserError as error:
        return str(error)
    return ""


def gsm8k(sizes: list[int], cutoffs: dict | None = None, **split: object) -> str:
    dataset = {"plugin": "gsm8k", "prompt": "0305", "measures": ["reasoning_steps"], "cutoffs": cutoffs or {}}
    return said(dataset, {"sizes": sizes, "measures": ["reasoning_steps"], **split})


def test_the_reserve_counts():
    assert gsm8k([851]) == "" == gsm8k([901], reserve=0)
    assert "at most 901 hard items, but 852 to train on and 50 in reserve" in gsm8k([852])


def test_mixes_need_their_share_of_both_pools_and_all_needs_the_whole():
    assert gsm8k([1702], conditions=["easy_and_hard"]) == "" != gsm8k([1704], conditions=["easy_and_hard"])
    assert "at most 901 hard items, but 1000 to train on" in gsm8k([5000], conditions=["mix_20"])
    assert gsm8k([7742], conditions=["all"]) == "" != gsm8k([7743], conditions=["all"])
    assert "at most 7792 items" in gsm8k([7793], conditions=["value_3"], reserve=0)


def test_cutoffs_of_the_user_move_items_so_that_only_the_total_is_known():
    cut = {"reasoning_steps": {"kind": "fixed", "easy": 1, "hard": 2}}
    assert gsm8k([5000], cut) == "" != gsm8k([8000], cut)


def test_only_the_first_condition_is_told():
    assert len(gsm8k([9000], conditions=["easy", "medium", "hard"]).splitlines()) == 1


def test_items_held_apart_have_a_pool_too():
    apart = {"pool": "hardness", "conditions": ["all"]}
    arc = {"plugin": "arc", "source": {"path": "."}, "measures": ["grade"]}
    assert said(arc, {**apart, "sizes": [900]}) == ""
    assert "1000 items, 100 of them for development, but 901" in said(arc, {**apart, "sizes": [901]})
    world = {"plugin": "worlds/qa", "measures": ["level"]}
    assert "has no items held apart" in said(world, {**apart, "sizes": [5]})


def test_where_no_option_says_how_many_are_held_apart_only_the_tables_tell():
    apart = {"pool": "hardness", "conditions": ["all"], "sizes": [5]}
    arc = {"source": {"path": "."}, "measures": ["grade"]}
    assert said({"plugin": "arc_all", **arc}, apart) == ""
    found = said({"plugin": "arc", "options": {"hardness": 1}, **arc}, apart)
    assert "unknown key" in found and len(found.splitlines()) == 1


@pytest.mark.parametrize("name", FOLDERS)
def test_counts_are_those_of_the_official_files(name):
    if not (REAL / FOLDERS[name]).is_dir():
        pytest.skip(f"real data files are not at {REAL}")
    module = registry.load("datasets", name)
    options = settings.options_of(module, {"hardness_items": 0} if name in ("arc", "gsm8k") else {})
    items = module.load(Source(path=REAL / FOLDERS[name]), options, 0).items
    total, pools = module.pools(options)
    assert total == len(items)
    for measure, counts in pools.items():
        values = registry.load("hardness", measure).score(items)
        easy, hard = module.CUTOFFS[measure]
        bucket, _ = buckets.assign(values, items["part"], {"kind": "fixed", "easy": easy, "hard": hard})
        assert tuple(buckets.counts(bucket)[place] for place in buckets.BUCKETS) == counts


def test_counts_are_those_of_the_world():
    items = qa.load(None, qa.Options(), 0).items
    main = items[items["part"] == "main"]
    bucket, _ = buckets.assign(main["level"], main["part"], {"kind": "fixed", "easy": 2.0, "hard": 4.0})
    total, pools = qa.pools(qa.Options())
    assert total == len(main) and pools == {"level": tuple(buckets.counts(bucket)[name] for name in buckets.BUCKETS)}
