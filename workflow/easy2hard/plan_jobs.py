"""Every job of a run by rule, from the run table alone: what a dry run counts, without starting Snakemake."""

from __future__ import annotations

from dataclasses import dataclass

from easy2hard import paths
from easy2hard.runs import Runs, plugin

LAST = ("collect", "check_claims", "compare", "write_report")


@dataclass(frozen=True, order=True)
class Job:
    """A job: its rule and wildcards (name, value), in the order of the benchmark file's name."""

    rule: str
    names: tuple[tuple[str, str], ...] = ()

    def __getitem__(self, name: str) -> str:
        return dict(self.names)[name]

    @property
    def benchmark(self) -> str:
        """Benchmark file that a past run of this job left."""
        file = "report" if self.rule == "write_report" else self.rule
        return paths.benchmark(file, *dict(self.names)).format(**dict(self.names))


def job(rule: str, **names: str) -> Job:
    """A job from its wildcards."""
    return Job(rule, tuple(names.items()))


def jobs(runs: Runs) -> list[Job]:
    """Every job of the target `all`, each once."""
    config, found = runs.config, set()
    for experiment, model, method in runs.cells():
        chosen = config.experiments[experiment]
        found.add(job("evaluate", experiment=experiment, model=model, method=method))
        for way in filter(None, (method, chosen.unsupervised)):
            found |= _predicting(runs, chosen.split, model, way)
        if config.models[model].pretrain:
            found |= {job("corpus", world=runs.world(model)), job("pretrain", model=model)}
    splits = {*config.select.splits, *(config.experiments[name].split for name in config.select.experiments)}
    for name in splits:
        found |= _splitting(runs, name)
    for name in config.select.datasets:
        found |= {job("fetch", dataset=name), job("card", dataset=name), job("correlate", dataset=name)}
        found |= {job("annotate", dataset=name, measure=measure) for measure in config.datasets[name].measures}
    for name in config.select.figures:
        found.add(job("plot", figure=name))
        for dataset in runs.figure_datasets(name):
            found |= {job("annotate", dataset=dataset, measure=m) for m in config.datasets[dataset].measures}
    return sorted({*found, *(job(rule) for rule in LAST)})


def _splitting(runs: Runs, name: str) -> set[Job]:
    split = runs.config.splits[name]
    found = {job("split", split=name, measure=measure) for measure in split.measures}
    found |= {job("annotate", dataset=split.dataset, measure=measure) for measure in split.measures}
    found.add(job("fetch", dataset=split.dataset))
    if split.train_dataset:
        found.add(job("fetch", dataset=split.train_dataset))
        measures = [split.train_measure] if split.train_measure else split.measures
        found |= {job("annotate", dataset=split.train_dataset, measure=measure) for measure in measures}
    return found


def _predicting(runs: Runs, split: str, model: str, method: str) -> set[Job]:
    chosen, way = runs.config.splits[split], runs.config.methods[method]
    if not plugin(way).SUPERVISED:
        return {job("predict_unsupervised", dataset=chosen.dataset, model=model, method=method)}
    found = {
        job("predict", split=split, model=model, method=method, part=part) for part, _, _ in runs.parts(split, method)
    }
    if plugin(way).NEEDS == "states":
        for dataset in filter(None, (chosen.dataset, chosen.train_dataset)):
            found.add(job("encode", dataset=dataset, model=model, encoding=way.encoding))
    return found
