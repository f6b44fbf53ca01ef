"""Grading: the verdicts of the specification's table, the rules beside the reference, hostile answers."""

from __future__ import annotations

import ast
import os
import random
import signal
import time

import house
import pytest
from easy2hard import grading, grading_child, grading_latex, grading_parse, grading_workers
from easy2hard.errors import UserError
from hypothesis import given, settings
from hypothesis import strategies as st

# Answer, gold, and the verdicts of: released, prm800k, math_verify (Sun 2024, §4 of the specification).
MEASURED = [
    ("3/4", "0.75", "FTT"),
    ("x+1", "1+x", "FTT"),
    ("2\\sqrt{3}", "\\sqrt{12}", "FTT"),
    ("x^2+2x+1", "(x+1)^2", "FTT"),
    ("3 1/2", "7/2", "FT-"),
    ("1.5", "3/2", "FTT"),
    ("\\text{(C)}", "C", "FTT"),
    ("1/2", "2/4", "FFT"),
    ("4", "2+2", "FFT"),
    ("2^{10}", "1024", "FFT"),
    ("10\\%", "0.1", "FFT"),
    ("1,2", "2,1", "FFT"),
    ("\\{1,2\\}", "\\{2,1\\}", "FFT"),
    ("0.333333", "1/3", "FFT"),
    ("12_8", "12", "FFT"),
    ("\\text{June 20}", "June 20", "TTF"),
    ("[1,2]", "(1,2)", "FFF"),
]


@pytest.mark.parametrize(("answer", "gold", "verdicts"), MEASURED)
def test_the_table_of_the_specification(answer: str, gold: str, verdicts: str):
    for rules, verdict in zip(("released", "prm800k", "math_verify"), verdicts, strict=True):
        if verdict != "-":
            assert grading.grade(answer, gold, rules) is (verdict == "T"), rules
    assert grading.grade(gold, answer) is (verdicts[1] == "T")


@pytest.mark.parametrize(
    ("answer", "gold", "right"),
    [
        ("\\frac12", "1/2", True),
        ("\\dfrac{1}{2}", "\\frac{1}{2}", True),
        ("0.5", "\\frac{1}{2}", True),
        (".5", "0.5", True),
        ("x=5", "5", True),
        ("perimeter=5", "5", False),
        ("1,000", "1000", True),
        ("1,00", "100", False),
        ("5 cm", "5", True),
        ("12\\text{ inches}", "12", True),
        ("90^\\circ", "90", True),
        ("\\$18.90", "18.9", True),
        ("3 million", "3*10^6", True),
        ("\\left( 3, \\frac{\\pi}{2} \\right)", "(3,\\pi/2)", True),
        ("(3, \\frac{\\pi}{2}]", "(3,\\pi/2)", False),
        ("(1,2,3)", "(1,2)", False),
        ("1\\frac{1}{2}", "3/2", True),
        ("(1+5,2)", "(6,2)", False),  # a whole number must be written out
        ("\\sqrt{12}", "2\\sqrt{3}", True),
        ("x^{10}", "x^{5}x^{5}", False),  # powers of two digits are not tried
        ("abc", "bca", False),  # nor more than two letters
        ("ab", "ba", True),
        ("7", "7.0000000001", True),
        ("-0", "0", True),
        ("", "5", False),
        (None, "5", False),
        ("\\frac{x+2}{7}", "\\frac{x}{7}+\\frac{2}{7}", False),  # the rules lose the brackets of a numerator
        ("12_{8}", "128", True),  # and read the mark of a base as a separator of digits
        ("\\sqrt[3]{8}", "\\sqrt{8}", True),  # and drop the index of a root
    ],
)
def test_rules_of_prm800k(answer, gold: str, right: bool):
    assert grading.grade(answer, gold) is right


def test_an_answer_too_long_to_be_judged_is_right_only_as_the_gold_answer_itself():
    assert grading.grade("9" * 5000, "9" * 5000)
    assert not grading.grade("9" * 5000, "9" * 5001)
    assert not grading.grade("0" * 5000 + "9", "9")


def test_unknown_rules_list_what_exists():
    with pytest.raises(UserError, match="did you mean 'prm800k'"):
        grading.grade("1", "1", "prm80k")


