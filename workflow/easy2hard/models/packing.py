"""Batches of token sequences for training: short sequences share a row, and none sees another.

A row holds sequences behind each other. A mask lets a token see the earlier tokens of its own sequence only, and
positions begin anew with each, so that what is computed is what a row of its own would give. A row of one sequence
needs no mask: padding stands on the right, where a causal model never looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

Row = list[int]  # numbers of the examples that stand in it


@dataclass(frozen=True)
class Example:
    """One sequence to learn from. Arrays of one length: token ids, what is to be said at each token, its weight."""

    ids: np.ndarray
    targets: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Pack:
    """What one forward pass reads: the model's inputs, [R, W], with a [R, 1, W, W] mask where a row has several.

    rows, columns: the N places of the tokens whose weight is not 0; targets, weights: theirs.
    """

    inputs: dict[str, Tensor]
    rows: Tensor
    columns: Tensor
    targets: Tensor
    weights: Tensor


def arrange(lengths: Sequence[int], packed: bool, budget: int) -> list[list[Row]]:
    """Forward passes, each of rows that together have at most `budget` tokens, padding included, or one row alone.

    The longest come first, so that rows of a pass have like lengths. packed: several examples a row, none longer than
    the longest example.
    """
    order = sorted(range(len(lengths)), key=lambda number: -lengths[number])
    rows = _filled(lengths, order) if packed else [[number] for number in order]
    rows.sort(key=lambda row: -sum(lengths[number] for number in row))
    passes: list[list[Row]] = []
    width = 0
    for row in rows:
        if not passes or width * (len(passes[-1]) + 1) > budget:
            passes.append([])
            width = sum(lengths[number] for number in row)
        passes[-1].append(row)
    return passes


def _filled(lengths: Sequence[int], order: list[int]) -> list[Row]:
    """Each example in the first row that has room for it."""
    room: list[int] = []
    rows: list[Row] = []
    for number in order:
        place = next((at for at, left in enumerate(room) if left >= lengths[number]), None)
        if place is None:
            rows.append([])
            room.append(lengths[order[0]])
            place = len(rows) - 1
        rows[place].append(number)
        room[place] -= lengths[number]
    return rows


def pack(examples: Sequence[Example], rows: Sequence[Row], device: torch.device, dtype: torch.dtype) -> Pack:
    """The rows as tensors; dtype: of the mask, that of the model."""
    width = max(sum(len(examples[number].ids) for number in row) for row in rows)
    ids, positions, owner = (np.full((len(rows), width), fill) for fill in (0, 0, -1))
    targets = np.zeros((len(rows), width), examples[rows[0][0]].targets.dtype)
    weights = np.zeros((len(rows), width), np.float32)
    for at, row in enumerate(rows):
        start = 0
        for number in row:
            example = examples[number]
            place = at, slice(start, start + len(example.ids))
            ids[place], targets[place], weights[place] = example.ids, example.targets, example.weights
            positions[place], owner[place] = np.arange(len(example.ids)), number
            start += len(example.ids)
    inputs = {"input_ids": torch.from_numpy(ids).to(device)}
    if any(len(row) > 1 for row in rows):
        inputs["position_ids"] = torch.from_numpy(positions).to(device)
        inputs["attention_mask"] = _mask(torch.from_numpy(owner).to(device), dtype)
    read = np.nonzero(weights)
    found = (torch.from_numpy(array).to(device) for array in (*read, targets[read], weights[read]))
    return Pack(inputs, *found)


def _mask(owner: Tensor, dtype: torch.dtype) -> Tensor:
    """[R, 1, W, W], 0 where a token may look, the least number of the format elsewhere."""
    seen = (owner[:, :, None] == owner[:, None, :]).tril()
    mask = torch.zeros(seen.shape, dtype=dtype, device=owner.device)
    return mask.masked_fill_(~seen, torch.finfo(dtype).min)[:, None]
