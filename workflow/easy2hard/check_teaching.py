"""Published training sets: every name exists, and what learns from them can."""

from __future__ import annotations

from collections.abc import Iterator

from easy2hard import registry, solutions
from easy2hard.check_names import Fault, named, one
from easy2hard.config import Config
from easy2hard.config_errors import Key
from easy2hard.config_reranking import Evaluator, Generator
from easy2hard.config_teaching import Teaching
from easy2hard.errors import UserError
from easy2hard.settings import faults, model_of


def check_teaching(config: Config) -> Iterator[Fault]:
    """Plug-ins, sources, problems, formats and options of the training sets, and what learns from them."""
    for name, chosen in config.teaching.items():
        key = ("teaching", name)
        yield from one((*key, "plugin"), chosen.plugin, registry.names("teaching"), "teaching plug-in")
        if chosen.plugin in registry.names("teaching"):
            yield from _plugin(key, chosen)
        yield from _problems(key, chosen, config)
    for name, generator in config.generators.items():
        yield from _generator(("generators", name), generator, config)
    for name, evaluator in config.evaluators.items():
        yield from _evaluator(("evaluators", name), evaluator, config)


def teaching_used(config: Config) -> set[str]:
    """Training sets that the selected re-rankings learn from."""
    chosen = [config.rerankings[name] for name in config.select.rerankings if name in config.rerankings]
    judges = [config.evaluators[name] for one in chosen for name in one.evaluators if name in config.evaluators]
    drawn = {name for one in chosen for name in (one.sampling, one.greedy)}
    drawn |= {name for judge in judges for name in judge.samplings}
    writers = {config.samplings[name].generator for name in drawn & set(config.samplings)}
    learners = [*judges, *(config.generators[name] for name in writers & set(config.generators))]
    return {name for learner in learners for name in learner.teaching} & set(config.teaching)


def _plugin(key: Key, chosen: Teaching) -> Iterator[Fault]:
    module = registry.load("teaching", chosen.plugin)
    for part, reason in faults(model_of(module), chosen.options):
        yield (*key, "options", *part), reason
    if chosen.source is None and module.HUB is None:
        yield key, "missing 'source': a 'path' to local files, or a 'hub' id"
    if chosen.source and chosen.source.annotations:
        yield (*key, "source", "annotations"), "belongs to a dataset; remove it"


def _problems(key: Key, chosen: Teaching, config: Config) -> Iterator[Fault]:
    problems = chosen.problems
    yield from one((*key, "problems", "dataset"), problems.dataset, config.datasets, "dataset")
    if problems.dataset in config.datasets:
        known, kind = config.datasets[problems.dataset].measures, f"measure of dataset '{problems.dataset}'"
        yield from one((*key, "problems", "measure"), problems.measure, known, kind)
        if solution_format(chosen, config) is None:
            yield key, f"dataset '{problems.dataset}' has no solution format of its own; give a 'format'"
    if chosen.format is not None:
        try:
            solutions.resolve(chosen.format)
        except UserError as error:
            yield (*key, "format"), str(error)


def _generator(key: Key, generator: Generator, config: Config) -> Iterator[Fault]:
    yield from named((*key, "teaching"), generator.teaching, config.teaching, "teaching")
    yield from _gives((*key, "teaching"), generator.teaching, "lessons", config)
    if generator.teaching and generator.plugin in registry.names("generators"):
        if not registry.load("generators", generator.plugin).TRAINS:
            yield (*key, "teaching"), f"'{generator.plugin}' trains nothing and learns from no lessons"
        yield from _written((*key, "teaching"), generator.teaching, solution_format(generator, config), config)


def _evaluator(key: Key, evaluator: Evaluator, config: Config) -> Iterator[Fault]:
    yield from named((*key, "teaching"), evaluator.teaching, config.teaching, "teaching")
    yield from _gives((*key, "teaching"), evaluator.teaching, "labelled", config)
    if evaluator.plugin in registry.names("evaluators"):
        module = registry.load("evaluators", evaluator.plugin)
        if module.OUTCOME_ONLY and evaluator.teaching:
            yield (*key, "teaching"), f"'{evaluator.plugin}' learns from outcomes, and published labels are of steps"
        if module.OUTCOMES and not evaluator.samplings:
            yield (*key, "samplings"), f"'{evaluator.plugin}' learns from outcomes too; expected at least one sampling"
    drawn = [config.samplings[name] for name in evaluator.samplings if name in config.samplings]
    writers = [config.generators[one.generator] for one in drawn if one.generator in config.generators]
    formats = [solution_format(writer, config) for writer in writers]
    sets = [config.teaching[name] for name in evaluator.teaching if name in config.teaching]
    formats += [solution_format(taught, config) for taught in sets]
    if formats:
        yield from _written((*key, "teaching"), evaluator.teaching, formats[0], config)


def _gives(key: Key, names: list[str], wanted: str, config: Config) -> Iterator[Fault]:
    for index, name in enumerate(names):
        plugin = config.teaching[name].plugin if name in config.teaching else None
        if plugin in registry.names("teaching") and wanted not in registry.load("teaching", plugin).GIVES:
            yield (*key, index), f"'{plugin}' gives no {wanted}"


def _written(key: Key, names: list[str], layout: str | dict | None, config: Config) -> Iterator[Fault]:
    """Training sets in another solution format than what else is learnt, or than what will be written."""
    for index, name in enumerate(names):
        other = solution_format(config.teaching[name], config) if name in config.teaching else None
        if layout is not None and other is not None and other != layout:
            yield (*key, index), f"'{name}' is written in format {other!r}, expected {layout!r}; set its 'format'"


def solution_format(chosen: Generator | Teaching, config: Config) -> str | dict | None:
    """Solution format; None where the dataset is unknown or has none."""
    dataset = config.datasets.get(chosen.problems.dataset)
    known = dataset is not None and dataset.plugin in registry.names("datasets")
    return chosen.format or (getattr(registry.load("datasets", dataset.plugin), "FORMAT", None) if known else None)
