"""Case studies: which problems are shown, what is said of them, and that no model output can do harm."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from easy2hard import case_studies, case_studies_html, html_report, sample_tables, tables
from easy2hard.errors import UserError
from easy2hard.stages import case_studies as stage
from test_report import Reader

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202e\x00 & </details></ol> $x_1$"
SPEC = {
    "title": "Maths, easy to hard",
    "generator": "fine-tuned on easy problems",
    "evaluator": "PRM",
    "dataset": "Maths world",
    "generated": True,
    "format": "prm800k",
    "reads": "steps",
}
GAINED, LOST, AGREED, TIED = "gained", "lost", "agreed", "tied"


def _samples(kind: str) -> list[tuple[str | None, float]]:
    """(answer, logit of each step); the right answer is `10`."""
    many, few = {GAINED: ("36", "10"), LOST: ("10", "36"), AGREED: ("36", "36"), TIED: ("36", "10")}[kind]
    if kind == TIED:
        return [("36", 0.0), ("36", 0.0), ("10", 3.0), ("10", 3.0), (None, 5.0)]
    return [(many, -2.0)] * 4 + [(few, 3.0)] * 2 + [(None, 5.0)]


def _rows(item: str, kind: str) -> list[dict]:
    rows = []
    for at, (answer, logit) in enumerate(_samples(kind)):
        text = f"{HOSTILE}\n\nSo it is {answer}." + (f"\n\n# Answer\n\n{answer}" if answer else "")
        rows.append(
            {
                **dict(item_id=item, sample=at, text=text, tokens=9, ended="eos", answer=answer),
                **dict(correct=answer == "10", cluster=-1 if answer is None else int(answer == "10")),
                **dict(step_labels=[1, 0], step_logits=[logit, logit + 0.5], outcome_logit=logit),
            }
        )
    return rows


def _item(name: str) -> dict:
    item = dict.fromkeys(tables.ITEMS.columns)
    return item | {
        **dict(item_id=name, question=f"How many? {HOSTILE}", choices=[], label=-1, answer="10", part="test"),
        **dict(origin="made", level=5.0),
    }


def write(folder: Path, kinds: dict[str, str], bucket: str = "hard") -> dict:
    """The tables of a small re-ranking; the keywords of the stage."""
    rows = pd.DataFrame([row for item, kind in kinds.items() for row in _rows(item, kind)])
    paths = {name: folder / f"{name}.parquet" for name in ("samples", "grades", "scores", "items", "hardness")}
    for name, kind in (("samples", sample_tables.SAMPLES), ("grades", sample_tables.GRADES)):
        tables.write(rows[list(kind.columns)], paths[name], kind)
    tables.write(rows[list(sample_tables.SCORES.columns)], paths["scores"], sample_tables.SCORES)
    tables.write(pd.DataFrame([_item(item) for item in kinds]), paths["items"], tables.ITEMS)
    levels = pd.DataFrame({"item_id": list(kinds), "value": 5.0, "bucket": bucket})
    tables.write(levels, paths["hardness"], tables.HARDNESS)
    return {**paths, "spec": SPEC}


KINDS = {f"p{at}": kind for at, kind in enumerate([GAINED] * 5 + [LOST] * 2 + [AGREED] * 3 + [TIED])}


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("cases")
    stage.main(**write(folder, KINDS), out=folder / "case_studies.html")
    return (folder / "case_studies.html").read_text(encoding="utf-8")


def test_problems_are_counted_by_the_rule_and_drawn_from_the_seed(tmp_path):
    given = write(tmp_path, KINDS)
    frames = [tables.read(given[name], kind) for name, kind in zip(
        ("samples", "grades", "scores", "items"),
        (sample_tables.SAMPLES, sample_tables.GRADES, sample_tables.SCORES, tables.ITEMS),
        strict=True,
    )]  # fmt: skip
    spec = case_studies.Spec.model_validate(SPEC)
    rows = stage.joined(*frames[:3])
    rows = rows.assign(weight=case_studies.weights(rows, spec))
    count, (gained, lost) = case_studies.kinds(frames[3], rows, spec)
    assert (count, gained.count, lost.count) == (11, 5, 2)
    assert len(gained.cases) == 3 and {case.item["item_id"] for case in lost.cases} == {"p5", "p6"}
    other = spec.model_copy(update={"seed": 1})
    drawn = [case_studies.kinds(frames[3], rows, one)[1][0].cases for one in (spec, other)]
    names = [[case.item["item_id"] for case in cases] for cases in drawn]
    assert names[0] != names[1]
    first = gained.cases[0].answers
    assert list(first["answer"]) == ["36", "10"] and list(first["votes"]) == [4, 2]
    expected = 2 / (1 + np.exp(-3.0)) / (1 + np.exp(-3.5))
    assert first["score"].iloc[1] == pytest.approx(expected, rel=1e-6)


def test_the_page_says_by_which_rule(page):
    assert "Of the 11 hard problems with an answer" in page
    assert "right where the majority is wrong on 5 and wrong where the majority is right on 2" in page
    assert "not picked" in page
    assert "Generated data" in page


def test_what_the_model_wrote_can_do_no_harm(page):
    reader = Reader()
    reader.feed(page)
    assert not reader.open, "every element is closed"
    names = {tag for tag, _ in reader.tags}
    assert not names & {"script", "img", "iframe"}
    assert not any(name.startswith("on") for _, attributes in reader.tags for name in attributes)
    assert "alert(1)" in "".join(reader.words), "it is shown as text"
    assert "\u202e" not in page and "\x00" not in page


def test_steps_carry_their_probability_as_a_number(page):
    assert '<span class="score s4">0.95</span>' in page and '<span class="score s0">0.12</span>' in page
    assert "checker: first wrong step" in page


def test_same_bytes_twice(tmp_path):
    for run in ("a", "b"):
        stage.main(**write(tmp_path, KINDS), out=tmp_path / f"{run}.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_an_outcome_reward_weighs_by_the_last_token():
    spec = case_studies.Spec.model_validate(SPEC | {"reads": "outcome"})
    rows = pd.DataFrame({"step_logits": [[1.0], [1.0]], "outcome_logit": [0.0, np.nan]})
    assert list(case_studies.weights(rows, spec)) == [0.5, 0.0]


def test_a_long_text_is_cut_and_says_so():
    assert case_studies_html.plain("x" * 10_000).endswith("(7,000 more characters)")


@pytest.mark.parametrize(
    ("changes", "bucket", "message"),
    [
        ({"format": "maths_world"}, "hard", "2 step scores; is 'format' that of the generator"),
        ({}, "easy", "no hard problem has a sample with an answer"),
        ({"agregation": "min"}, "hard", "did you mean 'aggregation'"),
    ],
)
def test_what_does_not_fit_is_one_line(changes, bucket, message, tmp_path):
    given = write(tmp_path, KINDS, bucket)
    with pytest.raises(UserError, match=message) as caught:
        stage.main(**given | {"spec": SPEC | changes}, out=tmp_path / "x.html")
    assert "\n" not in str(caught.value) and not (tmp_path / "x.html").exists()


def test_page_has_the_shape_of_every_page(page):
    assert page.startswith("<!doctype html>") and html_report.anchor(case_studies_html.HEADINGS["gained"]) in page
