"""Predictions → metrics by test bucket, and accuracy by hardness value. Pure function of files, no torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from easy2hard import tables
from easy2hard.accuracy_by_value import accuracy_by_value
from easy2hard.command import command
from easy2hard.conditions import value
from easy2hard.errors import UserError, unknown
from easy2hard.evaluation import HARD, Options, evaluate
from easy2hard.matrices import UNSUPERVISED, floor_rows, scored, test_rows
from easy2hard.progress import track

NAMES = ("experiment", "dataset", "train_dataset", "model", "method")
SPEC = {**dict.fromkeys(NAMES, str), "measures": list, "resamples": int, "level": float, "seed": int}
PARTS = ("main", "held_out")


@dataclass(frozen=True)
class Run:
    """What one evaluation reads: tested predictions, the unsupervised ones, items, tables by measure. oracle: what
    stands for "hard" in comparisons, with its splits by measure, or None."""

    predictions: pd.DataFrame
    unsupervised: pd.DataFrame | None
    items: pd.DataFrame
    hardness: dict[str, pd.DataFrame]
    splits: dict[str, pd.DataFrame]
    spec: dict
    place: str
    oracle: tuple[pd.DataFrame, dict[str, pd.DataFrame]] | None = None


def check_spec(spec: dict) -> dict:
    """The spec, checked. Raises UserError for a missing or unknown key or a value of the wrong type."""
    for key in spec:
        if key not in SPEC:
            raise unknown("key", key, SPEC, "spec")
    for key, kind in SPEC.items():
        if key not in spec:
            raise UserError(f"spec: key '{key}' is missing")
        if not isinstance(spec[key], kind):
            raise UserError(f"spec: '{key}' is {spec[key]!r}, expected {kind.__name__}")
    if spec["resamples"] < 1 or not 0 < spec["level"] < 1 or not spec["measures"]:
        raise UserError("spec: expected resamples ≥ 1, level between 0 and 1 and at least one measure")
    return spec


def _by_measure(paths: list[Path], measures: list[str], table: tables.Table, option: str) -> dict[str, pd.DataFrame]:
    """Tables in the order of the measures."""
    if len(paths) != len(measures):
        raise UserError(f"--{option}: {len(paths)} files for {len(measures)} measures ({', '.join(measures)})")
    return {measure: tables.read(path, table) for measure, path in zip(measures, paths, strict=True)}


def _check_hardness(hardness: dict[str, pd.DataFrame], items: pd.DataFrame) -> None:
    for measure, rows in hardness.items():
        without = ~items["item_id"].isin(rows["item_id"])
        if without.any():
            raise UserError(f"hardness '{measure}' has no row for item '{items.loc[without, 'item_id'].iloc[0]}'")


def _scored(paths: list[Path], items: pd.DataFrame) -> pd.DataFrame:
    """Predictions of all files with the Brier score of each row."""
    frames = [scored(tables.read(path, tables.PREDICTIONS), items, str(path)) for path in paths]
    rows = pd.concat(frames, ignore_index=True)
    if rows.empty:
        raise UserError(f"{_place(paths)}: no prediction")
    if rows.duplicated(list(tables.PREDICTIONS.key)).any():
        raise UserError(f"{_place(paths)}: two files hold the same prediction")
    return rows


def _place(paths: list[Path]) -> str:
    return ", ".join(map(str, paths))


def _floor(paths: list[Path], items: pd.DataFrame) -> pd.DataFrame | None:
    """Predictions of the unsupervised run, or None where no file is given."""
    if not paths:
        return None
    rows = _scored(paths, items)
    if set(rows["condition"]) != {UNSUPERVISED}:
        raise UserError(f"{_place(paths)}: expected predictions of condition '{UNSUPERVISED}' only")
    return rows


def _check_floor(floor: pd.DataFrame | None, own: pd.DataFrame, place: str) -> None:
    """Every item of the run must have an unsupervised prediction: comparisons are paired by item."""
    without = [] if floor is None else own.loc[~own["item_id"].isin(floor["item_id"]), "item_id"].unique()
    if len(without):
        raise UserError(f"{place}: no unsupervised prediction for {len(without)} items, first '{without[0]}'")


def _check_measures(predictions: pd.DataFrame, spec: dict, place: str) -> None:
    found = set(predictions["measure"])
    if found != set(spec["measures"]):
        raise UserError(f"{place}: predictions of measures {sorted(found)}, the spec has {sorted(spec['measures'])}")


def _tested(run: Run, measure: str) -> pd.DataFrame:
    """Tested predictions for one measure; the unsupervised run is tested on every item, unless a legacy split draws."""
    if set(run.predictions["condition"]) == {UNSUPERVISED}:
        parts = run.items.set_index("item_id")["part"]
        return floor_rows(run.predictions, run.splits[measure], parts, run.place) if run.splits else run.predictions
    return _tests(run, run.predictions, run.splits, measure)


def _tests(run: Run, predictions: pd.DataFrame, splits: dict[str, pd.DataFrame], measure: str) -> pd.DataFrame:
    rows = predictions[predictions["measure"] == measure]
    return test_rows(rows, splits[measure], run.items.set_index("item_id")["part"], run.place)


def _measure(run: Run, measure: str) -> tuple[list[pd.DataFrame], list[pd.DataFrame], int]:
    """Metrics and accuracy-by-value rows of one measure, of each part, and the bins dropped."""
    spec = run.spec
    options = Options(spec["resamples"], spec["level"], spec["seed"], gaps=spec["dataset"] == spec["train_dataset"])
    tested, hardness = _tested(run, measure), run.hardness[measure].set_index("item_id")
    oracle = _tests(run, *run.oracle, measure) if run.oracle else None
    metrics, curves, dropped = [], [], 0
    for part in PARTS:
        ids = run.items.loc[run.items["part"] == part, "item_id"]
        known = hardness.reindex(ids)
        metrics.append(evaluate(tested, run.unsupervised, known["bucket"], part, measure, options, oracle))
        whole = tested[_by_value(tested) & tested["item_id"].isin(ids)]
        curve, left_out = accuracy_by_value(whole, known["value"], options.level)
        curves.append(curve.assign(measure=measure, part=part))
        dropped += left_out
    return metrics, curves, dropped


def _by_value(tested: pd.DataFrame) -> pd.Series:
    """Which rows show accuracy by value: true labels, trained on all items, on those of one value, or on none."""
    shown = [name for name in tested["condition"].unique() if name in ("all", UNSUPERVISED) or value(name) is not None]
    return tested["condition"].isin(shown) & (tested["noise"] == 0)


def _named(frames: list[pd.DataFrame], spec: dict, table: tables.Table) -> pd.DataFrame:
    """The rows of all frames with the columns that name the run."""
    filled = [frame for frame in frames if len(frame)]
    rows = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(table.columns))
    return rows.assign(**{name: spec[name] for name in NAMES if name in table.columns})


def _write(run: Run, out: Path, by_value: Path | None) -> None:
    measures, spec = run.spec["measures"], run.spec
    found = [_measure(run, measure) for measure in track(measures, len(measures), "evaluate", "measures")]
    metrics = _named([frame for frames, _, _ in found for frame in frames], spec, tables.RESULTS)
    options = {key: spec[key] for key in ("resamples", "level", "seed")}
    tables.write(metrics, out, tables.RESULTS, {"bootstrap": options})
    if by_value is not None:
        curves = _named([frame for _, frames, _ in found for frame in frames], spec, tables.ACCURACY_BY_VALUE)
        dropped = {"dropped_bins": sum(left_out for _, _, left_out in found), "level": spec["level"]}
        tables.write(curves, by_value, tables.ACCURACY_BY_VALUE, dropped)


def _oracle(
    paths: list[Path], splits: list[Path], items: pd.DataFrame, spec: dict
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]] | None:
    """Hard-trained predictions of another experiment with its splits by measure, or None where no file is given."""
    if not paths:
        return None
    rows = _scored(paths, items)
    hard = rows[(rows["condition"] == HARD) & rows["measure"].isin(spec["measures"])]
    lacking = sorted(set(spec["measures"]) - set(hard["measure"]))
    if lacking:
        raise UserError(f"{_place(paths)}: no prediction of condition '{HARD}' by measure '{lacking[0]}'")
    return hard, _by_measure(splits, spec["measures"], tables.SPLITS, "oracle-splits")


@command
def main(
    predictions: list[Path],
    items: Path,
    hardness: list[Path],
    spec: dict,
    out: Path,
    splits: list[Path] = (),
    by_value: Path | None = None,
    unsupervised: list[Path] = (),
    oracle: list[Path] = (),
    oracle_splits: list[Path] = (),
) -> None:
    """Write metrics of one run by measure, condition, size, part and test bucket; see easy2hard.evaluation.evaluate.

    predictions: all files of one method and model. hardness and splits are in the order of spec["measures"]; splits are
    not needed for predictions of condition "unsupervised". Without `unsupervised`, the files of the zero-shot run,
    there is no minus_unsupervised and no sgr. oracle, oracle_splits: predictions and splits of another experiment on
    the same items, whose hard-trained runs stand for "hard" in minus_hard and sgr.
    """
    measures = check_spec(spec)["measures"]
    rows = tables.read(items, tables.ITEMS)
    own, floor = _scored(predictions, rows), _floor(unsupervised, rows)
    levels = _by_measure(hardness, measures, tables.HARDNESS, "hardness")
    _check_hardness(levels, rows)
    if set(own["condition"]) == {UNSUPERVISED}:
        drawn = _by_measure(splits, measures, tables.SPLITS, "splits") if splits else {}
        run = Run(own, None, rows, levels, drawn, spec, _place(predictions))
    else:
        _check_measures(own, spec, _place(predictions))
        _check_floor(floor, own, _place(unsupervised))
        drawn = _by_measure(splits, measures, tables.SPLITS, "splits")
        best = _oracle(oracle, oracle_splits, rows, spec)
        run = Run(own, floor, rows, levels, drawn, spec, _place(predictions), best)
    _write(run, out, by_value)
