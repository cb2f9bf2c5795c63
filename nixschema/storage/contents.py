"""Datasets of a file that is being written, made of arrays and lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nixschema.array import Array, Source
from nixschema.errors import NixError
from nixschema.layout import FieldPlace
from nixschema.storage import making
from nixschema.storage.arrays import spot, write_array
from nixschema.storage.copying import Copier
from nixschema.storage.lists import still_holds, write_list
from nixschema.storage.losses import Losses

FAULTS = (OSError, RuntimeError, ValueError, TypeError, KeyError, OverflowError)
"""What libhdf5 and h5py raise about values that they cannot read, or a file cannot hold."""


class Contents:
    """Makes datasets; those that several links of a file led to are made once."""

    def __init__(
        self, check: Callable[[], None], losses: Losses, compression: int | None, afresh: bool
    ) -> None:
        self.copier = Copier(check)
        self._check = check
        self._losses = losses
        self._compression = compression
        self._afresh = afresh
        self._shared: dict[Any, Any] = {}

    def of_array(
        self,
        array: Array,
        path: str,
        parent: Any,
        name: str | None,
        *,
        bulk: bool = False,
        foreign: bool = False,
    ) -> Any:
        """A dataset of an array's values; None where they cannot be had.

        Args:
            array: the values.
            path: where they belong, for messages.
            parent: the group.
            name: name of the dataset; None to link it later.
            bulk: they are what is compressed when a file is.
            foreign: no field claims them, so they keep their type.
        """
        key = spot(array)
        if key in self._shared:
            return self._linked(key, parent, name)
        try:
            made = write_array(
                parent,
                name,
                array,
                self.copier,
                self._check,
                compression=self._compression if bulk else None,
                as_text=not foreign,
                as_booleans=self._afresh and not foreign,
            )
        except FAULTS as error:
            self._check()
            self._losses.note(path, error)
            return None
        if key is not None:
            self._shared[key] = made
        return made

    def of_list(
        self,
        values: list[Any],
        one: FieldPlace,
        storage: str | None,
        form: Source | None,
        parent: Any,
        name: str | None,
    ) -> Any:
        """A dataset of a list; see `write_list`."""
        try:
            key = spot(Array(form)) if form is not None and still_holds(form, values) else None
            if key in self._shared:
                return self._linked(key, parent, name)
            made = write_list(parent, name, one, values, storage, form, self.copier)
        except NixError:
            # How it was stored is not known any more; the values are here.
            return write_list(parent, name, one, values, storage, None, self.copier)
        if key is not None:
            self._shared[key] = made
        return made

    def _linked(self, key: Any, parent: Any, name: str | None) -> Any:
        made = self._shared[key]
        if name is not None:
            making.hard_link(made, parent, name)
        return made
