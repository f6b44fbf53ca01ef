"""Prompts as models read them, and items before and after training (Hase 2024, Table 3 and Fig. 2): pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from easy2hard import prompts
from easy2hard.calibration import softmax_by_item
from easy2hard.strict import Strict

CHANGES = {"gained": (False, True), "lost": (True, False), "kept": (True, True)}
COLUMNS = ["item_id", "change", "choice", "text", "right", "unsupervised", "trained"]


class Method(Strict):
    """A method whose prompt is shown."""

    title: str
    """What a reader should call it."""
    prompt: str
    """Template: a built-in name, or JSON."""
    shown: int
    """Examples in its prompt: 0 without, and for methods that train weights."""
    letters: bool = False
    """Whether letters are answers, in place of the texts of choices."""


@dataclass(frozen=True)
class Example:
    """An item with its predictions, of a model without training and of one trained. change: key of CHANGES."""

    change: str
    item: dict
    before: dict
    after: dict


def chosen(before: pd.DataFrame, after: pd.DataFrame, items: pd.DataFrame, asked: Sequence[str]) -> Iterator[Example]:
    """The first of the items asked for, by id, that training gained, that it lost, and that was right both times.

    before, after: PREDICTIONS rows, one an item. By a rule, so that nothing is picked by hand; a change that no item
    shows is left out.
    """
    rows = [frame[frame["item_id"].isin(asked)].set_index("item_id", drop=False) for frame in (before, after)]
    common = sorted(set(rows[0].index) & set(rows[1].index))
    known = items.set_index("item_id", drop=False)
    right = [frame["correct"].loc[common].to_numpy(dtype=bool) for frame in rows]
    for change, (first, second) in CHANGES.items():
        found = np.flatnonzero((right[0] == first) & (right[1] == second))
        if len(found):
            name = common[found[0]]
            yield Example(change, known.loc[name].to_dict(), *(frame.loc[name].to_dict() for frame in rows))


def rows(examples: Sequence[Example]) -> pd.DataFrame:
    """COLUMNS, one row a choice: its probability before and after; NaN where an answer was written."""
    found = []
    for one in examples:
        chances = [_chances(prediction, len(one.item["choices"])) for prediction in (one.before, one.after)]
        for index, text in enumerate(one.item["choices"]):
            names = (one.item["item_id"], one.change, index, text, index == one.item["label"])
            found.append((*names, *(float(row[index]) for row in chances)))
    return pd.DataFrame(found, columns=COLUMNS)


def _chances(prediction: dict, choices: int) -> np.ndarray:
    """Softmax of the scores; NaN where there are none."""
    scores = np.asarray(prediction["scores"], dtype=np.float64)
    return softmax_by_item(scores, np.array([len(scores)])) if len(scores) else np.full(choices, np.nan)


def prompt_text(method: Method, examples: Sequence[dict], item: dict) -> str:
    """What a model reads for the item: the first example, a mark for those between, the last one, and the question."""
    template, answer_as = prompts.resolve(method.prompt), "letter" if method.letters else "text"
    shown = [prompts.render_example(template, one, answer_as) for one in examples[: method.shown]]
    if len(shown) > 2:
        shown = [shown[0], f"[{len(shown) - 2} more]", shown[-1]]
    return prompts.render_context(template, shown) + prompts.render_query(template, item)
