"""The values a paper prints, as a checked table in our names (Hase 2024, arXiv 2401.06751 v1).

The CSV keeps the paper's own names; here its datasets, measures, methods and training sets become those of the results:
QLoRA is method `lora`; the runs from third grade to college are dataset `mmlu_stem5` with another training dataset;
percentages are shares; a half interval is two ends. What the paper leaves out of its figures (training sizes) is filled
in from its text (§3.1 of the specification) or left open (NaN) where it does not say.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from easy2hard.errors import UserError, unknown

SOURCE = (
    *("item", "page", "model", "method", "dataset", "measure", "train_on", "test_on"),
    *("metric", "value", "half_ci", "read", "note"),
)
COLUMNS = [
    *("line", "item", "page", "model", "method", "dataset", "train_dataset", "measure", "measure_b"),
    *("condition", "size", "noise", "test_on", "at_value", "metric", "value", "low", "high", "read", "note"),
]
MAIN_MODEL = "Llama-2-70b"
MODELS = {
    "Llama-2-7b-hf": "Llama-2-7b",
    "Llama-2-13b-hf": "Llama-2-13b",
    "Llama-2-70b-hf": MAIN_MODEL,
    "Llama-2-70b-chat-hf": "Llama-2-70b-chat",
    "Mixtral-8x7B-v0.1": "Mixtral-8x7B",
    "Qwen-72B": "Qwen-72B",
}
METHODS = {
    "icl": "icl",
    "icl_cot": "icl_cot",
    "probe": "probe",
    "qlora": "lora",
    "qlora_cot": "lora_cot",
    "zero_shot": "zero_shot",
    "zero_shot_cot": "zero_shot_cot",
}
GENERATED = {"icl": "icl_cot", "lora": "lora_cot", "zero_shot": "zero_shot_cot"}  # GSM8K is answered in words only
DATASETS = ("arc", "mmlu_stem5", "strategyqa", "gsm8k")
COLLEGE = "third_grade_to_college"
MEASURES = {
    **{name: name for name in ("grade", "difficulty", "bloom", "level", "reasoning_steps")},
    **{name: name for name in ("question_words", "answer_chars", "mdl_zero_shot", "mdl_probe")},
    "mdl_qlora": "mdl_lora",
    "": "",
}
CONDITIONS = ("unsupervised", "easy", "medium", "hard", "all")
TESTS = ("easy", "medium", "hard", "all")
# Training sets of the runs from third grade to college: (training dataset, condition).
TAUGHT = {
    "unsupervised": ("", "unsupervised"),
    "arc_grade_3": ("arc_all", "easy"),
    "arc_grade_8": ("arc_all", "hard"),
    "high_school": ("mmlu_stem5", "easy"),
    "college": ("mmlu_stem5", "hard"),
}
VALUES = {"high_school": 0.0, "college": 1.0, "7+": math.nan}  # of a measure; NaN: several values in one bin
READ = ("printed", "measured from the plot")
RANGES = {"accuracy": (0.0, 100.0), "sgr": (-10.0, 10.0), "spearman": (-1.0, 1.0)}
DRAWN = 160  # items a probe or an adapter is trained on (§3.1)


def read(path: Path | str) -> pd.DataFrame:
    """The published values with `COLUMNS`; `at_value` is the value of a measure that accuracy is of, else NaN.

    Sizes are NaN where the paper does not say. Raises UserError naming file, line and field.
    """
    try:
        with open(path, encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            if tuple(reader.fieldnames or ()) != SOURCE:
                raise UserError(f"{path}: expected the columns {', '.join(SOURCE)}")
            rows = [_row(row, f"{path}, line {reader.line_num}") | {"line": reader.line_num} for row in reader]
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from error
    if not rows:
        raise UserError(f"{path}: no values")
    return pd.DataFrame(rows)[COLUMNS]


def _row(row: dict, place: str) -> dict:
    if None in row or None in row.values():
        raise UserError(f"{place}: expected {len(SOURCE)} fields")
    metric, dataset = one_of(row, "metric", RANGES, place), one_of(row, "dataset", (*DATASETS, COLLEGE), place)
    one_of(row, "read", READ, place)
    named = {"item": row["item"], "page": row["page"], "read": row["read"], "note": row["note"]}
    numbers = _numbers(row, metric, place)
    if metric == "spearman":
        pair = row["measure"].split("~")
        if len(pair) != 2:
            raise UserError(f"{place}: measure is '{row['measure']}', expected two names joined by '~'")
        first, second = (_measure(name, place) for name in pair)
        return _blank() | named | numbers | {"dataset": dataset, "measure": first, "measure_b": second}
    model = one_of(row, "model", MODELS.values(), place)
    found = _blank() | named | numbers | {"model": model, "measure": _measure(row["measure"], place)}
    found["method"] = _method(row, dataset, place)
    found |= _college(row, place) if dataset == COLLEGE else _plain(row, dataset, place)
    return found | {"size": _size(row, found), "noise": _noted(r"\b2?p=([\d.]+)", row["note"], 0.0)}


def _blank() -> dict:
    text = dict.fromkeys(("model", "method", "train_dataset", "measure_b", "condition", "test_on"), "")
    return {**text, "size": math.nan, "noise": 0.0, "at_value": math.nan}


def one_of(row: dict, field: str, allowed: Iterable[str], place: str) -> str:
    """The field, which must be one of `allowed`. Raises UserError with the place and the nearest match."""
    if row[field] not in (allowed := list(allowed)):
        raise unknown(field, row[field], allowed, place)
    return row[field]


def _measure(name: str, place: str) -> str:
    return MEASURES[one_of({"measure": name}, "measure", MEASURES, place)]


def _method(row: dict, dataset: str, place: str) -> str:
    """Our method. GSM8K is always answered by generation (§4.1), and so are the StrategyQA bars of Fig. 15 with ICL:
    their 0.72 is that of Table 2 and of Fig. 5's accuracies; those of Fig. 16, without reasoning, give 0.77."""
    method = METHODS[one_of(row, "method", METHODS, place)]
    reasoned = dataset == "gsm8k" or (dataset == "strategyqa" and row["item"] == "Figure 15" and method == "icl")
    return GENERATED.get(method, method) if reasoned else method


