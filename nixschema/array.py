"""Arrays that stay where they are until they are asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from itertools import product
from typing import Any, ClassVar, NamedTuple, Protocol, TypeAlias, cast

import numpy as np
import numpy.typing as npt
from numpy.lib.mixins import NDArrayOperatorsMixin

from nixschema.layout import Dataset, Place

BLOCK_BYTES = 4 * 1024 * 1024
"""How much of an array is held at a time by whatever reads it in blocks."""

_TEXT_BYTES = 64
"""What a string of variable length is reckoned to take when blocks are cut."""

Values: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class StoredType:
    """An HDF5 datatype: what numpy's dtype cannot say (charset, padding, bitfields, tags) included.

    Two are equal when HDF5 encodes them alike.
    """

    encoded: bytes
    """The type as HDF5 encodes it."""
    text: str = field(compare=False)
    """A short name: `float64`, `string`, `ASCII string`, `bitfield8` …"""
    kind: str = field(compare=False)
    """Class of the type: integer, float, string, boolean, enum, compound, opaque, bitfield,
    reference, vlen, array or time."""
    dtype: np.dtype[Any] = field(compare=False)
    """How values appear in memory; opaque bytes where numpy has no such type."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the constructor's arguments."""
        return StoredType, (self.encoded, self.text, self.kind, self.dtype)


class Storing(NamedTuple):
    """How the dataset is to be made that the values of a source are written to.

    A source that has wishes has it as the attribute ``storing``.
    """

    chunks: tuple[int, ...] | None = None
    """Shape of a chunk; None for what is usual."""
    compression: int | None = None
    """Level of deflate, 0 for none; None for what all arrays get."""
    fill: Any = None
    """The value that all elements have: then none is written."""


class Source(Protocol):
    """Where the values of an array come from."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements as read."""

    @property
    def chunks(self) -> tuple[int, ...] | None:
        """Shape of a chunk, where it is stored in chunks."""

    @property
    def stored_type(self) -> StoredType | None:
        """Exact HDF5 type, where it comes from HDF5."""

    @property
    def is_stored(self) -> bool:
        """Whether all values can be there: a hostile file may claim more than it has room for."""

    @property
    def identity(self) -> tuple[Any, ...]:
        """Equal for two sources of the same values, without reading them; () where not known."""

    def read(self, selection: tuple[Any, ...]) -> Values:
        """The selected values.

        Args:
            selection: an index, slice or list of indices for each axis; () for all.
        """


class WritableSource(Source, Protocol):
    """A source whose values may be changed where they are."""

    @property
    def is_writable(self) -> bool:
        """Whether they may be changed now; else they are taken into memory first."""

    def write(self, selection: tuple[Any, ...], values: Values) -> None:
        """Change the selected values; they are of the source's type and fit the selection."""

    def append(self, values: Values, axis: int) -> None:
        """Add values at the end of an axis; they are of the source's type and fit the others."""


class MemorySource:
    """Values in memory: those given until they are changed, then a copy with room to grow."""

    __slots__ = ("_room", "values")

    def __init__(self, values: Values) -> None:
        self.values = values
        self._room: Values | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with the type: numpy by itself may forget the order of bytes."""
        return _in_memory, (self.values, self.values.dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return self.values.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements."""
        return self.values.dtype

    @property
    def chunks(self) -> tuple[int, ...] | None:
        """None: values in memory have no chunks."""
        return None

    @property
    def stored_type(self) -> StoredType | None:
        """None: values in memory have no HDF5 type yet."""
        return None

    @property
    def is_stored(self) -> bool:
        """True: they are here."""
        return True

    @property
    def identity(self) -> tuple[Any, ...]:
        """Nothing: what values in memory equal is known by comparing them."""
        return ()

    @property
    def is_writable(self) -> bool:
        """True: they are here."""
        return True

    def read(self, selection: tuple[Any, ...]) -> Values:
        """The selected values, as a copy."""
        return np.array(self.values[selection])

    def write(self, selection: tuple[Any, ...], values: Values) -> None:
        """Change the selected values, in a copy of what was given."""
        if self.dtype == object:  # numpy would put a whole array into one element.
            np.broadcast_to(values, np.shape(self.values[selection]))
        if self._room is None:
            self.values = self._room = self.values.copy()
        self.values[selection] = values if values.ndim else values[()]

    def append(self, values: Values, axis: int) -> None:
        """Add values at the end of an axis; many small pieces cost as much as one large one."""
        length, more = self.shape[axis], values.shape[axis]
        room = self._room
        if room is None or not _has_room(room.shape, self.shape, axis, length + more):
            room = np.empty(_along(self.shape, axis, max(length + more, 2 * length)), self.dtype)
            room[_at(axis, slice(length))] = self.values
        room[_at(axis, slice(length, length + more))] = values
        self._room = room
        self.values = room[_at(axis, slice(length + more))]

    def shared(self) -> MemorySource:
        """The same values for another array, until one of the two changes them."""
        self._room = None
        return MemorySource(self.values)


