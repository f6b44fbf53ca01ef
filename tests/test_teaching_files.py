"""Files of a published training set: a file, a folder, a hub repository in the cache. No network."""

from __future__ import annotations

import pytest
from easy2hard import teaching_files
from easy2hard.errors import UserError
from easy2hard.sources import Source
from easy2hard.teaching import math_shepherd, prm800k

REVISION = math_shepherd.HUB["revision"]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub" / "datasets--peiyi9979--Math-Shepherd" / "snapshots" / REVISION


def pinned() -> Source:
    return Source(hub=math_shepherd.HUB["id"], offline=True).pinned(math_shepherd.HUB)


def test_a_hub_repository_is_read_from_the_cache(cache):
    cache.mkdir(parents=True)
    (cache / "math-shepherd.jsonl").write_text("{}")
    (cache / "README.md").write_text("")
    found = teaching_files.locate(pinned(), math_shepherd.files(math_shepherd.Options()))
    assert [path.name for path in found] == ["math-shepherd.jsonl"]


def test_what_is_not_cached_is_one_line(cache):
    with pytest.raises(UserError, match=rf"{REVISION}: cannot be loaded \(offline: expected it in the cache"):
        teaching_files.locate(pinned(), ("math-shepherd.jsonl",))


def test_a_repository_without_a_commit_is_noted():
    assert teaching_files.notes(pinned()) == [] and teaching_files.notes(Source(path="x")) == []
    assert teaching_files.notes(Source(hub="a/b")) == ["a/b: revision not pinned"]


def test_files_of_a_folder_are_found_by_name(tmp_path):
    names = prm800k.files(prm800k.Options())
    (tmp_path / "deep").mkdir()
    for name in ("phase2_train.jsonl", "phase2_test.jsonl", "deep/phase1_train.jsonl"):
        (tmp_path / name).write_text("{}")
    found = teaching_files.locate(Source(path=tmp_path), names)
    assert [path.name for path in found] == ["phase1_train.jsonl", "phase2_train.jsonl"]
    assert teaching_files.locate(Source(path=found[0]), names) == found[:1], "a file itself, whatever its name"
    (tmp_path / "phase1_train.jsonl").write_text("{}")
    with pytest.raises(UserError, match="two files are called phase1_train"):
        teaching_files.locate(Source(path=tmp_path), names)
    with pytest.raises(UserError, match=r"no such file or folder \(expected phase1_train.jsonl and"):
        teaching_files.locate(Source(path=tmp_path / "none"), names)
