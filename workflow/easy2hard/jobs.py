"""What a method is given: items, training sets, a model. Methods share training sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from easy2hard import seeds
from easy2hard.strict import Strict


@dataclass(frozen=True)
class Job:
    """One prediction job.

    items: the test dataset (ITEMS rows, all parts). train_items: the training dataset, the same frame unless
    the experiment trains on another one. splits: by measure, the SPLITS rows of this job. model: resolved folder
    or None when `model_spec` names a hub id. states: Parquet of hidden states for methods that need them.
    """

    items: pd.DataFrame
    train_items: pd.DataFrame
    splits: dict[str, pd.DataFrame]
    model: Path | None
    model_spec: dict
    states: Path | None
    train_states: Path | None
    options: Strict
    prompt: str
    seed: int


@dataclass(frozen=True)
class TrainingSet:
    """The largest draw of one (measure, condition, noise, seed); the set of size n is its first n items.

    noise: rate of label noise. labels: by item, the labels to train on in place of the true ones.
    """

    measure: str
    condition: str
    seed: int
    sizes: tuple[int, ...]
    item_ids: tuple[str, ...]
    noise: float = 0.0
    labels: Mapping[str, int] = field(default_factory=dict)


def training_sets(job: Job) -> Iterator[TrainingSet]:
    """Every training set of the job, in the order measure, condition, seed, noise."""
    for measure, split in sorted(job.splits.items()):
        train = split[split["role"] == "train"].sort_values(["condition", "seed", "noise", "size", "position"])
        for (condition, seed, noise), rows in train.groupby(["condition", "seed", "noise"], sort=True):
            sizes = tuple(sorted(int(size) for size in rows["size"].unique()))
            largest = rows[rows["size"] == sizes[-1]]
            given = largest.dropna(subset="label")
            labels = {name: int(label) for name, label in zip(given["item_id"], given["label"], strict=True)}
            ids = tuple(largest["item_id"])
            yield TrainingSet(measure, str(condition), int(seed), sizes, ids, float(noise), labels)


def demonstrations(job: Job, chosen: TrainingSet) -> list[dict]:
    """ITEMS records of the training set in draw order, with the labels to train on and the answers these name."""
    records = job.train_items.set_index("item_id", drop=False).loc[list(chosen.item_ids)].to_dict("records")
    return [_relabelled(record, chosen.labels.get(record["item_id"])) for record in records]


def reasoned(job: Job, chosen: TrainingSet, size: int) -> list[dict]:
    """The first `size` demonstrations for a method that shows reasoning: items that noise hits have that of another.

    The solutions of the hit items go round by one place in a ring drawn for the training set and size, so none leaves
    the set; one hit item alone takes that of an item drawn from the others, a set of one item keeps its own. A
    free-form item takes the answer with the reasoning; where there are choices the answer is that of the wrong label.
    DEVIATION: the paper's code permutes what the hit items have, so some keep their own, and one alone always does.
    """
    records = demonstrations(job, chosen)[:size]
    hit = [place for place, record in enumerate(records) if record["item_id"] in chosen.labels]
    purpose = ("noise of reasoning", chosen.measure, chosen.condition, chosen.seed, size)
    donors = _donors(hit, len(records), seeds.generator(job.seed, *purpose)) if hit else {}
    return [record | _borrowed(records[donors.get(place, place)], record) for place, record in enumerate(records)]


def _donors(hit: list[int], size: int, generator: np.random.Generator) -> dict[int, int]:
    """Whose solution each item that is hit shows, by place."""
    if len(hit) == 1 and size > 1:
        return {hit[0]: int(generator.choice(np.delete(np.arange(size), hit[0])))}
    ring = generator.permutation(hit)
    return dict(zip(ring.tolist(), np.roll(ring, 1).tolist(), strict=True))


def _borrowed(donor: dict, record: dict) -> dict:
    free_form = len(record["choices"]) == 1
    return {"solution": donor["solution"]} | ({"answer": donor["answer"]} if free_form else {})


def _relabelled(record: dict, label: int | None) -> dict:
    return record if label is None else record | {"label": label, "answer": record["choices"][label]}


def readable_items(job: Job, items: pd.DataFrame) -> pd.DataFrame:
    """Items that may be predicted or are trained on: all but those held apart for hardness that no set trains on."""
    trained = {name for chosen in training_sets(job) for name in chosen.item_ids}
    return items[(items["part"] != "hardness") | items["item_id"].isin(trained)]


def test_items(job: Job, chosen: TrainingSet | None = None, size: int = 0) -> pd.DataFrame:
    """Items to predict: all but the apart-held hardness part and the first `size` items trained on.

    Trained on another dataset, an item counts as trained on where that dataset holds it: same id, same question.
    """
    trained = set(chosen.item_ids[:size]) & same_items(job.items, job.train_items) if chosen is not None else set()
    return job.items[(job.items["part"] != "hardness") & ~job.items["item_id"].isin(trained)]


def same_items(first: pd.DataFrame, second: pd.DataFrame) -> set[str]:
    """Ids of the items that two tables share: same id, same question."""
    if first is second:
        return set(first["item_id"])
    both = first[["item_id", "question"]].merge(second[["item_id", "question"]], validate="one_to_one")
    return set(both["item_id"])


def prediction_rows(
    items: pd.DataFrame, scores: list[np.ndarray], chosen: TrainingSet | None = None, size: int = 0
) -> pd.DataFrame:
    """PREDICTIONS rows from one score array a row of `items` (log-probabilities or logits, one a choice)."""
    if len(items) != len(scores):
        raise ValueError(f"{len(scores)} score rows for {len(items)} items")
    probabilities = [_softmax(np.asarray(row, dtype=np.float64)) for row in scores]
    prediction = np.array([int(np.argmax(row)) for row in probabilities], dtype=np.int32)
    label = items["label"].to_numpy()
    picks = zip(probabilities, prediction, label, strict=True)
    confidence = [(row[best], row[gold]) for row, best, gold in picks]
    return pd.DataFrame(
        {
            **_run(chosen, size),
            "item_id": items["item_id"].to_numpy(),
            "prediction": prediction,
            "scores": [np.asarray(row, dtype=np.float32) for row in scores],
            "confidence": np.array([pair[0] for pair in confidence], dtype=np.float32),
            "label_confidence": np.array([pair[1] for pair in confidence], dtype=np.float32),
            "correct": prediction == label,
            "generated": None,
        }
    )


def generated_rows(
    items: pd.DataFrame, texts: list[str], picks: list[int], chosen: TrainingSet | None = None, size: int = 0
) -> pd.DataFrame:
    """PREDICTIONS rows of answers that were generated: the text of each item and the choice it gives, -1 for none."""
    if not len(items) == len(texts) == len(picks):
        raise ValueError(f"{len(texts)} texts and {len(picks)} choices for {len(items)} items")
    prediction = np.array(picks, dtype=np.int32)
    return pd.DataFrame(
        {
            **_run(chosen, size),
            "item_id": items["item_id"].to_numpy(),
            "prediction": prediction,
            "scores": [np.empty(0, dtype=np.float32) for _ in texts],
            "confidence": np.full(len(texts), np.nan, dtype=np.float32),
            "label_confidence": np.full(len(texts), np.nan, dtype=np.float32),
            "correct": prediction == items["label"].to_numpy(),
            "generated": texts,
        }
    )


def _run(chosen: TrainingSet | None, size: int) -> dict:
    """The columns that name a run: of a training set, or of the model as it is."""
    return {
        "measure": chosen.measure if chosen else "",
        "condition": chosen.condition if chosen else "unsupervised",
        "size": np.int32(size),
        "noise": chosen.noise if chosen else 0.0,
        "seed": np.int32(chosen.seed if chosen else 0),
    }


def _softmax(row: np.ndarray) -> np.ndarray:
    if not np.isfinite(row).all():
        raise FloatingPointError(f"a choice score is not finite: {row.tolist()}")
    shifted = np.exp(row - row.max())
    return shifted / shifted.sum()
