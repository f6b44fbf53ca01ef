"""Block bootstrap of the SGR: matrix products against plain loops, CPU time of both in one run.

    PYTHONPATH=workflow python tests/benchmarks/bench_bootstrap.py [items] [seeds]

The loops run a few resamples and are compared per resample; both draw the same numbers of items and seeds, and their
standard errors must agree, so that the same thing is timed.
"""

from __future__ import annotations

import json
import math
import random
import sys
import time

import numpy as np
from easy2hard import bootstrap

RESAMPLES, LOOPS = 10_000, 30


def invent(n_items: int, n_seeds: int) -> dict[str, np.ndarray]:
    """Three matrices with 5 % of the cells untested."""
    rng = np.random.default_rng(0)
    found = {}
    for role, rate, width in (("easy", 0.7, n_seeds), ("hard", 0.75, n_seeds), ("unsupervised", 0.5, 1)):
        found[role] = (rng.random((n_items, width)) < rate).astype(float)
        found[role][rng.random((n_items, width)) < 0.05] = math.nan
    return found


def loop_accuracy(matrix: list[list[float]], rows: list[int], columns: list[int]) -> float:
    """Mean of the columns' means, cell by cell."""
    means = []
    for column in columns:
        total = number = 0
        for row in rows:
            value = matrix[row][column]
            if value == value:  # not NaN
                total += value
                number += 1
        means.append(total / number)
    return sum(means) / len(means)


def loops(matrices: dict[str, np.ndarray], resamples: int) -> list[float]:
    """SGR of each resample in plain Python."""
    rng = random.Random(0)
    lists = {role: matrix.tolist() for role, matrix in matrices.items()}
    n_items = len(lists["easy"])
    found = []
    for _ in range(resamples):
        rows = rng.choices(range(n_items), k=n_items)
        at = {}
        for role, matrix in lists.items():
            width = len(matrix[0])
            at[role] = loop_accuracy(matrix, rows, rng.choices(range(width), k=width))
        found.append((at["easy"] - at["unsupervised"]) / (at["hard"] - at["unsupervised"]))
    return found


def products(matrices: dict[str, np.ndarray], resamples: int) -> np.ndarray:
    """SGR of each resample as the library draws it."""
    draws = bootstrap.means(matrices, resamples, seed=0)
    return (draws["easy"] - draws["unsupervised"]) / (draws["hard"] - draws["unsupervised"])


def measure(n_items: int = 3521, n_seeds: int = 10) -> dict:
    """CPU seconds per 10,000 resamples of both, their ratio, and the two standard errors."""
    matrices = invent(n_items, n_seeds)
    start = time.process_time()
    fast = products(matrices, RESAMPLES)
    middle = time.process_time()
    slow = loops(matrices, LOOPS)
    end = time.process_time()
    seconds = {"products_s": middle - start, "loops_s": (end - middle) * RESAMPLES / LOOPS}
    ratio = seconds["loops_s"] / seconds["products_s"]
    errors = {"products_error": float(np.std(fast)), "loops_error": float(np.std(slow))}
    return {"items": n_items, "seeds": n_seeds, **seconds, "ratio": ratio, **errors}


if __name__ == "__main__":
    shown = measure(*map(int, sys.argv[1:]))
    print(json.dumps({name: round(value, 4) for name, value in shown.items()}))
    # 30 resamples know a standard error to about 13 %: three of these is the margin.
    assert abs(shown["products_error"] / shown["loops_error"] - 1) < 0.4, "the two bootstraps do not agree"
    assert shown["ratio"] >= 20, "matrix products should be at least 20 times faster than loops"
