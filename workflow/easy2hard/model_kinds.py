"""Kinds of models (`models.NAME.kind`), and what a stored config.json says of one. Needs no torch."""

from __future__ import annotations

from typing import Literal

Kind = Literal["causal", "encoder", "encoder_decoder"]
CAUSAL = ("ForCausalLM", "LMHeadModel")
MASKED = ("ForMaskedLM", "ForPreTraining")


def stored(about: dict) -> Kind:
    """The kind that a model's config.json tells: `about` is its content."""
    if about.get("is_encoder_decoder"):
        return "encoder_decoder"
    return "causal" if _named(about, CAUSAL) else "encoder"


def misfit(kind: Kind, about: dict) -> str:
    """Why a model with this config.json is not used as `kind`; empty where it may be.

    Hidden states can be read of any model: `encoder` takes the body, or the encoder half of an encoder-decoder.
    """
    if kind == "encoder_decoder" and not about.get("is_encoder_decoder"):
        return "is no encoder-decoder"
    if kind == "causal" and about.get("is_encoder_decoder"):
        return "is an encoder-decoder: expected kind 'encoder_decoder' (or 'encoder', for its encoder alone)"
    if kind == "causal" and _named(about, MASKED):
        return "is an encoder, which gives no probability of a text: expected kind 'encoder'"
    return ""


def _named(about: dict, endings: tuple[str, ...]) -> bool:
    return any(name.endswith(endings) for name in about.get("architectures") or ())
