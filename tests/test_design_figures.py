"""Figures of costs, noise, levels and transfers: what they draw, on results invented so that the answer is known."""

from __future__ import annotations

import pandas as pd
import pytest
from easy2hard import check, figure_tables, registry, tables
from easy2hard.errors import UserError
from easy2hard.figures import cost_curves, cost_frontier, transfer_bars
from easy2hard.stages import plot
from test_config import damaged

ROW = {"experiment": "e", "dataset": "d", "train_dataset": "d", "model": "m", "method": "probe", "measure": "level"}
ROW |= {"noise": 0.0, "part": "main", "test_on": "hard", "metric": "accuracy", "p_value": 0.1, "n_items": 90}
ROW |= {"n_seeds": 5, "defined": True}


def result(condition: str, size: int, value: float, spread: float = 0.01, **changes: object) -> dict:
    row = {"condition": condition, "size": size, "value": value, "low": value - spread, "high": value + spread}
    return ROW | row | ({"method": "zero_shot"} if condition == "unsupervised" else {}) | changes


def shown(figure: str, rows: list[dict], folder, options: dict | None = None, **spec: object) -> pd.DataFrame:
    path = folder / "results.parquet"
    tables.write(pd.DataFrame(rows), path, tables.RESULTS)
    given = figure_tables.Tables(path, spec=figure_tables.Spec(**spec), options=options or {})
    return registry.load("figures", figure).data(given)


FLOOR = [result("unsupervised", 0, 0.3)]
RUNS = [result("easy", 20, 0.5), result("easy", 80, 0.6), result("hard", 20, 0.55), result("hard", 80, 0.7)]
MIXES = [result("mix_25", 20, 0.52), result("mix_25", 80, 0.68, 0.05), result("all", 80, 0.9)]


@pytest.mark.parametrize(
    ("condition", "size", "ratio", "expected"),
    [("easy", 80, 7, 80), ("hard", 80, 2, 160), ("hard", 20, 0.5, 10), ("mix_25", 80, 10, 260), ("mix_25", 2, 2, 3)],
)
def test_cost_of_a_training_set(condition, size, ratio, expected):
    assert cost_curves.cost(condition, size, ratio) == expected


@pytest.mark.parametrize("ratio", [0.5, 2.0, 100.0])
def test_cost_curves_take_any_ratio_and_leave_out_what_has_no_price(ratio, tmp_path):
    options = {"ratio": ratio, "conditions": ["easy", "hard", "all"]}
    frame = shown("cost_curves", FLOOR + RUNS + MIXES, tmp_path, options)
    dots = frame.dropna(subset="position")
    assert list(dots["style"].unique()) == ["easy", "hard"]
    assert list(dots.loc[dots["style"] == "hard", "position"]) == [20 * ratio, 80 * ratio]
    level = frame[frame["position"].isna()]
    assert list(level["style"]) == ["unsupervised"] and level["value"].iloc[0] == 0.3
    assert f"hard: {ratio:g}, easy: 1" in frame["axis"].iloc[0]


def test_frontier_takes_the_best_set_that_the_budget_pays_for(tmp_path):
    options = {"ratios": [10, 1], "budgets": [80, 300, 10, 1000]}
    frame = shown("cost_frontier", FLOOR + RUNS + MIXES, tmp_path, options).set_index(["y", "x"])
    assert list(dict.fromkeys(frame.index.get_level_values("x"))) == ["1×", "10×"]
    assert frame.loc[("10", "1×"), "value"] != frame.loc[("10", "1×"), "value"]  # nothing to buy: no value
    cheap = frame.loc[("80", "1×")]
    assert (cheap["value"], cheap["accuracy"], cheap["items"]) == (1.0, 0.7, 80)
    assert (cheap["near_low"], cheap["near_high"]) == (0.25, 1.0)  # the interval of the mix reaches 0.7
    dear = frame.loc[("80", "10×")]
    assert (dear["value"], dear["accuracy"], dear["items"]) == (0.0, 0.6, 80)
    middle = frame.loc[("300", "10×")]
    assert (middle["value"], middle["accuracy"], middle["near_high"]) == (0.25, 0.68, 0.25)
    assert frame.loc[("1,000", "10×"), "value"] == 1.0
    assert "all" not in str(frame.columns) and frame["accuracy"].max() == 0.7


