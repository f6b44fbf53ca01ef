"""Hardness: values by measure, buckets by cutoffs, the annotate stage; the paper's counts on the real data."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from easy2hard import buckets, registry, tables
from easy2hard.errors import UserError
from easy2hard.stages import annotate, fetch
from hypothesis import given, settings
from hypothesis import strategies as st

DATA = Path(os.environ.get("EASY2HARD_DATA", Path(__file__).parents[2] / "shared" / "data"))
steady = settings(deadline=None, derandomize=True, database=None)
real = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data are not at {DATA} (set EASY2HARD_DATA)")
FIXED = {"kind": "fixed", "easy": 2, "hard": 4}
THIRDS = {"kind": "percentiles", "easy": 30, "hard": 70}


def toy_items(rows: list[dict]) -> pd.DataFrame:
    """ITEMS rows; what a row does not give has a plain default."""
    blank = {name: None for name in tables.ITEMS.columns}
    plain = {"question": "Is it so?", "choices": ["yes", "no"], "label": 0, "answer": "yes", "origin": "toy"}
    made = [{**blank, **plain, "part": "main", "item_id": f"t{at}", **row} for at, row in enumerate(rows)]
    frame = pd.DataFrame(made, columns=list(tables.ITEMS.columns))
    kinds = [name for name, kind in tables.ITEMS.columns.items() if str(kind) == "double"]
    return frame.astype(dict.fromkeys(kinds, float))


def score(measure: str, rows: list[dict]) -> list[float]:
    """Values as a list, NaN as None."""
    found = registry.load("hardness", measure).score(toy_items(rows))
    return [None if np.isnan(value) else value for value in found]


WORDS = {
    "question": "  How many  legs\nhas a hen? ",
    "answer": "two legs\u00e9",
    "solution": "A hen is a bird.\n\nTwo.",
}


@pytest.mark.parametrize(
    ("measure", "row", "expected"),
    [
        ("grade", {"grade": 7.0}, 7.0),
        ("difficulty", {"difficulty": 2.0}, 2.0),
        ("bloom", {"bloom": 5.0}, 5.0),
        ("depth_of_knowledge", {"depth_of_knowledge": 3.0}, 3.0),
        ("level", {"level": 0.0}, 0.0),
        ("given", {"hardness": 0.25}, 0.25),
        ("question_words", WORDS, 6.0),
        ("answer_chars", WORDS, 9.0),
        ("answer_words", WORDS, 2.0),
        ("reasoning_words", WORDS, 6.0),
        ("reasoning_steps", WORDS, 2.0),
        ("reasoning_steps", {"steps": ["one", "two", "three"], "solution": "one line"}, 3.0),
    ],
)
def test_value(measure: str, row: dict, expected: float):
    assert score(measure, [row]) == [expected]


def test_a_measure_the_items_lack_is_missing():
    human = ["grade", "difficulty", "bloom", "depth_of_knowledge", "level", "given"]
    lacking = [*human, "reasoning_steps", "reasoning_words"]
    assert {measure: score(measure, [{}]) for measure in lacking} == {measure: [None] for measure in lacking}


def test_steps_are_counted_one_way_in_a_dataset():
    rows = [{"steps": ["a", "b"], "solution": "x"}, {"steps": [], "solution": "x\ny\nz"}, {"solution": "x\ny"}]
    assert score("reasoning_steps", rows) == [2.0, None, None]


def test_steps_survive_a_table(tmp_path: Path):
    tables.write(toy_items([{"steps": ["a", "b"]}, {}]), tmp_path / "items.parquet", tables.ITEMS)
    read = tables.read(tmp_path / "items.parquet", tables.ITEMS)
    assert registry.load("hardness", "reasoning_steps").score(read).tolist()[0] == 2.0


@pytest.mark.parametrize("measure", registry.names("hardness"))
def test_every_plugin_keeps_the_contract(measure: str):
    plugin = registry.load("hardness", measure)
    found = plugin.score(toy_items([{}, WORDS]))
    assert found.dtype == np.float64
    assert len(found) == 2
    assert plugin.TITLE and plugin.SOURCE and plugin.DEFINITION.endswith(".")


def test_the_measures_of_the_paper_are_there():
    assert {"grade", "difficulty", "bloom", "level", "question_words", "answer_chars", "reasoning_steps"} <= set(
        registry.names("hardness")
    )


def bucket(values: list[float], cutoffs: dict, part: list[str] | None = None) -> tuple[list[str | None], tuple]:
    found, resolved = buckets.assign(pd.Series(values, dtype=float), pd.Series(part or ["main"] * len(values)), cutoffs)
    return found.tolist(), resolved


def test_fixed_cutoffs_are_inclusive_and_missing_stays_missing():
    found, resolved = bucket([1, 2, 2.5, 3.9, 4, 9, np.nan], FIXED)
    assert found == ["easy", "easy", "medium", "medium", "hard", "hard", None]
    assert resolved == (2, 4)


def test_high_school_and_college_have_no_medium():
    assert bucket([0, 1], {"kind": "fixed", "easy": 0, "hard": 1})[0] == ["easy", "hard"]


def test_percentiles_are_linear_and_over_the_main_part_alone():
    found, resolved = bucket([0, 1, 2, 3, 4, 100, np.nan], THIRDS, ["main"] * 5 + ["hardness", "main"])
    assert resolved == pytest.approx((1.2, 2.8))
    assert found == ["easy", "easy", "medium", "hard", "hard", "hard", None]


def test_equal_values_are_said_to_tell_nothing():
    values, part = pd.Series([3.0, 3.0, np.nan]), pd.Series(["main"] * 3)
    found, resolved = buckets.assign(values, part, THIRDS)
    assert found.tolist() == ["easy", "easy", None]
    concerns = " ".join(buckets.concerns(values, part, found, resolved))
    assert "all 2 values" in concerns and "no item is medium" in concerns and "medium or hard" in concerns


@pytest.mark.parametrize(
    ("cutoffs", "message"),
    [
        ({"kind": "fixed", "easy": 4, "hard": 4}, "easy (4) must be below hard (4)"),
        ({"kind": "fixed", "easy": 5, "hard": 1}, "must be below"),
        ({"kind": "percentiles", "easy": 30, "hard": 170}, "0 to 100"),
        ({"kind": "quartiles", "easy": 1, "hard": 2}, "cutoffs.kind"),
        ({"kind": "fixed", "easy": "low", "hard": 2}, "cutoffs.easy"),
        ({"kind": "fixed", "easy": 1}, "cutoffs.hard"),
        ({"kind": "fixed", "easy": 1, "hard": 2, "medium": 1}, "cutoffs.medium"),
        ({"kind": "fixed", "easy": float("nan"), "hard": 2}, "cutoffs.easy"),
    ],
)
def test_wrong_cutoffs_are_one_clear_line(cutoffs: dict, message: str):
    with pytest.raises(UserError) as error:
        bucket([1.0], cutoffs)
    assert message in str(error.value)


numbers = st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=60)


@steady
@given(numbers, st.integers(0, 99), st.integers(1, 100))
def test_buckets_respect_the_order_of_values(values: list[float], low: int, gap: int):
    high = min(low + gap, 100)
    if all(map(np.isnan, values)):
        return
    found, (easy, hard) = bucket(values, {"kind": "percentiles", "easy": low, "hard": high})
    rank = {"easy": 0, "medium": 1, "hard": 2}
    known = sorted((value, rank[name]) for value, name in zip(values, found, strict=True) if name is not None)
    assert [name for _, name in known] == sorted(name for _, name in known)
    assert [name is None for name in found] == [bool(np.isnan(value)) for value in values]
    assert easy <= hard


def annotated(folder: Path, rows: list[dict], measure: str = "grade", cutoffs: dict = FIXED) -> Path:
    """The hardness table of toy items."""
    tables.write(toy_items(rows), folder / "items.parquet", tables.ITEMS, {"dataset": "toy", "licence": "CC0"})
    annotate.main(folder / "items.parquet", measure, cutoffs, folder / f"{measure}.parquet")
    return folder / f"{measure}.parquet"


def test_annotate_writes_every_item_and_says_what_it_is(tmp_path: Path):
    path = annotated(tmp_path, [{"grade": 1.0}, {"grade": 4.0, "part": "hardness"}, {}])
    rows, about = tables.read(path, tables.HARDNESS), tables.metadata(path)
    assert rows["item_id"].tolist() == ["t0", "t1", "t2"]
    assert rows["bucket"].astype(object).where(rows["bucket"].notna(), None).tolist() == ["easy", "hard", None]
    assert about["cutoffs"] == {"kind": "fixed", "asked": [2.0, 4.0], "easy": 2.0, "hard": 4.0}
    assert about["counts"]["main"] == {"easy": 1, "medium": 0, "hard": 0, "missing": 1}
    assert about["counts"]["all"] == {"easy": 1, "medium": 0, "hard": 1, "missing": 1}
    assert (about["dataset"], about["measure"], about["licence"]) == ("toy", "grade", "CC0")


def test_a_dataset_may_say_itself_what_a_measure_means(tmp_path: Path):
    path = annotated(tmp_path, [{"grade": 1.0}])
    about = {"dataset": "toy", "licence": "CC0", "definitions": {"grade": "Number of moons."}}
    tables.write(toy_items([{"grade": 1.0}]), tmp_path / "moons.parquet", tables.ITEMS, about)
    annotate.main(tmp_path / "moons.parquet", "grade", FIXED, tmp_path / "moons.grade.parquet")
    assert tables.metadata(tmp_path / "moons.grade.parquet")["definition"] == "Number of moons."
    assert tables.metadata(path)["definition"] == registry.load("hardness", "grade").DEFINITION


def test_annotate_writes_the_same_bytes_twice(tmp_path: Path):
    first = annotated(tmp_path, [{"grade": 1.0}, {"grade": 4.0}]).read_bytes()
    assert annotated(tmp_path, [{"grade": 1.0}, {"grade": 4.0}]).read_bytes() == first


def test_a_measure_the_dataset_lacks_is_an_error_and_nothing_is_written(tmp_path: Path):
    with pytest.raises(UserError, match="dataset 'toy' has no measure 'bloom'"):
        annotated(tmp_path, [{"grade": 1.0}], measure="bloom")
    assert not (tmp_path / "bloom.parquet").exists()


def test_an_infinite_value_is_an_error(tmp_path: Path):
    with pytest.raises(UserError, match="item 't1' is infinite"):
        annotated(tmp_path, [{"hardness": 1.0}, {"hardness": np.inf}], measure="given")


def test_an_unknown_measure_lists_what_exists(tmp_path: Path):
    with pytest.raises(UserError, match="did you mean 'grade'"):
        annotated(tmp_path, [{}], measure="grades")


# -- the paper's counts (Hase 2024, §2) ----------------------------------------------------------------------------

FOLDERS = {"arc": "arc", "arc_all": "arc", "mmlu_stem5": "mmlu", "strategyqa": "strategyqa", "gsm8k": "gsm8k"}
ARC_ALL = {
    "grade": (1434, 1055, 2032),
    "difficulty": (1056, 2878, 587),
    "bloom": (2357, 1314, 850),
    "depth_of_knowledge": (2353, 1974, 194),
}
COUNTS = [
    *(("arc", measure, "all", counts) for measure, counts in ARC_ALL.items()),
    *(("arc_all", measure, "main", counts) for measure, counts in ARC_ALL.items() if measure != "grade"),
    ("mmlu_stem5", "level", "all", (1143, 0, 603)),
    ("strategyqa", "reasoning_steps", "all", (644, 1219, 427)),
    ("gsm8k", "reasoning_steps", "all", (4805, 3086, 901)),
    ("gsm8k", "reasoning_steps", "main", (4256, 2739, 797)),
]


@pytest.fixture(scope="module")
def real_items(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Items tables of the real datasets, made once."""
    folder, found = tmp_path_factory.mktemp("items"), {}
    for dataset, source in FOLDERS.items():
        found[dataset] = folder / f"{dataset}.parquet"
        fetch.main(dataset, dataset, {"path": str(DATA / source)}, {}, 0, found[dataset])
    return found


