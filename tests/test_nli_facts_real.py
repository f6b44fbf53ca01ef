"""The real NLI and fact-checking files: items, labels, buckets. Skipped where the files are not there."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from easy2hard import registry, tables
from easy2hard.stages import annotate
from fetching import counts, fetched

BUCKETS = [
    ("anli", "anli", {}, "level", (2000, 2000, 2400, 0)),
    ("chaosnli", "chaosnli", {"subset": "snli"}, "vote_entropy", (454, 599, 461, 0)),
    ("chaosnli", "chaosnli", {"subset": "mnli_m"}, "vote_entropy", (481, 637, 481, 0)),
    ("chaosnli", "chaosnli", {"subset": "alphanli"}, "vote_entropy", (555, 498, 479, 0)),
    ("mnli", "mnli", {}, "wrong_runs", (6526, 1821, 1468, 0)),
    ("fever", "fever", {}, "evidence_sentences", (6043, 0, 623, 3333)),
    ("fever", "fever", {"verifiable_only": True}, "evidence_sentences", (6043, 0, 623, 0)),
]
PERCENTILES = {"kind": "percentiles", "easy": 30, "hard": 70}


def fetch_real(
    shared_data: Path, folder: Path, plugin: str, source: str, **options: object
) -> tuple[pd.DataFrame, dict]:
    """Items and metadata of a real dataset."""
    return fetched(plugin, shared_data / source, folder / "items.parquet", **options)


@pytest.mark.parametrize(("plugin", "source", "options", "measure", "expected"), BUCKETS)
def test_buckets(
    shared_data: Path, tmp_path: Path, plugin: str, source: str, options: dict, measure: str, expected: tuple
):
    fetch_real(shared_data, tmp_path, plugin, source, **options)
    fixed = registry.load("datasets", plugin).CUTOFFS.get(measure)
    cutoffs = {"kind": "fixed", "easy": fixed[0], "hard": fixed[1]} if fixed else PERCENTILES
    annotate.main(tmp_path / "items.parquet", measure, cutoffs, tmp_path / "hardness.parquet")
    found = tables.metadata(tmp_path / "hardness.parquet")["counts"]["main"]
    assert tuple(found[name] for name in ("easy", "medium", "hard", "missing")) == expected


def test_anli_counts(shared_data: Path, tmp_path: Path):
    items, about = fetch_real(shared_data, tmp_path, "anli", "anli")
    assert (about["raw"], about["kept"], about["dropped"]) == (6400, 6400, {})
    assert counts(items["answer"]) == {"maybe": 2136, "no": 2124, "yes": 2140}
    assert counts(items["origin"]) == {
        "R1/dev": 1000, "R1/test": 1000, "R2/dev": 1000, "R2/test": 1000, "R3/dev": 1200, "R3/test": 1200,
    }  # fmt: skip
    assert items["solution"].notna().all()


@pytest.mark.parametrize(
    ("subset", "answers", "ties", "agreed"),
    [
        ("snli", {"maybe": 813, "no": 280, "yes": 421}, 14, 16),
        ("mnli_m", {"maybe": 583, "no": 275, "yes": 741}, 14, 0),
    ],
)
def test_chaosnli_counts(shared_data: Path, tmp_path: Path, subset: str, answers: dict, ties: int, agreed: int):
    items, about = fetch_real(shared_data, tmp_path, "chaosnli", "chaosnli", subset=subset)
    assert counts(items["answer"]) == answers and about["notes"][0].startswith(f"{ties} items")
    assert (items["hardness"] == 0).sum() == agreed and items["hardness"].max() <= 1.585


def test_chaosnli_stories(shared_data: Path, tmp_path: Path):
    items, about = fetch_real(shared_data, tmp_path, "chaosnli", "chaosnli", subset="alphanli")
    assert counts(items["label"]) == {0: 758, 1: 774} and about["notes"][0].startswith("8 items")
    assert (items["hardness"] == 0).sum() == 114 and items["hardness"].max() == 1


def test_mnli_counts(shared_data: Path, tmp_path: Path):
    items, _ = fetch_real(shared_data, tmp_path, "mnli", "mnli")
    assert len(items) == 9815 and counts(items["answer"]) == {"maybe": 3123, "no": 3213, "yes": 3479}
    assert items["hardness"].between(0, 100).all() and (items["hardness"] == 100).sum() == 526


def test_fever_counts(shared_data: Path, tmp_path: Path):
    items, _ = fetch_real(shared_data, tmp_path, "fever", "fever")
    assert counts(items["answer"]) == {"not enough information": 3333, "refuted": 3333, "supported": 3333}
    assert counts(items["hardness"]) == {1: 6043, 2: 542, 3: 48, 4: 16, 5: 7, 6: 4, 7: 1, 8: 4, 10: 1}
    hard = items[items["hardness"] >= 2]
    assert counts(hard["answer"]) == {"refuted": 266, "supported": 357}
    assert (items["hardness"].isna() == (items["answer"] == "not enough information")).all()


def test_vitaminc_counts(shared_data: Path, tmp_path: Path):
    splits = ["test", *(f"train_{part}" for part in range(5))]
    items, about = fetch_real(shared_data, tmp_path, "vitaminc", "vitaminc", splits=splits)
    assert counts(items["answer"]) == {"not enough information": 112, "refuted": 134, "supported": 154}
    assert counts(items["origin"]) == {"test": 100, **{f"train_{part}": 60 for part in range(5)}}
    # Every claim stands once in this sample, so no contrast pair is whole.
    assert items["hardness"].isna().all() and "400 items are of a reduced copy" in about["notes"][0]
