"""Datasets: counts on the real files, every format on invented ones, ids, parts, bytes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import fixtures_data as fixtures
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from easy2hard import files, registry, tables
from easy2hard.errors import UserError
from easy2hard.sources import NOT_PINNED, Source
from easy2hard.stages import fetch
from test_data_damage import run_fetch

REAL = Path(os.environ.get("EASY2HARD_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
real = pytest.mark.skipif(not REAL.is_dir(), reason=f"real data files are not at {REAL}")
NAMES = sorted(fixtures.OFFICIAL)


def fetched(plugin: str, path: Path, out: Path, **options: object) -> tuple[pd.DataFrame, dict]:
    """Items and metadata of a dataset fetched from a local path."""
    given = {**fixtures.OPTIONS.get(plugin, {}), **options}
    fetch.main("d", plugin, {"path": str(path)}, given, 0, out)
    return tables.read(out, tables.ITEMS), tables.metadata(out)


def same_items(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Equal but for where each was read from."""
    columns = [name for name in tables.ITEMS.columns if name != "origin"]
    return one[columns].to_json() == other[columns].to_json()


def counts(values: pd.Series) -> dict:
    return values.value_counts().sort_index().to_dict()


# -- real files -----------------------------------------------------------------------------------------------


@real
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


@real
def test_arc_all_holds_nothing_apart(tmp_path: Path):
    items, metadata = fetched("arc_all", REAL / "arc", tmp_path / "items.parquet")
    assert metadata["parts"] == {"main": 4521} and (items["grade"] <= 3).sum() == 194


@real
def test_mmlu_counts(tmp_path: Path):
    items, metadata = fetched("mmlu_stem5", REAL / "mmlu", tmp_path / "items.parquet")
    assert (metadata["raw"], metadata["kept"], metadata["dropped"]) == (1746, 1746, {})
    assert counts(items["level"]) == {0: 1143, 1: 603}
    assert counts(items["subject"])["high_school_mathematics"] == 299


@real
def test_strategyqa_counts(tmp_path: Path):
    items, _ = fetched("strategyqa", REAL / "strategyqa", tmp_path / "items.parquet")
    assert len(items) == 2290
    assert counts(items["steps"].str.len()) == {1: 18, 2: 626, 3: 1219, 4: 342, 5: 85}


@real
def test_gsm8k_counts_and_the_authors_own_draw(tmp_path: Path):
    items, metadata = fetched("gsm8k", REAL / "gsm8k", tmp_path / "items.parquet", hardness_items=1000)
    lines = items["steps"].str.len()
    assert metadata["parts"] == {"hardness": 1000, "main": 7792}
    assert counts(lines) == {2: 2286, 3: 2519, 4: 1958, 5: 1128, 6: 507, 7: 268, 8: 110, 9: 15, 11: 1}
    # 4,256/2,739/797 of the 7,792 left over hold for the authors' draw alone (spec of Hase 2024, §2).
    left = lines[items["part"] == "main"]
    assert [(left <= 3).sum(), left.between(4, 5).sum(), (left >= 6).sum()] == [4256, 2739, 797]


@real
def test_mnli_counts(tmp_path: Path):
    items, _ = fetched("mnli_like", REAL / "mnli", tmp_path / "items.parquet")
    assert len(items) == 9815 and counts(items["answer"]) == {"maybe": 3123, "no": 3213, "yes": 3479}
    assert items["hardness"].between(0, 100).all() and items["hardness"].nunique() > 50


# -- every format ---------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("plugin", ["arc_all", "strategyqa", "mnli_like"])
def test_row_order_does_not_change_official_ids(plugin: str, tmp_path: Path):
    before, _ = fetched(plugin, fixtures.OFFICIAL[plugin](tmp_path / "a"), tmp_path / "a.parquet")
    folder = fixtures.OFFICIAL[plugin](tmp_path / "b")
    for path in sorted(folder.iterdir()):
        shuffle(path)
    after, _ = fetched(plugin, folder, tmp_path / "b.parquet")
    assert before.to_json() == after.to_json()


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


def test_mnli_values(tmp_path: Path):
    items, _ = fetched("mnli_like", fixtures.mnli_like(tmp_path / "in"), tmp_path / "items.parquet")
    row = items.set_index("item_id").loc["4"]
    assert (row["answer"], row["hardness"]) == ("maybe", 60) and 'said "4' in row["question"]


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
    items, _ = fetched("local", path, tmp_path / "items.parquet", licence="CC0", columns={"question": "q", "answer": "a"},
                       label_as="index")  # fmt: skip
    assert list(items["question"]) == ["one\u2028two", "three"] and list(items["item_id"]) == ["own/000000", "own/000001"]


# -- own data -------------------------------------------------------------------------------------------------


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


# -- the hub --------------------------------------------------------------------------------------------------


class Hub:
    """Stands in for `datasets.load_dataset`: remembers how it was called, gives the Parquet files of a folder."""

    def __init__(self, folder: Path):
        self.folder, self.calls = folder, []

    def __call__(self, name: str, config: str, split: str, revision: str | None) -> list[dict]:
        self.calls.append((name, config, split, revision))
        return pq.read_table(self.folder / config / f"{split}-00000-of-00001.parquet").to_pylist()


