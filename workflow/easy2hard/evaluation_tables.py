"""Result tables as text, ready for a report: tidy frames of strings and Markdown."""

from __future__ import annotations

import pandas as pd

from easy2hard.cells import TESTS

UNDEFINED, ABSENT = "undefined", "–"
RUN = {
    "experiment": "experiment",
    "dataset": "dataset",
    "train_dataset": "trained on",
    "model": "model",
    "method": "method",
    "measure": "measure",
    "part": "part",
    "size": "size",
    "noise": "label noise",
    "condition": "training data",
}
COUNTS = f"n items ({' / '.join(TESTS)})"


def accuracy_table(results: pd.DataFrame) -> pd.DataFrame:
    """Accuracy in % with its interval, one row a run and training condition, one column a test bucket.

    results: RESULTS rows. Cells: "71.2 [65.0, 77.4]"; "–" where nothing was tested. All columns are strings.
    """
    return _wide(results[results["metric"] == "accuracy"], lambda row: _shown(row, 100, 1))


def sgr_table(results: pd.DataFrame) -> pd.DataFrame:
    """Supervision gap recovered with its interval, as `accuracy_table`: "0.97 [0.71, 1.22]".

    "undefined" where the interval of hard-trained minus unsupervised covers 0.
    """
    return _wide(results[results["metric"] == "sgr"], lambda row: _shown(row, 1, 2))


def as_markdown(table: pd.DataFrame) -> str:
    """A table of strings in Markdown: header, rule, one line a row."""
    lines = [list(table.columns), ["---"] * table.shape[1], *table.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _shown(row: dict, scale: int, digits: int) -> str:
    if not row["defined"] or pd.isna(row["value"]):
        return UNDEFINED
    value, low, high = (f"{row[name] * scale:.{digits}f}" for name in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def _wide(rows: pd.DataFrame, shown) -> pd.DataFrame:
    """One row a run, its cells by test bucket, numbers of items in the same order, and of seeds."""
    columns = [*RUN.values(), *TESTS, COUNTS, "n seeds"]
    found = []
    for key, group in rows.groupby(list(RUN), sort=True):
        by_test = {row["test_on"]: row for row in group.to_dict("records")}
        cells = [shown(by_test[name]) if name in by_test else ABSENT for name in TESTS]
        counts = " / ".join(str(by_test[name]["n_items"]) if name in by_test else ABSENT for name in TESTS)
        found.append([*map(str, key), *cells, counts, str(group["n_seeds"].max())])
    return pd.DataFrame(found, columns=columns, dtype=object)
