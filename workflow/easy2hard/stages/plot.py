"""Draw one figure: its data as CSV, and from that CSV the PDF, PNG and SVG, and its caption. Needs no torch."""

from __future__ import annotations

from pathlib import Path

from easy2hard import figure_tables, paper_marks, registry, settings, style
from easy2hard.captions import caption as finished_caption
from easy2hard.command import command
from easy2hard.files import write_text


@command
def main(
    figure: str,
    spec: dict,
    pdf: Path,
    png: Path,
    svg: Path,
    csv: Path,
    caption: Path,
    results: Path | None = None,
    accuracy_by_value: Path | None = None,
    correlations: Path | None = None,
    hardness: list[Path] = (),
    reranked: Path | None = None,
    diagnosed: Path | None = None,
    options: dict | None = None,
    published: list[Path] = (),
) -> None:
    """Write the figure's data, its three pictures and its caption; `published`: the paper's values, to be shown too."""
    plugin = registry.load("figures", figure)
    chosen = settings.parse(figure_tables.Spec, spec, "spec")
    second = getattr(plugin, "SHOWS", "experiments") == "rerankings"
    tables = figure_tables.Tables(
        *(results, accuracy_by_value, correlations, list(hardness)),
        *([None] if second else published[:1]),
        spec=chosen,
        options=settings.options_of(plugin, options or {}).model_dump(),
        reranked_path=reranked,
        diagnosed_path=diagnosed,
        paper_paths=tuple(published) if second else (),
    )
    frame = plugin.data(tables)
    figure_tables.write_csv(frame, csv)
    picture = plugin.draw(figure_tables.read_csv(csv))
    with style.settings():
        style.save(picture, pdf, png, svg)
    generated = [tables.label(name, "dataset") for name in chosen.generated] if frame["generated"].any() else []
    kinds = {"reranking": chosen.rerankings, "experiment": chosen.experiments, "dataset": chosen.datasets}
    kind = next((kind for kind, names in kinds.items() if names), "dataset")
    shown = [tables.label(name, kind) for name in kinds[kind]]
    text = plugin.CAPTION.replace("{level}", f"{chosen.level:.0%}")
    said = paper_marks.RERANKING if second else paper_marks.CAPTION
    paper = paper_marks.caption(frame, getattr(plugin, "OVERLAY", ""), said)
    write_text(caption, finished_caption(plugin.TITLE, text, shown, generated, paper))
