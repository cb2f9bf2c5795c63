"""What a description says about where values come from, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nixschema.errors import NixError


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSpec:
    """Where the values of an array come from, in the words of a description.

    A key that is None is not given. Kinds are checked when the source is opened, not here.
    """

    values: Any = None
    """What is written in the description: nested lists, or an array of numpy's."""
    file: str | None = None
    """A file, relative to the folder of the description, with `/` on every system."""
    format: str | None = None
    """``npy``, ``npz``, ``csv``, ``raw`` or ``hdf5``; by the suffix of the file where not given."""
    member: str | None = None
    """Name of the array in a `.npz` file; may be left out where there is only one."""
    dataset: str | None = None
    """Path of a dataset in an HDF5 file."""
    column: str | int | None = None
    """A column of a CSV file, by name or counted from 0."""
    columns: Sequence[str | int] | str | None = None
    """Columns side by side, or ``all``."""
    header: bool | None = None
    """Whether a CSV file begins with the names of its columns; it does where not said."""
    delimiter: str | None = None
    """What stands between the fields of a CSV file: a comma where not said."""
    decimal: str | None = None
    """What stands before the decimals of a number: a point where not said."""
    skip_rows: int | None = None
    """Lines before the header."""
    comment: str | None = None
    """What lines begin with that are passed over."""
    missing: Sequence[str] | str | None = None
    """Fields that stand for a missing number."""
    encoding: str | None = None
    """Encoding of a CSV file: UTF-8 where not said."""
    dtype: Any = None
    """Element type: a name, or a list of ``{name: dtype}`` for records."""
    shape: Sequence[int] | None = None
    """Length of each axis; of a raw file one may be -1."""
    order: str | None = None
    """Order of a raw file: ``C`` or ``F``."""
    offset: int | None = None
    """Bytes before the values in a raw file."""
    fill: Any = None
    """The value of all elements of an array without values."""
    origin: str | None = None
    """The key `from`: the NIX file in which the same entity has the values."""
    select: str | None = None
    """Part of the array, a slice or an index for each axis: ``0:1000, 3``."""
    transpose: Sequence[int] | None = None
    """The axes in their new order."""
    sha256: str | None = None
    """Checksum of the file, in hexadecimal."""
    compression: str | int | None = None
    """How the values are to be compressed: ``gzip``, ``none``, or a level from 0 to 9."""
    chunks: Sequence[int] | None = None
    """Shape of a chunk of the dataset that is made."""


class SourceError(NixError):
    """Values cannot be had from where a description says that they are."""

    def __init__(
        self,
        message: str,
        *,
        rule: str = "NIX052",
        key: str = "",
        help: str | None = None,
        line: int | None = None,
        place: tuple[int, ...] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        """What is there and what was expected."""
        self.rule = rule
        """Id of the rule that tells it: NIX051 to NIX055."""
        self.key = key
        """The key of `DataSpec` that it is about; nothing where it is all of it."""
        self.help = help
        """What to do."""
        self.line = line
        """Line of the file that the values are in (not of the description), from 1."""
        self.place = place
        """Index of a value, among those that the description itself has."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with all that is told."""
        return _source_error, (
            self.message,
            {name: getattr(self, name) for name in ("rule", "key", "help", "line", "place")},
        )


def _source_error(message: str, facts: dict[str, Any]) -> SourceError:
    return SourceError(message, **facts)
