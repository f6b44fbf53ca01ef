"""Let a model write reasoning and answer: prompts rendered, demonstrations made to fit, texts generated."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Protocol

from transformers import PreTrainedModel

from easy2hard import prompts
from easy2hard.models import score
from easy2hard.models.ends import Generated, Stop
from easy2hard.models.generate import generate
from easy2hard.models.tokenise import Encoder


class Writing(Protocol):
    """Options of a method that generates."""

    max_new: int
    stop: list[str]
    rows: int | None
    max_tokens: int


class Reasoner:
    """A loaded model with a prompt; reads the demonstrations once for all items they fit beside."""

    def __init__(
        self, model: PreTrainedModel, encoder: Encoder, prompt: prompts.Prompt, options: Writing, stops: Sequence[str]
    ):
        self.model, self.encoder, self.prompt, self.options = model, encoder, prompt, options
        self.stop = Stop((*stops, *options.stop), options.max_new)

    def write(self, items: Sequence[dict], demonstrations: Sequence[dict]) -> list[Generated]:
        """What the model writes after the demonstrations and each question, at most `max_new` tokens.

        Where question and new tokens do not fit in `max_tokens`, demonstrations are dropped from the end until they do
        (paper, §4.1). Raises UserError for a question that does not fit alone.
        """
        shown = [prompts.render_example(self.prompt, item) for item in demonstrations]
        queries = [prompts.render_query(self.prompt, item) for item in items]
        found: dict[int, Generated] = {}
        for count in range(len(shown), -1, -1):
            left = [index for index in range(len(items)) if index not in found]
            if left:
                context = prompts.render_context(self.prompt, shown[:count])
                texts = self._fitting(context, [queries[index] for index in left], last=count == 0)
                found |= {left[index]: text for index, text in texts.items()}
                if len(texts) < len(left):
                    print(f"{len(left) - len(texts)} items do not fit beside {count} examples", file=sys.stderr)
        return [found[index] for index in range(len(items))]

    def _fitting(self, context: str, queries: list[str], last: bool) -> dict[int, Generated]:
        """Texts of the queries that fit behind the context, by index; of all of them or an error on the last try."""
        stems = self.encoder.texts([context + query for query in queries])
        room = [self.encoder.item(stem, [[0] * self.stop.most]) for stem in stems]
        if last:
            score.check_fit(self.model, room, queries, self.options.max_tokens)
        kept = [index for index, item in enumerate(room) if score.fits(self.model, item, self.options.max_tokens)]
        texts = generate(
            self.model, self.encoder.tokenizer, [stems[index] for index in kept], self.stop, self.options.rows
        )
        return dict(zip(kept, texts, strict=True))
