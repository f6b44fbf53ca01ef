"""Rules plot, compare and report: what is shown, and how it is called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from easy2hard import identities, model_measures
from easy2hard.config import Experiment
from easy2hard.runs.base import arguments, is_world, plugin
from easy2hard.runs.data import DataRuns
from easy2hard.runs.reranking_shown import RerankingShownRuns


class FigureRuns(RerankingShownRuns, DataRuns):
    """Rules plot, compare and report."""

    def figure_datasets(self, figure: str) -> list[str]:
        """Datasets a figure shows: those it names, and those of its experiments."""
        chosen = self.config.figures[figure]
        tested = [self.split_of(self.config.experiments[name]).dataset for name in chosen.experiments]
        return sorted({*chosen.datasets, *tested})

    def figure_hardness(self, figure: str) -> list[str]:
        """Hardness tables a figure may read."""
        return [file for name in self.figure_datasets(figure) for file in self.measure_files(name)]

    def plot(self, figure: str) -> str:
        """Options of `plot`."""
        chosen = self.config.figures[figure]
        asked = chosen.published if isinstance(chosen.published, dict) else {}
        if chosen.rerankings:
            spec = self.shown_rerankings(chosen.rerankings, asked)
            spec["labels"] = self.dataset_titles(spec["datasets"])
            return arguments(figure=chosen.plugin, spec=spec, options=chosen.options or None)
        spec = self._shown(chosen.experiments, self.figure_datasets(figure))
        if chosen.published:
            spec["counterparts"] = identities.counterparts(self.config, chosen.experiments, asked)
        return arguments(figure=chosen.plugin, spec=spec, options=chosen.options or None)

    def compare(self) -> str:
        """Options of `compare`: all selected experiments and datasets, and what they are called in the paper."""
        chosen = self.config.select
        tested = [self.split_of(self.config.experiments[name]).dataset for name in chosen.experiments]
        spec = self._shown(chosen.experiments, sorted({*chosen.datasets, *tested}))
        return arguments(spec=spec | {"counterparts": identities.counterparts(self.config, chosen.experiments)})

    def _shown(self, experiments: Iterable[str], datasets: Iterable[str]) -> dict[str, Any]:
        """What a figure or the report is told: names, titles, which data are generated."""
        chosen = {name: self.config.experiments[name] for name in experiments}
        datasets = list(datasets)
        methods = {method: self.config.methods[method] for one in chosen.values() for method in one.methods}
        return {
            "experiments": list(chosen),
            "datasets": datasets,
            "titles": {name: one.title for name, one in chosen.items()},
            "methods": {name: method.title or plugin(method).TITLE for name, method in methods.items()},
            "labels": self.dataset_titles(sorted({*datasets, *self._taught_on(chosen.values())}))
            | self._measure_titles(datasets),
            "level": self.config.statistics.level,
            "generated": [name for name in datasets if is_world(self.config.datasets[name].plugin)],
            "floors": {name: one.unsupervised for name, one in chosen.items() if one.unsupervised},
        }

    def _taught_on(self, experiments: Iterable[Experiment]) -> set[str]:
        """Training datasets that are not the ones tested."""
        return {name for one in experiments if (name := self.split_of(one).train_dataset)}

    def _measure_titles(self, datasets: list[str]) -> dict[str, str]:
        """Titles of the measures read from models; the name where two datasets mean different things by it."""
        titles: dict[str, str] = {}
        for dataset in datasets:
            for measure in self.config.datasets[dataset].model_measures:
                title = model_measures.title(self.config, dataset, measure)
                titles[measure] = title if titles.get(measure, title) == title else measure
        return titles

    def report(self) -> str:
        """Options of `report`: what both studies show."""
        chosen = self.config.select
        tested = [self.split_of(self.config.experiments[name]).dataset for name in chosen.experiments]
        second = self.shown_rerankings(chosen.rerankings)
        datasets = sorted({*chosen.datasets, *tested, *second.pop("datasets")})
        shown = second | self._shown(chosen.experiments, datasets)
        named = {"figures": list(chosen.figures), "second": self.figures_of_second()}
        return arguments(spec=shown | named, config=self.config.model_dump(mode="json"))

    def figures_of_second(self) -> list[str]:
        """Selected figures of re-rankings."""
        return [name for name in self.config.select.figures if self.config.figures[name].rerankings]
