"""Progress of long loops: a live line in a terminal, sparse lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
TERMINAL_EVERY, LOG_EVERY = 0.2, 30.0  # seconds


def track(rows: Iterable[T], total: int, label: str, unit: str = "rows") -> Iterator[T]:
    """Yield `rows` and say on stderr how many are done, the rate and the time left."""
    live = sys.stderr.isatty()
    every = TERMINAL_EVERY if live else LOG_EVERY
    start = last = time.monotonic()
    done = 0
    for row in rows:
        yield row
        done += 1
        now = time.monotonic()
        if now - last >= every:
            last = now
            _say(_line(label, done, total, now - start, unit), live, end=False)
    _say(_line(label, done, total, time.monotonic() - start, unit), live, end=True)


def _line(label: str, done: int, total: int, seconds: float, unit: str) -> str:
    rate = done / seconds if seconds > 0 else 0.0
    left = (total - done) / rate if rate > 0 else 0.0
    return f"{label}: {done:,}/{total:,} {unit}, {rate:,.1f} {unit}/s, {left:,.0f} s left"


def _say(line: str, live: bool, end: bool) -> None:
    if live:
        print(f"\r\x1b[K{line}", end="\n" if end else "", file=sys.stderr, flush=True)
    else:
        print(line, file=sys.stderr, flush=True)
