"""The grade stage: answers, verdicts, classes and step labels of samples; what does not fit is one line."""

from __future__ import annotations

import types

import pandas as pd
import pytest
from easy2hard import registry, sample_tables, solutions, tables
from easy2hard.errors import UserError
from easy2hard.stages import grade

PRM = solutions.BUILT_IN["prm800k"]


def items(**answers: str) -> pd.DataFrame:
    rows = pd.DataFrame({name: [None] * len(answers) for name in tables.ITEMS.columns})
    given = {"item_id": list(answers), "answer": list(answers.values()), "choices": [[a] for a in answers.values()]}
    return rows.assign(**given, question="?", label=0, part="test", origin="toy")


def samples(**texts: list[str]) -> pd.DataFrame:
    rows = [(item, number, text) for item, own in texts.items() for number, text in enumerate(own)]
    return pd.DataFrame(rows, columns=["item_id", "sample", "text"]).assign(tokens=1, ended="eos")


def said(answer: str) -> str:
    return solutions.write(PRM, ["So it is."], answer)


def test_the_stage_writes_grades(tmp_path):
    drawn = samples(
        a=[said("0.5"), said("7"), "No answer.", said("\\frac{1}{2}"), said("7.0"), ""], b=[said("x+1"), said("1+x")]
    )
    tables.write(drawn.sample(frac=1, random_state=0), tmp_path / "samples.parquet", sample_tables.SAMPLES)
    tables.write(items(a="\\frac12", b="1+x", c="3"), tmp_path / "items.parquet", tables.ITEMS)
    places = {"samples": tmp_path / "samples.parquet", "items": tmp_path / "items.parquet"}
    grade.main(**places, plugin="gsm8k", options={}, format="prm800k", grader="prm800k", out=tmp_path / "a.parquet")
    found = tables.read(tmp_path / "a.parquet", sample_tables.GRADES)
    assert list(found["correct"]) == [True, False, False, True, False, False, True, True]
    assert list(found["cluster"]) == [0, 1, -1, 0, 1, -1, 0, 0]
    assert list(found["answer"].fillna("none")) == ["0.5", "7", "none", "\\frac{1}{2}", "7.0", "none", "x+1", "1+x"]
    assert found["step_labels"].isna().all()
    assert tables.metadata(tmp_path / "a.parquet")["grader"] == "prm800k"
    layout = '{"name": "own", "answer": "\\n\\n# Answer\\n\\n"}'
    grade.main(**places, plugin="gsm8k", options={}, format=layout, grader="exact", out=tmp_path / "b.parquet")
    assert tables.read(tmp_path / "b.parquet", sample_tables.GRADES)["correct"].sum() == 1


def test_steps_are_labelled_by_the_datasets_checker(monkeypatch):
    module = types.SimpleNamespace(check_steps=lambda options, question, steps: [int("good" in s) for s in steps])
    monkeypatch.setattr(registry, "load", lambda kind, name: module)
    drawn = samples(a=["good\n\nbad\n\n# Answer\n\n1", "good", ""])
    found = grade.grades(drawn, items(a="1"), PRM, "exact", grade.checker("toy", {}))
    assert list(found["step_labels"]) == [[1, 0], [1], []]
    module.check_steps = lambda options, question, steps: [1]
    with pytest.raises(ValueError, match="1 labels for 2 steps"):
        grade.grades(drawn, items(a="1"), PRM, "exact", grade.checker("toy", {}))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"grader": "prm80k"}, "did you mean 'prm800k'"),
        ({"layout": "prm80k"}, "unknown solution format"),
        ({"drawn": samples(a=["x"], z=["y"])}, "samples of 1 problems that the items do not have, first 'z'"),
    ],
)
def test_what_does_not_fit_is_one_line(change: dict, reason: str):
    given = {"drawn": samples(a=["x"]), "layout": "prm800k", "grader": "exact", **change}
    with pytest.raises(UserError, match=reason) as caught:
        grade.grades(given["drawn"], items(a="1"), solutions.resolve(given["layout"]), given["grader"], None)
    assert "\n" not in str(caught.value)


def test_a_class_has_one_verdict():
    classes, correct = [0, 1, 0, -1, 2, 0, 1], [True, False, False, False, True, True, False]
    assert grade._of_one_verdict(classes, correct) == [0, 1, 2, -1, 3, 0, 1]
