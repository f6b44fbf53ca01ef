"""Errors a user can mend: one clear line, no traceback."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Something the user can mend. The message is one line: what is wrong, where, what was expected."""

    def __init__(self, message: str):
        super().__init__(" ".join(str(message).split()))


def nearest(name: object, options: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the option most like `name`, or the empty string."""
    matches = difflib.get_close_matches(str(name), [str(option) for option in options], n=1, cutoff=0.5)
    return f"; did you mean '{matches[0]}'?" if matches else ""


def unknown(kind: str, name: object, options: Iterable[str], place: str = "") -> UserError:
    """The error for a name that is not among `options`: its place, what is allowed, the nearest match."""
    options = sorted(map(str, options))
    where = f"{place}: " if place else ""
    return UserError(
        f"{where}unknown {kind} '{name}'; allowed: {', '.join(options) or '(none)'}{nearest(name, options)}"
    )
