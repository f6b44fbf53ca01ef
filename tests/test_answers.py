"""Answers read from generated text: ours, and the original's extractor with its faults."""

from __future__ import annotations

import subprocess
import sys
import time
from decimal import Decimal
from fractions import Fraction

import pytest
from easy2hard import answers
from hypothesis import given, settings
from hypothesis import strategies as st

NUMBERS = {
    "So the answer is 5": "5",
    "so the answer is -5.": "-5",
    "The answer is $-5.50 in all": "-5.5",
    "The answer is \u2212$1,080.00 per day": "-1080",
    "the answer is: **8**": "8",
    "the answer is 3 1/2 cups": "3.5",
    "The answer is 1/3.": "1/3",
    "the answer is <<48/2=24>>24 clips": "24",
    "the answer is 48 / 2 = 24 clips": "24",
    "the answer is 10-4=6": "6",
    "the answer is x = 8 because 4*2=8 and 9=9": "8",
    "the answer is 25%": "25",
    "the answer is $2.5 million": "2500000",
    "the answer is five.": "5",
    "the answer is .5": "0.5",
    "the answer is 1e3": "1000",
    "the answer is 1,2": "1",
    "\\boxed{42}": "42",
    "He has 3.\n#### 1,234,567": "1234567",
    "Answer: 7 apples, 3 of them red": "7",
    "The answer is 8. Check: 3. So the answer is 9": "9",
    "The answer is 8. Is the answer is clear?": "8",
    "She pays 3 dollars, then 40": "40",
    "pages 3-50": "50",
    "the answer is 1/0": None,
    "the answer is " + "9" * 61: None,
    "the answer is x": None,
    "": None,
}


@pytest.mark.parametrize(("text", "expected"), NUMBERS.items())
def test_numbers(text, expected):
    assert answers.extract(text, "number") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Iron sinks. So the answer is no", "no"),
        ("The answer is clearly Yes, as iron sinks.", "yes"),
        ("the answer is true", "yes"),
        ("No, iron sinks.", "no"),
        ("Iron sinks. Yes.", "yes"),
        ("There is no iron and nobody knows", None),
        ("No one knows", None),
        ("", None),
    ],
)
def test_yes_and_no(text, expected):
    assert answers.extract(text, "yes_no") == expected


def test_without_a_statement_nothing_is_found_unless_fallbacks_are_allowed():
    assert answers.extract("3 and 40", "number", fallback=False) is None
    assert answers.extract("Yes.", "yes_no", fallback=False) is None
    assert answers.extract("a b\nred", "text", fallback=False) is None
    assert answers.extract("a b\nred .", "text") == "red"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kettle is red . So the answer is red", 0),
        ("So the answer is the colour Dark Blue.", 1),
        ("So the answer is (C)", 2),
        ("So the answer is B) dark blue", 1),
        ("So the answer is red or green", -1),
        ("So the answer is reddish", -1),
        ("nothing of the kind", -1),
    ],
)
def test_choices(text, expected):
    assert answers.choice_of(text, ["red", "dark blue", "green"]) == expected


def test_choices_of_one_value_in_two_units_are_told_apart():
    assert answers.choice_of("the answer is 10 g", ["10 kg", "10 g"]) == 1
    assert answers.choice_of("the answer is 10", ["10", "10%"]) == 0


def test_free_form_and_yes_no_items():
    assert answers.choice_of("the answer is 1080.0", ["1,080"]) == 0
    assert answers.choice_of("the answer is 1081", ["1,080"]) == -1
    assert answers.choice_of("So the answer is no", ["yes", "no"]) == 1
    assert [answers.kind_of(c) for c in (["1,080"], ["yes", "no"], ["1", "2"], ["red"])] == [
        "number",
        "yes_no",
        "text",
        "text",
    ]


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("5.0", "5", True),
        ("$1,080", "1080.00", True),
        ("-5", "\u22125", True),
        ("25%", "25", True),
        ("25%", "0.25", False),
        ("1/2", ".5", True),
        ("-5", "5", False),
        ("10 kg", "10 g", False),
        (" Dark  Blue.", "dark blue", True),
        ("1,08", "108", False),
    ],
)
def test_same_answer(a, b, same):
    assert answers.same_answer(a, b) is same and answers.same_answer(b, a) is same


