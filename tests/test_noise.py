"""Label noise: which labels it hits in a split, what methods train on, what is compared with what."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import test_config
import test_icl
import test_lora
import test_probes
from easy2hard import check, jobs, matrices, statistics, tables
from easy2hard.errors import UserError
from easy2hard.methods import icl, lora, probe
from easy2hard.stages import evaluate as stage
from evaluation_world import SEEDS, evaluated, invent, pick, predict, store
from test_splits import drawn, members, toy

BIG = toy(400, 10, 400)
RATES = {"easy": [0, 0.1, 0.3], "hard": [0.2]}


def noisy(kind: str, rates: dict = RATES, **changes: object) -> pd.DataFrame:
    asked = {"conditions": ["easy", "hard"], "sizes": [50, 300], "seeds": 6, "noise": {"kind": kind, "rates": rates}}
    return drawn(BIG, **{**asked, **changes})


def hits(frame: pd.DataFrame, condition: str, rate: float, size: int = 300) -> pd.DataFrame:
    chosen = (frame["role"] == "train") & (frame["condition"] == condition) & (frame["size"] == size)
    return frame[chosen & (frame["noise"] == rate)]


def test_rates_are_those_asked_and_the_rest_keeps_its_labels():
    frame = noisy("uniform")
    assert set(hits(frame, "easy", 0.1)["seed"]) == set(range(6))
    for condition, rate in (("easy", 0.1), ("easy", 0.3), ("hard", 0.2)):
        rows = hits(frame, condition, rate)
        assert len(rows) == 6 * 300
        assert rows["label"].notna().mean() == pytest.approx(rate, abs=0.035)  # 3 to 5 standard deviations
    assert hits(frame, "easy", 0.0)["label"].isna().all() and len(hits(frame, "hard", 0.0)) == 0


@pytest.mark.parametrize(("kind", "wrong"), [("uniform", 1 - (1 / 3 + 1 / 4) / 2), ("mislabel", 1.0)])
def test_uniform_keeps_the_right_label_as_often_as_chance_and_mislabel_never(kind, wrong):
    rows = hits(noisy(kind), "easy", 0.3).dropna(subset="label")
    place = pd.Index(BIG.ids).get_indexer(rows["item_id"])
    label, choices = rows["label"].to_numpy(dtype=int), BIG.choices[place]
    assert ((label >= 0) & (label < choices)).all()
    share = (label != BIG.label[place]).mean()
    assert share == 1.0 if kind == "mislabel" else share == pytest.approx(wrong, abs=0.08)
    # Every wrong label of an item occurs about as often.
    steps = pd.Series((label - BIG.label[place]) % choices)[choices == 3].value_counts(normalize=True)
    assert steps.loc[[1, 2]].to_numpy() == pytest.approx([wrong / 2 if kind == "mislabel" else 1 / 3] * 2, abs=0.09)


def test_noise_is_nested_over_rates_and_sizes_and_drawn_anew_each_seed():
    frame = noisy("mislabel")
    labels = {key: rows.set_index("item_id")["label"].dropna() for key, rows in
              hits(frame, "easy", 0.1).groupby("seed")}  # fmt: skip
    more = {key: rows.set_index("item_id")["label"].dropna() for key, rows in hits(frame, "easy", 0.3).groupby("seed")}
    less = {key: rows.set_index("item_id")["label"].dropna() for key, rows in
            hits(frame, "easy", 0.1, size=50).groupby("seed")}  # fmt: skip
    for seed in range(6):
        pd.testing.assert_series_equal(more[seed].loc[labels[seed].index], labels[seed])
        pd.testing.assert_series_equal(labels[seed].loc[less[seed].index], less[seed])
    positions = hits(frame, "easy", 0.1).dropna(subset="label").groupby("seed")["position"].agg(tuple)
    assert len(set(positions)) == 6


def test_noise_changes_no_draw_and_adding_a_rate_or_a_size_changes_no_label():
    frame, plain = noisy("uniform"), drawn(BIG, conditions=["easy", "hard"], sizes=[50, 300], seeds=6)
    assert members(frame[frame["noise"] == 0], "test") == members(plain, "test")
    assert members(hits(frame, "easy", 0.3)) == members(plain[(plain["condition"] == "easy") & (plain["size"] == 300)])
    other = noisy("uniform", rates={"easy": [0.05, 0.3]}, sizes=[50])
    columns = ["seed", "position", "item_id", "label"]
    first, second = (hits(one, "easy", 0.3, 50)[columns].reset_index(drop=True) for one in (frame, other))
    pd.testing.assert_frame_equal(first, second)


def test_labels_survive_the_table(tmp_path):
    for name, frame in (("noisy", noisy("mislabel")), ("plain", drawn(BIG, conditions=["easy"], sizes=[4]))):
        tables.write(frame, tmp_path / name, tables.SPLITS)
        again = tables.read(tmp_path / name, tables.SPLITS)
        key = list(tables.SPLITS.key)
        expected = frame.sort_values(key, ignore_index=True)["label"].astype("float64")
        pd.testing.assert_series_equal(again.sort_values(key, ignore_index=True)["label"].astype("float64"), expected)


@pytest.mark.parametrize("kind", ["uniform", "mislabel"])
def test_free_form_items_that_noise_hits_are_marked_by_their_only_label(kind):
    alone = dataclasses.replace(BIG, choices=np.ones(len(BIG.ids), dtype=int), label=np.zeros(len(BIG.ids), dtype=int))
    asked = {"conditions": ["easy"], "sizes": [300], "seeds": 6, "noise": {"kind": kind, "rates": {"easy": [0.1]}}}
    labels = hits(drawn(alone, **asked), "easy", 0.1)["label"]
    assert labels.notna().mean() == pytest.approx(0.1, abs=0.035) and set(labels.dropna()) == {0}


@pytest.mark.parametrize(
    ("noise", "said"),
    [
        ({"kind": "uniform", "rates": {"easy": [0, 1.5]}}, "less than or equal to 1"),
        ({"kind": "uniform", "rates": {"easy": [-0.1]}}, "greater than or equal to 0"),
        ({"kind": "uniform", "rates": {"easy": [0.2, 0.1]}}, "ascending"),
        ({"kind": "uniform", "rates": {"easy": []}}, "each once"),
        ({"kind": "flip", "rates": {}}, "noise.kind"),
        ({"kind": "uniform", "rates": {"medium": [0.1]}}, "'medium' is not among the conditions"),
    ],
)
def test_a_wrong_noise_is_one_clear_line(noise, said):
    with pytest.raises(UserError) as caught:
        noisy("uniform", noise=noise)
    assert said in str(caught.value) and "\n" not in str(caught.value)


# -- what methods train on ---------------------------------------------------------------------------------------


def with_noise(job: jobs.Job, labels: dict[str, int]) -> jobs.Job:
    """The job with one more noise rate, whose training sets have the labels given."""
    split = job.splits["grade"]
    added = split.assign(noise=0.5, label=split["item_id"].map(labels).astype("Int32"))
    whole = pd.concat([split.assign(label=split["label"].astype("Int32")), added], ignore_index=True)
    return dataclasses.replace(job, splits={"grade": whole})


def relabelled(job: jobs.Job, labels: dict[str, int]) -> jobs.Job:
    """The job as if the labels given were the items' own, for training."""
    items = job.items.copy()
    items["label"] = [labels.get(name, label) for name, label in zip(items["item_id"], items["label"], strict=True)]
    if "answer" in items:
        items["answer"] = [row.choices[row.label] for row in items.itertuples()]
    return dataclasses.replace(job, items=items, train_items=items)


