"""Reads a formula without Python's parser: its text is never given to `eval`, nor to a function that uses it.

sympy's `parse_expr` evaluates its input, so the text of a model must not reach it. What is read here is cut into tokens
of a closed list (numbers, letters, a few functions, operators, round brackets), of bounded number and depth, and turned
into values by the callables of an `Arithmetic`. Anything else is refused. Inside that list the meaning is that of
`parse_expr` with implicit multiplication, as the rules of PRM800K call it: `2x(x+1)` multiplies, `1/2x` is half of x,
`xy` is x times y, `^` is a power.

DEVIATION: the rules give formulas to `parse_expr` itself, so that what sympy knows beyond this list (functions under
names of two letters, repeating decimals, complex numbers, factorials of products, greater numbers) can be equal there
and is not here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

MOST_TOKENS = 300
DEEPEST = 40
FUNCTIONS = frozenset({"sqrt", "ln", "csc"})
# Names of at most two letters that sympy would take for functions or constants of its own: not read.
REFUSED = frozenset(
    {"all", "eye", "ff", "fft", "frac", "fu", "gff", "id", "im", "jn", "li", "nan", "ntt", "oo", "re", "rf", "yn"}
    | {"zoo", "as", "if", "in", "is", "or", *FUNCTIONS}
)
WHOLE_NAMES = frozenset({"pi", "xi", "mu", "nu"})
TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+(?:_[0-9]+)*\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?)"
    r"|(?P<word>[^\W\d_]\w*)"
    r"|(?P<sign>\*\*|[-+*/^()!])"
)
BAD_NUMBER = re.compile(r"0+[1-9][0-9]*|.*e[-+]?[0-9]{4,}")
Token = tuple[str, str]


class Unreadable(ValueError):
    """The text is no formula of the kind that is read, or too large a one."""


@dataclass(frozen=True)
class Arithmetic:
    """What numbers and names become. Values must have + - * / and unary minus; `power` may refuse."""

    integer: Callable[[str], Any]
    decimal: Callable[[str], Any]
    symbol: Callable[[str], Any]
    functions: dict[str, Callable[[Any], Any]]
    """sqrt, ln, csc, and `!` and `!!` for the factorials."""
    power: Callable[[Any, Any], Any]


def evaluate(text: str, arithmetic: Arithmetic) -> Any:
    """The value of a formula. Raises Unreadable, and whatever the arithmetic raises (division by zero, overflow)."""
    return _Reader(list(_tokens(text)), arithmetic).whole()


def _tokens(text: str) -> Iterator[Token]:
    at = count = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        count += 1
        if match is None or count > MOST_TOKENS:
            raise Unreadable
        at = match.end()
        if match["word"]:
            yield from _word(match["word"], text[at : at + 1])
        elif match["number"]:
            yield _number(match["number"].replace("_", ""))
        else:
            yield "sign", "**" if match["sign"] == "^" else match["sign"]


def _number(text: str) -> Token:
    if BAD_NUMBER.fullmatch(text):
        raise Unreadable
    return "integer" if text.isdigit() else "decimal", text


def _word(word: str, following: str) -> Iterator[Token]:
    """A function that is applied, one name, or the letters and numbers of a product."""
    if following == "(" and word in FUNCTIONS:
        yield "function", word
    elif word in REFUSED:
        raise Unreadable
    elif len(word) == 1 or word in WHOLE_NAMES or "_" in word:
        yield _letter(word)
    else:
        product = [
            _number(part) if part.isascii() and part.isdigit() else _letter(part)
            for part in re.findall(r"[0-9]+|\D|\d", word)
        ]
        # A factorial is of the whole word.
        yield from [("sign", "("), *product, ("sign", ")")] if following == "!" else product


def _letter(word: str) -> Token:
    if not word[0].isalpha():
        raise Unreadable
    return "name", word


class _Reader:
    """Recursive descent over the tokens; each method reads one level of precedence and gives its value."""

    def __init__(self, tokens: list[Token], arithmetic: Arithmetic):
        self._tokens, self._arithmetic = [*tokens, ("end", "")], arithmetic
        self._at = self._depth = 0

    def whole(self) -> Any:
        value = self._sum()
        if self._tokens[self._at][0] != "end":
            raise Unreadable
        return value

    def _sum(self) -> Any:
        value = self._product()
        while sign := self._take("+", "-"):
            other = self._product()
            value = value + other if sign == "+" else value - other
        return value

    def _product(self) -> Any:
        value = self._signed()
        while True:
            if self._take("*"):
                value = value * self._signed()
            elif self._take("/"):
                value = value / self._signed()
            elif self._starts_atom():
                value = value * self._power()
            else:
                return value

    def _signed(self) -> Any:
        sign = self._take("+", "-")
        if not sign:
            return self._power()
        value = self._nested(self._signed)
        return -value if sign == "-" else value

    def _power(self) -> Any:
        value = self._atom()
        while self._take("!"):
            value = self._arithmetic.functions["!!" if self._take("!") else "!"](value)
        return self._arithmetic.power(value, self._nested(self._signed)) if self._take("**") else value

    def _atom(self) -> Any:
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind in ("integer", "decimal"):
            return getattr(self._arithmetic, kind)(text)
        if kind == "name":
            return self._arithmetic.symbol(text)
        if kind == "function":
            self._at += 1  # the bracket
            return self._arithmetic.functions[text](self._nested(self._bracketed))
        if text == "(":
            return self._nested(self._bracketed)
        raise Unreadable

    def _bracketed(self) -> Any:
        value = self._sum()
        if not self._take(")"):
            raise Unreadable
        return value

    def _nested(self, read: Callable[[], Any]) -> Any:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unreadable
        value = read()
        self._depth -= 1
        return value

    def _starts_atom(self) -> bool:
        kind, text = self._tokens[self._at]
        return kind in ("integer", "decimal", "name", "function") or text == "("

    def _take(self, *signs: str) -> str:
        """The next token's sign if it is one of these, which is then passed; else the empty string."""
        kind, text = self._tokens[self._at]
        if kind != "sign" or text not in signs:
            return ""
        self._at += 1
        return text
