"""ChaosNLI (Nie, Zhou, Bansal 2020): 100 people's labels for pairs of SNLI, MNLI (matched) and alphaNLI.

The label is what most of the 100 chose, which is not always the label of the original dataset. The pairs of SNLI and
MNLI are those where only three of the five first annotators agreed, so entropies are higher than in the whole sets.
"""

from __future__ import annotations

import math
from typing import Literal

from easy2hard.datasets import _nli
from easy2hard.datasets._items import Items
from easy2hard.errors import UserError, unknown
from easy2hard.rows import Row
from easy2hard.sources import Loaded, Reader, Source
from easy2hard.strict import Strict

TITLE = "ChaosNLI"
LICENCE = "CC BY-NC 4.0 (easonnie/ChaosNLI)"
HUB = None  # the authors give the three files, not a repository on the hub
MEASURES = ("vote_entropy", "question_words")
# None fixed: entropy reaches 1 bit with two choices and 1.58 with three, and half of alphaNLI lies below what 90% of
# MNLI exceed; percentiles within a subset compare like with like.
CUTOFFS: dict[str, tuple[float, float]] = {}
VOTES = 100
ROUNDING = 1e-6  # bits; the files give entropies as decimals
STORY_ASKED = "What is more likely to have happened in between?"
STORY_WORDS = (
    f"Number of words in the two observations and in the {len(STORY_ASKED.split())} words that ask after them, "
    "choices excluded, split at white space."
)


class Options(Strict):
    """Options of the loader."""

    subset: Literal["snli", "mnli_m", "alphanli"] = "snli"
    """Which of the three files: pairs of SNLI or MNLI (matched), or stories of alphaNLI with two endings to choose."""


def load(source: Source, options: Options, seed: int) -> Loaded:
    """1,514 (snli), 1,599 (mnli_m) or 1,532 (alphanli) items; ids are the official `uid`. Raises UserError."""
    if source.path is None:
        raise UserError("source.path: missing (expected the folder of the official files; there is no hub copy)")
    reader, items, ties = Reader(source), Items(), 0
    story = options.subset == "alphanli"
    for row in reader.file(f"chaosNLI_{options.subset}.jsonl"):
        votes = _votes(row, ("1", "2") if story else tuple(_nli.LETTERS))
        ties += votes.count(max(votes)) > 1
        entropy, example = _entropy(row, votes), row.inside(row.value("example"), "example")
        question, choices = _story(example) if story else _pair(example)
        label = _majority(row, votes, story)
        items.add(row, row.text("uid"), question, choices, label, hardness=entropy, origin=options.subset)
    frame = items.frame()
    extra = {"definitions": {"question_words": STORY_WORDS if story else _nli.QUESTION_WORDS}}
    return Loaded(frame, len(frame), {}, reader.records, notes=_notes(ties), extra=extra)


def _pair(example: Row) -> tuple[str, list[str]]:
    return _nli.question(example.text("premise"), example.text("hypothesis")), list(_nli.CHOICES)


def _story(example: Row) -> tuple[str, list[str]]:
    question = f"{example.text('obs1').strip()} … {example.text('obs2').strip()}\n{STORY_ASKED}"
    return question, [example.text("hyp1").strip(), example.text("hyp2").strip()]


def _votes(row: Row, names: tuple[str, ...]) -> list[int]:
    """Votes by label, in the order of `names`; a label nobody chose may be left out."""
    counter = row.inside(row.value("label_counter"), "label_counter")
    for name in counter.values:
        if name not in names:
            raise unknown("label in 'label_counter'", name, names, row.place)
    votes = [counter.integer(name) if name in counter.values else 0 for name in names]
    if sum(votes) != VOTES or min(votes) < 0:
        raise row.error(f"'label_counter' holds {sum(votes)} votes (expected {VOTES}, none negative)")
    return votes


def _entropy(row: Row, votes: list[int]) -> float:
    """Entropy of the votes in bits, which must be what the file states."""
    # Sorted, so that the same votes for other labels give the same number to the last bit.
    found = sum(count / VOTES * math.log2(VOTES / count) for count in sorted(votes) if count)
    stated = row.number_or_none("entropy")
    if stated is None or abs(stated - found) > ROUNDING:
        raise row.error(f"'entropy' is {stated} (expected {found:.6f} bits, from 'label_counter')")
    return found


def _majority(row: Row, votes: list[int], story: bool) -> int:
    """Index of the file's majority label, which must be among those with most votes."""
    label = row.integer("majority_label") - 1 if story else _nli.label_letter(row, "majority_label")
    if not 0 <= label < len(votes) or votes[label] != max(votes):
        raise row.error(f"'majority_label' {row.value('majority_label')!r} (expected a label with most votes)")
    return label


def _notes(ties: int) -> list[str]:
    return [f"{ties} items have two labels with most votes; the label is the one the file names"] if ties else []