def wrong(job: jobs.Job) -> dict[str, int]:
    """A wrong label for every other item trained on."""
    known = job.items.set_index("item_id")
    names = sorted(set(job.splits["grade"]["item_id"]))[::2]
    return {name: int((known.loc[name, "label"] + 1) % len(known.loc[name, "choices"])) for name in names}


def make(method: str, folder) -> jobs.Job:
    if method == "icl":
        return test_icl.job(folder, icl)
    if method == "lora":
        return test_lora.make_job(folder, r=2, min_updates=2, epochs=1, learning_rate=0.01)
    return test_probes.make_job(folder, probe.Options(), test_probes.make_pool(ragged=True))


@pytest.mark.parametrize("method", [icl, probe, lora], ids=["icl", "probe", "lora"])
def test_methods_train_on_the_labels_given_and_are_judged_by_the_true_ones(method, tmp_path, tmp_path_factory):
    name = method.__name__.rpartition(".")[2]
    folder = tmp_path
    if name != "probe":
        tokenizer = test_icl.word_tokenizer(bos=True)
        folder = test_icl.save(test_icl.causal("llama", len(tokenizer)), tokenizer, tmp_path / "tiny")
    job = make(name, folder)
    labels = wrong(job)
    assert method.NOISY_LABELS and len(labels) >= 2
    both = pd.concat(method.predict(with_noise(job, labels)), ignore_index=True)
    tables.write(both, tmp_path / "p.parquet", tables.PREDICTIONS)
    key = ["measure", "condition", "size", "seed", "item_id"]
    clean, bad = (both[both["noise"] == rate].sort_values(key, ignore_index=True) for rate in (0.0, 0.5))
    plain = pd.concat(method.predict(job)).sort_values(key, ignore_index=True)
    truth = pd.concat(method.predict(relabelled(job, labels))).sort_values(key, ignore_index=True)
    flat = [np.concatenate(list(one["scores"])) for one in (clean, plain, bad, truth)]
    np.testing.assert_allclose(flat[0], flat[1], atol=1e-5)
    np.testing.assert_allclose(flat[2], flat[3], atol=1e-5)
    assert not np.allclose(flat[1], flat[3], atol=1e-3)
    own = job.items.set_index("item_id")["label"]
    assert (bad["correct"].to_numpy() == (bad["prediction"] == bad["item_id"].map(own)).to_numpy()).all()


