"""The project's documents: their code blocks, and the tables that are made from the code.

A made table stands between `<!-- table: WHAT -->` and `<!-- end -->`. To write all of them again:
PYTHONPATH=workflow python tests/documents.py
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import house
from easy2hard import config, corpora, prompts, registry, training_settings
from easy2hard.settings import model_of
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

DOCS = house.ROOT / "docs"
BLOCK = re.compile(r"^`(?P<path>[^`\n]+)`\n\n```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
ANY_BLOCK = re.compile(r"^```\w*\n.*?^```$", re.MULTILINE | re.DOTALL)
MADE = re.compile(r"(?<=<!-- table: )(?P<what>[^>]+?)(?P<open> -->\n)(?P<text>.*?)(?=<!-- end -->)", re.DOTALL)


def read(name: str) -> str:
    """Text of a document in docs/."""
    return (DOCS / name).read_text(encoding="utf-8")


def files(name: str) -> dict[str, str]:
    """Path → text of every code block of a document below a line that is a path in code font."""
    found = {block["path"]: block["text"] for block in BLOCK.finditer(read(name))}
    assert found, f"docs/{name} has no code block with a path above it"
    return found


def write(folder: Path, texts: dict[str, str]) -> None:
    """Write files below a folder; none may be there already."""
    for name, text in texts.items():
        path = folder / name
        assert not path.exists(), f"{name} exists in the tree"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def prose(text: str) -> str:
    """A document without its fenced code."""
    return ANY_BLOCK.sub("", text)


def rows(text: str) -> list[list[str]]:
    """Cells of every table row of a text, headers and rules excluded."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rules = {index for index, line in enumerate(lines) if set(line) <= set("|-: ")}
    kept = [line for index, line in enumerate(lines) if index not in rules and index + 1 not in rules]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in kept]


# -- tables made from the code --------------------------------------------------------------------------------


def made(what: str) -> str:
    """The Markdown table that a marker asks for: `datasets`, `options methods.probe`, …"""
    kind, _, of = what.partition(" ")
    return TABLES[kind](of) if of else TABLES[kind]()


def refreshed(text: str) -> str:
    """A document with its made tables written again."""
    return MADE.sub(lambda found: found["what"] + found["open"] + made(found["what"]), text)


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    head = list(head)
    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *cells))


OTHERS = {"config": config, "corpora": corpora, "training_settings": training_settings}


def options(of: str) -> str:
    """Options of a plug-in (`methods.probe`), of a class of its module (`datasets.local.Columns`), of the config
    (`config.Model`), of pretraining (`corpora.Pretraining`), of training (`training_settings.Training`)."""
    first, name, *inner = of.split(".")
    if first in registry.KINDS:
        module = registry.load(first, name)
        model = getattr(module, inner[0]) if inner else model_of(module)
    else:
        model = getattr(OTHERS[first], name)
    found = [(f"`{key}`", _default(field), _line(field.description)) for key, field in model.model_fields.items()]
    return table(("option", "default", "meaning"), found)


def _line(text: str) -> str:
    return re.sub(r"(?<!`)<(\w+)>", r"`<\1>`", " ".join(text.split()))  # else Markdown takes <bos> for HTML


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined and field.default_factory is None:
        return "must be given"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        value = value.model_dump()
    return "none" if value is None else f"`{value if isinstance(value, str) else json.dumps(value)}`"


def datasets() -> str:
    """Licence and pinned hub copy of every loader."""
    found = []
    for name in registry.names("datasets"):
        plugin = registry.load("datasets", name)
        hub = f"`{plugin.HUB['id']}` at `{plugin.HUB['revision']}`" if plugin.HUB else "none"
        found.append((f"`{name}`", plugin.TITLE, plugin.LICENCE, hub))
    return table(("plug-in", "title", "licence", "hub copy"), found)


def measures() -> str:
    """Measures and cutoffs of every loader."""
    found = []
    for name in registry.names("datasets"):
        plugin = registry.load("datasets", name)
        fixed = [f"`{key}` ≤ {low:g}, ≥ {high:g}" for key, (low, high) in plugin.CUTOFFS.items()]
        others = [f"`{key}`" for key in plugin.MEASURES if key not in plugin.CUTOFFS]
        found.append((f"`{name}`", "; ".join(fixed) or "none", ", ".join(others) or "none"))
    return table(("plug-in", "fixed: easy at most, hard at least", "30th and 70th percentile"), found)


def hardness() -> str:
    """Definition and source of every measure."""
    plugins = [(name, registry.load("hardness", name)) for name in registry.names("hardness")]
    return table(("measure", "definition", "source"), [(f"`{n}`", p.DEFINITION, p.SOURCE) for n, p in plugins])


def templates() -> str:
    """Built-in prompts: what stands before the answer, and between two examples."""
    found = []
    for name, prompt in prompts.BUILT_IN.items():
        shown = [json.dumps(text, ensure_ascii=False) for text in (prompt.query, prompt.example, prompt.separator)]
        found.append((f"`{name}`", *(f"`{text}`" for text in shown)))
    return table(("name", "`query`", "`example`", "`separator`"), found)


def methods() -> str:
    """Title, needs and jobs of every method."""
    found = []
    for name in registry.names("methods"):
        plugin = registry.load("methods", name)
        needs = {"model": "a language model", "states": "hidden states", "items": "items alone"}[plugin.NEEDS]
        jobs = " and ".join(plugin.SPLIT_JOBS_BY)
        one = f"one a {jobs}" if jobs else "one a split" if plugin.SUPERVISED else "one a dataset"
        found.append((f"`{name}`", plugin.TITLE, needs, "yes" if plugin.SUPERVISED else "no", one))
    return table(("plug-in", "title", "needs", "trained", "jobs, for each model"), found)


TABLES: dict[str, Callable[..., str]] = {
    "options": options,
    "datasets": datasets,
    "measures": measures,
    "hardness": hardness,
    "templates": templates,
    "methods": methods,
}


if __name__ == "__main__":
    for path in sorted(DOCS.glob("*.md")):
        path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")
