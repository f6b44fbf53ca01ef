"""Which problem a record of a published training set is about: by its text, to the letter."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pandas as pd

from easy2hard import pools


@dataclass(frozen=True)
class Known:
    """The problems of a dataset. chosen: item by question, of those to learn from. others: all other questions.

    original: the questions, chosen or not, of the dataset's original training set.
    """

    chosen: dict[str, str]
    others: frozenset[str]
    original: frozenset[str]

    def item(self, question: str) -> str | None:
        """Id of the problem where it is one to learn from."""
        return self.chosen.get(question)

    def is_known(self, question: str) -> bool:
        """Whether the dataset has the problem, to learn from or not."""
        return question in self.chosen or question in self.others


def known(items: pd.DataFrame, hardness: pd.DataFrame, problems: dict, seed: int) -> Known:
    """The problems of ITEMS, chosen as `pools.pool` does. One that also stands in another part is not learnt from.

    DEVIATION: the released code learns from the validation problems too, which are in a part of their own here.
    """
    pool = pools.pool(items, hardness, problems, seed)
    elsewhere = set(items.loc[items["part"] != problems["part"], "question"])
    pairs = zip(pool["question"], pool["item_id"], strict=True)
    chosen = {question: item for question, item in pairs if question not in elsewhere}
    original = items.loc[items["origin"] == "train", "question"]
    return Known(chosen, frozenset(items["question"]) - chosen.keys(), frozenset(original))


class Seen:
    """Remembers texts, where it is asked to. 128 bits stand for each: a million fit in 100 MB, and no two ever meet."""

    def __init__(self, remembers: bool = True):
        self._remembers, self._known = remembers, set()

    def add(self, *texts: str) -> bool:
        """Whether the texts are new, which they then are no more."""
        if not self._remembers:
            return True
        before = len(self._known)
        self._known.add(digest(*texts))
        return len(self._known) > before


def digest(*texts: str) -> bytes:
    """128 bits that stand for texts."""
    return hashlib.blake2b("\0".join(texts).encode(), digest_size=16).digest()


def outside(group: str, question: str) -> str:
    """Id of a problem that the dataset does not have."""
    return f"{group}/{digest(question).hex()[:16]}"
