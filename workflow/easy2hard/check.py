"""What types cannot say: every name of the config exists, everything fits, every local file is there.

Each check yields (key, fault); all faults are shown at once, before any job.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from easy2hard import corpora, identities_reranking, prompts, published, registry
from easy2hard.check_kinds import check_kinds
from easy2hard.check_learning import check_learning, check_parts
from easy2hard.check_legacy import check_legacy
from easy2hard.check_measures import check_apart, check_model_measures, models_measured
from easy2hard.check_names import Fault
from easy2hard.check_names import named as _named
from easy2hard.check_names import one as _one
from easy2hard.check_pools import check_pools
from easy2hard.check_reranking import (
    check_evaluators,
    check_generators,
    check_paper_names,
    check_reranking_figures,
    check_rerankings,
    check_samplings,
    datasets_solved,
    files_named,
    models_ranked,
)
from easy2hard.check_teaching import check_teaching, teaching_used
from easy2hard.config import Config, Dataset, Experiment, Figure, Method, Split
from easy2hard.config_errors import ConfigError, Key, invalid, place
from easy2hard.errors import UserError, nearest
from easy2hard.settings import faults, model_of


def load(settings: dict, files: Sequence[Path] = ()) -> Config:
    """The checked config. Raises ConfigError with one line a fault; `files` are searched for the lines."""
    try:
        config = Config.model_validate(settings)
    except ValidationError as error:
        raise invalid(error, Config, files) from error
    found = dict.fromkeys(f"{place(key, files)}: {reason}" for check in CHECKS for key, reason in check(config))
    if found:
        raise ConfigError(found)
    return config


def _options(key: Key, kind: str, name: str, options: dict) -> Iterator[Fault]:
    if name not in registry.names(kind):
        return
    yield from _faults(key, model_of(registry.load(kind, name)), options)


def _faults(key: Key, model: type[BaseModel], options: dict) -> Iterator[Fault]:
    for part, reason in faults(model, options):
        yield (*key, "options", *part), reason


def check_datasets(config: Config) -> Iterator[Fault]:
    """Loaders, sources, measures, cutoffs and options of the datasets."""
    for name, dataset in config.datasets.items():
        key = ("datasets", name)
        yield from _one((*key, "plugin"), dataset.plugin, registry.names("datasets"), "dataset plug-in")
        yield from _options(key, "datasets", dataset.plugin, dataset.options)
        if dataset.plugin in registry.names("datasets"):
            yield from _dataset(key, dataset)
        yield from _named((*key, "cutoffs"), dataset.cutoffs, dataset.measures, "measure of this dataset")
        yield from _prompt((*key, "prompt"), dataset.prompt, config)


def _dataset(key: Key, dataset: Dataset) -> Iterator[Fault]:
    generated = dataset.plugin.startswith("worlds/")
    if generated and dataset.source:
        yield (*key, "source"), f"'{dataset.plugin}' is generated and takes no source"
    if not generated and not dataset.source and not registry.load("datasets", dataset.plugin).HUB:
        yield key, "missing 'source': a 'path' to local files, or a 'hub' id"
    own = registry.load("datasets", dataset.plugin).MEASURES
    measures = {*own, *dataset.model_measures, *_for_all()}
    yield from _named((*key, "measures"), dataset.measures, measures, f"measure of '{dataset.plugin}'")


def _for_all() -> list[str]:
    """Measures that every dataset may use, by their own word."""
    return [name for name in registry.names("hardness") if getattr(registry.load("hardness", name), "FOR_ALL", False)]


def _prompt(key: Key, name: str | None, config: Config) -> Iterator[Fault]:
    yield from _one(key, name, {*prompts.BUILT_IN, *config.prompts}, "prompt")


def check_prompts(config: Config) -> Iterator[Fault]:
    """The user's own templates."""
    for name, template in config.prompts.items():
        for part, reason in faults(prompts.Prompt, {"name": name, **template}):
            yield ("prompts", name, *part), reason


def check_models(config: Config) -> Iterator[Fault]:
    """Worlds to pretrain on."""
    worlds = [name for name, dataset in config.datasets.items() if dataset.plugin.startswith("worlds/")]
    for name, model in config.models.items():
        if model.pretrain:
            key = ("models", name, "pretrain")
            yield from _one((*key, "world"), model.pretrain.world, worlds, "generated world")
            yield from _faults(key, corpora.Pretraining, model.pretrain.options)


