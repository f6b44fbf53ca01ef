"""Aggregations of step scores: values by hand, large logits, ragged lists, OpenAI's published product."""

from __future__ import annotations

import json
import math

import house
import numpy as np
import pytest
from easy2hard import aggregations
from easy2hard.errors import UserError
from hypothesis import given, settings
from hypothesis import strategies as st

STEPS = (0.9, 0.5, 0.8)
BY_HAND = {
    "prod": 0.36,
    "min": 0.5,
    "max": 0.9,
    "mean": 2.2 / 3,
    "mean_logit": 1 / (1 + math.exp(-(math.log(9) + math.log(1) + math.log(4)) / 3)),
    "mean_odd": (9 + 1 + 4) / 3,
    "last": 0.8,
}
CASES = house.ROOT.parent / "shared" / "peer_cases" / "prm800k_scored_sample.json"


def test_every_aggregation_has_its_value_by_hand():
    assert set(BY_HAND) == set(aggregations.NAMES)
    for name, value in BY_HAND.items():
        assert aggregations.scores([aggregations.logit(STEPS)], name)[0] == pytest.approx(value, rel=1e-12)


@pytest.mark.skipif(not CASES.exists(), reason="no published case: the folder is not there")
def test_the_product_gives_the_published_score():
    record = json.loads(CASES.read_text())["record"]
    right = [step["1"] + step["0"] for step in record["rating_probs"]]
    assert aggregations.scores([aggregations.logit(right)], "prod")[0] == pytest.approx(
        record["prm_score"], rel=1e-12, abs=0
    )


@pytest.mark.parametrize("name", aggregations.NAMES)
def test_large_logits_keep_their_order(name):
    """Two solutions that differ where σ rounds to 1, two where the score itself underflows."""
    sure, surer = aggregations.log_scores([[40.0] * 3, [50.0] * 3], name)
    bad, worse = aggregations.log_scores([[-900.0] * 200, [-901.0] * 200], name)
    assert sure < surer or name == "mean"  # a mean of numbers below 1 cannot tell them apart in 64 bits
    assert worse < bad < sure
    assert np.isfinite([sure, surer, bad, worse]).all()


logits = st.lists(st.lists(st.floats(-30, 30), max_size=6), min_size=1, max_size=8)


@settings(max_examples=50, deadline=None)
@given(logits, st.sampled_from(aggregations.NAMES))
def test_many_at_once_are_each_alone(steps, name):
    whole = aggregations.log_scores(steps, name)
    alone = [aggregations.log_scores([row], name)[0] for row in steps]
    np.testing.assert_allclose(whole, alone, rtol=1e-9, atol=1e-12)
    assert [math.isnan(score) for score in whole] == [not row for row in steps]


def test_a_single_step_is_its_own_score():
    for name in aggregations.NAMES:
        odds = math.exp(0.7)
        expected = odds if name == "mean_odd" else odds / (1 + odds)
        assert aggregations.scores([[0.7]], name)[0] == pytest.approx(expected)


def test_what_cannot_be_aggregated_is_said():
    with pytest.raises(UserError, match="did you mean 'prod'"):
        aggregations.log_scores([[0.0]], "product")
    with pytest.raises(ValueError, match="expected finite"):
        aggregations.log_scores([[0.0, math.inf]], "min")
    with pytest.raises(ValueError, match="between 0 and 1"):
        aggregations.logit([0.5, 1.0])
    assert aggregations.log_scores([], "prod").shape == (0,)
