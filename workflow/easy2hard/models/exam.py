"""Examinations of a model in pretraining: accuracy by level on fresh questions, chosen or worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd
import torch
from tokenizers import Tokenizer
from transformers import DynamicCache, PreTrainedModel

from easy2hard import seeds, solutions

DEMONSTRATIONS = 6


class Paper(Protocol):
    """Questions of one level; those of a paper have one number of tokens."""

    def right(self, model: PreTrainedModel) -> torch.Tensor:
        """Which of them the model answers rightly, bool (questions,)."""


@dataclass(frozen=True)
class ChoicePaper:
    """tokens: (questions, length); choices: token ids (questions, choices); labels. A model answers with the choice
    whose token has the highest logit after the question."""

    tokens: torch.Tensor
    choices: torch.Tensor
    labels: torch.Tensor

    def right(self, model: PreTrainedModel) -> torch.Tensor:
        """Which questions the model answers rightly, bool (questions,)."""
        logits = model(self.tokens.to(model.device), use_cache=False, logits_to_keep=1).logits[:, -1].cpu()
        return logits.gather(1, self.choices).argmax(dim=1) == self.labels


@dataclass(frozen=True)
class SolvedPaper:
    """tokens: prompts (questions, length); answers. A model writes its most probable solution, up to its context."""

    tokens: torch.Tensor
    answers: Sequence[str]
    words: Tokenizer
    layout: solutions.Format

    def right(self, model: PreTrainedModel) -> torch.Tensor:
        """Which questions the model answers rightly, bool (questions,)."""
        texts = self.words.decode_batch(solve(model, self.tokens.to(model.device)), skip_special_tokens=True)
        said = [solutions.parse(self.layout, text).answer for text in texts]
        return torch.tensor([one == answer for one, answer in zip(said, self.answers, strict=True)])


def papers(questions: pd.DataFrame, words: Tokenizer, prefixes: Sequence[str], layout: str | None) -> dict[int, Paper]:
    """One paper a level, from columns level, question, choices (one word each), label, answer.

    prefixes: what precedes each question, one a row. layout: the format of worked solutions; None: choices are given.
    All texts of a level must have the same number of tokens.
    """
    form = solutions.resolve(layout) if layout else solutions.Format(name="question")
    asked = [solutions.prompt(form, question) for question in questions["question"]]
    texts = [f"{prefix} {question}" for prefix, question in zip(prefixes, asked, strict=True)]
    made: dict[int, Paper] = {}
    for level, rows in questions.assign(text=texts).groupby("level", sort=True):
        tokens = torch.tensor([row.ids for row in words.encode_batch(list(rows["text"]))])
        if layout:
            made[int(level)] = SolvedPaper(tokens, list(rows["answer"]), words, form)
        else:
            choices = [[words.token_to_id(choice) for choice in row] for row in rows["choices"]]
            made[int(level)] = ChoicePaper(tokens, torch.tensor(choices), torch.tensor(rows["label"].tolist()))
    return made


def demonstrations(questions: pd.DataFrame, seed: int) -> list[str]:
    """For each question, truthful answers to six others of the lowest level: does the model infer who is writing?"""
    random = seeds.generator(seed, "pretrain", "demonstrations")
    lowest = questions[questions["level"] == questions["level"].min()]
    answered = (lowest["question"] + " " + lowest["answer"]).to_numpy()
    drawn = []
    for question in questions["question"]:
        others = answered[lowest["question"].to_numpy() != question]
        drawn.append(" ".join(random.choice(others, min(DEMONSTRATIONS, len(others)), replace=False)))
    return drawn


@torch.no_grad()
def examine(model: PreTrainedModel, sheets: dict[int, Paper]) -> dict[int, float]:
    """Accuracy by level."""
    return {level: round(paper.right(model).float().mean().item(), 4) for level, paper in sheets.items()}


def solve(model: PreTrainedModel, tokens: torch.Tensor) -> list[list[int]]:
    """Greedy continuations of prompts (n, length), each without its end token, cut off at the model's context."""
    end, cache = model.config.eos_token_id, DynamicCache(config=model.config)
    written, feed = tokens[:, :0], tokens
    while tokens.shape[1] + written.shape[1] < model.config.max_position_embeddings:
        logits = model(feed, past_key_values=cache, use_cache=True, logits_to_keep=1).logits[:, -1]
        feed = logits.argmax(dim=-1, keepdim=True)
        written = torch.cat([written, feed], dim=1)
        if (written == end).any(dim=1).all():
            break
    return [row[: row.index(end)] if end in row else row for row in written.tolist()]
