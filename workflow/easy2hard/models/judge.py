"""Scores of solutions: every step and the outcome in one forward pass a solution, equal solutions once (Sun 2024, §3).

A step is read at the token that covers the first character after it (the first of the two line breaks of the paper's
layout), or at its own last token where no token covers that character; the last step, and the outcome, at the last
token of the solution. The prompt is read with each solution: reading it once for the solutions of a batch was tried and
saves nothing on a CPU (the mask and the padding between problems cost what it spares).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

from easy2hard import solutions
from easy2hard.errors import UserError
from easy2hard.files import replacing
from easy2hard.models.evaluator import Evaluator
from easy2hard.models.load import max_tokens
from easy2hard.models.pairs import Pair
from easy2hard.progress import track
from easy2hard.solutions import Format, Step

SHARD = 2048  # solutions that are kept together on disk
BUDGET_CPU, BUDGET_GPU = 1024, 16384  # tokens a forward pass, padding included


@dataclass(frozen=True)
class Reading:
    """Token ids of prompt and solution, and the places at which a logit is read: one a step, the last the outcome's."""

    ids: list[int]
    places: np.ndarray


def reading(pair: Pair, layout: Format, text: str) -> Reading:
    """Where the steps of a solution are read. Raises UserError for a text without tokens."""
    if not pair.target:
        raise UserError(f"solution {text[:60]!r}: the tokenizer makes no tokens of it")
    steps = solutions.parse(layout, text).steps
    places = [_place(pair.spans, step) for step in steps[:-1]] + [len(pair.target) - 1]
    return Reading(pair.ids, np.array(places) + len(pair.source))


def _place(spans: np.ndarray, step: Step) -> int:
    """Number of the solution's token at which a step that is not the last is read."""
    covering = int(np.searchsorted(spans[:, 1], step.end, side="right"))
    if step.stop > step.end and covering < len(spans) and spans[covering, 0] <= step.end:
        return covering
    return max(int(np.searchsorted(spans[:, 0], step.end)) - 1, 0)


def read(
    evaluator: Evaluator, readings: Sequence[Reading], state: Path | None = None, budget: int | None = None
) -> list[np.ndarray]:
    """Logits, float32, one array a reading. state: folder where finished shards are kept, and found again.

    budget: tokens a forward pass; None: what suits the device. Raises UserError for a solution that does not fit.
    """
    most = max_tokens(evaluator.body)
    longest = max((len(one.ids) for one in readings), default=0)
    if most is not None and longest > most:
        raise UserError(f"evaluator: a solution has {longest} tokens with its prompt, more than the {most} that fit")
    order = sorted(range(len(readings)), key=lambda number: (len(readings[number].ids), readings[number].ids))
    found: list[np.ndarray] = [np.empty(0, np.float32)] * len(readings)
    starts = range(0, len(order), SHARD)
    for start in track(starts, len(starts), "scoring", f"shards of {SHARD} solutions"):
        numbers = order[start : start + SHARD]
        chosen = [readings[number] for number in numbers]
        file = state / f"{start // SHARD:06d}.npy" if state else None
        values = _kept(file) if file and file.exists() else _shard(evaluator, chosen, budget)
        if file and not file.exists():
            _keep(file, values)
        ends = np.cumsum([len(one.places) for one in chosen])
        for number, part in zip(numbers, np.split(values, ends[:-1]), strict=True):
            found[number] = part
    return found


def _shard(evaluator: Evaluator, readings: list[Reading], budget: int | None) -> np.ndarray:
    """Logits of all places of the readings, which are sorted by length, one after the other."""
    device = evaluator.head.weight.device
    budget = budget or (BUDGET_CPU if device.type == "cpu" else BUDGET_GPU)
    with torch.inference_mode():
        return np.concatenate([_pass(evaluator, batch) for batch in _batches(readings, budget)])


def _pass(evaluator: Evaluator, batch: list[Reading]) -> np.ndarray:
    """Rows padded on the right, where a causal model never looks, so that there is no mask."""
    device = evaluator.head.weight.device
    ids = pad_sequence([torch.tensor(one.ids) for one in batch], batch_first=True).to(device)
    rows = torch.from_numpy(np.repeat(np.arange(len(batch)), [len(one.places) for one in batch])).to(device)
    columns = torch.from_numpy(np.concatenate([one.places for one in batch])).to(device)
    return evaluator.logits({"input_ids": ids}, rows, columns).cpu().numpy()


def _batches(readings: list[Reading], budget: int) -> Iterator[list[Reading]]:
    """Consecutive runs, each of at most `budget` tokens with padding, or of one reading."""
    batch: list[Reading] = []
    for one in readings:
        if batch and len(one.ids) * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _keep(file: Path, values: np.ndarray) -> None:
    with replacing(file) as partial, open(partial, "wb") as handle:
        np.save(handle, values, allow_pickle=False)


def _kept(file: Path) -> np.ndarray:
    return np.load(file, allow_pickle=False)
