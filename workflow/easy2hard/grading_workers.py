"""Answers are judged in a process that is killed and replaced when one of them takes too long or too much memory."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

from easy2hard import grading_child

START_SECONDS, STOP_SECONDS = 120.0, 1.0
STALLED_SECONDS = 20.0
"""Clock time without a reply after which a worker is taken for dead; its own limit of processor time comes first."""
CHUNK = 16_000
"""Bytes sent at once: what a pipe holds, so that sending never waits for a worker that hangs."""
ROOT = Path(__file__).resolve().parents[1]


class Worker:
    """A worker process for one kind of rules, started when first needed.

    It replaces its own judging part after an answer that this did not survive; where it does not, it is replaced.
    """

    def __init__(self, rules: str) -> None:
        self._rules = rules
        self.given_up = 0
        """Answers that were counted as wrong because judging them met a limit."""
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()
        self._lock = Lock()
        atexit.register(self.stop)

    def judge(self, tasks: Sequence[tuple[str, str]]) -> list[bool]:
        """Verdicts of (answer, gold), in order. Raises RuntimeError where no worker can be started."""
        lines = [_framed(task) for task in tasks]
        verdicts: list[bool] = []
        with self._lock:
            while len(verdicts) < len(lines):
                chunk = _chunk(lines, len(verdicts))
                replies = self._ask(chunk)
                replies += b"x" if len(replies) < len(chunk) else b""
                verdicts.extend(reply == ord("1") for reply in replies)
                self.given_up += replies.count(b"x")
        return verdicts

    def stop(self) -> None:
        """Let the worker process end, if there is one of ours."""
        if self._child is not None and self._owner == os.getpid():
            _end(self._child)
        self._child = None

    def _ask(self, lines: list[bytes]) -> bytes:
        """A byte a line; fewer where the worker died or hung at the next one, and then it is gone."""
        child = self._running()
        _read(child, 0)  # a judging part that died between two questions has left a mark
        with suppress(BrokenPipeError):  # it died on the way: the replies that it gave are there to be read
            child.stdin.write(b"".join(lines))
            child.stdin.flush()
        replies = b""
        try:
            while len(replies) < len(lines) and (more := _read(child, STALLED_SECONDS)):
                replies += more
        finally:
            if len(replies) < len(lines):  # also where the user interrupts: later replies would be to other answers
                self._drop()
        return replies

    def _drop(self) -> None:
        """Kill the worker; the next question starts another."""
        if self._child is not None:
            _kill(self._child)
        self._child = None

    def _running(self) -> subprocess.Popen[bytes]:
        """A living worker of this process."""
        if self._owner != os.getpid():  # after a fork: the other one's worker is not ours
            self._child, self._owner = None, os.getpid()
        if self._child is not None and self._child.poll() is not None:
            self._drop()
        if self._child is None:
            self._child = _start(self._rules)
        return self._child


def _start(rules: str) -> subprocess.Popen[bytes]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    # A fixed hash seed: sympy's order of terms, and with it what it simplifies, follows hashes.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": "0"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-m", grading_child.main.__module__, rules]
    child = subprocess.Popen(command, env=environment, start_new_session=True, **pipes)
    if _read(child, START_SECONDS) != b"r":
        _kill(child)
        raise RuntimeError(f"no grading worker could be started: {' '.join(command)} (status {child.returncode})")
    return child


def _end(child: subprocess.Popen[bytes]) -> None:
    """Let a worker end by closing its input; kill it where it does not."""
    child.stdin.close()
    try:
        child.wait(STOP_SECONDS)
        child.stdout.close()
    except subprocess.TimeoutExpired:
        _kill(child)


def _kill(child: subprocess.Popen[bytes]) -> None:
    """Kill a worker with its judging part, which is of the same session."""
    with suppress(ProcessLookupError):  # both have ended already
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout):
        with suppress(BrokenPipeError):  # what was left to be sent is lost with it
            pipe.close()


def _framed(task: tuple[str, str]) -> bytes:
    told = json.dumps(task).encode()
    return len(told).to_bytes(4, "big") + told


def _chunk(lines: list[bytes], start: int) -> list[bytes]:
    """The next lines that fit into one write; at least one."""
    size, stop = len(lines[start]), start + 1
    while stop < len(lines) and size + len(lines[stop]) <= CHUNK:
        size, stop = size + len(lines[stop]), stop + 1
    return lines[start:stop]


def _read(child: subprocess.Popen[bytes], seconds: float) -> bytes:
    """What the worker has written; nothing where it ended, or wrote nothing for so long."""
    ready, _, _ = select.select([child.stdout], [], [], seconds)
    return os.read(child.stdout.fileno(), CHUNK) if ready else b""
