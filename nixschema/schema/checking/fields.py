"""What the fields of entities hold, as schemas name them: values with their units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nixschema.model import DataArray, DataFrame, Property, Section
from nixschema.model.reference import Reference
from nixschema.schema.checking.run import ColumnView
from nixschema.schema.type_words import type_words

UNKNOWN: Any = object()
"""What nobody knows: the text of a description says it in a way that is refused."""

Content = tuple[Any, "str | Sequence[str | None] | None"]
"""A value, or a list of values, and the unit; a list of units where items have their own."""

_LONGEST_LIST = 100_000
_DEEPEST = 2100


def content_of(entity: Any, field: str) -> Content:
    """What a field holds.

    Returns:
        The value, None where it is missing, `UNKNOWN` where nobody knows; and its unit.
    """
    special = _SPECIAL.get(field)
    if special is not None:
        return special(entity)
    return _plain(entity, field), None


def _plain(entity: Any, field: str) -> Any:
    return entity.__dict__.get(field, UNKNOWN)


def _with_unit(field: str) -> Callable[[Any], Content]:
    def get(entity: Any) -> Content:
        return _plain(entity, field), entity.__dict__.get("unit")

    return get


def _with_units(field: str) -> Callable[[Any], Content]:
    def get(entity: Any) -> Content:
        value = _plain(entity, field)
        units = list(entity.__dict__.get("units") or ())
        return (list(value) if isinstance(value, list | tuple) else value), units or None

    return get


def _units(entity: Any) -> Content:
    value = _plain(entity, "units")
    return (list(value) if isinstance(value, list | tuple) else value), None


def _dtype(entity: Any) -> Content:
    if isinstance(entity, Property):
        if "values" not in entity.__dict__:
            return UNKNOWN, None
        declared = entity.__dict__.get("dtype")
        names = [declared] if declared else []
        return Names([*names, *type_words(entity.element_type)]), None
    if isinstance(entity, ColumnView):
        return Names(type_words(entity.dtype)), None
    data = _plain(entity, "data")
    if data is None or data is UNKNOWN:
        return data, None
    return Names(type_words(_array_type(data))), None


def _array_type(data: Any) -> str:
    if data.is_text:
        return "string"
    stored = data.stored_type
    if data.dtype.kind in "iufb" and (stored is None or stored.kind in _PLAIN):
        return str(data.dtype.name)
    return str(data.type_text)


_PLAIN = ("integer", "float", "boolean")


class Names(str):
    """The name of a type or a section, and what else it goes by."""

    words: tuple[str, ...]

    def __new__(cls, names: Sequence[str]) -> Names:
        """Make it of its names, the first before the others."""
        made = super().__new__(cls, names[0] if names else "")
        made.words = tuple(names)
        return made


def _shape(entity: Any) -> Content:
    data = _plain(entity, "data")
    return (data if data is None or data is UNKNOWN else list(data.shape)), None


def _rank(entity: Any) -> Content:
    data = _plain(entity, "data")
    return (data if data is None or data is UNKNOWN else data.ndim), None


def _rows(entity: Any) -> Content:
    data = _plain(entity, "data")
    return (data if data is None or data is UNKNOWN else (data.shape[0] if data.shape else 0)), None


def _values(entity: Any) -> Content:
    if isinstance(entity, Property):
        value = _plain(entity, "values")
        return (value if value is UNKNOWN else list(value)), entity.__dict__.get("unit")
    return UNKNOWN, None  # Those of arrays are read in blocks.


def _path(entity: Any) -> Content:
    return (section_path(entity) if isinstance(entity, Section) else None), None


def section_path(section: Any) -> str:
    """Path of a section from the root of the metadata: ``/subject/cell``.

    Of one that is nested deeper than any pattern reaches it is the end.
    """
    names: list[str] = []
    here = section
    while isinstance(here, Section) and len(names) < _DEEPEST:
        names.append(here.__dict__.get("name") or "")
        here = here.owner
    return "/" + "/".join(reversed(names))


def _link(entity: Any) -> Content:
    value = _plain(entity, "link")
    if not isinstance(value, Reference):
        return value, None
    target = value.resolve(entity, (Section,))
    if not isinstance(target, Section):
        return value.text, None
    return Names([target.name, section_path(target)]), None


def _numbers(field: str) -> Callable[[Any], Content]:
    def get(entity: Any) -> Content:
        value = _plain(entity, field)
        if value is None or value is UNKNOWN:
            return value, None
        try:
            if value.size > _LONGEST_LIST:
                return UNKNOWN, None
            return value.read().tolist(), None
        except (OSError, ValueError, MemoryError):
            return UNKNOWN, None

    return get


_SPECIAL: dict[str, Callable[[Any], Content]] = {
    "dtype": _dtype,
    "shape": _shape,
    "rank": _rank,
    "rows": _rows,
    "values": _values,
    "path": _path,
    "link": _link,
    "position": _with_units("position"),
    "extent": _with_units("extent"),
    "units": _units,
    "uncertainty": _with_unit("uncertainty"),
    "expansion_origin": _with_unit("expansion_origin"),
    "polynom_coefficients": _numbers("polynom_coefficients"),
}

CONTAINERS: dict[str, str] = {
    "blocks": "block",
    "data_arrays": "data array",
    "data_frames": "data frame",
    "tags": "tag",
    "multi_tags": "multi tag",
    "groups": "group",
    "sources": "source",
    "sections": "section",
    "metadata": "section",
    "properties": "property",
    "columns": "column",
}
"""The containers, and what is in them, in words."""


def members_of(entity: Any, container: str) -> Any:
    """The members of a container; None where the entity has no such."""
    if container == "columns":
        if not isinstance(entity, DataFrame):
            return None
        return [ColumnView(entity, one) for one in entity.__dict__.get("columns") or ()]
    return entity.__dict__.get(container)


def values_of(entity: Any) -> Any:
    """The array whose values those of an entity are; None where there is none."""
    return entity.__dict__.get("data") if isinstance(entity, DataArray) else None
