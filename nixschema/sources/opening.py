"""From what a description says to a source of values."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

import numpy as np

from nixschema.array import Source, StoredType, Storing, type_name
from nixschema.errors import NotNix
from nixschema.model.refusal import did_you_mean
from nixschema.sources.converted import Converted
from nixschema.sources.csv import csv_source
from nixschema.sources.filled import Filled
from nixschema.sources.inline import inline_source
from nixschema.sources.npy import MOST_AXES, npy_source, npz_source
from nixschema.sources.place import check_sum, find
from nixschema.sources.raw import raw_source
from nixschema.sources.spec import DataSpec, SourceError
from nixschema.sources.table import Dialect, open_table
from nixschema.sources.types import element_type
from nixschema.sources.views import Part, Stored, Transposed
from nixschema.storage.datasets import DatasetSource
from nixschema.storage.faults import FAULTS
from nixschema.storage.files import Stamp

_SUFFIXES = {
    ".npy": "npy",
    ".npz": "npz",
    **dict.fromkeys((".csv", ".tsv", ".txt"), "csv"),
    **dict.fromkeys((".raw", ".bin", ".dat"), "raw"),
    **dict.fromkeys((".h5", ".hdf5", ".nix"), "hdf5"),
}

_FILE = frozenset(("file", "format", "sha256"))
_COMMON = frozenset(("dtype", "shape", "select", "transpose", "compression", "chunks"))

_KEYS = {
    "npy": _FILE,
    "npz": _FILE | {"member"},
    "csv": _FILE
    | {"column", "columns", "header", "delimiter", "decimal", "skip_rows", "comment", "missing"}
    | {"encoding"},
    "raw": _FILE | {"order", "offset"},
    "hdf5": _FILE | {"dataset"},
    "inline": frozenset(("values",)),
    "empty": frozenset(("fill",)),
    "from": frozenset(("origin", "sha256")),
}

_WORDS = {
    "npy": "a `.npy` file",
    "npz": "a `.npz` archive",
    "csv": "a CSV file",
    "raw": "a raw file",
    "hdf5": "an HDF5 file",
    "inline": "values in the description",
    "empty": "an array to be filled",
    "from": "values of another NIX file",
}

_LARGEST_CHUNK = 256 * 1024 * 1024


def opened_source(
    spec: DataSpec, folder: str, entity: str, *, allow_outside: bool, as_records: bool = False
) -> Source:
    """The values that a description speaks of; see `nixschema.sources.open_source`."""
    spec = _checked(spec)
    kind = _kind(spec)
    _refuse_strange_keys(spec, kind)
    dtype, stored = (None, None) if spec.dtype is None else element_type(spec.dtype)
    key = "origin" if kind == "from" else "file"
    path = spec.origin if kind == "from" else spec.file
    source: Source
    if path is None:
        source = _without_file(spec, kind, dtype, stored)
    else:
        whole = find(path, folder, key=key, allow_outside=allow_outside)
        with _named(path, key):
            stamp = Stamp.of(whole)
            if spec.sha256 is not None:
                check_sum(whole, stamp, spec.sha256)
            source = _of_file(spec, kind, whole, stamp, dtype, entity, as_records)
    if kind != "raw":
        _check_shape(source, spec.shape)
    source = _seen(source, spec)
    if kind == "from":
        _check_agreement(source, dtype, stored)
    elif dtype is not None and kind != "empty" and source.stored_type is not stored:
        source = _converted(source, dtype, stored)
    elif dtype is not None and source.dtype != dtype and stored is None:
        source = Converted(source, dtype)
    return _with_wishes(source, spec)


def header_of(spec: DataSpec, folder: str, *, allow_outside: bool) -> tuple[str, ...]:
    """Names of the columns of a CSV file; see `nixschema.sources.header_of`."""
    spec = _checked(spec)
    kind = _kind(spec)
    if kind != "csv" or spec.file is None:
        raise SourceError("values are in no CSV file: they have no header")
    _refuse_strange_keys(spec, kind)
    path = find(spec.file, folder, allow_outside=allow_outside)
    with _named(spec.file, "file"):
        return open_table(path, Stamp.of(path), _dialect(spec)).names


@contextmanager
def _named(file: str, key: str) -> Iterator[None]:
    """Name the file in what is raised about it, and have it be a `SourceError`."""
    try:
        yield
    except SourceError as error:
        error.message = f"`{file:.200}`{_at_line(error.line)}: {error.message}"
        error.args = (error.message,)
        raise
    except FAULTS as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"`{file:.200}` cannot be read: {reason:.300}", key=key) from None


def _at_line(line: int | None) -> str:
    return "" if line is None else f", line {line:,}"


def _converted(source: Source, dtype: np.dtype[Any], stored: StoredType | None) -> Source:
    if stored is not None and source.stored_type == stored:
        return source
    if stored is None and source.dtype == dtype and source.stored_type is None:
        return source
    if stored is None and source.dtype == dtype == np.dtype(object):
        return source
    return Converted(source, dtype, stored)


def _checked(spec: DataSpec) -> DataSpec:
    """The same, each key known to be of its kind.

    Raises:
        SourceError: one is not.
    """
    for one in fields(spec):
        value = getattr(spec, one.name)
        test = _TESTS.get(one.name)
        if value is not None and test is not None and not test[0](value):
            raise SourceError(
                f"`{value!r:.60}`; expected {test[1]}",
                rule=_RULES.get(one.name, "NIX052"),
                key=one.name,
            )
    return spec


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    return _is_integer(value) and 0 <= value < 2**63


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_shape(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) <= MOST_AXES
        and all(_is_integer(one) and -1 <= one < 2**63 for one in value)
        and sum(one < 0 for one in value) <= 1
    )


def _is_chunk(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(
        _is_integer(one) and 0 < one < 2**32 for one in value
    )


def _is_column(value: Any) -> bool:
    return isinstance(value, str) or _is_integer(value)


def _is_columns(value: Any) -> bool:
    is_list = isinstance(value, list | tuple) and len(value) > 0
    return isinstance(value, str) or (is_list and all(map(_is_column, value)))


def _is_delimiter(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 1 and value not in '\r\n"\0'


def _is_missing(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list | tuple) and all(map(_is_text, value)))


def _is_compression(value: Any) -> bool:
    return value in ("gzip", "none") or (_is_integer(value) and 0 <= value <= 9)


_TEXT = (_is_text, "text")

_TESTS: dict[str, tuple[Any, str]] = {
    **dict.fromkeys(("file", "origin", "format", "member", "dataset", "encoding"), _TEXT),
    **dict.fromkeys(("select", "sha256", "comment"), _TEXT),
    "column": (_is_column, "the name of a column, or its number from 0"),
    "columns": (_is_columns, "a list of names or numbers of columns, or `all`"),
    "header": (lambda value: isinstance(value, bool), "true or false"),
    "delimiter": (_is_delimiter, "a single character, such as `;`"),
    "decimal": (lambda value: value in (".", ","), "`.` or `,`"),
    "skip_rows": (_is_count, "a number of lines"),
    "offset": (_is_count, "a number of bytes"),
    "missing": (_is_missing, "a list of texts that stand for missing values"),
    "shape": (_is_shape, "a list of lengths of axes, at most one of them -1"),
    "order": (lambda value: value in ("C", "F"), "`C` or `F`"),
    "transpose": (lambda value: isinstance(value, list | tuple), "a list of numbers of axes"),
    "compression": (_is_compression, "`gzip`, `none`, or a level from 0 to 9"),
    "chunks": (_is_chunk, "a list of lengths, each at least 1"),
}

_RULES = {
    **dict.fromkeys(("shape", "select", "transpose", "chunks", "offset", "order"), "NIX053"),
    "sha256": "NIX055",
    "file": "NIX051",
    "origin": "NIX051",
}


def _kind(spec: DataSpec) -> str:
    """Which kind of source is meant.

    Raises:
        SourceError: none, or two of them.
    """
    given = [name for name in ("values", "file", "origin") if getattr(spec, name) is not None]
    if len(given) > 1:
        first, second = (_written(name) for name in given[:2])
        raise SourceError(
            f"`{first}` and `{second}`; expected one of them, as values come from one place",
            key=given[1],
        )
    if given == ["values"]:
        return "inline"
    if given == ["origin"]:
        return "from"
    if given == ["file"]:
        return _format(spec)
    if spec.shape is None:
        raise SourceError(
            "nothing says where values come from; expected `values`, `file`, or `shape` and "
            "`dtype` of an array to be filled"
        )
    return "empty"


def _format(spec: DataSpec) -> str:
    known = sorted(set(_SUFFIXES.values()))
    if spec.format is not None:
        if spec.format not in known:
            raise SourceError(
                f"there is no format `{spec.format:.60}`{did_you_mean(spec.format, known)}",
                key="format",
                help=f"formats are {', '.join(f'`{one}`' for one in known)}",
            )
        return spec.format
    name = (spec.file or "").rsplit("/", 1)[-1].lower()
    suffix = "." + name.rsplit(".", 1)[-1] if "." in name else ""
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    raise SourceError(
        f"the name `{name:.100}` does not tell the format of the file",
        key="file",
        help=f"give `format`, one of {', '.join(f'`{one}`' for one in known)}",
    )


def _written(name: str) -> str:
    """A key as it is in the description."""
    return "from" if name == "origin" else name


def _refuse_strange_keys(spec: DataSpec, kind: str) -> None:
    known = _KEYS[kind] | _COMMON
    for one in fields(spec):
        if getattr(spec, one.name) is not None and one.name not in known:
            raise SourceError(
                f"`{_written(one.name)}` says nothing about {_WORDS[kind]}", key=one.name
            )
    if kind == "raw" and spec.dtype is None:
        raise SourceError(
            "a raw file does not tell the type of its values; expected `dtype`",
            rule="NIX054",
            help="such as `dtype: <i2` for integers of two bytes, the low one first",
        )
    if kind == "empty" and spec.dtype is None:
        raise SourceError("an array to be filled has no type; expected `dtype`", rule="NIX054")
    if kind in ("empty", "from", "inline") and -1 in (spec.shape or ()):
        raise SourceError(
            "-1 stands for a length that a file tells, and there is none",
            rule="NIX053",
            key="shape",
        )


def _without_file(
    spec: DataSpec, kind: str, dtype: np.dtype[Any] | None, stored: StoredType | None
) -> Source:
    if kind == "inline":
        return inline_source(spec.values, dtype, stored)
    assert dtype is not None
    shape = tuple(spec.shape or ())
    return Filled(shape, dtype, spec.fill, stored)


def _of_file(
    spec: DataSpec,
    kind: str,
    path: str,
    stamp: Stamp,
    dtype: np.dtype[Any] | None,
    entity: str,
    as_records: bool,
) -> Source:
    if kind == "npy":
        return npy_source(path, stamp)
    if kind == "npz":
        return npz_source(path, stamp, spec.member)
    if kind == "csv":
        return csv_source(
            path,
            stamp,
            _dialect(spec),
            column=spec.column,
            columns=spec.columns,
            dtype=dtype,
            as_records=as_records,
        )
    if kind == "raw":
        return _raw(spec, path, stamp, dtype)
    place = entity if kind == "from" else spec.dataset
    if place is None:
        raise SourceError(
            "an HDF5 file has many datasets; expected `dataset`, the path of one", key="dataset"
        )
    return _dataset(path, stamp, place, "origin" if kind == "from" else "dataset")


def _dialect(spec: DataSpec) -> Dialect:
    if spec.column is not None and spec.columns is not None:
        raise SourceError("`column` and `columns`; expected one of them", key="columns")
    delimiter = spec.delimiter
    if delimiter is None:
        name = (spec.file or "").lower()
        delimiter = "\t" if name.endswith(".tsv") else ","
        if spec.decimal == "," and delimiter == ",":
            raise SourceError(
                "decimal commas, and commas between fields; expected `delimiter`",
                key="decimal",
                help='give `delimiter: ";"`, or what it is',
            )
    missing = [spec.missing] if isinstance(spec.missing, str) else spec.missing or ()
    encoding = spec.encoding or "utf-8"
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        encoding = "utf-8-sig"
    return Dialect(
        delimiter=delimiter,
        decimal=spec.decimal or ".",
        encoding=encoding,
        header=spec.header is not False,
        skip_rows=spec.skip_rows or 0,
        comment=spec.comment or "",
        missing=frozenset(one.strip() for one in missing),
    )


def _raw(spec: DataSpec, path: str, stamp: Stamp, dtype: np.dtype[Any] | None) -> Source:
    assert dtype is not None
    if dtype.hasobject:
        raise SourceError(
            f"values of type {type_name(dtype)} have no fixed number of bytes",
            rule="NIX054",
            key="dtype",
            help="give the bytes of a text, such as `S8`",
        )
    return raw_source(
        path,
        stamp,
        dtype,
        None if spec.shape is None else tuple(spec.shape),
        fortran=spec.order == "F",
        offset=spec.offset or 0,
    )


def _dataset(path: str, stamp: Stamp, place: str, key: str) -> Source:
    if "\0" in place:
        raise SourceError("the path of the dataset has a NUL in it", key=key)
    try:
        source = DatasetSource.within(path, stamp, place)
    except KeyError as error:
        if str(error.args[0]).endswith("is no dataset"):
            try:
                source = DatasetSource.within(path, stamp, f"{place}/data")
            except (KeyError, OSError):
                raise SourceError(
                    f"`{place:.200}` is a group; expected a dataset", key=key
                ) from None
        else:
            raise SourceError(f"{error.args[0]}", key=key) from None
    except NotNix as error:
        reason = getattr(error, "reason", str(error))
        raise SourceError(f"the file {reason}") from None
    except (OSError, RuntimeError) as error:
        raise SourceError(f"`{place:.200}` cannot be taken: {error}", key=key) from None
    if not source.is_stored:
        raise SourceError(
            f"`{place:.200}` says {math.prod(source.shape):,} values, for which the file has no "
            "room",
            key=key,
        )
    return source


def _check_shape(source: Source, shape: Any) -> None:
    if shape is None:
        return
    found, wanted = source.shape, tuple(shape)
    if len(found) != len(wanted) or any(
        two not in (one, -1) for one, two in zip(found, wanted, strict=True)
    ):
        raise SourceError(
            f"the values have the shape {list(found)}; expected {list(wanted)}",
            rule="NIX053",
            key="shape",
            help="`shape` is that of all values, before `select` and `transpose`",
        )


def _check_agreement(
    source: Source, dtype: np.dtype[Any] | None, stored: StoredType | None
) -> None:
    own = source.stored_type
    agrees = dtype is None or (own == stored if stored is not None else source.dtype == dtype)
    if not agrees:
        told = own.text if own is not None else type_name(source.dtype)
        wanted = stored.text if stored is not None else dtype and type_name(dtype)
        raise SourceError(
            f"the values there are of type {told}; expected {wanted}", rule="NIX054", key="dtype"
        )


_ITEM = re.compile(r"\s*(-?\d{1,18})?\s*(?:(:)\s*(-?\d{1,18})?\s*(?:(:)\s*(-?\d{1,18})?\s*)?)?")


def _seen(source: Source, spec: DataSpec) -> Source:
    """The part that is selected, its axes in the order that is asked for."""
    if spec.select is not None:
        source = Part(source, _selected(spec.select, source.shape))
    if spec.transpose is not None:
        axes = tuple(spec.transpose)
        if not all(map(_is_integer, axes)) or sorted(axes) != list(range(len(source.shape))):
            raise SourceError(
                f"`{list(axes)!r:.100}`; expected the numbers {list(range(len(source.shape)))} "
                f"in some order, one for each axis of {list(source.shape)}",
                rule="NIX053",
                key="transpose",
            )
        if axes != tuple(range(len(axes))):
            source = Transposed(source, axes)
    return source


def _selected(text: str, shape: tuple[int, ...]) -> tuple[range | int, ...]:
    given = text.strip().removeprefix("[").removesuffix("]").split(",")
    if len(given) > len(shape):
        raise _odd_selection(
            f"`{text:.100}` selects along {len(given)} axes; there are {len(shape)}"
        )
    items = list[range | int]()
    for axis, (one, length) in enumerate(zip(given, shape, strict=False)):
        match = _ITEM.fullmatch(one)
        if match is None or not one.strip():
            raise _odd_selection(f"`{one.strip():.60}` is no index, and no slice such as `0:1000`")
        first, is_slice, stop, _, step = match.groups()
        for bound, most in ((first, length - (is_slice is None)), (stop, length)):
            if bound is not None and not -length <= int(bound) <= most:
                raise _odd_selection(
                    f"`{one.strip():.60}` goes beyond axis {axis}, which has {length:,} values"
                )
        if is_slice is None:
            items.append(range(length)[int(first)])
            continue
        if step is not None and int(step) == 0:
            raise _odd_selection(f"`{one.strip():.60}` has a step of 0")
        items.append(range(length)[slice(_bound(first), _bound(stop), _bound(step))])
    items += [range(length) for length in shape[len(given) :]]
    return tuple(items)


def _bound(text: str | None) -> int | None:
    return None if text is None else int(text)


def _odd_selection(message: str) -> SourceError:
    return SourceError(
        message,
        rule="NIX053",
        key="select",
        help="give a slice or an index for each axis, such as `0:1000, 3`",
    )


def _with_wishes(source: Source, spec: DataSpec) -> Source:
    """The same, with how it is to be stored."""
    known: Storing | None = getattr(source, "storing", None)
    if spec.chunks is None and spec.compression is None:
        return source
    chunks = None if spec.chunks is None else tuple(spec.chunks)
    if chunks is not None:
        _check_chunks(chunks, source)
    level = spec.compression
    if isinstance(level, str):
        level = 4 if level == "gzip" else 0
    return Stored(source, Storing(chunks, level, known.fill if known else None))


def _check_chunks(chunks: tuple[int, ...], source: Source) -> None:
    if len(chunks) != len(source.shape):
        raise SourceError(
            f"chunks of {len(chunks)} axes for values of {len(source.shape)}",
            rule="NIX053",
            key="chunks",
        )
    size = math.prod(chunks) * max(1, source.dtype.itemsize)
    if size > _LARGEST_CHUNK:
        raise SourceError(
            f"chunks of {size:,} bytes; expected at most {_LARGEST_CHUNK:,}",
            rule="NIX053",
            key="chunks",
            help="about a million bytes are good for most uses",
        )
