"""Evaluation on invented tables: matrices, metrics, parts, capped tests, curves, collecting, the stages as commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from easy2hard import evaluation, evaluation_tables, matrices, statistics, tables
from easy2hard.accuracy_by_value import accuracy_by_value
from easy2hard.errors import UserError
from easy2hard.stages import collect
from easy2hard.stages import evaluate as stage

MEASURES = ("grade", "words")
SEEDS, SIZES = (0, 1, 2), (2, 4)
CONDITIONS = ("easy", "medium", "hard", "all")
N_MAIN, N_OUT = 60, 12
RATES = {"easy": 0.75, "medium": 0.78, "hard": 0.8, "all": 0.8, "unsupervised": 0.35}


def invent_items() -> pd.DataFrame:
    number = np.arange(N_MAIN + N_OUT + 5)
    part = np.select([number < N_MAIN, number < N_MAIN + N_OUT], ["main", "held_out"], "hardness")
    frame = pd.DataFrame(
        {"item_id": [f"q{n:03d}" for n in number], "part": part, "label": (number % 3).astype("int32")}
    )
    frame["choices"] = [["a", "b", "c"] if n % 4 else ["a", "b", "c", "d"] for n in number]
    texts = {"question": "which?", "answer": "a", "origin": "invented"}
    empty = {"solution": None, "steps": None, "subject": None}
    human = dict.fromkeys(("level", "grade", "difficulty", "bloom", "depth_of_knowledge", "hardness"), np.nan)
    return frame.assign(**texts, **empty, **human)


def invent_hardness(items: pd.DataFrame, shift: int) -> pd.DataFrame:
    value = (np.arange(len(items)) + shift) % 6 + 1.0
    value[3] = np.nan
    bucket = np.select([value <= 2, value >= 5, value > 0], ["easy", "hard", "medium"], "")
    return pd.DataFrame({"item_id": items["item_id"], "value": value, "bucket": bucket}).replace({"bucket": {"": None}})


def invent_split(items: pd.DataFrame, hardness: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    main = items.loc[items["part"] == "main", "item_id"].to_numpy(dtype=object)
    bucket = hardness.set_index("item_id")["bucket"]
    rows = []
    for condition in CONDITIONS:
        pool = main if condition == "all" else main[(bucket.loc[main] == condition).to_numpy()]
        for seed in SEEDS:
            train = rng.permutation(pool)[: max(SIZES)]
            test = [item for item in main if item not in set(train)]
            for size in SIZES:
                rows += [(seed, condition, size, "train", place, item) for place, item in enumerate(train[:size])]
                rows += [(seed, condition, size, "test", place, item) for place, item in enumerate(test)]
    return pd.DataFrame(rows, columns=list(tables.SPLITS.columns))


def predict(items: pd.DataFrame, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for item, choices, label in items[["item_id", "choices", "label"]].itertuples(index=False):
        scores = rng.normal(size=len(choices))
        scores[label] = scores.max() + 1 if rng.random() < rate else scores.min() - 1
        p = np.exp(scores) / np.exp(scores).sum()
        best = int(p.argmax())
        rows.append((item, best, scores.astype("float32"), p[best], p[label], best == label))
    columns = ["item_id", "prediction", "scores", "confidence", "label_confidence", "correct"]
    return pd.DataFrame(rows, columns=columns)


def invent_predictions(items: pd.DataFrame, splits: dict, rng: np.random.Generator) -> pd.DataFrame:
    open_items, frames = items[items["part"] != "hardness"], []
    for measure, split in splits.items():
        for (condition, seed, size), rows in split[split["role"] == "train"].groupby(["condition", "seed", "size"]):
            rest = open_items[~open_items["item_id"].isin(rows["item_id"])]
            names = {"measure": measure, "condition": condition, "size": size, "seed": seed}
            frames.append(predict(rest, RATES[condition], rng).assign(**names))
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def world() -> dict:
    rng = np.random.default_rng(0)
    items = invent_items()
    hardness = {name: invent_hardness(items, shift) for shift, name in enumerate(MEASURES)}
    splits = {name: invent_split(items, hardness[name], rng) for name in MEASURES}
    floor = predict(items[items["part"] != "hardness"], RATES["unsupervised"], rng)
    floor = floor.assign(measure="", condition="unsupervised", size=0, seed=0)
    predictions = invent_predictions(items, splits, rng)
    return {"items": items, "hardness": hardness, "splits": splits, "predictions": predictions, "floor": floor}


SPEC = {
    "experiment": "try",
    "dataset": "invented",
    "train_dataset": "invented",
    "model": "tiny",
    "method": "probe",
    "measures": list(MEASURES),
    "resamples": 200,
    "level": 0.95,
    "seed": 0,
}


def store(world: dict, folder) -> dict:
    """Write the world's tables; options of the stage."""
    paths = {
        "items": folder / "items.parquet",
        "predictions": folder / "p.parquet",
        "unsupervised": folder / "u.parquet",
    }
    tables.write(world["items"], paths["items"], tables.ITEMS)
    tables.write(world["predictions"], paths["predictions"], tables.PREDICTIONS)
    tables.write(world["floor"], paths["unsupervised"], tables.PREDICTIONS)
    for kind, table in (("hardness", tables.HARDNESS), ("splits", tables.SPLITS)):
        paths[kind] = [folder / f"{kind}_{name}.parquet" for name in MEASURES]
        for path, frame in zip(paths[kind], world[kind].values(), strict=True):
            tables.write(frame, path, table)
    for name in ("predictions", "unsupervised"):
        paths[name] = [paths[name]]
    return {**paths, "spec": SPEC, "out": folder / "metrics.parquet", "by_value": folder / "curve.parquet"}


