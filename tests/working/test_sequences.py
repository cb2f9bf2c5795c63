"""Any sequence of edits, of all kinds of entity in several files, leaves all of them whole."""

from __future__ import annotations

import copy
import pickle
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import nixschema as nx
from nixschema.model import Container, Model, Refs
from tests.working.whole import (
    Itself,
    check_lookups,
    check_meant,
    check_places,
    containers_in,
    is_unchanged,
    meant_in,
    recorded,
    references_in,
)

MEMBER_NAMES = ["a", "b", "c", "later", "m-positions"]
NAMES = st.sampled_from(MEMBER_NAMES)
TAG_NAMES = st.sampled_from(["m", "m", "a"])
BAD_NAMES = st.sampled_from(["", "a/b", "a\0b"])
NAME_LISTS = st.lists(NAMES, max_size=2, unique=True)
PICK = st.integers(0, 40)
PLACE = st.integers(-3, 3)
YES = st.booleans()
TARGETS = NAMES | PICK
"""What is referred to: a name that may come later, or the number of a part."""

DATA = st.sampled_from(
    [[1.0, 2.0], [[1, 2], [3, 4]], ["a", "b"], np.arange(3, dtype="i2"), np.empty((0, 2)), None]
)
TABLES = st.sampled_from(
    [{"x": [1.0, 2.0], "s": ["a", "b"]}, {"x": [1.0]}, {"s": ["a"]}, {}, [1.0], None]
)
POSITIONS = st.sampled_from([[1.0, 2.0], [[1.0, 2.0]], None, [], "a", "later"])
PROPERTY_VALUES = st.sampled_from([["x"], [1], [1.5, 2], [True], [300, 1], [], "x", [None]])
STORAGE = st.sampled_from([None, "int8", "float32", "string", "nonsense"])
ODD = st.sampled_from(
    [None, [], [1.0, 2.0], [[1.0, 2.0]], ["a"], ["mV"], ["a", "a"], "a", "", 5, {"a": 1}, b"a"]
)

DOCUMENTED = (nx.NixError, ValueError, TypeError, KeyError, IndexError, AttributeError)
ACCIDENTS = ("'NoneType' object", "object has no attribute", "unexpected keyword")
"""What errors say that nobody has meant to raise."""

KINDS: dict[str, type[Model]] = {
    "blocks": nx.Block,
    "metadata": nx.Section,
    "sections": nx.Section,
    "properties": nx.Property,
    "data_arrays": nx.DataArray,
    "data_frames": nx.DataFrame,
    "tags": nx.Tag,
    "multi_tags": nx.MultiTag,
    "groups": nx.Group,
    "sources": nx.Source,
    "features": nx.Feature,
    "dimensions": nx.Dimension,
}
"""What a container of a field holds."""

Target = str | Model | None
"""What is referred to, as it is given."""


def labelled(_: Target) -> nx.Dimension:
    return nx.SetDimension(labels=["q", "w"])


def sampled(_: Target) -> nx.Dimension:
    return nx.SampledDimension(sampling_interval=0.5, unit="ms")


def with_ticks(_: Target) -> nx.Dimension:
    return nx.RangeDimension(ticks=[1.0, 2.0])


def linked_to_an_array(target: Any) -> nx.Dimension:
    return nx.RangeDimension(link=nx.DimensionLink(array=target))


def linked_to_a_column(target: Any) -> nx.Dimension:
    return nx.SetDimension(link=nx.DimensionLink(data_frame=target, column=0))


def of_a_frame(target: Any) -> nx.Dimension:
    return nx.DataFrameDimension(data_frame=target, column=0)


DIMENSIONS = st.sampled_from(
    [labelled, sampled, with_ticks, linked_to_an_array, linked_to_a_column, of_a_frame]
)


