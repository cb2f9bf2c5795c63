"""Where values come from that a description names: files of other formats, as sources of arrays.

Each is a `nixschema.array.Source`: it opens its file when values are asked for, reads no more than
those, can be pickled, and notices when its file changes.
"""

from __future__ import annotations

from nixschema.array import Array, Source
from nixschema.sources.spec import DataSpec, SourceError

__all__ = ["DataSpec", "SourceError", "check", "open_source", "write_values"]


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
    raise NotImplementedError


def check(source: Source) -> None:
    """Read all values once, in blocks, and see that each can be had as it is asked for.

    Raises:
        SourceError: one cannot.
    """
    raise NotImplementedError


def write_values(array: Array, path: str, *, folder: str | None = None) -> DataSpec:
    """Write the values of an array beside a description, and say where they are.

    Args:
        array: the values.
        path: the file, without a suffix.
        folder: folder of the description; that of the file where not given.

    Returns:
        `file`, and `dataset` where it is an HDF5 file: one that numpy's format cannot say exactly.

    Raises:
        OSError: the file cannot be written, or values not be read.
    """
    raise NotImplementedError
