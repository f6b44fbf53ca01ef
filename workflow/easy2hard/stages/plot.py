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
    results: Path,
    accuracy_by_value: Path,
    correlations: Path,
    hardness: list[Path],
    spec: dict,
    pdf: Path,
    png: Path,
    svg: Path,
    csv: Path,
    caption: Path,
    options: dict | None = None,
    published: list[Path] = (),
) -> None:
    """Write the figure's data, its three pictures and its caption; `published`: the paper's values, to be shown too."""
    plugin = registry.load("figures", figure)
    chosen = settings.parse(figure_tables.Spec, spec, "spec")
    given = settings.options_of(plugin, options or {}).model_dump()
    tables = figure_tables.Tables(
        results, accuracy_by_value, correlations, hardness, *published[:1], spec=chosen, options=given
    )
    frame = plugin.data(tables)
    figure_tables.write_csv(frame, csv)
    picture = plugin.draw(figure_tables.read_csv(csv))
    with style.settings():
        style.save(picture, pdf, png, svg)
    generated = [tables.label(name, "dataset") for name in chosen.generated] if frame["generated"].any() else []
    kind, names = ("experiment", chosen.experiments) if chosen.experiments else ("dataset", chosen.datasets)
    shown = [tables.label(name, kind) for name in names]
    text = plugin.CAPTION.replace("{level}", f"{chosen.level:.0%}")
    paper = paper_marks.caption(frame, getattr(plugin, "OVERLAY", ""))
    write_text(caption, finished_caption(plugin.TITLE, text, shown, generated, paper))
