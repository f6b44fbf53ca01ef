"""Many samples a prompt: the prompt read once, samples of many prompts written side by side, places refilled.

Each sample has its own uniform numbers (`choose.uniforms`), so what it draws does not depend on what is written beside
it. Samples of a prompt that begin together have the same length at every moment: their keys need neither mask nor
padding (`shared_prompt`). When enough of them have ended, the rest moves together and new samples take the places.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from transformers import LogitsProcessor, PreTrainedModel
from transformers import PreTrainedTokenizerBase as Tokenizer

from easy2hard.models import generate, shared_prompt, tree
from easy2hard.models.choose import Drawing, choose, uniforms
from easy2hard.models.ends import Ends, Generated, Stop
from easy2hard.models.tokenise import common_prefix
from easy2hard.progress import track

ROWS = 512  # samples written at once, if their keys and values fit into this memory when all are as long as allowed
MEMORY_CPU, MEMORY_GPU = 2**30, 20 * 2**30
TOGETHER = 64  # samples of a prompt that begin together
MOST_BATCHES = 32  # at once: each costs its own calls in every layer
DEAD_SHARE = 0.125  # of a batch; beyond it, finished samples are taken out
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
class _Batch:
    """Samples of prompt `number` begun together. written: tokens int64 [rows, most], `length` of them a row."""

    number: int
    samples: np.ndarray
    numbers: np.ndarray
    written: np.ndarray
    done: np.ndarray
    kept: shared_prompt.Batch
    length: int = 0

    @property
    def newest(self) -> np.ndarray:
        return self.written[:, self.length - 1]

    @property
    def position(self) -> int:
        """Of the newest token."""
        return self.kept.prompt.length + self.length - 1

    def take(self, tokens: np.ndarray, ends: Ends, eos: np.ndarray) -> Iterator[Made]:
        """Append a token a row [rows]; yield the samples that it ends."""
        self.written[:, self.length] = tokens
        self.length += 1
        ended = np.isin(tokens, eos)
        last = self.length == ends.stop.most
        for row in np.flatnonzero(~self.done & (ended | last | _may_stop(ends, tokens))).tolist():
            text = ends.finished(self.written[row, : self.length].tolist())
            if text is not None:
                self.done[row] = True
                yield self.number, int(self.samples[row]), text

    def tidy(self) -> None:
        """Take finished samples out, once they are many enough."""
        if self.done.mean() <= DEAD_SHARE or self.done.all():
            return
        rows = np.flatnonzero(~self.done)
        self.samples, self.numbers, self.written, self.done = (
            column[rows] for column in (self.samples, self.numbers, self.written, self.done)
        )
        self.kept.keep(torch.from_numpy(rows))


def _may_stop(ends: Ends, tokens: np.ndarray) -> np.ndarray | bool:
    return np.array([ends.may_stop(token) for token in tokens.tolist()]) if ends.stop.strings else False


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
    if not prompts:
        return
    eos, together = np.array(sorted(ends.eos), dtype=np.int64), min(TOGETHER, count, rows or ROWS)
    read = _read(model, prompts)
    waiting = (
        _begin(prompts[number][0], number, prompt, range(first, min(first + together, count)), seed, ends)
        for number, prompt in read
        for first in range(0, count, together)
    )
    live: list[_Batch] = []
    cache, places = shared_prompt.Writing(), rows
    while True:
        while len(live) < MOST_BATCHES and (not live or sum(len(one.done) for one in live) + together <= places):
            new = next(waiting, None)
            if new is None:
                break
            places = places or _places(new.kept.prompt, ends.stop.most)
            first = new.kept.prompt.logits.expand(len(new.done), -1)
            yield from new.take(choose(first, drawing, new.numbers[:, 0]), ends, eos)
            live.append(new)
            _tidy(live)
        if not live:
            return
        tokens = _step(model, cache, live, drawing)
        cuts = np.cumsum([len(one.done) for one in live])[:-1]
        for one, part in zip(live, np.split(tokens, cuts), strict=True):
            yield from one.take(part, ends, eos)
        _tidy(live)


def _begin(name: tuple, number: int, prompt: shared_prompt.Prompt, samples: range, seed: int, ends: Ends) -> _Batch:
    most = ends.stop.most
    return _Batch(
        number,
        np.array(samples),
        uniforms(seed, name, samples, most),
        np.zeros((len(samples), most), dtype=np.int64),
        np.zeros(len(samples), dtype=bool),
        shared_prompt.Batch(prompt, len(samples)),
    )


def _tidy(live: list[_Batch]) -> None:
    """Throw out what has ended, in place."""
    live[:] = [one for one in live if not one.done.all()]
    for one in live:
        one.tidy()


def _step(
    model: PreTrainedModel, cache: shared_prompt.Writing, live: list[_Batch], drawing: Drawing
) -> np.ndarray:
    """Feed the newest token of every sample; the next token of each."""
    cache.batches = [one.kept for one in live]
    ids = np.concatenate([one.newest for one in live])
    positions = np.repeat([one.position for one in live], [len(one.done) for one in live])
    with shared_prompt.attention(model):
        logits = shared_prompt.forward(model, ids, positions, cache)
    return choose(logits, drawing, np.concatenate([one.numbers[:, one.length] for one in live]))


def _read(
    model: PreTrainedModel, prompts: Sequence[Named]
) -> Iterator[tuple[int, shared_prompt.Prompt]]:
    """(number, prompt) of each, several read at once; what all begin with is read once."""
    stems = [tokens for _, tokens in prompts]
    shared = min(common_prefix(stems), min(map(len, stems)) - 1)
    prefix = shared_prompt.read_prefix(model, stems[0][:shared])
    budget = READ_CPU if model.device.type == "cpu" else READ_GPU
    for start, stop in tree.cuts([len(stem) - shared for stem in stems], budget):
        with shared_prompt.attention(model):
            made = shared_prompt.read(model, prefix, shared, [stem[shared:] for stem in stems[start:stop]])
        yield from zip(range(start, stop), made, strict=True)


def _places(prompt: shared_prompt.Prompt, most: int) -> int:
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
    """By transformers' `generate`, the samples of one prompt together, whatever the architecture."""
    together = min(rows or TOGETHER, count)
    for number, (name, tokens) in enumerate(prompts):
        for first in range(0, count, together):
            samples = range(first, min(first + together, count))
            drawn = _Drawn(drawing, uniforms(seed, name, samples, ends.stop.most))
            texts = generate.by_transformers(model, [tokens] * len(samples), ends, (drawn,))
            yield from ((number, index, text) for index, text in zip(samples, texts, strict=True))
