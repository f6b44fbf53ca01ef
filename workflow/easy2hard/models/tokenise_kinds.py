"""Texts to tokens for kinds of models that do not read prompt and continuation as one sequence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from easy2hard.models.tokenise import Encoder, ItemTokens, Row, check, cut


@dataclass(frozen=True)
class PairTokens(ItemTokens):
    """Tokens of one item for an encoder-decoder: the stem is for the encoder, the choices for the decoder."""

    opening: tuple[int, ...] = ()

    @property
    def longest(self) -> int:
        """Tokens of the longest of its sequences, start token and opening included."""
        return max(len(self.stem), 1 + len(self.opening) + max(map(len, self.choices)))

    def row(self, written: Sequence[int]) -> Row:
        """The stem and tokens written after the opening."""
        return Row(tuple(self.stem), tuple(written), self.opening)


class MarkedEncoder(Encoder):
    """For encoders: query and choice are one text, with all special tokens the tokenizer adds: [CLS] … [SEP]."""

    def items(self, context: str, queries: Sequence[str], continuations: Sequence[Sequence[str]]) -> list[ItemTokens]:
        """One ItemTokens a query, cut at the common prefix of its texts, each of which has a token left."""
        pairs = zip(queries, continuations, strict=True)
        whole = iter(self.texts([context + query + text for query, texts in pairs for text in texts]))
        items = []
        for query, texts in zip(queries, continuations, strict=True):
            rows = [next(whole) for _ in texts]
            items.append(cut(min(rows, key=len)[:-1], rows, query))
        return items

    def texts(self, texts: Sequence[str]) -> list[list[int]]:
        """Tokens of whole texts with all special tokens."""
        return self.tokenizer(list(texts), verbose=False)["input_ids"] if len(texts) else []


class PairEncoder(Encoder):
    """For encoder-decoders: the prompt is a text of its own for the encoder, with the tokenizer's special tokens.

    A continuation is a text of its own for the decoder: outer blanks removed, begun as the tokenizer begins a text,
    without an end token.
    """

    def items(self, context: str, queries: Sequence[str], continuations: Sequence[Sequence[str]]) -> list[ItemTokens]:
        """One PairTokens a query. Raises UserError for a query or a continuation without tokens."""
        stems = self.texts([context + query for query in queries])
        new = sorted({text.strip() for texts in continuations for text in texts})
        known = dict(zip(new, self._bare(new), strict=True))
        items = []
        for query, stem, texts in zip(queries, stems, continuations, strict=True):
            items.append(self.item(stem, [known[text.strip()] for text in texts]))
            check(items[-1], query)
        return items

    def texts(self, texts: Sequence[str]) -> list[list[int]]:
        """Tokens of prompts with all special tokens."""
        return self.tokenizer(list(texts), verbose=False)["input_ids"] if len(texts) else []

    def prompt(self, tokens: list[int]) -> Row:
        """The row of a prompt after which nothing is written yet."""
        return Row(tuple(tokens), (), tuple(self._start))

    def item(self, stem: list[int], choices: list[list[int]]) -> ItemTokens:
        """An item whose tokens are known."""
        return PairTokens(stem, choices, tuple(self._start))

    def unprompted(self, start: int) -> Row:
        """What stands before a bare text: an empty prompt in the encoder, `start` where the tokenizer adds no token."""
        return self.prompt(self.texts([""])[0] or [start])

    def _bare(self, texts: list[str]) -> list[list[int]]:
        return self.tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"] if texts else []


BY_KIND = {"causal": Encoder, "encoder": MarkedEncoder, "encoder_decoder": PairEncoder}
