"""Small causal models of several architectures, freshly drawn, from the settings of a pretraining."""

from __future__ import annotations

from collections.abc import Callable

import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    Mamba2Config,
    Mamba2ForCausalLM,
    MambaConfig,
    MambaForCausalLM,
    MixtralConfig,
    MixtralForCausalLM,
    PreTrainedConfig,
    PreTrainedModel,
    RwkvConfig,
    RwkvForCausalLM,
)

from easy2hard import seeds
from easy2hard.corpora import SPECIALS, Pretraining

Made = tuple[PreTrainedConfig, type[PreTrainedModel]]


def build(settings: Pretraining, vocabulary: int, context: int, seed: int) -> PreTrainedModel:
    """A freshly drawn fp32 model with tied embeddings that reads at most `context` tokens."""
    config, kind = MAKERS[settings.architecture](settings, _common(settings, vocabulary), context)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.torch_seed(seed, "pretrain", "weights"))
        return kind(config)


def _common(settings: Pretraining, vocabulary: int) -> dict:
    special = {f"{name}_token_id": SPECIALS.index(f"<{name}>") for name in ("pad", "bos", "eos")}
    return {
        "vocab_size": vocabulary,
        "hidden_size": settings.hidden,
        "num_hidden_layers": settings.layers,
        "tie_word_embeddings": True,
        "initializer_range": settings.initial_std,
        **special,
    }


def _attention(settings: Pretraining, context: int) -> dict:
    return {
        "intermediate_size": settings.feed_forward,
        "num_attention_heads": settings.heads,
        "max_position_embeddings": context,
    }


def _llama(settings: Pretraining, common: dict, context: int) -> Made:
    return LlamaConfig(**common, **_attention(settings, context)), LlamaForCausalLM


def _mixtral(settings: Pretraining, common: dict, context: int) -> Made:
    experts = {"num_local_experts": settings.experts, "num_experts_per_tok": settings.experts_per_token}
    wide = _attention(settings, context) | experts | {"num_key_value_heads": settings.heads, "sliding_window": None}
    return MixtralConfig(**common, **wide), MixtralForCausalLM


def _mamba(settings: Pretraining, common: dict, context: int) -> Made:
    # A state-space model has no positions; the limit is what it has seen, the same as that of the others.
    return MambaConfig(**common, state_size=settings.state, max_position_embeddings=context), MambaForCausalLM


def _mamba2(settings: Pretraining, common: dict, context: int) -> Made:
    heads = {"num_heads": settings.heads, "head_dim": 2 * settings.hidden // settings.heads, "n_groups": 1}
    sizes = {"state_size": settings.state, "chunk_size": 32, "max_position_embeddings": context}
    return Mamba2Config(**common, **heads, **sizes), Mamba2ForCausalLM


def _rwkv(settings: Pretraining, common: dict, context: int) -> Made:
    return RwkvConfig(**common, intermediate_size=settings.feed_forward, context_length=context), RwkvForCausalLM


MAKERS: dict[str, Callable[[Pretraining, dict, int], Made]] = {
    "llama": _llama,
    "mixtral": _mixtral,
    "mamba": _mamba,
    "mamba2": _mamba2,
    "rwkv": _rwkv,
}
