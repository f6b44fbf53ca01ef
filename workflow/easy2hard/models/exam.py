"""Examinations of a model in pretraining: multiple-choice accuracy by level on fresh questions."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import torch
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM


@dataclass(frozen=True)
class Paper:
    """Questions of one level. tokens: (questions, length); choices: token ids (questions, choices); labels."""

    tokens: torch.Tensor
    choices: torch.Tensor
    labels: torch.Tensor


def papers(questions: pd.DataFrame, words: Tokenizer, prefix: str = "") -> dict[int, Paper]:
    """One paper a level, from columns level, question, choices (one word each), label. prefix: put before each.

    All questions of a level must have the same number of tokens.
    """
    made = {}
    for level, rows in questions.groupby("level", sort=True):
        encoded = words.encode_batch([f"{prefix} {question}" for question in rows["question"]])
        choices = [[words.token_to_id(choice) for choice in row] for row in rows["choices"]]
        tokens = torch.tensor([row.ids for row in encoded])
        made[int(level)] = Paper(tokens, torch.tensor(choices), torch.tensor(rows["label"].tolist()))
    return made


@torch.no_grad()
def examine(model: LlamaForCausalLM, sheets: dict[int, Paper]) -> dict[int, float]:
    """Accuracy by level: the choice whose token has the highest logit after the question."""
    scores = {}
    for level, paper in sheets.items():
        logits = model(paper.tokens, use_cache=False, logits_to_keep=1).logits[:, -1]
        right = logits.gather(1, paper.choices).argmax(dim=1) == paper.labels
        scores[level] = round(right.float().mean().item(), 4)
    return scores
