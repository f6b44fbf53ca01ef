"""The real files: the counts of the papers. Skipped where the files are not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fetching import counts, fetched

REAL = Path(os.environ.get("EASY2HARD_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason=f"real data files are not at {REAL}")


def test_arc_counts(tmp_path: Path):
    items, metadata = fetched("arc", REAL / "arc", tmp_path / "items.parquet", hardness_items=1000)
    assert (metadata["raw"], metadata["kept"]) == (7787, 4521)
    assert metadata["dropped"] == {"no grade (course name)": 599, "not annotated": 2667}
    assert metadata["parts"] == {"hardness": 1000, "main": 3521}
    assert counts(items["grade"]) == {3: 194, 4: 277, 5: 963, 6: 263, 7: 792, 8: 2032}
    assert counts(items["difficulty"]) == {1: 1056, 2: 2878, 3: 587}
    assert counts(items["bloom"]) == {1: 1118, 2: 1239, 3: 1314, 4: 660, 5: 190}
    assert counts(items["depth_of_knowledge"]) == {1: 2353, 2: 1974, 3: 194}
    assert counts(items["origin"].str.startswith("ARC-Easy")) == {False: 1571, True: 2950}
    assert not items[["grade", "difficulty", "bloom", "depth_of_knowledge"]].isna().any(axis=None)


def test_arc_all_holds_nothing_apart(tmp_path: Path):
    items, metadata = fetched("arc_all", REAL / "arc", tmp_path / "items.parquet")
    assert metadata["parts"] == {"main": 4521} and (items["grade"] <= 3).sum() == 194


def test_mmlu_counts(tmp_path: Path):
    items, metadata = fetched("mmlu_stem5", REAL / "mmlu", tmp_path / "items.parquet")
    assert (metadata["raw"], metadata["kept"], metadata["dropped"]) == (1746, 1746, {})
    assert counts(items["level"]) == {0: 1143, 1: 603}
    assert counts(items["subject"])["high_school_mathematics"] == 299


def test_strategyqa_counts(tmp_path: Path):
    items, _ = fetched("strategyqa", REAL / "strategyqa", tmp_path / "items.parquet")
    assert len(items) == 2290
    assert counts(items["steps"].str.len()) == {1: 18, 2: 626, 3: 1219, 4: 342, 5: 85}


def test_gsm8k_counts_and_the_authors_own_draw(tmp_path: Path):
    items, metadata = fetched("gsm8k", REAL / "gsm8k", tmp_path / "items.parquet", hardness_items=1000)
    lines = items["steps"].str.len()
    assert metadata["parts"] == {"hardness": 1000, "main": 7792}
    assert counts(lines) == {2: 2286, 3: 2519, 4: 1958, 5: 1128, 6: 507, 7: 268, 8: 110, 9: 15, 11: 1}
    # 4,256/2,739/797 of the 7,792 left over hold for the authors' draw alone (spec of Hase 2024, §2).
    left = lines[items["part"] == "main"]
    assert [(left <= 3).sum(), left.between(4, 5).sum(), (left >= 6).sum()] == [4256, 2739, 797]