# -- reasoning ---------------------------------------------------------------------------------------------------


def taught(labels: dict[str, int], size: int = 6, free_form: bool = False) -> list[dict]:
    """What a method that shows reasoning is given, for a training set with these labels."""
    names = [f"i{at}" for at in range(8)]
    choices = [[f"{name}!"] if free_form else ["yes", "no", "maybe"] for name in names]
    rows = {"item_id": names, "choices": choices, "label": 0, "solution": [f"by {name}" for name in names]}
    items = pd.DataFrame(rows).assign(answer=[one[0] for one in choices])
    job = jobs.Job(items, items, {}, None, {}, None, None, icl.Options(), "0305", 0)
    return jobs.reasoned(job, jobs.TrainingSet("m", "easy", 3, (4, 6), tuple(names[:6]), 0.5, labels), size)


def test_items_that_noise_hits_show_the_reasoning_of_another_that_it_hits():
    for labels in ({"i1": 2, "i4": 0}, {"i1": 1, "i2": 2, "i5": 0}):
        shown = {one["item_id"]: one["solution"].removeprefix("by ") for one in taught(labels)}
        assert {name for name in shown if shown[name] != name} == set(labels)
        assert sorted(shown.values()) == sorted(shown), "each reasoning is shown once"
    assert [one["answer"] for one in taught({"i1": 2, "i4": 0})] == ["yes", "maybe", "yes", "yes", "yes", "yes"]


def test_reasoning_stays_within_the_training_set():
    labels = {"i1": 1, "i5": 1}
    small = {one["item_id"]: one["solution"].removeprefix("by ") for one in taught(labels, size=4)}
    assert set(small) == {"i0", "i1", "i2", "i3"} == {*small.values(), "i1"} and small["i1"] in {"i0", "i2", "i3"}
    assert taught({"i0": 1}, size=1)[0]["solution"] == "by i0"
    assert taught(labels) == taught(labels)


def test_a_free_form_item_takes_the_answer_with_the_reasoning():
    for labels in ({"i1": 0, "i4": 0, "i5": 0}, {"i2": 0}):
        shown = taught(labels, free_form=True)
        assert all(one["solution"] + "!" == "by " + one["answer"] for one in shown)
        assert {one["item_id"] for one in shown if one["item_id"] + "!" != one["answer"]} == set(labels)
    assert taught({}, free_form=True) == taught({}, free_form=True)


# -- evaluation --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world() -> dict:
    """Two noise rates, 0.1 and 0.2 for easy, 0.3 and 0.4 for hard; the other conditions have none."""
    made, rng = invent(), np.random.default_rng(1)
    frames = [made["predictions"]]
    for condition, rates in {"easy": (0.1, 0.2), "hard": (0.3, 0.4)}.items():
        rows = made["predictions"][made["predictions"]["condition"] == condition]
        for rate in rates:
            again = predict(rows.merge(made["items"], on="item_id")[["item_id", "choices", "label"]], 0.8 - rate, rng)
            names = ["measure", "condition", "size", "seed"]
            frames.append(again.assign(noise=rate, **{name: rows[name].to_numpy() for name in names}))
    return {**made, "predictions": pd.concat(frames, ignore_index=True)}


@pytest.fixture(scope="module")
def done(world, tmp_path_factory) -> pd.DataFrame:
    return evaluated(world, tmp_path_factory.mktemp("noise"))["results"]


def matrix(world: dict, condition: str, noise: float) -> np.ndarray:
    frame = world["floor"] if condition == "unsupervised" else world["predictions"]
    where = {"measure": "" if condition == "unsupervised" else "grade", "size": 0 if condition == "unsupervised" else 4}
    return matrices.correct_matrix(
        frame, world["items"], world["hardness"]["grade"], condition=condition, noise=noise, bucket="hard", **where
    ).values


AT = {"measure": "grade", "size": 4, "part": "main", "test_on": "hard"}


