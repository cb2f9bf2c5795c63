"""What nobody should have written is rewritten as it is.

Each case makes one kind of oddity, in all the places where it can be at once, in a sound file.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from h5py import h5a, h5d, h5g, h5o, h5p, h5s, h5t

from tests.plain import ASCII, UTF8, new_file, new_group, write
from tests.reading.test_hostile import odd_types
from tests.sound import SOUND, id_of
from tests.writing.editing import copy_attributes, relink, remake
from tests.writing.hdf5 import Unreadable, attributes_of, kind_of
from tests.writing.known import DATASETS, KINDS, Found, walk
from tests.writing.objects import differences
from tests.writing.sample import EVENTS, FRAME, LFP, SESSION, SPECIES, SUBJECT, TAG, VOLTAGE
from tests.writing.test_rewriting import check, run

Edit = Callable[[h5py.File], object]

ARRAYS = f"{SESSION}/data_arrays"
UNTOUCHED = ("format", "version")
"""Attributes that make a file a NIX file of the present layout."""


@pytest.fixture
def rewrite(tmp_path: Path) -> Callable[[Edit], None]:
    """Edits the sound file, and rewrites it twice."""

    def make(edit: Edit) -> None:
        source, target, again = (
            tmp_path / name for name in ("source.nix", "once.nix", "twice.nix")
        )
        write(SOUND, source)
        with h5py.File(source, "r+") as file:
            edit(file)
        run("convert", source, target, "--force")
        check(source, target)
        run("convert", target, again, "--force")
        assert differences(target, again) == []

    return make


def every_object(file: h5py.File) -> list[Any]:
    """The root, all groups and all datasets."""
    found = [file["/"]]
    file.visititems(lambda _, thing: found.append(thing))
    return found


def known_objects(file: h5py.File, *kinds: str) -> Iterator[tuple[Found, Any]]:
    """All objects of the format, or those of some kinds."""
    for found in list(walk(file)):
        if not kinds or found.kind in kinds:
            is_dataset = kind_of(found.id) == "dataset"
            yield found, h5py.Dataset(found.id) if is_dataset else h5py.Group(found.id)


def known_attributes(file: h5py.File) -> Iterator[tuple[Any, str]]:
    """The attributes of the format that there are."""
    for found, thing in known_objects(file):
        kind = KINDS[found.kind]
        given = attributes_of(found.id)
        for name in (*kind.texts, *kind.numbers):
            if not isinstance(given, Unreadable) and name in given and name not in UNTOUCHED:
                yield thing, name


# Attributes

ODD_VALUES: dict[str, Callable[[Any, str], object]] = {
    "integers": lambda thing, name: thing.attrs.create(name, 3, dtype="<i2"),
    "large integers": lambda thing, name: thing.attrs.create(name, 2**63 + 1, dtype="<u8"),
    "small floats": lambda thing, name: thing.attrs.create(name, 0.1, dtype="<f4"),
    "booleans": lambda thing, name: thing.attrs.create(name, True),
    "NaN": lambda thing, name: thing.attrs.create(name, np.nan),
    "minus infinity": lambda thing, name: thing.attrs.create(name, -np.inf, dtype=">f8"),
    "complex numbers": lambda thing, name: thing.attrs.create(name, 1 + 2j),
    "lists of one": lambda thing, name: thing.attrs.create(name, [3], dtype="<i4"),
    "lists of numbers": lambda thing, name: thing.attrs.create(name, [0.5, 1.5], dtype="<f4"),
    "tables": lambda thing, name: thing.attrs.create(name, [[1], [2]]),
    "empty lists": lambda thing, name: thing.attrs.create(name, np.zeros(0), dtype="<f8"),
    "texts": lambda thing, name: thing.attrs.create(name, "µ", dtype=UTF8),
    "texts that are empty": lambda thing, name: thing.attrs.create(name, "", dtype=ASCII),
    "lists of one text": lambda thing, name: thing.attrs.create(name, ["a"], dtype=ASCII),
    "lists of texts": lambda thing, name: thing.attrs.create(name, ["a", "b"], dtype=ASCII),
    "words": lambda thing, name: thing.attrs.create(name, b"word", dtype="S6"),
    "lists of words": lambda thing, name: thing.attrs.create(name, [b"word", b""], dtype="S4"),
    "words with nulls": lambda thing, name: thing.attrs.create(name, b"a\0b", dtype="S4"),
    "bytes": lambda thing, name: thing.attrs.create(name, b"\xb5\xff", dtype=UTF8),
    "bytes of fixed length": lambda thing, name: thing.attrs.create(name, b"\xb5", dtype="S3"),
    "lists of bytes": lambda thing, name: thing.attrs.create(name, [b"\xb5", b"a"], dtype=UTF8),
    "no values": lambda thing, name: thing.attrs.create(name, h5py.Empty("<f8")),
    "no texts": lambda thing, name: thing.attrs.create(name, h5py.Empty(ASCII)),
    "long texts": lambda thing, name: thing.attrs.create(name, "x" * 70_000, dtype=ASCII),
    "records": lambda thing, name: thing.attrs.create(
        name, np.array((1, "a"), [("n", "<i2"), ("t", UTF8)])
    ),
    "references": lambda thing, name: thing.attrs.create(
        name, thing.file[EVENTS].ref, dtype=h5py.ref_dtype
    ),
    "lists of references": lambda thing, name: thing.attrs.create(
        name, np.array([thing.ref, None], object), dtype=h5py.ref_dtype
    ),
    "regions": lambda thing, name: thing.attrs.create(
        name, thing.file[EVENTS]["data"].regionref[1:3], dtype=h5py.regionref_dtype
    ),
    "opaque values": lambda thing, name: thing.attrs.create(name, np.void(b"\0\1\2")),
}
"""What an attribute can be."""


@pytest.mark.parametrize("words", ODD_VALUES)
def test_attributes_of_the_format_with(words: str, rewrite: Callable[[Edit], None]) -> None:
    def edit(file: h5py.File) -> None:
        for thing, name in list(known_attributes(file)):
            ODD_VALUES[words](thing, name)

    rewrite(edit)


@pytest.mark.parametrize("words", ODD_VALUES)
def test_unknown_attributes_with(words: str, rewrite: Callable[[Edit], None]) -> None:
    def edit(file: h5py.File) -> None:
        for thing in every_object(file):
            ODD_VALUES[words](thing, "unknown")
            ODD_VALUES[words](thing, "µ/ \n")

    rewrite(edit)


def test_versions_that_are_none(rewrite: Callable[[Edit], None]) -> None:
    for words in ("texts", "lists of numbers", "NaN", "empty lists", "no values", "references"):
        rewrite(lambda file, words=words: ODD_VALUES[words](file["/"], "version"))  # type: ignore[misc]
    rewrite(lambda file: file.attrs.pop("version"))


def test_without_any_attribute(rewrite: Callable[[Edit], None]) -> None:
    def edit(file: h5py.File) -> None:
        for thing, name in list(known_attributes(file)):
            del thing.attrs[name]

    rewrite(edit)


def test_many_attributes(rewrite: Callable[[Edit], None]) -> None:
    def edit(file: h5py.File) -> None:
        for thing in every_object(file):
            for number in range(20):
                thing.attrs[f"a{number}"] = number

    rewrite(edit)


# Types


@pytest.mark.parametrize("name", odd_types())
def test_odd_types(name: str, rewrite: Callable[[Edit], None]) -> None:
    def edit(file: h5py.File) -> None:
        kind = odd_types()[name]
        space = h5s.create_simple((3,), (h5s.UNLIMITED,))
        plist = h5p.create(h5p.DATASET_CREATE)
        plist.set_chunk((4,))
        for thing, key in list(known_attributes(file))[::2]:
            del thing.attrs[key]
            h5a.create(thing.id, key.encode(), kind, h5s.create(h5s.SCALAR))
        for found, thing in list(known_objects(file, *DATASETS)):
            remake(thing, plist, kind, space)
            assert found.kind in DATASETS
        for group in [one for one in every_object(file) if isinstance(one, h5py.Group)]:
            h5d.create(group.id, b"unknown", kind, space, plist)

    rewrite(edit)


def test_named_types(rewrite: Callable[[Edit], None]) -> None:
    def edit(file: h5py.File) -> None:
        file["number"], file["text"] = np.dtype("<f8"), np.dtype(UTF8)
        for name in ("unknown", "expansion_origin"):
            h5a.create(
                file[LFP].id, name.encode() + b"_", file["number"].id, h5s.create(h5s.SCALAR)
            )
        file[LFP].create_dataset("unknown", (2,), dtype=file["number"])
        del file[EVENTS]["data"]
        made = file[EVENTS].create_dataset(
            "data", (4,), dtype=file["number"], chunks=(4,), maxshape=(None,)
        )
        made[...] = [1.0, 2.0, 3.0, 4.0]
        file[SUBJECT]["sections"]["type"] = file["text"]

    rewrite(edit)


# Datasets


def other_storage(alter: Callable[[Any, int], object], *, limits: bool = False) -> Edit:
    """Store all datasets of the format in another way."""

    def edit(file: h5py.File) -> None:
        for _, thing in list(known_objects(file, *DATASETS)):
            values, type_id = thing[()], thing.id.get_type()
            plist = h5p.create(h5p.DATASET_CREATE)
            alter(plist, thing.ndim)
            chunked = plist.get_layout() == h5d.CHUNKED and not limits
            space = h5s.create_simple(
                thing.shape, (h5s.UNLIMITED,) * thing.ndim if chunked else None
            )
            made = remake(thing, plist, type_id, space)
            if made.size:
                made[...] = values

    return edit


def compressed(plist: Any, rank: int) -> None:
    plist.set_chunk((2,) * rank)
    plist.set_shuffle()
    plist.set_deflate(9)


STORAGE: dict[str, Edit] = {
    "one piece": other_storage(lambda plist, rank: plist.set_layout(h5d.CONTIGUOUS)),
    "compact": other_storage(lambda plist, rank: plist.set_layout(h5d.COMPACT)),
    "limited": other_storage(lambda plist, rank: plist.set_chunk((1,) * rank), limits=True),
    "small chunks": other_storage(lambda plist, rank: plist.set_chunk((1,) * rank)),
    "large chunks": other_storage(lambda plist, rank: plist.set_chunk((300,) * rank)),
    "filters": other_storage(compressed),
}


@pytest.mark.parametrize("words", STORAGE)
def test_data_stored_as(words: str, rewrite: Callable[[Edit], None]) -> None:
    rewrite(STORAGE[words])


def remade(make: Callable[[h5py.Group, str], object]) -> Edit:
    """Make all datasets of the format anew."""

    def edit(file: h5py.File) -> None:
        for found, thing in list(known_objects(file, *DATASETS)):
            parent, name = thing.parent, found.link
            relink(parent.id, {name.encode(): []})
            make(parent, name)
            copy_attributes(thing.id, parent[name].id)

    return edit


def outside(group: h5py.Group, name: str) -> None:
    group.create_dataset(name, (4,), "f8", external=[("elsewhere.raw", 8, 32)])


def virtual(group: h5py.Group, name: str) -> None:
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:2] = h5py.VirtualSource("elsewhere.h5", "x", (2,))
    layout[2:] = h5py.VirtualSource(".", "/y", (8,))[4:6]
    group.create_virtual_dataset(name, layout, fillvalue=1.5)


def sparse(group: h5py.Group, name: str) -> None:
    made = group.create_dataset(
        name, (100, 10), "<i2", chunks=(10, 4), maxshape=(None, None), fillvalue=-1, compression=4
    )
    made[35, 7] = 1


def texts_in_places(group: h5py.Group, name: str) -> None:
    made = group.create_dataset(name, (100,), ASCII, chunks=(10,), maxshape=(None,))
    made[35] = "x"


def claimed(group: h5py.Group, name: str) -> None:
    group.create_dataset(name, (2**40,), "f8", chunks=(2**20,), maxshape=(None,))


def of_a_missing_filter(group: h5py.Group, name: str) -> None:
    plist = h5p.create(h5p.DATASET_CREATE)
    plist.set_chunk((4,))
    plist.set_filter(32767, h5py.h5z.FLAG_OPTIONAL, (1, 2))
    space = h5s.create_simple((8,), (h5s.UNLIMITED,))
    made = h5d.create(group.id, name.encode(), h5t.IEEE_F64LE, space, plist)
    made.write_direct_chunk((0,), b"not four numbers", 0)
    made.write_direct_chunk((4,), np.arange(4.0).tobytes(), 1)


def never_filled(group: h5py.Group, name: str) -> None:
    plist = h5p.create(h5p.DATASET_CREATE)
    plist.set_chunk((4,))
    plist.set_fill_time(h5d.FILL_TIME_NEVER)
    space = h5s.create_simple((8,), (h5s.UNLIMITED,))
    h5d.create(group.id, name.encode(), h5t.IEEE_F64LE, space, plist)


SHAPES: dict[str, Callable[[h5py.Group, str], object]] = {
    "scalars": lambda group, name: group.create_dataset(name, data=1.5),
    "scalar texts": lambda group, name: group.create_dataset(name, data="a", dtype=ASCII),
    "null spaces": lambda group, name: group.create_dataset(name, data=h5py.Empty("f8")),
    "nothing": lambda group, name: group.create_dataset(
        name, (0,), "<f4", chunks=(1,), maxshape=(None,)
    ),
    "nothing in one piece": lambda group, name: group.create_dataset(name, (0, 3), "<f4"),
    "tables": lambda group, name: group.create_dataset(name, data=np.ones((2, 3, 1))),
    "bytes": lambda group, name: group.create_dataset(name, data=[b"\xb5", b"a"], dtype=UTF8),
    "bytes in ASCII": lambda group, name: group.create_dataset(name, data=[b"\xb5"], dtype=ASCII),
    "words": lambda group, name: group.create_dataset(name, data=[b"a", b"\xb5"], dtype="S2"),
    "words in UTF-8": lambda group, name: group.create_dataset(
        name, data=[b"a", b"bc"], dtype=h5py.string_dtype("utf-8", 4)
    ),
    "texts with a fill value": lambda group, name: group.create_dataset(
        name, (4,), ASCII, chunks=(4,), fillvalue="x"
    ),
    "values outside": outside,
    "virtual values": virtual,
    "holes": sparse,
    "holes in texts": texts_in_places,
    "a filter that is missing": of_a_missing_filter,
    "values that are not filled": never_filled,
    "groups": lambda group, name: group.create_group(name),
}


@pytest.mark.parametrize("words", SHAPES)
def test_datasets_that_are(words: str, rewrite: Callable[[Edit], None]) -> None:
    rewrite(remade(SHAPES[words]))


@pytest.mark.parametrize("words", SHAPES)
def test_unknown_datasets_that_are(words: str, rewrite: Callable[[Edit], None]) -> None:
    def edit(file: h5py.File) -> None:
        for group in [one for one in every_object(file) if isinstance(one, h5py.Group)]:
            SHAPES[words](group, "unknown")

    rewrite(edit)


def test_sizes_that_are_only_claimed(tmp_path: Path) -> None:
    """In a process of its own, which must end by itself."""
    source, target = tmp_path / "source.nix", tmp_path / "target.nix"
    write(SOUND, source)
    with h5py.File(source, "r+") as file:
        remade(claimed)(file)
        claimed(file[VOLTAGE], "unknown")
    subprocess.run(
        [sys.executable, "-m", "nixschema", "convert", str(source), str(target)],
        check=True,
        timeout=30,
    )
    check(source, target)


# Links


def everywhere(make: Callable[[h5py.Group, str], object]) -> Edit:
    """Put something into every group under names that mean something, where they are free."""
    names = ("data", "sources", "sections", "properties", "dimensions", "link", "1", "unknown")

    def edit(file: h5py.File) -> None:
        for group in [one for one in every_object(file) if isinstance(one, h5py.Group)]:
            for name in names:
                if name not in group:
                    make(group, name)

    return edit


def set_link(target: Any) -> Callable[[h5py.Group, str], object]:
    return lambda group, name: group.__setitem__(name, target)


def hard(target: str) -> Callable[[h5py.Group, str], object]:
    return lambda group, name: group.__setitem__(name, group.file[target])


LINKS: dict[str, Edit] = {
    "hard links to the root": everywhere(hard("/")),
    "hard links to a block": everywhere(hard(SESSION)),
    "hard links to an array": everywhere(hard(VOLTAGE)),
    "hard links to a dataset": everywhere(hard(f"{VOLTAGE}/data")),
    "hard links to a container": everywhere(hard(ARRAYS)),
    "hard links to a section": everywhere(hard(SUBJECT)),
    "hard links to itself": everywhere(lambda group, name: group.__setitem__(name, group)),
    "soft links to nothing": everywhere(set_link(h5py.SoftLink("/nowhere/at/all"))),
    "soft links to themselves": everywhere(
        lambda group, name: group.__setitem__(name, h5py.SoftLink(name))
    ),
    "soft links to an array": everywhere(set_link(h5py.SoftLink(VOLTAGE))),
    "soft links to a dataset": everywhere(set_link(h5py.SoftLink(f"{EVENTS}/data"))),
    "soft links to a container": everywhere(set_link(h5py.SoftLink(ARRAYS))),
    "soft links to a section": everywhere(set_link(h5py.SoftLink(SUBJECT))),
    "external links": everywhere(set_link(h5py.ExternalLink("elsewhere.nix", VOLTAGE))),
    "empty groups": everywhere(lambda group, name: new_group(group, name)),
    "groups without order": everywhere(lambda group, name: group.create_group(name)),
    "groups in groups": everywhere(lambda group, name: group.create_group(name).create_group("x")),
    "datasets": everywhere(lambda group, name: group.create_dataset(name, data=[1.5])),
}


@pytest.mark.parametrize("words", LINKS)
def test_everywhere(words: str, rewrite: Callable[[Edit], None]) -> None:
    rewrite(LINKS[words])


def softened(*places: str) -> Edit:
    """Let soft links lead to objects that lie elsewhere now."""

    def edit(file: h5py.File) -> None:
        elsewhere = new_group(file["/"], "elsewhere")
        for number, place in enumerate(places):
            parent, _, name = place.rpartition("/")
            thing = h5o.open(file.id, place.encode())
            soft = h5py.SoftLink(f"/elsewhere/{number}")
            h5o.link(thing, elsewhere.id, str(number).encode())
            relink(file[parent or "/"].id, {name.encode(): [(name.encode(), soft)]})

    return edit


SOFT: dict[str, Edit] = {
    "an array": softened(VOLTAGE),
    "a container": softened(ARRAYS),
    "data": softened(f"{VOLTAGE}/data"),
    "dimensions": softened(f"{VOLTAGE}/dimensions"),
    "a dimension": softened(f"{VOLTAGE}/dimensions/1"),
    "a frame and its data": softened(FRAME, f"{FRAME}/data"),
    "a section": softened(SUBJECT),
    "a property": softened(SPECIES),
    "properties": softened(f"{SUBJECT}/properties"),
    "metadata": softened(f"{TAG}/metadata"),
    "references": softened(f"{TAG}/references"),
    "a reference": softened(f"{TAG}/references/{id_of('voltage')}"),
    "a feature": softened(f"{TAG}/features/{id_of('stimulus_events')}"),
    "positions": softened(f"{SESSION}/multi_tags/spikes/positions"),
    "a link": softened(f"{ARRAYS}/linked/dimensions/1/link"),
    "both sides": softened("/data", "/metadata"),
}


@pytest.mark.parametrize("words", SOFT)
def test_soft_links_to(words: str, rewrite: Callable[[Edit], None]) -> None:
    rewrite(SOFT[words])


def shared(place: str, target: str) -> Edit:
    """Let a link lead where another does."""

    def edit(file: h5py.File) -> None:
        parent, _, name = place.rpartition("/")
        thing = h5o.open(file.id, target.encode())
        group = file[parent or "/"]
        if name in group:
            relink(group.id, {name.encode(): [(name.encode(), thing)]})
        else:
            h5o.link(thing, group.id, name.encode())

    return edit


SHARED: dict[str, Edit] = {
    "the data of arrays": shared(f"{EVENTS}/data", f"{VOLTAGE}/data"),
    "the ticks and the data": shared(f"{EVENTS}/dimensions/1/ticks", f"{EVENTS}/data"),
    "the dimensions of arrays": shared(f"{EVENTS}/dimensions", f"{VOLTAGE}/dimensions"),
    "the labels of dimensions": shared(f"{EVENTS}/dimensions/1/labels", f"{TAG}/units"),
    "the units of tags": shared(f"{SESSION}/multi_tags/spikes/units", f"{TAG}/units"),
    "an array of two names": shared(f"{ARRAYS}/again", VOLTAGE),
    "an array as a frame": shared(f"{SESSION}/data_frames/again", VOLTAGE),
    "a container as another": shared(f"{SESSION}/data_frames", ARRAYS),
    "the sources of arrays": shared(f"{LFP}/sources", f"{VOLTAGE}/sources"),
    "the references of tags": shared(
        f"{SESSION}/multi_tags/spikes/references", f"{TAG}/references"
    ),
    "the features of tags": shared(f"{SESSION}/multi_tags/spikes/features", f"{TAG}/features"),
    "a property of two sections": shared("/metadata/protocol/properties/species", SPECIES),
    "properties of two sections": shared("/metadata/protocol/properties", f"{SUBJECT}/properties"),
    "a section of two sections": shared("/metadata/protocol/sections", f"{SUBJECT}/sections"),
    "a section in itself": shared(f"{SUBJECT}/sections/again", SUBJECT),
    "a source in itself": shared(
        f"{SESSION}/sources/cell/sources/again", f"{SESSION}/sources/cell"
    ),
    "a block of two names": shared("/data/again", SESSION),
    "blocks and sections": shared("/metadata", "/data"),
    "a foreign array": shared(f"{TAG}/references/foreign", f"{SESSION}/data_frames/trials"),
    "metadata of the wrong kind": shared(f"{TAG}/metadata", VOLTAGE),
    "units of labels": shared(f"{LFP}/dimensions/2/labels", f"{TAG}/units"),
}


@pytest.mark.parametrize("words", SHARED)
def test_sharing(words: str, rewrite: Callable[[Edit], None]) -> None:
    rewrite(SHARED[words])


def test_links_with_other_names(rewrite: Callable[[Edit], None]) -> None:
    def edit(file: h5py.File) -> None:
        for found, thing in list(known_objects(file)):
            if found.owned and KINDS[found.kind].named:
                thing.attrs.create("name", f"{found.link} of another name", dtype=UTF8)
                thing.attrs.create("entity_id", id_of("voltage"), dtype=UTF8)

    rewrite(edit)


def test_names_that_are_no_utf8(rewrite: Callable[[Edit], None]) -> None:
    def edit(file: h5py.File) -> None:
        for group in [one for one in every_object(file) if isinstance(one, h5py.Group)]:
            h5g.create(group.id, b"caf\xe9 \xff")
            h5a.create(group.id, b"caf\xe9", h5t.STD_I8LE, h5s.create(h5s.SCALAR))

    rewrite(edit)


def test_groups_in_reverse(rewrite: Callable[[Edit], None]) -> None:
    def edit(file: h5py.File) -> None:
        for group in [one for one in every_object(file) if isinstance(one, h5py.Group)]:
            relink(group.id, {}, lambda names: names[::-1])

    rewrite(edit)


def test_numbers_of_dimensions(rewrite: Callable[[Edit], None]) -> None:
    def edit(file: h5py.File) -> None:
        group = file[f"{LFP}/dimensions"].id
        names = [(b"1", [b"3"]), (b"2", [b"02", b"0", b"x", b"-1", b"99999999999999999999"])]
        things = {key: h5o.open(group, key) for key, _ in names}
        relink(group, {key: [(one, things[key]) for one in new] for key, new in names})

    rewrite(edit)


@pytest.mark.parametrize("place", ["metadata/sections", "data/s/sources/sources"])
def test_what_is_nested_deep(place: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source.nix", tmp_path / "target.nix"
    write(SOUND, source)
    with h5py.File(source, "r+") as file:
        inner = place.rpartition("/")[2]
        here = file["/metadata" if inner == "sections" else f"{SESSION}/sources"]
        for number in range(2000):
            here = new_group(here, "n")
            for key, text in (("name", "n"), ("type", "t"), ("entity_id", f"{number}")):
                here.attrs.create(key, text, dtype=ASCII)
            here = new_group(here, inner)
    run("convert", source, target)
    check(source, target)


def test_an_empty_file(tmp_path: Path) -> None:
    source, target = tmp_path / "source.nix", tmp_path / "target.nix"
    with new_file(source) as file:
        file.attrs["format"] = "nix"
    run("convert", source, target)
    check(source, target)
