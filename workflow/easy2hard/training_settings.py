"""Settings of training on texts, shared by generators and evaluators (Sun 2024, Table 4 and its code)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from easy2hard.strict import Count, Strict

EXECUTION = frozenset({"checkpoint_seconds"})  # says how a job runs, never what comes out


class Adapters(Strict):
    """LoRA in place of full fine-tuning; the adapters are merged into the weights that are written."""

    r: Count = 16
    """Rank of the adapters."""
    alpha: float = Field(32.0, gt=0)
    """Scale of the adapters: their output is multiplied by alpha / r."""
    dropout: float = Field(0.0, ge=0, lt=1)
    """Dropout on the adapters' input in training; the base model has none."""
    targets: list[str] = []
    """Names of the modules that get adapters; empty: peft's default for the family (Llama: q_proj, v_proj)."""


class Training(Strict):
    """How a model is trained; the defaults are the paper's for a 7B model."""

    learning_rate: float = Field(2e-5, gt=0)
    """Peak learning rate of AdamW."""
    epochs: Count = 3
    """Passes over the examples, in a new order each."""
    batch: Count = 128
    """Examples an update."""
    max_tokens: Count = 768
    """Longest example in tokens; longer ones are left out and counted."""
    warmup: float = Field(0.2, ge=0)
    """Updates of linear warm-up, as a share of the updates of one epoch."""
    final_rate: float = Field(0.01, ge=0, le=1)
    """Share of the peak learning rate at which the cosine ends."""
    weight_decay: float = Field(0.0, ge=0)
    """AdamW's weight decay, on matrices only."""
    clip: float = Field(1.0, gt=0)
    """Largest norm of an update's gradient."""
    frozen: list[Literal["embeddings", "norms"]] = ["embeddings", "norms"]
    """Parameters that stay as they are: input and output embeddings, weights and biases of norms."""
    lora: Adapters | None = None
    """Train low-rank adapters only; by default the whole model."""
    mixed: bool = False
    """Compute in bfloat16 over the weights' own number format (autocast)."""
    packing: bool = True
    """Put short examples behind each other in a row where the model family allows; the loss is the same."""
    micro_tokens: Count = 4096
    """Tokens a forward pass, padding included; less needs less memory."""
    checkpoint_seconds: float = Field(60.0, ge=0)
    """Seconds between two states of training kept on disk, from which a killed job goes on."""

    def identity(self) -> dict[str, Any]:
        """The settings that can change a byte of what comes out."""
        return self.model_dump(exclude=set(EXECUTION))


class EvaluatorTraining(Training):
    """How an evaluator is trained; the defaults are the paper's for a 7B model."""

    epochs: Count = 2
    """Passes over the examples, in a new order each."""
    max_tokens: Count = 1024
    """Longest example in tokens; longer ones are left out and counted. The paper: PRM 768, ORM and OPRM 1024."""
