"""NLI and fact-checking datasets on invented files: values, labels, evidence, contrast, the hub."""

from __future__ import annotations

from pathlib import Path

import fixtures_nli_facts as fixtures
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from easy2hard import registry, tables
from easy2hard.datasets.vitaminc import contrasts
from easy2hard.errors import UserError
from easy2hard.sources import Source
from easy2hard.stages import annotate, fetch
from fetching import counts, fetched, run_fetch, same_items

OWN = ("vote_entropy", "wrong_runs", "evidence_sentences", "contrast")


def values(plugin: str, folder: Path, **options: object) -> tuple[pd.DataFrame, dict]:
    """Items by id, and the metadata, of the invented official files."""
    items, about = fetched(plugin, fixtures.OFFICIAL[plugin](folder / "in"), folder / "items.parquet", **options)
    return items.set_index("item_id"), about


@pytest.mark.parametrize("measure", OWN)
def test_measures_of_one_dataset_read_its_hardness(measure: str):
    items = pd.DataFrame({"hardness": [0.5, None]})
    assert registry.load("hardness", measure).score(items).tolist()[0] == 0.5
    assert np.isnan(registry.load("hardness", measure).score(items)[1])


def test_every_measure_of_one_dataset_has_one_owner():
    plugins = [registry.load("datasets", name) for name in registry.names("datasets")]
    owners = {measure: [plugin.TITLE for plugin in plugins if measure in plugin.MEASURES] for measure in OWN}
    assert owners == dict(zip(OWN, (["ChaosNLI"], ["MNLI"], ["FEVER"], ["VitaminC"]), strict=True))


def test_mnli_values(tmp_path: Path):
    items, _ = values("mnli", tmp_path)
    row = items.loc["4"]
    assert (row["answer"], row["hardness"]) == ("maybe", 60)
    assert row["question"] == 'The cat said "4\nDoes it follow that: A cat spoke'


def test_mnli_reads_the_file_itself(tmp_path: Path):
    folder = fixtures.mnli(tmp_path / "in")
    whole, _ = fetched("mnli", folder, tmp_path / "a.parquet")
    alone, _ = fetched("mnli", folder / fixtures.MNLI, tmp_path / "b.parquet")
    assert whole.to_json() == alone.to_json()


def test_anli_values(tmp_path: Path):
    items, about = values("anli", tmp_path)
    row = items.loc["r2-test-1"]
    assert (row["level"], row["answer"], row["origin"]) == (2, "maybe", "R2/test")
    assert row["solution"] == "It whistles 1 times."
    assert items["solution"].isna().sum() == 6 and counts(items["level"]) == {1: 6, 2: 6, 3: 6}
    assert "Round" in about["definitions"]["level"]


def test_anli_reads_the_splits_asked_for(tmp_path: Path):
    items, _ = values("anli", tmp_path, splits=["test"])
    assert counts(items["origin"]) == {"R1/test": 3, "R2/test": 3, "R3/test": 3}
    with pytest.raises(UserError, match=r"R1/train.jsonl: no such file"):
        values("anli", tmp_path, splits=["dev", "train"])


def test_the_definition_of_a_round_reaches_the_table(tmp_path: Path):
    values("anli", tmp_path)
    cutoffs = {"kind": "fixed", "easy": 1, "hard": 3}
    annotate.main(tmp_path / "items.parquet", "level", cutoffs, tmp_path / "level.parquet")
    about = tables.metadata(tmp_path / "level.parquet")
    assert about["definition"].startswith("Round of the collection")
    assert about["counts"]["main"] == {"easy": 6, "medium": 6, "hard": 6, "missing": 0}


@pytest.mark.parametrize("subset", ["snli", "mnli_m"])
def test_chaosnli_pairs(subset: str, tmp_path: Path):
    items, about = values("chaosnli", tmp_path, subset=subset)
    assert list(items["answer"]) == ["maybe", "yes", "yes", "no"]
    assert list(items["hardness"]) == pytest.approx([0.0, 0.811278, 1.0, 1.485475], abs=1e-6)
    assert about["notes"] == ["1 items have two labels with most votes; the label is the one the file names"]


def test_chaosnli_stories(tmp_path: Path):
    items, about = values("chaosnli", tmp_path, subset="alphanli")
    row = items.loc["pan1"]
    assert (list(row["choices"]), row["label"]) == (["She cooked.", "It rained."], 1)
    assert row["question"].startswith("Eva lit a stove. … She ate soup.\n")
    assert row["hardness"] == pytest.approx(0.811278)
    assert "observations" in about["definitions"]["question_words"]


def test_fever_smallest_set_and_missing_value(tmp_path: Path):
    items, _ = values("fever", tmp_path)
    assert items["hardness"].fillna(-1).tolist() == [1, 2, 3, 1, -1, -1]
    assert list(items["answer"])[3:5] == ["refuted", "not enough information"]
    assert items.loc["100", "question"] == "Claim: Lamp 0 burns oil.\nIs the claim supported or refuted?"


