"""Datasets: every format on invented files, ids, parts, bytes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import fixtures_data as fixtures
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from easy2hard import files, registry, tables
from fetching import WORKFLOW, fetched, same_items

NAMES = sorted(fixtures.OFFICIAL)


def test_every_loader_has_a_fixture():
    assert NAMES and set(NAMES) == {name for name in registry.names("datasets") if not name.startswith("worlds/")}


@pytest.mark.parametrize("plugin", NAMES)
def test_contract(plugin: str, tmp_path: Path):
    items, metadata = fetched(plugin, fixtures.OFFICIAL[plugin](tmp_path / "in"), tmp_path / "items.parquet")
    module = registry.load("datasets", plugin)
    assert {"TITLE", "LICENCE", "HUB", "MEASURES", "CUTOFFS"} <= set(vars(module))
    assert set(module.MEASURES) <= set(registry.names("hardness")) and set(module.CUTOFFS) <= set(module.MEASURES)
    assert len(items) == metadata["kept"] > 0 and metadata["licence"]
    assert metadata["raw"] == metadata["kept"] + sum(metadata["dropped"].values())
    assert [choices[label] for choices, label in zip(items["choices"], items["label"], strict=True)] == list(
        items["answer"]
    )
    for source in metadata["sources"]:
        assert {"name", "sha256", "bytes", "rows"} <= set(source) and str(tmp_path) not in source["name"]


@pytest.mark.parametrize("plugin", sorted(fixtures.PARQUET))
def test_hub_layout_gives_the_same_items(plugin: str, tmp_path: Path):
    official, _ = fetched(plugin, fixtures.OFFICIAL[plugin](tmp_path / "a"), tmp_path / "a.parquet")
    parquet, metadata = fetched(plugin, fixtures.PARQUET[plugin](tmp_path / "b"), tmp_path / "b.parquet")
    assert same_items(official, parquet)
    assert any(source["name"].endswith("-of-00001.parquet") or "of-00002" in source["name"]
               for source in metadata["sources"])  # fmt: skip


@pytest.mark.parametrize("plugin", NAMES)
def test_fetched_twice_is_the_same_bytes(plugin: str, tmp_path: Path):
    for name in ("a", "b"):
        fetched(plugin, fixtures.OFFICIAL[plugin](tmp_path / name / "in"), tmp_path / f"{name}.parquet")
    assert files.sha256(tmp_path / "a.parquet") == files.sha256(tmp_path / "b.parquet")


@pytest.mark.parametrize("plugin", ["arc_all", "strategyqa", "mnli", "chaosnli", "fever", "vitaminc"])
def test_row_order_does_not_change_official_ids(plugin: str, tmp_path: Path):
    before, _ = fetched(plugin, fixtures.OFFICIAL[plugin](tmp_path / "a"), tmp_path / "a.parquet")
    folder = fixtures.OFFICIAL[plugin](tmp_path / "b")
    for path in sorted(folder.iterdir()):
        shuffle(path)
    after, _ = fetched(plugin, folder, tmp_path / "b.parquet")
    assert before.drop(columns="source_row").to_json() == after.drop(columns="source_row").to_json()
    assert set(before["source_row"]) == set(range(len(before)))


def shuffle(path: Path) -> None:
    """Reorder the records of a file."""
    if path.suffix == ".json":
        records = json.loads(path.read_text())
        pairs = list(records.items()) if isinstance(records, dict) else records
        random.Random(0).shuffle(pairs)
        path.write_text(json.dumps(dict(pairs) if isinstance(records, dict) else pairs))
        return
    head = 1 if path.suffix == ".txt" else 0
    lines = path.read_text().rstrip("\n").split("\n")
    rest = lines[head:]
    random.Random(0).shuffle(rest)
    path.write_text("\n".join(lines[:head] + rest) + "\n")


def test_arc_values(tmp_path: Path):
    items, metadata = fetched("arc_all", fixtures.arc(tmp_path / "in"), tmp_path / "items.parquet")
    assert metadata["dropped"] == {"no grade (course name)": 6, "not annotated": 6} and metadata["raw"] == 30
    row = items.set_index("item_id").loc["Easy_Dev_1"]
    assert (row["answer"], row["label"], len(row["choices"])) == ("stone B of Easy Dev", 1, 3)
    assert (row["grade"], row["bloom"], row["depth_of_knowledge"], row["difficulty"]) == (5, 3, 2, 2)
    assert row["origin"] == "ARC-Easy/validation"


def test_arc_digit_labels(tmp_path: Path):
    folder = fixtures.arc(tmp_path / "in")
    notes = folder / "arc-challenge-easy-annotations.json"
    notes.write_text(notes.read_text().replace("Biology", "Grade 06"))
    items, _ = fetched("arc_all", folder, tmp_path / "items.parquet")
    row = items.set_index("item_id").loc["Challenge_Test_3"]
    assert (row["label"], row["answer"], row["grade"]) == (0, "stone 1 of Challenge Test", 6)


def test_part_hardness_is_a_fresh_draw_by_position(tmp_path: Path):
    items, _ = fetched("gsm8k", fixtures.gsm8k(tmp_path / "in"), tmp_path / "items.parquet")
    order = [f"{split}/{row:04d}" for split in ("train", "test") for row in range(6)]
    drawn = {order[position] for position in np.random.default_rng(0).choice(12, 4, replace=False)}
    assert set(items.loc[items["part"] == "hardness", "item_id"]) == drawn


def test_gsm8k_values(tmp_path: Path):
    items, _ = fetched("gsm8k", fixtures.gsm8k(tmp_path / "in"), tmp_path / "items.parquet")
    row = items.set_index("item_id").loc["test/0002"]
    assert (row["answer"], list(row["choices"]), row["label"]) == ("1,002", ["1,002"], 0)
    assert row["solution"].count("<<1+1=2>>") == len(row["steps"]) == 3


def test_strategyqa_values(tmp_path: Path):
    items, _ = fetched("strategyqa", fixtures.strategyqa(tmp_path / "in"), tmp_path / "items.parquet")
    row = items.set_index("item_id").loc["dev1"]
    assert (list(row["choices"]), row["answer"], len(row["steps"])) == (["yes", "no"], "no", 2)
    assert row["solution"] == "A goose is wide. The barn holds 2 carts."


def test_mmlu_values(tmp_path: Path):
    items, _ = fetched("mmlu_stem5", fixtures.mmlu(tmp_path / "in"), tmp_path / "items.parquet")
    row = items.set_index("item_id").loc["college_physics/test/0001"]
    assert (row["answer"], row["level"], row["subject"]) == ("two", 1, "college_physics")
    assert row["question"] == 'A "1" of college_physics test\nwith, how many ends?'


def test_byte_order_mark_and_line_ends_are_no_content(tmp_path: Path):
    folder = fixtures.gsm8k(tmp_path / "in")
    before, _ = fetched("gsm8k", folder, tmp_path / "a.parquet")
    for path in folder.iterdir():
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n")
    after, _ = fetched("gsm8k", folder, tmp_path / "b.parquet")
    assert same_items(before, after)


def test_line_separator_inside_a_text_is_no_line_end(tmp_path: Path):
    path = tmp_path / "own.jsonl"
    path.write_text('{"q": "one\u2028two", "a": "x"}\n{"q": "three", "a": "y"}\n', encoding="utf-8")
    columns = {"question": "q", "answer": "a"}
    items, _ = fetched("local", path, tmp_path / "items.parquet", columns=columns)
    assert list(items["question"]) == ["one\u2028two", "three"]
    assert list(items["item_id"]) == ["own/000000", "own/000001"]


def test_fetch_imports_neither_torch_nor_the_hub_library(tmp_path: Path):
    path, out = str(fixtures.strategyqa(tmp_path / "in")), str(tmp_path / "items.parquet")
    code = "import sys; from pathlib import Path; from easy2hard.stages import fetch; "
    code += f"fetch.main('d', 'strategyqa', {{'path': {path!r}}}, {{}}, 0, Path({out!r})); "
    code += "print({'torch', 'transformers', 'datasets', 'huggingface_hub'} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(WORKFLOW)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "set()", done.stderr


def test_tables_hold_no_path(tmp_path: Path):
    out = tmp_path / "items.parquet"
    fetched("arc", fixtures.arc(tmp_path / "in"), out)
    assert str(tmp_path).encode() not in json.dumps(tables.metadata(out)).encode()
    assert isinstance(pq.read_schema(out), pa.Schema)
