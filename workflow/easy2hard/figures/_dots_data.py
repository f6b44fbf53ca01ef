"""RESULTS rows as the data of grouped dots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from easy2hard.conditions import label, rank
from easy2hard.figure_tables import distinct, paper_columns

if TYPE_CHECKING:
    from easy2hard.figure_tables import Tables

COLUMNS = [
    "panel",
    "row",
    "group",
    "series",
    "style",
    "value",
    "low",
    "high",
    "defined",
    "n_items",
    "n_seeds",
    "generated",
]


def frame(
    tables: Tables,
    rows: pd.DataFrame,
    panels: dict[str, str],
    panel_column: str = "test_on",
    series_column: str = "condition",
) -> pd.DataFrame:
    """RESULTS rows as data of this kind of figure. Headings name the method, and what else varies (not the series)."""
    heading = tables.varying(rows, "experiment", "model") + ["method"]
    rows = rows.assign(
        panel=rows[panel_column].map(panels),
        row=[
            tables.title(row.drop("train_dataset"), *(name for name in heading if name != series_column))
            for _, row in rows.iterrows()
        ],
        group=tables.titles(rows, "dataset", "measure"),
        series=[_series(tables, name, series_column) for name in rows[series_column]],
        style=rows[series_column],
        generated=rows["dataset"].map(tables.is_generated),
    )
    order = {"panel": list(panels.values())}
    if series_column == "condition":
        order["style"] = sorted(rows["condition"].unique(), key=rank)
    return distinct(ordered(rows, order)[COLUMNS + paper_columns(rows)], ["panel", "row", "group", "series"])


def _series(tables: Tables, name: str, column: str) -> str:
    return label(name) if column == "condition" else tables.label(name, column)


def ordered(rows: pd.DataFrame, order: dict[str, list[str]]) -> pd.DataFrame:
    """Rows by panel, row, group, series; columns in `order` by the lists given, the others as they first appear."""
    keys = ["panel", "row", "group", "style", "series"]
    ranks = {name: {value: at for at, value in enumerate(order.get(name) or rows[name].unique())} for name in keys}
    return rows.sort_values(keys, key=lambda column: column.map(ranks[column.name]), kind="stable", ignore_index=True)
