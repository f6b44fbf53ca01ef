"""Linear probe on frozen hidden states, all training sets of a job fitted together (Hase 2024, §4.5)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from easy2hard import jobs, seeds
from easy2hard.errors import UserError
from easy2hard.strict import Strict

TITLE = "Linear probe"
NEEDS = "states"
SUPERVISED = True
SPLIT_JOBS_BY: tuple[str, ...] = ()


class Options(Strict):
    """How probes are fitted; the defaults are the paper's."""

    recipe: Literal["paper", "lbfgs"] = "paper"
    """`paper`: plain SGD with the norm of the weights as penalty; `lbfgs`: to the minimum, with the squared norm."""
    penalty: float = Field(1.0, gt=0)
    """Weight λ of the penalty: λ·||w|| for `paper`, λ/2·||w||² for `lbfgs`, beside the mean cross-entropy."""
    steps: int = Field(100, ge=1)
    """Steps of `paper`; most iterations of `lbfgs`, which is an error where it has not converged by then."""
    learning_rate: float = Field(0.05, gt=0)
    """Learning rate of the first step of `paper`; falls linearly to a tenth."""
    clip: float = Field(1.0, gt=0)
    """Largest norm of a probe's gradient in `paper`."""
    tolerance: float = Field(1e-7, gt=0)
    """`lbfgs` ends when no entry of the gradient is larger."""
    max_memory: int = Field(4, ge=1)
    """MiB of standardised training states at a time; what fits the processor's cache is fastest."""


def predict(job: jobs.Job) -> Iterator[pd.DataFrame]:
    """Predictions of every probe for all items outside its training set. Raises UserError for missing states."""
    from easy2hard.models import devices, probes

    devices.prepare(devices.ModelSpec.of(job.model_spec))
    sets = list(jobs.training_sets(job))
    test = _pool(job, job.items, job.states)
    train = test if job.train_items is job.items else _pool(job, job.train_items, job.train_states)
    fitted = probes.fit(train[1], *_draws(job, sets, train[0]), _recipe(job.options), job.options.max_memory << 20)
    blocks = [block.numpy() for _, block in probes.scores(fitted, test[1])]
    scores = np.concatenate(blocks)  # [N, P, C]
    for number, (chosen, size) in enumerate([(one, size) for one in sets for size in one.sizes]):
        items = jobs.test_items(job, chosen, size)
        rows = scores[test[0].get_indexer(items["item_id"]), number]
        counts = items["choices"].str.len()
        yield jobs.prediction_rows(items, [row[:n] for row, n in zip(rows, counts, strict=True)], chosen, size)


def _recipe(options: Options) -> object:
    from easy2hard.models.descent import Recipe

    return Recipe(
        options.recipe,
        penalty=options.penalty,
        steps=options.steps,
        learning_rate=options.learning_rate,
        clip=options.clip,
        tolerance=options.tolerance,
    )


def _draws(job: jobs.Job, sets: list[jobs.TrainingSet], index: pd.Index) -> tuple[list[np.ndarray], list[int]]:
    """Rows into the training pool, and an initialisation seed, of every (training set, size)."""
    rows, starts = [], []
    for chosen in sets:
        found = index.get_indexer(pd.Index(chosen.item_ids))
        if (found < 0).any():
            raise UserError(f"probe: training item '{chosen.item_ids[int(np.argmin(found))]}' has no states")
        for size in chosen.sizes:
            rows.append(found[:size])
            starts.append(seeds.torch_seed(job.seed, "probe", chosen.measure, chosen.condition, chosen.seed, size))
    return rows, starts


def _pool(job: jobs.Job, items: pd.DataFrame, states: Path | None) -> tuple[pd.Index, object]:
    """Item ids in the pool's order, and the pool itself (models.probes.Pool), of all items predicted or trained on."""
    import torch

    from easy2hard.models.probes import Pool

    items = jobs.readable_items(job, items)
    counts = items["choices"].str.len().to_numpy()
    if counts.min() < 2:
        raise UserError(f"probe: item '{items['item_id'].iloc[int(counts.argmin())]}' has fewer than two choices")
    index = pd.Index(items["item_id"])
    valid = np.arange(counts.max()) < counts[:, None]  # [N, C]
    array = _states(index, valid, states)
    labels = torch.from_numpy(items["label"].to_numpy(dtype=np.int64, copy=True))
    return index, Pool(torch.from_numpy(array), labels, torch.from_numpy(valid))


def _states(index: pd.Index, valid: np.ndarray, path: Path | None) -> np.ndarray:
    """[N, C, D] at "choice", [N, D] at "question_end", as encoded. Raises UserError where a state is missing."""
    from easy2hard.state_tables import read_metadata, read_states

    at = read_metadata(path)["at"]
    ids, choices, values = read_states(path)
    item, choice = index.get_indexer(pd.Index(ids)), np.asarray(choices)
    needed = valid if at == "choice" else valid[:, :1]
    column = choice if at == "choice" else np.where(choice == -1, 0, -1)
    kept = (item >= 0) & (column >= 0) & (column < needed.shape[1])
    array = np.zeros((*needed.shape, values.shape[1]), dtype=np.float32)
    array[item[kept], column[kept]] = values[kept]
    have = np.zeros(needed.shape, dtype=bool)
    have[item[kept], column[kept]] = True
    if (needed & ~have).any():
        missing = index[int(np.argwhere(needed & ~have)[0, 0])]
        raise UserError(f"{path}: no state at '{at}' for item '{missing}' ({int((needed & ~have).sum())} missing)")
    return array if at == "choice" else array[:, 0]
