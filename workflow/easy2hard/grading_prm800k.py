"""The answer rules of PRM800K (Lightman et al. 2023), which Sun 2024 grades by; §4 of the specification.

Written from the description of the rules; their faults are kept, since published numbers depend on them: 1/2 is not
2/4, "12_8" reads as 128, a fraction with a compound numerator loses its brackets.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

Verdict = bool | None
"""True or False; None: cannot be told by rules on text alone."""

CACHED = 1 << 16
UNITS = (
    *("degree", "cm", "centimeter", "meter", "mile", "second", "minute", "hour"),
    *("day", "week", "month", "year", "foot", "feet", "inch", "yard"),
)
UNIT_PATTERNS = [re.compile(rf"{unit}(es)?(s)? *(\^[0-9]+)?") for unit in UNITS]
SCALES = {"million": "*10^6", "billion": "*10^9", "trillion": "*10^12"}
WHOLE_TEXT = re.compile(r"^\\text\{(.+?)\}$")
FRACTION = re.compile(r"^-?[0-9]+.?/0*[1-9][0-9]*.?$")
SLASH = re.compile(r"\A(0|-?[1-9][0-9]*)/(0|-?[1-9][0-9]*)\Z")
GROUPED = re.compile(r"(\d),(\d\d\d)(?=$|\D)")
BRACKETS = "()[]"
TOO_HARD = re.compile(r"\^\{|\^\(|\^[0-9]+\^|\^[0-9][0-9]+")
MOST_LETTERS = 2


class _Unreadable(ValueError):
    """The first set of rules gives up on a text."""


# -- the first set of rules, from Hendrycks et al. 2021 ------------------------------------------------------------


@lru_cache(CACHED)
def mathd(text: str) -> str:
    """A text by the rules of the MATH release; where they give up, the text without outer blanks and \\text{}."""
    shown = text.strip()
    whole = WHOLE_TEXT.search(shown)
    shown = whole[1].strip() if whole else shown
    try:
        return _mathd(shown)
    except _Unreadable:
        return shown


def _mathd(text: str) -> str:
    for old, new in (("\n", ""), ("\\!", ""), ("\\\\", "\\"), ("tfrac", "frac"), ("dfrac", "frac"), ("\\left", "")):
        text = text.replace(old, new)
    for old in ("\\right", "^{\\circ}", "^\\circ", "\\$"):
        text = text.replace(old, "")
    text = _without_unit(text).replace("\\%", "").replace(" .", " 0.").replace("{.", "{0.")
    text = f"0{text}" if text.startswith(".") else text
    sides = text.split("=")
    text = sides[1] if len(sides) == 2 and len(sides[0]) <= 2 else text
    text = _braced_fractions(_braced_roots(text).replace(" ", ""))
    return _slash_as_fraction("\\frac{1}{2}" if text == "0.5" else text)


def _without_unit(text: str) -> str:
    """Without what follows `\\text{ `, which is taken for a unit."""
    parts = text.split("\\text{ ")
    if len(parts) > 2:
        raise _Unreadable
    return parts[0]


def _braced_roots(text: str) -> str:
    """`\\sqrt3` as `\\sqrt{3}`."""
    head, *tails = text.split("\\sqrt")
    if "" in tails:
        raise _Unreadable
    return head + "".join("\\sqrt" + (tail if tail[0] == "{" else f"{{{tail[0]}}}{tail[1:]}") for tail in tails)


def _braced_fractions(text: str) -> str:
    """`\\frac12` and `\\frac1{2}` as `\\frac{1}{2}`."""
    head, *tails = text.split("\\frac")
    for place, tail in enumerate(tails):
        if not tail:
            raise _Unreadable
        if tail[0] == "{":
            continue
        if len(tail) < 2:
            return text
        under = tail[1:] if tail[1] == "{" else f"{{{tail[1]}}}{tail[2:]}"
        tails[place] = f"{{{tail[0]}}}{under}"
    return "\\frac".join([head, *tails])


def _slash_as_fraction(text: str) -> str:
    """`a/b` of two whole numbers as `\\frac{a}{b}`."""
    return SLASH.sub(r"\\frac{\1}{\2}", text)


# -- the second set of rules, PRM800K's own --------------------------------------------------------------------------


@lru_cache(CACHED)
def before_latex(text: str) -> str:
    """The rules up to the point where what is left of LaTeX is turned into plain text."""
    whole = WHOLE_TEXT.search(text)
    text = whole[1] if whole else text
    text = text.replace("\\%", "%").replace("\\$", "$").replace("$", "").replace("%", "")
    text = text.replace(" or ", " , ").replace(" and ", " , ")
    for word, power in SCALES.items():
        text = text.replace(word, power)
    for unit in UNIT_PATTERNS:
        text = unit.sub("", text)
    text = re.sub(r"\^ *\\circ", "", text)
    if text and text[0] == "{" and text[-1] == "}":
        text = text[1:-1]
    text = re.sub(r",\\! *", "", text)
    return str(round(float(text))) if _is_near_whole(text) else text


@lru_cache(CACHED)
def after_latex(text: str) -> str:
    """The rules from there on."""
    text = re.sub(r"- *", "-", text)
    text = re.sub(r"([0-9]) +([0-9])", r"\1+\2", text)  # mixed numbers
    text = text.replace(" ", "").replace("{", "").replace("}", "").lower()
    return str(int(float(text.replace(",", "")))) if _is_whole(text) else text  # cut off, not rounded


def _is_near_whole(text: str) -> bool:
    """Whether Python's `float` reads a whole number in a text, to 1e-7."""
    try:
        return abs(float(text) - round(float(text))) <= 1e-7
    except (ValueError, OverflowError):
        return False


