"""The stage of evaluation: damaged tables, wrong specs, as a command without torch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from easy2hard.errors import UserError
from easy2hard.stages import evaluate as stage
from evaluation_world import SPEC, evaluated, invent, store


@pytest.fixture(scope="module")
def world() -> dict:
    return invent()


@pytest.fixture(scope="module")
def done(world, tmp_path_factory) -> dict:
    return evaluated(world, tmp_path_factory.mktemp("evaluated"))


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "workflow")}


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
    "part of the floor": (lambda w: {**w, "floor": w["floor"].iloc[3:]}, "no unsupervised prediction for 3 items"),
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


def run_stage(name: str, options: dict) -> subprocess.CompletedProcess:
    arguments = []
    for key, value in options.items():
        values = value if isinstance(value, list) else [json.dumps(value) if isinstance(value, dict) else value]
        arguments += [f"--{key.replace('_', '-')}", *map(str, values)]
    command = [sys.executable, "-m", f"easy2hard.stages.{name}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)


def test_stages_run_as_commands_without_torch(world, done, tmp_path):
    options = store(world, tmp_path)
    ran = run_stage("evaluate", options)
    assert ran.returncode == 0, ran.stderr
    assert options["out"].read_bytes() == done["out"].read_bytes()
    code = (
        "import sys, easy2hard.stages.evaluate, easy2hard.stages.collect; print({'torch', 'scipy'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    shown = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=True)
    assert shown.stdout.strip() == "set()"


def test_a_user_error_of_the_command_is_one_line(world, tmp_path):
    ran = run_stage("evaluate", store(world, tmp_path) | {"spec": {**SPEC, "levle": 1}})
    assert ran.returncode == 2
    assert "did you mean 'level'" in ran.stderr
    assert "Traceback" not in ran.stderr
