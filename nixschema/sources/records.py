"""Records put together of columns that lie in different places."""

from __future__ import annotations

from typing import Any

import numpy as np

from nixschema.array import Array, Values
from nixschema.sources.outside import OutsideSource


class RecordsSource(OutsideSource):
    """Records of columns, which are read side by side."""

    __slots__ = ("columns",)

    def __init__(self, columns: dict[str, Array]) -> None:
        """Take columns of one length, one or more."""
        dtype = np.dtype([(name, one.dtype) for name, one in columns.items()])
        super().__init__((len(next(iter(columns.values()))),), dtype)
        self.columns = columns

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the columns."""
        return RecordsSource, (self.columns,)

    @property
    def is_stored(self) -> bool:
        """Whether all columns are there."""
        return all(one.is_stored for one in self.columns.values())

    def read(self, selection: tuple[Any, ...]) -> Values:
        """The selected records."""
        parts = {name: np.asarray(one[selection or ()]) for name, one in self.columns.items()}
        made = np.empty(next(iter(parts.values())).shape, self.dtype)
        for name, values in parts.items():
            made[name] = values
        return made
