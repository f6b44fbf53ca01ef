"""Settings of plug-ins and stages: validated by their own model, faults in one line each."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from easy2hard import config_errors
from easy2hard.strict import Strict

T = TypeVar("T", bound=BaseModel)


class NoOptions(Strict):
    """A plug-in without options."""


def model_of(plugin: ModuleType) -> type[BaseModel]:
    """The options model of a plug-in: its class `Options`, or one with no fields."""
    return getattr(plugin, "Options", NoOptions)


def parse(model: type[T], given: dict, key: str) -> T:
    """`given` as settings. Raises UserError: `key` and the field at fault, what is allowed, the nearest match."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise config_errors.invalid(error, model, files=(), prefix=(key,)) from error


def options_of(plugin: ModuleType, given: dict) -> BaseModel:
    """Options of a plug-in. Raises UserError as `parse`."""
    return parse(model_of(plugin), given, "options")


def faults(model: type[BaseModel], given: dict) -> Iterator[tuple[config_errors.Key, str]]:
    """(key, reason) of every fault in settings; none when they are valid."""
    try:
        model.model_validate(given)
    except ValidationError as error:
        yield from config_errors.faults(error, model)
