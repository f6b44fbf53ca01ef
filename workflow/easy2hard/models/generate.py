"""Greedy generation of many texts at once: shared prefix read once, one growing cache, places refilled as texts end.

All texts being written stand in one row behind the cached prefix, as in `tree`: each forward pass feeds the last token
of every text, and whole queries that take the places of finished ones. A 4-D mask lets a token see the prefix and its
own text only, positions count within the text; so each text is what it would be alone, without padding.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from transformers import (
    Cache,
    DynamicLayer,
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    PreTrainedModel,
    StoppingCriteriaList,
)
from transformers import PreTrainedTokenizerBase as Tokenizer

from easy2hard.models import kinds, tree
from easy2hard.models.ends import Ends, Generated, Stop
from easy2hard.models.tokenise import Row, common_prefix, opening
from easy2hard.progress import track

PREFIX, DEAD = -1, -2
ROWS_CPU, ROWS_GPU = 16, 64  # texts written at once
DEAD_SHARE = 0.25  # of the cache behind the prefix; beyond it, the columns of finished texts are thrown out


@dataclass
class _Text:
    """A text being written: its number, the tokens to feed next, the position of the first of them, what is written."""

    number: int
    feed: list[int]
    position: int
    written: list[int] = field(default_factory=list)


def generate(
    model: PreTrainedModel, tokenizer: Tokenizer, stems: Sequence[list[int]], stop: Stop, rows: int | None = None
) -> list[Generated]:
    """Greedy continuation of each stem (token list, not empty), the same text as when written alone in float32.

    rows: texts at once; None: what suits the device. Families not known to take a custom mask are written by
    transformers' `generate`, stems of one length together. In 16 bits near-ties may fall differently in a batch.
    """
    if not stems:
        return []
    ends = Ends(model, tokenizer, stop)
    reason = tree.refusal(model, max(map(len, stems)) + stop.most)
    if reason:
        print(f"generation: by stems of one length, because {reason}", file=sys.stderr)
    at_once = rows or (ROWS_CPU if model.device.type == "cpu" else ROWS_GPU)
    found: list[Generated | None] = [None] * len(stems)
    with torch.inference_mode():
        made = (_plain if reason else _packed)(model, stems, ends, at_once)
        for number, text in track(made, len(stems), "generating", "texts"):
            found[number] = text
    return found


class _Layer(DynamicLayer):
    """Keys and values in buffers that double in length: a step copies its own tokens, not the whole cache."""

    buffers: tuple[torch.Tensor, torch.Tensor] | None = None

    def update(self, key_states: torch.Tensor, value_states: torch.Tensor, *_: object, **__: object) -> tuple:
        """Append [1, heads, T, width]; returns all keys and values so far."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        start = self.get_seq_length()
        stop = start + key_states.shape[-2]
        if self.buffers is None or stop > self.buffers[0].shape[-2]:
            self._grow(key_states, value_states, start, 2 * stop)
        for buffer, new in zip(self.buffers, (key_states, value_states), strict=True):
            buffer[..., start:stop, :] = new
        self.keys, self.values = (buffer[..., :stop, :] for buffer in self.buffers)
        return self.keys, self.values

    def keep(self, columns: torch.Tensor) -> None:
        """Keep these columns (ascending numbers), in place."""
        for buffer in self.buffers:
            buffer[..., : len(columns), :] = buffer.index_select(-2, columns)
        self.keys, self.values = (buffer[..., : len(columns), :] for buffer in self.buffers)

    def _grow(self, keys: torch.Tensor, values: torch.Tensor, used: int, room: int) -> None:
        old = self.buffers
        self.buffers = tuple(like.new_empty((*like.shape[:-2], room, like.shape[-1])) for like in (keys, values))
        for buffer, kept in zip(self.buffers, old or (), strict=False):
            buffer[..., :used, :] = kept[..., :used, :]


def _packed(
    model: PreTrainedModel, stems: Sequence[list[int]], ends: Ends, rows: int
) -> Iterator[tuple[int, Generated]]:
    """(number, text) of each stem, in the order in which they end."""
    shared = min(common_prefix(stems), min(map(len, stems)) - 1)
    page = _Page(model, stems[0][:shared])
    waiting = iter(_Text(number, stem[shared:], shared) for number, stem in enumerate(stems))
    texts: list[_Text] = []
    while True:
        while len(texts) < rows and (new := next(waiting, None)) is not None:
            texts.append(new)
        if not texts:
            return
        done = {}
        for text, token in zip(texts, page.step(texts), strict=True):
            text.position += len(text.feed)
            text.feed = [token]
            text.written.append(token)
            if (found := ends.finished(text.written)) is not None:
                done[text.number] = found
        yield from done.items()
        texts = [text for text in texts if text.number not in done]
        page.forget(done)


