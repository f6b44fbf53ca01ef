"""A user's own records, in every format, by column names alone."""

from __future__ import annotations

import json
from pathlib import Path

import fixtures_data as fixtures
import numpy as np
import pandas as pd
import pytest
from fetching import fetched


def test_own_csv(tmp_path: Path):
    items, metadata = fetched("local", fixtures.local_csv(tmp_path / "in"), tmp_path / "items.parquet")
    assert list(items["item_id"]) == ["k1", "k2"] and list(items["answer"]) == ["up", "right"]
    assert items["hardness"][0] == 0.5 and np.isnan(items["hardness"][1])
    assert metadata["licence"] == "CC0"


OWN = [
    {"question": "Hot?", "options": ["yes", "no"], "right": 2, "why": "Ice is cold.", "moves": ["ice", "cold"], "n": 3},
    {"question": "Wet?", "options": ["yes", "no"], "right": 1, "why": None, "moves": None, "n": None},
]
OWN_COLUMNS = {
    "question": "question", "choices": "options", "label": "right", "solution": "why", "steps": "moves", "level": "n"
}  # fmt: skip


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv", ".tsv", ".parquet"])
def test_own_data_in_every_format(suffix: str, tmp_path: Path):
    path = write_own(tmp_path / f"own{suffix}")
    items, _ = fetched("local", path, tmp_path / "items.parquet", columns=OWN_COLUMNS, label_as="index", label_base=1)
    assert list(items["answer"]) == ["no", "yes"]
    assert list(items["steps"][0]) == ["ice", "cold"] and items["steps"][1] is None
    assert items["solution"][0] == "Ice is cold." and pd.isna(items["solution"][1])
    assert items["level"][0] == 3 and np.isnan(items["level"][1])


def write_own(path: Path) -> Path:
    frame = pd.DataFrame(OWN)
    if path.suffix == ".jsonl":
        fixtures.write_lines(path, OWN)
    elif path.suffix == ".json":
        path.write_text(json.dumps(OWN))
    elif path.suffix == ".parquet":
        fixtures.write_parquet(path, OWN)
    else:
        for name in ("options", "moves"):
            frame[name] = [json.dumps(value) if value else None for value in frame[name]]
        tab = {"sep": "\t", "quoting": 3, "escapechar": None} if path.suffix == ".tsv" else {}
        frame.to_csv(path, index=False, **tab)
    return path


def test_own_fixed_choices_and_several_files(tmp_path: Path):
    for name in ("a", "b"):
        fixtures.write_lines(tmp_path / f"{name}.jsonl", [{"text": f"{name} is fine", "label": "good"}])
    options = {"licence": "CC0", "columns": {"question": "text", "label": "label"}, "choices": ["bad", "good"]}
    items, metadata = fetched(
        "local", tmp_path, tmp_path / "items.parquet", **options, label_as="text", files=["b.jsonl", "a.jsonl"]
    )
    assert list(items["item_id"]) == ["a/000000", "b/000000"] and list(items["label"]) == [1, 1]
    assert [source["name"] for source in metadata["sources"]] == ["b.jsonl", "a.jsonl"]


def test_large_whole_numbers_keep_their_digits_as_ids(tmp_path):
    ids = [2**53, 2**53 + 1, 2**53 + 2]
    rows = [{"id": number, "q": f"question {number}", "c": ["a", "b"], "y": 0} for number in ids]
    path = tmp_path / "big.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    columns = {"question": "q", "choices": "c", "label": "y", "id": "id"}
    items, _ = fetched("local", path, tmp_path / "items.parquet", columns=columns, choices=None, label_as="index")
    assert list(items["item_id"]) == [str(number) for number in ids]
