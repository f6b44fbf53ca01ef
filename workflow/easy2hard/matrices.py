"""Item × seed matrices from long tables: NaN where an item was not tested in a seed (Hase 2024, §3.4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from easy2hard.calibration import brier_by_item, softmax_by_item
from easy2hard.errors import UserError, unknown

BUCKETS = ("easy", "medium", "hard")
UNSUPERVISED = "unsupervised"
RUN = ["seed", "condition", "size", "item_id"]


@dataclass(frozen=True)
class Matrix:
    """values: (n_items, n_seeds) float64, NaN where not tested; rows `item_ids`, columns `seeds`, both ascending."""

    item_ids: np.ndarray
    seeds: np.ndarray
    values: np.ndarray


def correct_matrix(
    predictions: pd.DataFrame,
    items: pd.DataFrame,
    hardness: pd.DataFrame,
    *,
    measure: str,
    condition: str,
    size: int,
    noise: float = 0.0,
    bucket: str = "all",
    part: str = "main",
) -> Matrix:
    """1 correct, 0 wrong, NaN untested, for one (measure, condition, size, noise) on one test bucket of one part.

    predictions: PREDICTIONS rows (those to be tested: see `test_rows`); items: ITEMS; hardness: HARDNESS of the measure
    whose buckets are meant. Rows: every item of the part and bucket, tested or not. Unsupervised predictions have
    measure "" and size 0. Raises UserError for an unknown bucket, ValueError for predictions of one cell twice.
    """
    ids = np.sort(members(items, hardness, bucket, part))
    cell = {"measure": measure, "condition": condition, "size": size, "noise": noise}
    chosen = [predictions[name] == value for name, value in cell.items()]
    rows = predictions[np.logical_and.reduce([*chosen, predictions["item_id"].isin(ids)])]
    seeds = distinct(rows, "seed")
    return Matrix(ids, seeds, pivot(rows, ids, seeds, "correct"))


def members(items: pd.DataFrame, hardness: pd.DataFrame, bucket: str, part: str) -> np.ndarray:
    """Ids of the items of a part in a bucket; "all" takes those without a bucket too."""
    if bucket not in ("all", *BUCKETS):
        raise unknown("test bucket", bucket, ("all", *BUCKETS))
    ids = items.loc[items["part"] == part, "item_id"]
    if bucket != "all":
        ids = ids[ids.isin(hardness.loc[hardness["bucket"] == bucket, "item_id"])]
    return ids.to_numpy(dtype=object)


def distinct(rows: pd.DataFrame, column: str) -> np.ndarray:
    """Different values of a column, ascending."""
    return np.unique(rows[column].to_numpy(dtype=object if column == "item_id" else None))


def pivot(rows: pd.DataFrame, item_ids: np.ndarray, seeds: np.ndarray, column: str) -> np.ndarray:
    """(len(item_ids), len(seeds)) float64 of one column; NaN where there is no row. Every row must have its cell."""
    row, place = pd.Index(item_ids).get_indexer(rows["item_id"]), pd.Index(seeds).get_indexer(rows["seed"])
    if (row < 0).any() or (place < 0).any():
        raise ValueError("a row has an item or a seed outside the matrix")
    if len(np.unique(row * len(seeds) + place)) < len(rows):
        raise ValueError("two rows fall into one cell; choose one measure, condition and size")
    matrix = np.full((len(item_ids), len(seeds)), np.nan)
    matrix[row, place] = rows[column].to_numpy(dtype=np.float64)
    return matrix


def test_rows(predictions: pd.DataFrame, split: pd.DataFrame, parts: pd.Series, place: str) -> pd.DataFrame:
    """Predictions that are tested: of part "main" those with role "test" in the split, of other parts all.

    predictions: of one measure; split: SPLITS of that measure; parts: part by item_id. A capped test draw leaves out
    main items that were predicted. Items of other parts are never trained on, so all of them are tests.
    Raises UserError, naming `place`, where a test item of a run has no prediction.
    """
    runs, cell = predictions[[*RUN[:3], "noise"]].drop_duplicates(), [*RUN, "noise"]
    # The runs of all noise rates of a training set share its test items, which are listed once.
    tests = split.loc[split["role"] == "test", RUN].merge(runs, on=RUN[:3], validate="many_to_many")[cell]
    wanted = tests[(tests["item_id"].map(parts) == "main").to_numpy()]
    drawn = pd.MultiIndex.from_frame(predictions[cell]).isin(pd.MultiIndex.from_frame(wanted))
    if drawn.sum() < len(wanted):
        raise UserError(f"{place}: {len(wanted) - int(drawn.sum()):,} of {len(wanted):,} test items have no prediction")
    return predictions[drawn | (predictions["item_id"].map(parts) != "main").to_numpy()]


def floor_rows(predictions: pd.DataFrame, split: pd.DataFrame, parts: pd.Series, place: str) -> pd.DataFrame:
    """Predictions without training, in each seed on the test items that a legacy split drew for them.

    Where a split has none, as all but legacy ones, every item is tested once. Items outside "main" are tested once too.
    Raises UserError, naming `place`, where an item drawn has no prediction.
    """
    own = split[(split["condition"] == UNSUPERVISED) & (split["role"] == "test")]
    if own.empty:
        return predictions
    others = predictions[(predictions["item_id"].map(parts) != "main").to_numpy()]
    drawn = own[["seed", "item_id"]].merge(predictions.drop(columns="seed"), on="item_id", validate="many_to_one")
    if len(drawn) < len(own):
        raise UserError(f"{place}: {len(own) - len(drawn):,} of {len(own):,} test items have no prediction")
    inside = drawn[(drawn["item_id"].map(parts) == "main").to_numpy()]
    return pd.concat([inside, others], ignore_index=True)[list(predictions.columns)]


test_rows.__test__ = False  # a name, not a test, for pytest


def scored(predictions: pd.DataFrame, items: pd.DataFrame, place: str) -> pd.DataFrame:
    """Predictions with the Brier score of each row, `brier` (0–2; NaN if it was generated), checked against the items.

    Raises UserError (naming `place`) for an unknown item, a label without a score, `correct` at odds with the label,
    or an answer that is both generated and scored.
    """
    label = predictions["item_id"].map(items.set_index("item_id")["label"])
    if label.isna().any():
        raise UserError(f"{place}: item '{predictions.loc[label.isna(), 'item_id'].iloc[0]}' is not in the items table")
    gold = label.to_numpy(dtype=np.int64)
    lengths = np.fromiter(map(len, predictions["scores"]), dtype=np.int64, count=len(predictions))
    generated = predictions["generated"].notna().to_numpy()
    sure = predictions[["confidence", "label_confidence"]].notna().to_numpy()
    faults = {
        "a generated answer has scores or a confidence, item": generated & ((lengths > 0) | sure.any(axis=1)),
        "no score for the label of item": ~generated & ((gold < 0) | (gold >= lengths)),
        "no confidence for item": ~generated & ~sure.all(axis=1),
        "'correct' contradicts the label of item": (predictions["prediction"].to_numpy() == gold)
        != predictions["correct"].to_numpy(dtype=bool),
    }
    for fault, where in faults.items():
        if where.any():
            raise UserError(f"{place}: {fault} '{predictions['item_id'].to_numpy()[where][0]}'")
    return predictions.assign(brier=_brier(predictions["scores"], lengths, gold, place))


def _brier(scores: pd.Series, lengths: np.ndarray, gold: np.ndarray, place: str) -> np.ndarray:
    """Brier score of each row, NaN where there are no scores."""
    flat = np.concatenate([*scores, np.empty(0)]).astype(np.float64)
    if not np.isfinite(flat).all():
        raise UserError(f"{place}: a choice score is not finite")
    found, has = np.full(len(scores), np.nan), lengths > 0
    if has.any():
        found[has] = brier_by_item(softmax_by_item(flat, lengths[has]), lengths[has], gold[has])
    return found
