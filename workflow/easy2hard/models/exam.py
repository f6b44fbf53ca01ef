"""Examinations of a model in pretraining: multiple-choice accuracy by level on fresh questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import torch
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM

from easy2hard import seeds

DEMONSTRATIONS = 6


@dataclass(frozen=True)
class Paper:
    """Questions of one level. tokens: (questions, length); choices: token ids (questions, choices); labels."""

    tokens: torch.Tensor
    choices: torch.Tensor
    labels: torch.Tensor


def papers(questions: pd.DataFrame, words: Tokenizer, prefixes: Sequence[str]) -> dict[int, Paper]:
    """One paper a level, from columns level, question, choices (one word each), label.

    prefixes: what precedes each question, one a row. All texts of a level must have the same number of tokens.
    """
    made = {}
    texts = [f"{prefix} {question}" for prefix, question in zip(prefixes, questions["question"], strict=True)]
    for level, rows in questions.assign(text=texts).groupby("level", sort=True):
        choices = [[words.token_to_id(choice) for choice in row] for row in rows["choices"]]
        tokens = torch.tensor([row.ids for row in words.encode_batch(list(rows["text"]))])
        made[int(level)] = Paper(tokens, torch.tensor(choices), torch.tensor(rows["label"].tolist()))
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
def examine(model: LlamaForCausalLM, sheets: dict[int, Paper]) -> dict[int, float]:
    """Accuracy by level: the choice whose token has the highest logit after the question."""
    scores = {}
    for level, paper in sheets.items():
        logits = model(paper.tokens, use_cache=False, logits_to_keep=1).logits[:, -1]
        right = logits.gather(1, paper.choices).argmax(dim=1) == paper.labels
        scores[level] = round(right.float().mean().item(), 4)
    return scores
