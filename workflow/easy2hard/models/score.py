"""Choice scores: summed log-probability of each choice's tokens after the prompt (Hase 2024, §4.2).

DEVIATION: the original runs one padded forward pass a choice over the whole prompt and tokenises the choice apart from
it. Here they are tokenised together, and where the model family allows the prompt is read once (see `tree`): the same
log-probabilities, for a fraction of the work.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np
import torch
from transformers import PreTrainedModel
from transformers import PreTrainedTokenizerBase as Tokenizer

from easy2hard.errors import UserError
from easy2hard.models import kinds, tree
from easy2hard.models.load import max_tokens
from easy2hard.models.tokenise import Encoder, ItemTokens, Row
from easy2hard.progress import track

Normalise = Literal["sum", "token", "char", "pmi"]


def choice_log_probs(
    model: PreTrainedModel,
    tokenizer: Tokenizer | Encoder,
    context: str,
    queries: Sequence[str],
    continuations: Sequence[Sequence[str]],
    normalise: Normalise = "sum",
    *,
    cue: str = "",
    budget: int | None = None,
    limit: int | None = None,
) -> list[np.ndarray]:
    """One float64 array a query: the log-probability of each of its continuations after context + query.

    normalise: `sum` of token log-probabilities; `token` or `char`: divided by the continuation's tokens or characters
    (outer blanks apart); `pmi`: minus the log-probability of the continuation after the bare `cue`.
    budget: tokens a forward pass; None: what suits the device. limit: longest sequence allowed, at most what the model
    has positions for.
    Raises UserError for a sequence that is longer: a question is never cut.
    """
    encoder = tokenizer if isinstance(tokenizer, Encoder) else Encoder(tokenizer)
    items = encoder.items(context, queries, continuations)
    check_fit(model, items, queries, limit)
    return normalised(model, encoder, items, continuations, normalise, cue=cue, budget=budget)


def normalised(
    model: PreTrainedModel,
    encoder: Encoder,
    items: list[ItemTokens],
    continuations: Sequence[Sequence[str]],
    normalise: Normalise,
    *,
    cue: str = "",
    budget: int | None = None,
) -> list[np.ndarray]:
    """`choice_log_probs` of items that are tokenised and known to fit."""
    sums = token_log_probs(model, items, budget)
    if normalise == "pmi":
        return _less_prior(model, encoder, sums, continuations, cue, budget)
    return [row / _lengths(item, texts, normalise) for row, item, texts in zip(sums, items, continuations, strict=True)]


def check_fit(model: PreTrainedModel, items: list[ItemTokens], queries: Sequence[str], limit: int | None) -> None:
    """Raise UserError, naming the query, when a sequence is longer than fits."""
    most = _limit(model, limit)
    long = [index for index, item in enumerate(items) if item.longest > most]
    if long:
        worst = max(long, key=lambda index: items[index].longest)
        raise UserError(f"query {queries[worst][:60]!r}: {items[worst].longest} tokens, more than the {most} that fit")


def fits(model: PreTrainedModel, item: ItemTokens, limit: int | None) -> bool:
    """Whether the item's longest sequence is within `limit` and the model's positions."""
    return item.longest <= _limit(model, limit)


def token_log_probs(model: PreTrainedModel, items: list[ItemTokens], budget: int | None = None) -> list[np.ndarray]:
    """Summed log-probability of each choice, one float64 array an item; tree reading where it is known to be exact."""
    if not items:
        return []
    reason = tree.refusal(model, max(item.longest for item in items))
    if reason:
        print(f"scoring: choice by choice, because {reason}", file=sys.stderr)
    with torch.inference_mode():
        rows = (_plain if reason else _tree)(model, items, budget or tree.default_budget(model))
        return list(track(rows, len(items), "scoring", "items"))


def _limit(model: PreTrainedModel, limit: int | None) -> int:
    return min((most for most in (limit, max_tokens(model)) if most is not None), default=sys.maxsize)


def _tree(model: PreTrainedModel, items: list[ItemTokens], budget: int) -> Iterator[np.ndarray]:
    reader = tree.Tree(model, items, budget)
    for pack, forward in reader.read(model, whole_choices=False):
        chosen = [items[number] for number in pack.items]
        reads, column, targets = _reads(pack, chosen)
        logits = forward(logits_to_keep=torch.from_numpy(reads)).logits[0]
        yield from _sums(_log_probs(logits, column, targets), chosen)


def _reads(pack: tree.Pack, items: list[ItemTokens]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row indices whose logits are needed; for each choice token in turn which of them, and the token itself.

    A choice's first token is read at the end of the stem (shared by the choices), token j at its token j − 1.
    """
    where, targets = [], []
    for end, item in zip(pack.stem_end, items, strict=True):
        begin = int(end) + 1
        for tokens in item.choices:
            where += [int(end), *range(begin, begin + len(tokens) - 1)]
            targets += tokens
            begin += len(tokens) - 1
    reads, column = np.unique(where, return_inverse=True)
    return reads, column, np.array(targets)


