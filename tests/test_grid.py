"""config/hase2024.yaml: it is valid, it says what each experiment is for, and every figure of it draws."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from easy2hard import figure_tables, published, registry, seeds, style, tables
from easy2hard.check import CHECKS, check_files
from easy2hard.config import Config
from easy2hard.front import read
from easy2hard.runs import Runs

ROOT = Path(__file__).parents[1]
FILES = (ROOT / "config.yaml", ROOT / "config" / "hase2024.yaml")
RUNS = Runs(Config.model_validate(read(*FILES)))
CONFIG = RUNS.config
TESTS = ("easy", "medium", "hard", "all")


def test_the_grid_is_valid_but_for_files_of_the_user():
    found = [fault for check in CHECKS if check is not check_files for fault in check(CONFIG)]
    assert not found


def test_every_experiment_and_model_is_pinned_and_says_what_it_is_for():
    chosen = [CONFIG.experiments[name] for name in CONFIG.select.experiments]
    assert all(re.search(r"(Figs?\.|Tables?) \d", one.paper or "") for one in chosen)
    hub = {name: one for name, one in CONFIG.models.items() if one.hub}
    assert [name for name, one in hub.items() if not one.revision] == ["persimmon_8b"]
    assert {published.paper_model([one.hub]) for one in hub.values()} - {None} == set(published.MODELS.values())


def test_every_figure_and_table_of_the_paper_with_numbers_has_an_experiment():
    titles = " ".join(CONFIG.experiments[name].paper for name in CONFIG.select.experiments)
    spans = re.findall(r"(\d+)-(\d+)", titles)
    named = {int(number) for number in re.findall(r"\d+", titles)}
    named |= {number for low, high in spans for number in range(int(low), int(high) + 1)}
    assert {1, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19} <= named


def rows() -> pd.DataFrame:
    """Invented RESULTS of every cell of the grid."""
    random, found = seeds.generator(0, "grid"), []
    for name, model, method in RUNS.cells():
        split = CONFIG.splits[CONFIG.experiments[name].split]
        way = CONFIG.methods[method]
        arms = [(condition, n) for condition in split.conditions for n in way.sizes] or [("unsupervised", 0)]
        for measure in split.measures:
            key = {"experiment": name, "dataset": split.dataset, "model": model, "method": method, "measure": measure}
            key["train_dataset"] = split.train_dataset or split.dataset
            for (condition, size), test_on in ((arm, test) for arm in arms for test in TESTS):
                compared = ["sgr"] if condition not in ("hard", "unsupervised") else []
                rates = split.noise.of(condition) if split.noise and size else [0.0]
                for metric, rate in ((m, r) for m in ("accuracy", "ece", "brier", *compared) for r in rates):
                    here = {"condition": condition, "size": size, "test_on": test_on, "metric": metric, "noise": rate}
                    found.append(key | here | {"value": random.uniform(0.3, 0.9)})
    frame = pd.DataFrame(found)
    frame = frame.assign(part="main", low=frame["value"] - 0.03, high=frame["value"] + 0.03, p_value=0.01)
    frame = frame.assign(n_items=400, n_seeds=np.where(frame["size"] == 0, 1, 5), defined=True)
    for name in set(tables.RESULTS.columns) - set(frame.columns):
        frame[name] = 0.0
    return frame[list(tables.RESULTS.columns)]


def curves() -> pd.DataFrame:
    """Invented ACCURACY_BY_VALUE of the cells trained on all items."""
    found = rows()
    found = found[(found["metric"] == "accuracy") & (found["test_on"] == "all")]
    found = found[found["condition"].isin(["all", "unsupervised"])]
    each = [found.assign(value_low=float(at), value_high=float(at), accuracy=0.9 - at / 20) for at in range(1, 6)]
    frame = pd.concat(each, ignore_index=True)
    frame = frame.assign(low=frame["accuracy"] - 0.03, high=frame["accuracy"] + 0.03)
    return frame[list(tables.ACCURACY_BY_VALUE.columns)]


def pairs() -> pd.DataFrame:
    """Invented CORRELATIONS of the measures of every dataset."""
    found = [
        {"dataset": name, "part": "main", "measure_a": a, "measure_b": b, "spearman": 0.1, "n_items": 900}
        for name in CONFIG.select.datasets
        for a in CONFIG.datasets[name].measures
        for b in CONFIG.datasets[name].measures
        if a < b
    ]
    return pd.DataFrame(found)


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("grid")
    values = (curves(), tables.ACCURACY_BY_VALUE)
    kinds = {"r": (rows(), tables.RESULTS), "v": values, "c": (pairs(), tables.CORRELATIONS)}
    for name, (frame, table) in kinds.items():
        tables.write(frame, folder / name, table)
    return [folder / name for name in kinds]


def drawn(name: str, stored: list[Path], folder: Path) -> pd.DataFrame:
    """Data of a figure of the grid, after it was drawn from them."""
    given = dict(zip(*[iter(shlex.split(RUNS.plot(name)))] * 2, strict=True))
    spec = figure_tables.Spec.model_validate(json.loads(given["--spec"]))
    options = {"options": json.loads(given.get("--options", "{}"))}
    values = ROOT / "workflow" / "published" / "hase2024.csv"
    chosen = registry.load("figures", given["--figure"])
    frame = chosen.data(figure_tables.Tables(*stored, published_path=values, spec=spec, **options))
    figure_tables.write_csv(frame, folder / f"{name}.csv")
    figure = chosen.draw(figure_tables.read_csv(folder / f"{name}.csv"))
    with style.settings():
        style.save(figure, *(folder / f"{name}.{kind}" for kind in ("pdf", "png", "svg")))
    return frame


@pytest.mark.parametrize("name", [n for n in CONFIG.select.figures if CONFIG.figures[n].published])
def test_every_figure_draws_with_the_papers_values(name, stored, tmp_path):
    assert drawn(name, stored, tmp_path)["paper"].notna().any(), "the paper has values for each of these figures"


def test_costs_are_those_of_the_paper(stored, tmp_path):
    frame = drawn("fig6", stored, tmp_path)
    trained = frame[frame["style"].isin(["easy", "hard"])]
    assert trained["panel"].nunique() == 5
    assert trained.groupby("style")["position"].max().to_dict() == {"easy": 320, "hard": 640}
    paper = trained[trained["panel"].str.startswith("MMLU") & trained["paper"].notna()]
    found = {name: dict(zip(rows["position"], rows["paper"], strict=True)) for name, rows in paper.groupby("style")}
    assert found["hard"] == {20: 0.387, 40: 0.421, 80: 0.454, 160: 0.488, 320: 0.5}, "measured there, not Fig. 9's"
    assert found["easy"] == {20: 0.447, 40: 0.467, 80: 0.491, 160: 0.504, 320: 0.51}


def test_noise_of_the_paper(stored, tmp_path):
    frame = drawn("fig7", stored, tmp_path)
    shown = frame[frame["style"] == "easy"].sort_values("position")["x"]
    assert list(shown) == ["0% / 0%", "5% / 10%", "10% / 20%", "20% / 40%", "30% / 60%"]
    paper = frame[frame["position"].notna()].pivot(index="position", columns="style", values="paper")
    assert list(paper["easy"]) == [0.495, 0.487, 0.485, 0.463, 0.441], "its own value without noise, not Fig. 9's"
    assert list(paper["hard"]) == [0.513, 0.508, 0.467, 0.447, 0.367]
    assert CONFIG.splits["mmlu_noise"].noise.kind == "uniform", "the label drawn may be the right one"


@pytest.mark.parametrize(("name", "rows"), [("fig9", 2), ("fig9_probe", 1), ("fig1_18", 4)])
def test_grades_to_college_in_four_steps_with_an_oracle(name, rows, stored, tmp_path):
    frame = drawn(name, stored, tmp_path)
    accuracy = frame[frame["panel"] == "Accuracy on hard items"]
    steps = {"none (unsupervised)", "3rd grade", "8th grade", "high school", "college"}
    assert {*accuracy["series"]} == steps and len(accuracy) == len(steps) * rows
    assert accuracy["paper"].notna().all(), "the paper has every bar"
    sgr = frame[frame["panel"] == "Supervision Gap Recovered"]
    assert {*sgr["series"]} == {"3rd grade", "8th grade", "high school"}
    grades = [CONFIG.experiments[one] for one in CONFIG.figures[name].experiments if "third" in one]
    assert all(one.oracle in CONFIG.figures[name].experiments for one in grades)


@pytest.mark.parametrize(("name", "models"), [("fig8", 3), ("fig16", 3), ("fig18_by_model", 4)])
def test_figures_by_model_have_every_model(name, models, stored, tmp_path):
    frame = drawn(name, stored, tmp_path)
    assert set(frame.groupby(["panel", "series"])["position"].nunique()) == {models}


def test_mdl_is_the_papers():
    arc = CONFIG.datasets["arc"].model_measures
    assert {*arc} == {"mdl_zero_shot", "mdl_probe", "mdl_lora"}
    hubs = {CONFIG.models[name].hub for one in arc.values() for name in one.models}
    assert {hub.split("/")[1] for hub in hubs} == {"llama-7b", "falcon-7b", "persimmon-8b-base", "Mistral-7B-v0.1"}
    assert all(len(one.models) == 4 and one.average == "raw" for one in arc.values())
    apart = CONFIG.splits["arc_apart"]
    assert (apart.sizes, apart.seeds, apart.pool) == ([5, 20, 80, 340, 900], 5, "hardness")
    for name in ("mmlu_stem5", "strategyqa"):
        assert {*CONFIG.datasets[name].model_measures} == {"mdl_zero_shot"}
    assert not CONFIG.datasets["gsm8k"].model_measures


def test_every_figure_says_what_it_stands_for():
    assert all(CONFIG.figures[name].paper for name in CONFIG.select.figures)
