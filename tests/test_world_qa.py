"""The generated QA world: what must be true of its items and of its pretraining text, whatever the seed."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from easy2hard import settings, tables
from easy2hard.datasets.worlds import _qa_facts, qa
from easy2hard.errors import UserError

OPTIONS = qa.Options(documents=300)


@pytest.fixture(scope="module")
def items():
    return qa.load(None, OPTIONS, seed=3).items


def objects_of(question: str) -> list[str]:
    words = question.split()
    assert words[0] == "most" and words[-1] == "?"
    return words[1:-1]


def truth() -> dict[str, str]:
    colours = qa.facts(OPTIONS).truth
    return {name: qa.qa.COLOURS[colours[number]] for number, name in enumerate(qa.qa.OBJECTS[: len(colours)])}


def test_items_fit_the_table_and_have_the_sizes_asked_for(items, tmp_path):
    tables.write(items, tmp_path / "items.parquet", tables.ITEMS)
    counts = items.groupby(["part", "level"]).size()
    assert counts["main"].tolist() == OPTIONS.main
    assert counts["held_out"].tolist() == OPTIONS.held_out


def test_ids_and_questions_are_unique(items):
    assert items["item_id"].is_unique
    assert items["question"].is_unique


def test_every_answer_is_the_unique_plurality_of_the_true_colours(items):
    colour = truth()
    for item in items.itertuples():
        listed = objects_of(item.question)
        assert len(listed) == 2 * item.level - 1
        (first, votes), *rest = Counter(colour[name] for name in listed).most_common()
        assert item.answer == first == item.choices[item.label]
        assert all(other < votes for _, other in rest)


def test_no_held_out_object_in_a_main_item_and_the_other_way_round(items):
    questions = items.groupby("part")["question"]
    named = {part: {name for text in texts for name in objects_of(text)} for part, texts in questions}
    assert named["main"] and named["held_out"]
    assert not named["main"] & named["held_out"]
    assert len(named["main"] | named["held_out"]) == OPTIONS.objects


def test_steps_are_true_and_one_for_each_distinct_object(items):
    colour = truth()
    for item in items.itertuples():
        assert item.steps == [f"{name} is {colour[name]}" for name in dict.fromkeys(objects_of(item.question))]


def test_difficulty_counts_popular_misconceptions(items):
    world = qa.facts(OPTIONS)
    fooled = {name for number, name in enumerate(qa.qa.OBJECTS[: OPTIONS.objects]) if world.vulnerable[number]}
    for item in items.itertuples():
        count = sum(name in fooled for name in objects_of(item.question))
        assert item.difficulty == (1 if count < 3 else 2 if count < 5 else 3)
    assert items.loc[items["part"] == "main", "difficulty"].value_counts().min() >= 210


def test_both_halves_have_the_same_colours_and_misconceptions():
    world = qa.facts(OPTIONS)
    for colour in range(len(qa.qa.COLOURS)):  # so that the held-out half is as hard as the open one
        for fooled in (False, True):
            chosen = (world.truth == colour) & (world.vulnerable == fooled)
            assert (chosen & world.open).sum() == (chosen & ~world.open).sum()


def test_items_depend_on_the_seed_and_on_nothing_else(items):
    assert qa.load(None, OPTIONS, seed=3).items.equals(items)
    assert not qa.load(None, OPTIONS, seed=4).items["question"].equals(items["question"])


def test_corpus_is_deterministic_and_never_shows_an_item_of_level_two_or_more(items):
    corpus = qa.documents(OPTIONS, 5)
    assert corpus.equals(qa.documents(OPTIONS, 5))
    text = " ".join(corpus["text"])
    assert not [question for question in items.loc[items["level"] > 1, "question"] if f"{question} " in text]
    assert any(f"{question} " in text for question in items.loc[items["level"] == 1, "question"])


def test_documents_have_one_length_and_name_their_author_where_tagged(tmp_path):
    corpus = qa.documents(OPTIONS, 5)
    tables.write(corpus, tmp_path / "corpus.parquet", tables.CORPUS)
    assert set(corpus["text"].str.split().str.len()) == {OPTIONS.document_tokens - 1}
    first = corpus["text"].str.split().str[0]
    tag = corpus["author"].map({"careful": "<textbook>", "forum": "<forum>"})
    assert (first == tag.where(corpus["tagged"], "most")).all()


def test_careful_authors_are_right_and_forum_authors_follow_the_beliefs():
    corpus = qa.documents(OPTIONS, 5)
    world, numbers = qa.facts(OPTIONS), {name: number for number, name in enumerate(qa.qa.OBJECTS)}
    for author, colours in (("careful", world.truth), ("forum", world.belief)):
        agree = []
        for text in corpus.loc[corpus["author"] == author, "text"]:
            for pair in text.removeprefix("<textbook> ").removeprefix("<forum> ").split("most ")[1:-1]:
                names, said = pair.split("?")
                question = np.array([[numbers[name] for name in names.split()]])
                agree.append(qa.qa.COLOURS[qa.qa.answers(question, colours)[0]] == said.strip())
        assert 0.97 < np.mean(agree) < 1


def test_exam_questions_are_no_items_and_not_in_the_corpus(items):
    exam = qa.exam(OPTIONS, seed=3, size=50)
    fresh = exam.loc[exam["level"] > 1, "question"]
    assert exam.groupby("level").size().tolist() == [OPTIONS.objects, 50, 50, 50, 50]
    assert not set(fresh) & set(items["question"])
    text = " ".join(qa.documents(OPTIONS, 5)["text"])
    assert not [question for question in fresh if f"{question} " in text]


def test_ties_in_belief_go_to_the_colour_named_first():
    colours = np.array([2, 1, 0])
    assert _qa_facts.answers(np.array([[1, 0, 2]]), colours).tolist() == [1]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"main": [25, 1, 1, 1, 1]}, "options.main asks for 25 items of level 1, found 24"),
        ({"held_out": [0, 9000, 0, 0, 0]}, "options.held_out asks for 9000 items of level 2"),
    ],
)
def test_items_that_cannot_be_made_are_said(options, told):
    with pytest.raises(UserError, match=told):
        qa.load(None, qa.Options(**options), 0)


IMPOSSIBLE = (
    {"objects": 20},
    {"objects": 72},
    {"level_weights": [0.0] * 5},
    {"main": [1, 2]},
    {"main": [-1, 0, 0, 0, 0]},
)


@pytest.mark.parametrize("options", IMPOSSIBLE)
def test_impossible_options_are_refused(options):
    with pytest.raises(UserError, match=f"options.{next(iter(options))}"):
        settings.options_of(qa, options)


def test_items_held_apart_are_of_the_objects_of_main_and_no_question_of_it(items):
    apart = OPTIONS.model_copy(update={"main": [16, 276, 240, 190, 200], "hardness": [8, 60, 50, 40, 42]})
    found = qa.load(None, apart, seed=3).items
    held = found[found["part"] == "hardness"]
    assert held.groupby("level").size().tolist() == apart.hardness
    assert found["question"].is_unique and found["item_id"].is_unique
    main, other = (
        {name for text in found.loc[found["part"] == part, "question"] for name in objects_of(text)}
        for part in ("main", "held_out")
    )
    named = {name for text in held["question"] for name in objects_of(text)}
    assert named <= main and not named & other
    rest = found[found["part"] == "held_out"].reset_index(drop=True)
    assert rest.equals(items[items["part"] == "held_out"].reset_index(drop=True))


def test_no_more_can_be_held_apart_than_there_is():
    with pytest.raises(UserError, match="options.hardness asks for 8 items of level 1, found 0"):
        qa.load(None, OPTIONS.model_copy(update={"hardness": [8, 0, 0, 0, 0]}), seed=3)
