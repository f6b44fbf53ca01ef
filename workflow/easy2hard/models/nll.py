"""Negative log-likelihood of whole texts, preceded only by BOS (Hase 2024, §2.2).

Texts of the same number of tokens are read together, so nothing is padded: exact for any language model. A text is
read once however often it occurs; its last token is never fed, and every logit that is made is read. An
encoder-decoder's encoder reads an empty prompt, and the text is the decoder's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from transformers import PreTrainedModel
from transformers import PreTrainedTokenizerBase as Tokenizer

from easy2hard.errors import UserError
from easy2hard.models import kinds, tree
from easy2hard.models.load import max_tokens
from easy2hard.models.tokenise import Row
from easy2hard.progress import track

Tokens = tuple[int, ...]


def start_token(tokenizer: Tokenizer) -> int:
    """BOS, whether or not the tokenizer puts it before a text. Raises UserError where there is none.

    DEVIATION: models without BOS (Falcon, GPT-NeoX) take their end-of-text token, which stands between texts in
    pretraining and so begins them.
    """
    for token in (tokenizer.bos_token_id, tokenizer.eos_token_id):
        if token is not None:
            return token
    raise UserError("the tokenizer has neither a BOS nor an EOS token, so the first token of a text has no probability")


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Tokens]:
    """Tokens of the bare texts, none added. Raises UserError for a text without tokens."""
    found = tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"] if len(texts) else []
    for text, tokens in zip(texts, found, strict=True):
        if not tokens:
            raise UserError(f"text {text[:60]!r}: no token, so it has no probability")
    return [tuple(tokens) for tokens in found]


def unknown(tokenizer: Tokenizer, rows: Sequence[Tokens]) -> int:
    """Texts that hold a token for unknown words."""
    return sum(tokenizer.unk_token_id in row for row in rows) if tokenizer.unk_token_id is not None else 0


def nll(model: PreTrainedModel, rows: Sequence[Tokens], before: Row, budget: int | None = None) -> np.ndarray:
    """Nats, float64 [rows]: minus the summed log-probability of each row's tokens after `before`.

    before: what stands before a bare text (`Encoder.unprompted`), nothing written yet. budget: tokens a forward pass;
    None: what suits the device. Raises UserError for a row longer than the model reads.
    """
    most = max_tokens(model) or sys.maxsize
    unique = sorted(set(rows), key=lambda row: (-len(row), row))
    if unique and kinds.of(model).length(before._replace(written=unique[0][:-1])) > most:
        raise UserError(f"a text has {len(unique[0])} tokens, more than the {most} that the model can read")
    found: dict[Tokens, float] = {}
    batches = list(_batches(unique, budget or tree.default_budget(model)))
    with torch.inference_mode():
        for batch in track(batches, len(batches), "reading texts", "batches"):
            found |= zip(batch, _batch(model, batch, before), strict=True)
    return np.array([found[row] for row in rows], dtype=np.float64)


def _batches(rows: list[Tokens], budget: int) -> Iterator[list[Tokens]]:
    """Rows of one length, at most `budget` tokens together and at least one; `rows` are sorted by length."""
    batch: list[Tokens] = []
    for row in rows:
        if batch and (len(row) != len(batch[0]) or len(row) * (len(batch) + 1) > budget):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _batch(model: PreTrainedModel, rows: list[Tokens], before: Row) -> list[float]:
    """Nats of rows of one length."""
    fed = kinds.of(model).feed([before._replace(written=row[:-1]) for row in rows])
    logits = model(**fed.keywords, use_cache=False).logits[:, fed.first[0] :].float()
    targets = torch.tensor(rows, device=logits.device)
    read = logits.gather(-1, targets[..., None])[..., 0] - logits.logsumexp(-1)
    return (-read.double().sum(-1)).cpu().tolist()
