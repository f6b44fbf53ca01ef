"""Ours beside the second paper's: a row for every published value that a result of re-ranking answers to."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from easy2hard import comparison, counterparts_reranking
from easy2hard.counterparts import Counterparts
from easy2hard.tables import Table

TEXT = (
    *("reranking", "dataset", "generator", "model", "evaluator", "judge"),
    *("method", "aggregation", "measure", "test_on", "metric", "other"),
)
NUMBERS = ("ours", "low", "high", "published", "difference")
COMPARISON = Table(
    "published_reranking",
    {
        "item": pa.string(),
        **dict.fromkeys(TEXT, pa.string()),
        "n": pa.int32(),
        **dict.fromkeys(NUMBERS, pa.float64()),
        "agreement": pa.string(),
        "n_items": pa.int32(),
        "n_models": pa.int32(),
        "published_generator": pa.string(),
        "published_evaluator": pa.string(),
        "read": pa.string(),
        "note": pa.string(),
        "file": pa.string(),
        "line": pa.int32(),
    },
    key=("file", "line", *TEXT),
    nullable=frozenset({"ours", "low", "high", "difference"}),
)


def compare(
    reranked: pd.DataFrame, diagnosed: pd.DataFrame, published: pd.DataFrame, known: Counterparts
) -> pd.DataFrame:
    """Rows of COMPARISON. reranked, diagnosed: stored tables; published: of `published_reranking.read`."""
    voted = counterparts_reranking.reranked(reranked, published, known)
    judged = counterparts_reranking.diagnosed(diagnosed, published, known)
    # n of a diagnosis counts steps or solutions.
    judged = judged.assign(method="", aggregation="", n_items=judged["n"], n=0, n_models=1)
    found = [_rows(frame) for frame in (voted.assign(other=""), judged) if len(frame)]
    if not found:
        return pd.DataFrame(columns=list(COMPARISON.columns))
    return pd.concat(found, ignore_index=True).sort_values(list(COMPARISON.key), ignore_index=True)


def _rows(pairs: pd.DataFrame) -> pd.DataFrame:
    found = pairs.assign(
        ours=pairs["value"],
        published=pairs["their_value"],
        difference=pairs["value"] - pairs["their_value"],
        published_generator=pairs["their_generator"],
        published_evaluator=pairs["their_evaluator"],
        **{name: pairs[f"their_{name}"] for name in ("item", "read", "note", "file", "line")},
    )
    return found.assign(agreement=[_agreement(row) for row in found.itertuples()])[list(COMPARISON.columns)]


def _agreement(row: pd.Series) -> str:
    """Whether our interval holds the paper's bare value."""
    if pd.isna(row.ours):
        return comparison.UNDEFINED
    if pd.isna(row.low):
        return comparison.NO_INTERVAL
    return comparison.WITHIN if row.low <= row.published <= row.high else comparison.OUTSIDE


def said(found: pd.DataFrame, known: Counterparts) -> str:
    """What the comparison is worth, in one sentence."""
    if found.empty:
        return "Nothing to compare: the config names no generator or evaluator of the paper beside those of this run."
    inside = int((found["agreement"] == comparison.WITHIN).sum())
    apart = set(found["dataset"]) & set(known.stand_ins)
    warning = " Other problems stand in for the paper's here, so that a difference says nothing." if apart else ""
    return (
        f"{len(found):,} comparisons with {len(found[['file', 'line']].drop_duplicates()):,} published values; "
        f"{inside:,} of these lie within our interval. The paper gives no intervals; a difference is ours minus the "
        f"paper's.{warning}"
    )