HOSTILE = {
    "a million characters": "9" * 1_000_000,
    "tower of powers": "9^9^9^9",
    "tower of stars": "9**9**9**9",
    "power of powers": "((((2x)**999)**999)**999)**999",
    "import": "__import__('os').system('true')",
    "import in LaTeX": "\\text{__import__('os')}\\pi",
    "deep brackets": "(" * 400 + "1" + ")" * 400,
    "open brackets": "(" * 900,
    "deep braces": "{" * 400 + "1" + "}" * 400,
    "deep roots": "\\sqrt{" * 140 + "2" + "}" * 140,
    "deep fractions": "\\frac" * 190,
    "fractions in fractions": "1/" * 400 + "1",
    "factorials": "9!!!!!!!!",
    "a great factorial": "99999999!",
    "null bytes": "\0" * 500,
    "null byte in a number": "7\0",
    "half a surrogate": "\ud800",
    "digits of another script": "٣^٣^٣",
    "combining marks": "x" + "\u0301" * 800,
    "letters": "x" * 900,
    "great exponent": "1e999999",
    "environment": "\\begin{pmatrix}" * 60,
    "file": "\\input{/etc/passwd}",
    "lambda": "(lambda:0)()",
    "line ends": "\n" * 900,
    "JSON": '", "7"]\n["prm800k", "7", "7',
}


@pytest.fixture(scope="module")
def started():
    """Both workers, so that tests that take the time do not start them."""
    for rules in ("prm800k", "math_verify"):
        assert grading.grade("\\theta+1", "1+\\theta", rules)


@pytest.mark.parametrize("rules", ["prm800k", "released", "math_verify", "exact"])
def test_hostile_answers_are_wrong_in_time_and_disturb_no_neighbour(rules: str, started):
    right = ("\\frac{1}{2}", "\\frac{1}{2}") if rules == "exact" else ("\\dfrac{1}{2}", "\\frac12")
    for name, answer in HOSTILE.items():
        for gold in ("\\frac{x+1}{y}", "7")[: 1 if rules == "math_verify" else 2]:
            start = time.monotonic()
            verdicts = grading.grade_many([right, (answer, gold), right, ("8", gold)], rules)
            spent = time.monotonic() - start
            assert verdicts == [True, False, True, False], (name, gold)
            # Math-verify's parser may need all of its 0.4 s of processor time; a busy machine's clock tells more.
            assert spent < (5 if rules == "math_verify" else 1), (name, gold, spent)


def test_an_answer_that_hangs_is_wrong_and_the_next_are_judged(started):
    # Equal as numbers, so that sympy is asked, and far too much for it.
    hanging = ("(x+y)**99*(x-y)**99", "(x*x-y*y)**99")
    before = grading.given_up()
    start = time.monotonic()
    asked = [("\\theta+x", "x+\\theta"), hanging, ("\\theta+y", "y+\\theta"), ("\\theta+z", "\\theta-z")]
    assert grading.grade_many(asked) == [True, False, True, False]
    assert grading.given_up() == before + 1
    assert time.monotonic() - start < 10  # 0.4 s of processor time on however busy a machine


def test_a_worker_that_is_killed_is_replaced(started):
    worker = grading._WORKERS["prm800k"]
    os.killpg(worker._child.pid, signal.SIGKILL)
    worker._child.wait()
    assert worker.judge([("\\theta+1", "1+\\theta")]) == [True]


def test_memory_is_bounded(started):
    """The judging part dies of an integer of 2**33 bits; its answer alone is wrong."""
    before = grading.given_up()
    pairs = [("(((2x)**999)**999)**999*(2y)**999", "(((2x)**999)**999)**999*2.0**999*y**999"), ("\\theta", "\\theta+0")]
    assert grading.grade_many(pairs) == [False, True]
    assert grading.given_up() == before + 1


REFUSED = ["__import__", "a.b", "x'", '"x"', "x[0]", "{1}", "x;y", "x:y", "re(2)", "lambda x", "x²", "²"]
REFUSED += ["٣", "1٣", "", "007", "(", ")", "()", "1+", "*2", "x!=2", "1,2", "~x", "x%2", "1e9999", "sqrt", "or"]
REFUSED += ["9^9^9", "9999!"]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_formula_is_refused(text: str):
    with pytest.raises(grading_parse.Unreadable):
        grading_parse.evaluate(text, grading_child.grading_algebra._numbers())


