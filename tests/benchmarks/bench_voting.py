"""Voting on 500 problems × 1024 samples × 11 numbers × 400 subsets × 17 methods: CPU seconds, memory; against loops.

    PYTHONPATH=workflow python tests/benchmarks/bench_voting.py [items] [samples] [subsets]

Methods: majority, 7 weighted votes, 7 best-of-N, pass@N, a random pick. The plain loop votes on one problem with the
same subsets, is compared per problem, and must give the same shares.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import numpy as np
from easy2hard import ballots, seeds, voting

NUMBERS = [2**power for power in range(11)]
LIMIT_S, LIMIT_MB = 60, 2048


def invent(n_items: int, size: int) -> tuple[voting.Samples, list[voting.Ballot]]:
    """Pools with 5 to 600 distinct answers, as frequent as words are, one sample in twenty without an answer."""
    rng = np.random.default_rng(0)
    pools = []
    for _ in range(n_items):
        chances = 1 / np.arange(1, rng.integers(6, 601)) ** 1.1
        cluster = rng.choice(len(chances), size, p=chances / chances.sum())
        cluster[rng.random(size) < 0.05] = -1
        pools.append(ballots.pool(cluster, cluster == rng.integers(0, 4)))
    ids = tuple(f"q{place:04d}" for place in range(n_items))
    total = n_items * size
    scores = [rng.random(total) for _ in range(14)]
    named = [voting.Ballot("weighted" if place < 7 else "best_of_n", values) for place, values in enumerate(scores)]
    plain = [voting.Ballot(method) for method in ("majority", "pass_at_n", "random")]
    return voting.Samples(ids, tuple(pools), np.arange(0, total + 1, size), np.arange(total)), [*plain, *named]


def loops(samples: voting.Samples, chosen: list[voting.Ballot], numbers: list[int], subsets: int) -> list[np.ndarray]:
    """Shares (N, subsets) of the first problem's majority and weighted votes, sample by sample."""
    pool = samples.pools[0]
    rng = seeds.generator(0, "subsets", samples.item_ids[0])
    order = np.hstack(ballots.draw(pool, numbers, subsets, rng).order).tolist()
    cluster, found = pool.cluster.tolist(), []
    for ballot in chosen:
        weights = [1.0] * len(cluster) if ballot.values is None else ballot.values[: len(cluster)].tolist()
        rows = [[_plain(row[:number], cluster, weights, pool) for row in order] for number in numbers]
        found.append(np.array(rows))
    return found


def _plain(row: list[int], cluster: list[int], weights: list[float], pool: ballots.Pool) -> float:
    sums: dict[int, float] = {}
    for place in row:
        if cluster[place] < pool.n_clusters:
            sums[cluster[place]] = sums.get(cluster[place], 0.0) + weights[place]
    most = max(sums.values(), default=0.0)
    first = [name for name, total in sums.items() if total >= most * (1 - 1e-9)]
    return sum(name < pool.n_right for name in first) / max(len(first), 1)


def measure(n_items: int = 500, size: int = 1024, subsets: int = 400) -> dict:
    """CPU seconds of all methods, peak memory, and the ratio of the loops to `voted` for the same two votes."""
    numbers = [number for number in NUMBERS if number <= size]
    samples, chosen = invent(n_items, size)
    start = time.process_time()
    votes = voting.outcomes(samples, chosen, numbers, subsets, 0)
    accuracy = np.mean([[value for _, value in row] for row in votes], axis=0)
    seconds = time.process_time() - start
    two = [ballot for ballot in chosen if ballot.method in ("majority", "weighted")][:2]
    one = voting.Samples(samples.item_ids[:1], samples.pools[:1], samples.bounds[:2], samples.places[:size])
    start = time.process_time()
    fast = next(voting.outcomes(one, two, numbers, subsets, 0))
    middle = time.process_time()
    slow = loops(samples, two, numbers, subsets)
    ratio = (time.process_time() - middle) / (middle - start)
    assert all(np.allclose(shares, plain) for (shares, _), plain in zip(fast, slow, strict=True)), "votes differ"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    top = {"majority": float(accuracy[0, -1]), "pass_at_n": float(accuracy[1, -1])}
    return {"items": n_items, "samples": size, "subsets": subsets, "cpu_s": seconds, "mb": peak, "ratio": ratio, **top}


if __name__ == "__main__":
    shown = measure(*map(int, sys.argv[1:]))
    print(json.dumps({name: round(value, 3) for name, value in shown.items()}))
    assert shown["ratio"] >= 10, "voting should be at least 10 times faster than plain loops"
    assert shown["cpu_s"] <= LIMIT_S, f"all methods took more than {LIMIT_S} s of one core"
    assert shown["mb"] <= LIMIT_MB, f"all methods took more than {LIMIT_MB} MB"
