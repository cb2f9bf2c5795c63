"""What is read is what plain h5py finds, by a walk that follows the description of the format.

`Walk` knows the layout of NIX files, old and new, by either library, and nothing of how we read
them. It is the judge of files that nixio cannot show in full: those of the C++ library and those of
format 1.0 and 1.1.
"""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from h5py import h5o, h5t

import nixschema as nx
from nixschema.array import same_values
from nixschema.model import Container, Extra, Model, Reference, Refs
from nixschema.model.extra import Stored

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
"""NIX files of many writers, sound and broken; not part of the repository."""

Plain = dict[str, Any]
"""An entity: its class, its fields, and the names of what no field claims."""


UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class NewId:
    """Stands for the id of a property made of a part of another: any UUID."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and UUID_TEXT.fullmatch(other) is not None

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "a UUID"


# What h5py finds

TREE: dict[str, dict[str, str]] = {
    "File": {"data": "Block", "metadata": "Section"},
    "Block": {
        "data_arrays": "DataArray",
        "data_frames": "DataFrame",
        "tags": "Tag",
        "multi_tags": "MultiTag",
        "groups": "Group",
        "sources": "Source",
    },
    "Source": {"sources": "Source"},
    "Section": {"sections": "Section", "properties": "Property"},
}
"""Which groups of an entity hold entities, and of which class."""

TEXTS: dict[str, tuple[str, ...]] = {
    "DataArray": ("unit", "label"),
    "SampledDimension": ("dimension_type", "unit", "label"),
    "RangeDimension": ("dimension_type", "unit", "label"),
    "SetDimension": ("dimension_type", "label"),
    "DataFrameDimension": ("dimension_type",),
    "DimensionLink": ("data_object_type",),
    "Feature": ("link_type", "target_type"),
    "Section": ("repository", "reference"),
    "Property": ("unit", "reference", "dependency", "dependency_value", "value_origin"),
}
"""Attributes that are texts, beside those of every entity."""

OLD_PARTS = ("uncertainty", "reference", "filename", "encoder", "checksum")
"""Members of the records that property values used to be."""

ALIAS = "alias"
"""Marks a dimension whose one link leads to the array that holds the ticks."""


def address(thing: Any) -> int:
    """What all hard links to one object have in common."""
    return int(h5o.get_info(thing.id).addr)


def text_of(value: Any) -> str:
    """A text, whatever its length and charset, alone or as the one element of an array."""
    if isinstance(value, np.ndarray):
        value = value.reshape(-1)[0]
    return value.decode() if isinstance(value, bytes) else str(value)


def text(thing: Any, name: str) -> str | None:
    """A text attribute."""
    return text_of(thing.attrs[name]) if name in thing.attrs else None


def number(thing: Any, name: str) -> float | None:
    """A number attribute; writers store integers as well."""
    return float(thing.attrs[name]) if name in thing.attrs else None


def time(thing: Any, name: str) -> datetime | None:
    """A time attribute."""
    written = text(thing, name)
    return None if written is None else datetime.strptime(written + "Z", "%Y%m%dT%H%M%S%z")


def is_bits(kind: Any) -> bool:
    """Whether a type is the bitfield that booleans were in format 1.0."""
    return bool(kind.get_class() == h5t.BITFIELD)


def array(dataset: Any) -> Any:
    """All values: texts as `str`, old booleans as booleans."""
    values = dataset[()]
    if is_bits(dataset.id.get_type()):
        return values.astype(bool)
    for name in values.dtype.names or ():
        if values.dtype[name].kind == "O":
            values[name] = [item.decode() for item in values[name]]
    if values.dtype.kind == "O":
        texts = [item.decode() if isinstance(item, bytes) else item for item in values.ravel()]
        values = np.array(texts, object).reshape(values.shape)
    return values


def listed(group: Any, name: str) -> list[Any] | None:
    """A small dataset as a list."""
    if name not in group:
        return None
    return [text_of(item) if isinstance(item, bytes) else item for item in group[name][()].tolist()]


class Walk:
    """The entities of one file as plain values, the tree from its root down."""

    def __init__(self, file: Any) -> None:
        self.paths: dict[int, str] = {}
        """Where each entity lies in the tree: what links lead to."""
        self._place(file, "File", "")
        self.file = self._file(file)

    def _place(self, thing: Any, kind: str, path: str) -> None:
        self.paths[address(thing)] = path
        for name, member in TREE.get(kind, {}).items():
            for link in thing.get(name, ()):
                self._place(thing[name][link], member, f"{path}/{name}/{link}")

    def _reference(self, group: Any, name: str) -> list[Any] | None:
        """Where a hard link leads."""
        if name not in group:
            return None
        target = group[name]
        return [self.paths.get(address(target), "outside"), text(target, "entity_id") or ""]

    def _references(self, group: Any, *names: str) -> list[Any]:
        found: list[Any] = []
        for name in names:
            for link in group.get(name, ()):
                one = self._reference(group[name], link)
                if one not in found:
                    found.append(one)
        return found

    def _members(self, group: Any, name: str, kind: str) -> list[Plain]:
        found: list[Plain] = []
        for link in group.get(name, ()):
            found += self._entities(group[name][link], kind)
        return found

    def _entities(self, thing: Any, kind: str) -> list[Plain]:
        """An entity, and those that stand beside it for parts of old properties."""
        if kind == "Property" and thing.dtype.names and "value" in thing.dtype.names:
            return self._old_property(thing)
        return [self._entity(thing, kind)]

    def _entity(self, thing: Any, kind: str, alias: str = "") -> Plain:
        read = getattr(self, f"_{kind}")
        found: Plain = {"class": kind, **read(thing)}
        found |= {name: text(thing, name) for name in TEXTS.get(kind, ())}
        if kind not in ("Feature", "DimensionLink") and not kind.endswith("Dimension"):
            found |= {"name": text(thing, "name"), "definition": text(thing, "definition")}
            if kind != "Property":
                found["type"] = text(thing, "type") or ""
            if kind not in ("Property", "Section"):
                found["metadata"] = self._reference(thing, "metadata")
        if not kind.endswith("Dimension"):
            found |= {
                "id": text(thing, "entity_id") or "",
                "created_at": time(thing, "created_at"),
                "updated_at": time(thing, "updated_at"),
            }
        found["left"] = self._left(thing, kind, found, alias)
        return found

    def _left(self, thing: Any, kind: str, found: Plain, alias: str) -> list[str]:
        """Names of attributes and links that mean nothing."""
        attributes = {*found, "entity_id", "odml_type", "column_index", "units"}
        left = [name for name in thing.attrs if name not in attributes]
        if not isinstance(thing, h5py.Group):
            return sorted(left)
        links = {*found, *TREE.get(kind, ()), alias}
        if kind == "Group":
            links.add("data_frame")
        if kind == "DimensionLink":
            links.update(name for name in thing if "entity_id" in thing[name].attrs)
        left += [name for name in thing if name not in links]
        units = kind == "DataFrame"
        for name, part in thing.items():
            if name in found and name not in ("link", "metadata") and self._is_part(part):
                left += [f"{name}/{one}" for one in part.attrs if not (units and one == "units")]
        return sorted(left)

    def _is_part(self, thing: Any) -> bool:
        return "entity_id" not in thing.attrs and "dimension_type" not in thing.attrs

    def _file(self, file: Any) -> Plain:
        return {
            "class": "File",
            "format": text(file, "format"),
            "version": [int(part) for part in file.attrs["version"]],
            "id": text(file, "id") or "",
            "created_at": time(file, "created_at"),
            "updated_at": time(file, "updated_at"),
            "blocks": self._members(file, "data", "Block"),
            "metadata": self._members(file, "metadata", "Section"),
            "left": [],
        }

    def _Block(self, group: Any) -> Plain:  # noqa: N802
        return {name: self._members(group, name, kind) for name, kind in TREE["Block"].items()}

    def _Source(self, group: Any) -> Plain:  # noqa: N802
        return {"sources": self._members(group, "sources", "Source")}

    def _Group(self, group: Any) -> Plain:  # noqa: N802
        names = ("data_arrays", "tags", "multi_tags", "sources")
        return {
            **{name: self._references(group, name) for name in names},
            "data_frames": self._references(group, "data_frames", "data_frame"),
        }

    def _DataArray(self, group: Any) -> Plain:  # noqa: N802
        coefficients = group.get("polynom_coefficients")
        return {
            "data": array(group["data"]) if "data" in group else None,
            "expansion_origin": number(group, "expansion_origin"),
            "polynom_coefficients": None if coefficients is None else array(coefficients),
            "dimensions": self._dimensions(group.get("dimensions", {})),
            "sources": self._references(group, "sources"),
        }

    def _DataFrame(self, group: Any) -> Plain:  # noqa: N802
        rows = group["data"]
        units = [""] * len(rows.dtype.names)
        for holder in (rows, group):
            if "units" in holder.attrs:
                units = [text_of(unit) for unit in holder.attrs["units"]]
        kinds = [rows.dtype[name] for name in rows.dtype.names]
        return {
            "data": array(rows),
            "columns": [
                [name, "string" if kind.kind == "O" else str(kind), unit or None]
                for name, kind, unit in zip(rows.dtype.names, kinds, units, strict=True)
            ],
            "sources": self._references(group, "sources"),
        }

    def _dimensions(self, group: Any) -> list[Plain]:
        kinds = {
            "sample": "SampledDimension",
            "range": "RangeDimension",
            "set": "SetDimension",
            "data_frame": "DataFrameDimension",
        }
        found = []
        for link in sorted(group, key=int):
            dimension = group[link]
            kind = kinds[text_of(dimension.attrs["dimension_type"])]
            alias = ""
            if kind == "RangeDimension" and not {"ticks", "link"} & set(dimension):
                alias = next(iter(dimension), "")
            found.append(self._entity(dimension, kind, alias))
        return found

    def _SampledDimension(self, group: Any) -> Plain:  # noqa: N802
        return {name: number(group, name) for name in ("sampling_interval", "offset")}

    def _RangeDimension(self, group: Any) -> Plain:  # noqa: N802
        ticks = array(group["ticks"]) if "ticks" in group else None
        link = self._link(group)
        if ticks is None and link is None and len(group):
            link = self._alias(group)
        return {"ticks": ticks, "link": link}

    def _SetDimension(self, group: Any) -> Plain:  # noqa: N802
        return {"labels": listed(group, "labels"), "link": self._link(group)}

    def _DataFrameDimension(self, group: Any) -> Plain:  # noqa: N802
        column = group.attrs.get("column_index")
        return {
            "data_frame": self._reference(group, "data_frame"),
            "column": None if column is None else int(column),
        }

    def _link(self, group: Any) -> Plain | None:
        return self._entity(group["link"], "DimensionLink") if "link" in group else None

    def _alias(self, group: Any) -> Plain:
        (name,) = group
        return {
            "class": "DimensionLink",
            "alias": True,
            "array": self._reference(group, name),
            "data_frame": None,
            "index": [-1],
            "column": None,
            "data_object_type": "DataArray",
            "id": "",
            "created_at": None,
            "updated_at": None,
            "left": [],
        }

    def _DimensionLink(self, group: Any) -> Plain:  # noqa: N802
        (name,) = group
        index = group.attrs["index"]
        target = self._reference(group, name)
        if text(group, "data_object_type") == "DataFrame":
            place = {"array": None, "index": None, "data_frame": target, "column": int(index)}
        else:
            place = {"array": target, "index": index.tolist(), "data_frame": None, "column": None}
        return {"alias": False, **place}

    def _Tag(self, group: Any) -> Plain:  # noqa: N802
        floats = {name: listed(group, name) for name in ("position", "extent")}
        return {**self._tagged(group), **floats}

    def _MultiTag(self, group: Any) -> Plain:  # noqa: N802
        links = {name: self._reference(group, name) for name in ("positions", "extents")}
        return {**self._tagged(group), **links}

    def _tagged(self, group: Any) -> Plain:
        return {
            "units": listed(group, "units"),
            "references": self._references(group, "references"),
            "features": self._members(group, "features", "Feature"),
            "sources": self._references(group, "sources"),
        }

    def _Feature(self, group: Any) -> Plain:  # noqa: N802
        return {"data": self._reference(group, "data")}

    def _Section(self, group: Any) -> Plain:  # noqa: N802
        return {
            "sections": self._members(group, "sections", "Section"),
            "properties": self._members(group, "properties", "Property"),
            "link": self._reference(group, "link"),
        }

    def _Property(self, dataset: Any) -> Plain:  # noqa: N802
        values = array(dataset)
        return {
            "values": values.tolist(),
            "storage": storage(values),
            "dtype": text(dataset, "odml_type"),
            "uncertainty": number(dataset, "uncertainty"),
        }

    def _old_property(self, dataset: Any) -> list[Plain]:
        """Values as records: the parts become fields, or properties beside this one."""
        rows = array(dataset)
        values = rows["value"]
        kind = dataset.id.get_type()
        names = [kind.get_member_name(number) for number in range(kind.get_nmembers())]
        if is_bits(kind.get_member_type(names.index(b"value"))):
            values = values.astype(bool)
        fields = {name: text(dataset, name) for name in ("name", "definition", "unit")}
        known = {"name", "definition", "unit", "entity_id", "created_at", "updated_at"}
        main = self._old_plain(dataset, values) | fields | {"id": text(dataset, "entity_id") or ""}
        main["left"] = sorted(set(dataset.attrs) - known)
        found = [main]
        for part in OLD_PARTS:
            given = rows[part] if part in rows.dtype.names else rows["value"][:0]
            if not any(given):
                continue
            if part in ("uncertainty", "reference") and len(set(map(repr, given))) == 1:
                (main[part],) = given[:1].tolist()
            else:
                name = f"{fields['name']}.{part}"
                found.append(self._old_plain(dataset, given) | {"name": name, "id": NewId()})
        return found

    def _old_plain(self, dataset: Any, values: Any) -> Plain:
        unset = ("definition", "unit", "uncertainty", "reference", "dependency", "dtype")
        return {
            "class": "Property",
            **dict.fromkeys((*unset, "dependency_value", "value_origin")),
            "values": values.tolist(),
            "storage": storage(values),
            "created_at": time(dataset, "created_at"),
            "updated_at": time(dataset, "updated_at"),
            "left": [],
        }


def storage(values: Any) -> str | None:
    """Element type of a property, None for the widest of its kind."""
    name = {"O": "string", "b": "boolean"}.get(values.dtype.kind, values.dtype.name)
    widest = ("string", "boolean", "int64", "float64") if values.size else ("string",)
    return None if name in widest else str(name)


# What our models say


def said(value: Any) -> Any:
    """The same of our model, every field of it."""
    if isinstance(value, Model):
        fields = {name: said(value.__dict__[name]) for name in type(value).model_fields}
        left = fields.pop("extra")
        return {"class": type(value).__name__, **fields, "left": left}
    if isinstance(value, Extra):
        return sorted(
            f"{path.removeprefix('/')}/{name}".removeprefix("/")
            for path, name, _ in value.walk("/")
        )
    if isinstance(value, Reference):
        return reference(value)
    if isinstance(value, Refs):
        return [reference(item) for item in value.items]
    if isinstance(value, nx.Array):
        return value.read()
    if isinstance(value, nx.Column):
        return [value.name, value.dtype, said(value.unit)]
    if isinstance(value, Container | list | tuple):
        return [said(item) for item in value]
    return str(value) if isinstance(value, str) else value


def reference(item: Reference) -> list[Any]:
    """Where a reference leads."""
    target: Any = item.target
    return [target.path if target.file is not None else "outside", target.id]


def differences(found: Any, told: Any, place: str = "") -> Iterator[str]:
    """In what two plain values differ, type for type; NaN is NaN."""
    if isinstance(found, dict) and isinstance(told, dict):
        for name in {**found, **told}:
            if name in found and name in told:
                yield from differences(found[name], told[name], f"{place}/{name}")
            else:
                yield f"{place}/{name} is only {'found' if name in found else 'told'}"
    elif isinstance(found, list) and isinstance(told, list):
        if len(found) != len(told):
            yield f"{place}: {len(found)} are found, {len(told)} told"
        for position, (one, two) in enumerate(zip(found, told, strict=False)):
            name = one.get("name", position) if isinstance(one, dict) else position
            yield from differences(one, two, f"{place}/{name}")
    elif not same(found, told):
        yield f"{place}: {found!r} is found, {told!r} told"


def same(found: Any, told: Any) -> bool:
    """Whether two values are the same."""
    if isinstance(found, NewId):
        return bool(found == told)
    if type(found) is not type(told):
        return False
    if isinstance(found, np.ndarray):
        texts = found.dtype.kind == told.dtype.kind == "O"
        alike = (texts or found.dtype == told.dtype) and found.shape == told.shape
        return bool(alike) and same_values(found, told)
    return bool(found == told or (found != found and told != told))


def check(path: Path) -> None:
    """Compare what is read of a file with what h5py finds in it."""
    with h5py.File(path) as file:
        found = Walk(file).file
    unlike = list(differences(found, said(nx.read(path))))
    assert not unlike, "\n".join(unlike)


# Files of other writers


def files(*folders: str) -> list[Any]:
    """The files in shared folders, or one that is skipped where there are none."""
    if not SHARED.is_dir():
        reason = "the shared NIX files are not part of the repository"
        return [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=reason))]
    return [
        pytest.param(path, id=path.relative_to(SHARED).as_posix())
        for folder in folders
        for path in sorted((SHARED / folder).rglob("*"))
        if path.suffix in (".nix", ".h5")
    ]


@pytest.mark.parametrize("path", files("nix"))
def test_a_file_is_what_h5py_finds(path: Path) -> None:
    check(path)


@pytest.mark.parametrize("path", files("nix", "broken"))
def test_a_file_is_read_and_told_in_one_line_each(path: Path) -> None:
    for model in nx.read(path).walk():
        assert "\n" not in repr(model)
        assert len(repr(model)) < 1000


@pytest.mark.parametrize("path", files("nix", "broken"))
def test_a_file_that_is_read_twice_equals_itself(path: Path) -> None:
    one, two = nx.read(path), nx.read(path)
    assert one == two
    assert list(map(repr, one.walk())) == list(map(repr, two.walk()))
    assert one.findings == two.findings


@pytest.mark.parametrize("path", files("nix", "broken"))
def test_a_file_survives_pickle_and_deepcopy(path: Path) -> None:
    file = nx.read(path)
    for other in (pickle.loads(pickle.dumps(file)), copy.deepcopy(file)):
        assert other is not file
        assert other == file
        assert other.findings == file.findings
        assert [model.path for model in other.walk()] == [model.path for model in file.walk()]


# A file in the ways of old libraries

UTF8 = h5py.string_dtype("utf-8")
ASCII = h5py.string_dtype("ascii")
IDS = (f"{number:08x}-0000-4000-8000-00000000beef" for number in range(1, 1_000))


class Writer:
    """Writes the layout of formats 1.0 and 1.1, and of the C++ library, by plain h5py."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.minute = 0

    def texts(self, thing: Any, kind: Any = ASCII, **values: str) -> None:
        for name, value in values.items():
            thing.attrs.create(name, value, dtype=kind)

    def entity(self, thing: Any, name: str, kind: str = "") -> Any:
        """Give an object the attributes of an entity."""
        self.minute += 1
        self.texts(thing, entity_id=next(IDS), created_at=f"20140801T12{self.minute % 60:02d}00")
        self.texts(thing, updated_at=f"20140802T12{self.minute % 60:02d}00")
        if name:
            self.texts(thing, UTF8, name=name)
        if kind:
            self.texts(thing, type=kind)
        return thing

    def group(self, parent: Any, place: str, name: str, kind: str = "old") -> Any:
        parts = parent.require_group(place)
        return self.entity(parts.create_group(name, track_order=True), name, kind)

    def data_array(self, block: Any, name: str, values: Any, dtype: Any = None) -> Any:
        group = self.group(block, "data_arrays", name)
        group.create_dataset("data", data=values, dtype=dtype)
        return group

    def dimension(self, parent: Any, number: int, kind: str) -> Any:
        group = parent.require_group("dimensions").create_group(str(number))
        self.texts(group, dimension_type=kind)
        return group

    def link(self, group: Any, place: str, *targets: Any) -> None:
        links = group.require_group(place)
        for target in targets:
            links[text_of(target.attrs["entity_id"])] = target

    def old_property(self, section: Any, name: str, kind: Any, rows: list[tuple[Any, ...]]) -> Any:
        """A property whose values are records."""
        properties = section.require_group("properties")
        columns = [("value", kind), ("uncertainty", "f8")]
        columns += [(part, ASCII) for part in OLD_PARTS[1:]]
        dtype = np.dtype(columns)
        padded = [(*row, *[0.0, "", "", "", ""][len(row) - 1 :]) for row in rows]
        values = np.array(padded, dtype)
        dataset = properties.create_dataset(name, data=values, maxshape=(None,), chunks=(8,))
        return self.entity(dataset, name)

    def bits(self, parent: Any, name: str, values: list[bool]) -> None:
        """A dataset of bitfields, as format 1.0 stored booleans."""
        space = h5py.h5s.create_simple((len(values),))
        dataset = h5py.h5d.create(parent.id, name.encode(), h5t.STD_B8LE, space)
        raw = np.array(values, np.uint8)
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, raw, h5t.STD_B8LE)


