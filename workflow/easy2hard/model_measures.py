"""Titles of the measures that are read from models."""

from __future__ import annotations

from easy2hard import registry
from easy2hard.config import Config

TEXTS = {"question": "the question", "answer": "the right answer", "reasoning": "the reasoning"}


def title(config: Config, dataset: str, measure: str) -> str:
    """What a reader should call a measure: as given, else from its method or text."""
    chosen = config.datasets[dataset].model_measures[measure]
    if chosen.title:
        return chosen.title
    normed = ", normed" if chosen.average == "normed" else ""
    if chosen.text:
        return f"NLL of {TEXTS[chosen.text]}{normed}"
    return f"MDL, {_inside(method_title(config, chosen.method))}{normed}"


def _inside(text: str) -> str:
    """A title inside a sentence: a first word like `Linear` begins small, one like `LoRA` or `ICL` does not."""
    return text[0].lower() + text[1:] if text.split()[0][1:].islower() else text


def method_title(config: Config, method: str) -> str:
    """What a reader should call a method."""
    way = config.methods[method]
    return way.title or registry.load("methods", way.plugin).TITLE
