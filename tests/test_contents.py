"""Digests of input files: by content alone, whatever the times and places."""

from __future__ import annotations

import os

from easy2hard import contents, remembered


def test_content_counts_and_time_and_place_do_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.csv").write_text("one\n")
    first = contents.digest(["a/x.csv"])
    assert first == contents.digest(["b/x.csv"])
    os.utime("a/x.csv", (1, 1))
    assert first == contents.digest(["a/x.csv"])
    (tmp_path / "a/x.csv").write_text("two\n")
    os.utime("a/x.csv", (0, 0))
    assert first != contents.digest(["a/x.csv"]), "an older time must not hide another content"


def test_files_are_read_once_and_large_ones_not_at_all(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    (tmp_path / "x").write_text("one")
    first = contents.digest(["x"])
    monkeypatch.setattr(contents, "sha256", lambda file: 1 / 0)
    assert contents.digest(["x"]) == first
    monkeypatch.setattr(contents, "LARGEST", 3)
    (tmp_path / "y").write_text("four")
    by_size = contents.digest(["y"])
    (tmp_path / "y").write_text("five!")
    assert contents.digest(["y"]) != by_size


def test_an_absent_file_and_a_broken_cache_are_no_accident(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert contents.digest(["absent"]) == contents.digest(["also absent"]) != contents.digest([])
    remembered.FOLDER.mkdir(parents=True)
    (remembered.FOLDER / contents.MEMORY).write_text("{ not JSON")
    (tmp_path / "x").write_text("one")
    assert contents.digest(["x"]) == contents.digest(["x"])


def test_a_cache_that_cannot_be_read_or_written_costs_time_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (remembered.FOLDER / contents.MEMORY).mkdir(parents=True)
    (tmp_path / "x").write_text("one")
    assert contents.digest(["x"]) == contents.digest(["x"])
    assert remembered.recall(contents.MEMORY) == {}
