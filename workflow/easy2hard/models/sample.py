"""Many samples a prompt: the prompt read once, samples of many prompts written side by side, places refilled.

Each sample has its own uniform numbers (`choose.uniforms`), so what it draws does not depend on what is written beside
it. Samples of a prompt that begin together have the same length at every moment: their keys need neither mask nor
padding (`shared_prompt`). When enough of them have ended, the rest moves together and new samples take the places.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from transformers import LogitsProcessor, PreTrainedModel
from transformers import PreTrainedTokenizerBase as Tokenizer

from easy2hard.models import generate, kinds, shared_prompt, tree
from easy2hard.models.batches import Batch, Loose, Prompt
from easy2hard.models.choose import Drawing, choose, uniforms
from easy2hard.models.ends import Ends, Generated, Stop
from easy2hard.models.tokenise import common_prefix
from easy2hard.progress import track

ROWS = 512  # samples written at once, if their keys and values fit into this memory when all are as long as allowed
MEMORY_CPU, MEMORY_GPU = 2**30, 20 * 2**30
TOGETHER = 64  # samples of a prompt that begin together
MOST_BATCHES = 32  # at once: each costs its own calls in every layer
FEW_CPU, FEW_GPU = 2**14, 2**20  # keys of a layer: a batch with less costs more in calls than in reading
LOOSE_SHARE = 0.25  # of the loose rows: so many must have ended, or wait to join them, before they are rebuilt
READ_CPU, READ_GPU = 512, 4096  # prompt tokens read at once
Made = tuple[int, int, Generated]  # number of the prompt, of the sample, the text
Named = tuple[tuple[object, ...], list[int]]  # name and tokens of a prompt


def sample(
    model: PreTrainedModel,
    tokenizer: Tokenizer,
    prompts: Sequence[Named],
    count: int,
    drawing: Drawing,
    stop: Stop,
    seed: int,
    rows: int | None = None,
) -> list[list[Generated]]:
    """`count` samples of each prompt (name, tokens: at least one), drawn by (seed, name, number of the sample).

    Temperature 0 is greedy: one text a prompt, by `generate`. rows: samples written at once; None: what suits. Families
    not known to take the custom attention are written by transformers' `generate`, with the same draws.
    """
    stems = [tokens for _, tokens in prompts]
    if drawing.temperature == 0:
        return [[text] * count for text in generate.generate(model, tokenizer, stems, stop, rows)]
    ends = Ends(model, tokenizer, stop)
    reason = tree.refusal(model, max(map(len, stems), default=0) + stop.most)
    if reason:
        print(f"sampling: prompt by prompt by transformers' generate, because {reason}", file=sys.stderr)
    found: list[list[Generated | None]] = [[None] * count for _ in prompts]
    with torch.inference_mode():
        made = (_plain if reason else _side_by_side)(model, prompts, count, drawing, ends, seed, rows)
        for number, index, text in track(made, len(prompts) * count, "sampling", "samples"):
            found[number][index] = text
    return found


@dataclass
class _Rows:
    """The samples being written, in the order of the batches. numbers, written: [rows, most], the others [rows]."""

    prompt: np.ndarray
    sample: np.ndarray
    position: np.ndarray  # of the newest token
    length: np.ndarray  # tokens written
    done: np.ndarray
    numbers: np.ndarray
    written: np.ndarray

    def __len__(self) -> int:
        return len(self.done)

    def columns(self) -> list[np.ndarray]:
        """All arrays, in the order in which `_Rows` takes them."""
        return [getattr(self, column.name) for column in fields(self)]

    def ordered(self, order: np.ndarray) -> _Rows:
        """These rows in this order."""
        return _Rows(*(column[order] for column in self.columns()))

    def with_more(self, more: _Rows) -> _Rows:
        """These rows and then those."""
        return _Rows(*(np.concatenate(pair) for pair in zip(self.columns(), more.columns(), strict=True)))

    def next_numbers(self) -> np.ndarray:
        """The uniform number that each row's next token is drawn by; any for a row that has ended."""
        return self.numbers[np.arange(len(self)), np.minimum(self.length, self.numbers.shape[1] - 1)]

    def take(self, tokens: np.ndarray, ends: Ends) -> Iterator[Made]:
        """Append a token to every row [rows]; yield the samples that it ends."""
        open_ = ~self.done
        self.written[open_, self.length[open_]] = tokens[open_]
        self.length += open_
        self.position += open_  # one that has ended stays within the positions of the model
        ended = np.isin(tokens, list(ends.eos)) | (self.length == ends.stop.most) | _may_stop(ends, tokens)
        for row in np.flatnonzero(open_ & ended).tolist():
            text = ends.finished(self.written[row, : self.length[row]].tolist())
            if text is not None:
                self.done[row] = True
                yield int(self.prompt[row]), int(self.sample[row]), text


