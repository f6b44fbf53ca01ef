"""Examples: prompts as models read them, and items before and after training, of one experiment."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from easy2hard import example_pages, figure_tables, settings, tables, worked_examples
from easy2hard.command import command
from easy2hard.errors import UserError
from easy2hard.files import write_text


def _trained(paths: list[Path], about: example_pages.About) -> pd.DataFrame:
    """Predictions of the training shown, of the first seed."""
    rows = pd.concat([tables.read(path, tables.PREDICTIONS) for path in paths], ignore_index=True)
    cell = {"measure": about.measure, "condition": about.condition, "size": about.size, "noise": 0.0, "seed": 0}
    for name, value in cell.items():
        rows = rows[rows[name] == value]
    if rows.empty:
        raise UserError(f"{', '.join(map(str, paths))}: no prediction of {cell}")
    return rows


def _split(path: Path, about: example_pages.About) -> pd.DataFrame:
    """Rows of the draw shown: training and test items of the first seed."""
    rows = tables.read(path, tables.SPLITS)
    key = (rows["seed"] == 0) & (rows["condition"] == about.condition) & (rows["size"] == about.size)
    return rows[key & (rows["noise"] == 0)].sort_values("position")


def _asked(drawn: pd.DataFrame, hardness: Path) -> list[str]:
    """Hard test items; all test items where none is hard."""
    buckets = tables.read(hardness, tables.HARDNESS).set_index("item_id")["bucket"]
    tested = drawn.loc[drawn["role"] == "test", "item_id"]
    hard = tested[tested.map(buckets) == "hard"]
    return sorted(hard if len(hard) else tested)


@command
def main(
    items: Path,
    hardness: Path,
    split: Path,
    unsupervised: Path,
    predictions: list[Path],
    spec: dict,
    out: Path,
    csv: Path,
    train_items: Path | None = None,
) -> None:
    """Write the page (Markdown), and probabilities of the choices of the items shown (CSV).

    predictions: of the trained method; split, hardness: of the measure shown. spec: `example_pages.About`.
    """
    about = settings.parse(example_pages.About, spec, "spec")
    tested, drawn = tables.read(items, tables.ITEMS), _split(split, about)
    taught = tables.read(train_items, tables.ITEMS) if train_items else tested
    trained = drawn.loc[drawn["role"] == "train", "item_id"]
    shown = taught.set_index("item_id", drop=False).loc[list(trained)].to_dict("records")
    before, after = tables.read(unsupervised, tables.PREDICTIONS), _trained(predictions, about)
    found = list(worked_examples.chosen(before, after, tested, _asked(drawn, hardness)))
    rows = worked_examples.rows(found)
    write_text(out, example_pages.page(about, found, shown, rows))
    figure_tables.write_csv(rows, csv)
    print(f"{len(found)} examples: {', '.join(one.item['item_id'] for one in found)}", file=sys.stderr)
