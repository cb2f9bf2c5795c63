"""Data frames: tables with named columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from nixschema.array import Array
from nixschema.layout import Columns, Dataset, Links, Version
from nixschema.model.entity import DataEntity
from nixschema.model.fields import LOADING, OptionalRecords, OptionalUnit, Text, unset
from nixschema.model.records import check_column_names, records_of, rows_of
from nixschema.model.reference import Refs
from nixschema.model.refusal import did_you_mean, refusal, thing
from nixschema.model.source import Source

if TYPE_CHECKING:
    import pandas


class Column(BaseModel):
    """A column of a data frame."""

    model_config = ConfigDict(strict=True, extra="forbid", validate_assignment=True)

    words: ClassVar[str] = "column"

    name: Text
    """Name of the column."""

    dtype: str
    """Type of its elements: a numpy name, or ``string``."""

    unit: OptionalUnit = unset
    """Unit of its values, as written."""

    def __setattr__(self, name: str, value: Any) -> None:
        """Assign the unit; name and type are those of the data.

        Raises:
            AttributeError: another is assigned.
        """
        if name in ("name", "dtype") and value != self.__dict__.get(name):
            instead = {"name": "`frame.rename_column`", "dtype": "`frame[name] = values`"}[name]
            raise AttributeError(f"the {name} of a column is that of the data: use {instead}")
        try:
            super().__setattr__(name, value)
        except ValidationError as error:
            raise refusal(error, f"column `{self.name}`", type(self).model_fields) from None

    def __delattr__(self, name: str) -> None:
        """Refuse: a field may be unset, but is there.

        Raises:
            AttributeError: always.
        """
        raise AttributeError(f"`{name}` cannot be deleted: assign None")


def _own_columns(columns: Any) -> Any:
    """Columns of a frame's own: a unit that is changed here is not changed elsewhere."""
    if not isinstance(columns, list | tuple):
        return columns
    return tuple(one.model_copy() if isinstance(one, Column) else one for one in columns)


_no_columns: Any = ()

if TYPE_CHECKING:

    class FrameColumns:
        """The columns, which follow the data; takes several."""

        def __get__(self, instance: object, owner: object = None) -> tuple[Column, ...]: ...
        def __set__(self, instance: object, value: Sequence[Column]) -> None: ...

else:
    FrameColumns = Annotated[tuple[Column, ...], BeforeValidator(_own_columns)]


class DataFrame(DataEntity):
    """A table: rows of records with named, typed columns."""

    words: ClassVar[str] = "data frame"
    since: ClassVar[Version] = (1, 1, 1)

    columns: Annotated[FrameColumns, Columns(of="data", name="units")] = _no_columns
    """The columns, in order: name and type come from the data, the unit from an attribute."""

    data: Annotated[OptionalRecords, Dataset(bulk=True)] = unset
    """The rows: a one-dimensional array of records. A sound frame has them."""

    sources: Annotated[Refs[Source], Links(since=(1, 2, 0))] = Field(default_factory=Refs)
    """Where the rows come from; only the C++ library knows them."""

    @model_validator(mode="before")
    @classmethod
    def _columns_from_data(cls, given: Any, info: ValidationInfo) -> Any:
        """Make a table of the data, and columns of its own; given ones say the units."""
        if info.context is LOADING or not isinstance(given, dict) or given.get("data") is None:
            return given
        try:
            table = _as_table(given["data"])
        except (TypeError, ValueError) as error:
            raise PydanticCustomError("array", "{why}", {"why": str(error)}) from None
        columns = given.get("columns")
        if columns is None:
            return {**given, "data": table, "columns": columns_of(table)}
        types = {column.name: column.dtype for column in columns_of(table)}
        told = [
            one.model_copy(update={"dtype": types.get(one.name, one.dtype)})
            if isinstance(one, Column)
            else one
            for one in columns
        ]
        return {**given, "data": table, "columns": tuple(told)}

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

    def __setitem__(self, key: Any, values: Any) -> None:
        """Change a column, add one under a new name, or change rows by number or slice.

        A column that is changed keeps its place and its unit.

        Raises:
            TypeError, ValueError: the values do not fit.
        """
        if not isinstance(key, str):
            if self.data is None:
                raise ValueError(f"{self!r} has no data")
            rows = rows_of(values, self.data)
            self.data[key] = rows[0] if isinstance(key, int) else rows
            return
        names = dict.fromkeys([*self.column_names, key])
        rest = [name for name in self.column_names if name != key]
        known = self._records(rest) if rest else {}
        self.data = records_of({name: values if name == key else known[name] for name in names})

    def __delitem__(self, name: str) -> None:
        """Take a column out.

        Raises:
            KeyError: there is no such column.
            ValueError: it is the last one.
        """
        self.column(name)
        rest = [one for one in self.column_names if one != name]
        if not rest:
            raise ValueError(f"`{name}` is the only column of {self!r}")
        self.data = self[rest]

    def rename_column(self, name: str, new: str) -> None:
        """Give a column another name.

        Raises:
            KeyError: there is no such column.
            ValueError: another one has that name.
        """
        unit = self.column(name).unit
        if new != name and new in self.column_names:
            raise ValueError(f"{self!r} has a column `{new}` already")
        check_column_names([new])
        names = [new if one == name else one for one in self.column_names]
        records = self[self.column_names]
        records.dtype.names = tuple(names)
        self.data = records
        self.column(new).unit = unit

    def __setattr__(self, name: str, value: Any) -> None:
        """Assign a field; columns follow the data, those of the same name keep their unit."""
        if name != "data":
            super().__setattr__(name, value)
            return
        table = None if value is None else _as_table(value)
        before = self.__dict__["columns"]
        units = {column.name: column.unit for column in before}
        columns = () if table is None else columns_of(table)
        for column in columns:
            column.unit = units.get(column.name)
        self.__dict__["columns"] = columns
        try:
            super().__setattr__(name, table)
        except BaseException:
            self.__dict__["columns"] = before
            raise

    def __contains__(self, name: object) -> bool:
        """Whether there is a column of that name."""
        return name in self.column_names

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
        self.data.append(rows_of(rows, self.data))

    def to_pandas(self) -> pandas.DataFrame:
        """The frame in pandas, as `nixschema.from_pandas` takes it back.

        All rows are read. Columns keep their types (numbers in native order of bytes); text is
        ``str`` or objects, as pandas has it. ``attrs["units"]`` has the units of the columns by
        their names; name, type and definition are attributes too. Sources, metadata, id and times
        stay behind.

        Raises:
            MissingExtra: pandas is not installed.
            TypeError: a column holds records, lists or opaque bytes.
            ValueError: there are no data, or text that is not UTF-8.
        """
        from nixschema.model.as_pandas import frame_to_pandas

        return frame_to_pandas(self)

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
        hint = did_you_mean(name, self.column_names)
        raise KeyError(f"no column named `{name}` in {thing(self)}{hint}")

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


def _as_table(data: Any) -> Array:
    """Records, also from a dictionary of columns."""
    table = Array(records_of(data) if isinstance(data, Mapping) else data)
    check_column_names(table.dtype.names or ())
    return table


def columns_of(array: Any) -> tuple[Column, ...]:
    """Columns without units for an array of records; none where it has no records."""
    dtype = array.dtype
    names = dtype.names or ()
    return tuple(Column(name=name, dtype=element_text(dtype[name])) for name in names)


def element_text(dtype: Any) -> str:
    """Name of an element type: ``string`` for text of any length, numpy's name for all else."""
    return "string" if dtype.kind == "O" else str(dtype).lstrip("|")
