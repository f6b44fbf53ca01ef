"""The data card: everything a stranger needs, as Markdown that reads well as plain text."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from easy2hard import cards, tables
from easy2hard.errors import UserError
from easy2hard.stages import annotate, card

SOURCE = {"name": "toy/train.jsonl", "sha256": "ab" * 32, "bytes": 12345, "rows": 30}
ABOUT = {
    "dataset": "toy",
    "title": "Toy questions",
    "licence": "CC0",
    "sources": [SOURCE],
    "raw": 30,
    "kept": 24,
    "dropped": {"not annotated": 6},
    "notes": ["revision not pinned"],
}


def made(folder: Path, cutoffs: dict, about: dict = ABOUT) -> str:
    """The card of 24 toy items with grades 1 to 20 and four missing, question lengths 1 to 3."""
    rows = pd.DataFrame({name: [None] * 24 for name in tables.ITEMS.columns})
    part = ["main"] * 20 + ["hardness"] * 3 + ["held_out"]
    rows = rows.assign(item_id=[f"t{at:02d}" for at in range(24)], part=part, answer="b", label=1, origin="toy")
    rows = rows.assign(choices=[["a", "b"]] * 24, question=["why"] * 8 + ["and why"] * 8 + ["then why not"] * 8)
    rows = rows.assign(grade=[*np.arange(1.0, 21.0), *[np.nan] * 4])
    items = folder / "items.parquet"
    tables.write(rows, items, tables.ITEMS, about)
    hardness = [folder / "grade.parquet", folder / "question_words.parquet"]
    annotate.main(items, "grade", cutoffs, hardness[0])
    annotate.main(items, "question_words", {"kind": "percentiles", "easy": 30, "hard": 70}, hardness[1])
    card.main(items, hardness[::-1], folder / "README.md")
    return (folder / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def text(tmp_path: Path) -> str:
    return made(tmp_path, {"kind": "fixed", "easy": 5, "hard": 15})


@pytest.mark.parametrize(
    "said",
    [
        "Toy questions",
        "2 measures of hardness for 24 items",
        "Licence of the items: CC0",
        'grade = pd.read_parquet("grade.parquet")',
        "Fixed cutoffs: easy is at most 5, hard at least 15.",
        "Cutoffs at the 30% and 70% points of part `main`, so easy is at most 1, hard at least 2.",
        "School grade the question is meant for",
        "12,345",
        "ab" * 32,
        "revision not pinned",
        "arXiv 2401.06751",
    ],
)
def test_the_card_says(text: str, said: str):
    assert said in text


def cells(text: str, first: str) -> list[str]:
    """The row of a table that begins with this cell."""
    line = next(line for line in text.splitlines() if re.match(rf"\| {re.escape(first)} *\|", line))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_counts_add_up_from_raw_to_buckets(text: str):
    assert cells(text, "records read")[1] == "30"
    assert cells(text, "dropped: not annotated")[1] == "−6"
    assert cells(text, "items kept")[1] == "24"
    assert cells(text, "`grade.parquet`")[1:] == ["≤ 5", "≥ 15", "5", "9", "6", "4"]
    assert cells(text, "`hardness`")[1:] == ["0", "0", "0", "3"]


def test_measures_are_in_order_of_name(text: str):
    assert text.index("### Grade level") < text.index("### Question words")


def test_many_values_are_shown_as_quantiles_and_few_one_by_one(text: str):
    assert cells(text, "value")[1:3] == ["1", "2.9"]
    assert cells(text, "items in `main`")[1:] == ["8", "8", "4"]


def test_ties_are_said(tmp_path: Path):
    assert "**Note:** no item of part 'main' is medium." in made(tmp_path, {"kind": "fixed", "easy": 5, "hard": 6})


def test_the_loading_code_runs(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "items.parquet").unlink()
    monkeypatch.chdir(tmp_path)
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL).group(1)
    found: dict = {}
    exec(code, found)  # noqa: S102 - the code of the card, as a reader would run it
    assert found["hard"].tolist() == [f"t{at:02d}" for at in range(14, 20)]
    assert sorted(found["values"].columns) == ["grade", "question_words"]


def test_tables_are_aligned(text: str):
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        lines = block.splitlines()
        assert len({len(line) for line in lines}) == 1, block
        assert re.fullmatch(r"\|( -+:? \|)+", lines[1])


def test_a_bar_in_a_cell_does_not_break_the_table():
    assert cards.table(("a", "b"), [("x|y", 1)]).splitlines()[2] == "| x\\|y | 1   |"


def test_generated_items_have_no_source(tmp_path: Path):
    about = {**ABOUT, "sources": [], "dropped": {}, "raw": 24, "notes": []}
    text = made(tmp_path, {"kind": "fixed", "easy": 5, "hard": 15}, about)
    assert "The items are generated; nothing was read." in text
    assert cells(text, "records generated")[1] == "24"


def test_a_table_of_another_dataset_is_an_error(tmp_path: Path):
    made(tmp_path, {"kind": "fixed", "easy": 5, "hard": 15})
    other = tmp_path / "other.parquet"
    rows = tables.read(tmp_path / "items.parquet", tables.ITEMS)
    tables.write(rows, other, tables.ITEMS, {**ABOUT, "dataset": "other"})
    with pytest.raises(UserError, match="made from dataset 'toy', but the card is of 'other'"):
        card.main(other, [tmp_path / "grade.parquet"], tmp_path / "card.md")


def test_the_card_names_no_folder_of_this_machine(text: str, tmp_path: Path):
    assert str(tmp_path) not in text
