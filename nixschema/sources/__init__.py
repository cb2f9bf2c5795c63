"""Where values come from that a description names: files of other formats, as sources of arrays.

Each is a `nixschema.array.Source`: it opens its file when values are asked for, reads no more than
those, can be pickled, and notices when its file changes.
"""

from __future__ import annotations

from nixschema.array import Array, Source
from nixschema.sources.spec import DataSpec, SourceError

__all__ = [
    "DataSpec",
    "SourceError",
    "check",
    "header_of",
    "open_source",
    "open_table",
    "write_values",
]


def open_source(
    spec: DataSpec, folder: str, *, entity: str = "", allow_outside: bool = False
) -> Source:
    """The values that a description speaks of; they are read when they are asked for.

    Shapes, types and checksums are judged here; `check` judges every value.

    Args:
        spec: what the description says.
        folder: the folder of the description.
        entity: path of the dataset in a NIX file, for the key `from`:
            ``/data/session/data_arrays/lfp/data``.
        allow_outside: whether files may lie outside the folder.

    Raises:
        SourceError: there are no such values.
    """
    from nixschema.sources.opening import opened_source

    return opened_source(spec, folder, entity, allow_outside=allow_outside)


def open_table(spec: DataSpec, folder: str, *, allow_outside: bool = False) -> Source:
    """A table as records on one axis: all columns of a CSV file, or an array of records.

    Without `dtype` each column of a CSV file has the type of its fields. With one, which is that
    of records, columns are taken by name.

    Raises:
        SourceError: there is no such table.
    """
    from nixschema.sources.opening import opened_source

    made = opened_source(spec, folder, "", allow_outside=allow_outside, as_records=True)
    if made.dtype.names is None or len(made.shape) != 1:
        raise SourceError("values are no table: expected records on one axis", rule="NIX054")
    return made


def header_of(spec: DataSpec, folder: str, *, allow_outside: bool = False) -> tuple[str, ...]:
    """Names of the columns of a CSV file; nothing where it has no header.

    Raises:
        SourceError: there is no such file, or no table in it.
    """
    from nixschema.sources.opening import header_of

    return header_of(spec, folder, allow_outside=allow_outside)


def check(source: Source) -> None:
    """See that each value can be had as it is asked for: all are read once, in blocks.

    Numbers that lie in a file as they are in memory are not: there is nothing to refuse.

    Raises:
        SourceError: one cannot.
    """
    if not getattr(source, "is_certain", False):
        for _ in Array(source).blocks():
            pass


def write_values(
    array: Array, path: str, *, folder: str | None = None, exact: bool = False
) -> DataSpec:
    """Write the values of an array beside a description, and say where they are.

    Args:
        array: the values.
        path: the file, without a suffix.
        folder: folder of the description; that of the file where not given.
        exact: whether chunks and filters are to be kept too, which takes an HDF5 file.

    Returns:
        `file`, and `dataset` where it is an HDF5 file: one that numpy's format cannot say exactly.

    Raises:
        OSError: the file cannot be written, or values not be read.
    """
    from nixschema.sources.writing import written_values

    return written_values(array, path, folder, exact=exact)