def test_frontier_of_equal_sets_takes_the_one_with_fewer_hard_items(tmp_path):
    rows = [result(name, size, 0.6) for name in ("easy", "hard") for size in (20, 80)]
    frame = shown("cost_frontier", rows, tmp_path, {"ratios": [1], "budgets": [80]})
    assert list(frame["value"]) == [0.0] and list(frame["near_high"]) == [1.0]


def test_frontier_needs_several_mixes(tmp_path):
    with pytest.raises(UserError, match="several mixes"):
        shown("cost_frontier", RUNS[:2], tmp_path)


NOISY = [
    result("easy", 80, 0.6),
    result("easy", 80, 0.59, noise=0.05),
    result("hard", 80, 0.7),
    result("hard", 80, 0.5, noise=0.1),
    result("hard", 20, 0.1),
    result("hard", 20, 0.1, noise=0.1),
]


def test_label_noise_pairs_the_rates_by_their_place(tmp_path):
    frame = shown("label_noise", FLOOR + NOISY + [result("all", 80, 0.9)], tmp_path)
    dots = frame.dropna(subset="position")
    assert set(dots["style"]) == {"easy", "hard"} and set(dots["value"]) == {0.6, 0.59, 0.7, 0.5}
    assert dict(zip(dots["position"], dots["x"], strict=True)) == {1.0: "0% / 0%", 2.0: "5% / 10%"}
    assert dots["axis"].iloc[0] == "Training labels hit by noise (easy / hard)"


def test_noise_by_difficulty_marks_a_loss_beyond_the_interval(tmp_path):
    frame = shown("noise_by_difficulty", FLOOR + NOISY, tmp_path).set_index(["y", "x"])
    assert dict(frame["below"]) == {
        ("easy", "0%"): False,
        ("hard", "0%"): False,
        ("easy", "5%"): False,
        ("hard", "10%"): True,
    }


@pytest.mark.parametrize("name", ["accuracy_by_training", "learning_curves", "sgr_by_method", "calibration"])
def test_other_figures_show_true_labels_only(name, tmp_path):
    rows = FLOOR + [row | {"metric": metric} for row in NOISY for metric in ("accuracy", "sgr", "ece")]
    clean = [row for row in rows if row["noise"] == 0]
    pd.testing.assert_frame_equal(shown(name, rows, tmp_path), shown(name, clean, tmp_path))


def by_value(condition: str, level: float, accuracy: float) -> dict:
    kept = ("experiment", "dataset", "model", "method", "measure", "part", "n_items", "n_seeds")
    row = {name: ROW[name] for name in kept} | {"condition": condition, "size": 80, "accuracy": accuracy}
    if condition == "unsupervised":
        row |= {"size": 0, "method": "zero_shot"}
    return row | {"value_low": level, "value_high": level, "low": accuracy - 0.05, "high": accuracy + 0.05}


def test_matrix_has_a_row_a_training_level_and_marks_the_diagonal(tmp_path):
    rows = [by_value(name, level, 0.5 + level / 10) for name in ("value_1", "value_2", "all", "unsupervised")
            for level in (1.0, 2.0, 3.0) if (name, level) != ("value_1", 3.0)]  # fmt: skip
    path = tmp_path / "by_value.parquet"
    tables.write(pd.DataFrame(rows), path, tables.ACCURACY_BY_VALUE)
    results = tmp_path / "results.parquet"
    tables.write(pd.DataFrame(FLOOR), results, tables.RESULTS)
    stored = figure_tables.Tables(results, path)
    frame = registry.load("figures", "train_test_matrix").data(stored).set_index(["y", "x"])
    assert list(dict.fromkeys(frame.index.get_level_values("y"))) == ["none", "all", "1", "2"]
    assert list(frame.index[frame["same"]]) == [("1", "1"), ("2", "2")]
    assert frame["value"].isna().sum() == 1 and pd.isna(frame.loc[("1", "3"), "value"])


