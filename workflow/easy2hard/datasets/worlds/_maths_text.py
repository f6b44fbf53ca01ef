"""How the maths world writes: problems, steps and solutions as words, and the checker of steps.

`Q 6 #2 *5 #3 +1 ?` is solved by `#2 *5 2 #3 +1 3 ans 3`: line number, operation, running value; then the answer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from easy2hard.datasets.worlds import _maths_facts as maths
from easy2hard.errors import UserError

TEXTBOOK, FORUM, ASK, END, ANSWER, EOS = "<textbook>", "<forum>", "Q", "?", "ans", "<eos>"
VALUES = tuple(str(value) for value in range(maths.MODULUS))
LINES = tuple(f"#{line}" for line in maths.LEVELS)


def vocabulary() -> list[str]:
    """Words of the world in a fixed order, without the special tokens bos, eos, pad, unk."""
    return [TEXTBOOK, FORUM, ASK, END, ANSWER, *VALUES, *LINES, *maths.OPERATIONS]


def question(problem: np.ndarray) -> str:
    """One problem as text."""
    first, start, *operations = problem.tolist()
    lines = (f"#{first + place} {maths.OPERATIONS[number]}" for place, number in enumerate(operations))
    return " ".join([ASK, VALUES[start], *lines, END])


def steps(problem: np.ndarray, running: np.ndarray) -> list[str]:
    """Worked steps of one problem. running: the value after each operation, (level,)."""
    first, _, *operations = problem.tolist()
    return [
        f"#{first + place} {maths.OPERATIONS[number]} {value}"
        for place, (number, value) in enumerate(zip(operations, running.tolist(), strict=True))
    ]


def solved(problems: np.ndarray, running: np.ndarray) -> np.ndarray:
    """Words (n, 5 * level + 6) of each problem with its solution and the end token. running: as written, (n, level)."""
    level = problems.shape[1] - 2
    lines = np.array(LINES, dtype=object)[problems[:, :1] - 1 + np.arange(level)]
    operations = np.array(maths.OPERATIONS, dtype=object)[problems[:, 2:]]
    said, start = (np.array(VALUES, dtype=object)[numbers] for numbers in (running, problems[:, 1:2]))
    asked = np.stack([lines, operations], axis=2).reshape(len(problems), -1)
    worked = np.stack([lines, operations, said], axis=2).reshape(len(problems), -1)
    ask, end, answer, eos = (np.full((len(problems), 1), word, dtype=object) for word in (ASK, END, ANSWER, EOS))
    return np.hstack([ask, start, asked, end, worked, answer, said[:, -1:], eos])


def read(text: str) -> np.ndarray:
    """The problem (level + 2,) of a question as `question` writes it. Raises UserError for any other text."""
    words = text.split()
    lines, operations = words[2:-1:2], words[3:-1:2]
    try:
        begin = LINES.index(lines[0]) + 1, VALUES.index(words[1])
        problem = np.array([*begin, *map(maths.OPERATIONS.index, operations)])
    except (ValueError, IndexError):
        problem = None
    if problem is None or problem[0] + len(lines) > len(LINES) + 1 or question(problem).split() != words:
        raise UserError(f"worlds/maths: no problem of this world: {text!r}")
    return problem


def check(problem: np.ndarray, written: Sequence[str]) -> list[int]:
    """A label a step: 1 right, 0 the first wrong one, -1 after it. The answer is the last step; it is right if it
    follows all others and is the last value."""
    running = maths.values(problem[None])[0, 1:]
    right = [*steps(problem, running), f"{ANSWER} {VALUES[running[-1]]}"]
    labels, sound = [], True
    for place, step in enumerate(written):
        good = sound and place < len(right) and step.split() == right[place].split()
        labels.append(1 if good else 0 if sound else -1)
        sound = good
    return labels
