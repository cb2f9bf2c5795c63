"""Where the values of arrays go when a file becomes a description: into the text, or beside it."""

from __future__ import annotations

import os
import re
from typing import Any, Literal, TypeAlias

import numpy as np

from nixschema.array import Array, Values
from nixschema.model.data_frame import element_text
from nixschema.model.fields import is_utf8_text as is_text
from nixschema.sources import write_values
from nixschema.storage.dataset_form import DatasetForm, dataset_form
from nixschema.storage.typenames import same_type_anew, type_name
from nixschema.text.emit import Flow

Data: TypeAlias = Literal["auto", "inline", "files", "none"]
"""Where values go: few into the text and others into files; all of them; or nowhere."""

INLINE = 32
"""So many values stand in the text."""

_LONGEST_NAME = 100

_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*\ud800-\udfff]|[. ]$')

_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$")


class Placing:
    """Puts values into the text, or into files beside it."""

    def __init__(
        self,
        data: Data,
        *,
        plain: bool,
        folder: str,
        shown: str,
        origin: str,
        is_json: bool = False,
    ) -> None:
        """Prepare.

        Args:
            data: where values go.
            plain: leave out how they are stored.
            folder: the folder that data files are written to; it is made when it is needed.
            shown: the same folder as the description names it.
            origin: the NIX file that values stay in, as the description names it.
            is_json: whether the text is JSON, which has no words for NaN and infinity.
        """
        self.is_json = is_json
        self.data = data
        self.plain = plain
        self.folder = folder
        self.shown = shown
        self.origin = origin
        self._names: dict[str, set[str]] = {}

    def tree_of(self, array: Array, *steps: str, may_stay: bool = True) -> Any:
        """What a description says about values, which are written where they belong.

        Args:
            array: the values.
            steps: names that the data file is called by: block, array and field.
            may_stay: whether they are found in the file that they come from, by the entity's path.

        Raises:
            OSError: they cannot be read, or not be written.
        """
        if self.data == "none" and may_stay:
            return {
                "dtype": type_name(array.stored_type) if array.stored_type else str(array.dtype),
                "shape": Flow(list(array.shape)),
                "from": self.origin,
            }
        form = DatasetForm() if self.plain else dataset_form(array.source)
        if form.is_empty and is_sayable(array) and array.is_numeric:
            name = element_text(array.dtype)
            words = {"dtype": name, "shape": Flow(list(array.shape)), "fill": 0}
            return {**words, **_stored_words(form)}
        if self._fits_text(array, form):
            values = array.read()
            if values.dtype != object or all(map(is_text, values.reshape(-1).tolist())):
                return self._inline(values, form)
            form = form._replace(is_whole=False)
        path, shown = self._file(*steps)
        spec = write_values(array, path, exact=not form.is_whole)
        tree: dict[str, Any] = {"file": shown + os.path.splitext(str(spec.file))[1]}
        if spec.dataset is not None:
            tree["dataset"] = spec.dataset
        elif not self.plain:
            tree.update(_stored_words(form))
        return tree

    def _fits_text(self, array: Array, form: DatasetForm) -> bool:
        if array.dtype.names or not form.is_whole or not is_sayable(array):
            return False
        if self.data == "inline":
            return True
        return self.data in ("auto", "none") and array.size <= INLINE

    def _inline(self, values: Values, form: DatasetForm) -> Any:
        tree: dict[str, Any] = {}
        natural = {"i": "int64", "f": "float64", "b": "bool", "O": "string"}.get(values.dtype.kind)
        name = element_text(values.dtype)
        odd = values.dtype.kind == "f" and self.is_json and not np.isfinite(values).all()
        if values.dtype != object and (name != natural or not values.size or odd):
            tree["dtype"] = name
        elif not values.size:
            tree["dtype"] = "string"
        if 0 in values.shape[:-1] or not values.shape:
            tree["shape"] = Flow(list(values.shape))
        if not self.plain and values.size > INLINE:
            tree.update(_stored_words(form))
        listed = nested(values)
        return {"values": listed, **tree} if tree else listed

    def _file(self, *steps: str) -> tuple[str, str]:
        """A file that is not there yet, without its suffix: its path, and how it is shown."""
        *folders, name = steps
        place = "/".join(safe_name(one) for one in folders)
        taken = self._names.setdefault(place.lower(), set())
        chosen = safe_name(name)
        number = 1
        while chosen.lower() in taken:
            number += 1
            chosen = f"{safe_name(name)[: _LONGEST_NAME - 8]}~{number}"
        taken.add(chosen.lower())
        folder = os.path.join(self.folder, *place.split("/")) if place else self.folder
        os.makedirs(folder, exist_ok=True)
        shown = "/".join(one for one in (self.shown, place, chosen) if one)
        return os.path.join(folder, chosen), shown


def has_words(dtype: np.dtype[Any]) -> bool:
    """Whether a text can say values of a type: numbers of 64 bits at most, booleans and texts."""
    return dtype.kind in "iufbO" and dtype.itemsize <= 8 and dtype.shape == ()


def is_sayable(array: Array) -> bool:
    """Whether the name of numpy's type says all about the type of the elements in a file."""
    if not has_words(array.dtype):
        return False
    if array.dtype == object and not array.is_text:
        return False
    return same_type_anew(array)


def _stored_words(form: DatasetForm) -> dict[str, Any]:
    words: dict[str, Any] = {}
    if form.level:
        words["compression"] = form.level
    if form.chunks is not None:
        words["chunks"] = Flow(list(form.chunks))
    return words


def nested(values: Any) -> Any:
    """Nested lists of an array; the innermost stand on one line."""
    if not values.ndim:
        return values.item()
    if values.ndim == 1:
        return Flow(values.tolist())
    return [nested(one) for one in values]


def safe_name(name: str) -> str:
    """A name for a file that all systems allow: names that differ may become the same."""
    safe = _UNSAFE.sub("_", name).strip(" ") or "_"
    if safe.startswith(".") or _RESERVED.match(safe):
        safe = f"_{safe}"
    while len(safe.encode()) > _LONGEST_NAME:
        safe = safe[:-1]
    return safe.rstrip(". ") or "_"
