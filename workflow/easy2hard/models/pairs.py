"""Prompt and solution to tokens, and where in the solution each token stands.

The prompt's tokens are those of the prompt alone, as a generator is given them; the solution's are those that follow
in the text as a whole. Where a merge crosses the seam, the solution is tokenised apart: behind a line break that is
taken away again (sentencepiece would put a space before the first word), or alone where that cannot be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from transformers import PreTrainedTokenizerBase as Tokenizer

from easy2hard.errors import UserError
from easy2hard.models.tokenise import Encoder

BREAK = "\n"


@dataclass(frozen=True)
class Pair:
    """Token ids of prompt (BOS first where the tokenizer adds one) and solution; [tokens, 2] the characters of the
    solution, from and up to, that each of its tokens stands for."""

    source: list[int]
    target: list[int]
    spans: np.ndarray

    @property
    def ids(self) -> list[int]:
        """All of them."""
        return self.source + self.target


class Pairs:
    """Tokenises pairs. Raises UserError for a tokenizer that cannot say where in a text its tokens stand."""

    def __init__(self, tokenizer: Tokenizer):
        if not tokenizer.is_fast:
            raise UserError(
                f"tokenizer {type(tokenizer).__name__}: does not tell which characters a token stands for; "
                "expected one with a tokenizer.json"
            )
        self.tokenizer = tokenizer
        self._encoder = Encoder(tokenizer)

    def encode(self, sources: Sequence[str], targets: Sequence[str]) -> list[Pair]:
        """One Pair a source and target."""
        if not sources:
            return []
        known = sorted(set(sources))
        begun = dict(zip(known, self._encoder.texts(known), strict=True))
        bare = dict(zip(known, self._tokens(known)[0], strict=True))
        whole = self._tokens([source + target for source, target in zip(sources, targets, strict=True)])
        made = []
        for source, target, ids, spans in zip(sources, targets, *whole, strict=True):
            rest = _after(bare[source], ids, spans, len(source)) or self._apart(target)
            made.append(Pair(begun[source], *rest))
        return made

    def _apart(self, target: str) -> tuple[list[int], np.ndarray]:
        (head, ids, alone), spans = self._tokens([BREAK, BREAK + target, target])
        return _after(head, ids, spans[1], len(BREAK)) or (alone, np.array(spans[2]).reshape(-1, 2))

    def _tokens(self, texts: list[str]) -> tuple[list[list[int]], list[list[tuple[int, int]]]]:
        found = self.tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        return found["input_ids"], found["offset_mapping"]


def _after(
    head: list[int], ids: list[int], spans: list[tuple[int, int]], characters: int
) -> tuple[list[int], np.ndarray] | None:
    """Tokens after `head`, with their spans counted from there; None where the tokens do not begin with it."""
    if ids[: len(head)] != head:
        return None
    return ids[len(head) :], np.array(spans[len(head) :]).reshape(-1, 2) - characters
