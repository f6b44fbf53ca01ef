"""One self-contained HTML page with the figures, their captions, the tables, the config and the versions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import yaml

from easy2hard import comparison, figure_tables, html_report, report_reranking, report_tables, settings
from easy2hard import tables as store
from easy2hard.captions import parse
from easy2hard.command import command, versions
from easy2hard.errors import UserError
from easy2hard.files import write_text

MOST_ROWS = 200
FIRST, SECOND = "First study: training on easy items", report_reranking.STUDY
FIRST_ABOUT = (
    "How well do models do on hard items when they are trained on easy ones only? Each result compares training on "
    "easy items with training on hard items and with no training, after Hase et al. (2024)."
)


class Spec(figure_tables.Spec):
    """What the report shows."""

    figures: list[str] = []
    """Names of the figures, in the order of their files."""
    second: list[str] = []
    """Those of them that are of the second study."""


def _about(tables: figure_tables.Tables) -> str:
    """What kind of data this is, said first."""
    generated = [tables.label(name, "dataset") for name in tables.spec.datasets if tables.is_generated(name)]
    real = [tables.label(name, "dataset") for name in tables.spec.datasets if not tables.is_generated(name)]
    asked = [FIRST_ABOUT] if tables.spec.experiments or not tables.spec.rerankings else []
    asked += [report_reranking.ABOUT] if tables.spec.rerankings else []
    parts = [html_report.paragraph(text) for text in asked]
    if generated:
        parts.append(
            html_report.paragraph(
                f"Generated data: {', '.join(generated)}. Its items, and the text its model was pretrained on, were "
                "made "
                "by a program whose design was chosen so that effects are measurable. Its numbers show that the method "
                "works and what it can measure; they are no evidence about real data or real models.",
                "note",
            )
        )
    if real:
        parts.append(html_report.paragraph(f"Real data: {', '.join(real)}.", "note real"))
    return "\n".join(parts)


def _figures(figures: list[Path], captions: list[Path], first: int = 1) -> str:
    """Figures with their captions, numbered from `first`."""
    read = [parse(path.read_text(encoding="utf-8")) for path in captions]
    shown = [
        html_report.picture(path, title, text, at)
        for at, (path, (title, text)) in enumerate(zip(figures, read, strict=True), first)
    ]
    return "\n".join(shown) or html_report.paragraph("No figures were chosen.")


def _split(figures: list[Path], captions: list[Path], second: list[str]) -> list[list[list[Path]]]:
    """Figures and captions of the first and of the second study."""
    if len(figures) != len(captions):
        raise UserError(f"report: {len(figures)} figures but {len(captions)} captions")
    pairs = list(zip(figures, captions, strict=True))
    of = [[pair for pair in pairs if (pair[0].stem in second) == wanted] for wanted in (False, True)]
    return [[[pair[at] for pair in own] for at in (0, 1)] for own in of]


def _table(path: Path) -> str:
    """A stored CSV, folded away; a long one says how much of it is shown."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    said = f"{path.name}: {len(rows):,} rows"
    if len(rows) > MOST_ROWS:
        said += f", the first {MOST_ROWS} shown (the file has all)"
    return html_report.details(said, html_report.table(list(rows.columns), rows.head(MOST_ROWS).to_numpy().tolist()))


def _claims(path: Path) -> str:
    found = pd.read_csv(path)
    note = (
        "A claim holds where the whole interval supports it, fails where the whole interval refutes it, and is not "
        "resolved in between; over several settings one failure is a failure. Intervals are taken one at a time: among "
        "many settings some will err. A verdict is about these results only."
    )
    return html_report.paragraph(note) + report_tables.claims(found)


def _published(stored: figure_tables.Tables, path: Path) -> str:
    found = store.read(path, comparison.COMPARISON)
    said = html_report.paragraph(store.metadata(path)["said"])
    return said + (report_tables.published(stored, found) if len(found) else "")


def _pages(pages: list[Path], none: str) -> str:
    """Markdown pages, each folded away; a sentence where there are none."""
    shown = [
        html_report.details(_first_heading(text), html_report.markdown(text))
        for text in (path.read_text(encoding="utf-8") for path in pages)
    ]
    return "\n".join(shown) or html_report.paragraph(none)


def _first_heading(text: str) -> str:
    return text.lstrip().partition("\n")[0].lstrip("# ").strip() or "Data card"


def _config(config: dict) -> str:
    return html_report.paragraph("Everything this run depends on, defaults included.") + html_report.details(
        "Show the config",
        f"<pre>{html_report.escape(yaml.safe_dump(config, sort_keys=True, allow_unicode=True))}</pre>",
    )


def _second(
    stored: figure_tables.Tables,
    pictures: str,
    published: Path | None,
    claims: Path | None,
    cases: Sequence[Path],
) -> list[tuple[str, str]]:
    """Sections of the second study."""
    sections = [*report_reranking.results(stored), ("Figures of re-ranking", pictures)]
    sections += [("Claims of re-ranking", _claims(claims))] if claims else []
    sections += [("Re-ranking beside the paper", report_reranking.published(stored, published))] if published else []
    return sections + ([("Case studies", report_reranking.case_studies(cases))] if cases else [])


@command
def main(
    results: Path,
    claims: Path,
    published: Path,
    config: dict,
    spec: dict,
    out: Path,
    figures: list[Path] = (),
    captions: list[Path] = (),
    tables: list[Path] = (),
    cards: list[Path] = (),
    examples: list[Path] = (),
    reranked: Path | None = None,
    diagnosed: Path | None = None,
    published_reranking: Path | None = None,
    claims_reranking: Path | None = None,
    case_studies: list[Path] = (),
) -> None:
    """Write the page. figures: SVG or PNG, in the order of captions; tables: CSV; cards, examples: Markdown;
    claims: CSV; published: the comparison with the paper. reranked and those after it: of the second study, where
    there is one; case_studies: pages that lie beside this one. Of what a config does not select, none is given."""
    stored = figure_tables.Tables(
        results, spec=settings.parse(Spec, spec, "spec"), reranked_path=reranked, diagnosed_path=diagnosed
    )
    titles = [stored.label(name, "experiment") for name in stored.spec.experiments]
    titles += [stored.label(name, "reranking") for name in stored.spec.rerankings]
    first, second = _split(figures, captions, stored.spec.second)
    sections = [
        ("Supervision Gap Recovered", report_tables.sgr(stored)),
        ("Accuracy", report_tables.accuracy(stored)),
        ("Figures", _figures(*first)),
        ("Claims", _claims(claims)),
        ("Beside the paper", _published(stored, published)),
        ("Prompts and examples", _pages(examples, "No experiment has trained and untrained methods.")),
        ("Hardness", _pages(cards, "No hardness tables were chosen.")),
    ]
    if reranked is not None:
        shown = html_report.items(map(html_report.escape, titles[: len(stored.spec.experiments)]))
        pictures = _figures(*second, first=len(first[0]) + 1)
        sections = [(FIRST, shown), *sections, (SECOND, report_reranking.about(stored))]
        sections += _second(stored, pictures, published_reranking, claims_reranking, case_studies)
    sections += [
        ("Tables", "\n".join(map(_table, tables)) or html_report.paragraph("No tables were chosen.")),
        ("Config", _config(config)),
        ("Versions", html_report.items(map(html_report.escape, versions()))),
    ]
    title = "; ".join(titles) if 0 < len("; ".join(titles)) <= 90 else "Easy-to-hard generalization"
    write_text(out, html_report.page(title, _about(stored), sections, studies=(FIRST, SECOND)))
