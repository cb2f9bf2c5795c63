"""Models by hand: strict, live, owned, referred to."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

import nixschema as nx
from nixschema.model import MODELS, Container, Model
from nixschema.model.documentation import field_docstrings


def array(name: str = "voltage", **more: Any) -> nx.DataArray:
    return nx.DataArray(name=name, type="t", **more)


@pytest.fixture
def file() -> nx.File:
    """A file with one of everything."""
    subject = nx.Section(name="subject", type="s", properties=[nx.Property(name="age", values=[4])])
    subject.sections.append(nx.Section(name="cell", type="s"))
    block = nx.Block(name="session", type="recording", metadata=subject)
    axon = nx.Source(name="axon", type="axon")
    block.sources.append(nx.Source(name="cell", type="cell", sources=[axon]))
    voltage = array(
        data=np.arange(10.0),
        unit="mV",
        dimensions=[nx.SampledDimension(sampling_interval=0.1, unit="ms", label="time")],
        sources=["cell/axon"],
        metadata="/subject/cell",
    )
    times = array("times", data=[1.0, 2.0], dimensions=[nx.SetDimension(labels=["a", "b"])])
    linked = array("linked", data=[3, 4])
    linked.dimensions.append(nx.RangeDimension(link=nx.DimensionLink(array=times)))
    table = np.array([(1, 2.5)], dtype=[("count", "i4"), ("time", "f8")])
    frame = nx.DataFrame(name="trials", type="table", data=table)
    block.data_arrays.extend([voltage, times, linked])
    block.data_frames.append(frame)
    block.tags.append(nx.Tag(name="tag", type="t", position=[1], references=[voltage]))
    features = [nx.Feature(data=frame, link_type="indexed")]
    spikes = nx.MultiTag(
        name="spikes", type="t", positions=times, references=["voltage"], features=features
    )
    block.multi_tags.append(spikes)
    block.groups.append(nx.Group(name="trial", type="t", data_arrays=[voltage], tags=["tag"]))
    return nx.File(blocks=[block], metadata=[subject])


class TestContainers:
    def test_find_by_name_id_and_position(self, file: nx.File) -> None:
        arrays = file.blocks["session"].data_arrays
        voltage = arrays["voltage"]
        assert arrays[0] is voltage
        assert arrays[-1].name == "linked"
        assert arrays[voltage.id] is voltage
        assert [one.name for one in arrays[:2]] == ["voltage", "times"]
        assert arrays.names() == ["voltage", "times", "linked"]
        assert "voltage" in arrays
        assert voltage in arrays
        assert voltage.copy(keep_id=True) not in arrays
        assert arrays.get("nothing") is None
        with pytest.raises(KeyError, match="no data array named `nothing` in /data/session"):
            arrays["nothing"]
        with pytest.raises(IndexError):
            arrays[3]

    def test_a_name_wins_over_an_id(self) -> None:
        one = array("one")
        two = array(one.id)
        block = nx.Block(name="b", type="t", data_arrays=[one, two])
        assert block.data_arrays[one.id] is two

    def test_a_taken_name_is_refused(self, file: nx.File) -> None:
        arrays = file.blocks[0].data_arrays
        with pytest.raises(ValueError, match="a data array named `voltage` already"):
            arrays.append(array("voltage"))
        with pytest.raises(ValidationError, match="named `x` already"):
            nx.Block(name="b", type="t", data_arrays=[array("x"), array("x")])
        with pytest.raises(ValueError, match="named `times` already"):
            arrays["voltage"].name = "times"
        assert arrays["voltage"].name == "voltage"
        assert arrays.names() == ["voltage", "times", "linked"]

    def test_extend_adds_all_or_none(self) -> None:
        block = nx.Block(name="b", type="t", data_arrays=[array("a")])
        new = array("b")
        with pytest.raises(ValueError, match="named `a`"):
            block.data_arrays.extend([new, array("a")])
        assert block.data_arrays.names() == ["a"]
        assert new.owner is None

    def test_an_owned_entity_is_refused(self, file: nx.File) -> None:
        voltage = file.blocks[0].data_arrays[0]
        other = nx.Block(name="other", type="t")
        with pytest.raises(ValueError, match=r"use `\.copy\(\)`"):
            other.data_arrays.append(voltage)
        other.data_arrays.append(voltage.copy())
        assert other.data_arrays[0].id != voltage.id
        assert voltage.copy(keep_id=True).id == voltage.id

    def test_the_wrong_kind_is_refused(self) -> None:
        block = nx.Block(name="b", type="t")
        with pytest.raises(TypeError, match="expected a data array, not the tag `t`"):
            block.data_arrays.append(nx.Tag(name="t", type="t"))  # type: ignore[arg-type]
        with pytest.raises(ValidationError, match="expected a data array, not the tag `t`"):
            nx.Block(name="b", type="t", data_arrays=[nx.Tag(name="t", type="t")])  # type: ignore[list-item]

    def test_nothing_holds_itself(self) -> None:
        outer = nx.Section(name="outer", type="s", sections=[nx.Section(name="inner", type="s")])
        with pytest.raises(ValueError, match="member of itself"):
            outer.sections[0].sections.append(outer)

    def test_renaming_moves_the_key(self, file: nx.File) -> None:
        arrays = file.blocks[0].data_arrays
        voltage = arrays["voltage"]
        voltage.name = "current"
        assert "voltage" not in arrays
        assert arrays["current"] is voltage
        old, voltage.id = voltage.id, "11111111-1111-4111-8111-111111111111"
        assert old not in arrays
        assert arrays[voltage.id] is voltage

    def test_take_out_and_move(self, file: nx.File) -> None:
        arrays = file.blocks[0].data_arrays
        voltage = arrays["voltage"]
        arrays.move("voltage", 2)
        assert arrays.names() == ["times", "linked", "voltage"]
        arrays.remove(voltage)
        assert (voltage.owner, voltage.block, voltage.file) == (None, None, None)
        assert arrays.pop(0).name == "times"
        arrays.insert(0, voltage)
        assert arrays.names() == ["voltage", "linked"]
        arrays.clear()
        assert len(arrays) == 0
        assert voltage.owner is None

    def test_assignment_takes_over_its_own_members(self, file: nx.File) -> None:
        block = file.blocks[0]
        kept = [one for one in block.data_arrays if one.name != "times"]
        block.data_arrays = kept
        assert block.data_arrays.names() == ["voltage", "linked"]
        assert kept[0].owner is block
        with pytest.raises(ValidationError):
            block.data_arrays = [array("x"), array("x")]
        assert block.data_arrays.names() == ["voltage", "linked"]
        assert block.data_arrays["voltage"].block is block


class TestOwnership:
    def test_owner_block_file_and_path(self, file: nx.File) -> None:
        block = file.blocks[0]
        voltage = block.data_arrays["voltage"]
        assert (voltage.owner, voltage.block, voltage.file) == (block, block, file)
        assert voltage.path == "/data/session/data_arrays/voltage"
        assert voltage.dimensions[0].path == "/data/session/data_arrays/voltage/dimensions/1"
        link = block.data_arrays["linked"].dimensions[0].parts()
        assert [part.path for part in link] == [
            "/data/session/data_arrays/linked/dimensions/1/link"
        ]
        axon = block.sources["cell"].sources["axon"]
        assert axon.path == "/data/session/sources/cell/sources/axon"
        assert file.metadata["subject"].properties["age"].path == (
            "/metadata/subject/properties/age"
        )
        assert file.path == "/"

    def test_a_part_has_one_owner(self) -> None:
        times = array("times", data=[1.0])
        link = nx.DimensionLink(array=times)
        nx.RangeDimension(link=link)
        with pytest.raises(ValidationError, match="belongs to"):
            nx.RangeDimension(link=link)

    def test_models_know_every_class(self, file: nx.File) -> None:
        seen = {type(model) for model in file.walk()}
        rare = {nx.DataFrameDimension, nx.UnknownDimension}
        assert set(MODELS) == seen | rare


class TestReferences:
    def test_a_reference_is_what_it_names(self, file: nx.File) -> None:
        block = file.blocks[0]
        spikes = block.multi_tags["spikes"]
        assert spikes.positions is block.data_arrays["times"]
        assert spikes.references[0] is block.data_arrays["voltage"]
        assert spikes.references["voltage"] is block.data_arrays["voltage"]
        assert list(spikes.references) == [block.data_arrays["voltage"]]
        voltage = block.data_arrays["voltage"]
        assert voltage.sources[0] is block.sources["cell"].sources["axon"]
        assert voltage.metadata is file.metadata["subject"].sections["cell"]
        assert block.groups[0].tags[0] is block.tags["tag"]
        linked = block.data_arrays["linked"].dimensions[0]
        assert isinstance(linked, nx.RangeDimension)
        assert linked.link is not None
        assert linked.link.target is block.data_arrays["times"]
        assert linked.link.index == [-1]

    def test_references_by_id(self, file: nx.File) -> None:
        block = file.blocks[0]
        tag = block.tags["tag"]
        tag.references = [block.data_arrays["times"].id]
        assert tag.references[0] is block.data_arrays["times"]
        tag.metadata = file.metadata["subject"].sections["cell"].id
        assert tag.metadata is file.metadata["subject"].sections["cell"]

    def test_references_follow_renames(self, file: nx.File) -> None:
        block = file.blocks[0]
        tag = block.tags["tag"]
        assert tag.references.names() == ["voltage"]
        block.data_arrays["voltage"].name = "current"
        assert tag.references.names() == ["current"]

    def test_one_that_points_nowhere(self, file: nx.File) -> None:
        block = file.blocks[0]
        tag = block.tags["tag"]
        tag.references.append("voltge")
        with pytest.raises(
            nx.UnresolvedReference, match="no data array named `voltge`: did you mean `voltage`"
        ):
            tag.references[1]
        found = [one for one in nx.validate(file).findings if one.rule == "NIX701"]
        assert [one.path for one in found] == ["/data/session/tags/tag/references"]
        tag.metadata = "/nobody"
        with pytest.raises(nx.UnresolvedReference, match="no section named `/nobody`"):
            _ = tag.metadata

    def test_the_target_may_come_later(self) -> None:
        tag = nx.Tag(name="tag", type="t", position=[0], references=["later"])
        with pytest.raises(nx.UnresolvedReference):
            tag.references[0]
        block = nx.Block(name="b", type="t", tags=[tag])
        block.data_arrays.append(array("later"))
        assert tag.references[0] is block.data_arrays["later"]

    def test_the_wrong_kind_is_refused(self, file: nx.File) -> None:
        block = file.blocks[0]
        with pytest.raises(
            TypeError, match="expected a data array or the name of one, not the tag `tag`"
        ):
            block.tags[0].references.append(block.tags[0])  # type: ignore[arg-type]
        with pytest.raises(
            ValidationError, match="expected a data array or the name of one, not the tag `tag`"
        ):
            block.multi_tags[0].positions = block.tags[0]  # type: ignore[assignment]
        assert block.multi_tags[0].positions is block.data_arrays["times"]

    def test_removed_targets_are_reported(self, file: nx.File) -> None:
        block = file.blocks[0]
        block.data_arrays.remove("voltage")
        rules = ("NIX701", "NIX705")
        found = {one.path for one in nx.validate(file, select=rules).findings}
        assert found == {
            "/data/session/tags/tag/references",
            "/data/session/multi_tags/spikes/references",
            "/data/session/groups/trial/data_arrays",
        }

    def test_drop_references(self, file: nx.File) -> None:
        block = file.blocks[0]
        references = block.tags["tag"].references
        references.insert(0, "times")
        references.remove("voltage")
        assert references.names() == ["times"]
        references.remove(block.data_arrays["times"])
        assert len(references) == 0
        with pytest.raises(ValueError, match="no reference"):
            references.remove("times")

    def test_feature_knows_what_its_data_are(self, file: nx.File) -> None:
        assert file.blocks[0].multi_tags[0].features[0].target_type == "DataFrame"


class TestFields:
    @pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0b"])
    def test_names_that_hdf5_cannot_have(self, name: str) -> None:
        with pytest.raises(ValidationError, match="a name"):
            nx.Block(name=name, type="t")

    @pytest.mark.parametrize("interval", [0, -1, float("nan"), float("inf"), "0.1", True, None])
    def test_intervals_that_are_none(self, interval: Any) -> None:
        dimension = nx.SampledDimension(sampling_interval=0.1)
        if interval is None:
            dimension.sampling_interval = None
            return
        with pytest.raises(ValidationError, match="sampling_interval"):
            dimension.sampling_interval = interval
        assert dimension.sampling_interval == 0.1

    def test_numpy_scalars_are_numbers_and_text_is_none(self) -> None:
        interval: Any = np.float32(0.5)
        offset: Any = np.int16(3)
        dimension = nx.SampledDimension(
            sampling_interval=interval, offset=offset, unit=np.str_("ms")
        )
        assert (dimension.sampling_interval, dimension.offset) == (0.5, 3.0)
        tag = nx.Tag(name="t", type="t", position=[np.float64(1.5), 2])
        assert tag.position == [1.5, 2.0]
        with pytest.raises(ValidationError):
            nx.Tag(name="t", type="t", position=["1"])

    def test_units_are_kept_as_written(self) -> None:
        voltage = array(unit="µV")
        assert voltage.unit == "µV"
        assert voltage.unit is not None
        assert voltage.unit.canonical == "uV"

    def test_times_are_utc_in_whole_seconds(self) -> None:
        block = nx.Block(name="b", type="t", created_at=datetime(2020, 1, 1, 12, tzinfo=UTC))
        assert block.created_at == datetime(2020, 1, 1, 12, tzinfo=UTC)
        with pytest.raises(ValidationError, match="time zone"):
            block.created_at = datetime(2020, 1, 1)
        with pytest.raises(ValidationError, match="whole seconds"):
            block.created_at = datetime(2020, 1, 1, microsecond=1, tzinfo=UTC)

    def test_assignment_changes_the_time_and_reading_does_not(self) -> None:
        past = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
        block = nx.Block(name="b", type="t", created_at=past, updated_at=past)
        _ = block.type, repr(block), block == block.copy()
        assert block.updated_at == past
        block.type = "other"
        assert block.created_at == past
        assert block.updated_at is not None
        assert block.updated_at > past

    def test_unknown_fields_and_ids_are_refused(self) -> None:
        with pytest.raises(ValidationError, match="nonsense"):
            nx.Block(name="b", type="t", nonsense=1)  # type: ignore[call-arg]
        with pytest.raises(ValidationError, match="`1234` is not a UUID"):
            nx.Block(name="b", type="t", id="1234")

    def test_surplus_dimensions_are_refused(self) -> None:
        two = [nx.SetDimension(), nx.SetDimension()]
        with pytest.raises(ValidationError, match="2 dimension descriptors for data of 1 axis"):
            array(data=[1, 2], dimensions=two)
        one = array(data=[1, 2], dimensions=[nx.SetDimension()])
        with pytest.raises(ValueError, match="has 1 axis"):
            one.dimensions.append(nx.SetDimension())
        assert len(one.dimensions) == 1
        square = array(data=[[1], [2]], dimensions=[nx.SetDimension(), nx.SetDimension()])
        with pytest.raises(ValidationError, match="dimension descriptors"):
            square.data = [1, 2]
        assert square.shape == (2, 1)

    def test_ticks_or_link(self) -> None:
        link = nx.DimensionLink(array=array("times", data=[1.0]))
        with pytest.raises(ValidationError, match="ticks or a link"):
            nx.RangeDimension(ticks=[1, 2], link=link)
        with pytest.raises(ValidationError, match="list"):
            nx.RangeDimension(ticks=[[1, 2]])
        with pytest.raises(ValidationError, match="numbers"):
            nx.RangeDimension(ticks=["a"])

    def test_property_values_are_of_one_type(self) -> None:
        one = nx.Property(name="p", values=[1, 2.5])
        assert one.values == [1.0, 2.5]
        assert one.element_type == "float64"
        assert nx.Property(name="p", values=[True]).element_type == "boolean"
        assert nx.Property(name="p").element_type == "string"
        with pytest.raises(ValidationError, match="int, str"):
            one.values = [1, "a"]
        with pytest.raises(ValidationError, match="no odML type"):
            one.dtype = "strnig"
        assert (one.values, one.dtype, one.value) == ([1.0, 2.5], None, 1.0)

    def test_frames_have_the_columns_of_their_data(self) -> None:
        data = np.array([(1, "a")], dtype=[("count", "i4"), ("name", object)])
        frame = nx.DataFrame(name="f", type="t", data=data)
        assert [(one.name, one.dtype) for one in frame.columns] == [
            ("count", "int32"),
            ("name", "string"),
        ]
        assert frame.row_count == 1
        with pytest.raises(ValidationError, match="records"):
            nx.DataFrame(name="f", type="t", data=[1, 2])

    @pytest.mark.parametrize("values", [[object()], [1, "a"], np.array(["2020"], "M8[D]")])
    def test_values_that_no_array_can_hold(self, values: Any) -> None:
        with pytest.raises(ValidationError, match="data"):
            array(data=values)


class TestDataArray:
    def test_it_stands_for_its_data(self) -> None:
        one = array(data=np.arange(6.0).reshape(3, 2))
        assert one.shape == (3, 2)
        assert one.dtype == np.float64
        assert len(one) == 3
        assert one[1:, 0].tolist() == [2.0, 4.0]
        assert np.asarray(one).sum() == 15
        assert [row.tolist() for row in one] == [[0, 1], [2, 3], [4, 5]]
        assert array()
        with pytest.raises(ValueError, match="has no data"):
            _ = array()[0]


class TestEqualityAndCopies:
    def test_equal_to_its_copies(self, file: nx.File) -> None:
        for other in (
            file.copy(keep_id=True),
            copy.copy(file),
            copy.deepcopy(file),
            pickle.loads(pickle.dumps(file)),
        ):
            assert other == file
            assert other is not file
            assert [type(one) for one in other.walk()] == [type(one) for one in file.walk()]
        assert file.copy() != file

    def test_references_in_a_copy_lead_to_the_copies(self, file: nx.File) -> None:
        other = file.copy()
        assert other.blocks[0].tags[0].references[0] is other.blocks[0].data_arrays["voltage"]
        assert other.blocks[0].metadata is other.metadata["subject"]
        tag = file.blocks[0].tags[0].copy()
        assert tag.owner is None
        assert tag.references[0] is file.blocks[0].data_arrays["voltage"]

    def test_a_part_pickles_alone(self, file: nx.File) -> None:
        tag = pickle.loads(pickle.dumps(file.blocks[0].tags[0]))
        assert tag.owner is None
        file.blocks[0].tags.clear()
        file.blocks[0].tags.append(tag)
        assert tag.references[0] is file.blocks[0].data_arrays["voltage"]

    def test_pickles_keep_the_order_of_bytes(self) -> None:
        one = array(data=np.array([1, 2], ">i2"))
        two = pickle.loads(pickle.dumps(one))
        assert two == one
        assert two.dtype == np.dtype(">i2")

    def test_every_difference_counts(self, file: nx.File) -> None:
        voltage = file.blocks[0].data_arrays["voltage"]
        for name, value in {
            "unit": "V",
            "data": [1.0],
            "metadata": None,
            "sources": [],
            "definition": "x",
            "dimensions": [nx.SetDimension()],
        }.items():
            other = voltage.copy(keep_id=True)
            assert other == voltage
            setattr(other, name, value)
            other.updated_at = voltage.updated_at
            assert other != voltage, name
        moved = file.copy(keep_id=True)
        moved.blocks[0].data_arrays.move("voltage", 1)
        assert moved != file

    def test_nan_equals_nan(self) -> None:
        one = array(data=[1.0, float("nan")])
        assert one == one.copy(keep_id=True)
        two = nx.Property(name="p", values=[float("nan")], uncertainty=float("nan"))
        assert two == two.copy(keep_id=True)

    def test_without_values_only_shape_and_type_count(self) -> None:
        one = array(data=[1.0, 2.0])
        two = one.copy(keep_id=True)
        two.data = [1.0, 3.0]
        two.updated_at = one.updated_at
        assert not one.equals(two)
        assert one.equals(two, values=False)

    def test_a_copy_shares_nothing_that_changes(self, file: nx.File) -> None:
        other = file.copy(keep_id=True)
        other.blocks[0].tags[0].position = [5]
        other.metadata[0].properties[0].values.append(5)
        data = other.blocks[0].data_arrays[0].data
        assert data is not None
        np.asarray(data)[0] = 99
        assert file.blocks[0].tags[0].position == [1]
        assert file.metadata[0].properties[0].values == [4]
        assert file.blocks[0].data_arrays[0][0] == 0

    def test_names_of_unset_fields(self) -> None:
        section = nx.Section(name="s", type="t")
        assert section.link is None
        assert isinstance(section.sections, Container)


class TestWords:
    def test_one_line_without_values(self, file: nx.File) -> None:
        assert repr(file.blocks[0].data_arrays["voltage"]) == (
            "<DataArray 'voltage' (t): float64 10, mV>"
        )
        for model in file.walk():
            assert "\n" not in repr(model)
            assert len(repr(model)) < 300

    def test_bounded_html(self, file: nx.File) -> None:
        many = nx.Block(name="<b>", type="t", data_arrays=[array(f"a{i}") for i in range(100)])
        text = many._repr_html_()
        assert "&lt;b&gt;" in text
        assert "… 80 more" in text

    def test_every_class_has_words(self) -> None:
        assert all(model.words and model.__doc__ for model in MODELS)
        assert all(
            field_docstrings(model).get(name) for model in MODELS for name in model.model_fields
        )

    def test_owner_is_no_field(self) -> None:
        for model in MODELS:
            assert issubclass(model, Model)
            assert not {"owner", "_owner", "block", "file"} & set(model.model_fields)
