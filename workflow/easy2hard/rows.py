"""Rows of data files: each knows its place (file, line), and what is wrong with it is said in one line."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

from easy2hard.errors import UserError, nearest

LARGEST = sys.float_info.max


@dataclass(frozen=True)
class Row:
    """One record and where it stands. `typed` is false for CSV, whose cells are all text."""

    file: str
    number: int
    values: dict[str, object]
    unit: str = "line"
    typed: bool = True

    @property
    def place(self) -> str:
        """`file:7` for text files, `file: row 7` for Parquet and the hub (first is 1)."""
        return f"{self.file}:{self.number}" if self.unit == "line" else f"{self.file}: row {self.number}"

    def error(self, reason: str) -> UserError:
        """The error for this row."""
        return UserError(f"{self.place}: {reason}")

    def inside(self, values: object, name: str) -> Row:
        """The object nested under `name`, at the same place. Raises UserError where it is no object."""
        if not isinstance(values, dict):
            raise self.error(f"'{name}' is {kind_of(values)} (expected an object)")
        return Row(self.file, self.number, values, self.unit, self.typed)

    def value(self, name: str) -> object:
        """The value under `name`, whatever it is. Raises UserError where the column is missing."""
        if name not in self.values:
            have = ", ".join(map(str, self.values)) or "none"
            raise self.error(f"missing '{name}' (expected that column; there are: {have}{nearest(name, self.values)})")
        return self.values[name]

    def text(self, name: str) -> str:
        """The text under `name`, never blank. Raises UserError."""
        return self.checked_text(self.value(name), name)

    def checked_text(self, value: object, name: str) -> str:
        """`value` if it is a text with something in it that UTF-8 can hold. Raises UserError."""
        if not isinstance(value, str):
            raise self.error(f"'{name}' is {kind_of(value)} (expected a text)")
        if not value.strip():
            raise self.error(f"empty '{name}' (expected a text)")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise self.error(f"'{name}' holds half of a surrogate pair (expected valid Unicode)") from None
        return value

    def texts(self, name: str) -> list[str]:
        """The list of texts under `name`, with no blank one. Raises UserError."""
        return self.checked_texts(self.value(name), name)

    def checked_texts(self, value: object, name: str) -> list[str]:
        """`value` if it is a list of texts, none blank; in a CSV, a JSON list. Raises UserError."""
        if not self.typed and isinstance(value, str):
            value = self._json(value, name)
        if not isinstance(value, list) or not value:
            raise self.error(f"'{name}' is {kind_of(value)} (expected a list of texts)")
        return [self.checked_text(text, f"{name}[{index}]") for index, text in enumerate(value)]

    def flag(self, name: str) -> bool:
        """The true or false under `name`. Raises UserError."""
        value = self.value(name)
        if not isinstance(value, bool):
            raise self.error(f"'{name}' is {kind_of(value)} (expected true or false)")
        return value

    def integer(self, name: str) -> int:
        """The whole number under `name`, to the last digit. Raises UserError."""
        if type(self.values.get(name)) is int and abs(self.values[name]) <= LARGEST:
            return self.values[name]
        value = self.number_or_none(name)
        if value is None or value != int(value):
            raise self.error(f"'{name}' is {kind_of(self.value(name))} (expected a whole number)")
        return int(value)

    def number_or_none(self, name: str) -> float | None:
        """The finite number under `name`; None for null and for an empty CSV cell. Raises UserError."""
        value = self.value(name)
        if not self.typed and isinstance(value, str):
            value = self._cell(value, name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
            raise self.error(f"'{name}' is {kind_of(value)} (expected a finite number)")
        return float(value)

    def _cell(self, value: str, name: str) -> float | None:
        try:
            return float(value) if value.strip() else None
        except ValueError:
            raise self.error(f"'{name}' is {kind_of(value)} (expected a number)") from None

    def _json(self, value: str, name: str) -> object:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise self.error(f"'{name}' is {kind_of(value)} (expected a JSON list of texts)") from None


def kind_of(value: object) -> str:
    """`value` in a few words, for an error."""
    names = {type(None): "null", list: "a list", dict: "an object"}
    if type(value) in names:
        return "an empty list" if value == [] else names[type(value)]
    shown = repr(value)
    return shown if len(shown) <= 40 else f"{shown[:37]}..."
