"""Attributes of arrays in xarray and pandas: what they say of a NIX array.

``units``, ``long_name`` and ``description`` are what xarray, CF and pint-xarray mean by them; what
only NIX knows begins with ``nix_``. All are plain values that a netCDF file can hold.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nixschema.model.data_array import DataArray
    from nixschema.model.entity import TypedEntity

UNITS = "units"
LONG_NAME = "long_name"
DESCRIPTION = "description"
NAME = "nix_name"
TYPE = "nix_type"
COEFFICIENTS = "nix_polynom_coefficients"
ORIGIN = "nix_expansion_origin"


class Attrs:
    """The attributes of an array or a coordinate; what is taken out is understood."""

    def __init__(self, given: Mapping[Any, Any], of: str = "") -> None:
        self._left: dict[Hashable, Any] = dict(given)
        self._of = of

    def text(self, name: str) -> str | None:
        """Take out a text; None where there is none.

        Raises:
            TypeError: it is something else.
        """
        value = self._left.pop(name, None)
        if value is not None and not isinstance(value, str):
            raise TypeError(f"the attribute `{name}`{self._of} is text, not {value!r:.60}")
        return None if value is None else str(value)

    def number(self, name: str) -> float | None:
        """Take out a number; None where there is none.

        Raises:
            TypeError: it is something else.
        """
        value = self._left.pop(name, None)
        if isinstance(value, bool) or not isinstance(value, int | float | np.number | None):
            raise TypeError(f"the attribute `{name}`{self._of} is a number, not {value!r:.60}")
        return None if value is None else float(value)

    def numbers(self, name: str) -> Any:
        """Take out a list of numbers, which netCDF gives back as a number when it has one."""
        value = self._left.pop(name, None)
        return None if value is None else np.atleast_1d(value)

    def mapping(self, name: str) -> Mapping[Any, Any]:
        """Take out a mapping; an empty one where there is none."""
        value = self._left.get(name)
        return self._left.pop(name) if isinstance(value, Mapping) else {}

    def left(self) -> list[str]:
        """What nobody took out, in words."""
        return [f"attribute `{name}`{self._of}" for name in self._left]


def attrs_of(array: DataArray, *, calibrated: bool) -> dict[str, Any]:
    """What the attributes say of an array; without the calibration where it is applied."""
    attrs: dict[str, Any] = {}
    if array.unit is not None:
        attrs[UNITS] = str(array.unit)
    if array.label is not None:
        attrs[LONG_NAME] = array.label
    attrs |= entity_attrs(array)
    coefficients = array.polynom_coefficients
    if not calibrated and coefficients is not None and coefficients.size:
        attrs[COEFFICIENTS] = coefficients.read().tolist()
    if not calibrated and array.expansion_origin is not None:
        attrs[ORIGIN] = array.expansion_origin
    return attrs


def entity_attrs(entity: TypedEntity) -> dict[str, Any]:
    """Type and definition of an entity, where it has them."""
    attrs = {}
    if entity.type:
        attrs[TYPE] = entity.type
    if entity.definition is not None:
        attrs[DESCRIPTION] = entity.definition
    return attrs


def array_fields(attrs: Attrs) -> dict[str, Any]:
    """The fields of a data array that attributes tell."""
    return {
        "unit": attrs.text(UNITS),
        "label": attrs.text(LONG_NAME),
        "polynom_coefficients": attrs.numbers(COEFFICIENTS),
        "expansion_origin": attrs.number(ORIGIN),
    }


def entity_fields(attrs: Attrs, name: Any, type: str | None, default: str) -> dict[str, Any]:
    """Name, type and definition of an entity.

    Args:
        attrs: the attributes.
        name: the name it was given, or has.
        type: the type it was given; None for that of the attributes, or else the default.
        default: the type where nothing tells one.

    Raises:
        ValueError: there is no name.
    """
    if not isinstance(name, str):
        has = "no name" if name is None else f"the name {name!r}, which is no text"
        raise ValueError(f"this has {has}: give one, `name=...`")
    given = attrs.text(TYPE)
    return {
        "name": name,
        "type": type if type is not None else given or default,
        "definition": attrs.text(DESCRIPTION),
    }


def loss_message(lost: Iterable[str]) -> str:
    """What is left out, in words."""
    return f"left out, as NIX has no field for it: {', '.join(lost)}"
