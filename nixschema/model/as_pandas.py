"""Arrays and frames to and from pandas."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from nixschema.array import Values
from nixschema.errors import LossWarning
from nixschema.extras import needed
from nixschema.model.attrs import (
    NAME,
    UNITS,
    Attrs,
    array_fields,
    attrs_of,
    entity_attrs,
    entity_fields,
    loss_message,
)
from nixschema.model.coordinates import (
    Coordinate,
    coordinates_of,
    decoded,
    dimension_of,
    for_index,
    texts,
)
from nixschema.model.data_array import DataArray
from nixschema.model.data_frame import DataFrame

if TYPE_CHECKING:
    import pandas

INDEX = "index"
COLUMNS = "columns"


def array_to_pandas(
    array: DataArray, *, calibrated: bool = False
) -> pandas.Series[Any] | pandas.DataFrame:
    """An array of one or two axes; see `DataArray.to_pandas`."""
    needed("pandas", extra="pandas")
    import pandas

    if array.data is None:
        raise ValueError(f"{array!r} has no data")
    if array.ndim > 2:
        raise ValueError(
            f"{array!r} has {array.ndim} axes, and pandas one or two: `to_xarray` takes any number"
        )
    axes = coordinates_of(array)
    values = array.calibrated() if calibrated else np.asarray(array[()])
    shown = _shown(values.ravel(), array.path).reshape(values.shape)
    attrs: dict[Any, Any] = {**attrs_of(array, calibrated=calibrated)}
    if axes[0].attrs:
        attrs[INDEX] = axes[0].attrs
    if array.ndim == 1:
        series = pandas.Series(shown, _index(axes[0], len(array)), name=array.name)
        series.attrs = attrs
        return series
    if axes[1].attrs:
        attrs[COLUMNS] = axes[1].attrs
    index, columns = (_index(*one) for one in zip(axes, array.shape, strict=True))
    table = pandas.DataFrame(shown, index, columns)
    table.attrs = {NAME: array.name, **attrs}
    return table


def frame_to_pandas(frame: DataFrame) -> pandas.DataFrame:
    """A frame with its columns in their types; see `DataFrame.to_pandas`."""
    needed("pandas", extra="pandas")
    import pandas

    if frame.data is None:
        raise ValueError(f"{frame!r} has no data")
    records = frame.data.read()
    table = pandas.DataFrame(
        {
            name: _shown(records[name], f"{frame.path}: column `{name}`")
            for name in frame.data.dtype.names or ()
        }
    )
    units = {one.name: str(one.unit) for one in frame.columns if one.unit is not None}
    attrs: dict[Any, Any] = {UNITS: units, NAME: frame.name, **entity_attrs(frame)}
    table.attrs = attrs
    return table


@overload
def from_pandas(
    table: pandas.DataFrame,
    *,
    name: str | None = ...,
    type: str | None = ...,
    units: Mapping[str, str] | None = ...,
) -> DataFrame: ...
@overload
def from_pandas(
    table: pandas.Series[Any],
    *,
    name: str | None = ...,
    type: str | None = ...,
    units: str | None = ...,
) -> DataArray: ...
def from_pandas(
    table: pandas.DataFrame | pandas.Series[Any],
    *,
    name: str | None = None,
    type: str | None = None,
    units: Mapping[str, str] | str | None = None,
) -> DataFrame | DataArray:
    """Make a data frame of a DataFrame of pandas, or a data array of a Series.

    The columns of a frame keep their order and their types. Its index is left out where it only
    numbers the rows (0, 1, 2 …, without a name); any other becomes the leading column, of its name
    or else ``index``, and one of several levels as many columns.

    The index of a Series becomes the dimension of the array, as `from_xarray` makes it of a
    coordinate; one that only numbers the elements says nothing of them. The name of the index is
    the label of the axis.

    Args:
        table: the table or series.
        name: name of the entity; when None that of the series, or of the attribute ``nix_name``.
        type: type of the entity; when None that of the attribute ``nix_type``, or else
            ``nix.data_frame`` and ``nix.data_array``.
        units: units of columns by their names, or the unit of a series; when None those in
            ``table.attrs["units"]``.

    Raises:
        MissingExtra: pandas is not installed.
        TypeError: this is no table or series; units are of another kind.
        ValueError: there is no name; a column has missing values (other than NaN among numbers),
            dates, categories or objects that are no text; columns have the same name, or one that
            is no text; the index is one that no axis can have. The message names the column and
            says what to do.

    Warns:
        LossWarning: something is left out: attributes that NIX has no field for, units of columns
            that are not there.
    """
    needed("pandas", extra="pandas")
    import pandas

    lost: list[str] = []
    made: DataFrame | DataArray
    if isinstance(table, pandas.DataFrame):
        if isinstance(units, str):
            raise TypeError("the units of a table are a mapping, such as {'time': 'ms'}")
        made = _frame(table, name, type, units, lost)
    elif isinstance(table, pandas.Series):
        if units is not None and not isinstance(units, str):
            raise TypeError("the unit of a series is a text, such as 'mV'")
        made = _array(table, name, type, units, lost)
    else:
        raise TypeError(f"this is no DataFrame and no Series, but {table.__class__.__name__}")
    if lost:
        warnings.warn(loss_message(lost), LossWarning, stacklevel=2)
    return made


def _index(axis: Coordinate, length: int) -> pandas.Index[Any]:
    import pandas

    if axis.values is None:
        return pandas.RangeIndex(length, name=axis.label)
    return pandas.Index(axis.values, name=axis.label)


def _shown(values: Values, place: str) -> Values:
    """Values as a column: numbers in native order of bytes, text as objects.

    Raises:
        TypeError: they are records, lists or opaque bytes.
    """
    kind = values.dtype.kind
    if values.ndim == 1 and kind in "biufc":
        return values.astype(values.dtype.newbyteorder("="), copy=False)
    if values.ndim == 1 and kind == "S":
        return decoded(values, place)
    if values.ndim == 1 and kind == "O" and all(isinstance(one, str) for one in values.tolist()):
        return values
    held = "lists"
    if values.ndim == 1 and kind == "V":
        held = "records" if values.dtype.names else "opaque bytes"
    raise TypeError(f"{place}: a column of pandas holds no {held}: take them as numpy has them")


def _array(
    series: pandas.Series[Any],
    name: str | None,
    type: str | None,
    unit: str | None,
    lost: list[str],
) -> DataArray:
    import pandas

    attrs = Attrs(series.attrs)
    its = Attrs(attrs.mapping(INDEX), " of the index")
    fields = array_fields(attrs) if unit is None else {**array_fields(attrs), "unit": unit}
    fields |= entity_fields(attrs, series.name if name is None else name, type, "nix.data_array")
    index = series.index
    if isinstance(index, pandas.MultiIndex):
        raise ValueError(
            "the index has several levels, and an axis of NIX one position or label for each "
            "element: `reset_index` makes a table of the series, which becomes a data frame"
        )
    if isinstance(index, pandas.CategoricalIndex):
        index = pandas.Index(np.asarray(index))
    label = index.name if isinstance(index.name, str) else None
    if index.name is not None and label is None:
        lost.append(f"name {index.name!r} of the index")
    positions = None if _only_numbers(index) else for_index(_plain(index, "the index"))
    dimension = dimension_of(positions, label, its, "the index")
    if positions is not None:
        lost += its.left()
    made = DataArray(data=_column(series, "the series"), dimensions=[dimension], **fields)
    lost += attrs.left()
    return made


def _frame(
    table: pandas.DataFrame,
    name: str | None,
    type: str | None,
    units: Mapping[str, str] | None,
    lost: list[str],
) -> DataFrame:
    attrs = Attrs(table.attrs)
    kept_units, kept_name = attrs.mapping(UNITS), attrs.text(NAME)
    fields = entity_fields(attrs, kept_name if name is None else name, type, "nix.data_frame")
    columns = _columns(table)
    if unknown := [one for one in units or () if one not in columns]:
        raise ValueError(f"there is a unit for `{unknown[0]}`, and no such column")
    lost += [f"unit of `{one}`, which is no column" for one in kept_units if one not in columns]
    made = DataFrame(data=columns, **fields)
    for one in made.columns:
        one.unit = (kept_units if units is None else units).get(one.name)
    lost += attrs.left()
    return made


def _columns(table: pandas.DataFrame) -> dict[str, Values]:
    """The columns of a table by name, that of its index first."""
    import pandas

    if isinstance(table.columns, pandas.MultiIndex):
        raise ValueError(
            "the columns have names of several levels: give each one name, such as "
            "`table.columns = ['_'.join(one) for one in table.columns]`"
        )
    columns: dict[str, Values] = {}
    index = table.index
    given: list[tuple[Any, pandas.Index[Any] | pandas.Series[Any]]] = []
    if isinstance(index, pandas.MultiIndex):
        for number, level in enumerate(index.names):
            named = f"level_{number}" if level is None else level
            given.append((named, index.get_level_values(number)))
    elif index.name is not None or not _only_numbers(index):
        given.append(("index" if index.name is None else index.name, index))
    given += [(one, table.iloc[:, number]) for number, one in enumerate(table.columns)]
    for name, values in given:
        if not isinstance(name, str) or not name:
            raise ValueError(
                f"a column is named {name!r}, and columns of NIX have a text for a name: rename "
                "it (for an array of two axes: `nx.from_xarray(xarray.DataArray(table))`)"
            )
        if name in columns:
            raise ValueError(f"two columns (or levels of the index) are named `{name}`: rename one")
        columns[name] = _column(values, f"column `{name}`")
    if not columns:
        raise ValueError("a data frame needs a column, and this table has none")
    return columns


def _only_numbers(index: pandas.Index[Any]) -> bool:
    """Whether an index says no more than the numbers of the rows."""
    import pandas

    return isinstance(index, pandas.RangeIndex) and (index.start, index.step) == (0, 1)


def _column(given: pandas.Index[Any] | pandas.Series[Any], place: str) -> Values:
    """The values of a column, in the type that NIX has for them.

    Raises:
        ValueError: it has none.
    """
    values = _plain(given, place)
    if values.dtype.kind == "M":
        raise ValueError(
            f"{place} holds dates, which NIX has not: make numbers with a unit of them, such as "
            "`(column - start) / pandas.Timedelta('1s')`, and keep the start in the metadata"
        )
    if values.dtype.kind == "m":
        raise ValueError(
            f"{place} holds differences of time: make numbers with a unit of them, such as "
            "`column / pandas.Timedelta('1s')`"
        )
    if values.dtype.kind == "O":
        texts(values, place)
    return values


def _plain(given: pandas.Index[Any] | pandas.Series[Any], place: str) -> Values:
    """The values as numpy has them, none of them changed.

    Raises:
        ValueError: they are categories or missing, or numpy has nothing like them.
    """
    import pandas

    dtype: Any = given.dtype
    if isinstance(dtype, pandas.CategoricalDtype):
        raise ValueError(
            f"{place} holds categories: `.astype(str)` keeps their names, `.cat.codes` their "
            "numbers"
        )
    if isinstance(dtype, np.dtype):
        if dtype.kind == "O":
            _check_none_missing(np.asarray(given.isna()), place, dtype)
        return given.to_numpy()
    if isinstance(dtype, pandas.DatetimeTZDtype):
        return given.to_numpy("M8[ns]")
    plain = dtype.subtype if isinstance(dtype, pandas.SparseDtype) else _plain_dtype(dtype)
    if plain is None:
        raise ValueError(f"{place} holds {dtype}, which NIX has not: make numbers or text of it")
    missing = np.asarray(given.isna())
    if plain.kind != "f" or not isinstance(dtype, pandas.SparseDtype):
        _check_none_missing(missing, place, plain)
    return given.to_numpy(plain)


def _plain_dtype(dtype: Any) -> np.dtype[Any] | None:
    """The type of numpy behind one of pandas; None where it has none."""
    import pandas

    if pandas.api.types.is_string_dtype(dtype):
        return np.dtype(object)
    found = getattr(dtype, "numpy_dtype", None)
    return found if isinstance(found, np.dtype) and found.kind in "biufcmM" else None


def _check_none_missing(missing: Values, place: str, plain: np.dtype[Any]) -> None:
    if np.any(missing):
        remedy = (
            "`.astype('float64')` makes NaN of it, `fillna`" if plain.kind in "iuf" else "`fillna`"
        )
        row = int(np.flatnonzero(missing)[0])
        raise ValueError(
            f"{place} has a missing value in row {row:,}, which NIX has not: {remedy} gives it one"
        )
