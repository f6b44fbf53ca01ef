"""Libraries loaded when first used: Snakemake reads names and settings of plug-ins, never a table.

The standard `LazyLoader` does not serve: `inspect`, which pydantic asks for docstrings, reads `__file__` of every
module, and with that would load them all.
"""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any

TABLES = ("numpy", "pandas", "easy2hard.tables", "easy2hard.sample_tables")
"""What reading a config, and naming its jobs, never uses."""


class _Later(ModuleType):
    """Stands for a module until an attribute of it is read."""

    def __getattr__(self, attribute: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        real = importlib.import_module(self.__name__)
        self.__dict__.update(real.__dict__)
        return getattr(real, attribute)


def later(*names: str) -> None:
    """Let `import name` cost nothing until an attribute of it is read; a name already imported stays as it is.

    Raises ModuleNotFoundError for a library that is not installed.
    """
    for name in names:
        spec = None if name in sys.modules else importlib.util.find_spec(name)
        if spec is None and name not in sys.modules:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
        if spec is not None:
            module = _Later(name)
            module.__spec__, module.__file__ = spec, spec.origin
            sys.modules[name] = module
