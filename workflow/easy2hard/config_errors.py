"""Faults of a config as lines: file and line, key, what is wrong, what is allowed, the nearest match."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from easy2hard.errors import UserError, nearest

Key = Sequence[str | int]


class ConfigError(UserError):
    """One or more faults of the config, a line each."""

    def __init__(self, lines: Iterable[str]):
        Exception.__init__(self, "\n".join(" ".join(line.split()) for line in lines))


def invalid(error: ValidationError, model: type[BaseModel], files: Sequence[Path], prefix: Key = ()) -> ConfigError:
    """Every fault pydantic found, as lines."""
    return ConfigError(f"{place((*prefix, *key), files)}: {reason}" for key, reason in faults(error, model))


def faults(error: ValidationError, model: type[BaseModel]) -> list[tuple[Key, str]]:
    """(key, reason) of every fault pydantic found."""
    return [(_keys(found), _reason(found, model)) for found in error.errors()]


def place(key: Key, files: Sequence[Path]) -> str:
    """`file:line: key`, from the last file that holds the key or its nearest parent."""
    dotted = ".".join(map(str, key)) or "(top level)"
    best = max(
        ((depth, index, line, file) for index, file in enumerate(files) for depth, line in [_find(key, file)]),
        default=None,
    )
    return dotted if best is None or best[0] == 0 and key else f"{best[3]}:{best[2]}: {dotted}"


def read_yaml(path: Path | str) -> dict:
    """A YAML mapping; a fault of the text is one line with file, line and column."""
    try:
        found = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise UserError(f"{path}{where}: not YAML: {error.problem}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path}: cannot be read as YAML: {error}") from error
    if not isinstance(found, dict):
        raise UserError(f"{path}: expected a mapping of settings, found {type(found).__name__}")
    return found


def _find(key: Key, file: Path) -> tuple[int, int]:
    """How many parts of the key the file holds, and the line (from 1) of the deepest."""
    node, depth, line = yaml.compose(Path(file).read_text(encoding="utf-8")), 0, 1
    for part in key:
        child = _child(node, part)
        if child is None:
            break
        line, node = child
        depth += 1
    return depth, line


def _child(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == str(part):
                return name.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None


def _keys(found: ErrorDetails) -> tuple[str | int, ...]:
    """The key of a fault, without pydantic's names for the branches of a union."""
    return tuple(part for part in found["loc"] if not _is_branch(part))


def _is_branch(part: str | int) -> bool:
    text = str(part)
    return text == "[key]" or text.startswith(("literal[", "list[", "function-", "constrained-"))


def _reason(found: ErrorDetails, model: type[BaseModel]) -> str:
    kind, context = found["type"], found.get("ctx", {})
    name = found["loc"][-1] if found["loc"] else ""
    if kind == "extra_forbidden":
        allowed = sorted(_owner(model, found["loc"][:-1]).model_fields)
        return f"unknown key; allowed: {', '.join(allowed)}{nearest(name, allowed)}"
    if kind == "missing":
        return "missing; this key is required"
    if kind == "literal_error":
        return f"expected {context['expected']}, found {found['input']!r}{nearest(found['input'], _options(context))}"
    if kind == "string_pattern_mismatch":
        return f"expected text that matches {context['pattern']}, found {found['input']!r}"
    if kind == "value_error":
        return str(context["error"])
    message = found["msg"][:1].lower() + found["msg"][1:]
    return f"{message}, found {_shown(found['input'])}"


def _shown(value: object) -> str:
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:57] + '...'}"


def _options(context: dict) -> list[str]:
    return str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ")


def _owner(model: type[BaseModel], loc: Key) -> type[BaseModel]:
    """The model that a key belongs to, by walking the fields."""
    current: object = model
    for part in loc:
        if isinstance(current, type) and issubclass(current, BaseModel) and part in current.model_fields:
            current = _inner(current.model_fields[part].annotation)
    return current if isinstance(current, type) and issubclass(current, BaseModel) else model


def _inner(annotation: object) -> object:
    """The model inside `X | None`, `dict[str, X]` or `list[X]`."""
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType, dict, list, typing.Annotated):
        inner = [_inner(argument) for argument in typing.get_args(annotation)]
        return next((found for found in inner if isinstance(found, type) and issubclass(found, BaseModel)), annotation)
    return annotation
