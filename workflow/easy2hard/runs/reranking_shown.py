"""Rules of the second study that show: figures, comparison with the paper, tables, case studies, claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from easy2hard import paths, registry
from easy2hard.runs.base import arguments, is_world
from easy2hard.runs.reranking import RerankingRuns


class RerankingShownRuns(RerankingRuns):
    """Rules of the second study that show."""

    def figure_tables(self, figure: str) -> dict[str, list[str]]:
        """Stored tables a figure is drawn from."""
        chosen = self.config.figures[figure]
        if chosen.rerankings:
            return {"reranked": [paths.ALL_RERANKED], "diagnosed": [paths.ALL_DIAGNOSED]}
        return {
            "results": [paths.RESULTS],
            "accuracy_by_value": [paths.ALL_BY_VALUE],
            "correlations": [paths.ALL_CORRELATIONS],
        }

    def solved_datasets(self, rerankings: Iterable[str]) -> list[str]:
        """Datasets whose problems re-rankings solve."""
        return sorted({self.solved(name).dataset for name in rerankings})

    def shown_rerankings(self, rerankings: Iterable[str], asked: Mapping[str, str] | None = None) -> dict[str, Any]:
        """What a figure of re-rankings is told. asked: more generators and evaluators of ours by the paper's names."""
        chosen = {name: self.config.rerankings[name] for name in rerankings}
        written = {self.generator_of(name) for name in chosen}
        judges = {evaluator for one in chosen.values() for evaluator in one.evaluators}
        datasets = self.solved_datasets(chosen)
        return {
            "rerankings": list(chosen),
            "reranking_titles": {name: one.title for name, one in chosen.items()},
            "generators": {name: self._title("generators", name) for name in sorted(written)},
            "evaluators": {name: self._title("evaluators", name) for name in sorted(judges)},
            "datasets": datasets,
            "generated": [name for name in datasets if is_world(self.config.datasets[name].plugin)],
            "level": self.config.statistics.level,
            "counterparts": self._counterparts(written, judges, asked or {}),
        }

    def _title(self, kind: str, name: str) -> str:
        chosen = getattr(self.config, kind)[name]
        return chosen.title or registry.load(kind, chosen.plugin).TITLE

    def _counterparts(self, written: Iterable[str], judges: Iterable[str], asked: Mapping[str, str]) -> dict[str, Any]:
        """Names of the paper by `generator/model` and `evaluator/judge`, and those asked for."""
        found = {}
        for kind, names in (("generators", sorted(written)), ("evaluators", sorted(judges))):
            known = getattr(self.config, kind)
            own = {f"{name}/{model}": said for name in names for model, said in sorted(known[name].paper.items())}
            found[kind] = own | {name: said for name, said in asked.items() if name.split("/")[0] in names}
        return found

    def compare_reranking(self) -> str:
        """Options of `compare_reranking` and `tabulate_reranking`."""
        shown = self.shown_rerankings(self.config.select.rerankings)
        return arguments(spec=shown | {"labels": self.dataset_titles(shown["datasets"])})

    def dataset_titles(self, datasets: list[str]) -> dict[str, str]:
        """Titles by dataset; datasets of one loader are told apart by their names."""
        plugins = {name: self.config.datasets[name].plugin for name in datasets}
        titles = {name: registry.load("datasets", plugin).TITLE for name, plugin in plugins.items()}
        shown = list(titles.values())
        return {name: title if shown.count(title) == 1 else f"{title} ({name})" for name, title in titles.items()}

    def with_cases(self) -> list[str]:
        """Selected re-rankings with a page of case studies."""
        return [name for name in self.config.select.rerankings if self.config.rerankings[name].cases]

    def case_inputs(self, reranking: str) -> dict[str, str]:
        """Samples of the first model, their grades and scores, problems with their hardness."""
        chosen = self.config.rerankings[reranking]
        place = {"sampling": chosen.sampling, "model": chosen.models[0]}
        judge = chosen.judge or chosen.models[0]
        return self.problem_files(self.solved(reranking), chosen.measure) | {
            "samples": paths.SAMPLES.format(**place),
            "grades": paths.GRADES.format(**place),
            "scores": paths.SCORES.format(**place, evaluator=chosen.cases, judge=judge),
        }

    def case_studies(self, reranking: str) -> str:
        """Options of `case_studies`."""
        chosen, dataset = self.config.rerankings[reranking], self.solved(reranking).dataset
        spec = {
            "title": chosen.title,
            "generator": self._title("generators", self.generator_of(reranking)),
            "evaluator": self._title("evaluators", chosen.cases),
            "dataset": self.dataset_titles([dataset])[dataset],
            "generated": is_world(self.config.datasets[dataset].plugin),
            "format": self.format(self.generator_of(reranking)),
            "reads": self.reads(chosen.cases),
            "aggregation": chosen.weighted[0],
            "seed": self.config.seed,
        }
        return arguments(spec=spec)
