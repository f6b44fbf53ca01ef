"""Who learns from what in the second study: problems that exist, one solution format, never what is tested on."""

from __future__ import annotations

from collections.abc import Iterator

from easy2hard import registry, solutions
from easy2hard.buckets import BUCKETS
from easy2hard.check_names import Fault, one
from easy2hard.check_teaching import solution_format
from easy2hard.conditions import value
from easy2hard.config import Config
from easy2hard.config_errors import Key
from easy2hard.config_reranking import Evaluator, Generator, Problems, Reranking
from easy2hard.config_teaching import Teaching
from easy2hard.errors import UserError
from easy2hard.settings import options_of
from easy2hard.solutions import Format

Counts = dict[float, int]  # problems by level


def check_parts(config: Config) -> Iterator[Fault]:
    """Parts, conditions and sizes of problems, as far as the dataset's plug-in tells them before any job."""
    for section in ("generators", "samplings", "teaching"):
        for name, chosen in getattr(config, section).items():
            problems = chosen.problems
            parts = _parts(problems.dataset, config)
            if parts is not None:
                key = (section, name, "problems")
                yield from one((*key, "part"), problems.part, parts, f"part of dataset '{problems.dataset}'")
                yield from _enough(key, problems, parts.get(problems.part), config)


def check_learning(config: Config) -> Iterator[Fault]:
    """Evaluators learn from and rank solutions in one format; no re-ranking solves what somebody in it learnt from."""
    for name, evaluator in config.evaluators.items():
        formats = list(_formats(evaluator, config))
        if any(layout != formats[0] for layout in formats):
            names = ", ".join(dict.fromkeys(layout.name for layout in formats))
            yield ("evaluators", name, "samplings"), f"are written in several solution formats: {names}; expected one"
    for name, chosen in config.rerankings.items():
        yield from _ranked(("rerankings", name), chosen, config)


def _parts(dataset: str, config: Config) -> dict[str, Counts | None] | None:
    """Problems of each part by level, where the plug-in of the dataset tells; None where it, or its name, does not."""
    chosen = config.datasets.get(dataset)
    if chosen is None or chosen.plugin not in registry.names("datasets"):
        return None
    plugin = registry.load("datasets", chosen.plugin)
    try:
        return plugin.parts(options_of(plugin, chosen.options)) if hasattr(plugin, "parts") else None
    except UserError:  # of the options, told elsewhere
        return None


def _enough(key: Key, problems: Problems, counts: Counts | None, config: Config) -> Iterator[Fault]:
    dataset = config.datasets[problems.dataset]
    if counts is None or (problems.condition != "all" and (problems.measure != "level" or "level" in dataset.cutoffs)):
        return
    easy, hard = registry.load("datasets", dataset.plugin).CUTOFFS["level"]
    wanted = value(problems.condition)
    found = sum(
        count
        for level, count in counts.items()
        if problems.condition == "all"
        or level == wanted
        or problems.condition == ("easy" if level <= easy else "hard" if level >= hard else "medium")
    )
    if not found:
        yield (*key, "condition"), f"part '{problems.part}' has no '{problems.condition}' problems by level"
    elif problems.size is not None and problems.size > found:
        kind = f"'{problems.condition}' problems of part '{problems.part}'"
        yield (*key, "size"), f"{problems.size} asked for, but there are {found} {kind}"


def _ranked(key: Key, chosen: Reranking, config: Config) -> Iterator[Fault]:
    samplings = [config.samplings[one] for one in (chosen.sampling, chosen.greedy) if one in config.samplings]
    writers = {one.generator for one in samplings} & set(config.generators)
    judges = [name for name in chosen.evaluators if name in config.evaluators]
    if not samplings:
        return
    for name, learnt in [*_taught(sorted(writers), config), *_judged(judges, config)]:
        if _may_share(learnt, samplings[0].problems):
            yield key, (
                f"solves '{learnt.part}' problems of dataset '{learnt.dataset}' that '{name}' learns from; take "
                "another part, or conditions that exclude each other"
            )
    written = _format(config.generators[min(writers)], config) if writers else None
    for name in judges:
        learnt = next(_formats(config.evaluators[name], config), written)
        if written is not None and learnt != written:
            yield (*key, "evaluators"), f"'{name}' reads format '{learnt.name}', what is ranked is '{written.name}'"


def _taught(writers: list[str], config: Config) -> Iterator[tuple[str, Problems]]:
    """Problems whose solutions generators are trained on."""
    for name in writers:
        generator = config.generators[name]
        if generator.plugin in registry.names("generators") and registry.load("generators", generator.plugin).TRAINS:
            sets = [config.teaching[one] for one in generator.teaching if one in config.teaching]
            for source in sets or [generator]:
                yield name, source.problems


def _judged(judges: list[str], config: Config) -> Iterator[tuple[str, Problems]]:
    """Problems with whose labelled solutions evaluators are trained."""
    for name in judges:
        evaluator = config.evaluators[name]
        sources = [config.samplings[one] for one in evaluator.samplings if one in config.samplings]
        sources += [config.teaching[one] for one in evaluator.teaching if one in config.teaching]
        for source in sources:
            yield name, source.problems


def _may_share(learnt: Problems, solved: Problems) -> bool:
    """Whether two choices of problems may hold the same one."""
    if (learnt.dataset, learnt.part) != (solved.dataset, solved.part):
        return False
    conditions = learnt.condition, solved.condition
    kinds = [all(name in BUCKETS for name in conditions), all(value(name) is not None for name in conditions)]
    return not (any(kinds) and learnt.measure == solved.measure and conditions[0] != conditions[1])


def _formats(evaluator: Evaluator, config: Config) -> Iterator[Format]:
    """Solution formats of what an evaluator learns from, those of its samplings first."""
    drawn = [config.samplings[name].generator for name in evaluator.samplings if name in config.samplings]
    sources = [config.generators[name] for name in drawn if name in config.generators]
    sources += [config.teaching[name] for name in evaluator.teaching if name in config.teaching]
    yield from filter(None, (_format(source, config) for source in sources))


def _format(source: Generator | Teaching, config: Config) -> Format | None:
    """Solution format; None where it is unknown or at fault, which is told elsewhere."""
    given = solution_format(source, config)
    try:
        return None if given is None else solutions.resolve(given)
    except UserError:
        return None