def _log_probs(logits: torch.Tensor, column: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Log-probability, float64, of each target under the logits [R, V] of its column."""
    logits = logits.float()
    at, token = (torch.from_numpy(index).to(logits.device) for index in (column, targets))
    found = logits[at, token] - torch.logsumexp(logits, dim=-1)[at]
    return found.double().cpu().numpy()


def _sums(values: np.ndarray, items: Iterable[ItemTokens]) -> Iterator[np.ndarray]:
    start = 0
    for item in items:
        ends = start + np.cumsum([0, *map(len, item.choices)])
        yield np.add.reduceat(values[start : ends[-1]], ends[:-1] - start)
        start = int(ends[-1])


def _plain(model: PreTrainedModel, items: list[ItemTokens], budget: int) -> Iterator[np.ndarray]:
    """A row a choice, its last token apart, right padded, of like lengths together; exact for any language model.

    Equal rows are read once: choices of one token share the reading of their question.
    """
    choices = [choice for item in items for choice in item.choices]
    rows: dict[Row, list[int]] = {}  # by row: the numbers of the choices read from it
    for number, row in enumerate(item.row(choice[:-1]) for item in items for choice in item.choices):
        rows.setdefault(row, []).append(number)
    found = np.empty(len(choices))
    order = sorted(rows, key=lambda row: -_size(row))
    for row, logits, first in track(_read(model, order, budget), len(rows), "reading choices", "rows"):
        for number in rows[row]:
            at = np.arange(first, first + len(choices[number]))
            found[number] = _log_probs(logits, at, np.array(choices[number])).sum()
    ends = np.cumsum([0, *(len(item.choices) for item in items)])
    return (found[start:stop] for start, stop in zip(ends[:-1], ends[1:], strict=True))


def _read(model: PreTrainedModel, rows: list[Row], budget: int) -> Iterator[tuple[Row, torch.Tensor, int]]:
    """Each row with its logits [T, V] and the place from which its continuation is read."""
    for batch in _batches(rows, budget):
        fed = kinds.of(model).feed(batch)
        logits = model(**fed.keywords, use_cache=False).logits
        yield from zip(batch, logits, fed.first.tolist(), strict=True)


def _batches(rows: list[Row], budget: int) -> Iterator[list[Row]]:
    """Rows, longest first, whose padded size is at most `budget` tokens; at least one a batch."""
    batch: list[Row] = []
    for row in rows:
        if batch and _size(batch[0]) * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _size(row: Row) -> int:
    return len(row.prompt) + len(row.written)


def _lengths(item: ItemTokens, texts: Sequence[str], normalise: Normalise) -> np.ndarray:
    if normalise == "token":
        return np.array([len(tokens) for tokens in item.choices], dtype=float)
    if normalise == "char":
        return np.array([len(text.strip()) for text in texts], dtype=float)
    return np.ones(len(texts))


def _less_prior(
    model: PreTrainedModel,
    encoder: Encoder,
    sums: list[np.ndarray],
    continuations: Sequence[Sequence[str]],
    cue: str,
    budget: int | None,
) -> list[np.ndarray]:
    if not cue:
        raise UserError("normalise 'pmi': the prompt has no `cue` after which a choice's prior could be read")
    unique = sorted({text for texts in continuations for text in texts})
    tokens = encoder.items("", [cue] * len(unique), [[text] for text in unique])
    prior = {text: float(row[0]) for text, row in zip(unique, token_log_probs(model, tokens, budget), strict=True)}
    return [row - [prior[text] for text in texts] for row, texts in zip(sums, continuations, strict=True)]
