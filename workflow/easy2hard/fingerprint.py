"""Code fingerprints: what makes a job rerun when the library changes.

A fingerprint is the SHA-256 over the syntax trees that a stage can reach, followed statically from its module and its
plug-in, definition by definition: an edit of a function reruns the stages that use this function and no other.
Comments, docstrings and formatting are not in a syntax tree; the fingerprint is a trigger, never part of a path.

What a module says is remembered by the content of its file, so a source text is read as a syntax tree once.
"""

from __future__ import annotations

import atexit
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from easy2hard import remembered, syntax

SAYING = frozenset({"errors", "config_errors", "progress"})  # what these say never changes what is computed
ROOT = Path(__file__).parent
MEMORY = "syntax.json"


@cache
def fingerprint(*roots: str) -> str:
    """Fingerprint of everything reachable from whole modules, e.g. `("stages.predict", "methods.icl")`.

    Modules are dotted names inside the package. Raises FileNotFoundError for a module that does not exist.
    """
    digest = hashlib.sha256()
    for module, name in sorted(reachable(*roots), key=str):
        digest.update(f"{module}:{name}:{_part(module, name)['digest']}\n".encode())
    return f"code {digest.hexdigest()[:16]}"


def reachable(*roots: str) -> set[tuple[str, str | None]]:
    """(module, definition) pairs that the roots can reach; definition None stands for what a module always runs."""
    todo = [need for root in roots for need in _whole(root)]
    seen: set[tuple[str, str | None]] = set()
    while todo:
        need = todo.pop()
        if need not in seen and need[0] not in SAYING:
            seen.add(need)
            todo.extend(_needs(*need))
    return seen


def _whole(module: str) -> Iterator[tuple[str, str | None]]:
    yield module, None
    for name in _facts(module)["definitions"]:
        yield module, name


@cache
def _needs(module: str, name: str | None) -> tuple[tuple[str, str | None], ...]:
    """What a definition refers to: other definitions of its module and of imported ones."""
    return tuple(dict.fromkeys(_referred(module, name)))


def _referred(module: str, name: str | None) -> Iterator[tuple[str, str | None]]:
    told = _facts(module)
    yield module, None
    for used, attribute in _part(module, name)["names"]:
        if used in told["definitions"]:
            yield module, used
        for target, imported in _targets(module, used):
            yield from _imported(target, imported or attribute)


def _imported(module: str, name: str | None) -> Iterator[tuple[str, str | None]]:
    """The definition `name` of a module, wherever it was imported from; the whole module when it is not told."""
    if name is None:
        yield from _whole(module)
    elif _file(f"{module}.{name}") is not None:
        yield from _whole(f"{module}.{name}")
    elif name in _facts(module)["definitions"]:
        yield module, name
    else:
        yield module, None
        for target, original in _targets(module, name):
            yield from _imported(target, original)


def _part(module: str, name: str | None) -> dict:
    """Digest and names of a definition, or of what a module always runs."""
    told = _facts(module)
    return told["always"] if name is None else told["definitions"][name]


@cache
def _targets(module: str, used: str) -> tuple[tuple[str, str | None], ...]:
    """What an imported name stands for: (module, None), or (module, name in it). Empty where it is not imported."""
    found = dict.fromkeys((source, name) for source, name in _facts(module)["imports"].get(used, ()))
    inner = ((source, name, f"{source}.{name}".lstrip(".")) for source, name in found)
    return tuple((whole, None) if _file(whole) is not None else (source, name) for source, name, whole in inner)


@cache
def _facts(module: str) -> dict:
    """What a module's source says (`syntax.facts`), remembered as long as its file has the same content."""
    file, known = _file(module), _known()
    if file is None:
        raise FileNotFoundError(f"no module {syntax.PACKAGE}.{module}")
    text = file.read_bytes()
    content = hashlib.sha256(text).hexdigest()
    if known.get(module, {}).get("content") != content:
        known[module] = {"content": content, "facts": syntax.facts(text, module)}
        _keep_at_the_end()
    return known[module]["facts"]


@cache
def _known() -> dict[str, dict]:
    """What earlier calls found, by module; nothing where the reader of syntax has changed since."""
    reader = hashlib.sha256(Path(syntax.__file__).read_bytes()).hexdigest()
    found = remembered.recall(MEMORY)
    return found if found.get("reader") == reader else {"reader": reader}


@cache
def _keep_at_the_end() -> None:
    atexit.register(lambda: remembered.keep(MEMORY, _known()))


@cache
def _file(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split(".")) if module else ROOT
    found = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in found if file.is_file()), None)
