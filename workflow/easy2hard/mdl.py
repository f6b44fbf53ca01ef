"""Minimum-description-length hardness: pure functions of predictions (Hase 2024, §2.1).

A low probability of the right choice, averaged over models trained on growing amounts of data, means hard. With sizes
at nearly equal ratios the plain mean stands for the area under the curve over the logarithm of the size.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from easy2hard.errors import UserError

RUN = ["condition", "size", "seed"]


def hardness(predictions: pd.DataFrame, items: pd.DataFrame, place: str) -> pd.Series:
    """One minus the mean label confidence over all runs (sizes and seeds), 0–1, by item_id; NaN where not predicted.

    predictions: PREDICTIONS rows of one model and method. Items of part "hardness" are trained on and get no value.
    Raises UserError, naming `place`, where an item lacks a run, a confidence is missing, or there is no choice to make.
    """
    _check(predictions, items, place)
    mean = predictions["label_confidence"].astype(np.float64).groupby(predictions["item_id"]).mean()
    return (1.0 - mean).reindex(items["item_id"])


def curve(predictions: pd.DataFrame, items: pd.DataFrame) -> list[dict]:
    """Mean label confidence and accuracy of each run: part, size, seed, items, label_confidence, accuracy."""
    part = predictions["item_id"].map(items.set_index("item_id")["part"]).rename("part")
    columns = {"label_confidence": "mean", "correct": "mean", "item_id": "size"}
    exact = predictions.assign(label_confidence=predictions["label_confidence"].astype(np.float64))
    found = exact.groupby([part, "size", "seed"], sort=True).agg(columns).reset_index()
    named = found.rename(columns={"item_id": "items", "correct": "accuracy"})
    return named[["part", "size", "seed", "items", "label_confidence", "accuracy"]].to_dict("records")


def average(values: Mapping[str, pd.Series], part: pd.Series, how: str) -> pd.Series:
    """Mean over models of values by item, NaN where a model has none (Hase 2024, §2.1.4).

    part: the items' parts, same index. how: `raw`, or `normed`: each model's values are first stretched so that those
    of part "main" reach from 0 to 1. Raises UserError where a model gives all of them the same value.
    """
    scaled = [_stretched(one, part, name) if how == "normed" else one for name, one in values.items()]
    return sum(scaled[1:], start=scaled[0]) / len(scaled)


def _stretched(values: pd.Series, part: pd.Series, model: str) -> pd.Series:
    known = values[part == "main"].dropna()
    low, high = known.min(), known.max()
    if not high > low:
        raise UserError(f"model '{model}' gives all items of part 'main' the same value: they cannot be normed")
    return (values - low) / (high - low)


def _check(predictions: pd.DataFrame, items: pd.DataFrame, place: str) -> None:
    missing = predictions["label_confidence"].isna()
    if missing.any():
        item = predictions.loc[missing, "item_id"].iloc[0]
        raise UserError(f"{place}: no confidence for item '{item}': MDL needs a method that scores the choices")
    asked = items[items["part"] != "hardness"]
    single = asked["choices"].str.len() < 2
    if single.any():
        item = asked.loc[single, "item_id"].iloc[0]
        raise UserError(f"{place}: item '{item}' has one choice, so its confidence is always 1 and tells nothing")
    runs = len(predictions[RUN].drop_duplicates())
    counts = predictions.groupby("item_id").size().reindex(asked["item_id"], fill_value=0)
    if (counts != runs).any():
        item, count = counts.index[counts != runs][0], counts[counts != runs].iloc[0]
        raise UserError(f"{place}: item '{item}' has predictions of {count} of {runs} runs")
