"""The figure of MDL curves: each curve once, the untrained model at its left, intervals over draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from easy2hard.figure_tables import Spec, Tables
from easy2hard.figures import accuracy_by_hardness, mdl_curves


def runs(measure: str, models: tuple, sizes: tuple, method: str = "Probe", draws: int = 3) -> pd.DataFrame:
    """Confidence 0.5 + size/1000 + draw/100, of part main and of another part that is not shown."""
    rows = [
        {"dataset": "toy", "measure": measure, "method": method, "model": model, "part": part, "size": size}
        | {"seed": seed, "items": 40, "label_confidence": 0.5 + size / 1000 + seed / 100, "accuracy": 0.5}
        for model in models
        for part in ("main", "held_out")
        for size in sizes
        for seed in range(draws)
    ]
    return pd.DataFrame(rows)


def shown(monkeypatch, *measures: pd.DataFrame) -> pd.DataFrame:
    tables = Tables("unused", spec=Spec(level=0.9))
    monkeypatch.setitem(tables.__dict__, "curves", pd.concat(measures, ignore_index=True))
    return mdl_curves.data(tables)


def test_dots_are_means_over_draws_with_t_intervals(monkeypatch):
    frame = shown(monkeypatch, runs("mdl_a", ("m",), (5, 20)))
    assert frame["value"].tolist() == pytest.approx([0.515, 0.53]) and frame["n_seeds"].tolist() == [3, 3]
    half = 2.919986 * 0.01 / np.sqrt(3)  # t of 2 degrees of freedom at 90%, standard deviation 0.01
    assert (frame["high"] - frame["value"]).tolist() == pytest.approx([half, half], rel=1e-5)


def test_a_curve_that_another_measure_shares_is_drawn_once(monkeypatch):
    both = runs("mdl_a", ("m", "n"), (5, 20))
    frame = shown(monkeypatch, both, runs("mdl_a_normed", ("m", "n"), (5, 20)), runs("mdl_a_one", ("n",), (5, 20)))
    assert frame["panel"].nunique() == 1 and len(frame) == 4
    frame = shown(monkeypatch, both, runs("mdl_b", ("m", "n"), (5, 20), method="LoRA"))
    assert frame["panel"].nunique() == 2


def test_the_untrained_model_begins_each_curve_where_there_is_one(monkeypatch):
    trained = [runs("mdl_a", ("m", "n"), (5,)), runs("mdl_b", ("n",), (5,), method="LoRA")]
    bare = runs("mdl_z", ("m", "n"), (0,), method="zero-shot", draws=1)
    frame = shown(monkeypatch, *trained, bare)
    assert frame.groupby("panel")["x"].apply(list).tolist() == [["0", "5", "0", "5"], ["0", "5"]]
    assert frame.loc[frame["x"] == "0", ["low", "high"]].isna().all(axis=None)
    apart = shown(monkeypatch, *trained, runs("mdl_z", ("m", "n", "other"), (0,), method="zero-shot", draws=1))
    assert apart["panel"].nunique() == 3  # a model without a trained curve is not left out


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.00743, 0.249, "0.01–0.25"),
        (3.0, 3.0, "3"),
        (12.0, 43.5, "12–44"),
        (1.0, 4.2, "1.0–4.2"),
        (100, 900, "100–900"),
    ],
)
def test_bins_have_the_decimals_their_width_needs(low, high, said):
    assert accuracy_by_hardness._bin(low, high) == said
