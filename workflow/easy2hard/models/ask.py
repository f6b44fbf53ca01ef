"""Ask a model the questions of a dataset: prompts rendered, demonstrations made to fit, choices scored."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from easy2hard import prompts
from easy2hard.models import load, score


class Scoring(Protocol):
    """Options of a method that scores choices."""

    normalise: score.Normalise
    answer_as: prompts.AnswerAs
    token_budget: int | None
    max_tokens: int


class Asker:
    """A loaded model with a prompt; reads the demonstrations once for all items they fit beside."""

    def __init__(self, model: Path | None, spec: dict, prompt: prompts.Prompt, options: Scoring):
        self.model = load.load_language_model(model, spec)
        self.encoder = load.load_prompts(model, spec)
        self.prompt, self.options = prompt, options

    def scores(self, items: Sequence[dict], demonstrations: Sequence[dict]) -> list[np.ndarray]:
        """Scores of each item's choices after the demonstrations and the question.

        Where an item does not fit in `max_tokens`, demonstrations are dropped from the end until it does (paper,
        §4.1). DEVIATION: the original then truncates the question; here that is a UserError.
        """
        shown = [prompts.render_example(self.prompt, item, self.options.answer_as) for item in demonstrations]
        queries = [prompts.render_query(self.prompt, item) for item in items]
        texts = [prompts.continuations(self.prompt, item, self.options.answer_as) for item in items]
        found: dict[int, np.ndarray] = {}
        for count in range(len(shown), -1, -1):
            left = [index for index in range(len(items)) if index not in found]
            if left:
                context = prompts.render_context(self.prompt, shown[:count])
                rows = self._fitting(context, [queries[i] for i in left], [texts[i] for i in left], last=count == 0)
                found |= {left[index]: row for index, row in rows.items()}
                if len(rows) < len(left):
                    print(f"{len(left) - len(rows)} items do not fit beside {count} examples", file=sys.stderr)
        return [found[index] for index in range(len(items))]

    def _fitting(
        self, context: str, queries: list[str], texts: list[list[str]], last: bool
    ) -> dict[int, np.ndarray]:
        """Scores of the items that fit behind the context, by index; of all of them or an error on the last try."""
        tokens = self.encoder.items(context, queries, texts)
        if last:
            score.check_fit(self.model, tokens, queries, self.options.max_tokens)
        kept = [index for index, item in enumerate(tokens) if score.fits(self.model, item, self.options.max_tokens)]
        rows = score.normalised(
            self.model,
            self.encoder,
            [tokens[index] for index in kept],
            [texts[index] for index in kept],
            self.options.normalise,
            cue=self.prompt.cue,
            budget=self.options.token_budget,
        )
        return dict(zip(kept, rows, strict=True))
