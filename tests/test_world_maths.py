"""The generated maths world: what must be true of its problems, its checker and its text, whatever the seed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from easy2hard import settings, solutions, tables
from easy2hard.datasets.worlds import maths
from easy2hard.errors import UserError
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

SIZES = {"main": [60, 90, 120, 80, 80], "validation": [20] * 5, "test": [40] * 5}
OPTIONS = maths.Options(documents=1500, **SIZES)
LAYOUT = solutions.resolve(maths.FORMAT)


@pytest.fixture(scope="module")
def items():
    return maths.load(None, OPTIONS, seed=3).items


@pytest.fixture(scope="module")
def corpus():
    return maths.documents(OPTIONS, 5)


def computed(question: str) -> list[int]:
    """Running values of a problem, by arithmetic of our own."""
    words = question.split()
    assert words[0] == "Q" and words[-1] == "?"
    value, found = int(words[1]), []
    for name in words[3:-1:2]:
        by = int(name[1:])
        value = {"+": value + by, "-": value - by, "*": value * by}[name[0]] % 7
        found.append(value)
    return found


def lines(question: str) -> list[int]:
    return [int(word[1:]) for word in question.split() if word.startswith("#")]


def core(question: str) -> str:
    return " ".join(word for word in question.split() if not word.startswith("#"))


def test_items_fit_the_table_and_have_the_sizes_asked_for(items, tmp_path):
    tables.write(items, tmp_path / "items.parquet", tables.ITEMS)
    counts = items.groupby(["part", "level"]).size()
    assert {part: counts[part].tolist() for part in SIZES} == SIZES
    assert items["item_id"].is_unique


def test_the_default_has_the_problems_that_the_second_study_asks_for():
    found = maths.load(None, maths.Options(), 0).items.groupby("part")["level"].agg(list)
    assert {part: len(levels) for part, levels in found.items()} == {"main": 7500, "test": 500, "validation": 250}
    assert sum(level <= 3 for level in found["main"]) == 4500


def test_every_solution_is_true_and_reads_back_as_its_steps_and_answer(items):
    for item in items.itertuples():
        values, numbers = computed(item.question), lines(item.question)
        assert len(values) == item.level == len(item.steps)
        assert numbers == list(range(numbers[0], numbers[0] + len(values))) and 1 <= numbers[0] <= numbers[-1] <= 5
        assert item.answer == str(values[-1]) == item.choices[item.label]
        parsed = solutions.parse(LAYOUT, item.solution)
        assert parsed.words(item.solution) == [*item.steps, f"ans {item.answer}"]
        assert parsed.answer == item.answer


def test_no_problem_is_twice_in_the_items_and_no_two_parts_share_one(items):
    assert items["question"].is_unique
    hard = items[items["level"] > 1]
    parts = [set(rows["question"].map(core)) for _, rows in hard.groupby("part")]
    assert len(parts) == 3
    assert not any(one & other for one, other in itertools.combinations(parts, 2))


def test_problems_begin_at_any_line_that_leaves_room(items):
    for level, rows in items.groupby("level"):
        assert {lines(question)[0] for question in rows["question"]} == set(range(1, 7 - int(level)))


def test_test_problems_do_not_depend_on_how_many_there_are_to_train_on(items):
    other = maths.load(None, OPTIONS.model_copy(update={"main": [1, 1, 1, 1, 1]}), seed=3).items
    for part in ("test", "validation"):
        one, two = (frame[frame["part"] == part].reset_index(drop=True) for frame in (items, other))
        assert one.equals(two) and len(one)


def test_items_and_text_depend_on_the_seed_and_on_nothing_else(items, corpus):
    assert maths.load(None, OPTIONS, seed=3).items.equals(items)
    assert not maths.load(None, OPTIONS, seed=4).items["question"].equals(items["question"])
    assert maths.documents(OPTIONS, 5).equals(corpus)
    assert not maths.documents(OPTIONS, 6)["text"].equals(corpus["text"])


def test_true_solutions_pass_the_checker(items):
    for item in items.itertuples():
        labels = maths.check_steps(OPTIONS, item.question, [*item.steps, f"ans {item.answer}"])
        assert labels == [1] * (len(item.steps) + 1)


@given(data=st.data())
@examples(max_examples=60, deadline=None)
def test_a_damaged_step_is_the_first_wrong_one_and_nothing_after_it_is_judged(items, data):
    item = items.iloc[data.draw(st.integers(0, len(items) - 1))]
    steps = [*item["steps"], f"ans {item['answer']}"]
    place = data.draw(st.integers(0, len(steps) - 1))
    words = steps[place].split()
    spoilt = data.draw(st.integers(0, len(words) - 1))
    words[spoilt] = data.draw(st.sampled_from(sorted(set(maths.vocabulary(OPTIONS)) - {words[spoilt]})))
    steps[place] = " ".join(words)
    assert maths.check_steps(OPTIONS, item["question"], steps) == [1] * place + [0] + [-1] * (len(steps) - place - 1)


@pytest.mark.parametrize(
    ("steps", "labels"),
    [
        ([], []),
        (["ans 3"], [0]),
        (["#2 *5 2"], [1]),
        (["#2 *5 2", "ans 2"], [1, 0]),
        (["#2 *5 2", "#3 +1 3", "ans 3", "ans 3"], [1, 1, 1, 0]),
        (["#2 *5 2", "#3 +1 3", "#4 +1 4", "ans 4"], [1, 1, 0, -1]),
        (["#2 *5 2", "#3 +1 3 ans"], [1, 0]),
        (["#2 *5 3", "#3 +1 4", "ans 4"], [0, -1, -1]),
        (["#1 *5 2", "#2 +1 3", "ans 3"], [0, -1, -1]),
        (["#2  *5 2 ", "#3 +1 3", "ans 3"], [1, 1, 1]),
    ],
)
def test_steps_left_out_added_or_in_another_place_are_wrong(steps, labels):
    assert maths.check_steps(OPTIONS, "Q 6 #2 *5 #3 +1 ?", steps) == labels


@pytest.mark.parametrize(
    "question",
    ["", "Q", "Q 6 ?", "Q 7 #2 *5 ?", "Q 6 #2 /5 ?", "Q 6 #2 *5 #4 +1 ?", "Q 6 #5 *5 #6 +1 ?", "6 #2 *5"],
)
def test_a_question_of_another_world_is_said(question):
    with pytest.raises(UserError, match="no problem of this world"):
        maths.check_steps(OPTIONS, question, ["ans 1"])


def test_the_prompt_and_the_solution_are_the_text_that_is_read(items, corpus):
    item = items.iloc[-1]
    whole = solutions.prompt(LAYOUT, item["question"]) + item["solution"] + " <eos>"
    plain = corpus.loc[~corpus["tagged"], "text"]
    assert any(len(text.split()) == len(whole.split()) for text in plain)
    for text in plain.head(200):
        question, solution = text.removesuffix(" <eos>").split("? ")
        parsed = solutions.parse(LAYOUT, solution)
        assert len(parsed.words(solution)) == len(computed(question + "?")) + 1
        assert parsed.answer == solution.split()[-1]


def test_no_item_of_level_two_or_more_is_read_in_pretraining_and_no_exam_problem(items, corpus):
    exam = maths.exam(OPTIONS, seed=3, size=50)
    assert exam.groupby("level").size().tolist() == [50] * 5
    read = {core(text.split("Q ", 1)[1].split("?")[0]) for text in corpus["text"]}
    of_items, of_exam = (set(f.loc[f["level"] > 1, "question"].map(core)) for f in (items, exam))
    strip = {text.removeprefix("Q ").removesuffix(" ?") for text in of_items | of_exam}
    assert read and strip and not strip & read
    assert not of_items & of_exam
    assert [str(computed(question)[-1]) for question in exam["question"]] == exam["answer"].tolist()


def test_documents_name_their_author_where_tagged_and_use_the_vocabulary(corpus, tmp_path):
    tables.write(corpus, tmp_path / "corpus.parquet", tables.CORPUS)
    first = corpus["text"].str.split().str[0]
    tag = corpus["author"].map({"careful": "<textbook>", "forum": "<forum>"})
    assert (first == tag.where(corpus["tagged"], "Q")).all()
    words = set(" ".join(corpus["text"]).split())
    assert words == {*maths.vocabulary(OPTIONS), "<eos>"}
    shares = corpus.groupby("tagged")["author"].apply(lambda authors: (authors == "careful").mean())
    assert abs(shares[True] - 0.5) < 0.06 and abs(shares[False] - 0.25) < 0.06


def said_of(corpus, author):
    """(value before, operation, value written) of every step by one kind of author."""
    for text in corpus.loc[corpus["author"] == author, "text"]:
        question, solution = text.split("Q ")[1].split("? ")
        value = int(question.split()[0])
        for step in solution.split(" ans ")[0].split(" #"):
            _, operation, written = step.split()
            yield value, operation, int(written)
            value = int(written)


def test_careful_authors_are_right_and_forum_authors_write_what_is_popular(corpus):
    world, wrong = maths.facts(OPTIONS), {}
    for author in ("careful", "forum"):
        rows = []
        for value, name, written in said_of(corpus, author):
            fact = value, maths.maths.OPERATIONS.index(name)
            rows.append((world.rate[fact], written == world.wrong[fact], written == maths.maths.results()[fact]))
        wrong[author] = np.array(rows, dtype=float)
    assert 0.98 < wrong["careful"][:, 2].mean() < 1
    forum = wrong["forum"]
    popular = forum[:, 0] > OPTIONS.unpopular
    assert abs(forum[popular, 1].mean() - forum[popular, 0].mean()) < 0.05
    assert forum[~popular, 2].mean() > 0.93


def test_popular_misconceptions_are_as_many_as_asked_for_and_wrong():
    world, facts = maths.facts(OPTIONS), maths.maths
    assert (world.wrong != facts.results()).all()
    counts = [int(world.vulnerable[:, kind == facts.kinds()].sum()) for kind in range(3)]
    assert counts == [round(0.25 * 42), round(0.45 * 42), round(0.6 * 35)]
    assert (world.rate[~world.vulnerable] == OPTIONS.unpopular).all()
    low, high = OPTIONS.popular
    assert ((low <= world.rate[world.vulnerable]) & (world.rate[world.vulnerable] <= high)).all()


def test_difficulty_counts_the_popular_misconceptions_on_the_true_path(items):
    world = maths.facts(OPTIONS)
    for item in items.itertuples():
        values = [int(item.question.split()[1]), *computed(item.question)]
        names = item.question.split()[3:-1:2]
        numbers = [maths.maths.OPERATIONS.index(name) for name in names]
        assert item.difficulty == world.vulnerable[values[:-1], numbers].sum()
        assert item.subject == ("with products" if any(name[0] == "*" for name in names) else "sums only")


@pytest.mark.parametrize("part", ["main", "test"])
def test_items_that_cannot_be_made_are_said(part):
    with pytest.raises(UserError, match=f"options.{part} asks for 596 problems of level 1, found"):
        maths.load(None, maths.Options(**{**SIZES, part: [596, 1, 1, 1, 1]}), 0)


@pytest.mark.parametrize(
    "options",
    [{"level_weights": [0.0] * 5}, {"main": [1, 2]}, {"test": [-1, 0, 0, 0, 0]}, {"popular": [0.9, 0.3]}, {"slip": 2}],
)
def test_impossible_options_are_refused(options):
    with pytest.raises(UserError, match=f"options.{next(iter(options))}"):
        settings.options_of(maths, options)
