"""The tables of the report: SGR, accuracy, claims, as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import pandas as pd

from easy2hard import html_report
from easy2hard.conditions import label, rank
from easy2hard.figure_tables import Tables, largest_size, with_floor

PLACE = ["experiment", "dataset", "train_dataset", "model", "method", "measure"]
PAPERS = ("published", "published_low", "published_high")
VERDICTS = {"holds": "holds", "fails": "fails"}


def sgr(tables: Tables) -> str:
    """SGR of easy training on hard and on all test items, with intervals, p-values and n."""
    rows = tables.results
    rows = rows[(rows["metric"] == "sgr") & (rows["condition"] == "easy")]
    rows = largest_size(rows[rows["test_on"].isin(["hard", "all"])])
    if rows.empty:
        return html_report.paragraph(
            "These results have no Supervision Gap Recovered (it needs easy-trained, hard-trained "
            "and unsupervised runs)."
        )
    head = [*_head(), "items", "SGR on hard", "n", "SGR on all", "n"]
    body = []
    for part, group in _rows(rows):
        by_test = {row["test_on"]: row for _, row in group.iterrows()}
        cells = [cell for name in ("hard", "all") for cell in _ratio(by_test.get(name))]
        body.append([*_place(tables, group.iloc[0]), _part(part), *cells])
    return html_report.table(
        head,
        body,
        numbers=range(5, 9),
        caption=(
            "Supervision Gap Recovered: (easy-trained − unsupervised) / (hard-trained − unsupervised). Below "
            "each value "
            "its interval and the p-value against 0. Undefined: the interval of hard-trained minus unsupervised "
            "covers zero."
        ),
    )


def accuracy(tables: Tables) -> str:
    """Accuracy on hard items by training data, with intervals."""
    rows = tables.results
    rows = rows[(rows["metric"] == "accuracy") & (rows["test_on"] == "hard")]
    rows = largest_size(with_floor(rows, ("unsupervised", "ceiling")))
    conditions = sorted(rows["condition"].unique(), key=rank)
    body = []
    for part, group in _rows(rows):
        by_condition = {row["condition"]: row for _, row in group.iterrows()}
        cells = [_share(by_condition.get(name)) for name in conditions]
        n = f"{int(group['n_items'].min()):,}\n× {int(group['n_seeds'].max())} seeds"
        body.append([*_place(tables, group.iloc[0]), _part(part), *cells, n])
    head = [*_head(), "items", *map(label, conditions), "n"]
    return html_report.table(
        head,
        body,
        numbers=range(5, 6 + len(conditions)),
        caption=(
            "Accuracy on hard test items, in percent, by training data (largest training size of each row). Below each "
            "value its interval. n: the fewest test items of the row."
        ),
    )


def _rows(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Part and rows of every line of a table; the main items come before the held-out ones."""
    main_first = rows.assign(order=(rows["part"] != "main").astype(int))
    for keys, group in main_first.groupby([*PLACE, "order", "part"], sort=True):
        yield keys[-1], group


def claims(found: pd.DataFrame) -> str:
    """Each claim with its verdict, and its settings folded away."""
    parts = []
    for _, rows in found.groupby("claim", sort=False):
        claim, settings = rows.iloc[0], rows.iloc[1:]
        kind = VERDICTS.get(claim["verdict"], "open")
        parts.append(
            f'<h3><span class="verdict {kind}">{escape(claim["verdict"].capitalize())}</span>: '
            f"{escape(claim['statement'])}</h3>\n"
            + html_report.paragraph(
                f"Stated in: {claim['source']}. Rule: {claim['rule']}; {claim['reason']}. Refuted by: "
                f"{claim['refuted_by']}"
            )
            + (html_report.details("By setting", _settings(settings)) if len(settings) else "")
        )
    return "\n".join(parts)