@real
@pytest.mark.parametrize(("dataset", "measure", "part", "counts"), COUNTS)
def test_the_counts_of_the_paper(
    real_items: dict, tmp_path: Path, dataset: str, measure: str, part: str, counts: tuple[int, int, int]
):
    easy, hard = registry.load("datasets", dataset).CUTOFFS[measure]
    out = tmp_path / f"{measure}.parquet"
    annotate.main(real_items[dataset], measure, {"kind": "fixed", "easy": easy, "hard": hard}, out)
    found = tables.metadata(out)["counts"][part]
    assert found == dict(zip((*buckets.BUCKETS, "missing"), (*counts, 0), strict=True))


@real
@pytest.mark.parametrize(("dataset", "size"), [("arc", 3521), ("arc_all", 4521), ("gsm8k", 7792), ("mmlu_stem5", 1746)])
def test_the_sizes_of_the_paper(real_items: dict, dataset: str, size: int):
    assert (tables.read(real_items[dataset], tables.ITEMS)["part"] == "main").sum() == size


@real
def test_gsm8k_lines_of_the_paper(real_items: dict):
    found = registry.load("hardness", "reasoning_steps").score(tables.read(real_items["gsm8k"], tables.ITEMS))
    lines = {2: 2286, 3: 2519, 4: 1958, 5: 1128, 6: 507, 7: 268, 8: 110, 9: 15, 11: 1}
    assert found.astype(int).value_counts().to_dict() == lines


@real
def test_every_dataset_has_the_measures_it_names(real_items: dict):
    for dataset, path in real_items.items():
        items, named = tables.read(path, tables.ITEMS), registry.load("datasets", dataset).MEASURES
        assert named
        for measure in named:
            assert registry.load("hardness", measure).score(items).notna().all(), (dataset, measure)
