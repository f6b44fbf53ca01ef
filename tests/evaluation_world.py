"""An invented run of predictions on invented items, for the tests of evaluation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from easy2hard import matrices, tables
from easy2hard.stages import evaluate as stage

MEASURES = ("grade", "words")
SEEDS, SIZES = (0, 1, 2), (2, 4)
CONDITIONS = ("easy", "medium", "hard", "all")
N_MAIN, N_OUT = 60, 12
RATES = {"easy": 0.75, "medium": 0.78, "hard": 0.8, "all": 0.8, "unsupervised": 0.35}


def invent_items() -> pd.DataFrame:
    number = np.arange(N_MAIN + N_OUT + 5)
    part = np.select([number < N_MAIN, number < N_MAIN + N_OUT], ["main", "held_out"], "hardness")
    frame = pd.DataFrame(
        {"item_id": [f"q{n:03d}" for n in number], "part": part, "label": (number % 3).astype("int32")}
    )
    frame["choices"] = [["a", "b", "c"] if n % 4 else ["a", "b", "c", "d"] for n in number]
    texts = {"question": "which?", "answer": "a", "origin": "invented"}
    empty = {"solution": None, "steps": None, "subject": None}
    human = dict.fromkeys(("level", "grade", "difficulty", "bloom", "depth_of_knowledge", "hardness"), np.nan)
    return frame.assign(**texts, **empty, **human)


def invent_hardness(items: pd.DataFrame, shift: int) -> pd.DataFrame:
    value = (np.arange(len(items)) + shift) % 6 + 1.0
    value[3] = np.nan
    bucket = np.select([value <= 2, value >= 5, value > 0], ["easy", "hard", "medium"], "")
    return pd.DataFrame({"item_id": items["item_id"], "value": value, "bucket": bucket}).replace({"bucket": {"": None}})


def invent_split(items: pd.DataFrame, hardness: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    main = items.loc[items["part"] == "main", "item_id"].to_numpy(dtype=object)
    bucket = hardness.set_index("item_id")["bucket"]
    rows = []
    for condition in CONDITIONS:
        pool = main if condition == "all" else main[(bucket.loc[main] == condition).to_numpy()]
        for seed in SEEDS:
            train = rng.permutation(pool)[: max(SIZES)]
            test = [item for item in main if item not in set(train)]
            for size in SIZES:
                rows += [(seed, condition, size, "train", place, item) for place, item in enumerate(train[:size])]
                rows += [(seed, condition, size, "test", place, item) for place, item in enumerate(test)]
    return pd.DataFrame(rows, columns=list(tables.SPLITS.columns))


def predict(items: pd.DataFrame, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for item, choices, label in items[["item_id", "choices", "label"]].itertuples(index=False):
        scores = rng.normal(size=len(choices))
        scores[label] = scores.max() + 1 if rng.random() < rate else scores.min() - 1
        p = np.exp(scores) / np.exp(scores).sum()
        best = int(p.argmax())
        rows.append((item, best, scores.astype("float32"), p[best], p[label], best == label))
    columns = ["item_id", "prediction", "scores", "confidence", "label_confidence", "correct"]
    return pd.DataFrame(rows, columns=columns).assign(generated=None)


def invent_predictions(items: pd.DataFrame, splits: dict, rng: np.random.Generator) -> pd.DataFrame:
    open_items, frames = items[items["part"] != "hardness"], []
    for measure, split in splits.items():
        for (condition, seed, size), rows in split[split["role"] == "train"].groupby(["condition", "seed", "size"]):
            rest = open_items[~open_items["item_id"].isin(rows["item_id"])]
            names = {"measure": measure, "condition": condition, "size": size, "seed": seed}
            frames.append(predict(rest, RATES[condition], rng).assign(**names))
    return pd.concat(frames, ignore_index=True)


def invent() -> dict:
    """Items, hardness and splits by measure, predictions and those of the unsupervised run."""
    rng = np.random.default_rng(0)
    items = invent_items()
    hardness = {name: invent_hardness(items, shift) for shift, name in enumerate(MEASURES)}
    splits = {name: invent_split(items, hardness[name], rng) for name in MEASURES}
    floor = predict(items[items["part"] != "hardness"], RATES["unsupervised"], rng)
    floor = floor.assign(measure="", condition="unsupervised", size=0, seed=0)
    predictions = invent_predictions(items, splits, rng)
    return {"items": items, "hardness": hardness, "splits": splits, "predictions": predictions, "floor": floor}


SPEC = {
    "experiment": "try",
    "dataset": "invented",
    "train_dataset": "invented",
    "model": "tiny",
    "method": "probe",
    "measures": list(MEASURES),
    "resamples": 200,
    "level": 0.95,
    "seed": 0,
}


def store(world: dict, folder: Path) -> dict:
    """Write the world's tables; options of the stage."""
    paths = {
        "items": folder / "items.parquet",
        "predictions": folder / "p.parquet",
        "unsupervised": folder / "u.parquet",
    }
    tables.write(world["items"], paths["items"], tables.ITEMS)
    tables.write(world["predictions"], paths["predictions"], tables.PREDICTIONS)
    tables.write(world["floor"], paths["unsupervised"], tables.PREDICTIONS)
    for kind, table in (("hardness", tables.HARDNESS), ("splits", tables.SPLITS)):
        paths[kind] = [folder / f"{kind}_{name}.parquet" for name in MEASURES]
        for path, frame in zip(paths[kind], world[kind].values(), strict=True):
            tables.write(frame, path, table)
    for name in ("predictions", "unsupervised"):
        paths[name] = [paths[name]]
    return {**paths, "spec": SPEC, "out": folder / "metrics.parquet", "by_value": folder / "curve.parquet"}


def evaluated(world: dict, folder: Path) -> dict:
    """Options of the stage, run, and its results."""
    options = store(world, folder)
    stage.main(**options)
    return {**options, "results": tables.read(options["out"], tables.RESULTS)}


def pick(results: pd.DataFrame, **names) -> pd.Series:
    rows = results[np.logical_and.reduce([results[name] == value for name, value in names.items()])]
    assert len(rows) == 1, (names, len(rows))
    return rows.iloc[0]


def matrix(world: dict, condition: str, size: int, bucket: str = "all", part: str = "main") -> np.ndarray:
    frame = world["floor"] if condition == "unsupervised" else world["predictions"]
    measure = "" if condition == "unsupervised" else "grade"
    names = {"measure": measure, "condition": condition, "size": size, "bucket": bucket, "part": part}
    return matrices.correct_matrix(frame, world["items"], world["hardness"]["grade"], **names).values