@pytest.mark.parametrize(("noise", "hard"), [(0.0, 0.0), (0.1, 0.3), (0.2, 0.4)])
def test_comparisons_are_made_at_the_same_place_of_the_rates(world, done, noise, hard):
    pair = matrix(world, "easy", noise), matrix(world, "hard", hard)
    expected = statistics.difference(*pair, resamples=200)
    row = pick(done, **AT, condition="easy", noise=noise, metric="minus_hard")
    assert row["value"] == pytest.approx(expected.value, abs=1e-12) and row["n_seeds"] == len(SEEDS)
    sgr = statistics.supervision_gap_recovered(*pair, matrix(world, "unsupervised", 0.0), resamples=200)
    assert pick(done, **AT, condition="easy", noise=noise, metric="sgr")["value"] == pytest.approx(sgr.value, abs=1e-12)
    floor = statistics.difference(pair[1], matrix(world, "unsupervised", 0.0), resamples=200)
    found = pick(done, **AT, condition="hard", noise=hard, metric="minus_unsupervised")
    assert found["value"] == pytest.approx(floor.value, abs=1e-12)


def test_conditions_without_noise_have_one_place_only(done):
    rows = done[(done["condition"] == "all") & (done["metric"] == "minus_hard")]
    assert set(rows["noise"]) == {0.0}


def test_a_missing_noisy_prediction_of_a_test_item_is_an_error(world, tmp_path):
    first = world["predictions"].query("noise == 0.2 and size == 4 and seed == 0 and measure == 'grade'").index[0]
    options = store({**world, "predictions": world["predictions"].drop(index=first)}, tmp_path)
    with pytest.raises(UserError, match="1 of .* test items have no prediction"):
        stage.main(**options)


def test_accuracy_by_value_is_of_true_labels_and_of_single_values(world, tmp_path):
    renamed = {"easy": "all", "medium": "value_2"}
    frames = {"predictions": world["predictions"], **{f"s{n}": s for n, s in world["splits"].items()}}
    kept = {name: frame[frame["condition"] != "all"] for name, frame in frames.items()}
    frames = {name: frame.replace({"condition": renamed}) for name, frame in kept.items()}
    splits = {name: frames[f"s{name}"] for name in world["splits"]}
    options = store({**world, "predictions": frames["predictions"], "splits": splits}, tmp_path)
    stage.main(**options)
    curves = tables.read(options["by_value"], tables.ACCURACY_BY_VALUE)
    assert set(curves["condition"]) <= {"all", "value_2"}
    assert len(curves) + tables.metadata(options["by_value"])["dropped_bins"] == 2 * 2 * 2 * 2 * 6


# -- the oracle of another experiment ----------------------------------------------------------------------------


def test_an_oracle_stands_for_the_hard_trained_run(world, tmp_path):
    own = world["predictions"][world["predictions"]["condition"] != "all"]
    other = store({**world}, tmp_path / "other")
    options = store({**world, "predictions": own[own["noise"] == 0]}, tmp_path)
    options["spec"] = {**options["spec"], "train_dataset": "elsewhere"}
    options |= {"oracle": other["predictions"], "oracle_splits": other["splits"]}
    stage.main(**options)
    results = tables.read(options["out"], tables.RESULTS)
    row = pick(results, **AT, condition="hard", metric="sgr")
    assert row["value"] == pytest.approx(1.0)  # here the oracle happens to be the same run
    easy = pick(results, **AT, condition="easy", metric="minus_hard")
    expected = statistics.difference(matrix(world, "easy", 0.0), matrix(world, "hard", 0.0), resamples=200)
    assert easy["value"] == pytest.approx(expected.value, abs=1e-12)
    assert "oracle" not in set(results["condition"])


def test_an_oracle_without_hard_training_is_an_error(world, tmp_path):
    easy = world["predictions"][world["predictions"]["condition"] == "easy"]
    other = store({**world, "predictions": easy}, tmp_path / "other")
    options = store(world, tmp_path) | {"oracle": other["predictions"], "oracle_splits": other["splits"]}
    with pytest.raises(UserError, match="no prediction of condition 'hard' by measure 'grade'"):
        stage.main(**options)


def test_a_method_that_would_ignore_wrong_labels_is_refused_before_any_job(monkeypatch):
    settings = test_config.damaged(("splits", "qa", "noise"), {"kind": "mislabel", "rates": {"easy": [0, 0.1]}})
    check.load(settings)
    monkeypatch.delattr(icl, "NOISY_LABELS")
    with pytest.raises(UserError) as caught:
        check.load(settings)
    assert "experiments.qa: method 'icl' cannot train on wrong labels, which split 'qa' has" in str(caught.value)
