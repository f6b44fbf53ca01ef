"""Which earlier answers an answer may equal by the rules of PRM800K, so that voting need not compare all with all.

A necessary condition, cheap: the same characters after one of the two rewritings, or about the same value. Values are
plain floats here; where they could mislead (large intermediate values, no value) an answer is compared with all others.
"""

from __future__ import annotations

import cmath
import math
import zlib
from bisect import bisect_left, bisect_right, insort
from typing import Any, Literal

from easy2hard.grading_latex import usual
from easy2hard.grading_parse import Arithmetic, Unreadable, evaluate
from easy2hard.grading_prm800k import after_latex, before_latex, elements, mathd, worth_trying

ABOUT = 1e-3
LARGEST = 1e6
Key = float | Literal["text", "unknown"]
"""About the value of an answer; text: equal by characters alone; unknown: no telling."""


class Every:
    """Numbered answers, any of which another may equal."""

    def __init__(self) -> None:
        self._all: list[int] = []

    def of(self, answer: str) -> list[int]:
        """Numbers of the answers that this one may equal, in order."""
        return self._all

    def add(self, answer: str, number: int) -> None:
        """Remember an answer under a number."""
        self._all.append(number)


class Same:
    """The same where only equal characters count."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, answer: str) -> list[int]:
        """Number of the answer with the same characters, outer blanks aside, if there is one."""
        number = self._numbers.get(answer.strip())
        return [] if number is None else [number]

    def add(self, answer: str, number: int) -> None:
        """Remember an answer under a number."""
        self._numbers.setdefault(answer.strip(), number)


class Near:
    """The same by the rules of PRM800K."""

    def __init__(self) -> None:
        self._by_text: dict[tuple[str, str], int] = {}
        self._by_value: list[tuple[float, int]] = []
        self._unknown: list[int] = []
        self._all: list[int] = []

    def of(self, answer: str) -> list[int]:
        """Numbers of the answers that this one may equal, in order."""
        forms, key = _forms(answer)
        if key == "unknown":
            return self._all
        found = {self._by_text[form] for form in forms if form in self._by_text} | set(self._unknown)
        if key != "text":
            reach = ABOUT * (1 + abs(key))
            low = bisect_left(self._by_value, (key - reach,))
            high = bisect_right(self._by_value, (key + reach, math.inf))
            found.update(number for _, number in self._by_value[low:high])
        return sorted(found)

    def add(self, answer: str, number: int) -> None:
        """Remember an answer under a number."""
        forms, key = _forms(answer)
        self._all.append(number)
        for form in forms:
            self._by_text.setdefault(form, number)
        if key == "unknown":
            self._unknown.append(number)
        elif key != "text":
            insort(self._by_value, (key, number))


def _forms(answer: str) -> tuple[list[tuple[str, str]], Key]:
    """The answer as each of the two rules rewrites it, and about its value."""
    plain = before_latex(answer)
    shown = usual(plain) if "\\" in plain else plain
    forms = [("mathd", mathd(answer))]
    if shown is None:
        return forms, "unknown"
    text = after_latex(shown)
    return [*forms, ("prm800k", text)], _key(text)


def _key(text: str) -> Key:
    """The values of the elements as one number, which is about the same where all of them are."""
    total = 0.0
    for place, element in enumerate(elements(text), start=1):
        if not worth_trying(element, ""):
            return "text"
        try:
            value = complex(_number(element))
        except Unreadable:
            return "text"
        except (ArithmeticError, ValueError):
            return "unknown"
        total += (value.real + 0.37 * value.imag) / place
    return total if math.isfinite(total) else "unknown"


def _number(element: str) -> complex:
    return float(element) if element.isdigit() else evaluate(element, _FLOATS)


def _checked(value: Any) -> Any:
    """A value that float arithmetic is right about. Raises OverflowError for others."""
    if not abs(value) <= LARGEST:
        raise OverflowError
    return value


def _power(base: Any, exponent: Any) -> Any:
    return _checked(_checked(base) ** _checked(exponent))


def _symbol(name: str) -> float:
    return math.pi if name == "pi" else 1 + zlib.crc32(name.encode()) % 100_003 / 100_003


def _unknown(value: Any) -> Any:
    raise OverflowError


_FLOATS = Arithmetic(
    integer=lambda text: _checked(float(text)),
    decimal=lambda text: _checked(float(text)),
    symbol=_symbol,
    functions={
        "sqrt": lambda value: _checked(cmath.sqrt(value)),
        "ln": lambda value: _checked(cmath.log(value)),
        "csc": _unknown,
        "!": _unknown,
        "!!": _unknown,
    },
    power=_power,
)
