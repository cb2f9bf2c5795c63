"""Make edits in a copy of an HDF5 file.

Nothing here has to be safe against a crash: the copy takes the place of the file once all is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from h5py import h5a, h5f, h5l, h5o, h5p, h5s, h5t

from nixschema.storage import making
from nixschema.storage.edits import (
    AddLink,
    DropAttribute,
    Edit,
    KeepOrder,
    NewGroup,
    Relink,
    Rename,
    RewriteTexts,
    SetNumber,
    SetText,
    SetTexts,
    Unlink,
)
from nixschema.storage.faults import FAULTS
from nixschema.storage.files import close_hdf5, stream_access
from nixschema.storage.names import name_bytes
from nixschema.storage.stream import Stream
from nixschema.storage.tree import Node
from nixschema.storage.types import UTF8_MEMORY, UTF8_TEXT

_PASSING = b".nixschema."
"""Name of a link for a moment."""


class CannotEdit(Exception):
    """The file cannot be changed through libhdf5; the message says why."""


def make_edits(stream: Stream, edits: Iterable[Edit]) -> None:
    """Make edits in a file that a stream holds.

    Args:
        stream: the copy.
        edits: what to change; no two of them change the same part of the same object.

    Raises:
        CannotEdit: libhdf5 fails.
        OSError: the disk is full, and the like.
    """
    change_copy(
        stream,
        lambda file_id: _Editor(file_id).make(list(edits), stream.check),
        h5f.LIBVER_EARLIEST,
    )


def change_copy(stream: Stream, change: Callable[[Any], None], oldest: int) -> None:
    """Change a file that a stream holds.

    Args:
        stream: the copy.
        change: gets libhdf5's id of it.
        oldest: the first version of HDF5 that must be able to read what is new.

    Raises:
        CannotEdit: libhdf5 fails.
        OSError: the disk is full, and the like.
    """
    try:
        file_id = h5f.open(b"nix", h5f.ACC_RDWR, fapl=stream_access(stream, oldest))
    except Exception as error:
        stream.check()
        raise CannotEdit(_sentence(error)) from error
    try:
        change(file_id)
    except Exception as error:
        failure: Exception | None = error
    else:
        failure = None
    try:
        close_hdf5(file_id)
    except Exception as error:
        failure = failure or error
    stream.check()
    if failure is not None:
        raise CannotEdit(_sentence(failure)) from failure


class _Editor:
    def __init__(self, file_id: Any) -> None:
        self._file_id = file_id
        self._ids: dict[int, Any] = {}

    def make(self, edits: list[Edit], check: Callable[[], None]) -> None:
        for edit in edits:  # Paths hold only until the first link is changed.
            self._open(edit.node)
            if isinstance(edit, Relink | AddLink):
                self._open(edit.target)
            elif isinstance(edit, KeepOrder):
                self._ids[id(edit)] = h5o.open(self._open(edit.node), name_bytes(edit.name))
        links: dict[int, list[Relink | Rename]] = {}
        for edit in edits:
            if isinstance(edit, Relink | Rename):
                links.setdefault(edit.node.address, []).append(edit)
            else:
                self._make(edit)
            check()
        for address, changes in links.items():
            relink(self._ids[address], changes, self._ids)
            check()
        for edit in edits:
            if isinstance(edit, KeepOrder):
                self._keep_order(edit)
            check()

    def _open(self, node: Node) -> Any:
        found = self._ids.get(node.address)
        if found is None:
            found = self._ids[node.address] = h5o.open(self._file_id, name_bytes(node.path))
            if h5o.get_info(found).addr != node.address:
                raise ValueError(f"{node.path} is another object than it was")
        return found

    def _make(self, edit: Edit) -> None:
        here = self._ids[edit.node.address]
        raw = name_bytes(edit.name)
        match edit:
            case SetText():
                drop(here, raw)
                making.text_attribute(here, raw, edit.text)
            case SetTexts():
                drop(here, raw)
                making.texts_attribute(here, raw, list(edit.texts))
            case SetNumber():
                drop(here, raw)
                making.number_attribute(here, raw, edit.value, edit.dtype)
            case DropAttribute():
                drop(here, raw)
            case Unlink():
                here.unlink(raw)
            case AddLink():
                making.hard_link(self._ids[edit.target.address], here, edit.name)
            case NewGroup():
                made = making.group(here, edit.name)
                for name, text in edit.texts:
                    making.text_attribute(made, name_bytes(name), text)
            case RewriteTexts():
                _rewrite_texts(here, edit)

    def _keep_order(self, edit: KeepOrder) -> None:
        holder, old = self._ids[edit.node.address], self._ids[id(edit)]
        made = making.group(holder, None)
        for name in attribute_names(old):
            copy_attribute(old, made, name)
        for raw, charset in _links(old):
            _move(old, raw, made, raw, charset)
        name = name_bytes(edit.name)
        order = [link[0] for link in _links(holder)]
        charset = dict(_links(holder))[name]
        holder.unlink(name)
        h5o.link(made, holder, name, lcpl=_naming(charset))
        _bring_last(holder, order[order.index(name) + 1 :])


def drop(owner: Any, name: bytes) -> None:
    if h5a.exists(owner, name):
        h5a.delete(owner, name)


def attribute_names(owner: Any) -> list[bytes]:
    """Names of the attributes of an object."""
    names: list[bytes] = []
    h5a.iterate(owner, names.append)
    return names


def copy_attribute(source: Any, target: Any, name: bytes) -> None:
    """Give an object of the same file an attribute of another."""
    found = h5a.open(source, name)
    type_id, space_id = found.get_type(), found.get_space()
    made = h5a.create(target, name, type_id, space_id)
    if space_id.get_simple_extent_type() == h5s.NULL:
        return
    values = np.empty(found.shape, dtype=found.dtype)
    if values.size:
        found.read(values, mtype=type_id)
        made.write(values, mtype=type_id)


def _rewrite_texts(group: Any, edit: RewriteTexts) -> None:
    """A new dataset in the place of the old one, with its attributes."""
    raw = name_bytes(edit.name)
    old = h5o.open(group, raw)
    order = [name for name, _ in _links(group)]
    made = making.dataset(group, None, UTF8_TEXT, (len(edit.texts),))
    if edit.texts:
        texts = np.array(edit.texts, dtype=object)
        made.write(h5s.ALL, h5s.ALL, texts, mtype=UTF8_MEMORY)
    for name in attribute_names(old):
        copy_attribute(old, made, name)
    group.unlink(raw)
    making.hard_link(made, group, edit.name)
    _bring_last(group, order[order.index(raw) + 1 :])


def relink(group: Any, changes: list[Relink | Rename], ids: dict[int, Any]) -> None:
    """Rename and replace links of a group; all keep their order.

    Args:
        group: the group.
        changes: what becomes of its links.
        ids: objects that links lead to from now on, by the addresses of the nodes that name them.
    """
    charsets = dict(_links(group))
    order = [*charsets]
    by_name = {name_bytes(one.name): one for one in changes}
    passing = {name: _PASSING + str(number).encode() for number, name in enumerate(order)}
    for name, one in by_name.items():
        if isinstance(one, Relink):
            group.unlink(name)
        else:
            _move(group, name, group, passing[name], charsets[name])
    after = list(order)
    for place, name in enumerate(order):
        change = by_name.get(name)
        if change is None:
            continue
        new = name_bytes(change.new_name) or name
        if isinstance(change, Relink):
            h5o.link(ids[change.target.address], group, new, lcpl=_naming(_charset(new)))
        else:
            _move(group, passing[name], group, new, _charset(new))
        after[place] = new
    _bring_last(group, after[min(order.index(name) for name in by_name) :])


def _bring_last(group: Any, names: list[bytes]) -> None:
    """Have links come last, in this order, where the group keeps the order of its links."""
    charsets = dict(_links(group))
    if [*charsets][len(charsets) - len(names) :] == names:
        return
    for name in names:
        _move(group, name, group, _PASSING, charsets[name])
        _move(group, _PASSING, group, name, charsets[name])


def _move(source: Any, name: bytes, target: Any, new: bytes, charset: int) -> None:
    """Give a link another group or name; it comes last there."""
    plist = _naming(charset)
    kind = source.links.get_info(name).type
    if kind == h5l.TYPE_SOFT:
        target.links.create_soft(new, source.links.get_val(name), lcpl=plist)
    elif kind == h5l.TYPE_EXTERNAL:
        target.links.create_external(new, *source.links.get_val(name), lcpl=plist)
    else:
        try:
            h5o.link(h5o.open(source, name), target, new, lcpl=plist)
        except FAULTS:  # A damaged object; the link's charset is not kept.
            source.links.move(name, target, new)
            return
    source.unlink(name)


def _links(group: Any) -> list[tuple[bytes, int]]:
    """Names of links with their charset, in order of creation where that is kept."""
    found: list[tuple[bool, int, bytes, int]] = []

    def note(name: bytes, info: Any) -> None:
        found.append((info.corder_valid, info.corder, name, info.cset))

    group.links.iterate(note, info=True)
    if all(valid for valid, *_ in found):
        found.sort(key=lambda one: one[1])
    return [(name, charset) for _, _, name, charset in found]


def _charset(name: bytes) -> int:
    return int(h5t.CSET_ASCII if name.isascii() else h5t.CSET_UTF8)


def _naming(charset: int) -> Any:
    """How a link is made whose name is of a charset."""
    plist = h5p.create(h5p.LINK_CREATE)
    plist.set_char_encoding(charset)
    return plist


def _sentence(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:200]


__all__ = ["CannotEdit", "attribute_names", "change_copy", "copy_attribute", "make_edits", "relink"]