PIECES = st.sampled_from([*"0123456789xyθ", "10", "1.5", ".5", "pi", "sqrt(", "ln(", *"((()))+-*/^!", "^2", "2x", "x2"])


def test_formulas_are_read_as_sympy_reads_them():
    """Against `parse_expr`, on texts of a closed alphabet; it evaluates, so it is given no other."""
    import sympy
    from sympy.parsing.sympy_parser import (
        implicit_multiplication_application,
        parse_expr,
        standard_transformations,
    )

    steps = (*standard_transformations, implicit_multiplication_application)
    symbols = grading_child.grading_algebra._symbols()
    seen = set()

    @settings(max_examples=400, deadline=None, derandomize=True, database=None)
    @given(st.lists(PIECES, min_size=1, max_size=7).map("".join))
    def agree(text: str):
        if not grading_child.grading_prm800k.worth_trying(text, "1") or "**" in text or text.count("!") > 1:
            return
        try:
            ours = grading_parse.evaluate(text, symbols)
        except (grading_parse.Unreadable, ArithmeticError, TypeError):
            return
        theirs = sympy.sympify(parse_expr(text.replace("^", "**"), transformations=steps))
        assert sympy.srepr(theirs) == sympy.srepr(ours)
        seen.add(text)

    agree()
    assert len(seen) > 60


SIMPLE_LATEX = ["\\pi", "\\infty ", "\\cup ", "\\cdot", "\\,", "\\!", "\\text{a b}", "\\left(", "\\right)", "\\frac12"]
SIMPLE_LATEX += ["\\dfrac 34", "\\sqrt2", "1", "2x", "ab", "-", "+", " ", "(", ")", ", ", "^2", "=", "."]
LATEX = st.recursive(
    st.sampled_from(SIMPLE_LATEX),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map("".join),
        st.builds("\\frac{{{}}}{{{}}}".format, inner, inner),
        st.builds("\\sqrt{{{}}}".format, inner),
        st.builds("{{{}}}".format, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.lists(LATEX, max_size=4).map("".join))
def test_usual_latex_is_read_as_pylatexenc_reads_it(text: str):
    shown = grading_latex.usual(text)
    if shown is not None:
        assert shown == grading_child.by_pylatexenc(text)


def test_verdicts_do_not_depend_on_the_order_of_the_pairs():
    pairs = [(answer, gold) for answer, gold, _ in MEASURED] * 2
    expected = dict(zip(pairs, grading.grade_many(pairs), strict=True))
    random.Random(0).shuffle(pairs)
    assert grading.grade_many(pairs) == [expected[pair] for pair in pairs]


def test_nothing_evaluates_text():
    """No module of the grader names what evaluates its input as Python; Math-Verify's LaTeX parser does not either."""
    modules = sorted((house.ROOT / "workflow" / "easy2hard").glob("grading*.py"))
    assert len(modules) >= 7
    for path in modules:
        nodes = list(ast.walk(ast.parse(path.read_text())))
        names = {getattr(node, kind, None) for node in nodes for kind in ("id", "attr", "name")}
        assert not names & {"eval", "exec", "parse_expr", "sympify", "S", "lambdify", "ExprExtractionConfig"}


@pytest.mark.parametrize("event", ["os.system", "os.posix_spawn", "subprocess.Popen", "socket.connect", "os.remove"])
def test_the_judging_part_reaches_nothing(event: str):
    with pytest.raises(RuntimeError, match="not for a grader"):
        grading_child._refuse(event, ())
    assert grading_child._refuse("import", ()) is None


def test_an_interrupted_question_leaves_no_reply_to_the_next(started, monkeypatch):
    worker = grading._WORKERS["prm800k"]

    def interrupted(child, seconds):
        if seconds:
            raise KeyboardInterrupt
        return b""

    with monkeypatch.context() as patch:
        patch.setattr(grading_workers, "_read", interrupted)
        with pytest.raises(KeyboardInterrupt):
            worker.judge([("\\theta+1", "1+\\theta")])
    assert worker.judge([("\\theta+1", "\\theta-1"), ("\\theta+1", "1+\\theta")]) == [False, True]
