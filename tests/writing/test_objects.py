"""The judge of rewriting is judged: it notices each single change, and allows what it should.

The changes are made with h5py to copies of a small file.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
import pytest
from h5py import h5a, h5d, h5o, h5p, h5s, h5t

from tests.plain import ASCII, UTF8, new_file, new_group
from tests.sound import id_of
from tests.writing.allowances import NOTHING
from tests.writing.editing import copy_attributes, relink, remake
from tests.writing.objects import differences
from tests.writing.sample import (
    AGE,
    EVENTS,
    FRAME,
    LFP,
    SESSION,
    SPECIES,
    SUBJECT,
    TAG,
    UNKNOWN,
    VOLTAGE,
    write_sample,
)

Change = Callable[[h5py.File], object]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("objects") / "sample.nix"
    write_sample(path)
    return path


def changed(sample: Path, folder: Path, *changes: Change) -> Path:
    """A copy of the file with changes in it."""
    path = folder / f"{len(list(folder.iterdir()))}.nix"
    shutil.copyfile(sample, path)
    with h5py.File(path, "r+") as file:
        for change in changes:
            change(file)
    return path


# Ways to change


def attribute(place: str, name: str, value: Any, dtype: Any = None, shape: Any = None) -> Change:
    """Write an attribute anew."""
    return lambda file: file[place].attrs.create(name, value, shape=shape, dtype=dtype)


def raw_text(
    place: str, name: str, raw: bytes, padding: int, shape: tuple[int, ...] = ()
) -> Change:
    """Write an attribute as texts of fixed length."""

    def change(file: h5py.File) -> None:
        kind = h5t.C_S1.copy()
        kind.set_size(len(raw))
        kind.set_strpad(padding)
        if name in file[place].attrs:
            del file[place].attrs[name]
        space = h5s.create_simple(shape) if shape else h5s.create(h5s.SCALAR)
        made = h5a.create(file[place].id, name.encode(), kind, space)
        made.write(np.full(shape, np.void(raw)), mtype=kind)

    return change


def bytes_text(place: str, name: str, raw: bytes) -> Change:
    """Write bytes that may be no UTF-8 as a text of variable length."""
    return lambda file: file[place].attrs.create(name, raw, dtype=UTF8)


def without(place: str, name: str) -> Change:
    """Take an attribute away."""
    return lambda file: file[place].attrs.pop(name)


def value(place: str, index: Any, new: Any) -> Change:
    """Write a value of a dataset."""
    return lambda file: file[place].__setitem__(index, new)


def new_values(place: str, values: Any, dtype: Any) -> Change:
    """Write a dataset anew, with values of another type."""

    def change(file: h5py.File) -> None:
        array = np.array(values, dtype)
        kind = h5t.py_create(np.dtype(dtype), logical=True)
        old = file[place].id
        plist = h5p.create(h5p.DATASET_CREATE)
        if old.get_create_plist().get_layout() == h5d.CHUNKED:
            plist.set_chunk(old.get_create_plist().get_chunk())
        made = remake(file[place], plist, kind, old.get_space())
        if array.size:
            made[...] = array

    return change


def stored(place: str, alter: Callable[[Any], object], *, limits: Any = None) -> Change:
    """Write a dataset anew, with another storage."""

    def change(file: h5py.File) -> None:
        dataset = file[place]
        plist, values = dataset.id.get_create_plist(), dataset[()]
        alter(plist)
        space = dataset.id.get_space()
        if limits is not None or plist.get_layout() != h5d.CHUNKED:
            space = h5s.create_simple(dataset.shape, limits)
        remake(dataset, plist, dataset.id.get_type(), space)[...] = values

    return change


def as_it_is(_: Any) -> None:
    """Change nothing."""


def contiguous(plist: Any) -> None:
    for _ in range(plist.get_nfilters()):
        plist.remove_filter(plist.get_filter(0)[0])
    plist.set_layout(h5d.CONTIGUOUS)


def compact(plist: Any) -> None:
    plist.set_layout(h5d.COMPACT)


def set_fill(plist: Any) -> None:
    plist.set_fill_value(np.array(3.5))


def recompressed(plist: Any) -> None:
    plist.remove_filter(h5py.h5z.FILTER_DEFLATE)
    plist.set_deflate(5)


def chunked(*shape: int) -> Callable[[Any], object]:
    return lambda plist: plist.set_chunk(shape)


def unlinked(place: str) -> Change:
    return lambda file: file.pop(place)


def linked(place: str, target: str) -> Change:
    """Add a hard link."""

    def change(file: h5py.File) -> None:
        file[place] = file[target]

    return change


def instead(place: str, *names: str, thing: Any = None, at: str = "") -> Change:
    """Put something else in the place of a link: a link, an object, or the one at a path."""

    def change(file: h5py.File) -> None:
        parent, _, name = place.rpartition("/")
        made = h5o.open(file.id, at.encode()) if at else thing
        keys = names or (name,)
        relink(file[parent or "/"].id, {name.encode(): [(key.encode(), made) for key in keys]})

    return change


def renamed(place: str, name: str) -> Change:
    return instead(place, name, at=place)


def copied(place: str) -> Change:
    """Let a link lead to a copy of its object, with the same parts."""

    def change(file: h5py.File) -> None:
        old = file[place]
        if isinstance(old, h5py.Dataset):
            file.copy(old, "/copy")
        else:
            made = new_group(file["/"], "copy")
            copy_attributes(old.id, made.id)
            for name in old:
                made[name] = old[name]
        instead(place, at="/copy")(file)
        del file["copy"]

    return change


def reordered(place: str) -> Change:
    return lambda file: relink(file[place].id, {}, lambda names: names[::-1])


def regrouped(place: str, flags: int) -> Change:
    """Let a group keep the order of its links in another way."""

    def change(file: h5py.File) -> None:
        old = file[place]
        plist = h5p.create(h5p.GROUP_CREATE)
        plist.set_link_creation_order(flags)
        made = h5py.Group(h5py.h5g.create(file.id, b"made", gcpl=plist))
        for key in old:
            made[key] = old[key]
        copy_attributes(old.id, made.id)
        instead(place, at="/made")(file)
        del file["made"]

    return change


def lists(*items: list[int]) -> Any:
    made = np.empty(len(items), object)
    made[:] = [np.array(item, np.int16) for item in items]
    return made


def dataset_for_a_group(place: str) -> Change:
    def change(file: h5py.File) -> None:
        file["made"] = 1
        instead(place, at="/made")(file)
        del file["made"]

    return change


def other_type(place: str, dtype: str) -> Change:
    def change(file: h5py.File) -> None:
        file["made"] = np.dtype(dtype)
        instead(place, at="/made")(file)
        del file["made"]

    return change


def bits(place: str, *octets: int) -> Change:
    def change(file: h5py.File) -> None:
        array = np.array(octets, np.uint8)
        file[place].id.write(h5s.ALL, h5s.ALL, array, h5t.STD_B8LE)

    return change


def raw(place: str, content: bytes, mask: int = 0) -> Change:
    """Write a dataset anew, its one chunk past the filters."""

    def change(file: h5py.File) -> None:
        old = file[place].id
        plist = old.get_create_plist()
        made = remake(file[place], plist, old.get_type(), old.get_space())
        made.id.write_direct_chunk((0,), content, mask)

    return change


def outside(name: str, offset: int) -> Change:
    place = f"{UNKNOWN}/outside"

    def change(file: h5py.File) -> None:
        plist = h5p.create(h5p.DATASET_CREATE)
        plist.set_external(name.encode(), offset, 32)
        dataset = file[place]
        remake(dataset, plist, dataset.id.get_type(), dataset.id.get_space())

    return change


def virtual(name: str, part: slice) -> Change:
    place = f"{UNKNOWN}/virtual"

    def change(file: h5py.File) -> None:
        layout = h5py.VirtualLayout((4,), "f8")
        layout[:] = h5py.VirtualSource(name, "x", (8,))[part]
        made = file.create_virtual_dataset("made", layout)
        remake(file[place], made.id.get_create_plist(), made.id.get_type(), made.id.get_space())
        del file["made"]

    return change


def reference(place: str, name: str, target: str) -> Change:
    return lambda file: file[place].attrs.create(name, file[target].ref, dtype=h5py.ref_dtype)


def region(place: str, name: str, target: str, part: slice) -> Change:
    def change(file: h5py.File) -> None:
        made = file[target].regionref[part]
        file[place].attrs.create(name, made, dtype=h5py.regionref_dtype)

    return change


def referred(place: str, index: int, target: str) -> Change:
    return lambda file: value(place, index, file[target].ref)(file)


# Every change is noticed


class Noticed(NamedTuple):
    """A change of the target, and the object where it must be told."""

    place: str
    change: Change


UNORDERED = f"{UNKNOWN}/unordered"
ARRAYS = f"{SESSION}/data_arrays"
SAMPLES, GRID = f"{VOLTAGE}/data", f"{LFP}/data"
PACKED = f"{ARRAYS}/packed/data"
ROWS = f"{UNKNOWN}/rows"
TRIALS = [("flash", 0.5, 3, True), ("sound", 1.5, 0, False), ("flash", 2.5, 2, True)]
PAIRS = [(1, 0.5, "x"), (2, 1.5, "y")]


def named(*names: str, texts: Any = UTF8) -> Any:
    return list(zip(names, (texts, "<f8", "<i4", "?"), strict=True))


CHANGES: dict[str, Noticed] = {
    # attributes
    "text": Noticed(VOLTAGE, attribute(VOLTAGE, "unit", "uV", UTF8)),
    "blank text": Noticed(VOLTAGE, attribute(VOLTAGE, "unit", "", UTF8)),
    "text in ASCII": Noticed(VOLTAGE, attribute(VOLTAGE, "unit", "mV", ASCII)),
    "text of fixed length": Noticed(VOLTAGE, raw_text(VOLTAGE, "unit", b"mV", 1)),
    "text in a list": Noticed(VOLTAGE, attribute(VOLTAGE, "unit", ["mV"], UTF8, (1,))),
    "text without value": Noticed(VOLTAGE, attribute(VOLTAGE, "unit", h5py.Empty(UTF8))),
    "no text": Noticed(VOLTAGE, without(VOLTAGE, "unit")),
    "text more": Noticed(EVENTS, attribute(EVENTS, "definition", "x", UTF8)),
    "unknown text": Noticed(VOLTAGE, attribute(VOLTAGE, "more", "y", ASCII)),
    "unknown text in UTF-8": Noticed(VOLTAGE, attribute(VOLTAGE, "more", "x", UTF8)),
    "unknown text of fixed length": Noticed(UNKNOWN, raw_text(UNKNOWN, "text", b"x", 1)),
    "no unknown text": Noticed(UNKNOWN, without(UNKNOWN, "text")),
    "number": Noticed(LFP, attribute(LFP, "expansion_origin", np.nextafter(1.5, 2))),
    "number of fewer bits": Noticed(LFP, attribute(LFP, "expansion_origin", 1.5, "<f4")),
    "number in a list": Noticed(LFP, attribute(LFP, "expansion_origin", [1.5])),
    "unknown number": Noticed(UNKNOWN, attribute(UNKNOWN, "number", 3, "<i4")),
    "unknown number of more bits": Noticed(UNKNOWN, attribute(UNKNOWN, "number", 2, "<i8")),
    "unknown number that floats": Noticed(VOLTAGE, attribute(VOLTAGE, "weight", 2.0, "<f8")),
    "byte order": Noticed(UNKNOWN, attribute(UNKNOWN, "number", 2, ">i4")),
    "one of many numbers": Noticed(UNKNOWN, attribute(UNKNOWN, "numbers", [1.5, 0.0])),
    "fewer numbers": Noticed(UNKNOWN, attribute(UNKNOWN, "numbers", [1.5])),
    "shape of numbers": Noticed(UNKNOWN, attribute(UNKNOWN, "numbers", [[1.5, np.nan]])),
    "value for none": Noticed(UNKNOWN, attribute(UNKNOWN, "nothing", 0.0)),
    "type of no value": Noticed(UNKNOWN, attribute(UNKNOWN, "nothing", h5py.Empty("f4"))),
    "list in a list": Noticed(
        UNKNOWN, attribute(UNKNOWN, "lists", lists([1, 3], []), h5py.vlen_dtype(np.int16))
    ),
    "type without a name": Noticed(UNKNOWN, attribute(UNKNOWN, "named", 0.5, "<f4")),
    "version": Noticed("/", attribute("/", "version", [1, 2, 2], "<i4")),
    "type of the version": Noticed("/", attribute("/", "version", [1, 2, 1], "<i8")),
    "units of a frame": Noticed(FRAME, attribute(FRAME, "units", ["", "ms", "", ""], UTF8)),
    "units in ASCII": Noticed(FRAME, attribute(FRAME, "units", ["", "s", "", ""], ASCII)),
    "attribute of a container": Noticed(ARRAYS, attribute(ARRAYS, "new", 1)),
    "attribute of a dataset": Noticed(SAMPLES, attribute(SAMPLES, "new", 1)),
    "attribute of a type": Noticed(f"{UNKNOWN}/type", attribute(f"{UNKNOWN}/type", "new", 1)),
    # references
    "reference": Noticed(
        f"{UNKNOWN}: attribute 'array'",
        reference(UNKNOWN, "array", LFP),
    ),
    "region": Noticed(
        f"{UNKNOWN}: attribute 'region'",
        region(UNKNOWN, "region", f"{EVENTS}/data", slice(1, 2)),
    ),
    "references": Noticed(
        f"{UNKNOWN}/references",
        referred(f"{UNKNOWN}/references", 1, EVENTS),
    ),
    "reference for none": Noticed(
        f"{UNKNOWN}/references",
        referred(f"{UNKNOWN}/references", 2, EVENTS),
    ),
    # links
    "link less": Noticed(UNKNOWN, unlinked(f"{UNKNOWN}/scalar")),
    "link more": Noticed(UNKNOWN, linked(f"{UNKNOWN}/new", EVENTS)),
    "entity less": Noticed(f"{SUBJECT}/properties", unlinked(SPECIES)),
    "renamed link": Noticed(UNORDERED, renamed(f"{UNORDERED}/a", "z")),
    "order of entities": Noticed(ARRAYS, reordered(ARRAYS)),
    "order of parts": Noticed(VOLTAGE, reordered(VOLTAGE)),
    "order at the root": Noticed("/", reordered("/")),
    "order of what is unknown": Noticed(UNKNOWN, reordered(UNKNOWN)),
    "order that is not kept": Noticed(ARRAYS, regrouped(ARRAYS, 0)),
    "hard link for a soft one": Noticed(UNKNOWN, instead(f"{UNKNOWN}/soft", at=SAMPLES)),
    "soft link for a hard one": Noticed(
        UNKNOWN, instead(f"{UNKNOWN}/again", thing=h5py.SoftLink(EVENTS))
    ),
    "soft link for an external one": Noticed(
        UNKNOWN, instead(f"{UNKNOWN}/external", thing=h5py.SoftLink("/there"))
    ),
    "path of a soft link": Noticed(
        UNKNOWN, instead(f"{UNKNOWN}/soft", thing=h5py.SoftLink(SAMPLES))
    ),
    "file of an external link": Noticed(
        UNKNOWN, instead(f"{UNKNOWN}/external", thing=h5py.ExternalLink("other.h5", "/there"))
    ),
    "path of an external link": Noticed(
        UNKNOWN, instead(f"{UNKNOWN}/external", thing=h5py.ExternalLink("elsewhere.h5", "/here"))
    ),
    # which links share an object
    "copy of an array": Noticed("", copied(f"{UNKNOWN}/again")),
    "copy of a reference": Noticed("", copied(f"{TAG}/references/{id_of('voltage')}")),
    "copy of the metadata": Noticed("", copied(f"{TAG}/metadata")),
    "other array of that content": Noticed("", instead(f"{UNORDERED}/a", at=f"{UNORDERED}/b")),
    "other metadata": Noticed("", instead(f"{TAG}/metadata", at="/metadata/protocol")),
    "one object for two": Noticed("", instead(f"{UNORDERED}/c", at=f"{UNORDERED}/b")),
    # kinds of objects, named types
    "dataset for a group": Noticed(f"{UNORDERED}/a", dataset_for_a_group(f"{UNORDERED}/a")),
    "named type": Noticed("", other_type(f"{UNKNOWN}/type", "<f8")),
    "other named type": Noticed("", other_type(f"{UNKNOWN}/type", "<f4")),
    "dataset of no named type": Noticed(
        f"{UNKNOWN}/named", new_values(f"{UNKNOWN}/named", [0.5], "<f4")
    ),
    # values
    "value": Noticed(SAMPLES, value(SAMPLES, 2, np.nextafter(-20.0, 0))),
    "number for NaN": Noticed(SAMPLES, value(SAMPLES, 3, 0.0)),
    "NaN for a number": Noticed(SAMPLES, value(SAMPLES, 2, np.nan)),
    "sign of zero": Noticed(f"{AGE}", value(AGE, 0, -0.0)),
    "value in a compressed chunk": Noticed(GRID, value(GRID, (0, 0), 1)),
    "value where none was written": Noticed(GRID, value(GRID, (3, 7), 1)),
    "fill value that is written": Noticed(GRID, value(GRID, (3, 7), -7)),
    "text in data": Noticed(f"{ARRAYS}/texts/data", value(f"{ARRAYS}/texts/data", 2, "x")),
    "word": Noticed(f"{ARRAYS}/words/data", value(f"{ARRAYS}/words/data", 0, b"two")),
    "flag": Noticed(f"{ARRAYS}/flags/data", value(f"{ARRAYS}/flags/data", 0, False)),
    "imaginary part": Noticed(f"{ARRAYS}/numbers/data", value(f"{ARRAYS}/numbers/data", 0, 1 + 3j)),
    "property": Noticed(SPECIES, value(SPECIES, 0, "Rattus")),
    "column of numbers": Noticed(f"{FRAME}/data", value(f"{FRAME}/data", (0, "onset"), 0.25)),
    "column of texts": Noticed(f"{FRAME}/data", value(f"{FRAME}/data", 1, ("none", 1.5, 0, False))),
    "unknown value": Noticed(f"{UNKNOWN}/contiguous", value(f"{UNKNOWN}/contiguous", 4, 5.0)),
    "unknown text in data": Noticed(f"{UNKNOWN}/texts", value(f"{UNKNOWN}/texts", 0, "x")),
    "unknown scalar": Noticed(f"{UNKNOWN}/scalar", value(f"{UNKNOWN}/scalar", (), 8)),
    "unknown number in rows": Noticed(ROWS, value(ROWS, (1, "b"), 2.5)),
    "unknown text in rows": Noticed(ROWS, value(ROWS, 1, (2, 1.5, "z"))),
    "bits": Noticed(f"{UNKNOWN}/bits", bits(f"{UNKNOWN}/bits", 1, 2, 7)),
    "chunk that cannot be read": Noticed(
        f"{UNKNOWN}/filtered",
        raw(f"{UNKNOWN}/filtered", b"other 16 bytes.."),
    ),
    "filter mask": Noticed(
        f"{UNKNOWN}/filtered",
        raw(f"{UNKNOWN}/filtered", b"not four numbers", 1),
    ),
    # types
    "fewer bits": Noticed(SAMPLES, new_values(SAMPLES, np.zeros(10), "<f4")),
    "byte order of data": Noticed(SAMPLES, new_values(SAMPLES, np.zeros(10), ">f8")),
    "signed data": Noticed(
        f"{SUBJECT}/properties/legs", new_values(f"{SUBJECT}/properties/legs", [4], "<u8")
    ),
    "property in ASCII": Noticed(SPECIES, new_values(SPECIES, ["Mus musculus"], ASCII)),
    "property of fixed length": Noticed(SPECIES, new_values(SPECIES, [b"Mus musculus"], "S12")),
    "texts in ASCII": Noticed(
        f"{ARRAYS}/texts/data", new_values(f"{ARRAYS}/texts/data", ["a", "b", ""], ASCII)
    ),
    "words of variable length": Noticed(
        f"{ARRAYS}/words/data", new_values(f"{ARRAYS}/words/data", ["one", "three"], UTF8)
    ),
    "longer words": Noticed(
        f"{ARRAYS}/words/data", new_values(f"{ARRAYS}/words/data", [b"one", b"three"], "S6")
    ),
    "numbers for flags": Noticed(
        f"{ARRAYS}/flags/data", new_values(f"{ARRAYS}/flags/data", [1, 0], "i1")
    ),
    "unknown texts in UTF-8": Noticed(
        f"{UNKNOWN}/texts", new_values(f"{UNKNOWN}/texts", ["a", "b"], UTF8)
    ),
    "names of columns": Noticed(
        f"{FRAME}/data",
        new_values(f"{FRAME}/data", TRIALS, named("a", "onset", "count", "good")),
    ),
    "texts of a column in ASCII": Noticed(
        f"{FRAME}/data",
        new_values(
            f"{FRAME}/data", TRIALS, named("stimulus", "onset", "count", "good", texts=ASCII)
        ),
    ),
    "place of a member": Noticed(
        ROWS, new_values(ROWS, PAIRS, [("a", "u1"), ("b", "<f8"), ("c", UTF8)])
    ),
    # shapes and storage
    "longer data": Noticed(SAMPLES, lambda file: file[SAMPLES].resize((11,))),
    "shorter data": Noticed(SAMPLES, lambda file: file[SAMPLES].resize((9,))),
    "data in one piece": Noticed(SAMPLES, stored(SAMPLES, contiguous)),
    "compact data": Noticed(SAMPLES, stored(SAMPLES, compact)),
    "data of limited length": Noticed(SAMPLES, stored(SAMPLES, as_it_is, limits=(20,))),
    "data that cannot grow": Noticed(SAMPLES, stored(SAMPLES, as_it_is, limits=(10,))),
    "other chunks": Noticed(SAMPLES, stored(SAMPLES, chunked(5))),
    "compression": Noticed(SAMPLES, stored(SAMPLES, lambda plist: plist.set_deflate(6))),
    "shuffling": Noticed(SAMPLES, stored(SAMPLES, lambda plist: plist.set_shuffle())),
    "fill value": Noticed(SAMPLES, stored(SAMPLES, set_fill)),
    "no filling": Noticed(
        SAMPLES, stored(SAMPLES, lambda plist: plist.set_fill_time(h5d.FILL_TIME_NEVER))
    ),
    "no compression": Noticed(PACKED, stored(PACKED, lambda plist: plist.remove_filter(1))),
    "other compression": Noticed(PACKED, stored(PACKED, recompressed)),
    "no fill value": Noticed(
        PACKED, stored(PACKED, lambda plist: plist.set_fill_value(np.array(0)))
    ),
    "file of data outside": Noticed(f"{UNKNOWN}/outside", outside("other.raw", 0)),
    "place of data outside": Noticed(f"{UNKNOWN}/outside", outside("elsewhere.raw", 8)),
    "file of virtual data": Noticed(f"{UNKNOWN}/virtual", virtual("other.h5", slice(0, 4))),
    "place of virtual data": Noticed(f"{UNKNOWN}/virtual", virtual("elsewhere.h5", slice(4, 8))),
}
"""Single changes of the target that nothing allows."""


@pytest.mark.parametrize("words", CHANGES)
def test_a_change_is_noticed(words: str, sample: Path, tmp_path: Path) -> None:
    place, change = CHANGES[words]
    told = differences(sample, changed(sample, tmp_path, change))
    assert told
    assert all(line.startswith(place) for line in told), told


SAME: dict[str, tuple[Change, ...]] = {
    "nothing": (),
    "links made anew": (lambda file: relink(file[UNKNOWN].id, {}),),
    "dataset made anew": (lambda file: remake(file[PACKED]), lambda file: remake(file[ROWS])),
    "dataset stored anew": (stored(SAMPLES, as_it_is), stored(PACKED, as_it_is)),
    "values written anew": (
        new_values(f"{FRAME}/data", TRIALS, named("stimulus", "onset", "count", "good")),
        new_values(SPECIES, ["Mus musculus"], UTF8),
    ),
    "value": (value(SAMPLES, 3, -np.nan), value(SAMPLES, 3, np.nan)),
    "group made anew": (regrouped(ARRAYS, h5p.CRT_ORDER_TRACKED),),
    "order that nothing keeps": (
        reordered(UNORDERED),
        regrouped(UNORDERED, h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED),
    ),
    "chunk past its filters": (raw(f"{UNKNOWN}/filtered", b"not four numbers"),),
    "holder of values outside": (outside("elsewhere.raw", 0),),
    "text made anew": (attribute(SUBJECT, "reference", "A-17", UTF8),),
}
"""Rewriting that changes nothing, and ways to change that leave alone what they should."""


@pytest.mark.parametrize("words", SAME)
def test_what_is_the_same_is_no_difference(words: str, sample: Path, tmp_path: Path) -> None:
    target = changed(sample, tmp_path, *SAME[words])
    assert differences(sample, target, NOTHING) == []
    assert differences(sample, target) == []


# What a rewrite may change


class Pair(NamedTuple):
    """Changes of a source and of its target."""

    source: Change
    target: Change = as_it_is


FEATURE = f"{TAG}/features/{id_of('stimulus_events')}"
LINK = f"{ARRAYS}/linked/dimensions/1/link"
COLUMN_LINK = f"{ARRAYS}/linked/dimensions/2/link"
COLUMN = f"{ARRAYS}/rated/dimensions/1"
LABELS = f"{LFP}/dimensions/2/labels"
TIME = f"{VOLTAGE}/dimensions/1"

ALLOWED: dict[str, Pair] = {
    "text in ASCII": Pair(attribute(VOLTAGE, "unit", "mV", ASCII)),
    "text of fixed length": Pair(raw_text(VOLTAGE, "unit", b"mV", h5t.STR_NULLPAD)),
    "text of fixed length with an end": Pair(raw_text(VOLTAGE, "unit", b"mV\0x", h5t.STR_NULLTERM)),
    "text of fixed length with blanks": Pair(raw_text(VOLTAGE, "unit", b"mV  ", h5t.STR_SPACEPAD)),
    "text in a list": Pair(attribute(VOLTAGE, "unit", ["mV"], UTF8, (1,))),
    "text in a table": Pair(raw_text(VOLTAGE, "unit", b"mV", h5t.STR_NULLPAD, (1, 1))),
    "text of a dimension": Pair(attribute(TIME, "label", "time", ASCII)),
    "text of a property": Pair(attribute(SPECIES, "reference", "the breeder", ASCII)),
    "text of a section": Pair(attribute(SUBJECT, "repository", "https://example.org/terms", ASCII)),
    "text of a feature": Pair(attribute(FEATURE, "link_type", "untagged", ASCII)),
    "text of a dimension link": Pair(attribute(LINK, "data_object_type", "DataArray", ASCII)),
    "text of the file": Pair(attribute("/", "format", "nix", ASCII)),
    "time": Pair(attribute(VOLTAGE, "created_at", "20210304T120000", ASCII)),
    "number that is whole": Pair(
        attribute(TIME, "offset", 1, "<i4"), attribute(TIME, "offset", 1.0)
    ),
    "number of fewer bits": Pair(attribute(LFP, "expansion_origin", 1.5, "<f4")),
    "number in a list": Pair(attribute(LFP, "expansion_origin", [1.5])),
    "number that is big-endian": Pair(attribute(AGE, "uncertainty", 0.5, ">f8")),
    "no number": Pair(
        attribute(LFP, "expansion_origin", np.nan, "<f4"),
        attribute(LFP, "expansion_origin", np.nan),
    ),
    "version of more bits": Pair(attribute("/", "version", [1, 2, 1], "<i8")),
    "index of fewer bits": Pair(attribute(LINK, "index", [-1], "<i4")),
    "index in a list": Pair(attribute(COLUMN_LINK, "index", [0])),
    "number of a column": Pair(attribute(COLUMN, "column_index", 1, "<i8")),
    "units of a frame in ASCII": Pair(attribute(FRAME, "units", ["", "s", "", ""], ASCII)),
    "units of the data of a frame": Pair(
        attribute(f"{FRAME}/data", "units", [b"", b"s", b"", b""], "S3")
    ),
    "labels of fixed length": Pair(new_values(LABELS, [b"left", b"middle", b"right"], "S6")),
    "labels in ASCII": Pair(new_values(LABELS, ["left", "middle", "right"], ASCII)),
    "units in ASCII": Pair(new_values(f"{TAG}/units", ["ms"], ASCII)),
    "property in ASCII": Pair(new_values(SPECIES, ["Mus musculus"], ASCII)),
    "property of fixed length": Pair(new_values(SPECIES, [b"Mus musculus"], "S14")),
    "texts in ASCII": Pair(new_values(f"{ARRAYS}/texts/data", [b"a", "µ".encode(), b""], ASCII)),
    "data in one piece": Pair(stored(SAMPLES, contiguous)),
    "compact data": Pair(stored(SAMPLES, compact)),
    "data of limited length": Pair(stored(SAMPLES, as_it_is, limits=(20,))),
    "labels in one piece": Pair(stored(LABELS, contiguous)),
    "ticks in one piece": Pair(stored(f"{EVENTS}/dimensions/1/ticks", contiguous)),
    "unknown data in one piece": Pair(
        as_it_is, stored(f"{UNKNOWN}/contiguous", chunked(5), limits=(h5s.UNLIMITED,))
    ),
    "rows in one piece": Pair(stored(f"{FRAME}/data", contiguous)),
    "property in one piece": Pair(stored(AGE, contiguous)),
    "no order": Pair(regrouped(ARRAYS, 0)),
    "order without index": Pair(regrouped(ARRAYS, h5p.CRT_ORDER_TRACKED)),
}
"""Changes of the source of which each is undone by a rewrite."""


@pytest.mark.parametrize("words", ALLOWED)
def test_what_a_rewrite_may_change_is_no_difference(
    words: str, sample: Path, tmp_path: Path
) -> None:
    pair = ALLOWED[words]
    source = changed(sample, tmp_path, pair.source)
    target = changed(sample, tmp_path, pair.target)
    assert differences(source, target) == []
    assert bool(differences(source, target, NOTHING)) == ("order" not in words)


FORBIDDEN: dict[str, Pair] = {
    "other text": Pair(attribute(VOLTAGE, "unit", "uV", ASCII)),
    "longer text": Pair(raw_text(VOLTAGE, "unit", b"mV ", h5t.STR_NULLPAD)),
    "text with a null in it": Pair(raw_text(VOLTAGE, "unit", b"mV\0x", h5t.STR_NULLPAD)),
    "two texts": Pair(attribute(VOLTAGE, "unit", ["mV", "mV"], UTF8)),
    "no text": Pair(attribute(VOLTAGE, "unit", h5py.Empty(UTF8))),
    "bytes that become a text": Pair(
        bytes_text(VOLTAGE, "unit", b"\xb5V"), attribute(VOLTAGE, "unit", "µV", UTF8)
    ),
    "bytes that become UTF-8": Pair(
        raw_text(VOLTAGE, "unit", b"\xb5V", h5t.STR_NULLPAD),
        bytes_text(VOLTAGE, "unit", b"\xb5V"),
    ),
    "text in a list that stays in Latin 1": Pair(
        raw_text(VOLTAGE, "unit", b"mV", h5t.STR_NULLPAD, (1,)),
        raw_text(VOLTAGE, "unit", b"mV", h5t.STR_NULLPAD),
    ),
    "text of another class": Pair(
        attribute(f"{LFP}/dimensions/2", "unit", "mV", ASCII),
        attribute(f"{LFP}/dimensions/2", "unit", "mV", UTF8),
    ),
    "text of a container": Pair(
        attribute(ARRAYS, "name", "x", ASCII), attribute(ARRAYS, "name", "x", UTF8)
    ),
    "text of what is unknown": Pair(
        attribute(UNKNOWN, "name", "x", ASCII), attribute(UNKNOWN, "name", "x", UTF8)
    ),
    "text of a dataset": Pair(
        attribute(SAMPLES, "name", "x", ASCII), attribute(SAMPLES, "name", "x", UTF8)
    ),
    "units of an array": Pair(
        attribute(VOLTAGE, "units", ["x"], ASCII), attribute(VOLTAGE, "units", ["x"], UTF8)
    ),
    "number that was a text": Pair(attribute(LFP, "expansion_origin", "1.5", UTF8)),
    "number that is rounded": Pair(
        attribute(LFP, "expansion_origin", 2**53 + 1), attribute(LFP, "expansion_origin", 2.0**53)
    ),
    "two numbers": Pair(attribute(LFP, "expansion_origin", [1.5, 1.5])),
    "sign of a number": Pair(
        attribute(TIME, "offset", -0.0, "<f4"), attribute(TIME, "offset", 0.0)
    ),
    "number of another class": Pair(
        attribute(EVENTS, "offset", 1, "<i4"), attribute(EVENTS, "offset", 1.0)
    ),
    "two numbers of a version": Pair(
        attribute("/", "version", [1, 2], "<i8"), attribute("/", "version", [1, 2], "<i4")
    ),
    "other version": Pair(attribute("/", "version", [1, 2, 0], "<i8")),
    "longer index": Pair(attribute(LINK, "index", [-1, 0])),
    "index that is no list": Pair(as_it_is, attribute(LINK, "index", -1)),
    "other column": Pair(attribute(COLUMN, "column_index", 2, "<i8")),
    "units of a frame in another order": Pair(attribute(FRAME, "units", ["s", "", "", ""], ASCII)),
    "labels that are no UTF-8": Pair(
        new_values(LABELS, [b"left", b"\xb5", b"right"], "S6"),
        new_values(LABELS, [b"left", b"\xb5", b"right"], UTF8),
    ),
    "other labels": Pair(new_values(LABELS, [b"left", b"midd", b"right"], "S6")),
    "other texts": Pair(new_values(f"{ARRAYS}/texts/data", ["a", "b", ""], ASCII)),
    "fewer texts": Pair(lambda file: file[LABELS].resize((2,))),
    "ticks that float": Pair(
        new_values(f"{EVENTS}/dimensions/1/ticks", [0, 1, 2, 3], "<i4"),
        new_values(f"{EVENTS}/dimensions/1/ticks", [0, 1, 2, 3], "<f8"),
    ),
    "data in one piece that is compressed": Pair(stored(PACKED, contiguous), as_it_is),
    "data of limited length in other chunks": Pair(
        stored(SAMPLES, as_it_is, limits=(20,)), stored(SAMPLES, chunked(5))
    ),
    "data in one piece of limited length": Pair(
        stored(SAMPLES, contiguous), stored(SAMPLES, as_it_is, limits=(20,))
    ),
    "data in one piece with a fill value": Pair(
        stored(SAMPLES, contiguous), stored(SAMPLES, set_fill)
    ),
    "other data in one piece": Pair(stored(SAMPLES, contiguous), value(SAMPLES, 0, 0.0)),
    "order without index": Pair(regrouped(ARRAYS, h5p.CRT_ORDER_TRACKED), reordered(ARRAYS)),
    "member of a group without order": Pair(regrouped(ARRAYS, 0), unlinked(f"{ARRAYS}/flags")),
}
"""What comes near to what a rewrite may change."""


@pytest.mark.parametrize("words", FORBIDDEN)
def test_what_is_near_to_that_is_a_difference(words: str, sample: Path, tmp_path: Path) -> None:
    pair = FORBIDDEN[words]
    source = changed(sample, tmp_path, pair.source)
    assert differences(source, changed(sample, tmp_path, pair.target))


# Files that nobody should write


def test_files_nested_deep_are_compared(tmp_path: Path) -> None:
    one, two = tmp_path / "one.nix", tmp_path / "two.nix"
    for number, path in enumerate((one, two)):
        with new_file(path) as file:
            here = new_group(file["/"], "metadata")
            for _ in range(3000):
                here = new_group(here, "n")
            here.attrs["depth"] = number
    assert differences(one, one) == []
    (told,) = differences(one, two)
    assert told.endswith("/n: attribute 'depth' is [1], it was [0]")


@pytest.mark.parametrize("names", [("again",), ("data", "again"), ("metadata", "sections", "x")])
def test_hard_links_back_are_compared(names: tuple[str, ...], sample: Path, tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        for name in names:
            for place in ("/data", SESSION, VOLTAGE, SUBJECT):
                if name not in file[place]:
                    file[place][name] = file["/"]

    path = changed(sample, tmp_path, change)
    assert differences(path, path) == []
    assert differences(sample, path)
