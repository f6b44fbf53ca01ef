"""Evaluation on invented tables: matrices, metrics by test bucket and part, capped tests, baselines."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from easy2hard import evaluation, matrices, statistics, tables
from easy2hard.errors import UserError
from easy2hard.stages import evaluate as stage
from evaluation_world import MEASURES, N_MAIN, N_OUT, SEEDS, SPEC, evaluated, invent, matrix, pick, store


@pytest.fixture(scope="module")
def world() -> dict:
    return invent()


@pytest.fixture(scope="module")
def done(world, tmp_path_factory) -> dict:
    return evaluated(world, tmp_path_factory.mktemp("evaluated"))


def test_matrix_has_nan_exactly_where_an_item_was_trained_on(world):
    found = matrices.correct_matrix(
        world["predictions"], world["items"], world["hardness"]["grade"], measure="grade", condition="easy", size=4
    )
    split = world["splits"]["grade"]
    train = split[(split["role"] == "train") & (split["condition"] == "easy") & (split["size"] == 4)]
    expected = {(item, seed) for item, seed in train[["item_id", "seed"]].itertuples(index=False)}
    rows, columns = np.nonzero(np.isnan(found.values))
    assert {(found.item_ids[row], found.seeds[place]) for row, place in zip(rows, columns, strict=True)} == expected
    assert found.values.shape == (N_MAIN, len(SEEDS))


def test_matrix_of_a_bucket_and_part(world):
    whole = {bucket: matrix(world, "hard", 2, bucket) for bucket in matrices.BUCKETS}
    assert sum(map(len, whole.values())) == N_MAIN - 1  # one item has no bucket
    assert matrix(world, "hard", 2, part="held_out").shape == (N_OUT, len(SEEDS))
    with pytest.raises(UserError, match="did you mean 'easy'"):
        matrix(world, "hard", 2, "eazy")


def test_two_rows_for_one_cell_raise(world):
    rows = world["predictions"][world["predictions"]["measure"] == "grade"]
    with pytest.raises(ValueError, match="one cell"):
        matrices.pivot(rows, matrices.distinct(rows, "item_id"), np.array(SEEDS), "correct")


@pytest.mark.parametrize("test_on", ["all", "easy", "medium", "hard"])
@pytest.mark.parametrize("part", ["main", "held_out"])
def test_accuracies_equal_the_library_functions(world, done, test_on, part):
    row = pick(
        done["results"], measure="grade", condition="easy", size=4, part=part, test_on=test_on, metric="accuracy"
    )
    values = matrix(world, "easy", 4, test_on, part)
    expected = statistics.accuracy(values, resamples=200)
    assert row["value"] == pytest.approx(expected.value, abs=1e-12)
    assert (row["n_items"], row["n_seeds"]) == (expected.n_items, expected.n_seeds)
    assert row["low"] <= row["value"] <= row["high"]
    assert np.isnan(row["p_value"])


@pytest.mark.parametrize("test_on", ["all", "hard"])
def test_sgr_equals_the_library_function(world, done, test_on):
    row = pick(done["results"], measure="grade", condition="easy", size=4, part="main", test_on=test_on, metric="sgr")
    arrays = [matrix(world, condition, 4, test_on) for condition in ("easy", "hard")]
    expected = statistics.supervision_gap_recovered(*arrays, matrix(world, "unsupervised", 0, test_on), resamples=200)
    assert row["value"] == pytest.approx(expected.value, abs=1e-12)
    assert (row["defined"], row["n_items"], row["n_seeds"]) == (expected.defined, expected.n_items, expected.n_seeds)
    assert row["low"] == pytest.approx(expected.low, abs=0.25)


def test_differences_and_gap_are_differences_of_accuracies(done):
    at = {"measure": "words", "size": 2, "part": "main"}
    accuracy = {
        (condition, test_on): pick(done["results"], **at, condition=condition, test_on=test_on, metric="accuracy")[
            "value"
        ]
        for condition in ("easy", "hard")
        for test_on in ("easy", "hard")
    }
    minus = pick(done["results"], **at, condition="easy", test_on="hard", metric="minus_hard")
    assert minus["value"] == pytest.approx(accuracy["easy", "hard"] - accuracy["hard", "hard"])
    assert 0 < minus["p_value"] <= 1
    gap = pick(done["results"], **at, condition="easy", test_on="hard", metric="gap")
    assert gap["value"] == pytest.approx(accuracy["easy", "hard"] - accuracy["easy", "easy"])


def test_which_comparisons_exist(done):
    found = done["results"].groupby("metric")["condition"].agg(lambda names: sorted(set(names)))
    assert found["sgr"] == found["minus_hard"] == ["all", "easy", "medium"]
    assert found["minus_unsupervised"] == ["all", "easy", "hard", "medium"]
    assert found["gap"] == ["easy", "hard", "medium"]
    assert set(done["results"]["part"]) == {"main", "held_out"}
    own = done["results"][(done["results"]["condition"] == "easy") & (done["results"]["metric"] == "gap")]
    assert "easy" not in set(own["test_on"])


def test_brier_and_calibration_equal_the_library_functions(world, done):
    at = {"measure": "grade", "condition": "all", "size": 4, "part": "main", "test_on": "all"}
    rows = world["predictions"].query("measure == 'grade' and condition == 'all' and size == 4")
    rows = rows[rows["item_id"].isin(world["items"].query("part == 'main'")["item_id"])]
    labels = world["items"].set_index("item_id")["label"]
    values, errors = [], []
    for _, one in rows.groupby("seed"):
        table = np.full((len(one), 4), np.nan)
        for place, scores in enumerate(one["scores"]):
            table[place, : len(scores)] = np.exp(scores.astype(float)) / np.exp(scores.astype(float)).sum()
        gold = labels.loc[one["item_id"]].to_numpy()
        values.append(statistics.brier(table, gold, resamples=5).value)
        hits = one["correct"].astype(float)
        errors.append(statistics.expected_calibration_error(one["confidence"], hits, resamples=5).value)
    assert pick(done["results"], **at, metric="brier")["value"] == pytest.approx(np.mean(values), abs=1e-6)
    assert pick(done["results"], **at, metric="ece")["value"] == pytest.approx(np.mean(errors), abs=1e-6)
    mean = rows.groupby("seed")["label_confidence"].mean().mean()
    assert pick(done["results"], **at, metric="label_confidence")["value"] == pytest.approx(mean, abs=1e-6)


def test_untested_main_items_of_a_capped_split_are_left_out(world, tmp_path):
    kept = set(world["items"].query("part == 'main'")["item_id"].iloc[::2])
    capped = {
        name: split[(split["role"] == "train") | split["item_id"].isin(kept)] for name, split in world["splits"].items()
    }
    options = store({**world, "splits": capped}, tmp_path)
    stage.main(**options)
    results = tables.read(options["out"], tables.RESULTS)
    row = pick(results, measure="grade", condition="all", size=2, part="main", test_on="all", metric="accuracy")
    assert row["n_items"] == N_MAIN / 2
    out = pick(results, measure="grade", condition="all", size=2, part="held_out", test_on="all", metric="accuracy")
    assert out["n_items"] == N_OUT
    values = matrix(world, "all", 2)[::2]
    split = world["splits"]["grade"].query("role == 'train' and condition == 'all' and size == 4")
    ids = world["items"].query("part == 'main'")["item_id"].to_numpy()[::2]
    for place, seed in enumerate(SEEDS):
        values[np.isin(ids, split.loc[split["seed"] == seed, "item_id"]), place] = np.nan
    assert row["value"] == pytest.approx(statistics.accuracy(values, resamples=5).value)


def test_unsupervised_run_is_shown_by_every_measure(world, tmp_path):
    options = store({**world, "predictions": world["floor"]}, tmp_path)
    options |= {"splits": [], "spec": {**SPEC, "method": "zero_shot"}}
    stage.main(**options)
    results = tables.read(options["out"], tables.RESULTS)
    assert set(results["measure"]) == set(MEASURES)
    assert set(results["condition"]) == {"unsupervised"}
    assert set(results["metric"]) == {"accuracy", "ece", "brier", "label_confidence"}
    row = pick(results, measure="grade", part="main", test_on="hard", metric="accuracy")
    assert row["value"] == pytest.approx(np.nanmean(matrix(world, "unsupervised", 0, "hard")))
    assert row["n_seeds"] == 1
    curves = tables.read(options["by_value"], tables.ACCURACY_BY_VALUE)
    # Ten items a value and one seed: too few to show, and said so.
    assert len(curves) + tables.metadata(options["by_value"])["dropped_bins"] == 2 * 2 * 6


def test_without_unsupervised_run_there_is_no_sgr(world, tmp_path):
    options = {**store(world, tmp_path), "unsupervised": []}
    stage.main(**options)
    found = set(tables.read(options["out"], tables.RESULTS)["metric"])
    assert "minus_hard" in found
    assert not found & {"sgr", "minus_unsupervised"}


def test_run_trained_on_another_dataset_has_no_gap(world, tmp_path):
    options = store(world, tmp_path) | {"spec": {**SPEC, "train_dataset": "other"}}
    stage.main(**options)
    results = tables.read(options["out"], tables.RESULTS)
    assert "gap" not in set(results["metric"])
    assert "sgr" in set(results["metric"])


def test_predictions_may_come_in_several_files(world, done, tmp_path):
    options = store(world, tmp_path)
    chosen, parts = world["predictions"]["condition"] == "easy", [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    tables.write(world["predictions"][chosen], parts[0], tables.PREDICTIONS)
    tables.write(world["predictions"][~chosen], parts[1], tables.PREDICTIONS)
    stage.main(**options | {"predictions": parts})
    assert options["out"].read_bytes() == done["out"].read_bytes()
    with pytest.raises(UserError, match="two files hold the same prediction"):
        stage.main(**options | {"predictions": [parts[0], *parts]})


def test_same_tables_same_bytes(world, done, tmp_path):
    options = store(world, tmp_path)
    stage.main(**options)
    for name in ("out", "by_value"):
        assert options[name].read_bytes() == done[name].read_bytes()


def test_options_have_the_paper_s_defaults():
    assert evaluation.Options() == evaluation.Options(10_000, 0.95, 0, True)


def test_comparisons_leave_out_items_that_a_run_never_tested():
    """Ten items; the hard-trained run trained on the first five in all seeds, where the others are always wrong."""
    ids = [f"q{number}" for number in range(10)]

    def run(condition: str, size: int, tested: list[str], right: set[str]) -> list[dict]:
        cell = {"condition": condition, "size": size, "noise": 0.0, "seed": 0}
        numbers = {"brier": 0.5, "label_confidence": 0.5, "confidence": 0.5}
        return [{**cell, "item_id": name, "correct": name in right, **numbers} for name in tested]

    late = ids[5:]
    trained = pd.DataFrame(run("easy", 5, ids, set(late[:4])) + run("hard", 5, late, set(late)))
    floor = pd.DataFrame(run("unsupervised", 0, ids, set(ids[:5]) | {late[0]}))
    buckets = pd.Series("hard", index=ids)
    rows = evaluation.evaluate(trained, floor, buckets, "main", "level", evaluation.Options(resamples=200))
    hard = rows[rows["test_on"] == "hard"].set_index(["condition", "metric"])
    assert hard.loc[("easy", "accuracy"), ["value", "n_items"]].tolist() == [0.4, 10]
    assert hard.loc[("easy", "minus_hard"), ["value", "n_items"]].tolist() == pytest.approx([-0.2, 5])
    assert hard.loc[("easy", "sgr"), ["value", "n_items"]].tolist() == pytest.approx([0.6 / 0.8, 5])