def _may_stop(ends: Ends, tokens: np.ndarray) -> np.ndarray | bool:
    return np.array([ends.may_stop(token) for token in tokens.tolist()]) if ends.stop.strings else False


def _begun(prompt: int, samples: range, name: tuple, length: int, most: int, seed: int) -> _Rows:
    """Rows of the samples of a prompt of `length` tokens, nothing written yet."""
    count = len(samples)
    whole = (np.full(count, prompt), np.array(samples), np.full(count, length - 1), np.zeros(count, dtype=np.int64))
    written = np.zeros((count, most), dtype=np.int64)
    return _Rows(*whole, np.zeros(count, dtype=bool), uniforms(seed, name, samples, most), written)


class _Page:
    """The samples being written: their rows, and in the same order the batches of their keys and values."""

    def __init__(self, model: PreTrainedModel, drawing: Drawing, ends: Ends):
        self.model, self.drawing, self.ends = model, drawing, ends
        self.cache, self.loose = shared_prompt.Writing(), Loose()
        self.batches: list[Batch] = []
        self.rows = _begun(0, range(0), (), 0, ends.stop.most, 0)
        self.few = FEW_CPU if model.device.type == "cpu" else FEW_GPU

    def begin(self, batch: Batch, rows: _Rows) -> Iterator[Made]:
        """Take samples of a prompt in and draw their first tokens."""
        first = choose(batch.prompt.logits.expand(len(rows), -1), self.drawing, rows.next_numbers())
        yield from rows.take(first, self.ends)
        loose = len(self.rows) - self.loose.rows
        both = self.rows.with_more(rows)
        ahead, behind = np.arange(loose), np.arange(loose, len(self.rows))
        self.rows = both.ordered(np.concatenate([ahead, np.arange(len(self.rows), len(both)), behind]))
        self.batches.append(batch)

    def step(self) -> Iterator[Made]:
        """Feed the newest token of every sample and draw the next."""
        rows = self.rows
        self.cache.batches = [*self.batches, *([self.loose] if self.loose.rows else [])]
        newest = rows.written[np.arange(len(rows)), rows.length - 1]
        with shared_prompt.attention(self.model):
            logits = shared_prompt.forward(self.model, newest, rows.position, self.cache)
        return rows.take(choose(logits, self.drawing, rows.next_numbers()), self.ends)

    def tidy(self) -> None:
        """Throw out samples that have ended, once they are many enough; batches with few left become loose rows."""
        spans = self._spans()
        alive = [np.flatnonzero(~self.rows.done[span]) for span in spans]
        few = [0 < len(rows) * batch.size <= self.few for rows, batch in zip(alive, self.batches, strict=False)]
        joining = sum(len(rows) for rows, joins in zip(alive, few, strict=False) if joins)
        order, stay, joined = [], [], []
        rebuild = max(joining, self.loose.rows - len(alive[-1])) > LOOSE_SHARE * self.loose.rows
        for batch, span, rows, joins in zip(self.batches, spans, alive, few, strict=False):
            if joins and rebuild:
                joined.append((batch, rows, span.start + rows))
            elif len(rows):
                stay.append(batch)
                order.append(span.start + batch.keep_most(rows))
        last = alive[-1] if rebuild else np.arange(self.loose.rows)
        if rebuild:
            self.loose.rebuild(last, [(batch, rows) for batch, rows, _ in joined])
        self.batches = stay
        kept = np.concatenate([*order, spans[-1].start + last, *(rows for *_, rows in joined)])
        if joined or len(kept) < len(self.rows):
            self.rows = self.rows.ordered(kept)

    def _spans(self) -> list[slice]:
        """Which rows belong to each batch, and at the end to the loose rows."""
        stops = np.cumsum([0, *(batch.rows for batch in self.batches), self.loose.rows]).tolist()
        return [slice(start, stop) for start, stop in itertools.pairwise(stops)]


