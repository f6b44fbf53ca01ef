"""What every part of the run table shares: the config, quoting, names of plug-ins."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from easy2hard import paths, registry
from easy2hard.config import Config, Experiment, Method, Split


def arguments(**values: object) -> str:
    """Values as shell-quoted options: mappings and lists as canonical JSON with sorted keys; None is left out."""
    given = {name: value for name, value in values.items() if value is not None}
    return " ".join(f"--{name.replace('_', '-')} {shlex.quote(text(value))}" for name, value in given.items())


def text(value: object) -> str:
    """A value as text: canonical JSON unless it is text already."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=True)


@dataclass(frozen=True)
class Base:
    """The config, and what is looked up in it everywhere."""

    config: Config

    def located(self, path: str) -> str:
        """A path of the config, from `data_root`."""
        return str(Path(self.config.data_root) / path)

    def measure_files(self, dataset: str) -> list[str]:
        """Hardness tables of a dataset."""
        return [paths.HARDNESS.format(dataset=dataset, measure=m) for m in self.config.datasets[dataset].measures]

    def prompt(self, dataset: str, override: str | None) -> str:
        """A template as canonical JSON, or the name of a built-in one."""
        name = override or self.config.datasets[dataset].prompt
        given = self.config.prompts.get(name)
        return name if given is None else text({"name": name, **given})

    def split_of(self, experiment: Experiment) -> Split:
        """Split of an experiment."""
        return self.config.splits[experiment.split]


def plugin(method: Method) -> Any:
    """Plug-in of a method."""
    return registry.load("methods", method.plugin)


def module(kind: str, name: str) -> str:
    """Dotted module of a plug-in, for fingerprints."""
    return f"{kind}.{name.replace('/', '.')}"


def is_world(name: str) -> bool:
    """Whether a dataset plug-in generates its data."""
    return name.startswith("worlds/")


def files_of(path: Path) -> Iterator[str]:
    """A file itself, or the files below a folder that are not hidden."""
    if path.is_file():
        yield str(path)
    for found in sorted(path.rglob("*")) if path.is_dir() else ():
        if found.is_file() and not any(part.startswith(".") for part in found.relative_to(path).parts):
            yield str(found)
