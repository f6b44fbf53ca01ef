"""Stage `train_generator`: a model fine-tuned to write solutions."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from easy2hard import files, fingerprint, pools, registry, sample_tables, scratch, solutions, tables, training_jobs
from easy2hard.command import command
from easy2hard.errors import UserError
from easy2hard.lessons import Lesson
from easy2hard.settings import options_of


def published(paths: Sequence[Path]) -> list[Lesson] | None:
    """Lessons of LESSONS tables, table by table; None where there is no table."""
    if not paths:
        return None
    read = [tables.read(path, sample_tables.LESSONS) for path in paths]
    columns = ("item_id", "source", "target", "ends")
    return [Lesson(*row) for rows in read for row in zip(*(rows[name] for name in columns), strict=True)]


@command
def main(
    items: Path,
    hardness: Path,
    generator: str,
    options: dict,
    problems: dict,
    format: str,
    seed: int,
    out: Path,
    model: Path | None = None,
    model_spec: dict | None = None,
    taught: list[Path] = (),
) -> None:
    """Write the model folder `out`: safetensors, config, tokenizer and record.json.

    problems: part, condition, measure, size of `config_reranking.Problems`. format: name or JSON object. taught: tables
    LESSONS to learn from in place of the problems' solutions. A job that was killed goes on where it stood.
    """
    from easy2hard.models import load

    plugin, spec = registry.load("generators", generator), model_spec or {}
    if not plugin.TRAINS:
        raise UserError(f"generator '{generator}' trains nothing")
    layout, chosen = solutions.read(format), options_of(plugin, options)
    made = published(taught)
    pool = pools.pool(tables.read(items, tables.ITEMS), tables.read(hardness, tables.HARDNESS), problems, seed)
    told = {
        "generator": generator,
        "options": chosen.model_dump(exclude={"training"}) | {"training": chosen.training.identity()},
        "format": layout.model_dump(mode="json"),
        **({"taught": [tables.metadata(path) for path in taught]} if taught else {}),
        "problems": problems | {"drawn": len(pool)},
        "seed": seed,
        "base": load.model_fingerprint(model, spec),
    }
    code = fingerprint.fingerprint("stages.train_generator", f"generators.{generator}")
    identity = told | {"code": code, "spec": spec}
    with scratch.folder(out, identity, (items, hardness, *taught)) as state, files.replacing(out) as partial:
        job = training_jobs.GeneratorJob(pool, layout, chosen, model, spec, seed, state, partial, made)
        told["training"] = plugin.train(job)
        training_jobs.write_record(partial, told)
    learnt = f"{len(pool)} problems" if made is None else f"{len(made)} published lessons"
    print(f"trained on {learnt}: {training_jobs.short(told['training'])}", file=sys.stderr)