def check_methods(config: Config) -> Iterator[Fault]:
    """Plug-ins, options, encodings and sizes of the methods."""
    for name, method in config.methods.items():
        key = ("methods", name)
        yield from _one((*key, "plugin"), method.plugin, registry.names("methods"), "method plug-in")
        yield from _options(key, "methods", method.plugin, method.options)
        yield from _prompt((*key, "prompt"), method.prompt, config)
        yield from _one((*key, "encoding"), method.encoding, config.encodings, "encoding")
        if method.plugin in registry.names("methods"):
            yield from _method(key, method)
    for name, encoding in config.encodings.items():
        yield from _prompt(("encodings", name, "prompt"), encoding.prompt, config)


def _method(key: Key, method: Method) -> Iterator[Fault]:
    chosen = registry.load("methods", method.plugin)
    if (chosen.NEEDS == "states") != (method.encoding is not None):
        yield (
            key,
            "this method reads hidden states and needs an 'encoding'"
            if method.encoding is None
            else (f"'{method.plugin}' reads no hidden states: remove 'encoding'"),
        )
    if len(set(method.sizes)) != len(method.sizes):
        yield (*key, "sizes"), f"expected each value once, found {method.sizes}"
    if bool(method.sizes) != chosen.SUPERVISED:
        yield key, "a supervised method needs 'sizes'" if chosen.SUPERVISED else "an unsupervised method has no 'sizes'"


def check_splits(config: Config) -> Iterator[Fault]:
    """Datasets, measures, conditions and sizes of the splits."""
    for name, split in config.splits.items():
        key = ("splits", name)
        yield from _one((*key, "dataset"), split.dataset, config.datasets, "dataset")
        yield from _one((*key, "train_dataset"), split.train_dataset, config.datasets, "dataset")
        if split.dataset in config.datasets:
            known = config.datasets[split.dataset].measures
            yield from _named((*key, "measures"), split.measures, known, f"measure of dataset '{split.dataset}'")
        if split.train_dataset == split.dataset:
            yield (*key, "train_dataset"), "is the dataset that tests; leave it out to train on the same one"
        elif split.train_dataset in config.datasets:
            known = config.datasets[split.train_dataset].measures
            asked = [split.train_measure] if split.train_measure else split.measures
            yield from _named((*key, "train_measure"), asked, known, f"measure of '{split.train_dataset}'")
        if split.noise:
            yield from _named((*key, "noise", "rates"), split.noise.rates, split.conditions, "condition of this split")
        yield from _sizes(key, split)


def _sizes(key: Key, split: Split) -> Iterator[Fault]:
    for part in ("measures", "conditions", "sizes"):
        values = getattr(split, part)
        if not values and not (part == "measures" and split.pool == "hardness"):
            yield (*key, part), "expected at least one"
        if len(set(values)) != len(values):
            yield (*key, part), f"expected each value once, found {values}"
    if split.train_measure and not split.train_dataset:
        yield (*key, "train_measure"), "belongs to a 'train_dataset'"


def check_experiments(config: Config) -> Iterator[Fault]:
    """Splits, models and methods of the experiments, and whether they fit."""
    for name, chosen in config.experiments.items():
        key = ("experiments", name)
        yield from _one((*key, "split"), chosen.split, config.splits, "split")
        yield from _named((*key, "models"), chosen.models, config.models, "model")
        yield from _named((*key, "methods"), chosen.methods, config.methods, "method")
        for part in ("models", "methods"):
            if not getattr(chosen, part):
                yield (*key, part), "expected at least one"
        yield from _one((*key, "unsupervised"), chosen.unsupervised, config.methods, "method")
        if chosen.unsupervised in config.methods and config.methods[chosen.unsupervised].sizes:
            yield (*key, "unsupervised"), f"'{chosen.unsupervised}' is supervised; expected a method without sizes"
        yield from _fits(key, chosen, config)
        yield from _noisy(key, chosen, config)
        yield from _oracle(key, chosen, config)


def _noisy(key: Key, chosen: Experiment, config: Config) -> Iterator[Fault]:
    """Methods that would ignore the wrong labels of a split."""
    noise = config.splits[chosen.split].noise if chosen.split in config.splits else None
    for name in chosen.methods if noise else []:
        plugin = config.methods[name].plugin if name in config.methods else None
        module = registry.load("methods", plugin) if plugin in registry.names("methods") else None
        if module and module.SUPERVISED and not getattr(module, "NOISY_LABELS", False):
            yield key, f"method '{name}' cannot train on wrong labels, which split '{chosen.split}' has under 'noise'"


