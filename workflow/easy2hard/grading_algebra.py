"""Whether two formulas are equal: numbers first, then sympy. Only worker processes import this module's libraries."""

from __future__ import annotations

import zlib
from functools import cache, lru_cache
from typing import Any

from easy2hard.grading_parse import Arithmetic, Unreadable, evaluate

DIGITS = 40
CLOSE = 1e-10
LARGEST = 999  # exponents and factorials above are refused
CACHED = 1 << 14
OFF_LIMITS = (ArithmeticError, ValueError, TypeError, AttributeError, LookupError, NotImplementedError, RecursionError)
"""What sympy and mpmath raise where a formula has no value or is beyond them; the rules count it as not equal."""


def equal(answer: str, gold: str) -> bool:
    """Whether `simplify(gold - answer)` is zero; False for what cannot be read.

    Most pairs are told apart without sympy: the formulas are computed to 40 digits at one point, and where the values
    differ no simplification makes them equal.
    """
    said, right = _number(answer), _number(gold)
    if said is REFUSED or right is REFUSED:
        return False
    if said is not None and right is not None and abs(said - right) > CLOSE * (1 + abs(said) + abs(right)):
        return False
    return _equal_by_sympy(answer, gold)


REFUSED = object()


@lru_cache(CACHED)
def _number(text: str) -> Any:
    """The value at a fixed point, an mpmath number; None where there is none; REFUSED for what cannot be read."""
    try:
        value = evaluate(text, _numbers())
        return value if _numbers_context().isfinite(value) else None
    except Unreadable:
        return REFUSED
    except OFF_LIMITS:
        return None


def _equal_by_sympy(answer: str, gold: str) -> bool:
    import sympy

    try:
        difference = evaluate(gold, _symbols()) - evaluate(answer, _symbols())
        return bool(difference == 0 or sympy.simplify(difference) == 0)
    except OFF_LIMITS:
        return False


@cache
def _numbers_context() -> Any:
    import mpmath

    context = mpmath.MPContext()
    context.dps = DIGITS
    return context


@cache
def _numbers() -> Arithmetic:
    """Arithmetic on mpmath numbers; every letter has a fixed value between 1 and 2."""
    context = _numbers_context()

    def symbol(name: str) -> Any:
        return context.pi + 0 if name == "pi" else 1 + context.mpf(zlib.crc32(name.encode()) % 100_003) / 100_003

    def small(value: Any) -> Any:
        if abs(value) > LARGEST:
            raise Unreadable
        return value

    functions = {
        "sqrt": context.sqrt,
        "ln": context.ln,
        "csc": context.csc,
        "!": lambda value: context.factorial(small(value)),
        "!!": lambda value: context.fac2(small(value)),
    }
    return Arithmetic(context.mpf, context.mpf, symbol, functions, lambda base, power: base ** small(power))


@cache
def _symbols() -> Arithmetic:
    """Arithmetic on sympy expressions."""
    import sympy

    functions = {
        "sqrt": sympy.sqrt,
        "ln": sympy.log,
        "csc": sympy.csc,
        "!": sympy.factorial,
        "!!": sympy.factorial2,
    }
    return Arithmetic(
        sympy.Integer,
        sympy.Float,
        lambda name: sympy.pi if name == "pi" else sympy.Symbol(name),
        functions,
        lambda base, power: base**power,
    )
