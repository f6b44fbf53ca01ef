"""Grading 100,000 ordinary answers: answers a CPU second, worker included, against the plain way in one run.

    PYTHONPATH=workflow python tests/benchmarks/bench_grading.py [answers] [problems]

The plain way is that of the rules' description: each answer by itself through pylatexenc, sympy's `parse_expr` and
`simplify`, nothing remembered. It runs on some of the answers; both must give the same verdicts. `distinct_a_second` is
the rate at which pairs of answer and gold are judged that were not seen before.
"""

from __future__ import annotations

import json
import os
import random
import sys

from easy2hard import grading, grading_child, grading_prm800k

PLAIN = 400
KINDS = ("integer", "fraction", "root", "polynomial", "pair", "decimal", "text")
SHARES = (45, 20, 10, 10, 5, 6, 4)
WORDS = ("Monday", "June", "even", "odd", "Alice", "north")


def spellings(random: random.Random, kind: str) -> list[str]:
    """Right answers of one problem, as models write them."""
    a, b, c = (random.randint(2, 60) for _ in range(3))
    # fmt: off
    return {
        "integer": [f"{a * b}", f"{a * b}.", f"x={a * b}", f"{a * b}\\text{{ cm}}", f"{a * b}.0"],
        "fraction": [f"\\frac{{{a}}}{{{b + 60}}}", f"{a}/{b + 60}", f"\\dfrac{{{a}}}{{{b + 60}}}", f"{a} / {b + 60}"],
        "root": [f"{a}\\sqrt{{{b}}}", f"\\sqrt{{{a * a * b}}}", f"{a} \\sqrt{{{b}}}"],
        "polynomial": [f"x^2+{a}x+{b}", f"x^2 + {a}x + {b}", f"{b}+{a}x+x^2", f"x(x+{a})+{b}"],
        "pair": [f"({a},{b})", f"\\left( {a}, {b} \\right)", f"({a}, {b})"],
        "decimal": [f"{a}.{c}", f"\\${a}.{c}", f"{a}.{c}0"],
        "text": [random.choice(WORDS), "\\text{" + random.choice(WORDS) + "}"],
    }[kind]
    # fmt: on


def invent(answers: int, problems: int) -> list[tuple[str, str]]:
    """(answer, gold): two fifths right, in all spellings; wrong ones from a long tail, as sampled models give them."""
    dice = random.Random(0)
    pairs = []
    for _ in range(problems):
        kind = dice.choices(KINDS, SHARES)[0]
        right = spellings(dice, kind)
        wrong = [dice.choice(spellings(dice, kind if dice.random() < 0.8 else "integer")) for _ in range(60)]
        for _ in range(answers // problems):
            place = min(int(dice.expovariate(0.08)), len(wrong) - 1)
            pairs.append((dice.choice(right) if dice.random() < 0.4 else wrong[place], right[0]))
    return pairs


def plain_equal(answer: str, gold: str) -> bool:
    """The description's way with two elements; the answers here are invented, so `parse_expr` may have them."""
    import sympy
    from sympy.parsing import sympy_parser as reading

    steps = (*reading.standard_transformations, reading.implicit_multiplication_application)
    text = f"({gold})-({answer})".replace("^", "**")
    try:
        return bool(sympy.simplify(reading.parse_expr(text, transformations=steps)) == 0)
    except (ArithmeticError, ValueError, TypeError, AttributeError, SyntaxError):
        return False


def plain(answer: str, gold: str) -> bool:
    """One verdict, nothing remembered."""
    for cached in (grading_prm800k.mathd, grading_prm800k.before_latex, grading_prm800k.after_latex):
        cached.cache_clear()
    return bool(grading_prm800k.compare(answer, gold, grading_child.by_pylatexenc, plain_equal))


def spent() -> float:
    """Processor seconds of this process and of its workers that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measure(answers: int = 100_000, problems: int = 500) -> dict:
    """Rates of both ways, their ratio, and whether the verdicts are the same."""
    pairs = invent(answers, problems)
    distinct = len(set(pairs))
    start = spent()
    verdicts = grading.grade_many(pairs)
    for worker in grading._WORKERS.values():
        worker.stop()
    ours = spent() - start
    some = random.Random(1).sample(range(len(pairs)), PLAIN)
    plain(*pairs[0])  # loads sympy
    start = spent()
    same = [plain(*pairs[place]) for place in some] == [verdicts[place] for place in some]
    theirs = (spent() - start) * len(pairs) / PLAIN
    rates = {"answers_a_second": len(pairs) / ours, "distinct_a_second": distinct / ours}
    shares = {"distinct": distinct, "by_worker": len(grading._KNOWN), "right": sum(verdicts) / len(verdicts)}
    return {"answers": len(pairs), **shares, **rates, "ratio": theirs / ours, "same": same}


if __name__ == "__main__":
    shown = measure(*map(int, sys.argv[1:]))
    print(json.dumps({name: round(value, 4) for name, value in shown.items()}))
    assert shown["same"], "the two ways do not agree"
    assert grading.given_up() == 0, "an ordinary answer met a limit"
    assert shown["answers_a_second"] >= 2000, "at least 2,000 answers a CPU second"
