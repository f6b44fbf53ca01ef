"""Invented problems of sums modulo 7, with worked solutions, samples that err, grades, and a tiny base model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from easy2hard import sample_tables, seeds, solutions, tables

MODULUS = 7
OPERATIONS = [f"{sign}{number}" for sign in "+-*" for number in range(1, MODULUS)]
WORDS = ["Q", "?", "ans", *(f"#{line}" for line in range(1, 6)), *OPERATIONS, *map(str, range(MODULUS))]
LAYOUT = solutions.resolve("maths_world")


def after(value: int, operation: str) -> int:
    """The value after an operation."""
    number = int(operation[1:])
    return {"+": value + number, "-": value - number, "*": value * number}[operation[0]] % MODULUS


def walk(
    start: int, operations: list[str], wrong: float, draw: np.random.Generator
) -> tuple[list[str], int, list[int]]:
    """Steps, final value, and a label a step with the answer's: 1, 0 for the first wrong one, -1 after it."""
    steps, labels, value = [], [], start
    for line, operation in enumerate(operations, 1):
        true = after(value, operation)
        value = true if draw.random() >= wrong else int(draw.integers(MODULUS))
        labels.append(-1 if 0 in labels else int(value == true))
        steps.append(f"#{line} {operation} {value}")
    return steps, value, [*labels, -1 if 0 in labels else 1]


def made(count: int, samples: int, wrong: float = 0.3) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """ITEMS, SAMPLES and GRADES of problems of one to three steps."""
    items, drawn, grades = [], [], []
    draw = seeds.generator(0, "solution-world")
    for number in range(count):
        name, start, level = f"p{number:04d}", int(draw.integers(MODULUS)), 1 + number % 3
        operations = [str(one) for one in draw.choice(OPERATIONS, level)]
        question = " ".join(["Q", str(start), *(f"#{line} {one}" for line, one in enumerate(operations, 1)), "?"])
        steps, value, _ = walk(start, operations, 0, draw)
        written = solutions.write(LAYOUT, steps, str(value))
        items.append((name, question, str(value), written, steps, float(level)))
        for sample in range(samples):
            own, said, labels = walk(start, operations, wrong, draw)
            drawn.append((name, sample, solutions.write(LAYOUT, own, str(said)), 3 * level + 3, "eos"))
            grades.append((name, sample, str(said), said == value, 0, labels))
    frame = pd.DataFrame(items, columns=["item_id", "question", "answer", "solution", "steps", "level"])
    rest = {name: None for name in tables.ITEMS.columns if name not in frame}
    frame = frame.assign(**rest).assign(label=0, part="main", origin="invented", choices=[[] for _ in items])
    tried = pd.DataFrame(drawn, columns=list(sample_tables.SAMPLES.columns))
    return frame, tried, pd.DataFrame(grades, columns=list(sample_tables.GRADES.columns))


def write(folder: Path, count: int = 40, samples: int = 4) -> Path:
    """Tables items, hardness, samples and grades, and the model `base`, in a folder; returns it."""
    import tiny_models

    items, drawn, grades = made(count, samples)
    bucket = items["level"].map({1.0: "easy", 2.0: "medium", 3.0: "hard"})
    hardness = pd.DataFrame({"item_id": items["item_id"], "value": items["level"], "bucket": bucket})
    tables.write(items, folder / "items.parquet", tables.ITEMS)
    tables.write(hardness, folder / "hardness.parquet", tables.HARDNESS)
    tables.write(drawn, folder / "samples.parquet", sample_tables.SAMPLES)
    tables.write(grades, folder / "grades.parquet", sample_tables.GRADES)
    tokenizer = tiny_models.word_tokenizer(WORDS, bos=True)
    tiny_models.save(tiny_models.causal("llama", len(tokenizer)), tokenizer, folder / "base")
    return folder
