"""Building by hand: plain positions, one value for a list, the way back, find, unlinking."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nixschema as nx


def array(name: str = "v", **more: Any) -> nx.DataArray:
    more.setdefault("data", np.arange(10.0))
    more.setdefault("dimensions", [nx.SampledDimension(sampling_interval=1, unit="ms")])
    return nx.DataArray(name=name, type=more.pop("type", "t"), **more)


class TestPlainPositions:
    def test_they_become_arrays_beside_the_tag(self) -> None:
        tag = nx.MultiTag(
            name="m", type="spike_times", positions=[1, 2.5], extents=np.ones(2), references="v"
        )
        assert tag.positions is not None
        assert tag.positions.owner is None
        block = nx.Block(name="b", type="t", data_arrays=[array()], multi_tags=[tag])
        assert block.data_arrays.names() == ["v", "m-positions", "m-extents"]
        positions = block.data_arrays["m-positions"]
        assert (positions.type, positions.ndim, len(positions.dimensions)) == (
            "spike_times-positions",
            1,
            1,
        )
        assert isinstance(positions.dimensions[0], nx.SetDimension)
        assert tag.positions is positions
        assert [one.tolist() for one in tag.data()] == [[1.0], [3.0]]

    def test_a_table_has_a_descriptor_for_each_axis(self) -> None:
        block = nx.Block(name="b", type="t")
        block.multi_tags.append(nx.MultiTag(name="m", type="t", positions=[[1, 2], [3, 4]]))
        assert len(block.data_arrays["m-positions"].dimensions) == 2

    def test_assignment_changes_the_array_that_is_there(self) -> None:
        block = nx.Block(name="b", type="t")
        tag = nx.MultiTag(name="m", type="t", positions=[1.0])
        block.multi_tags.append(tag)
        made = block.data_arrays["m-positions"]
        tag.positions = [1.0, 2.0]
        assert tag.positions is made
        assert made.shape == (2,)
        tag.positions = [[1.0, 2.0]]
        assert made.data is not None
        assert (made.data.shape, len(made.dimensions)) == ((1, 2), 2)
        tag.extents = [[0.5, 0.5]]
        assert block.data_arrays.names() == ["m-positions", "m-extents"]

    def test_a_name_that_is_taken(self) -> None:
        block = nx.Block(name="b", type="t", data_arrays=[array("m-positions")])
        tag = nx.MultiTag(name="m", type="t", positions=[1.0])
        with pytest.raises(ValueError, match="`m-positions`"):
            block.multi_tags.append(tag)
        assert tag.owner is None
        tag = nx.MultiTag(name="m", type="t")
        block.multi_tags.append(tag)
        with pytest.raises(ValueError, match="`m-positions`"):
            tag.positions = [1.0]
        assert tag.positions is None

    @pytest.mark.parametrize("odd", [["a"], [[[1.0]]], 5, [object()], [[1], [2, 3]]])
    def test_what_are_no_positions(self, odd: Any) -> None:
        with pytest.raises(ValueError, match="positions are"):
            nx.MultiTag(name="m", type="t", positions=odd)
        tag = nx.MultiTag(name="m", type="t")
        with pytest.raises(ValueError, match="positions are"):
            tag.positions = odd
        assert tag.positions is None

    def test_copies_have_their_own(self, tmp_path: Path) -> None:
        tag = nx.MultiTag(name="m", type="t", positions=[1.0])
        for twin in (tag.copy(), tag.copy(keep_id=True), pickle.loads(pickle.dumps(tag))):
            block = nx.Block(name="b", type="t")
            block.multi_tags.append(twin)
            assert twin.positions is block.data_arrays["m-positions"]
            assert twin.positions is not tag.positions
            nx.write(nx.File(blocks=[block]), tmp_path / "a.nix")
        assert tag.positions is not None
        assert tag.positions.owner is None

    def test_an_array_that_was_taken_out_is_made_anew(self) -> None:
        block = nx.Block(name="b", type="t")
        tag = nx.MultiTag(name="m", type="t", positions=[1.0])
        block.multi_tags.append(tag)
        old = block.data_arrays.pop()
        tag.positions = [5.0, 6.0]
        assert tag.positions is block.data_arrays["m-positions"]
        assert tag.positions is not old
        assert (block.data_arrays.names(), old.owner) == (["m-positions"], None)
        assert np.asarray(tag.positions).tolist() == [5, 6]
        assert np.asarray(old).tolist() == [1]

    def test_a_tag_that_is_renamed_keeps_its_array(self) -> None:
        block = nx.Block(name="b", type="t")
        tag = nx.MultiTag(name="m", type="t", positions=[1.0])
        block.multi_tags.append(tag)
        made = tag.positions
        tag.name = "renamed"
        tag.positions = [5.0, 6.0]
        assert tag.positions is made
        assert block.data_arrays.names() == ["m-positions"]

    def test_array_and_position_in_either_order(self) -> None:
        voltage = array("v")
        tag = nx.MultiTag(
            name="m", type="t", positions=[1, 2, 4, 6], extents=[1, 1, 2, 3], references=[voltage]
        )
        nx.Block(name="b", type="t", data_arrays=[voltage], multi_tags=[tag])
        expected = [6.0, 7.0, 8.0]
        assert tag.data(3).tolist() == expected
        assert tag.data(voltage, 3).tolist() == expected
        assert tag.data(3, voltage).tolist() == expected
        assert tag.data("v", 3).tolist() == expected
        assert tag.data(position=3).tolist() == expected
        assert tag.data(-1).tolist() == expected
        assert tag.data()[3].tolist() == expected
        for region in (tag.region(3), tag.region(voltage, 3), tag.region(3, "v")):
            assert region == (slice(6, 9),)
        with pytest.raises(TypeError, match="say for which position"):
            tag.region()
        with pytest.raises(TypeError, match="say for which position"):
            tag.region(voltage)
        with pytest.raises(TypeError, match="give an array"):
            tag.region(3, 4)
        with pytest.raises(nx.OutOfBounds):
            tag.data(4)


class TestOneForAList:
    def test_values(self) -> None:
        tag = nx.Tag(name="t", type="t", position=1.5, extent=(2,), units="ms", references="v")
        assert (tag.position, tag.extent, tag.units) == ([1.5], [2.0], ["ms"])
        assert nx.Tag(name="t", type="t", position=np.array([1, 2])).position == [1.0, 2.0]
        assert nx.SetDimension(labels=("a", "b")).labels == ["a", "b"]
        with pytest.raises(ValueError, match="expected a list, not 'ab'"):
            nx.SetDimension(labels="ab")

    def test_entities(self) -> None:
        block = nx.Block(name="b", type="t", data_arrays=array(dimensions=nx.SetDimension()))
        assert block.data_arrays.names() == ["v"]
        tag = nx.Tag(name="t", type="t", position=0, references=block.data_arrays["v"])
        assert tag.references[0] is block.data_arrays["v"]


@pytest.fixture
def file() -> nx.File:
    """A subject described by a section, from which tag and array come."""
    subject = nx.Section(name="subject", type="subject", sections=[nx.Section(name="s", type="t")])
    voltage = array("voltage", type="neo.analogsignal", sources="cell", metadata="/subject")
    linked = array("linked", dimensions=[nx.RangeDimension(link=nx.DimensionLink(array=voltage))])
    tag = nx.Tag(
        name="tag",
        type="neo.epoch",
        position=0,
        references=[voltage],
        metadata="/subject/s",
        features=[nx.Feature(data=voltage, link_type="untagged")],
    )
    block = nx.Block(
        name="b",
        type="t",
        data_arrays=[voltage, linked],
        tags=[tag],
        multi_tags=[nx.MultiTag(name="m", type="t", positions=voltage)],
        sources=[nx.Source(name="cell", type="t", metadata=subject)],
        groups=[nx.Group(name="g", type="t", data_arrays="voltage", sources="cell")],
        metadata=subject,
    )
    return nx.File(blocks=[block], metadata=[subject])


class TestTheWayBack:
    def test_in_memory_and_from_a_file(self, file: nx.File, tmp_path: Path) -> None:
        nx.write(file, tmp_path / "a.nix")
        for one in (file, nx.read(tmp_path / "a.nix")):
            block, subject = one.blocks[0], one.metadata[0]
            voltage, cell = block.data_arrays["voltage"], block.sources["cell"]
            assert subject.referring == [block, voltage, cell]
            assert subject.referring_blocks == [block]
            assert subject.referring_data_arrays == [voltage]
            assert subject.referring_sources == [cell]
            assert subject.sections["s"].referring_tags == [block.tags["tag"]]
            assert cell.referring_groups == [block.groups["g"]]
            assert voltage.referring_multi_tags == [block.multi_tags["m"]]
            assert {type(each).__name__ for each in voltage.referring} == {
                "DimensionLink",
                "Tag",
                "Feature",
                "MultiTag",
                "Group",
            }

    def test_sections_and_frames(self) -> None:
        one = nx.Section(name="one", type="t")
        two = nx.Section(name="two", type="t", link=one)
        frame = nx.DataFrame(name="f", type="t", data={"a": [1]}, metadata=one)
        block = nx.Block(name="b", type="t", data_frames=[frame])
        nx.File(blocks=[block], metadata=[one, two])
        assert one.referring_sections == [two]
        assert one.referring_data_frames == [frame]


class TestFind:
    def test_by_class_type_and_name(self, file: nx.File) -> None:
        block = file.blocks[0]
        assert file.find(type="neo.*") == [block.data_arrays["voltage"], block.tags["tag"]]
        assert file.find(nx.DataArray) == list(block.data_arrays)
        assert file.find((nx.Tag, nx.MultiTag), name="?") == [block.multi_tags["m"]]
        assert block.find(nx.DataArray, type="neo.*", name="volt*") == [block.data_arrays[0]]
        assert file.find(name="s*") == [file.metadata[0], file.metadata[0].sections[0]]
        assert file.find(type="NEO.*") == []
        assert file.metadata[0].find() == [file.metadata[0].sections[0]]


class TestUnlinking:
    def test_nothing_is_left_behind(self, file: nx.File, tmp_path: Path) -> None:
        block = file.blocks[0]
        voltage = block.data_arrays["voltage"]
        block.data_arrays.remove(voltage, unlink=True)
        assert len(block.tags["tag"].references) == 0
        assert len(block.tags["tag"].features) == 0
        assert len(block.groups["g"].data_arrays) == 0
        assert block.multi_tags["m"].positions is None
        dimension = block.data_arrays["linked"].dimensions[0]
        assert isinstance(dimension, nx.RangeDimension)
        assert dimension.link is None
        assert voltage.sources.names() == ["cell"]
        assert {one.rule for one in nx.validate(file).findings if one.level is nx.Level.ERROR} == {
            "NIX303",
            "NIX209",
        }

    def test_a_section_goes_with_its_parts(self, file: nx.File, tmp_path: Path) -> None:
        file.metadata.remove("subject", unlink=True)
        assert [one.metadata for one in file.find(nx.DataArray)] == [None, None]
        assert file.blocks[0].tags[0].metadata is None
        nx.write(file, tmp_path / "a.nix")

    def test_what_is_inside_stays(self, file: nx.File) -> None:
        block = file.blocks[0]
        file.blocks.remove(block, unlink=True)
        assert block.tags["tag"].references[0] is block.data_arrays["voltage"]

    def test_without_it_references_are_reported(self, file: nx.File) -> None:
        file.blocks[0].sources.remove("cell")
        paths = {one.path for one in nx.validate(file, select=["NIX705"]).findings}
        assert paths == {
            "/data/b/data_arrays/voltage/sources",
            "/data/b/groups/g/sources",
        }
