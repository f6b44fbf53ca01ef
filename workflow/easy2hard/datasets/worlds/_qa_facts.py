"""Facts and questions of the QA world: objects with a true colour, some with a popular wrong one.

A question of level l lists 2l-1 objects with replacement; its answer is the most frequent true colour, and the winner
is unique. Questions are integer arrays of object numbers, shape (n, 2l-1); answers are colour numbers, shape (n,).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from easy2hard import seeds

COLOURS = ("red", "blue", "green", "violet")
# fmt: off
OBJECTS = (
    "kettle", "lamp", "drum", "cup", "chair", "boat", "clock", "glove", "hat", "jar", "key", "ladder", "mirror",
    "needle", "oven", "piano", "quilt", "ribbon", "spoon", "table", "umbrella", "vase", "wagon", "bell", "candle",
    "door", "engine", "fan", "guitar", "hammer", "iron", "jacket", "kite", "lantern", "map", "nail", "oar", "pen",
    "rope", "saw", "tent", "urn", "violin", "wheel", "yarn", "anchor", "basket", "carpet", "desk", "envelope",
    "flute", "globe", "harp", "ink", "jug", "knife", "lock", "mug", "net", "organ", "pillow", "rake", "sofa", "towel",
)
# fmt: on
LEVELS = (1, 2, 3, 4, 5)
RESERVED_SHARE = 4  # one question in four, of level 2 and above, never occurs in pretraining text


@dataclass(frozen=True)
class Facts:
    """truth, belief: colour number of each object, shape (objects,). open: objects that supervision may use."""

    truth: np.ndarray
    belief: np.ndarray
    open: np.ndarray

    @property
    def vulnerable(self) -> np.ndarray:
        """Objects of which the popular belief is wrong, bool (objects,)."""
        return self.truth != self.belief


def draw_facts(facts_seed: int, objects: int, vulnerable: float) -> Facts:
    """The world. Open and held-out halves have the same counts of every (colour, vulnerable or not).

    objects: a multiple of eight (four colours in two halves), at most `len(OBJECTS)`.
    """
    random = seeds.generator(facts_seed, "worlds/qa", "facts")
    half = objects // 2
    truth = np.tile(np.arange(half) % len(COLOURS), 2)
    fooled = np.tile(np.arange(half) < round(half * vulnerable), 2)
    shift = random.integers(1, len(COLOURS), size=objects)
    belief = np.where(fooled, (truth + shift) % len(COLOURS), truth)
    order = random.permutation(objects)
    return Facts(truth[order], belief[order], (np.arange(objects) < half)[order])


def counts(colours: np.ndarray) -> np.ndarray:
    """How often each colour occurs in each row: (n, width) colour numbers -> (n, colours)."""
    return (colours[:, :, None] == np.arange(len(COLOURS))).sum(axis=1)


def answers(questions: np.ndarray, colour_of: np.ndarray) -> np.ndarray:
    """Plurality colour of each row under `colour_of` (truth or belief); among tied colours the first one listed."""
    listed = colour_of[questions]
    votes = np.take_along_axis(counts(listed), listed, axis=1)
    return listed[np.arange(len(listed)), votes.argmax(axis=1)]


def has_winner(questions: np.ndarray, facts: Facts) -> np.ndarray:
    """Whether one true colour is strictly the most frequent, bool (n,)."""
    ordered = np.sort(counts(facts.truth[questions]), axis=1)
    return ordered[:, -1] > ordered[:, -2]


def reserved(questions: np.ndarray) -> np.ndarray:
    """Questions kept out of pretraining text, bool (n,): a checksum of the ordered objects; never those of level 1.

    A property of the question and not of a seed, so items and corpus cannot meet whatever their seeds are.
    """
    weights = 2 * np.arange(questions.shape[1]) + 1
    return ((questions * weights).sum(axis=1) % RESERVED_SHARE == 0) & (questions.shape[1] > 1)


def draw_questions(
    random: np.random.Generator, facts: Facts, level: int, n: int, allowed: np.ndarray, keep_reserved: bool
) -> np.ndarray:
    """`n` questions (n, 2*level-1) of the `allowed` object numbers with a unique winner; repeats are possible.

    keep_reserved: only reserved questions, or only the others (level 1 is in both).
    """
    found, have = [], 0
    while have < n:
        drawn = allowed[random.integers(len(allowed), size=(2 * (n - have) + 64, 2 * level - 1))]
        keep = has_winner(drawn, facts)
        if level > 1:
            keep &= reserved(drawn) == keep_reserved
        found.append(drawn[keep])
        have += int(keep.sum())
    return np.concatenate(found)[:n] if found else np.empty((0, 2 * level - 1), dtype=int)


def words(question: np.ndarray) -> str:
    """One question as text, e.g. `most kettle lamp drum ?`."""
    return f"most {' '.join(OBJECTS[number] for number in question)} ?"
