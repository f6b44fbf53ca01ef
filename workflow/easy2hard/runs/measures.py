"""Rules annotate_by_models and nll: hardness read from models."""

from __future__ import annotations

from easy2hard import model_measures, paths
from easy2hard.runs.base import arguments
from easy2hard.runs.data import DataRuns
from easy2hard.runs.predictions import PredictionRuns


class MeasureRuns(PredictionRuns, DataRuns):
    """Rules annotate_by_models and nll."""

    def by_models_inputs(self, dataset: str, measure: str) -> dict[str, list[str]]:
        """Items, and the tables a measure is averaged from, in the order of its models."""
        chosen = self.config.datasets[dataset].model_measures[measure]
        items = [paths.ITEMS.format(dataset=dataset)]
        if chosen.text:
            return {"items": items, "nll": [paths.NLL.format(dataset=dataset, model=name) for name in chosen.models]}
        if chosen.split is None:
            found = [paths.UNSUPERVISED.format(dataset=dataset, model=m, method=chosen.method) for m in chosen.models]
        else:
            found = [file for m in chosen.models for file in self.prediction_files(chosen.split, m, chosen.method)]
        return {"items": items, "predictions": found}

    def by_models(self, dataset: str, measure: str) -> str:
        """Options of `annotate_by_models`."""
        chosen = self.config.datasets[dataset].model_measures[measure]
        spec = {
            "title": model_measures.title(self.config, dataset, measure),
            "method": chosen.method and model_measures.method_title(self.config, chosen.method),
            "text": chosen.text,
            "models": chosen.models,
            "average": chosen.average,
        }
        return arguments(measure=measure, cutoffs=self.cutoffs(dataset, measure), spec=spec)

    def nll(self, model: str) -> str:
        """Options of `nll`."""
        return arguments(**self.model(model))
