"""Files are whole or not there; what a killed process left is cleared by the next."""

from __future__ import annotations

import pytest
from easy2hard.files import replacing, sha256, write_text


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_failure_leaves_what_was_there(tmp_path):
    write_text(tmp_path / "a", "old")
    with pytest.raises(RuntimeError), replacing(tmp_path / "a") as partial:
        partial.write_text("half")
        raise RuntimeError
    assert (tmp_path / "a").read_text() == "old" and names(tmp_path) == ["a"]


def test_a_folder_takes_the_place_of_a_folder(tmp_path):
    for word in ("old", "new"):
        with replacing(tmp_path / "model") as partial:
            partial.mkdir()
            (partial / word).write_text(word)
    assert names(tmp_path) == ["model"] and names(tmp_path / "model") == ["new"]


def test_a_failed_folder_leaves_the_former_one(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model/old").write_text("old")
    with pytest.raises(RuntimeError), replacing(tmp_path / "model") as partial:
        partial.mkdir()
        raise RuntimeError
    assert names(tmp_path) == ["model"] and names(tmp_path / "model") == ["old"]


def test_what_a_killed_process_left_is_cleared(tmp_path):
    (tmp_path / ".a.new.partial").write_text("left by a kill")
    write_text(tmp_path / "a", "whole")
    assert names(tmp_path) == ["a"]
    assert sha256(tmp_path / "a") == "5d5766cf2d78701614200418ee1450690d9af12c84d52545e4802f001ad53099"
