"""What differs between two files: nothing is missed, nothing told twice, all of it in words."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import h5py
import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

import nixschema as nx
from nixschema import cli
from nixschema.cli.colours import styled
from nixschema.errors import StaleFileError
from nixschema.model import Extra, Model
from nixschema.model.differences import Difference, Ignored, differences
from nixschema.model.extra import Stored
from nixschema.model.tally import alike, tally_arrays, tally_lists
from nixschema.reports.diff import diff_json, diff_text
from nixschema.reports.text import plain
from tests.patches import patched
from tests.plain import Tree, write
from tests.reading.test_hostile import TREE
from tests.reading.test_whole_model import kinds_of_change
from tests.sound import SOUND
from tests.strategies import changes, everything, trees
from tests.test_rules import EXAMPLES as EXAMPLES_OF_RULES

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
NAN, INF = float("nan"), float("inf")

Told = tuple[str, str, str | None, str]
"""Kind, path, field and message of a difference."""

Edit = Callable[[h5py.File], None]


def told(left: Model, right: Model, **options: Any) -> list[Told]:
    """The differences, those of times left out unless something else is asked to be ignored."""
    options.setdefault("ignore", ["times"])
    found = differences(left, right, **options)
    return [(one.kind, one.path, one.field, one.message) for one in found]


@pytest.fixture
def file() -> nx.File:
    """A file with one of everything."""
    axon = nx.Source(name="axon", type="axon")
    cell = nx.Source(name="cell", type="cell", sources=[axon])
    age = nx.Property(name="age", values=[4], unit="d")
    history = nx.Section(name="history", type="s", properties=[nx.Property(name="x", values=["a"])])
    subject = nx.Section(name="subject", type="s", properties=[age], sections=[history])
    setup = nx.Section(name="setup", type="s", link=subject)
    voltage = nx.DataArray(
        name="voltage",
        type="t",
        unit="mV",
        data=np.arange(10.0),
        dimensions=[nx.SampledDimension(sampling_interval=0.1, unit="ms", label="time")],
        sources=[axon],
    )
    times = nx.DataArray(name="times", type="t", data=[1.0, 2.0], dimensions=[nx.SetDimension()])
    linked = nx.DataArray(name="linked", type="t", data=[3, 4], sources=[cell, axon])
    linked.dimensions.append(nx.RangeDimension(link=nx.DimensionLink(array=times)))
    rows = np.array([(1, 2.5), (2, 3.5)], dtype=[("count", "i4"), ("time", "f8")])
    frame = nx.DataFrame(name="trials", type="table", data=rows)
    frame.columns[1].unit = "s"
    tag = nx.Tag(name="tag", type="t", position=[1.0, 2.0], references=[voltage, times])
    spikes = nx.MultiTag(name="spikes", type="t", positions=times, references=[voltage])
    spikes.features.append(nx.Feature(data=frame, link_type="indexed"))
    block = nx.Block(
        name="session",
        type="recording",
        metadata=subject,
        sources=[cell],
        data_arrays=[voltage, times, linked],
        data_frames=[frame],
        tags=[tag],
        multi_tags=[spikes],
        groups=[nx.Group(name="trial", type="t", data_arrays=[voltage, times], tags=[tag])],
    )
    return nx.File(blocks=[block, nx.Block(name="other", type="x")], metadata=[subject, setup])


@pytest.fixture
def other(file: nx.File) -> nx.File:
    """The same file a second time, to be changed."""
    return file.copy(keep_id=True)


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[Edit], nx.File]:
    """Writes the small file, edits it by h5py and reads it."""

    def make(edit: Edit) -> nx.File:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.nix"
        write(TREE, path)
        with h5py.File(path, "r+") as stored:
            edit(stored)
        return nx.read(path)

    return make


def without_ids(file: nx.File) -> nx.File:
    """The file as one whose entities have no ids."""
    for model in file.walk():
        if "id" in model.__dict__:
            model.__dict__["id"] = ""
    return file


VOLTAGE = "/data/session/data_arrays/voltage"
TRIALS = "/data/session/data_frames/trials"


# Strictly, there are differences exactly where files are unequal


def expect_agreement(one: nx.File, two: nx.File) -> None:
    cases: list[tuple[bool, list[Ignored]]] = [(True, []), (False, ["values"])]
    for values, ignore in cases:
        for left, right in ((one, two), (two, one)):
            found = next(differences(left, right, strict=True, ignore=ignore), None)
            assert (found is None) == left.equals(right, values=values), found
    by_name = next(differences(one, two, strict=True, by="name"), None)
    assert (by_name is None) == one.equals(two), by_name
    if one.equals(two):
        assert not list(differences(one, two))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("differences")


def stored(tree: Tree, path: Path) -> nx.File:
    write(tree, path)
    return nx.read(path)


@settings(max_examples=25)
@given(trees())
def test_a_file_read_twice_does_not_differ(folder: Path, tree: Tree) -> None:
    one, two = stored(tree, folder / "one.nix"), stored(tree, folder / "two.nix")
    assert one.equals(two)
    expect_agreement(one, two)
    expect_agreement(one, nx.read(folder / "one.nix"))
    expect_agreement(without_ids(one), without_ids(two))


@settings(max_examples=50)
@given(st.data())
def test_files_that_differ_in_one_fact_do(folder: Path, data: DataObject) -> None:
    tree = data.draw(trees())
    found = changes(tree)
    assume(found)
    change = data.draw(st.sampled_from(found))
    one = stored(tree, folder / "one.nix")
    two = stored(change.of(tree), folder / "two.nix")
    assert not one.equals(two), change
    expect_agreement(one, two)


@settings(max_examples=15)
@given(trees(), trees())
def test_files_that_have_little_in_common(folder: Path, tree: Tree, another: Tree) -> None:
    one, two = stored(tree, folder / "one.nix"), stored(another, folder / "two.nix")
    expect_agreement(one, two)
    expect_words(one, two)


@pytest.mark.parametrize("part", range(3))
def test_each_kind_of_change_is_told(folder: Path, part: int) -> None:
    """Once, or as often as it changes fields; a change of order only strictly."""
    tree = everything(types=False)
    file = stored(tree, folder / "everything.nix")
    for change in list(kinds_of_change(tree))[part::9]:
        changed = stored(change.of(tree), folder / "changed.nix")
        expect_agreement(file, changed)
        found = list(differences(file, changed))
        is_order = change.words == "order changed" and "dimensions" not in change.path
        assert bool(found) != is_order, str(change)
        assert len(found) <= 6, str(change)
        if is_order:
            (one,) = differences(file, changed, strict=True)
            assert (one.kind, one.field) == ("order", change.path[-1])


def test_every_element_type(folder: Path) -> None:
    tree = everything()
    expect_agreement(stored(tree, folder / "one.nix"), stored(tree, folder / "two.nix"))


@pytest.mark.parametrize("part", range(3))
def test_files_that_are_broken(tmp_path: Path, part: int) -> None:
    """A few of the examples of rules, beside the sound file that they patch."""
    sound = stored(SOUND, tmp_path / "sound.nix")
    for number, example in enumerate(EXAMPLES_OF_RULES[part::45]):
        path = tmp_path / f"{number}.nix"
        write(SOUND, path)
        with patched(path, example.patch), suppress(nx.NotNix):
            broken = nx.read(path)
            expect_words(sound, broken)
            with suppress(OSError):  # of values that lie in another file
                expect_agreement(sound, broken)
            assert not list(differences(broken, nx.read(path), strict=True))


def expect_words(one: nx.File, two: nx.File) -> None:
    """Every difference can be printed, and told as JSON that follows the schema."""
    schema = json.loads((ROOT / "schemas" / "diff.schema.json").read_text())
    found = list(differences(one, two, strict=True))
    report = json.loads(diff_json(found, (one, two), ("a", "b")), parse_constant=pytest.fail)
    jsonschema.validate(report, schema, cls=jsonschema.Draft202012Validator)
    lines = list(diff_text(found, (one, two), ("a", "b")))
    assert all(line.isprintable() for line in lines)
    for one_found in found:
        assert one_found.message.strip()
        assert len(one_found.message) < 2000
        assert one_found.message.isprintable()


# Entities


class TestEntities:
    def test_nothing_differs_from_itself_or_a_copy(self, file: nx.File, other: nx.File) -> None:
        for options in ({}, {"strict": True}, {"by": "name"}, {"only": "data"}):
            assert told(file, file, **options) == []
            assert told(file, other, ignore=(), **options) == []

    def test_added_and_removed_are_told_once(self, file: nx.File, other: nx.File) -> None:
        other.blocks[1].name = "another"
        other.blocks[1].id = "11111111-1111-4111-8111-111111111111"
        other.blocks.remove("session")
        assert told(file, other) == [
            ("removed", "/data/session", None, "block with 11 entities in it"),
            ("removed", "/data/other", None, "block"),
            ("added", "/data/another", None, "block"),
        ]
        first = next(differences(file, other))
        assert (first.holds, first.other_path, first.entity) == (11, None, "Block")
        assert first.entity_id == file.blocks[0].id
        last = list(differences(file, other))[-1]
        assert last.entity_id == other.blocks[0].id

    def test_a_rename_is_told_once(self, file: nx.File, other: nx.File) -> None:
        """What lies in it and what refers to it is the same as before."""
        other.blocks[0].name = "recording"
        other.blocks[0].data_arrays["voltage"].name = "field potential"
        other.metadata["subject"].name = "animal"
        other.blocks[0].sources["cell"].sources["axon"].name = "soma"
        assert told(file, other) == [
            ("renamed", "/data/session", "name", "session -> recording"),
            ("renamed", VOLTAGE, "name", "voltage -> field potential"),
            ("renamed", "/data/session/sources/cell/sources/axon", "name", "axon -> soma"),
            ("renamed", "/metadata/subject", "name", "subject -> animal"),
        ]
        assert next(differences(file, other)).other_path == "/data/recording"

    def test_names_exchanged(self, file: nx.File, other: nx.File) -> None:
        arrays = other.blocks[0].data_arrays
        voltage, times = arrays["voltage"], arrays["times"]
        voltage.name = "x"
        times.name, voltage.name = "voltage", "times"
        assert [one[:2] for one in told(file, other)] == [
            ("renamed", VOLTAGE),
            ("renamed", "/data/session/data_arrays/times"),
        ]

    def test_by_name(self, file: nx.File, other: nx.File) -> None:
        other.blocks[0].data_arrays["voltage"].name = "field potential"
        assert [one[:2] for one in told(file, other, by="name")] == [
            ("removed", VOLTAGE),
            ("added", "/data/session/data_arrays/field potential"),
        ]
        copied = file.copy()
        found = told(file, copied, by="name")
        assert {one[2] for one in found} == {"id"}
        assert told(file, copied, by="name", ignore=["id", "times"]) == []

    def test_new_ids_leave_the_paths(self, file: nx.File) -> None:
        assert {one[2] for one in told(file, file.copy())} == {"id"}
        assert told(file, file.copy(), ignore=["id", "times"]) == []

    def test_a_move(self, file: nx.File, other: nx.File) -> None:
        history = other.metadata["subject"].sections.pop()
        other.metadata["setup"].sections.append(history)
        (moved,) = differences(file, other, ignore=["times"])
        assert moved.kind == "moved"
        assert moved.path == "/metadata/subject/sections/history"
        assert moved.other_path == "/metadata/setup/sections/history"
        assert moved.message == "to /metadata/setup/sections/history"

    def test_a_move_out_of_what_is_removed(self, file: nx.File, other: nx.File) -> None:
        history = other.metadata["subject"].sections.pop()
        history.name = "past"
        history.properties["x"].values = ["b"]
        history.sections.append(nx.Section(name="new", type="s"))
        other.metadata["setup"].sections.append(history)
        other.metadata["setup"].link = None
        other.blocks[0].metadata = None
        other.metadata.remove("subject")
        there = "/metadata/subject/sections/history"
        assert told(file, other) == [
            ("changed", "/data/session", "metadata", "/subject -> nothing"),
            ("removed", "/metadata/subject", None, "section with 1 entity in it"),
            ("moved", there, None, "to /metadata/setup/sections/past"),
            ("renamed", there, "name", "history -> past"),
            ("changed", f"{there}/properties/x", "values", "[a] -> [b]"),
            ("changed", "/metadata/setup", "link", "/subject -> nothing"),
            ("added", "/metadata/setup/sections/past/sections/new", None, "section"),
        ]

    def test_a_move_out_of_the_file(self, file: nx.File, other: nx.File) -> None:
        other.blocks[0].tags.clear()
        message = "to /tag, where only references lead"
        assert told(file, other) == [("moved", "/data/session/tags/tag", None, message)]
        other.blocks[0].groups[0].tags.clear()
        assert told(file, other) == [
            ("removed", "/data/session/tags/tag", None, "tag"),
            ("changed", "/data/session/groups/trial", "tags", "without tag"),
        ]

    def test_inside_out(self, file: nx.File) -> None:
        inner = nx.Section(name="inner", type="s")
        outer = nx.Section(name="outer", type="s", sections=[inner])
        left = nx.File(metadata=[outer])
        right = left.copy(keep_id=True)
        taken = right.metadata[0].sections.pop()
        taken.sections.append(right.metadata.pop())
        right.metadata.append(taken)
        assert [one[:2] for one in told(left, right)] == [
            ("moved", "/metadata/outer"),
            ("moved", "/metadata/outer/sections/inner"),
        ]

    def test_without_ids(self, file: nx.File, other: nx.File) -> None:
        other.blocks[0].data_arrays["voltage"].unit = "uV"
        other.blocks[0].multi_tags[0].features[0].link_type = "untagged"
        other.metadata["setup"].name = "rig"
        assert told(without_ids(file), without_ids(other)) == [
            ("changed", VOLTAGE, "unit", "mV -> uV"),
            (
                "changed",
                "/data/session/multi_tags/spikes/features/Feature",
                "link_type",
                "indexed -> untagged",
            ),
            ("removed", "/metadata/setup", None, "section"),
            ("added", "/metadata/rig", None, "section"),
        ]

    def test_doubled_ids(self, file: nx.File, other: nx.File) -> None:
        for each in (file, other):
            arrays = each.blocks[0].data_arrays
            arrays["times"].__dict__["id"] = arrays["voltage"].id
        assert told(file, other, strict=True) == []
        other.blocks[0].data_arrays["times"].unit = "s"
        assert told(file, other) == [
            ("changed", "/data/session/data_arrays/times", "unit", "nothing -> s")
        ]

    def test_doubled_names(self, file: nx.File, other: nx.File) -> None:
        for each in (file, other):
            arrays = each.blocks[0].data_arrays
            arrays["times"].__dict__["name"] = "voltage"
        other.blocks[0].data_arrays[1].label = "x"
        assert [one[2] for one in told(file, other, by="name")] == ["label"]

    def test_one_id_for_two_kinds(self, file: nx.File, other: nx.File) -> None:
        shared = other.blocks[0].data_arrays["voltage"].id
        other.blocks[0].data_arrays["voltage"].__dict__["id"] = "x"
        other.blocks[0].tags[0].__dict__["id"] = shared
        assert [(one[1], one[2]) for one in told(file, other)] == [
            (VOLTAGE, "id"),
            ("/data/session/tags/tag", "id"),
        ]

    def test_parts_alone(self, file: nx.File, other: nx.File) -> None:
        block, changed = file.blocks[0], other.blocks[0]
        assert told(block, changed, strict=True) == []
        assert told(block, block.copy(keep_id=True), strict=True) == []
        changed.data_arrays["voltage"].unit = "V"
        assert told(block.data_arrays[0], changed.data_arrays[0]) == [
            ("changed", VOLTAGE, "unit", "mV -> V")
        ]
        assert told(block, file.metadata[0])[0][:3] == ("changed", "/data/session", "kind")

    def test_order_is_told_strictly(self, file: nx.File, other: nx.File) -> None:
        block = other.blocks[0]
        block.data_arrays.move("linked", 0)
        block.tags[0].references = [block.data_arrays["times"], block.data_arrays["voltage"]]
        assert told(file, other) == []
        order = "another order from [0] on: "
        assert told(file, other, strict=True) == [
            ("order", "/data/session", "data_arrays", order + "voltage -> linked"),
            ("order", "/data/session/tags/tag", "references", order + "voltage -> times"),
        ]
        assert told(file, other, strict=True, only="data") == []


# References


class TestReferences:
    def test_of_several(self, file: nx.File, other: nx.File) -> None:
        block = other.blocks[0]
        block.tags[0].references = [block.data_arrays["linked"], block.data_arrays["times"]]
        block.groups[0].data_arrays.clear()
        block.data_arrays["voltage"].sources.append(block.sources["cell"])
        assert told(file, other) == [
            ("changed", VOLTAGE, "sources", "with cell"),
            ("changed", "/data/session/tags/tag", "references", "voltage -> linked"),
            ("changed", "/data/session/groups/trial", "data_arrays", "without voltage, times"),
        ]
        found = list(differences(file, other, ignore=["times"]))
        assert (found[2].left, found[2].right) == (["voltage", "times"], [])

    def test_of_one(self, file: nx.File, other: nx.File) -> None:
        other.blocks[0].metadata = other.metadata["subject"].sections[0]
        other.metadata["setup"].link = None
        other.blocks[0].multi_tags[0].features[0].data = other.blocks[0].data_arrays[0]
        feature = file.blocks[0].multi_tags[0].features[0]
        assert told(file, other) == [
            ("changed", "/data/session", "metadata", "/subject -> /subject/history"),
            ("changed", feature.path, "data", "trials -> voltage"),
            ("changed", feature.path, "target_type", "DataFrame -> DataArray"),
            ("changed", "/metadata/setup", "link", "/subject -> nothing"),
        ]

    def test_of_one_name_to_another_entity(self, file: nx.File, other: nx.File) -> None:
        """The names tell nothing here, so ids are told."""
        arrays = other.blocks[0].data_arrays
        old, new = arrays["voltage"], arrays["times"]
        old.name = "x"
        new.name = "voltage"
        other.blocks[0].multi_tags[0].references = [new]
        message = told(file, other)[2][3]
        assert message.startswith(f"voltage ({old.id}")
        assert "-> voltage (" in message

    def test_that_point_nowhere(self, file: nx.File, other: nx.File) -> None:
        other.blocks[0].tags[0].references = ["voltage", "tims"]
        other.blocks[0].metadata = "nothing here"
        assert told(file, other) == [
            ("changed", "/data/session", "metadata", "/subject -> nothing here"),
            ("changed", "/data/session/tags/tag", "references", "times -> tims"),
        ]
        assert told(other, other.copy(keep_id=True), strict=True) == []

    def test_what_only_a_reference_reaches(self, edited: Callable[[Edit], nx.File]) -> None:
        def hide(number: int, **attributes: Any) -> Edit:
            def edit(stored: h5py.File) -> None:
                block = stored["/data/b"]
                stored.move("/data/b/data_arrays/a", "/hidden")
                stored["/hidden"].attrs.update(attributes)
                tag = block.create_group("tags").create_group("t")
                for name, value in block.attrs.items():
                    tag.attrs[name] = value
                tag.attrs["name"] = "t"
                tag.attrs["entity_id"] = f"00000000-0000-4000-8000-00000000000{number}"
                tag.create_dataset("position", data=[1.0])
                references = tag.create_group("references")
                references[stored["/hidden"].attrs["entity_id"]] = stored["/hidden"]
                del stored["/hidden"]

            return edit

        one = edited(hide(5))
        assert one.blocks[0].tags[0].references[0].owner is None
        assert told(one, edited(hide(5)), strict=True) == []
        unlike = edited(hide(5, label="x"))
        (found,) = told(one, unlike)
        assert (found[0], found[2], found[3]) == ("changed", "label", "nothing -> x")
        expect_agreement(one, unlike)
        expect_agreement(without_ids(edited(hide(5))), without_ids(edited(hide(5))))
        another = "00000000-0000-4000-8000-000000000009"
        assert [one[2] for one in told(one, edited(hide(5, entity_id=another)))] == ["references"]
        owned = edited(lambda stored: None)
        assert [one[0] for one in told(owned, one)] == ["moved", "added"]

    def test_of_one_id_that_nothing_owns(self) -> None:
        """Two entities with the same id beside the file: whichever a reference leads to counts."""

        def make(label: str) -> nx.File:
            shared = "00000000-0000-4000-8000-000000000001"
            hidden = [
                nx.DataArray(name="x", type="t", id=shared, label=text, data=[1.0])
                for text in ("first", label)
            ]
            for one in hidden:
                one.created_at = one.updated_at = None
            tags = [nx.Tag(name=f"{number}", type="t", position=[0.0]) for number in range(3)]
            for tag, array in zip(tags, (hidden[0], hidden[1], hidden[0]), strict=True):
                tag.references = [array]
            return nx.File(blocks=[nx.Block(name="b", type="t", tags=tags)])

        one, two = make("second"), make("third")
        copied = one.copy(keep_id=True)
        assert told(one, copied, strict=True) == []
        ignore = ["id", "times"]
        assert told(one, two, ignore=ignore) == [
            ("changed", "/x", "label", "second -> third"),
        ]
        two.blocks[0].tags[2].references = [two.blocks[0].tags[1].references[0]]
        assert told(one, two, ignore=ignore)[0] == (
            "changed",
            "/data/b/tags/2",
            "references",
            "x is another entity with the same id",
        )


# Fields


class TestFields:
    def test_plain_fields(self, file: nx.File, other: nx.File) -> None:
        other.version = (1, 2, 0)
        voltage = other.blocks[0].data_arrays["voltage"]
        voltage.unit, voltage.label, voltage.expansion_origin = "uV", "", 0.5
        voltage.definition = "x" * 300
        tag = other.blocks[0].tags[0]
        tag.position, tag.extent = [1.0, 2.5], []
        nothing = "nothing -> "
        assert told(file, other) == [
            ("changed", "/", "version", "1.2.1 -> 1.2.0"),
            ("changed", VOLTAGE, "definition", f"{nothing}{'x' * 60}…"),
            ("changed", VOLTAGE, "unit", "mV -> uV"),
            ("changed", VOLTAGE, "label", f'{nothing}""'),
            ("changed", VOLTAGE, "expansion_origin", f"{nothing}0.5"),
            ("changed", "/data/session/tags/tag", "position", "[1.0, 2.0] -> [1.0, 2.5]"),
            ("changed", "/data/session/tags/tag", "extent", f"{nothing}[]"),
        ]

    @pytest.mark.parametrize(
        ("left", "right", "message"),
        [
            ("a b", "a  b", "a b -> a  b"),
            ("a", "a ", 'a -> "a "'),
            ("nothing", None, '"nothing" -> nothing'),
            ("two\nlines", "two", r"two\nlines -> two"),
            ("x" * 100 + "a", "x" * 100 + "b", f"…{'x' * 20}a -> …{'x' * 20}b"),
            ("\u00e9", "e\u0301", r"'\xe9' -> 'e\u0301'"),
            ("µV", "\u03bcV", r"'\xb5V' -> '\u03bcV'"),
        ],
    )
    def test_texts_that_look_alike(
        self, file: nx.File, other: nx.File, left: str, right: str | None, message: str
    ) -> None:
        file.blocks[0].definition, other.blocks[0].definition = left, right
        assert told(file, other) == [("changed", "/data/session", "definition", message)]

    def test_ids_and_times(self, file: nx.File, other: nx.File) -> None:
        block = other.blocks[1]
        block.__dict__["id"] = "x"
        block.__dict__["updated_at"] = None
        assert [one[2] for one in told(file, other, ignore=())] == ["id", "updated_at"]
        assert [one[2] for one in told(file, other, ignore=["times"])] == ["id"]
        assert [one[2] for one in told(file, other, ignore=["id"])] == ["updated_at"]
        assert told(file, other, ignore=["id", "times"]) == []

    def test_properties(self, file: nx.File, other: nx.File) -> None:
        age = other.metadata["subject"].properties["age"]
        age.values, age.unit, age.storage, age.uncertainty = [4.0], None, "float32", NAN
        where = "/metadata/subject/properties/age"
        assert told(file, other) == [
            ("changed", where, "values", "[4] -> [4.0]"),
            ("changed", where, "unit", "d -> nothing"),
            ("changed", where, "uncertainty", "nothing -> nan"),
        ]
        strictly = told(file, other, strict=True)
        assert ("changed", where, "storage", "nothing -> float32") in strictly
        x = other.metadata["subject"].sections[0].properties[0]
        x.values, age.values = ["4"], ["4"]
        assert told(file, other)[0][3] == "1 of 1 value differs, the first at [0]: 4 (int) -> '4'"

    def test_long_lists(self, file: nx.File, other: nx.File) -> None:
        for each, values in ((file, range(700)), (other, [*range(345), 0, *range(346, 700)])):
            each.metadata["subject"].properties["age"].values = list(values)
        (found,) = differences(file, other, ignore=["times"])
        assert found.message == "1 of 700 values differs, the first at [345]: 345 -> 0"
        assert found.values is not None
        assert (found.values.differ, found.values.of, found.values.first) == (1, 700, (345,))
        other.metadata["subject"].properties["age"].values.append(1)
        assert told(file, other)[0][3] == (
            "[0, 1, 2, 3, 4, 5, … 700 in all] -> [0, 1, 2, 3, 4, 5, … 701 in all]; "
            "the first difference at [345]: 345 -> 0"
        )

    def test_columns_of_frames(self, file: nx.File, other: nx.File) -> None:
        rows = np.array([(1, 7), (2, 7)], dtype=[("count", ">i4"), ("good", "i1")])
        frame = other.blocks[0].data_frames[0]
        other.blocks[0].multi_tags.clear()
        changed = nx.DataFrame(name="trials", type="table", data=rows, id=frame.id)
        changed.columns[0].unit = "1"
        other.blocks[0].data_frames = [changed]
        spikes = ("removed", "/data/session/multi_tags/spikes", None)
        expected = [
            ("changed", TRIALS, "columns.count.unit", "nothing -> 1"),
            ("changed", TRIALS, "columns.time", "float64 -> nothing"),
            ("changed", TRIALS, "columns.good", "nothing -> int8"),
        ]
        found = told(file, other)
        assert found[:3] == expected
        assert [one[:3] for one in found[3:]] == [spikes]
        strictly = told(file, other, strict=True)
        assert ("changed", TRIALS, "columns.count.dtype", "int32 -> >i4") in strictly
        assert [one[2] for one in told(file, other, only="data")] == [
            "columns.time",
            "columns.good",
        ]

    def test_order_of_columns(self, file: nx.File, other: nx.File) -> None:
        data = file.blocks[0].data_frames[0].data
        assert data is not None
        rows = np.array([(2.5, 1), (3.5, 2)], dtype=[("time", "f8"), ("count", "i4")])
        changed = nx.DataFrame(
            name="trials", type="table", data=rows, id=file.blocks[0].data_frames[0].id
        )
        changed.columns[0].unit = "s"
        other.blocks[0].data_frames = [changed]
        changed_feature = other.blocks[0].multi_tags[0].features[0]
        changed_feature.data = changed
        assert told(file, other) == []
        assert told(file, other, strict=True) == [
            ("order", TRIALS, "columns", "another order from [0] on: count -> time")
        ]

    def test_dimensions(self, file: nx.File, other: nx.File) -> None:
        arrays = other.blocks[0].data_arrays
        arrays["voltage"].dimensions = [nx.RangeDimension(ticks=np.arange(10.0), unit="ms")]
        arrays["times"].dimensions.clear()
        del arrays["linked"].dimensions[0].__dict__["link"]
        arrays["linked"].dimensions[0].__dict__["link"] = None
        first = f"{VOLTAGE}/dimensions/1"
        assert told(file, other) == [
            ("changed", first, "kind", "sampled dimension -> range dimension"),
            ("changed", first, "sampling_interval", "0.1 -> nothing"),
            ("changed", first, "label", "time -> nothing"),
            ("changed", first, "ticks", "nothing -> float64 10"),
            ("removed", "/data/session/data_arrays/times/dimensions/1", None, "set dimension"),
            (
                "removed",
                "/data/session/data_arrays/linked/dimensions/1/link",
                None,
                "dimension link",
            ),
        ]

    def test_dimension_links(self, file: nx.File, other: nx.File) -> None:
        dimension = other.blocks[0].data_arrays["linked"].dimensions[0]
        assert isinstance(dimension, nx.RangeDimension)
        assert dimension.link is not None
        dimension.link.array = other.blocks[0].data_arrays["voltage"]
        dimension.link.index = [0, -1]
        where = "/data/session/data_arrays/linked/dimensions/1/link"
        index = ("changed", where, "index", "[-1] -> [0, -1]")
        array = ("changed", where, "array", "times -> voltage")
        assert told(file, other) == [index, array]
        assert told(file, other, rtol=0.9) == [index, array]

    def test_features_without_an_id_in_common(self, file: nx.File, other: nx.File) -> None:
        feature = other.blocks[0].multi_tags[0].features[0]
        feature.id = "11111111-1111-4111-8111-111111111111"
        assert [one[2] for one in told(file, other)] == ["id"]
        feature.data = other.blocks[0].data_arrays["voltage"]
        assert [one[0] for one in told(file, other)] == ["removed", "added"]


# Arrays


class TestArrays:
    def test_values(self, file: nx.File, other: nx.File) -> None:
        changed = np.arange(10.0)
        changed[[3, 7]] = NAN, -1
        other.blocks[0].data_arrays["voltage"].data = changed
        (found,) = differences(file, other, ignore=["times"])
        assert found.field == "data"
        assert found.message == "2 of 10 values differ, the first at [3]: 3.0 -> nan"
        assert found.values is not None
        assert (found.values.differ, found.values.of, found.values.first) == (2, 10, (3,))
        assert told(file, other, ignore=["times", "values"]) == []
        assert told(file, other, only="metadata") == []
        assert len(told(file, other, only="data")) == 1

    def test_shape_and_type(self, file: nx.File, other: nx.File) -> None:
        arrays = other.blocks[0].data_arrays
        arrays["voltage"].data = np.zeros((10, 2), "int16")
        arrays["times"].data = None
        arrays["linked"].data = np.array([3, 5], ">i8")
        expected = [
            ("changed", VOLTAGE, "data.shape", "10 -> 10 x 2"),
            ("changed", VOLTAGE, "data.dtype", "float64 -> int16"),
            ("changed", "/data/session/data_arrays/times", "data", "float64 2 -> nothing"),
        ]
        linked = "/data/session/data_arrays/linked"
        values = ("changed", linked, "data", "1 of 2 values differs, the first at [1]: 4 -> 5")
        assert told(file, other) == [*expected, values]
        assert told(file, other, only="metadata") == expected
        exact = ("changed", linked, "data.dtype", "int64 -> >i8")
        assert told(file, other, strict=True) == [*expected, exact, values]

    def test_rows(self, file: nx.File, other: nx.File) -> None:
        rows = np.array([(1, 2.5), (2, 4.5)], dtype=[("count", "i4"), ("time", "f8")])
        other.blocks[0].data_frames[0].data = rows
        message = "1 of 2 rows differs, the first at [1] in column `time`: 3.5 -> 4.5"
        assert told(file, other) == [("changed", TRIALS, "data", message)]
        assert told(file, other, only="metadata") == []
        other.blocks[0].data_frames[0].data = rows[:1]
        assert told(file, other) == [("changed", TRIALS, "data.shape", "2 -> 1")]

    def test_ticks_and_coefficients_are_metadata(self, file: nx.File, other: nx.File) -> None:
        for each, number in ((file, 1.0), (other, 2.0)):
            voltage = each.blocks[0].data_arrays["voltage"]
            voltage.polynom_coefficients = [0.0, number]
            voltage.dimensions = [nx.RangeDimension(ticks=[number])]
        found = told(file, other, only="metadata")
        assert [one[2] for one in found] == ["polynom_coefficients", "ticks"]
        assert told(file, other, ignore=["times", "values"]) == []
        assert told(file, other, only="data") == []

    def test_only_data_tells_which_data_there_are(self, file: nx.File, other: nx.File) -> None:
        other.blocks[0].name = "renamed"
        other.blocks[0].groups[0].tags.clear()
        other.blocks[0].tags.clear()
        other.blocks[0].data_arrays.remove("linked")
        other.blocks[1].data_arrays.append(nx.DataArray(name="new", type="t", data=[1]))
        other.blocks.append(nx.Block(name="empty", type="t"))
        assert told(file, other, only="data") == [
            ("removed", "/data/session/data_arrays/linked", None, "data array with 1 entity in it"),
            ("added", "/data/other/data_arrays/new", None, "data array"),
        ]
        assert [one[0] for one in told(file, other, only="metadata")] == [
            *("renamed", "removed", "removed", "changed", "added", "added"),
        ]

    @pytest.mark.parametrize(
        ("left", "right", "differ"),
        [
            ([1.0, NAN, INF], [1.0, NAN, INF], 0),
            ([1.0, NAN, INF, 0.0], [1.0, 2.0, -INF, -0.0], 2),
            ([complex(NAN, 1), 1j], [complex(NAN, 2), 2j], 1),
            ([1, 2], [1.0, 2.5], 1),
            ([True, False], [1, 1], 1),
            (["a", "b"], ["a", "c"], 1),
            ([b"a", b"b"], np.array(["a", "b"], object), 0),
            ([b"a", b"b"], [b"a", b"bc"], 1),
            (["1"], [1.0], 0),
            (np.array([b"ab"], "V2"), np.array([b"ac"], "V2"), 1),
            (np.zeros((0, 3)), np.ones((0, 3)), 0),
        ],
    )
    def test_what_counts_as_another_value(self, left: Any, right: Any, differ: int) -> None:
        one, two = nx.Array(left), nx.Array(right)
        found = tally_arrays(one, two)
        assert (found.differ if found is not None else 0) == differ

    def test_lists_of_any_length(self) -> None:
        def ragged(last: list[int]) -> nx.Array:
            values = np.empty(2, object)
            values[:] = [np.array([1, 2]), np.array(last)]
            return nx.Array(_Given(values))

        assert tally_arrays(ragged([3]), ragged([3])) is None
        for unlike in ([4], [3, 3]):
            found = tally_arrays(ragged([3]), ragged(unlike))
            assert found is not None
            assert found.first == (1,)

    def test_records_of_other_columns(self) -> None:
        one = np.array([(1, 2.0), (3, 4.0)], dtype=[("a", "i4"), ("b", "f8")])
        two = np.array([(2.0, "x"), (5.0, "y")], dtype=[("b", "f4"), ("c", "O")])
        found = tally_arrays(nx.Array(one), nx.Array(two))
        assert found is not None
        assert (found.differ, found.first, found.column) == (1, (1,), "b")
        nested = np.dtype([("in", [("x", "f8", (2,))])])
        deep = np.zeros(3, nested), np.zeros(3, nested)
        deep[1]["in"]["x"][2, 1] = 5
        found = tally_arrays(nx.Array(deep[0]), nx.Array(deep[1]))
        assert found is not None
        assert (found.differ, found.first, found.column) == (1, (2,), "in")

    def test_the_type_of_elements(self) -> None:
        assert alike(nx.Array(np.zeros(1, "<i4")), nx.Array(np.zeros(1, ">i4")))
        assert not alike(nx.Array(np.zeros(1, "i4")), nx.Array(np.zeros(1, "i8")))
        assert alike(nx.Array([b"a"]), nx.Array(["a"]))
        assert not alike(nx.Array(["a"]), nx.Array([1]))
        columns = [("a", "<i4"), ("b", "S3")]
        assert alike(
            nx.Array(np.zeros(1, columns)), nx.Array(np.zeros(1, [("a", ">i4"), ("b", "S5")]))
        )
        assert not alike(nx.Array(np.zeros(1, columns)), nx.Array(np.zeros(1, columns[:1])))

    def test_the_first_is_the_first_in_order_of_the_axes(self) -> None:
        """Even where blocks cut the second axis."""
        left = np.zeros((6, 4000))
        right = left.copy()
        right[1, 10] = right[0, 3900] = 1
        one, two = nx.Array(_Given(left, chunks=(6, 10))), nx.Array(_Given(right, chunks=(6, 10)))
        assert len(list(one.cuts(10_000))) > 1
        found = tally_arrays(one, two)
        assert found is not None
        assert (found.differ, found.first) == (2, (0, 3900))

    def test_values_are_read_in_blocks(self) -> None:
        left, right = np.zeros(3_000_000), np.zeros(3_000_000)
        right[[5, 2_999_999]] = 1
        one, two = _Given(left), _Given(right)
        found = tally_arrays(nx.Array(one), nx.Array(two))
        assert found is not None
        assert (found.differ, found.of, found.first) == (2, 3_000_000, (5,))
        assert max(one.sizes) * 8 <= 4 * 1024 * 1024
        assert sum(one.sizes) == sum(two.sizes) == 3_000_000

    def test_what_is_the_same_is_not_read(self) -> None:
        one, two = _Given(np.zeros(3), "x"), _Given(np.ones(3), "x")
        assert tally_arrays(nx.Array(one), nx.Array(two)) is None
        assert one.sizes == []

    def test_values_that_cannot_be_read(self, edited: Callable[[Edit], nx.File]) -> None:
        def outside(stored: h5py.File) -> None:
            array = stored["/data/b/data_arrays/a"]
            del array["data"]
            array.create_dataset("data", (4,), "f8", external=[("/nowhere/x.bin", 0, 32)])

        one, two = edited(lambda stored: None), edited(outside)
        (found,) = differences(one, two)
        assert (found.kind, found.field) == ("unreadable", "data")
        assert found.message.startswith("values cannot be read: values lie outside the file")
        assert told(one, two, only="metadata") == []
        assert told(two, edited(outside)) == []

    def test_a_file_that_changed(self, edited: Callable[[Edit], nx.File]) -> None:
        one, two = edited(lambda stored: None), edited(lambda stored: None)
        assert one.source is not None
        with h5py.File(one.source, "r+") as stored:
            stored.attrs["x"] = np.zeros(1000)
        big = one.blocks[0].data_arrays[0]
        big.data = nx.Array(_Stale())
        with pytest.raises(StaleFileError):
            list(differences(one, two))


class _Given:
    """Values that remember how much of them was read at a time."""

    stored_type = None

    def __init__(
        self, values: Any, identity: str = "", chunks: tuple[int, ...] | None = None
    ) -> None:
        self.values = values
        self.identity = (identity,) if identity else ()
        self.chunks = chunks
        self.shape = values.shape
        self.dtype = values.dtype
        self.sizes: list[int] = []

    def read(self, selection: tuple[Any, ...]) -> Any:
        found = self.values[selection]
        self.sizes.append(found.size)
        return found


class _Stale(_Given):
    def __init__(self) -> None:
        super().__init__(np.zeros(4))

    def read(self, selection: tuple[Any, ...]) -> Any:
        raise StaleFileError("the file has changed since it was read")


# Tolerance


class TestTolerance:
    def test_arrays(self, file: nx.File, other: nx.File) -> None:
        changed = np.arange(10.0)
        changed[3] *= 1 + 1e-9
        changed[5] *= 1.5
        changed[6] = INF
        other.blocks[0].data_arrays["voltage"].data = changed
        assert len(told(file, other)) == 1
        (found,) = differences(file, other, ignore=["times"], rtol=1e-6)
        assert found.message == (
            "2 of 10 values differ by more than 1e-06, the first at [5]: 5.0 -> 7.5; "
            "the largest relative difference is 0.333"
        )
        assert found.values is not None
        assert found.values.largest_relative == pytest.approx(1 / 3)
        changed[[5, 6]] = 5, 6
        other.blocks[0].data_arrays["voltage"].data = changed
        assert told(file, other, rtol=1e-6) == []
        assert told(file, other, rtol=1e-6, strict=True) == []
        assert told(file, other, rtol=1e-12) != []

    def test_fields_and_lists(self, file: nx.File, other: nx.File) -> None:
        dimension = other.blocks[0].data_arrays["voltage"].dimensions[0]
        assert isinstance(dimension, nx.SampledDimension)
        dimension.sampling_interval = 0.1000001
        other.blocks[0].tags[0].position = [1.0, 2.0000001]
        other.metadata["subject"].properties["age"].values = [4.0000001]
        assert len(told(file, other)) == 3
        assert told(file, other, rtol=1e-6) == []
        (first, *_) = told(file, other, rtol=1e-9)
        assert first[3] == "0.1 -> 0.1000001"

    @pytest.mark.parametrize(
        ("left", "right", "same"),
        [
            ([1.0], [1.05], True),
            ([1.0], [1.2], False),
            ([100], [105], True),
            ([100], [105.0], True),
            ([0.0], [1e-300], False),
            ([0.0], [-0.0], True),
            ([INF], [INF], True),
            ([INF], [-INF], False),
            ([INF], [1.0], False),
            ([NAN], [NAN], True),
            ([NAN], [1.0], False),
            ([1e308], [-1e308], False),
            ([True], [1], False),
            (["1"], ["1.01"], False),
            ([10**400], [1.0], False),
            ([10**400], [10**400 + 1], True),
        ],
    )
    def test_what_is_near(self, left: list[Any], right: list[Any], same: bool) -> None:
        assert (tally_lists(left, right, 0.1) is None) == same
        if not (isinstance(left[0], str | bool) or left[0] == 10**400):
            assert (tally_arrays(nx.Array(left), nx.Array(right), 0.1) is None) == same

    @pytest.mark.parametrize("dtype", ["float16", "float32", ">f8", "longdouble", "complex64"])
    def test_every_float(self, dtype: str) -> None:
        one, two = np.array([2.0, 6e4], dtype), np.array([2.01, -6e4], dtype)
        found = tally_arrays(nx.Array(one), nx.Array(two), 0.1)
        assert found is not None
        assert (found.differ, found.largest_relative) == (1, 2.0)

    @pytest.mark.parametrize("rtol", [-1, 1, NAN, INF])
    def test_what_is_no_tolerance(self, file: nx.File, rtol: float) -> None:
        with pytest.raises(ValueError, match="a relative tolerance"):
            differences(file, file, rtol=rtol)


def test_other_arguments_that_are_none(file: nx.File) -> None:
    wrong: list[dict[str, Any]] = [{"only": "x"}, {"by": "x"}, {"ignore": ["x"]}]
    for options in wrong:
        with pytest.raises(ValueError, match="`x` is none of"):
            differences(file, file, **options)


# The remainder


class TestRemainder:
    ARRAY = "/data/b/data_arrays/a"

    def test_it_is_told_strictly(self, edited: Callable[[Edit], nx.File]) -> None:
        def add(stored: h5py.File) -> None:
            array = stored[self.ARRAY]
            array.attrs["mine"] = 3
            array.attrs["unit"] = 3
            array["data"].attrs["scale"] = 0.5
            array["unknown"] = [1, 2, 3]
            stored["/data/b/data_arrays"].attrs["note"] = "x"

        def change(stored: h5py.File) -> None:
            add(stored)
            array = stored[self.ARRAY]
            array.attrs["mine"] = 4
            array.attrs["unit"] = np.int16(3)
            array["data"].attrs["scale"] = 0.500001
            array["unknown"][1] = 7

        none, one, two = edited(lambda stored: None), edited(add), edited(change)
        assert told(none, one) == told(one, two) == []
        assert told(one, edited(add), strict=True) == []
        assert {found[2] for found in told(none, one, strict=True)} == {
            *("extra.attributes.mine", "extra.attributes.unit", "extra.members.unknown"),
            "extra.members.data.attributes.scale",
            "extra.members.data_arrays.attributes.note",
        }
        found = {one[2]: one[3] for one in told(one, two, strict=True)}
        assert found == {
            "extra.attributes.mine": "3 -> 4",
            "extra.attributes.unit": "3 (int64 -> int16)",
            "extra.members.data.attributes.scale": "0.5 -> 0.500001",
            "extra.members.unknown": "dataset that differs",
        }
        near = told(one, two, strict=True, rtol=1e-3)
        assert "extra.members.data.attributes.scale" not in [found[2] for found in near]
        for pair in ((none, one), (one, two), (none, two)):
            expect_agreement(*pair)
            expect_words(*pair)

    def test_order_of_attributes_and_names_of_links(self, file: nx.File, other: nx.File) -> None:
        file.blocks[0].extra = Extra({"a": Stored(1), "b": Stored(2)})
        other.blocks[0].extra = Extra({"b": Stored(2), "a": Stored(1)}, link="odd")
        found = told(file, other, strict=True)
        assert found == [
            ("changed", "/data/session", "extra.link", "nothing -> odd"),
            (
                "order",
                "/data/session",
                "extra.attributes",
                "another order from [0] on: a -> b",
            ),
        ]
        expect_agreement(file, other)
        assert told(file, other) == []

    def test_an_empty_part(self, file: nx.File, other: nx.File) -> None:
        other.blocks[0].extra.part("tags")
        expect_agreement(file, other)
        assert told(file, other, strict=True)[0][3] == "nothing -> an empty remainder"

    def test_odd_names_of_references(self, file: nx.File, other: nx.File) -> None:
        other.blocks[0].tags[0].references.items[0].link = "odd"
        assert told(file, other) == []
        message = "the link to voltage is named as usual -> odd"
        assert told(file, other, strict=True) == [
            ("changed", "/data/session/tags/tag", "references", message)
        ]

    def test_how_old_files_store_a_link(self, file: nx.File, other: nx.File) -> None:
        dimension = other.blocks[0].data_arrays["linked"].dimensions[0]
        assert isinstance(dimension, nx.RangeDimension)
        assert dimension.link is not None
        dimension.link.alias = True
        assert told(file, other) == []
        assert [one[2] for one in told(file, other, strict=True)] == ["alias"]

    def test_an_unknown_dataset_that_cannot_be_read(
        self, edited: Callable[[Edit], nx.File]
    ) -> None:
        def outside(stored: h5py.File) -> None:
            stored.create_dataset("x", (4,), "f8", external=[("/nowhere/x.bin", 0, 32)])

        def inside(stored: h5py.File) -> None:
            stored.create_dataset("x", (4,), "f8")

        found = told(edited(inside), edited(outside), strict=True)
        assert [one[0] for one in found] == ["unreadable"]


# Size and depth


def test_sections_nested_deep() -> None:
    """Without recursion, and in time that grows with their number."""

    def nested() -> nx.File:
        outermost = here = nx.Section(name="n", type="t", id=ident(0))
        for level in range(1, 5000):
            here.sections.append(nx.Section(name="n", type="t", id=ident(level)))
            here = here.sections[0]
        return nx.File(metadata=[outermost], id=ident(9999))

    def ident(number: int) -> str:
        return f"00000000-0000-4000-8000-{number:012d}"

    one, two = nested(), nested()
    assert told(one, two) == []
    deepest = list(two.walk())[-1]
    assert isinstance(deepest, nx.Section)
    deepest.definition = "x"
    (found,) = differences(one, two, ignore=["times"])
    assert found.path.count("/n") == 5000
    two.metadata.clear()
    assert told(one, two) == [("removed", "/metadata/n", None, "section with 4,999 entities in it")]


# The command


def run(*arguments: object) -> Result:
    given = ["diff", *map(str, arguments)]
    return CliRunner().invoke(cli.main, given, prog_name="nixschema")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two files that differ in an array's unit, name and values, and by a block."""
    left, right = tmp_path / "left.nix", tmp_path / "right.nix"
    write(TREE, left)
    write(TREE, right)
    with h5py.File(right, "r+") as stored:
        array = stored["/data/b/data_arrays/a"]
        array.attrs["unit"] = "mV"
        array.attrs["name"] = "x"
        array["data"][2] = NAN
        stored.move("/data/b/data_arrays/a", "/data/b/data_arrays/x")
        block = stored["/data"].create_group("new")
        for name, value in stored["/data/b"].attrs.items():
            block.attrs[name] = value
        block.attrs["name"] = "new"
        block.attrs["entity_id"] = "00000000-0000-4000-8000-000000000009"
    return left, right


