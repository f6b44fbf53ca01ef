"""LaTeX as plain text, as PRM800K has pylatexenc do it: the usual cases here, all others by pylatexenc in a worker.

pylatexenc takes about half a millisecond for an answer; what is read here (fractions, roots, a few symbols, text) takes
a tenth of that, and a test holds the two against each other.
"""

from __future__ import annotations

import re

PIECE = re.compile(
    r"\\(?P<macro>frac|sqrt|text|left|right|pi|infty|cup|cdot|times)(?![a-zA-Z])(?P<blank> *)"
    r"|\\(?P<space>[ ,!])"
    r"|(?P<plain>[0-9A-Za-z+*/=(),.:^_ \[\]]+|-(?!-))"
    r"|(?P<open>\{)|(?P<close>\})"
)
SYMBOLS = {"left": "", "right": "", "pi": "pi", "infty": "inf", "cup": "U", "cdot": "*", "times": "*"}
SPACES = {" ": " ", ",": " ", "!": ""}
UNICODE = {"√": "sqrt", "π": "pi", "∞": "inf", "∪": "U", "·": "*", "×": "*"}
PLAIN_TEXT = re.compile(r"\{([0-9A-Za-z+*/=(),.: ]*)\}")
DEEPEST = 20


class _Unusual(ValueError):
    """Not one of the usual cases."""


def usual(text: str) -> str | None:
    """Plain text of the LaTeX of most answers; None where only pylatexenc can tell."""
    try:
        shown, end = _run(prepared(text), 0, 0)
    except _Unusual:
        return None
    return shown.strip() if end == len(prepared(text)) else None


def prepared(text: str) -> str:
    """The LaTeX that is turned into text: one kind of fraction, a blank before it for the sake of mixed numbers."""
    shown = text.replace("\\tfrac", "\\frac").replace("\\dfrac", "\\frac")
    return shown.replace("\\frac", " \\frac")


def with_words(shown: str) -> str:
    """pylatexenc's text with words for the mathematical signs."""
    for sign, word in UNICODE.items():
        shown = shown.replace(sign, word)
    return shown.strip()


def _run(text: str, at: int, depth: int) -> tuple[str, int]:
    """Text from a place to the end, or to a brace that closes, and where that is."""
    parts: list[str] = []
    while at < len(text) and text[at] != "}":
        part, at = _piece(text, at, depth)
        parts.append(part)
    return "".join(parts), at


def _piece(text: str, at: int, depth: int) -> tuple[str, int]:
    match = PIECE.match(text, at)
    if match is None or depth > DEEPEST:
        raise _Unusual
    at = match.end()
    if match["plain"]:
        return match["plain"], at
    if match["space"]:
        return SPACES[match["space"]], at
    if match["open"]:
        return _group(text, at - 1, depth)
    return _macro(match["macro"], text, at, depth)


def _macro(name: str, text: str, at: int, depth: int) -> tuple[str, int]:
    """A macro with its arguments; `at` is after the blanks that follow its name."""
    if name in SYMBOLS:
        return SYMBOLS[name], at
    if name == "text":
        match = PLAIN_TEXT.match(text, at)
        if match is None:
            raise _Unusual
        return match[1], match.end()
    above, at = _argument(text, at, depth)
    if name == "sqrt":
        return f"sqrt({above})", at
    under, at = _argument(text, at, depth)
    return f"{above}/{under}", at


def _argument(text: str, at: int, depth: int) -> tuple[str, int]:
    """A group in braces, or one digit or letter."""
    if text.startswith("{", at):
        return _group(text, at, depth)
    if re.match(r"[0-9A-Za-z]", text[at : at + 1]) is None:
        raise _Unusual
    return text[at], at + 1


def _group(text: str, at: int, depth: int) -> tuple[str, int]:
    shown, at = _run(text, at + 1, depth + 1)
    if not text.startswith("}", at):
        raise _Unusual
    return shown, at + 1
