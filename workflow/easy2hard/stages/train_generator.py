"""Stage `train_generator`: a model fine-tuned to write solutions."""

from __future__ import annotations

import sys
from pathlib import Path

from easy2hard import files, fingerprint, pools, registry, scratch, tables, training_jobs
from easy2hard.command import command
from easy2hard.errors import UserError
from easy2hard.settings import options_of


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
) -> None:
    """Write the model folder `out`: safetensors, config, tokenizer and record.json.

    problems: part, condition, measure, size of `config_reranking.Problems`. format: name or JSON object. A job that
    was killed goes on where it stood.
    """
    from easy2hard.models import load

    plugin, spec = registry.load("generators", generator), model_spec or {}
    if not plugin.TRAINS:
        raise UserError(f"generator '{generator}' trains nothing")
    layout, chosen = training_jobs.layout(format), options_of(plugin, options)
    pool = pools.pool(tables.read(items, tables.ITEMS), tables.read(hardness, tables.HARDNESS), problems, seed)
    told = {
        "generator": generator,
        "options": chosen.model_dump(exclude={"training"}) | {"training": chosen.training.identity()},
        "format": layout.model_dump(mode="json"),
        "problems": problems | {"drawn": len(pool)},
        "seed": seed,
        "base": load.model_fingerprint(model, spec),
    }
    code = fingerprint.fingerprint("stages.train_generator", f"generators.{generator}")
    identity = told | {"code": code, "spec": spec}
    with scratch.folder(out, identity, (items, hardness)) as state, files.replacing(out) as partial:
        job = training_jobs.GeneratorJob(pool, layout, chosen, model, spec, seed, state, partial)
        told["training"] = plugin.train(job)
        training_jobs.write_record(partial, told)
    print(f"trained on {len(pool)} problems: {training_jobs.short(told['training'])}", file=sys.stderr)
