"""Collected tables, their CSV, and the tables of the report."""

from __future__ import annotations

import pandas as pd
import pytest
from easy2hard import evaluation_tables, tables
from easy2hard.errors import UserError
from easy2hard.stages import collect
from evaluation_world import CONDITIONS, MEASURES, SIZES, evaluated, invent


@pytest.fixture(scope="module")
def world() -> dict:
    return invent()


@pytest.fixture(scope="module")
def done(world, tmp_path_factory) -> dict:
    return evaluated(world, tmp_path_factory.mktemp("evaluated"))


def collected(folder, metrics: list, by_value: list) -> dict:
    pairs = pd.DataFrame([("invented", "main", "grade", "words", 0.25, 60)], columns=list(tables.CORRELATIONS.columns))
    tables.write(pairs, folder / "pairs.parquet", tables.CORRELATIONS)
    names = ("results", "results_csv", "accuracy_by_value", "all_correlations")
    outputs = {name: folder / f"{name}.out" for name in names}
    collect.main(metrics=metrics, by_value=by_value, correlations=[folder / "pairs.parquet"], **outputs)
    return outputs


def test_collect_makes_one_sorted_table_and_a_csv(done, tmp_path):
    other = tmp_path / "other.parquet"
    tables.write(
        done["results"].assign(method="another", defined=done["results"]["metric"] != "sgr"), other, tables.RESULTS
    )
    outputs = collected(tmp_path, [done["out"], other], [done["by_value"]])
    whole = tables.read(outputs["results"], tables.RESULTS)
    assert len(whole) == 2 * len(done["results"])
    shown = pd.read_csv(outputs["results_csv"], dtype=str, keep_default_na=False)
    undefined = shown[shown["value"] == "undefined"]
    assert (undefined["metric"] == "sgr").all()
    assert len(undefined) >= (done["results"]["metric"] == "sgr").sum()
    assert set(undefined["defined"]) == {"False"}
    numbers = shown.loc[shown["value"] != "undefined", "value"]
    assert max(len(text.lstrip("-0.").replace(".", "")) for text in numbers if "e" not in text) <= 6
    assert tables.metadata(outputs["accuracy_by_value"])["dropped_bins"] > 0


def test_collect_names_both_files_of_a_repeated_row(done, tmp_path):
    copy = tmp_path / "copy.parquet"
    tables.write(done["results"], copy, tables.RESULTS)
    with pytest.raises(UserError, match="copy.parquet and .*metrics.parquet: both have the row"):
        collected(tmp_path, [done["out"], copy], [])


def test_collect_of_nothing_writes_empty_tables(tmp_path):
    outputs = collected(tmp_path, [], [])
    assert tables.read(outputs["results"], tables.RESULTS).empty
    assert outputs["results_csv"].read_text().startswith("experiment,dataset,")


def test_tables_for_the_report_are_strings(done):
    results = done["results"].copy()
    results.loc[(results["metric"] == "sgr") & (results["condition"] == "medium"), "defined"] = False
    sgr = evaluation_tables.sgr_table(results)
    assert set(sgr.loc[sgr["training data"] == "medium", "all"]) == {"undefined"}
    assert sgr.loc[sgr["training data"] == "easy", "all"].str.match(r"^(-?\d+\.\d\d \[.*\]|undefined)$").all()
    accuracy = evaluation_tables.accuracy_table(results)
    assert accuracy["hard"].str.match(r"^\d+\.\d \[-?\d+\.\d, \d+\.\d\]$").all()
    assert all(isinstance(value, str) for value in accuracy.to_numpy().ravel())
    assert len(accuracy) == len(MEASURES) * 2 * len(CONDITIONS) * len(SIZES)
    counts = accuracy["n items (all / easy / medium / hard)"].str.split(" / ")
    assert set(map(len, counts)) == {4}
    assert evaluation_tables.as_markdown(sgr).count("\n") == len(sgr) + 1


def test_an_absent_bucket_is_a_dash():
    results = pd.DataFrame(columns=list(tables.RESULTS.columns))
    assert evaluation_tables.sgr_table(results).empty
    one = dict.fromkeys(tables.RESULTS.columns, "x") | {
        "metric": "accuracy",
        "test_on": "all",
        "value": 0.5,
        "low": 0.4,
    }
    one |= {"high": 0.6, "n_items": 10, "size": 4, "n_seeds": 2, "defined": True}
    table = evaluation_tables.accuracy_table(pd.DataFrame([one]))
    assert table["hard"].iloc[0] == "–"
