"""Pretraining text of the QA world with reasoning: some answers follow statements about each object.

`most kettle lamp drum ? red` or `most kettle lamp drum ? think kettle red lamp green drum red So the answer is red`.
Authors are those of the QA world: a forum author also states the popular wrong colours.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from easy2hard import seeds
from easy2hard.datasets.worlds import _qa_corpus as text
from easy2hard.datasets.worlds import _qa_facts as qa

THINK = "think"
CONCLUSION = ("So", "the", "answer", "is")


def vocabulary(objects: int) -> list[str]:
    """Words of the world in a fixed order, without the special tokens."""
    return [*text.vocabulary(objects), THINK, *CONCLUSION]


def draw_questions(
    random: np.random.Generator, facts: qa.Facts, level: int, n: int, allowed: np.ndarray, keep_reserved: bool
) -> np.ndarray:
    """`n` questions as in the QA world, but of different objects: to state each in turn, one must know where one is."""
    found, have = [], 0
    while have < n:
        drawn = qa.draw_questions(random, facts, level, 2 * (n - have) + 64, allowed, keep_reserved)
        ordered = np.sort(drawn, axis=1)
        found.append(drawn[(ordered[:, 1:] != ordered[:, :-1]).all(axis=1)])
        have += len(found[-1])
    return np.concatenate(found)[:n] if found else np.empty((0, 2 * level - 1), dtype=int)


def statements(question: np.ndarray, colour_of: np.ndarray) -> list[str]:
    """`object colour` of each object of a question, in its order."""
    return [f"{qa.OBJECTS[number]} {qa.COLOURS[colour_of[number]]}" for number in question]


def documents(facts: qa.Facts, options: object, seed: int) -> pd.DataFrame:
    """document_id, text, author, tagged, as in the QA world: texts of `document_tokens - 1` words, the last one cut."""
    random = seeds.generator(seed, "worlds/qa_steps", "corpus", options.facts_seed)
    careful = random.random(options.documents) < options.careful
    tagged = random.random(options.documents) < options.tagged
    width = options.document_tokens - 1
    weights = np.array(options.level_weights) / sum(options.level_weights)
    levels = random.choice(qa.LEVELS, p=weights, size=(options.documents, width // 4 + 1))
    thinks = random.random(levels.shape) < options.thinking
    lengths = np.where(thinks, 6 * levels + 4, 2 * levels + 2)
    document, column = np.nonzero(lengths.cumsum(axis=1) - lengths < width)
    pieces = np.empty(levels.shape, dtype=object)
    for level in qa.LEVELS:
        here = levels[document, column] == level
        rows, columns = document[here], column[here]
        pieces[rows, columns] = _pieces(random, facts, level, careful[rows], thinks[rows, columns], options.slip)
    tags = [
        [text.TEXTBOOK if known else text.FORUM] if shown else [] for known, shown in zip(careful, tagged, strict=True)
    ]
    texts = ((tag + " ".join(filter(None, row)).split())[:width] for tag, row in zip(tags, pieces, strict=True))
    return pd.DataFrame(
        {
            "document_id": [f"qa-{number:06d}" for number in range(options.documents)],
            "text": [" ".join(row) for row in texts],
            "author": np.where(careful, "careful", "forum"),
            "tagged": tagged,
        }
    )


def _pieces(
    random: np.random.Generator, facts: qa.Facts, level: int, careful: np.ndarray, thinks: np.ndarray, slip: float
) -> list[str]:
    """A question with its answer by each author, (n,)."""
    asked = draw_questions(random, facts, level, len(careful), np.arange(len(facts.truth)), keep_reserved=False)
    said = np.where(careful, qa.answers(asked, facts.truth), qa.answers(asked, facts.belief))
    slipped = random.random(len(said)) < slip
    said = np.where(slipped, random.integers(len(qa.COLOURS), size=len(said)), said)
    made = []
    for question, answer, knows, reasons in zip(asked, said, careful, thinks, strict=True):
        colour_of = facts.truth if knows else facts.belief
        steps = [THINK, *statements(question, colour_of), *CONCLUSION] if reasons else []
        made.append(" ".join([qa.words(question), *steps, qa.COLOURS[answer]]))
    return made