def _numbers(row: dict, metric: str, place: str) -> dict:
    value, half = number(row["value"], "value", place), math.nan
    low, high = RANGES[metric]
    if not low <= value <= high:
        raise UserError(f"{place}: value is {value:g}, expected {low:g} to {high:g}")
    if row["half_ci"]:
        half = number(row["half_ci"], "half_ci", place)
        if half < 0:
            raise UserError(f"{place}: half_ci is {half:g}, expected 0 or more")
    unit = 100.0 if metric == "accuracy" else 1.0
    # Rounded to the digits of a share, so that 89.7% is 0.897 and not 0.8970000000000001.
    shares = {"value": value / unit, "low": (value - half) / unit, "high": (value + half) / unit}
    return {"metric": metric, **{name: round(share, 6) for name, share in shares.items()}}


def number(text: str, field: str, place: str) -> float:
    """A finite number. Raises UserError with the place and what stands there."""
    try:
        found = float(text)
    except ValueError as error:
        raise UserError(f"{place}: {field} is '{text}', expected a number") from error
    if not math.isfinite(found):
        raise UserError(f"{place}: {field} is '{text}', expected a finite number")
    return found


def _plain(row: dict, dataset: str, place: str) -> dict:
    found = {"dataset": dataset, "train_dataset": dataset, "condition": one_of(row, "train_on", CONDITIONS, place)}
    if not row["test_on"].startswith("value="):
        return found | {"test_on": one_of(row, "test_on", TESTS, place)}
    value = row["test_on"].removeprefix("value=")
    at_value = VALUES[value] if value in VALUES else number(value, "test_on", place)
    return found | {"test_on": "value", "at_value": at_value}


def _college(row: dict, place: str) -> dict:
    trained, condition = TAUGHT[one_of(row, "train_on", TAUGHT, place)]
    one_of(row, "test_on", ("college",), place)
    split = {"train_dataset": trained or "mmlu_stem5", "condition": condition}
    return {"dataset": "mmlu_stem5", "measure": "level", "test_on": "hard", **split}


def _size(row: dict, found: dict) -> float:
    """Training items: as noted, else by method; NaN for StrategyQA without reasoning, where 4 and 8 were both used."""
    if found["condition"] == "unsupervised":
        return 0.0
    noted = _noted(r"\bn = (\d+)|\bk = (\d+)|\bcost (\d+)", row["note"], math.nan)
    if not math.isnan(noted) or found["method"] not in ("icl", "icl_cot"):
        return DRAWN if math.isnan(noted) else noted
    if found["dataset"] in ("arc", "mmlu_stem5"):
        return 10.0
    if found["method"] == "icl":
        return 4.0 if row["item"] == "Table 4" else math.nan
    return 8.0


def _noted(pattern: str, note: str, otherwise: float) -> float:
    """The first number of a note; the earliest alternative of the pattern wins wherever it stands."""
    for alternative in pattern.split("|"):
        found = re.search(alternative, note)
        if found:
            return float(found.group(1))
    return otherwise


def paper_model(names: Iterable[str | None]) -> str | None:
    """The paper's name of a model with one of these hub ids or folders; None when it is none of the paper's."""
    last: Callable[[str], str] = lambda name: name.rstrip("/").rsplit("/", 1)[-1].lower()  # noqa: E731
    known = {ours.lower(): paper for ours, paper in MODELS.items()}
    return next((known[last(name)] for name in names if name and last(name) in known), None)