def write_old_file(path: Path) -> None:
    """Write all that differs between formats and libraries into one file."""
    with h5py.File(path, "w", track_order=True) as file:
        writer = Writer(file)
        writer.texts(file, format="nix", created_at="20140801T120000")
        file.attrs["version"] = np.array([1, 1, 0], np.int64)
        section = _write_old_metadata(writer, file)
        block = writer.group(file, "data", "session")
        block["metadata"] = section
        _write_old_arrays(writer, block)
        _write_old_rest(writer, block, section)


def _write_old_metadata(writer: Writer, file: Any) -> Any:
    section = writer.group(file, "metadata", "subject")
    other = writer.group(section, "sections", "other")
    section["link"] = other
    add = writer.old_property
    add(other, "plain", "f8", [(1.5,), (2.5,)])
    add(other, "empty", "i4", [])
    add(other, "no texts", ASCII, [])
    add(section, "shared", "f8", [(1.5, 0.25, "lab book"), (2.5, 0.25, "lab book")])
    add(section, "distinct", "i4", [(1, 0.25, "one"), (2, 0.5, "two")])
    add(section, "one of two", "i8", [(1, 0.0, ""), (2, 0.5, "two")])
    add(section, "files", ASCII, [("a", 0.0, "", "a.png", "base64", "x1"), ("", 0.0, "", "b.png")])
    add(section, "one file", "u1", [(7, 0.0, "", "a.png"), (8, 0.0, "", "a.png")])
    add(section, "flags", bool, [(True,), (False,)])
    add(section, "not a number", "f4", [(float("nan"), float("nan")), (1.0, float("nan"))])
    described = add(section, "described", "f8", [(1.0, 0.5)])
    writer.texts(described, unit="mV", definition="how wide")
    _write_bits(writer, section["properties"])
    present = section["properties"].create_dataset("present", data=[1, 2])
    writer.entity(present, "present")
    return section


