"""Measures read from models, as the run table needs them: their titles, which files they read, what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from easy2hard import paths, registry
from easy2hard.config import Config

if TYPE_CHECKING:
    from easy2hard.runs import Runs

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


def inputs(runs: Runs, dataset: str, measure: str) -> dict[str, list[str]]:
    """Items, and the tables a measure is averaged from, in the order of its models."""
    chosen = runs.config.datasets[dataset].model_measures[measure]
    items = [paths.ITEMS.format(dataset=dataset)]
    if chosen.text:
        return {"items": items, "nll": [paths.NLL.format(dataset=dataset, model=name) for name in chosen.models]}
    if chosen.split is None:
        found = [paths.UNSUPERVISED.format(dataset=dataset, model=m, method=chosen.method) for m in chosen.models]
    else:
        found = [file for m in chosen.models for file in runs.prediction_files(chosen.split, m, chosen.method)]
    return {"items": items, "predictions": found}


def options(runs: Runs, dataset: str, measure: str) -> str:
    """Options of `annotate_by_models`."""
    from easy2hard.runs import arguments

    chosen = runs.config.datasets[dataset].model_measures[measure]
    spec = {
        "title": title(runs.config, dataset, measure),
        "method": chosen.method and method_title(runs.config, chosen.method),
        "text": chosen.text,
        "models": chosen.models,
        "average": chosen.average,
    }
    return arguments(measure=measure, cutoffs=runs.cutoffs(dataset, measure), spec=spec)


def nll(runs: Runs, model: str) -> str:
    """Options of `nll`."""
    from easy2hard.runs import arguments

    return arguments(**runs.model(model))
