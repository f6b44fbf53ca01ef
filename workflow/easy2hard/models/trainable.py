"""Which parameters of a model are trained: all but embeddings and norms (Sun 2024, §3.6), or low-rank adapters."""

from __future__ import annotations

from collections.abc import Iterator

import peft
import torch
from torch import nn
from transformers import PreTrainedModel

from easy2hard import seeds
from easy2hard.errors import UserError
from easy2hard.training_settings import Adapters, Training


class Trainable:
    """A loaded model whose parameters ask for a gradient where they are trained. `model` computes, `merged` is saved.

    The model stays in evaluation mode: only the adapters' own dropout is active. Raises UserError for a quantised
    model, for unknown targets of adapters.
    """

    def __init__(self, model: PreTrainedModel, recipe: Training, seed: int):
        if getattr(model, "is_quantized", False):
            raise UserError("training: a quantised model cannot be trained; load it without, and use `lora`")
        self.model, self._adapted = model, None
        if recipe.lora is None:
            model.requires_grad_(True)
            for parameter in _frozen(model, recipe.frozen):
                parameter.requires_grad_(False)
        else:
            self._adapted = _adapted(model, recipe.lora, seed)

    def merged(self) -> PreTrainedModel:
        """The model with its adapters merged into its weights; to be called once, after training."""
        return self._adapted.merge_and_unload() if self._adapted is not None else self.model


def _frozen(model: PreTrainedModel, kinds: list[str]) -> Iterator[nn.Parameter]:
    """Parameters of all embeddings (of positions too) and of the output matrix; of modules whose class names a norm."""
    if "embeddings" in kinds:
        outputs = [model.get_output_embeddings()]
        embeddings = [one for one in model.modules() if isinstance(one, nn.Embedding)]
        for module in filter(None, [*embeddings, *outputs]):
            yield from module.parameters()
    if "norms" in kinds:
        for module in model.modules():
            if "norm" in type(module).__name__.lower():
                yield from module.parameters(recurse=False)


def _adapted(model: PreTrainedModel, adapters: Adapters, seed: int) -> peft.PeftModel:
    config = peft.LoraConfig(
        r=adapters.r,
        lora_alpha=adapters.alpha,
        lora_dropout=adapters.dropout,
        target_modules=list(adapters.targets) or None,
        bias="none",
    )
    with torch.random.fork_rng():
        torch.manual_seed(seeds.torch_seed(seed, "adapters"))
        try:
            wrapped = peft.get_peft_model(model, config)
        except ValueError as error:  # no default for the family, or no module of that name
            raise UserError(f"training: `lora.targets` {list(adapters.targets)}: {error}") from error
    for module in wrapped.modules():
        if isinstance(module, peft.tuners.lora.LoraLayer):
            module.lora_dropout.train()
    return wrapped