def _write_bits(writer: Writer, properties: Any) -> None:
    """A property of bitfields, and no other record member but the uncertainty."""
    kind = h5t.create(h5t.COMPOUND, 9)
    kind.insert(b"value", 0, h5t.STD_B8LE)
    kind.insert(b"uncertainty", 1, h5t.IEEE_F64LE)
    space = h5py.h5s.create_simple((2,))
    dataset = h5py.h5d.create(properties.id, b"bits", kind, space)
    rows = np.array([(1, 0.0), (0, 0.0)], np.dtype([("value", "u1"), ("uncertainty", "<f8")]))
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, rows, kind)
    writer.entity(properties["bits"], "bits")


def _write_old_arrays(writer: Writer, block: Any) -> None:
    times = writer.data_array(block, "times", [0.5, 1.5, 2.0])
    writer.texts(times, UTF8, unit="ms", label="time")
    own = writer.dimension(times, 1, "range")
    own[text_of(times.attrs["entity_id"])] = times
    values = writer.data_array(block, "values", np.arange(12.0).reshape(3, 4))
    writer.dimension(values, 1, "range")[text_of(times.attrs["entity_id"])] = times
    sampled = writer.dimension(values, 2, "sample")
    sampled.attrs["sampling_interval"] = np.int32(2)
    sampled.attrs["offset"] = np.int64(-1)
    sampled.attrs["unit"] = np.bytes_("ms")
    sampled.attrs["label"] = np.array(["time"], dtype=object)
    values.create_dataset("polynom_coefficients", data=np.array([1, 2], np.float32))
    values.attrs["expansion_origin"] = np.int64(3)
    flags = writer.entity(block["data_arrays"].create_group("flags"), "flags", "old")
    writer.bits(flags, "data", [True, False, True])
    fixed = writer.data_array(block, "fixed", np.array([b"one", b"three"]))
    labels = writer.dimension(fixed, 1, "set")
    labels.create_dataset("labels", data=np.array(["one", "µ".encode()], "S5"))
    writer.data_array(block, "texts", ["a", "µ"], UTF8)
    opaque = np.array([b"a", b"b"], "V1")
    writer.data_array(block, "opaque", opaque)
    bare = block["data_arrays"].create_group("bare")
    bare.attrs["name"] = "bare"
    bare.create_dataset("data", data=[1], dtype=">i2")


