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
REQUIRED = 20.0  # at the width of the default models: two layers of 64


def fit_one(states: torch.Tensor, labels: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
    """One probe [D] by autograd and torch.optim, in the paper's steps; states [n, C, D]."""
    flat = states.flatten(0, 1)
    inputs = (states - flat.mean(0)) / flat.std(0)
    head = torch.nn.Linear(states.shape[-1], 1, bias=False)
    with torch.no_grad():
        head.weight.copy_(start)
    optimiser = torch.optim.SGD(head.parameters(), lr=0.05)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.1, 100)
    for _ in range(100):
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(head(inputs).squeeze(-1), labels) + head.weight.norm()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return head.weight.detach()


def world(width: int, items: int = 1000) -> tuple[probes.Pool, list[np.ndarray], list[int]]:
    """A pool of random states whose right choice is marked, and the nested training sets."""
    draw = seeds.generator(0, "bench", width)
    states = torch.from_numpy(draw.standard_normal((items, CHOICES, width), dtype=np.float32))
    labels = torch.from_numpy(draw.integers(0, CHOICES, items))
    states[torch.arange(items), labels] += 0.3
    valid = torch.ones(items, CHOICES, dtype=torch.bool)
    orders = [draw.permutation(items)[: max(SIZES)] for _ in range(GROUPS)]
    training = [order[:size] for order in orders for size in SIZES]
    return probes.Pool(states, labels, valid), training, list(range(len(training)))


def measure(width: int) -> dict[str, float]:
    """Seconds of CPU of both ways, their ratio and the largest difference between weights."""
    pool, training, numbers = world(width)
    probes.fit(pool, training[:2], numbers[:2], descent.Recipe())
    began = time.process_time()
    fitted = probes.fit(pool, training, numbers, descent.Recipe())
    together = time.process_time() - began
    began = time.process_time()
    starts = probes.initial_weights(pool.weight_shape, numbers)
    alone = [fit_one(pool.states[rows], pool.labels[rows], start) for rows, start in zip(training, starts, strict=True)]
    one_by_one = time.process_time() - began
    difference = float((torch.stack(alone) - fitted.weights).abs().max())
    ratio = one_by_one / together
    return {"width": width, "together": together, "one_by_one": one_by_one, "ratio": ratio, "difference": difference}


def main(widths: tuple[int, ...] = (128, 256, 512, 1024)) -> int:
    """Print one line a width; status 1 where the default width misses the required ratio or a weight differs."""
    torch.set_num_threads(1)
    rows = [measure(width) for width in widths]
    for row in rows:
        print("probes: " + ", ".join(f"{name} {value:.3g}" for name, value in row.items()))
    return int(rows[0]["ratio"] < REQUIRED or max(row["difference"] for row in rows) > 1e-5)


if __name__ == "__main__":
    sys.exit(main())
