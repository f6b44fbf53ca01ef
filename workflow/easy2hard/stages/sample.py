"""Stage `sample`: solutions of a set of problems, drawn from a generator, shard by shard."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from types import ModuleType

import pandas as pd

from easy2hard import fingerprint, pools, registry, sample_tables, scratch, solutions, tables
from easy2hard.command import command
from easy2hard.sampling import Job, Prompt, Settings, prompts, shards, stops
from easy2hard.settings import options_of, parse


def pool(items: Path, hardness: Path, problems: dict, seed: int) -> pd.DataFrame:
    """ITEMS of a set of problems, read from its tables."""
    return pools.pool(tables.read(items, tables.ITEMS), tables.read(hardness, tables.HARDNESS), problems, seed)


def draw(engine: ModuleType, job: Job, asked: list[Prompt], place: Path) -> pd.DataFrame:
    """SAMPLES of all prompts. A shard that stands in the folder `place` is not drawn again."""
    files, write = [], None
    for number, part in enumerate(shards(len(asked), job.settings, job.options)):
        files.append(place / f"{number:05d}.parquet")
        if files[-1].exists():
            continue
        write = write or engine.writer(job, asked)
        print(f"shard {number + 1}: problems {part.start + 1} to {part.stop} of {len(asked)}", file=sys.stderr)
        tables.write(write(part), files[-1], sample_tables.SAMPLES)
    return pd.concat([tables.read(file, sample_tables.SAMPLES) for file in files], ignore_index=True)


def told(rows: pd.DataFrame) -> dict:
    """What was written: problems, samples, tokens, and how the samples ended."""
    ended = rows["ended"].value_counts().sort_index()
    return {
        "problems": int(rows["item_id"].nunique()),
        "samples": len(rows),
        "tokens": int(rows["tokens"].sum()),
        "ended": {str(name): int(count) for name, count in ended.items()},
    }


def _digest(asked: list[Prompt]) -> str:
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


@command
def main(
    items: Path,
    hardness: Path,
    problems: dict,
    sampling: dict,
    engine: str,
    engine_options: dict,
    generator: str,
    options: dict,
    format: str,
    seed: int,
    out: Path,
    shown_items: Path | None = None,
    shown_hardness: Path | None = None,
    shown_problems: dict | None = None,
    model: Path | None = None,
    model_spec: dict | None = None,
) -> None:
    """Write the SAMPLES of the chosen problems. A job that was killed goes on where it stood, to the same bytes.

    problems, shown_problems: fields of `config_reranking.Problems`. sampling: fields of `sampling.Settings`.
    """
    writer, teller = registry.load("engines", engine), registry.load("generators", generator)
    form, shown = solutions.read(format), None
    if shown_items is not None and shown_hardness is not None and shown_problems is not None:
        shown = pool(shown_items, shown_hardness, shown_problems, seed)
    chosen = options_of(teller, options)
    asked, prefix = prompts(pool(items, hardness, problems, seed), shown, teller, chosen, form, seed)
    settings = parse(Settings, sampling, "sampling")
    job = Job(settings, options_of(writer, engine_options), model, model_spec or {}, stops(form, prefix), seed)
    identity = {
        "sampling": settings.model_dump(),
        "stops": list(job.stops),
        "seed": seed,
        "engine": engine,
        "written_by": writer.identity(job),
        "prompts": _digest(asked),
    }
    code = fingerprint.fingerprint("stages.sample", f"engines.{engine}", f"generators.{generator}")
    with scratch.folder(out, identity | {"code": code, "shard": job.options.shard}) as place:
        rows = draw(writer, job, asked, place)
        about = identity | told(rows) | {"generator": generator, "options": chosen.model_dump(), "format": form.name}
        tables.write(rows, out, sample_tables.SAMPLES, about)
    print(f"{out.name}: {told(rows)}", file=sys.stderr)
