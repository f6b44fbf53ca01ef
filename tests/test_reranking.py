"""The stage of re-ranking against the library called by hand; replicates; damaged inputs; as a command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from easy2hard import aggregations, sample_tables, statistics, tables, voting
from easy2hard.errors import UserError
from easy2hard.stages import rerank as stage
from reranking_world import MODELS, SPEC, invent, store

ONE = MODELS[0]
OPTIONS = {"subsets": SPEC["subsets"], "seed": 0}


@pytest.fixture(scope="module")
def world() -> dict:
    return invent()


@pytest.fixture(scope="module")
def done(world, tmp_path_factory) -> dict:
    options = store(world, tmp_path_factory.mktemp("reranked"))
    stage.main(**options)
    return {**options, "rows": tables.read(options["out"], sample_tables.RERANKED)}


def pick(rows: pd.DataFrame, **names) -> pd.Series:
    given = {"model": ONE, "test_on": "all", "metric": "accuracy", "aggregation": "", "evaluator": "", "n": 4, **names}
    found = rows[np.logical_and.reduce([rows[name] == value for name, value in given.items()])]
    assert len(found) == 1, (given, len(found))
    return found.iloc[0]


def by_hand(world: dict, method: str, evaluator: str, aggregation: str, model: str = ONE) -> voting.Votes:
    """The votes of the public functions, weights and scores from the aggregations, not from their logarithms."""
    rows = world["grades"][model]
    if evaluator:
        scores = world["scores"][model, evaluator]
        known = aggregations.scores(scores["step_logits"], aggregation) if aggregation else None
        known = 1 / (1 + np.exp(-scores["outcome_logit"])) if known is None else known
        rows = rows.assign(weight=known, score=known)
    function = {"random": voting.picked}.get(method) or getattr(voting, method)
    return function(rows, [1, 4, 12], **OPTIONS)


COLUMNS = {
    "majority": ("", ""),
    "random": ("", ""),
    "pass_at_n": ("", ""),
    "weighted": ("oprm", "prod"),
    "best_of_n": ("prm", "min"),
}


@pytest.mark.parametrize("method", COLUMNS)
def test_values_and_spread_are_those_of_the_library(world, done, method):
    votes = by_hand(world, method, *COLUMNS[method])
    evaluator, aggregation = COLUMNS[method]
    for place, n in enumerate((1, 4, 12)):
        row = pick(done["rows"], method=method, n=n, evaluator=evaluator, aggregation=aggregation)
        assert row["value"] == pytest.approx(votes.accuracy[place], abs=1e-8)
        assert row["spread"] == pytest.approx(votes.spread[place], abs=1e-8)
        assert row["exact"] == votes.exact[place]
        assert row["low"] <= row["value"] <= row["high"]
        assert (row["n_items"], row["n_models"], np.isnan(row["p_value"])) == (40, 1, True)


def test_an_orm_votes_by_its_outcome_and_has_no_aggregation(world, done):
    own = done["rows"].query("evaluator == 'orm'")
    assert set(own["aggregation"]) == {""}
    for method in ("weighted", "best_of_n"):
        expected = by_hand(world, method, "orm", "").accuracy[1]
        assert pick(done["rows"], method=method, evaluator="orm")["value"] == pytest.approx(expected, abs=1e-8)


def test_a_good_solution_without_an_answer_does_not_drown_the_weights_of_the_others(world, tmp_path):
    grades, scores = world["grades"][ONE], world["scores"][ONE, "prm"]
    # Products of answered solutions below exp(-745), the least number above 0; of one without an answer near 1.
    there = grades["answer"].notna().to_numpy()
    pairs = zip(scores["step_logits"], np.where(there, -1000, 50), strict=True)
    low = scores.assign(step_logits=[np.float32(own) + shift for own, shift in pairs])
    options = store({**world, "scores": {**world["scores"], (ONE, "prm"): low}}, tmp_path)
    stage.main(**options)
    rows = tables.read(options["out"], sample_tables.RERANKED)
    logs = pd.Series(aggregations.log_scores(low["step_logits"], "prod")).where(there)
    weights = np.exp(logs - logs.groupby(grades["item_id"]).transform("max")).fillna(0.0)
    expected = voting.weighted(grades.assign(weight=weights), [12], **OPTIONS).accuracy[0]
    found = pick(rows, method="weighted", evaluator="prm", n=12, aggregation="prod")["value"]
    assert found == pytest.approx(expected, abs=1e-8)
    assert abs(expected - pick(rows, method="majority", n=12)["value"]) > 0.01


def test_differences_are_paired_by_item(world, done):
    values = [by_hand(world, *names).values[:, 1] for names in (("weighted", "prm", "prod"), ("majority", "", ""))]
    row = pick(done["rows"], method="weighted", evaluator="prm", aggregation="prod", metric="minus_majority")
    assert row["value"] == pytest.approx((values[0] - values[1]).mean(), abs=1e-8)
    error = (values[0] - values[1]).std() / np.sqrt(len(values[0]))
    assert (row["high"] - row["low"]) / (2 * 1.96 * error) == pytest.approx(1, abs=0.2)
    assert row["low"] > 0
    assert row["p_value"] < 0.05
    none = pick(done["rows"], method="weighted", evaluator="prm", aggregation="prod", metric="minus_majority", n=1)
    assert (none["value"], none["low"], none["high"], none["p_value"], none["spread"]) == (0, 0, 0, 1, 0)


def test_the_interval_of_greedy_solutions_is_that_of_the_statistics(world, done):
    right = world["greedy"][ONE]["correct"].to_numpy(dtype=float)
    expected = statistics.accuracy(right, resamples=SPEC["resamples"], level=SPEC["level"], seed=SPEC["seed"])
    row = pick(done["rows"], method="greedy", n=1)
    assert (row["value"], row["low"], row["high"]) == pytest.approx((expected.value, expected.low, expected.high))
    assert np.isnan(row["spread"])


def test_a_single_sample_is_the_share_of_right_ones(world, done):
    share = world["grades"][ONE]["correct"].mean()
    methods = [pick(done["rows"], method=name, n=1) for name in ("sampled", "majority", "random", "pass_at_n")]
    for row in methods:
        assert row["value"] == pytest.approx(share, abs=1e-8), row["method"]
        assert row["exact"]


def test_groups_are_buckets_values_and_subjects(world, done):
    sizes = done["rows"].query("method == 'sampled' and model == '*'").set_index("test_on")["n_items"].to_dict()
    subjects = world["items"]["subject"].value_counts()
    assert sizes == {
        **{"all": 40, "easy": 24, "hard": 16},
        **{f"value {level}": 8 for level in range(1, 6)},
        **{f"subject {name}": number for name, number in subjects.items()},
    }
    ids = world["items"].loc[world["items"]["level"] == 5, "item_id"]
    grades = world["grades"][ONE]
    expected = grades.loc[grades["item_id"].isin(ids), "correct"].mean()
    assert pick(done["rows"], method="sampled", n=1, test_on="value 5")["value"] == pytest.approx(expected, abs=1e-8)


def test_replicates_are_averaged_and_their_interval_counts_both(done):
    names = {"method": "best_of_n", "evaluator": "oprm", "aggregation": "min"}
    both, *own = (pick(done["rows"], model=name, **names) for name in ("*", *MODELS))
    assert both["value"] == pytest.approx(np.mean([row["value"] for row in own]), abs=1e-8)
    assert (both["judge"], [row["judge"] for row in own], both["n_models"]) == ("*", list(MODELS), 2)


def test_a_common_judge_keeps_its_name(world, tmp_path):
    spec = {**SPEC, "scores": [{**scored, "judge": ONE} for scored in SPEC["scores"]]}
    options = store(world, tmp_path, spec)
    stage.main(**options)
    rows = tables.read(options["out"], sample_tables.RERANKED)
    assert set(rows["judge"]) == {"", ONE}


def test_the_order_of_rows_and_of_replicates_changes_nothing(world, done, tmp_path):
    shuffled = {
        **world,
        "grades": {name: rows.sample(frac=1, random_state=1) for name, rows in world["grades"].items()},
        "scores": {name: rows.sample(frac=1, random_state=2) for name, rows in world["scores"].items()},
    }
    options = store(shuffled, tmp_path)
    stage.main(**options)
    for name in ("out", "diagnosed"):
        assert options[name].read_bytes() == done[name].read_bytes()


def test_without_scores_and_greedy_there_are_the_methods_that_need_none(world, tmp_path):
    options = store(world, tmp_path, {**SPEC, "scores": [], "replicates": False})
    stage.main(**{key: value for key, value in options.items() if key not in ("scores", "greedy")})
    rows = tables.read(options["out"], sample_tables.RERANKED)
    assert set(rows["method"]) == {"majority", "random", "pass_at_n", "sampled"}
    assert set(rows["model"]) == set(MODELS)
    assert tables.read(options["diagnosed"], sample_tables.DIAGNOSED).empty


def changed(world: dict, kind: str, change) -> dict:
    first = next(iter(world[kind]))
    return {**world, kind: {**world[kind], first: change(world[kind][first])}}


def mixed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(correct=rows["correct"] & (rows["sample"] > 3))


def without(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["item_id"] != "q001"]


BROKEN = {
    "mixed cluster": (lambda w: changed(w, "grades", mixed), {}, "item 'q0.*holds right and wrong"),
    "lost scores": (lambda w: changed(w, "scores", lambda rows: rows.iloc[3:]), {}, "477 scores that are not those"),
    "no score": (
        lambda w: changed(w, "scores", lambda rows: rows.assign(outcome_logit=np.nan)),
        {},
        "no score of a solution with an answer",
    ),
    "greedy": (lambda w: changed(w, "greedy", lambda rows: rows.iloc[1:]), {}, "one greedy solution of each of the 40"),
    "problems": (
        lambda w: {
            **changed(w, "grades", without),
            "scores": {name: without(rows) if name[0] == ONE else rows for name, rows in w["scores"].items()},
            "greedy": {name: without(rows) if name == ONE else rows for name, rows in w["greedy"].items()},
        },
        {},
        "samples of different problems",
    ),
    "item": (lambda w: {**w, "items": w["items"].iloc[1:]}, {}, "items table has no row for 'q000'"),
    "steps": (
        lambda w: changed(w, "grades", lambda rows: rows.assign(step_labels=[[1]] * len(rows))),
        {},
        "step scores and step labels differ in number",
    ),
    "too many": (lambda w: w, {"numbers": [13]}, "has 12 samples; the spec asks for 13"),
    "misspelt": (lambda w: w, {"subset": 3}, "did you mean 'subsets'"),
    "aggregation": (lambda w: w, {"weighted": ["product"]}, "prod"),
    "too few files": (lambda w: w, {"models": [ONE]}, "--grades: 2 files for 1"),
    "unknown model": (
        lambda w: w,
        {"scores": [{**SPEC["scores"][0], "model": "other"}, *SPEC["scores"][1:]]},
        "not among 'models'",
    ),
    "evaluators": (
        lambda w: w,
        {"scores": [{**SPEC["scores"][0], "evaluator": "new"}, *SPEC["scores"][1:]]},
        "have different evaluators",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_damaged_inputs_stop_with_one_line_and_write_nothing(world, tmp_path, name):
    change, spec, message = BROKEN[name]
    options = store(change(world), tmp_path, {**SPEC, **spec, "resamples": 20, "subsets": 2} | spec)
    with pytest.raises(UserError, match=message):
        stage.main(**options)
    assert not options["diagnosed"].exists()


def test_the_stage_runs_as_a_command_without_torch(done, tmp_path):
    options = {**done, "out": tmp_path / "r.parquet", "diagnosed": tmp_path / "d.parquet"}
    arguments = []
    for key, value in options.items():
        if key != "rows":
            values = value if isinstance(value, list) else [json.dumps(value) if isinstance(value, dict) else value]
            arguments += [f"--{key}", *map(str, values)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "workflow")}
    command = [sys.executable, "-X", "importtime", "-m", "easy2hard.stages.rerank", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert not {"torch", "scipy"} & {line.split("|")[-1].strip() for line in ran.stderr.splitlines()}
    assert options["out"].read_bytes() == done["out"].read_bytes()
