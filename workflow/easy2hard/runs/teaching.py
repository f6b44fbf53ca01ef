"""Rule teach: published training sets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from easy2hard import contents, paths, registry
from easy2hard.config_source import Source
from easy2hard.runs.base import arguments, files_of, module
from easy2hard.runs.data import DataRuns


class TeachingRuns(DataRuns):
    """Published training sets."""

    def taught(self, names: Iterable[str], gives: str) -> list[str]:
        """Tables of published training sets: their lessons or their labelled steps."""
        return [paths.TAUGHT.format(teaching=name, gives=gives) for name in names]

    def teaching_plugin(self, teaching: str) -> str:
        """Module of a training set's plug-in."""
        return module("teaching", self.config.teaching[teaching].plugin)

    def taught_format(self, teaching: str) -> str | dict[str, Any]:
        """Solution format of a training set: its own, else that of its dataset."""
        chosen = self.config.teaching[teaching]
        return chosen.format or registry.load("datasets", self.config.datasets[chosen.problems.dataset].plugin).FORMAT

    def teach_inputs(self, teaching: str) -> dict[str, str | list[str]]:
        """Problems with their hardness, and the local files of the source."""
        chosen = self.config.teaching[teaching].problems
        return {
            "items": paths.ITEMS.format(dataset=chosen.dataset),
            "hardness": paths.HARDNESS.format(dataset=chosen.dataset, measure=chosen.measure),
            "files": self.teaching_files(teaching),
        }

    def teaching_files(self, teaching: str) -> list[str]:
        """Local files of the source."""
        source = self.config.teaching[teaching].source
        return sorted(files_of(Path(self.located(source.path)))) if source and source.path else []

    def teaching_content(self, teaching: str) -> str:
        """Digest of the local files of the source."""
        return contents.digest(self.teaching_files(teaching))

    def teach(self, teaching: str, gives: str) -> str:
        """Options of `teach`."""
        chosen = self.config.teaching[teaching]
        return arguments(
            plugin=chosen.plugin,
            gives=gives,
            source=self._given(chosen.source, chosen.plugin),
            problems=chosen.problems.model_dump(exclude={"dataset"}),
            options=chosen.options,
            on_bad_record=chosen.on_bad_record,
            format=self.taught_format(teaching),
            seed=self.config.seed,
        )

    def _given(self, source: Source | None, plugin: str) -> dict[str, str]:
        """Where the files are: as told, else the plug-in's hub repository."""
        if source is None:
            return {"hub": registry.load("teaching", plugin).HUB["id"]}
        given = source.model_dump(exclude_none=True)
        return given | ({"path": self.located(source.path)} if source.path else {})
