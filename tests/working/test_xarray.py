"""Arrays in xarray and back."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays, from_dtype

import nixschema as nx
from nixschema.model.dimension import AnyDimension
from nixschema.model.regular import interval_of
from nixschema.model.scale import rounding_of

DTYPES = ("?", "i1", ">i2", "u4", "i8", "u8", "f2", "f4", "f8", ">f8", "c8", "c16", "S3", "O")
TICKS = ("i1", ">i2", "u4", "i8", "u8", "f2", "f4", "f8", ">f8")
LABELS = (None, "time", "channel", "time of day", "axis_1", "axis_2", "", "µ", "class")

texts = st.text(max_size=5)
names = texts.filter(lambda text: text not in ("", ".", "..") and not set("/\0") & set(text))
labels = st.sampled_from(LABELS) | texts
units = st.sampled_from([None, "mV", "µV", "", "a strange one"])
positive = st.floats(1e-12, 1e12) | st.sampled_from([0.1, 1 / 30000, 1e-3])
offsets = st.none() | st.floats(-1e12, 1e12)


@st.composite
def values(draw: st.DrawFn, dtype: str, shape: tuple[int, ...]) -> Any:
    if dtype == "O":
        count = int(np.prod(shape))
        flat = np.empty(count, object)
        flat[:] = draw(st.lists(texts, min_size=count, max_size=count))
        return flat.reshape(shape)
    return draw(arrays(dtype, shape))


@st.composite
def dimensions(draw: st.DrawFn, length: int) -> AnyDimension:
    label = draw(labels)
    kind = draw(st.sampled_from(["sample", "range", "set", "labels"]))
    if kind == "sample":
        return nx.SampledDimension(
            sampling_interval=draw(positive), offset=draw(offsets), unit=draw(units), label=label
        )
    if kind == "range":
        dtype = np.dtype(draw(st.sampled_from(TICKS)))
        elements = from_dtype(dtype, allow_nan=False)
        ticks = np.sort(draw(arrays(dtype, length, elements=elements)))
        return nx.RangeDimension(ticks=ticks.astype(dtype), unit=draw(units), label=label)
    if kind == "set":
        return nx.SetDimension(label=label)
    return nx.SetDimension(
        labels=draw(st.lists(texts, min_size=length, max_size=length)) if length else None,
        label=label,
    )


@st.composite
def data_arrays(draw: st.DrawFn, axes: int = 3, dtypes: tuple[str, ...] = DTYPES) -> nx.DataArray:
    shape = tuple(draw(st.lists(st.integers(0, 4), min_size=1, max_size=axes)))
    return nx.DataArray(
        name=draw(names),
        type=draw(texts.filter(bool)),
        definition=draw(st.none() | texts),
        unit=draw(units),
        label=draw(labels),
        data=draw(values(draw(st.sampled_from(dtypes)), shape)),
        dimensions=[draw(dimensions(length)) for length in shape],
        polynom_coefficients=draw(st.sampled_from([None, [1], [0.5, 2.0]])),
        expansion_origin=draw(st.sampled_from([None, 0.0, 1.5])),
    )


def with_identity_of(array: nx.DataArray, made: nx.DataArray) -> nx.DataArray:
    """The array made, with the id and times of another."""
    made.id, made.created_at = array.id, array.created_at
    made.updated_at = array.updated_at
    return made


class TestThereAndBack:
    @given(data_arrays())
    def test_an_array_comes_back_as_it_was(self, array: nx.DataArray) -> None:
        assert with_identity_of(array, nx.from_xarray(array.to_xarray())) == array

    @given(data_arrays())
    def test_attributes_are_plain(self, array: nx.DataArray) -> None:
        made = array.to_xarray()
        for attrs in (made.attrs, *(one.attrs for one in made.coords.values())):
            for key, value in attrs.items():
                assert isinstance(key, str)
                items = value if isinstance(value, list) else [value]
                assert all(type(one) in (str, int, float) for one in items)

    @given(data_arrays(), st.data())
    def test_an_axis_is_still_sampled_in_a_part(self, array: nx.DataArray, data: Any) -> None:
        made = array.to_xarray()
        axis = made.dims[0]
        start = data.draw(st.integers(0, array.shape[0]))
        part = nx.from_xarray(made.isel({axis: slice(start, None)}))
        was, now = array.dimensions[0], part.dimensions[0]
        if isinstance(was, nx.SampledDimension):
            # Where positions are that close, floats do not tell them from one another.
            assume((was.sampling_interval or 0) > 1e-9 * abs(was.offset or 0))
        assert type(now) is type(was)
        if isinstance(was, nx.SampledDimension) and len(part):
            assert isinstance(now, nx.SampledDimension)
            assert was.sampling_interval == now.sampling_interval
            np.testing.assert_allclose(now.axis(), was.axis()[start:], rtol=1e-15)

    def test_the_order_of_axes_may_change(self) -> None:
        array = nx.DataArray(name="a", type="t", data=np.zeros((2, 3)))
        array.dimensions.append(nx.SampledDimension(sampling_interval=0.1, label="time of day"))
        array.dimensions.append(nx.SetDimension(label="trial no."))
        made = nx.from_xarray(array.to_xarray().transpose())
        assert made.shape == (3, 2)
        assert [one.axis_label for one in made.dimensions] == ["trial no.", "time of day"]
        assert made.dimensions[1] == array.dimensions[0]

    def test_attributes_that_fit_no_more_yield_to_positions(self) -> None:
        array = nx.DataArray(name="a", type="t", data=np.zeros(4))
        array.dimensions.append(nx.SampledDimension(sampling_interval=0.1, label="time"))
        made = array.to_xarray()
        other = made.assign_coords(time=("time", [0.0, 1.0, 5.0, 6.0], made.time.attrs))
        dimension = nx.from_xarray(other).dimensions[0]
        assert isinstance(dimension, nx.RangeDimension)
        assert dimension.axis().tolist() == [0.0, 1.0, 5.0, 6.0]
        twice = nx.from_xarray(made.isel(time=slice(1, None, 2))).dimensions[0]
        assert twice == nx.SampledDimension(sampling_interval=0.2, offset=0.1, label="time")


class TestToXarray:
    def test_names_units_and_labels(self) -> None:
        array = nx.DataArray(
            name="lfp",
            type="nix.sampled",
            definition="as recorded",
            unit="mV",
            label="potential",
            data=np.arange(6.0).reshape(2, 3),
            dimensions=[
                nx.SetDimension(labels=["a", "b"], label="channel"),
                nx.SampledDimension(sampling_interval=0.5, offset=1.0, unit="ms", label="time"),
            ],
        )
        made = array.to_xarray()
        assert made.name == "lfp"
        assert made.dims == ("channel", "time")
        assert made.sel(channel="b", time=1.5).item() == 4.0
        assert made.time.values.tolist() == [1.0, 1.5, 2.0]
        assert made.attrs == {
            "units": "mV",
            "long_name": "potential",
            "nix_type": "nix.sampled",
            "description": "as recorded",
        }
        assert made.time.attrs["units"] == "ms"
        assert made.time.attrs["long_name"] == "time"
        assert "units" not in made.channel.attrs

    @pytest.mark.parametrize(
        ("given", "found"),
        [
            (["time", "time"], ("axis_1", "axis_2")),
            (["x", "x", "y"], ("axis_1", "axis_2", "y")),
            (["axis_2", None], ("axis_1", "axis_2")),
            (["axis_1", "b"], ("axis_1", "b")),
            (["time of day", ""], ("axis_1", "axis_2")),
            (["Zeit", "x1"], ("Zeit", "x1")),
        ],
    )
    def test_names_of_dimensions(self, given: list[str | None], found: tuple[str, ...]) -> None:
        array = nx.DataArray(name="a", type="t", data=np.zeros((2,) * len(given)))
        array.dimensions.extend(nx.SetDimension(label=one) for one in given)
        made = array.to_xarray()
        assert made.dims == found
        assert not made.coords
        assert [one.axis_label for one in nx.from_xarray(made).dimensions] == given

    def test_calibrated(self) -> None:
        array = nx.DataArray(name="a", type="t", data=[1, 2], polynom_coefficients=[1.0, 10.0])
        assert array.to_xarray().values.tolist() == [1, 2]
        made = array.to_xarray(calibrated=True)
        assert made.values.tolist() == [11.0, 21.0]
        assert made.attrs == {"nix_type": "t"}

    def test_links_are_followed(self) -> None:
        times = nx.DataArray(name="times", type="t", unit="s", label="time", data=[1.0, 2.0, 4.0])
        array = nx.DataArray(name="a", type="t", data=[1, 2, 3])
        array.dimensions.append(nx.RangeDimension(link=nx.DimensionLink(array=times)))
        table = nx.DataFrame(name="f", type="t", data={"name": ["x", "y", "z"]})
        both = nx.DataArray(name="b", type="t", data=np.zeros((3, 3)))
        both.dimensions.append(nx.SetDimension(link=nx.DimensionLink(data_frame=table, column=0)))
        both.dimensions.append(nx.DataFrameDimension(data_frame=table, column=0))
        made = array.to_xarray()
        assert made.time.values.tolist() == [1.0, 2.0, 4.0]
        assert made.time.attrs["units"] == "s"
        assert nx.from_xarray(made).dimensions[0] == nx.RangeDimension(
            ticks=[1.0, 2.0, 4.0], unit="s", label="time"
        )
        assert [one.values.tolist() for one in both.to_xarray().coords.values()] == [
            ["x", "y", "z"]
        ] * 2

    def test_an_axis_without_descriptor(self) -> None:
        made = nx.DataArray(name="a", type="t", data=np.zeros((2, 3))).to_xarray()
        assert made.dims == ("axis_1", "axis_2")
        assert not made.coords
        assert made.shape == (2, 3)

    def test_what_does_not_fit(self) -> None:
        array = nx.DataArray(name="a", type="t")
        with pytest.raises(ValueError, match="has no data"):
            array.to_xarray()
        array = nx.DataArray(name="a", type="t", data=[1, 2, 3])
        array.dimensions.append(nx.RangeDimension(ticks=[1.0, 2.0]))
        with pytest.raises(ValueError, match="2 positions or labels for 3 elements"):
            array.to_xarray()
        array.dimensions = [nx.SetDimension(labels=list("abcd"))]
        with pytest.raises(ValueError, match="4 positions or labels for 3 elements"):
            array.to_xarray()

    def test_what_was_read_from_a_file(self, tmp_path: Path) -> None:
        array = nx.DataArray(name="a", type="t", unit="mV", data=np.arange(10, dtype="i2"))
        array.dimensions.append(nx.SampledDimension(sampling_interval=0.1, label="time"))
        file = nx.File(blocks=[nx.Block(name="b", type="t", data_arrays=[array])])
        nx.write(file, tmp_path / "a.nix")
        read = nx.read(tmp_path / "a.nix").blocks[0].data_arrays[0]
        xr.testing.assert_identical(read.to_xarray(), array.to_xarray())


class TestFromXarray:
    @given(st.data())
    def test_an_array_of_xarray_comes_back(self, data: Any) -> None:
        dims = data.draw(st.lists(st.sampled_from("xyzt"), min_size=1, max_size=3, unique=True))
        shape = tuple(data.draw(st.integers(0, 5)) for _ in dims)
        coords: dict[str, Any] = {}
        for dim, length in zip(dims, shape, strict=True):
            kind = data.draw(st.sampled_from(["none", "text", "i8", "f4", "f8", "step"]))
            unit = data.draw(st.sampled_from([{}, {"units": "ms"}]))
            if kind == "text":
                found = data.draw(st.lists(texts, min_size=length, max_size=length))
                coords[dim] = (dim, np.array(found, object), {})
            elif kind == "step":
                step, start = data.draw(positive), data.draw(st.floats(-1e6, 1e6))
                coords[dim] = (dim, start + step * np.arange(length), unit)
            elif kind != "none":
                elements = from_dtype(np.dtype(kind), allow_nan=False)
                coords[dim] = (
                    dim,
                    np.sort(data.draw(arrays(kind, length, elements=elements))),
                    unit,
                )
        attrs = data.draw(st.sampled_from([{}, {"units": "mV", "long_name": "potential"}]))
        array = xr.DataArray(data.draw(arrays("f8", shape)), coords, dims, "a", attrs)
        back = nx.from_xarray(array).to_xarray()
        assert back.dims == array.dims
        assert set(back.coords) == set(array.coords)
        np.testing.assert_array_equal(back.values, array.values)
        assert {**attrs, "nix_type": "nix.data_array"} == back.attrs
        for dim, coordinate in array.coords.items():
            its = back.coords[dim]
            assert its.attrs.get("units") == coordinate.attrs.get("units")
            if its.attrs.get("nix_dimension_type") == "sample":
                size = np.maximum(np.abs(coordinate.values), abs(coordinate.values[0])).astype("f8")
                off = np.abs(its.values - coordinate.values.astype("f8"))
                assert np.all(off <= rounding_of(coordinate.dtype, size))
            else:
                assert its.dtype == coordinate.dtype
                assert its.values.tolist() == coordinate.values.tolist()

    @pytest.mark.parametrize(
        ("coordinate", "dimension"),
        [
            ([0.0, 0.5, 1.0], nx.SampledDimension(sampling_interval=0.5, label="x")),
            ([1, 3, 5], nx.SampledDimension(sampling_interval=2.0, offset=1.0, label="x")),
            ([1, 3, 6], nx.RangeDimension(ticks=[1, 3, 6], label="x")),
            ([1.0, 1.0, 2.0], nx.RangeDimension(ticks=[1.0, 1.0, 2.0], label="x")),
            (["a", "b", "b"], nx.SetDimension(labels=["a", "b", "b"], label="x")),
            (pd.CategoricalIndex(list("aba")), nx.SetDimension(labels=list("aba"), label="x")),
            (None, nx.SetDimension(label="x")),
            (
                np.array([0, 100_000, 200_000], "m8[ns]"),
                nx.SampledDimension(sampling_interval=100.0, unit="us", label="x"),
            ),
            (
                pd.to_timedelta([1, 2, 7], "min"),
                nx.RangeDimension(ticks=[60, 120, 420], unit="s", label="x"),
            ),
        ],
    )
    def test_dimensions(self, coordinate: Any, dimension: AnyDimension) -> None:
        coords = {} if coordinate is None else {"x": coordinate}
        made = nx.from_xarray(xr.DataArray([1, 2, 3], coords, ["x"]), name="a", type="t")
        assert made.dimensions[0] == dimension
        assert (made.name, made.type) == ("a", "t")

    def test_a_single_position_is_a_tick(self) -> None:
        made = nx.from_xarray(xr.DataArray([1], {"x": [3.5]}, ["x"]), name="a")
        assert made.dimensions[0] == nx.RangeDimension(ticks=[3.5], label="x")

    @pytest.mark.parametrize(
        ("coordinate", "match"),
        [
            ([3.0, 2.0, 1.0], r"`x` does not ascend \(2.0 at 1 follows 3.0\).*sort by it"),
            ([1.0, np.nan, 2.0], "`x` has nan at 1"),
            (np.array([1, "NaT", 2], "m8[ns]"), "`x` has NaT at 1"),
            (pd.date_range("2020-01-01", periods=3), "`x` holds dates.*subtract the first"),
            ([True, False, True], "`x` holds bool"),
            ([1j, 2j, 3j], "`x` holds complex128"),
            (np.array(["a", None, "b"], object), "`x` has (nan|None) at 1"),
            (np.array([b"a", b"b", b"c"]), "`x` holds .S1, neither"),
        ],
    )
    def test_coordinates_that_no_axis_has(self, coordinate: Any, match: str) -> None:
        array = xr.DataArray([1, 2, 3], {"x": coordinate}, ["x"])
        with pytest.raises(ValueError, match=match):
            nx.from_xarray(array, name="a")

    def test_descending_positions_sorted_as_the_error_says(self) -> None:
        array = xr.DataArray([1, 2, 3], {"depth": [30, 20, 10]}, ["depth"], "a")
        assert nx.from_xarray(array.sortby("depth"))[:].tolist() == [3, 2, 1]

    def test_dates_made_relative_as_the_error_says(self) -> None:
        time = pd.date_range("2020-01-01", periods=3, freq="500ms")
        array = xr.DataArray([1, 2, 3], {"time": time}, ["time"], "a")
        made = nx.from_xarray(array.assign_coords(time=array.time - array.time[0]))
        assert made.dimensions[0] == nx.SampledDimension(
            sampling_interval=500.0, unit="ms", label="time"
        )

    def test_an_index_of_several_levels(self) -> None:
        array = xr.DataArray(np.zeros((2, 3)), {"a": [1, 2], "b": [1, 2, 3]}, ["a", "b"], "x")
        with pytest.raises(ValueError, match=r"several levels \(`a`, `b`\).*unstack\('c'\)"):
            nx.from_xarray(array.stack(c=["a", "b"]))

    def test_what_is_left_out_is_told(self) -> None:
        array = xr.DataArray(
            np.zeros((2, 3)),
            {
                "lat": ("lat", [1.0, 2.0], {"long_name": "latitude", "axis": "Y"}),
                "depth": 3.0,
                "site": ("lat", ["a", "b"]),
            },
            ["lat", "x"],
            "a",
            {"units": "mV", "history": "made by hand"},
        )
        told = (
            "coordinate `depth`, coordinate `site`, name `lat` of the dimension labelled "
            "`latitude`, attribute `axis` of coordinate `lat`, attribute `history`$"
        )
        with pytest.warns(nx.LossWarning, match=told) as caught:
            made = nx.from_xarray(array)
        assert caught[0].filename == __file__
        assert made.dimensions[0].axis_label == "latitude"
        assert made.unit == "mV"

    def test_a_unit_of_labels_is_told(self) -> None:
        array = xr.DataArray([1], {"x": ("x", ["a"], {"units": "mV"})}, ["x"], "a")
        with pytest.warns(nx.LossWarning, match="attribute `units` of coordinate `x`"):
            nx.from_xarray(array)

    def test_names(self) -> None:
        array = xr.DataArray([1, 2], dims="x")
        with pytest.raises(ValueError, match="no name: give one"):
            nx.from_xarray(array)
        with pytest.raises(ValueError, match="the name 3, which is no text"):
            nx.from_xarray(array.rename(3))
        with pytest.raises(ValueError, match="has a `/` in it"):
            nx.from_xarray(array, name="a/b")
        made = nx.from_xarray(array.rename("a"))
        assert (made.name, made.type) == ("a", "nix.data_array")
        with pytest.warns(nx.LossWarning, match="name 7 of a dimension"):
            assert nx.from_xarray(array.rename({"x": 7}), name="a").dimensions[0].axis_label is None

    def test_what_is_no_array(self) -> None:
        with pytest.raises(TypeError, match="Dataset: take one of its arrays"):
            nx.from_xarray(xr.Dataset(), name="a")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="but ndarray"):
            nx.from_xarray(np.zeros(3), name="a")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="a scalar has no axes"):
            nx.from_xarray(xr.DataArray(3.0), name="a")
        dates = xr.DataArray(np.array(["2020-01-01"], "M8[ns]"), dims="x")
        with pytest.raises(ValueError, match="NIX has no dates in arrays"):
            nx.from_xarray(dates, name="a")
        with pytest.raises(TypeError, match="`units` is text, not 1"):
            nx.from_xarray(xr.DataArray([1], dims="x", attrs={"units": 1}), name="a")
        with pytest.raises(TypeError, match="`nix_offset` of coordinate `x` is a number, not 'a'"):
            nx.from_xarray(
                xr.DataArray([1], {"x": ("x", [1], {"nix_offset": "a"})}, ["x"]), name="a"
            )

    def test_values_with_units_of_pint_are_refused(self) -> None:
        class Quantity:
            magnitude = np.zeros(3)
            shape, dtype, ndim = (3,), np.dtype("f8"), 1

            def __array_function__(self, *_: Any) -> Any: ...
            def __array_ufunc__(self, *_: Any) -> Any: ...

        array = xr.DataArray(Quantity(), dims="x", name="a")
        with pytest.raises(ValueError, match="dequantify"):
            nx.from_xarray(array)


class TestRegularPositions:
    @pytest.mark.parametrize("rate", [3, 7, 44100, 30000, 24414.0625, 2713.7, 1e9])
    @pytest.mark.parametrize("count", [2, 3, 1000, 100_000])
    @pytest.mark.parametrize("start", [0.0, 0.1, -12.345, 1e5])
    def test_samples_at_a_rate(self, rate: float, count: int, start: float) -> None:
        positions = start + np.arange(count) / rate
        interval = interval_of(positions)
        assert interval is not None
        off = np.abs(positions[0] + np.arange(count) * interval - positions)
        sizes = np.maximum(np.abs(positions), abs(start))
        assert np.all(off <= rounding_of(positions.dtype, sizes))
        if start == 0.0:
            assert interval == pytest.approx(1 / rate, rel=1e-15)

    @pytest.mark.parametrize("interval", [0.1, 0.3, 1 / 3, 1e-5, 250.0, 1 / 30000])
    @pytest.mark.parametrize("offset", [0.0, 0.7, -3.0])
    def test_the_very_interval(self, interval: float, offset: float) -> None:
        for count in (100, 10_000):
            assert interval_of(offset + np.arange(count) * interval) == interval
        assert interval_of(np.arange(100) * 0.1 / 1000) == 1e-4
        assert interval_of(np.linspace(0, 1, 11)) == 0.1
        assert interval_of((np.arange(1000) * 0.1).astype("f4")) == 0.1

    @given(st.integers(2, 50), positive, st.floats(-1e6, 1e6), st.data())
    def test_jitter_is_not_lost(
        self, count: int, interval: float, offset: float, data: Any
    ) -> None:
        positions = offset + np.arange(count) * interval
        one = data.draw(st.integers(1, count - 1))
        positions[one] += interval * data.draw(st.sampled_from([0.3, -0.3, 0.01]))
        found = interval_of(positions)
        if found is not None:
            there = positions[0] + np.arange(count) * found
            assert np.all(np.abs(there - positions) <= np.spacing(np.abs(positions).max()) * 4)

    def test_whole_numbers_are_regular_to_the_last(self) -> None:
        assert interval_of(np.array([10, 13, 16], "u1")) == 3.0
        assert interval_of(np.array([-128, 127], "i1")) == 255.0
        assert interval_of(np.array([2**52, 2**52 + 2, 2**52 + 5])) is None
        assert interval_of(np.array([2**60, 2**60 + 1])) is None
        assert interval_of(np.array([16000000, 16000008, 16000019, 16000024], "f4")) is None

    def test_sums_of_rounded_steps_are_ticks(self) -> None:
        assert interval_of(np.cumsum(np.full(100_000, 0.1))) is None
        assert interval_of(np.array([0.0, np.inf])) is None
        assert interval_of(np.array([-np.inf, 0.0, np.inf])) is None
        assert interval_of(np.array([-1.7e308, 1.7e308])) is None


class TestWithoutXarray:
    def test_the_error_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "xarray", None)
        array = nx.DataArray(name="a", type="t", data=[1])
        with pytest.raises(nx.MissingExtra, match=r"pip install 'nixschema\[xarray\]'") as caught:
            array.to_xarray()
        assert isinstance(caught.value, ImportError)
        assert caught.value.name == "xarray"
        with pytest.raises(nx.MissingExtra):
            nx.from_xarray(array)  # type: ignore[arg-type]

    def test_nothing_imports_it_before_it_is_needed(self) -> None:
        code = (
            "import sys\n"
            "import nixschema as nx\n"
            "nx.DataArray, nx.from_xarray, nx.from_pandas, nx.read\n"
            "from nixschema.cli import main\n"
            "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert not end.code\n"
            "assert not {'pandas', 'xarray'} & set(sys.modules)\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()


def test_no_warning_without_loss() -> None:
    array = xr.DataArray(np.zeros((2, 2)), dims=("x", "axis_2"), name="a")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert nx.from_xarray(array).dimensions[0].axis_label == "x"
