"""Faults of a config as lines: file and line, key, what is wrong, what is allowed, the nearest match."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from easy2hard.errors import UserError, nearest

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is ten times as fast
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
    return dotted if best is None or best[0] == 0 and key else f"{_shown_path(best[3])}:{best[2]}: {dotted}"


def _shown_path(file: Path) -> str:
    """As the user would type it: from the working folder when the file lies below it."""
    full, here = Path(file).resolve(), Path.cwd()
    return str(full.relative_to(here)) if full.is_relative_to(here) else str(file)


def read_yaml(path: Path | str) -> dict:
    """A YAML mapping; a fault of the text is one line with file, line and column."""
    try:
        text = Path(path).read_text(encoding="utf-8")
        found = yaml.load(text, Loader=LOADER)  # a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise UserError(f"{path}{where}: not YAML: {error.problem}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path}: cannot be read as YAML: {error}") from error
    if not isinstance(found, dict):
        raise UserError(f"{path}: expected a mapping of settings, found {type(found).__name__}")
    for line, name, first in _repeated(yaml.compose(text, Loader=LOADER)):
        raise UserError(f"{path}:{line}: key '{name}' was given at line {first} already")
    return found


def _repeated(node: yaml.Node | None) -> Iterator[tuple[int, str, int]]:
    """(line, key, line of the first) of every key that stands twice in one mapping; YAML would drop the first."""
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for name, value in node.value:
            line = name.start_mark.line + 1
            if str(name.value) in seen:
                yield line, str(name.value), seen[str(name.value)]
            seen[str(name.value)] = line
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)


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
    quote = "; YAML read it as a number or a truth value: put it in quotes" if _wants_quotes(found) else ""
    return f"{message}, found {_shown(found['input'])}{quote}"


def _wants_quotes(found: ErrorDetails) -> bool:
    return found["type"] == "string_type" and isinstance(found["input"], bool | int | float)


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