@pytest.fixture(scope="module")
def done(world, tmp_path_factory) -> dict:
    options = store(world, tmp_path_factory.mktemp("evaluated"))
    stage.main(**options)
    return {**options, "results": tables.read(options["out"], tables.RESULTS)}


def pick(results: pd.DataFrame, **names) -> pd.Series:
    rows = results[np.logical_and.reduce([results[name] == value for name, value in names.items()])]
    assert len(rows) == 1, (names, len(rows))
    return rows.iloc[0]


def matrix(world: dict, condition: str, size: int, bucket: str = "all", part: str = "main") -> np.ndarray:
    frame = world["floor"] if condition == "unsupervised" else world["predictions"]
    measure = "" if condition == "unsupervised" else "grade"
    names = {"measure": measure, "condition": condition, "size": size, "bucket": bucket, "part": part}
    return matrices.correct_matrix(frame, world["items"], world["hardness"]["grade"], **names).values


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


def damage(world: dict, **changes) -> dict:
    return {**world, "predictions": world["predictions"].assign(**changes)}


BROKEN = {
    "correct": (lambda w: damage(w, correct=~w["predictions"]["correct"]), "contradicts the label"),
    "item": (lambda w: damage(w, item_id="x" + w["predictions"]["item_id"]), "not in the items table"),
    "short": (lambda w: damage(w, scores=[s[:1] for s in w["predictions"]["scores"]]), "no score for the label"),
    "infinite": (lambda w: damage(w, scores=[s * np.inf for s in w["predictions"]["scores"]]), "not finite"),
    "lost": (lambda w: {**w, "predictions": w["predictions"].iloc[7:]}, "have no prediction"),
    "measure": (
        lambda w: {**w, "predictions": w["predictions"].query("measure == 'grade'")},
        "predictions of measures",
    ),
    "empty": (lambda w: {**w, "predictions": w["predictions"].iloc[:0]}, "no prediction"),
    "floor": (lambda w: {**w, "floor": w["predictions"]}, "condition 'unsupervised' only"),
    "hardness": (
        lambda w: {**w, "hardness": {name: frame.iloc[1:] for name, frame in w["hardness"].items()}},
        "no row for item",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_damaged_tables_stop_with_one_line_and_write_nothing(world, tmp_path, name):
    change, message = BROKEN[name]
    options = store(change(world), tmp_path)
    with pytest.raises(UserError, match=message):
        stage.main(**options)
    assert not options["out"].exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"resample": 10}, "did you mean 'resamples'"),
        ({"level": "high"}, "expected float"),
        ({"resamples": 0}, "resamples ≥ 1"),
        ({"train_dataset": None}, "expected str"),
        ({"measures": ["grade"]}, "--hardness: 2 files for 1 measures|predictions of measures"),
    ],
)
def test_wrong_spec_is_a_user_error(world, tmp_path, change, message):
    with pytest.raises(UserError, match=message):
        stage.main(**store(world, tmp_path) | {"spec": {**SPEC, **change}})