def _write_old_rest(writer: Writer, block: Any, section: Any) -> None:
    arrays = block["data_arrays"]
    source = writer.group(block, "sources", "cell")
    nested = writer.group(source, "sources", "axon")
    nested["metadata"] = section
    frames = [_write_frame(writer, block, name) for name in ("one", "two", "three")]
    writer.texts(frames[0]["data"], UTF8)
    frames[0]["data"].attrs.create("units", ["s", ""], dtype=UTF8)
    frames[1].attrs.create("units", ["", "mV"], dtype=UTF8)
    for holder in (frames[2], frames[2]["data"]):
        holder.attrs.create("units", ["s", "mV"], dtype=UTF8)
    writer.link(frames[0], "sources", nested)
    by_rows = writer.data_array(block, "by rows", np.zeros((2, 2)))
    first = writer.dimension(by_rows, 1, "data_frame")
    first["data_frame"] = frames[0]
    first.attrs["column_index"] = np.uint32(1)
    writer.dimension(by_rows, 2, "data_frame")["data_frame"] = frames[1]
    group = writer.group(block, "groups", "trial")
    writer.link(group, "data_frame", frames[0])
    writer.link(group, "data_frames", frames[0], frames[1])
    by_cpp = writer.group(block, "groups", "by C++")
    writer.link(by_cpp, "data_frame", frames[2], frames[0])
    writer.link(group, "data_arrays", arrays["values"], arrays["times"])
    tag = writer.group(block, "tags", "on")
    tag.create_dataset("position", data=[0.5])
    tag.create_dataset("units", data=["ms"], dtype=ASCII)
    writer.link(tag, "references", arrays["values"])
    writer.link(tag, "sources", nested, source)
    many = writer.group(block, "multi_tags", "spikes")
    many["positions"] = arrays["times"]
    for owner in (tag, many):
        features = owner.require_group("features")
        feature = writer.entity(features.create_group(next(IDS)), "")
        writer.texts(feature, entity_id=feature.name.split("/")[-1], link_type="indexed")
        feature["data"] = arrays["flags"]


