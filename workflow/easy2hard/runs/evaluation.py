"""Rules evaluate and collect: one cell for each experiment, model and method."""

from __future__ import annotations

from collections.abc import Iterator

from easy2hard import paths
from easy2hard.config import Experiment
from easy2hard.runs.base import arguments, plugin
from easy2hard.runs.data import DataRuns
from easy2hard.runs.predictions import PredictionRuns


class EvaluationRuns(PredictionRuns, DataRuns):
    """Rules evaluate and collect."""

    def cells(self) -> Iterator[tuple[str, str, str]]:
        """(experiment, model, method) of every selected experiment."""
        for name in self.config.select.experiments:
            chosen = self.config.experiments[name]
            yield from ((name, model, method) for model in chosen.models for method in chosen.methods)

    def metric_files(self, template: str) -> list[str]:
        """Metric tables of the selected experiments."""
        return [template.format(experiment=e, model=m, method=w) for e, m, w in self.cells()]

    def evaluate_inputs(self, experiment: str, model: str, method: str) -> dict[str, list[str]]:
        """Predictions, the unsupervised floor, items, hardness and splits of one cell."""
        chosen = self.config.experiments[experiment]
        split = self.config.splits[chosen.split]
        floor = self.prediction_files(chosen.split, model, chosen.unsupervised) if chosen.unsupervised else []
        return {
            "predictions": self.prediction_files(chosen.split, model, method),
            "unsupervised": floor,
            "items": [paths.ITEMS.format(dataset=split.dataset)],
            "hardness": [paths.HARDNESS.format(dataset=split.dataset, measure=m) for m in split.measures],
            "splits": self.split_files(chosen.split),
            **self._oracle(chosen, model, method),
        }

    def _oracle(self, chosen: Experiment, model: str, method: str) -> dict[str, list[str]]:
        """Predictions and splits that stand for "hard" in a supervised cell of an experiment with an oracle."""
        if not chosen.oracle or not plugin(self.config.methods[method]).SUPERVISED:
            return {}
        split = self.config.experiments[chosen.oracle].split
        measures = self.config.splits[chosen.split].measures
        return {
            "oracle": self.prediction_files(split, model, method),
            "oracle_splits": [paths.SPLITS.format(split=split, measure=measure) for measure in measures],
        }

    def evaluate(self, experiment: str, model: str, method: str) -> str:
        """Options of `evaluate`."""
        split = self.split_of(self.config.experiments[experiment])
        spec = {
            "experiment": experiment,
            "dataset": split.dataset,
            "train_dataset": split.train_dataset or split.dataset,
            "model": model,
            "method": method,
            "measures": split.measures,
            "seed": self.config.seed,
            **self.config.statistics.model_dump(),
        }
        return arguments(spec=spec)

    def correlation_files(self) -> list[str]:
        """Correlation tables of the selected datasets."""
        return [paths.CORRELATIONS.format(dataset=name) for name in self.config.select.datasets]