def test_missing_spec_key_is_a_user_error():
    with pytest.raises(UserError, match="'seed' is missing"):
        stage.check_spec({key: value for key, value in SPEC.items() if key != "seed"})


def curve(value: np.ndarray, correct: np.ndarray) -> tuple[pd.DataFrame, int]:
    ids = [f"i{n:04d}" for n in range(len(value))]
    rows = [(ids[n], seed, correct[n, seed]) for n in range(len(value)) for seed in range(correct.shape[1])]
    frame = pd.DataFrame(rows, columns=["item_id", "seed", "correct"]).assign(condition="all", size=4)
    return accuracy_by_value(frame, pd.Series(value, index=ids))


def test_few_values_stand_for_themselves_with_a_t_interval():
    scipy_stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    value, correct = np.repeat([1.0, 3.0], 50), (rng.random((100, 2)) < 0.7).astype(float)
    found, dropped = curve(value, correct)
    assert list(found["value_low"]) == list(found["value_high"]) == [1.0, 3.0]
    means = correct[:50].mean(axis=1)
    low, high = scipy_stats.t.interval(0.95, 49, means.mean(), scipy_stats.sem(means))
    assert (found["low"][0], found["high"][0]) == pytest.approx((low, high))
    assert dropped == 0


def test_nine_values_are_cut_into_four_bins_of_equal_width():
    value = np.tile(np.arange(9.0), 40)
    found, dropped = curve(value, (np.arange(360)[:, None] % 7 > 0).astype(float))
    assert list(found["value_low"]) == [0, 2, 4, 6]
    assert list(found["value_high"]) == [2, 4, 6, 8]
    assert list(found["n_items"]) == [80, 80, 80, 120]  # the last bin is closed
    assert dropped == 0


def test_uncertain_bins_and_missing_values_are_dropped_and_counted():
    value = np.array([1.0] * 50 + [2.0] * 4 + [3.0] + [np.nan] * 5)
    found, dropped = curve(value, (np.arange(60)[:, None] % 2 > 0).astype(float))
    assert list(found["value_low"]) == [1.0]
    assert dropped == 2


def test_by_value_table_counts_dropped_bins(done):
    frame = tables.read(done["by_value"], tables.ACCURACY_BY_VALUE)
    assert set(frame["condition"]) == {"all"}
    assert set(frame["measure"]) <= set(MEASURES)
    assert tables.metadata(done["by_value"])["dropped_bins"] > 0


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


def run_stage(name: str, options: dict) -> subprocess.CompletedProcess:
    arguments = []
    for key, value in options.items():
        values = value if isinstance(value, list) else [json.dumps(value) if isinstance(value, dict) else value]
        arguments += [f"--{key.replace('_', '-')}", *map(str, values)]
    command = [sys.executable, "-m", f"easy2hard.stages.{name}", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": "workflow"}, check=False
    )


def test_stages_run_as_commands_without_torch(world, done, tmp_path):
    options = store(world, tmp_path)
    ran = run_stage("evaluate", options)
    assert ran.returncode == 0, ran.stderr
    assert options["out"].read_bytes() == done["out"].read_bytes()
    code = (
        "import sys, easy2hard.stages.evaluate, easy2hard.stages.collect; print({'torch', 'scipy'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    shown = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": "workflow"}, check=True
    )
    assert shown.stdout.strip() == "set()"


def test_a_user_error_of_the_command_is_one_line(world, tmp_path):
    ran = run_stage("evaluate", store(world, tmp_path) | {"spec": {**SPEC, "levle": 1}})
    assert ran.returncode == 2
    assert "did you mean 'level'" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_options_have_the_paper_s_defaults():
    assert evaluation.Options() == evaluation.Options(10_000, 0.95, 0, True)
