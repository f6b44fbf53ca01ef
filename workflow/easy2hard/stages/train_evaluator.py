"""Stage `train_evaluator`: a model that scores solutions."""

from __future__ import annotations

import sys
from pathlib import Path

from easy2hard import files, fingerprint, registry, sample_tables, scratch, solutions, tables, training_jobs
from easy2hard.command import command
from easy2hard.errors import UserError
from easy2hard.settings import options_of


@command
def main(
    labelled: Path,
    evaluator: str,
    options: dict,
    format: str,
    seed: int,
    out: Path,
    model: Path | None = None,
    model_spec: dict | None = None,
) -> None:
    """Write the evaluator's folder `out`: safetensors of body and head, config, tokenizer and record.json.

    format: of the solutions, by name or as a JSON object. A job that was killed goes on where it stood.
    """
    from easy2hard.models import evaluator as evaluators
    from easy2hard.models import load

    plugin, spec = registry.load("evaluators", evaluator), model_spec or {}
    layout, chosen = solutions.read(format), options_of(plugin, options)
    if load.kind_of(model, spec) != "causal":
        raise UserError(f"evaluator {evaluator}: the model is not read from left to right, so steps have no scores")
    told = {
        "evaluator": evaluator,
        "options": chosen.model_dump(exclude={"training"}) | {"training": chosen.training.identity()},
        "format": layout.model_dump(mode="json"),
        "labelled": tables.metadata(labelled),
        "seed": seed,
        "base": load.model_fingerprint(model, spec),
    }
    code = fingerprint.fingerprint("stages.train_evaluator", f"evaluators.{evaluator}")
    identity = told | {"code": code, "spec": spec}
    with scratch.folder(out, identity, (labelled,)) as state, files.replacing(out) as partial:
        body, tokenizer = load.load_encoder(model, spec), load.load_tokenizer(model, spec)
        rows = tables.read(labelled, sample_tables.LABELLED)
        made, told["training"] = evaluators.train(body, tokenizer, rows, layout, chosen.training, seed, state)
        evaluators.save(made, tokenizer, partial)
        training_jobs.write_record(partial, told)
    print(f"evaluator {evaluator}: {training_jobs.short(told['training'])}", file=sys.stderr)