def published(tables: Tables, found: pd.DataFrame) -> str:
    """Ours beside the paper's, by figure or table of the paper, folded away."""
    head = ["data", "measure", "model", "method", "training", "tested on", "ours", "paper", "difference", "agreement"]
    parts = []
    for item, rows in found.groupby("item", sort=False):
        body = [[*_compared(tables, row), row["agreement"]] for _, row in rows.iterrows()]
        said = f"{item} (p. {rows['page'].iloc[0]}): {len(rows):,} comparisons"
        parts.append(html_report.details(said, html_report.table(head, body, numbers=range(6, 9))))
    return "\n".join(parts)


def _compared(tables: Tables, row: pd.Series) -> list[str]:
    measures = [tables.label(row[name], "measure") for name in ("measure", "measure_b") if row[name]]
    paper = f"\npaper: {row['published_model']}" if row["published_model"] else ""
    model = tables.label(row["model"], "model") + paper
    training = f"{row['condition']}, {row['size']:,} items" if row["size"] else row["condition"]
    tested = f"value {row['at_value']:g}" if pd.notna(row["at_value"]) else row["test_on"]
    scale, form = (100, ".1f") if row["metric"] == "accuracy" else (1, ".2f")
    numbers = [_beside(row, names, scale, form) for names in (("ours", "low", "high"), PAPERS)]
    apart = "–" if pd.isna(row["difference"]) else f"{scale * row['difference']:+{form}}".replace("-", "−")
    place = [tables.title(row, "dataset"), " and ".join(measures), model, tables.label(row["method"], "method")]
    return [*place, training, tested, *numbers, apart]


def _beside(row: pd.Series, names: tuple[str, str, str], scale: int, form: str) -> str:
    value, low, high = (row[name] for name in names)
    if pd.isna(value):
        return "undefined"
    return f"{scale * value:{form}}" + ("" if pd.isna(low) else f"\n{scale * low:{form}} to {scale * high:{form}}")


def _settings(rows: pd.DataFrame) -> str:
    where = ["experiment", "dataset", "model", "method", "measure", "size"]
    shown = [name for name in where if rows[name].notna().any()]
    body = [
        [*(_plain(row[name]) for name in shown), _decimal(row), f"{int(row['n_items']):,}", row["verdict"]]
        for _, row in rows.iterrows()
    ]
    return html_report.table([*shown, "estimate", "n", "verdict"], body, numbers=(len(shown), len(shown) + 1))


def _plain(value: object) -> str:
    return "" if pd.isna(value) else f"{value:g}" if isinstance(value, float) else str(value)


def _decimal(row: pd.Series) -> str:
    if pd.isna(row["value"]) or str(row["reason"]).startswith("undefined"):
        return "undefined"
    return f"{row['value']:.3f}" + ("" if pd.isna(row["low"]) else f"\n{row['low']:.3f} to {row['high']:.3f}")


def _head() -> list[str]:
    return ["data", "measure", "model", "method"]


def _place(tables: Tables, row: pd.Series) -> list[str]:
    data = tables.title(row, "dataset") + (" (generated)" if tables.is_generated(row["dataset"]) else "")
    return [data, *(tables.label(row[name], name) for name in ("measure", "model", "method"))]


def _part(part: str) -> str:
    return {"main": "main", "held_out": "held-out facts"}.get(part, part)


def _ratio(row: pd.Series | None) -> list[str]:
    if row is None:
        return ["–", ""]
    n = f"{int(row['n_items']):,}\n× {int(row['n_seeds'])} seeds"
    if not row["defined"] or pd.isna(row["value"]):
        return ["undefined", n]
    p = (
        ""
        if pd.isna(row["p_value"])
        else f"; p {'< 0.001' if row['p_value'] < 0.001 else '= ' + format(row['p_value'], '.3f')}"
    )
    interval = "" if pd.isna(row["low"]) else f"\n{row['low']:.2f} to {row['high']:.2f}{p}"
    return [f"{row['value']:.2f}{interval}", n]


def _share(row: pd.Series | None) -> str:
    if row is None or pd.isna(row["value"]):
        return "–"
    interval = "" if pd.isna(row["low"]) else f"\n{100 * row['low']:.1f} to {100 * row['high']:.1f}"
    return f"{100 * row['value']:.1f}{interval}"
