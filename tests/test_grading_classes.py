"""Classes of equal answers, for voting: their numbers, their definition, and that leaving comparisons out is safe."""

from __future__ import annotations

import random

import pytest
from easy2hard import grading
from easy2hard.errors import UserError
from hypothesis import given, settings
from hypothesis import strategies as st


def test_classes_are_numbered_by_first_appearance():
    answers = ["\\frac12", "7", None, "0.5", "7.0", "1/2", "x+1", "1+x", None, "7"]
    assert grading.clusters(answers) == [0, 1, -1, 0, 1, 0, 2, 2, -1, 1]
    assert grading.clusters(answers, "exact") == [0, 1, -1, 2, 3, 4, 5, 6, -1, 1]
    assert grading.clusters([]) == [] and grading.clusters([None]) == [-1]
    with pytest.raises(UserError, match="unknown grading rules"):
        grading.clusters([], "same")


def test_classes_of_an_answer_too_long_to_be_graded():
    assert grading.clusters(["9" * 5000, "1", "9" * 5000, "9" * 5001]) == [0, 1, 0, 2]


ANSWERS = st.sampled_from([None, "1", "1.0", "2", "1/2", "0.5", "\\frac{1}{2}", "2/4", "x", "x+0", "a,b"])


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(ANSWERS, max_size=9))
def test_classes_hold_equal_answers_and_no_answer_that_an_earlier_class_takes(answers: list[str | None]):
    found = grading.clusters(answers)
    first: dict[int, str] = {}
    for answer, number in zip(answers, found, strict=True):
        assert (number == -1) == (answer is None)
        if answer is None:
            continue
        if number not in first:
            assert number == len(first)
            first[number] = answer
        assert answer == first[number] or grading.grade(answer, first[number])
        assert not any(grading.grade(answer, first[earlier]) for earlier in range(number))


VARIED = [
    "1", "1.0", "1/2", "0.5", "2/4", ".50", "\\frac{1}{2}", "\\frac{2}{4}", "x+1", "1+x", "(1,2)", "(1, 2.0)",
    "(2,1)", "1,000,000", "10^6", "\\text{Ann}", "Ann", "ann and bob", "\\pm 1", "1 \\pm 0", "\\sqrt{8}",
    "2\\sqrt{2}", "1/0", "x/0", "\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}",
    "\\begin{pmatrix} 1 \\\\ 2.0 \\end{pmatrix}", "3!", "6", "abc", "cab", "x^{10}", "90^\\circ", "90", "5 cm",
    "5", "10000000", "10000001", "9**9", "", " ", "x=5", "ln(x)", "\\ln(x)", "sqrt(0-4)", "2sqrt(0-1)",
]  # fmt: skip


@pytest.mark.parametrize("rules", ["prm800k", "released", "exact"])
def test_classes_are_those_of_comparing_all_with_all(rules: str):
    dice = random.Random(5)
    for _ in range(6):
        answers = dice.sample(VARIED, len(VARIED))
        first: list[str] = []
        expected = []
        for answer in answers:
            same = grading.grade_many([(answer, earlier) for earlier in first], rules)
            expected.append(same.index(True) if True in same else len(first))
            first += [answer] if expected[-1] == len(first) else []
        assert grading.clusters(answers, rules) == expected
