"""MetaMath → lessons: steps, pruning, epochs; by invented rows."""

from __future__ import annotations

import json

import pytest
from easy2hard import tables
from easy2hard.errors import UserError
from easy2hard.teaching import metamath
from teaching_world import EASY, HARD, TESTED, taught, write_lines


def row(query: str, response: str, original: str = EASY, kind: str = "MATH_AnsAug") -> dict:
    return {"type": kind, "query": query, "original_question": original, "response": response}


def lessons(folder, rows, name="MetaMathQA-395K.json", **given):
    path = folder / name
    if name.endswith(".json"):
        path.write_text(json.dumps(rows, indent=1, ensure_ascii=False), encoding="utf-8")
    else:
        write_lines(path, rows)
    found = taught(folder, "metamath", "lessons", path, **given)
    return list(found[["item_id", "source", "target", "ends"]].itertuples(index=False, name=None))


def test_a_lesson_is_a_whole_solution_cut_at_sentences(tmp_path):
    response = (
        "Half of $8$ is $4$.\nMr. Smith adds $1$, so we get\n\\[4+1=5.\\]Thus it is 5. We are done,\nreally.\n#### 5"
        "\nThe answer is: 5"
    )
    found = lessons(tmp_path, [row("What is 8/2 + 1?", response)], epochs=1)
    steps = ["Half of $8$ is $4$.", "Mr. Smith adds $1$, so we get", "\\[4+1=5.\\]", "Thus it is 5."]
    target = "\n\n".join([*steps, "We are done,\nreally."]) + "\n\n# Answer\n\n5"
    prompt = "# Question\n\nWhat is 8/2 + 1?\n\n# Solution\n\n"
    assert found == [("train/algebra/1.json", prompt, target, True)]


def test_rows_of_chosen_problems_and_of_gsm8k_are_kept(tmp_path):
    said = "One. The answer is: 1"
    rows = [row("a", said), row("b", said, HARD), row("c", said, TESTED), row("d", said, "Not of MATH."),
            row("e", said, "Of GSM8K.", "GSM_SV")]  # fmt: skip
    found = lessons(tmp_path, rows, epochs=1)
    assert [source.split("\n\n")[1] for _, source, _, _ in found] == ["a", "e"] and found[1][0].startswith("gsm8k/")
    assert tables.metadata(tmp_path / "out.parquet")["left_out"] == {"of a problem not chosen": 3}
    assert len(lessons(tmp_path, rows, epochs=1, gsm8k=False)) == 1
    assert tables.metadata(tmp_path / "out.parquet")["left_out"]["made from GSM8K"] == 1


@pytest.mark.parametrize(
    ("count", "per_epoch", "epochs", "expected"),
    [
        (2, 3, 3, [3, 3]),  # few: each stands once an epoch
        (10, 4, 3, [2, 2, 1, 1, 1, 1, 1, 1, 1, 1]),  # 12 of 3 times 10
        (5, 4, 3, [3, 3, 2, 2, 2]),
        (4, 3, 1, [1, 1, 1, 0]),
        (3, None, 2, [2, 2, 2]),
    ],
)
def test_pruning(tmp_path, count, per_epoch, epochs, expected):
    options = metamath.Options(per_epoch=per_epoch, epochs=epochs)
    assert [metamath.copies(rank, count, options) for rank in range(count)] == expected
    rows = [row("q", f"Way {number}. The answer is: 1") for number in range(count)]
    rows.append(row("r", "Own. The answer is: 1"))
    found = [target for _, _, target, _ in lessons(tmp_path, rows, per_epoch=per_epoch, epochs=epochs)]
    assert [sum(target.startswith(f"Way {number}.") for target in found) for number in range(count)] == expected
    assert sum(target.startswith("Own.") for target in found) == epochs


def test_a_list_and_lines_give_the_same(tmp_path):
    rows = [row(f"q{number}", "Así es. The answer is: 1") for number in range(40)]
    assert lessons(tmp_path, rows) == lessons(tmp_path, rows, "MetaMathQA-395K.jsonl")


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (row("q", "No answer."), "'response' has no answer after 'The answer is:'"),
        (row("q", "One. The answer is: "), "has no answer after"),
        (row("q", "The answer is: 1"), "has no steps before its answer"),
        (row("q", "#### 1\nThe answer is: 1"), "has no steps before its answer"),
        (row("q", "One. The answer is: 1", kind="OTHER"), "'type' is 'OTHER'"),
        ({"query": "q"}, "missing 'response'"),
    ],
)
def test_bad_rows(tmp_path, bad, said):
    good = row("q", "One. The answer is: 1")
    with pytest.raises(UserError, match=rf"MetaMathQA-395K\.jsonl:2: .*{said}"):
        lessons(tmp_path, [good, bad], "MetaMathQA-395K.jsonl")
    assert len(lessons(tmp_path, [good, bad], "MetaMathQA-395K.jsonl", on_bad_record="skip", epochs=1)) == 1
    assert tables.metadata(tmp_path / "out.parquet")["bad"]["count"] == 1, "though the file is read twice"
