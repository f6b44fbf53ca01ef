"""Premise and hypothesis pairs as yes/maybe/no questions; hardness from how many of 100 models were right.

The default columns are those of the MNLI development set with the number of correct responses of 100 BERT runs.
"""

from __future__ import annotations

from easy2hard.datasets._items import Items
from easy2hard.errors import UserError, unknown
from easy2hard.readers import read_tsv
from easy2hard.rows import Row
from easy2hard.sources import Loaded, Reader, Source
from easy2hard.strict import Strict

TITLE = "MNLI-like pairs"
LICENCE = "text under MNLI's terms; counts MIT (tommccoy1/hans)"
HUB = None
MEASURES = ("given", "question_words")
CUTOFFS: dict[str, tuple[float, float]] = {}
CHOICES = ["yes", "maybe", "no"]
LABELS = ("entailment", "neutral", "contradiction")
FILE = "mnli_development_set_number_of_correct_responses.txt"
RUNS = 100


class Options(Strict):
    """Options of the loader: the names of the columns."""

    file: str = FILE
    """File inside the folder, where the source is a folder. `.txt` is read as tab-separated with a header."""
    id: str = "index"
    """Column of the item id."""
    premise: str = "premise"
    """Column of the premise."""
    hypothesis: str = "hypothesis"
    """Column of the hypothesis."""
    label: str = "gold_label"
    """Column of entailment, neutral or contradiction."""
    correct: str | None = "number of correct responses (out of 100)"
    """Column of how many of 100 models were right; hardness is 100 minus it. null: no hardness."""
    licence: str = LICENCE
    """Licence of the data, stored with the table."""


def load(source: Source, options: Options, seed: int) -> Loaded:
    """One item a pair. Raises UserError for a damaged row, an unknown label, a count outside 0 to 100."""
    if source.path is None:
        raise UserError("source.path: missing (expected the file of pairs; there is no hub copy)")
    path = source.path / options.file if source.path.is_dir() else source.path
    reader = Reader(source)
    rows = reader.read(path, path.name, read_tsv if path.suffix == ".txt" else None)
    items = Items()
    for row in rows:
        item_id = str(row.integer(options.id)) if isinstance(row.value(options.id), int) else row.text(options.id)
        items.add(row, item_id, _question(row, options), list(CHOICES), _label(row, options),
                  hardness=_hardness(row, options), origin=path.stem)  # fmt: skip
    frame = items.frame()
    return Loaded(frame, len(frame), {}, reader.records, licence=options.licence)


def _question(row: Row, options: Options) -> str:
    premise, hypothesis = row.text(options.premise).strip(), row.text(options.hypothesis).strip()
    return f"{premise}\nDoes it follow that: {hypothesis}"


def _label(row: Row, options: Options) -> int:
    label = row.text(options.label)
    if label not in LABELS:
        raise unknown(f"'{options.label}'", label, LABELS, row.place)
    return LABELS.index(label)


def _hardness(row: Row, options: Options) -> float | None:
    if options.correct is None:
        return None
    correct = row.integer(options.correct)
    if not 0 <= correct <= RUNS:
        raise row.error(f"'{options.correct}' is {correct} (expected 0 to {RUNS})")
    return float(RUNS - correct)
