"""All probes of a job at once against one after the other: CPU time, as a ratio within one run.

`python tests/benchmarks/bench_probes.py` from the repository root with PYTHONPATH=workflow. 180 probes: 5 seeds ×
6 nested sizes × 3 conditions × 2 measures, 4 choices. "One after the other" is the paper's recipe written plainly.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import torch
from easy2hard import seeds
from easy2hard.models import descent, probes

SIZES = (10, 20, 40, 80, 160, 320)
GROUPS = 5 * 3 * 2
CHOICES = 4
REPEATS = 2
# Variant, features, required ratio. 128 features: two layers of 64, as in the default run. With more features the
# loop's own work is as bound by memory as the batch's, and what batching saves on one core is less.
CASES = (("question_end", 128, 20.0), ("choice", 128, 15.0), ("question_end", 768, 5.0), ("choice", 768, 3.0))


def fit_one(states: torch.Tensor, labels: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
    """One probe [K, D] by autograd and torch.optim, in the paper's steps; states [n, C, D] or [n, D]."""
    flat = states.flatten(0, -2)
    inputs = (states - flat.mean(0)) / flat.std(0)
    head = torch.nn.Linear(*reversed(start.shape), bias=False)
    with torch.no_grad():
        head.weight.copy_(start)
    optimiser = torch.optim.SGD(head.parameters(), lr=0.05)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.1, 100)
    for _ in range(100):
        optimiser.zero_grad()
        scores = head(inputs).squeeze(-1)
        loss = torch.nn.functional.cross_entropy(scores, labels) + head.weight.norm()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return head.weight.detach()


def world(at: str, width: int, items: int = 1000) -> tuple[probes.Pool, list[np.ndarray], list[int]]:
    """A pool of random states whose right choice is marked, and the nested training sets.

    The mark is strong enough for weights well away from 0. At 0 the gradient of the penalty jumps (a norm, not its
    square), so a probe that learns nothing hops about 0 and blows up rounding: the loop in 32 and in 64 bits then
    differ by up to 1e-5 as well.
    """
    draw = seeds.generator(0, "bench", at, width)
    labels = torch.from_numpy(draw.integers(0, CHOICES, items))
    shape = (items, CHOICES, width) if at == "choice" else (items, width)
    states = torch.from_numpy(draw.standard_normal(shape, dtype=np.float32))
    if at == "choice":
        states[torch.arange(items), labels] += 0.3
    else:
        states[torch.arange(items), labels] += 3.0
    valid = torch.ones(items, CHOICES, dtype=torch.bool)
    orders = [draw.permutation(items)[: max(SIZES)] for _ in range(GROUPS)]
    training = [order[:size] for order in orders for size in SIZES]
    return probes.Pool(states, labels, valid), training, list(range(len(training)))


def measure(at: str, width: int) -> dict[str, object]:
    """Least CPU seconds of REPEATS turns of both ways, their ratio and the largest difference between weights."""
    pool, training, numbers = world(at, width)
    starts = probes.initial_weights(pool.weight_shape, numbers)
    together, alone = [], []
    for _ in range(REPEATS):
        began = time.process_time()
        fitted = probes.fit(pool, training, numbers, descent.Recipe())
        together.append(time.process_time() - began)
        began = time.process_time()
        pairs = zip(training, starts, strict=True)
        singly = [fit_one(pool.states[rows], pool.labels[rows], start) for rows, start in pairs]
        alone.append(time.process_time() - began)
    difference = float((torch.stack(singly) - fitted.weights).abs().max())
    seconds = {"together": min(together), "one by one": min(alone)}
    return {"at": at, "width": width, **seconds, "ratio": min(alone) / min(together), "difference": difference}


def main() -> int:
    """Print one line a case; status 1 where a required ratio is missed or a weight differs by more than 1e-5."""
    torch.set_num_threads(1)
    bad = 0
    for at, width, required in CASES:
        row = measure(at, width)
        bad += row["ratio"] < required or row["difference"] > 1e-5
        pairs = row.items()
        shown = [f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}" for name, value in pairs]
        print(f"probes: {', '.join(shown)} (required {required:g})", flush=True)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
