"""Claims to check as a question with three choices; shared by the fact-checking datasets."""

from __future__ import annotations

from easy2hard.errors import unknown
from easy2hard.rows import Row

CHOICES = ("supported", "refuted", "not enough information")
LABELS = ("SUPPORTS", "REFUTES", "NOT ENOUGH INFO")  # in the order of CHOICES
NOT_ENOUGH = 2


def question(claim: str, evidence: str | None = None) -> str:
    """The claim, after its evidence where the dataset has the text of it."""
    asked = f"Claim: {claim.strip()}\nIs the claim supported or refuted{' by the evidence' if evidence else ''}?"
    return f"Evidence: {evidence.strip()}\n{asked}" if evidence else asked


def label(row: Row, name: str = "label") -> int:
    """Index into CHOICES of a label, in capitals as published or in small letters as in copies. Raises UserError."""
    found = row.text(name)
    if found.upper() not in LABELS or found not in (found.upper(), found.lower()):
        raise unknown(f"'{name}'", found, LABELS, row.place)
    return LABELS.index(found.upper())
