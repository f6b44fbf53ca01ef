"""Cuts a worked solution into steps at its sentences, by the rules of Sun 2024's code (§1.3 of the specification)."""

from __future__ import annotations

import re

ABBREVIATIONS = ("Mr.", "Mrs.", "Ms.", "Dr.", "St.", "Prof.")
BREAK = re.compile(r"\s*\n\s*|(?<=\.) +|(?<=\.\$) *|(?<=\\\]) *")
# Never cut inside: displayed formulas, as in the released code, and (ours) environments and drawings, which only MATH's
# own solutions have.
WHOLE = re.compile(r"\\\[.*?\\\]|\\begin\{([a-z]+\*?)\}.*?\\end\{\1\}|\[asy\].*?\[/asy\]", re.DOTALL)


def steps(text: str) -> list[str]:
    """The steps of a solution, none empty; only white space at the cuts, and blank lines, are lost.

    A line end, a full stop with a blank, `.$` and `\\]` end a step; not after a comma or a title (Mr., Prof.), not
    before a `$`, not inside a displayed formula, an environment or a drawing.
    """
    whole = [match.span() for match in WHOLE.finditer(text)]
    found, start = [], 0
    for cut in BREAK.finditer(text):
        if not _undone(text[start : cut.start()], text[cut.end() : cut.end() + 1], cut.start(), whole):
            found.append(text[start : cut.start()].strip())
            start = cut.end()
    found.append(text[start:].strip())
    return [re.sub(r"\n\s*\n", "\n", step) for step in found if step]


def _undone(before: str, after: str, at: int, whole: list[tuple[int, int]]) -> bool:
    """Whether a break at a place does not count."""
    joined = after == "$" or before.endswith((",", *ABBREVIATIONS))
    return joined or any(start < at < stop for start, stop in whole)
