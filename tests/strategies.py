"""Plain trees of sound NIX files over the whole model: drawn by hypothesis, and one by hand.

`trees` draws them, `everything` is a tree in which every field, class, dtype and link of the format
occurs, and `changes` gives all the ways in which one fact of a tree can be another.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isnan
from typing import Any, TypeAlias, cast
from uuid import UUID, uuid5

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.plain import Tree

SPACE = UUID("5f0c3f5a-52a1-4d3c-8a70-4f4f6b1f0001")
"""Where the ids of the trees come from."""

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
BIG_ENDIAN_INTEGERS = (">i2", ">i4", ">i8", ">u2", ">u4", ">u8")
FLOATS = ("float16", "float32", "float64")
BIG_ENDIAN_FLOATS = (">f2", ">f4", ">f8")
COMPLEX = ("complex64", "complex128", ">c8", ">c16")
LONG = ("longdouble", "clongdouble", ">g")
OTHERS = ("bool", "string", "ascii", "S5", "S1", "V1", "V8")
DTYPES = (*INTEGERS, *BIG_ENDIAN_INTEGERS, *FLOATS, *BIG_ENDIAN_FLOATS, *COMPLEX, *LONG, *OTHERS)
"""Element types of data arrays, records left out."""

NUMBERS = (*INTEGERS, *BIG_ENDIAN_INTEGERS, "float16", "float32", "float64", *BIG_ENDIAN_FLOATS)
"""Element types of ticks, coefficients and numeric properties."""

COLUMN_DTYPES = ("bool", *INTEGERS, "float32", "float64", "string", "float16", ">i4", ">f8", "S5")

VERSIONS = ([1, 2, 1], [1, 2, 0], [1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 2, 5])

ODD_NAMES = (
    "a b",
    " leading",
    "trailing ",
    "two\nlines",
    "tab\t",
    "ünïcödé",
    "電位",
    "\N{MICROSCOPE}\N{SNOWMAN}",
    "e\u0301",
    "\u00e9",
    "\u202eright to left",
    "\x01",
    "...",
    "-1",
    "0",
    "1",
    "None",
    "data",
    "metadata",
    "sections",
    "properties",
    "name",
    "link",
    "'\"`\\",
    "a.b:c;d,e",
    "%s {0} $HOME ~",
    "<b>&amp;<br>",
    "2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e11",
    "x" * 300,
)
"""Names that somebody's code trips over; all of them are legal."""

COLUMN_NAMES = ("time", "dF/F", "m/s", ".", "..", "a b", "µV", "two\nlines", "0", "name", "x" * 80)
"""Names of columns: members of a compound type may be called anything."""

UNITS = ("mV", "s", "µV", "uV/Hz", "m V", "not a unit", "", "none", "1", "µs", "kg*m^2/s^2", "°C")

ODML_TYPES = {
    "bool": ("boolean",),
    "int": ("int",),
    "float": ("float",),
    "string": ("string", "text", "url", "person", "date", "time", "datetime"),
}
"""The odML types that fit a kind of value."""

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.one_of(
    st.sampled_from(["", " ", "words", "two\nlines", "ünïcödé 電位", "x" * 1000]),
    st.text(characters, max_size=12),
)
labels = texts.map(lambda text: text or "x")
names = st.one_of(
    st.sampled_from(ODD_NAMES),
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0/"), min_size=1, max_size=10
    ).filter(lambda name: name not in (".", "..")),
)
column_names = st.one_of(st.sampled_from(COLUMN_NAMES), st.text(characters, min_size=1, max_size=6))
units = st.one_of(st.sampled_from(UNITS), texts)
times = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(
    lambda time: f"{time.year:04d}{time:%m%dT%H%M%S}"
)
any_numbers = st.one_of(
    st.floats(), st.integers(-(2**53), 2**53), st.sampled_from([0.0, -0.0, float("nan")])
)
finite_numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**53), 2**53)
)
positive_numbers = st.one_of(
    st.floats(min_value=0, exclude_min=True, allow_infinity=False), st.integers(1, 2**53)
)


def elements(dtype: Any) -> SearchStrategy[Any]:
    """Values of an element type, as plain Python has them."""
    if isinstance(dtype, list):
        return st.tuples(*(elements(one) for _, one in dtype)).map(list)
    letter, width = dtype.lstrip("<>")[:1], dtype[2:]
    if dtype == "bool":
        return st.booleans()
    if dtype == "string":
        return texts
    if dtype == "ascii":
        return st.text(st.characters(min_codepoint=1, max_codepoint=126), max_size=6)
    if letter == "S":
        return st.text(
            st.characters(min_codepoint=1, max_codepoint=126), max_size=int(dtype[1:])
        ).map(str.encode)
    if letter == "V":
        return st.binary(min_size=int(dtype[1:]), max_size=int(dtype[1:]))
    if dtype.startswith(">") and letter != "g":
        kind = {"i": "int", "u": "uint", "f": "float", "c": "complex"}[letter]
        return elements(f"{kind}{int(width) * 8}")
    if dtype.startswith("uint"):
        return st.integers(0, 2 ** int(dtype[4:]) - 1)
    if dtype.startswith("int"):
        half = 2 ** (int(dtype[3:]) - 1)
        return st.integers(-half, half - 1)
    if dtype.startswith("float"):
        return st.floats(width=int(dtype[5:]))  # type: ignore[arg-type]
    if dtype in ("longdouble", ">g"):
        return st.floats()
    return st.complex_numbers(width=64 if dtype == "complex64" else 128)


