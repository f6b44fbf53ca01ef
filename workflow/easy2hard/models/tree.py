"""Tree reading: a shared prefix once, each question once, each choice once, many items in one row, no padding.

The tokens of many items stand in one sequence behind a cached prefix. A 4-D mask lets a token see the prefix, the
stem of its own item and, in a choice, the tokens of that choice before it; positions continue from the prefix. What a
token reads is then exactly what it would read in a sequence of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from transformers import DynamicCache, PreTrainedModel

from easy2hard.models.tokenise import ItemTokens, common_prefix

# Families whose attention takes a custom 4-D mask and whose positions come from `position_ids` alone. Each is held
# against one forward pass a choice in tests/test_score.py; a family not listed is read choice by choice.
FAMILIES = frozenset(
    ("llama", "mistral", "mixtral", "qwen2", "qwen3", "gpt2", "gpt_neox", "phi", "gemma", "gemma2", "olmo", "olmo2")
    + ("stablelm", "starcoder2", "qwen2_moe", "qwen3_moe", "olmoe")
)
LENGTH_DEPENDENT_ROPE = frozenset({"dynamic", "longrope"})
STEM = -1
# Attention between the items of a row is computed and masked: long rows waste it, short ones leave a GPU idle.
BUDGET_CPU, BUDGET_GPU = 256, 1024  # tokens a forward pass


@dataclass(frozen=True)
class Pack:
    """Several items in one row. Arrays over its T tokens: ids, positions, item number, choice number (STEM: stem)."""

    items: range
    ids: np.ndarray
    positions: np.ndarray
    item: np.ndarray
    choice: np.ndarray
    stem_end: np.ndarray  # index in the row of each item's last stem token


def refusal(model: PreTrainedModel, longest: int) -> str:
    """Why this model cannot be read as a tree, for sequences of `longest` tokens; empty when it can."""
    config = model.config
    if config.model_type not in FAMILIES:
        return f"model family '{config.model_type}' is not among those tested for it"
    if config._attn_implementation not in ("sdpa", "eager"):
        return f"attention '{config._attn_implementation}' takes no custom mask"
    window = getattr(config, "sliding_window", None)
    if window is not None and getattr(config, "use_sliding_window", True) and longest >= window:
        return f"a sequence of {longest} tokens is longer than the attention window of {window}"
    rope = getattr(config, "rope_parameters", None) or {}
    if rope.get("rope_type") in LENGTH_DEPENDENT_ROPE:
        return f"rotary positions of type '{rope['rope_type']}' depend on the length of the sequence"
    return ""


def default_budget(model: PreTrainedModel) -> int:
    """Tokens a forward pass that suit the device."""
    return BUDGET_CPU if model.device.type == "cpu" else BUDGET_GPU


def shared_length(items: list[ItemTokens]) -> int:
    """Tokens at the start of every stem that are the same; one token of each stem is left to read from."""
    return min(common_prefix([item.stem for item in items]), min(len(item.stem) for item in items) - 1)


class Tree:
    """Reads packs of items behind their shared prefix."""

    def __init__(self, model: PreTrainedModel, items: list[ItemTokens], budget: int):
        self.model, self.items, self.budget = model, items, budget
        self.shared = shared_length(items)
        self._device = model.get_input_embeddings().weight.device

    def read(self, body: PreTrainedModel, whole_choices: bool) -> Iterator[tuple[Pack, Callable[..., object]]]:
        """Pairs (pack, forward): `forward(**keywords)` runs `body` once over the pack behind the cached prefix.

        whole_choices: feed the last token of each choice too (its state is wanted, not only its probability).
        """
        cache = self._prefix(body)
        for start, stop in cuts([self._size(item, whole_choices) for item in self.items], self.budget):
            pack = self._pack(range(start, stop), whole_choices)
            yield pack, lambda pack=pack, **keywords: self._forward(body, pack, cache, keywords)

    def _prefix(self, body: PreTrainedModel) -> DynamicCache:
        cache = DynamicCache()
        if self.shared:
            ids = torch.tensor([self.items[0].stem[: self.shared]], device=self._device)
            body.base_model(input_ids=ids, past_key_values=cache, use_cache=True)
        return cache

    def _size(self, item: ItemTokens, whole: bool) -> int:
        return len(item.stem) - self.shared + sum(len(choice) - (not whole) for choice in item.choices)

    def _pack(self, items: range, whole: bool) -> Pack:
        ids, positions, owner, branch, ends = [], [], [], [], []
        for number in items:
            item = self.items[number]
            depth = len(item.stem)
            ends.append(len(ids) + depth - self.shared - 1)
            parts = [(STEM, self.shared, item.stem[self.shared :])]
            kept = (tokens if whole else tokens[:-1] for tokens in item.choices)
            parts += [(index, depth, tokens) for index, tokens in enumerate(kept)]
            for index, begin, tokens in parts:
                ids += tokens
                positions += range(begin, begin + len(tokens))
                owner += [number] * len(tokens)
                branch += [index] * len(tokens)
        return Pack(items, *(np.array(column) for column in (ids, positions, owner, branch, ends)))

    def _forward(self, body: PreTrainedModel, pack: Pack, cache: DynamicCache, keywords: dict) -> object:
        result = body(
            input_ids=torch.from_numpy(pack.ids)[None].to(self._device),
            position_ids=torch.from_numpy(pack.positions)[None].to(self._device),
            attention_mask=self._mask(pack),
            past_key_values=cache,
            use_cache=True,
            **keywords,
        )
        cache.crop(-len(pack.ids))  # back to the prefix
        return result

    def _mask(self, pack: Pack) -> torch.Tensor:
        """[1, 1, T, shared + T], 0 where a token may look, the least number of the format elsewhere."""
        item, choice = (torch.from_numpy(column).to(self._device) for column in (pack.item, pack.choice))
        seen = (item[:, None] == item) & ((choice == STEM) | (choice[:, None] == choice))
        seen = torch.cat([seen.new_ones(len(item), self.shared), seen.tril()], dim=1)
        mask = torch.zeros(seen.shape, dtype=self.model.dtype, device=self._device)
        return mask.masked_fill_(~seen, torch.finfo(mask.dtype).min)[None, None]


def cuts(sizes: list[int], budget: int) -> Iterator[tuple[int, int]]:
    """Consecutive runs whose sizes add up to at most `budget`; a larger one stands alone."""
    start = total = 0
    for index, size in enumerate(sizes):
        if index > start and total + size > budget:
            yield start, index
            start, total = index, 0
        total += size
    if sizes:
        yield start, len(sizes)
