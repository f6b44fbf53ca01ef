"""Rules about models: corpus, pretrain, encode."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from easy2hard import contents, paths
from easy2hard.runs.base import Base, arguments, files_of, module


class ModelRuns(Base):
    """Rules about models."""

    def model_files(self, model: str) -> list[str]:
        """What a job of the model waits for: its record when pretrained here, its files when local."""
        chosen = self.config.models[model]
        if chosen.pretrain:
            return [paths.WEIGHTS.format(model=model), paths.RECORD.format(model=model)]
        return sorted(files_of(Path(self.located(chosen.path)))) if chosen.path else []

    def model_content(self, model: str) -> str:
        """Digest of a local model's files; of one pretrained here, nothing: its record is an input like any other."""
        return contents.digest(self.model_files(model) if self.config.models[model].path else [])

    def model(self, model: str) -> dict[str, Any]:
        """Folder and loading options of a model."""
        chosen = self.config.models[model]
        local = paths.MODEL.format(model=model) if chosen.pretrain else chosen.path and self.located(chosen.path)
        kept = {"hub", "revision", "kind", "dtype", "device", "quantization", "trust_remote_code"}
        spec = chosen.model_dump(include=kept)
        return {"model": local, "model_spec": spec}

    def pretrain(self, model: str) -> str:
        """Options of `pretrain`."""
        chosen = self.config.models[model].pretrain
        world = self.config.datasets[chosen.world]
        return arguments(world=world.plugin, options=world.options, pretraining=chosen.options, seed=self.config.seed)

    def corpus(self, world: str) -> str:
        """Options of `corpus`."""
        chosen = self.config.datasets[world]
        return arguments(world=chosen.plugin, options=chosen.options, seed=self.config.seed)

    def of_model(self, resource: str, wildcard: str = "model") -> Callable[[Any, int], int]:
        """Function of a job's wildcards and attempt: GPUs, threads, memory or runtime of the model that one names.

        Memory and runtime grow with the attempt; a retry on a cluster asks for more.
        """

        def asked(wildcards: Any, attempt: int) -> int:
            model = self.config.models[getattr(wildcards, wildcard)]
            return _more(resource, getattr(model, resource), attempt)

        return asked

    def of_training(self, resource: str) -> Callable[[Any, int], int]:
        """The same of jobs that train a generator or evaluator from a model."""
        return lambda wildcards, attempt: _more(resource, self.training_resource(wildcards.model, resource), attempt)

    def training_resource(self, model: str, resource: str) -> int:
        """GPUs, threads, memory or runtime of a job that trains from a model: its own, else the model's."""
        chosen = self.config.models[model]
        own = getattr(chosen.training, resource)
        return getattr(chosen, resource) if own is None else own

    def world(self, model: str) -> str:
        """World that a model is pretrained on. Raises KeyError for a model that is not pretrained here."""
        pretraining = self.config.models[model].pretrain
        if pretraining is None:
            raise KeyError(f"model '{model}' is not pretrained here")
        return pretraining.world

    def method_plugin(self, method: str) -> str:
        """Module of a method's plug-in."""
        return module("methods", self.config.methods[method].plugin)

    def figure_plugin(self, figure: str) -> str:
        """Module of a figure's plug-in."""
        return module("figures", self.config.figures[figure].plugin)

    def encode(self, dataset: str, model: str, encoding: str) -> str:
        """Options of `encode`."""
        chosen = self.config.encodings[encoding]
        prompt = self.prompt(dataset, chosen.prompt)
        found = {"prompt": prompt, "at": chosen.at, "layers": chosen.layers, "pooling": chosen.pooling}
        return arguments(**self.model(model), **found)


def _more(resource: str, amount: int, attempt: int) -> int:
    """Memory and runtime times the attempt; threads and GPUs stay."""
    return amount * attempt if resource in ("mem_mb", "runtime") else amount
