"""Config of published training sets, from which generators and evaluators learn (Sun 2024)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from easy2hard.config_reranking import Problems
from easy2hard.config_source import Source
from easy2hard.strict import Strict


class Teaching(Strict):
    """A published training set, made into lessons for generators and labelled steps for evaluators."""

    plugin: str
    """File name in `workflow/easy2hard/teaching`: prm800k, metamath, math_shepherd."""
    source: Source | None = None
    """A local file or folder, or a hub repository; by default the plug-in's pinned one."""
    problems: Problems
    """Problems to learn from: records about other problems of this dataset are left out."""
    format: str | dict | None = None
    """Solution format that is written; by default that of the dataset."""
    on_bad_record: Literal["stop", "skip"] = "stop"
    """What a malformed record does: `stop` with its file, line and reason, or `skip` it, counted and listed."""
    options: dict = Field(default_factory=dict)
    """Options of the plug-in."""
