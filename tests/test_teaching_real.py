"""The builders on real records: counts that can be checked by hand in the records' ratings."""

from __future__ import annotations

import json

import pytest
from easy2hard import tables
from teaching_world import spans, taught

# Ratings of each step as the labellers gave them (8 records), then what must come out: lessons, good, bad.
RECORDS = {
    1: ("1 | -----, human | 1 | 1 | 1 | 0 1111", 8, 9, 5),
    2: ("1 | 0 | 1 | 1 | 1 | 1 | -111", 8, 9, 1),
    5: ("1 | 1 | 1 | 1 | 1 | 1 | 1 | ------, human | end", 7, 7, 6),
    6: ("1, twelve times", 12, 12, 0),
    8: ("0000000, human | -1111-1 | 1 | 1 | ----, human | -0----1", 8, 16, 11),
    10: ("1 | 1 | --", 2, 2, 2),
    12: ("0 | 0 | -1111", 4, 6, 1),
    16: ("1 | 1 | ---0-", 2, 3, 4),
}
ALL = (145, 207, 97)  # of the 16 records


@pytest.fixture(scope="module")
def records(shared_data):
    return shared_data / "prm800k" / "records.jsonl"


@pytest.fixture(scope="module")
def made(records, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real")
    given = {"one_pass": False, "duplicates": "keep"}
    return {gives: taught(folder, "prm800k", gives, records, **given) for gives in ("lessons", "labelled")}


@pytest.mark.parametrize("number", RECORDS)
def test_labels_of_a_record_follow_its_ratings(made, number):
    start = f"records:{number:08d}/"
    lessons, labelled = (made[gives][made[gives]["example"].str.startswith(start)] for gives in ("lessons", "labelled"))
    labels = [label for row in labelled.to_dict("records") for _, label in spans(row)]
    assert (len(lessons), labels.count(1), labels.count(0)) == RECORDS[number][1:]


def test_all_records(made):
    labels = [label for row in made["labelled"].to_dict("records") for _, label in spans(row)]
    assert (len(made["lessons"]), labels.count(1), labels.count(0)) == ALL


def test_the_answer_of_a_solution_ends_it(made, records):
    """Record 1 has two answers, 29 in both; they are what lessons end with."""
    first = made["lessons"][made["lessons"]["example"].str.startswith("records:00000001/")]
    assert list(first.loc[first["ends"], "target"].str.split("# Answer\n\n").str[1]) == ["29", "29"]
    question = json.loads(records.read_text(encoding="utf-8").splitlines()[0])["question"]["problem"]
    assert first["source"].str.startswith(f"# Question\n\n{question}\n\n# Solution\n\n").all()


def test_one_pass_keeps_every_label(made, records, tmp_path):
    """Labels left are those of steps that differ in problem, text before, text or label."""
    whole = taught(tmp_path, "prm800k", "labelled", records)
    about = tables.metadata(tmp_path / "out.parquet")
    assert (about["positive"], about["negative"], about["outside"]) == (205, 95, len(whole)) and len(whole) < 304
    repeated = made["labelled"].assign(label=made["labelled"]["labels"].map(list).map(str))
    assert len(repeated.drop_duplicates(["question", "text", "label"])) == 300


def test_real_rows_of_metamath(shared_data, tmp_path):
    known = {"train/a/1.json": ("Is this here?", 1, "main")}
    rows = json.loads((shared_data / "metamath" / "two_rows.json").read_text(encoding="utf-8"))
    known["train/a/2.json"] = (rows[0]["original_question"], 2, "main")
    found = taught(tmp_path, "metamath", "lessons", shared_data / "metamath" / "two_rows.json", known=known, epochs=1)
    assert list(found["item_id"])[0] == "train/a/2.json" and len(found) == 2
    assert found["target"][1].endswith("16 * $47 = $752.\n\n# Answer\n\n752") and "####" not in found["target"][1]
    assert found["target"][0].count("\n\n") == 5 and found["target"][0].endswith("# Answer\n\n\\sqrt{5}")


def test_real_rows_of_math_shepherd(shared_data, tmp_path):
    path = shared_data / "math_shepherd" / "samples_math-shepherd.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    questions = [row["input"].split(" Step 1: ")[0] for row in rows]
    known = {f"train/g/{number}.json": (text, 1, "main") for number, text in enumerate(questions)}
    found = taught(tmp_path, "math_shepherd", "labelled", path, known=known, tasks=["GSM8K"])
    assert [list(labels) for labels in found["labels"]] == [
        [float(mark == "+") for mark in (line[-1] for line in row["label"].split("\n"))] for row in rows
    ]
    assert found["text"][0].endswith("13520 on music lessons in a year.\n\n# Answer\n\n13520")
    assert "Step 2" not in found["text"][0]
