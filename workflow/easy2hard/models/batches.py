"""Keys and values of samples being written: by prompt, whose own are shared, or row by row, where few are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

DEAD_SHARE = 0.125  # of a batch: finished rows that are put up with
Pair = tuple[torch.Tensor, torch.Tensor]  # keys and values


@dataclass(frozen=True)
class Prompt:
    """A prompt as read: keys and values of each layer [heads, P, width], logits [V] of what follows, its length P."""

    layers: list[Pair]
    logits: torch.Tensor
    length: int


@dataclass
class Batch:
    """Samples of one prompt that were begun together, so that all have as many tokens: `rows` of them.

    own: by layer, buffers of keys and values [heads, rows, room, width]; `columns` of their room are used.
    """

    prompt: Prompt
    rows: int
    columns: int = 0
    own: list[Pair] = field(default_factory=list)

    def append(self, layer: int, keys: torch.Tensor, values: torch.Tensor) -> None:
        """Keep one token a row: keys and values [heads, rows, width]."""
        if layer == 0:
            self.columns += 1
        self._make_room(layer, keys, values)
        for buffer, new in zip(self.own[layer], (keys, values), strict=True):
            buffer[:, :, self.columns - 1] = new

    def attend(self, layer: int, query: torch.Tensor, scaling: float, softcap: float | None) -> torch.Tensor:
        """[rows, heads, width] from query [heads, rows, width]: over the prompt and the row's own tokens."""
        (shared, shared_values), (own, own_values) = self.prompt.layers[layer], self.own[layer]
        groups = len(shared)
        asked = by_group(query, groups).transpose(1, 2)  # [key heads, rows, heads a key head, width]
        flat = asked.reshape(groups, -1, asked.shape[-1])
        before = (flat @ shared.transpose(-1, -2)).view(*asked.shape[:3], -1)
        after = asked @ own[:, :, : self.columns].transpose(-1, -2)
        share = weights(torch.cat([before, after], dim=-1), scaling, softcap)
        seen = share[..., : self.prompt.length].reshape(groups, flat.shape[1], -1) @ shared_values
        found = share[..., self.prompt.length :] @ own_values[:, :, : self.columns]
        found += seen.view(found.shape)
        return found.transpose(0, 1).flatten(1, 2)

    @property
    def length(self) -> int:
        """Tokens a row, those of the prompt included."""
        return self.prompt.length + self.columns

    @property
    def size(self) -> int:
        """Numbers in a row's keys of one layer."""
        keys = self.prompt.layers[0][0]
        return self.length * keys.shape[0] * keys.shape[2]

    def keep_most(self, rows: np.ndarray) -> np.ndarray:
        """Keep these rows (ascending numbers) and forget the others, if these are enough; which are kept now."""
        if self.rows - len(rows) <= DEAD_SHARE * self.rows:
            return np.arange(self.rows)
        self.rows = len(rows)
        there = torch.from_numpy(rows)
        self.own = [tuple(buffer.index_select(1, there.to(buffer.device)) for buffer in pair) for pair in self.own]
        return rows

    def whole(self, layer: int, rows: np.ndarray) -> Pair:
        """Keys and values [heads, rows, length, width] of some rows, those of the prompt included."""
        shared = tuple(part[:, None].expand(-1, len(rows), -1, -1) for part in self.prompt.layers[layer])
        if not self.columns:
            return shared
        there = torch.from_numpy(rows)
        own = (part[:, :, : self.columns].index_select(1, there.to(part.device)) for part in self.own[layer])
        return tuple(torch.cat(pair, dim=2) for pair in zip(shared, own, strict=True))

    def _make_room(self, layer: int, keys: torch.Tensor, values: torch.Tensor) -> None:
        if layer == len(self.own):
            self.own.append(tuple(_grown(None, new, 8) for new in (keys, values)))
        elif self.columns > self.own[layer][0].shape[2]:
            self.own[layer] = _both_grown(self.own[layer], (keys, values), 2 * self.columns)


def _both_grown(old: Pair, like: Pair, room: int) -> Pair:
    return tuple(_grown(*parts, room) for parts in zip(old, like, strict=True))


def _grown(old: torch.Tensor | None, like: torch.Tensor, room: int) -> torch.Tensor:
    heads, rows, width = like.shape
    new = like.new_empty(heads, rows, room, width)
    if old is not None:
        new[:, :, : old.shape[2]] = old
    return new


