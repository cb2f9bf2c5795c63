"""Patches: small changes of an HDF5 file as plain data, made with h5py alone.

`tests/rules/README.md` is the language's reference. A patch is a mapping; `apply` makes it in an
open file, `patched` makes a list of them in a file on disk. Keys that are not known raise, and so
does a patch that changes nothing: an example must not prove less than it says.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import h5py
import numpy as np
from h5py import h5o, h5s

from tests.plain import ASCII, UTF8, array_of, hdf5_dtype, new_group

Patch: TypeAlias = dict[str, Any]
"""One patch."""

_NUMBERS = ("int8", "int16", "int32", "int64", "uint8", "uint32", "uint64", "float32", "float64")

_DATASET_KEYS = (
    *("values", "dtype", "shape", "maxshape", "chunks", "compression", "fletcher32"),
    *("unwritten", "empty"),
)

_RECORD_OF_REFERENCE = {"dtype": [["to", h5py.ref_dtype]], "shape": []}

_HOLD_OPEN = """
import sys, h5py
with h5py.File(sys.argv[1], sys.argv[2]):
    print("open", flush=True)
    sys.stdin.read()
"""


class PatchError(ValueError):
    """A patch is misspelt, does not fit the file, or changes nothing."""


@contextmanager
def patched(path: Path, patches: list[Patch]) -> Iterator[None]:
    """A file with the patches made in it, for as long as the context lasts.

    Raises:
        PatchError: a patch is misspelt, does not fit the file, or changes nothing.
    """
    held: list[subprocess.Popen[bytes]] = []
    try:
        for patch in patches:
            if "at" in patch:
                with h5py.File(path, "r+") as file:
                    apply(file, patch)
            else:
                held += _apply_to_whole(path, patch)
        yield
    finally:
        for process in held:
            process.communicate()


def apply(file: h5py.File, patch: Patch) -> None:
    """Make one patch of objects in an open file."""
    place = file.get(patch["at"])
    if place is None:
        raise PatchError(f"nothing is at {patch['at']}")
    changes = {key: value for key, value in patch.items() if key != "at"}
    _only(changes, _CHANGES, patch["at"])
    for key, value in changes.items():
        _CHANGES[key](place, value)


# Attributes


def _set(place: Any, given: Any) -> None:
    for name, value in _pairs(given):
        set_attribute(place, name, value)


def set_attribute(place: Any, name: str, value: Any) -> None:
    """Write an attribute anew: any text, number, boolean, or a mapping that says how."""
    before = _fingerprint(place, name)
    place.attrs.pop(name, None)
    if isinstance(value, dict) and "reference" in value:
        value = {"values": [[place.file[value["reference"]].ref]], **_RECORD_OF_REFERENCE}
    values, dtype, shape = _typed(value)
    if shape is None:
        place.attrs[name] = h5py.Empty(dtype)
    else:
        place.attrs.create(name, values, shape=shape, dtype=dtype)
    if _fingerprint(place, name) == before:
        raise PatchError(f"{place.name} has that {name} already")


def _typed(value: Any) -> tuple[Any, Any, tuple[int, ...] | None]:
    """Values, h5py's dtype and shape, which is None for an empty dataspace."""
    if not isinstance(value, dict):
        return value, _plain_dtype(value), ()
    if "values" in value:
        _only(value, ("values", "dtype", "shape"), "an attribute")
        filled = array_of({"shape": [len(value["values"])], **value})
        return filled, hdf5_dtype(value["dtype"]), filled.shape
    if len(value) != 1:
        raise PatchError(f"one way of writing was expected: {value}")
    ((how, what),) = value.items()
    if how in _NUMBERS:
        return what, np.dtype(how), np.shape(what)
    match how:
        case "ascii":
            return what, ASCII, ()
        case "fixed":
            return (
                np.bytes_(what.encode()),
                h5py.string_dtype("utf-8", max(1, len(what.encode()))),
                (),
            )
        case "bytes":
            raw = what.encode("latin-1")
            return np.bytes_(raw), h5py.string_dtype("utf-8", len(raw)), ()
        case "raw":
            return what.encode("latin-1"), UTF8, ()
        case "list":
            flat = np.ravel(np.array(what, dtype=object))
            return what, _plain_dtype(flat[0] if flat.size else ""), np.shape(what)
        case "empty":
            return None, hdf5_dtype(what), None
    raise PatchError(f"no way of writing is called {how}")


