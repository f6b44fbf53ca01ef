"""The answer extractor of Hase 2024 (§4.3 of the specification), with its faults; `answers` has ours."""

from __future__ import annotations


def legacy_extract(text: str, kind: str, cut_line: bool = True) -> str | None:
    """The answer by the original's extractor; None where it finds no cue, which counts as wrong.

    cut_line: True for ICL and zero-shot, False for LoRA. Faults kept, on purpose: only the first cue counts, up to a
    second one; commas and minus signs are removed here but not from the label (`legacy_right`), so such labels are
    never met; two numbers among the last two words are glued together; with no digit there, the first word with a
    digit wins although the last is looked for; "5.0" and "5." are not "5".
    """
    parts = _legacy_trim(text).split("the answer is")
    if len(parts) < 2:
        return None
    kept = parts[1].split("\n")[0] if cut_line else parts[1]
    kept = kept.strip()
    return _legacy_number(kept) if kind == "number" else kept


def legacy_right(text: str, answer: str, kind: str, cut_line: bool = True) -> bool:
    """Whether the original counts a generated text as right: its extraction is the label, character by character."""
    found = legacy_extract(text, kind, cut_line)
    return found is not None and found == _legacy_trim(answer)


def _legacy_trim(text: str) -> str:
    return text.lower().strip().strip(".")


def _legacy_number(kept: str) -> str:
    words = kept.split()
    found = _legacy_digits(" ".join(words[-2:]))
    if not found:
        for word in reversed(words):
            if any(sign.isdigit() for sign in word):
                found = _legacy_digits(word)  # never stops: the first such word wins
    return found


def _legacy_digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit() or sign == ".")