def _at(axis: int, part: slice) -> tuple[slice, ...]:
    """A selection of a part of one axis."""
    return (*(slice(None),) * axis, part)


def _along(shape: tuple[int, ...], axis: int, length: int) -> tuple[int, ...]:
    """A shape with another length of one axis."""
    return (*shape[:axis], length, *shape[axis + 1 :])


def _has_room(room: tuple[int, ...], shape: tuple[int, ...], axis: int, length: int) -> bool:
    """Whether an array of a shape can grow inside another along an axis."""
    return room[axis] >= length and _along(room, axis, 0) == _along(shape, axis, 0)


class Array(NDArrayOperatorsMixin):
    """An n-dimensional array in memory or on disk; values are read when they are asked for.

    ``array[10:20]`` reads ten values. An array on disk opens its file for each request and closes
    it again, so it can be pickled, sent to another process, and never keeps a file busy. It raises
    `StaleFileError` when its file has changed since it was read.
    """

    __slots__ = ("source",)

    default_place: ClassVar[Place] = Dataset()
    described_as: ClassVar[str] = "array"

    source: Source

    def __init__(self, values: Any) -> None:
        """Take values, or a source of values.

        Raises:
            TypeError: the values are no array of numbers, booleans, strings or records.
        """
        if isinstance(values, np.ndarray | list):
            self.source = MemorySource(_as_values(values))
        elif isinstance(values, Array):
            source = values.source
            self.source = source.shared() if isinstance(source, MemorySource) else source
        elif hasattr(values, "stored_type") and hasattr(values, "read"):
            self.source = values
        else:
            self.source = MemorySource(_as_values(values))

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return self.source.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements; ``object`` for strings."""
        return self.source.dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.source.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.source.shape)

    @property
    def chunks(self) -> tuple[int, ...] | None:
        """Shape of a chunk, where it is stored in chunks."""
        return self.source.chunks

    @property
    def stored_type(self) -> StoredType | None:
        """Exact HDF5 type, where it comes from HDF5."""
        return self.source.stored_type

    @property
    def is_stored(self) -> bool:
        """Whether all values can be there: a hostile file may claim more than it has room for."""
        return self.source.is_stored

    @property
    def type_text(self) -> str:
        """Name of the element type for people: ``float64``, ``string`` and so on."""
        stored = self.stored_type
        if stored is not None:
            return stored.text
        return type_name(self.dtype)

    @property
    def is_numeric(self) -> bool:
        """Whether the elements are integers or floating point numbers."""
        return self.dtype.kind in "iuf"

    @property
    def is_text(self) -> bool:
        """Whether the elements are strings."""
        stored = self.stored_type
        return self.dtype.kind in "OS" if stored is None else stored.kind == "string"

    def __bool__(self) -> bool:
        """True: an array is there, even without values."""
        return True

    def __len__(self) -> int:
        """Length of the first axis."""
        if not self.shape:
            raise TypeError("an array without axes has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        """The values along the first axis, read in blocks."""
        row = max(1, math.prod(self.shape[1:]) * self._itemsize)
        step = max(1, BLOCK_BYTES // row)
        for start in range(0, len(self), step):
            yield from self.source.read((slice(start, start + step),))

    def __getitem__(self, key: Any) -> Any:
        """Read the selected values: an array of numpy's, or a scalar where one is selected."""
        return self.source.read(_as_selection(key))[()]

    def __setitem__(self, key: Any, values: Any) -> None:
        """Change the selected values.

        In a file that is open for it (`nixschema.open`) they are changed in place. Else they are
        taken into memory first, and the file they come from stays as it is.

        Raises:
            TypeError: the values are of a kind that the array does not have.
            ValueError: they do not fit the selection, or the array's type.
            IndexError: there is no such place.
        """
        source = self._writable()
        source.write(_as_selection(key), converted(values, self.dtype))
        self.source = source

    def append(self, values: Any, axis: int = 0) -> None:
        """Add values at the end of an axis; see `__setitem__` for where.

        Args:
            values: as many axes as the array, or one less for a single row; all other axes are as
                long as the array's.
            axis: number of the axis, from 0.

        Raises:
            TypeError: the values are of a kind that the array does not have.
            ValueError: they do not fit the array's shape or type, or there is no such axis.
        """
        shape = self.shape
        axes = len(shape)
        if not -axes <= axis < axes:
            raise ValueError(f"there is no axis {axis} in an array of shape {shape}")
        axis %= axes
        piece = converted(values, self.dtype)
        if piece.ndim == axes - 1:
            piece = np.expand_dims(piece, axis)
        if piece.ndim != axes or _along(piece.shape, axis, 0) != _along(shape, axis, 0):
            raise ValueError(
                f"values of shape {piece.shape} cannot be appended along axis {axis} "
                f"to an array of shape {shape}"
            )
        source = self._writable()
        source.append(piece, axis)
        self.source = source

    def _writable(self) -> WritableSource:
        """Where values can be changed: where they are, or in memory."""
        if getattr(self.source, "is_writable", False):
            return cast("WritableSource", self.source)
        return MemorySource(self.read())

    def read(self) -> Values:
        """Read all values."""
        return self.source.read(())

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Values:
        """All values, for numpy."""
        if copy is False and not isinstance(self.source, MemorySource):
            raise ValueError("values on disk cannot be had without a copy")
        values = self.source.values if isinstance(self.source, MemorySource) else self.read()
        return np.array(values, dtype=dtype) if copy else np.asarray(values, dtype=dtype)

    def __copy__(self) -> Array:
        """An array of the same values; a change of one is none of the other."""
        return Array(self)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Compute with the values, as numpy does with its own arrays."""
        if any(isinstance(one, Array) for one in options.get("out", ())):
            return NotImplemented
        values = [np.asarray(one) if isinstance(one, Array) else one for one in inputs]
        return getattr(ufunc, method)(*values, **options)

    __eq__ = object.__eq__
    __ne__ = object.__ne__
    __hash__ = object.__hash__

    def kept_open(self) -> AbstractContextManager[Any]:
        """Keep the file that the values lie in open for many reads, as long as a block lasts."""
        keep = getattr(self.source, "kept_open", nullcontext)
        return keep()

    def blocks(self, limit: int = BLOCK_BYTES) -> Iterator[tuple[tuple[slice, ...], Values]]:
        """Read the values piece by piece, in order of the first axis.

        Yields:
            The place of a piece (a slice for each axis) and its values, at most about ``limit``
            bytes at a time.
        """
        for selection in self.cuts(limit):
            yield selection, self.source.read(selection)

    def cuts(self, limit: int = BLOCK_BYTES) -> Iterator[tuple[slice, ...]]:
        """The places of the pieces that `blocks` reads."""
        if not self.size:
            return
        block = _block_shape(self.shape, self._itemsize, limit, self.chunks)
        starts = [range(0, length, step) for length, step in zip(self.shape, block, strict=True)]
        for corner in product(*starts):
            yield tuple(
                slice(start, min(start + step, length))
                for start, step, length in zip(corner, block, self.shape, strict=True)
            )

    @property
    def _itemsize(self) -> int:
        return _TEXT_BYTES if self.dtype == object else max(1, self.dtype.itemsize)

    def equals(self, other: Array, *, values: bool = True) -> bool:
        """Whether shape, element type and (read in blocks) all values agree; NaN equals NaN."""
        if self.source is other.source:
            return True
        if self.shape != other.shape or not _same_type(self, other):
            return False
        identity = self.source.identity
        if not values or (identity and identity == other.source.identity):
            return True
        return all(
            same_values(self.source.read(cut), other.source.read(cut)) for cut in self.cuts()
        )

    def __repr__(self) -> str:
        """Tell type and shape; never reads values."""
        return f"<Array {self.type_text} {shape_text(self.shape)}>"


def _as_selection(key: Any) -> tuple[Any, ...]:
    return tuple(key) if isinstance(key, tuple) else (key,)


def converted(values: Any, dtype: np.dtype[Any]) -> Values:
    """Values in the type of an array, refused where that would change them.

    Numbers with a fraction lose digits where the array's have fewer, as everywhere.

    Raises:
        TypeError: the array's type is of another kind, such as text or whole numbers.
        ValueError: some are beyond its range.
    """
    if type(values) is np.ndarray and values.dtype == dtype and dtype.kind in "iufcb":
        return values
    given = values.read() if isinstance(values, Array) else _as_values(values)
    if given.dtype == dtype:
        return given
    if not given.size and given.dtype.kind == "f":  # An empty list, of any type.
        return given.astype(dtype)
    fits = dtype.kind in _KINDS.get(given.dtype.kind, "")
    if given.dtype.names or dtype.names or not fits:
        raise TypeError(
            f"values of type {type_name(given.dtype)} cannot be kept in an array of "
            f"{type_name(dtype)}"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        fitting = given.astype(dtype)
        kept = fitting == given
        if given.dtype.kind in "fc" and dtype.kind in "fc":
            kept = np.isfinite(fitting) | ~np.isfinite(given)
    if not np.all(kept):
        odd = given[~np.atleast_1d(kept)] if given.ndim else given
        raise ValueError(f"{odd.ravel()[0]} does not fit {type_name(dtype)}")
    return fitting


_KINDS = {"b": "b", "i": "iufc", "u": "iufc", "f": "fc", "c": "c", "S": "S"}
"""Kinds of numpy's types, each with those that may hold its values."""