def test_fever_verifiable_claims_alone(tmp_path: Path):
    items, about = values("fever", tmp_path, verifiable_only=True)
    assert (about["raw"], about["kept"], about["dropped"]) == (6, 4, {"not enough information": 2})
    assert {tuple(choices) for choices in items["choices"]} == {("supported", "refuted")}
    assert items["hardness"].notna().all()


def test_fever_counts_a_sentence_named_twice_once(tmp_path: Path):
    record = fixtures.fever_records()[0]
    record["evidence"] = [[[1, 2, "Lamp", 3], [1, 2, "Lamp", 3]]]
    fixtures.write_lines(tmp_path / "paper_dev.jsonl", [record])
    items, _ = fetched("fever", tmp_path, tmp_path / "items.parquet")
    assert list(items["hardness"]) == [1]


def test_vitaminc_values(tmp_path: Path):
    items, about = values("vitaminc", tmp_path)
    assert items["hardness"].tolist() == [1, 1, 1, 1, 0] * 2 and about["notes"] == []
    row = items.loc["dev_1"]
    assert (row["answer"], row["subject"], row["origin"]) == ("refuted", "real", "dev")
    assert row["question"].startswith("Evidence: In revision 1 the dev mill has 1 sails.\nClaim: Mill 0 of dev")


def test_vitaminc_reduced_copy_has_no_contrast(tmp_path: Path):
    folder = fixtures.vitaminc_reduced(tmp_path / "in")
    items, about = fetched("vitaminc", folder, tmp_path / "items.parquet", splits=["train_0"])
    assert items["hardness"].isna().all() and "3 items are of a reduced copy" in about["notes"][0]
    assert list(items["answer"]) == ["supported", "refuted", "not enough information"]
    with pytest.raises(UserError, match="has no measure 'contrast'"):
        annotate.main(tmp_path / "items.parquet", "contrast", {"kind": "fixed", "easy": 0, "hard": 1}, tmp_path / "c")


def test_contrasts_count_other_labels_of_the_same_claim():
    found = contrasts(["a", "a", "a", "b", None, None], [0, 1, 1, 0, 0, 1])
    assert found.fillna(-1).tolist() == [2, 1, 1, 0, -1, -1]


@pytest.mark.parametrize("plugin", sorted(fixtures.PARQUET))
def test_hub_is_asked_for_the_pinned_commit(plugin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    datasets = pytest.importorskip("datasets")
    folder, calls, module = fixtures.PARQUET[plugin](tmp_path / "hub"), [], registry.load("datasets", plugin)

    def load_dataset(name: str, config: str, split: str, revision: str) -> list[dict]:
        calls.append((name, config, revision))
        return pq.read_table(next(folder.rglob(f"{split}-*.parquet"))).to_pylist()

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    fetch.main("d", plugin, {"hub": module.HUB["id"]}, {}, 0, tmp_path / "hub.parquet")
    assert set(calls) == {(module.HUB["id"], module.HUB["configs"][0], module.HUB["revision"])}
    assert tables.metadata(tmp_path / "hub.parquet")["notes"] == []
    local, _ = fetched(plugin, fixtures.OFFICIAL[plugin](tmp_path / "in"), tmp_path / "local.parquet")
    assert same_items(local, tables.read(tmp_path / "hub.parquet", tables.ITEMS))


@pytest.mark.parametrize("plugin", ["chaosnli", "mnli"])
def test_what_has_no_hub_copy_says_so(plugin: str):
    module = registry.load("datasets", plugin)
    with pytest.raises(UserError, match="there is no hub copy"):
        module.load(Source(hub="me/copy"), fetch.options_of(module, {}), 0)


@pytest.mark.parametrize(("plugin", "names"), [("fever", ["valid"]), ("vitaminc", ["dev", "test"])])
def test_json_lines_on_the_hub_through_the_real_library(plugin: str, names: list[str], tmp_path: Path):
    """Both repositories hold JSON lines; the library names their splits and fills what a row lacks with nulls."""
    pytest.importorskip("datasets")
    parquet, hub = fixtures.PARQUET[plugin](tmp_path / "parquet"), tmp_path / "hub"
    for name in names:
        split = "test" if name == "test" else "validation"
        records = pq.read_table(next(parquet.rglob(f"{split}-*.parquet"))).to_pylist()
        fixtures.write_lines(hub / f"{name}.jsonl", [_without_nulls(record) for record in records])
    done = run_fetch("d", plugin, {"hub": str(hub)}, {}, tmp_path / "items.parquet",
                     HF_HOME=str(tmp_path / "home"), HF_HUB_OFFLINE="1")  # fmt: skip
    assert done.returncode == 0, done.stderr
    local, _ = fetched(plugin, fixtures.OFFICIAL[plugin](tmp_path / "in"), tmp_path / "local.parquet")
    assert same_items(local, tables.read(tmp_path / "items.parquet", tables.ITEMS))


def _without_nulls(record: dict) -> dict:
    return {name: value for name, value in record.items() if value is not None}
