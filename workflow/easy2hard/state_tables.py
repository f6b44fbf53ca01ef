"""Hidden states on disk: Parquet written in pieces, 16 bit, keyed by item and choice. No torch needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from easy2hard.errors import UserError
from easy2hard.files import replacing
from easy2hard.tables import METADATA_KEY

COLUMNS = ("item_id", "choice", "state")
QUESTION = -1  # in column `choice`: the state belongs to the question, not to a choice


class Writer:
    """Appends row groups of states; memory is that of one group."""

    def __init__(self, path: Path, width: int, metadata: dict):
        stored = {METADATA_KEY: json.dumps({"table": "states", **metadata}, sort_keys=True).encode()}
        self._width = width
        self._schema = pa.schema(
            [("item_id", pa.string()), ("choice", pa.int32()), ("state", pa.list_(pa.float16(), width))], stored
        )
        # Hidden states hardly compress: plain pages cost less time than they would save room.
        self._file = pq.ParquetWriter(path, self._schema, compression="none", use_dictionary=["item_id"])

    def append(self, item_ids: list[str], choices: list[int], states: np.ndarray) -> None:
        """Write rows as one row group. states: [rows, width] float.

        Raises UserError where a state does not fit in 16 bits.
        """
        with np.errstate(over="ignore"):
            small = np.ascontiguousarray(states, dtype=np.float16)
        wrong = ~np.isfinite(small).all(axis=1)
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            size = np.abs(states[first]).max()
            raise UserError(
                f"item '{item_ids[first]}': its hidden state has a value of size {size:.4g}, not a finite 16-bit "
                "number; choose other layers"
            )
        values = pa.FixedSizeListArray.from_arrays(pa.array(small.ravel()), self._width)
        columns = [pa.array(item_ids, pa.string()), pa.array(choices, pa.int32()), values]
        self._file.write_table(pa.Table.from_arrays(columns, schema=self._schema))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


@contextmanager
def writing(path: Path, width: int, metadata: dict) -> Iterator[Writer]:
    """A writer whose file takes its place at `path` when all rows are in."""
    with replacing(path) as partial:
        writer = Writer(partial, width, metadata)
        try:
            yield writer
        finally:
            writer.close()


def read_states(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(item_ids [rows] str, choices [rows] int32, states [rows, width] float32), in the order of items and choices.

    Raises UserError for a file that is not such a table.
    """
    try:
        table = pq.read_table(path).combine_chunks()
    except (OSError, pa.ArrowInvalid) as error:
        raise UserError(f"{path}: not a readable Parquet table ({error})") from error
    if tuple(table.column_names) != COLUMNS or not pa.types.is_fixed_size_list(table.schema.field("state").type):
        raise UserError(f"{path}: not a table of hidden states; expected columns {', '.join(COLUMNS)}")
    width = table.schema.field("state").type.list_size
    pieces = [piece.flatten().to_numpy(zero_copy_only=False) for piece in table["state"].chunks]
    flat = np.concatenate(pieces) if pieces else np.empty(0, np.float16)
    states = flat.astype(np.float32).reshape(-1, width)
    return table["item_id"].to_numpy().astype(object), table["choice"].to_numpy(), states


def read_metadata(path: Path) -> dict:
    """`layers`, `width` (of one layer), `at`, `pooling`, `model` (fingerprint), `prompt`."""
    return json.loads((pq.read_schema(path).metadata or {}).get(METADATA_KEY, b"{}"))
