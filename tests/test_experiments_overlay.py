"""config/experiments.yaml: experiments say what they stand for; the transfer shares no question with its test."""

from __future__ import annotations

import house
import pytest
from easy2hard import check, front, registry, split_spec
from easy2hard.runs import Runs


@pytest.fixture(scope="module")
def table() -> Runs:
    return Runs(check.load(front.read(house.ROOT / "config.yaml", house.ROOT / "config" / "experiments.yaml")))


def items(table: Runs, dataset: str):
    chosen = table.config.datasets[dataset]
    module = registry.load("datasets", chosen.plugin)
    return module.load(None, module.Options(**chosen.options), table.config.seed).items


def test_every_experiment_says_what_it_stands_for(table):
    chosen = table.config.select.experiments
    assert len(chosen) >= 8 and all(table.config.experiments[name].paper for name in chosen)
    said = " ".join(table.config.experiments[name].paper for name in chosen)
    assert all(f"{number}" in said for number in (1, 6, 7, 8, 9, 16, 18)) and said.count("not in the paper") >= 3


def test_every_design_figure_is_made(table):
    plugins = {table.config.figures[name].plugin for name in table.config.select.figures}
    new = {"cost_curves", "cost_frontier", "label_noise", "noise_by_difficulty", "train_test_matrix", "transfer_bars"}
    assert new | {"by_model"} <= plugins


def test_the_college_world_has_no_question_of_the_grade_school_world(table):
    grades, college = (items(table, name) for name in ("qa_grades", "qa_college"))
    assert not set(grades["question"]) & set(college["question"])
    assert set(grades["level"]) == {1.0, 2.0, 3.0} and set(college["level"]) == {4.0, 5.0}


def test_the_transfer_is_compared_with_the_oracle(table):
    given = table.evaluate_inputs("grades_to_college", "tiny_llama", "icl")
    assert given["oracle"] == table.prediction_files("college", "tiny_llama", "icl")
    assert given["oracle_splits"] == ["results/splits/college/level.parquet"]
    assert "oracle" not in table.evaluate_inputs("grades_to_college", "tiny_llama", "zero_shot")
    assert "oracle" not in table.evaluate_inputs("college", "tiny_llama", "icl")


def test_splits_have_the_noise_of_the_config(table):
    from easy2hard.conditions import Noise

    assert table.config.splits["noise"].noise == Noise(
        kind="uniform", rates={"easy": [0, 0.05, 0.1, 0.2, 0.3], "hard": [0, 0.1, 0.2, 0.4, 0.6]}
    )
    assert '"noise"' in table.split("noise", "level") and "noise" not in table.split("costs", "level")
    assert split_spec.Spec.model_fields["noise"].default is None
