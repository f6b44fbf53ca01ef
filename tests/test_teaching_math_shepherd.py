"""Math-Shepherd → labelled steps, by invented rows."""

from __future__ import annotations

import pytest
from easy2hard import tables
from easy2hard.errors import UserError
from teaching_world import EASY, HARD, PROBLEMS, TESTED, spans, taught, write_lines

TAG = "ки"


def row(question: str, *steps: tuple[str, str], task: str = "MATH", tail: str = "") -> dict:
    """steps: (text, label)."""
    texts = [f"Step {number}: {text} " for number, (text, _) in enumerate(steps, start=1)]
    given, labels = (
        f"{question} " + "\n".join(text + mark for text, mark in zip(texts, marks, strict=True)) + tail
        for marks in ([TAG] * len(steps), [label for _, label in steps])
    )
    return {"input": given, "label": labels, "task": task}


def labelled(folder, *rows, **given):
    path = write_lines(folder / "math-shepherd.jsonl", list(rows))
    found = taught(folder, "math_shepherd", "labelled", path, **given)
    return [(one["item_id"], one["text"], spans(one)) for one in found.to_dict("records")]


GOOD = row(EASY, ("Half is 4.", "+"), ("Step by step: 4+1=6.", "-"), ("So 6. The answer is: 6", "-"))


def test_each_step_has_its_label_and_the_answer_belongs_to_the_last(tmp_path):
    answer = "So 6.\n\n# Answer\n\n6"
    assert labelled(tmp_path, GOOD) == [
        (
            "train/algebra/1.json",
            f"Half is 4.\n\nStep by step: 4+1=6.\n\n{answer}",
            [("Half is 4.\n\n", 1), ("Step by step: 4+1=6.\n\n", 0), (answer, 0)],
        )
    ]


def test_what_follows_the_last_tag_is_dropped(tmp_path):
    found = labelled(tmp_path, row(EASY, ("A.", "+"), ("B.", "+"), tail=" Step 3: and"))
    assert found[0][1:] == ("A.\n\nB.\n\n", [("A.\n\n", 1), ("B.\n\n", 1)])


def test_other_records_are_left_out_and_counted(tmp_path):
    given = [("A.", "+"), ("The answer is: 1", "+")]
    rows = [row(EASY, *given), row(HARD, *given), row(TESTED, *given), row(EASY, *given, task="GSM8K"),
            {"input": f"{EASY} At once: 5 {TAG}", "label": f"{EASY} At once: 5 +", "task": "MATH"}]  # fmt: skip
    assert len(labelled(tmp_path, *rows)) == 1
    assert tables.metadata(tmp_path / "out.parquet")["left_out"] == {
        "of a problem that is not chosen": 2,
        "task GSM8K": 1,
        "without 'Step 1:'": 1,
    }
    assert len(labelled(tmp_path, *rows, tasks=["MATH", "GSM8K"])) == 2


def test_white_space_does_not_part_problems(tmp_path):
    assert labelled(tmp_path, row(EASY.replace(" ", "  "), ("A.", "+")))[0][0] == "train/algebra/1.json"


def test_only_the_released_code_goes_by_beginnings(tmp_path):
    """A hard problem that the list of hard ones lacks is taken for the easy one that begins as it does."""
    question = "What is half of 8, plus 1 and then the 8th root of that?"
    known = PROBLEMS | {"test/algebra/5.json": (question, 5, "main")}
    rows = [GOOD, row(question, ("A.", "+")), row("How many primes are below 100000?", ("A.", "+"))]
    assert len(labelled(tmp_path, *rows, known=known)) == 1
    assert [item for item, _, _ in labelled(tmp_path, *rows, known=known, legacy=True)] == ["train/algebra/1.json"] * 2
    known = PROBLEMS | {"train/algebra/5.json": (question, 5, "main")}
    found = labelled(tmp_path, *rows, known=known, legacy=True)
    assert len(found) == 1, "a beginning that hard problems share says nothing"


def test_another_beginning_that_is_shared_says_nothing(tmp_path):
    with pytest.raises(UserError, match="none of 1 records gives an example"):
        labelled(tmp_path, row("What is half of nothing?", ("A.", "+")), condition="value_1", legacy=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": GOOD["label"][:-1]}, r"'label' has \d+ characters \(expected \d+, one for each of 3 tags"),
        ({"label": GOOD["label"] + "+"}, "'label' has"),
        ({"label": GOOD["label"].replace("+\n", "?\n", 1)}, "'label' has '\\?' at step 1 \\(expected \\+ or -\\)"),
        ({"input": GOOD["input"].replace(TAG, "")}, "'input' has no step tag"),
        ({"label": None}, "'label' is null"),
        (row(EASY, ("A.", "+"), ("", "-")), "empty 'step 2 of input' \\(expected a text\\)"),
    ],
)
def test_bad_rows(tmp_path, change, said):
    with pytest.raises(UserError, match=rf"math-shepherd\.jsonl:2: .*{said}"):
        labelled(tmp_path, GOOD, GOOD | change)
    assert len(labelled(tmp_path, GOOD, GOOD | change, on_bad_record="skip")) == 1