def test_transfer_has_one_place_for_all_experiments(tmp_path):
    far = {"experiment": "far", "train_dataset": "grades"}
    rows = [
        *FLOOR,
        result("unsupervised", 0, 0.3, **far | {"train_dataset": "grades"}),
        *(result(name, 80, value, **far) for name, value in (("easy", 0.45), ("hard", 0.5))),
        *(result(name, 80, value) for name, value in (("easy", 0.55), ("hard", 0.6))),
        result("easy", 80, 0.5, **far, metric="sgr"),
    ]
    bars = [("far", "easy", "3rd grade"), ("far", "hard", "8th grade")]
    bars += [("e", "easy", "high school"), ("e", "hard", "college")]
    options = {"bars": [dict(zip(("experiment", "condition", "title"), bar, strict=True)) for bar in bars]}
    frame = shown("transfer_bars", rows, tmp_path, options, experiments=["e", "far"])
    accuracy = frame[frame["panel"] == "Accuracy on hard items"]
    assert list(accuracy["series"]) == ["none (unsupervised)", "3rd grade", "8th grade", "high school", "college"]
    assert list(accuracy["value"]) == [0.3, 0.45, 0.5, 0.55, 0.6]
    assert frame[["row", "group"]].drop_duplicates().shape[0] == 1
    assert list(frame.loc[frame["panel"] != "Accuracy on hard items", "series"]) == ["3rd grade"]


def test_by_model_keeps_the_order_asked(tmp_path):
    rows = [row | {"model": name} for name in ("7b", "13b", "70b") for row in FLOOR + RUNS]
    frame = shown("by_model", rows, tmp_path, {"models": ["7b", "13b", "70b"]})
    assert dict(zip(frame["position"], frame["x"], strict=True)) == {1.0: "7b", 2.0: "13b", 3.0: "70b"}
    assert set(frame["style"]) == {"unsupervised", "easy", "hard"} and set(frame["value"]) == {0.3, 0.6, 0.7}


BAR = {"experiment": "qa", "condition": "easy", "title": "easy"}
FAULTS = {
    "a cost ratio of 0": ("cost_curves", {"ratio": 0}, ["options.ratio", "greater than 0", "0"]),
    "a negative cost ratio": ("cost_curves", {"ratio": -2.0}, ["options.ratio", "greater than 0", "-2"]),
    "an infinite cost ratio": ("cost_curves", {"ratio": float("inf")}, ["options.ratio", "finite"]),
    "one of several ratios": ("cost_frontier", {"ratios": [1, 0]}, ["options.ratios.1", "greater than 0"]),
    "no ratio": ("cost_frontier", {"ratios": []}, ["options.ratios", "at least 1"]),
    "a budget of nothing": ("cost_frontier", {"budgets": [0]}, ["options.budgets.0", "greater than 0"]),
    "an unknown test bucket": ("cost_frontier", {"test_on": "hrad"}, ["options.test_on", "did you mean 'hard'"]),
    "a bar of an experiment not shown": (
        "transfer_bars",
        {"bars": [BAR | {"experiment": "qb"}]},
        ["options", "'easy'", "experiment 'qb'", "does not show"],
    ),
    "two bars of one name": ("transfer_bars", {"bars": [BAR, BAR]}, ["two bars are called 'easy'"]),
    "a bar of an unknown condition": (
        "transfer_bars",
        {"bars": [BAR | {"condition": "esay"}]},
        ["options.bars.0.condition", "did you mean 'easy'"],
    ),
}


@pytest.mark.parametrize(("plugin", "options", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_wrong_options_are_one_line_before_any_job(plugin, options, said, tmp_path):
    settings = damaged(("figures", "mine"), {"plugin": plugin, "experiments": ["qa"], "options": options})
    with pytest.raises(UserError) as caught:
        check.load(settings)
    line = str(caught.value)
    assert line.startswith("figures.mine.options") and "\n" not in line and all(text in line for text in said), line


def test_the_stage_checks_options_too(tmp_path):
    paths = {name: tmp_path / name for name in ("pdf", "png", "svg", "csv", "caption")}
    absent = {name: tmp_path / "none" for name in ("results", "accuracy_by_value", "correlations")}
    with pytest.raises(UserError, match=r"options\.ratio"):
        plot.main(figure="cost_curves", **absent, hardness=[], spec={}, **paths, options={"ratio": -1})
    assert not list(tmp_path.iterdir())


def test_costs_of_the_paper_s_sizes():
    """Fig. 6: easy 20 … 320 against hard 10 … 160 at the same costs."""
    easy, hard = ([cost_curves.cost(name, n, 2.0) for n in (10, 20, 160, 320)] for name in ("easy", "hard"))
    assert hard[0] == easy[1] and hard[2] == easy[3] and easy[2] == 160
    assert cost_curves.Options().ratio == 2.0 and max(cost_frontier.Options().ratios) == 100
    assert list(transfer_bars.faults(transfer_bars.Options(), [])) == []
