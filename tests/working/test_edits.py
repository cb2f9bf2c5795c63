"""Any sequence of edits on a live file equals the same edits on plain data."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import nixschema as nx

NAMES = st.sampled_from(["a", "b", "c", "ä µ", "1", "a b", "x" * 80])
BAD_NAMES = st.sampled_from(["", ".", "..", "a/b", "a\0b"])
UNITS = st.sampled_from([None, "mV", "µV", "nonsense", ""])
VALUES = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=4)
PICK = st.integers(0, 7)

DOCUMENTED = (nx.NixError, ValueError, TypeError, KeyError, IndexError)


@dataclass
class PlainArray:
    name: str
    values: list[float]
    unit: str | None = None


@dataclass
class PlainTag:
    name: str
    position: list[float]
    references: list[PlainArray] = field(default_factory=list)
    metadata: PlainSection | None = None


@dataclass
class PlainSection:
    name: str
    properties: dict[str, list[Any]] = field(default_factory=dict)
    sections: list[PlainSection] = field(default_factory=list)


@dataclass
class PlainBlock:
    name: str
    arrays: list[PlainArray] = field(default_factory=list)
    tags: list[PlainTag] = field(default_factory=list)


@dataclass
class Plain:
    """What the file holds, as simple as can be."""

    blocks: list[PlainBlock] = field(default_factory=list)
    sections: list[PlainSection] = field(default_factory=list)

    def has_dangling(self) -> bool:
        sections = list(self.all_sections())
        return any(
            not any(one is known for known in block.arrays)
            for block in self.blocks
            for tag in block.tags
            for one in tag.references
        ) or any(
            tag.metadata is not None and not any(tag.metadata is one for one in sections)
            for block in self.blocks
            for tag in block.tags
        )

    def all_sections(self) -> list[PlainSection]:
        found = list(self.sections)
        for one in found:
            found += one.sections
        return found


def described(plain: Plain) -> Any:
    return (
        [
            (
                block.name,
                [(one.name, one.values, one.unit) for one in block.arrays],
                [
                    (
                        tag.name,
                        tag.position,
                        [one.name for one in tag.references],
                        tag.metadata.name if tag.metadata else None,
                    )
                    for tag in block.tags
                ],
            )
            for block in plain.blocks
        ],
        [_section(one) for one in plain.sections],
    )


def _section(section: PlainSection) -> Any:
    return section.name, section.properties, [_section(one) for one in section.sections]


def seen(file: nx.File) -> Any:
    return (
        [
            (
                block.name,
                [
                    (
                        one.name,
                        np.asarray(one).tolist(),
                        one.unit if one.unit is None else str(one.unit),
                    )
                    for one in block.data_arrays
                ],
                [
                    (
                        tag.name,
                        tag.position,
                        [getattr(one.target, "name", None) for one in tag.references.items],
                        tag.metadata.name if tag.metadata is not None else None,
                    )
                    for tag in block.tags
                ],
            )
            for block in file.blocks
        ],
        [_seen_section(one) for one in file.metadata],
    )


def _seen_section(section: nx.Section) -> Any:
    properties = {one.name: list(one.values) for one in section.properties}
    return section.name, properties, [_seen_section(one) for one in section.sections]


def taken(name: str, among: list[Any], but: Any = None) -> bool:
    return any(one.name == name for one in among if one is not but)


class Edits(RuleBasedStateMachine):
    """The same edits on a `File` and on plain data."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "edited.nix"
        self.file = nx.File(blocks=[nx.Block(name="a", type="t")])
        self.plain = Plain(blocks=[PlainBlock("a")])
        self.saved = copy.deepcopy(self.plain)
        nx.write(self.file, self.path)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def refused(self, edit: Callable[[], object]) -> None:
        with pytest.raises(DOCUMENTED):
            edit()

    def block(self, pick: int) -> tuple[nx.Block, PlainBlock]:
        number = pick % len(self.plain.blocks)
        return self.file.blocks[number], self.plain.blocks[number]

    @rule(name=NAMES)
    def add_block(self, name: str) -> None:
        block = nx.Block(name=name, type="t")
        if taken(name, self.plain.blocks):
            self.refused(lambda: self.file.blocks.append(block))
        else:
            self.file.blocks.append(block)
            self.plain.blocks.append(PlainBlock(name))

    @rule(pick=PICK, name=NAMES, values=VALUES, unit=UNITS, at=PICK)
    def add_array(
        self, pick: int, name: str, values: list[float], unit: str | None, at: int
    ) -> None:
        block, plain = self.block(pick)
        array = nx.DataArray(
            name=name, type="t", data=values, unit=unit, dimensions=[nx.SetDimension()]
        )
        if taken(name, plain.arrays):
            self.refused(lambda: block.data_arrays.insert(at, array))
            assert array.owner is None
        else:
            block.data_arrays.insert(at, array)
            plain.arrays.insert(at, PlainArray(name, values, unit))

    @rule(pick=PICK, name=NAMES, position=VALUES, refer=st.lists(PICK, max_size=3, unique=True))
    def add_tag(self, pick: int, name: str, position: list[float], refer: list[int]) -> None:
        position = position[:1]  # Arrays have one axis here.
        block, plain = self.block(pick)
        chosen = sorted({one % len(plain.arrays) for one in refer}) if plain.arrays else []
        tag = nx.Tag(
            name=name,
            type="t",
            position=position,
            references=[
                block.data_arrays[one] if number % 2 else plain.arrays[one].name
                for number, one in enumerate(chosen)
            ],
        )
        if taken(name, plain.tags):
            self.refused(lambda: block.tags.append(tag))
        else:
            block.tags.append(tag)
            assert all(one.owner is block for one in tag.references)
            plain.tags.append(PlainTag(name, position, [plain.arrays[one] for one in chosen]))

    @rule(name=NAMES, pick=PICK, inside=st.booleans(), values=VALUES)
    def add_section(self, name: str, pick: int, inside: bool, values: list[float]) -> None:
        section = nx.Section(name=name, type="t", properties=[nx.Property(name="p", values=values)])
        plain = PlainSection(name, {"p": list(values)})
        members: Any = self.file.metadata
        known = self.plain.sections
        if inside and known:
            members = self.file.metadata[pick % len(known)].sections
            known = known[pick % len(known)].sections
        if taken(name, known):
            self.refused(lambda: members.append(section))
        else:
            members.append(section)
            known.append(plain)

    @precondition(lambda self: any(one.tags for one in self.plain.blocks) and self.plain.sections)
    @rule(pick=PICK, which=PICK, section=PICK, deep=st.booleans())
    def describe_tag(self, pick: int, which: int, section: int, deep: bool) -> None:
        block, plain = self.block(pick)
        if not plain.tags:
            return
        number = which % len(plain.tags)
        chosen = self.plain.sections[section % len(self.plain.sections)]
        path = f"/{chosen.name}"
        if deep and chosen.sections:
            chosen = chosen.sections[0]
            path += f"/{chosen.name}"
        block.tags[number].metadata = path
        plain.tags[number].metadata = chosen
        assert block.tags[number].metadata is not None

    @rule(pick=PICK, which=PICK, name=NAMES | BAD_NAMES)
    def rename_array(self, pick: int, which: int, name: str) -> None:
        block, plain = self.block(pick)
        if not plain.arrays:
            return
        number = which % len(plain.arrays)
        bad = name in ("", ".", "..", "a/b", "a\0b")
        if bad or taken(name, plain.arrays, plain.arrays[number]):
            self.refused(lambda: setattr(block.data_arrays[number], "name", name))
        else:
            block.data_arrays[number].name = name
            plain.arrays[number].name = name
            assert block.data_arrays[name] is block.data_arrays[number]

    @rule(pick=PICK, name=NAMES)
    def rename_block(self, pick: int, name: str) -> None:
        block, plain = self.block(pick)
        if taken(name, self.plain.blocks, plain):
            self.refused(lambda: setattr(block, "name", name))
        else:
            block.name = plain.name = name

    @rule(pick=PICK, which=PICK, to=PICK)
    def move_array(self, pick: int, which: int, to: int) -> None:
        block, plain = self.block(pick)
        if not plain.arrays:
            return
        number = which % len(plain.arrays)
        block.data_arrays.move(plain.arrays[number].name, to)
        plain.arrays.insert(to, plain.arrays.pop(number))

    @rule(pick=PICK, which=PICK, unlink=st.booleans())
    def remove_array(self, pick: int, which: int, unlink: bool) -> None:
        block, plain = self.block(pick)
        if not plain.arrays:
            return
        number = which % len(plain.arrays)
        block.data_arrays.remove(block.data_arrays[number], unlink=unlink)
        gone = plain.arrays.pop(number)
        if unlink:
            for tag in plain.tags:
                tag.references = [one for one in tag.references if one is not gone]

    @rule(pick=PICK, which=PICK, unlink=st.booleans())
    def remove_section(self, pick: int, which: int, unlink: bool) -> None:
        if not self.plain.sections:
            return
        number = pick % len(self.plain.sections)
        self.file.metadata.remove(self.plain.sections[number].name, unlink=unlink)
        gone = self.plain.sections.pop(number)
        if unlink:
            for block in self.plain.blocks:
                for tag in block.tags:
                    if any(tag.metadata is one for one in (gone, *gone.sections)):
                        tag.metadata = None

    @rule(pick=PICK, which=PICK, other=PICK)
    def move_array_between_blocks(self, pick: int, which: int, other: int) -> None:
        block, plain = self.block(pick)
        target, into = self.block(other)
        if not plain.arrays or target is block:
            return
        number = which % len(plain.arrays)
        name = plain.arrays[number].name
        array = block.data_arrays[number]
        self.refused(lambda: target.data_arrays.append(array))
        if taken(name, into.arrays):
            return
        block.data_arrays.remove(array, unlink=True)
        target.data_arrays.append(array)
        moved = plain.arrays.pop(number)
        for tag in plain.tags:
            tag.references = [one for one in tag.references if one is not moved]
        into.arrays.append(moved)

    @rule(pick=PICK, which=PICK, name=NAMES)
    def copy_array(self, pick: int, which: int, name: str) -> None:
        block, plain = self.block(pick)
        if not plain.arrays or taken(name, plain.arrays):
            return
        number = which % len(plain.arrays)
        twin = block.data_arrays[number].copy()
        twin.name = name
        block.data_arrays.append(twin)
        known = plain.arrays[number]
        plain.arrays.append(PlainArray(name, list(known.values), known.unit))

    @rule(pick=PICK, which=PICK, values=VALUES, unit=UNITS)
    def reassign(self, pick: int, which: int, values: list[float], unit: str | None) -> None:
        block, plain = self.block(pick)
        if not plain.arrays:
            return
        number = which % len(plain.arrays)
        array, known = block.data_arrays[number], plain.arrays[number]
        array.data, array.unit = values, unit
        known.values, known.unit = list(values), unit
        self.refused(lambda: setattr(array, "unit", 5))
        self.refused(lambda: setattr(array, "data", [object()]))
        self.refused(lambda: array.dimensions.append(nx.SetDimension()))

    @rule(pick=PICK, which=PICK, values=VALUES)
    def append_values(self, pick: int, which: int, values: list[float]) -> None:
        block, plain = self.block(pick)
        if not plain.arrays:
            return
        number = which % len(plain.arrays)
        block.data_arrays[number].append(values)
        known = plain.arrays[number]
        known.values = known.values + values
        self.refused(lambda: block.data_arrays[number].append("text"))
        self.refused(lambda: block.data_arrays[number].append([[1.0, 2.0]]))

    @rule(pick=PICK, which=PICK, value=st.integers(-9, 9).map(float))
    def change_value(self, pick: int, which: int, value: float) -> None:
        block, plain = self.block(pick)
        if not plain.arrays:
            return
        number = which % len(plain.arrays)
        known = plain.arrays[number]
        at = which % len(known.values)
        block.data_arrays[number][at] = value
        known.values = [*known.values[:at], value, *known.values[at + 1 :]]

    @rule(pick=PICK, which=PICK, refer=PICK)
    def refer(self, pick: int, which: int, refer: int) -> None:
        block, plain = self.block(pick)
        if not plain.tags or not plain.arrays:
            return
        tag, known = block.tags[which % len(plain.tags)], plain.tags[which % len(plain.tags)]
        number = refer % len(plain.arrays)
        if any(one is plain.arrays[number] for one in known.references):
            tag.references.remove(block.data_arrays[number])
            known.references = [one for one in known.references if one is not plain.arrays[number]]
        else:
            tag.references.append(plain.arrays[number].name)
            assert tag.references[-1] is block.data_arrays[number]
            known.references = [*known.references, plain.arrays[number]]

    @rule(foreign=st.sampled_from([5, None, "nothing", b"x", nx.Section(name="s", type="t")]))
    def refer_to_nonsense(self, foreign: Any) -> None:
        for block in self.file.blocks:
            for tag in block.tags:
                if foreign != "nothing":
                    self.refused(lambda tag=tag: tag.references.append(foreign))  # type: ignore[misc]
                self.refused(lambda tag=tag: tag.references["nothing at all"])  # type: ignore[misc]

    @rule()
    def write(self) -> None:
        if self.plain.has_dangling():
            with pytest.raises(nx.CheckFailed):
                nx.write(self.file, self.path)
            again = seen(nx.read(self.path))
            assert again == described(self.saved)
        else:
            nx.write(self.file, self.path)
            again = nx.read(self.path)
            assert again == self.file
            assert seen(again) == described(self.plain)
            self.saved = copy.deepcopy(self.plain)

    @rule()
    def undo_by_reading_again(self) -> None:
        self.file = nx.read(self.path)
        self.plain = copy.deepcopy(self.saved)

    @rule()
    def replace_by_a_copy(self) -> None:
        self.file = self.file.copy(keep_id=True)

    @invariant()
    def they_are_equal(self) -> None:
        if hasattr(self, "file"):
            assert seen(self.file) == described(self.plain)
            for model in self.file.walk():
                assert model.file is self.file
                repr(model)
            nx.validate(self.file)


Edits.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestEdits = Edits.TestCase
