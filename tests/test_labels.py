"""What generators and evaluators learn from: lessons, labelled spans, balance, mixture. No torch."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import solution_world as world
from easy2hard import lessons, registry, sample_tables, solutions, tables
from easy2hard.errors import UserError
from easy2hard.evaluators import oprm, orm, prm
from easy2hard.generators import sft
from easy2hard.settings import options_of
from easy2hard.stages import label

BOOK = solutions.resolve("prm800k")
TEXT = "One and one is two.\n\nTwo and two is four.\n\n# Answer\n\n4"
ITEM = {"item_id": "a", "question": "Sum?", "answer": "4", "solution": None}
ITEM["steps"] = ["One and one is two.", "Two and two is four."]


def tables_of(*rows: tuple) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """SAMPLES, GRADES and ITEMS from (item, text, correct, step labels)."""
    named = [(item, number, *rest) for number, (item, *rest) in enumerate(rows)]
    samples = pd.DataFrame([(item, number, text, 9, "eos") for item, number, text, *_ in named])
    grades = pd.DataFrame([(item, number, "4", right, 0, steps) for item, number, _, right, steps in named])
    samples.columns, grades.columns = list(sample_tables.SAMPLES.columns), list(sample_tables.GRADES.columns)
    items = pd.DataFrame({"item_id": sorted({row[0] for row in rows})}).assign(question="Sum?")
    return samples, grades, items


def spans(row: pd.Series) -> list[tuple[str, float]]:
    """The labelled pieces of a row's text with their labels."""
    return [(row["text"][a:b], value) for a, b, value in zip(row["starts"], row["stops"], row["labels"], strict=True)]


# -- lessons ------------------------------------------------------------------------------------------------------


def test_a_whole_solution_is_one_lesson_that_ends():
    assert lessons.whole(ITEM, BOOK) == lessons.Lesson("a", "# Question\n\nSum?\n\n# Solution\n\n", TEXT, True)


def test_a_step_is_led_by_its_separator_and_only_the_last_one_ends():
    found = list(lessons.by_step(ITEM, BOOK))
    assert [(one.target, one.ends) for one in found] == [
        ("One and one is two.", False),
        ("\n\nTwo and two is four.\n\n# Answer\n\n4", True),
    ]
    assert found[1].source == "# Question\n\nSum?\n\n# Solution\n\nOne and one is two."


def test_the_answer_is_a_lesson_where_it_is_a_step():
    item = {"item_id": "a", "question": "Q 1 #1 +1 ?", "answer": "2", "steps": ["#1 +1 2"], "solution": ""}
    found = list(lessons.by_step(item, world.LAYOUT))
    assert [(one.source, one.target, one.ends) for one in found] == [
        ("Q 1 #1 +1 ? ", "#1 +1 2", False),
        ("Q 1 #1 +1 ? #1 +1 2", " ans 2", True),
    ]


def test_an_item_without_solution_is_named():
    with pytest.raises(UserError, match="item 'a': has no worked solution"):
        lessons.whole(ITEM | {"steps": None}, BOOK)
    assert lessons.whole(ITEM | {"steps": None, "solution": "So."}, BOOK).target == "So.\n\n# Answer\n\n4"


def test_examples_of_the_plug_in():
    items, _, _ = world.made(3, 1)
    assert [len(sft.examples(items, world.LAYOUT, sft.Options(targets=kind), 0)) for kind in ("solution", "step")] == [
        3,
        2 + 3 + 4,
    ]
    assert sft.prefix(None, world.LAYOUT, sft.Options(), 0) == ""


# -- outcome ------------------------------------------------------------------------------------------------------


def test_every_character_of_a_solution_carries_its_outcome():
    given = tables_of(("a", TEXT, True, None), ("a", "No.", False, None))
    found = orm.label(*given, BOOK, orm.Options(), 0)
    assert [spans(row) for _, row in found.iterrows()] == [[(TEXT, 1.0)], [("No.", 0.0)]]
    last = orm.label(*given, BOOK, orm.Options(labels="last_token"), 0)
    assert [spans(row) for _, row in last.iterrows()] == [[("4", 1.0)], [(".", 0.0)]]


@pytest.mark.parametrize(
    ("right", "wrong", "kept"), [(5, 5, (5, 5)), (1, 9, (1, 3)), (20, 2, (6, 2)), (4, 0, (0, 0)), (0, 4, (0, 0))]
)
def test_balance_of_a_problem(right: int, wrong: int, kept: tuple[int, int]):
    rows = [("a", f"{number}", number < right, None) for number in range(right + wrong)]
    found = orm.label(*tables_of(*rows), BOOK, orm.Options(), 0)
    labels = np.concatenate(list(found["labels"])) if len(found) else np.empty(0)
    assert ((labels == 1).sum(), (labels == 0).sum()) == kept


