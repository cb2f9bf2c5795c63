"""Metadata of new files, which is written as bytes, beside what libhdf5 makes of the same."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any

import h5py
import nixio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nixschema as nx
from nixschema.storage import blocks, metadata

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
VALUES = (
    st.lists(TEXTS, max_size=4)
    | st.lists(st.booleans(), max_size=4)
    | st.lists(st.integers(-(2**63), 2**63 - 1), max_size=40)
    | st.lists(st.integers(0, 2**64 - 1), max_size=4)
    | st.lists(st.floats(), max_size=4)
)


def section(name: str, *properties: nx.Property, **fields: Any) -> nx.Section:
    return nx.Section(name=name, type="test", properties=list(properties), **fields)


def written(path: Path, *sections: nx.Section, **fields: Any) -> Path:
    nx.write(nx.File(metadata=list(sections), **fields), path, check="none")
    return path


def of_all_kinds() -> list[nx.Section]:
    """Sections with what they may hold, one of them with more members than a group's head has."""
    kinds: dict[str, Any] = {
        "text": "a text", "texts": ["", "µ", " x\n", "a" * 100_000], "boolean": [True, False],
        "whole": [-1, 2**62], "large": [1, 2**64 - 1], "number": [math.nan, -0.0, 1e-300],
        "nothing": [], "many": list(range(10_000)), "ünïcode": "é" * 300, "x" * 300: 1,
    }  # fmt: skip
    properties = [nx.Property(name=name, values=values) for name, values in kinds.items()]
    full = nx.Property(
        name="full", values=1.5, dtype="float", unit="mV", uncertainty=0.25, definition="",
        reference="r", dependency="text", dependency_value="a", value_origin="o.txt",
    )  # fmt: skip
    typed = nx.Property(name="typed", values=[], storage="float64")
    wide = section("wide", *(nx.Property(name=f"p{one}", values=one) for one in range(200)))
    deep = [section(f"s{one}") for one in range(70)]
    first = section(
        "first", *properties, full, typed, sections=[wide, *deep], repository="http://x.org",
        reference="r", definition="d",
    )  # fmt: skip
    return [first, section("empty")]


def shown(path: Path) -> list[Any]:
    """All that h5py tells of a file's objects, how they are stored included."""
    found: list[Any] = []

    def look(name: str, one: Any) -> None:
        plist = one.id.get_create_plist()
        told: list[Any] = [name, h5py.h5o.get_info(one.id).rc, plist.get_attr_phase_change()]
        told.append(h5py.h5a.get_num_attrs(one.id))
        told.append(plist.get_obj_track_times())
        for key in one.attrs:
            attribute = one.attrs.get_id(key)
            space = attribute.get_space().get_simple_extent_type()
            told.append((key, attribute.get_type().encode(), space, repr(one.attrs[key])))
        if isinstance(one, h5py.Dataset):
            told += [one.shape, one.maxshape, one.chunks, one.id.get_type().encode()]
            told += [repr(one[()].tolist()), plist.get_fill_time(), plist.get_alloc_time()]
            told += [plist.fill_value_defined(), one.id.get_storage_size()]
        else:
            links = [one.id.links.get_info(key.encode()) for key in one]
            told += [list(one), plist.get_link_creation_order()]
            told += [(link.cset, link.corder) for link in links]
        found.append(told)

    with h5py.File(path, "r", track_order=True) as file:
        file.visititems(look)
    return found


