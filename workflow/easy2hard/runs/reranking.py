"""Rules of the second study: train_generator, sample, grade, label, train_evaluator, score, rerank."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from easy2hard import contents, paths, registry
from easy2hard.config_reranking import Problems
from easy2hard.runs.base import arguments, module
from easy2hard.runs.models import ModelRuns
from easy2hard.runs.teaching import TeachingRuns

SPEC = ("hub", "revision")  # of a base model; a trained one is a folder


class RerankingRuns(ModelRuns, TeachingRuns):
    """Rules of the second study."""

    # -- generators ---------------------------------------------------------------------------------------------

    def trains(self, generator: str) -> bool:
        """Whether a generator is trained, so that it has weights of its own."""
        return registry.load("generators", self.config.generators[generator].plugin).TRAINS

    def generator_plugin(self, generator: str) -> str:
        """Module of a generator's plug-in."""
        return module("generators", self.config.generators[generator].plugin)

    def format(self, generator: str) -> str | dict[str, Any]:
        """Solution format of a generator: its own, else that of its dataset."""
        chosen = self.config.generators[generator]
        return chosen.format or registry.load("datasets", self.config.datasets[chosen.problems.dataset].plugin).FORMAT

    def generator_files(self, generator: str) -> dict[str, str]:
        """Files that options of a generator name, such as fixed exemplars, by option."""
        chosen = self.config.generators[generator]
        files = getattr(registry.load("generators", chosen.plugin), "FILES", ())
        return {name: self.located(chosen.options[name]) for name in files if chosen.options.get(name)}

    def train_generator_inputs(self, generator: str, model: str) -> dict[str, str | list[str]]:
        """Problems with their hardness, published lessons, and the base model."""
        chosen = self.config.generators[generator]
        taught = {"taught": self.taught(chosen.teaching, "lessons")}
        return self.problem_files(chosen.problems) | taught | {"model": self.model_files(model)}

    def train_generator(self, generator: str, model: str) -> str:
        """Options of `train_generator`."""
        chosen = self.config.generators[generator]
        return arguments(
            generator=chosen.plugin,
            options=chosen.options,
            problems=_drawn(chosen.problems),
            format=self.format(generator),
            seed=self.config.seed,
            **self.model(model),
        )

    # -- samplings ----------------------------------------------------------------------------------------------

    def engine_plugin(self, sampling: str) -> str:
        """Module of a sampling's engine."""
        return module("engines", self.config.samplings[sampling].engine)

    def sampled_generator(self, sampling: str) -> str:
        """Module of the generator plug-in that a sampling draws from."""
        return self.generator_plugin(self.config.samplings[sampling].generator)

    def sample_inputs(self, sampling: str, model: str) -> dict[str, str | list[str]]:
        """Problems to solve, problems shown in context, and the model that writes."""
        chosen = self.config.samplings[sampling]
        shown = self.problem_files(self.config.generators[chosen.generator].problems)
        found = self.problem_files(chosen.problems) | {f"shown_{name}": file for name, file in shown.items()}
        files = list(self.generator_files(chosen.generator).values())
        return found | {"named": files, "model": self._writer_files(chosen.generator, model)}

    def sample_content(self, sampling: str, model: str) -> list[str]:
        """Digests of the local files that samples depend on: those of the model and those that options name."""
        files = self.generator_files(self.config.samplings[sampling].generator)
        return [self.model_content(model), contents.digest(files.values())]

    def sample(self, sampling: str, model: str) -> str:
        """Options of `sample`."""
        chosen = self.config.samplings[sampling]
        generator = self.config.generators[chosen.generator]
        drawn = ("n", "temperature", "top_k", "top_p", "max_tokens", "seed")
        return arguments(
            problems=_drawn(chosen.problems),
            sampling=chosen.model_dump(include=set(drawn)),
            engine=chosen.engine,
            engine_options=chosen.engine_options,
            generator=generator.plugin,
            options=generator.options | self.generator_files(chosen.generator),
            shown_problems=_drawn(generator.problems),
            format=self.format(chosen.generator),
            seed=self.config.seed,
            **self._writer(chosen.generator, model),
        )

    def _writer_files(self, generator: str, model: str) -> list[str]:
        """What a job that writes solutions waits for."""
        if not self.trains(generator):
            return self.model_files(model)
        return [
            path.format(generator=generator, model=model) for path in (paths.GENERATOR_WEIGHTS, paths.GENERATOR_RECORD)
        ]

    def _writer(self, generator: str, model: str) -> dict[str, Any]:
        """Folder and loading options of the model that writes solutions."""
        if not self.trains(generator):
            return self.model(model)
        return self.trained(paths.GENERATOR.format(generator=generator, model=model), model)

    def trained(self, folder: str, model: str) -> dict[str, Any]:
        """Folder and loading options of a model that was trained here from `model`."""
        given = self.model(model)["model_spec"]
        return {"model": folder, "model_spec": {name: value for name, value in given.items() if name not in SPEC}}

    def grade_inputs(self, sampling: str, model: str) -> dict[str, str]:
        """Samples and the items they solve."""
        dataset = self.config.samplings[sampling].problems.dataset
        samples = paths.SAMPLES.format(sampling=sampling, model=model)
        return {"samples": samples, "items": paths.ITEMS.format(dataset=dataset)}

    def graded_dataset(self, sampling: str) -> str:
        """Module of the plug-in of the dataset that a sampling solves."""
        return self.dataset_plugin(self.config.samplings[sampling].problems.dataset)

    def grade(self, sampling: str) -> str:
        """Options of `grade`."""
        chosen = self.config.samplings[sampling]
        dataset = self.config.datasets[chosen.problems.dataset]
        return arguments(
            plugin=dataset.plugin,
            options=dataset.options,
            format=self.format(chosen.generator),
            grader=chosen.grader or registry.load("datasets", dataset.plugin).GRADER,
        )

    # -- evaluators ---------------------------------------------------------------------------------------------

    def evaluator_plugin(self, evaluator: str) -> str:
        """Module of an evaluator's plug-in."""
        return module("evaluators", self.config.evaluators[evaluator].plugin)

    def label_inputs(self, evaluator: str, model: str) -> dict[str, list[str]]:
        """Graded samples that an evaluator learns from, their items, and published labels."""
        chosen = self.config.evaluators[evaluator]
        datasets = {self.config.samplings[name].problems.dataset for name in chosen.samplings}
        return {
            "samples": [paths.SAMPLES.format(sampling=name, model=model) for name in chosen.samplings],
            "grades": [paths.GRADES.format(sampling=name, model=model) for name in chosen.samplings],
            "items": [paths.ITEMS.format(dataset=name) for name in sorted(datasets)],
            "taught": self.taught(chosen.teaching, "labelled"),
        }

    def label(self, evaluator: str) -> str:
        """Options of `label`."""
        return self._of_evaluator(evaluator)

    def train_evaluator(self, evaluator: str, model: str) -> str:
        """Options of `train_evaluator`."""
        return " ".join([self._of_evaluator(evaluator), arguments(**self.model(model))])

    def _of_evaluator(self, evaluator: str) -> str:
        chosen = self.config.evaluators[evaluator]
        drawn = [self.config.samplings[name].generator for name in chosen.samplings]
        layout = self.format(drawn[0]) if drawn else self.taught_format(chosen.teaching[0])
        return arguments(evaluator=chosen.plugin, options=chosen.options, format=layout, seed=self.config.seed)

    def score_inputs(self, sampling: str, model: str, evaluator: str, judge: str) -> dict[str, str | list[str]]:
        """Samples, the items they solve, and the evaluator trained from `judge`."""
        files = (paths.EVALUATOR_WEIGHTS, paths.EVALUATOR_RECORD)
        trained = [path.format(evaluator=evaluator, model=judge) for path in files]
        return self.grade_inputs(sampling, model) | {"trained": trained}

    def score(self, sampling: str, evaluator: str, judge: str) -> str:
        """Options of `score`."""
        layout = self.format(self.config.samplings[sampling].generator)
        given = self.trained(paths.EVALUATOR.format(evaluator=evaluator, model=judge), judge)
        return arguments(evaluator=given["model"], model_spec=given["model_spec"], format=layout)

    # -- re-ranking ---------------------------------------------------------------------------------------------

    def rerank_inputs(self, reranking: str) -> dict[str, list[str]]:
        """Grades of samples and greedy solutions, scores, problems with their hardness."""
        chosen = self.config.rerankings[reranking]
        problems = self.problem_files(self.solved(reranking), chosen.measure)
        found: dict[str, list[str]] = {name: [file] for name, file in problems.items()}
        for name, sampling in (("grades", chosen.sampling), ("greedy", chosen.greedy)):
            files = [paths.GRADES.format(sampling=sampling, model=model) for model in chosen.models]
            found[name] = files if sampling else []
        found["scores"] = [
            paths.SCORES.format(sampling=chosen.sampling, model=one["model"], **_named(one))
            for one in self.scored(reranking)
        ]
        return found

    def scored(self, reranking: str) -> Iterator[dict[str, str]]:
        """Model, evaluator and judge of each score table of a re-ranking, in order."""
        chosen = self.config.rerankings[reranking]
        for model in chosen.models:
            for evaluator in chosen.evaluators:
                yield {"model": model, "evaluator": evaluator, "judge": chosen.judge or model}

    def rerank(self, reranking: str) -> str:
        """Options of `rerank`."""
        chosen = self.config.rerankings[reranking]
        kept = {"models", "replicates", "measure", "numbers", "subsets", "weighted", "best_of_n"}
        spec = chosen.model_dump(include=kept) | {
            "reranking": reranking,
            "dataset": self.solved(reranking).dataset,
            "generator": self.generator_of(reranking),
            "scores": [one | {"reads": self.reads(one["evaluator"])} for one in self.scored(reranking)],
            "seed": self.config.seed,
            **self.config.statistics.model_dump(),
        }
        return arguments(spec=spec)

    def reranked_files(self, template: str) -> list[str]:
        """Tables of the selected re-rankings."""
        return [template.format(reranking=name) for name in self.config.select.rerankings]

    def reads(self, evaluator: str) -> str:
        """Whether an evaluator is read at every step, or at the last token alone, whatever the aggregation."""
        plugin = registry.load("evaluators", self.config.evaluators[evaluator].plugin)
        return "outcome" if plugin.OUTCOME_ONLY else "steps"

    def solved(self, reranking: str) -> Problems:
        """Problems that a re-ranking solves."""
        chosen = self.config.rerankings[reranking]
        return self.config.samplings[chosen.sampling or chosen.greedy].problems

    def generator_of(self, reranking: str) -> str:
        """Generator of the solutions of a re-ranking."""
        chosen = self.config.rerankings[reranking]
        return self.config.samplings[chosen.sampling or chosen.greedy].generator

    def problem_files(self, problems: Problems, measure: str | None = None) -> dict[str, str]:
        """Items, and their hardness by a measure."""
        hardness = paths.HARDNESS.format(dataset=problems.dataset, measure=measure or problems.measure)
        return {"items": paths.ITEMS.format(dataset=problems.dataset), "hardness": hardness}


def _drawn(problems: Problems) -> dict[str, Any]:
    """What decides which problems of a dataset are taken; the name of the dataset does not."""
    return problems.model_dump(exclude={"dataset"})


def _named(scored: dict[str, str]) -> dict[str, str]:
    return {name: scored[name] for name in ("evaluator", "judge")}
