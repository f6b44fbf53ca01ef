"""Hidden states at one token a row, of the layers that are wanted (Hase 2024, §4.5).

State 0 is the embedding, state i the output of block i, state L of L after the final norm: the numbering of
`output_hidden_states`. Of an encoder-decoder they are the decoder's, at its own tokens; the encoder has read the
prompt. Hooks keep the wanted token of the wanted layers; nothing else leaves the forward pass.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from transformers import PreTrainedModel

from easy2hard.errors import UserError
from easy2hard.models import kinds, tree
from easy2hard.models.load import max_tokens
from easy2hard.models.tokenise import ItemTokens, Row

Pooling = Literal["last", "mean", "cls"]
Pick = Callable[[torch.Tensor], torch.Tensor]  # [B, T, d] → [rows, d]


@dataclass(frozen=True)
class Reader:
    """Reads states from the body of a model. layers: state numbers, ascending or as wanted."""

    model: PreTrainedModel
    layers: tuple[int, ...]
    pooling: Pooling
    budget: int

    def __post_init__(self) -> None:
        if self.pooling not in get_args(Pooling):
            raise UserError(f"pooling '{self.pooling}': expected one of {', '.join(get_args(Pooling))}")

    @property
    def width(self) -> int:
        """Numbers a row: one vector a layer."""
        return len(self.layers) * self.model.config.hidden_size

    def choices(self, items: list[ItemTokens]) -> np.ndarray:
        """[rows, width] float32: the last token of stem + choice, a row a choice, item by item."""
        longest = max(item.longest for item in items)
        check_length(self.model, longest)
        if self.pooling == "last" and not tree.refusal(self.model, longest):
            return _stack(self._tree(items))
        return self.rows([item.row(choice) for item in items for choice in item.choices])

    def texts(self, texts: Sequence[list[int]]) -> np.ndarray:
        """`rows` of whole texts."""
        return self.rows([Row(tuple(text)) for text in texts])

    def rows(self, rows: Sequence[Row]) -> np.ndarray:
        """[rows, width] float32: one state a row, by `pooling` over its own tokens, in the order given."""
        lengths = [kinds.of(self.model).length(row) for row in rows]
        check_length(self.model, max(lengths))
        order = sorted(range(len(rows)), key=lambda index: -lengths[index])
        found = np.empty((len(rows), self.width), dtype=np.float32)
        for batch in _batches([lengths[index] for index in order], self.budget):
            numbers = [order[index] for index in batch]
            found[numbers] = self._batch([rows[index] for index in numbers])
        return found

    def _tree(self, items: list[ItemTokens]) -> Iterator[np.ndarray]:
        with torch.inference_mode():
            for pack, forward in tree.Tree(self.model, items, self.budget).read(self.model, whole_choices=True):
                ends = torch.from_numpy(_choice_ends(pack, [items[number] for number in pack.items]))
                yield self._caught(lambda hidden, ends=ends: hidden[0, ends.to(hidden.device)], forward)

    def _batch(self, rows: list[Row]) -> np.ndarray:
        with torch.inference_mode():
            fed = kinds.of(self.model).feed(rows)
            return self._caught(
                lambda hidden: pool(hidden, fed.mask.to(hidden.device), self.pooling),
                lambda: self.model(**fed.keywords),
            )

    def _caught(self, pick: Pick, forward: Callable[[], object]) -> np.ndarray:
        with _catching(self.model, self.layers, pick) as caught:
            result = forward()
        caught[last_state(self.model)] = pick(result.last_hidden_state)
        return torch.cat([caught[layer].float().cpu() for layer in self.layers], dim=1).numpy()


def last_state(model: PreTrainedModel) -> int:
    """Number L of the last of the model's L + 1 states."""
    return len(_blocks(model))


def resolve_layers(model: PreTrainedModel, layers: str | Sequence[int]) -> tuple[int, ...]:
    """State numbers for "paper" (index ⌈(L+1)/2⌉ and L, Hase 2024 §4.5), "middle", "last", or numbers; −1 is L.

    Raises UserError for another word, or a number that the model does not have.
    """
    last = last_state(model)
    middle = -(-(last + 1) // 2)
    named = {"paper": (middle, last), "middle": (middle,), "last": (last,)}
    if isinstance(layers, str):
        if layers not in named:
            raise UserError(f"layers '{layers}': expected one of {', '.join(named)} or a list of numbers")
        return tuple(dict.fromkeys(named[layers]))
    wanted = tuple(layer + last + 1 if layer < 0 else layer for layer in layers)
    if not wanted or len(set(wanted)) < len(wanted) or not all(0 <= layer <= last for layer in wanted):
        raise UserError(f"layers {list(layers)}: expected different numbers from 0 (embedding) to {last} (last)")
    return wanted


def check_length(model: PreTrainedModel, longest: int) -> None:
    """Raise UserError for a text that the model has no positions for: a question is never cut."""
    most = max_tokens(model) or sys.maxsize
    if longest > most:
        raise UserError(f"a prompt has {longest} tokens, more than the {most} that the model can read")


def pool(hidden: torch.Tensor, mask: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    """[B, T, d] and mask [B, T] → [B, d]: last token, first token, or mean over the text's own tokens."""
    if pooling == "cls":
        return hidden[:, 0]
    if pooling == "last":
        return hidden[torch.arange(len(hidden), device=hidden.device), mask.sum(1) - 1]
    weight = mask[..., None].to(hidden.dtype)
    return (hidden * weight).sum(1) / weight.sum(1)


@contextmanager
def _catching(model: PreTrainedModel, layers: Sequence[int], pick: Pick) -> Iterator[dict[int, torch.Tensor]]:
    """Catch what enters block i, which is state i, for every wanted i < L."""
    caught: dict[int, torch.Tensor] = {}

    def hook(layer: int) -> Callable[..., None]:
        def keep(_: torch.nn.Module, given: tuple, named: dict) -> None:
            caught[layer] = pick(given[0] if given else named["hidden_states"]).clone()

        return keep

    blocks = _blocks(model)
    wanted = [layer for layer in layers if layer < len(blocks)]
    handles = [blocks[layer].register_forward_pre_hook(hook(layer), with_kwargs=True) for layer in wanted]
    try:
        yield caught
    finally:
        for handle in handles:
            handle.remove()


def _blocks(model: PreTrainedModel) -> torch.nn.ModuleList:
    stack, count = kinds.of(model).stack()
    for module in stack.modules():
        if isinstance(module, torch.nn.ModuleList) and len(module) == count:
            return module
    raise UserError(f"model family '{model.config.model_type}': its {count} blocks were not found; states need them")


def _choice_ends(pack: tree.Pack, items: list[ItemTokens]) -> np.ndarray:
    """Index in the row of the last token of each choice, choices in order."""
    ends = []
    for stem_end, item in zip(pack.stem_end, items, strict=True):
        ends.append(int(stem_end) + np.cumsum([len(choice) for choice in item.choices]))
    return np.concatenate(ends)


def _batches(lengths: list[int], budget: int) -> Iterator[range]:
    """Consecutive runs, longest first, whose padded size is at most `budget` tokens; at least one text each."""
    start = 0
    while start < len(lengths):
        stop = min(len(lengths), start + max(1, budget // max(1, lengths[start])))
        yield range(start, stop)
        start = stop


def _stack(pieces: Iterator[np.ndarray]) -> np.ndarray:
    return np.concatenate(list(pieces))
