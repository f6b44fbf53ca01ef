"""Answers in generated text: what a model said after its reasoning, and whether that is the right answer.

DEVIATION: `extract` is ours. `legacy_extract` is the extractor of Hase 2024 (§4.3 of the specification), kept with its
faults so that its numbers can be reproduced; it can never meet 98 of the 8,792 answers of GSM8K.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Literal

from easy2hard.legacy_answers import legacy_extract, legacy_right

__all__ = ["choice_of", "extract", "kind_of", "legacy_extract", "legacy_right", "number", "same_answer"]

Kind = Literal["number", "yes_no", "text"]
LONGEST = 20_000  # characters read, from the end of the text; longer output is a model that does not stop
DIGITS = 60  # a longer run of digits is no answer
CUE = re.compile(r"\banswer\s{0,4}(?:is\b|:|=)|####|\\boxed\b", re.IGNORECASE)
NOTES = re.compile(r"<<[^<>\n]{0,200}>>")  # GSM8K's calculator marks: "<<48/2=24>>24"
# Where the statement of an answer ends: a line, a sentence, or the reason given for it.
END = re.compile(r"\n|[.!?;](?=\s|$)|,?\s(?:because|since|as|which|so)\s", re.IGNORECASE)
SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_WHOLE = r"\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?!\d)|\d+"
NUMBER = re.compile(
    # A minus after a digit, letter or bracket subtracts; elsewhere, directly before the number, it is its sign.
    r"(?P<sign>(?<![\w)\]])[-\u2212\u2013])?[$€£¥]?(?P<inner>(?<=[$€£¥])[-\u2212])?"
    rf"(?:(?P<whole>{_WHOLE})(?P<part>\.\d+)?|(?P<bare>(?<![\d.])\.\d+))"
    r"(?:[eE](?P<power>[-+]?\d{1,2})(?!\w))?"
    r"(?:(?:\s(?P<over>\d{1,9}))?/(?P<under>\d{1,9}))?"
    rf"(?:\s(?P<scale>{'|'.join(SCALES)})\b)?",
    re.IGNORECASE,
)
# fmt: off
UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)
# fmt: on
YES_NO = {"yes": "yes", "true": "yes", "no": "no", "false": "no"}
QUOTES = "\"'`*_$“”‘’ \t.,;:!"


def kind_of(choices: Sequence[str]) -> Kind:
    """What the right answer of an item looks like, from its choices (one for a free-form item)."""
    if {choice.strip().casefold() for choice in choices} == {"yes", "no"}:
        return "yes_no"
    return "number" if len(choices) == 1 and number(choices[0]) is not None else "text"


def extract(text: str, kind: Kind, fallback: bool = True) -> str | None:
    """The answer a text gives, or None: a number in plain decimals, "yes" or "no", or a phrase.

    The last statement of an answer wins: what follows "answer is" (or "Answer:", "####", "\\boxed"), up to the end of
    its sentence. Of a calculation in it ("the answer is 5 + 3 = 8") the number after the last equals sign counts, else
    the first number. Thousands separators, currencies, units and a percent sign are dropped, fractions and
    "2 million" worked out, words up to twenty read. Without such a statement, if `fallback`: the last number of the
    text; a yes or no that is a clause by itself; the last line. Only the last 20,000 characters are read.
    """
    shown = NOTES.sub("", text[-LONGEST:])
    for clause in _statements(shown):
        found = _READERS[kind](clause)
        if found is not None:
            return found
    return _FALLBACKS[kind](shown) if fallback else None


def choice_of(text: str, choices: Sequence[str], fallback: bool = True) -> int:
    """Index of the choice that a generated text gives as its answer; -1 for none. See `extract`.

    A phrase is a choice when they are the same answer, when it begins with "B)" or "(B)", or when it holds exactly
    one of the choices as whole words.
    """
    kind = kind_of(choices)
    found = extract(text, kind, fallback)
    if found is None:
        return -1
    same = [index for index, choice in enumerate(choices) if same_answer(found, choice)]
    if len(same) == 1 or kind != "text" or len(choices) == 1:
        return same[0] if same else -1
    exact = [index for index in same if _plain(choices[index]) == _plain(found)]
    return exact[0] if exact else _named(found, choices)


def same_answer(a: str, b: str) -> bool:
    """Whether two answers are the same: as numbers where both are ("5.0" = "5", "$1,080" = "1080"), else as text.

    Text is compared without case, outer punctuation and repeated blanks. A percent sign is a unit: "25%" is 25, not
    0.25, as in GSM8K. Other units are text: "10 kg" is not "10 g".
    """
    left, right = number(a), number(b)
    if left is not None and right is not None:
        return left == right
    return _plain(a) == _plain(b)


def number(text: str) -> Fraction | None:
    """The value of a text that is one number (with currency or percent sign), else None."""
    shown = text.strip().strip("*").rstrip(".").removesuffix("%").rstrip() if len(text) < 4 * DIGITS else ""
    match = NUMBER.fullmatch(shown)
    return _value(match) if match else None


def _statements(text: str) -> Iterator[str]:
    """What follows each cue, up to the end of the statement; the last cue first."""
    stop = len(text)
    for match in reversed(list(CUE.finditer(text))):
        rest = text[match.end() : stop].lstrip(" \t\n:=*{(")
        yield END.split(rest, maxsplit=1)[0]
        stop = match.start()


def _read_number(clause: str) -> str | None:
    """The first number after the last equals sign that has one after it; else a number word at the start."""
    for part in reversed(clause.split("=")):
        for match in NUMBER.finditer(part):
            value = _value(match)
            if value is not None:
                return _decimal(value)
    word = clause.split(maxsplit=1)[0].strip(QUOTES).casefold() if clause.strip() else ""
    return str(UNITS.index(word)) if word in UNITS else None


def _last_number(text: str) -> str | None:
    values = [value for match in NUMBER.finditer(text) if (value := _value(match)) is not None]
    return _decimal(values[-1]) if values else None


def _read_yes_no(clause: str) -> str | None:
    match = re.search(r"\b(yes|no|true|false)\b", clause, re.IGNORECASE)
    return YES_NO[match[1].casefold()] if match else None


def _last_yes_no(text: str) -> str | None:
    """The last yes or no that stands by itself: "No, …", but not "no other …"."""
    found = re.findall(r"(?:^|[.!?\n])\s{0,9}(yes|no|true|false)(?=\s{0,9}(?:[.,;:!\n]|$))", text, re.IGNORECASE)
    return YES_NO[found[-1].casefold()] if found else None


def _read_text(clause: str) -> str | None:
    return " ".join(clause.split()).rstrip("})").strip(QUOTES) or None


def _last_line(text: str) -> str | None:
    lines = text.strip().splitlines()
    return _read_text(lines[-1]) if lines else None


_READERS = {"number": _read_number, "yes_no": _read_yes_no, "text": _read_text}
_FALLBACKS = {"number": _last_number, "yes_no": _last_yes_no, "text": _last_line}


def _value(match: re.Match) -> Fraction | None:
    """The number a match of NUMBER stands for; None where it is too long or divides by zero."""
    whole = re.sub(r"\D", "", match["whole"] or "")
    part = match["part"] or match["bare"] or ""
    if len(whole) + len(part) > DIGITS or (match["under"] and int(match["under"]) == 0):
        return None
    value = Fraction((whole or "0") + part) * Fraction(10) ** int(match["power"] or 0)
    if match["over"]:
        value += Fraction(int(match["over"]), int(match["under"]))
    elif match["under"]:
        value /= int(match["under"])
    value *= SCALES[match["scale"].casefold()] if match["scale"] else 1
    return -value if match["sign"] or match["inner"] else value


def _decimal(value: Fraction) -> str:
    """Plain decimals where the number has finitely many, else "p/q"."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    if rest > 1:
        return str(value)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def _plain(text: str) -> str:
    return " ".join(text[:LONGEST].split()).strip(QUOTES).casefold()


def _named(phrase: str, choices: Sequence[str]) -> int:
    """The choice a phrase names by its letter or by holding it, and no other, as whole words; else -1."""
    letter = re.match(r"\(?([A-Z])(?:\)|\.|:|$)", phrase)
    if letter and ord(letter[1]) - ord("A") < len(choices):
        return ord(letter[1]) - ord("A")
    shown = _plain(phrase)
    patterns = (rf"(?<!\w){re.escape(_plain(choice))}(?!\w)" for choice in choices)
    held = [index for index, pattern in enumerate(patterns) if re.search(pattern, shown)]
    return held[0] if len(held) == 1 else -1
