"""The values that Sun et al. 2024 (arXiv 2403.09472 v2) print, as one checked table in the names of RERANKED.

Three CSVs keep the paper's own names: curves (Figs. 4–6, 8–10, 13, 19–21), tables (1, 2, 5, 9) and reward models
(Table 10, Fig. 24). A generator is called as in the paper's legends (`SFT-7b`, `MetaMath-7b`); those of Tables 1, 2, 5
and 9, which have no such name, are called by what they were trained on (`generator`). Percentages become shares.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from easy2hard.errors import UserError
from easy2hard.published import number, one_of

COLUMNS = [
    *("file", "line", "item", "generator", "evaluator", "method", "n", "test_on", "metric", "value", "read", "note"),
]
CURVES = ("item", "generator", "evaluator", "test_on", "method", "n", "value", "read", "note")
TABLES = (
    *("item", "model", "data", "levels", "method", "questions", "answers", "process_reward"),
    *("decoding", "n", "test_on", "value", "read", "note"),
)
REWARD_MODELS = ("item", "evaluator", "metric", "value", "read", "note")
METHODS = ("majority", "weighted", "best_of_n", "pass_at_n")
METRICS = {"step_accuracy": 100.0, "outcome_accuracy": 100.0, "step_auc": 1.0, "outcome_auc": 1.0}
BUCKETS = ("easy", "hard", "all")
SUBJECTS = (
    *("Algebra", "Counting & Probability", "Geometry", "Intermediate Algebra"),
    *("Number Theory", "Prealgebra", "Precalculus"),
)
TESTS = {
    **{name: name for name in BUCKETS},
    **{f"level {at}": f"value {at}" for at in range(1, 6)},
    **{name: f"subject {name}" for name in SUBJECTS},
}
SIZES = {"Llemma-7B": "7b", "Llemma-34B": "34b"}
TRAINED = {
    ("sft", "1-3"): "SFT",
    ("sft", "1-5"): "Full SFT",
    ("sft", "4-5"): "Hard-to-Easy SFT",
    ("icl", "1-3"): "Easy-to-Hard ICL",
    ("icl", "1-5"): "Full ICL",
    ("icl", "5"): "Hard ICL",
}
DATA = ("PRM800K", "MetaMath")
READ = ("printed",)


def read(paths: Iterable[Path | str]) -> pd.DataFrame:
    """All published values of the files with `COLUMNS`; method is empty for metrics of an evaluator.

    Which of the three kinds a file is its header says. Raises UserError naming file, line and field.
    """
    rows = [row for path in paths for row in _file(path)]
    if not rows:
        raise UserError("no published values: no files were given")
    return pd.DataFrame(rows)[COLUMNS]


def _file(path: Path | str) -> list[dict]:
    kinds = {CURVES: _curve, TABLES: _table, REWARD_MODELS: _reward_model}
    try:
        with open(path, encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            head = tuple(reader.fieldnames or ())
            if head not in kinds:
                raise UserError(f"{path}: expected the columns {' or '.join(', '.join(kind) for kind in kinds)}")
            rows = [_row(kinds[head], row, Path(path), reader.line_num) for row in reader]
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from error
    if not rows:
        raise UserError(f"{path}: no values")
    return rows


def _row(kind, row: dict, path: Path, line: int) -> dict:
    place = f"{path}, line {line}"
    if None in row or None in row.values():
        raise UserError(f"{place}: expected {len(row) - (None in row)} fields")
    named = {"item": row["item"], "read": one_of(row, "read", READ, place), "note": row["note"]}
    return {"file": path.name, "line": line, **named, **kind(row, place)}


def _curve(row: dict, place: str) -> dict:
    return {
        "generator": row["generator"],
        "evaluator": row["evaluator"],
        "method": one_of(row, "method", METHODS, place),
        "n": int(number(row["n"], "n", place)),
        "test_on": TESTS[one_of(row, "test_on", TESTS, place)],
        "metric": "accuracy",
        "value": _share(row, 100.0, place),
    }


def _table(row: dict, place: str) -> dict:
    return {
        "generator": generator(row, place),
        "evaluator": "",
        "method": one_of(row, "decoding", ("greedy", "majority"), place),
        "n": int(number(row["n"], "n", place)),
        "test_on": one_of(row, "test_on", BUCKETS, place),
        "metric": "accuracy",
        "value": _share(row, 100.0, place),
    }


def _reward_model(row: dict, place: str) -> dict:
    metric = one_of(row, "metric", METRICS, place)
    free = {"generator": "", "method": "", "n": 0, "test_on": "all"}
    return {**free, "evaluator": row["evaluator"], "metric": metric, "value": _share(row, METRICS[metric], place)}


def _share(row: dict, unit: float, place: str) -> float:
    value = number(row["value"], "value", place)
    if not 0 <= value <= unit:
        raise UserError(f"{place}: value is {value:g}, expected 0 to {unit:g}")
    return round(value / unit, 6)  # so that 27.84% is 0.2784 and not 0.27840000000000004


def generator(row: dict, place: str) -> str:
    """What a row of a table is called: `Full SFT-7b`, `MetaMath-7b`, or by its reinforcement learning."""
    size = SIZES[one_of(row, "model", SIZES, place)]
    data = one_of(row, "data", DATA, place)
    kind = TRAINED.get((row["method"], row["levels"]))
    if kind is None:
        base = generator(row | {"method": "sft"}, place)
        reward = {"yes": ", process reward", "no": ""}.get(row["process_reward"], "")
        asked = f", {row['questions']} questions, {row['answers']} answers{reward}" if row["questions"] else ""
        return f"{row['method']}{asked}, from {base}"
    short = f"MetaMath-{size}" if kind == "SFT" else f"MetaMath {kind}-{size}"
    return short if data == "MetaMath" else f"{kind}-{size}"


def names(paths: Iterable[Path | str], column: str) -> list[str]:
    """The paper's names of generators or evaluators."""
    return sorted(set(read(paths)[column]) - {""}, key=lambda name: re.sub(r"\d+", lambda at: at[0].zfill(4), name))