class Loose:
    """Rows of any prompts, each with keys and values of its own prompt, so that one calculation serves them all.

    held: by layer, keys and values [heads, rows, room, width]. Rows end at the same column `end`; `starts` [rows] says
    where each begins, and what stands before that is hidden from it.
    """

    def __init__(self) -> None:
        self.rows, self.end = 0, 0
        self.starts = np.zeros(0, dtype=np.int64)
        self.held: list[Pair] = []
        self._hidden: dict[torch.device, torch.Tensor] = {}

    def append(self, layer: int, keys: torch.Tensor, values: torch.Tensor) -> None:
        """Keep one token a row: keys and values [heads, rows, width]."""
        if layer == 0:
            self.end += 1
            self._hidden = {}
        if self.end > self.held[layer][0].shape[2]:
            self.held[layer] = _both_grown(self.held[layer], (keys, values), 2 * self.end)
        for buffer, new in zip(self.held[layer], (keys, values), strict=True):
            buffer[:, :, self.end - 1] = new

    def attend(self, layer: int, query: torch.Tensor, scaling: float, softcap: float | None) -> torch.Tensor:
        """[rows, heads, width] from query [heads, rows, width]."""
        keys, values = (part[:, :, : self.end] for part in self.held[layer])
        asked = by_group(query, len(keys)).transpose(1, 2)
        share = weights(asked @ keys.transpose(-1, -2), scaling, softcap, self._before(query.device))
        return (share @ values).transpose(0, 1).flatten(1, 2)

    def rebuild(self, kept: np.ndarray, joining: Sequence[tuple[Batch, np.ndarray]]) -> None:
        """Keep these rows, and take these rows of batches in."""
        lengths = np.concatenate([self.end - self.starts[kept], *(np.repeat(one.length, len(r)) for one, r in joining)])
        self.rows, end = len(lengths), int(lengths.max(initial=0))
        layers = range(len(joining[0][0].prompt.layers) if joining else len(self.held))
        self.held = [self._rebuilt(layer, kept, joining, end) for layer in layers] if self.rows else []
        self.starts, self.end, self._hidden = end - lengths, end, {}

    def _rebuilt(self, layer: int, kept: np.ndarray, joining: Sequence[tuple[Batch, np.ndarray]], end: int) -> Pair:
        """Keys and values of a layer, with a little room; columns before a row's start are zero."""
        parts = [one.whole(layer, rows) for one, rows in joining]
        if len(kept):
            there = torch.from_numpy(kept)
            held = (part[:, :, : self.end] for part in self.held[layer])
            parts.insert(0, tuple(part.index_select(1, there.to(part.device)) for part in held))
        return tuple(_aligned([part[side] for part in parts], end) for side in range(2))

    def _before(self, device: torch.device) -> torch.Tensor:
        """[rows, 1, columns]: whether a column stands before a row's start."""
        if device not in self._hidden:
            hidden = np.arange(self.end) < self.starts[:, None]
            self._hidden[device] = torch.from_numpy(hidden).to(device)[:, None]
        return self._hidden[device]


def _aligned(parts: Sequence[torch.Tensor], end: int) -> torch.Tensor:
    """Blocks [heads, rows, columns, width] below each other, the last `end` columns of each ending at `end`."""
    heads, _, _, width = parts[0].shape
    made = parts[0].new_zeros(heads, sum(part.shape[1] for part in parts), end + 16, width)
    first = 0
    for part in parts:
        columns = min(part.shape[2], end)
        made[:, first : first + part.shape[1], end - columns : end] = part[:, :, part.shape[2] - columns :]
        first += part.shape[1]
    return made


def by_group(query: torch.Tensor, groups: int) -> torch.Tensor:
    """[heads, T, width] as [key heads, heads a key head, T, width]."""
    return query.reshape(groups, -1, *query.shape[1:])


def weights(
    scores: torch.Tensor, scaling: float, softcap: float | None, hidden: torch.Tensor | None = None
) -> torch.Tensor:
    """Attention weights: softmax in float32 of the scaled scores, capped where the family caps them."""
    scores = scores * scaling
    if softcap is not None:
        scores = torch.tanh(scores / softcap) * softcap
    if hidden is not None:
        scores = scores.masked_fill(hidden, -torch.inf)
    return torch.softmax(scores, dim=-1, dtype=torch.float32).to(scores.dtype)
