"""Tables too large to hold: written group by group, in a stated order, never sorted as a whole.

A column of theirs ascends from row to row, which makes each key stand once; equal rows give equal bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from easy2hard.errors import UserError
from easy2hard.files import replacing
from easy2hard.tables import METADATA_KEY, Table

GROUP = 8192  # rows


@dataclass
class Writer:
    """Takes rows of a table. metadata: what is stored beside them, to be filled until the end."""

    table: Table
    ascends: str
    file: pq.ParquetWriter
    metadata: dict = field(default_factory=dict)
    rows: int = 0
    _group: list[Sequence] = field(default_factory=list)
    _last: str = ""

    def add(self, row: Sequence) -> None:
        """One row, its values in the order of the table's columns. Raises ValueError where the order is not kept."""
        at = row[list(self.table.columns).index(self.ascends)]
        if at <= self._last:
            raise ValueError(f"{self.table.name}: {self.ascends} '{at}' follows '{self._last}'")
        self._last = at
        self.rows += 1
        self._group.append(row)
        if len(self._group) == GROUP:
            self.flush()

    def flush(self) -> None:
        """Write the rows taken so far. Raises UserError for a missing value or one of the wrong type."""
        columns = zip(*self._group, strict=True) if self._group else [() for _ in self.table.columns]
        given = dict(zip(self.table.columns, map(list, columns), strict=True))
        self._group = []
        try:
            made = pa.Table.from_pydict(given, schema=self.table.schema)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise UserError(f"{self.table.name} table has a value of the wrong type ({error})") from error
        for name in self.table.columns:
            if name not in self.table.nullable and made[name].null_count:
                raise UserError(f"{self.table.name} table: column '{name}' has {made[name].null_count} missing values")
        self.file.write_table(made)


@contextmanager
def writing(path: Path | str, table: Table, ascends: str) -> Iterator[Writer]:
    """A writer of a table whose text column `ascends` ascends; the finished file is moved into place."""
    with (
        replacing(path) as target,
        pq.ParquetWriter(target, table.schema, compression="zstd", store_schema=True) as file,
    ):
        writer = Writer(table, ascends, file)
        yield writer
        writer.flush()
        told = json.dumps({"table": table.name, **writer.metadata}, sort_keys=True)
        file.add_key_value_metadata({METADATA_KEY: told.encode()})
