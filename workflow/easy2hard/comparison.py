"""Ours beside the paper's: one row for every published value that a result of ours answers to."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from easy2hard import counterparts
from easy2hard.claim_estimates import spearman_interval
from easy2hard.tables import Table

TEXT = (
    *("experiment", "dataset", "train_dataset", "model", "method", "measure", "measure_b"),
    *("condition", "test_on", "metric"),
)
NUMBERS = ("ours", "low", "high", "published", "published_low", "published_high", "difference")
COMPARISON = Table(
    "published",
    {
        "item": pa.string(),
        **dict.fromkeys(TEXT, pa.string()),
        "size": pa.int32(),
        "at_value": pa.float64(),
        **dict.fromkeys(NUMBERS, pa.float64()),
        "agreement": pa.string(),
        "n_items": pa.int32(),
        "n_seeds": pa.int32(),
        "published_model": pa.string(),
        "page": pa.string(),
        "read": pa.string(),
        "note": pa.string(),
        "line": pa.int32(),
    },
    key=("line", *TEXT[:6], "condition", "size", "at_value"),
    nullable=frozenset({"at_value", "low", "high", "ours", "published_low", "published_high", "difference"}),
)
MEET, APART = "intervals meet", "intervals apart"
WITHIN, OUTSIDE = "published value within our interval", "published value outside our interval"
NO_INTERVAL, UNDEFINED = "ours has no interval", "ours is undefined"


def compare(
    results: pd.DataFrame,
    by_value: pd.DataFrame,
    correlations: pd.DataFrame,
    published: pd.DataFrame,
    known: counterparts.Counterparts,
) -> pd.DataFrame:
    """Rows of COMPARISON. results, by_value, correlations: stored tables; published: of `published.read`."""
    curves = by_value.assign(value=by_value["accuracy"], defined=True)
    ends = [spearman_interval(row.spearman, row.n_items) for row in correlations.itertuples()]
    pairs = correlations.assign(
        value=correlations["spearman"], defined=True, metric="spearman", size=0, n_seeds=1
    ).assign(**{end: [one[end] for one in ends] for end in ("low", "high")})
    found = [
        _rows(results, counterparts.results(results, published, known)),
        _rows(curves, counterparts.by_value(curves, published, known)),
        _rows(pairs, counterparts.correlations(pairs, published, known)),
    ]
    filled = [frame for frame in found if len(frame)]
    if not filled:
        return pd.DataFrame(columns=list(COMPARISON.columns))
    return pd.concat(filled, ignore_index=True).sort_values(["line", *TEXT[:6], "size"], ignore_index=True)


def _rows(ours: pd.DataFrame, match: counterparts.Match) -> pd.DataFrame:
    """One row a pair of a result and a published value, without a model's or a method's name where there is none."""
    if match.rows.empty:
        return pd.DataFrame()
    theirs = match.rows.reset_index(drop=True)
    own = ours.iloc[theirs["row"]].reset_index(drop=True)
    text = {name: own[name] if name in own else theirs.get(name, "") for name in TEXT}
    text["measure"] = own["measure_a"] if "measure_a" in own else own["measure"]
    if "accuracy" in own:
        text |= {"test_on": "value", "metric": "accuracy"}
    text["train_dataset"] = own["train_dataset"] if "train_dataset" in own else own["dataset"]
    numbers = {"low": "low", "high": "high", "ours": "value"}
    frame = pd.DataFrame(text).assign(
        **{name: own[column] if column in own else float("nan") for name, column in numbers.items()},
        **{name: theirs[f"their_{name}"] for name in ("item", "page", "read", "note", "line", "at_value")},
        **{name: own[name].astype("int32") for name in ("n_items", "n_seeds", "size")},
        published=theirs["their_value"],
        published_low=theirs["their_low"],
        published_high=theirs["their_high"],
        published_model=theirs["their_model"],
        difference=own["value"] - theirs["their_value"],
    )
    defined = own["defined"].astype(bool) & own["value"].notna()
    frame.loc[~defined, ["ours", "difference"]] = float("nan")
    frame["agreement"] = [_agreement(row, known) for (_, row), known in zip(frame.iterrows(), defined, strict=True)]
    return frame[list(COMPARISON.columns)]


def _agreement(row: pd.Series, defined: bool) -> str:
    """Whether the intervals meet; against a bare value of the paper, whether ours holds it."""
    if not defined:
        return UNDEFINED
    if pd.isna(row["low"]):
        return NO_INTERVAL
    if pd.isna(row["published_low"]):
        return WITHIN if row["low"] <= row["published"] <= row["high"] else OUTSIDE
    return MEET if row["low"] <= row["published_high"] and row["published_low"] <= row["high"] else APART


def said(found: pd.DataFrame, datasets: list[str], generated: list[str]) -> str:
    """What the comparison is worth, in one sentence. `datasets`: of the run; `generated`: those made by a program."""
    if len(found):
        models = sorted(set(found["published_model"]) - {""})
        return (
            f"{len(found):,} comparisons with {found['line'].nunique():,} published values"
            + (f" ({', '.join(models)})" if models else "")
            + ". A difference is ours minus the paper's; it tells of the reproduction where the models are the same."
        )
    if datasets and set(datasets) <= set(generated):
        return "Nothing to compare: this run is on generated data only, and the paper's values are of real data."
    return "Nothing to compare: the paper has no value for these datasets, measures, methods and training sizes."