def test_balance_is_drawn_by_seed_and_can_be_off():
    given = tables_of(*[("a", f"{number}", number < 2, None) for number in range(20)])
    draws = [set(orm.label(*given, BOOK, orm.Options(), seed)["text"]) for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2] and len(draws[0]) == 8
    assert len(orm.label(*given, BOOK, orm.Options(balance=None), 0)) == 20


def test_equal_solutions_count_once_unless_kept():
    given = tables_of(*[("a", text, text == TEXT, None) for text in (TEXT, TEXT, "No.", " ")])
    assert list(orm.label(*given, BOOK, orm.Options(), 0)["example"]) == ["outcome 0", "outcome 2"]
    assert len(orm.label(*given, BOOK, orm.Options(duplicates="keep"), 0)) == 3


# -- process ------------------------------------------------------------------------------------------------------


def test_a_step_carries_its_label_with_its_separator_and_the_answer_is_in_the_last():
    found = prm.label(*tables_of(("a", TEXT, True, [1, 1])), BOOK, prm.Options(), 0)
    assert spans(found.loc[0]) == [
        ("One and one is two.\n\n", 1.0),
        ("Two and two is four.\n\n# Answer\n\n4", 1.0),
    ]


def test_steps_after_the_first_wrong_one_carry_nothing():
    text = "#1 +1 2 #2 +1 4 #3 +1 5 ans 5"
    found = prm.label(*tables_of(("a", text, False, [1, 0, -1, -1])), world.LAYOUT, prm.Options(), 0)
    assert spans(found.loc[0]) == [("#1 +1 2 ", 1.0), ("#2 +1 4 ", 0.0)]


def test_the_answer_is_labelled_where_it_is_a_step():
    found = prm.label(*tables_of(("a", "#1 +1 2 ans 2", True, [1, 1])), world.LAYOUT, prm.Options(), 0)
    assert spans(found.loc[0]) == [("#1 +1 2 ", 1.0), ("ans 2", 1.0)]


def test_only_where_a_step_is_read():
    found = prm.label(*tables_of(("a", TEXT, True, [1, 0])), BOOK, prm.Options(labels="last_token"), 0)
    assert spans(found.loc[0]) == [(".\n", 1.0), ("4", 0.0)]


def test_step_labels_must_be_there_and_fit():
    with pytest.raises(UserError, match="item 'a' has no step labels"):
        prm.label(*tables_of(("a", TEXT, True, None)), BOOK, prm.Options(), 0)
    with pytest.raises(UserError, match="a solution of 2 steps with 3 labels"):
        prm.label(*tables_of(("a", TEXT, True, [1, 1, 1])), BOOK, prm.Options(), 0)


# -- both ---------------------------------------------------------------------------------------------------------


def counts(found: pd.DataFrame) -> dict[str, int]:
    return found["example"].str.split().str[0].value_counts().to_dict()


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (None, {"outcome": 12, "process": 20}),
        (0.5, {"outcome": 12, "process": 12}),
        (0.2, {"outcome": 5, "process": 20}),
    ],
)
def test_mixture(share: float | None, expected: dict[str, int]):
    rows = [("a", f"#1 +1 {number}", number < 3, [1]) for number in range(20)]
    found = oprm.label(*tables_of(*rows), world.LAYOUT, oprm.Options(outcome_share=share), 0)
    assert counts(found) == expected and found["example"].is_unique


# -- the stage ----------------------------------------------------------------------------------------------------


def test_stage_numbers_samples_on_from_table_to_table(tmp_path):
    items, samples, grades = world.made(6, 4)
    for name, frame, table in (("items", items, tables.ITEMS), ("s", samples, sample_tables.SAMPLES)):
        tables.write(frame, tmp_path / name, table)
    tables.write(grades, tmp_path / "g", sample_tables.GRADES)
    given = {"items": tmp_path / "items", "format": "maths_world", "seed": 0, "options": {"duplicates": "keep"}}
    twice = {"samples": [tmp_path / "s"] * 2, "grades": [tmp_path / "g"] * 2}
    label.main(**twice, **given, evaluator="prm", out=tmp_path / "out")
    found = tables.read(tmp_path / "out", sample_tables.LABELLED)
    assert len(found) == 48 and tables.metadata(tmp_path / "out")["items"] == 6
    for name in registry.names("evaluators"):
        label.main(**twice, **given, evaluator=name, out=tmp_path / name)
        assert len(tables.read(tmp_path / name, sample_tables.LABELLED))


def test_plug_ins_say_what_they_are():
    names = registry.names("evaluators")
    assert set(names) == {"orm", "prm", "oprm"}
    for name in names:
        plugin = registry.load("evaluators", name)
        assert plugin.TITLE and isinstance(plugin.OUTCOME_ONLY, bool)
    assert options_of(prm, {"training": {"batch": 24}}).training.epochs == 2
    assert (prm.Options().training.max_tokens, orm.Options().training.max_tokens) == (768, 1024)
    with pytest.raises(UserError, match="balance"):
        options_of(orm, {"balance": 0.5})
