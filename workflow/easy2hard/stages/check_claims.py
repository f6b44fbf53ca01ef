"""Check the paper's claims against stored results. Needs no torch."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from easy2hard import claims as judging
from easy2hard import tables
from easy2hard.command import command
from easy2hard.files import write_text


def text(paper: str, found: pd.DataFrame) -> str:
    """The verdicts as Markdown: one section a claim, one table row a setting."""
    head = (
        f"# Claims\n\nOf {paper}.\n\nA claim holds where the whole interval supports it and fails where the whole "
        "interval refutes it; between them it is not resolved. Over settings, one failure is a failure. Intervals are "
        "95% unless the config says otherwise, one at a time: among many settings some will err. A verdict "
        "is about these results "
        "(these datasets, models and sizes); on a generated world it is no evidence about the paper's data.\n"
    )
    return head + "".join(_section(rows) for _, rows in found.groupby("claim", sort=False))


def _section(rows: pd.DataFrame) -> str:
    claim, settings = rows.iloc[0], rows.iloc[1:]
    lines = [
        f"\n## {claim['claim']}: {claim['verdict']}\n",
        f"{claim['statement']} ({claim['source']})\n",
        f"Rule: {claim['rule']}. Refuted by: {claim['refuted_by']} Here: {claim['reason']}.\n",
    ]
    if len(settings):
        lines += ["| setting | estimate | interval | n | verdict |\n|---|---|---|---|---|"]
        lines += [_row(row) for _, row in settings.iterrows()]
    return "\n".join(lines) + "\n"


def _row(row: pd.Series) -> str:
    where = [row[name] for name in ("experiment", "dataset", "model", "method", "measure", "size")]
    named = " · ".join(f"{name:g}" if isinstance(name, float) else str(name) for name in where if pd.notna(name))
    interval = "–" if pd.isna(row["low"]) else f"{row['low']:.3f} to {row['high']:.3f}"
    undefined = row["reason"].startswith("undefined")
    value = "undefined" if undefined else "–" if pd.isna(row["value"]) else f"{row['value']:.3f}"
    return f"| {named.replace('|', '/')} | {value} | {interval} | {int(row['n_items']):,} | {row['verdict']} |"


@command
def main(
    claims: Path,
    out: Path,
    markdown: Path,
    results: Path | None = None,
    correlations: Path | None = None,
    accuracy_by_value: Path | None = None,
    reranked: Path | None = None,
) -> None:
    """Write the verdicts as CSV and as Markdown. Tables that no claim of the file asks for need not be given."""
    asked = judging.load(claims)
    files = {"results": results, "correlations": correlations, "accuracy_by_value": accuracy_by_value}
    files = {name: path for name, path in (files | {"reranked": reranked}).items() if path is not None}
    found = judging.judge(asked, {name: tables.read(path, judging.KINDS[name]) for name, path in files.items()})
    write_text(out, found.to_csv(index=False, lineterminator="\n"))
    write_text(markdown, text(asked.paper, found))
