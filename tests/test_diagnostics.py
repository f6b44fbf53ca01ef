"""Diagnostics: areas against pairs counted one by one, labels by hand, one class only, agreement."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from easy2hard import roc, sample_tables, tables
from easy2hard.stages import rerank as stage
from hypothesis import given, settings
from hypothesis import strategies as st
from reranking_world import MODELS, SPEC, invent, store

ONE = MODELS[0]


@pytest.fixture(scope="module")
def world() -> dict:
    return invent()


def diagnosed(world: dict, folder, **spec) -> pd.DataFrame:
    options = store(world, folder, {**SPEC, "subsets": 2, "numbers": [1], **spec})
    stage.main(**options)
    return tables.read(options["diagnosed"], sample_tables.DIAGNOSED)


@pytest.fixture(scope="module")
def rows(world, tmp_path_factory) -> pd.DataFrame:
    return diagnosed(world, tmp_path_factory.mktemp("diagnosed"))


def pick(rows: pd.DataFrame, **names) -> pd.Series:
    given = {"model": ONE, "test_on": "all", "other": "", **names}
    found = rows[np.logical_and.reduce([rows[name] == value for name, value in given.items()])]
    assert len(found) == 1, (given, len(found))
    return found.iloc[0]


def area_by_pairs(scores: np.ndarray, positive: np.ndarray) -> float:
    apart = scores[positive][:, None] - scores[~positive][None]
    return float(((apart > 0) + 0.5 * (apart == 0)).mean())


scored = st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 2)), min_size=2, max_size=20)


@settings(max_examples=60, deadline=None)
@given(scored, st.lists(st.integers(0, 3), min_size=3, max_size=3))
def test_areas_are_those_of_pairs_for_resampled_problems_too(cases, counts):
    cases = sorted(cases, key=lambda case: case[2])
    scores, positive, problem = (np.array(column) for column in zip(*cases, strict=True))
    found = roc.area(scores.astype(float), positive, problem, 3)
    for weights in ([1, 1, 1], counts):
        times = np.array(weights)[problem]
        again, right = np.repeat(scores, times), np.repeat(positive, times)
        value = found.of(np.array([weights], dtype=float))[0]
        if right.all() or not right.any():
            assert np.isnan(value)
        else:
            assert value == pytest.approx(area_by_pairs(again, right))


def flat_steps(world: dict, evaluator: str) -> tuple[np.ndarray, np.ndarray]:
    labels = np.concatenate(list(world["grades"][ONE]["step_labels"]))
    logits = np.concatenate(list(world["scores"][ONE, evaluator]["step_logits"])).astype(np.float32)
    return logits[labels >= 0], labels[labels >= 0] == 1


def test_steps_after_the_first_error_are_left_out(world, rows):
    logits, right = flat_steps(world, "prm")
    accuracy, area = (pick(rows, evaluator="prm", metric=name) for name in ("step_accuracy", "step_auc"))
    assert accuracy["n"] == area["n"] == len(right)
    assert accuracy["value"] == pytest.approx(((logits > 0) == right).mean())
    assert area["value"] == pytest.approx(area_by_pairs(logits, right))
    assert area["low"] < area["value"] < area["high"]


def test_outcomes_are_read_at_the_last_token_or_from_the_steps(world, rows):
    scores, right = world["scores"][ONE, "oprm"], world["grades"][ONE]["correct"].to_numpy()
    last = scores["outcome_logit"].to_numpy().astype(np.float32)
    product = np.array([np.prod(1 / (1 + np.exp(-np.array(steps)))) for steps in scores["step_logits"]])
    for other, value, threshold in (("", last, 0), ("prod", product, 0.5)):
        names = {"evaluator": "oprm", "other": other}
        accuracy = pick(rows, metric="outcome_accuracy", **names)
        assert accuracy["value"] == pytest.approx(((value > threshold) == right).mean())
        assert accuracy["n"] == len(right)
        area = pick(rows, metric="outcome_auc", **names)
        assert area["value"] == pytest.approx(area_by_pairs(value, right), abs=1e-4)
    assert set(rows.query("evaluator == 'orm' and metric == 'outcome_auc'")["other"]) == {""}


def test_agreement_is_told_once_a_pair_and_with_the_final_answer(world, rows):
    pairs = rows.query("metric == 'agreement' and model == @ONE and test_on == 'all'")
    found = set(zip(pairs["evaluator"], pairs["other"], strict=True))
    answers = {(name, "final_answer") for name in ("orm", "prm", "oprm")}
    assert found == {("orm", "prm"), ("orm", "oprm"), ("prm", "oprm")} | answers
    scores = {name: world["scores"][ONE, name] for name in ("orm", "prm")}
    orm = scores["orm"]["outcome_logit"].to_numpy() > 0
    prm = np.array([min(steps) > 0 for steps in scores["prm"]["step_logits"]])
    assert pick(rows, metric="agreement", evaluator="orm", other="prm")["value"] == pytest.approx((orm == prm).mean())


def test_there_are_rows_by_level_and_bucket_but_not_by_subject(rows):
    assert set(rows["test_on"]) == {"all", "easy", "hard", *(f"value {level}" for level in range(1, 6))}
    parts = [pick(rows, evaluator="prm", metric="step_accuracy", test_on=name)["n"] for name in ("easy", "hard")]
    assert sum(parts) == pick(rows, evaluator="prm", metric="step_accuracy")["n"]


def test_one_class_has_an_accuracy_and_no_area(world, tmp_path):
    wrong = {name: rows.assign(correct=False) for name, rows in world["grades"].items()}
    rows = diagnosed({**world, "grades": wrong}, tmp_path)
    area = pick(rows, evaluator="orm", metric="outcome_auc")
    assert area[["value", "low", "high"]].isna().all()
    assert pick(rows, evaluator="orm", metric="outcome_accuracy")["value"] > 0


def test_without_a_step_checker_there_are_no_rows_of_steps(world, tmp_path):
    unknown = {name: rows.assign(step_labels=None) for name, rows in world["grades"].items()}
    rows = diagnosed({**world, "grades": unknown}, tmp_path)
    assert set(rows["metric"]) == {"outcome_accuracy", "outcome_auc", "agreement"}


def test_solutions_without_text_are_left_out(world, tmp_path):
    grades, scores = world["grades"][ONE].copy(), world["scores"][ONE, "prm"].copy()
    gone = grades["answer"].isna()
    for column in ("step_labels", "step_logits"):
        frame = grades if column == "step_labels" else scores
        frame[column] = [[] if empty else value for empty, value in zip(gone, frame[column], strict=True)]
    scores["outcome_logit"] = scores["outcome_logit"].mask(gone)
    changed = {**world, "grades": {**world["grades"], ONE: grades}}
    spec = {"models": [ONE], "replicates": False, "scores": [SPEC["scores"][1]]}
    options = store({**changed, "scores": {(ONE, "prm"): scores}}, tmp_path, {**SPEC, **spec})
    stage.main(**options | {"grades": options["grades"][:1], "greedy": options["greedy"][:1]})
    rows = tables.read(options["diagnosed"], sample_tables.DIAGNOSED)
    for other in ("", "prod", "final_answer"):
        metric = "agreement" if other == "final_answer" else "outcome_accuracy"
        assert pick(rows, evaluator="prm", metric=metric, other=other)["n"] == int((~gone).sum())