def type_name(dtype: np.dtype[Any]) -> str:
    """Name of an element type for people."""
    return "string" if dtype.kind == "O" else str(dtype)


def _in_memory(values: Values, dtype: np.dtype[Any]) -> MemorySource:
    return MemorySource(values.astype(dtype, copy=False))


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as people read it: ``100 x 3``."""
    return " x ".join(map(str, shape)) if shape else "scalar"


def same_values(left: Values, right: Values) -> bool:
    """Whether two arrays of one type hold the same values; NaN equals NaN."""
    if left.shape != right.shape:
        return False
    if left.dtype.names:
        return all(same_values(left[name], right[name]) for name in left.dtype.names)
    if left.dtype == object:
        pairs = zip(left.ravel(), right.ravel(), strict=True)
        return all(_same_item(one, two) for one, two in pairs)
    if left.dtype.kind in "fc":
        return bool(np.array_equal(left, right, equal_nan=True))
    return bool(np.array_equal(left, right))


def _same_item(one: Any, two: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(two, np.ndarray):
        return one.dtype == two.dtype and same_values(one, two)
    return bool(one == two)


def _same_type(one: Array, two: Array) -> bool:
    left, right = one.stored_type, two.stored_type
    if one.is_text and two.is_text:
        return one.dtype == two.dtype
    if left is not None and right is not None:
        return left == right
    return one.dtype == two.dtype


def _block_shape(
    shape: tuple[int, ...], itemsize: int, limit: int, chunks: tuple[int, ...] | None
) -> list[int]:
    block = list(shape)
    for axis, length in enumerate(shape):
        if math.prod(block) * itemsize <= limit:
            break
        rest = math.prod(block[axis + 1 :]) * itemsize
        step = max(1, limit // rest)
        if chunks is not None:
            chunk = max(1, chunks[axis])
            step = max(chunk, step - step % chunk)
        block[axis] = min(length, step)
    return block


def _record_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Records as they are stored: without gaps, and with text of any length.

    Raises:
        TypeError: there are dates among them.
    """
    if dtype.names:
        return np.dtype([(name, _record_dtype(dtype[name])) for name in dtype.names])
    if dtype.subdtype is not None:
        return np.dtype((_record_dtype(dtype.subdtype[0]), dtype.subdtype[1]))
    if dtype.kind in "Mm":
        raise TypeError("NIX has no dates in arrays: give numbers with a unit")
    return np.dtype(object) if dtype.kind == "U" else dtype