def _plain_dtype(value: Any) -> Any:
    """How the format writes a plain value."""
    for kind, dtype in ((str, UTF8), (bool, np.bool_), (int, "<i8"), (float, "<f8")):
        if isinstance(value, kind):
            return np.dtype(dtype)
    raise PatchError(f"{value!r} is no text, number or boolean")


def _fingerprint(place: Any, name: str) -> Any:
    if name not in place.attrs:
        return None
    attribute = place.attrs.get_id(name)
    kind = attribute.get_type().encode()
    if attribute.get_space().get_simple_extent_type() == h5s.NULL:
        return kind, None
    return kind, attribute.shape, repr(place.attrs[name])


def _remove(place: Any, given: Any) -> None:
    for name in _names(given):
        if name not in place.attrs:
            raise PatchError(f"{place.name} has no attribute {name}")
        del place.attrs[name]


# Objects and links


def _delete(place: Any, given: Any) -> None:
    for name in _names(given):
        if place.get(name, getlink=True) is None:
            raise PatchError(f"{place.name} has no {name}")
        del place[name]


def _group(place: Any, given: Any) -> None:
    for name in _names(given):
        new_group(place, name)


def _dataset(place: Any, given: Any) -> None:
    for name, leaf in _pairs(given):
        _only(leaf, _DATASET_KEYS, name)
        old = place.get(name)
        kept = dict(old.attrs) if isinstance(old, h5py.Dataset) else {}
        if old is not None:
            del place[name]
        if "empty" in leaf:
            made = place.create_dataset(name, data=h5py.Empty(hdf5_dtype(leaf["empty"])))
        else:
            made = _made_dataset(place, name, leaf)
        for key, value in kept.items():
            made.attrs.create(key, value, dtype=UTF8 if isinstance(value, str) else None)
        if isinstance(old, h5py.Dataset) and _same_dataset(old, made):
            raise PatchError(f"{place.name} has that {name} already")


def _made_dataset(place: Any, name: str, leaf: Any) -> Any:
    """Chunked and without limits, as the format has it, unless the leaf says otherwise."""
    shape = tuple(leaf.get("shape", [len(leaf["values"])]))
    options = {key: leaf[key] for key in ("compression", "fletcher32") if key in leaf}
    if leaf.get("maxshape") != "fixed" and shape:
        options |= {"chunks": True, "maxshape": (None,) * len(shape)}
    if "chunks" in leaf:
        options["chunks"] = tuple(leaf["chunks"])
    if "unwritten" not in leaf:
        options["data"] = array_of({**leaf, "shape": shape})
    return place.create_dataset(name, shape, dtype=hdf5_dtype(leaf["dtype"]), **options)


def _same_dataset(one: Any, two: Any) -> bool:
    return (
        one.id.get_type().encode() == two.id.get_type().encode()
        and one.id.get_create_plist() == two.id.get_create_plist()
        and one.shape == two.shape
        and one.maxshape == two.maxshape
        and (one.shape is None or bool(np.array_equal(one[()], two[()])))
    )


def _link(place: Any, given: Any) -> None:
    for name, target in _pairs(given):
        found = place.file.get(target)
        if found is None:
            raise PatchError(f"nothing is at {target}")
        if name in place:
            if place[name] == found:
                raise PatchError(f"{name} in {place.name} leads to {target} already")
            del place[name]
        place[name] = found


def _soft(place: Any, given: Any) -> None:
    for name, target in _pairs(given):
        _replace(place, name, h5py.SoftLink(target))


