"""The run table: from the config to what each rule reads and is told. No logic of science, no file is opened."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from easy2hard import apart, contents, identities, model_measures, paths, registry
from easy2hard.config import Config, Experiment, Method, Split


def arguments(**values: object) -> str:
    """Values as shell-quoted options: mappings and lists as canonical JSON with sorted keys; None is left out."""
    given = {name: value for name, value in values.items() if value is not None}
    return " ".join(f"--{name.replace('_', '-')} {shlex.quote(_text(value))}" for name, value in given.items())


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=True)


@dataclass(frozen=True)
class Runs:
    """What the config asks for, as paths and options by rule."""

    config: Config

    # -- data -------------------------------------------------------------------------------------------------

    def located(self, path: str) -> str:
        """A path of the config, from `data_root`."""
        return str(Path(self.config.data_root) / path)

    def source_files(self, dataset: str) -> list[str]:
        """Local files a dataset is read from; none for hub sources and worlds."""
        source = self.config.datasets[dataset].source
        given = [source.path, source.annotations] if source else []
        return sorted({file for path in given if path for file in _files(Path(self.located(path)))})

    def fetch(self, dataset: str) -> str:
        """Options of `fetch`."""
        chosen = self.config.datasets[dataset]
        source = chosen.source.model_dump(exclude_none=True) if chosen.source else _hub(chosen.plugin)
        source |= {key: self.located(source[key]) for key in ("path", "annotations") if key in source}
        return arguments(
            dataset=dataset, plugin=chosen.plugin, source=source, options=chosen.options, seed=self.config.seed
        )

    def source_content(self, dataset: str) -> str:
        """Digest of the local files a dataset is read from."""
        return contents.digest(self.source_files(dataset))

    def dataset_plugin(self, dataset: str) -> str:
        """Module of a dataset's loader."""
        return module("datasets", self.config.datasets[dataset].plugin)

    def measure_files(self, dataset: str) -> list[str]:
        """Hardness tables of a dataset."""
        return [paths.HARDNESS.format(dataset=dataset, measure=m) for m in self.config.datasets[dataset].measures]

    def annotate(self, dataset: str, measure: str) -> str:
        """Options of `annotate`."""
        return arguments(measure=measure, cutoffs=self.cutoffs(dataset, measure))

    def cutoffs(self, dataset: str, measure: str) -> dict[str, Any]:
        """Where buckets end: the user's cutoffs, else the paper's, else the 30th and 70th percentile."""
        chosen = self.config.datasets[dataset]
        fixed = registry.load("datasets", chosen.plugin).CUTOFFS.get(measure)
        if measure in chosen.cutoffs:
            return chosen.cutoffs[measure].model_dump()
        if fixed is not None:
            return {"kind": "fixed", "easy": fixed[0], "hard": fixed[1]}
        return {"kind": "percentiles", "easy": 30, "hard": 70}

    # -- splits -----------------------------------------------------------------------------------------------

    def split_files(self, split: str) -> list[str]:
        """Split tables of a split, one a measure."""
        return [paths.SPLITS.format(split=split, measure=m) for m in self.split_measures(split)]

    def split_measures(self, split: str) -> list[str]:
        """Measures of a split; one with `pool: hardness` is by none."""
        chosen = self.config.splits[split]
        return [apart.MEASURE] if chosen.pool == "hardness" else chosen.measures

    def split_inputs(self, split: str, measure: str) -> dict[str, str]:
        """Items and hardness of the test dataset, and of the training dataset when it is another."""
        chosen = self.config.splits[split]
        found = {
            "items": paths.ITEMS.format(dataset=chosen.dataset),
            "hardness": paths.HARDNESS.format(dataset=chosen.dataset, measure=measure),
        }
        if chosen.train_dataset:
            found["train_items"] = paths.ITEMS.format(dataset=chosen.train_dataset)
            found["train_hardness"] = paths.HARDNESS.format(
                dataset=chosen.train_dataset, measure=chosen.train_measure or measure
            )
        return found

    def split(self, split: str, measure: str) -> str:
        """Options of `split`. The name of the split is not among them: equal splits have equal draws."""
        chosen = self.config.splits[split]
        spec = chosen.model_dump(exclude={"pool", "measures", "train_measure"}, exclude_none=True)
        spec |= {"measure": measure, "seed": self.config.seed}
        return arguments(spec=spec)

    def split_apart(self, split: str) -> str:
        """Options of `split_apart`."""
        chosen = self.config.splits[split].model_dump(include={"dataset", "sizes", "seeds"})
        return arguments(spec=chosen | {"seed": self.config.seed})

    # -- models -----------------------------------------------------------------------------------------------

    def model_files(self, model: str) -> list[str]:
        """What a job of the model waits for: its record when pretrained here, its files when local."""
        chosen = self.config.models[model]
        if chosen.pretrain:
            return [paths.WEIGHTS.format(model=model), paths.RECORD.format(model=model)]
        return sorted(_files(Path(self.located(chosen.path)))) if chosen.path else []

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

    def of_model(self, resource: str) -> Callable[[Any], int]:
        """Function of a job's wildcards: GPUs, threads, memory or runtime its model asks for."""
        return lambda wildcards: getattr(self.config.models[wildcards.model], resource)

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

    def prompt(self, dataset: str, override: str | None) -> str:
        """A template as canonical JSON, or the name of a built-in one."""
        name = override or self.config.datasets[dataset].prompt
        given = self.config.prompts.get(name)
        return name if given is None else _text({"name": name, **given})

    # -- predictions ------------------------------------------------------------------------------------------

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

    # -- evaluation -------------------------------------------------------------------------------------------

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

    def split_of(self, experiment: Experiment) -> Split:
        """Split of an experiment."""
        return self.config.splits[experiment.split]

    def correlation_files(self) -> list[str]:
        """Correlation tables of the selected datasets."""
        return [paths.CORRELATIONS.format(dataset=name) for name in self.config.select.datasets]

    # -- figures ----------------------------------------------------------------------------------------------

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
        spec = self._shown(chosen.experiments, self.figure_datasets(figure))
        if chosen.published:
            asked = chosen.published if isinstance(chosen.published, dict) else {}
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
            "labels": self._dataset_titles(sorted({*datasets, *self._taught_on(chosen.values())}))
            | self._measure_titles(datasets),
            "level": self.config.statistics.level,
            "generated": [name for name in datasets if is_world(self.config.datasets[name].plugin)],
            "floors": {name: one.unsupervised for name, one in chosen.items() if one.unsupervised},
        }

    def _taught_on(self, experiments: Iterable[Experiment]) -> set[str]:
        """Training datasets that are not the ones tested."""
        return {name for one in experiments if (name := self.split_of(one).train_dataset)}

    def _dataset_titles(self, datasets: list[str]) -> dict[str, str]:
        """Titles by dataset; datasets of one loader are told apart by their names."""
        plugins = {name: self.config.datasets[name].plugin for name in datasets}
        titles = {name: registry.load("datasets", plugin).TITLE for name, plugin in plugins.items()}
        shown = list(titles.values())
        return {name: title if shown.count(title) == 1 else f"{title} ({name})" for name, title in titles.items()}

    def _measure_titles(self, datasets: list[str]) -> dict[str, str]:
        """Titles of the measures read from models; the name where two datasets mean different things by it."""
        titles: dict[str, str] = {}
        for dataset in datasets:
            for measure in self.config.datasets[dataset].model_measures:
                title = model_measures.title(self.config, dataset, measure)
                titles[measure] = title if titles.get(measure, title) == title else measure
        return titles

    def report(self) -> str:
        """Options of `report`."""
        chosen = self.config.select
        tested = [self.split_of(self.config.experiments[name]).dataset for name in chosen.experiments]
        shown = self._shown(chosen.experiments, sorted({*chosen.datasets, *tested}))
        return arguments(spec=shown | {"figures": list(chosen.figures)}, config=self.config.model_dump(mode="json"))


def plugin(method: Method) -> Any:
    """Plug-in of a method."""
    return registry.load("methods", method.plugin)


def module(kind: str, name: str) -> str:
    """Dotted module of a plug-in, for fingerprints."""
    return f"{kind}.{name.replace('/', '.')}"


def is_world(name: str) -> bool:
    """Whether a dataset plug-in generates its data."""
    return name.startswith("worlds/")


def _hub(name: str) -> dict[str, str]:
    """The pinned hub source of a loader; empty for generated worlds."""
    given = registry.load("datasets", name).HUB or {}
    return {"hub": given["id"], **({"revision": given["revision"]} if given.get("revision") else {})} if given else {}


def _part(measures: list[str], conditions: list[str], by: tuple[str, ...]) -> str:
    named = [*(measures if "measure" in by else []), *(conditions if "condition" in by else [])]
    return ".".join(named) or "all"


def _files(path: Path) -> Iterator[str]:
    """A file itself, or the files below a folder that are not hidden."""
    if path.is_file():
        yield str(path)
    for found in sorted(path.rglob("*")) if path.is_dir() else ():
        if found.is_file() and not any(part.startswith(".") for part in found.relative_to(path).parts):
            yield str(found)