def _is_whole(text: str) -> bool:
    """The same without the commas of thousands."""
    return _is_near_whole(_ungrouped(text))


def _ungrouped(text: str) -> str:
    """Without the commas of thousands: 1,234,567."""
    while True:
        following = GROUPED.sub(r"\1\2", text)
        if following == text:
            return text
        text = following


def compare(
    answer: str, gold: str, latex: Callable[[str], str | None], equal: Callable[[str, str], Verdict]
) -> Verdict:
    """Whether an answer is the gold answer.

    latex: turns LaTeX into plain text; None where it cannot, and then there is no telling. equal: compares two elements
    that are neither both plain fractions nor a whole number and something else.
    """
    if mathd(answer) == mathd(gold):
        return True
    plain = [latex(text) if "\\" in text else text for text in (before_latex(answer), before_latex(gold))]
    if None in plain:
        return None
    said, right = map(after_latex, plain)
    if said == right:
        return True
    return _sameelements(said, right, equal) if said else False


def _sameelements(answer: str, gold: str, equal: Callable[[str, str], Verdict]) -> Verdict:
    """All elements of two tuples or intervals, or two single answers."""
    said, right = elements(answer), elements(gold)
    if len(said) != len(right) or (len(right) > 1 and (answer[0], answer[-1]) != (gold[0], gold[-1])):
        return False
    verdicts = [_same_element(one, other, equal) for one, other in zip(said, right, strict=True)]
    return False if False in verdicts else None if None in verdicts else True


def elements(text: str) -> list[str]:
    """What stands between the commas of an outer pair of brackets; else the text alone."""
    text = _ungrouped(text)
    if len(text) > 2 and text[0] in BRACKETS and text[-1] in BRACKETS and not set(text[1:-1]) & set(BRACKETS):
        return [element.strip() for element in text[1:-1].split(",")]
    return [text] if text else []


def _same_element(answer: str, gold: str, equal: Callable[[str, str], Verdict]) -> Verdict:
    if FRACTION.match(answer) and FRACTION.match(gold):
        return answer == gold  # fractions that are not reduced are wrong
    if _is_whole(answer) != _is_whole(gold):
        return False  # a whole number must be written out
    return equal(answer, gold) if worth_trying(answer, gold) else False


def worth_trying(answer: str, gold: str) -> bool:
    """Whether algebra is tried: at most two letters, no powers that may take long."""
    shown = f"({gold})-({answer})"
    letters = {sign for sign in shown.replace("sqrt", "").replace("frac", "") if sign.isalpha()}
    return len(letters) <= MOST_LETTERS and not TOO_HARD.search(shown)