def _side_by_side(
    model: PreTrainedModel,
    prompts: Sequence[Named],
    count: int,
    drawing: Drawing,
    ends: Ends,
    seed: int,
    rows: int | None,
) -> Iterator[Made]:
    """The samples in the order in which they end."""
    together, most = min(TOGETHER, count, rows or ROWS), ends.stop.most
    waiting = (
        (Batch(read, len(samples)), _begun(number, samples, prompts[number][0], read.length, most, seed))
        for number, read in _read(model, prompts)
        for samples in (range(first, min(first + together, count)) for first in range(0, count, together))
    )
    page, places = _Page(model, drawing, ends), rows
    while True:
        while len(page.batches) < MOST_BATCHES and (not len(page.rows) or len(page.rows) + together <= places):
            new = next(waiting, None)
            if new is None:
                break
            places = places or _places(new[0].prompt, most)
            yield from page.begin(*new)
        if not len(page.rows):
            return
        yield from page.step()
        page.tidy()


def _read(model: PreTrainedModel, prompts: Sequence[Named]) -> Iterator[tuple[int, Prompt]]:
    """(number, prompt) of each, several read at once; what all begin with is read once."""
    stems = [tokens for _, tokens in prompts]
    if not stems:
        return
    shared = min(common_prefix(stems), min(map(len, stems)) - 1)
    prefix = shared_prompt.read_prefix(model, stems[0][:shared])
    budget = READ_CPU if model.device.type == "cpu" else READ_GPU
    for start, stop in tree.cuts([len(stem) - shared for stem in stems], budget):
        with shared_prompt.attention(model):
            made = shared_prompt.read(model, prefix, shared, [stem[shared:] for stem in stems[start:stop]])
        yield from zip(range(start, stop), made, strict=True)


def _places(prompt: Prompt, most: int) -> int:
    """Samples at once whose keys and values fit into memory, if each has `most` tokens."""
    token = sum(part[:, :1].nbytes for pair in prompt.layers for part in pair)
    memory = MEMORY_CPU if prompt.logits.device.type == "cpu" else MEMORY_GPU
    return max(1, min(ROWS, memory // (token * most)))


class _Drawn(LogitsProcessor):
    """Leaves one token a row possible: the drawn one."""

    def __init__(self, drawing: Drawing, numbers: np.ndarray):
        self.drawing, self.numbers, self.step = drawing, numbers, 0

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores [rows, V]: 0 for the drawn token, minus infinity for the others."""
        tokens = torch.from_numpy(choose(scores, self.drawing, self.numbers[:, self.step]))
        self.step += 1
        return torch.full_like(scores, -torch.inf).scatter_(1, tokens.to(scores.device)[:, None], 0.0)


def _plain(
    model: PreTrainedModel,
    prompts: Sequence[Named],
    count: int,
    drawing: Drawing,
    ends: Ends,
    seed: int,
    rows: int | None,
) -> Iterator[Made]:
    """By transformers' `generate`, the samples of one prompt together where the architecture allows."""
    together = kinds.writes_at_once(model, min(rows or TOGETHER, count))
    for number, (name, tokens) in enumerate(prompts):
        for first in range(0, count, together):
            samples = range(first, min(first + together, count))
            drawn = _Drawn(drawing, uniforms(seed, name, samples, ends.stop.most))
            texts = generate.by_transformers(model, [tokens] * len(samples), ends, (drawn,))
            yield from ((number, index, text) for index, text in zip(samples, texts, strict=True))