HOSTILE = ["1,111" * 5000, "the answer is " * 3000, "<<" * 9000, "-" * 20000, "1/" * 10000, ". " * 10000, "\n" * 20000]


@pytest.mark.parametrize("text", [*HOSTILE, "answer" + " " * 20000, "$" * 20000, "9" * 10**6, "=" * 10**6])
def test_hostile_text_is_read_in_bounded_time(text):
    begun = time.process_time()
    for kind in ("number", "yes_no", "text"):
        answers.extract(text, kind)
    answers.choice_of(text, ["red", "1 2"])
    answers.same_answer(text, text)
    assert time.process_time() - begun < 2


@given(st.text(max_size=300), st.sampled_from(["number", "yes_no", "text"]))
def test_any_text_gives_an_answer_or_none(text, kind):
    found = answers.extract("the answer is " + text, kind)
    assert found is None or (found and answers.same_answer(found, found))
    if kind == "number" and found is not None:
        assert answers.number(found) == Fraction(found)
    answers.legacy_extract("the answer is " + text, kind)
    assert answers.choice_of(text, ["red", "1"]) in (-1, 0, 1)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12),
    st.sampled_from(["{:f}", "{:,f}", "${:,f}", "{:,f} apples", "{:f}%.", "**{:,f}**"]),
)
@settings(max_examples=300)
def test_every_way_to_write_a_number_is_read(value, layout):
    text = "He sold 48/2 = <<48/2=24>>24 clips. So the answer is " + layout.format(value)
    assert Fraction(answers.extract(text, "number")) == Fraction(value)
    assert answers.same_answer(answers.extract(text, "number"), str(Decimal(value)))


@given(st.integers(-(10**9), 10**9), st.text(alphabet="ab .,\n", max_size=40))
def test_what_stands_before_the_cue_does_not_matter(value, before):
    assert answers.extract(f"{before} So the answer is {value}", "number") == str(value)


LEGACY = {
    "commas go from the prediction, not from the label": ("the answer is 1,080", "1,080", "1080"),
    "so do minus signs": ("the answer is -5", "-5", "5"),
    "two numbers are glued": ("the answer is 8 of 10", "8", "10"),
    "two numbers side by side are glued": ("the answer is 8 10", "8", "810"),
    "5.0 is not 5": ("the answer is 5.0", "5", "5.0"),
    "the first cue counts": ("the answer is 8. so the answer is 9", "9", "8."),
    "the first word with a digit wins": ("the answer is 3 then 4 of all apples", "4", "3"),
}


@pytest.mark.parametrize(("text", "label", "found"), LEGACY.values(), ids=LEGACY)
def test_the_faults_of_the_original(text, label, found):
    assert answers.legacy_extract(text, "number") == found
    assert answers.legacy_right(text, label, "number") == (found == label)


def test_the_original_where_it_is_right():
    assert answers.legacy_right("Iron sinks. So the answer is No.\n\nQ: next", "no.", "yes_no") is False  # "no."
    assert answers.legacy_right("Iron sinks. So the answer is No\n\nQ: next", "no", "yes_no")
    assert not answers.legacy_right("So the answer is no\n\nQ: next", "no", "yes_no", cut_line=False)
    assert answers.legacy_right("So the answer is 18.", "18", "number")
    assert answers.legacy_extract("18", "number") is None
    assert not answers.legacy_right("18", "18", "number")


def test_answers_need_no_torch():
    code = "import sys; import easy2hard.answers; sys.exit('torch' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": "workflow"}, check=False).returncode == 0
