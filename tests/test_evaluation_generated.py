"""Answers that were generated: counted like scored ones, without calibration."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from easy2hard import jobs, tables
from easy2hard.errors import UserError
from easy2hard.stages import evaluate as stage
from evaluation_world import invent, store

NAMES = ["condition", "size", "measure", "part", "test_on", "metric"]


def generated(rows: pd.DataFrame) -> pd.DataFrame:
    """The same predictions as if they had been written instead of scored; what was wrong is no choice at all."""
    return rows.assign(
        prediction=np.where(rows["correct"], rows["prediction"], -1).astype(np.int32),
        scores=[np.empty(0, np.float32)] * len(rows),
        confidence=np.float32(np.nan),
        label_confidence=np.float32(np.nan),
        generated="so the answer is …",
    )


def results(world: dict, folder) -> pd.DataFrame:
    folder.mkdir()
    options = store(world, folder)
    stage.main(**options)
    return tables.read(options["out"], tables.RESULTS)


@pytest.mark.parametrize("which", [("predictions",), ("floor",), ("predictions", "floor")])
def test_same_accuracy_and_comparisons_no_calibration(tmp_path, which):
    world = invent()
    scored = results(world, tmp_path / "scored").set_index(NAMES)
    written = results(world | {name: generated(world[name]) for name in which}, tmp_path / "written").set_index(NAMES)
    calibration = scored.index.isin(["ece", "brier", "label_confidence"], level="metric")
    left = scored[~calibration] if "predictions" in which else scored
    pd.testing.assert_frame_equal(written.sort_index(), left.sort_index())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"confidence": 0.5}, "a generated answer has scores or a confidence, item"),
        ({"scores": [np.ones(2, np.float32)]}, "a generated answer has scores or a confidence, item"),
        ({"generated": None}, "no score for the label of item"),
        ({"scores": [np.ones(9, np.float32)], "generated": None}, "no confidence for item"),
        ({"prediction": 0}, "'correct' contradicts the label"),
    ],
)
def test_half_generated_half_scored_is_a_user_error(tmp_path, change, message):
    world = invent()
    rows = generated(world["predictions"])
    wrong = int(np.flatnonzero((rows["prediction"] < 0) & (rows["item_id"].isin(_first_choice(world))))[0])
    for name, value in change.items():
        column = rows[name].tolist()
        column[wrong] = value[0] if name == "scores" else value
        rows = rows.assign(**{name: column})
    with pytest.raises(UserError, match=message):
        stage.main(**store(world | {"predictions": rows}, tmp_path))


def _first_choice(world: dict) -> pd.Series:
    return world["items"].loc[world["items"]["label"] == 0, "item_id"]


def test_rows_of_generated_answers_round_trip(tmp_path):
    items = pd.DataFrame({"item_id": ["a", "b"], "label": [0, 0]})
    frame = jobs.generated_rows(items, ["the answer is 5", "no idea"], [0, -1])
    tables.write(frame, tmp_path / "p.parquet", tables.PREDICTIONS)
    stored = tables.read(tmp_path / "p.parquet", tables.PREDICTIONS)
    assert stored["correct"].tolist() == [True, False] and stored["prediction"].tolist() == [0, -1]
    assert stored["generated"].tolist() == ["the answer is 5", "no idea"] and stored["confidence"].isna().all()
    assert [len(row) for row in stored["scores"]] == [0, 0]
    with pytest.raises(ValueError, match="1 texts"):
        jobs.generated_rows(items, ["x"], [0, 0])
