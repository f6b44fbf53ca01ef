"""Premise and hypothesis pairs as a question with the choices yes, maybe, no; shared by the NLI datasets."""

from __future__ import annotations

from easy2hard.errors import unknown
from easy2hard.rows import Row

CHOICES = ("yes", "maybe", "no")
LABELS = ("entailment", "neutral", "contradiction")  # in the order of CHOICES, and of the hub's label numbers
LETTERS = "enc"
ASKED = "Does it follow that:"
QUESTION_WORDS = (
    f"Number of words in premise and hypothesis and in the {len(ASKED.split())} words that ask between them, "
    "choices excluded, split at white space."
)


def question(premise: str, hypothesis: str) -> str:
    """The pair as one question."""
    return f"{premise.strip()}\n{ASKED} {hypothesis.strip()}"


def label_word(row: Row, name: str) -> int:
    """Index into CHOICES of a label written out. Raises UserError."""
    return _among(row, name, LABELS)


def label_letter(row: Row, name: str) -> int:
    """Index into CHOICES of a label given as e, n or c. Raises UserError."""
    return _among(row, name, tuple(LETTERS))


def _among(row: Row, name: str, labels: tuple[str, ...]) -> int:
    label = row.text(name)
    if label not in labels:
        raise unknown(f"'{name}'", label, labels, row.place)
    return labels.index(label)
