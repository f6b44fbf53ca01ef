"""The generated QA world with reasoning: items, text, where the loss stands, and a model that reasons."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from easy2hard import tables
from easy2hard.datasets.worlds import qa, qa_steps
from easy2hard.errors import UserError

OPTIONS = qa_steps.Options(documents=400)
COLOURS = qa.qa.COLOURS


@pytest.fixture(scope="module")
def items():
    return qa_steps.load(None, OPTIONS, seed=3).items


@pytest.fixture(scope="module")
def corpus():
    return qa_steps.documents(OPTIONS, seed=3)


def colours(careful: bool) -> dict[str, str]:
    world = qa.facts(OPTIONS)
    chosen = world.truth if careful else world.belief
    return {name: COLOURS[number] for name, number in zip(qa.qa.OBJECTS, chosen, strict=False)}


def test_items_fit_the_table_and_have_the_sizes_asked_for(items, tmp_path):
    tables.write(items, tmp_path / "items.parquet", tables.ITEMS)
    counts = items.groupby(["part", "level"]).size()
    assert counts["main"].tolist() == OPTIONS.main and counts["held_out"].tolist() == OPTIONS.held_out
    assert items["question"].is_unique and items["item_id"].is_unique


def test_solutions_state_the_truth_of_each_object_and_give_the_answer(items):
    truth = colours(careful=True)
    for item in items.itertuples():
        named = item.question.split()[1:-1]
        assert len(set(named)) == len(named) == 2 * item.level - 1 == len(item.steps)
        assert item.solution == " ".join(f"{name} {truth[name]}" for name in named) == " ".join(item.steps)
        (first, votes), *rest = Counter(truth[name] for name in named).most_common()
        assert item.answer == first == item.choices[item.label] and all(other < votes for _, other in rest)


def test_the_parts_share_no_object(items):
    questions = items.groupby("part")["question"]
    named = {part: {name for text in texts for name in text.split()[1:-1]} for part, texts in questions}
    assert not named["main"] & named["held_out"] and len(named["main"] | named["held_out"]) == OPTIONS.objects


def test_every_document_has_the_length_asked_for_and_known_words(corpus, tmp_path):
    tables.write(corpus, tmp_path / "corpus.parquet", tables.CORPUS)
    known = set(qa_steps.vocabulary(OPTIONS))
    assert all(len(text.split()) == OPTIONS.document_tokens - 1 for text in corpus["text"])
    assert {word for text in corpus["text"] for word in text.split()} <= known


def test_authors_state_what_they_hold_and_conclude_from_it(corpus):
    right = total = thinking = direct = 0
    for row in corpus.itertuples():
        held = colours(row.author == "careful")
        for question, rest in re.findall(r"most ([^?]+) \?([^?]*?)(?= most)", row.text):
            thinking, direct = thinking + ("think" in rest), direct + ("think" not in rest)
            if "think" in rest:
                said, answer = rest.split(" think ")[1].split(" So the answer is ")
                assert said == " ".join(f"{name} {held[name]}" for name in question.split())
                votes = Counter(held[name] for name in question.split()).most_common()
                right, total = right + (dict(votes)[answer] == votes[0][1] if answer in dict(votes) else 0), total + 1
    share = OPTIONS.thinking
    # Long texts with reasoning are cut at the end of a document more often than short ones.
    assert share - 0.15 < thinking / (thinking + direct) <= share + 0.05 and right / total > 0.95


def test_no_item_above_level_1_and_no_examination_question_is_in_the_text(items, corpus):
    text = "\n".join(corpus["text"])
    exam = qa_steps.exam(OPTIONS, seed=3, size=50)
    asked = [*items.loc[items["level"] > 1, "question"], *exam.loc[exam["level"] > 1, "question"]]
    assert not [question for question in asked if question in text]
    assert exam.groupby("level").size().tolist() == [48, 50, 50, 50, 50]
    assert not set(exam.loc[exam["level"] > 1, "question"]) & set(items["question"])


def test_same_seed_same_text(corpus):
    assert corpus.equals(qa_steps.documents(OPTIONS, seed=3))
    assert not corpus["text"].equals(qa_steps.documents(OPTIONS, seed=4)["text"])


def test_too_many_items_is_one_line():
    with pytest.raises(UserError, match="options.main asks for 999 items of level 1"):
        qa_steps.load(None, qa_steps.Options(main=[999, 0, 0, 0, 0]), seed=0)


def test_the_loss_stands_on_reasoning_and_answer():
    torch = pytest.importorskip("torch")
    from easy2hard.models.pretrain import loss_places

    text = "<bos> most lamp ? red most cup jar ? think cup red jar red So most hat"
    words, ask, end = text.split(), 1, 2
    tokens = torch.tensor([[{"most": ask, "?": end}.get(word, 9) for word in words]])
    learnt = [words[at + 1] for at in loss_places(tokens[:, :-1], (end, ask))[0].nonzero()[:, 0]]
    assert " ".join(learnt) == "red most think cup red jar red So most"
    assert [words[at + 1] for at in loss_places(tokens[:, :-1], end)[0].nonzero()[:, 0]] == ["red", "think"]


def test_a_model_learns_to_write_the_layout_of_the_prompt(tmp_path):
    pytest.importorskip("torch")
    from easy2hard import jobs
    from easy2hard.methods import zero_shot_cot
    from easy2hard.stages import corpus as write_corpus
    from easy2hard.stages import pretrain

    small = {"documents": 600, "document_tokens": 48, "objects": 8, "thinking": 1.0, "level_weights": [1, 0, 0, 0, 0]}
    small |= {"main": [4, 0, 0, 0, 0], "held_out": [4, 0, 0, 0, 0]}
    small["level_weights"] = [float(weight) for weight in small["level_weights"]]
    write_corpus.main("worlds/qa_steps", small, 0, tmp_path / "c.parquet", tmp_path / "words")
    quick = {"gate_levels": [1], "gate_accuracy": 0.0, "gate_updates": 150, "gate_every": 150, "least_updates": 150}
    quick |= {"decay": 50, "warmup": 10}
    place = tmp_path / "c.parquet", tmp_path / "words"
    pretrain.main(*place, "worlds/qa_steps", small, quick, 0, tmp_path / "model")
    items = qa_steps.load(None, qa_steps.Options(**small), 0).items
    asked = json.dumps({"query": "<textbook> {question} think", "separator": " "})
    options = zero_shot_cot.Options(stop=["most"], max_new=12, max_tokens=48)
    job = jobs.Job(items, items, {}, tmp_path / "model", {}, None, None, options, asked, 0)
    found = next(zero_shot_cot.predict(job)).merge(items, on="item_id")
    layout = re.compile(rf"\w+ (\w+) So the answer is ({'|'.join(COLOURS)})\s*")
    assert all(map(layout.fullmatch, found["generated"])) and found["correct"].mean() > 0.8


def test_items_held_apart_are_of_the_objects_of_main_and_no_question_of_it():
    apart = OPTIONS.model_copy(update={"main": [16, *OPTIONS.main[1:]], "hardness": [8, 40, 40, 30, 30]})
    found = qa_steps.load(None, apart, seed=3).items
    parts = dict(list(found.groupby("part")))
    assert parts["hardness"].groupby("level").size().tolist() == apart.hardness
    assert found["question"].is_unique and found["item_id"].is_unique
    named = {part: {word for text in rows["question"] for word in text.split()[1:-1]} for part, rows in parts.items()}
    assert named["hardness"] <= named["main"] and not named["hardness"] & named["held_out"]
    with pytest.raises(UserError, match="options.hardness asks for 8 items of level 1: 0 exist"):
        qa_steps.load(None, OPTIONS.model_copy(update={"hardness": [8, 0, 0, 0, 0]}), seed=3)
