"""Makers of tiny random models with word-level tokenizers, for tests. Invented text only."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoModelForSeq2SeqLM, PreTrainedTokenizerFast

TEXT = """a b c d e f g h red green blue round square heavy light stone river moon lamp clock mirror seed root leaf wind
which what gives own needs measures mass water object tool is of the Question: Answer: Q: A: A) B) C) D) ? ."""
WORDS = TEXT.split()
SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 512,
}
EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 24}
# Keys that a family spells differently or needs besides.
FAMILIES: dict[str, dict] = {
    "llama": {"num_key_value_heads": 2},
    "mistral": {"num_key_value_heads": 2, "sliding_window": None},
    "mixtral": {"num_key_value_heads": 2, "num_local_experts": 3, "num_experts_per_tok": 2, "sliding_window": None},
    "qwen2": {"num_key_value_heads": 2},
    "qwen3": {"num_key_value_heads": 2, "head_dim": 8},
    "gpt2": {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 512},
    "gpt_neox": {},
    "phi": {},
    "gemma": {"num_key_value_heads": 2, "head_dim": 8},
    "gemma2": {"num_key_value_heads": 2, "head_dim": 8, "query_pre_attn_scalar": 8},
    "olmo": {"num_key_value_heads": 2},
    "olmo2": {"num_key_value_heads": 2},
    "stablelm": {"num_key_value_heads": 2},
    "starcoder2": {"num_key_value_heads": 2, "sliding_window": None},
    "opt": {"ffn_dim": 48, "word_embed_proj_dim": 32},
    "qwen2_moe": {"num_key_value_heads": 2, **EXPERTS, "shared_expert_intermediate_size": 24},
    "qwen3_moe": {"num_key_value_heads": 2, "head_dim": 8, **EXPERTS},
    "olmoe": {"num_key_value_heads": 2, "num_experts": 4, "num_experts_per_tok": 2},
    "mamba": {"state_size": 8},
    "mamba2": {"state_size": 8, "num_heads": 8, "head_dim": 8, "n_groups": 2, "chunk_size": 8},
    "rwkv": {"attention_hidden_size": 32, "context_length": 512},
    "recurrent_gemma": {"lru_width": 32, "attention_window_size": 64},
    "bert": {"type_vocab_size": 2},
}
OWN_SPELLING = ("gpt2",)
# Encoder-decoders.
PAIRS: dict[str, dict] = {
    "t5": {"d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_decoder_layers": 3, "num_heads": 4},
    "bart": {
        "d_model": 32,
        **{"encoder_layers": 2, "encoder_attention_heads": 4, "encoder_ffn_dim": 48},
        **{"decoder_layers": 3, "decoder_attention_heads": 4, "decoder_ffn_dim": 48},
        **{"max_position_embeddings": 512, "decoder_start_token_id": 3, "forced_eos_token_id": 3},
    },
}


def word_tokenizer(words: list[str] | None = None, bos: bool = False) -> PreTrainedTokenizerFast:
    """A tokenizer of whole words split at white space; unknown words are one token."""
    vocabulary = {word: index for index, word in enumerate(["<pad>", "<unk>", "<s>", "</s>", *(words or WORDS)])}
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return _wrap(backend, bos)


def merging_tokenizer(bos: bool = False) -> PreTrainedTokenizerFast:
    """A byte-level BPE without word boundaries: merges cross spaces, so no boundary of texts is a token boundary."""
    backend = Tokenizer(models.BPE(unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        show_progress=False,
        special_tokens=["<pad>", "<unk>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    backend.train_from_iterator([" ".join(WORDS[start:]) for start in range(0, 30)], trainer)
    return _wrap(backend, bos)


def ending(tokenizer: PreTrainedTokenizerFast, bos: bool) -> PreTrainedTokenizerFast:
    """The tokenizer with an end token behind every text, as encoders and encoder-decoders have it."""
    single, special = ("<s> $A </s>", [("<s>", 2), ("</s>", 3)]) if bos else ("$A </s>", [("</s>", 3)])
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(single=single, special_tokens=special)
    return tokenizer


def _wrap(backend: Tokenizer, bos: bool) -> PreTrainedTokenizerFast:
    tokens = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    if bos:
        backend.post_processor = TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 2)])
    return PreTrainedTokenizerFast(tokenizer_object=backend, **tokens)


def causal(family: str, vocab_size: int, seed: int = 0, **changes: object) -> torch.nn.Module:
    """A random causal model of a family, three layers wide 32, in evaluation mode."""
    return _random(AutoModelForCausalLM, family, vocab_size, seed, changes)


def pairs(family: str, vocab_size: int, seed: int = 0) -> torch.nn.Module:
    """A random encoder-decoder of a family, wide 32, two encoder and three decoder layers, in evaluation mode."""
    return _random(AutoModelForSeq2SeqLM, family, vocab_size, seed, {})


def encoder(vocab_size: int, seed: int = 0) -> torch.nn.Module:
    """A random BERT without a head, in evaluation mode."""
    return _random(AutoModel, "bert", vocab_size, seed, {})


def _random(kind: type, family: str, vocab_size: int, seed: int, changes: dict) -> torch.nn.Module:
    sizes = {} if family in (*OWN_SPELLING, *PAIRS) else SIZES
    special = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
    settings = {**sizes, **special, "vocab_size": vocab_size, **{**FAMILIES, **PAIRS}[family], **changes}
    torch.manual_seed(seed)
    model = kind.from_config(AutoConfig.for_model(family, **settings)).eval()
    for parameter in model.parameters():  # larger than the default start, so that wrong positions show
        parameter.data.add_(torch.randn_like(parameter) * 0.2)
    return model


def save(model: torch.nn.Module, tokenizer: PreTrainedTokenizerFast, folder: Path) -> Path:
    """Write model and tokenizer as a local folder; returns it."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
