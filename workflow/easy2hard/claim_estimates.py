"""An estimate and its interval for every setting that can test a claim, from each kind of stored table."""

from __future__ import annotations

import math

import pandas as pd

from easy2hard import reranked

WHERE = ["experiment", "dataset", "train_dataset", "model", "method", "measure", "condition", "size"]
NORMAL_95 = 1.959963984540054  # two-sided 95% quantile of the normal distribution


def _largest(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the largest training size of each setting."""
    where = [name for name in WHERE if name in rows.columns and name != "size"]
    return rows[rows["size"] == rows.groupby(where)["size"].transform("max")]


def _results(rows: pd.DataFrame, _min_items: int) -> pd.DataFrame:
    return _largest(rows[rows["noise"] == 0])[[*WHERE, "value", "low", "high", "n_items", "n_seeds", "defined"]]


def _by_value(rows: pd.DataFrame, min_items: int) -> pd.DataFrame:
    """Accuracy at the lowest minus at the highest value, with an interval from those of the two.

    The two rest on different items; their intervals are combined without assuming symmetry (Zou and Donner 2008).
    """
    rows = _largest(rows[rows["n_items"] >= min_items])
    where = [name for name in WHERE if name in rows.columns]
    return pd.DataFrame(
        [
            _fall(dict(zip(where, key, strict=True)), bins.sort_values("value_low"))
            for key, bins in rows.groupby(where)
            if len(bins) > 1
        ]
    )


def _fall(where: dict, bins: pd.DataFrame) -> dict:
    easy, hard = bins.iloc[0], bins.iloc[-1]
    value = easy["accuracy"] - hard["accuracy"]
    low = value - math.hypot(easy["accuracy"] - easy["low"], hard["high"] - hard["accuracy"])
    high = value + math.hypot(easy["high"] - easy["accuracy"], hard["accuracy"] - hard["low"])
    return {
        **where,
        "value": value,
        "low": low,
        "high": high,
        "n_items": int(easy["n_items"] + hard["n_items"]),
        "n_seeds": int(min(easy["n_seeds"], hard["n_seeds"])),
        "defined": True,
    }


def _correlation(rows: pd.DataFrame, _min_items: int) -> pd.DataFrame:
    """Spearman's correlation of each pair of different measures, with Bonett and Wright's (2000) 95% interval."""
    rows = rows[rows["measure_a"] < rows["measure_b"]]
    return pd.DataFrame(
        [
            {
                "dataset": row.dataset,
                "measure": f"{row.measure_a} and {row.measure_b}",
                "value": row.spearman,
                **spearman_interval(row.spearman, row.n_items),
                "n_items": row.n_items,
                "defined": True,
            }
            for row in rows.itertuples()
        ]
    )


def spearman_interval(correlation: float, n_items: int) -> dict[str, float]:
    """`low` and `high` of Bonett and Wright's (2000) 95% interval; NaN where there is none."""
    if math.isnan(correlation) or n_items < 5 or abs(correlation) >= 1:
        return {"low": math.nan, "high": math.nan}
    half = NORMAL_95 * math.sqrt((1 + correlation**2 / 2) / (n_items - 3))
    return {"low": math.tanh(math.atanh(correlation) - half), "high": math.tanh(math.atanh(correlation) + half)}


def _reranked(rows: pd.DataFrame, _min_items: int) -> pd.DataFrame:
    """Each row at its re-ranking's largest number of samples; of replicates their mean, not each by itself.

    The generator stands in `train_dataset`, method with evaluator and aggregation in `method`, the number in `size`.
    """
    if rows.empty:
        return pd.DataFrame()
    rows = reranked.chosen(rows, reranked.Choice())
    rows = rows[rows["n"] == rows.groupby("reranking")["n"].transform("max")]
    by = [" by ".join(filter(None, (row.method, row.evaluator))) for row in rows.itertuples()]
    rule = [f" ({name})" if name else "" for name in rows["aggregation"]]
    return rows.assign(
        experiment=rows["reranking"],
        train_dataset=rows["generator"],
        method=[a + b for a, b in zip(by, rule, strict=True)],
        condition=rows["judge"].map(lambda name: f"evaluator from {name}" if name not in ("", "*") else ""),
        size=rows["n"],
        n_seeds=rows["n_models"],
        defined=rows["value"].notna(),
    )[[*WHERE, "value", "low", "high", "n_items", "n_seeds", "defined"]]


ESTIMATES = {
    "results": _results,
    "accuracy_by_value": _by_value,
    "correlations": _correlation,
    "reranked": _reranked,
}
