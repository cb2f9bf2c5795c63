"""Datasets of a file that is being written, made of arrays and lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from nixschema.array import Array, Source
from nixschema.errors import NixError
from nixschema.layout import FieldPlace
from nixschema.storage import making
from nixschema.storage.arrays import spot, write_array
from nixschema.storage.copying import Copier
from nixschema.storage.faults import FAULTS
from nixschema.storage.lists import still_holds, write_list
from nixschema.storage.losses import Losses
from nixschema.storage.names import name_bytes
from nixschema.storage.present import Present

Where: TypeAlias = Callable[[], str]
"""Gives a path, which takes long to make in a file that is nested deep."""


class Contents:
    """Makes datasets; those that several links of a file led to are made once."""

    def __init__(
        self,
        check: Callable[[], None],
        losses: Losses,
        compression: int | None,
        afresh: bool,
        present: Present | None = None,
        root: Any = None,
    ) -> None:
        self.copier = Copier(check, root)
        self._present = present
        self._check = check
        self._losses = losses
        self._compression = compression
        self._afresh = afresh
        self._shared: dict[Any, Any] = {}

    def of_array(
        self,
        array: Array,
        where: Where,
        parent: Any,
        name: str | None,
        owner: Any,
        *,
        bulk: bool = False,
        foreign: bool = False,
    ) -> Any:
        """A dataset of an array's values; None where they cannot be had.

        Args:
            array: the values.
            where: gives the path where they belong, for messages.
            parent: the group.
            name: name of the dataset; None to link it later.
            owner: tells what they are the values of; None for a new dataset.
            bulk: they are what is compressed when a file is.
            foreign: no field claims them, so they keep their type.
        """
        key = spot(array)
        if key in self._shared:
            return self._linked(key, parent, name)
        try:
            made = self._present_one(array.source, owner, parent, name)
            made = made or write_array(
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
            self._losses.note(where(), error)
            if name is not None and name_bytes(name) in parent:
                parent.unlink(name_bytes(name))  # Half of it would look like all of it.
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
        where: Where,
        parent: Any,
        name: str | None,
        owner: Any = None,
    ) -> Any:
        """A dataset of a list, see `write_list`; None where no file can hold it.

        Args:
            values: texts, booleans or numbers.
            one: the field it is for.
            storage: name of the element type, where it is not the widest.
            form: the dataset it was read from.
            where: gives the path where it belongs, for messages.
            parent: the group.
            name: name of the dataset; None to link it later.
            owner: tells what it is the values of; None for a new dataset.
        """
        try:
            return self._of_list(values, one, storage, form, parent, name, owner)
        except NixError:
            # How it was stored is not known any more; the values are here.
            return self.of_list(values, one, storage, None, where, parent, name)
        except FAULTS as error:
            self._check()
            self._losses.note(where(), error)
            return None

    def _of_list(
        self,
        values: list[Any],
        one: FieldPlace,
        storage: str | None,
        form: Source | None,
        parent: Any,
        name: str | None,
        owner: Any,
    ) -> Any:
        same = form is not None and still_holds(one, form, values)
        key = spot(Array(form)) if same else None
        if key in self._shared:
            return self._linked(key, parent, name)
        made = self._present_one(form, owner, parent, name) if same else None
        made = made or write_list(parent, name, one, values, storage, form, self.copier)
        if key is not None:
            self._shared[key] = made
        return made

    def _present_one(self, source: Source | None, owner: Any, parent: Any, name: str | None) -> Any:
        """The dataset that values lie in already, linked once more; or None."""
        if self._present is None or owner is None:
            return None
        found = self._present.dataset(source, owner)
        if found is not None and name is not None:
            making.hard_link(found, parent, name)
        return found

    def _linked(self, key: Any, parent: Any, name: str | None) -> Any:
        made = self._shared[key]
        if name is not None:
            making.hard_link(made, parent, name)
        return made
