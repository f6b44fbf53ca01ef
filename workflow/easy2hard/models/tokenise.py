"""Texts to tokens: prompt and continuation together, cut where they are provably the same for every choice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from transformers import PreTrainedTokenizerBase as Tokenizer

from easy2hard.errors import UserError


class Row(NamedTuple):
    """A prompt and what is written after it so far; opening: what an encoder-decoder's decoder begins a text with."""

    prompt: tuple[int, ...]
    written: tuple[int, ...] = ()
    opening: tuple[int, ...] = ()


@dataclass(frozen=True)
class ItemTokens:
    """Tokens of one item: `stem` (context and query, at least one token), then one list a choice, none empty."""

    stem: list[int]
    choices: list[list[int]]

    @property
    def longest(self) -> int:
        """Tokens of the longest of its sequences."""
        return len(self.stem) + max(map(len, self.choices))

    def row(self, written: Sequence[int]) -> Row:
        """The stem and tokens written after it."""
        return Row(tuple(self.stem), tuple(written))


class Encoder:
    """Tokenises items for one tokenizer.

    Exact rule: context + query + continuation is tokenised as one text; the stem is the longest common prefix of
    these token lists and of context + query alone, so a merge across the boundary counts to the choices. A word-level
    tokenizer splits at white space and cannot merge: there the parts are tokenised once each, with the same result.
    """

    def __init__(self, tokenizer: Tokenizer):
        self.tokenizer = tokenizer
        self._words: dict[str, list[int]] = {}

    def items(self, context: str, queries: Sequence[str], continuations: Sequence[Sequence[str]]) -> list[ItemTokens]:
        """One ItemTokens a query. Raises UserError for an empty query or a continuation without tokens."""
        by_parts = self._splits_at_spaces and _parted(context, queries, continuations)
        return (self._by_parts if by_parts else self._jointly)(context, queries, continuations)

    def texts(self, texts: Sequence[str]) -> list[list[int]]:
        """Tokens of whole texts, begun as the tokenizer begins a text (BOS if it adds one), without an end token."""
        if not texts:
            return []
        encoded = self.tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]
        return [self._start + tokens for tokens in encoded]

    def prompt(self, tokens: list[int]) -> Row:
        """The row of a prompt (one of `texts`) after which nothing is written yet."""
        return Row(tuple(tokens))

    def item(self, stem: list[int], choices: list[list[int]]) -> ItemTokens:
        """An item whose tokens are known."""
        return ItemTokens(stem, choices)

    def unprompted(self, start: int) -> Row:
        """What stands before a bare text: the start token."""
        return Row((start,))

    @cached_property
    def _start(self) -> list[int]:
        return opening(self.tokenizer)

    @cached_property
    def _splits_at_spaces(self) -> bool:
        backend = getattr(self.tokenizer, "backend_tokenizer", None)
        if backend is None:
            return False
        parts = json.loads(backend.to_str())
        splitter = (parts["pre_tokenizer"] or {}).get("type")
        return parts["model"].get("type") == "WordLevel" and splitter == "WhitespaceSplit" and not parts["normalizer"]

    def _jointly(
        self, context: str, queries: Sequence[str], continuations: Sequence[Sequence[str]]
    ) -> list[ItemTokens]:
        stems = self.texts([context + query for query in queries])
        pairs = zip(queries, continuations, strict=True)
        whole = iter(self.texts([context + query + text for query, texts in pairs for text in texts]))
        items = []
        for query, stem, texts in zip(queries, stems, continuations, strict=True):
            items.append(cut(stem, [next(whole) for _ in texts], query))
        return items

    def _by_parts(
        self, context: str, queries: Sequence[str], continuations: Sequence[Sequence[str]]
    ) -> list[ItemTokens]:
        self._remember({context, *queries, *(text for texts in continuations for text in texts)})
        start = self._start + self._words[context]
        items = []
        for query, texts in zip(queries, continuations, strict=True):
            item = ItemTokens(start + self._words[query], [self._words[text] for text in texts])
            check(item, query)
            items.append(item)
        return items

    def _remember(self, texts: set[str]) -> None:
        new = sorted(text for text in texts if text not in self._words)
        if new:
            encoded = self.tokenizer(new, add_special_tokens=False, verbose=False)["input_ids"]
            self._words.update(zip(new, encoded, strict=True))


def opening(tokenizer: Tokenizer) -> list[int]:
    """BOS where the tokenizer puts it before a text, else nothing."""
    with_special = tokenizer("a", verbose=False)["input_ids"]
    bos = tokenizer.bos_token_id
    return [bos] if bos is not None and with_special[:1] == [bos] else []


def common_prefix(sequences: Sequence[list[int]]) -> int:
    """Length of the longest common prefix; of the least and the greatest, which is that of all."""
    low, high = min(sequences), max(sequences)
    shortest = min(len(low), len(high))
    if low[:shortest] == high[:shortest]:
        return shortest
    return next(index for index in range(shortest) if low[index] != high[index])


def _parted(context: str, queries: Sequence[str], continuations: Sequence[Sequence[str]]) -> bool:
    """Whether white space stands at every seam of context, query and continuation."""
    seams = not context or context[-1].isspace()
    return seams and all(text[:1].isspace() for texts in continuations for text in texts) and all(queries)


def cut(stem: list[int], whole: list[list[int]], query: str) -> ItemTokens:
    """The item of texts with one query, cut where they and the stem part. Raises UserError as `check`."""
    at = common_prefix([stem, *whole])
    item = ItemTokens(whole[0][:at], [tokens[at:] for tokens in whole])
    check(item, query)
    return item


def check(item: ItemTokens, query: str) -> None:
    """Raise UserError for an item without a stem, or with a choice without tokens."""
    if not item.stem:
        raise UserError(f"query {query[:60]!r}: no token stands before the choices, so they have no probability")
    if not all(item.choices):
        raise UserError(f"query {query[:60]!r}: a choice adds no token to the query (empty text?)")
