"""One look for every figure: print sizes, colours safe for colour-blind readers, marks that survive greyscale.

matplotlib is imported inside the functions, so that plug-ins stay light and no display is ever asked for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from easy2hard.files import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 7.2  # inches: the text width of a two-column page
SMALL, NORMAL, LARGE = 8.0, 8.5, 9.5  # points at print size
INK, SOFT, BAND = "#1a1a1a", "#5a5a5a", "#f1f1f1"
TAG = "Generated data"
LABEL = 44  # characters of a legend label before it is folded

SETTINGS = {
    "font.family": "DejaVu Sans",
    "font.size": NORMAL,
    "axes.titlesize": LARGE,
    "axes.labelsize": NORMAL,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "legend.handlelength": 2.4,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.4,
    "hatch.linewidth": 0.6,
    "text.parse_math": False,
    "figure.facecolor": "white",
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.06,
    "svg.hashsalt": "easy2hard",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "path.simplify": False,
}


@dataclass(frozen=True)
class Mark:
    """How one series looks: three signs (colour, marker, line) and a hatch, so that no one sign is needed."""

    color: str
    marker: str
    line: str | tuple
    hatch: str
    filled: bool = True
    size: float = 5.2

    @property
    def face(self) -> str:
        return self.color if self.filled else "white"


# Okabe and Ito's palette; lightness also differs between neighbours in each list.
_BLACK, _ORANGE, _SKY, _GREEN, _BLUE, _RED, _PURPLE = (
    "#000000",
    "#e69f00",
    "#56b4e9",
    "#009e73",
    "#0072b2",
    "#d55e00",
    "#cc79a7",
)
CONDITIONS = {
    "unsupervised": Mark(_BLACK, "X", ":", ""),
    "easy": Mark(_SKY, "o", "-", "..."),
    "medium": Mark(_GREEN, "^", "-.", "//"),
    "hard": Mark(_RED, "s", "--", "xx"),
    "all": Mark(_BLUE, "D", (0, (5, 1, 1, 1, 1, 1)), "\\\\", filled=False),
    "easy_and_hard": Mark(_PURPLE, "v", (0, (1, 1)), "++"),
    "ceiling": Mark(_BLACK, "*", (0, (8, 2)), "", size=8.0),
}
SERIES = (
    Mark(_BLUE, "o", "-", ""),
    Mark(_ORANGE, "s", "--", "//"),
    Mark(_GREEN, "^", "-.", "xx", filled=False),
    Mark(_RED, "D", ":", ".."),
    Mark(_PURPLE, "v", (0, (5, 1, 1, 1)), "\\\\", filled=False),
    Mark(_SKY, "P", (0, (3, 1)), "++"),
    Mark(_BLACK, "X", (0, (1, 1)), "--", filled=False),
    Mark("#8c6d00", "p", (0, (8, 2)), "oo"),
)
VOTES = {
    "greedy": Mark(_PURPLE, "v", (0, (5, 1, 1, 1)), "\\\\", filled=False),
    "sampled": Mark("#8c6d00", "p", (0, (8, 2)), "oo"),
    "random": Mark(_SKY, "P", (0, (3, 1)), "++"),
    "majority": Mark(_BLACK, "s", "--", "//"),
    "weighted": Mark(_BLUE, "o", "-", ""),
    "best_of_n": Mark(_RED, "D", ":", ".."),
    "pass_at_n": Mark(_GREEN, "^", "-.", "xx", filled=False),
}


def mark(style: str, position: int) -> Mark:
    """The mark of a training condition or a way to choose an answer, else the `position`-th of the general series."""
    return CONDITIONS.get(style) or VOTES.get(style) or SERIES[position % len(SERIES)]


@contextmanager
def settings() -> Iterator[None]:
    """Draw with this module's settings on the file-writing backend."""
    import matplotlib

    matplotlib.use("Agg", force=False)
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, **SETTINGS, "backend": "Agg"}):
        yield


def blank(height: float, width: float = WIDTH) -> Figure:
    """An empty figure, inches, not registered with pyplot (nothing to close). Call inside `settings`."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def save(figure: Figure, pdf: Path | str, png: Path | str, svg: Path | str) -> None:
    """Write the three files. The same figure gives the same bytes: no time, no random id. Call inside `settings`."""
    plain = {"pdf": {"CreationDate": None, "ModDate": None}, "png": {"Software": None}, "svg": {"Date": None}}
    for kind, path in (("pdf", pdf), ("png", png), ("svg", svg)):
        with replacing(path) as partial:
            figure.savefig(partial, format=kind, metadata=plain[kind], dpi=200, facecolor="white")


def wrap(text: object, width: int) -> str:
    """Text folded to lines of at most `width` characters, after blanks, else after `_`, `-` or `/`, else anywhere."""
    pieces = [
        piece[at : at + width]
        for piece in re.findall(r"\s+|[^\s_/-]*[_/-]+|[^\s_/-]+", str(text))
        for at in range(0, len(piece), width)
    ]
    folded = [""]
    for piece in pieces:
        if len((folded[-1] + piece).rstrip()) > width:
            folded.append("")
        folded[-1] += " " if piece.isspace() else piece
        folded[-1] = folded[-1].lstrip()
    return "\n".join(line.rstrip() for line in folded if line.strip()) or " "


def lines(text: str) -> int:
    """Lines of a folded text."""
    return text.count("\n") + 1


def count(low: float, high: float | None = None) -> str:
    """`1,234` or `1,200–1,234`."""
    high = low if high is None else high
    return f"{int(low):,}" if int(low) == int(high) else f"{int(low):,}–{int(high):,}"


def percent(value: float, _position: int = 0) -> str:
    """A share as a percentage for a tick."""
    return f"{100 * value:.4g}%"


def legend_columns(labels: Sequence[str], width: float) -> int:
    """Columns of a legend over a figure `width` inches wide: one row where the labels fit."""
    widths = [max(map(len, wrap(label, LABEL).split("\n"))) + 8 for label in labels]  # a key takes about 8 characters
    room = 15.5 * width
    return len(labels) if sum(widths) <= room else max(1, math.floor(room / max(widths)))


def legend_height(labels: Sequence[str], width: float) -> float:
    """Inches that a legend with a title takes."""
    return 0.26 + 0.17 * math.ceil(len(labels) / legend_columns(labels, width))


def legend(figure: Figure, handles: Sequence, labels: Sequence[str], title: str = "") -> None:
    """A legend above the figure in as many columns as fit the width."""
    columns = legend_columns(labels, figure.get_figwidth())
    labels = [wrap(label, LABEL) for label in labels]
    figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=columns,
        title=title or None,
        title_fontsize=SMALL,
        columnspacing=1.6,
        borderaxespad=0.2,
    )


def tag(figure: Figure, shown: Sequence[bool]) -> None:
    """Say in the figure that what it shows, or part of it, was generated."""
    if any(shown):
        text = TAG if all(shown) else f"{TAG} where marked (generated)"
        figure.supxlabel(
            text,
            x=0.99,
            ha="right",
            fontsize=SMALL,
            color=INK,
            style="italic",
            bbox={"boxstyle": "round,pad=0.25", "facecolor": BAND, "edgecolor": SOFT, "linewidth": 0.5},
        )
