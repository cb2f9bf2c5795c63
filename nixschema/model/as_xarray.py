"""Arrays to and from xarray."""

from __future__ import annotations

import re
import warnings
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nixschema.errors import LossWarning
from nixschema.extras import needed
from nixschema.model.attrs import (
    LONG_NAME,
    Attrs,
    array_fields,
    attrs_of,
    entity_fields,
    loss_message,
)
from nixschema.model.coordinates import coordinates_of, dimension_of
from nixschema.model.data_array import DataArray
from nixschema.model.dimension import AnyDimension

if TYPE_CHECKING:
    import xarray

_NUMBERED = re.compile(r"axis_[0-9]+")


def to_xarray(array: DataArray, *, calibrated: bool = False) -> xarray.DataArray:
    """An array with its axes, unit, label, type and definition; see `DataArray.to_xarray`."""
    needed("xarray", extra="xarray")
    import xarray

    coordinates = coordinates_of(array)
    values = array.calibrated() if calibrated else np.asarray(array[()])
    attrs = attrs_of(array, calibrated=calibrated)
    names = _dimension_names([one.label for one in coordinates])
    coords = {}
    for name, coordinate in zip(names, coordinates, strict=True):
        label = {} if coordinate.label is None else {LONG_NAME: coordinate.label}
        if coordinate.values is not None:
            coords[name] = (name, coordinate.values, {**label, **coordinate.attrs})
        elif label and _NUMBERED.fullmatch(name):
            attrs[_label_of(name)] = coordinate.label
    return xarray.DataArray(values, coords, names, array.name, attrs)


def from_xarray(
    array: xarray.DataArray, *, name: str | None = None, type: str | None = None
) -> DataArray:
    """Make a data array of one of xarray's.

    Each axis becomes a dimension, by its coordinate: regular numbers are sampled (in the float that
    gives them back, but for rounding), other ascending numbers ticks, texts labels, and without a
    coordinate the elements are only counted. Differences of time become numbers in ``s``, ``ms``,
    ``us`` … . The attributes ``units``, ``long_name`` and ``description`` become unit, label and
    definition; an axis without ``long_name`` is labelled by the name of its dimension, unless that
    is ``axis_1``, ``axis_2`` … . Values that are computed or loaded late (dask, netCDF) are so now.

    Args:
        array: the array, of one axis or more.
        name: name of the data array; that of ``array`` when None.
        type: type of the data array; when None that of the attribute ``nix_type``, or else
            ``nix.data_array``.

    Raises:
        MissingExtra: xarray is not installed.
        TypeError: ``array`` is something else, or an attribute is no text.
        ValueError: there is no name; NIX has no such values (dates, missing texts); or a coordinate
            does not ascend, has several levels, holds dates or missing values.

    Warns:
        LossWarning: something is left out: coordinates that are not those of an axis, attributes
            that NIX has no field for, names of dimensions that have a ``long_name`` too.
    """
    needed("xarray", extra="xarray")
    import xarray

    if not isinstance(array, xarray.DataArray):
        hint = ": take one of its arrays" if isinstance(array, xarray.Dataset) else ""
        raise TypeError(f"this is no DataArray of xarray, but {_kind(array)}{hint}")
    if not array.dims:
        raise ValueError("a scalar has no axes: `array.expand_dims(...)` gives it one")
    if any(hasattr(one.data, "magnitude") for one in (array, *array.coords.values())):
        raise ValueError("the values carry units of pint: `array.pint.dequantify()` first")
    attrs = Attrs(array.attrs)
    lost = [f"coordinate `{one}`" for one in array.coords if one not in array.dims]
    dimensions = [_dimension(array, axis, attrs, lost) for axis in array.dims]
    fields = array_fields(attrs)
    fields |= entity_fields(attrs, array.name if name is None else name, type, "nix.data_array")
    lost += attrs.left()
    made = DataArray(data=array.values, dimensions=dimensions, **fields)
    if lost:
        warnings.warn(loss_message(lost), LossWarning, stacklevel=2)
    return made


def _dimension_names(labels: Sequence[str | None]) -> list[str]:
    """A name for each axis: its label, where that is an identifier and no other axis has it."""
    return [
        label
        if label is not None
        and label.isidentifier()
        and labels.count(label) == 1
        and not _NUMBERED.fullmatch(label)
        else f"axis_{number}"
        for number, label in enumerate(labels, 1)
    ]


def _label_of(name: str) -> str:
    """Attribute of the array with the label of an axis that has neither coordinate nor name."""
    return f"nix_{name}_label"


def _dimension(
    array: xarray.DataArray, axis: Hashable, attrs: Attrs, lost: list[str]
) -> AnyDimension:
    from xarray.indexes import PandasMultiIndex

    index: Any = array.xindexes.get(axis)
    if isinstance(index, PandasMultiIndex):
        levels = ", ".join(f"`{one}`" for one in index.index.names)
        raise ValueError(
            f"dimension `{axis}` has an index of several levels ({levels}), and an axis of NIX one "
            f"position or label for each element: `array.reset_index({axis!r})` and name one of "
            f"them as its coordinate, or `array.unstack({axis!r})`"
        )
    label = axis if isinstance(axis, str) and not _NUMBERED.fullmatch(axis) else None
    if not isinstance(axis, str):
        lost.append(f"name {axis!r} of a dimension")
    if axis not in array.coords:
        given = attrs.text(_label_of(str(axis)))
        return dimension_of(None, label if given is None else given, Attrs({}), "")
    coordinate = array.coords[axis]
    place = f"coordinate `{axis}`"
    if coordinate.dims != (axis,):
        raise ValueError(f"{place} has other dimensions than `{axis}`: rename or drop it")
    its = Attrs(coordinate.attrs, f" of {place}")
    given = its.text(LONG_NAME)
    if label is not None and given is not None and given != label:
        lost.append(f"name `{label}` of the dimension labelled `{given}`")
    values = coordinate.to_numpy()
    dimension = dimension_of(values, label if given is None else given, its, place)
    lost += its.left()
    return dimension


def _kind(thing: object) -> str:
    return type(thing).__name__
