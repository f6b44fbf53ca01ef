"""Reads the project's documents: code blocks with the path that stands above them, tables."""

from __future__ import annotations

import re
from pathlib import Path

import house

BLOCK = re.compile(r"^`(?P<path>[^`\n]+)`\n\n```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
ANY_BLOCK = re.compile(r"^```\w*\n.*?^```$", re.MULTILINE | re.DOTALL)


def read(name: str) -> str:
    """Text of a document in docs/."""
    return (house.ROOT / "docs" / name).read_text(encoding="utf-8")


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
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in kept]
