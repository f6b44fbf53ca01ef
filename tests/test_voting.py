"""Voting: each method against plain Python on the same subsets, closed forms against enumeration, permutations."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from itertools import combinations
from math import comb

import documents
import house
import numpy as np
import pandas as pd
import pytest
from easy2hard import ballots, closed_forms, voting
from hypothesis import given, settings
from hypothesis import strategies as st

METHODS = {
    "majority": voting.majority,
    "weighted": voting.weighted,
    "best_of_n": voting.best_of_n,
    "pass_at_n": voting.pass_at_n,
    "random": voting.picked,
}
QUICK = settings(max_examples=40, deadline=None)


@st.composite
def problems(draw, most: int = 7) -> pd.DataFrame:
    """Samples of one problem; clusters 0 and 3 are right. Few distinct weights and scores, so that there are ties."""
    size = draw(st.integers(1, most))
    column = lambda values: draw(st.lists(st.sampled_from(values), min_size=size, max_size=size))  # noqa: E731
    cluster = np.array(column([-1, 0, 1, 2, 3]))
    frame = pd.DataFrame({"item_id": "q", "sample": np.arange(size), "cluster": cluster})
    return frame.assign(correct=np.isin(cluster, [0, 3]), weight=column([0.0, 0.1, 0.2, 0.7]), score=column([1, 2, 3]))


def by_hand(rows: pd.DataFrame, method: str) -> Fraction:
    """What one subset comes to, in whole numbers: weights are tenths."""
    held = rows[rows["cluster"] >= 0]
    if method == "pass_at_n" or held.empty:
        return Fraction(int(held["correct"].any()))
    if method == "random":
        return Fraction(int(held["correct"].sum()), len(held))
    if method == "best_of_n":
        first = held[held["score"] == held["score"].max()]
        return Fraction(int(first["correct"].sum()), len(first))
    votes = {}
    for cluster, weight in zip(held["cluster"], held["weight"], strict=True):
        votes[cluster] = votes.get(cluster, 0) + (round(10 * weight) if method == "weighted" else 1)
    if not any(votes.values()):  # weights of 0 count alike
        votes = held["cluster"].value_counts().to_dict()
    first = [cluster for cluster, number in votes.items() if number == max(votes.values())]
    return Fraction(sum(cluster in (0, 3) for cluster in first), len(first))


def mean_over_all_subsets(rows: pd.DataFrame, number: int, method: str) -> Fraction:
    places = list(combinations(range(len(rows)), number))
    return sum(by_hand(rows.iloc[list(place)], method) for place in places) / len(places)


@QUICK
@given(problems(), st.sampled_from(list(METHODS)))
def test_each_subset_is_what_plain_python_makes_of_it(rows, method):
    numbers = range(1, len(rows) + 1)
    votes = METHODS[method](rows, numbers, subsets=3, seed=5)
    drawn = ballots.draw(voting.pools(rows).pools[0], numbers, 3, voting.seeds.generator(5, "subsets", "q"))
    order = np.hstack(drawn.order)
    for place, number in enumerate(numbers):
        for subset in range(3):
            expected = by_hand(rows.iloc[order[subset, :number]], method)
            assert votes.shares[0, place, subset] == pytest.approx(float(expected), abs=1e-12)


@QUICK
@given(problems(), st.sampled_from(sorted(voting.EXACT)))
def test_closed_forms_are_the_mean_over_all_subsets(rows, method):
    votes = METHODS[method](rows, range(1, len(rows) + 1), subsets=1)
    assert votes.exact.all()
    for number, value in zip(votes.numbers, votes.values[0], strict=True):
        assert value == pytest.approx(float(mean_over_all_subsets(rows, number, method)), abs=1e-12)


@QUICK
@given(problems(most=12), st.sampled_from(list(METHODS)), st.randoms())
def test_permuting_samples_changes_nothing(rows, method, random):
    """Rows in another order: the same subsets. Samples under other numbers: the same whole vote and closed forms."""
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = rows.iloc[order]
    first, second = (METHODS[method](frame, [1, len(rows)] if len(rows) > 1 else [1]) for frame in (rows, shuffled))
    np.testing.assert_array_equal(first.shares, second.shares)
    renamed = rows.assign(sample=order)
    whole, again = (METHODS[method](frame) for frame in (rows, renamed))
    np.testing.assert_allclose(whole.values, again.values, atol=1e-12)
    if method in voting.EXACT:
        np.testing.assert_allclose(first.values, METHODS[method](renamed, first.numbers).values, atol=1e-12)


@QUICK
@given(problems(most=12), st.sampled_from(list(METHODS)))
def test_all_samples_give_the_plain_vote(rows, method):
    whole, every = METHODS[method](rows), METHODS[method](rows, [len(rows)], subsets=4)
    assert whole.values[0, 0] == pytest.approx(float(by_hand(rows, method)), abs=1e-12)
    np.testing.assert_allclose(every.shares[0, 0], whole.values[0, 0], atol=1e-12)
    assert every.exact.all()
    assert every.spread[0] == pytest.approx(0, abs=1e-12)


@QUICK
@given(problems(most=12), st.floats(0, 1e300))
def test_equal_weights_give_the_majority(rows, weight):
    numbers = range(1, len(rows) + 1)
    same = voting.weighted(rows.assign(weight=weight), numbers, subsets=5)
    np.testing.assert_array_equal(same.shares, voting.majority(rows, numbers, subsets=5).shares)


@QUICK
@given(problems(most=12), st.sampled_from([1e-250, 0.3, 1e200]))
def test_a_common_factor_of_weights_changes_nothing(rows, factor):
    scaled = voting.weighted(rows.assign(weight=rows["weight"] * factor), [1], subsets=5)
    np.testing.assert_array_equal(scaled.shares, voting.weighted(rows, [1], subsets=5).shares)


def table(*clusters: int, item: str = "q", right: int = 0) -> pd.DataFrame:
    frame = pd.DataFrame({"item_id": item, "sample": np.arange(len(clusters)), "cluster": clusters})
    return frame.assign(correct=frame["cluster"] == right)


def test_samples_without_an_answer_count_but_cannot_win():
    rows = table(-1, -1, -1, 0).assign(weight=[9, 9, 9, 1], score=[9, 9, 9, 1])
    for name in ("majority", "weighted", "best_of_n", "random"):
        votes = METHODS[name](rows, [1, 4], subsets=50)
        assert votes.values[0].tolist() == [0.25, 1.0], name
    assert voting.majority(table(-1, -1)).accuracy == [0]


def test_ties_are_shared():
    assert voting.majority(table(0, 0, 1, 1, 2)).accuracy[0] == 0.5
    assert voting.majority(table(0, 1, 2)).accuracy[0] == pytest.approx(1 / 3)
    # 0.1 + 0.2 and 0.3 are one sum, whatever the order of adding up.
    assert voting.weighted(table(0, 0, 1).assign(weight=[0.1, 0.2, 0.3])).accuracy[0] == 0.5
    assert voting.best_of_n(table(0, 0, 1, 2).assign(score=[5.0, 5.0, 5.0, 1.0])).accuracy[0] == pytest.approx(2 / 3)


def test_tiny_weights_still_vote():
    assert voting.weighted(table(0, 0, 1, -1).assign(weight=[0.0, 0.0, 0.0, 1.0])).accuracy[0] == 1
    assert voting.weighted(table(0, 1).assign(weight=[2e-200, 1e-200])).accuracy[0] == 1


def test_random_subsets_agree_with_the_closed_form_within_their_error():
    """20 items × 400 subsets; false alarm at 5 standard errors: about 1 in 2 million a comparison."""
    rng = np.random.default_rng(1)
    rows = pd.concat([table(*rng.integers(-1, 5, 40), item=f"q{k}") for k in range(20)], ignore_index=True)
    rows["score"] = rng.normal(size=len(rows)) + rows["correct"]
    for method in ("best_of_n", "pass_at_n", "random"):
        votes = METHODS[method](rows, [1, 2, 8, 32])
        drawn, error = votes.shares.mean(axis=(0, 2)), votes.spread / np.sqrt(votes.shares.shape[2])
        assert (np.abs(drawn - votes.accuracy) <= 5 * error + 1e-12).all(), method


def test_pass_at_n_of_large_pools_is_the_binomial_formula():
    samples = ballots.pool([0] * 3 + [1] * 1021, [True] * 3 + [False] * 1021)
    for number in (1, 64, 1000, 1022, 1024):
        expected = 1 - Fraction(comb(1021, number), comb(1024, number))
        assert closed_forms.passed(samples, [number])[0] == pytest.approx(float(expected), rel=1e-9)


def test_items_may_differ_in_size_where_the_whole_pool_votes():
    rows = pd.concat([table(0, 0, 1), table(1, item="p")])
    assert voting.majority(rows).item_ids == ("p", "q")
    assert voting.majority(rows).values[:, 0].tolist() == [0.0, 1.0]
    with pytest.raises(ValueError, match="item 'p': numbers of samples are .2., expected ascending ones from 1 to 1"):
        voting.majority(rows, [2])


def test_equal_texts_are_one_answer_where_there_are_no_clusters():
    rows = pd.DataFrame({"item_id": "q", "sample": range(4), "answer": ["7", "7", "8", None]})
    assert voting.majority(rows.assign(correct=rows["answer"] == "7")).accuracy[0] == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"correct": [True, False, False]}, "item 'q': cluster 0 holds right and wrong"),
        ({"cluster": [-1, 0, 1]}, "without an answer is marked as right"),
        ({"sample": [0, 0, 1]}, "occurs twice"),
        ({"weight": [1.0, -1.0, 1.0]}, "negative or infinite"),
        ({"weight": [1.0, np.nan, 1.0]}, "no weight"),
    ],
)
def test_tables_that_do_not_fit_are_refused(change, message):
    rows = table(0, 0, 1).assign(weight=1.0)
    with pytest.raises(ValueError, match=message):
        voting.weighted(rows.assign(**change))


def test_missing_columns_and_impossible_numbers_are_refused():
    rows = table(0, 0, 1)
    for numbers in ([], [0], [2, 1], [1, 1], [4]):
        with pytest.raises(ValueError, match="expected ascending ones from 1 to 3"):
            voting.majority(rows, numbers)
    with pytest.raises(ValueError, match="no column 'weight'"):
        voting.weighted(rows)
    with pytest.raises(ValueError, match="no column 'cluster'"):
        voting.majority(rows.drop(columns="cluster"))
    with pytest.raises(ValueError, match="no score"):
        voting.best_of_n(rows.assign(score=np.nan))
    with pytest.raises(ValueError, match="subsets is 0"):
        voting.majority(rows, [1], subsets=0)


def test_the_example_of_the_document_prints_what_it_says():
    script = documents.files("reranking.md")["vote.py"]
    command, library = [sys.executable, "-c", script], {"PYTHONPATH": str(house.ROOT / "workflow")}
    printed = subprocess.run(command, capture_output=True, text=True, env=library, check=True).stdout
    assert f"```\n{printed}```" in documents.read("reranking.md")
