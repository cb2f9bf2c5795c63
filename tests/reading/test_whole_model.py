"""Whatever a sound file says, the models say: no less and no more.

Trees of plain values become files by plain h5py, nixschema reads them, and each model is compared
with its branch of the tree, field by field. In the end the models are asked what there is to try,
so that a field that is added and never tried fails here.
"""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import h5py
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from pydantic import BaseModel

import nixschema as nx
from nixschema.layout import layout_of
from nixschema.model import MODELS, Container, Model, Refs
from nixschema.model.section import ODML_TYPES, STORAGE_TYPES
from tests.plain import Tree, array_of, same_values, write
from tests.strategies import Change, changes, everything, trees

Fact = tuple[str, ...]
"""Something that can be tried: a field, a class, a type, a kind of link."""

CLASSES = {model.__name__: model for model in MODELS}

MEMBERS: dict[str, dict[str, str]] = {
    "File": {"blocks": "Block", "metadata": "Section"},
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
    "DataArray": {"dimensions": ""},
    "Tag": {"features": "Feature"},
    "MultiTag": {"features": "Feature"},
}
"""The containers of each class, with the class of their members."""

DIMENSIONS = {
    "sample": "SampledDimension",
    "range": "RangeDimension",
    "set": "SetDimension",
    "data_frame": "DataFrameDimension",
}

REFERENCES = ("metadata", "link", "array", "data_frame", "data", "positions", "extents")
"""Fields of one reference, where the tree has an id."""

FREE = ("style", "units_in", "frames_in")
"""Keys of trees that say how the file is written."""

ALIAS: Tree = {
    "id": "",
    "created_at": None,
    "updated_at": None,
    "data_object_type": "DataArray",
    "index": [-1],
    "alias": True,
}
"""What the link made from an alias dimension holds: the file has nothing but a hard link."""


# The tree as the model has it


def branch_as_fields(tree: Tree, kind: str) -> Tree:
    """The branch with the keys and values of the model's fields."""
    fields = {key: value for key, value in tree.items() if key not in FREE}
    if kind == "File":
        fields = {"format": "nix", "id": "", **fields, "version": tuple(tree["version"])}
    elif kind == "DataFrame":
        units = fields.pop("units", [None] * len(tree["data"]["dtype"]))
        fields["columns"] = [
            {"name": name, "dtype": text_of(dtype), "unit": unit or None}
            for (name, dtype), unit in zip(tree["data"]["dtype"], units, strict=True)
        ]
    elif kind == "Property":
        values = array_of(tree["values"]).tolist()
        fields["values"] = values
        fields["storage"] = storage_of(tree["values"]["dtype"], values)
    elif kind == "DimensionLink":
        index, target = fields.pop("index"), fields.pop("target")
        if tree["data_object_type"] == "DataFrame":
            (fields["column"],) = index
            fields["data_frame"] = target
        else:
            fields |= {"index": index, "array": target}
    elif "alias" in tree:
        fields["link"] = {**ALIAS, "target": fields.pop("alias")}
    return fields


def text_of(dtype: str) -> str:
    """How a column names its type."""
    return "string" if dtype in ("string", "ascii") else str(np.dtype(dtype)).lstrip("|")


def storage_of(dtype: str, values: list[Any]) -> str | None:
    """The storage of a property: None where it is the widest type for its values."""
    stored = {"bool": "boolean", "ascii": "string"}.get(dtype, dtype)
    widest = "string"
    if values:
        widest = {bool: "boolean", int: "int64", float: "float64", str: "string"}[type(values[0])]
    return None if stored == widest else stored


# Comparing