class TestDiff:
    def test_equal_files(self, pair: tuple[Path, Path]) -> None:
        done = run(pair[0], pair[0])
        assert (done.exit_code, done.stdout, done.stderr) == (
            0,
            "No differences in 3 entities.\n",
            "",
        )
        done = run(pair[0], pair[0], "--only", "metadata", "--ignore", "times", "--strict")
        assert done.stdout == (
            "No differences in 3 entities (only metadata, without times, strictly).\n"
        )

    def test_text(self, pair: tuple[Path, Path]) -> None:
        done = run(*pair)
        assert done.exit_code == 1
        assert done.stderr == ""
        assert done.stdout.splitlines() == [
            f"{pair[0]} -> {pair[1]}",
            "  /data/b/data_arrays/a  renamed: a -> x",
            "      data  1 of 4 values differs, the first at [2]: 3.0 -> nan",
            "      unit  nothing -> mV",
            "  /data/new  added: block",
            "",
            "Found 4 differences in 2 entities (3 and 4 compared).",
        ]

    def test_no_colour_where_nobody_sees_it(self, pair: tuple[Path, Path]) -> None:
        assert "\x1b" not in run(*pair).stdout
        found = list(differences(*map(nx.read, pair)))
        files = nx.read(pair[0]), nx.read(pair[1])
        coloured = "\n".join(diff_text(found, files, ("a", "b"), style=styled))
        assert "\x1b[" in coloured
        assert "\x1b" not in "\n".join(diff_text(found, files, ("a", "b"), style=plain))

    def test_json(self, pair: tuple[Path, Path]) -> None:
        done = run(*pair, "--format", "json")
        assert done.exit_code == 1
        report = json.loads(done.stdout, parse_constant=pytest.fail)
        schema = json.loads((ROOT / "schemas" / "diff.schema.json").read_text())
        jsonschema.validate(report, schema, cls=jsonschema.Draft202012Validator)
        assert report["version"] == 1
        assert report["tool"]["name"] == "nixschema"
        assert (report["left"], report["right"]) == tuple(map(str, pair))
        assert report["equal"] is False
        assert report["summary"] == {
            "differences": 4,
            "entities": 2,
            "compared": [3, 4],
            "kinds": {"renamed": 1, "changed": 2, "added": 1},
        }
        assert report["differences"][1] == {
            "kind": "changed",
            "path": "/data/b/data_arrays/a",
            "other_path": "/data/b/data_arrays/x",
            "entity": "DataArray",
            "entity_id": "00000000-0000-4000-8000-000000000002",
            "field": "data",
            "left": 3.0,
            "right": "nan",
            "message": "1 of 4 values differs, the first at [2]: 3.0 -> nan",
            "values": {
                "differ": 1,
                "of": 4,
                "first": [2],
                "column": None,
                "largest_relative": None,
            },
            "holds": 0,
        }
        same = json.loads(run(pair[0], pair[0], "--format", "json").stdout)
        assert (same["equal"], same["differences"]) == (True, [])
        assert same["summary"]["kinds"] == {}

    @pytest.mark.parametrize(
        ("options", "fields"),
        [
            (("--only", "data"), ["data", None]),
            (("--only", "metadata"), ["name", "unit", None]),
            (("--ignore", "id,times,values"), ["name", "unit", None]),
            (("--ignore", "values", "--ignore", "times"), ["name", "unit", None]),
            (("--by", "name"), [None, None, None]),
            (("--rtol", "0.5"), ["name", "data", "unit", None]),
        ],
    )
    def test_options(
        self, pair: tuple[Path, Path], options: tuple[str, ...], fields: list[str | None]
    ) -> None:
        if options == ("--only", "data"):
            fields = fields[:1]
        report = json.loads(run(*pair, "--format", "json", *options).stdout)
        assert [one["field"] for one in report["differences"]] == fields

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("A",),
            ("A", "B", "B"),
            ("A", "no such file"),
            ("no such file", "A"),
            ("A", "."),
            ("A", "B", "--ignore", "names"),
            ("A", "B", "--only", "names"),
            ("A", "B", "--by", "path"),
            ("A", "B", "--rtol", "x"),
            ("A", "B", "--rtol", "nan"),
            ("A", "B", "--rtol", "-1"),
            ("A", "B", "--rtol", "1"),
            ("A", "B", "--format", "sarif"),
        ],
    )
    def test_wrong_use(self, pair: tuple[Path, Path], arguments: tuple[str, ...]) -> None:
        paths = {"A": pair[0], "B": pair[1]}
        done = run(*(paths.get(one, one) for one in arguments))
        assert done.exit_code == 2
        assert done.stdout == ""
        assert done.stderr

    @pytest.mark.parametrize("output_format", ["text", "json"])
    def test_what_cannot_be_read(
        self, pair: tuple[Path, Path], tmp_path: Path, output_format: str
    ) -> None:
        text = tmp_path / "text.nix"
        text.write_text("no HDF5\n" * 100)
        nowhere = tmp_path / "nowhere.nix"
        nowhere.symlink_to(tmp_path / "not here")
        another = tmp_path / "other.h5"
        with h5py.File(another, "w") as stored:
            stored["x"] = [1]
        for bad in (text, nowhere, another):
            for arguments in ((pair[0], bad), (bad, pair[0])):
                done = run(*arguments, "--format", output_format)
                assert (done.exit_code, done.stdout) == (1, "")
                assert len(done.stderr.splitlines()) == 1
                assert str(bad) in done.stderr

    def test_a_file_that_changes_meanwhile(
        self, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def changed(*files: nx.File, **options: Any) -> Any:
            yield from islice(differences(*files, **options), 1)
            raise StaleFileError("the file has changed since it was read")

        monkeypatch.setattr("nixschema.model.differences.differences", changed)
        done = run(*pair)
        assert done.exit_code == 1
        assert "has changed" in done.stderr
        done = run(*pair, "--format", "json")
        assert (done.exit_code, done.stdout) == (1, "")

    def test_a_failure_of_the_program(
        self, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def failing(*files: nx.File, **options: Any) -> list[Difference]:
            raise RuntimeError("something unforeseen")

        monkeypatch.setattr("nixschema.model.differences.differences", failing)
        done = run(*pair)
        assert done.exit_code == 3
        assert "something unforeseen. This is a bug" in done.stderr

    def test_a_reader_that_goes_away(self) -> None:
        files = f'"{EXAMPLES / "waveforms.nix"}" "{EXAMPLES / "no-dimensions.nix"}"'
        command = f'"{sys.executable}" -m nixschema diff {files} | true'
        done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
        assert done.stderr == b""
