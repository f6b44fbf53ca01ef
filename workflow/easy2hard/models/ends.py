"""When a generated text ends: at an end token, before a stop string, after a number of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedModel
from transformers import PreTrainedTokenizerBase as Tokenizer


@dataclass(frozen=True)
class Stop:
    """When a text ends: at an end token, before the first of `strings`, or after `most` tokens."""

    strings: tuple[str, ...]
    most: int


@dataclass(frozen=True)
class Generated:
    """A text without its end token or stop string; its tokens (end token included); why it ended."""

    text: str
    tokens: int
    ended: str


class Ends:
    """Recognises the end of a text."""

    def __init__(self, model: PreTrainedModel, tokenizer: Tokenizer, stop: Stop):
        configured = model.generation_config.eos_token_id if model.generation_config is not None else None
        ids = configured if isinstance(configured, list) else [configured]
        self.eos = {number for number in (*ids, tokenizer.eos_token_id) if number is not None}
        self.tokenizer, self.stop = tokenizer, stop
        # A token is at least one byte of text, so a stop string ends within this many tokens of its begin.
        self.window = max((len(text.encode()) for text in stop.strings), default=0) + 4
        self._last = {text[-1] for text in stop.strings}
        self._may_stop: dict[int, bool] = {}

    def finished(self, written: list[int]) -> Generated | None:
        """The text, if its newest token ends it; else None. To be asked after every token."""
        if written[-1] in self.eos:
            return Generated(self.decode(written[:-1]), len(written), "eos")
        cut = self.cut(written)
        if cut is not None:
            return Generated(cut, len(written), "stop")
        if len(written) >= self.stop.most:
            return Generated(self.decode(written), len(written), "length")
        return None

    def cut(self, written: Sequence[int]) -> str | None:
        """The text before its first stop string, if the newest token completes one; else None."""
        if not self.may_stop(int(written[-1])) or self._stopped(self.decode(written[-self.window :])) is None:
            return None
        return self._stopped(self.decode(written))

    def may_stop(self, token: int) -> bool:
        """Whether a stop string may end with this token: it holds the last character of one, or a part of one."""
        if token not in self._may_stop:
            text = self.decode([token])
            joins = any(character.isspace() for character in self._last)  # a blank may come from the decoder
            self._may_stop[token] = bool(self._last) and (joins or "\ufffd" in text or not self._last.isdisjoint(text))
        return self._may_stop[token]

    def decode(self, tokens: Sequence[int]) -> str:
        """Tokens as text, special tokens left out."""
        return self.tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)

    def _stopped(self, text: str) -> str | None:
        """The text before the first stop string in it; None where there is none."""
        places = [place for string in self.stop.strings if (place := text.find(string)) >= 0]
        return text[: min(places)] if places else None