def _oracle(key: Key, chosen: Experiment, config: Config) -> Iterator[Fault]:
    """The oracle tests the same dataset by the same measures, with the same models, methods and sizes, hard-trained."""
    yield from _one((*key, "oracle"), chosen.oracle, config.experiments, "experiment")
    other = config.experiments.get(chosen.oracle or "")
    if other is None or not {chosen.split, other.split} <= set(config.splits):
        return
    own, theirs = config.splits[chosen.split], config.splits[other.split]
    supervised = [name for name in chosen.methods if name in config.methods and config.methods[name].sizes]
    wanted = {
        "dataset": ([own.dataset], [theirs.dataset]),
        "measure": (own.measures, theirs.measures),
        "condition": (["hard"], theirs.conditions),
        "model": (chosen.models, other.models),
        "method": (supervised, other.methods),
    }
    for kind, (needed, found) in wanted.items():
        for name in sorted(set(needed) - set(found)):
            yield (*key, "oracle"), f"experiment '{chosen.oracle}' does not have {kind} '{name}'"


def _fits(key: Key, chosen: Experiment, config: Config) -> Iterator[Fault]:
    """Sizes the split does not draw."""
    methods = {name: config.methods[name] for name in chosen.methods if name in config.methods}
    if chosen.split in config.splits:
        drawn = config.splits[chosen.split].sizes
        for name, method in methods.items():
            lacking = sorted(set(method.sizes) - set(drawn))
            if lacking:
                yield key, f"method '{name}' trains on sizes {lacking}, split '{chosen.split}' draws {sorted(drawn)}"


def check_answers(config: Config) -> Iterator[Fault]:
    """Free-form datasets need methods that write answers; reasoning in context needs a prompt that shows it."""
    for name, chosen in config.experiments.items():
        asked = config.splits[chosen.split].dataset if chosen.split in config.splits else ""
        for method in [*chosen.methods, *filter(None, [chosen.unsupervised])]:
            if asked in config.datasets and method in config.methods:
                yield from _answers(("experiments", name), asked, method, config)


def _answers(key: Key, asked: str, method: str, config: Config) -> Iterator[Fault]:
    way, dataset = config.methods[method], config.datasets[asked]
    if way.plugin not in registry.names("methods") or dataset.plugin not in registry.names("datasets"):
        return
    chosen = registry.load("methods", way.plugin)
    writes = getattr(chosen, "GENERATES", False)
    if getattr(registry.load("datasets", dataset.plugin), "FREE_FORM", False) and not writes:
        yield key, f"dataset '{asked}' has free-form answers, but '{method}' chooses among choices; use a *_cot method"
    template = _template(way.prompt or dataset.prompt, config)
    if template is None:
        return
    if writes and chosen.SUPERVISED and "{solution}" not in template.example:
        yield key, f"'{method}' teaches reasoning, but the examples of prompt '{template.name}' show no {{solution}}"
    if way.options.get("normalise") == "pmi" and not template.cue:
        yield key, f"'{method}' normalises by PMI, but prompt '{template.name}' has no 'cue' to read the prior after"


def _template(name: str, config: Config) -> prompts.Prompt | None:
    """The template of a name; None where it is unknown or faulty, which is said elsewhere."""
    try:
        return prompts.resolve({"name": name, **config.prompts[name]} if name in config.prompts else name)
    except UserError:
        return None


def check_figures(config: Config) -> Iterator[Fault]:
    """Plug-ins, experiments and datasets of the figures."""
    for name, figure in config.figures.items():
        key = ("figures", name)
        yield from _one((*key, "plugin"), figure.plugin, registry.names("figures"), "figure plug-in")
        yield from _named((*key, "experiments"), figure.experiments, config.experiments, "experiment")
        yield from _named((*key, "datasets"), figure.datasets, config.datasets, "dataset")
        yield from _named((*key, "rerankings"), figure.rerankings, config.rerankings, "reranking")
        yield from _options(key, "figures", figure.plugin, figure.options)
        yield from _figure_faults(key, figure)
        if figure.published and figure.plugin in registry.names("figures"):
            yield from _published((*key, "published"), figure, config)