class Comparison:
    """Compares the models of a file with the tree that the file was made of."""

    def __init__(self, tree: Tree, file: nx.File) -> None:
        self.by_id = {getattr(model, "id", ""): model for model in file.walk()}
        self.count = 0
        self.compare(tree, file, "File", "")
        assert self.count == sum(1 for _ in file.walk())

    def compare(self, tree: Tree, model: Model, kind: str, path: str) -> None:
        self.count += 1
        where = path or "/"
        assert type(model) is CLASSES[kind], where
        assert model.path == where
        assert not model.extra, (where, model.extra.attributes, model.extra.members)
        fields = branch_as_fields(tree, kind)
        known = set(type(model).model_fields) - {"extra"}
        assert set(fields) <= known, f"{where}: the model lacks {set(fields) - known}"
        for field in known:
            value = getattr(model, field)
            if field in MEMBERS.get(kind, ()):
                self.compare_members(fields.get(field, []), value, kind, field, path)
            elif isinstance(fields.get(field), dict) and "shape" not in fields[field]:
                link = "DimensionLink"
                self.compare(fields[field], value, link, f"{path}/{field}")
                assert value.owner is model
            else:
                self.compare_field(fields.get(field), value, field, f"{where}: {field}")

    def compare_members(
        self, trees: list[Tree], members: Container[Any], kind: str, field: str, path: str
    ) -> None:
        assert len(members) == len(trees), f"{path}/{field}"
        on_disk = "data" if (kind, field) == ("File", "blocks") else field
        for number, (tree, member) in enumerate(zip(trees, members, strict=True)):
            kind_inside = MEMBERS[kind][field]
            name = str(number + 1)
            if field == "dimensions":
                kind_inside = DIMENSIONS[tree["dimension_type"]]
                assert member.number == number + 1
            else:
                name = tree["name"] if "name" in tree else tree["id"]
                assert members[name] is member
            assert members[number] is member
            self.compare(tree, member, kind_inside, f"{path}/{on_disk}/{name}")

    def compare_field(self, wanted: Any, value: Any, field: str, where: str) -> None:
        if isinstance(value, nx.Array):
            assert wanted is not None, where
            compare_array(wanted, value, where)
        elif isinstance(value, Refs):
            assert [id(target) for target in value] == [
                id(self.by_id[target]) for target in wanted or []
            ], where
        elif field in REFERENCES:
            assert value is (None if wanted is None else self.by_id[wanted]), where
        elif field in ("created_at", "updated_at"):
            assert value == (None if wanted is None else time_of(wanted)), where
        elif field == "columns":
            assert [column.model_dump() for column in value] == wanted, where
        else:
            unset = {"alias": False, "type": ""}.get(field)
            compare_plain(unset if wanted is None else wanted, value, where)


def compare_plain(wanted: Any, value: Any, where: str) -> None:
    """Compare a value of pure Python, or a list of such; NaN is NaN, True is not 1."""
    if isinstance(wanted, list):
        assert isinstance(value, list), where
        assert len(value) == len(wanted), where
        for one, two in zip(wanted, value, strict=True):
            compare_plain(one, two, where)
        return
    number, text = isinstance(wanted, int | float), isinstance(wanted, str)
    if number and not isinstance(wanted, bool):
        assert type(value) in (int, float), where
    elif text:
        assert isinstance(value, str), where
    else:
        assert type(value) is type(wanted), where
    assert value == wanted or (value != value and wanted != wanted), (where, value, wanted)


def compare_array(leaf: Tree, array: nx.Array, where: str) -> None:
    """Compare shape, type and values, also those of a part."""
    expected = array_of(leaf)
    assert array.shape == expected.shape, where
    assert array.dtype == expected.dtype, where
    assert same_values(array.read(), expected), where
    assert same_values(np.asarray(array), expected), where
    part = (slice(1, 3), *(slice(None, None, 2) for _ in expected.shape[1:]))
    assert same_values(array[part], expected[part]), where
    if expected.shape[0]:
        last = np.asarray(array[-1], dtype=expected.dtype)
        assert same_values(last, np.asarray(expected[-1], dtype=expected.dtype)), where


