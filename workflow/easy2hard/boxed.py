"""The last \\boxed{} of a text: where MATH solutions, and models asked for it, put their answer."""

from __future__ import annotations

import re

SIGN = re.compile(r"(?P<mark>\\(?:boxed|fbox)(?![a-zA-Z]))(?P<braced> *\{)?|(?P<open>\{)|\}")
BARE = re.compile(r"(?:(?!\$|\n|\\[)\]]).){0,200}")


def last_boxed(text: str) -> str | None:
    """Content of the last balanced `\\boxed{…}` or `\\fbox{…}`; of a `\\boxed 5` without braces up to the `$`.

    One whose braces do not close (a text that was cut off) or that is empty is passed over; None where there is no
    other. One pass over the text.
    """
    found: dict[int, str] = {}  # where a mark stands → its content
    opened: list[tuple[int, int] | None] = []  # for each open brace its mark and where it began, None for other braces
    for sign in SIGN.finditer(text):
        if sign["braced"]:
            opened.append((sign.start(), sign.end()))
        elif sign["mark"]:
            found[sign.start()] = BARE.match(text, sign.end())[0].strip()
        elif sign["open"]:
            opened.append(None)
        elif opened and (box := opened.pop()):
            found[box[0]] = text[box[1] : sign.start()].strip()
    return next((found[mark] for mark in sorted(found, reverse=True) if found[mark]), None)
