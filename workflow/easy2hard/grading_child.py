"""The worker process: judges answers one by one, within limits of time and memory, and dies where it meets them.

It loads what it needs once and forks; the fork judges, and when an answer kills it the next one is there at once.
In: 4 bytes of length and the JSON `[answer, gold]`. Out: `r` when ready, then for each answer `1`, `0`, or `x` where
judging it met a limit.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from functools import lru_cache
from itertools import accumulate
from typing import Any

from easy2hard import grading_algebra, grading_prm800k
from easy2hard.grading_latex import prepared, usual, with_words

SECONDS = 0.4
"""Processor time of one answer; not clock time, so that a busy machine changes no verdict."""
MEMORY = 1 << 30
DEEPEST = 12
"""Brackets within brackets that math-verify is given."""
REFUSED_EVENTS = ("os.", "shutil.", "socket.", "subprocess.", "pty.", "webbrowser.", "ctypes.dlopen")
"""Audit events, by how they begin, of files changed, processes started, connections made."""
ALLOWED_EVENTS = ("os.listdir", "os.scandir")


def main(rules: str) -> None:
    """Judge what comes on the standard input until it ends."""
    replies = os.dup(1)
    os.dup2(2, 1)  # what a library prints is no verdict
    judge(rules, "\\frac{2}{2}x+\\sqrt{8}+\\theta", "\\sqrt{2}+x+\\sqrt{2}+\\theta")  # loads what is loaded late
    for limit, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (value, value))
    os.write(replies, b"r")
    while True:
        judging = os.fork()
        if not judging:
            _serve(rules, replies)
            os._exit(0)
        _, status = os.waitpid(judging, 0)
        if status == 0:
            return
        os.write(replies, b"x")


def _serve(rules: str, replies: int) -> None:
    """Judge until the input ends. No answer's text is evaluated; the hook is a second wall behind that."""
    sys.dont_write_bytecode = True
    sys.addaudithook(_refuse)
    while size := _exactly(4):
        answer, gold = json.loads(_exactly(int.from_bytes(size, "big")))
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # its signal ends the process, whatever that is doing
        verdict = judge(rules, answer, gold)
        signal.setitimer(signal.ITIMER_PROF, 0)
        os.write(replies, b"1" if verdict else b"0")


def _exactly(size: int) -> bytes:
    """So many bytes of the input and no more, for what follows may be for the next fork; none at its end."""
    found = b""
    while len(found) < size:
        more = os.read(0, size - len(found))
        if not more:
            return b""
        found += more
    return found


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(REFUSED_EVENTS) and event not in ALLOWED_EVENTS:
        raise RuntimeError(f"{event} is not for a grader")


def judge(rules: str, answer: str, gold: str) -> bool:
    """The verdict of one of the rules that need more than text."""
    if rules == "math_verify":
        return _math_verify(answer, gold)
    equal = grading_algebra.equal if rules == "prm800k" else _never
    return bool(grading_prm800k.compare(answer, gold, latex_to_text, equal))


def _never(answer: str, gold: str) -> bool:
    """The released code of Sun 2024 leaves algebra out."""
    return False


@lru_cache(1 << 14)
def latex_to_text(text: str) -> str:
    """LaTeX as plain text; the text itself where pylatexenc fails."""
    shown = usual(text)
    return by_pylatexenc(text) if shown is None else shown


def by_pylatexenc(text: str) -> str:
    """LaTeX as plain text by pylatexenc alone."""
    from pylatexenc.latex2text import LatexNodes2Text
    from pylatexenc.latexwalker import LatexWalkerError

    try:
        return with_words(LatexNodes2Text().latex_to_text(prepared(text)))
    except (LatexWalkerError, ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return text


def _math_verify(answer: str, gold: str) -> bool:
    """Math-Verify's verdict, both texts as formulas.

    Only its LaTeX parser is used: its parser of plain expressions hands the text to sympy's, which evaluates it.
    """
    from math_verify import LatexExtractionConfig, parse, verify

    if _depth(answer) > DEEPEST or _depth(gold) > DEEPEST:
        return False  # its parser's time grows too fast with them
    reading = [LatexExtractionConfig()]
    said, right = (parse(f"${text}$", reading, parsing_timeout=None) for text in (answer, gold))
    return bool(verify(right, said, timeout_seconds=None))


def _depth(text: str) -> int:
    """How deep brackets of any kind are nested."""
    steps = ({"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(sign, 0) for sign in text)
    return max(accumulate(steps), default=0)


if __name__ == "__main__":
    main(sys.argv[1])
