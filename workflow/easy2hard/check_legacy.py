"""Splits with `legacy: true`: what they do not combine with, and which kind of method they are drawn for."""

from __future__ import annotations

from collections.abc import Iterator

from easy2hard import legacy_draws, registry
from easy2hard.check_names import Fault
from easy2hard.config import Config, Split

NOT_WITH = ("train_dataset", "standardize")


def check_legacy(config: Config) -> Iterator[Fault]:
    """What the released code could not do, and what its draws cannot be told for."""
    for name, split in config.splits.items():
        if split.legacy:
            for part, reason in _faults(split, _kinds(config, name)):
                yield ("splits", name, part), reason


def _faults(split: Split, kinds: set[str]) -> Iterator[tuple[str, str]]:
    for part in NOT_WITH:
        if getattr(split, part):
            yield part, "not with 'legacy', whose draws are of one dataset and of plain sizes: remove it"
    strange = [name for name in split.conditions if name not in legacy_draws.KNOWN]
    if strange:
        yield "conditions", f"'{strange[0]}' is not one of the released code; with 'legacy': {legacy_draws.KNOWN}"
    if len(kinds) > 1:
        yield "legacy", (
            "methods in context and trained ones drew different sets in the released code, and experiments have both "
            "on this split; make two splits"
        )
    if "in_context" in kinds and len(split.sizes) > 1:
        yield "sizes", f"with 'legacy' and a method in context one size, found {split.sizes}; make a split for each"


def kind(config: Config, split: str) -> str:
    """Whether a split is drawn for methods in context, whose examples are ordered by the same generator."""
    return "in_context" if _kinds(config, split) == {"in_context"} else "trained"


def _kinds(config: Config, split: str) -> set[str]:
    """Kinds of the trained methods that experiments use on a split; names that do not exist are told elsewhere."""
    used = {method for chosen in config.experiments.values() if chosen.split == split for method in chosen.methods}
    plugins = {config.methods[name].plugin for name in used if name in config.methods}
    loaded = [registry.load("methods", name) for name in plugins & set(registry.names("methods"))]
    return {"in_context" if getattr(one, "IN_CONTEXT", False) else "trained" for one in loaded if one.SUPERVISED}