def time_of(text: str) -> datetime:
    """The time that a text of the format stands for."""
    parts = re.fullmatch(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)", text)
    assert parts is not None
    year, month, day, hour, minute, second = map(int, parts.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


# What was tried


def facts_of(file: nx.File) -> Iterator[Fact]:
    """What a file tries: fields with other values than their defaults, types, kinds of links."""
    models: list[BaseModel] = list(file.walk())
    for frame in file.walk():
        models += frame.columns if isinstance(frame, nx.DataFrame) else []
    for model in models:
        kind = type(model).__name__
        yield "class", kind
        for field, info in type(model).model_fields.items():
            value = getattr(model, field)
            default = info.get_default(call_default_factory=True)
            if isinstance(value, Container | Refs | list):
                tried = len(value) > 0
            else:
                tried = value is not None and (default is None or value != default)
            if tried:
                yield "field", kind, field
            if value is not None and isinstance(value, str):
                yield "literal", kind, field, value
            several = isinstance(value, Refs | Container | list | tuple)
            for target in value if several else [value]:
                if isinstance(target, BaseModel):
                    yield "target", kind, field, type(target).__name__
        if isinstance(model, nx.DataArray) and model.data is not None:
            yield "dtype", model.data.dtype.str if model.data.dtype != object else "string"
            yield "rank", str(model.data.ndim)
        if isinstance(model, nx.Column):
            yield "column", model.dtype
        if isinstance(model, nx.Property):
            yield "storage", model.element_type
            yield "odml", str(model.dtype)


def facts_to_try() -> Iterator[Fact]:
    """All that there is to try, by asking the models."""
    models: tuple[type[BaseModel], ...] = (*MODELS, nx.Column)
    for model in models:
        if model is nx.UnknownDimension:  # is made of what cannot be read, never of a sound file
            continue
        kind = model.__name__
        yield "class", kind
        for field, info in model.model_fields.items():
            if field == "extra":  # is empty for a sound file
                continue
            options = literals(info.annotation)
            if len(options) != 1:
                yield "field", kind, field
            yield from (("literal", kind, field, option) for option in options)
            for target in layout_of(model)[field].targets:
                if target is not nx.UnknownDimension:
                    yield "target", kind, field, target.__name__
    yield from (("dtype", dtype) for dtype in storable_dtypes())
    yield from (("rank", str(rank)) for rank in (1, 2, 3, 4))
    yield from (("storage", storage) for storage in STORAGE_TYPES)
    yield from (("odml", name) for name in (*ODML_TYPES, "None"))
    numbers = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
    for dtype in ("bool", *numbers, "float32", "float64", "string"):
        yield "column", dtype


def literals(annotation: Any) -> tuple[str, ...]:
    """The only values that an annotation allows, where it says so."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if get_origin(annotation) is Annotated:
        return literals(get_args(annotation)[0])
    return next((found for arg in get_args(annotation) if (found := literals(arg))), ())


def storable_dtypes() -> Iterator[str]:
    """Every element type of numpy that HDF5 takes, in both byte orders, and strings."""
    yield "string"
    for letter in np.typecodes["All"]:
        dtype = np.dtype({"S": "S5", "V": "V1", "O": "i1"}.get(letter, letter))
        for one in {dtype, dtype.newbyteorder(">")}:
            try:
                stored = h5py.h5t.py_create(one).dtype
            except TypeError:
                continue
            if stored == one:  # h5py garbles big-endian complex numbers of long doubles
                yield one.str


# The tests


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("whole-model")


def check(tree: Tree, folder: Path) -> nx.File:
    """Everything that holds for a sound file."""
    path = folder / "tree.nix"
    write(tree, path)
    file = nx.read(path)
    Comparison(tree, file)
    assert file.source == str(path)
    assert nx.read(path) == file
    for twin in (pickle.loads(pickle.dumps(file)), copy.deepcopy(file), file.copy(keep_id=True)):
        Comparison(tree, twin)
        assert twin == file
        assert file == twin
    for model in file.walk():
        assert "\n" not in repr(model)
        assert len(repr(model)) < 1000
    assert not [finding for finding in file.findings if finding.level == "error"]
    return file


@given(trees())
def test_the_models_say_what_the_file_says(folder: Path, tree: Tree) -> None:
    check(tree, folder)


@given(st.data())
def test_files_that_differ_in_one_fact_are_unequal(folder: Path, data: DataObject) -> None:
    tree = data.draw(trees())
    found = changes(tree)
    assume(found)
    expect_unequal(tree, data.draw(st.sampled_from(found)), folder)


@pytest.mark.parametrize("part", range(4))
def test_each_kind_of_change_makes_files_unequal(folder: Path, part: int) -> None:
    tree = everything(types=False)
    path = folder / "everything.nix"
    write(tree, path)
    file = nx.read(path)
    for change in list(kinds_of_change(tree))[part::4]:
        expect_unequal(tree, change, folder, file)


def test_every_field_class_dtype_and_link_is_tried(folder: Path) -> None:
    tried = set(facts_of(check(everything(), folder)))
    expect_none_missing(set(facts_to_try()) - tried)


def test_trees_that_are_drawn_try_every_field_class_and_link(folder: Path) -> None:
    kinds = ("class", "field", "literal", "target")
    missing = {fact for fact in facts_to_try() if fact[0] in kinds}

    # What is drawn depends on which modules are loaded: hypothesis takes constants from them.
    @settings(max_examples=500)
    @given(trees())
    def collect(tree: Tree) -> None:
        if missing:
            path = folder / "drawn.nix"
            write(tree, path)
            missing.difference_update(facts_of(nx.read(path)))

    collect()
    expect_none_missing(missing)


def expect_none_missing(facts: set[Fact]) -> None:
    words = "; ".join(" ".join(fact) for fact in sorted(facts))
    assert not facts, f"never tried with a value other than its default: {words}"


def expect_unequal(tree: Tree, change: Change, folder: Path, file: nx.File | None = None) -> None:
    path, changed_path = folder / "one.nix", folder / "other.nix"
    if file is None:
        write(tree, path)
        file = nx.read(path)
    write(change.of(tree), changed_path)
    changed = nx.read(changed_path)
    assert changed != file, str(change)
    assert file != changed, str(change)


def kinds_of_change(tree: Tree) -> Iterator[Change]:
    """One change of each kind: of each field of each class, in each way."""
    seen: set[tuple[Any, ...]] = set()
    for change in changes(tree):
        branch: Any = tree
        for step in change.path[:-1]:
            branch = branch[step]
        keys = tuple(step for step in change.path if isinstance(step, str))[-3:]
        words = re.sub(r" at .*|`.*`", "", change.words)
        kind = (keys, words, branch.get("dimension_type") if isinstance(branch, dict) else "")
        if kind not in seen:
            seen.add(kind)
            yield change
