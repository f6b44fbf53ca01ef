"""Rule examples: which experiments have a page, and what it shows."""

from __future__ import annotations

from typing import Any

from easy2hard import conditions, paths
from easy2hard.config import Experiment
from easy2hard.runs.base import arguments, plugin
from easy2hard.runs.evaluation import EvaluationRuns


class ExampleRuns(EvaluationRuns):
    """Rule examples."""

    def with_examples(self) -> list[str]:
        """Selected experiments that compare a method trained on true labels with the model without training."""
        chosen = {name: self.config.experiments[name] for name in self.config.select.experiments}
        return [name for name, one in chosen.items() if one.unsupervised and self._trained(one) and self._true(one)]

    def example_inputs(self, experiment: str) -> dict[str, list[str]]:
        """Items, hardness and split of the first measure, predictions of the first model."""
        chosen = self.config.experiments[experiment]
        split, model, method = self.split_of(chosen), chosen.models[0], self.shown_method(experiment)
        measure = split.measures[0]
        floor = {"dataset": split.dataset, "model": model, "method": chosen.unsupervised}
        parts = [part for part, measures, _ in self.parts(chosen.split, method) if measure in measures]
        place = {"split": chosen.split, "model": model, "method": method}
        return {
            "items": [paths.ITEMS.format(dataset=split.dataset)],
            "train_items": [paths.ITEMS.format(dataset=split.train_dataset)] if split.train_dataset else [],
            "hardness": [paths.HARDNESS.format(dataset=split.dataset, measure=measure)],
            "split": [paths.SPLITS.format(split=chosen.split, measure=measure)],
            "unsupervised": [paths.UNSUPERVISED.format(**floor)],
            "predictions": [paths.PREDICTIONS.format(**place, part=part) for part in parts],
        }

    def examples(self, experiment: str) -> str:
        """Options of `examples`."""
        chosen = self.config.experiments[experiment]
        method, split = self.shown_method(experiment), self.split_of(chosen)
        others = [name for name in chosen.methods if name not in (chosen.unsupervised, method)]
        asking = [name for name in others if plugin(self.config.methods[name]).NEEDS != "items"]
        told = [self._told(split.dataset, name) for name in (str(chosen.unsupervised), method, *asking)]
        spec = {
            "title": chosen.title,
            "model": chosen.models[0],
            "measure": split.measures[0],
            "condition": self._condition(chosen),
            "size": max(self.config.methods[method].sizes),
            "methods": told,
        }
        return arguments(spec=spec)

    def shown_method(self, experiment: str) -> str:
        """The trained method whose predictions are shown: the first in context, else the first."""
        trained = self._trained(self.config.experiments[experiment])
        return next((name for name in trained if self._in_context(name)), trained[0])

    def _condition(self, chosen: Experiment) -> str:
        """What the training shown is on: the easiest."""
        return min(self.split_of(chosen).conditions, key=conditions.rank)

    def _true(self, chosen: Experiment) -> bool:
        """Whether the training shown has sets without wrong labels."""
        noise = self.split_of(chosen).noise
        return noise is None or 0.0 in noise.of(self._condition(chosen))

    def _trained(self, chosen: Experiment) -> list[str]:
        return [name for name in chosen.methods if plugin(self.config.methods[name]).SUPERVISED]

    def _in_context(self, method: str) -> bool:
        return getattr(plugin(self.config.methods[method]), "IN_CONTEXT", False)

    def _told(self, dataset: str, method: str) -> dict[str, Any]:
        """What `worked_examples.Method` has of a method."""
        way = self.config.methods[method]
        encoding = self.config.encodings[way.encoding] if way.encoding else None
        return {
            "title": way.title or plugin(way).TITLE,
            "prompt": self.prompt(dataset, encoding.prompt if encoding else way.prompt),
            "shown": max(way.sizes) if self._in_context(method) else 0,
            "letters": way.options.get("answer_as") == "letter",
        }
