"""Attention of many samples of a few prompts: a prompt's keys and values are read once and stand in memory once.

All new tokens of all texts stand in one row. The families of `tree` hand their keys and values to the cache, and what
it returns to the attention function: here a handle, whose `attend` computes the softmax over the prompt and the
sample's own tokens together. No mask, no padding: each token sees exactly what it would see alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from transformers import AttentionInterface, Cache, DynamicCache, PreTrainedModel

from easy2hard.models.batches import Batch, Loose, Pair, Prompt, by_group, weights

NAME = "easy2hard_shared_prompt"


@contextmanager
def attention(model: PreTrainedModel) -> Iterator[None]:
    """The model attends by the caches of this module; afterwards as before."""
    former = model.config._attn_implementation
    model.config._attn_implementation = NAME
    try:
        yield
    finally:
        model.config._attn_implementation = former


def read_prefix(model: PreTrainedModel, prefix: Sequence[int]) -> list[Pair]:
    """Keys and values of what all prompts begin with; to be read outside `attention`. Empty for an empty prefix."""
    if not prefix:
        return []
    cache = DynamicCache()
    ids = torch.tensor([prefix], device=model.get_input_embeddings().weight.device)
    model.base_model(input_ids=ids, past_key_values=cache, use_cache=True)
    return [(layer.keys[0], layer.values[0]) for layer in cache.layers]


def read(model: PreTrainedModel, prefix: list[Pair], shared: int, rests: Sequence[Sequence[int]]) -> list[Prompt]:
    """Prompts read in one forward pass: `rests` (none empty) stand each behind the prefix of `shared` tokens."""
    stops = torch.tensor([len(rest) for rest in rests]).cumsum(0)
    cache = _Reading(prefix, [slice(stop - len(rest), stop) for stop, rest in zip(stops.tolist(), rests, strict=True)])
    ids = [token for rest in rests for token in rest]
    positions = [shared + place for rest in rests for place in range(len(rest))]
    logits = forward(model, ids, positions, cache, keep=stops - 1)
    parts = zip(zip(*cache.read, strict=True), logits, rests, strict=True)
    return [Prompt(list(layers), row, shared + len(rest)) for layers, row, rest in parts]


def forward(
    model: PreTrainedModel, ids: Sequence[int], positions: Sequence[int], cache: Cache, keep: torch.Tensor | int = 0
) -> torch.Tensor:
    """Logits [kept tokens, V] of a row of tokens."""
    device = model.get_input_embeddings().weight.device
    return model(
        input_ids=torch.as_tensor(ids, device=device)[None],
        position_ids=torch.as_tensor(positions, device=device)[None],
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=keep,  # on the CPU: the last layer may be on another device than the first
    ).logits[0]


class _Handle:
    """What a cache gives to the attention function in place of keys and values."""

    def __init__(self, cache: _Reading | Writing, layer: int):
        self.cache, self.layer = cache, layer


def _attend(module: object, query: torch.Tensor, key: _Handle, *_: object, scaling: float, **more: object) -> tuple:
    """The attention function: query [1, heads, T, width] to [1, T, heads, width]."""
    return key.cache.attend(key.layer, query[0], scaling, more.get("softcap"))[None], None


AttentionInterface.register(NAME, _attend)


class _Reading(Cache):
    """Takes in whole prompts that stand in one row. `read`: by layer, by prompt, keys and values prefix included."""

    def __init__(self, prefix: list[Pair], spans: list[slice]):
        super().__init__(layers=[])
        self.prefix, self.spans = prefix, spans
        self.read: list[list[Pair]] = []

    def get_seq_length(self, *_: object) -> int:
        """None of a row's tokens stand before it."""
        return 0

    def update(self, key_states: torch.Tensor, value_states: torch.Tensor, layer_idx: int, *_: object, **__: object):
        """Keep keys and values [1, heads, T, width]."""
        new = [(key_states[0][:, span], value_states[0][:, span]) for span in self.spans]
        before = self.prefix[layer_idx] if self.prefix else None
        self.read.append([_joined(before, pair) for pair in new])
        return _Handle(self, layer_idx), None

    def attend(self, layer: int, query: torch.Tensor, scaling: float, softcap: float | None) -> torch.Tensor:
        """[T, heads, width] from query [heads, T, width]: causal within each prompt, behind the prefix."""
        found = []
        for span, (keys, values) in zip(self.spans, self.read[layer], strict=True):
            asked = by_group(query[:, span], len(keys))
            scores = asked @ keys[:, None].transpose(-1, -2)
            hidden = scores.new_ones(scores.shape[-2:], dtype=torch.bool).tril(scores.shape[-1] - scores.shape[-2])
            share = weights(scores, scaling, softcap, ~hidden)
            found.append((share @ values[:, None]).flatten(0, 1).transpose(0, 1))
        return torch.cat(found)


class Writing(Cache):
    """The samples being written: each forward pass feeds one token a row of every batch, in their order."""

    def __init__(self) -> None:
        super().__init__(layers=[])
        self.batches: list[Batch | Loose] = []

    def get_seq_length(self, *_: object) -> int:
        """None of a row's tokens stand before it."""
        return 0

    def update(self, key_states: torch.Tensor, value_states: torch.Tensor, layer_idx: int, *_: object, **__: object):
        """Append keys and values [1, heads, rows, width], a column to each batch."""
        for batch, span in self._spans():
            batch.append(layer_idx, key_states[0][:, span], value_states[0][:, span])
        return _Handle(self, layer_idx), None

    def attend(self, layer: int, query: torch.Tensor, scaling: float, softcap: float | None) -> torch.Tensor:
        """[rows, heads, width] from query [heads, rows, width]."""
        return torch.cat([batch.attend(layer, query[:, span], scaling, softcap) for batch, span in self._spans()])

    def _spans(self) -> Iterator[tuple[Batch | Loose, slice]]:
        begin = 0
        for batch in self.batches:
            yield batch, slice(begin, begin + batch.rows)
            begin += batch.rows


def _joined(before: Pair | None, after: Pair) -> Pair:
    """Keys and values of the prefix and of what follows, in memory of their own."""
    if before is None:
        return tuple(part.clone() for part in after)
    return tuple(torch.cat([old, new], dim=1) for old, new in zip(before, after, strict=True))
