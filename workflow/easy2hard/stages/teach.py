"""Stage `teach`: a published training set → what generators (LESSONS) or evaluators (LABELLED) learn from."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from easy2hard import registry, sample_tables, solutions, tables, tables_streamed, teaching_files, teaching_problems
from easy2hard.command import command
from easy2hard.errors import UserError
from easy2hard.settings import options_of
from easy2hard.sources import Source
from easy2hard.teaching_files import Files

TABLES = {"lessons": sample_tables.LESSONS, "labelled": sample_tables.LABELLED}


def counted(gives: str, row: tuple) -> dict[str, int]:
    """What a row adds to the counts of the table: lessons that end a solution, labels."""
    if gives == "lessons":
        return {"ending": int(row[-1])}
    labels = row[-1]
    return {"positive": sum(label > 0.5 for label in labels), "negative": sum(label <= 0.5 for label in labels)}


def untold(items: pd.DataFrame) -> list[str]:
    """What the reader of the table should know: test problems that the dataset does not have cannot be left out."""
    return [] if (items["part"] == "test").any() else ["the dataset has no part 'test', so its problems may be learnt"]


def summary(found: Files) -> str:
    reasons = [f"{count:,} {reason}" for reason, count in sorted(found.left_out.items())]
    return ", ".join([*reasons, f"{len(found.bad):,} bad"])


def log(told: dict, bad: Iterable[str]) -> None:
    """Say on stderr what was read, made, left out, and which records were bad."""
    for source in told["sources"]:
        say(f"read {source['name']}: {source['bytes']:,} bytes, sha256 {source['sha256'][:12]}…")
    say(f"{told['records']:,} records → {told['examples']:,} examples")
    for reason, count in told["left_out"].items():
        say(f"  left out, {reason}: {count:,}")
    if told["bad"]["count"]:
        say(f"  left out, bad: {told['bad']['count']:,}")
    for line in bad:
        say(f"    {line}")
    for note in told["notes"]:
        say(f"warning: {note}")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@command
def main(
    plugin: str,
    gives: str,
    source: dict,
    items: Path,
    hardness: Path,
    problems: dict,
    options: dict,
    on_bad_record: str,
    format: str,
    seed: int,
    out: Path,
) -> None:
    """Write table LESSONS or LABELLED (`gives`: lessons, labelled) of a published training set, read record by record.

    items, hardness, problems: the problems to learn from. Rows are in the order of the source. on_bad_record: stop or
    skip.
    """
    module = registry.load("teaching", plugin)
    chosen, where = options_of(module, options), Source.of(source).pinned(module.HUB)
    every = tables.read(items, tables.ITEMS)
    known = teaching_problems.known(every, tables.read(hardness, tables.HARDNESS), problems, seed)
    found = Files(teaching_files.locate(where, module.files(chosen)), on_bad_record == "skip")
    made = getattr(module, gives)(found, known, solutions.read(format), chosen)
    with tables_streamed.writing(out, TABLES[gives], "example") as writer:
        counts, own = Counter[str](), set(known.chosen.values())
        for row in made:
            writer.add(row)
            counts.update(counted(gives, row) | {"outside": row[0] not in own})
        if not writer.rows:
            raise UserError(f"teach {plugin}: none of {found.records:,} records gives an example; {summary(found)}")
        told = {"plugin": plugin, "title": module.TITLE, "licence": module.LICENCE, "examples": writer.rows}
        told["notes"] = [*teaching_files.notes(where), *untold(every)]
        writer.metadata |= told | dict(counts) | found.told()
    log(writer.metadata, found.bad)
