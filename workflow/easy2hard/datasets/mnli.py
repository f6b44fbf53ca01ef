"""MNLI, development set (matched), with how many of 100 fine-tuned BERT models got each pair right (McCoy et al. 2020).

Your own pairs are read by `local`.
"""

from __future__ import annotations

from easy2hard.datasets import _nli
from easy2hard.datasets._items import Items
from easy2hard.errors import UserError
from easy2hard.readers import read_tsv
from easy2hard.rows import Row
from easy2hard.sources import Loaded, Reader, Source

TITLE = "MNLI"
LICENCE = "text under MNLI's terms; counts MIT (tommccoy1/hans)"
HUB = None  # the copies on the hub lack the counts
MEASURES = ("wrong_runs", "question_words")
# Two thirds of the pairs are right in all 100 runs, so percentiles would call 2 wrong runs hard. Easy: no run is
# wrong; hard: half of the runs or more are, which a majority of runs would not get right.
CUTOFFS = {"wrong_runs": (0.0, 50.0)}
FILE = "mnli_development_set_number_of_correct_responses.txt"
CORRECT = "number of correct responses (out of 100)"
RUNS = 100


def load(source: Source, options: None, seed: int) -> Loaded:
    """9,815 items from the file or the folder it is in; ids are the file's `index`.

    Raises UserError for a damaged row, an unknown label, a count outside 0 to 100.
    """
    if source.path is None:
        raise UserError("source.path: missing (expected the file of pairs and counts; there is no hub copy)")
    reader, items = Reader(source), Items()
    path = source.path / FILE if source.path.is_dir() else source.path
    for row in reader.read(path, path.name, read_tsv):
        items.add(
            row,
            str(row.integer("index")),
            _nli.question(row.text("premise"), row.text("hypothesis")),
            list(_nli.CHOICES),
            _nli.label_word(row, "gold_label"),
            hardness=_wrong(row),
            origin=path.stem,
        )
    frame = items.frame()
    extra = {"definitions": {"question_words": _nli.QUESTION_WORDS}}
    return Loaded(frame, len(frame), {}, reader.records, extra=extra)


def _wrong(row: Row) -> float:
    correct = row.integer(CORRECT)
    if not 0 <= correct <= RUNS:
        raise row.error(f"'{CORRECT}' is {correct} (expected 0 to {RUNS})")
    return float(RUNS - correct)
