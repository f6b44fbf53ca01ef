"""Damaged NLI and fact-checking files, through the harness of the other datasets."""

from __future__ import annotations

from pathlib import Path

import pytest
import test_data_damage as harness
from easy2hard.errors import UserError
from easy2hard.stages import fetch
from fixtures_nli_facts import MNLI, OFFICIAL
from harms import cell, put, record, swap
from test_data_damage import Damage

ANLI, CHAOS, FEVER, VITAMIN = "R2/dev.jsonl", "chaosNLI_snli.jsonl", "paper_dev.jsonl", "test.jsonl"
ANLI_HUB = "plain_text/dev_r2-00000-of-00001.parquet"
ON_HUB = "data/validation-00000-of-00001.parquet"
DAMAGES = [
    Damage("unknown pair label", "mnli", MNLI, swap("neutral", "neutrl"), ":3:", "did you mean 'neutral'"),
    Damage("count above 100", "mnli", MNLI, swap("\t40", "\t400"), ":6:", "expected 0 to 100"),
    Damage("count is a word", "mnli", MNLI, swap("\t40", "\tmany"), ":6:", "expected a number"),
    Damage("count is a half", "mnli", MNLI, swap("\t40", "\t40.5"), ":6:", "expected a whole number"),
    Damage("repeated pair id", "mnli", MNLI, swap("1\tThe", "0\tThe"), ":3:", "was given at"),
    Damage("header misspelt", "mnli", MNLI, swap("premise", "premises"), ":2:", "did you mean 'premises'"),
    Damage("ANLI: unknown letter", "anli", ANLI, record(2, label="x"), ":2:", "unknown 'label' 'x'"),
    Damage("ANLI: two letters", "anli", ANLI, record(2, label="en"), ":2:", "unknown 'label' 'en'"),
    Damage("ANLI: no context", "anli", ANLI, record(1, context=" "), ":1:", "empty 'context'"),
    Damage("ANLI: reason a number", "anli", ANLI, record(1, reason=3), ":1:", "'reason' is 3"),
    Damage("ANLI: id of another round", "anli", ANLI, record(3, uid="r1-dev-0"), ":3:", "was given at"),
    Damage("ANLI: a round is missing", "anli", "R3/test.jsonl", Path.unlink, "R3/test.jsonl", "no such file"),
    Damage("ANLI hub: label outside", "anli", ANLI_HUB, cell(2, label=3), ": row 2:", "outside the choices", True),
    Damage("ANLI hub: label missing", "anli", ANLI_HUB, cell(2, label=-1), ": row 2:", "outside the choices", True),
    Damage("ANLI hub: file missing", "anli", ANLI_HUB, Path.unlink, "plain_text/dev_r2", "no data of", True),
    Damage("votes lost", "chaosnli", CHAOS, record(2, label_counter={"e": 75, "n": 24}), ":2:", "99 votes"),
    Damage("negative votes", "chaosnli", CHAOS, record(2, label_counter={"e": 125, "n": -25}), ":2:", "none negative"),
    Damage("votes for nothing", "chaosnli", CHAOS, record(2, label_counter={"e": 75, "x": 25}), ":2:", "unknown label"),
    Damage("votes as a list", "chaosnli", CHAOS, record(2, label_counter=[75, 25]), ":2:", "expected an object"),
    Damage("no majority", "chaosnli", CHAOS, record(2, majority_label="n"), ":2:", "a label with most votes"),
    Damage("entropy in nats", "chaosnli", CHAOS, record(2, entropy=0.562335), ":2:", "expected 0.811278 bits"),
    Damage("no hypothesis", "chaosnli", CHAOS, record(2, example={"premise": "a"}), ":2:", "missing 'hypothesis'"),
    Damage("subset missing", "chaosnli", CHAOS, Path.unlink, CHAOS, "no such file"),
    Damage("unknown verdict", "fever", FEVER, record(1, label="SUPPORTED"), ":1:", "did you mean 'SUPPORTS'"),
    Damage("no page", "fever", FEVER, record(1, evidence=[[[9, 9, None, 3]]]), ":1:", "page and sentence"),
    Damage("evidence cut", "fever", FEVER, record(1, evidence=[[[9, 9, "Lamp"]]]), ":1:", "expected 4 values"),
    Damage("empty set", "fever", FEVER, record(1, evidence=[[]]), ":1:", "an empty list"),
    Damage("no evidence", "fever", FEVER, record(1, evidence=[]), ":1:", "an empty list"),
    Damage("claim twice", "fever", FEVER, record(2, id=100), ":2:", "was given at"),
    Damage("claim number a text", "fever", FEVER, record(2, id="x1"), ":2:", "expected a finite number"),
    Damage("bad UTF-8 in a claim", "fever", FEVER, put(b"\xff", '{"id": 101'), ":2:", "not UTF-8"),
    Damage("hub: claims disagree", "fever", ON_HUB, cell(7, claim="Fog."), ": row 7:", "'claim' differs from", True),
    Damage("hub: verdicts disagree", "fever", ON_HUB, cell(7, label="REFUTES"), ": row 7:", "'label' differs", True),
    Damage("hub: entry cut", "fever", ON_HUB, cell(1, evidence=[["Lamp", "3"]]), ": row 1:", "expected 3 values", True),
    Damage("mixed letters", "vitaminc", VITAMIN, record(3, label="Refutes"), ":3:", "allowed: NOT ENOUGH INFO"),
    Damage("no text of evidence", "vitaminc", VITAMIN, record(3, evidence=""), ":3:", "empty 'evidence'"),
    Damage("item of another split", "vitaminc", VITAMIN, record(3, unique_id="dev_0"), ":3:", "was given at"),
    Damage("no id", "vitaminc", VITAMIN, record(3, case_id="del", unique_id="del"), ":3:", "missing 'id'"),
    Damage("hub: no claim", "vitaminc", ON_HUB, cell(4, claim=None), ": row 4:", "'claim' is null", True),
]  # fmt: skip


def test_names_are_unique_and_none_is_of_the_other_list():
    names = [damage.name for damage in DAMAGES]
    assert len(set(names)) == len(names) >= 12
    assert not set(names) & {damage.name for damage in harness.DAMAGES}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_damage_is_one_line(damage: Damage, tmp_path: Path):
    harness.test_damage_is_one_line_and_writes_nothing(damage, tmp_path)


@pytest.mark.parametrize(
    ("plugin", "options", "reason"),
    [
        ("anli", {"splits": []}, "options.splits"),
        ("anli", {"splits": ["dev", "tests"]}, "options.splits"),
        ("chaosnli", {"subset": "mnli"}, "options.subset"),
        ("mnli", {"premise": "text"}, "options.premise"),
        ("fever", {"split": "train"}, "did you mean 'splits'?"),
        ("vitaminc", {"splits": ["../dev"]}, "options.splits"),
    ],
)
def test_damaged_options_are_one_line(plugin: str, options: dict, reason: str, tmp_path: Path):
    path, out = OFFICIAL[plugin](tmp_path / "in"), tmp_path / "out" / "items.parquet"
    with pytest.raises(UserError) as caught:
        fetch.main("d", plugin, {"path": str(path)}, options, 0, out)
    assert reason in str(caught.value) and not out.parent.exists()