def kind_of(dtype: str) -> str:
    """The kind of Python value that elements of a type are."""
    if dtype in ("bool", "string"):
        return dtype
    if dtype == "ascii":
        return "string"
    return "float" if dtype.lstrip(">").startswith("f") else "int"


layouts = st.sampled_from([{}, {}, {"layout": "contiguous"}, {"layout": "gzip"}])
small_shapes = st.lists(st.integers(0, 3), min_size=1, max_size=4)
shapes = st.one_of(
    small_shapes,
    small_shapes,
    st.sampled_from([[0], [1], [5000], [70, 90], [0, 4], [3, 0, 2], [2, 3, 4, 300]]),
)
column_lists = st.lists(
    st.tuples(column_names, st.sampled_from(COLUMN_DTYPES)).map(list),
    min_size=1,
    max_size=4,
    unique_by=lambda column: column[0],
)
array_dtypes = st.one_of(
    *[st.sampled_from(DTYPES)] * 2,
    st.sampled_from(["float64", "int16", "string", "bool"]),
    column_lists,
)


@st.composite
def leaves(draw: DrawFn, dtypes: SearchStrategy[Any], sizes: SearchStrategy[list[int]]) -> Tree:
    """A dataset."""
    dtype = draw(dtypes)
    values = draw(st.lists(elements(dtype), min_size=1, max_size=3))
    return {"dtype": dtype, "shape": draw(sizes), "values": values, **draw(layouts)}


