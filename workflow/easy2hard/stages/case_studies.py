"""A page of case studies: hard problems on which majority and weighted voting disagree. No torch."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from easy2hard import case_studies, case_studies_html, html_report, sample_tables, settings, tables
from easy2hard.command import command
from easy2hard.files import write_text


def joined(samples: pd.DataFrame, grades: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Samples with their grades and scores, row by row."""
    key = case_studies.KEY
    rows = samples.merge(grades, on=key, how="inner", validate="one_to_one")
    return rows.merge(scores, on=key, how="inner", validate="one_to_one")


@command
def main(samples: Path, grades: Path, scores: Path, items: Path, hardness: Path, spec: dict, out: Path) -> None:
    """Write the page. samples, grades, scores: of one generator's model by one evaluator; spec: `case_studies.Spec`."""
    chosen = settings.parse(case_studies.Spec, spec, "spec")
    rows = joined(
        tables.read(samples, sample_tables.SAMPLES),
        tables.read(grades, sample_tables.GRADES),
        tables.read(scores, sample_tables.SCORES),
    )
    rows = rows.assign(weight=case_studies.weights(rows, chosen))
    levels = tables.read(hardness, tables.HARDNESS)
    problems = tables.read(items, tables.ITEMS)
    problems = problems[problems["item_id"].isin(levels.loc[levels["bucket"] == chosen.bucket, "item_id"])]
    count, kinds = case_studies.kinds(problems, rows, chosen)
    sections = [case_studies_html.section(kind, chosen) for kind in kinds]
    lead = case_studies_html.lead(chosen, count, kinds)
    write_text(out, html_report.page(f"Case studies: {chosen.title}", lead, sections))
