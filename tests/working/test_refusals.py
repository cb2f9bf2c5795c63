"""What is refused changes nothing, and what is live stays whole."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

import nixschema as nx


def array(name: str, **more: Any) -> nx.DataArray:
    more.setdefault("data", [1.0, 2.0])
    more.setdefault("dimensions", [nx.SetDimension() for _ in np.shape(more["data"])])
    return nx.DataArray(name=name, type="t", **more)


@pytest.fixture
def block() -> nx.Block:
    """A block with two arrays and a tag, in a file."""
    block = nx.Block(name="b", type="t", data_arrays=[array("v"), array("w")])
    block.tags.append(nx.Tag(name="tag", type="t", position=[0], units=["none"], references=["v"]))
    nx.File(blocks=[block], metadata=[nx.Section(name="s", type="t")])
    return block


def whole(block: nx.Block) -> None:
    for name in ("data_arrays", "tags"):
        for one in getattr(block, name):
            assert one.owner is block
            assert one in getattr(block, name)
    assert [one.name for one in block.data_arrays] == block.data_arrays.names()


def anew(block: nx.Block, way: str, folder: Path) -> nx.Block:
    """The same block, in which nothing was looked up yet."""
    if way == "copy":
        return block.copy()
    if way == "pickle":
        twin: nx.Block = pickle.loads(pickle.dumps(block))
        return twin
    assert block.file is not None
    nx.write(block.file, folder / "a.nix")
    return nx.read(folder / "a.nix").blocks[0]


class TestNothingChanges:
    @pytest.mark.parametrize("failure", [RuntimeError, OSError, KeyboardInterrupt, ValueError])
    def test_a_generator_that_fails(self, block: nx.Block, failure: type[BaseException]) -> None:
        def members() -> Iterator[nx.DataArray]:
            yield block.data_arrays["v"]
            yield array("new")
            raise failure("midway")

        with pytest.raises((failure, ValidationError)):
            block.data_arrays = members()
        with pytest.raises(failure):
            block.data_arrays.extend(members())
        whole(block)
        assert block.data_arrays.names() == ["v", "w"]

    @pytest.mark.parametrize("place", [None, "w", 1.5])
    def test_a_place_that_is_none(self, block: nx.Block, place: Any) -> None:
        for edit in (block.data_arrays.move, block.tags[0].references.move):
            with pytest.raises(TypeError):
                edit("v", place)
        with pytest.raises(TypeError):
            block.data_arrays.insert(place, array("new"))
        whole(block)
        assert block.tags[0].references.names() == ["v"]

    def test_a_constructor_that_is_corrected(self) -> None:
        one = array("a")
        with pytest.raises(ValidationError):
            nx.Block(nme="q", data_arrays=[one])  # type: ignore[call-arg]
        assert nx.Block(name="q", type="t", data_arrays=[one]).data_arrays[0] is one

    def test_parts_of_what_was_refused(self, block: nx.Block) -> None:
        surplus = [nx.SetDimension(), nx.SetDimension()]
        with pytest.raises(ValidationError):
            block.data_arrays["v"].dimensions = surplus
        with pytest.raises(ValidationError):
            array("x", dimensions=surplus)
        assert array("x", data=[[1.0]], dimensions=surplus).dimensions[1] is surplus[1]
        link = nx.DimensionLink(array="v")
        with pytest.raises(ValidationError):
            nx.RangeDimension(ticks=[1], link=link)
        assert nx.RangeDimension(link=link).link is link

    def test_what_a_refused_multi_tag_would_bring(self, block: nx.Block) -> None:
        tags = [nx.MultiTag(name=name, type="t", positions=[1.0]) for name in "qq"]
        with pytest.raises(ValueError, match="named `q`"):
            block.multi_tags.extend(tags)
        assert block.data_arrays.names() == ["v", "w"]
        assert len(block.multi_tags) == 0

    def test_fields_cannot_be_deleted(self, block: nx.Block) -> None:
        for name in ("dimensions", "name", "unit"):
            with pytest.raises(AttributeError, match="assign None"):
                delattr(block.data_arrays["v"], name)

    def test_cycles(self) -> None:
        alone = nx.Section(name="a", type="t")
        with pytest.raises(ValueError, match="member of itself"):
            alone.sections.append(alone)
        outer = nx.Section(name="o", type="t", sections=[nx.Section(name="i", type="t")])
        with pytest.raises(ValueError, match="member of itself"):
            outer.sections[0].sections = [outer]
        assert outer.path == "/o"

    @pytest.mark.parametrize("way", ["read", "copy", "pickle"])
    def test_a_name_that_is_taken_where_nobody_has_asked_yet(
        self, block: nx.Block, way: str, tmp_path: Path
    ) -> None:
        twin = anew(block, way, tmp_path)
        with pytest.raises(ValueError, match="named `w` already"):
            twin.data_arrays[0].name = "w"
        assert twin.data_arrays.names() == ["v", "w"]

    @pytest.mark.parametrize("edit", [lambda v: v.__setitem__(999, 1), lambda v: v.append([1, 2])])
    def test_an_array_on_disk_stays_there(
        self, block: nx.Block, edit: Callable[[nx.DataArray], object], tmp_path: Path
    ) -> None:
        block.data_arrays["v"].dimensions = []
        block.data_arrays["v"].data = np.zeros((100, 3))
        assert block.file is not None
        nx.write(block.file, tmp_path / "a.nix", check="none", compression=4)
        v = nx.read(tmp_path / "a.nix").blocks[0].data_arrays["v"]
        assert v.data is not None
        source, chunks = v.data.source, v.data.chunks
        assert chunks is not None
        with pytest.raises((IndexError, ValueError)):
            edit(v)
        assert v.data.source is source
        assert v.data.chunks == chunks

    def test_tags_that_would_bring_arrays_of_one_name(self, block: nx.Block) -> None:
        one = nx.MultiTag(name="m", type="t", positions=[1.0])
        two = one.copy()
        two.name = "n"
        edits: list[Callable[[], object]] = [
            lambda: block.multi_tags.extend([one, two]),
            lambda: setattr(block, "multi_tags", [one, two]),
            lambda: nx.Block(name="x", type="t", multi_tags=[one, two]),
        ]
        for edit in edits:
            with pytest.raises(ValueError, match="an array `m-positions` is made of numbers"):
                edit()
        assert block.data_arrays.names() == ["v", "w"]
        assert len(block.multi_tags) == 0
        assert (one.owner, two.owner) == (None, None)

    def test_a_multi_tag_of_a_refused_block_brings_its_array_later(self, block: nx.Block) -> None:
        tag = nx.MultiTag(name="m", type="t", positions=[1.0])
        block.groups.append(nx.Group(name="g", type="t"))
        with pytest.raises(ValidationError, match="belongs to /data/b"):
            nx.Block(name="x", type="t", multi_tags=[tag], groups=[block.groups[0]])
        with pytest.raises(ValidationError):
            nx.Block(name="x/", type="t", multi_tags=[tag])
        block.multi_tags.append(tag)
        assert tag.positions is block.data_arrays["m-positions"]


class TestContainersStay:
    def test_the_container_is_the_owner_s(self, block: nx.Block) -> None:
        kept = block.data_arrays
        block.data_arrays = [array("x"), *kept]
        assert block.data_arrays is kept
        kept.append(array("y"))
        assert block.data_arrays.names() == ["x", "v", "w", "y"]
        block.data_arrays = block.data_arrays
        block.data_arrays += [array("z")]
        assert block.data_arrays is kept
        whole(block)
        kept.clear()
        assert len(block.data_arrays) == 0

    def test_references_too(self, block: nx.Block) -> None:
        kept = block.tags[0].references
        block.tags[0].references = ["w"]
        assert block.tags[0].references is kept
        kept.append("v")
        assert block.tags[0].references.names() == ["w", "v"]

    def test_copies_of_containers(self, block: nx.Block) -> None:
        twin = copy.copy(block.data_arrays)
        assert list(twin) == list(block.data_arrays)
        twin.pop()
        whole(block)
        assert len(block.data_arrays) == 2
        assert copy.copy(block.tags[0].references)[0] is block.data_arrays["v"]
        assert copy.deepcopy(block.tags[0].references)[0] is block.data_arrays["v"]

    def test_one_entity_twice(self) -> None:
        dimension = nx.SetDimension()
        with pytest.raises(ValidationError, match="given twice"):
            array("x", data=[[1.0]], dimensions=[dimension, dimension])
        assert array("y", dimensions=[dimension]).dimensions[0] is dimension

    @pytest.mark.parametrize("count", [3, 1000])
    def test_indexes_follow_every_change(self, count: int) -> None:
        block = nx.Block(name="b", type="t")
        arrays = block.data_arrays
        arrays.extend(array(f"a{number}") for number in range(count))
        assert arrays["a1"].name == "a1"
        arrays["a1"].name = "b1"
        assert "a1" not in arrays
        arrays.append(array("a1"))
        assert arrays["a1"] is arrays[-1]
        arrays.remove("a1")
        assert "a1" not in arrays
        assert arrays[arrays["b1"].id] is arrays["b1"]
        del arrays["b1"]
        assert arrays.names() == [f"a{number}" for number in range(count) if number != 1]
        whole(block)

    def test_copies_refuse_the_wrong_kind(self, block: nx.Block) -> None:
        for kept in (block.data_arrays, block.tags[0].references):
            for twin in (copy.copy(kept), copy.deepcopy(kept), pickle.loads(pickle.dumps(kept))):
                for odd in (5, nx.Section(name="s", type="t")):
                    with pytest.raises(TypeError, match="expected a data array"):
                        twin.append(odd)  # type: ignore[arg-type]

    @pytest.mark.parametrize("keep_id", [True, False])
    def test_ids_are_found_where_references_are_not(self, block: nx.Block, keep_id: bool) -> None:
        block.tags[0].references.append("later")
        assert block.file is not None
        for twin in (block.copy(keep_id=keep_id), block.file.copy(keep_id=keep_id).blocks[0]):
            for one in twin.data_arrays:
                assert twin.data_arrays[one.id] is one


class TestListsStayWhatTheyAre:
    def test_numbers(self, block: nx.Block) -> None:
        position = block.tags[0].position
        assert position is not None
        odds: list[Any] = ["x", None, True]
        for odd in odds:
            with pytest.raises(TypeError, match="expected a number"):
                position.append(odd)
            with pytest.raises(TypeError, match="expected a number"):
                position[0] = odd
        position.append(np.float32(2))
        position += [3]
        position.insert(0, 4)
        assert position == [4.0, 0.0, 2.0, 3.0]
        assert {type(one) for one in position} == {float}
        assert pickle.loads(pickle.dumps(position)) == position

    def test_texts_and_values(self, block: nx.Block) -> None:
        units = block.tags[0].units
        assert units is not None
        units.append("mV")
        assert isinstance(units[1], nx.Unit)
        with pytest.raises(TypeError):
            units.append(3)
        labels = nx.SetDimension(labels=["a"]).labels
        assert labels is not None
        with pytest.raises(TypeError):
            labels.extend(["b", 5])
        assert labels == ["a"]
        values = nx.Property(name="p", values=[1]).values
        with pytest.raises(ValueError, match="all integers"):
            values.append("x")
        values.append(2.5)
        assert values == [1.0, 2.5]

    def test_files_read_back_equal(self, block: nx.Block, tmp_path: Path) -> None:
        assert block.file is not None
        one = nx.Property(name="p", values=[1])
        block.file.metadata[0].properties.append(one)
        one.values.append(2.5)
        position, units = block.tags[0].position, block.tags[0].units
        assert position is not None
        assert units is not None
        position.append(2)
        units.append("s")
        nx.write(block.file, tmp_path / "a.nix", check="none")
        assert nx.read(tmp_path / "a.nix") == block.file

    def test_the_index_of_a_link(self) -> None:
        index = nx.DimensionLink(array="v").index
        assert index is not None
        odds: list[Any] = ["x", 1.5, None]
        for odd in odds:
            with pytest.raises(TypeError):
                index.append(odd)
        index.append(np.int64(0))
        assert index == [-1, 0]


class TestNothingIsShared:
    def test_arrays(self, block: nx.Block) -> None:
        v, w = block.data_arrays
        w.data = v.data
        w.append([3.0])
        v[0] = 9
        assert np.asarray(v).tolist() == [9, 2]
        assert np.asarray(w).tolist() == [1, 2, 3]
        given = np.array([1.0, 2.0])
        v.data = given
        v[0] = 5
        assert given.tolist() == [1, 2]

    def test_columns(self) -> None:
        frame = nx.DataFrame(name="f", type="t", data={"time": [1.0]})
        for twin in (frame.copy(), copy.deepcopy(frame)):
            twin.columns[0].unit = "ms"
            assert frame.columns[0].unit is None

    def test_model_copy_checks(self, block: nx.Block) -> None:
        with pytest.raises(ValidationError):
            block.data_arrays["v"].model_copy(update={"name": "a/b"})
        assert block.data_arrays["v"].model_copy(update={"name": "c"}).name == "c"

    def test_columns_of_frames_that_are_made_of_each_other(self) -> None:
        frame = nx.DataFrame(name="f", type="t", data={"time": [1.0]})
        assert frame.data is not None
        one = nx.DataFrame(name="g", type="t", data=frame.data, columns=frame.columns)
        two = nx.DataFrame(name="h", type="t", data=frame.data)
        two.columns = frame.columns
        for number, other in enumerate((one, two)):
            other.columns[0].unit = ("ms", "s")[number]
        assert [each.columns[0].unit for each in (frame, one, two)] == [None, "ms", "s"]

    def test_shallow_copies_of_arrays(self) -> None:
        for whole_entity in (True, False):
            given = array("v", data=[1.0, 2.0])
            original: Any = given if whole_entity else given.data
            twin = copy.copy(original)
            twin[0] = 9
            twin.append([3.0])
            original[1] = 5
            assert np.asarray(original).tolist() == [1, 5]
            assert np.asarray(twin).tolist() == [9, 2, 3]


class TestReferences:
    def test_names_are_followed_from_the_start(self, block: nx.Block) -> None:
        tag = block.tags[0]
        block.data_arrays["v"].name = "renamed"
        block.data_arrays["w"].name = "v"
        assert tag.references[0].name == "renamed"
        tag.references = ["v"]
        block.data_arrays["v"].name = "w"
        assert tag.references.names() == ["w"]

    def test_a_name_that_comes_later_and_goes(self, block: nx.Block) -> None:
        block.tags[0].references.append("later")
        block.data_arrays["w"].name = "x"
        block.data_arrays.append(array("later"))
        block.data_arrays["later"].name = "renamed"
        assert block.tags[0].references[-1].name == "renamed"

    def test_metadata_follows_too(self, block: nx.Block) -> None:
        assert block.file is not None
        block.tags[0].metadata = "/s"
        block.file.metadata["s"].name = "renamed"
        assert block.tags[0].metadata is block.file.metadata["renamed"]

    def test_doubles_are_refused(self, block: nx.Block) -> None:
        references = block.tags[0].references
        for double in ("v", block.data_arrays["v"], block.data_arrays["v"].id):
            with pytest.raises(ValueError, match="`v` is referred to already"):
                references.append(double)
        doubled: list[list[Any]] = [["w", "w"], [block.data_arrays["v"], "v"]]
        for given in doubled:
            with pytest.raises(ValueError, match=r"`[vw]` is referred to already"):
                block.tags[0].references = given
        assert references.names() == ["v"]

    def test_they_are_used_like_a_list(self, block: nx.Block) -> None:
        references = block.tags[0].references
        with pytest.raises(TypeError, match="several"):
            references.extend("w")
        references += ["w"]
        assert references[np.int64(0)] is block.data_arrays["v"]  # type: ignore[call-overload]
        assert references.index("w") == 1
        references.move("w", 0)
        assert references.names() == ["w", "v"]
        assert references.pop() is block.data_arrays["v"]
        del references["w"]
        assert len(references) == 0
        assert references.get("w") is None
        with pytest.raises(IndexError, match="0 references"):
            references[0]

    def test_features_know_what_their_data_become(self, block: nx.Block) -> None:
        block.data_frames.append(nx.DataFrame(name="f", type="t", data={"time": [1.0]}))
        feature = nx.Feature(data=block.data_arrays["v"], link_type="untagged")
        block.tags[0].features.append(feature)
        for data, kind in (("f", "DataFrame"), ("v", "DataArray")):
            feature.data = data
            assert feature.target_type == kind
        block.tags[0].features.append(nx.Feature(data="f", link_type="untagged"))
        assert block.tags[0].features[1].target_type == "DataFrame"

    def test_links_lead_to_one_thing(self, block: nx.Block) -> None:
        frame = nx.DataFrame(name="f", type="t", data={"time": [1.0]})
        v = block.data_arrays["v"]
        with pytest.raises(ValidationError, match="an array or to a frame"):
            nx.DimensionLink(array=v, data_frame=frame)
        link = nx.DimensionLink(data_frame=frame, column=0)
        link.array = v
        assert (link.data_frame, link.column, link.index) == (None, None, [-1])
        assert (link.target, link.data_object_type) == (v, "DataArray")

    def test_copies_with_their_ids_find_each_other(self, block: nx.Block) -> None:
        assert block.file is not None
        block.metadata = block.file.metadata[0]
        other = nx.File()
        other.blocks.append(block.copy(keep_id=True))
        assert [one.path for one in nx.validate(other).findings] == ["/data/b/metadata"]
        other.metadata.append(block.file.metadata[0].copy(keep_id=True))
        assert other.blocks[0].metadata is other.metadata[0]

    def test_a_text_that_comes_to_mean_what_is_there_already(
        self, block: nx.Block, tmp_path: Path
    ) -> None:
        references = block.tags[0].references
        references.append("later")
        later = array("later")
        block.data_arrays.append(later)
        for double in (later, "later", later.id):
            with pytest.raises(ValueError, match="`later` is referred to already"):
                references.append(double)
        assert references.names() == ["v", "later"]
        assert block.file is not None
        nx.write(block.file, tmp_path / "a.nix")
        assert nx.read(tmp_path / "a.nix") == block.file

    def test_a_feature_whose_data_come_later(self, block: nx.Block, tmp_path: Path) -> None:
        feature = nx.Feature(data="later", link_type="untagged")
        block.tags[0].features.append(feature)
        block.data_frames.append(nx.DataFrame(name="later", type="t", data={"time": [1.0]}))
        assert block.file is not None
        nx.write(block.file, tmp_path / "a.nix", check="all")
        assert feature.target_type == "DataFrame"
        again = nx.read(tmp_path / "a.nix")
        assert again == block.file
        assert again.blocks[0].tags[0].features[0].target_type == "DataFrame"

    @pytest.mark.parametrize("start", ["nothing", "array", "frame"])
    @pytest.mark.parametrize("clear", [True, False])
    @pytest.mark.parametrize("order", ["af", "fa", "afa", "faf"])
    def test_links_lead_to_one_thing_in_every_order(
        self, block: nx.Block, start: str, clear: bool, order: str, tmp_path: Path
    ) -> None:
        frame = nx.DataFrame(name="f", type="t", data={"time": [1.0, 2.0]})
        block.data_frames.append(frame)
        v, w = block.data_arrays
        made: dict[str, dict[str, Any]] = {"array": {"array": v}, "nothing": {}}
        link = nx.DimensionLink(**made.get(start, {"data_frame": frame, "column": 0}))
        w.dimensions = [nx.RangeDimension(link=link)]
        for step in order:
            if clear:
                link.array = link.data_frame = None
            if step == "a":
                link.array = v
                assert (link.target, link.data_object_type, link.index) == (v, "DataArray", [-1])
                assert (link.data_frame, link.column) == (None, None)
            else:
                link.data_frame, link.column = frame, 0
                assert (link.target, link.data_object_type, link.index) == (
                    frame,
                    "DataFrame",
                    None,
                )
                assert link.array is None
            assert link.values().tolist() == [1.0, 2.0]
            assert block.file is not None
            nx.write(block.file, tmp_path / "a.nix")
            assert nx.read(tmp_path / "a.nix") == block.file


class TestValuesThatNoFileHolds:
    @pytest.mark.parametrize(
        "edit",
        [
            lambda block: setattr(block.data_arrays["v"], "name", "\ud800"),
            lambda block: setattr(block.data_arrays["v"], "label", "\udcff"),
            lambda block: setattr(block, "created_at", _year_one()),
            lambda block: setattr(
                block.data_arrays["v"], "data", np.ma.array([1, 2], mask=[False, True])
            ),
            lambda block: nx.Property(name="p", values=[2**64]),
            lambda block: nx.Property(name="p", values=[-1, 2**63]),
            lambda block: nx.Property(name="p", values=[300], storage="int8"),
            lambda block: nx.Property(name="p", values=["a"], storage="float32"),
            lambda block: nx.Property(name="p", values=[1e300], storage="float32"),
            lambda block: nx.DataFrame(
                name="f", type="t", data=np.array([(3,)], dtype=[("a", object)])
            ),
        ],
    )
    def test_are_refused_at_once(self, block: nx.Block, edit: Callable[[nx.Block], object]) -> None:
        with pytest.raises(ValidationError):
            edit(block)
        whole(block)

    def test_storage_gives_way_to_new_values(self) -> None:
        one = nx.Property(name="p", values=[1], storage="int8")
        one.values = [100]
        assert one.storage == "int8"
        one.values = [300]
        assert one.values == [300]
        assert not one.storage

    def test_objects_that_are_numbers(self) -> None:
        assert array("x", data=np.array([1, 2], dtype=object)).dtype == np.int64

    def test_arguments_of_another_kind(self, block: nx.Block, tmp_path: Path) -> None:
        with pytest.raises(TypeError, match="a File and a path"):
            nx.write(block, tmp_path / "x.nix")  # type: ignore[arg-type]
        for given in ("v", 5):
            with pytest.raises(TypeError, match="takes a class"):
                block.find(given)  # type: ignore[call-overload]

    def test_storage_gives_way_to_values_changed_in_place(
        self, block: nx.Block, tmp_path: Path
    ) -> None:
        assert block.file is not None
        one = nx.Property(name="p", values=[1], storage="int8")
        block.file.metadata[0].properties.append(one)
        for value in (300, 2.5):
            one.values.append(value)
            nx.write(block.file, tmp_path / "a.nix")
            again = nx.read(tmp_path / "a.nix")
            assert again == block.file
            assert again.metadata[0].properties[0].values == one.values
        assert one.values == [1.0, 300.0, 2.5]


def _year_one() -> datetime:
    return datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