def _write_frame(writer: Writer, block: Any, name: str) -> Any:
    group = writer.group(block, "data_frames", name)
    rows = np.array([(0.5, "a"), (1.5, "µ")], np.dtype([("time", "f8"), ("label", UTF8)]))
    group.create_dataset("data", data=rows, maxshape=(None,), chunks=True)
    return group


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.nix"
    write_old_file(path)
    return path


def test_a_file_in_the_ways_of_old_libraries_is_what_h5py_finds(old: Path) -> None:
    check(old)


def test_what_a_file_lacks_is_blank_or_none(old: Path) -> None:
    file = nx.read(old)
    assert (file.version, file.id, file.updated_at) == ((1, 1, 0), "", None)
    assert file.created_at == datetime(2014, 8, 1, 12, tzinfo=UTC)
    bare = file.blocks[0].data_arrays["bare"]
    assert (bare.id, bare.type, bare.created_at, bare.updated_at) == ("", "", None, None)


def test_an_alias_dimension_is_a_link(old: Path) -> None:
    arrays = nx.read(old).blocks[0].data_arrays
    for name in ("times", "values"):
        dimension = arrays[name].dimensions[0]
        assert isinstance(dimension, nx.RangeDimension)
        assert dimension.ticks is None
        assert dimension.link is not None
        assert dimension.link.alias
        assert dimension.link.array is arrays["times"]
        assert dimension.link.index == [-1]


