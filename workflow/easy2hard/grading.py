"""Whether an answer is right, and which answers of a problem are the same.

Rules: `prm800k` (the reference; Sun 2024, footnote 3), `released` (the same without algebra, as the released code of
Sun 2024 has it), `math_verify`, `exact` (the same characters, for generated worlds). Answers are model output: what
needs more than text rules is judged in a worker process with limits (`grading_workers`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from easy2hard.errors import unknown
from easy2hard.grading_candidates import Every, Near, Same
from easy2hard.grading_latex import usual
from easy2hard.grading_prm800k import Verdict, compare
from easy2hard.grading_workers import Worker

RULES = ("prm800k", "released", "math_verify", "exact")
LONGEST = 1000
"""Characters; the longest answer of MATH500 has 53. A longer answer is right only if it is the gold answer itself."""
REMEMBERED = 200_000
DIFFERENT = Fraction(1, 10**6)

_WORKERS = {rules: Worker(rules) for rules in RULES}
_KNOWN: dict[tuple[str, str, str], bool] = {}


def grade(answer: str | None, gold: str, rules: str = "prm800k") -> bool:
    """Whether an answer is the gold answer. None (no answer) is wrong. Raises UserError for unknown rules."""
    return grade_many([(answer, gold)], rules)[0]


def grade_many(pairs: Iterable[tuple[str | None, str]], rules: str = "prm800k") -> list[bool]:
    """Verdicts of (answer, gold), in order; equal pairs are judged once."""
    if rules not in RULES:
        raise unknown("grading rules", rules, RULES)
    pairs = list(pairs)
    found: dict[tuple[str | None, str], Verdict] = {pair: _by_text(rules, *pair) for pair in dict.fromkeys(pairs)}
    _judge_rest(rules, found)
    return [bool(found[pair]) for pair in pairs]


def clusters(answers: Sequence[str | None], rules: str = "prm800k") -> list[int]:
    """Number of the class of equivalent answers of each answer of one problem, by first appearance; -1 for None.

    The first answer of a class stands for it. An answer joins the first class whose first answer it matches, with that
    one as gold: grading is neither symmetric nor transitive, so an order is needed, and that of the samples is it.
    """
    if rules not in RULES:
        raise unknown("grading rules", rules, RULES)
    classes: dict[str | None, int] = {None: -1}
    first: list[str] = []
    candidates = _CANDIDATES[rules]()
    for answer in dict.fromkeys(answer for answer in answers if answer is not None):
        graded = len(answer) <= LONGEST
        possible = candidates.of(answer) if graded else []
        same = grade_many([(answer, first[number]) for number in possible], rules)
        joined = next((number for number, joins in zip(possible, same, strict=True) if joins), len(first))
        classes[answer] = joined
        if joined == len(first):
            first.append(answer)
            if graded:
                candidates.add(answer, joined)
    return [classes[answer] for answer in answers]


def given_up() -> int:
    """How many answers this process has counted as wrong because judging them met the limit of time or memory."""
    return sum(worker.given_up for worker in _WORKERS.values())


def _judge_rest(rules: str, found: dict[tuple[str | None, str], Verdict]) -> None:
    """Fill in the verdicts that text rules leave open."""
    left = [pair for pair, verdict in found.items() if verdict is None]
    if len(_KNOWN) + len(left) > REMEMBERED:
        _KNOWN.clear()
    tasks = [pair for pair in left if (rules, *pair) not in _KNOWN]
    for pair, verdict in zip(tasks, _WORKERS[rules].judge(tasks), strict=True):
        _KNOWN[rules, *pair] = verdict
    found.update({pair: _KNOWN[rules, *pair] for pair in left})


def _by_text(rules: str, answer: str | None, gold: str) -> Verdict:
    """The verdict where rules on text tell it, else None."""
    if answer is None:
        return False
    if answer.strip() == gold.strip():
        return True
    if rules == "exact" or len(answer) > LONGEST or len(gold) > LONGEST:
        return False
    return None if rules == "math_verify" else compare(answer, gold, usual, _EQUAL[rules])


def _plain(answer: str, gold: str) -> Verdict:
    """Two numbers in digits; None for anything else, and for decimals so close that rounding decides."""
    said, right = _fraction(answer), _fraction(gold)
    if said is None or right is None:
        return None
    if answer.isdigit() and gold.isdigit():
        return answer == gold
    return False if abs(said - right) > DIFFERENT * (1 + abs(right)) else None


def _fraction(text: str) -> Fraction | None:
    """The value of plain digits, with a sign, a decimal point or a slash; None for other text."""
    if not text.isascii() or set(text) - set("0123456789.-/"):
        return None
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None


def _never(answer: str, gold: str) -> Verdict:
    return False


_CANDIDATES = {"prm800k": Near, "released": Near, "math_verify": Every, "exact": Same}
_EQUAL = {"prm800k": _plain, "released": _never}
