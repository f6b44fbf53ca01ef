"""What differs between kinds of models, in one place: what a forward pass is fed, and where its output is read.

One sequence: whatever reads from left to right (transformers, mixtures of experts, state-space and recurrent models),
and encoders. Two sequences: an encoder-decoder has the prompt in its encoder; its decoder gets the start token, what
the tokenizer begins a text with, and the continuation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import DynamicCache, EncoderDecoderCache, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput

from easy2hard.models.tokenise import Row

ONE_BY_ONE = ("rwkv",)  # a step of transformers' module for these adds states of the batch's other rows to each row


@dataclass(frozen=True)
class Fed:
    """Keywords of a forward pass over B rows; mask [B, T], 1 at the places of its output that are a row's own.

    first: [B], the place from which the first token of the continuation is read; the next token from the next place.
    """

    keywords: dict[str, object]
    mask: Tensor
    first: np.ndarray


class OneSequence:
    """Prompt and continuation one after the other, right padded."""

    start: int | None = None

    @staticmethod
    def cache() -> dict[str, object]:
        """Keywords of `generate` for its cache: its own choice."""
        return {}

    def __init__(self, model: PreTrainedModel):
        self.model = model

    def feed(self, rows: Sequence[Row]) -> Fed:
        """What the rows are as input. Padding stands behind a row, where nothing that is read can see it."""
        ids, mask = padded([[*row.prompt, *row.written] for row in rows], self.model)
        first = np.array([len(row.prompt) - 1 for row in rows])
        return Fed({"input_ids": ids, "attention_mask": mask}, mask, first)

    def length(self, row: Row) -> int:
        """Positions the row takes."""
        return len(row.prompt) + len(row.written)

    def stack(self) -> tuple[PreTrainedModel, int]:
        """The module that holds the blocks whose states are read, and how many there are."""
        return self.model, self.model.config.num_hidden_layers


class TwoSequences:
    """Prompt in the encoder, continuation in the decoder, both right padded; a prompt of several rows is read once."""

    def __init__(self, model: PreTrainedModel):
        self.model = model

    def feed(self, rows: Sequence[Row]) -> Fed:
        """What the rows are as input: the encoder has read the prompts when this returns."""
        prompts = {prompt: number for number, prompt in enumerate(dict.fromkeys(row.prompt for row in rows))}
        ids, mask = padded(list(prompts), self.model)
        read = self.model.get_encoder()(input_ids=ids, attention_mask=mask).last_hidden_state
        of_row = torch.tensor([prompts[row.prompt] for row in rows], device=read.device)
        written, own = padded([[self.start, *row.opening, *row.written] for row in rows], self.model)
        keywords = {
            "encoder_outputs": BaseModelOutput(last_hidden_state=read.index_select(0, of_row)),
            "attention_mask": mask.to(read.device).index_select(0, of_row),
            "decoder_input_ids": written,
            "decoder_attention_mask": own,
        }
        return Fed(keywords, own, np.array([len(row.opening) for row in rows]))

    def length(self, row: Row) -> int:
        """Positions the row takes, in the encoder or in the decoder, whichever are more."""
        return max(len(row.prompt), 1 + len(row.opening) + len(row.written))

    def stack(self) -> tuple[PreTrainedModel, int]:
        """The decoder and how many blocks it has."""
        config = self.model.config
        count = getattr(config, "decoder_layers", None) or getattr(config, "num_decoder_layers", None)
        return self.model.get_decoder(), count or config.num_hidden_layers

    @staticmethod
    def cache() -> dict[str, object]:
        """Keywords of `generate` for its cache, which would have no more layers than the encoder has."""
        return {"past_key_values": EncoderDecoderCache(DynamicCache(), DynamicCache())}

    @property
    def start(self) -> int:
        """The token a decoder begins with; the padding token where the model names none, as in T5."""
        start = getattr(self.model.config, "decoder_start_token_id", None)
        return self.model.config.pad_token_id if start is None else start


def of(model: PreTrainedModel) -> OneSequence | TwoSequences:
    """How this model is fed."""
    return (TwoSequences if model.config.is_encoder_decoder else OneSequence)(model)


def writes_at_once(model: PreTrainedModel, rows: int) -> int:
    """How many of `rows` texts transformers' `generate` may write together so that each is what it would be alone."""
    return 1 if model.config.model_type in ONE_BY_ONE else rows


def padded(rows: Sequence[Sequence[int]], model: PreTrainedModel) -> tuple[Tensor, Tensor]:
    """Token ids [B, T], 0 behind the end of a row, and mask [B, T], on the device of the model's embeddings."""
    device = model.get_input_embeddings().weight.device
    ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True).to(device)
    lengths = torch.tensor([len(row) for row in rows], device=device)
    return ids, (torch.arange(ids.shape[1], device=device) < lengths[:, None]).long()