def lists(strategy: SearchStrategy[Any], length: int) -> SearchStrategy[list[Any]]:
    """Lists of a length, of which long ones repeat themselves."""
    pieces = st.lists(strategy, min_size=min(length, 3), max_size=min(length, 3))
    return pieces.map(lambda piece: (piece * (length // 3 + 1))[:length])


class _Drawing:
    """Draws one tree: entities first, then what refers to them."""

    def __init__(self, draw: DrawFn) -> None:
        self.draw = draw
        self.seed = draw(st.integers(0, 2**16))
        self.count = 0
        self.pool = draw(st.lists(times, min_size=1, max_size=3))
        self.sections: list[str] = []

    def new_id(self) -> str:
        self.count += 1
        made = uuid5(SPACE, f"{self.seed}/{self.count}")
        spelled = self.draw(st.integers(0, 19))
        spellings = {17: str(made).upper(), 18: made.hex, 19: f"{{{made}}}"}
        return spellings.get(spelled, str(made))

    def stamps(self) -> Tree:
        pick = st.sampled_from(self.pool)
        return {"id": self.new_id(), "created_at": self.draw(pick), "updated_at": self.draw(pick)}

    def optional(self, **fields: SearchStrategy[Any]) -> Tree:
        return self.draw(st.fixed_dictionaries({}, optional=fields))

    def entity(self, name: str, **optional: SearchStrategy[Any]) -> Tree:
        one: Tree = {"name": name, "type": self.draw(labels), **self.stamps()}
        return {**one, **self.optional(definition=texts, **optional)}

    def described(self, name: str, **optional: SearchStrategy[Any]) -> Tree:
        if self.sections:
            optional["metadata"] = st.sampled_from(self.sections)
        return self.entity(name, **optional)

    def names(self, most: int) -> list[str]:
        """Names for some entities; mostly there is at least one."""
        least = self.draw(st.sampled_from([0, 1, 1, 1]))
        return self.draw(st.lists(names, min_size=least, max_size=most, unique=True))

    def some(self, ids: list[str]) -> list[str]:
        """Some of the ids; mostly at least one, if there are any."""
        if not ids:
            return []
        least = self.draw(st.sampled_from([0, 1, 1]))
        return self.draw(st.lists(st.sampled_from(ids), min_size=least, max_size=3, unique=True))

    def file(self) -> Tree:
        strings = st.sampled_from(["utf-8", "utf-8", "ascii", "fixed", "list"])
        version = self.draw(st.sampled_from(VERSIONS))
        tree: Tree = {"version": version, **self.stamps()}
        if version < [1, 2, 0] and self.draw(st.booleans()):
            del tree["id"]
        tree["style"] = self.optional(strings=strings, version=st.just("int64"))
        tree["metadata"] = [self.section(name, 2) for name in self.names(2)]
        self.link_sections(tree["metadata"])
        tree["blocks"] = [self.block(name) for name in self.names(2)]
        return tree

    # Metadata

    def section(self, name: str, depth: int) -> Tree:
        tree = self.entity(name, repository=texts, reference=texts)
        self.sections.append(tree["id"])
        tree["properties"] = [self.property(name) for name in self.names(2)]
        tree["sections"] = (
            [self.section(name, depth - 1) for name in self.names(depth)] if depth else []
        )
        return tree

    def link_sections(self, sections: list[Tree]) -> None:
        for tree in sections:
            if self.draw(st.integers(0, 3)) == 0:
                tree["link"] = self.draw(st.sampled_from(self.sections))
            self.link_sections(tree["sections"])

    def property(self, name: str) -> Tree:
        usual = ["bool", "string", "int64", "float64", "string", "string", "ascii"]
        dtype = self.draw(st.one_of(st.sampled_from(usual), st.sampled_from(NUMBERS)))
        size = self.draw(st.sampled_from([0, 1, 1, 2, 3, 700]))
        values = self.draw(leaves(st.just(dtype), st.just([size])))
        fields = self.optional(
            definition=texts,
            dtype=st.sampled_from(ODML_TYPES[kind_of(dtype)]),
            unit=units,
            uncertainty=any_numbers,
            reference=texts,
            dependency=texts,
            dependency_value=texts,
            value_origin=texts,
        )
        return {"name": name, **self.stamps(), "values": values, **fields}

    # Data

    def block(self, name: str) -> Tree:
        tree = self.described(name)
        tree["sources"] = [self.source(name, 2) for name in self.names(2)]
        sources = [one["id"] for one in walk(tree["sources"])]
        tree["data_arrays"] = [self.data_array(name, sources) for name in self.names(4)]
        tree["data_frames"] = [self.data_frame(name, sources) for name in self.names(2)]
        for array in tree["data_arrays"]:
            axes = array["data"]["shape"]
            if self.draw(st.integers(0, 9)):
                array["dimensions"] = [self.dimension(tree, axes, axis) for axis in axes]
        tree["tags"] = [self.tag(tree, name) for name in self.names(2)]
        tree["multi_tags"] = [
            self.multi_tag(tree, name) for name in self.names(2) if tree["data_arrays"]
        ]
        tree["groups"] = [self.group(tree, name, sources) for name in self.names(2)]
        return tree

    def source(self, name: str, depth: int) -> Tree:
        inside = [self.source(name, depth - 1) for name in self.names(depth)] if depth else []
        return {**self.described(name), "sources": inside}

    def data_array(self, name: str, sources: list[str]) -> Tree:
        vectors = leaves(st.sampled_from(NUMBERS), st.sampled_from([[0], [2], [600]]))
        tree = self.described(
            name,
            unit=units,
            label=texts,
            expansion_origin=finite_numbers,
            polynom_coefficients=vectors,
        )
        tree["data"] = self.draw(leaves(array_dtypes, shapes))
        tree["sources"] = self.some(sources)
        return tree

    def data_frame(self, name: str, sources: list[str]) -> Tree:
        tree = self.described(name)
        tree["data"] = self.draw(
            leaves(column_lists, st.sampled_from([[0], [1], [3], [3], [2000]]))
        )
        columns = len(tree["data"]["dtype"])
        if self.draw(st.booleans()):
            tree["units"] = self.draw(st.lists(units, min_size=columns, max_size=columns))
            tree["units_in"] = self.draw(st.sampled_from(["both", "group", "data"]))
        tree["sources"] = self.some(sources)
        return tree

    def dimension(self, block: Tree, axes: list[int], length: int) -> Tree:
        arrays, frames = block["data_arrays"], block["data_frames"]
        kinds = ["sample", "range", "set", "range link", "set link"]
        kinds += ["data_frame"] * bool(frames) + ["alias"] * (2 if len(axes) == 1 else 0)
        kind = self.draw(st.sampled_from(kinds))
        tree: Tree = {"dimension_type": kind.split()[0]}
        if kind == "sample":
            tree["sampling_interval"] = self.draw(positive_numbers)
            return {**tree, **self.optional(offset=finite_numbers, unit=units, label=texts)}
        if kind == "data_frame":
            frame = self.draw(st.sampled_from(frames))
            columns = st.integers(0, len(frame["data"]["dtype"]) - 1)
            return {**tree, "data_frame": frame["id"], **self.optional(column=columns)}
        if kind == "alias":
            return {"dimension_type": "range", "alias": self.draw(st.sampled_from(arrays))["id"]}
        if kind == "range":
            ticks = leaves(st.sampled_from(["float64", "float64", *NUMBERS]), st.just([length]))
            return {**tree, "ticks": self.draw(ticks), **self.optional(unit=units, label=texts)}
        if kind == "set":
            tree |= self.optional(label=texts)
            return {**tree, **self.optional(labels=lists(texts, length))}
        return {**tree, **self.optional(label=texts), "link": self.link(arrays, frames)}

    def link(self, arrays: list[Tree], frames: list[Tree]) -> Tree:
        target = self.draw(st.sampled_from(arrays + frames))
        if target in frames:
            columns = len(target["data"]["dtype"])
            index = [self.draw(st.integers(0, columns - 1))]
            kind = "DataFrame"
        else:
            axes = target["data"]["shape"]
            index = [self.draw(st.integers(0, max(0, axis - 1))) for axis in axes]
            index[self.draw(st.integers(0, len(axes) - 1))] = -1
            kind = "DataArray"
        stamps = self.stamps()
        return {**stamps, "data_object_type": kind, "index": index, "target": target["id"]}

    def any_tag(self, block: Tree, name: str, axes: int) -> Tree:
        arrays = [one["id"] for one in block["data_arrays"]]
        tree = self.described(name, units=st.lists(units, max_size=axes + 1))
        tree["references"] = self.some(arrays)
        tree["sources"] = self.some([one["id"] for one in walk(block["sources"])])
        count = self.draw(st.sampled_from([0, 1, 1, 2])) if arrays or block["data_frames"] else 0
        tree["features"] = [self.feature(block) for _ in range(count)]
        return tree

    def tag(self, block: Tree, name: str) -> Tree:
        axes = self.draw(st.integers(0, 3))
        tree = self.any_tag(block, name, axes)
        numbers = st.lists(st.floats(), min_size=axes, max_size=axes)
        tree["position"] = self.draw(numbers)
        return {**tree, **self.optional(extent=numbers)}

    def multi_tag(self, block: Tree, name: str) -> Tree:
        arrays = st.sampled_from([one["id"] for one in block["data_arrays"]])
        tree = self.any_tag(block, name, 2)
        return {**tree, "positions": self.draw(arrays), **self.optional(extents=arrays)}

    def feature(self, block: Tree) -> Tree:
        target = self.draw(st.sampled_from(block["data_arrays"] + block["data_frames"]))
        kinds = ["untagged", "indexed", "tagged"]
        tree = {**self.stamps(), "data": target["id"]}
        if target in block["data_frames"]:
            tree |= {"target_type": "DataFrame", "link_type": self.draw(st.sampled_from(kinds[:2]))}
            return tree
        tree["link_type"] = self.draw(st.sampled_from(kinds))
        return {**tree, **self.optional(target_type=st.just("DataArray"))}

    def group(self, block: Tree, name: str, sources: list[str]) -> Tree:
        tree = self.described(name)
        for kind in ("data_arrays", "data_frames", "tags", "multi_tags"):
            tree[kind] = self.some([one["id"] for one in block[kind]])
        tree["sources"] = self.some(sources)
        places = (["data_frames", "data_frame"], ["data_frames"], ["data_frame"])
        return {**tree, **self.optional(frames_in=st.sampled_from(places))}


@st.composite
def trees(draw: DrawFn) -> Tree:
    """A whole file."""
    return _Drawing(draw).file()


def walk(branches: list[Tree]) -> Iterator[Tree]:
    """All nested sources or sections."""
    for branch in branches:
        yield branch
        yield from walk(branch.get("sources", []))
        yield from walk(branch.get("sections", []))


# By hand


class _Hand:
    """Makes entities with ids and times of their own."""

    def __init__(self) -> None:
        self.count = 0
        self.ids: dict[str, str] = {}

    def stamps(self) -> Tree:
        self.count += 1
        made = str(uuid5(SPACE, f"everything/{self.count}"))
        spellings = (made, made.upper(), f"urn:uuid:{made}", f"{{{made}}}", made.replace("-", ""))
        created = datetime(2020, 2, 29, 23, 59) + timedelta(hours=self.count)
        return {
            "id": spellings[self.count % 5] if self.count % 3 == 0 else made,
            "created_at": f"{created:%Y%m%dT%H%M%S}",
            "updated_at": f"{created + timedelta(seconds=61):%Y%m%dT%H%M%S}",
        }

    def one(self, name: str, kind: str = "", **fields: Any) -> Tree:
        stamps = self.stamps()
        self.ids[name] = stamps["id"]
        words = {"type": kind} if kind else {}
        return {"name": name, **words, **stamps, **fields}

    def __getitem__(self, name: str) -> str:
        return self.ids[name]


def leaf(dtype: Any, shape: list[int], values: list[Any], **more: Any) -> Tree:
    """A dataset."""
    return {"dtype": dtype, "shape": shape, "values": values, **more}


def everything(*, types: bool = True) -> Tree:
    """A file in which every field, class of dimension, kind of link and storage type occurs.

    Args:
        types: with every odd name, and every element type of properties, of frames and of arrays,
            small and large ones.
    """
    hand = _Hand()
    metadata = _metadata(hand, types=types)
    blocks = [_block(hand), _twin(hand)]
    if types:
        blocks.append(_types(hand))
    tree = {"version": [1, 1, 1], **hand.stamps(), "blocks": blocks, "metadata": metadata}
    return {**tree, "style": {"version": "int64"}}


def _metadata(hand: _Hand, *, types: bool) -> list[Tree]:
    values: tuple[tuple[str, str, list[Any], Tree], ...] = (
        ("true and false", "bool", [True, False], {"dtype": "boolean"}),
        ("ascii", "ascii", ["abc", ""], {"dtype": "text"}),
        ("a person", "string", ["Ada"], {"dtype": "person"}),
        ("an empty text", "string", [""], {"dtype": "url"}),
        ("date", "string", ["2021-03-04"], {"dtype": "date"}),
        ("time", "string", ["12:00:00"], {"dtype": "time"}),
        ("datetime", "string", ["2021-03-04 12:00:00"], {"dtype": "datetime"}),
        ("floats", "float64", [1.5, float("nan"), float("inf"), -0.0], {"dtype": "float"}),
        ("long", "string", ["ünï", "\n"] * 400, {}),
    )
    properties = [
        hand.one(
            "all fields",
            values=leaf("int64", [3], [2**63 - 1, -(2**63), 0]),
            definition="what it is",
            dtype="int",
            unit="µV",
            uncertainty=0.25,
            reference="doi:10.1/x",
            dependency="another",
            dependency_value="its value",
            value_origin="notes.txt",
        ),
        hand.one(
            "all fields empty",
            values=leaf("string", [1], ["ünï"]),
            definition="",
            dtype="string",
            unit="",
            uncertainty=0,
            reference="",
            dependency="",
            dependency_value="",
            value_origin="",
        ),
        *(
            hand.one(name, values=leaf(dtype, [len(given)], given), **more)
            for name, dtype, given, more in values
        ),
        hand.one("no text", values=leaf("string", [0], ["x"])),
        hand.one("no numbers", values=leaf("float64", [0], [1.0])),
        *(
            hand.one(f"as {dtype}", values=leaf(dtype, [2], [1, 2] if "f" not in dtype else [0.5]))
            for dtype in (NUMBERS if types else ("int8", ">f4"))
        ),
    ]
    inner = hand.one("inner", "deepest", sections=[], properties=[], definition="")
    odd = [
        hand.one(name, f"odd {number}", sections=[], properties=[])
        for number, name in enumerate(ODD_NAMES if types else ODD_NAMES[:2])
    ]
    outer = hand.one(
        "outer",
        "odml/subject",
        definition="with all fields",
        repository="https://example.org/terms",
        reference="",
        properties=properties,
        sections=[hand.one("middle", "x", sections=[inner], properties=[]), *odd],
    )
    linking = hand.one(
        "linking", "undefined", repository="", reference="42", link=hand["inner"], sections=[]
    )
    linking["properties"] = [hand.one("all fields", values=leaf("bool", [1], [True]))]
    inner["link"] = hand["outer"]
    return [outer, linking]


def _block(hand: _Hand) -> Tree:
    block = hand.one("session", "recording", definition="all that there is", metadata=hand["outer"])
    axon = hand.one("axon", "part", sources=[], definition="", metadata=hand["linking"])
    cell = hand.one("cell", "cell", sources=[axon], definition="a cell", metadata=hand["inner"])
    block["sources"] = [cell, hand.one("2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e11", "rig", sources=[])]
    frame = hand.one(
        "table",
        "nix.table",
        definition="rows",
        metadata=hand["outer"],
        sources=[axon["id"], cell["id"]],
        units=["s", "", "µV", "none", "", "m", "", "", "", "", "", ""],
        data=leaf(
            [
                ["time", "float64"],
                ["what", "string"],
                ["dV/dt", "float32"],
                ["on", "bool"],
                *([dtype, dtype] for dtype in INTEGERS),
            ],
            [3],
            [
                [0.5, "ünï", 1.5, True, -1, -2, -3, -4, 1, 2, 3, 4],
                [float("nan"), "", 0.0, False, 127, 32767, 5, 6, 255, 65535, 7, 8],
            ],
        ),
    )
    bare = hand.one("no rows", "x", data=leaf([["a b", "int32"], ["..", "string"]], [0], [[1, ""]]))
    group_units = hand.one("units in C++", "x", units=["mV", ""], units_in="data")
    group_units["data"] = leaf([["a", ">f8"], ["b", "S5"]], [700], [[1.0, b"ab"], [2.0, b""]])
    data_units = hand.one("units of nixio", "x", units=["mV"], units_in="group")
    data_units["data"] = leaf([["a", "float16"]], [1], [[1.0]], layout="contiguous")
    block["data_frames"] = [frame, bare, group_units, data_units]
    block["data_arrays"] = _arrays(hand)
    block["tags"], block["multi_tags"] = _tags(hand), _multi_tags(hand)
    block["groups"] = [
        hand.one(
            "trial",
            "trial",
            definition="a trial",
            metadata=hand["inner"],
            data_arrays=[hand["voltage"], hand["ticks"]],
            data_frames=[hand["no rows"], hand["table"]],
            tags=[hand["region"], hand["point"]],
            multi_tags=[hand["regions"], hand["points"]],
            sources=[axon["id"], cell["id"]],
        ),
        hand.one("by C++", "x", data_frames=[hand["table"]], frames_in=["data_frame"]),
        hand.one("by nixio", "x", data_frames=[hand["table"]], frames_in=["data_frames"]),
        hand.one("nothing", "x"),
    ]
    return block


def _link(hand: _Hand, kind: str, index: list[int], target: str) -> Tree:
    stamps = hand.stamps()
    return {**stamps, "data_object_type": kind, "index": index, "target": hand[target]}


def _arrays(hand: _Hand) -> list[Tree]:
    voltage = hand.one(
        "voltage",
        "nix.sampled",
        definition="with all fields",
        metadata=hand["outer"],
        unit="mV",
        label="membrane voltage",
        expansion_origin=1,
        polynom_coefficients=leaf("float64", [2], [0.5, -2.0]),
        data=leaf("float32", [2, 3, 4, 0], [1.0]),
        sources=[hand["axon"], hand["2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e11"]],
    )
    ticks = hand.one(
        "ticks",
        "x",
        expansion_origin=0.0,
        polynom_coefficients=leaf(">i4", [0], [1]),
        unit="",
        label="",
        data=leaf("float64", [4], [0.5, 0.5, float("nan"), -1.0]),
    )
    names = hand.one("names", "x", data=leaf("string", [2, 3], ["a", "", "ünï"]))
    several = hand.one("several", "x", data=leaf("int16", [2, 3, 2, 2], [1, -2], layout="gzip"))
    none = hand.one("undescribed", "x", data=leaf("float64", [700], [1.0], layout="contiguous"))
    empty = hand.one("empty", "x", data=leaf("uint8", [0], [1]))
    others = hand.one("others", "x", data=leaf("bool", [1, 2, 3], [True, False]))
    voltage["dimensions"] = [
        {
            "dimension_type": "sample",
            "sampling_interval": 0.1,
            "offset": -3.5,
            "unit": "ms",
            "label": "time",
        },
        {
            "dimension_type": "range",
            "ticks": leaf("float64", [3], [-1.0, 2.0, 2.0]),
            "unit": "µm",
            "label": "depth",
        },
        {"dimension_type": "set", "labels": ["a", "", "ünï", "a\nb"], "label": "channel"},
        {"dimension_type": "data_frame", "data_frame": hand["table"], "column": 1},
    ]
    ticks["dimensions"] = [{"dimension_type": "range", "alias": hand["ticks"]}]
    names["dimensions"] = [
        {"dimension_type": "range", "link": _link(hand, "DataArray", [-1], "ticks")},
        {"dimension_type": "range", "link": _link(hand, "DataFrame", [0], "table"), "label": ""},
    ]
    several["dimensions"] = [
        {"dimension_type": "set", "link": _link(hand, "DataArray", [1, -1], "names")},
        {"dimension_type": "set", "link": _link(hand, "DataFrame", [1], "table"), "label": "x"},
        {"dimension_type": "sample", "sampling_interval": 2, "offset": 0, "unit": "", "label": ""},
        {"dimension_type": "data_frame", "data_frame": hand["no rows"], "column": 0},
    ]
    empty["dimensions"] = [{"dimension_type": "set", "labels": []}]
    others["dimensions"] = [
        {"dimension_type": "set"},
        {"dimension_type": "data_frame", "data_frame": hand["table"]},
        {"dimension_type": "range", "ticks": leaf(">i2", [3], [-1, 0, 700])},
    ]
    return [voltage, ticks, names, several, none, empty, others]


def _features(hand: _Hand) -> list[Tree]:
    given: tuple[Tree, ...] = (
        {"link_type": "tagged", "target_type": "DataArray", "data": hand["voltage"]},
        {"link_type": "untagged", "data": hand["ticks"]},
        {"link_type": "indexed", "target_type": "DataFrame", "data": hand["table"]},
        {"link_type": "untagged", "target_type": "DataFrame", "data": hand["no rows"]},
    )
    return [{**hand.stamps(), **one} for one in given]


def _tags(hand: _Hand) -> list[Tree]:
    nan, inf = float("nan"), float("inf")
    region = hand.one(
        "region",
        "nix.region",
        definition="with all fields",
        metadata=hand["linking"],
        position=[0.5, nan],
        extent=[-1.0, inf],
        units=["ms", ""],
        references=[hand["voltage"], hand["names"]],
        sources=[hand["axon"], hand["cell"]],
    )
    region["features"] = _features(hand)
    empty = hand.one("nowhere", "x", position=[], extent=[], units=[])
    long = hand.one("long", "x", position=[1.0] * 600, units=["none", "m V"])
    return [region, hand.one("point", "x", position=[1.0]), empty, long]


def _multi_tags(hand: _Hand) -> list[Tree]:
    regions = hand.one(
        "regions",
        "nix.regions",
        definition="with all fields",
        metadata=hand["inner"],
        positions=hand["ticks"],
        extents=hand["several"],
        units=["µs", "none", ""],
        references=[hand["several"], hand["voltage"]],
        sources=[hand["axon"], hand["cell"]],
    )
    regions["features"] = _features(hand)
    points = hand.one("points", "x", positions=hand["ticks"])
    return [regions, points, hand.one("same", "x", positions=hand["ticks"], extents=hand["ticks"])]


def _twin(hand: _Hand) -> Tree:
    """A block in which the names of the first stand for other things."""
    block = hand.one("voltage", "x")
    block["sources"] = [hand.one("voltage", "x", sources=[hand.one("voltage", "x", sources=[])])]
    source = hand["voltage"]
    block["data_arrays"] = [hand.one("voltage", "x", data=leaf("int8", [1], [1]), sources=[source])]
    array = hand["voltage"]
    block["data_frames"] = [hand.one("voltage", "x", data=leaf([["voltage", "int8"]], [1], [[1]]))]
    block["tags"] = [hand.one("voltage", "x", position=[0.0], references=[array])]
    tag = hand["voltage"]
    block["multi_tags"] = [hand.one("voltage", "x", positions=array, references=[array])]
    block["groups"] = [hand.one("voltage", "x", data_arrays=[array], tags=[tag], sources=[source])]
    return block


SAMPLES: dict[str, list[Any]] = {
    "bool": [True, False],
    "string": ["ünï", "", "two\nlines"],
    "ascii": ["abc", ""],
    "S5": [b"abcde", b"", b"x"],
    "S1": [b"a", b""],
    "V1": [b"\x00", b"\xff"],
    "V8": [b"\x00\x01\x02\x03\x04\x05\x06\x07"],
}
"""Values of the element types that are no numbers."""


def _types(hand: _Hand) -> Tree:
    """A block of arrays of every element type, each small, large and empty."""
    block = hand.one("types", "x")
    nan, inf = float("nan"), float("inf")
    arrays = []
    for dtype in DTYPES:
        values = SAMPLES.get(dtype, [0, 1, 100])
        if dtype.lstrip(">")[:1] in "flg":
            values = [0.5, nan, inf, -0.0]
        elif dtype.lstrip(">")[:1] in "c":
            values = [1 + 2j, complex(nan, 0), 0]
        arrays += [
            hand.one(f"{dtype} small", "x", data=leaf(dtype, [2, 2], values)),
            hand.one(f"{dtype} large", "x", data=leaf(dtype, [71, 80], values, layout="gzip")),
            hand.one(f"{dtype} empty", "x", data=leaf(dtype, [2, 0], values)),
        ]
    records = [[name, name] for name in DTYPES]
    row = [SAMPLES.get(name, [1])[0] for name in DTYPES]
    for size in (2, 300, 0):
        data = leaf(records, [size], [row])
        arrays.append(hand.one(f"{size} records", "x", data=data))
    block["data_arrays"] = arrays
    block["data_frames"] = [hand.one("all types", "x", data=leaf(records, [300], [row]))]
    return block


# Changes

Apply: TypeAlias = Callable[[Tree], None]


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that becomes another."""

    path: tuple[str | int, ...]
    """Where in the tree."""
    words: str
    """What is done there."""
    act: Callable[[Any, Any], None]
    """Does it, given the branch and the key in it."""

    def of(self, tree: Tree) -> Tree:
        """A copy of the tree with the change."""
        changed = copy.deepcopy(tree)
        branch: Any = changed
        for step in self.path[:-1]:
            branch = branch[step]
        self.act(branch, self.path[-1])
        return changed

    def __str__(self) -> str:
        """Tell it in one line."""
        return f"{'/'.join(map(str, self.path))}: {self.words}"


FREE = ("style", "layout", "units_in", "frames_in")
"""Keys that say how a tree is written, not what it says."""

LITERALS = {
    "link_type": ("tagged", "untagged", "indexed"),
    "dtype": [name for known in ODML_TYPES.values() for name in known],
}

REQUIRED = ("name", "id", "type", "created_at", "updated_at", "data", "values", "dimension_type")
"""Fields that a sound entity has."""

KEPT = (
    *REQUIRED,
    *("position", "positions", "link_type", "data_object_type", "index", "target", "alias"),
)
"""Fields that cannot be taken away without breaking the file."""


NEW: Tree = {
    "name": "one more",
    "id": "aaaaaaaa-0000-4000-8000-000000000000",
    "created_at": "20200101T000000",
    "updated_at": "20200101T000000",
}
"""What is added."""

NEW_MEMBERS: dict[str, Tree] = {
    **{
        key: {**NEW, "type": "x"} for key in ("blocks", "metadata", "sections", "groups", "sources")
    },
    "properties": {**NEW, "values": {"dtype": "int64", "shape": [1], "values": [1]}},
    "data_arrays": {**NEW, "type": "x", "data": {"dtype": "int8", "shape": [1], "values": [1]}},
    "tags": {**NEW, "type": "x", "position": [1.0]},
}
"""Entities to add, by container."""

OF_SECTIONS = ("metadata", "sections")
"""Where sections are."""


def changes(tree: Tree) -> list[Change]:
    """All the ways in which one fact of a tree can be another."""
    kinds = _kinds(tree)
    found: list[Change] = []
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), tree)]
    while stack:
        path, branch = stack.pop()
        for key, value in branch.items():
            if key in FREE:
                continue
            here = (*path, key)
            found += _changes_of(here, branch, value, kinds)
            if isinstance(value, list) and value and isinstance(value[0], dict):
                stack += [((*here, number), member) for number, member in enumerate(value)]
            elif isinstance(value, dict) and "shape" not in value:
                stack.append((here, value))
    return found


def _kinds(tree: Tree) -> dict[str, list[str]]:
    """The ids that a reference to an id could lead to instead, by id."""
    groups: list[list[str]] = [[one["id"] for one in walk(tree["metadata"])]]
    for block in tree["blocks"]:
        kinds = ("data_arrays", "data_frames", "tags", "multi_tags")
        groups += [[one["id"] for one in block.get(kind, [])] for kind in kinds]
        groups.append([one["id"] for one in walk(block.get("sources", []))])
    return {one: group for group in groups for one in group}


def _changes_of(
    path: tuple[str | int, ...], branch: Tree, value: Any, kinds: dict[str, list[str]]
) -> Iterator[Change]:
    key = cast("str", path[-1])
    in_frame = key == "units" and "data" in branch
    says_nothing = _is_members(value) or (in_frame and not any(value))
    if key not in KEPT and len(path) > 1 and not says_nothing:
        yield Change(path, "is taken away", lambda branch, key: branch.pop(key))
    match value:
        case dict() if "shape" in value:
            yield from _changes_of_leaf(path, value)
        case str():
            yield from _changes_of_text(path, value, kinds)
        case int() | float():
            other = value + 1 if key == "column" else 0.5 if value != 0.5 else 1.5
            yield _assigned(path, "another number", other)
        case [str(), *_] if value[0] in kinds:
            yield from _changes_of_references(path, value, kinds)
        case [str() | float() | int(), *_] if key != "index" or "DataFrame" in branch.values():
            changed = f"{value[0]}x" if isinstance(value[0], str) else _other_number(value[0])
            yield _assigned(path, "another first item", [changed, *value[1:]])
            if key not in ("index", "version") and not in_frame:
                yield _assigned(path, "one item less", value[:-1])
        case [dict(), dict(), *_]:
            first, second = value[0], value[1]
            if key != "dimensions" or first["dimension_type"] != second["dimension_type"]:
                yield _assigned(path, "order changed", [second, first, *value[2:]])
    owners = {"sources": ("blocks", "sources"), "properties": OF_SECTIONS, "sections": OF_SECTIONS}
    if key in NEW_MEMBERS and (len(path) == 1 or path[-3] in owners.get(key, ("blocks",))):
        yield _assigned(path, "one member more", [*value, NEW_MEMBERS[key]])
    if key == "dimension_type":
        other_kind: Tree = {"dimension_type": "sample", "sampling_interval": 0.125}
        if value == "sample":
            other_kind = {"dimension_type": "set"}
        yield Change(path[:-1], "another class", _replace(other_kind))


def _changes_of_leaf(path: tuple[str | int, ...], value: Tree) -> Iterator[Change]:
    dtype, shape, values = value["dtype"], value["shape"], value["values"]
    size = 1
    for axis in shape:
        size *= axis
    in_frame = isinstance(dtype, list)
    if size and not _is_nan(values[0]):
        other = _other_value(dtype, values[0])
        more = size // len(values) + 1
        yield _assigned(
            path, "another value", {**value, "values": [other, *(values * more)[1:size]]}
        )
    longer = [shape[0] + 1, *shape[1:]]
    yield _assigned(path, "another shape", {**value, "shape": longer})
    if in_frame:
        renamed = [[dtype[0][0] + "\u2032", dtype[0][1]], *dtype[1:]]
        yield _assigned(path, "another column name", {**value, "dtype": renamed})
    else:
        other_dtype = "int8" if dtype != "int8" else "int16"
        yield _assigned(path, "another dtype", {**value, "dtype": other_dtype, "values": [0]})


def _changes_of_text(
    path: tuple[str | int, ...], value: str, kinds: dict[str, list[str]]
) -> Iterator[Change]:
    key = path[-1]
    if key == "id":
        other = str(uuid5(SPACE, f"other {value}"))
        words = f"another id at {'/'.join(map(str, path))}"
        yield Change(("id",), words, lambda tree, _: _rename(tree, value, other))
    elif key in ("created_at", "updated_at"):
        changed = f"{value[:-2]}{(int(value[-2:]) + 1) % 60:02d}"
        yield _assigned(path, "another second", changed)
    elif key in LITERALS:
        changed = next(one for one in LITERALS[key] if one != value)
        yield _assigned(path, f"`{changed}`", changed)
    elif key in ("dimension_type", "data_object_type", "target_type", "alias", "target"):
        pass
    elif key != "name" and value in kinds:
        others = [one for one in kinds[value] if one != value]
        if others:
            yield _assigned(path, "another target", others[0])
    else:
        yield _assigned(path, "another text", value + "\u2032")


def _changes_of_references(
    path: tuple[str | int, ...], value: list[str], kinds: dict[str, list[str]]
) -> Iterator[Change]:
    yield _assigned(path, "one reference less", value[:-1])
    if len(value) > 1:
        yield _assigned(path, "order changed", [value[1], value[0], *value[2:]])
    others = [one for one in kinds[value[0]] if one not in value]
    if others:
        yield _assigned(path, "another target", [others[0], *value[1:]])


def _assigned(path: tuple[str | int, ...], words: str, value: Any) -> Change:
    def act(branch: Any, key: Any) -> None:
        branch[key] = value

    return Change(path, words, act)


def _replace(other: Tree) -> Callable[[Any, Any], None]:
    def act(branch: Any, key: Any) -> None:
        branch[key] = other

    return act


def _is_members(value: Any) -> bool:
    return isinstance(value, list) and (not value or isinstance(value[0], dict))


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and isnan(value)


def _other_number(value: float) -> float:
    other = 1 if value != 1 else 2
    return other if isinstance(value, int) else float(other)


def _other_value(dtype: Any, value: Any) -> Any:
    if isinstance(dtype, list):
        return [_other_value(dtype[0][1], value[0]), *value[1:]]
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return "other" if value != "other" else "another"
    if isinstance(value, bytes):
        filler = b"b" if value[:1] != b"b" else b"c"
        return filler * max(1, len(value))
    return 1 if value != 1 else 2


def _rename(branch: Any, old: str, new: str) -> None:
    """Give an entity another id, wherever that stands."""
    items = branch.items() if isinstance(branch, dict) else enumerate(branch)
    for key, value in list(items):
        if value == old and isinstance(value, str) and key not in ("name", "definition", "label"):
            branch[key] = new
        elif isinstance(value, dict | list):
            _rename(value, old, new)
