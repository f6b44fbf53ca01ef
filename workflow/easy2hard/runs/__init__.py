"""The run table: from the config to what each rule reads and is told. No logic of science, no table is opened."""

from __future__ import annotations

from easy2hard.runs.base import arguments, is_world, module, plugin
from easy2hard.runs.examples import ExampleRuns
from easy2hard.runs.figures import FigureRuns
from easy2hard.runs.measures import MeasureRuns

__all__ = ["Runs", "arguments", "is_world", "module", "plugin"]


class Runs(ExampleRuns, MeasureRuns, FigureRuns):
    """What the config asks for, as paths and options by rule."""
