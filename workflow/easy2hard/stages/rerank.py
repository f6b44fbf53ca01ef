"""Grades and scores of sampled solutions → re-ranking and diagnostics of the evaluators. No torch.

Grades of samples and of greedy solutions are in the order of spec["models"], scores in that of spec["scores"]:

    python -m easy2hard.stages.rerank --items I --hardness H --grades G… --scores S… --greedy G… --spec JSON \\
        --out reranked.parquet --diagnosed reranked.diagnosed.parquet

spec: the fields of `easy2hard.reranking_inputs.Spec`.
"""

from __future__ import annotations

from pathlib import Path

from easy2hard import diagnostics, reranking, reranking_inputs, sample_tables, settings, tables
from easy2hard.command import command
from easy2hard.problem_groups import groups


@command
def main(
    items: Path,
    hardness: Path,
    grades: list[Path],
    spec: dict,
    out: Path,
    diagnosed: Path,
    scores: list[Path] = (),
    greedy: list[Path] = (),
) -> None:
    """Write tables RERANKED and DIAGNOSED of one re-ranking.

    items, hardness: of the problems, hardness by spec["measure"]. greedy: grades of one greedy solution a problem.
    """
    chosen = settings.parse(reranking_inputs.Spec, spec, "spec")
    models = reranking_inputs.read(chosen, grades, scores, greedy)
    problems, levels = tables.read(items, tables.ITEMS), tables.read(hardness, tables.HARDNESS)
    told, levels_only = (
        {model.name: groups(model.samples.item_ids, problems, levels, subjects=subjects) for model in models}
        for subjects in (True, False)
    )
    options = {key: getattr(chosen, key) for key in ("subsets", "resamples", "level", "seed")}
    tables.write(reranking.rows(models, chosen, told), out, sample_tables.RERANKED, options)
    tables.write(diagnostics.rows(models, chosen, levels_only), diagnosed, sample_tables.DIAGNOSED, options)