@pytest.fixture
def by_libhdf5(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Has libhdf5 write all, from when it is called."""
    return lambda: monkeypatch.setattr(metadata, "_opening", lambda: None)


def pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_PIECE_BYTES", 5_000)


@pytest.mark.parametrize("in_pieces", [False, True])
def test_the_objects_are_those_that_libhdf5_makes(
    tmp_path: Path, by_libhdf5: Any, monkeypatch: pytest.MonkeyPatch, in_pieces: bool
) -> None:
    if in_pieces:
        pieces(monkeypatch)
    file = nx.File(metadata=of_all_kinds())
    nx.write(file, tmp_path / "a.nix", check="none")
    by_libhdf5()
    nx.write(file, tmp_path / "b.nix", check="none")
    bytes_of = [(tmp_path / name).read_bytes() for name in ("a.nix", "b.nix")]
    assert bytes_of[0].count(b"EAHD") == bytes_of[1].count(b"EAHD") == 210
    assert bytes_of[0] != bytes_of[1]
    assert shown(tmp_path / "a.nix") == shown(tmp_path / "b.nix")


@pytest.mark.parametrize("name", ["first", "first/properties", "empty", "first/properties/full"])
def test_headers_have_the_messages_that_libhdf5_writes(
    tmp_path: Path, by_libhdf5: Any, name: str
) -> None:
    paths = tmp_path / "a.nix", tmp_path / "b.nix"
    few = [nx.Property(name=f"p{one}", values=[one]) for one in range(3)]
    full = nx.Property(name="full", values=["a", ""], unit="mV", uncertainty=0.25)
    file = nx.File(metadata=[section("first", full, *few, definition=""), section("empty")])
    nx.write(file, paths[0], check="none")
    by_libhdf5()
    nx.write(file, paths[1], check="none")
    by_bytes, by_library = (sorted(messages(path, f"metadata/{name}")) for path in paths)
    assert by_bytes == by_library


CONTINUED, GROUP_INFO, NOTHING = 0x10, 0x0A, 0x00
"""Messages that say how libhdf5 has arranged a header, and when links leave it."""
PLACES = {0x06: -8, 0x08: -8, 0x0C: -12}
"""Where addresses begin in links, in layouts, and in attributes that are texts."""


def messages(path: Path, name: str) -> list[tuple[int, int, bytes]]:
    """Types, flags and contents of the messages in the header of an object, without addresses.

    Read by the specification: version 2 of object headers, which does not track attributes' order.
    """
    with h5py.File(path, "r") as file:
        start = h5py.h5o.get_info(file[name].id).addr
    raw = path.read_bytes()
    assert raw[start : start + 5] == b"OHDR\x02"
    flags = raw[start + 5]
    assert flags & ~0x13 == 0
    width = 1 << (flags & 3)
    position = start + 10  # Behind the numbers of attributes.
    size = int.from_bytes(raw[position : position + width], "little")
    waiting = [(position + width, size)]
    found: list[tuple[int, int, bytes]] = []
    while waiting:
        position, size = waiting.pop()
        end = position + size
        while position + 4 <= end:
            kind, length, its_flags = struct.unpack_from("<BHB", raw, position)
            content = raw[position + 4 : position + 4 + length]
            position += 4 + length
            if kind == CONTINUED:
                place, more = struct.unpack("<QQ", content)
                assert raw[place : place + 4] == b"OCHK"
                waiting.append((place + 4, more - 8))
            elif kind not in (GROUP_INFO, NOTHING):
                is_number = kind == 0x0C and b"\x08\x00\x02\x00\x00\x00" not in content
                found.append((kind, its_flags, content[: None if is_number else PLACES.get(kind)]))
    return found


def test_attributes_leave_the_header_when_they_are_many(tmp_path: Path) -> None:
    one = nx.Property(name="p", values=[1], unit="mV")
    path = written(tmp_path / "a.nix", section("s", one))
    with h5py.File(path, "r+") as file:
        attributes = file["metadata/s/properties/p"].attrs
        before = {key: attributes[key] for key in attributes}
        assert len(attributes) == len(before) == 5
        attributes.update({f"new{number}": f"text {number}" for number in range(100)})
        for number in range(0, 100, 3):
            del attributes[f"new{number}"]
    with h5py.File(path, "r") as file:
        attributes = file["metadata/s/properties/p"].attrs
        assert len(attributes) == len(list(attributes)) == 5 + 66
        assert {key: attributes[key] for key in before} == before
        assert attributes["new98"] == "text 98"


def test_texts_at_the_edges_of_heaps(tmp_path: Path) -> None:
    lengths = [0, 1, 7, 8, 9, 16_344, 16_351, 16_352, 16_353, 16_367, 16_368, 65_535, 65_536]
    properties = [
        nx.Property(name=f"p{one}", values=["x" * one, ""], definition="d" * one) for one in lengths
    ]
    path = written(tmp_path / "a.nix", section("s", *properties))
    with h5py.File(path, "r+") as file:
        for one in lengths:
            found = file[f"metadata/s/properties/p{one}"]
            assert found.asstr()[()].tolist() == ["x" * one, ""]
            assert found.attrs["definition"] == "d" * one
            found[1] = "longer than it was"  # The heap is asked for room.
            found.attrs["definition"] = ""
    with h5py.File(path, "r") as file:
        for one in lengths:
            found = file[f"metadata/s/properties/p{one}"]
            assert found.asstr()[()].tolist() == ["x" * one, "longer than it was"]


@pytest.mark.parametrize("length", [254, 255, 256, 65_400])
def test_names_of_any_length(tmp_path: Path, length: int) -> None:
    names = ["x" * length, "é" * (length // 2)]
    inner = [section(name) for name in names]
    properties = [nx.Property(name=name, values=1) for name in names]
    path = written(tmp_path / "a.nix", section("s", *properties, sections=inner))
    with h5py.File(path, "r") as file:
        for group in ("sections", "properties"):
            assert list(file[f"metadata/s/{group}"]) == sorted(names)


@settings(max_examples=40, deadline=None)
@given(st.lists(VALUES, max_size=12), TEXTS)
def test_any_values(tmp_path_factory: pytest.TempPathFactory, lists: list[Any], text: str) -> None:
    path = tmp_path_factory.mktemp("values") / "a.nix"
    properties = [
        nx.Property(name=f"p{one}", values=values, definition=text)
        for one, values in enumerate(lists)
    ]
    written(path, section("s", *properties))
    with h5py.File(path, "r") as file:
        for number, values in enumerate(lists):
            found = file[f"metadata/s/properties/p{number}"]
            given_back = [one.decode() if isinstance(one, bytes) else one for one in found[()]]
            assert repr(list(map(_plain, given_back))) == repr(values)
            assert found.attrs["definition"] == text


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def test_nixio_edits_it(tmp_path: Path) -> None:
    path = written(tmp_path / "a.nix", *of_all_kinds())
    with nixio.File.open(str(path), nixio.FileMode.ReadWrite) as file:
        first = file.sections["first"]
        first.props["text"].values = ["longer than it was", "and more"] * 50
        first.props["full"].unit = "V"
        first.props["full"].definition = "x" * 5_000
        del first.props["boolean"]
        for one in range(100):
            first.create_property(f"new{one}", [1.5, float(one)])
        wide = first.sections["wide"]
        wide.create_property("more", ["a"])
        del wide.props["p7"]
        first.create_section("inner", "test").create_property("p", [1])
        del first.sections["s3"]
    file = nx.read(path)
    assert file.findings == []
    first = file.metadata["first"]
    assert first.properties["text"].values == ["longer than it was", "and more"] * 50
    assert (first.properties["full"].unit, first.properties["full"].values) == ("V", [1.5])
    assert len(first.properties) == 12 - 1 + 100
    assert first.properties["new99"].values == [1.5, 99.0]
    assert len(first.sections["wide"].properties) == 200
    assert first.sections.names()[-2:] == ["s69", "inner"]


def test_data_and_sections_link_to_sections(tmp_path: Path) -> None:
    target = section("target", nx.Property(name="p", values=1))
    inner = section("inner", link=target)
    outer = section("outer", sections=[inner])
    block = nx.Block(name="b", type="t", metadata=inner)
    path = written(tmp_path / "a.nix", outer, target, blocks=[block])
    with h5py.File(path, "r") as file:
        inside = file["metadata/outer/sections/inner"]
        assert file["data/b/metadata"] == inside
        assert inside["link"] == file["metadata/target"]
        counts = [h5py.h5o.get_info(one.id).rc for one in (inside, file["metadata/target"])]
        assert counts == [2, 2]
    file = nx.read(path)
    assert file.blocks["b"].metadata is file.metadata["outer"].sections["inner"]


@pytest.mark.parametrize(
    "odd",
    [
        nx.Property(name="nul", values=["a\0b"]),
        nx.Property(name="small", values=[1, 2], storage="int16"),
        nx.Property(name="long", values=list(range(200_000))),
        nx.Property(name="nul", values=[], definition="a\0b"),
    ],
    ids=["values with NUL", "storage", "several chunks", "text with NUL"],
)
def test_what_is_not_usual_is_written_by_libhdf5(tmp_path: Path, odd: nx.Property) -> None:
    before = section("before", nx.Property(name="p", values="a text"))
    path = written(tmp_path / "a.nix", section("s", odd.copy(keep_id=True)), before)
    file = nx.read(path)
    assert file.metadata["s"].properties[0] == odd
    assert file.metadata["before"].properties["p"].values == ["a text"]
    assert path.read_bytes().count(b"a text") == 1  # What was begun as bytes is not in the file.


def test_a_list_changed_in_place_is_refused_as_before(tmp_path: Path) -> None:
    one = nx.Property(name="p", values=[1])
    list.append(one.values, "x")
    with pytest.warns(nx.LossWarning, match="metadata/s/properties/p"):
        written(tmp_path / "a.nix", section("s", one))


def test_deep_nesting(tmp_path: Path) -> None:
    deep = section("s", nx.Property(name="p", values=1))
    for _ in range(1_500):
        deep = section("s", sections=[deep])
    path = written(tmp_path / "a.nix", deep)
    found = nx.read(path).metadata["s"]
    for _ in range(1_500):
        found = found.sections["s"]
    assert found.properties["p"].values == [1]
