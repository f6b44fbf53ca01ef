"""Pretraining text of the maths world: a solved problem a document.

Careful authors compute truly; forum authors write the popular wrong result of a fact at its rate. Both slip, and go on
from the value they wrote. Part of the documents name their author's kind after <bos> (`<textbook>`, `<forum>`); in the
others it is latent. The model thus knows the truth (asked with `<textbook>`), but a plain problem gets a mixture.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from easy2hard import seeds
from easy2hard.datasets.worlds import _maths_facts as maths
from easy2hard.datasets.worlds import _maths_text as text
from easy2hard.datasets.worlds._maths_options import Options


def documents(facts: maths.Facts, options: Options, seed: int) -> pd.DataFrame:
    """document_id, text, author (careful or forum), tagged. Every text ends with the end token."""
    random = seeds.generator(seed, "worlds/maths", "corpus", options.facts_seed)
    tagged = random.random(options.documents) < options.tagged
    careful = random.random(options.documents) < np.where(tagged, 0.5, options.careful)
    weights = np.array(options.level_weights) / sum(options.level_weights)
    levels = random.choice(maths.LEVELS, p=weights, size=options.documents)
    texts = np.empty(options.documents, dtype=object)
    for level in maths.LEVELS:
        chosen = np.flatnonzero(levels == level)
        problems = maths.draw_of(random, level, len(chosen), maths.COMMON)
        running = _written(random, facts, problems, careful[chosen], options.slip)
        texts[chosen] = [" ".join(row) for row in text.solved(problems, running)]
    tags = np.where(tagged, np.where(careful, text.TEXTBOOK + " ", text.FORUM + " "), "")
    return pd.DataFrame(
        {
            "document_id": [f"maths-{number:06d}" for number in range(options.documents)],
            "text": [tag + solved for tag, solved in zip(tags, texts, strict=True)],
            "author": np.where(careful, "careful", "forum"),
            "tagged": tagged,
        }
    )


def _written(
    random: np.random.Generator, facts: maths.Facts, problems: np.ndarray, careful: np.ndarray, slip: float
) -> np.ndarray:
    """Running values (n, level) as the authors write them."""
    value, written = problems[:, 1], []
    for place, operations in enumerate(problems[:, 2:].T):
        fooled = ~careful & (random.random(len(value)) < facts.rate[value, operations])
        value = np.where(fooled, facts.wrong[value, operations], maths.results()[value, operations])
        slipped = ~fooled & (random.random(len(value)) < slip * np.where(careful, 1, 2 * place))
        value = np.where(slipped, random.integers(maths.MODULUS, size=len(value)), value)
        written.append(value)
    return np.stack(written, axis=1)
