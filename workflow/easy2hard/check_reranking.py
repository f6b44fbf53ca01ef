"""The second study's part of the config: every name exists, everything fits."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from easy2hard import identities_reranking, registry, solutions
from easy2hard.check_names import Fault, named, one
from easy2hard.config import Config
from easy2hard.config_errors import Key
from easy2hard.config_reranking import Problems, Reranking, Sampling
from easy2hard.errors import UserError
from easy2hard.settings import faults, model_of


def check_generators(config: Config) -> Iterator[Fault]:
    """Plug-ins, problems, formats and options of the generators."""
    for name, chosen in config.generators.items():
        key = ("generators", name)
        yield from _plugin(key, "generators", chosen.plugin, chosen.options)
        yield from _problems((*key, "problems"), chosen.problems, config)
        if chosen.format is not None:
            yield from _format((*key, "format"), chosen.format)
        elif (loader := _loader(chosen.problems.dataset, config)) and not hasattr(loader, "FORMAT"):
            yield key, f"dataset '{chosen.problems.dataset}' has no solution format of its own; give a 'format'"


def check_samplings(config: Config) -> Iterator[Fault]:
    """Generators, problems and engines of the samplings."""
    for name, chosen in config.samplings.items():
        key = ("samplings", name)
        yield from one((*key, "generator"), chosen.generator, config.generators, "generator")
        yield from _problems((*key, "problems"), chosen.problems, config)
        yield from one((*key, "engine"), chosen.engine, registry.names("engines"), "engine")
        if chosen.engine in registry.names("engines"):
            model = model_of(registry.load("engines", chosen.engine))
            for part, reason in faults(model, chosen.engine_options):
                yield (*key, "engine_options", *part), reason
        loader = _loader(chosen.problems.dataset, config)
        if loader and chosen.grader is None and not hasattr(loader, "GRADER"):
            yield key, f"dataset '{chosen.problems.dataset}' has no grader of its own; give a 'grader'"


def check_evaluators(config: Config) -> Iterator[Fault]:
    """Plug-ins, samplings and options of the evaluators."""
    for name, chosen in config.evaluators.items():
        key = ("evaluators", name)
        yield from _plugin(key, "evaluators", chosen.plugin, chosen.options)
        yield from named((*key, "samplings"), chosen.samplings, config.samplings, "sampling")
        known = [config.samplings[one] for one in chosen.samplings if one in config.samplings]
        if len({sampling.problems.dataset for sampling in known}) > 1:
            yield (*key, "samplings"), "solve problems of several datasets; expected one"


def check_rerankings(config: Config) -> Iterator[Fault]:
    """Models, samplings and evaluators of the re-rankings, and whether they fit."""
    for name, chosen in config.rerankings.items():
        key = ("rerankings", name)
        yield from named((*key, "models"), chosen.models, config.models, "model")
        for part in ("sampling", "greedy"):
            yield from one((*key, part), getattr(chosen, part), config.samplings, "sampling")
        yield from named((*key, "evaluators"), chosen.evaluators, config.evaluators, "evaluator")
        yield from one((*key, "judge"), chosen.judge, config.models, "model")
        yield from one((*key, "cases"), chosen.cases, chosen.evaluators, "evaluator of this re-ranking")
        yield from _models(key, chosen, config)
        yield from _votes(key, chosen, config)
        yield from _solved(key, chosen, config)


def check_paper_names(config: Config) -> Iterator[Fault]:
    """What generators and evaluators are called in the paper exists there."""
    for full, reason in identities_reranking.faults(config, identities_reranking.named(config)):
        name, _, model = full.partition("/")
        yield ("generators" if name in config.generators else "evaluators", name, "paper", model), reason


def check_reranking_figures(config: Config) -> Iterator[Fault]:
    """Figures of re-rankings show re-rankings and nothing else."""
    for name, figure in config.figures.items():
        if figure.plugin not in registry.names("figures"):
            continue
        key, plugin = ("figures", name), registry.load("figures", figure.plugin)
        shows = getattr(plugin, "SHOWS", "experiments") == "rerankings"
        if shows and not figure.rerankings:
            yield key, f"'{figure.plugin}' shows re-rankings: name them under 'rerankings'"
        if shows and (figure.experiments or figure.datasets):
            yield key, f"'{figure.plugin}' shows re-rankings only: remove 'experiments' and 'datasets'"
        if not shows and figure.rerankings:
            yield (*key, "rerankings"), f"'{figure.plugin}' shows no re-rankings: remove them"


def models_ranked(config: Config) -> set[str]:
    """Models of the selected re-rankings."""
    chosen = [config.rerankings[name] for name in config.select.rerankings if name in config.rerankings]
    return {model for one in chosen for model in [*one.models, *filter(None, [one.judge])]}


def datasets_solved(config: Config) -> set[str]:
    """Datasets of the selected re-rankings: those of their problems, and those that somebody in them learns from."""
    found = _samplings(config)
    taught = [config.generators[one.generator] for one in found if one.generator in config.generators]
    return {one.problems.dataset for one in [*found, *taught]}


def files_named(config: Config) -> Iterator[tuple[Key, str]]:
    """Files that options of generators name, those of the selected re-rankings; with their keys."""
    writers = {sampling.generator for sampling in _samplings(config)}
    for name in sorted(writers & set(config.generators)):
        chosen = config.generators[name]
        known = chosen.plugin in registry.names("generators")
        for option in getattr(registry.load("generators", chosen.plugin), "FILES", ()) if known else ():
            if isinstance(chosen.options.get(option), str):
                yield ("generators", name, "options", option), chosen.options[option]


def _samplings(config: Config) -> list[Sampling]:
    """Samplings of the selected re-rankings: what is ranked, and what their evaluators learn from."""
    chosen = [config.rerankings[name] for name in config.select.rerankings if name in config.rerankings]
    judges = [config.evaluators[name] for one in chosen for name in one.evaluators if name in config.evaluators]
    wanted = {name for one in chosen for name in (one.sampling, one.greedy)}
    wanted |= {name for judge in judges for name in judge.samplings}
    return [config.samplings[name] for name in sorted(wanted & set(config.samplings))]


def _models(key: Key, chosen: Reranking, config: Config) -> Iterator[Fault]:
    for model in [*chosen.models, *filter(None, [chosen.judge])]:
        if model in config.models and config.models[model].kind != "causal":
            yield key, f"model '{model}' is no causal language model and writes no solutions"
    if chosen.replicates and len(chosen.models) < 2:
        yield (*key, "replicates"), "expected at least two models to average over"


def _votes(key: Key, chosen: Reranking, config: Config) -> Iterator[Fault]:
    """Numbers of samples that are drawn; greedy samplings that are greedy; evaluators with something to rank."""
    if chosen.sampling is None:
        yield key, "missing 'sampling': the solutions to vote with (a greedy sampling may be one, with 'numbers: [1]')"
    if sorted(set(chosen.numbers)) != chosen.numbers:
        yield (*key, "numbers"), f"expected each once, in ascending order, found {chosen.numbers}"
    for part in ("weighted", "best_of_n"):
        names = getattr(chosen, part)
        if len(set(names)) < len(names):
            yield (*key, part), f"expected each once, found {', '.join(names)}"
    if chosen.cases and not chosen.weighted:
        yield (*key, "cases"), "show weighted votes by the first of 'weighted', which is empty"
    drawn = config.samplings.get(chosen.sampling or "")
    if drawn and chosen.numbers and max(chosen.numbers) > drawn.n:
        yield (*key, "numbers"), f"{max(chosen.numbers)} samples a problem, but '{chosen.sampling}' draws {drawn.n}"
    greedy = config.samplings.get(chosen.greedy or "")
    if greedy and greedy.temperature > 0:
        yield (*key, "greedy"), f"sampling '{chosen.greedy}' has temperature {greedy.temperature:g}; expected 0"


def _solved(key: Key, chosen: Reranking, config: Config) -> Iterator[Fault]:
    """Sampling and greedy sampling solve the same problems by the same generator; the measure is the dataset's."""
    found = [config.samplings[name] for name in (chosen.sampling, chosen.greedy) if name in config.samplings]
    if len(found) == 2 and found[0].problems != found[1].problems:
        yield (*key, "greedy"), f"'{chosen.greedy}' and '{chosen.sampling}' solve different problems"
    if len(found) == 2 and found[0].generator != found[1].generator:
        yield (*key, "greedy"), f"'{chosen.greedy}' and '{chosen.sampling}' draw from different generators"
    dataset = found[0].problems.dataset if found else None
    if dataset in config.datasets:
        known = config.datasets[dataset].measures
        yield from one((*key, "measure"), chosen.measure, known, f"measure of dataset '{dataset}'")


def _plugin(key: Key, kind: str, name: str, options: dict) -> Iterator[Fault]:
    yield from one((*key, "plugin"), name, registry.names(kind), f"{kind[:-1]} plug-in")
    if name in registry.names(kind):
        for part, reason in faults(model_of(registry.load(kind, name)), options):
            yield (*key, "options", *part), reason


def _problems(key: Key, problems: Problems, config: Config) -> Iterator[Fault]:
    yield from one((*key, "dataset"), problems.dataset, config.datasets, "dataset")
    if problems.dataset in config.datasets:
        known = config.datasets[problems.dataset].measures
        yield from one((*key, "measure"), problems.measure, known, f"measure of dataset '{problems.dataset}'")


def _format(key: Key, given: str | dict) -> Iterator[Fault]:
    try:
        solutions.resolve(given)
    except UserError as error:
        yield key, str(error)


def _loader(dataset: str, config: Config) -> ModuleType | None:
    """The plug-in of a dataset; None where one of the two is unknown, which is said elsewhere."""
    plugin = config.datasets[dataset].plugin if dataset in config.datasets else None
    return registry.load("datasets", plugin) if plugin in registry.names("datasets") else None
