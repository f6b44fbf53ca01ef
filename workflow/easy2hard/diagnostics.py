"""Evaluators as classifiers of steps and solutions, and how far they agree (Sun 2024, Table 10, Figs 15 and 24).

Threshold: a chance of one half (mean_odd: odds of 1). Steps are compared with the dataset's step checker: steps after
the first wrong one have no label and are left out. Solutions are compared with the final answer; one without an answer
is wrong, one without text has no scores and is left out.

DEVIATION: the paper does not say which score of a PRM stands for a solution in Table 10 and Fig. 24. Here, `other` of
outcome_accuracy and outcome_auc says it: "" is the score at the last token, for every evaluator alike; else the
aggregation of the step scores. In agreements, an evaluator that reads steps calls a solution right where it calls every
step right (min), one that reads outcomes where its score at the last token does.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from easy2hard import bootstrap, sample_tables
from easy2hard.errors import UserError
from easy2hard.estimates import interval
from easy2hard.reranking_inputs import KEY, Judged, Model, Spec
from easy2hard.roc import Area, Share, area, share
from easy2hard.tallies import log_scores

FINAL_ANSWER = "final_answer"


def rows(models: list[Model], spec: Spec, groups: dict[str, dict[str, np.ndarray]]) -> pd.DataFrame:
    """Table DIAGNOSED. groups: by model, of its problems. Intervals: bootstrap over problems."""
    found = [row for model in models for row in _rows(model, spec, groups[model.name])]
    names = {"reranking": spec.reranking, "dataset": spec.dataset, "generator": spec.generator, "measure": spec.measure}
    return pd.DataFrame(found, columns=list(sample_tables.DIAGNOSED.columns)).assign(**names)


def _rows(model: Model, spec: Spec, groups: dict[str, np.ndarray]) -> Iterator[dict]:
    measured = list(_measured(model, spec))
    for test_on, members in groups.items():
        parts = [(names, quantity.only(members)) for names, quantity in measured]
        kept = [(names, part) for names, part in parts if part.sizes.sum()]
        n_items = int(members.sum())
        draws = _draws([part for _, part in kept], n_items, spec)
        for (names, part), drawn in zip(kept, draws, strict=True):
            low, high = interval(drawn, spec.level)
            value = float(part.of(np.ones((1, n_items)))[0])
            found = {"value": value, "low": low, "high": high, "n": int(part.sizes.sum())}
            yield {"model": model.name, "test_on": test_on, **names, **found}


def _draws(parts: list[Area | Share], n_items: int, spec: Spec) -> np.ndarray:
    """(parts, resamples)."""
    chunks = bootstrap.item_counts(n_items, spec.resamples, spec.seed)
    found = [[part.of(counts) for part in parts] for counts in (chunk.astype(np.float64) for chunk in chunks)]
    return np.concatenate(found, axis=1) if parts else np.empty((0, spec.resamples))


def _measured(model: Model, spec: Spec) -> Iterator[tuple[dict, Area | Share]]:
    """Names and counts by problem of everything that is told."""
    problem = np.repeat(np.arange(len(model.samples.item_ids)), np.diff(model.samples.bounds))
    right = model.grades["correct"].to_numpy(dtype=bool)
    for judged in model.judged:
        yield from _steps(judged, model.grades, problem)
        for name in _aggregations(judged, spec):
            yield from _classified("outcome", judged, name, log_scores(judged, name), right, problem)
        yield _agreement(judged, FINAL_ANSWER, (_verdict(judged), right.astype(np.float64)), problem)
    for one, two in combinations(model.judged, 2):
        if one.scored.judge == two.scored.judge:
            yield _agreement(one, two.scored.evaluator, (_verdict(one), _verdict(two)), problem)


def _aggregations(judged: Judged, spec: Spec) -> list[str]:
    steps = sorted({*spec.weighted, *spec.best_of_n}) if judged.scored.reads == "steps" else []
    return ["", *steps]


def _steps(judged: Judged, grades: pd.DataFrame, problem: np.ndarray) -> Iterator[tuple[dict, Area | Share]]:
    """Step accuracy and area; nothing where no solution has step labels."""
    known = np.flatnonzero(grades["step_labels"].notna())
    if not len(known):
        return
    labels = list(grades["step_labels"].iloc[known])
    lengths = np.array([len(own) for own in labels])
    scored = np.array([len(judged.steps[place]) for place in known])
    if (lengths != scored).any():
        first = int(known[lengths != scored][0])
        name = f"{judged.scored.evaluator}, model {judged.scored.model}"
        raise UserError(f"{name}: step scores and step labels differ in number, {grades.loc[first, KEY].to_dict()}")
    flat = np.concatenate(labels).astype(np.int64)
    logits = np.concatenate([judged.steps[place] for place in known]).astype(np.float64)
    owners, told = np.repeat(problem[known], lengths), flat >= 0
    kept = logits[told], flat[told] == 1, owners[told]
    size = int(problem.max()) + 1
    yield _names("step_accuracy", judged, ""), share((kept[0] > 0) == kept[1], kept[2], size)
    yield _names("step_auc", judged, ""), area(*kept, size)


def _classified(
    kind: str, judged: Judged, name: str, logs: np.ndarray, right: np.ndarray, problem: np.ndarray
) -> Iterator[tuple[dict, Area | Share]]:
    """Accuracy and area of solutions by the logarithm of a score; those without scores are left out."""
    known, size = ~np.isnan(logs), int(problem.max()) + 1
    said = logs > (0.0 if name == "mean_odd" else np.log(0.5))
    yield _names(f"{kind}_accuracy", judged, name), share((said == right)[known], problem[known], size)
    yield _names(f"{kind}_auc", judged, name), area(logs[known], right[known], problem[known], size)


def _verdict(judged: Judged) -> np.ndarray:
    """(samples,) 1 where the evaluator calls the solution right, 0 where wrong, NaN without scores."""
    logs = log_scores(judged, "" if judged.scored.reads == "outcome" else "min")
    return np.where(np.isnan(logs), np.nan, logs > np.log(0.5))


def _agreement(
    judged: Judged, other: str, verdicts: tuple[np.ndarray, np.ndarray], problem: np.ndarray
) -> tuple[dict, Share]:
    known = ~np.isnan(verdicts[0]) & ~np.isnan(verdicts[1])
    same = share((verdicts[0] == verdicts[1])[known], problem[known], int(problem.max()) + 1)
    return _names("agreement", judged, other), same


def _names(metric: str, judged: Judged, other: str) -> dict:
    return {"metric": metric, "evaluator": judged.scored.evaluator, "judge": judged.scored.judge, "other": other}