def test_hub_is_asked_for_the_pinned_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    datasets = pytest.importorskip("datasets")
    hub = Hub(fixtures.gsm8k_parquet(tmp_path / "hub"))
    monkeypatch.setattr(datasets, "load_dataset", hub)
    fetch.main("d", "gsm8k", {"hub": "openai/gsm8k"}, {"hardness_items": 4}, 0, tmp_path / "hub.parquet")
    pin = registry.load("datasets", "gsm8k").HUB["revision"]
    assert hub.calls == [("openai/gsm8k", "main", split, pin) for split in ("train", "test")]
    metadata = tables.metadata(tmp_path / "hub.parquet")
    assert [source["revision"] for source in metadata["sources"]] == [pin, pin] and metadata["notes"] == []
    local, _ = fetched("gsm8k", fixtures.gsm8k(tmp_path / "in"), tmp_path / "local.parquet")
    assert same_items(local, tables.read(tmp_path / "hub.parquet", tables.ITEMS))


def test_hub_without_commit_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets, "load_dataset", Hub(fixtures.gsm8k_parquet(tmp_path / "hub")))
    fetch.main("d", "gsm8k", {"hub": "me/copy"}, {"hardness_items": 4}, 0, tmp_path / "items.parquet")
    assert tables.metadata(tmp_path / "items.parquet")["notes"] == [f"me/copy: {NOT_PINNED}"]
    assert NOT_PINNED in capsys.readouterr().err


def test_hub_rows_that_are_damaged_name_the_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    datasets = pytest.importorskip("datasets")
    folder = fixtures.gsm8k_parquet(tmp_path / "hub")
    fixtures.write_parquet(folder / "main" / "test-00000-of-00001.parquet", [{"question": "?", "answer": "4"}])
    monkeypatch.setattr(datasets, "load_dataset", Hub(folder))
    with pytest.raises(UserError, match="openai/gsm8k/main/test: row 1: 'answer' has 0 marks"):
        fetch.main("d", "gsm8k", {"hub": "openai/gsm8k"}, {"hardness_items": 4}, 0, tmp_path / "items.parquet")


def test_hub_through_the_real_library(tmp_path: Path):
    pytest.importorskip("datasets")
    folder = fixtures.gsm8k_parquet(tmp_path / "hub")
    done = run_fetch("d", "gsm8k", {"hub": str(folder)}, {"hardness_items": 4}, tmp_path / "items.parquet",
                     HF_HOME=str(tmp_path / "home"), HF_HUB_OFFLINE="1")  # fmt: skip
    assert done.returncode == 2 and "config" in done.stderr.lower() and "Traceback" not in done.stderr
    card = "---\nconfigs:\n- config_name: main\n  data_files:\n"
    card += "".join(f"  - split: {split}\n    path: main/{split}-*\n" for split in ("train", "test"))
    (folder / "README.md").write_text(card + "---\n")
    done = run_fetch("d", "gsm8k", {"hub": str(folder)}, {"hardness_items": 4}, tmp_path / "items.parquet",
                     HF_HOME=str(tmp_path / "home"), HF_HUB_OFFLINE="1")  # fmt: skip
    assert done.returncode == 0, done.stderr
    local, _ = fetched("gsm8k", fixtures.gsm8k(tmp_path / "in"), tmp_path / "local.parquet")
    assert same_items(local, tables.read(tmp_path / "items.parquet", tables.ITEMS))


def test_offline_and_not_cached_is_one_line(tmp_path: Path):
    pytest.importorskip("datasets")
    out = tmp_path / "out" / "items.parquet"
    done = run_fetch("d", "gsm8k", {"hub": "openai/gsm8k", "offline": True}, {}, out, HF_HOME=str(tmp_path / "home"))
    last = done.stderr.rstrip("\n").split("\n")[-1]
    assert done.returncode == 2 and last.startswith("error: openai/gsm8k@") and "offline" in last
    assert "Traceback" not in done.stderr and not out.parent.exists()


def test_hub_arc_needs_the_annotations():
    with pytest.raises(UserError, match="source.annotations: missing"):
        registry.load("datasets", "arc_all").load(Source(hub="allenai/ai2_arc"), None, 0)


def test_hub_plugins_pin_a_commit():
    pins = {name: registry.load("datasets", name).HUB for name in NAMES if registry.load("datasets", name).HUB}
    assert len(pins) == 5
    assert all(len(hub["revision"]) == 40 and int(hub["revision"], 16) for hub in pins.values())


def test_fetch_imports_neither_torch_nor_the_hub_library(tmp_path: Path):
    path = fixtures.strategyqa(tmp_path / "in")
    code = "import sys; from pathlib import Path; from easy2hard.stages import fetch; "
    code += f"fetch.main('d', 'strategyqa', {{'path': {str(path)!r}}}, {{}}, 0, Path({str(tmp_path / 'o.parquet')!r})); "
    code += "print({'torch', 'transformers', 'datasets', 'huggingface_hub'} & set(sys.modules))"
    workflow = str(Path(__file__).parent.parent / "workflow")
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": workflow}, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.stdout.strip() == "set()", done.stderr


def test_tables_hold_no_path(tmp_path: Path):
    out = tmp_path / "items.parquet"
    fetched("arc", fixtures.arc(tmp_path / "in"), out)
    assert str(tmp_path).encode() not in json.dumps(tables.metadata(out)).encode()
    assert isinstance(pq.read_schema(out), pa.Schema)
