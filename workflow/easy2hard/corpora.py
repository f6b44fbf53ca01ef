"""Pretraining a small model on a generated world: settings, the corpus table, and what a world must offer.

A world that can be pretrained on is a dataset plug-in with, besides `load`:
  LOSS_AFTER: str                      the word after which the answer stands: the only place with a loss
  LOSS_UNTIL: str                      optional: the loss is on all words from there up to this one
  documents(options, seed) -> DataFrame of CORPUS rows
  vocabulary(options) -> list[str]     its words in a fixed order, special tokens excluded
  exam(options, seed, size) -> DataFrame level, question, answer, choices, label: fresh questions, none of them an item
  TAG: str                             the word before a question that asks for the truth
"""

from __future__ import annotations

from collections.abc import Collection
from types import ModuleType
from typing import Literal

from pydantic import Field, model_validator

from easy2hard import registry
from easy2hard.errors import UserError, unknown
from easy2hard.strict import Strict

SPECIALS = ("<pad>", "<bos>", "<eos>", "<unk>")
WITH_ATTENTION = ("llama", "mixtral")  # architectures whose cache is one of keys and values
NEEDED = ("LOSS_AFTER", "TAG", "Options", "documents", "vocabulary", "exam")


class Pretraining(Strict):
    """Settings of the pretraining of a small model."""

    architecture: Literal["llama", "mixtral", "mamba", "mamba2", "rwkv"] = "llama"
    """Llama; Mixtral (mixture of experts); Mamba and Mamba-2 (state space); RWKV (recurrent)."""
    hidden: int = Field(default=64, ge=8)
    """Width of the residual stream."""
    layers: int = Field(default=2, ge=1)
    """Transformer blocks."""
    heads: int = Field(default=4, ge=1)
    """Attention heads; must divide `hidden`."""
    feed_forward: int = Field(default=128, ge=8)
    """Width of the feed-forward layer."""
    experts: int = Field(default=4, ge=2)
    """Experts a layer, Mixtral only."""
    experts_per_token: int = Field(default=2, ge=1)
    """Experts that a token goes to, Mixtral only."""
    state: int = Field(default=16, ge=1)
    """Size of the state a channel, Mamba only."""
    initial_std: float = Field(default=0.1, gt=0)
    """Standard deviation of the initial weights. At transformers' 0.02 most seeds learn too late for the budget."""
    learning_rate: float = Field(default=4e-3, gt=0)
    """Peak learning rate of AdamW (betas 0.9, 0.98, weight decay 0.01, gradient clipped to norm 1)."""
    batch: int = Field(default=8, ge=1)
    """Documents an update, if they are of the greatest length; documents of one length make a batch, of shorter ones
    more."""
    warmup: int = Field(default=50, ge=0)
    """Updates of linear warm-up."""
    gate_every: int = Field(default=400, ge=1)
    """Updates between two examinations."""
    gate_levels: list[int] = Field(default=[1, 2, 3], min_length=1)
    """Levels that must be passed, each by itself."""
    gate_accuracy: float = Field(default=0.8, ge=0, le=1)
    """Accuracy with the tag that every gate level must reach before the learning rate decays."""
    gate_updates: int = Field(default=2400, ge=1)
    """Updates after which an attempt that has not passed is given up."""
    least_updates: int = Field(default=1200, ge=0)
    """Updates before the decay may begin even if the gate is passed: inferring the author comes after the facts."""
    decay: int = Field(default=600, ge=0)
    """Updates of linear decay to zero after the gate."""
    device: Literal["cpu", "auto"] = "cpu"
    """`cpu`: the same bytes every time; `auto`: a GPU where there is one."""
    attempts: int = Field(default=3, ge=1)
    """Attempts; attempt k uses seed + 1000 k."""
    exam: int = Field(default=200, ge=1)
    """Questions a level in an examination."""
    seed: int = Field(default=0, ge=0)
    """Tells models pretrained on one corpus apart; added to the run's seed by purpose."""

    @model_validator(mode="after")
    def _possible(self) -> Pretraining:
        if self.hidden % (2 * self.heads):
            raise ValueError(f"hidden ({self.hidden}) must be a multiple of twice heads ({self.heads})")
        if self.architecture == "rwkv" and self.layers < 2:
            raise ValueError(f"layers ({self.layers}): rwkv needs at least 2")
        if self.experts_per_token > self.experts:
            raise ValueError(f"experts_per_token ({self.experts_per_token}) is above experts ({self.experts})")
        if self.least_updates > self.gate_updates:
            raise ValueError(f"least_updates ({self.least_updates}) is above gate_updates ({self.gate_updates})")
        return self


def world(name: str) -> ModuleType:
    """The plug-in of a generated world. Raises UserError where it has no corpus."""
    module = registry.load("datasets", name)
    missing = [part for part in NEEDED if not hasattr(module, part)]
    if missing:
        raise UserError(f"dataset '{name}' is no world to pretrain on: it has no {', '.join(missing)}")
    return module


def check_gate(pretraining: Pretraining, levels: Collection[int]) -> None:
    """Raise UserError where a gate level is not among the `levels` of the world's exam."""
    for level in pretraining.gate_levels:
        if level not in levels:
            raise unknown("level", level, levels, "pretraining.gate_levels")