def test_parts_of_old_values_are_fields_or_properties_beside_them(old: Path) -> None:
    properties = nx.read(old).metadata["subject"].properties
    assert (properties["shared"].uncertainty, properties["shared"].reference) == (0.25, "lab book")
    assert "shared.uncertainty" not in properties
    assert properties["distinct"].uncertainty is None
    assert properties["distinct.uncertainty"].values == [0.25, 0.5]
    assert properties["distinct.reference"].values == ["one", "two"]
    assert properties["one of two.uncertainty"].values == [0.0, 0.5]
    assert properties["files.filename"].values == ["a.png", "b.png"]
    assert properties["one file.filename"].values == ["a.png", "a.png"]
    assert properties["flags"].values == properties["bits"].values == [True, False]


def test_a_part_of_old_values_does_not_hide_a_property_of_its_name(tmp_path: Path) -> None:
    path = tmp_path / "taken.nix"
    with h5py.File(path, "w") as file:
        writer = Writer(file)
        writer.texts(file, format="nix")
        file.attrs["version"] = [1, 0, 0]
        section = writer.group(file, "metadata", "subject")
        writer.old_property(section, "image", ASCII, [("a", 0.0, "", "a.png")])
        writer.old_property(section, "image.filename", ASCII, [("taken",)])
    properties = nx.read(path).metadata["subject"].properties
    assert properties["image"].values == ["a"]
    assert properties["image.filename"].values == ["taken"]
    assert {prop.value for prop in properties} == {"a", "a.png", "taken"}
    assert len(set(properties.names())) == 3


@pytest.mark.parametrize("mode", ["r", "r+"])
def test_a_file_that_h5py_has_open_is_read(old: Path, mode: str) -> None:
    with h5py.File(old, mode) as file:
        data = file["data"]
        assert nx.read(old).blocks.names() == ["session"]
        assert list(data) == ["session"]


def test_every_field_that_is_altered_makes_a_difference(old: Path) -> None:
    with h5py.File(old) as file:
        found = Walk(file).file
    ours = nx.read(old)
    before = list(differences(found, said(ours)))
    for model in ours.walk():
        for name in type(model).model_fields:
            value = model.__dict__[name]
            altered = Extra(attributes={"more": Stored(1)}) if name == "extra" else "altered"
            model.__dict__[name] = altered
            assert list(differences(found, said(ours))) != before, (model.path, name)
            model.__dict__[name] = value
    assert list(differences(found, said(ours))) == before
