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
                for metric in ("accuracy", "ece", "brier", *compared):
                    here = {"condition": condition, "size": size, "test_on": test_on, "metric": metric}
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


@pytest.mark.parametrize("name", [n for n in CONFIG.select.figures if CONFIG.figures[n].published])
def test_every_figure_draws_with_the_papers_values(name, stored, tmp_path):
    given = dict(zip(*[iter(shlex.split(RUNS.plot(name)))] * 2, strict=True))
    spec = figure_tables.Spec.model_validate(json.loads(given["--spec"]))
    values = ROOT / "workflow" / "published" / "hase2024.csv"
    chosen = registry.load("figures", given["--figure"])
    frame = chosen.data(figure_tables.Tables(*stored, published_path=values, spec=spec))
    assert frame["paper"].notna().any(), "the paper has values for each of these figures"
    figure_tables.write_csv(frame, tmp_path / "f.csv")
    figure = chosen.draw(figure_tables.read_csv(tmp_path / "f.csv"))
    with style.settings():
        style.save(figure, tmp_path / "f.pdf", tmp_path / "f.png", tmp_path / "f.svg")
