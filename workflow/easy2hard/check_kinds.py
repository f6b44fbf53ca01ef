"""Whether models are of the kind the config says, and methods fit them: as far as it is known before a job."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from easy2hard import corpora, model_kinds, registry
from easy2hard.check_names import Fault
from easy2hard.config import Config, Experiment, Model, Pretraining
from easy2hard.config_errors import Key


def check_kinds(config: Config) -> Iterator[Fault]:
    """Kinds of the models, architectures that a world can examine, methods that score text of an encoder."""
    for name, model in config.models.items():
        yield from _kind(("models", name), model, Path(config.data_root))
        if model.pretrain:
            yield from _examinable(("models", name, "pretrain", "options", "architecture"), model.pretrain, config)
    for name, chosen in config.experiments.items():
        yield from _methods(("experiments", name), chosen, config)


def _kind(key: Key, model: Model, root: Path) -> Iterator[Fault]:
    """Models pretrained here are causal; what a local model is stands in its config.json."""
    path = root / model.path / "config.json" if model.path else None
    about = {"architectures": [model_kinds.CAUSAL[0]]} if model.pretrain else {}
    if path and path.is_file():
        try:
            about = dict(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            yield key, f"{path}: is no JSON object ({error})"
            return
    if reason := model_kinds.misfit(model.kind, about) if about else "":
        yield (*key, "kind"), f"'{key[1]}' {reason}"


def _examinable(key: Key, pretrain: Pretraining, config: Config) -> Iterator[Fault]:
    """A world of worked solutions is examined by texts that a model writes from a cache of keys and values."""
    plugin = config.datasets[pretrain.world].plugin if pretrain.world in config.datasets else ""
    free = plugin in registry.names("datasets") and getattr(registry.load("datasets", plugin), "FREE_FORM", False)
    chosen = pretrain.options.get("architecture", corpora.WITH_ATTENTION[0])
    if free and chosen not in corpora.WITH_ATTENTION:
        yield key, f"'{chosen}' cannot write for the exam of '{plugin}': expected {' or '.join(corpora.WITH_ATTENTION)}"


def _methods(key: Key, chosen: Experiment, config: Config) -> Iterator[Fault]:
    """Methods that score text beside an encoder, which has none."""
    encoders = [name for name in chosen.models if name in config.models and config.models[name].kind == "encoder"]
    for name in [*chosen.methods, *filter(None, [chosen.unsupervised])] if encoders else []:
        known = name in config.methods and config.methods[name].plugin in registry.names("methods")
        if known and registry.load("methods", config.methods[name].plugin).NEEDS == "model":
            yield (
                key,
                f"method '{name}' scores text, which encoder '{encoders[0]}' cannot; use a method on hidden states",
            )
