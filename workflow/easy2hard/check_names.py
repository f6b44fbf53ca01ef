"""Faults of names in the config: unknown, or given twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from easy2hard.config_errors import Key
from easy2hard.errors import nearest

Fault = tuple[Key, str]


def named(key: Key, names: Iterable[str], known: Iterable[str], kind: str) -> Iterator[Fault]:
    """A fault for each name that is not known, and for each that stands twice."""
    known, seen = sorted(known), set()
    for index, name in enumerate(names):
        if name not in known:
            yield (
                (*key, index),
                f"unknown {kind} '{name}'; allowed: {', '.join(known) or '(none)'}{nearest(name, known)}",
            )
        elif name in seen:
            yield (*key, index), f"{kind} '{name}' stands twice"
        seen.add(name)


def one(key: Key, name: str | None, known: Iterable[str], kind: str) -> Iterator[Fault]:
    for _, reason in named(key, [] if name is None else [name], known, kind):
        yield key, reason
