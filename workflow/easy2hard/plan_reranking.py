"""What the jobs of the second study cost: training on solutions, sampling, scoring."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from easy2hard import paths, registry, settings, tables
from easy2hard.config_reranking import Problems
from easy2hard.plan_facts import BACKWARD, PARTS, SHARES, STEPWISE, TAUGHT, WORLD_PARTS, Size
from easy2hard.plan_jobs import Job

if TYPE_CHECKING:
    from easy2hard.plan_costs import Cost
    from easy2hard.runs import Runs

SAMPLE = 60  # bytes of a stored solution a 100 characters, compressed
SCORE = 20  # bytes of the scores of a solution


class RerankingCosts:
    """Costs of the rules of the second study; mixed into `plan_costs.Plan`."""

    runs: Runs

    def _train_generator(self, job: Job) -> Cost:
        chosen, model = self.runs.config.generators[job["generator"]], job["model"]
        options = settings.options_of(registry.load("generators", chosen.plugin), chosen.options)
        length = solution_tokens(self.size(chosen.problems.dataset))
        taught = self._taught(chosen.teaching, "lessons")
        tokens = (taught or self._count(chosen.problems) * length) * options.training.epochs
        return self._training(model, tokens)

    def _sample(self, job: Job) -> Cost:
        chosen, model = self.runs.config.samplings[job["sampling"]], job["model"]
        size, texts = self.size(chosen.problems.dataset), self._count(chosen.problems) * chosen.n
        written = min(chosen.max_tokens, solution_tokens(size))
        seconds = self._writing(model, texts, written) + self._computing(model, texts / chosen.n * written)
        return self._job(model, seconds, texts * written * 4 / 100 * SAMPLE * 1e-9)

    def _train_evaluator(self, job: Job) -> Cost:
        chosen, model = self.runs.config.evaluators[job["evaluator"]], job["model"]
        options = settings.options_of(registry.load("evaluators", chosen.plugin), chosen.options)
        drawn = sum(self._tokens(name) for name in chosen.samplings)
        tokens = (drawn + self._taught(chosen.teaching, "labelled")) * options.training.epochs
        return self._training(model, tokens)

    def _score(self, job: Job) -> Cost:
        sampling, judge = self.runs.config.samplings[job["sampling"]], job["judge"]
        texts = self._count(sampling.problems) * sampling.n
        return self._job(judge, self._computing(judge, self._tokens(job["sampling"])), texts * SCORE * 1e-9)

    def _training(self, model: str, tokens: float) -> Cost:
        gpus = self.runs.training_resource(model, "gpus")
        return self._job(model, BACKWARD * self._computing(model, tokens), self._weighing(model), gpus)

    def _taught(self, names: list[str], gives: str) -> float:
        """Tokens of published training sets."""
        found = 0.0
        for chosen in (self.runs.config.teaching[name] for name in names):
            again = 1.0 if chosen.options.get("one_pass", True) else STEPWISE[gives]
            found += again * TAUGHT[chosen.plugin, gives] * SHARES.get(chosen.problems.condition, 0.2)
        return found

    def _tokens(self, sampling: str) -> float:
        """Tokens of all samples with their problems."""
        chosen = self.runs.config.samplings[sampling]
        return self._count(chosen.problems) * chosen.n * solution_tokens(self.size(chosen.problems.dataset))

    def _weighing(self, model: str) -> float:
        """Gigabytes of a trained copy of a model."""
        weights = self.weights(model)
        return weights.total * weights.bytes * 1e-9

    def _count(self, problems: Problems) -> float:
        """Problems drawn: as asked for, else those of the stored table, else as known of the loader."""
        if problems.size:
            return problems.size
        share = SHARES.get(problems.condition, 0.2)
        stored = Path(paths.ITEMS.format(dataset=problems.dataset))
        if stored.exists():
            return share * int((tables.read(stored, tables.ITEMS)["part"] == problems.part).sum())
        plugin = self.runs.config.datasets[problems.dataset].plugin
        return share * PARTS.get(plugin, WORLD_PARTS).get(problems.part, 500)


def solution_tokens(size: Size) -> float:
    """Tokens of a problem with its solution; mathematics takes more of them a word than prose."""
    return (size.question + size.solution) * 2.5
