"""PRM800K → lessons and labelled steps, by invented records with hand-written expectations."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from easy2hard import tables
from easy2hard.errors import UserError
from teaching_world import EASY, HARD, SECOND, TESTED, record, spans, step, taught, write_lines

PROMPT = "# Question\n\n{}\n\n# Solution\n\n"
ANSWER = "\n\n# Answer\n\n"
FIRST = record(  # phase 1: the labeller wrote the second step
    EASY,
    step(("Half of 8 is 4.", 1), chosen=0),
    step(("So it is 5.", -1), ("Maybe more?", 0), human="Now add 1."),
    step((" That gives 5.\n# Answer\n5 ", 1), ("It is 5.", None), ("So 5.# Answer\n\n5", 1), chosen=0),
    {"completions": None, "human_completion": None, "chosen_completion": None},
    step(("Never read.", 1), chosen=0),
)
SAME_START = record(SECOND, step(("Half of 8 is 4.", 1)), step(("Add 2.", 0)), step(("It is 6.", 1), ("It is 7.", -1)))
AGAIN = record(EASY, step(("Half of 8 is 4.", 1), ("Half of 8 is 4.", -1), chosen=0), step(("Add.", 1)))


def lessons(folder, *rows, **given):
    found = taught(folder, "prm800k", "lessons", write_lines(folder / "phase1_train.jsonl", list(rows)), **given)
    return [tuple(row) for row in found[["item_id", "example", "source", "target", "ends"]].itertuples(index=False)]


def labelled(folder, *rows, **given):
    found = taught(folder, "prm800k", "labelled", write_lines(folder / "phase1_train.jsonl", list(rows)), **given)
    rows = found.to_dict("records")
    return {row["example"].removeprefix("phase1_train:000000"): (row["text"], spans(row)) for row in rows}


def test_a_lesson_is_a_step_rated_1_given_those_before(tmp_path):
    prompt, human = PROMPT.format(EASY), "Half of 8 is 4.\n\nNow add 1."
    assert lessons(tmp_path, FIRST, one_pass=False) == [
        ("train/algebra/1.json", "phase1_train:00000001/000/000", prompt, "Half of 8 is 4.", False),
        ("train/algebra/1.json", "phase1_train:00000001/002/000", prompt + human, f"\n\nThat gives 5.{ANSWER}5", True),
        ("train/algebra/1.json", "phase1_train:00000001/002/002", prompt + human, f"\n\nSo 5.{ANSWER}5", True),
    ]


def test_neighbouring_targets_of_the_chain_are_one_lesson(tmp_path):
    rows = record(EASY, step(("A.", 1)), step(("B.", 1)), step(("C.", 0)), step(("D.", 1)), step((f"E.{ANSWER}1", 1)))
    prompt = PROMPT.format(EASY)
    assert [row[2:] for row in lessons(tmp_path, rows)] == [
        (prompt, "A.\n\nB.", False),
        (f"{prompt}A.\n\nB.\n\nC.", f"\n\nD.\n\nE.{ANSWER}1", True),
    ]


def test_labels_cover_a_step_and_the_blank_line_after_it(tmp_path):
    found = labelled(tmp_path, FIRST)
    start = "Half of 8 is 4.\n\n"
    assert found == {
        "01/001/000": (f"{start}So it is 5.\n\n", [("So it is 5.\n\n", 0)]),
        "01/001/001": (f"{start}Maybe more?\n\n", [("Maybe more?\n\n", 1)]),
        "01/002/002": (f"{start}Now add 1.\n\nSo 5.{ANSWER}5", [(f"So 5.{ANSWER}5", 1)]),
        "01/chain": (
            f"{start}Now add 1.\n\nThat gives 5.{ANSWER}5",
            [(start, 1), (f"That gives 5.{ANSWER}5", 1)],
        ),
    }


@pytest.mark.parametrize(("neutral", "label"), [("positive", [1.0]), ("negative", [0.0]), ("skip", [])])
def test_neutral_steps(tmp_path, neutral, label):
    rows = labelled(tmp_path, record(EASY, step(("A.", 1)), step(("B.", 0))), neutral=neutral, one_pass=False)
    assert [value for _, said in rows.values() for text, value in said if text == "B.\n\n"] == label


def test_one_pass_has_the_labels_of_one_example_a_step(tmp_path):
    given = [FIRST, SAME_START, AGAIN]
    whole, single = labelled(tmp_path, *given), labelled(tmp_path, *given, one_pass=False)
    counts = [Counter(span for _, said in found.values() for span in said) for found in (whole, single)]
    assert counts[0] == counts[1] and len(whole) < len(single) == 11
    assert all(text.endswith(said[-1][0]) and len(said) == 1 for text, said in single.values())


def test_the_only_completion_goes_on_and_several_end_the_solution(tmp_path):
    found = labelled(tmp_path, SAME_START)
    assert found["01/chain"][0] == "Half of 8 is 4.\n\nAdd 2.\n\n"
    assert found["01/002/001"] == ("Half of 8 is 4.\n\nAdd 2.\n\nIt is 7.\n\n", [("It is 7.\n\n", 0)])


def test_duplicates_are_those_of_one_problem_and_label(tmp_path):
    given = [FIRST, SAME_START, AGAIN]
    texts = [row[3] for row in lessons(tmp_path, *given, one_pass=False)]
    assert texts.count("Half of 8 is 4.") == 2, "once for each problem"
    kept = [row[3] for row in lessons(tmp_path, *given, one_pass=False, duplicates="keep")]
    assert kept.count("Half of 8 is 4.") == 3
    rows = labelled(tmp_path, *given)
    assert rows["03/000/001"][1] == [("Half of 8 is 4.\n\n", 0)], "another label is no duplicate"
    assert rows["03/chain"] == ("Half of 8 is 4.\n\nAdd.\n\n", [("Add.\n\n", 1)])


def test_after_a_title_the_line_goes_on(tmp_path):
    rows = record(EASY, step(("So says Mr.", 1)), step(("Smith.", 1)))
    assert lessons(tmp_path, rows)[0][3] == "So says Mr. Smith."
    assert labelled(tmp_path, rows)["01/chain"] == ("So says Mr. Smith.\n\n", [("So says Mr.", 1), ("Smith.\n\n", 1)])


def test_an_answer_may_be_a_step_of_its_own(tmp_path):
    rows = record(EASY, step(("It is 5.", 1)), step(("# Answer\n\n5", 1)))
    assert lessons(tmp_path, rows, one_pass=False)[1][2:] == (PROMPT.format(EASY) + "It is 5.", f"{ANSWER}5", True)
    said = [("It is 5.\n\n", 1), ("# Answer\n\n5", 1)]
    assert labelled(tmp_path, rows)["01/chain"] == (f"It is 5.{ANSWER}5", said)


def test_another_format_is_written_as_it_wants(tmp_path):
    rows = record(EASY, step(("It is 5.", 1)), step((f"So 5.{ANSWER}5", 1)))
    source, target = lessons(tmp_path, rows, format="minerva")[0][2:4]
    assert source == f"Problem:\n{EASY}\n\nSolution:\n"
    assert target == "It is 5.\n\nSo 5.\nFinal Answer: The final answer is $5$. I hope it is correct."


def test_records_of_other_problems_are_left_out_and_counted(tmp_path):
    steps = step(("A.", 1))
    rows = [record(question, steps) for question in (EASY, HARD, TESTED, "A problem of its own.", SECOND)]
    assert len(lessons(tmp_path, *rows)) == 3
    about = tables.metadata(tmp_path / "out.parquet")
    assert about["left_out"] == {"of a problem that is not chosen": 2} and about["records"] == 5
    assert about["outside"] == 1 and about["examples"] == 3
    found = lessons(tmp_path, *rows, additional="skip")
    assert [row[0] for row in found] == ["train/algebra/1.json", "train/algebra/2.json"]
    assert tables.metadata(tmp_path / "out.parquet")["left_out"]["of a problem that the dataset does not have"] == 1
    with pytest.raises(UserError, match=r"phase1_train\.jsonl:4: problem 'A problem of its own\.' is in no split"):
        lessons(tmp_path, *rows, additional="stop")


def test_both_phases_are_read_in_order(tmp_path):
    write_lines(tmp_path / "data" / "phase2_train.jsonl", [record(SECOND, step(("Two.", 1)))])
    with pytest.raises(UserError, match=r"no file phase1_train\.jsonl \(expected one\)"):
        taught(tmp_path, "prm800k", "lessons", tmp_path / "data")
    write_lines(tmp_path / "data" / "phase1_train.jsonl", [record(EASY, step(("One.", 1)))])
    write_lines(tmp_path / "data" / "phase1_test.jsonl", [record(EASY, step(("Test.", 1)))])
    found = taught(tmp_path, "prm800k", "lessons", tmp_path / "data")
    assert list(found["target"]) == ["One.", "Two."]
    for given, targets in (({"phases": [2]}, ["Two."]), ({"phases": [1], "split": "test"}, ["Test."])):
        assert list(taught(tmp_path, "prm800k", "lessons", tmp_path / "data", **given)["target"]) == targets


def test_equal_input_gives_equal_bytes_wherever_it_lies(tmp_path):
    made = []
    for name in ("a", "b"):
        labelled(tmp_path / name, FIRST, "{", SAME_START, on_bad_record="skip")
        made.append((tmp_path / name / "out.parquet").read_bytes())
    assert made[0] == made[1]


def changed(**given) -> dict:
    """FIRST with its second step changed."""
    made = json.loads(json.dumps(FIRST))
    made["label"]["steps"][1] |= given
    return made


def completion(**given) -> dict:
    return changed(completions=[{"text": "A.", "rating": 1, "flagged": False} | given])


FAULTS = [
    (json.dumps(FIRST)[:200], "not JSON: .*is the line cut off\\? \\(expected a JSON object\\)"),
    ("[1]", "a list \\(expected a JSON object\\)"),
    ("", "blank line"),
    (completion(rating=2), "steps\\[1\\].completions\\[0\\].rating' is 2 \\(expected -1, 0, 1 or null\\)"),
    (completion(rating=True), "rating' is True"),
    (completion(rating="1"), "rating' is '1'"),
    (json.dumps(completion(rating=7)).replace("7", "NaN"), "NaN is no JSON number"),
    (json.dumps(FIRST).replace('"label"', '"question"'), "repeated key 'question'"),
    (completion(text=" "), "empty 'steps\\[1\\].completions\\[0\\].text'"),
    (completion(text=None), "text' is null \\(expected a text\\)"),
    (changed(completions={}), "completions' is an object \\(expected a list or null\\)"),
    (changed(chosen_completion=2), "chosen_completion' is 2 \\(expected the number of one of 2 completions\\)"),
    (changed(human_completion="Now."), "human_completion' is 'Now.' \\(expected an object\\)"),
    (FIRST | {"label": {"steps": []}}, "'steps' is an empty list"),
    (FIRST | {"label": {}}, "missing 'steps'"),
    (FIRST | {"question": {"problem": ""}}, "empty 'problem'"),
]


@pytest.mark.parametrize(("bad", "said"), FAULTS)
def test_a_bad_record_stops_with_its_place_or_is_skipped_and_listed(tmp_path, bad, said):
    with pytest.raises(UserError, match=rf"phase1_train\.jsonl:2: .*{said}") as error:
        lessons(tmp_path, FIRST, bad, SAME_START)
    assert "\n" not in str(error.value)
    found = lessons(tmp_path, FIRST, bad, SAME_START, on_bad_record="skip")
    assert [row[0] for row in found] == ["train/algebra/1.json"] * 3 + ["train/algebra/2.json"] * 2
    told = tables.metadata(tmp_path / "out.parquet")["bad"]
    assert told["count"] == 1 and told["first"][0].startswith("phase1_train.jsonl:2: ")


def test_a_dataset_without_test_problems_is_warned_of(tmp_path, capsys):
    known = {"train/algebra/1.json": (EASY, 1, "main")}
    lessons(tmp_path, FIRST, record(TESTED, step(("A.", 1))), known=known)
    note = "the dataset has no part 'test', so its problems may be learnt"
    assert tables.metadata(tmp_path / "out.parquet")["notes"] == [note]
    assert f"warning: {note}" in capsys.readouterr().err


def test_nothing_to_learn_is_an_error(tmp_path):
    with pytest.raises(UserError, match="none of 1 records gives an example; 1 of a problem that is not chosen, 0 bad"):
        lessons(tmp_path, record(HARD, step(("A.", 1))))
