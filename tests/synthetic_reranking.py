"""Invented tables of re-ranking of several shapes, for the tests of figures, tables, report and claims."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from easy2hard import sample_tables, seeds, tables

SUBJECTS = (
    *("Algebra", "Counting & Probability", "Geometry", "Intermediate Algebra"),
    *("Number Theory", "Prealgebra", "Precalculus"),
)
RULES = ("prod", "min", "max", "mean", "mean_logit", "mean_odd", "last")
LIFT = {"weighted": 0.06, "best_of_n": 0.02, "majority": 0.0, "random": -0.12}
EASE = {"easy": 0.25, "medium": 0.12, "all": 0.1, "hard": 0.0}
METRICS = ("step_accuracy", "step_auc", "outcome_accuracy", "outcome_auc")


@dataclass(frozen=True)
class Shape:
    """How much there is to draw."""

    generators: tuple[str, ...] = ("sft_easy",)
    evaluators: tuple[str, ...] = ("prm",)
    models: tuple[str, ...] = ("tiny",)
    judge: str = ""  # another model that evaluators were trained from
    replicates: bool = False
    numbers: tuple[int, ...] = (1, 4, 16, 64)
    weighted: tuple[str, ...] = ("prod",)
    best_of_n: tuple[str, ...] = ("min",)
    levels: int = 5
    subjects: tuple[str, ...] = ()
    tests: tuple[str, ...] = ("easy", "hard", "all")
    generated: bool = True
    greedy: bool = True
    titles: tuple[tuple[str, str], ...] = ()

    @property
    def rerankings(self) -> list[str]:
        return [f"{name}_ranked" for name in self.generators]

    @property
    def spec(self) -> dict:
        return {
            "rerankings": self.rerankings,
            "reranking_titles": {f"{name}_ranked": f"Re-ranking of {name}" for name in self.generators},
            "generators": {name: dict(self.titles).get(name, name.replace("_", " ")) for name in self.generators},
            "evaluators": {name: dict(self.titles).get(name, name.upper()) for name in self.evaluators},
            "labels": {"level": "Level", "world": "Maths world"},
            "generated": ["world"] if self.generated else [],
        }

    @property
    def names(self) -> list[str]:
        return ["*", *self.models] if self.replicates else list(self.models)

    @property
    def tested(self) -> list[str]:
        values = [f"value {at + 1}" for at in range(self.levels)]
        return [*self.tests, *values, *(f"subject {name}" for name in self.subjects)]


SMALL = Shape()
WORLD = Shape(
    evaluators=("orm", "prm", "oprm"),
    models=("tiny", "tiny_2", "tiny_3"),
    replicates=True,
    numbers=(1, 8, 64),
    weighted=RULES,
    best_of_n=("min", "prod"),
)
PAPER = Shape(
    generators=("sft_easy", "metamath_easy"),
    evaluators=("orm", "prm", "oprm"),
    models=("llemma-7b",),
    judge="llemma-34b",
    numbers=(1, 16, 256, 1024),
    weighted=("prod", "min"),
    best_of_n=("min", "prod"),
    subjects=SUBJECTS,
    generated=False,
)
HOSTILE = Shape(
    generators=("a-generator-that-somebody-named-at-length", "full"),
    evaluators=("an-evaluator-whose-name-is-long-as-well", "x"),
    numbers=(1, 7),
    levels=2,
    tests=("all",),
    greedy=False,
    titles=(("full", "<script>alert(1)</script> & $x_1$"),),
)
SHAPES = {"small": SMALL, "world": WORLD, "paper": PAPER, "hostile": HOSTILE}


def _hardness(test_on: str, shape: Shape) -> float:
    kind, _, name = test_on.partition(" ")
    if kind == "value":
        return 0.3 - 0.07 * float(name)
    return 0.02 * SUBJECTS.index(name) if kind == "subject" else EASE[test_on]


def _arms(shape: Shape) -> list[tuple[str, str, str]]:
    """(evaluator, method, aggregation)."""
    free = [("", "majority", ""), ("", "random", ""), ("", "pass_at_n", ""), ("", "sampled", "")]
    free += [("", "greedy", "")] if shape.greedy else []
    judged = [
        (name, method, "" if name == "orm" else rule)
        for name in shape.evaluators
        for method, rules in (("weighted", shape.weighted), ("best_of_n", shape.best_of_n))
        for rule in (rules[:1] if name == "orm" else rules)
    ]
    return free + judged


def _value(method: str, evaluator: str, n: int, test_on: str, shape: Shape) -> float:
    base = 0.15 + _hardness(test_on, shape) + (0.03 if method == "greedy" else 0.0)
    if method in ("greedy", "sampled", "random"):
        return base
    grown = 0.045 * np.log2(n) * (1 - 0.03 * np.log2(n))
    better = LIFT.get(method, 0.0) * (1 + 0.3 * len(evaluator) * 0.2) * np.log2(n) / 6
    return min(0.98, base + (2 * grown if method == "pass_at_n" else grown + better))


def reranked(shape: Shape) -> pd.DataFrame:
    """RERANKED rows of every method, accuracy and difference to the majority."""
    random = seeds.generator(0, "synthetic", "reranked")
    rows = []
    places = product(zip(shape.rerankings, shape.generators, strict=True), shape.names, _arms(shape), shape.tested)
    for (reranking, generator), model, (evaluator, method, rule), test_on in places:
        judge = "" if not evaluator else shape.judge or model
        for n in (1,) if method in ("greedy", "sampled") else shape.numbers:
            value = float(np.clip(_value(method, evaluator, n, test_on, shape) + random.normal(0, 0.004), 0, 1))
            major = _value("majority", "", n, test_on, shape)
            exact = method in ("greedy", "pass_at_n") or n == max(shape.numbers)
            at = {
                **dict(reranking=reranking, dataset="world", generator=generator, model=model, evaluator=evaluator),
                **dict(judge=judge, method=method, aggregation=rule, measure="level", test_on=test_on, n=n),
                **dict(n_items=130 + 10 * len(test_on), n_models=len(shape.models) if model == "*" else 1),
            }
            spread = 0.0 if exact else 0.03 / np.sqrt(n)
            rows.append(at | _numbers("accuracy", value, 0.04, spread, None, exact))
            if method not in ("majority", "greedy", "sampled"):
                rows.append(at | _numbers("minus_majority", value - major, 0.025, spread, 0.03, exact))
    return pd.DataFrame(rows)


def _numbers(metric: str, value: float, half: float, spread: float | None, p: float | None, exact: bool) -> dict:
    low, high = value - half, value + half
    return {"metric": metric, "value": value, "spread": spread, "low": low, "high": high, "p_value": p, "exact": exact}


def diagnosed(shape: Shape) -> pd.DataFrame:
    """DIAGNOSED rows: accuracy and AUC of every evaluator, agreement of every pair."""
    random = seeds.generator(0, "synthetic", "diagnosed")
    rows = []
    for (reranking, generator), model in product(zip(shape.rerankings, shape.generators, strict=True), shape.models):
        for (at, evaluator), test_on in product(enumerate(shape.evaluators), shape.tested):
            place = {
                **dict(reranking=reranking, dataset="world", generator=generator, model=model, evaluator=evaluator),
                **dict(judge=shape.judge or model, measure="level", test_on=test_on),
            }
            found = [(metric, "", random.uniform(0.55, 0.85), 2500) for metric in METRICS]
            rules = () if evaluator == "orm" else shape.weighted
            found += [(metric, rule, random.uniform(0.55, 0.85), 900) for metric in METRICS[2:] for rule in rules]
            others = [*shape.evaluators[at + 1 :], "final_answer"]
            found += [("agreement", other, random.uniform(0.5, 0.9), 900) for other in others]
            rows += [
                place | dict(metric=metric, other=other, value=value, low=value - 0.03, high=value + 0.03, n=n)
                for metric, other, value, n in found
            ]
    return pd.DataFrame(rows)


def write(shape: Shape, folder: Path) -> dict:
    """Write both tables; returns the keywords of `stages.plot.main` that read."""
    paths = {"reranked": folder / "reranked.parquet", "diagnosed": folder / "diagnosed.parquet"}
    tables.write(reranked(shape), paths["reranked"], sample_tables.RERANKED)
    tables.write(diagnosed(shape), paths["diagnosed"], sample_tables.DIAGNOSED)
    return {**paths, "spec": shape.spec}
