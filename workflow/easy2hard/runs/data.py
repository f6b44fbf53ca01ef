"""Rules that need no model: fetch, annotate, card, correlate, split."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from easy2hard import apart, check_legacy, contents, paths, registry
from easy2hard.runs.base import Base, arguments, files_of, module


class DataRuns(Base):
    """Rules that need no model."""

    def source_files(self, dataset: str) -> list[str]:
        """Local files a dataset is read from; none for hub sources and worlds."""
        source = self.config.datasets[dataset].source
        given = [source.path, source.annotations] if source else []
        return sorted({file for path in given if path for file in files_of(Path(self.located(path)))})

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
        spec = chosen.model_dump(exclude={"pool", "measures", "train_measure", "legacy"}, exclude_none=True)
        spec |= {"measure": measure, "seed": self.config.seed}
        return arguments(spec=spec | ({"legacy": check_legacy.kind(self.config, split)} if chosen.legacy else {}))

    def split_apart(self, split: str) -> str:
        """Options of `split_apart`."""
        chosen = self.config.splits[split].model_dump(include={"dataset", "sizes", "seeds"})
        return arguments(spec=chosen | {"seed": self.config.seed})


def _hub(name: str) -> dict[str, str]:
    """The pinned hub source of a loader; empty for generated worlds."""
    given = registry.load("datasets", name).HUB or {}
    return {"hub": given["id"], **({"revision": given["revision"]} if given.get("revision") else {})} if given else {}
