"""A word-level tokenizer of a generated world, as a folder that transformers' AutoTokenizer loads.

One word, one token; words are separated by any white space. <bos> is put before every text unless special tokens are
switched off. Needs the tokenizers library only, so that writing one costs no import of torch or transformers.
"""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors

from easy2hard.corpora import SPECIALS
from easy2hard.errors import UserError
from easy2hard.files import replacing

PAD, BOS, EOS, UNK = SPECIALS


def build(vocabulary: list[str]) -> Tokenizer:
    """Tokenizer with the special tokens first, then the words in the given order. Raises UserError for a repeat."""
    words = [*SPECIALS, *vocabulary]
    repeated = sorted({word for word in words if words.count(word) > 1})
    if repeated:
        raise UserError(f"vocabulary of the world: words occur twice: {', '.join(repeated)}")
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token=UNK))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A $B", special_tokens=[(BOS, words.index(BOS))]
    )
    tokenizer.add_special_tokens([AddedToken(word, special=True) for word in SPECIALS])
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path, longest: int) -> None:
    """Write the folder: tokenizer.json and tokenizer_config.json. longest: tokens a model trained on it has seen."""
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "pad_token": PAD,
        "bos_token": BOS,
        "eos_token": EOS,
        "unk_token": UNK,
        "clean_up_tokenization_spaces": False,
        "model_max_length": longest,
        "padding_side": "right",
    }
    with replacing(folder) as partial:
        partial.mkdir()
        tokenizer.save(str(partial / "tokenizer.json"))
        (partial / "tokenizer_config.json").write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n")


def load(folder: Path) -> Tokenizer:
    """The tokenizer of a folder written by `save`. Raises UserError where there is none."""
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise UserError(f"{path}: no such file, expected a tokenizer folder")
    return Tokenizer.from_file(str(path))
