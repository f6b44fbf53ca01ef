"""Training sets of the items held apart: development items first, nested sizes, everything else tested."""

from __future__ import annotations

import pandas as pd
import pytest
from easy2hard import apart, jobs, tables
from easy2hard.errors import UserError
from easy2hard.stages import split_apart

SPEC = apart.Spec(dataset="toy", sizes=[5, 20, 80], seeds=3, seed=7)


def items(apart_items: int = 200) -> pd.DataFrame:
    parts = ["hardness"] * apart_items + ["main"] * 30 + ["held_out"] * 10
    return pd.DataFrame({"item_id": [f"t{at:04d}" for at in range(len(parts))], "part": parts})


def sets(drawn: pd.DataFrame, role: str) -> dict[tuple[int, int], list[str]]:
    rows = drawn[drawn["role"] == role].sort_values("position")
    return {key: list(found["item_id"]) for key, found in rows.groupby(["seed", "size"])}


@pytest.mark.parametrize(
    ("pool", "largest", "expected"),
    [(1000, 900, 100), (2000, 900, 200), (200, 160, 40), (200, 80, 100), (1001, 900, 101), (10, 9, 1)],
)
def test_development_items(pool, largest, expected):
    """A tenth, at least 100 where that leaves room: 900 and 100 of the paper's 1,000."""
    assert apart.dev_size(pool, largest, "toy") == expected


@pytest.mark.parametrize(("pool", "largest", "said"), [(1000, 901, "100 of them for"), (0, 5, "no items held apart")])
def test_too_few_items_are_one_line(pool, largest, said):
    with pytest.raises(UserError, match=said):
        apart.dev_size(pool, largest, "toy")


def test_training_sets_are_nested_and_apart_from_development_and_tests():
    data = items()
    drawn = apart.draw(data, SPEC)
    train, dev, test = (sets(drawn, role) for role in ("train", "dev", "test"))
    part = data.set_index("item_id")["part"]
    for seed in range(3):
        largest = train[seed, 80]
        assert len(set(largest)) == 80 and set(part[largest]) == {"hardness"}
        assert train[seed, 5] == largest[:5] and train[seed, 20] == largest[:20]
        assert len(dev[seed, 80]) == 100 and not set(dev[seed, 80]) & set(largest)
        assert set(test[seed, 5]) == set(part.index[part != "hardness"])
    assert len({tuple(train[seed, 20]) for seed in range(3)}) == 3


def test_more_seeds_change_no_draw_and_the_order_of_items_does_not_matter():
    fewer, more = (
        apart.draw(items(), SPEC),
        apart.draw(items().sample(frac=1, random_state=1), SPEC.model_copy(update={"seeds": 5})),
    )
    pd.testing.assert_frame_equal(fewer, more[more["seed"] < 3])


def test_every_item_is_trained_on_as_often_as_any_other():
    drawn = apart.draw(items(100), SPEC.model_copy(update={"seeds": 400, "sizes": [20]}))
    counts = drawn[drawn["role"] == "train"]["item_id"].value_counts()
    assert len(counts) == 100 and counts.between(45, 120).all()  # 80 expected, standard deviation 8


def test_the_stage_writes_a_split_table(tmp_path):
    rows = pd.DataFrame({name: [None] * 240 for name in tables.ITEMS.columns}).assign(**items(), answer="b", label=1)
    rows = rows.assign(choices=[["a", "b"]] * 240, origin="toy", question="?")
    tables.write(rows, tmp_path / "items.parquet", tables.ITEMS, {"dataset": "toy"})
    split_apart.main(tmp_path / "items.parquet", SPEC.model_dump(), tmp_path / "out.parquet")
    found = tables.read(tmp_path / "out.parquet", tables.SPLITS)
    assert set(found["condition"]) == {"all"} and set(found["role"]) == {"train", "dev", "test"}


def test_a_job_reads_the_items_it_trains_on_and_predicts_none_of_them():
    data = items()
    drawn = apart.draw(data, SPEC)
    train = drawn[drawn["role"] == "train"]
    job = jobs.Job(data, data, {"none": train}, None, {}, None, None, None, "", 0)
    readable = jobs.readable_items(job, data)["item_id"]
    assert set(readable) == set(train["item_id"]) | set(data.loc[data["part"] != "hardness", "item_id"])
    for chosen in jobs.training_sets(job):
        tested = jobs.test_items(job, chosen, 80)
        assert set(tested["part"]) == {"main", "held_out"} and len(tested) == 40
