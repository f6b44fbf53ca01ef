"""Tables: keyed, checked, sorted, whole. Parquet with one long-lived schema each.

Same rows give the same bytes: rows are sorted by the key, metadata has sorted keys, no time or path is stored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from easy2hard.errors import UserError
from easy2hard.files import replacing

METADATA_KEY = b"easy2hard"
STRINGS = pa.list_(pa.string())


@dataclass(frozen=True)
class Table:
    """Schema of a kind of table: columns with types, the key, the columns that may be null."""

    name: str
    columns: dict[str, pa.DataType]
    key: tuple[str, ...]
    nullable: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()  # nullable ones that a frame need not have to be written

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(name, kind, name in self.nullable) for name, kind in self.columns.items()])


_HUMAN = ("level", "grade", "difficulty", "bloom", "depth_of_knowledge", "hardness")

ITEMS = Table(
    "items",
    {
        "item_id": pa.string(),
        "question": pa.string(),
        "choices": STRINGS,
        "label": pa.int32(),
        "answer": pa.string(),
        "solution": pa.string(),
        "steps": STRINGS,
        "part": pa.string(),
        "subject": pa.string(),
        "origin": pa.string(),
        "source_row": pa.int32(),  # place in the order of the source, from 0
        **{name: pa.float64() for name in _HUMAN},
    },
    key=("item_id",),
    nullable=frozenset({"solution", "steps", "subject", "source_row", *_HUMAN}),
    optional=frozenset({"source_row"}),
)
HARDNESS = Table(
    "hardness",
    {"item_id": pa.string(), "value": pa.float64(), "bucket": pa.string()},
    key=("item_id",),
    nullable=frozenset({"value", "bucket"}),
)
NLL = Table(
    "nll",
    {"item_id": pa.string(), "question": pa.float64(), "answer": pa.float64(), "reasoning": pa.float64()},
    key=("item_id",),
    nullable=frozenset({"reasoning"}),
)
CORPUS = Table(
    "corpus",
    {"document_id": pa.string(), "text": pa.string(), "author": pa.string(), "tagged": pa.bool_()},
    key=("document_id",),
)
SPLITS = Table(
    "splits",
    {
        "seed": pa.int32(),
        "condition": pa.string(),
        "size": pa.int32(),
        "noise": pa.float64(),
        "role": pa.string(),
        "position": pa.int32(),
        "item_id": pa.string(),
        "label": pa.int32(),
    },
    key=("seed", "condition", "size", "noise", "role", "position", "item_id"),
    nullable=frozenset({"label"}),
)
PREDICTIONS = Table(
    "predictions",
    {
        "measure": pa.string(),
        "condition": pa.string(),
        "size": pa.int32(),
        "noise": pa.float64(),
        "seed": pa.int32(),
        "item_id": pa.string(),
        "prediction": pa.int32(),
        "scores": pa.list_(pa.float32()),
        "confidence": pa.float32(),
        "label_confidence": pa.float32(),
        "correct": pa.bool_(),
        "generated": pa.string(),
    },
    key=("measure", "condition", "size", "noise", "seed", "item_id"),
    # A generated answer has its text, no scores (an empty list) and no confidence; prediction -1: it is no choice.
    nullable=frozenset({"confidence", "label_confidence", "generated"}),
)
RESULTS = Table(
    "results",
    {
        "experiment": pa.string(),
        "dataset": pa.string(),
        "train_dataset": pa.string(),
        "model": pa.string(),
        "method": pa.string(),
        "measure": pa.string(),
        "condition": pa.string(),
        "size": pa.int32(),
        "noise": pa.float64(),
        "part": pa.string(),
        "test_on": pa.string(),
        "metric": pa.string(),
        "value": pa.float64(),
        "low": pa.float64(),
        "high": pa.float64(),
        "p_value": pa.float64(),
        "n_items": pa.int32(),
        "n_seeds": pa.int32(),
        "defined": pa.bool_(),
    },
    key=(
        *("experiment", "dataset", "train_dataset", "model", "method"),
        *("measure", "condition", "size", "noise", "part", "test_on", "metric"),
    ),
    nullable=frozenset({"value", "low", "high", "p_value"}),
)
ACCURACY_BY_VALUE = Table(
    "accuracy_by_value",
    {
        "experiment": pa.string(),
        "dataset": pa.string(),
        "model": pa.string(),
        "method": pa.string(),
        "measure": pa.string(),
        "condition": pa.string(),
        "size": pa.int32(),
        "part": pa.string(),
        "value_low": pa.float64(),
        "value_high": pa.float64(),
        "accuracy": pa.float64(),
        "low": pa.float64(),
        "high": pa.float64(),
        "n_items": pa.int32(),
        "n_seeds": pa.int32(),
    },
    key=("experiment", "dataset", "model", "method", "measure", "condition", "size", "part", "value_low"),
)
CORRELATIONS = Table(
    "correlations",
    {
        "dataset": pa.string(),
        "part": pa.string(),
        "measure_a": pa.string(),
        "measure_b": pa.string(),
        "spearman": pa.float64(),
        "n_items": pa.int32(),
    },
    key=("dataset", "part", "measure_a", "measure_b"),
    nullable=frozenset({"spearman"}),
)


def write(frame: pd.DataFrame, path: Path | str, table: Table, metadata: dict | None = None) -> None:
    """Check, sort by the key and write as Parquet; the finished file is moved into place."""
    lacking = dict.fromkeys(sorted(table.optional - set(frame.columns)))
    checked = _conform(frame.assign(**lacking), table, str(path))
    stored = {METADATA_KEY: json.dumps({"table": table.name, **(metadata or {})}, sort_keys=True).encode()}
    with replacing(path) as target:
        pq.write_table(checked.replace_schema_metadata(stored), target, compression="zstd", store_schema=True)


def read(path: Path | str, table: Table) -> pd.DataFrame:
    """Read a table and check columns, types and key. Raises UserError naming the file."""
    try:
        stored = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise UserError(f"{path}: not a readable Parquet table ({error})") from error
    return _conform(stored.to_pandas(), table, str(path), given=stored.schema).to_pandas()


def metadata(path: Path | str) -> dict:
    """What was stored beside the rows of a table."""
    stored = pq.read_metadata(path).metadata or {}
    return json.loads(stored.get(METADATA_KEY, b"{}"))


def _conform(frame: pd.DataFrame, table: Table, place: str, given: pa.Schema | None = None) -> pa.Table:
    """The frame as an Arrow table of the schema, sorted by key. Raises UserError where it does not fit."""
    missing = [name for name in table.columns if name not in frame.columns]
    extra = [str(name) for name in frame.columns if name not in table.columns]
    if missing or extra:
        raise UserError(f"{place}: {table.name} table has missing columns {missing} and unknown columns {extra}")
    for name, kind in table.columns.items():
        if given is not None and given.field(name).type != kind:
            raise UserError(f"{place}: column '{name}' is {given.field(name).type}, expected {kind}")
    for name in table.columns:
        if name not in table.nullable and frame[name].isna().any():
            raise UserError(f"{place}: column '{name}' has {int(frame[name].isna().sum())} missing values")
    repeated = frame.duplicated(list(table.key))
    if repeated.any():
        row = frame.loc[repeated, list(table.key)].iloc[0].to_dict()
        raise UserError(f"{place}: {int(repeated.sum())} rows repeat a key, first {row}")
    ordered = frame[list(table.columns)].sort_values(list(table.key), kind="stable", ignore_index=True)
    try:
        return pa.Table.from_pandas(ordered, schema=table.schema, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise UserError(f"{place}: {table.name} table has a value of the wrong type ({error})") from error
