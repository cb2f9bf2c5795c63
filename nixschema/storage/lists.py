"""Lists as small datasets: property values, units, labels, positions."""

from __future__ import annotations

from typing import Any

import numpy as np
from h5py import h5s, h5t

from nixschema.array import Source
from nixschema.layout import FieldPlace, Value
from nixschema.model.section import property_values, widest
from nixschema.storage import making
from nixschema.storage.copying import Copier, growing_plist
from nixschema.storage.datasets import DatasetSource
from nixschema.storage.faults import FAULTS
from nixschema.storage.types import file_dtype, file_type, fixed_text, memory_type

_TEXT = np.dtype(object)


def write_list(
    parent: Any,
    name: str | None,
    one: FieldPlace,
    values: list[Any],
    storage: str | None,
    form: Source | None,
    copier: Copier,
) -> Any:
    """Write a list as a dataset of one axis and give it.

    Args:
        parent: where it goes.
        name: its name; None to link it later.
        one: the field it is for.
        values: texts, booleans or numbers.
        storage: name of the element type, where it is not the widest.
        form: the dataset it was read from: copied where it has the same values, else its type
            and chunks are kept as far as they fit.
        copier: copies it.

    Raises:
        ValueError: they are not of one type that NIX can hold.
    """
    values = _checked(one, values)
    dtype = _dtype(one, values, storage)
    if not isinstance(form, DatasetSource):
        return _made(parent, name, values, dtype)
    with form.opened() as source:
        type_id = source.get_type()
        if not _is_fixed_text(type_id) and still_holds(one, form, values):
            return copier.copy(source, parent, name, as_text=True)
        plist = growing_plist(source.get_create_plist(), (len(values),), type_id.get_size())
        if _is_kept(one, form.dtype, dtype) and _fits(values, form.dtype):
            return _made(parent, name, values, form.dtype, plist, type_id)
        plist.set_chunk(plist.get_chunk())  # It remembers the size of an element as well.
        return _made(parent, name, values, dtype, plist)


def refill(made: Any, values: list[Any], storage: str | None) -> bool:
    """Give a dataset of one axis other values of its type, where it can hold them as it is.

    Args:
        made: the dataset.
        values: texts, booleans or numbers.
        storage: name of the element type, where it is not the widest.

    Returns:
        Whether it has them now; if not, it may have lost those it had.
    """
    space, type_id = made.get_space(), made.get_type()
    is_list = space.get_simple_extent_type() == h5s.SIMPLE and len(space.shape) == 1
    if not is_list or _is_fixed_text(type_id):
        return False
    dtype = _element_dtype(storage or widest(values))
    is_text = dtype == _TEXT
    if is_text != (type_id.get_class() == h5t.STRING) or (
        is_text and any("\0" in text for text in values)
    ):
        return False
    if not is_text and file_dtype(dtype) != type_id.dtype:
        return False
    try:
        if space.shape != (len(values),):
            made.set_extent((len(values),))
        if values:
            array = np.array(values, dtype=dtype)
            made.write(h5s.ALL, h5s.ALL, array, memory_type(file_dtype(dtype)))
    except FAULTS:
        return False
    return True


def _is_fixed_text(type_id: Any) -> bool:
    return bool(type_id.get_class() == h5t.STRING and not type_id.is_variable_str())


def still_holds(one: FieldPlace, form: Source, values: list[Any]) -> bool:
    """Whether the dataset that a list was read from has just these values."""
    if form.shape != (len(values),):
        return False
    known = form.read(()).tolist()
    if known and isinstance(known[0], bytes):
        known = [value.decode("utf-8", "replace") for value in known]
    if form.dtype.kind in "iu" and not _is_values(one):
        known = [float(value) for value in known]
    return all(map(_is_same, known, values))


def _is_same(one: Any, two: Any) -> bool:
    """Whether two values are written alike: 1, 1.0 and True are not, nor are 0.0 and -0.0."""
    if isinstance(one, str) and isinstance(two, str):
        return one == two
    return type(one) is type(two) and repr(one) == repr(two)


def _checked(one: FieldPlace, values: list[Any]) -> list[Any]:
    """The values again, if they still are what the field allows: a list can be changed in place."""
    if _is_values(one):
        return list(property_values(values))
    kinds = (str,) if one.is_text else (int, float)
    for value in values:
        if not isinstance(value, kinds) or isinstance(value, bool):
            wanted = "a text" if one.is_text else "a number"
            raise ValueError(f"`{value!r}` is not {wanted}")
    return values


def _is_kept(one: FieldPlace, known: np.dtype[Any], wanted: np.dtype[Any]) -> bool:
    """Whether the number type of a file may stay: that of values tells what they are."""
    kinds = [{"u": "i"}.get(dtype.kind, dtype.kind) for dtype in (known, wanted)]
    if _is_values(one):
        return kinds in (["i", "i"], ["f", "f"])
    return set(kinds) <= {"i", "f"}


def _is_values(one: FieldPlace) -> bool:
    return isinstance(one.place, Value) and one.place.itself


def _made(
    parent: Any,
    name: str | None,
    values: list[Any],
    dtype: np.dtype[Any],
    plist: Any = None,
    type_id: Any = None,
) -> Any:
    stored_dtype = file_dtype(dtype)
    memory = memory_type(stored_dtype)
    array = np.array(values, dtype=dtype)
    if dtype == _TEXT and any(text.endswith("\0") for text in values):
        raise ValueError("a text that ends with a NUL cannot be told from one without")
    if dtype == _TEXT and any("\0" in text for text in values):
        # Only text of fixed length can hold a NUL.
        array = np.array([text.encode() for text in values], dtype="S")
        memory = type_id = fixed_text(array.dtype.itemsize)
    elif type_id is None:
        type_id = file_type(stored_dtype)
    made = making.dataset(parent, name, type_id, array.shape, plist)
    if values:
        made.write(h5s.ALL, h5s.ALL, array, memory)
    return made


def _dtype(one: FieldPlace, values: list[Any], storage: str | None) -> np.dtype[Any]:
    if not _is_values(one):
        return _TEXT if one.is_text else np.dtype(float)
    named = _element_dtype(storage or widest(values))
    return named if _fits(values, named) else _element_dtype(widest(values))


def _element_dtype(name: str) -> np.dtype[Any]:
    return np.dtype({"string": object, "boolean": bool}.get(name, name))


def _fits(values: list[Any], dtype: np.dtype[Any]) -> bool:
    """Whether an element type holds the values as they are."""
    if dtype == _TEXT or not values:
        return not values or isinstance(values[0], str)
    given = np.array(values)
    if (given.dtype.kind == "b") != (dtype.kind == "b") or given.dtype.kind == "U":
        return False
    try:
        array = np.array(values, dtype=dtype)
    except (OverflowError, ValueError, TypeError):
        return False
    return bool(np.array_equal(array, given, equal_nan=given.dtype.kind == "f"))
