"""What a job that draws solutions is: settings, prompts, where they end, shards. Engines do the drawing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Annotated

import pandas as pd
from pydantic import BaseModel, Field

from easy2hard import solutions
from easy2hard.solutions import Format
from easy2hard.strict import Strict

Count = Annotated[int, Field(ge=1)]
Prompt = tuple[str, str]  # item_id, text


class Settings(Strict):
    """How solutions are drawn: the fields of `config_reranking.Sampling` that say so."""

    n: Count
    """Samples a problem."""
    temperature: Annotated[float, Field(ge=0)]
    """Temperature; 0 is greedy."""
    top_k: Annotated[int, Field(ge=0)]
    """Only the k most probable tokens; 0: all."""
    top_p: Annotated[float, Field(gt=0, le=1)]
    """Only the most probable tokens that together have this probability."""
    max_tokens: Count
    """Tokens after which a sample is cut off."""
    seed: Annotated[int, Field(ge=0)]
    """Tells samplings of the same problems apart."""


class Sharded(Strict):
    """Options that every engine has."""

    shard: Count = 4096
    """Samples a shard. What a kill loses is at most one shard."""


@dataclass(frozen=True)
class Job:
    """What an engine is told. seed: of the run. stops: strings before which a sample ends."""

    settings: Settings
    options: Sharded
    model: Path | None
    model_spec: dict
    stops: tuple[str, ...]
    seed: int


def prompts(
    problems: pd.DataFrame,
    shown: pd.DataFrame | None,
    generator: ModuleType,
    options: BaseModel,
    form: Format,
    seed: int,
) -> tuple[list[Prompt], str]:
    """What the model is given for each of the problems (ITEMS), and what all of these begin with.

    A problem that is itself shown as an exemplar gets a prompt without it.
    """
    common = generator.prefix(shown, form, options, seed)
    made = []
    for item_id, question in zip(problems["item_id"], problems["question"], strict=True):
        asked, before = solutions.prompt(form, question), common
        if shown is not None and asked in common:
            before = generator.prefix(shown[shown["question"] != question], form, options, seed)
        made.append((item_id, before + asked))
    return made, common


def stops(form: Format, prefix: str) -> tuple[str, ...]:
    """Strings before which a solution ends: those of the format and, after exemplars, the head of a new problem."""
    head = form.prompt.partition("{question}")[0].strip().partition("\n")[0]
    return (*form.stops, "\n" + head) if prefix and head else form.stops


def shards(problems: int, settings: Settings, options: Sharded) -> Iterator[range]:
    """Problems by number, cut into shards: fixed by the settings, whenever and wherever they are drawn."""
    size = max(1, options.shard // settings.n)
    for start in range(0, problems, size):
        yield range(start, min(start + size, problems))
