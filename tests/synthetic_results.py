"""Invented result tables of several shapes, for the tests of figures, report and claims."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from easy2hard import seeds, tables

BASE = {
    "unsupervised": 0.45,
    "easy": 0.62,
    "medium": 0.64,
    "hard": 0.66,
    "all": 0.67,
    "easy_and_hard": 0.65,
    "ceiling": 0.88,
}
BUCKET = {"easy": 0.12, "medium": 0.05, "hard": 0.0, "all": 0.06}


@dataclass(frozen=True)
class Shape:
    """How much there is to draw."""

    datasets: tuple[str, ...] = ("world",)
    measures: tuple[str, ...] = ("reasoning_steps",)
    models: tuple[str, ...] = ("tiny",)
    methods: tuple[str, ...] = ("probe",)
    sizes: tuple[int, ...] = (20, 160)
    generated: tuple[str, ...] = ("world",)
    conditions: tuple[str, ...] = ("easy", "hard", "all")
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def experiments(self) -> list[str]:
        return [f"on-{name}" for name in self.datasets]

    @property
    def spec(self) -> dict:
        return {
            "experiments": self.experiments,
            "datasets": list(self.datasets),
            "labels": dict(self.labels),
            "generated": list(self.generated),
            "floors": dict.fromkeys(self.experiments, "zero_shot"),
        }


SMALL = Shape()
WIDE = Shape(
    datasets=("world", "arc", "mmlu", "a-dataset-with-quite-a-long-name"),
    measures=("grade", "reasoning_steps", "a_measure_that_somebody_named_at_length"),
    methods=("probe",),
    sizes=(20, 160),
)
MANY = Shape(
    datasets=("arc",),
    methods=("icl", "probe", "probe_lbfgs", "lora", "a_method_with_a_long_name_of_its_own"),
    conditions=("easy", "medium", "hard", "all", "easy_and_hard"),
    sizes=(160,),
    generated=("arc",),
)
MIDDLE = Shape(
    datasets=("world", "arc"),
    measures=("grade", "difficulty"),
    models=("tiny", "small"),
    methods=("icl", "probe"),
    sizes=(10, 160),
    labels=(("arc", "ARC <script>alert(1)</script> & $x_1$"), ("world", "QA world")),
)
SHAPES = {"small": SMALL, "middle": MIDDLE, "wide": WIDE, "many": MANY}


def _row(
    key: tuple,
    condition: str,
    method: str,
    size: int,
    part: str,
    test_on: str,
    random: np.random.Generator,
    metric: str,
    value: float,
    spread: float,
    defined: bool = True,
) -> dict:
    experiment, dataset, model, measure = key
    return {
        "experiment": experiment,
        "dataset": dataset,
        "train_dataset": dataset,
        "model": model,
        "method": method,
        "measure": measure,
        "condition": condition,
        "size": size,
        "part": part,
        "test_on": test_on,
        "metric": metric,
        "value": value,
        "low": value - spread,
        "high": value + spread,
        "p_value": 0.01,
        "n_items": int(random.integers(300, 1300)),
        "n_seeds": 1 if size == 0 else 5,
        "defined": defined,
    }


def results(shape: Shape) -> pd.DataFrame:
    """RESULTS rows of every metric."""
    random = seeds.generator(0, "synthetic", "results")
    rows = []
    keys = [
        (f"on-{dataset}", dataset, model, measure)
        for dataset, model, measure in product(shape.datasets, shape.models, shape.measures)
    ]
    for key, part, test_on in product(keys, ("main", "held_out"), BUCKET):
        arms = [("unsupervised", "zero_shot", 0)]
        arms += [("unsupervised", "textbook", 0)] * (key[1] in shape.generated)
        arms += list(product(shape.conditions, shape.methods, shape.sizes))
        for condition, method, size in arms:
            at = (key, condition, method, size, part, test_on, random)
            rows += _arm(at, BASE["ceiling" if method == "textbook" else condition], size, test_on, random)
    return pd.DataFrame(rows)


def _arm(at: tuple, base: float, size: int, test_on: str, random: np.random.Generator) -> list[dict]:
    accuracy = base + BUCKET[test_on] + 0.02 * np.log10(1 + size) + random.normal(0, 0.02)
    found = [
        _row(*at, "accuracy", accuracy, 0.03),
        _row(*at, "ece", abs(random.normal(0.08, 0.03)), 0.02),
        _row(*at, "brier", abs(random.normal(0.2, 0.03)), 0.02),
    ]
    if at[1] in ("easy", "medium", "all") and size:
        defined = bool(random.random() > 0.2)
        found.append(_row(*at, "sgr", random.normal(0.9, 0.3), random.uniform(0.1, 4), defined))
        found.append(_row(*at, "minus_hard", random.normal(-0.01, 0.02), 0.02))
    return found


def accuracy_by_value(shape: Shape, values: int = 5) -> pd.DataFrame:
    """ACCURACY_BY_VALUE rows: falling accuracy; the last measure in bins."""
    random = seeds.generator(0, "synthetic", "values")
    rows = []
    for dataset, model, measure in product(shape.datasets, shape.models, shape.measures):
        arms = [("unsupervised", "zero_shot", 0), *product(("all", "easy"), shape.methods, shape.sizes)]
        for (condition, method, size), value in product(arms, range(values)):
            accuracy = 0.9 - 0.08 * value + random.normal(0, 0.02) - 0.2 * (size == 0)
            rows.append(
                {
                    "experiment": f"on-{dataset}",
                    "dataset": dataset,
                    "model": model,
                    "method": method,
                    "measure": measure,
                    "condition": condition,
                    "size": size,
                    "part": "main",
                    "value_low": 1.0 + value,
                    "value_high": 1.0 + value + 0.75 * (measure == shape.measures[-1] and len(shape.measures) > 1),
                    "accuracy": accuracy,
                    "low": accuracy - 0.03,
                    "high": accuracy + 0.03,
                    "n_items": 200 + 300 * value,
                    "n_seeds": 1 if size == 0 else 5,
                }
            )
    return pd.DataFrame(rows)


def correlations(shape: Shape) -> pd.DataFrame:
    """CORRELATIONS rows over five measures, the diagonal included, one pair without a value."""
    random = seeds.generator(0, "synthetic", "correlations")
    names = ("answer_chars", "bloom", "difficulty", "grade", "question_words", "reasoning_steps")
    names = names[: 2 if len(shape.datasets) == 1 else 6]
    rows = [
        {
            "dataset": dataset,
            "part": "main",
            "measure_a": a,
            "measure_b": b,
            "n_items": 3521,
            "spearman": 1.0 if a == b else None if (a, b) == ("bloom", "difficulty") else random.uniform(-0.9, 0.9),
        }
        for dataset in shape.datasets
        for a, b in product(names, names)
        if a <= b
    ]
    return pd.DataFrame(rows)


def hardness(dataset: str, measure: str, whole: bool) -> pd.DataFrame:
    """HARDNESS rows of 400 items, 13 without a value."""
    random = seeds.generator(0, "synthetic", dataset, measure)
    value = random.integers(1, 7, 400).astype(float) if whole else random.gamma(3.0, 12.0, 400)
    cuts = np.quantile(value, [0.3, 0.7])
    bucket = np.where(value <= cuts[0], "easy", np.where(value >= cuts[1], "hard", "medium")).astype(object)
    value[:13], bucket[:13] = np.nan, None
    return pd.DataFrame({"item_id": [f"i{at:03}" for at in range(400)], "value": value, "bucket": bucket})


def curves(shape: Shape) -> list[dict]:
    """Curves as a measure read from models has them: rising confidence, five draws a size."""
    random = seeds.generator(0, "synthetic", "curves")
    return [
        {
            "model": model,
            "part": part,
            "size": size,
            "seed": seed,
            "items": 387,
            "label_confidence": 0.3 + 0.1 * np.log10(size) + random.normal(0, 0.02),
            "accuracy": 0.5,
        }
        for model, part, size, seed in product(shape.models, ("held_out", "main"), shape.sizes, range(5))
    ]


def write(shape: Shape, folder: Path) -> dict:
    """Write all tables; returns the keywords of `stages.plot.main` that read."""
    paths = {
        "results": folder / "results.parquet",
        "accuracy_by_value": folder / "accuracy_by_value.parquet",
        "correlations": folder / "correlations.parquet",
    }
    tables.write(results(shape), paths["results"], tables.RESULTS)
    tables.write(accuracy_by_value(shape), paths["accuracy_by_value"], tables.ACCURACY_BY_VALUE)
    tables.write(correlations(shape), paths["correlations"], tables.CORRELATIONS)
    files = []
    for dataset, (at, measure) in product(shape.datasets, enumerate(shape.measures)):
        files.append(folder / "hardness" / dataset / f"{measure}.parquet")
        about = {"dataset": dataset, "measure": measure, "curves": curves(shape) if at == 0 else []}
        tables.write(hardness(dataset, measure, at == 0), files[-1], tables.HARDNESS, about)
    return {**paths, "hardness": files, "spec": shape.spec}
