"""What a module's source says, without running it: its definitions, the names they use, its imports.

All of it is JSON: {"definitions": {name: part}, "always": part, "imports": {name: [[module, name or null]]}}. A part is
{"digest": of the syntax trees without docstrings, comments and formatting, "names": [[name, attribute or null]]}: each
name used, with the attribute read from it when that is all that is read.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator

PACKAGE = "easy2hard"
UNTOLD = frozenset({"ctx", "kind", "type_comment"})  # follow from the rest of the tree, or change nothing


def facts(source: bytes, module: str) -> dict:
    """The facts of a source text. Raises ValueError, with the module's name, for an import that cannot be followed."""
    definitions: dict[str, list[ast.stmt]] = {}
    always: list[ast.stmt] = []
    tree = ast.parse(source, module)
    for statement in tree.body:
        names = _defined(statement)
        for name in names:
            definitions.setdefault(name, []).append(statement)
        if not names and not _is_text(statement) and not isinstance(statement, ast.Import | ast.ImportFrom):
            always.append(statement)
    found = {name: _part(statements) for name, statements in definitions.items()}
    return {"definitions": found, "always": _part(always), "imports": _imports(tree, module)}


def _part(statements: Iterable[ast.stmt]) -> dict:
    digest, names = hashlib.sha256(), {}
    for statement in statements:
        digest.update(_text(statement).encode())
        names.update(dict.fromkeys(_names(statement)))
    return {"digest": digest.hexdigest()[:32], "names": [list(pair) for pair in names]}


def _names(statement: ast.stmt) -> Iterator[tuple[str, str | None]]:
    nodes = list(ast.walk(statement))
    owners = {id(node.value): node.attr for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, ast.Name):
            yield node.id, owners.get(id(node))


def _defined(statement: ast.stmt) -> list[str]:
    """Names a top-level statement defines."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    return []


def _imports(tree: ast.Module, module: str) -> dict[str, list]:
    """Names bound by imports of the package anywhere in the module, lazily imported ones included."""
    found: dict[str, list] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            source = _source(node, module)
            for alias in node.names if source is not None else ():
                if alias.name == "*":
                    raise ValueError(f"{module}: 'import *' is not followed; name what is used")
                found.setdefault(alias.asname or alias.name, []).append([source, alias.name])
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith(f"{PACKAGE}."):
                    raise ValueError(f"{module}: write 'from {PACKAGE} import x', so that uses can be followed")
        elif isinstance(node, ast.Call) and _imports_by_name(node):
            raise ValueError(f"{module}: a module imported by a literal name is not followed; use an import statement")
    return found


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


def _is_text(statement: object) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _text(node: object) -> str:
    """The syntax tree as text, without docstrings, comments, positions and formatting.

    Written by hand, since what `ast.dump` prints differs between versions of Python.
    """
    if isinstance(node, list):
        return f"[{' '.join(_text(part) for part in node if not _is_text(part))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [(name, value) for name, value in ast.iter_fields(node) if name not in UNTOLD]
    told = [f"{name}={_text(value)}" for name, value in fields if value is not None and value != []]
    return f"({type(node).__name__} {' '.join(told)})"
