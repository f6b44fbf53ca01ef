"""Options of plug-ins: validated by the plug-in's own model, faults in one line."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from pydantic import BaseModel, ValidationError

from easy2hard.errors import UserError, nearest
from easy2hard.strict import Strict


class NoOptions(Strict):
    """A plug-in without options."""


def model_of(plugin: ModuleType) -> type[BaseModel]:
    """The options model of a plug-in: its class `Options`, or one with no fields."""
    return getattr(plugin, "Options", NoOptions)


def options_of(plugin: ModuleType, options: dict, place: str) -> BaseModel:
    """Options of a plug-in. Raises UserError: place, key, what is allowed, the nearest match."""
    model = model_of(plugin)
    try:
        return model.model_validate(options)
    except ValidationError as error:
        raise UserError(f"{place}: {'; '.join(reason for _, reason in option_faults(model, error))}") from error


def option_faults(model: type[BaseModel], error: ValidationError) -> Iterator[tuple[tuple, str]]:
    """(key, reason) of every fault in the options of a plug-in or a stage."""
    allowed = sorted(model.model_fields)
    for found in error.errors():
        key = found["loc"]
        if found["type"] == "extra_forbidden" and len(key) == 1:
            yield key, f"unknown option '{key[0]}'; allowed: {', '.join(allowed) or '(none)'}{nearest(key[0], allowed)}"
        else:
            yield key, f"option '{'.'.join(map(str, key))}': {found['msg']}"
