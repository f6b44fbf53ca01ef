"""The data card of a dataset's hardness tables: what a stranger needs to reuse them without the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from easy2hard.buckets import BUCKETS

QUANTILES = (0, 10, 30, 50, 70, 90, 100)  # per cent
REFERENCE = (
    "Hase et al. 2024: Peter Hase, Mohit Bansal, Peter Clark, Sarah Wiegreffe, *The Unreasonable Effectiveness of "
    "Easy Training Data for Hard Tasks*, ACL 2024, arXiv 2401.06751."
)
LOAD = """```python
from pathlib import Path

import pandas as pd

{name} = pd.read_parquet("{file}")  # item_id, value, bucket
hard = {name}.loc[{name}["bucket"] == "hard", "item_id"]

# all measures side by side, one row an item
values = pd.DataFrame(
    {{path.stem: pd.read_parquet(path).set_index("item_id")["value"] for path in Path().glob("*.parquet")}}
)
```"""
FEW = 12  # up to this many distinct values are listed one by one
PARTS = {
    "main": "to train and to test on; percentiles are taken over these items",
    "hardness": "held apart to fit model-based measures of hardness (Hase et al. 2024, App. A)",
    "held_out": "built only from facts that no training item shows; tested on, never trained on",
}


@dataclass(frozen=True)
class Measured:
    """One hardness table: its file name, its metadata, its values for the items of part main (NaN where missing)."""

    file: str
    about: dict
    values: pd.Series


def card(about: dict, parts: dict[str, int], measures: Sequence[Measured]) -> str:
    """Markdown. `about`: metadata of the items table; `parts`: number of items by part."""
    ordered = sorted(measures, key=lambda measured: measured.about["measure"])
    blocks = [
        *_opening(about, parts, ordered),
        *_use(ordered),
        *_overview(ordered),
        *(block for measured in ordered for block in _measure(measured, parts)),
        *_origin(about, parts),
    ]
    return "\n\n".join(blocks) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]], right: Iterable[int] = ()) -> str:
    """A Markdown table, aligned as plain text too; `right`: positions of the columns of numbers."""
    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in (head, *rows)]
    widths = [max(3, *(len(row[at]) for row in cells)) for at in range(len(head))]
    numbers = set(right)
    rule = ["-" * (width - 1) + ":" if at in numbers else "-" * width for at, width in enumerate(widths)]
    return "\n".join(_line(row, widths, numbers) for row in (cells[0], rule, *cells[1:]))


def _line(cells: Sequence[str], widths: Sequence[int], right: set[int]) -> str:
    sized = enumerate(zip(cells, widths, strict=True))
    return "| " + " | ".join(cell.rjust(n) if at in right else cell.ljust(n) for at, (cell, n) in sized) + " |"


def _opening(about: dict, parts: dict[str, int], measures: Sequence[Measured]) -> list[str]:
    title = about.get("title") or about["dataset"]
    names = f"{len(measures)} measure{'s' if len(measures) != 1 else ''}"
    return [
        f"# How hard is each item of {title}?",
        f"{names} of hardness for {sum(parts.values()):,} items: for every item a number, higher is harder, "
        "and a bucket (easy, medium or hard). One Parquet file a measure; the tables hold no text of the items.",
        f"- Dataset: `{about['dataset']}`\n- Licence of the items: {about['licence']}",
    ]


def _use(measures: Sequence[Measured]) -> list[str]:
    if not measures:
        return []
    file, name = measures[0].file, measures[0].about["measure"]
    columns = [
        ("`item_id`", "text", "the item; the same in all tables of this dataset"),
        ("`value`", "number", "hardness in the unit of the measure, higher is harder; missing where it is not known"),
        ("`bucket`", "text", "`easy`, `medium` or `hard`; missing where `value` is missing"),
    ]
    return [
        "## Use",
        LOAD.format(name=name, file=file),
        table(("column", "type", "meaning"), columns),
        "Every item has one row in every file, in the order of `item_id`. Definition, cutoffs and counts are also "
        "inside each file, as JSON under the key `easy2hard` of its Parquet metadata.",
    ]


def _overview(measures: Sequence[Measured]) -> list[str]:
    rows = []
    for measured in measures:
        cutoffs, counts = measured.about["cutoffs"], _counts(measured.about["counts"]["all"])
        rows.append((f"`{measured.file}`", f"≤ {_number(cutoffs['easy'])}", f"≥ {_number(cutoffs['hard'])}", *counts))
    head = ("file", "easy", "hard", *(f"n {name}" for name in BUCKETS), "missing")
    return ["## Measures", table(head, rows, right=range(1, 7)), "What is neither easy nor hard is medium. n: items."]


def _measure(measured: Measured, parts: dict[str, int]) -> list[str]:
    about = measured.about
    blocks = [
        f"### {about['title']} (`{about['measure']}`)",
        f"{about['definition']} Source: {about['source']}.",
        _cutoffs(about["cutoffs"]),
    ]
    if len(parts) > 1:
        rows = [(f"`{part}`", *_counts(about["counts"][part])) for part in parts]
        blocks.append(table(("part", *BUCKETS, "missing"), rows, right=range(1, 5)))
    blocks.append(_distribution(measured.values.dropna()))
    blocks += _curves(about.get("curves", []))
    return blocks + [f"**Note:** {concern}." for concern in about["concerns"]]


def _counts(counts: dict[str, int]) -> tuple[str, ...]:
    return tuple(f"{counts[name]:,}" for name in (*BUCKETS, "missing"))


def _cutoffs(cutoffs: dict) -> str:
    easy, hard = _number(cutoffs["easy"]), _number(cutoffs["hard"])
    ends = f"easy is at most {easy}, hard at least {hard}"
    if cutoffs["kind"] == "fixed":
        return f"Fixed cutoffs: {ends}."
    asked = " and ".join(f"{_number(percent)}%" for percent in cutoffs["asked"])
    return f"Cutoffs at the {asked} points of part `main`, so {ends}. Both ends are inclusive: ties enlarge a bucket."


def _distribution(values: pd.Series) -> str:
    """Every value with its count where there are few, else quantiles; part main."""
    counted = values.value_counts().sort_index()
    if len(counted) <= FEW:
        head = ("value", *map(_number, counted.index))
        return table(head, [("items in `main`", *(f"{count:,}" for count in counted))], right=range(1, len(head)))
    head = ("quantile in `main`", *(f"{percent}%" for percent in QUANTILES))
    points = np.quantile(values.to_numpy(), np.array(QUANTILES) / 100)
    return table(head, [("value", *map(_number, points))], right=range(1, len(head)))


def _curves(curves: Sequence[dict]) -> list[str]:
    """How sure each model is of the right choice, by number of items trained on; part main, mean over draws."""
    found: dict[str, dict[int, list[float]]] = {}
    for run in curves:
        if run["part"] == "main":
            found.setdefault(run["model"], {}).setdefault(run["size"], []).append(run["label_confidence"])
    if not found:
        return []
    sizes = sorted({size for by_size in found.values() for size in by_size})
    rows = [(name, *(f"{np.mean(by_size[size]):.3f}" for size in sizes)) for name, by_size in found.items()]
    head = ("mean confidence in `main` after training on", *(f"{size:,}" for size in sizes))
    return [table(head, rows, right=range(1, len(head)))]


def _origin(about: dict, parts: dict[str, int]) -> list[str]:
    dropped = [(f"dropped: {reason}", f"−{count:,}") for reason, count in about["dropped"].items()]
    first = "records read" if about["sources"] else "records generated"
    steps = [(first, f"{about['raw']:,}"), *dropped, ("items kept", f"{about['kept']:,}")]
    kept = [(f"`{part}`", f"{count:,}", PARTS.get(part, "")) for part, count in parts.items()]
    blocks = [
        "## Where the items come from",
        table(("", "n"), steps, right=[1]),
        table(("part", "items", "what for"), kept, right=[1]),
    ]
    if about["sources"]:
        head = ("source", "rows", "bytes", "SHA-256", "revision")
        rows = [_source(source) for source in about["sources"]]
        shown = 5 if any(row[4] for row in rows) else 4
        blocks.append(table(head[:shown], [row[:shown] for row in rows], right=[1, 2]))
    else:
        blocks.append("The items are generated; nothing was read.")
    return blocks + [f"**Note:** {note}" for note in about.get("notes", [])] + [REFERENCE]


def _source(source: dict) -> tuple[str, ...]:
    name, digest = f"`{source['name']}`", f"`{source['sha256']}`"
    revision = f"`{source['revision']}`" if source.get("revision") else ""
    return name, f"{source['rows']:,}", f"{source['bytes']:,}", digest, revision


def _number(value: float) -> str:
    """Whole numbers without a decimal point, others to four figures."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.4g}"
