"""MATH: its layouts give the same problems, the 12,000/500 split, validation by subject and level, damage."""

from __future__ import annotations

import json
from pathlib import Path

import fixtures_math as fixtures
import pandas as pd
import pytest
from easy2hard import grading, registry, sentences, tables
from easy2hard.boxed import last_boxed
from easy2hard.errors import UserError
from easy2hard.sources import Source
from easy2hard.stages import fetch
from fetching import counts, fetched, same_items

CELLS = ["subject", "level"]


def read(source: dict, tmp_path: Path, **options: object) -> tuple[pd.DataFrame, dict]:
    out = tmp_path / "items.parquet"
    fetch.main("d", "math", {key: str(value) for key, value in source.items()}, options, 7, out)
    return tables.read(out, tables.ITEMS), tables.metadata(out)


def test_values_of_math_splits(tmp_path: Path):
    items, about = read({"path": fixtures.splits(tmp_path / "in")}, tmp_path)
    assert about["parts"] == {"main": 7 * 5, "validation": 7 * 2, "test": 7 * 2}
    row = items.set_index("item_id").loc["test/counting_and_probability/1.json"]
    assert (row["part"], row["subject"], row["level"], row["answer"]) == ("test", "Counting & Probability", 2, "2")
    assert list(row["steps"]) == ["Twice 1 is meant.", "So it is $\\boxed{2}$."]


def test_validation_has_the_subjects_and_levels_of_the_test_part_and_is_of_the_original_test_set(tmp_path: Path):
    folder = fixtures.splits(tmp_path / "in")
    items, _ = read({"path": folder}, tmp_path)
    cells = {part: rows.groupby(CELLS).size().to_dict() for part, rows in items.groupby("part")}
    assert set(items.loc[items["part"] == "validation", "origin"]) == {"test"}
    assert cells["validation"] == cells["test"]
    again, _ = read({"path": folder}, tmp_path)
    assert again.to_json() == items.to_json()
    none, about = read({"path": folder}, tmp_path, validation=False)
    assert about["parts"] == {"main": 7 * 7, "test": 7 * 2} and set(none["item_id"]) == set(items["item_id"])


def test_too_few_problems_for_validation_are_one_line(tmp_path: Path):
    with pytest.raises(UserError, match="1 problems of Algebra, level 1 wanted, 0 left of the original test set"):
        read({"path": fixtures.splits(tmp_path / "in")}, tmp_path, longest_question=5)


def test_the_original_layout_gives_the_same_items(tmp_path: Path):
    splits, _ = read({"path": fixtures.splits(tmp_path / "a")}, tmp_path)
    folder = fixtures.original(tmp_path / "b")
    listed = {"path": folder, "annotations": tmp_path / "a" / "test.jsonl"}
    original, about = read(listed, tmp_path)
    assert same_items(splits, original) and about["notes"] == []
    assert len(about["sources"]) == 2 * 7 + 1 and about["sources"][0]["rows"] == 3
    (folder / "test.jsonl").write_bytes((tmp_path / "a" / "test.jsonl").read_bytes())
    assert same_items(read({"path": folder}, tmp_path)[0], original)


def test_the_hubs_layout_gives_the_same_problems(tmp_path: Path):
    splits, _ = read({"path": fixtures.splits(tmp_path / "a")}, tmp_path, validation=False)
    folder = fixtures.hub(tmp_path / "b")
    copy, _ = read({"path": folder, "annotations": tmp_path / "a" / "test.jsonl"}, tmp_path, validation=False)
    (folder / "test.jsonl").write_bytes((tmp_path / "a" / "test.jsonl").read_bytes())
    assert same_items(read({"path": folder}, tmp_path, validation=False)[0], copy)
    columns = ["question", "answer", "level", "subject", "part"]
    assert (
        copy[columns].sort_values("question").to_numpy().tolist()
        == splits[columns].sort_values("question").to_numpy().tolist()
    )
    assert "train/algebra/0002" in set(copy["item_id"])


def test_without_the_list_the_original_split_is_kept_and_said(tmp_path: Path):
    items, about = read({"path": fixtures.original(tmp_path / "in")}, tmp_path)
    assert about["parts"] == {"main": 7 * 3, "test": 7 * 6}
    assert (items["part"] == "test").equals(items["origin"] == "test")
    assert "no list of MATH500" in about["notes"][0]


def test_the_hub_is_asked_for_the_pinned_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    datasets = pytest.importorskip("datasets")
    asked = []

    def load(name: str, config: str, split: str, revision: str) -> list[dict]:
        asked.append((name, config, split, revision))
        return fixtures.records(split, config)

    monkeypatch.setattr(datasets, "load_dataset", load)
    module = registry.load("datasets", "math")
    loaded = module.load(Source(hub=module.HUB["id"]), module.Options(), 0)
    assert len(loaded.items) == 7 * 9 and len(asked) == 14 and {call[3] for call in asked} == {module.HUB["revision"]}


