"""Values in another element type, refused where that would change them."""

from __future__ import annotations

from typing import Any

import numpy as np

from nixschema.array import Source, StoredType, Values, type_name
from nixschema.sources.spec import SourceError
from nixschema.sources.views import View
from nixschema.storage.selecting import block_around


class Converted(View):
    """The values of another source in another type; they are converted when they are read."""

    __slots__ = ("_dtype", "_stored")

    def __init__(
        self, inner: Source, dtype: np.dtype[Any], stored: StoredType | None = None
    ) -> None:
        """Take a source.

        Args:
            inner: the values.
            dtype: the type that they are to have.
            stored: the HDF5 type, where numpy's does not say it.

        Raises:
            SourceError: no value can have the type.
        """
        super().__init__(inner)
        self._dtype = dtype
        self._stored = stored
        fitting(np.empty((0,), dtype=inner.dtype), dtype)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with the order of bytes."""
        return Converted, (self.inner, self._dtype, self._stored)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements."""
        return self._dtype

    @property
    def stored_type(self) -> StoredType | None:
        """The HDF5 type that was asked for."""
        return self._stored

    @property
    def is_certain(self) -> bool:
        """False: a value may not fit."""
        return False

    def _how(self) -> tuple[Any, ...]:
        return ("as", str(self._dtype), self._stored and self._stored.encoded)

    def read(self, selection: tuple[Any, ...]) -> Values:
        """The selected values.

        Raises:
            SourceError: one would not be the same.
        """
        block = block_around(selection, self.shape)
        part = tuple(
            slice(start, start + count)
            for start, count in zip(block.starts, block.counts, strict=True)
        )
        values = fitting(np.asarray(self.inner.read(part)), self._dtype, block.starts)
        return np.asarray(values[block.inside], dtype=self._dtype)


def fitting(
    values: Values, dtype: np.dtype[Any], start: tuple[int, ...] = (), *, inline: bool = False
) -> Values:
    """Values in another type.

    Floating point numbers lose digits where the type has fewer; nothing else is lost.

    Args:
        values: what is given.
        dtype: the type that they are to have.
        start: position of the first one, for messages.
        inline: whether they are in the description itself.

    Raises:
        SourceError: one would not be the same.
    """
    if values.dtype == dtype:
        return values if values.dtype.metadata == dtype.metadata else values.astype(dtype)
    if dtype.names or values.dtype.names:
        return _records(values, dtype, start, inline)
    if values.dtype.subdtype or dtype.subdtype or not _may_become(values.dtype, dtype):
        raise SourceError(
            f"values are of type {type_name(values.dtype)}, which cannot become {type_name(dtype)}",
            rule="NIX054",
            key="dtype",
        )
    made, kept = _made(values, dtype)
    if not np.all(kept):
        local = np.unravel_index(int(np.argmin(kept)), kept.shape) if kept.ndim else ()
        place = tuple(int(one) for one in local)
        whole = tuple(a + b for a, b in zip(place, start or (0,) * len(place), strict=False))
        odd = values[place]
        told = str(odd)[:60]
        where = f" at {list(whole)}" if whole else ""
        raise SourceError(
            f"`{told}`{where} does not fit {type_name(dtype)}",
            rule="NIX054",
            key="dtype",
            help="give a `dtype` that can hold it",
            place=whole if inline else None,
        )
    return made


_MAY_BECOME = {
    "b": "biuf",
    "i": "biufc",
    "u": "biufc",
    "f": "iufc",
    "c": "c",
    "S": "SO",
    "O": "SO",
    "V": "V",
}
"""Kinds of types, each with those that may hold its values."""


def _may_become(given: np.dtype[Any], wanted: np.dtype[Any]) -> bool:
    if given.kind == "V" and given.itemsize != wanted.itemsize:
        return False
    return wanted.kind in _MAY_BECOME.get(given.kind, "")


def _made(values: Values, dtype: np.dtype[Any]) -> tuple[Values, Any]:
    """Values in another type, and which of them are the same."""
    given = values.dtype
    if given.kind == "V":
        return values.view(dtype), np.True_
    if given.kind in "SO":
        return _texts(values, dtype)
    with np.errstate(all="ignore"):
        made = values.astype(dtype)
        if given.kind in "fc" and dtype.kind in "fc":
            return made, np.isfinite(made) | ~np.isfinite(values)
        if dtype.kind == "b":
            return made, (values == 0) | (values == 1)
        if dtype.kind in "iu" and given.kind in "iu":
            limits = np.iinfo(dtype)
            own = np.iinfo(given)
            kept = np.ones(values.shape, dtype=bool)
            if own.min < limits.min:
                kept &= values >= limits.min
            if own.max > limits.max:
                kept &= values <= limits.max
            return made, kept
        if dtype.kind in "iu" and given.kind == "f":
            limits = np.iinfo(dtype)
            wide = values.astype(np.float64) if given.itemsize < 8 else values
            beyond = 2.0 ** (limits.bits - (dtype.kind == "i"))
            inside = (wide >= float(limits.min)) & (wide < beyond)
            return made, inside & (np.trunc(wide) == wide)
        if given.kind in "iu":
            # Large integers may be rounded up to what no integer of the type is.
            back = made.real
            beyond = 2.0 ** (np.iinfo(given).bits - (given.kind == "i"))
            kept = np.isfinite(back) & (back < beyond)
            return made, kept & (np.where(kept, back, 0).astype(given) == values)
    return made, np.True_


def _texts(values: Values, dtype: np.dtype[Any]) -> tuple[Values, Any]:
    """Texts of any length or of a fixed number of bytes, from either."""
    if values.dtype.kind == "S" and dtype.kind == "S":
        longest = np.char.str_len(values) if values.size else np.zeros(values.shape, dtype=int)
        return values.astype(dtype), longest <= dtype.itemsize
    made = np.empty(values.shape, dtype=dtype)
    kept = np.ones(values.shape, dtype=bool)
    for place in np.ndindex(values.shape):
        one: Any = values[place]
        if dtype.kind == "O":
            try:
                made[place] = one.decode() if isinstance(one, bytes) else one
            except UnicodeDecodeError:
                kept[place] = False
            else:
                kept[place] = "\0" not in made[place]
        else:
            raw = one.encode("utf-8", "surrogateescape") if isinstance(one, str) else bytes(one)
            kept[place] = len(raw) <= dtype.itemsize and not raw.endswith(b"\0")
            if kept[place]:
                made[place] = raw
    return made, kept


def _records(values: Values, dtype: np.dtype[Any], start: tuple[int, ...], inline: bool) -> Values:
    given, wanted = values.dtype.names, dtype.names
    if given is None or wanted is None or sorted(given) != sorted(wanted):
        raise SourceError(
            f"values are of type {type_name(values.dtype)!s:.200}, which cannot become "
            f"{type_name(dtype)!s:.200}: records keep their columns",
            rule="NIX054",
            key="dtype",
        )
    made = np.empty(values.shape, dtype=dtype)
    for name in wanted:
        try:
            made[name] = fitting(values[name], dtype[name].base, start, inline=inline)
        except SourceError as error:
            told = f"column `{name:.60}`: {error.message}"
            raise SourceError(
                told, rule=error.rule, key=error.key, help=error.help, place=error.place
            ) from None
    return made
