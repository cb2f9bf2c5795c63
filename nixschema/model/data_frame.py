"""Data frames: tables with named columns."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from nixschema.layout import Columns, Dataset, Links, Version
from nixschema.model.entity import DataEntity
from nixschema.model.fields import LOADING, OptionalRecords, OptionalUnit, Text, unset
from nixschema.model.reference import Refs
from nixschema.model.source import Source

if TYPE_CHECKING:
    from nixschema.array import Array


class Column(BaseModel):
    """A column of a data frame."""

    model_config = ConfigDict(
        strict=True, extra="forbid", validate_assignment=True, use_attribute_docstrings=True
    )

    words: ClassVar[str] = "column"

    name: Text
    """Name of the column."""

    dtype: str
    """Type of its elements: a numpy name, or ``string``."""

    unit: OptionalUnit = unset
    """Unit of its values, as written."""


class DataFrame(DataEntity):
    """A table: rows of records with named, typed columns."""

    words: ClassVar[str] = "data frame"
    since: ClassVar[Version] = (1, 1, 1)

    columns: Annotated[list[Column], Columns(of="data", name="units")] = Field(default_factory=list)
    """The columns, in order: name and type come from the data, the unit from an attribute."""

    data: Annotated[OptionalRecords, Dataset(bulk=True)] = unset
    """The rows: a one-dimensional array of records. A sound frame has them."""

    sources: Annotated[Refs[Source], Links(since=(1, 2, 0))] = Field(default_factory=Refs)
    """Where the rows come from; only the C++ library knows them."""

    @model_validator(mode="before")
    @classmethod
    def _columns_from_data(cls, given: Any) -> Any:
        """Make the columns from a record array, when they are not given."""
        if not isinstance(given, dict) or "columns" in given or "data" not in given:
            return given
        from nixschema.array import Array

        data = given["data"]
        if data is None:
            return given
        try:
            array = data if isinstance(data, Array) else Array(data)
        except (TypeError, ValueError):
            return given  # The field's own validation says what is wrong.
        return {**given, "data": array, "columns": columns_of(array)}

    @model_validator(mode="after")
    def _columns_fit_data(self, info: ValidationInfo) -> DataFrame:
        if info.context is not LOADING and self.data is not None:
            found = [column.name for column in self.columns]
            fields = [column.name for column in columns_of(self.data)]
            if found != fields:
                raise PydanticCustomError(
                    "frame_columns",
                    "columns {found} do not fit data with {fields}",
                    {"found": ", ".join(found), "fields": ", ".join(fields)},
                )
        return self

    def __getitem__(self, key: Any) -> Any:
        """A column by its name, rows by number or slice, or some columns by a list of names.

        Returns:
            The values of a column as an array, or records: ``frame[3]["time"]``.

        Raises:
            KeyError: there is no such column.
            IndexError: there is no such row.
            ValueError: the frame has no data.
        """
        if self.data is None:
            raise ValueError(f"{self!r} has no data")
        if isinstance(key, str):
            return self._records([key])[key]
        if isinstance(key, list) and key and all(isinstance(one, str) for one in key):
            return self._records(key)
        return self.data[key]

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        """The rows, as records."""
        return iter(self.data if self.data is not None else ())

    def append(self, rows: Any) -> None:
        """Add rows: records, or a list of tuples with a value for each column.

        Raises:
            TypeError, ValueError: they do not fit the columns.
        """
        if self.data is None:
            raise ValueError(f"{self!r} has no data, and so no columns")
        self.data.append(_as_records(rows, self.data))

    @property
    def column_names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """Name, type and unit of a column.

        Raises:
            KeyError: there is no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        close = difflib.get_close_matches(name, self.column_names, 1)
        hint = f": did you mean `{close[0]}`?" if close else ""
        raise KeyError(f"no column named `{name}`{hint}")

    def _records(self, names: list[str]) -> Any:
        """Some columns of all rows, read in blocks."""
        for name in names:
            self.column(name)
        data = self.data
        assert data is not None
        found = np.empty(data.shape, [(name, data.dtype[name]) for name in names])
        for cut, block in data.blocks():
            for name in names:
                found[name][cut] = block[name]
        return found

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return self.data.shape[0] if self.data is not None and self.data.shape else 0

    def __len__(self) -> int:
        """How many rows there are."""
        return self.row_count

    def __bool__(self) -> bool:
        """True: a frame is there, even without rows."""
        return True


def _as_records(rows: Any, data: Array) -> Any:
    if getattr(getattr(rows, "dtype", None), "names", None):
        return rows
    given = [rows] if isinstance(rows, tuple) else list(rows)
    try:
        return np.array([tuple(row) for row in given], data.dtype)
    except (TypeError, ValueError) as error:
        names = ", ".join(data.dtype.names or ())
        raise type(error)(f"rows are tuples of {names}: {error}") from None


def columns_of(array: Any) -> list[Column]:
    """Columns without units for an array of records; none where it has no records."""
    dtype = array.dtype
    return [Column(name=name, dtype=element_text(dtype[name])) for name in (dtype.names or ())]


def element_text(dtype: Any) -> str:
    """Name of an element type: ``string`` for text of any length, numpy's name for all else."""
    return "string" if dtype.kind == "O" else str(dtype).lstrip("|")
