"""Captions. A figure's text is the constant CAPTION of its plug-in (one file adds a figure); the stage writes the
finished caption, with what is shown and what was generated, beside the figure.
"""

from __future__ import annotations

from collections.abc import Sequence


def caption(title: str, text: str, shown: Sequence[str], generated: Sequence[str], paper: str = "") -> str:
    """The finished caption: a title line, then one paragraph. `shown` and `generated` name experiments or datasets;
    `paper` is what is said of values of the paper."""
    parts = [text.strip(), *filter(None, [paper])]
    if shown:
        parts.append(f"Shown: {'; '.join(shown)}.")
    if generated:
        parts.append(f"Generated data, not measured on people or on any real text: {'; '.join(generated)}.")
    return f"{title}\n\n{' '.join(parts)}\n"


def parse(stored: str) -> tuple[str, str]:
    """Title and paragraph of a caption file."""
    title, _, text = stored.partition("\n")
    return title.strip(), " ".join(text.split())