def _external(place: Any, given: Any) -> None:
    for name, (file_name, target) in _pairs(given):
        _replace(place, name, h5py.ExternalLink(file_name, target))


def _replace(place: Any, name: str, link: Any) -> None:
    """Put a soft or external link where another may be."""
    before = place.get(name, getlink=True)
    if before is not None:
        if type(before) is type(link) and vars(before) == vars(link):
            raise PatchError(f"{name} in {place.name} is that link already")
        del place[name]
    place[name] = link


def _rename(place: Any, given: Any) -> None:
    for old, new in _pairs(given):
        if old == new:
            raise PatchError(f"{old} has that name already")
        place.move(old, new)


def _copy(place: Any, given: Any) -> None:
    """As nixio copies: hard links inside become private copies of what they led to."""
    for name, source in _pairs(given):
        place.copy(place.file[source], place, name, expand_refs=True)


def _nested(place: Any, given: Any) -> None:
    """A chain of entities one in the other; the last section of a chain has a property."""
    for container, depth in _pairs(given):
        here = place
        for level in range(1, depth + 1):
            name = f"level_{level}"
            here = new_group(here.require_group(container), name)
            set_attribute(here, "entity_id", f"00000000-0000-4000-8000-{level:012}")
            for key, text in (("name", name), ("type", "nix.level")):
                set_attribute(here, key, text)
            for key in ("created_at", "updated_at"):
                set_attribute(here, key, "20210304T120000")
        if container == "sections":
            _add_property(here)


def _add_property(section: Any) -> None:
    _group(section, "properties")
    _dataset(section["properties"], {"last": {"dtype": "int64", "values": [1]}})
    for key, text in (("name", "last"), ("entity_id", "00000000-0000-4000-8000-00000000beef")):
        set_attribute(section["properties/last"], key, text)
    for key in ("created_at", "updated_at"):
        set_attribute(section["properties/last"], key, "20210304T120000")


def _external_storage(place: Any, given: Any) -> None:
    for name, leaf in _pairs(given):
        _only(leaf, ("file", "dtype", "shape"), name)
        place.pop(name, None)
        shape, dtype = tuple(leaf["shape"]), hdf5_dtype(leaf["dtype"])
        place.create_dataset(name, shape, dtype, external=[(leaf["file"], 0, h5py.h5f.UNLIMITED)])


def _virtual(place: Any, given: Any) -> None:
    for name, leaf in _pairs(given):
        _only(leaf, ("file", "dataset", "dtype", "shape"), name)
        place.pop(name, None)
        shape, dtype = tuple(leaf["shape"]), hdf5_dtype(leaf["dtype"])
        layout = h5py.VirtualLayout(shape, dtype)
        layout[...] = h5py.VirtualSource(leaf["file"], leaf["dataset"], shape, dtype)
        place.create_virtual_dataset(name, layout)


def _datatype(place: Any, given: Any) -> None:
    for name, dtype in _pairs(given):
        place.pop(name, None)
        place[name] = hdf5_dtype(dtype)


def _unordered(place: Any, given: Any) -> None:
    """Make groups again that do not keep the order of their members."""
    for name in _names(given):
        old = place[name]
        if not old.id.get_create_plist().get_link_creation_order():
            raise PatchError(f"{name} in {place.name} keeps no order as it is")
        del place[name]
        made = place.create_group(name, track_order=False)
        for key in old:
            made[key] = old[key]
        for key, value in old.attrs.items():
            made.attrs.create(key, value, dtype=old.attrs.get_id(key).dtype)


_CHANGES: dict[str, Callable[[Any, Any], None]] = {
    "set": _set,
    "remove": _remove,
    "delete": _delete,
    "rename": _rename,
    "group": _group,
    "dataset": _dataset,
    "link": _link,
    "soft": _soft,
    "external": _external,
    "copy": _copy,
    "nested": _nested,
    "external_storage": _external_storage,
    "virtual": _virtual,
    "datatype": _datatype,
    "unordered": _unordered,
}


