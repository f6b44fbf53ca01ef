"""The last \\boxed{} of a text: where MATH solutions, and models asked for it, put their answer."""

from __future__ import annotations

import re

MARK = re.compile(r"\\(?:boxed|fbox)(?![a-zA-Z])")
BARE_END = re.compile(r"\$|\n|\\[)\]]")


def last_boxed(text: str) -> str | None:
    """Content of the last balanced `\\boxed{…}` or `\\fbox{…}`; of a `\\boxed 5` without braces up to the `$`.

    One whose braces do not close (a text that was cut off) is passed over; None where there is none.
    """
    for mark in reversed(list(MARK.finditer(text))):
        found = _content(text, mark.end())
        if found is not None:
            return found
    return None


def _content(text: str, at: int) -> str | None:
    """What stands at a mark's end; None where a brace is left open or nothing follows."""
    opened = len(text[at:]) - len(text[at:].lstrip(" ")) + at
    if not text.startswith("{", opened):
        return BARE_END.split(text[at:], maxsplit=1)[0].strip() or None
    depth = 0
    for place in range(opened, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[opened + 1 : place].strip() or None
    return None
