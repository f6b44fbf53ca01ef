"""A published solution as pieces of text in a solution format; labelled pieces as a row of LABELLED."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from easy2hard.solutions import Format

TITLES = ("Mr.", "Mrs.")  # a step that ends so goes on in the same line


@dataclass(frozen=True)
class Piece:
    """A step as it stands in a text. gap: what parts it from the text before. ends: it holds the answer."""

    gap: str
    body: str
    ends: bool


def piece(layout: Format, before: str, words: str, answer: str | None = None) -> Piece:
    """A step, with the answer where it has one, behind the text `before`. Words and answer may be empty, not both."""
    words = words.strip()
    if answer is None:
        return Piece(_gap(layout, before), words, False)
    said = answer.strip() + layout.after
    if words:
        return Piece(_gap(layout, before), words + layout.answer + said, True)
    mark = layout.answer.lstrip()
    return Piece(layout.answer[: len(layout.answer) - len(mark)] if before else "", mark + said, True)


def _gap(layout: Format, before: str) -> str:
    if not before:
        return ""
    return " " if before.endswith(TITLES) else layout.joiner


@dataclass(frozen=True)
class Labelled:
    """A piece and its label; None for one that carries no loss."""

    piece: Piece
    label: float | None


def row(item: str, example: str, question: str, pieces: Sequence[Labelled], layout: Format) -> tuple | None:
    """A row of LABELLED, up to the last piece with a label; None where there is none.

    A label covers its step and the separator after it, as in the released code: none after the answer, none after a
    step that ends in a title.
    """
    places = [place for place, one in enumerate(pieces) if one.label is not None]
    if not places:
        return None
    pieces, text = pieces[: places[-1] + 1], ""
    starts, stops, labels = [], [], []
    for one, following in zip(pieces, [*pieces[1:], None], strict=True):
        start = len(text + one.piece.gap)
        text += one.piece.gap + one.piece.body
        if one.label is not None:
            gap = layout.joiner if following is None else following.piece.gap
            starts.append(start)
            stops.append(len(text) + (0 if _is_closed(one.piece) else len(gap)))
            labels.append(one.label)
    text += "" if _is_closed(pieces[-1].piece) else layout.joiner
    return item, example, question, text, starts, stops, labels


def _is_closed(made: Piece) -> bool:
    return made.ends or made.body.endswith(TITLES)
