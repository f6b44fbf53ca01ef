"""Records of large files one at a time, cut anywhere; files that are no data."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from easy2hard import sample_tables, streams, tables_streamed
from easy2hard.errors import UserError

ROWS = [{"n": number, "text": "ä\u2028\n]}," * (number % 5), "deep": [{"a": [number]}]} for number in range(60)]


def written(folder, name, text):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("chunk", [1, 7, 64, 1 << 20])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_is_read_whole_wherever_it_is_cut(tmp_path, monkeypatch, chunk, indent):
    monkeypatch.setattr(streams, "CHUNK", chunk)
    text = json.dumps(ROWS, indent=indent, ensure_ascii=False) + "\n"
    found = list(streams.records(written(tmp_path, "a.json", text)))
    assert [row.values for row in found] == ROWS
    lines = text.split("\n")
    assert all("{" in lines[row.number - 1] for row in found)
    assert indent is None or len({row.number for row in found}) == len(ROWS)


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_lines_are_read_whole_wherever_they_are_cut(tmp_path, monkeypatch, chunk, name):
    monkeypatch.setattr(streams, "CHUNK", chunk)
    text = "\ufeff" + "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS) + "\n\n"
    found = list(streams.records(written(tmp_path, name, text)))
    assert [(row.number, row.values) for row in found] == list(enumerate(ROWS, start=1))


def test_parquet_rows_are_numbered(tmp_path):
    pd.DataFrame({"a": range(3000), "b": "x"}).to_parquet(tmp_path / "a.parquet", row_group_size=700)
    found = list(streams.records(tmp_path / "a.parquet"))
    assert [row.values["a"] for row in found] == list(range(3000)) and found[-1].place.endswith("row 3000")


def test_reading_goes_on_after_a_damaged_line(tmp_path):
    text = b'{"a": 1}\n{"a": \n\n{"a": "\xff"}\n{"a": 1, "a": 2}\n{"a": 2}'
    found = list(streams.records(written(tmp_path, "a.jsonl", text)))
    said = [str(one).split("a.jsonl")[1] for one in found if isinstance(one, UserError)]
    assert [row.number for row in found if not isinstance(row, UserError)] == [1, 6]
    assert [line.split(":")[1] for line in said] == ["2", "3", "4", "5"]
    assert "is the line cut off?" in said[0] and "byte 0xff is not UTF-8" in said[2] and "repeated key 'a'" in said[3]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", '[{"a": 1},\n{"a": 2}\n', r"a\.json:3: not JSON: 'end of file' \(expected , or \]\)"),
        ("a.json", '[{"a": 1},\n\n{"a": }]', r"a\.json:3: not JSON: Expecting value"),
        ("a.json", '[{"a": 1}]\n[', r"a\.json:2: not JSON: text after the list"),
        ("a.json", "[]", r"a\.json:1: not JSON: Expecting value"),
        ("a.json", '[{"a": "' + "x" * 70, "not JSON: Unterminated string"),
        ("a.json", b'[{"a": "\xff"}]', "not UTF-8"),
        ("a.parquet", "PAR1 not", "not a readable Parquet file"),
        ("a.jsonl", " \n", r"a\.jsonl:1: empty file"),
        ("a.txt", "x", "unknown file suffix"),
    ],
)
def test_what_cannot_be_read_on_stops_with_one_line(tmp_path, name, text, said):
    with pytest.raises(UserError, match=said):
        list(streams.records(written(tmp_path, name, text)))


def test_a_record_without_an_end_stops_before_memory_does(tmp_path, monkeypatch):
    monkeypatch.setattr(streams, "CHUNK", 64)
    monkeypatch.setattr(streams, "LARGEST", 200)
    for name, text in (("a.json", '[{"a": "' + "x" * 5000), ("a.jsonl", '{"a": "' + "x" * 5000)):
        with pytest.raises(UserError, match=rf"{name}:1: "):
            list(streams.records(written(tmp_path, name, text)))


@pytest.mark.parametrize("name", ["phase2_train.jsonl", "a.json", "a.parquet"])
def test_a_pointer_of_git_lfs_is_told_from_data(tmp_path, name):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 456135365\n"
    with pytest.raises(UserError, match=r"a git-LFS pointer, not the data \(456,135,365 bytes\).*'git lfs pull'"):
        streams.records(written(tmp_path, name, pointer))


def test_a_streamed_table_keeps_its_order_and_types(tmp_path, monkeypatch):
    monkeypatch.setattr(tables_streamed, "GROUP", 2)
    path = tmp_path / "a.parquet"
    with tables_streamed.writing(path, sample_tables.LESSONS, "example") as writer:
        for name in ("b1", "b2", "b3"):
            writer.add(("item", name, "s", "t", False))
        with pytest.raises(ValueError, match="'b3' follows 'b3'"):
            writer.add(("item", "b3", "s", "t", False))
        writer.metadata["seen"] = 3
    assert list(pd.read_parquet(path)["example"]) == ["b1", "b2", "b3"]
    for bad, said in ((None, "'target' has 1 missing"), (3, "wrong type")):
        with (
            pytest.raises(UserError, match=said),
            tables_streamed.writing(tmp_path / "b.parquet", sample_tables.LESSONS, "example") as writer,
        ):
            writer.add(("item", "b1", "s", bad, False))
    assert [found.name for found in tmp_path.iterdir()] == ["a.parquet"], "nothing half-written is left"
