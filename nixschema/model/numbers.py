"""Plain numbers where an array is referred to: the arrays that are made of them."""

from __future__ import annotations

from numbers import Number
from typing import Any

import numpy as np

from nixschema.array import Array
from nixschema.model.data_array import DataArray
from nixschema.model.dimension import SetDimension
from nixschema.model.units import Unit


def is_numbers(value: Any) -> bool:
    """Whether a value is given as numbers, and not as what refers to an array of them."""
    return isinstance(value, list | tuple | range | np.ndarray | Array | Number)


def array_of_numbers(
    name: Any, kind: Any, field: str, numbers: Any, units: Any = None
) -> DataArray:
    """An array for one field of an entity: ``spikes-positions`` of type ``spike_times-positions``.

    Args:
        name: name of the entity.
        kind: its type.
        field: name of the field.
        numbers: a list, or a table with a column for each axis.
        units: units of the entity; the array has theirs, where it is the same for all axes.

    Raises:
        ValueError: they are anything else.
    """
    try:
        data = Array(numbers)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{field} are numbers, or an array of them: {error}") from None
    if not data.is_numeric or not 1 <= data.ndim <= 2:
        raise ValueError(
            f"{field} are a list of numbers, or a table with a column for each axis, "
            f"not {data.type_text} of shape {data.shape}"
        )
    return DataArray(
        name=f"{name}-{field}",
        type=f"{kind or 'nix'}-{field}",
        data=data,
        unit=_common(units),
        dimensions=[SetDimension() for _ in range(data.ndim)],
    )


def _common(units: Any) -> str | None:
    several = [units] if isinstance(units, str) else units
    if not isinstance(several, list | tuple) or len(set(several)) != 1:
        return None
    unit = several[0]
    return unit if isinstance(unit, str) and not Unit(unit).is_blank else None


def take_over(array: DataArray, other: DataArray) -> None:
    """Give an array the data of another that nobody owns, and its descriptors if they need be."""
    if array.ndim != other.ndim:
        array.data = None
        array.dimensions = [SetDimension() for _ in range(other.ndim)]
    array.data = other.data
