"""Annotate by models: the hardness and the bucket of every item, from predictions or from likelihoods of texts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field

from easy2hard import buckets, mdl, settings, tables
from easy2hard.command import command
from easy2hard.errors import UserError
from easy2hard.strict import Strict

SOURCES = {
    "method": "Hase et al. 2024, §2 and App. A",
    "text": "released with the code of Hase et al. 2024; not in the paper",
}
TEXTS = {"question": "question", "answer": "right answer", "reasoning": "reasoning"}


class Spec(Strict):
    """What a measure is."""

    title: str
    """What a reader should call it."""
    method: str | None = None
    """MDL: what a reader should call the method."""
    text: Literal["question", "answer", "reasoning"] | None = None
    """Likelihood: of which text."""
    models: list[str] = Field(min_length=1)
    """Models, in the order of their tables."""
    average: Literal["raw", "normed"]
    """How models are averaged."""


class Reading(Strict):
    """What is known beside the values."""

    sizes: list[int] = []
    """Training sizes averaged over."""
    seeds: int = 0
    """Training draws averaged over."""
    curves: list[dict] = []
    """One row a model, part, size and seed: see `mdl.curve`."""
    concerns: list[str] = []
    """What a reader must know."""


Values = dict[str, pd.Series]


def _by_predictions(paths: list[Path], items: pd.DataFrame, spec: Spec) -> tuple[Values, Reading]:
    values, curves, runs = {}, [], {}
    for model, path in zip(spec.models, paths, strict=True):
        rows = tables.read(path, tables.PREDICTIONS)
        values[model] = mdl.hardness(rows, items, str(path))
        curves += [{"model": model, **row} for row in mdl.curve(rows, items)]
        runs[path] = (sorted(map(int, rows["size"].unique())), int(rows["seed"].nunique()))
    first = runs[paths[0]]
    for path, found in runs.items():
        if found != first:
            raise UserError(f"{path}: (sizes, seeds) are {found}, but {first} in {paths[0]}")
    return values, Reading(sizes=first[0], seeds=first[1], curves=curves)


def _by_likelihood(paths: list[Path], items: pd.DataFrame, spec: Spec) -> tuple[Values, Reading]:
    values, concerns = {}, []
    for model, path in zip(spec.models, paths, strict=True):
        values[model] = tables.read(path, tables.NLL).set_index("item_id")[spec.text].reindex(items["item_id"])
        strange = tables.metadata(path)["unknown"][spec.text]
        if strange:
            concerns.append(f"{strange:,} texts hold words that the tokenizer of {model} does not know")
    if not pd.concat(list(values.values())).notna().any():
        raise UserError(f"no item has a {TEXTS[spec.text]}, so nothing has a likelihood")
    return values, Reading(concerns=concerns)


def definition(spec: Spec, reading: Reading) -> str:
    """The measure in one or two sentences, with its unit."""
    if spec.text:
        said, how = f"Negative log-likelihood of the bare {TEXTS[spec.text]}, in nats summed over its tokens", []
    else:
        said, how = "One minus the mean probability of the right choice", [f"method: {spec.method}"]
        if any(reading.sizes):
            sizes = ", ".join(f"{size:,}" for size in reading.sizes)
            how.append(f"trained on {sizes} items held apart, {reading.seeds} draws each")
    how.append(f"models: {', '.join(spec.models)}")
    if spec.average == "normed":
        how.append("each model's values stretched to 0–1 over part `main`")
    return f"{said}{', averaged over models' if len(spec.models) > 1 else ''} ({'; '.join(how)})."


def _log(spec: Spec, found: dict) -> None:
    easy, hard = found["cutoffs"]["easy"], found["cutoffs"]["hard"]
    print(f"{spec.title}: easy ≤ {easy:g}, hard ≥ {hard:g}; {found['counts']['main']}", file=sys.stderr)
    for concern in found["concerns"]:
        print(f"  warning: {concern}", file=sys.stderr)


@command
def main(
    items: Path,
    measure: str,
    cutoffs: dict,
    spec: dict,
    out: Path,
    predictions: list[Path] = [],  # noqa: B006 - read by the command line, never changed
    nll: list[Path] = [],  # noqa: B006
) -> None:
    """Write item_id, value, bucket; metadata as `annotate`, with models, sizes, seeds and curves besides.

    `predictions` (MDL) or `nll` (likelihood of a text): one table a model, in the order of the spec's models.
    """
    asked, wanted = settings.parse(Spec, spec, "spec"), buckets.parse(cutoffs)
    rows, about = tables.read(items, tables.ITEMS), tables.metadata(items)
    given = nll if asked.text else predictions
    if len(given) != len(asked.models):
        raise UserError(f"{len(given)} tables for {len(asked.models)} models ({', '.join(asked.models)})")
    values, reading = (_by_likelihood if asked.text else _by_predictions)(given, rows, asked)
    part = rows.set_index("item_id")["part"]
    value = mdl.average(values, part, asked.average).reset_index(drop=True)
    bucket, resolved = buckets.assign(value, rows["part"], wanted)
    metadata = {
        "measure": measure,
        "title": asked.title,
        "definition": definition(asked, reading),
        "source": SOURCES["text" if asked.text else "method"],
        "dataset": str(about["dataset"]),
        "licence": about["licence"],
        "cutoffs": {"kind": wanted.kind, "asked": [wanted.easy, wanted.hard], "easy": resolved[0], "hard": resolved[1]},
        "counts": buckets.tally(rows, bucket),
        "concerns": [*buckets.concerns(value, rows["part"], bucket, resolved), *reading.concerns],
        "models": asked.models,
        "average": asked.average,
        "method": asked.method,
        "text": asked.text,
        **reading.model_dump(include={"sizes", "seeds", "curves"}),
    }
    _log(asked, metadata)
    table = pd.DataFrame({"item_id": rows["item_id"], "value": value, "bucket": bucket})
    tables.write(table, out, tables.HARDNESS, metadata)