def test_the_list_may_come_from_its_own_hub_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    datasets, module, asked = pytest.importorskip("datasets"), registry.load("datasets", "math"), []

    def load(name: str, config: str, split: str, revision: str) -> list[dict]:
        asked.append((name, revision))
        return fixtures.split_records(tested=True) if name == module.LIST["id"] else fixtures.records(split, config)

    monkeypatch.setattr(datasets, "load_dataset", load)
    hub, options = Source(hub=module.HUB["id"]), module.Options(list_from_hub=True)
    loaded = module.load(hub, options, 0)
    assert asked[-1] == (module.LIST["id"], module.LIST["revision"]) and len(asked) == 15 == len(loaded.sources)
    assert loaded.items["part"].value_counts().to_dict() == {"main": 35, "test": 14, "validation": 14}
    assert not loaded.notes and loaded.sources[-1]["rows"] == 14


def test_problems_without_a_level_are_kept_and_counted(tmp_path: Path):
    folder = fixtures.original(tmp_path / "in")
    change(folder / "train" / "geometry" / "1.json", level="Level ?")
    items, about = read({"path": folder}, tmp_path)
    assert items.set_index("item_id")["level"].isna().sum() == 1
    assert about["notes"][0] == "1 problems have no level ('Level ?')"


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        ("So \\boxed{1} or rather \\fbox{$2$}.", "$2$"),
        ("It is $\\boxed 7$ then.", "7"),
        ("$\\boxed{\\frac{1}{\\sqrt{2}}}$", "\\frac{1}{\\sqrt{2}}"),
    ],
)
def test_answers_are_read_from_the_last_box(solution: str, answer: str, tmp_path: Path):
    folder = fixtures.original(tmp_path / "in")
    change(folder / "train" / "geometry" / "1.json", solution=solution)
    items, _ = read({"path": folder}, tmp_path)
    assert items.set_index("item_id").loc["train/geometry/1.json", "answer"] == answer


def change(path: Path, **changes: object) -> None:
    record = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({key: value for key, value in record.items() if value != "del"}))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"level": "Level 6"}, "'level' is 'Level 6' (expected 1 to 5, or Level 1 to Level 5)"),
        ({"level": True}, "'level' is True"),
        ({"level": "del"}, "missing 'level'"),
        ({"type": "Algebro"}, "did you mean 'Algebra'?"),
        ({"solution": "It is $\\boxed{4$."}, "'solution' has no \\boxed{} that closes"),
        ({"problem": ""}, "empty 'problem'"),
    ],
)
def test_a_damaged_problem_is_one_line_with_its_file(changes: dict, reason: str, tmp_path: Path):
    folder = fixtures.original(tmp_path / "in")
    change(folder / "test" / "prealgebra" / "4.json", **changes)
    with pytest.raises(UserError) as caught:
        read({"path": folder}, tmp_path)
    assert "prealgebra/4.json:1: " in str(caught.value) and reason in str(caught.value)
    assert "\n" not in str(caught.value) and not (tmp_path / "items.parquet").exists()


def test_damaged_folders_and_lists_are_one_line(tmp_path: Path):
    folder, listed = fixtures.original(tmp_path / "in"), tmp_path / "list.jsonl"
    listed.write_text(json.dumps({"problem": "Who?"}) + "\n")
    with pytest.raises(UserError, match="list.jsonl:1: 'problem' is not in the original test set"):
        read({"path": folder, "annotations": listed}, tmp_path)
    (folder / "test" / "geometry" / "0.json").write_text("{}\n{}")
    with pytest.raises(UserError, match="geometry/0.json:2: not JSON"):
        read({"path": folder}, tmp_path)
    for path in (folder / "train" / "algebra").iterdir():
        path.unlink()
    with pytest.raises(UserError, match="algebra: no problems"):
        read({"path": folder}, tmp_path)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("It is $2.5$. Then.", ["It is $2.5$.", "Then."]),
        ("We get $x=1.$ So $y.$Then", ["We get $x=1.$", "So $y.$", "Then"]),
        ("One\ntwo\n\n\nthree", ["One", "two", "three"]),
        ("Since,\nso", ["Since,\nso"]),
        ("Mr. Fat and Prof. Thin. They", ["Mr. Fat and Prof. Thin.", "They"]),
        ("So. $x$ is\n$y$", ["So. $x$ is\n$y$"]),
        ("Have\n\\[a.\n b\\] then", ["Have", "\\[a.\n b\\]", "then"]),
        ("\\begin{align}\na&=1. \\\\\n\nb\n\\end{align}\nQ", ["\\begin{align}\na&=1. \\\\\nb\n\\end{align}", "Q"]),
        ("[asy]\ndraw(a);\ndraw(b);\n[/asy]\nSee.", ["[asy]\ndraw(a);\ndraw(b);\n[/asy]", "See."]),
        ("", []),
    ],
)
def test_solutions_are_cut_at_sentences(text: str, steps: list[str]):
    assert sentences.steps(text) == steps


def test_math500_as_published(shared_data: Path, tmp_path: Path):
    path = shared_data / "math500" / "test.jsonl"
    if not path.is_file():
        pytest.skip("math500/test.jsonl is not there")
    items, about = fetched("math", path, tmp_path / "items.parquet")
    assert about["parts"] == {"test": 500} and counts(items["level"]) == {1: 43, 2: 90, 3: 105, 4: 128, 5: 134}
    assert counts(items["subject"]) == dict(zip(fixtures.FOLDERS.values(), (124, 38, 41, 97, 62, 82, 56), strict=True))
    said = [last_boxed(solution) for solution in items["solution"]]
    assert said == list(items["answer"])
    assert all(grading.grade_many(zip(said, items["answer"], strict=True)))
