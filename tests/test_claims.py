"""Verdicts by hand: an interval supports, refutes, leaves open, or is not there."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic_results as synthetic
from easy2hard import claim_estimates, claims
from easy2hard.errors import UserError
from easy2hard.stages import check_claims

PUBLISHED = Path(__file__).parents[1] / "workflow" / "published" / "claims.yaml"
NAN = math.nan


@pytest.mark.parametrize(
    ("kind", "value", "low", "high", "expected"),
    [
        ("at_least", 0.7, 0.71, 0.9, claims.HOLDS),
        ("at_least", 0.7, 0.7, 0.9, claims.HOLDS),
        ("at_least", 0.7, 0.6, 0.9, claims.OPEN),
        ("at_least", 0.7, 0.2, 0.69, claims.FAILS),
        ("at_least", 0.7, NAN, NAN, claims.UNTESTABLE),
        ("above", 0.0, 0.0, 0.1, claims.OPEN),
        ("above", 0.0, 0.01, 0.1, claims.HOLDS),
        ("above", 0.0, -0.2, -0.1, claims.FAILS),
        ("at_most", 0.5, 0.1, 0.4, claims.HOLDS),
        ("at_most", 0.5, 0.6, 0.7, claims.FAILS),
        ("at_most", 0.5, 0.4, 0.6, claims.OPEN),
        ("within", 0.05, -0.04, 0.05, claims.HOLDS),
        ("within", 0.05, -0.06, 0.01, claims.OPEN),
        ("within", 0.05, -0.1, 0.1, claims.OPEN),
        ("within", 0.05, 0.06, 0.1, claims.FAILS),
        ("within", 0.05, -0.2, -0.06, claims.FAILS),
    ],
)
def test_verdict_of_an_interval(kind, value, low, high, expected):
    assert claims.verdict(claims.Rule(kind=kind, value=value), low, high) == expected


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], claims.UNTESTABLE),
        ([claims.UNTESTABLE], claims.UNTESTABLE),
        ([claims.HOLDS, claims.UNTESTABLE], claims.HOLDS),
        ([claims.HOLDS, claims.OPEN], claims.OPEN),
        ([claims.HOLDS, claims.OPEN, claims.FAILS], claims.FAILS),
    ],
)
def test_verdict_over_settings(verdicts, expected):
    assert claims.overall(verdicts) == expected


def claim(table: str = "results", rule: dict | None = None, **select: list[str]) -> claims.Claims:
    about = {"id": "one", "statement": "It is so.", "source": "p. 1", "refuted_by": "The contrary."}
    asked = {**about, "table": table, "select": select, "rule": rule or {"kind": "at_least", "value": 0.7}}
    return claims.Claims.model_validate({"paper": "A paper", "claims": [asked]})


def result(**changes: object) -> dict:
    row = {"experiment": "e", "dataset": "d", "train_dataset": "d", "model": "m", "method": "probe", "measure": "grade"}
    row |= {"condition": "easy", "size": 160, "noise": 0.0, "part": "main", "test_on": "hard", "metric": "sgr"}
    row |= {"value": 0.9, "low": 0.8, "high": 1.0, "p_value": 0.01, "n_items": 100, "n_seeds": 5, "defined": True}
    return row | changes


def test_undefined_ratios_are_not_testable_whatever_their_interval():
    found = claims.judge(claim(metric=["sgr"]), {"results": pd.DataFrame([result(defined=False)])})
    assert list(found["verdict"]) == [claims.UNTESTABLE] * 2
    assert "undefined" in found["reason"].iloc[1]


def test_only_the_largest_size_and_the_selected_rows_count():
    rows = [result(), result(size=20, low=0.0, high=0.1), result(metric="gap", low=0.0, high=0.1)]
    rows.append(result(noise=0.1, low=0.0, high=0.1))  # a claim is about training on true labels
    found = claims.judge(claim(metric=["sgr"]), {"results": pd.DataFrame(rows)})
    assert list(found["scope"]) == ["overall", "setting"]
    assert list(found["verdict"]) == [claims.HOLDS, claims.HOLDS]
    assert found["size"].iloc[1] == 160


def test_no_matching_result_is_not_testable():
    found = claims.judge(claim(metric=["brier"]), {"results": pd.DataFrame([result()])})
    assert list(found["verdict"]) == [claims.UNTESTABLE]
    assert found["reason"].iloc[0] == "no result matches"


def bins(*accuracies: float, n_items: int = 100) -> pd.DataFrame:
    row = {"experiment": "e", "dataset": "d", "model": "m", "method": "icl", "measure": "grade", "condition": "all"}
    row |= {"size": 10, "part": "main", "n_items": n_items, "n_seeds": 5}
    return pd.DataFrame(
        row | {"value_low": at, "value_high": at, "accuracy": value, "low": value - 0.03, "high": value + 0.04}
        for at, value in enumerate(accuracies)
    )


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [((0.9, 0.2, 0.7), claims.HOLDS), ((0.7, 0.9), claims.FAILS), ((0.9, 0.88), claims.OPEN), ((0.9,), None)],
)
def test_accuracy_falls_from_the_easiest_to_the_hardest_value(accuracies, expected):
    asked = claim("accuracy_by_value", {"kind": "above", "value": 0.0}, condition=["all"])
    found = claims.judge(asked, {"accuracy_by_value": bins(*accuracies)})
    assert found["verdict"].iloc[0] == (expected or claims.UNTESTABLE)


def test_difference_of_two_intervals():
    row = claim_estimates.ESTIMATES["accuracy_by_value"](bins(0.9, 0.7), 1).iloc[0]
    assert row["value"] == pytest.approx(0.2)
    assert row["low"] == pytest.approx(0.2 - math.hypot(0.03, 0.04))
    assert row["high"] == pytest.approx(0.2 + math.hypot(0.04, 0.03))


def test_small_bins_are_passed_over():
    rows = pd.concat([bins(0.9, 0.5), bins(0.9, 0.9, 0.1, n_items=3).tail(1)])
    assert claim_estimates.ESTIMATES["accuracy_by_value"](rows, 30)["value"].iloc[0] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("spearman", "n_items", "expected"),
    [
        (0.1, 1000, claims.HOLDS),
        (0.9, 1000, claims.FAILS),
        (-0.9, 1000, claims.FAILS),
        (0.45, 50, claims.OPEN),
        (NAN, 50, claims.UNTESTABLE),
        (0.1, 4, claims.UNTESTABLE),
    ],
)
def test_correlations(spearman, n_items, expected):
    row = {"dataset": "d", "part": "main", "measure_a": "bloom", "measure_b": "grade"}
    stored = pd.DataFrame([row | {"spearman": spearman, "n_items": n_items}])
    asked = claim("correlations", {"kind": "within", "value": 0.5})
    assert claims.judge(asked, {"correlations": stored})["verdict"].iloc[0] == expected


def test_correlation_interval_covers_as_often_as_it_says():
    random = np.random.default_rng(0)
    inside = 0
    for _ in range(400):
        x = random.normal(size=200)
        y = 0.6 * x + 0.8 * random.normal(size=200)
        ranks = [np.argsort(np.argsort(values)) for values in (x, y)]
        interval = claim_estimates.spearman_interval(float(np.corrcoef(*ranks)[0, 1]), 200)
        inside += interval["low"] <= 6 / np.pi * np.arcsin(0.3) <= interval["high"]
    assert 0.91 <= inside / 400 <= 0.98


def test_the_published_claims_are_readable_and_complete():
    found = claims.load(PUBLISHED)
    assert len(found.claims) >= 20
    second = claims.load(PUBLISHED.with_name("claims_sun2024.yaml"))
    assert {one.table for one in second.claims} == {"reranked", None}
    assert {one.table for one in (*found.claims, *second.claims)} == {*claims.KINDS, None}
    assert all(one.source and one.refuted_by and (one.select or one.needs) for one in found.claims)


def test_a_claim_that_no_row_can_test_says_what_it_needs():
    about = {"id": "c", "statement": "s", "source": "p. 1", "refuted_by": "r", "needs": "runs with noise"}
    found = claims.judge(claims.Claims(paper="p", claims=[claims.Claim(**about)]), {})
    assert list(found["verdict"]) == [claims.UNTESTABLE] and found["reason"].iloc[0] == "needs runs with noise"


GOOD = PUBLISHED.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("table: results", "tabel: results", "claims.0"),
        ("kind: at_least", "kind: atleast", "claims.0.rule.kind"),
        ("value: 0.7", "value: much", "claims.0.rule.value"),
        ("metric: [sgr]", "metrics: [sgr]", "unknown column 'metrics'.*did you mean 'metric'"),
        ("metric: [sgr]", "metric: [sgrr]", "unknown metric 'sgrr'.*did you mean 'sgr'"),
        ("id: sgr-all", "id: sgr-hard", "two claims have the id 'sgr-hard'"),
        ("kind: within, value: 0.05", "kind: within, value: -1.0", "within"),
        ("claims:\n", "claims: [\n", "not YAML"),
        ("    needs: runs of several", "    refuted: runs of several", "claims"),
        ("    table: results\n", "", "either 'table', 'select' and 'rule', or 'needs'"),
    ],
)
def test_a_damaged_file_is_one_line(old, new, message, tmp_path):
    assert old in GOOD
    path = tmp_path / "claims.yaml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UserError, match=message) as caught:
        claims.load(path)
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        claims.load(tmp_path / "none.yaml")


def test_stage_writes_csv_and_markdown_and_the_same_bytes_twice(tmp_path):
    given = synthetic.write(synthetic.MIDDLE, tmp_path)
    stored = {name: given[name] for name in ("results", "correlations", "accuracy_by_value")}
    written = []
    for run in ("a", "b"):
        out, markdown = tmp_path / run / "claims.csv", tmp_path / run / "claims.md"
        check_claims.main(**stored, claims=PUBLISHED, out=out, markdown=markdown)
        written.append((out.read_bytes(), markdown.read_bytes()))
    assert written[0] == written[1]
    found = pd.read_csv(tmp_path / "a" / "claims.csv")
    asked = [one.id for one in claims.load(PUBLISHED).claims]
    assert list(found.loc[found["scope"] == "overall", "claim"]) == asked
    by_claim = found[found["scope"] == "overall"].set_index("claim")["verdict"]
    assert by_claim["accuracy-falls"] == claims.HOLDS and by_claim["easy-beats-none"] == claims.UNTESTABLE
    text = (tmp_path / "a" / "claims.md").read_text(encoding="utf-8")
    assert text.count("\n## ") == len(asked) and "generated world" in text and "| undefined |" in text
