"""Card: the data card that goes with the hardness tables of a dataset."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from easy2hard import cards, files, tables
from easy2hard.command import command
from easy2hard.errors import UserError


def measured(path: Path, dataset: str, items: pd.DataFrame) -> cards.Measured:
    """One hardness table, with the values of part main. Raises UserError where it is of another dataset."""
    about = tables.metadata(path)
    if about.get("dataset") != dataset:
        raise UserError(f"{path}: made from dataset '{about.get('dataset')}', but the card is of '{dataset}'")
    values = tables.read(path, tables.HARDNESS).set_index("item_id")["value"]
    return cards.Measured(path.name, about, values.reindex(items.loc[items["part"] == "main", "item_id"]))


@command
def main(items: Path, hardness: list[Path], out: Path) -> None:
    """Write the card as Markdown: definitions, cutoffs, counts, sources, licence, how to load."""
    rows, about = tables.read(items, tables.ITEMS), tables.metadata(items)
    found = [measured(path, about["dataset"], rows) for path in hardness]
    parts = {str(part): int(count) for part, count in rows["part"].value_counts().sort_index().items()}
    main_first = dict(sorted(parts.items(), key=lambda pair: (pair[0] != "main", pair[0])))
    files.write_text(out, cards.card(about, main_first, found))
