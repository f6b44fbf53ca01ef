"""The hub as a source: pinned commits, offline, damaged rows."""

from __future__ import annotations

from pathlib import Path

import fixtures_data as fixtures
import pyarrow.parquet as pq
import pytest
from easy2hard import registry, tables
from easy2hard.errors import UserError
from easy2hard.sources import NOT_PINNED, Source
from easy2hard.stages import fetch
from fetching import fetched, run_fetch, same_items

NAMES = sorted(fixtures.OFFICIAL)


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
    assert len(pins) == 9
    assert all(len(hub["revision"]) == 40 and int(hub["revision"], 16) for hub in pins.values())
