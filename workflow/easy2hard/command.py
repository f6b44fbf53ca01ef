"""Stages as commands: the keywords of a function are its options; the log begins with what ran on what."""

from __future__ import annotations

import argparse
import inspect
import json
import os
import platform
import sys
import typing
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from easy2hard.errors import UserError

LIBRARIES = ("numpy", "pandas", "pyarrow", "torch", "transformers", "datasets", "peft", "matplotlib")


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Let a stage run by hand: `python -m easy2hard.stages.x --items a --out b`.

    Options come from the keywords: `Path` and `str` as given, `int` parsed, `dict` from JSON, `list[Path]` takes many.
    A UserError is printed as one line and ends with status 2; anything else is a traceback.
    """
    if function.__module__ == "__main__":
        sys.exit(_run(function, sys.argv[1:]))
    return function


def _run(function: Callable[..., None], arguments: list[str]) -> int:
    try:
        options = vars(_parser(function).parse_args(arguments))
        _header(function, options)
        function(**options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _parser(function: Callable[..., None]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=inspect.getdoc(function), allow_abbrev=False)
    types = typing.get_type_hints(function)
    for name, parameter in inspect.signature(function).parameters.items():
        kind = types[name]
        required = parameter.default is inspect.Parameter.empty
        many = {"nargs": "*"} if typing.get_origin(kind) is list else {}
        default = None if required else parameter.default
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=_reader(kind), required=required, default=default, **many
        )
    return parser


def _reader(kind: object) -> Callable[[str], object]:
    """What turns text into a value of a type; of `X | None` and `list[X]`, that of X."""
    inner = [argument for argument in typing.get_args(kind) if argument is not type(None)]
    if kind is dict or typing.get_origin(kind) is dict:
        return _mapping
    return _reader(inner[0]) if inner else kind


def _mapping(text: str) -> dict:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError(f"expected a JSON object, found {text[:60]!r}")
    return found


def _header(function: Callable[..., None], options: dict) -> None:
    """First lines of every log: the stage, its options, library versions, device."""
    print(
        f"stage: {sys.argv[0] and Path(sys.argv[0]).stem} ({inspect.getdoc(function).splitlines()[0]})", file=sys.stderr
    )
    for name, value in options.items():
        print(f"  {name}: {json.dumps(value, default=str, sort_keys=True)}", file=sys.stderr)
    print(f"versions: {', '.join(versions())}", file=sys.stderr)
    print(f"device: {device()}", file=sys.stderr, flush=True)


def versions() -> list[str]:
    """`name version` of Python and of each library that is installed, without importing any."""
    found = [f"python {platform.python_version()}"]
    for name in LIBRARIES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} (not installed)")
    return found


def device() -> str:
    """What the job may compute on, without importing torch."""
    gpus = os.environ.get("CUDA_VISIBLE_DEVICES")
    shown = "not restricted" if gpus is None else gpus or "none"
    return f"{platform.machine()}, {os.cpu_count()} CPUs, CUDA_VISIBLE_DEVICES {shown}"
