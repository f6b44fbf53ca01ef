"""Prompts and worked examples: chosen by a rule, shown as models read them, whatever the texts hold."""

from __future__ import annotations

import copy

import evaluation_world
import numpy as np
import pandas as pd
import pytest
import test_config
from easy2hard import check, example_pages, html_report, worked_examples
from easy2hard.errors import UserError
from easy2hard.runs import Runs
from easy2hard.stages import examples

METHODS = [
    {"title": "zero-shot", "prompt": "0040", "shown": 0},
    {"title": "ICL", "prompt": "0040", "shown": 4},
    {"title": "Letters", "prompt": "0040", "shown": 2, "letters": True},
]
SPEC = {"title": "Try", "model": "tiny", "measure": "grade", "condition": "easy", "size": 4, "methods": METHODS}
HOSTILE = "a | b\n```\n# <script>alert(1)</script> `x`"


@pytest.fixture
def world() -> dict:
    return evaluation_world.invent()


def made(world: dict, folder, **changes: object) -> tuple[str, pd.DataFrame]:
    """Page and table of the invented world."""
    stored = evaluation_world.store(world, folder)
    given = {name: stored[name] for name in ("items", "predictions")} | {"unsupervised": stored["unsupervised"][0]}
    given |= {"hardness": stored["hardness"][0], "split": stored["splits"][0], "spec": {**SPEC, **changes}}
    examples.main(**given, out=folder / "e.md", csv=folder / "e.csv")
    return (folder / "e.md").read_text(encoding="utf-8"), pd.read_csv(folder / "e.csv", dtype={"text": str})


def test_items_are_the_first_hard_test_items_of_their_kind(world, tmp_path):
    _, rows = made(world, tmp_path)
    split, hardness = world["splits"]["grade"], world["hardness"]["grade"]
    key = (split["seed"] == 0) & (split["condition"] == "easy") & (split["size"] == 4) & (split["role"] == "test")
    hard = set(hardness.loc[hardness["bucket"] == "hard", "item_id"]) & set(split.loc[key, "item_id"])
    before = world["floor"].set_index("item_id")["correct"]
    own = world["predictions"].query("measure == 'grade' and condition == 'easy' and size == 4 and seed == 0")
    after = own.set_index("item_id")["correct"]
    for change, (first, second) in worked_examples.CHANGES.items():
        fits = sorted(name for name in hard if before[name] == first and after[name] == second)
        assert set(rows.loc[rows["change"] == change, "item_id"]) == set(fits[:1])
    assert {"gained", "kept"} <= set(rows["change"])


def test_probabilities_are_those_of_the_choices(world, tmp_path):
    page, rows = made(world, tmp_path)
    for _, one in rows.groupby("change"):
        assert one[["unsupervised", "trained"]].sum().to_numpy() == pytest.approx([1, 1]) and one["right"].sum() == 1
    first = rows.iloc[0]
    stored = world["floor"].set_index("item_id").loc[first["item_id"]]
    scores = np.exp(np.asarray(stored["scores"], dtype=float))
    assert first["unsupervised"] == pytest.approx((scores / scores.sum())[0], abs=1e-6)
    assert f"| {first['unsupervised']:.1%} | {first['trained']:.1%} |" in page


def test_prompts_are_as_models_read_them(world, tmp_path):
    page, _ = made(world, tmp_path)
    block = page.split("### ICL: the question, after 4 examples\n\n```text\n")[1].split("\n```")[0]
    assert block.count("Question: which?") == 3 and "\n\n[2 more]\n\n" in block and block.endswith("Answer:")
    assert "### zero-shot: the question\n\n```text\nQuestion: which?" in page
    letters = page.split("### Letters")[1].split("```text\n")[1].split("\n```")[0]
    assert any(f"Answer: {letter}\n" in letters for letter in "ABCD")


def test_generated_answers_are_shown_with_the_reference_solution(world, tmp_path):
    world["items"]["solution"], world["items"]["steps"] = "one\ntwo", [["one", "two"]] * len(world["items"])
    for name in ("floor", "predictions"):
        count = len(world[name])
        written = {"generated": "So the answer is b", "scores": [np.empty(0, dtype="float32")] * count}
        world[name] = world[name].assign(**written, confidence=np.nan, label_confidence=np.nan)
    page, rows = made(world, tmp_path)
    assert rows[["unsupervised", "trained"]].isna().all(axis=None) and "| choice |" not in page
    assert "Reference solution, 2 steps; the answer is `a`:\n\n```text\none\ntwo\n```" in page
    assert "ICL writes (right):\n\n```text\nSo the answer is b\n```" in page and "solutions of 2 to 2 steps" in page


def test_no_text_breaks_the_page(world, tmp_path):
    world["items"]["question"] = HOSTILE
    world["items"]["choices"] = [[HOSTILE, *row[1:]] for row in world["items"]["choices"]]
    page, _ = made(world, tmp_path)
    shown = html_report.markdown(page)
    assert "<script" not in shown and shown.count("<table>") == page.count("| choice |") >= 2
    assert shown.count("<pre>") == page.count("```text\n") == page.count("```") / 2
    assert "[…]\n" in example_pages._fenced("x" * 5000)


def test_a_run_that_is_not_there_is_one_line(world, tmp_path):
    with pytest.raises(UserError, match="no prediction of .*'size': 99"):
        made(world, tmp_path, size=99)


def test_experiments_with_and_without_training_have_a_page():
    runs = Runs(check.load(test_config.DEFAULT))
    assert runs.with_examples() == ["qa"] and runs.shown_method("qa") == "icl"
    told = example_pages.About.model_validate_json(runs.examples("qa").removeprefix("--spec ").strip("'"))
    assert [one.title for one in told.methods[:2]] == ["zero-shot", "ICL"] and told.condition == "easy"
    assert [one.shown for one in told.methods] == [0, 6, 0, 0, 0] and len(told.methods) == 5
    alone = copy.deepcopy(test_config.DEFAULT)
    del alone["experiments"]["qa"]["unsupervised"]
    assert Runs(check.load(alone)).with_examples() == []




def test_training_that_has_wrong_labels_only_has_no_page():
    config = copy.deepcopy(test_config.DEFAULT)
    for rates, pages in (([0.0, 0.1], ["qa"]), ([0.1], [])):
        config["splits"]["qa"]["noise"] = {"kind": "uniform", "rates": {"easy": rates}}
        assert Runs(check.load(config)).with_examples() == pages
