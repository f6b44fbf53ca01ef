"""Solution formats: what is written is read back; damaged text is cut without an error."""

from __future__ import annotations

import pytest
from easy2hard import solutions
from easy2hard.errors import UserError
from hypothesis import given
from hypothesis import strategies as st

PRM, WORLD, MINERVA, BOXED = (solutions.BUILT_IN[name] for name in ("prm800k", "maths_world", "minerva", "boxed"))
WORDS = st.text("abc $=+", min_size=1, max_size=12).map(str.strip).filter(bool)


@pytest.mark.parametrize(
    "layout, text, steps, answer",
    [
        (PRM, "A b.\n\nC d.\n\n# Answer\n\n42", ["A b.", "C d.\n\n# Answer\n\n42"], "42"),
        (PRM, "A b.\n\nC d.", ["A b.", "C d."], None),
        (PRM, "\n\nA\n\n\n\nB", ["A", "B"], None),
        (PRM, "# Answer\n\n3", ["# Answer\n\n3"], "3"),
        (PRM, "", [], None),
        (PRM, "\n\n# Answer\n\n", ["# Answer"], None),
        (WORLD, "#2 *5 2 #3 +1 3 ans 3", ["#2 *5 2", "#3 +1 3", "ans 3"], "3"),
        (WORLD, "ans 3", ["ans 3"], "3"),
        (WORLD, "#2 *5 2 #3 +1", ["#2 *5 2", "#3 +1"], None),
        (MINERVA, "x\nFinal Answer: The final answer is $36$. I hope it is correct. y", None, "36"),
        (BOXED, "So $\\boxed{1}$.\n\nNo: $\\boxed{\\frac{1}{2}}$.", None, "\\frac{1}{2}"),
        (BOXED, "A.\n\nThus $x = 5$.", ["A.", "Thus $x = 5$."], None),
        (BOXED, "\\boxed{3} and then \\boxed{4", ["\\boxed{3} and then \\boxed{4"], "3"),
        (BOXED, "", [], None),
    ],
)
def test_texts_are_cut_into_steps_and_answer(layout, text, steps, answer):
    parsed = solutions.parse(layout, text)
    assert parsed.answer == answer
    if steps is not None:
        assert parsed.words(text) == steps


@given(st.lists(WORDS, min_size=1, max_size=6), WORDS, st.sampled_from([PRM, BOXED]))
def test_what_is_written_is_read_back(steps, answer, layout):
    text = solutions.write(layout, steps, answer)
    parsed = solutions.parse(layout, text)
    assert parsed.answer == answer
    assert len(parsed.steps) == len(steps)
    assert parsed.words(text)[:-1] == steps[:-1]


@given(st.text("a#n s\nAwer1$", max_size=60), st.sampled_from([PRM, WORLD, MINERVA, BOXED]))
def test_spans_are_adjacent_and_cover_any_text_with_words(text, layout):
    steps = solutions.parse(layout, text).steps
    if not text.strip():
        assert steps == ()
        return
    assert [step.start for step in steps] == [0, *(step.stop for step in steps[:-1])]
    assert steps[-1].stop == len(text)
    assert all(step.start <= step.end <= step.stop for step in steps)


def test_an_unknown_format_lists_what_exists():
    with pytest.raises(UserError, match="did you mean 'prm800k'"):
        solutions.resolve("prm80k")


def test_formats_by_name_and_as_json():
    assert solutions.read("prm800k") == PRM
    assert solutions.read('{"name": "own", "joiner": "; "}').joiner == "; "
    with pytest.raises(UserError, match="not a JSON object"):
        solutions.read("{joiner")


@pytest.mark.parametrize(
    "given, reason",
    [
        ({"prompt": "Solve."}, r"format\.prompt: .*expected \{question\} in it"),
        ({"breaks": "("}, r"format\.breaks: .*not a regular expression"),
        ({"breaks": "x*"}, r"format\.breaks: .*does not match an empty text"),
        ({"answer": "\n"}, r"format\.answer: .*expected a mark"),
    ],
)
def test_a_format_that_can_not_be_read_back_is_refused(given, reason):
    with pytest.raises(UserError, match=reason):
        solutions.resolve({"name": "own", **given})
