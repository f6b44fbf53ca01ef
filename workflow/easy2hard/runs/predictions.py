"""Rules predict and predict_unsupervised: which jobs a method makes, their files and options."""

from __future__ import annotations

from typing import Any

from easy2hard import paths
from easy2hard.config import Method
from easy2hard.runs.base import arguments, plugin
from easy2hard.runs.models import ModelRuns


class PredictionRuns(ModelRuns):
    """Rules predict and predict_unsupervised."""

    def parts(self, split: str, method: str) -> list[tuple[str, list[str], list[str]]]:
        """Jobs of a method on a split: (name, measures, conditions), as the plug-in says what goes into one job."""
        chosen = self.config.splits[split]
        by = plugin(self.config.methods[method]).SPLIT_JOBS_BY
        all_measures = self.split_measures(split)
        measures = [[m] for m in all_measures] if "measure" in by else [all_measures]
        conditions = [[c] for c in chosen.conditions] if "condition" in by else [list(chosen.conditions)]
        return [(_part(m, c, by), m, c) for m in measures for c in conditions]

    def prediction_files(self, split: str, model: str, method: str) -> list[str]:
        """Predictions of a method, one file a job."""
        if not plugin(self.config.methods[method]).SUPERVISED:
            dataset = self.config.splits[split].dataset
            return [paths.UNSUPERVISED.format(dataset=dataset, model=model, method=method)]
        names = [name for name, _, _ in self.parts(split, method)]
        return [paths.PREDICTIONS.format(split=split, model=model, method=method, part=name) for name in names]

    def predict_inputs(self, split: str, model: str, method: str, part: str) -> dict[str, list[str]]:
        """Files of a supervised prediction job."""
        chosen, way = self.config.splits[split], self.config.methods[method]
        measures = self._part(split, method, part)[0]
        datasets = {"": chosen.dataset} | ({"train_": chosen.train_dataset} if chosen.train_dataset else {})
        found = {f"{role}items": [paths.ITEMS.format(dataset=name)] for role, name in datasets.items()}
        found["splits"] = [paths.SPLITS.format(split=split, measure=m) for m in measures]
        if plugin(way).NEEDS == "states":
            return found | {f"{role}states": [self._states(name, model, way)] for role, name in datasets.items()}
        return found | ({"model": self.model_files(model)} if plugin(way).NEEDS == "model" else {})

    def predict(self, split: str, model: str, method: str, part: str) -> str:
        """Options of a supervised prediction job."""
        chosen, way = self.config.splits[split], self.config.methods[method]
        measures, conditions = self._part(split, method, part)
        return arguments(
            method=way.plugin,
            options=way.options,
            prompt=self.prompt(chosen.dataset, way.prompt),
            select={"measures": measures, "conditions": conditions, "sizes": way.sizes},
            seed=self.config.seed,
            **self._model_of(way, model),
        )

    def predict_unsupervised(self, dataset: str, model: str, method: str) -> str:
        """Options of a job without training."""
        way = self.config.methods[method]
        prompt = self.prompt(dataset, way.prompt)
        given = self.model(model)
        return arguments(method=way.plugin, options=way.options, prompt=prompt, seed=self.config.seed, **given)

    def _model_of(self, way: Method, model: str) -> dict[str, Any]:
        """The model; for a method on hidden states only the device to compute on, for one on items alone nothing."""
        device = {"model_spec": {"device": self.config.models[model].device}}
        return {"model": self.model(model), "states": device, "items": {}}[plugin(way).NEEDS]

    def _part(self, split: str, method: str, part: str) -> tuple[list[str], list[str]]:
        return next((m, c) for name, m, c in self.parts(split, method) if name == part)

    def _states(self, dataset: str, model: str, way: Method) -> str:
        return paths.STATES.format(dataset=dataset, model=model, encoding=way.encoding)


def _part(measures: list[str], conditions: list[str], by: tuple[str, ...]) -> str:
    named = [*(measures if "measure" in by else []), *(conditions if "condition" in by else [])]
    return ".".join(named) or "all"