class _Page:
    """The cache of the prefix and of all texts being written; `owner` says whose each of its columns is."""

    def __init__(self, model: PreTrainedModel, prefix: list[int]):
        self.model = model
        self.device = model.get_input_embeddings().weight.device
        self.cache = Cache(layer_class_to_replicate=_Layer)
        self.owner = np.full(len(prefix), PREFIX)
        self.prefix = len(prefix)
        if prefix:
            ids = torch.tensor([prefix], device=self.device)
            model.base_model(input_ids=ids, past_key_values=self.cache, use_cache=True)

    def step(self, texts: list[_Text]) -> list[int]:
        """Feed what each text has to feed; the most probable next token of each."""
        lengths = [len(text.feed) for text in texts]
        ids = [token for text in texts for token in text.feed]
        positions = [text.position + place for text in texts for place in range(len(text.feed))]
        new = np.repeat([text.number for text in texts], lengths)
        self.owner = np.concatenate([self.owner, new])
        logits = self.model(
            input_ids=torch.tensor([ids], device=self.device),
            position_ids=torch.tensor([positions], device=self.device),
            attention_mask=self._mask(new),
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=torch.tensor(np.cumsum(lengths) - 1, device=self.device),
        ).logits[0]
        return logits.argmax(dim=-1).tolist()

    def forget(self, numbers: Sequence[int]) -> None:
        """Give up the columns of finished texts; the cache is made smaller once enough are given up."""
        if numbers:
            self.owner[np.isin(self.owner, list(numbers))] = DEAD
        dead = self.owner == DEAD
        if dead.sum() <= DEAD_SHARE * (len(self.owner) - self.prefix):
            return
        columns = torch.from_numpy(np.flatnonzero(~dead)).to(self.device)
        for layer in self.cache.layers:
            layer.keep(columns)
        self.owner = self.owner[~dead]

    def _mask(self, new: np.ndarray) -> torch.Tensor:
        """[1, 1, T, columns], 0 where a new token may look, the least number of the format elsewhere."""
        seen = (new[:, None] == self.owner) | (self.owner == PREFIX)
        seen[:, -len(new) :] &= np.tri(len(new), dtype=bool)
        mask = torch.zeros(seen.shape, dtype=self.model.dtype, device=self.device)
        hidden = torch.from_numpy(~seen).to(self.device)
        return mask.masked_fill_(hidden, torch.finfo(mask.dtype).min)[None, None]


def _plain(
    model: PreTrainedModel, stems: Sequence[list[int]], ends: Ends, rows: int
) -> Iterator[tuple[int, Generated]]:
    """By transformers' `generate`, stems of one length together: exact without padding, whatever the architecture."""
    order = sorted(range(len(stems)), key=lambda number: len(stems[number]))
    rows = kinds.writes_at_once(model, rows)
    while order:
        length = len(stems[order[0]])
        batch = [number for number in order[:rows] if len(stems[number]) == length]
        order = order[len(batch) :]
        yield from zip(batch, by_transformers(model, [stems[number] for number in batch], ends), strict=True)


def by_transformers(
    model: PreTrainedModel, stems: list[list[int]], ends: Ends, processors: Sequence[LogitsProcessor] = ()
) -> list[Generated]:
    """Texts by transformers' `generate`, of stems of one length: the most probable tokens after the processors.

    At most `kinds.writes_at_once` stems, else texts of some families depend on each other.
    """
    begun = tuple(opening(ends.tokenizer))
    kind = kinds.of(model)
    fed = kind.feed([Row(tuple(stem), (), begun) for stem in stems])
    done: list[Generated | None] = [None] * len(stems)

    def check(so_far: torch.Tensor, _: object, **__: object) -> torch.Tensor:
        for row, tokens in enumerate(so_far[:, fed.first[0] + 1 :].tolist()):
            if done[row] is None:
                done[row] = ends.finished(tokens)
        return torch.tensor([text is not None for text in done], device=so_far.device)

    settings = GenerationConfig(
        do_sample=False,
        num_beams=1,
        repetition_penalty=1.0,
        max_new_tokens=ends.stop.most,
        eos_token_id=sorted(ends.eos) or None,
        pad_token_id=next(iter(sorted(ends.eos)), 0),
        decoder_start_token_id=kind.start,
    )
    with _only(model, settings):
        model.generate(
            **fed.keywords,
            **kind.cache(),
            generation_config=settings,
            stopping_criteria=StoppingCriteriaList([check]),
            logits_processor=LogitsProcessorList(processors),
        )
    return done


@contextmanager
def _only(model: PreTrainedModel, settings: GenerationConfig) -> Iterator[None]:
    """Without the model's own settings, which `generate` puts in for those not given: forced tokens and the like."""
    own, model.generation_config = model.generation_config, settings
    try:
        yield
    finally:
        model.generation_config = own