class Sequences(RuleBasedStateMachine):
    """Two files, and up to six entities that belong to nobody.

    What is drawn are numbers and names, which the rules make parts and targets of: so a sequence
    that fails reads like a program.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.written = 0
        block = nx.Block(name="a", type="t")
        self.files = [
            nx.File(blocks=[block], metadata=[nx.Section(name="a", type="t")]),
            nx.File(),
        ]
        self.loose: list[Model] = []
        self.known = self.parts()

    def teardown(self) -> None:
        self.folder.cleanup()
        for root in self.roots():
            check_lookups(root, MEMBER_NAMES)

    def roots(self) -> list[Model]:
        return [*self.files, *self.loose]

    def parts(self, *kinds: type[Model]) -> list[Any]:
        wanted = kinds or (Model,)
        return [one for root in self.roots() for one in root.walk() if isinstance(one, wanted)]

    def one(self, pick: int, *kinds: type[Model]) -> Any:
        """A part of some kind, or None where there is none."""
        found = self.parts(*kinds)
        return found[pick % len(found)] if found else None

    def container(self, pick: int, *fields: str) -> Container[Any] | None:
        """A container of some fields, one that is not empty sooner than others."""
        found = [
            members
            for root in self.roots()
            for members in containers_in(root)
            if not fields or members.field in fields
        ]
        filled = [members for members in found if len(members)] or found
        chosen = found if pick % 4 == 0 else filled
        return chosen[pick % len(chosen)] if chosen else None

    def references(self, pick: int) -> Refs[Any] | None:
        found = [items for root in self.roots() for items in references_in(root)]
        filled = [items for items in found if len(items)] or found
        chosen = found if pick % 2 else filled
        return chosen[pick % len(chosen)] if chosen else None

    def target(self, given: str | int, *kinds: type[Model]) -> Target:
        return given if isinstance(given, str) else self.one(given, *kinds)

    def attempt(self, edit: Callable[[], object]) -> Any:
        """What an edit gives. One that is refused, in words that are meant, changes nothing."""
        roots = self.roots()
        before = [recorded(one) for one in roots]
        try:
            return edit()
        except DOCUMENTED as error:
            refusal = str(error)
        assert not any(accident in refusal for accident in ACCIDENTS), refusal
        check_places(roots)
        for one, known in zip(roots, before, strict=True):
            assert is_unchanged(known, recorded(one)), f"{one!r} was changed: {refusal}"
        return None

    def change(self, one: Model, edit: Callable[[], object]) -> None:
        """Change values of one part, and of no other."""
        roots = self.roots()
        before = [part for root in roots for part in recorded(root)]
        self.attempt(edit)
        after = [part for root in roots for part in recorded(root)]
        for known, present in zip(before, after, strict=True):
            assert known.model == Itself(one) or known.is_kept_by(present), known.model.one

    def keep(self, one: Model) -> Model:
        """Have an entity that belongs to nobody; those kept for long make way."""
        self.loose = [*self.loose, one][-6:]
        return one

    def add(self, members: Container[Any] | None, at: int, make: Callable[[], Model]) -> None:
        """Make an entity and add it to a container, in one of the ways there are."""
        made = self.attempt(make)
        if made is None or members is None:
            return
        self.keep(made)
        ways: list[Callable[[], object]] = [
            lambda: members.append(made),
            lambda: members.insert(at, made),
            lambda: members.extend([made]),
            lambda: setattr(members.owner, members.field, [*members, made]),
        ]
        self.attempt(ways[at % len(ways)])

    # Entities that are new.

    @rule(pick=PICK, at=PLACE, name=NAMES)
    def add_block(self, pick: int, at: int, name: str) -> None:
        self.add(self.container(pick, "blocks"), at, lambda: nx.Block(name=name, type="t"))

    @rule(pick=PICK, at=PLACE, name=NAMES, inner=NAME_LISTS, link=st.sampled_from([None, "/a/b"]))
    def add_section(self, pick: int, at: int, name: str, inner: list[str], link: Any) -> None:
        def make() -> nx.Section:
            sections = [nx.Section(name=one, type="t") for one in inner]
            return nx.Section(name=name, type="t", sections=sections, link=link)

        self.add(self.container(pick, "metadata", "sections"), at, make)

    @rule(pick=PICK, at=PLACE, name=NAMES, values=PROPERTY_VALUES, storage=STORAGE)
    def add_property(self, pick: int, at: int, name: str, values: Any, storage: Any) -> None:
        self.add(
            self.container(pick, "properties"),
            at,
            lambda: nx.Property(name=name, values=values, storage=storage),
        )

    @rule(pick=PICK, at=PLACE, name=NAMES, data=DATA, unit=st.sampled_from([None, "mV"]))
    def add_array(self, pick: int, at: int, name: str, data: Any, unit: Any) -> None:
        self.add(
            self.container(pick, "data_arrays"),
            at,
            lambda: nx.DataArray(name=name, type="t", data=data, unit=unit),
        )

    @rule(pick=PICK, at=PLACE, name=NAMES, data=TABLES)
    def add_frame(self, pick: int, at: int, name: str, data: Any) -> None:
        self.add(
            self.container(pick, "data_frames"),
            at,
            lambda: nx.DataFrame(name=name, type="t", data=data),
        )

    @rule(pick=PICK, at=PLACE, name=NAMES, refer=NAME_LISTS)
    def add_tag(self, pick: int, at: int, name: str, refer: list[str]) -> None:
        self.add(
            self.container(pick, "tags"),
            at,
            lambda: nx.Tag(name=name, type="t", position=[0.0], references=refer),
        )

    @rule(pick=PICK, at=PLACE, name=TAG_NAMES, positions=POSITIONS, extents=POSITIONS)
    def add_multi_tag(self, pick: int, at: int, name: str, positions: Any, extents: Any) -> None:
        self.add(
            self.container(pick, "multi_tags"),
            at,
            lambda: nx.MultiTag(name=name, type="t", positions=positions, extents=extents),
        )

    @rule(pick=PICK, name=TAG_NAMES)
    def add_tags_that_make_one_array(self, pick: int, name: str) -> None:
        members = self.container(pick * 4, "multi_tags")
        tag = self.keep(nx.MultiTag(name=name, type="t", positions=[1.0]))
        twin: Any = self.keep(tag.copy())
        twin.name = "twin"
        if members is not None:
            self.attempt(lambda: members.extend([tag, twin]))

    @rule(pick=PICK, at=PLACE, name=NAMES, arrays=NAME_LISTS, tags=NAME_LISTS)
    def add_group(self, pick: int, at: int, name: str, arrays: list[str], tags: list[str]) -> None:
        self.add(
            self.container(pick, "groups"),
            at,
            lambda: nx.Group(name=name, type="t", data_arrays=arrays, tags=tags),
        )

    @rule(pick=PICK, at=PLACE, name=NAMES, inner=NAME_LISTS)
    def add_source(self, pick: int, at: int, name: str, inner: list[str]) -> None:
        def make() -> nx.Source:
            sources = [nx.Source(name=one, type="t") for one in inner]
            return nx.Source(name=name, type="t", sources=sources)

        self.add(self.container(pick, "sources"), at, make)

    @rule(pick=PICK, at=PLACE, to=TARGETS)
    def add_feature(self, pick: int, at: int, to: str | int) -> None:
        data: Any = self.target(to, nx.DataArray, nx.DataFrame)
        self.add(
            self.container(pick, "features"),
            at,
            lambda: nx.Feature(data=data, link_type="untagged"),
        )

    @rule(pick=PICK, at=PLACE, make=DIMENSIONS, to=TARGETS)
    def add_dimension(
        self, pick: int, at: int, make: Callable[[Target], Model], to: str | int
    ) -> None:
        meant = self.target(to, nx.DataArray, nx.DataFrame)
        self.add(self.container(pick, "dimensions"), at, lambda: make(meant))

    @rule(name=NAMES | BAD_NAMES)
    def make_a_block_of_what_is_loose(self, name: str) -> None:
        def make() -> nx.Block:
            arrays = [one for one in self.loose if isinstance(one, nx.DataArray)]
            tags = [one for one in self.loose if isinstance(one, nx.MultiTag)]
            return nx.Block(name=name, type="t", data_arrays=arrays, multi_tags=tags)

        made = self.attempt(make)
        if made is not None:
            self.keep(made)

    # Members that come, go and change places.

    @rule(pick=PICK, which=PICK, fits=YES)
    def put_in(self, pick: int, which: int, fits: bool) -> None:
        if not self.loose:
            return
        chosen = self.loose[which % len(self.loose)]
        fields = [field for field, kind in KINDS.items() if fits and isinstance(chosen, kind)]
        members = self.container(pick * 4, *fields)
        if members is not None:
            self.attempt(lambda: members.append(chosen))

    @rule(pick=PICK, at=PLACE)
    def pop(self, pick: int, at: int) -> None:
        members = self.container(pick)
        if members is not None:
            self.attempt(lambda: members.pop(at))

    @rule(pick=PICK, which=PICK, by_name=YES, unlink=YES)
    def remove(self, pick: int, which: int, by_name: bool, unlink: bool) -> None:
        members = self.container(pick)
        if members:
            chosen = members[which % len(members)]
            given = getattr(chosen, "name", chosen) if by_name else chosen
            self.attempt(lambda: members.remove(given, unlink=unlink))

    @rule(pick=PICK, at=PLACE)
    def remove_several(self, pick: int, at: int) -> None:
        members = self.container(pick)
        if members is not None:
            self.attempt(lambda: members.__delitem__(slice(at, at + 2)))

    @rule(pick=PICK, which=PICK, at=PLACE)
    def move(self, pick: int, which: int, at: int) -> None:
        members = self.container(pick)
        if members:
            self.attempt(lambda: members.move(members[which % len(members)], at))

    @rule(pick=PICK, other=PICK, way=st.sampled_from(["none", "theirs", "reversed", "both"]))
    def assign_members(self, pick: int, other: int, way: str) -> None:
        members = self.container(pick)
        theirs = self.container(other, *([members.field] if members is not None else []))
        if members is None or theirs is None:
            return
        given: dict[str, Any] = {
            "none": [],
            "theirs": theirs,
            "reversed": reversed(members),
            "both": [*members, *theirs],
        }
        self.attempt(lambda: setattr(members.owner, members.field, given[way]))

    @rule(pick=PICK, name=NAMES | BAD_NAMES)
    def rename(self, pick: int, name: str) -> None:
        chosen = self.one(pick, nx.DataArray if pick % 2 else nx.model.NamedEntity)
        if chosen is not None:
            expected = meant_in(chosen.root)
            self.attempt(lambda: setattr(chosen, "name", name))
            check_meant(expected)

    @rule(pick=PICK, which=PICK)
    def rename_like_a_sibling(self, pick: int, which: int) -> None:
        members = self.container(pick, "data_arrays", "sections", "sources", "tags")
        if members:
            sibling = members[which % len(members)]
            self.attempt(lambda: setattr(members[0], "name", sibling.name))

    @rule(pick=PICK)
    def change_the_id(self, pick: int) -> None:
        chosen = self.one(pick, nx.model.Entity)
        self.attempt(lambda: setattr(chosen, "id", nx.File().id))

    # References.

    @rule(pick=PICK, to=TARGETS)
    def refer(self, pick: int, to: str | int) -> None:
        items = self.references(pick)
        if items is not None:
            self.attempt(lambda: items.append(self.target(to, *items.kinds)))

    @rule(pick=PICK, to=TARGETS, which=PLACE)
    def drop_a_reference(self, pick: int, to: str | int, which: int) -> None:
        items = self.references(pick)
        if items is None:
            return
        meant: Any = self.target(to, *items.kinds)
        ways: list[Callable[[], object]] = [
            items.pop,
            items.clear,
            lambda: items.remove(meant),
            lambda: items.move(meant, 0),
            lambda: items.__delitem__(meant),
            lambda: items.__delitem__(slice(0, 1)),
        ]
        self.attempt(ways[which % len(ways)])

    @rule(
        pick=PICK,
        field=st.sampled_from(["references", "sources", "data_arrays", "tags"]),
        to=st.lists(TARGETS, max_size=3),
    )
    def assign_references(self, pick: int, field: str, to: list[str | int]) -> None:
        found = [one for one in self.parts() if isinstance(one.__dict__.get(field), Refs)]
        if found:
            chosen = found[pick % len(found)]
            kinds = getattr(chosen, field).kinds
            given = [self.target(one, *kinds) for one in to]
            self.attempt(lambda: setattr(chosen, field, given))

    @rule(
        pick=PICK,
        field=st.sampled_from(["metadata", "link", "positions", "extents", "data"]),
        to=TARGETS | ODD,
    )
    def assign_a_reference(self, pick: int, field: str, to: Any) -> None:
        given = self.one(to) if isinstance(to, int) else to
        found = [one for one in self.parts() if field in one.__dict__]
        if found:
            self.attempt(lambda: setattr(found[pick % len(found)], field, given))

    @rule(
        pick=PICK,
        field=st.sampled_from(["array", "data_frame", "column", "index"]),
        to=TARGETS | ODD,
    )
    def lead_a_link_elsewhere(self, pick: int, field: str, to: Any) -> None:
        chosen = self.one(pick, nx.DimensionLink)
        given = to
        if isinstance(to, int) and field in ("array", "data_frame"):
            given = self.one(to, nx.DataArray, nx.DataFrame)
        if chosen is not None:
            self.attempt(lambda: setattr(chosen, field, given))

    @rule()
    def ask_who_refers(self) -> None:
        for one in self.parts(nx.Section, nx.Source, nx.DataArray):
            assert all(model.root is one.root for model in one.referring)

    # Values.

    @rule(
        pick=PICK,
        field=st.sampled_from(["units", "position", "extent", "labels", "ticks", "unit"]),
        value=ODD,
    )
    def assign_a_value(self, pick: int, field: str, value: Any) -> None:
        found = [one for one in self.parts() if field in one.__dict__]
        if found:
            self.attempt(lambda: setattr(found[pick % len(found)], field, value))

    @rule(pick=PICK, other=PICK, data=DATA, share=YES)
    def assign_data(self, pick: int, other: int, data: Any, share: bool) -> None:
        array, another = self.one(pick, nx.DataArray), self.one(other, nx.DataArray)
        if array is not None:
            given = another.data if share else data
            self.attempt(lambda: setattr(array, "data", given))

    @rule(pick=PICK, axis=PLACE, values=st.sampled_from([[1.0], ["z"], [[1, 2]], [[5], [6]], []]))
    def append_values(self, pick: int, axis: int, values: Any) -> None:
        array = self.one(pick, nx.DataArray)
        if array is not None:
            self.change(array, lambda: array.append(values, axis))

    @rule(
        pick=PICK,
        key=st.sampled_from([0, -1, slice(0, 1), ..., 999, (0, 0), slice(None, None, -1)]),
        values=st.sampled_from([1, 2.5, "u", [1, 2], [1, 2, 3], [[1]], ["u", "v"]]),
    )
    def change_values(self, pick: int, key: Any, values: Any) -> None:
        array = self.one(pick, nx.DataArray)
        if array is not None:
            self.change(array, lambda: array.__setitem__(key, values))

    @rule(pick=PICK, value=st.sampled_from([1, 300, "x", 2.5, True]), way=st.integers(0, 5))
    def change_a_property_in_place(self, pick: int, value: Any, way: int) -> None:
        chosen = self.one(pick, nx.Property)
        if chosen is None:
            return
        values = chosen.values
        ways: list[Callable[[], object]] = [
            lambda: values.append(value),
            lambda: values.insert(0, value),
            lambda: values.__setitem__(0, value),
            values.pop,
            values.sort,
            values.reverse,
        ]
        self.attempt(ways[way])

    @rule(pick=PICK, values=PROPERTY_VALUES, storage=STORAGE, only_storage=YES)
    def assign_a_property(self, pick: int, values: Any, storage: Any, only_storage: bool) -> None:
        chosen = self.one(pick, nx.Property)
        if chosen is not None:
            field, value = ("storage", storage) if only_storage else ("values", values)
            self.attempt(lambda: setattr(chosen, field, value))

    @rule(pick=PICK, name=st.sampled_from(["x", "s", "new", ""]), other=st.just("x"))
    def change_columns(self, pick: int, name: str, other: str) -> None:
        frame = self.one(pick, nx.DataFrame)
        if frame is None:
            return
        ways: list[Callable[[], object]] = [
            lambda: frame.__setitem__(name, [1, 2]),
            lambda: frame.__delitem__(name),
            lambda: frame.rename_column(other, name),
            lambda: setattr(frame.column(name), "unit", "ms"),
        ]
        self.attempt(ways[pick % len(ways)])

    @rule(
        pick=PICK,
        rows=st.sampled_from([(1.0, "q"), [(1.0,)], {"x": [1.0], "s": ["r"]}, {"x": [1]}, 5]),
    )
    def append_rows(self, pick: int, rows: Any) -> None:
        frame = self.one(pick, nx.DataFrame)
        if frame is not None:
            self.change(frame, lambda: frame.append(rows))

    @rule(pick=PICK, data=TABLES)
    def assign_a_table(self, pick: int, data: Any) -> None:
        frame = self.one(pick, nx.DataFrame)
        if frame is not None:
            self.attempt(lambda: setattr(frame, "data", data))

    # Copies, and files.

    @rule(pick=PICK, keep_id=YES)
    def copy_one(self, pick: int, keep_id: bool) -> None:
        chosen = self.one(pick)
        twin = chosen.copy(keep_id=keep_id)
        if keep_id:
            assert twin == chosen
        self._keep_a_twin(twin)

    @rule(pick=PICK)
    def pickle_one(self, pick: int) -> None:
        chosen = self.one(pick)
        twin = pickle.loads(pickle.dumps(chosen))
        assert twin == chosen
        self._keep_a_twin(twin)

    def _keep_a_twin(self, twin: Model) -> None:
        check_places([twin])
        if not isinstance(twin, nx.File):
            self.keep(twin)

    @rule(which=st.integers(0, 1), keep_id=YES)
    def go_on_with_a_copy(self, which: int, keep_id: bool) -> None:
        self.files[which] = self.files[which].copy(keep_id=keep_id)
        self.known = self.parts()

    @rule(pick=PICK, deep=YES)
    def copy_a_container(self, pick: int, deep: bool) -> None:
        members = self.container(pick)
        twin = copy.deepcopy(members) if deep else copy.copy(members)
        assert twin == members

    @rule(which=st.integers(0, 1), go_on=YES)
    def write_and_read(self, which: int, go_on: bool) -> None:
        self.written += 1
        path = Path(self.folder.name) / f"{self.written}.nix"
        with warnings.catch_warnings(record=True) as losses:
            warnings.simplefilter("always")
            nx.write(self.files[which], path, check="none")
        assert {one.category for one in losses} <= {nx.LossWarning}
        again = nx.read(path)
        check_places([again])
        assert losses or again == self.files[which]
        if go_on and not losses:
            self.files[which] = again
            self.known = self.parts()

    # Questions.

    @rule()
    def look_everything_up(self) -> None:
        for root in self.roots():
            check_lookups(root, MEMBER_NAMES)

    @rule(which=st.integers(0, 1))
    def check(self, which: int) -> None:
        nx.validate(self.files[which])

    @rule(pick=PICK)
    def show(self, pick: int) -> None:
        self.one(pick)._repr_html_()

    @rule(pick=PICK, other=PICK)
    def compare(self, pick: int, other: int) -> None:
        one, two = self.one(pick), self.one(other)
        assert (one == two) is not (one != two)

    @rule(pick=PICK, position=st.integers(-1, 2))
    def ask_for_regions(self, pick: int, position: int) -> None:
        tag = self.one(pick, nx.Tag, nx.MultiTag)
        if isinstance(tag, nx.Tag):
            self.attempt(tag.data)
        elif tag is not None:
            self.attempt(lambda: tag.data(position))

    @rule(pick=PICK)
    def ask_an_axis(self, pick: int) -> None:
        dimension = self.one(pick, nx.Dimension)
        if dimension is not None:
            self.attempt(dimension.axis)

    @invariant()
    def all_is_whole(self) -> None:
        check_places(self.files)
        self._keep_what_was_left()
        check_places(self.roots())

    def _keep_what_was_left(self) -> None:
        """What is loose has no owner; what has lost its place belongs to nobody, or goes along."""
        self.loose = [one for one in self.loose if one.owner is None]
        present = {id(one) for one in self.parts()}
        lost = [one for one in self.known if id(one) not in present]
        within = {id(one) for one in lost}
        for one in lost:
            if one.owner is None:
                self.keep(one)
            else:
                assert id(one.owner) in within, f"{one!r} is in no place, and has an owner"
        self.known = self.parts()


Sequences.TestCase.settings = settings(max_examples=120, stateful_step_count=50, deadline=None)
TestSequences = Sequences.TestCase
