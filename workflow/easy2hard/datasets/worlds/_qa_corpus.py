"""Pretraining text of the QA world: documents of question-answer pairs, each by one author.

Careful authors answer by the truth, forum authors by the popular beliefs; both slip now and then. Part of the documents
name their author's kind after <bos> (`<textbook>` or `<forum>`); in the others it is latent. The model thus knows the
truth (asked with `<textbook>`) but an untagged question gets a mixture: there is something to elicit.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from easy2hard import seeds
from easy2hard.datasets.worlds import _qa_facts as qa
from easy2hard.datasets.worlds._qa_options import Options

TEXTBOOK, FORUM, ASK, END = "<textbook>", "<forum>", "most", "?"


def vocabulary(objects: int) -> list[str]:
    """Words of the world in a fixed order, without the special tokens bos, eos, pad, unk."""
    return [TEXTBOOK, FORUM, ASK, END, *qa.COLOURS, *qa.OBJECTS[:objects]]


def documents(facts: qa.Facts, options: Options, seed: int) -> pd.DataFrame:
    """document_id, text, author (careful or forum), tagged. Every text has `document_tokens - 1` words: <bos> is added
    by the tokenizer, and the last question is cut where the document ends."""
    random = seeds.generator(seed, "worlds/qa", "corpus", options.facts_seed)
    careful = random.random(options.documents) < options.careful
    tagged = random.random(options.documents) < options.tagged
    codes = _codes(random, facts, options, careful, tagged)
    names = np.array(vocabulary(options.objects), dtype=object)
    return pd.DataFrame(
        {
            "document_id": [f"qa-{number:06d}" for number in range(options.documents)],
            "text": [" ".join(row) for row in names[codes]],
            "author": np.where(careful, "careful", "forum"),
            "tagged": tagged,
        }
    )


def _codes(
    random: np.random.Generator, facts: qa.Facts, options: Options, careful: np.ndarray, tagged: np.ndarray
) -> np.ndarray:
    """Word numbers, (documents, document_tokens - 1)."""
    width = options.document_tokens - 1
    weights = np.array(options.level_weights) / sum(options.level_weights)
    levels = random.choice(qa.LEVELS, p=weights, size=(options.documents, width // 4 + 1))
    lengths = 2 * levels + 2
    starts = tagged[:, None] + lengths.cumsum(axis=1) - lengths
    codes = np.zeros((options.documents, width + 2 * max(qa.LEVELS) + 2), dtype=np.int64)
    codes[:, 0] = np.where(careful, 0, 1)  # overwritten by the first question where the author is not named
    for level in qa.LEVELS:
        document, column = np.nonzero((levels == level) & (starts < width))
        pairs = _pairs(random, facts, level, careful[document], options.slip)
        codes[document[:, None], starts[document, column][:, None] + np.arange(2 * level + 2)] = pairs
    return codes[:, :width]


def _pairs(random: np.random.Generator, facts: qa.Facts, level: int, careful: np.ndarray, slip: float) -> np.ndarray:
    """Word numbers of one question and its answer for each author, (n, 2*level+2)."""
    everything = np.arange(len(facts.truth))
    asked = qa.draw_questions(random, facts, level, len(careful), everything, keep_reserved=False)
    said = np.where(careful, qa.answers(asked, facts.truth), qa.answers(asked, facts.belief))
    slipped = random.random(len(said)) < slip
    said = np.where(slipped, random.integers(len(qa.COLOURS), size=len(said)), said)
    pairs = np.empty((len(said), 2 * level + 2), dtype=np.int64)
    pairs[:, 0], pairs[:, -2], pairs[:, -1] = 2, 3, 4 + said
    pairs[:, 1:-2] = 4 + len(qa.COLOURS) + asked
    return pairs
