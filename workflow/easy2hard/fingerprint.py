"""Code fingerprints: what makes a job rerun when the library changes.

A fingerprint is the SHA-256 over the syntax trees that a stage can reach, followed statically from its module and its
plug-in, definition by definition: an edit of a function reruns the stages that use this function and no other.
Comments, docstrings and formatting are not in a syntax tree; the fingerprint is a trigger, never part of a path.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = "easy2hard"
UNTOLD = frozenset({"ctx", "kind", "type_comment"})  # follow from the rest of the tree, or change nothing
SAYING = frozenset({"errors", "config_errors", "progress"})  # what these say never changes what is computed
ROOT = Path(__file__).parent


@dataclass(frozen=True)
class Module:
    """A parsed module: its definitions by name, its imports by name, the statements that always run."""

    definitions: dict[str, tuple[ast.stmt, ...]]
    imports: dict[str, frozenset[tuple[str, str | None]]]
    always: tuple[ast.stmt, ...]


@cache
def fingerprint(*roots: str) -> str:
    """Fingerprint of everything reachable from whole modules, e.g. `("stages.predict", "methods.icl")`.

    Modules are dotted names inside the package. Raises FileNotFoundError for a module that does not exist.
    """
    digest = hashlib.sha256()
    for module, name in sorted(reachable(*roots), key=str):
        digest.update(f"{module}:{name}\n".encode())
        for statement in _statements(module, name):
            digest.update(_dump(statement).encode())
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
    for name in _parse(module).definitions:
        yield module, name


@cache
def _needs(module: str, name: str | None) -> tuple[tuple[str, str | None], ...]:
    """What a definition refers to: other definitions of its module and of imported ones."""
    return tuple(dict.fromkeys(_referred(module, name)))


def _referred(module: str, name: str | None) -> Iterator[tuple[str, str | None]]:
    parsed = _parse(module)
    yield module, None
    for statement in _statements(module, name):
        for used, attribute in _names(statement):
            if used in parsed.definitions:
                yield module, used
            for target, imported in parsed.imports.get(used, ()):
                yield from _imported(target, imported or attribute)


def _imported(module: str, name: str | None) -> Iterator[tuple[str, str | None]]:
    """The definition `name` of a module, wherever it was imported from; the whole module when it is not told."""
    if name is None:
        yield from _whole(module)
    elif _file(f"{module}.{name}") is not None:
        yield from _whole(f"{module}.{name}")
    elif name in _parse(module).definitions:
        yield module, name
    else:
        yield module, None
        for target, original in _parse(module).imports.get(name, ()):
            yield from _imported(target, original)


def _statements(module: str, name: str | None) -> tuple[ast.stmt, ...]:
    parsed = _parse(module)
    return parsed.always if name is None else parsed.definitions.get(name, ())


def _names(statement: ast.stmt) -> Iterator[tuple[str, str | None]]:
    """Names used, each with the attribute read from it when that is all that is read."""
    nodes = _walk(statement)
    owners = {id(node.value): node.attr for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, ast.Name):
            yield node.id, owners.get(id(node))


@cache
def _walk(statement: ast.stmt) -> tuple[ast.AST, ...]:
    """The nodes of a syntax tree; each tree is walked once."""
    found: list[ast.AST] = [statement]
    for node in found:  # which grows meanwhile
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, list):
                found.extend(one for one in value if isinstance(one, ast.AST))
            elif isinstance(value, ast.AST) and value._fields:
                found.append(value)
    return tuple(found)


@cache
def _parse(module: str) -> Module:
    file = _file(module)
    if file is None:
        raise FileNotFoundError(f"no module {PACKAGE}.{module}")
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    definitions: dict[str, tuple[ast.stmt, ...]] = {}
    always: list[ast.stmt] = []
    for statement in tree.body:
        names = _defined(statement)
        for name in names:
            definitions[name] = (*definitions.get(name, ()), statement)
        if not names and not _is_text(statement) and not isinstance(statement, ast.Import | ast.ImportFrom):
            always.append(statement)
    return Module(definitions, _imports(tree, module), tuple(always))


def _file(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split(".")) if module else ROOT
    found = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in found if file.is_file()), None)


def _defined(statement: ast.stmt) -> list[str]:
    """Names a top-level statement defines."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    return []


def _imports(tree: ast.Module, module: str) -> dict[str, frozenset[tuple[str, str | None]]]:
    """Names bound by imports of the package anywhere in the module, lazily imported ones included."""
    found: dict[str, set[tuple[str, str | None]]] = {}
    for node in (node for statement in tree.body for node in _walk(statement)):
        if isinstance(node, ast.ImportFrom):
            source = _source(node, module)
            for alias in node.names if source is not None else ():
                if alias.name == "*":
                    raise ValueError(f"{module}: 'import *' is not followed; name what is used")
                found.setdefault(alias.asname or alias.name, set()).add(_target(source, alias.name))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith(f"{PACKAGE}."):
                    raise ValueError(f"{module}: write 'from {PACKAGE} import x', so that uses can be followed")
        elif isinstance(node, ast.Call) and _imports_by_name(node):
            raise ValueError(f"{module}: a module imported by a literal name is not followed; use an import statement")
    return {name: frozenset(targets) for name, targets in found.items()}


def _imports_by_name(node: ast.Call) -> bool:
    """Whether a call is `import_module("easy2hard…")` or `__import__("easy2hard…")`."""
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    given = [part.value for part in node.args if isinstance(part, ast.Constant)]
    return called in ("import_module", "__import__") and any(str(value).startswith(PACKAGE) for value in given)


def _source(node: ast.ImportFrom, module: str) -> str | None:
    """Dotted module inside the package that a `from … import` names; None for other packages."""
    if node.level:
        raise ValueError(f"{module}: relative imports are not followed; write 'from {PACKAGE}…'")
    name = node.module or ""
    if name == PACKAGE:
        return ""
    return name.removeprefix(f"{PACKAGE}.") if name.startswith(f"{PACKAGE}.") else None


def _target(source: str, name: str) -> tuple[str, str | None]:
    inner = f"{source}.{name}".lstrip(".")
    return (inner, None) if _file(inner) is not None else (source, name)


def _is_text(statement: object) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


@cache
def _dump(statement: ast.stmt) -> str:
    """The syntax tree as text, without docstrings, comments, positions and formatting.

    Written by hand, since what `ast.dump` prints differs between versions of Python.
    """
    return _text(statement)


def _text(node: object) -> str:
    if isinstance(node, list):
        return f"[{' '.join(_text(part) for part in node if not _is_text(part))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [(name, value) for name, value in ast.iter_fields(node) if name not in UNTOLD]
    told = [f"{name}={_text(value)}" for name, value in fields if value is not None and value != []]
    return f"({type(node).__name__} {' '.join(told)})"
