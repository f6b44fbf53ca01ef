"""Makers of tiny random models with word-level tokenizers, for tests. Invented text only."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, PreTrainedTokenizerFast

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
    "bert": {"type_vocab_size": 2},
}
OWN_SPELLING = ("gpt2",)


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


def _wrap(backend: Tokenizer, bos: bool) -> PreTrainedTokenizerFast:
    tokens = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    if bos:
        from tokenizers.processors import TemplateProcessing

        backend.post_processor = TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 2)])
    return PreTrainedTokenizerFast(tokenizer_object=backend, **tokens)


def causal(family: str, vocab_size: int, seed: int = 0, **changes: object) -> torch.nn.Module:
    """A random causal model of a family, three layers wide 32, in evaluation mode."""
    return _random(AutoModelForCausalLM, family, vocab_size, seed, changes)


def encoder(vocab_size: int, seed: int = 0) -> torch.nn.Module:
    """A random BERT without a head, in evaluation mode."""
    return _random(AutoModel, "bert", vocab_size, seed, {})


def _random(kind: type, family: str, vocab_size: int, seed: int, changes: dict) -> torch.nn.Module:
    sizes = {} if family in OWN_SPELLING else SIZES
    special = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
    settings = {**sizes, **special, "vocab_size": vocab_size, **FAMILIES[family], **changes}
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