def _figure_faults(key: Key, figure: Figure) -> Iterator[Fault]:
    """What the plug-in itself says of options that have the right types."""
    module = registry.load("figures", figure.plugin) if figure.plugin in registry.names("figures") else None
    if hasattr(module, "faults") and not list(_options(key, "figures", figure.plugin, figure.options)):
        for reason in module.faults(model_of(module).model_validate(figure.options), figure.experiments):
            yield (*key, "options"), reason


def _published(key: Key, figure: Figure, config: Config) -> Iterator[Fault]:
    """Overlays of figures without a counterpart, of unknown datasets, or of a dataset the paper does not have."""
    if not getattr(registry.load("figures", figure.plugin), "OVERLAY", ""):
        yield key, f"the paper has no counterpart of '{figure.plugin}'; remove 'published'"
    asked = figure.published if isinstance(figure.published, dict) else {}
    if figure.rerankings:
        yield from (((*key, name), reason) for name, reason in identities_reranking.faults(config, asked))
        return
    yield from _named(key, asked, config.datasets, "dataset")
    for name, stands_for in asked.items():
        yield from _one((*key, name), stands_for, published.DATASETS, "dataset of the paper")


def check_selection(config: Config) -> Iterator[Fault]:
    """Everything selected is defined, and what figures show is selected."""
    chosen = config.select
    for kind in ("datasets", "splits", "experiments", "rerankings", "figures"):
        known = getattr(config, kind)
        yield from _named(("select", kind), getattr(chosen, kind), known, kind[:-1])
    for figure in (config.figures[name] for name in chosen.figures if name in config.figures):
        for kind in ("experiments", "datasets", "rerankings"):
            for name in sorted(set(getattr(figure, kind)) - set(getattr(chosen, kind))):
                yield ("select", kind), f"a selected figure shows '{name}', which is not selected"


def check_files(config: Config) -> Iterator[Fault]:
    """Local files of what is selected exist."""
    root = Path(config.data_root)
    splits = [config.splits[name] for name in _used_splits(config)]
    taught = {name: config.teaching[name] for name in sorted(teaching_used(config))}
    for name, chosen in taught.items():
        yield from _exists(("teaching", name, "source", "path"), chosen.source and chosen.source.path, root)
    for key, file in files_named(config):
        yield from _exists(key, file, root)
    used = {
        *datasets_solved(config),
        *(chosen.problems.dataset for chosen in taught.values()),
        *config.select.datasets,
        *(s.dataset for s in splits),
        *(s.train_dataset for s in splits if s.train_dataset),
    }
    for name in sorted(used & set(config.datasets)):
        source = config.datasets[name].source
        for part in ("path", "annotations") if source else ():
            yield from _exists(("datasets", name, "source", part), getattr(source, part), root)
    models = {m for e in config.select.experiments if e in config.experiments for m in config.experiments[e].models}
    models |= models_ranked(config)
    models |= {model for name in used & set(config.datasets) for model in models_measured(config.datasets[name])}
    for name in sorted(models & set(config.models)):
        yield from _exists(("models", name, "path"), config.models[name].path, root)


def _used_splits(config: Config) -> list[str]:
    tested = {config.experiments[e].split for e in config.select.experiments if e in config.experiments}
    return sorted({*config.select.splits, *tested} & set(config.splits))


def _exists(key: Key, path: str | None, root: Path) -> Iterator[Fault]:
    if path is not None and set("{}") & set(str(root / path)):
        yield key, f"'{root / path}': braces in a path mean wildcards to Snakemake; rename the folder"
    elif path is not None and not (root / path).exists():
        parent = (root / path).parent
        beside = [found.name for found in parent.iterdir()] if parent.is_dir() else []
        yield key, f"no such file or folder: {root / path}{nearest(Path(path).name, beside)}"


CHECKS = (
    check_datasets,
    check_prompts,
    check_models,
    check_kinds,
    check_methods,
    check_splits,
    check_pools,
    check_apart,
    check_legacy,
    check_model_measures,
    check_experiments,
    check_answers,
    check_generators,
    check_samplings,
    check_evaluators,
    check_teaching,
    check_parts,
    check_learning,
    check_rerankings,
    check_paper_names,
    check_reranking_figures,
    check_figures,
    check_selection,
    check_files,
)
