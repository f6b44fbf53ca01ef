"""Invented samples, grades and scores of two generators and three evaluators, for the tests of re-ranking."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from easy2hard import sample_tables, tables

MODELS = ("tiny_s0", "tiny_s1")
EVALUATORS = {"orm": "outcome", "prm": "steps", "oprm": "steps"}
SUBJECTS = ("Algebra", "Geometry", "Number Theory")
N_ITEMS, N_SAMPLES = 40, 12
RIGHT = {1: 0.7, 2: 0.6, 3: 0.5, 4: 0.3, 5: 0.15}  # share of right samples, by level
SKILL = {"orm": 1.0, "prm": 1.5, "oprm": 2.0}  # distance of the logits of right and wrong ones

SPEC = {
    "reranking": "try",
    "dataset": "invented",
    "generator": "sft",
    "models": list(MODELS),
    "replicates": True,
    "measure": "level",
    "numbers": [1, 4, 12],
    "subsets": 30,
    "weighted": ["prod", "mean"],
    "best_of_n": ["min"],
    "scores": [
        {"model": model, "evaluator": name, "judge": model, "reads": reads}
        for model in MODELS
        for name, reads in EVALUATORS.items()
    ],
    "resamples": 300,
    "level": 0.95,
    "seed": 0,
}


def invent_items(n: int = N_ITEMS) -> pd.DataFrame:
    """Test problems of levels 1 to 5 in turn."""
    number = np.arange(n)
    empty = dict.fromkeys(("solution", "steps"), None)
    human = dict.fromkeys(("grade", "difficulty", "bloom", "depth_of_knowledge", "hardness"), np.nan)
    texts = {"question": "what?", "answer": "0", "origin": "invented", "part": "test"}
    frame = pd.DataFrame({"item_id": [f"q{i:03d}" for i in number], "level": number % 5 + 1.0})
    frame["choices"] = [[] for _ in number]
    frame["label"] = np.int32(0)
    frame["subject"] = [SUBJECTS[i % len(SUBJECTS)] for i in number]
    return frame.assign(**texts, **empty, **human)


def invent_hardness(items: pd.DataFrame) -> pd.DataFrame:
    """Easy up to level 3, hard from level 4, as in MATH."""
    bucket = np.where(items["level"] <= 3, "easy", "hard")
    return pd.DataFrame({"item_id": items["item_id"], "value": items["level"], "bucket": bucket})


def invent_grades(items: pd.DataFrame, rng: np.random.Generator, n: int = N_SAMPLES) -> pd.DataFrame:
    """Answers: "0" is right, one sample in ten has none; steps are right up to the first wrong one."""
    rows = []
    for item, level in items[["item_id", "level"]].itertuples(index=False):
        known: dict[str, int] = {}
        for sample in range(n):
            right = rng.random() < RIGHT[int(level)]
            answer = "0" if right else str(rng.integers(1, 5))
            answer = None if rng.random() < 0.1 else answer
            cluster = -1 if answer is None else known.setdefault(answer, len(known))
            rows.append((item, sample, answer, answer == "0", cluster, _steps(right, rng)))
    return pd.DataFrame(rows, columns=list(sample_tables.GRADES.columns))


def _steps(right: bool, rng: np.random.Generator) -> list[int]:
    length = int(rng.integers(1, 5))
    wrong = length if right else int(rng.integers(0, length))
    return [1 if k < wrong else 0 if k == wrong else -1 for k in range(length)]


def invent_samples(grades: pd.DataFrame) -> pd.DataFrame:
    """A text for each graded sample, in the format of PRM800K."""
    texts = [
        "\n\n".join(f"Step {k + 1}." for k in range(len(labels))) + (f"\n\n# Answer\n\n{answer}" if answer else "")
        for labels, answer in zip(grades["step_labels"], grades["answer"], strict=True)
    ]
    ended = np.where(grades["answer"].isna(), "length", "eos")
    return grades[["item_id", "sample"]].assign(text=texts, tokens=[len(text.split()) for text in texts], ended=ended)


def invent_scores(grades: pd.DataFrame, skill: float, rng: np.random.Generator) -> pd.DataFrame:
    """Logits that are higher on right steps and right solutions by `skill`, with noise of standard deviation 1."""
    steps = [
        [skill * (label - 0.5) + rng.normal() for label in np.maximum(labels, 0)] for labels in grades["step_labels"]
    ]
    outcome = skill * (grades["correct"].to_numpy() - 0.5) + rng.normal(size=len(grades))
    return grades[["item_id", "sample"]].assign(step_logits=steps, outcome_logit=outcome)


def invent(n_items: int = N_ITEMS, n_samples: int = N_SAMPLES) -> dict:
    """items, hardness; by model: samples, grades, greedy (grades of one sample); scores by (model, evaluator)."""
    rng = np.random.default_rng(0)
    items = invent_items(n_items)
    grades = {model: invent_grades(items, rng, n_samples) for model in MODELS}
    return {
        "items": items,
        "hardness": invent_hardness(items),
        "grades": grades,
        "samples": {model: invent_samples(rows) for model, rows in grades.items()},
        "greedy": {model: invent_grades(items, rng, 1) for model in MODELS},
        "scores": {
            (model, name): invent_scores(grades[model], SKILL[name], rng) for model in MODELS for name in EVALUATORS
        },
    }


def store(world: dict, folder: Path, spec: dict = SPEC) -> dict:
    """Write the world's tables; options of the stage."""
    single = {"items": tables.ITEMS, "hardness": tables.HARDNESS}
    paths: dict = {name: folder / f"{name}.parquet" for name in single}
    for name, table in single.items():
        tables.write(world[name], paths[name], table)
    for name in ("grades", "greedy"):
        paths[name] = [folder / f"{name}_{model}.parquet" for model in MODELS]
        for path, rows in zip(paths[name], world[name].values(), strict=True):
            tables.write(rows, path, sample_tables.GRADES)
    paths["scores"] = [folder / f"scores_{model}_{name}.parquet" for model, name in world["scores"]]
    for path, rows in zip(paths["scores"], world["scores"].values(), strict=True):
        tables.write(rows, path, sample_tables.SCORES)
    outputs = {"out": folder / "reranked.parquet", "diagnosed": folder / "diagnosed.parquet"}
    return {**paths, "spec": spec, **outputs}