def _check_records(records: Values) -> None:
    for name in records.dtype.names or ():
        column = records[name]
        odd = (item for item in column.ravel() if not isinstance(item, str | bytes))
        if column.dtype == object and (item := next(odd, _NOTHING)) is not _NOTHING:
            raise TypeError(f"column `{name}` holds objects: {item!r:.60} is no text")


_NOTHING: Any = object()


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{text!r:.60} has half a character in it") from None


def _as_texts_or_numbers(given: Values) -> Values:
    """Texts, or the numbers that objects of Python are.

    Raises:
        TypeError: they are neither.
    """
    if all(isinstance(item, str) for item in given.ravel()):
        for item in given.ravel():
            _check_text(item)
        return given
    for item in given.ravel():
        if not isinstance(item, bool | int | float | complex | np.number | np.bool_ | str):
            what = "write NaN for a missing number" if item is None else "this is no value of NIX"
            raise TypeError(
                "values must all be numbers, all booleans, all strings or all records: "
                f"{item!r:.60}: {what}"
            )
    numbers = np.array(given.tolist())
    if numbers.dtype.kind not in "iufcb":
        mixed = "texts and numbers" if numbers.dtype.kind in "US" else "numbers beyond 64 bits"
        raise TypeError(
            f"values must all be numbers, all booleans, all strings or all records, not {mixed}"
        )
    return numbers


def _as_values(values: Any) -> Values:
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise ValueError("NIX has no masks: fill them, as with `.filled(numpy.nan)`")
    try:
        array = np.asarray(values)
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        raise ValueError("rows of different length make no array") from None
    if array.dtype.kind == "V" and array.dtype.itemsize == 0:
        raise TypeError("records without columns hold nothing")
    if array.dtype.names:
        _check_records(array)
        return array.astype(_record_dtype(array.dtype), copy=False)
    if array.dtype.kind == "U":
        # numpy makes texts of numbers that stand among texts: keep what was given, and look again.
        array = array.astype(object) if isinstance(values, np.ndarray) else np.array(values, object)
    if array.dtype.kind == "O":
        return _as_texts_or_numbers(array)
    if array.dtype.kind in "Mm":
        raise TypeError("NIX has no dates in arrays: give numbers with a unit")
    return array
