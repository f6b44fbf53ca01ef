"""Rows of the table of re-ranking: accuracy and paired difference to the majority, spread, bootstrap intervals.

Problems are resampled with replacement, and so are replicates (models that differ by the seed they were pretrained
with), jointly for all methods: differences are paired by problem and by replicate. Subsets are not resampled: what a
mean over R of them still varies by is `spread` / √R.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from easy2hard import bootstrap, sample_tables
from easy2hard.estimates import NIL, interval, minus, two_sided
from easy2hard.reranking_inputs import Model, Spec
from easy2hard.tallies import Column, Tally, tally, together

COMPARED = ("weighted", "best_of_n", "pass_at_n", "random")  # with the majority of as many samples
NO_VALUE = float("nan")


def rows(models: list[Model], spec: Spec, groups: dict[str, dict[str, np.ndarray]]) -> pd.DataFrame:
    """Table RERANKED. groups: by model, of its problems. With `spec.replicates` and two models or more, rows of model
    "*" average over them."""
    tallies = {model.name: tally(model, spec, groups[model.name]) for model in models}
    found = [row for name, votes in tallies.items() for row in _rows(name, votes, spec, groups[name])]
    if spec.replicates and len(models) > 1:
        found += _rows("*", together(list(tallies.values())), spec, groups[models[0].name])
    names = {"reranking": spec.reranking, "dataset": spec.dataset, "generator": spec.generator, "measure": spec.measure}
    return pd.DataFrame(found).assign(**names)[list(sample_tables.RERANKED.columns)]


def _rows(model: str, votes: Tally, spec: Spec, groups: dict[str, np.ndarray]) -> Iterator[dict]:
    base = {column.n: place for place, column in enumerate(votes.columns) if column.method == "majority"}
    for place, (test_on, members) in enumerate(groups.items()):
        # Rounded so that sums are exact, as the bootstrap has it.
        values = bootstrap.exact(votes.values[members]).astype(np.float64)
        draws = _draws(values, spec)
        points, subsets = values.mean(axis=(0, 1)), votes.sums[place] / members.sum()
        shared = {"model": model, "test_on": test_on, "n_items": int(members.sum()), "n_models": values.shape[1]}
        for own, column in enumerate(votes.columns):
            named = shared | _named(column, model) | {"exact": bool(votes.exact[own])}
            yield named | _accuracy(points[own], draws[:, own], subsets[own], spec)
            if column.method in COMPARED:
                other = base[column.n]
                apart = minus(points[own], points[other]), minus(draws[:, own], draws[:, other])
                both = {"exact": bool(votes.exact[own] and votes.exact[other])}
                yield named | both | _difference(*apart, subsets[own] - subsets[other], spec)


def _draws(values: np.ndarray, spec: Spec) -> np.ndarray:
    """Bootstrap means (resamples, columns) of values (n_items, n_models, columns)."""
    n_items, n_models, n_columns = values.shape
    flat = values.reshape(n_items, -1)
    sums = np.concatenate([counts @ flat for counts in bootstrap.item_counts(n_items, spec.resamples, spec.seed)])
    weights = bootstrap.seed_counts(n_models, spec.resamples, spec.seed, "replicates")
    by_model = sums.reshape(-1, n_models, n_columns)
    return np.einsum("bm,bmc->bc", weights, by_model) / (n_items * n_models)


def _named(column: Column, model: str) -> dict:
    judge = model if column.judge == "*" else column.judge
    return {**vars(column), "judge": judge}


def _accuracy(value: float, draws: np.ndarray, subsets: np.ndarray, spec: Spec) -> dict:
    low, high = interval(draws, spec.level)
    found = {"metric": "accuracy", "value": float(value), "spread": _spread(subsets), "low": low, "high": high}
    return found | {"p_value": NO_VALUE}


def _difference(value: np.ndarray, draws: np.ndarray, subsets: np.ndarray, spec: Spec) -> dict:
    low, high = interval(draws, spec.level)
    found = {"metric": "minus_majority", "value": float(value), "spread": _spread(subsets)}
    return found | {"low": low, "high": high, "p_value": two_sided(float(value), draws)}


def _spread(subsets: np.ndarray) -> float:
    """Standard deviation over subsets; 0 where all have the same value but for rounding."""
    found = float(np.std(subsets))
    return 0.0 if found < NIL else found
