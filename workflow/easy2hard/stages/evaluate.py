"""Predictions → metrics by test bucket, and accuracy by hardness value. Pure function of files, no torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from easy2hard import tables
from easy2hard.accuracy_by_value import accuracy_by_value
from easy2hard.command import command
from easy2hard.errors import UserError, unknown
from easy2hard.evaluation import Options, evaluate
from easy2hard.matrices import UNSUPERVISED, scored, test_rows
from easy2hard.progress import track

NAMES = ("experiment", "dataset", "train_dataset", "model", "method")
SPEC = {**dict.fromkeys(NAMES, str), "measures": list, "resamples": int, "level": float, "seed": int}
PARTS = ("main", "held_out")


@dataclass(frozen=True)
class Run:
    """What one evaluation reads: tested predictions, the unsupervised ones, items, tables by measure."""

    predictions: pd.DataFrame
    unsupervised: pd.DataFrame | None
    items: pd.DataFrame
    hardness: dict[str, pd.DataFrame]
    splits: dict[str, pd.DataFrame]
    spec: dict
    place: str

    @property
    def transfer(self) -> bool:
        """Trained on another dataset: nothing of this one is in a training set."""
        return self.spec["dataset"] != self.spec["train_dataset"]


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


def _read(predictions: list[Path], unsupervised: Path | None, items: Path, spec: dict) -> tuple:
    rows = tables.read(items, tables.ITEMS)
    place = ", ".join(map(str, predictions))
    read = [tables.read(path, tables.PREDICTIONS) for path in predictions]
    own = scored(pd.concat(read, ignore_index=True), rows, place)
    if own.empty:
        raise UserError(f"{place}: no prediction")
    floor = None
    if unsupervised is not None:
        floor = scored(tables.read(unsupervised, tables.PREDICTIONS), rows, str(unsupervised))
        if floor.empty or set(floor["condition"]) != {UNSUPERVISED}:
            raise UserError(f"{unsupervised}: expected predictions of condition '{UNSUPERVISED}' only")
    _check_measures(own, spec, place)
    return rows, own, floor


def _check_measures(predictions: pd.DataFrame, spec: dict, place: str) -> None:
    found = set(predictions["measure"])
    if set(predictions["condition"]) != {UNSUPERVISED} and found != set(spec["measures"]):
        raise UserError(f"{place}: predictions of measures {sorted(found)}, the spec has {sorted(spec['measures'])}")


def _tested(run: Run, measure: str) -> pd.DataFrame:
    """Tested predictions for one measure; the unsupervised run is tested on every item, whatever the measure."""
    if set(run.predictions["condition"]) == {UNSUPERVISED}:
        return run.predictions
    rows = run.predictions[run.predictions["measure"] == measure]
    if run.transfer:
        return rows
    parts = run.items.set_index("item_id")["part"]
    return test_rows(rows, run.splits[measure], parts, run.place)


def _measure(run: Run, measure: str) -> tuple[list[pd.DataFrame], list[pd.DataFrame], int]:
    """Metrics and accuracy-by-value rows of one measure, of each part, and the bins dropped."""
    options = Options(run.spec["resamples"], run.spec["level"], run.spec["seed"], gaps=not run.transfer)
    tested, hardness = _tested(run, measure), run.hardness[measure].set_index("item_id")
    metrics, curves, dropped = [], [], 0
    for part in PARTS:
        ids = run.items.loc[run.items["part"] == part, "item_id"]
        known = hardness.reindex(ids)
        metrics.append(evaluate(tested, run.unsupervised, known["bucket"], part, measure, options))
        whole = tested[tested["condition"].isin(["all", UNSUPERVISED]) & tested["item_id"].isin(ids)]
        curve, left_out = accuracy_by_value(whole, known["value"], options.level)
        curves.append(curve.assign(measure=measure, part=part))
        dropped += left_out
    return metrics, curves, dropped


def _named(frames: list[pd.DataFrame], spec: dict, table: tables.Table) -> pd.DataFrame:
    """The rows of all frames with the columns that name the run."""
    filled = [frame for frame in frames if len(frame)]
    rows = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(table.columns))
    return rows.assign(**{name: spec[name] for name in NAMES if name in table.columns})


@command
def main(
    predictions: list[Path],
    items: Path,
    hardness: list[Path],
    splits: list[Path],
    spec: dict,
    out: Path,
    by_value: Path | None = None,
    unsupervised: Path | None = None,
) -> None:
    """Write metrics of one run by measure, condition, size, part and test bucket; see easy2hard.evaluation.evaluate.

    hardness and splits are in the order of spec["measures"]; splits may be empty for an unsupervised run or one trained
    on another dataset. Without `unsupervised` there is no minus_unsupervised and no sgr.
    """
    measures = check_spec(spec)["measures"]
    rows, own, floor = _read(predictions, unsupervised, items, spec)
    levels = _by_measure(hardness, measures, tables.HARDNESS, "hardness")
    _check_hardness(levels, rows)
    unsplit = spec["dataset"] != spec["train_dataset"] or set(own["condition"]) == {UNSUPERVISED}
    drawn = {} if unsplit else _by_measure(splits, measures, tables.SPLITS, "splits")
    run = Run(own, floor, rows, levels, drawn, spec, ", ".join(map(str, predictions)))
    found = [_measure(run, measure) for measure in track(measures, len(measures), "evaluate", "measures")]
    metrics = [frame for frames, _, _ in found for frame in frames]
    options = {key: spec[key] for key in ("resamples", "level", "seed")}
    tables.write(_named(metrics, spec, tables.RESULTS), out, tables.RESULTS, {"bootstrap": options})
    if by_value is not None:
        curves = _named([frame for _, frames, _ in found for frame in frames], spec, tables.ACCURACY_BY_VALUE)
        dropped = {"dropped_bins": sum(left_out for _, _, left_out in found), "level": spec["level"]}
        tables.write(curves, by_value, tables.ACCURACY_BY_VALUE, dropped)
