"""What the chain-of-thought methods share: options, and predictions read from generated text (Hase 2024, §4.3)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import pandas as pd
from pydantic import Field

from easy2hard import answers, jobs
from easy2hard.strict import Strict

if TYPE_CHECKING:
    from easy2hard.models.generate import Generated


class Options(Strict):
    """How answers are written and read."""

    max_new: int = Field(300, ge=1)
    """Most new tokens. The paper, by its hard test accuracy: 100 for StrategyQA, 300 for GSM8K."""
    stop: list[Annotated[str, Field(min_length=1)]] = []
    """Strings that end a text, besides those that begin the prompt's next example."""
    extractor: Literal["sound", "strict", "legacy"] = "sound"
    """How the answer is read: `sound` takes, without "the answer is", the last number, a bare yes or no, or the last
    line; `strict` counts such texts as wrong; `legacy` is the original's extractor, with its faults."""
    rows: Annotated[int, Field(ge=1)] | None = None
    """Texts written at once; more uses a GPU better and takes more memory. Null: 16 on a CPU, 64 on a GPU."""
    max_tokens: int = Field(2048, ge=1)
    """Longest prompt with its new tokens; a model's own limit applies besides."""


def predictions(
    items: pd.DataFrame,
    texts: Sequence[Generated],
    options: Options,
    chosen: jobs.TrainingSet | None = None,
    size: int = 0,
    cut_line: bool = True,
) -> pd.DataFrame:
    """PREDICTIONS rows of generated texts, one an item. cut_line: as in `answers.legacy_extract`."""
    choices = (list(row) for row in items["choices"])
    picks = [_pick(one.text, row, options.extractor, cut_line) for one, row in zip(texts, choices, strict=True)]
    _say(texts, picks, chosen, size)
    return jobs.generated_rows(items, [one.text for one in texts], picks, chosen, size)


def _pick(text: str, choices: list[str], extractor: str, cut_line: bool) -> int:
    if extractor != "legacy":
        return answers.choice_of(text, choices, fallback=extractor == "sound")
    kind = answers.kind_of(choices)
    right = (index for index, choice in enumerate(choices) if answers.legacy_right(text, choice, kind, cut_line))
    return next(right, -1)


def _say(texts: Sequence[Generated], picks: list[int], chosen: jobs.TrainingSet | None, size: int) -> None:
    """How many texts were cut and how many gave no choice: what to look at when an accuracy is low."""
    run = f"{chosen.measure} {chosen.condition} seed {chosen.seed}, {size} items" if chosen else "no training"
    cut, none = sum(one.ended == "length" for one in texts), sum(pick < 0 for pick in picks)
    tokens = sum(one.tokens for one in texts)
    ends = f"{cut} cut at the limit, {none} give no choice"
    print(f"generated ({run}): {len(texts)} texts, {tokens:,} tokens, {ends}", file=sys.stderr, flush=True)
