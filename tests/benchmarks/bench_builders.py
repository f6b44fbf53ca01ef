"""Builders of training data on files of full size: peak memory (at most 1 GB each) and records a second.

PRM800K's second phase has 456 MB, MetaMath 395,000 rows in one JSON list, Math-Shepherd 793 MB; the files made here are
as large, of random words. Run: `PYTHONPATH=workflow:tests python tests/benchmarks/bench_builders.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from easy2hard import tables
from teaching_world import problems, record, step

LIMIT = 1000  # MB
PHASE2, METAMATH, SHEPHERD = 456_135_365, 395_000, 793_000_000  # bytes, rows, bytes
PROBLEMS = 12_000
BUILDS = (
    ("prm800k", "labelled"),
    ("prm800k", "lessons"),
    ("metamath", "lessons"),
    ("math_shepherd", "labelled"),
)


class Words:
    """Random sentences, most of them new."""

    def __init__(self):
        self._draw = np.random.default_rng(0)
        self._pool = ["".join(chr(97 + letter) for letter in self._draw.integers(0, 26, 6)) for _ in range(4000)]
        self._numbers: list[int] = []

    def number(self, below: int) -> int:
        if not self._numbers:
            self._numbers = self._draw.integers(0, 1 << 40, 100_000).tolist()
        return self._numbers.pop() % below

    def sentence(self, words: int) -> str:
        start = self.number(len(self._pool) - words)
        return f"{' '.join(self._pool[start : start + words])} {self.number(10**6)}."


def question(number: int) -> str:
    """A problem of about the length of MATH's."""
    return f"Problem {number}: " + "how many are there of these and those, taken together? " * 3


def prm800k(words: Words, scale: float) -> Iterator[str]:
    """Records as long and as many as those of the second phase; 900,000 rated steps."""
    written = 0
    while written < PHASE2 * scale:
        chain = [step((words.sentence(14), 1), chosen=0) for _ in range(3 + words.number(8))]
        others = [(words.sentence(14), words.number(3) - 1) for _ in range(1 + words.number(5))]
        made = record(question(words.number(PROBLEMS)), *chain, step(*others))
        made["question"]["pre_generated_steps"] = [words.sentence(14) for _ in range(18)]
        line = json.dumps(made)
        written += len(line) + 1
        yield line + "\n"


def metamath(words: Words, scale: float) -> Iterator[str]:
    """A list of 395,000 rows, about as long as the published file."""
    rows = int(METAMATH * scale)
    for number in range(rows):
        kind = ("MATH_AnsAug", "GSM_Rephrased")[number % 5 > 1]
        original = question(words.number(PROBLEMS))
        query = original if number % 3 == 0 else words.sentence(20)
        response = "\n".join(words.sentence(16) for _ in range(4)) + f"\nThe answer is: {number}"
        row = {"type": kind, "query": query, "original_question": original, "response": response}
        yield ("[" if number == 0 else "") + json.dumps(row) + ("]\n" if number == rows - 1 else ",\n")


def math_shepherd(words: Words, scale: float) -> Iterator[str]:
    """Lines with six labelled steps."""
    written = 0
    while written < SHEPHERD * scale:
        steps = [f"Step {number}: {words.sentence(14)} {{}}\n" for number in range(1, 7)]
        text = f"{question(words.number(PROBLEMS))} " + "".join(steps)
        signs = ["+-"[words.number(2)] for _ in steps]
        line = json.dumps({"input": text.format(*["ки"] * 6), "label": text.format(*signs), "task": "MATH"})
        written += len(line) + 1
        yield line + "\n"


FILES = {
    "prm800k": ("phase2_train.jsonl", prm800k),
    "metamath": ("MetaMathQA-395K.json", metamath),
    "math_shepherd": ("math-shepherd.jsonl", math_shepherd),
}


def build(folder: Path, plugin: str, gives: str, known: dict[str, Path]) -> tuple[float, float, dict]:
    """(CPU seconds, peak MB, what the table tells) of the stage, run as a process of its own."""
    out = folder / "out.parquet"
    drawn = {"part": "main", "measure": "level", "condition": "easy", "size": None}
    given = {
        "plugin": plugin,
        "gives": gives,
        "source": json.dumps({"path": str(folder / FILES[plugin][0])}),
        "problems": json.dumps(drawn),
        "options": "{}",
        "on-bad-record": "stop",
        "format": "prm800k",
        "seed": "0",
        "out": str(out),
        **{name: str(path) for name, path in known.items()},
    }
    command = [sys.executable, "-m", "easy2hard.stages.teach"]
    command += [part for name, value in given.items() for part in (f"--{name}", value)]
    with open(folder / "log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit((folder / "log").read_text(encoding="utf-8"))
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1000, tables.metadata(out) | {"size": out.stat().st_size}


def main() -> int:
    """Print memory and speed of each builder; status 1 when one needs more than the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size")
    chosen = parser.parse_args()
    words, worst = Words(), 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        half = {f"train/a/{n}.json": (question(n), 1 + n % 5, "main") for n in range(PROBLEMS - 500)}
        tested = {f"test/a/{n}.json": (question(n), 1 + n % 5, "test") for n in range(PROBLEMS - 500, PROBLEMS)}
        known = problems(folder, half | tested)
        for plugin, (file, rows) in FILES.items():
            with open(folder / file, "w", encoding="utf-8") as handle:
                handle.writelines(rows(words, chosen.scale))
            for gives in [gives for kind, gives in BUILDS if kind == plugin]:
                seconds, peak, told = build(folder, plugin, gives, known)
                worst = max(worst, peak)
                size, made, records = (folder / file).stat().st_size / 1e6, told["size"] / 1e6, told["records"]
                print(f"{plugin} {gives}: {size:,.0f} MB, {records:,} records in {seconds:.0f} s", end="")
                print(f" of CPU ({records / seconds:,.0f} a second), peak {peak:.0f} MB; ", end="")
                print(f"{told['examples']:,} examples in {made:,.0f} MB", flush=True)
            (folder / file).unlink()
    print(f"largest peak {worst:.0f} MB (limit {LIMIT})")
    return 0 if worst <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
