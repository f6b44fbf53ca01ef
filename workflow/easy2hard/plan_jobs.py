"""Every job of a run by rule, from the run table alone: what a dry run counts, without starting Snakemake."""

from __future__ import annotations

from dataclasses import dataclass

from easy2hard import apart, paths
from easy2hard.config import Experiment
from easy2hard.runs import Runs, plugin

COLLECTED = ("collect_reranked", "check_reranking_claims", "compare_reranking", "tabulate_reranking")
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
        found.add(job("evaluate", experiment=experiment, model=model, method=method))
        found |= _evaluating(runs, config.experiments[experiment], model, method)
    for name in {*config.select.splits, *(config.experiments[name].split for name in config.select.experiments)}:
        found |= _splitting(runs, name)
    for name in config.select.datasets:
        found |= {job("card", dataset=name), job("correlate", dataset=name)} | _measuring(runs, name)
    for name in config.select.rerankings:
        found |= {job("rerank", reranking=name), *map(job, COLLECTED)} | _reranking(runs, name)
    found |= {job("case_studies", reranking=name) for name in runs.with_cases()}
    found |= {job("examples", experiment=name) for name in runs.with_examples()}
    for name in config.select.figures:
        found.add(job("plot", figure=name))
        for dataset in runs.figure_datasets(name):
            found |= _measuring(runs, dataset)
    return sorted({*found, *(job(rule) for rule in LAST)})


def models(runs: Runs) -> set[str]:
    """Names of the models that any job reads."""
    return {found["model"] for found in jobs(runs) if "model" in dict(found.names)}


def _evaluating(runs: Runs, chosen: Experiment, model: str, method: str) -> set[Job]:
    """What one cell reads: its predictions, the floor's, the oracle's."""
    found = _predicting(runs, chosen.split, model, method)
    if chosen.unsupervised:
        found |= _predicting(runs, chosen.split, model, chosen.unsupervised)
    if chosen.oracle and plugin(runs.config.methods[method]).SUPERVISED:
        found |= _predicting(runs, runs.config.experiments[chosen.oracle].split, model, method)
    return found


def _measuring(runs: Runs, dataset: str) -> set[Job]:
    """All hardness tables of a dataset and what they need."""
    measures = runs.config.datasets[dataset].measures
    return {job("fetch", dataset=dataset)}.union(*(_annotating(runs, dataset, measure) for measure in measures))


def _annotating(runs: Runs, dataset: str, measure: str) -> set[Job]:
    """One hardness table; a measure read from models needs predictions or likelihoods of each."""
    found = {job("fetch", dataset=dataset)}
    chosen = runs.config.datasets[dataset].model_measures.get(measure)
    if chosen is None:
        return found | {job("annotate", dataset=dataset, measure=measure)}
    found.add(job("annotate_by_models", dataset=dataset, measure=measure))
    for model in chosen.models:
        found |= _modelling(runs, model)
        if chosen.text:
            found.add(job("nll", dataset=dataset, model=model))
        elif chosen.split:
            found |= _predicting(runs, chosen.split, model, chosen.method)
        else:
            found.add(job("predict_unsupervised", dataset=dataset, model=model, method=chosen.method))
    return found


def _modelling(runs: Runs, model: str) -> set[Job]:
    if not runs.config.models[model].pretrain:
        return set()
    return {job("corpus", world=runs.world(model)), job("pretrain", model=model)}


def _splitting(runs: Runs, name: str) -> set[Job]:
    split = runs.config.splits[name]
    found = {job("fetch", dataset=split.dataset)}
    if split.pool == "hardness":
        return found | {job("split_apart", split=name, measure=apart.MEASURE)}
    for measure in split.measures:
        found |= {job("split", split=name, measure=measure)} | _annotating(runs, split.dataset, measure)
    if split.train_dataset:
        for measure in [split.train_measure] if split.train_measure else split.measures:
            found |= _annotating(runs, split.train_dataset, measure)
    return found


def _reranking(runs: Runs, name: str) -> set[Job]:
    """What a re-ranking reads: samples, greedy ones too, grades, scores."""
    chosen, found = runs.config.rerankings[name], set()
    for sampling in filter(None, (chosen.sampling, chosen.greedy)):
        problems = runs.config.samplings[sampling].problems
        found |= _annotating(runs, problems.dataset, chosen.measure)
        for model in chosen.models:
            found |= _sampling(runs, sampling, model)
    for scored in runs.scored(name):
        found |= {job("score", sampling=chosen.sampling, **scored)} | _judging(runs, **scored)
    return found


def _sampling(runs: Runs, sampling: str, model: str) -> set[Job]:
    """Graded samples, the generator that draws them and the problems it learnt from."""
    chosen = runs.config.samplings[sampling]
    generator = runs.config.generators[chosen.generator]
    found = {job(rule, sampling=sampling, model=model) for rule in ("sample", "grade")} | _modelling(runs, model)
    if runs.trains(chosen.generator):
        found.add(job("train_generator", generator=chosen.generator, model=model))
    for problems in (chosen.problems, generator.problems):
        found |= _annotating(runs, problems.dataset, problems.measure)
    return found | _teaching(runs, generator.teaching, "lessons")


def _teaching(runs: Runs, names: list[str], gives: str) -> set[Job]:
    """Published training sets and the problems they are about."""
    found: set[Job] = set()
    for name in names:
        problems = runs.config.teaching[name].problems
        found |= {job("teach", teaching=name, gives=gives)} | _annotating(runs, problems.dataset, problems.measure)
    return found


def _judging(runs: Runs, model: str, evaluator: str, judge: str) -> set[Job]:
    """An evaluator and the graded samples it learns from."""
    found = {job(rule, evaluator=evaluator, model=judge) for rule in ("label", "train_evaluator")}
    for sampling in runs.config.evaluators[evaluator].samplings:
        found |= _sampling(runs, sampling, judge)
    return found | _teaching(runs, runs.config.evaluators[evaluator].teaching, "labelled")


def _predicting(runs: Runs, split: str, model: str, method: str) -> set[Job]:
    chosen, way = runs.config.splits[split], runs.config.methods[method]
    if not plugin(way).SUPERVISED:
        found = {job("predict_unsupervised", dataset=chosen.dataset, model=model, method=method)}
        return found | _modelling(runs, model) | {job("fetch", dataset=chosen.dataset)}
    found = _splitting(runs, split) | _modelling(runs, model)
    found |= {job("predict", split=split, model=model, method=method, part=p) for p, _, _ in runs.parts(split, method)}
    if plugin(way).NEEDS == "states":
        for dataset in filter(None, (chosen.dataset, chosen.train_dataset)):
            found.add(job("encode", dataset=dataset, model=model, encoding=way.encoding))
    return found
