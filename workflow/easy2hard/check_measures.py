"""Hardness measures read from models, and the splits that serve them: do their names exist and fit?"""

from __future__ import annotations

from collections.abc import Iterator

from easy2hard import registry
from easy2hard.check_names import Fault, named, one
from easy2hard.config import Config, Dataset, Method, ModelMeasure, Split
from easy2hard.config_errors import Key

PREFIX = {"method": "mdl_", "text": "nll_"}  # by these Snakemake knows which rule writes a measure's table
REASONING = {"reasoning_steps", "reasoning_words"}  # a loader with one of these measures keeps the reasoning
NOT_APART = ("measures", "train_dataset", "train_measure", "test", "reserve", "standardize", "noise", "legacy")


def check_apart(config: Config) -> Iterator[Fault]:
    """Splits of the items held apart: they have no buckets, so nothing that needs buckets may be asked of them."""
    for name, split in config.splits.items():
        if split.pool != "hardness":
            continue
        for part in NOT_APART:
            if getattr(split, part) != Split.model_fields[part].get_default(call_default_factory=True):
                yield ("splits", name, part), "not with 'pool: hardness', whose items have no buckets: remove it"
        if split.conditions != ["all"]:
            yield ("splits", name, "conditions"), f"with 'pool: hardness' only [all], found {split.conditions}"
    for name, chosen in config.experiments.items():
        if chosen.split in config.splits and config.splits[chosen.split].pool == "hardness":
            yield ("experiments", name, "split"), f"'{chosen.split}' has 'pool: hardness' and no measure to test by"


def check_model_measures(config: Config) -> Iterator[Fault]:
    """Names, models, methods and splits of the measures read from models."""
    for dataset, chosen in config.datasets.items():
        for name, measure in chosen.model_measures.items():
            yield from _measure(("datasets", dataset, "model_measures", name), name, measure, dataset, config)


def models_measured(dataset: Dataset) -> set[str]:
    """Models that the measures of a dataset are read from."""
    wanted = [dataset.model_measures[name] for name in dataset.measures if name in dataset.model_measures]
    return {model for measure in wanted for model in measure.models}


def _measure(key: Key, name: str, measure: ModelMeasure, dataset: str, config: Config) -> Iterator[Fault]:
    kind = "method" if measure.method else "text"
    if not name.startswith(PREFIX[kind]):
        yield key, f"a measure by '{kind}' has a name that begins with '{PREFIX[kind]}', found '{name}'"
    if not measure.models:
        yield (*key, "models"), "expected at least one"
    yield from named((*key, "models"), measure.models, config.models, "model")
    plugin = config.datasets[dataset].plugin
    known = registry.load("datasets", plugin).MEASURES if plugin in registry.names("datasets") else REASONING
    if measure.text == "reasoning" and not REASONING & set(known):
        yield (*key, "text"), f"items of '{plugin}' have no reasoning"
    free = plugin in registry.names("datasets") and getattr(registry.load("datasets", plugin), "FREE_FORM", False)
    if measure.method and free:
        yield (*key, "method"), f"answers of '{plugin}' are free-form: no choices to be sure of, so no MDL"
    if measure.method:
        yield from one((*key, "method"), measure.method, config.methods, "method")
        yield from one((*key, "split"), measure.split, config.splits, "split")
    yield from _prompted(key, measure, config)
    if measure.method in config.methods and config.methods[measure.method].plugin in registry.names("methods"):
        yield from _method(key, measure, config)
    if measure.split in config.splits:
        yield from _split(key, name, measure, dataset, config)


def _prompted(key: Key, measure: ModelMeasure, config: Config) -> Iterator[Fault]:
    """A text, or a method that scores text, needs models that give probabilities of text."""
    way = config.methods.get(measure.method or "")
    if measure.method and (way is None or way.plugin not in registry.names("methods")):
        return
    if way is not None and registry.load("methods", way.plugin).NEEDS != "model":
        return
    for name, model in ((name, config.models[name]) for name in measure.models if name in config.models):
        if model.kind == "encoder":
            yield (*key, "models"), f"'{name}' is of kind '{model.kind}' and gives no likelihood of a text"


def _method(key: Key, measure: ModelMeasure, config: Config) -> Iterator[Fault]:
    way: Method = config.methods[measure.method]
    plugin = registry.load("methods", way.plugin)
    if getattr(plugin, "GENERATES", False):
        yield (*key, "method"), f"'{measure.method}' generates answers and gives no confidence in the choices"
    if plugin.SUPERVISED and measure.split is None:
        yield key, f"method '{measure.method}' is trained and needs a 'split' with 'pool: hardness'"
    if not plugin.SUPERVISED and measure.split is not None:
        yield (*key, "split"), f"method '{measure.method}' is not trained: remove 'split'"


def _split(key: Key, name: str, measure: ModelMeasure, dataset: str, config: Config) -> Iterator[Fault]:
    split = config.splits[measure.split]
    if name in (*split.measures, split.train_measure):
        yield (*key, "split"), f"'{measure.split}' is by '{name}' itself: expected a split with 'pool: hardness'"
    elif split.pool != "hardness":
        yield (*key, "split"), f"'{measure.split}' trains on part main: expected a split with 'pool: hardness'"
    if split.dataset != dataset:
        yield (*key, "split"), f"'{measure.split}' is of dataset '{split.dataset}', the measure of '{dataset}'"
    way = config.methods.get(measure.method or "")
    lacking = sorted(set(way.sizes) - set(split.sizes)) if way else []
    if lacking:
        yield key, f"method '{measure.method}' trains on sizes {lacking}, split '{measure.split}' draws {split.sizes}"