# The file as a whole


def _apply_to_whole(path: Path, patch: Patch) -> list[subprocess.Popen[bytes]]:
    if len(patch) != 1:
        raise PatchError(f"one change of the whole file was expected: {patch}")
    ((key, value),) = patch.items()
    before = path.read_bytes()
    held = _change_whole(path, key, value)
    if key not in ("forbidden", "held") and path.is_file() and path.read_bytes() == before:
        raise PatchError(f"the file is so already: {patch}")
    return held


def _change_whole(path: Path, key: str, value: Any) -> list[subprocess.Popen[bytes]]:
    match key:
        case "bytes":
            path.write_bytes(value.encode("latin-1"))
        case "empty":
            path.write_bytes(b"")
        case "truncate":
            _truncate(path, value)
        case "overwrite":
            _overwrite(path, value)
        case "behind":
            path.write_bytes(bytes(value) + path.read_bytes())
        case "append":
            path.write_bytes(path.read_bytes() + bytes(value))
        case "hdf5":
            _write_hdf5(path, value)
        case "absent":
            path.unlink()
            path.symlink_to("not-there")
        case "pipe":
            path.unlink()
            os.mkfifo(path)
        case "forbidden":
            path.chmod(0)
        case "held":
            return [_held_open(path, value)]
        case _:
            raise PatchError(f"no change is called {key}")
    return []


def _truncate(path: Path, size: int) -> None:
    if size >= path.stat().st_size:
        raise PatchError(f"the file has {path.stat().st_size} bytes")
    os.truncate(path, size)


def _overwrite(path: Path, given: Patch) -> None:
    """Put bytes over an object's header, over a dataset's first chunk, or anywhere."""
    _only(given, ("object", "chunk", "offset", "hex"), "overwrite")
    start = 0
    if "object" in given or "chunk" in given:
        with h5py.File(path, "r") as file:
            if "object" in given:
                start = h5o.get_info(file[given["object"]].id).addr
            else:
                start = file[given["chunk"]].id.get_chunk_info(0).byte_offset
    start += given.get("offset", 0)
    fresh = bytes.fromhex(given["hex"])
    content = bytearray(path.read_bytes())
    if start + len(fresh) > len(content):
        raise PatchError(f"the file ends before: {given}")
    content[start : start + len(fresh)] = fresh
    path.write_bytes(content)


def _write_hdf5(path: Path, groups: list[str]) -> None:
    """An HDF5 file that is not NIX."""
    path.unlink()
    with h5py.File(path, "w") as file:
        for name in groups:
            file.create_group(name)
        file.create_dataset("values", data=[1, 2, 3])


def _held_open(path: Path, mode: str) -> subprocess.Popen[bytes]:
    """A process that has the file open for reading or writing, until its input ends."""
    command = [sys.executable, "-c", _HOLD_OPEN, str(path), mode]
    environment = {**os.environ, "HDF5_USE_FILE_LOCKING": "TRUE"}
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    if process.stdout.readline().strip() != b"open":
        process.communicate()
        raise PatchError(f"{path.name} could not be held open")
    return process


# Strictness


def _only(given: Any, known: Any, where: str) -> None:
    if not isinstance(given, dict):
        raise PatchError(f"a mapping was expected for {where}: {given!r}")
    unknown = [key for key in given if key not in known]
    if unknown or not given:
        raise PatchError(f"nothing is called {unknown} in {where}; known are {list(known)}")


def _pairs(given: Any) -> list[tuple[str, Any]]:
    if not isinstance(given, dict) or not given or not all(isinstance(key, str) for key in given):
        raise PatchError(f"a mapping with names as keys was expected: {given!r}")
    return list(given.items())


def _names(given: Any) -> list[str]:
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, list) or not names or not all(isinstance(one, str) for one in names):
        raise PatchError(f"a name or a list of names was expected: {given!r}")
    return names
