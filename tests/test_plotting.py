"""What `nixschema.plot` puts on the axes: labels, legends, lines, images and marks."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection, EventCollection, LineCollection, QuadMesh
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import nixschema as nx
from nixschema.array import Values
from nixschema.plotting.thinning import COLUMNS, Line

mpl.use("agg")

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


@pytest.fixture(autouse=True)
def _no_figures_left() -> Iterator[None]:
    yield
    pyplot.close("all")


def sampled(interval: float = 1.0, **fields: Any) -> nx.SampledDimension:
    given: dict[str, Any] = {"sampling_interval": interval, "label": "time", "unit": "ms"}
    return nx.SampledDimension(**given | fields)


def array(data: Any, *dimensions: Any, **fields: Any) -> nx.DataArray:
    given = {"name": "lfp", "type": "t", "label": "potential", "unit": "mV"} | fields
    return nx.DataArray(data=data, dimensions=list(dimensions), **given)


def in_block(*arrays: nx.DataArray, **members: Any) -> nx.Block:
    return nx.Block(name="b", type="t", data_arrays=list(arrays), **members)


def drawn(ax: Axes) -> Axes:
    """The axes, drawn: whatever matplotlib has to say, it says now."""
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    figure.canvas.draw()
    return ax


def ticks(axis: Any) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


def legend(ax: Axes) -> list[str]:
    found = ax.get_legend()
    return [] if found is None else [text.get_text() for text in found.get_texts()]


def points(ax: Axes, number: int = 0) -> tuple[list[float], list[float]]:
    line = ax.lines[number]
    return np.asarray(line.get_xdata()).tolist(), np.asarray(line.get_ydata()).tolist()


def bars(ax: Axes) -> list[float]:
    return [bar.get_height() for bar in ax.patches if isinstance(bar, Rectangle)]


def boxes(collection: Collection) -> list[tuple[float, ...]]:
    """From where to where the shapes of a collection reach: left, right, bottom, top."""
    found = [path.get_extents() for path in collection.get_paths()]
    return [(box.x0, box.x1, box.y0, box.y1) for box in found]


def places(collection: Artist) -> list[float]:
    """Where the lines of a collection stand."""
    assert isinstance(collection, LineCollection)
    return [float(np.asarray(line)[0, 0]) for line in collection.get_segments()]


class TestOneAxis:
    def test_a_sampled_signal_is_a_line(self) -> None:
        ax = drawn(nx.plot(array([1.0, 3.0, 2.0], sampled(0.5, offset=10))))
        assert points(ax) == ([10, 10.5, 11], [1, 3, 2])
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (ms)", "potential (mV)")
        assert ax.get_title() == "lfp"
        assert ax.get_xlim() == (10, 11)

    def test_irregular_samples_are_marked(self) -> None:
        given = nx.RangeDimension(ticks=[0, 1, 5], unit="s", label="time")
        ax = drawn(nx.plot(array([1, 3, 2], given)))
        assert points(ax) == ([0, 1, 5], [1, 3, 2])
        assert ax.lines[0].get_marker() == "o"
        assert ax.get_xlabel() == "time (s)"

    def test_ticks_that_are_linked(self) -> None:
        times = array([0.0, 2.0, 3.0], nx.SetDimension(), name="times", label="at", unit="s")
        signal = array([1, 3, 2], nx.RangeDimension(link=nx.DimensionLink(array=times)))
        in_block(times, signal)
        ax = drawn(nx.plot(signal))
        assert points(ax)[0] == [0, 2, 3]
        assert ax.get_xlabel() == "at (s)"

    def test_a_set_is_bars(self) -> None:
        given = nx.SetDimension(labels=["a", "b", "c"], label="place")
        ax = drawn(nx.plot(array([1, -3, 2], given)))
        assert bars(ax) == [1, -3, 2]
        assert ticks(ax.xaxis) == ["a", "b", "c"]
        assert ax.get_xlabel() == "place"

    def test_a_set_without_labels_is_numbered(self) -> None:
        ax = drawn(nx.plot(array([1, 3, 2], nx.SetDimension())))
        assert ticks(ax.xaxis) == ["0", "1", "2"]
        assert ax.get_xlabel() == "axis 1"

    def test_a_large_set_is_markers_and_few_labels(self) -> None:
        labels = [f"neuron {number}" for number in range(500)]
        ax = drawn(nx.plot(array(np.arange(500), nx.SetDimension(labels=labels))))
        assert not ax.patches
        assert ax.lines[0].get_linestyle() == "None"
        assert points(ax)[1] == list(range(500))
        assert ticks(ax.xaxis)[:2] == ["neuron 0", "neuron 17"]

    def test_rows_of_a_frame(self) -> None:
        rows = np.array([(1, "a"), (2, "b")], [("n", "i8"), ("unit id", object)])
        frame = nx.DataFrame(name="units", type="t", data=rows)
        by_row = array([5, 6], nx.DataFrameDimension(data_frame=frame, column=1))
        nx.Block(name="b", type="t", data_frames=[frame], data_arrays=[by_row])
        ax = drawn(nx.plot(by_row))
        assert ticks(ax.xaxis) == ["a", "b"]
        assert ax.get_xlabel() == "unit id"

    @pytest.mark.parametrize("alias", [False, True])
    def test_event_times_are_marks(self, alias: bool) -> None:
        events = array([1.0, 4.0, 9.0], label="spike time", unit="s")
        link = nx.DimensionLink(array=events, alias=alias)
        events.dimensions.append(nx.RangeDimension(link=link))
        ax = drawn(nx.plot(events))
        (marks,) = ax.collections
        assert isinstance(marks, EventCollection)
        assert list(marks.get_positions()) == [1, 4, 9]
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("spike time (s)", "")
        assert ax.get_yticks().tolist() == []

    def test_no_descriptor(self) -> None:
        ax = drawn(nx.plot(array([1, 3, 2])))
        assert points(ax) == ([0, 1, 2], [1, 3, 2])
        assert ax.get_xlabel() == "axis 1"

    def test_an_unknown_descriptor(self) -> None:
        ax = drawn(nx.plot(array([1, 3, 2], nx.UnknownDimension())))
        assert points(ax)[0] == [0, 1, 2]

    def test_booleans_are_steps(self) -> None:
        ax = drawn(nx.plot(array([True, False, True], sampled())))
        assert points(ax)[1] == [1, 0, 1]
        assert ax.lines[0].get_drawstyle() == "steps-post"
        assert ticks(ax.yaxis) == ["False", "True"]

    def test_text(self) -> None:
        ax = drawn(nx.plot(array(["wake", "sleep", "wake"], sampled())))
        assert points(ax)[1] == [0, 1, 0]
        assert ticks(ax.yaxis) == ["wake", "sleep"]
        ax = drawn(nx.plot(array(["wake", "sleep"], nx.SetDimension(labels=["a", "b"]))))
        assert (ticks(ax.xaxis), ticks(ax.yaxis)) == (["a", "b"], ["wake", "sleep"])

    def test_a_single_value(self) -> None:
        ax = drawn(nx.plot(array([3.0], sampled())))
        assert ax.lines[0].get_marker() == "o"

    @pytest.mark.parametrize("values", [[np.nan, 1.0, np.nan], [np.nan] * 3, [np.inf, 1, -np.inf]])
    def test_what_is_no_number(self, values: list[float]) -> None:
        for dimension in (sampled(), nx.SetDimension(), nx.RangeDimension(ticks=[0, 1, 2])):
            drawn(nx.plot(array(values, dimension)))

    @pytest.mark.parametrize("shape", [(0,), (0, 5), (3, 0)])
    def test_nothing(self, shape: tuple[int, ...]) -> None:
        dimensions = [sampled(), nx.SetDimension()][: len(shape)]
        ax = drawn(nx.plot(array(np.empty(shape), *dimensions)))
        assert [text.get_text() for text in ax.texts] == ["no values"]
        assert "time (ms)" in (ax.get_xlabel(), ax.get_ylabel())


class TestLabels:
    def test_the_name_stands_in_for_the_label(self) -> None:
        ax = nx.plot(array([1, 2], nx.SampledDimension(sampling_interval=1), label=None))
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("axis 1", "lfp (mV)")

    @pytest.mark.parametrize("unit", ["", "none", None])
    def test_no_unit(self, unit: str | None) -> None:
        ax = nx.plot(array([1, 2], sampled(unit=unit), unit=unit))
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("time", "potential")

    @pytest.mark.parametrize("text", ["$x", "a$\\broken$", "_x", "two\nlines", "\x01", "x" * 500])
    def test_odd_texts(self, text: str) -> None:
        given = nx.SetDimension(labels=[text, "b"], label=text)
        stacked = array(np.ones((2, 3)), given, sampled(label=text), name=text, label=text)
        ax = drawn(nx.plot(stacked))
        assert len(legend(ax)) == 2
        drawn(nx.plot(array([1, 2], nx.SetDimension(labels=[text, "b"]), name=text)))

    def test_long_labels_are_turned(self) -> None:
        labels = [f"a rather long name of a place, {number}" for number in range(6)]
        ax = drawn(nx.plot(array(np.arange(6), nx.SetDimension(labels=labels))))
        assert {label.get_rotation() for label in ax.get_xticklabels()} == {30}


class TestCalibration:
    def test_values_are_those_meant(self) -> None:
        given = array([1, 2], sampled(), polynom_coefficients=[10, 2], expansion_origin=1)
        ax = nx.plot(given)
        assert points(ax)[1] == [10, 12]
        assert ax.get_ylabel() == "potential (mV)"

    def test_or_those_stored(self) -> None:
        given = array([1, 2], sampled(), polynom_coefficients=[10, 2], expansion_origin=1)
        ax = nx.plot(given, calibrated=False)
        assert points(ax)[1] == [1, 2]
        assert ax.get_ylabel() == "potential (as stored)"


class TestTwoAxes:
    @pytest.mark.parametrize("first", ["set", "time"])
    def test_a_line_for_each_element(self, first: str) -> None:
        values = np.array([[1, 2, 3], [4, 5, 6]])
        channels = nx.SetDimension(labels=["left", "right"], label="electrode")
        given = (
            array(values, channels, sampled(2))
            if first == "set"
            else array(values.T, sampled(2), channels)
        )
        ax = drawn(nx.plot(given))
        assert points(ax, 0) == ([0, 2, 4], [1, 2, 3])
        assert points(ax, 1) == ([0, 2, 4], [4, 5, 6])
        assert legend(ax) == ["left", "right"]
        found = ax.get_legend()
        assert found is not None
        assert found.get_title().get_text() == "electrode"
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (ms)", "potential (mV)")

    def test_elements_without_labels(self) -> None:
        ax = drawn(nx.plot(array(np.ones((2, 3)), nx.SetDimension(), sampled())))
        assert legend(ax) == ["axis 1 0", "axis 1 1"]
        ax = drawn(nx.plot(array(np.ones((2, 3)), nx.SetDimension(label="channel"), sampled())))
        assert legend(ax) == ["channel 0", "channel 1"]

    def test_an_image(self) -> None:
        values = np.arange(6.0).reshape(2, 3)
        given = array(values, sampled(2, unit="Hz", label="frequency"), sampled(0.5, offset=10))
        ax = drawn(nx.plot(given))
        (image,) = ax.images
        assert np.array_equal(np.asarray(image.get_array()), values)
        assert list(image.get_extent()) == [9.75, 11.25, -1, 3]
        assert image.origin == "lower"
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (ms)", "frequency (Hz)")
        assert image.colorbar is not None
        assert image.colorbar.ax.get_ylabel() == "potential (mV)"

    def test_an_image_at_irregular_positions(self) -> None:
        given = array(np.arange(6.0).reshape(2, 3), sampled(2), nx.RangeDimension(ticks=[0, 1, 3]))
        ax = drawn(nx.plot(given))
        (mesh,) = ax.collections
        assert isinstance(mesh, QuadMesh)
        corners = np.asarray(mesh.get_coordinates())
        assert corners[0, :, 0].tolist() == [-0.5, 0.5, 2, 4]
        assert corners[:, 0, 1].tolist() == [-1, 1, 3]

    def test_two_sets_are_a_matrix(self) -> None:
        rows, columns = (nx.SetDimension(labels=list(names)) for names in ("ab", "xyz"))
        ax = drawn(nx.plot(array(np.ones((2, 3)), rows, columns)))
        assert (ticks(ax.yaxis), ticks(ax.xaxis)) == (["a", "b"], ["x", "y", "z"])
        assert len(ax.images) == 1

    def test_many_channels_are_an_image(self) -> None:
        channels = nx.SetDimension(labels=[f"ch{number}" for number in range(64)])
        ax = drawn(nx.plot(array(np.ones((64, 10)), channels, sampled())))
        assert len(ax.images) == 1
        assert ticks(ax.yaxis)[:2] == ["ch0", "ch3"]

    def test_a_large_image_is_made_of_means(self) -> None:
        values = np.arange(4 * 10_000, dtype=np.float64).reshape(4, 10_000)
        values[0, 0] = np.nan
        ax = drawn(nx.plot(array(values, sampled(), sampled())))
        (image,) = ax.images
        shown = np.asarray(image.get_array())
        assert shown.shape == (4, 2000)
        assert shown[0, 0] == values[0, 1:5].mean()
        assert np.allclose(shown[1:], values[1:].reshape(3, 2000, 5).mean(axis=2))
        assert list(image.get_extent()) == [-0.5, 9999.5, -0.5, 3.5]


class TestPictures:
    COLOURS = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)

    def sides(self, **fields: Any) -> tuple[Any, Any, Any]:
        return sampled(1, label="y"), sampled(2, label="x"), nx.SetDimension(**fields)

    def pixels(self, ax: Axes) -> Values:
        (image,) = drawn(ax).images
        return np.asarray(image.get_array())

    def test_colours_last(self) -> None:
        ax = nx.plot(array(self.COLOURS, *self.sides()))
        assert np.allclose(self.pixels(ax), self.COLOURS / 255)
        assert list(ax.images[0].get_extent()) == [-1, 7, 1.5, -0.5]
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("x (ms)", "y (ms)")

    def test_colours_first(self) -> None:
        y, x, colours = self.sides()
        ax = nx.plot(array(np.moveaxis(self.COLOURS, -1, 0), colours, y, x))
        assert np.allclose(self.pixels(ax), self.COLOURS / 255)

    def test_colours_by_their_labels(self) -> None:
        ax = nx.plot(array(self.COLOURS, *self.sides(labels=["B", "G", "R"])))
        assert np.allclose(self.pixels(ax), self.COLOURS[..., ::-1] / 255)
        swapped = np.swapaxes(self.COLOURS, 0, 2)
        y, x, _ = self.sides()
        ax = nx.plot(array(swapped, nx.SetDimension(labels=["red", "green", "blue"]), x, y))
        assert np.allclose(self.pixels(ax)[..., 0], swapped[0] / 255)

    @pytest.mark.parametrize(
        ("values", "full"),
        [
            (COLOURS.astype(np.uint16) * 2000, 65_535),
            (COLOURS.astype(np.int64), 255),
            (COLOURS.astype(np.int64) * 2000, 65_535),
            (COLOURS / 255, 1),
            (COLOURS.astype(np.float64), 255),
        ],
    )
    def test_brightness(self, values: Values, full: float) -> None:
        ax = nx.plot(array(values, *self.sides()))
        assert np.allclose(self.pixels(ax), values / full)

    def test_transparency(self) -> None:
        values = np.arange(32, dtype=np.uint8).reshape(2, 4, 4)
        assert self.pixels(nx.plot(array(values, *self.sides()))).shape == (2, 4, 4)


class TestParts:
    def test_a_slice(self) -> None:
        ax = nx.plot(array(np.arange(10), sampled(2)), key=np.s_[3:6])
        assert points(ax) == ([6, 8, 10], [3, 4, 5])

    def test_an_index_takes_an_axis(self) -> None:
        values = np.arange(24).reshape(2, 3, 4)
        stack = array(values, nx.SetDimension(), nx.SetDimension(labels=list("abc")), sampled())
        ax = nx.plot(stack, key=np.s_[-1])
        assert points(ax, 1) == ([0, 1, 2, 3], values[1, 1].tolist())
        ax = nx.plot(stack, key=np.s_[0, 1:, 2])
        assert bars(ax) == values[0, 1:, 2].tolist()
        assert ticks(ax.xaxis) == ["b", "c"]
        ax = nx.plot(stack, key=np.s_[..., 1:3, 0])
        assert ticks(ax.xaxis) == ["b", "c"]
        with pytest.raises(ValueError, match="numbers can along one axis or two"):
            nx.plot(stack, key=np.s_[:, :, :2])

    @pytest.mark.parametrize(
        ("key", "error", "message"),
        [
            (np.s_[7], IndexError, "no element 7 in axis 1 of 5"),
            (np.s_[0, 0], IndexError, "2 indices for an array of 1 axes"),
            (np.s_[::2], ValueError, "leave out the step"),
            (np.s_[2], ValueError, "a single value"),
            ("a", TypeError, "integer"),
        ],
    )
    def test_what_is_no_part(self, key: Any, error: type[Exception], message: str) -> None:
        with pytest.raises(error, match=message):
            nx.plot(array(np.arange(5), sampled()), key=key)


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (None, "has no data"),
            (np.zeros((2, 5, 6)), r"Draw a part of it: nx.plot\(array, key=.*\[:, :, 0\]"),
            (np.zeros((2, 2, 5, 6)), r"key=.*\[:, :, 0, 0\]"),
            (np.full((2, 2), "a"), r"text can along one axis.*\[:, 0\]"),
            (np.zeros(3, complex), "its values are complex128"),
            (np.zeros(3, [("a", "i8")]), "cannot be drawn"),
            ([f"{number}" for number in range(60)], "more than 50 different texts"),
        ],
    )
    def test_arrays(self, data: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            nx.plot(array(data))
        assert pyplot.get_fignums() == []

    def test_other_kinds(self) -> None:
        with pytest.raises(TypeError, match="data arrays, data frames, tags and multi tags can"):
            nx.plot(nx.Section(name="s", type="t"))  # type: ignore[call-overload]

    def test_dimensions_that_do_not_fit(self) -> None:
        with pytest.raises((ValueError, IndexError)):
            nx.plot(array([1, 2, 3], nx.RangeDimension(ticks=[1, 2])))
        with pytest.raises(ValueError, match="do not ascend"):
            nx.plot(array([1, 2, 3], nx.RangeDimension(ticks=[1, 3, 2])))
        assert pyplot.get_fignums() == []

    def test_links_that_lead_nowhere(self) -> None:
        signal = array([1], nx.RangeDimension(link=nx.DimensionLink(array="gone")))
        in_block(signal)
        with pytest.raises(nx.UnresolvedReference):
            nx.plot(signal)

    def test_without_matplotlib(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(nx.MissingExtra, match=r"pip install 'nixschema\[plot\]'"):
            nx.plot(array([1, 2], sampled()))


class TestPlaces:
    def test_axes_that_are_given(self) -> None:
        figure = Figure()
        ax = figure.subplots()
        assert nx.plot(array([1, 2], sampled()), ax=ax) is ax
        assert pyplot.get_fignums() == []

    def test_a_figure_that_is_given(self) -> None:
        figure = Figure()
        ax = nx.plot(array([1, 2], sampled()), figure=figure)
        assert ax.get_figure() is figure
        assert pyplot.get_fignums() == []

    def test_a_new_figure(self) -> None:
        nx.plot(array([1, 2], sampled()))
        assert len(pyplot.get_fignums()) == 1

    def test_as_many_axes_as_panels(self) -> None:
        one, two = array([1, 2], sampled()), array([1, 2], sampled(), name="two")
        tag = nx.Tag(name="t", type="t", position=[0], references=[one, two])
        in_block(one, two, tags=[tag])
        axes = Figure().subplots(1, 2)
        assert nx.plot(tag, ax=list(axes)) == list(axes)
        with pytest.raises(ValueError, match="2 panels are drawn, and 1 axes are given"):
            nx.plot(tag, ax=axes[0])


class Computed:
    """A source of values that are nowhere but where they are asked for."""

    chunks = None
    stored_type = None
    is_stored = True
    identity = ()
    dtype = np.dtype(np.float64)

    def __init__(self, *shape: int) -> None:
        self.shape = shape
        self.largest = 0

    def read(self, selection: tuple[Any, ...]) -> Values:
        one = selection[-1]
        count = one.stop - one.start
        values = np.sin(np.arange(one.start, one.stop) * (200 / self.shape[-1]))
        if one.start <= self.shape[-1] // 3 < one.stop:
            values[self.shape[-1] // 3 - one.start] = 50.0
        self.largest = max(self.largest, count)
        if len(selection) == 1:
            return values
        return np.tile(values, (len(range(self.shape[0])[selection[0]]), 1))


class TestLongArrays:
    def long(self, length: int, *dimensions: Any) -> tuple[nx.DataArray, Computed]:
        source = Computed(length)
        return array(nx.Array(source), *dimensions), source

    def test_up_to_a_length_every_sample_is_drawn(self) -> None:
        values = np.random.default_rng(1).normal(size=50_000)
        assert points(nx.plot(array(values, sampled())))[1] == values.tolist()

    def test_of_more_those_that_show(self) -> None:
        values = np.random.default_rng(1).normal(size=500_000)
        values[1000:1010] = np.nan
        x, y = map(np.array, points(nx.plot(array(values, sampled(0.5)))))
        assert len(x) <= 4 * (COLUMNS + 1)
        assert (x[0], x[-1]) == (0, 249_999.5)
        indices = (x / 0.5).astype(int)
        assert np.all(np.diff(indices) > 0)
        assert np.array_equal(values[indices], y, equal_nan=True)
        columns = np.floor(x / (249_999.5 / COLUMNS))
        of_all = np.floor(np.arange(500_000) * 0.5 / (249_999.5 / COLUMNS))
        for column in (0, 1, 17, 2500, COLUMNS - 1):
            inside = values[of_all == column]
            assert np.nanmax(y[columns == column]) == np.nanmax(inside)
            assert np.nanmin(y[columns == column]) == np.nanmin(inside)

    def test_irregular_samples(self) -> None:
        random = np.random.default_rng(1)
        times, values = np.sort(random.random(200_000)) ** 8, random.normal(size=200_000)
        x, y = map(np.array, points(nx.plot(array(values, nx.RangeDimension(ticks=times)))))
        assert len(x) <= 4 * (COLUMNS + 1)
        assert (x[0], x[-1], y.max(), y.min()) == (times[0], times[-1], values.max(), values.min())
        with pytest.raises(ValueError, match="do not ascend"):
            nx.plot(array(values, nx.RangeDimension(ticks=times[::-1])))
        with pytest.raises(ValueError, match="10 ticks for 200,000 elements"):
            nx.plot(array(values, nx.RangeDimension(ticks=times[:10])))

    def test_stacked_signals(self) -> None:
        values = np.random.default_rng(1).normal(size=(200_000, 3))
        ax = nx.plot(array(values, sampled(), nx.SetDimension()))
        for number in range(3):
            x, y = points(ax, number)
            assert len(x) <= 4 * (COLUMNS + 1)
            assert (max(y), min(y)) == (values[:, number].max(), values[:, number].min())

    def test_events(self) -> None:
        times = np.sort(np.random.default_rng(1).random(300_000))
        events = array(times)
        events.dimensions.append(nx.RangeDimension(link=nx.DimensionLink(array=events)))
        (marks,) = nx.plot(events).collections
        assert isinstance(marks, EventCollection)
        shown = np.asarray(marks.get_positions())
        assert len(shown) <= COLUMNS + 1
        assert shown[0] == times[0]

    @pytest.mark.parametrize("length", [10**7, pytest.param(10**8, marks=pytest.mark.slow)])
    def test_memory_is_bounded(self, length: int) -> None:
        given, source = self.long(length, sampled(1e-4))
        nx.plot(array([1, 2], sampled()))  # Imports what is needed.
        tracemalloc.start()
        try:
            _, y = points(nx.plot(given))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert max(y) == 50.0
        assert peak < 100e6
        assert source.largest < length / 10

    def test_images_are_bounded_too(self) -> None:
        source = Computed(30, 10**6)
        given = array(nx.Array(source), nx.SetDimension(), sampled(1e-3))
        nx.plot(array(np.ones((3, 3)), sampled(), sampled()))  # Imports what is needed.
        tracemalloc.start()
        try:
            (image,) = nx.plot(given).images
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert np.asarray(image.get_array()).shape == (30, 2000)
        assert np.allclose(image.get_extent(), [-0.0005, 999.9995, -0.5, 29.5])
        assert peak < 100e6

    def test_an_image_of_many_ticks(self) -> None:
        times = np.sort(np.random.default_rng(1).random(60_000))
        ax = nx.plot(array(np.ones((2, 60_000)), sampled(), nx.RangeDimension(ticks=times)))
        (mesh,) = ax.collections
        assert isinstance(mesh, QuadMesh)
        edges = np.asarray(mesh.get_coordinates())[0, :, 0]
        assert edges[1:3].tolist() == [(times[29] + times[30]) / 2, (times[59] + times[60]) / 2]

    def test_a_line_keeps_gaps(self) -> None:
        line = Line((0, 99), exact=False)
        values = np.ones(100)
        values[50] = np.nan
        line.add(np.arange(100.0), values)
        assert np.isnan(line.points()[1]).sum() == 1

    def test_values_that_cannot_be_in_the_file(self) -> None:
        given, source = self.long(10**9, sampled())
        source.is_stored = False
        with pytest.raises(ValueError, match="not in the file"):
            nx.plot(given)


class TestTags:
    def signal(self, *extra: Any, **fields: Any) -> nx.DataArray:
        return array(np.sin(np.arange(100)), sampled(10), *extra, **fields)

    def test_a_region_is_shaded(self) -> None:
        signal = self.signal()
        tag = nx.Tag(
            name="stimulus", type="t", position=[0.2], extent=[0.3], units=["s"],
            references=[signal],
        )  # fmt: skip
        in_block(signal, tags=[tag])
        (ax,) = nx.plot(tag)
        drawn(ax)
        assert boxes(ax.collections[0]) == [(200, 500, 0, 1)]
        assert legend(ax) == ["stimulus"]
        assert ax.get_xlim() == (0, 990)
        assert ax.get_title() == "lfp"

    def test_a_point_is_a_line(self) -> None:
        signal = self.signal()
        tag = nx.Tag(name="onset", type="t", position=[300], references=[signal])
        in_block(signal, tags=[tag])
        (ax,) = nx.plot(tag)
        assert points(ax, 1)[0] == [300, 300]
        assert legend(ax) == ["onset"]

    def test_many_points(self) -> None:
        signal = self.signal()
        spikes = nx.MultiTag(
            name="spikes", type="t", positions=[0.1, 0.2, 0.7], units=["s"], references=[signal]
        )
        in_block(signal, multi_tags=[spikes])
        (ax,) = nx.plot(spikes)
        drawn(ax)
        assert places(ax.collections[0]) == [100, 200, 700]
        assert legend(ax) == ["spikes"]
        assert ax.get_ylim()[1] > 1.1

    def test_many_regions(self) -> None:
        signal = self.signal()
        trials = nx.MultiTag(
            name="trials", type="t", positions=[100, 500], extents=[50, 100], references=[signal]
        )
        in_block(signal, multi_tags=[trials])
        (ax,) = nx.plot(trials)
        assert boxes(ax.collections[0]) == [(100, 150, 0, 1), (500, 600, 0, 1)]

    def test_calibrated_positions(self) -> None:
        signal = self.signal()
        times = array([1, 2], nx.SetDimension(), name="times", polynom_coefficients=[0, 100])
        spikes = nx.MultiTag(name="spikes", type="t", positions=times, references=[signal])
        in_block(signal, times, multi_tags=[spikes])
        (ax,) = nx.plot(spikes)
        assert places(ax.collections[0]) == [100, 200]

    def test_a_panel_for_each_reference(self) -> None:
        one, two = self.signal(), array([1, 2, 3], nx.SetDimension(labels=list("abc")), name="two")
        tag = nx.Tag(name="t", type="t", position=[1], extent=[1], references=[one, two])
        in_block(one, two, tags=[tag])
        panels = nx.plot(tag)
        assert [ax.get_title() for ax in panels] == ["lfp", "two"]
        assert boxes(panels[1].collections[0]) == [(0.5, 1.5, 0, 1)]

    def test_marks_have_the_colour_of_their_line(self) -> None:
        waves = nx.read(EXAMPLES / "waveforms.nix").blocks[0].data_arrays[0].copy()
        spikes = nx.MultiTag(
            name="spikes", type="t", positions=[[0, 1.0], [1, 2.0], [1, 3.0]],
            units=["", "s"], references=[waves],
        )  # fmt: skip
        in_block(waves, multi_tags=[spikes])
        (ax,) = nx.plot(spikes)
        drawn(ax)
        first, second = ax.collections
        assert (places(first), places(second)) == ([1], [2, 3])
        for marks, line in zip((first, second), ax.lines, strict=True):
            assert tuple(np.asarray(marks.get_edgecolor())[0]) == to_rgba(line.get_color())
        assert legend(ax) == ["sin", "cos", "spikes"]

    def test_rectangles_and_points_in_an_image(self) -> None:
        image = array(np.ones((10, 20)), sampled(2, unit="Hz"), sampled(0.1, unit="s"))
        tag = nx.MultiTag(
            name="parts", type="t", positions=[[4, 500], [6, 100]], extents=[[8, 1000], [0, 0]],
            units=["Hz", "ms"], references=[image],
        )  # fmt: skip
        in_block(image, multi_tags=[tag])
        (ax,) = nx.plot(tag)
        drawn(ax)
        circles, outlines = ax.collections
        assert np.asarray(circles.get_offsets()).tolist() == [[0.1, 6]]
        assert boxes(outlines) == [(0.5, 1.5, 4, 12)]
        assert legend(ax) == ["parts"]

    def test_an_axis_without_position_is_whole(self) -> None:
        image = array(np.ones((10, 20)), sampled(2, unit="Hz"), sampled(0.1, unit="s"))
        tag = nx.Tag(name="band", type="t", position=[4], extent=[8], references=[image])
        in_block(image, tags=[tag])
        (ax,) = nx.plot(tag)
        assert np.allclose(boxes(ax.collections[0]), [(0, 1.9, 4, 12)])

    def test_what_lies_outside_is_told(self) -> None:
        signal = self.signal()
        tag = nx.Tag(name="late", type="t", position=[5000], references=[signal])
        spikes = nx.MultiTag(
            name="spikes",
            type="t",
            positions=[10, np.nan, 2000, 1e308],
            extents=[1, 1, 1, 1e308],
            references=[signal],
        )
        in_block(signal, tags=[tag], multi_tags=[spikes])
        assert nx.plot(tag)[0].get_title() == "lfp\nlate lies outside"
        (ax,) = nx.plot(spikes)
        assert ax.get_title() == "lfp\nspikes: 3 of 4 lie outside"
        assert ax.get_xlim() == (0, 990)

    def test_an_array_that_cannot_be_marked_is_told(self) -> None:
        one, two = self.signal(), array([1, 2], sampled(unit="m"), name="two")
        three = array(np.zeros((2, 2, 5)), name="three")
        tag = nx.Tag(name="t", type="t", position=[0.5], units=["s"], references=[one, two, three])
        in_block(one, two, three, tags=[tag])
        first, second = nx.plot(tag)
        assert first.get_title() == "lfp\n1 more not drawn"
        assert second.get_title().startswith("two\nt is not marked: ")

    def test_a_multi_tag_without_references_is_events(self) -> None:
        times = array([1.0, 4.0], nx.SetDimension(), name="times", label=None, unit="s")
        spikes = nx.MultiTag(name="spikes", type="t", positions=times)
        epochs = nx.MultiTag(
            name="epochs", type="t", positions=[1, 5, 8], extents=[1, 0, 2], units=["ms"]
        )
        in_block(times, multi_tags=[spikes, epochs])
        (ax,) = nx.plot(spikes)
        assert places(ax.collections[0]) == [1, 4]
        assert (ax.get_xlabel(), ax.get_title()) == ("position (s)", "spikes")
        (ax,) = nx.plot(epochs)
        assert places(ax.collections[0]) == [5]
        assert boxes(ax.collections[1]) == [(1, 2, 0, 1), (8, 10, 0, 1)]
        assert ax.get_xlabel() == "position (ms)"
        silent = nx.MultiTag(name="silent", type="t", positions=np.empty(0))
        assert nx.plot(silent)[0].texts[0].get_text() == "no values"
        plane = nx.MultiTag(name="plane", type="t", positions=[[1, 2], [3, 4]])
        with pytest.raises(ValueError, match="lie on no line"):
            nx.plot(plane)

    def test_as_many_panels_as_fit(self) -> None:
        arrays = [array([1, 2], sampled(), name=f"a{number}") for number in range(23)]
        tag = nx.Tag(name="t", type="t", position=[0], references=arrays)
        in_block(*arrays, tags=[tag])
        panels = nx.plot(tag)
        assert len(panels) == 20
        assert panels[0].get_title() == "a0\n3 more not drawn"

    def test_an_array_that_turns_out_odd_is_told(self) -> None:
        texts = array([str(number) for number in range(60)], sampled(), name="texts")
        signal = self.signal()
        tag = nx.Tag(name="t", type="t", position=[1], references=[texts, signal])
        in_block(texts, signal, tags=[tag])
        first, second = nx.plot(tag)
        assert first.get_title().startswith("texts\ncannot be drawn: ")
        assert second.get_title() == "lfp"
        tag.references = [texts]
        with pytest.raises(ValueError, match="different texts"):
            nx.plot(tag)
        assert len(pyplot.get_fignums()) == 1

    def test_nothing_to_draw(self) -> None:
        tag = nx.Tag(name="t", type="t", position=[1])
        with pytest.raises(ValueError, match="refers to no array"):
            nx.plot(tag)
        two = array([1, 2], sampled(unit="m"), name="two")
        tag = nx.Tag(name="t", type="t", position=[1], units=["s"], references=[two])
        in_block(two, tags=[tag])
        with pytest.raises(nx.UnitError):
            nx.plot(tag)
        lost = nx.MultiTag(name="m", type="t", references=["gone"])
        nx.Block(name="b", type="t", multi_tags=[lost])
        with pytest.raises(nx.UnresolvedReference):
            nx.plot(lost)
        assert pyplot.get_fignums() == []

    def test_an_array_without_values(self) -> None:
        empty = array(np.empty(0), sampled())
        tag = nx.MultiTag(name="m", type="t", positions=[1.0], references=[empty])
        in_block(empty, multi_tags=[tag])
        assert drawn(nx.plot(tag)[0]).texts[0].get_text() == "no values"

    @pytest.mark.parametrize("extents", [False, True])
    def test_a_hundred_thousand_positions(self, extents: bool) -> None:
        signal = array(np.zeros(1000), sampled(10))
        times = np.random.default_rng(1).random(100_000) * 20_000 - 5_000
        spikes = nx.MultiTag(name="s", type="t", positions=times, references=[signal])
        if extents:
            spikes.extents = np.full(100_000, 0.01)
        in_block(signal, multi_tags=[spikes])
        (ax,) = nx.plot(spikes)
        assert len(ax.collections[0].get_paths()) <= COLUMNS + 1

    def test_many_rectangles(self) -> None:
        image = array(np.ones((100, 100)), sampled(1), sampled(1))
        corners = np.random.default_rng(1).random((25_000, 2)) * 90
        tag = nx.MultiTag(
            name="parts", type="t", positions=corners, extents=np.ones_like(corners),
            references=[image],
        )  # fmt: skip
        in_block(image, multi_tags=[tag])
        (ax,) = nx.plot(tag)
        assert len(ax.collections[0].get_paths()) <= 10_000
        assert legend(ax) == ["parts (1 in 3)"]


class TestFrames:
    ROWS = np.array(
        [(0, 1.0, "a", 5.0), (1, 2.0, "b", np.nan), (2, 4.0, "c", 7.0)],
        [("number", "i8"), ("left", "f8"), ("name", object), ("right", "f4")],
    )

    def test_columns_by_unit(self) -> None:
        frame = nx.DataFrame(name="frame", type="t", data=self.ROWS)
        frame.column("left").unit = frame.column("right").unit = "mV"
        first, second = map(drawn, nx.plot(frame))
        assert points(first) == ([0, 1, 2], [0, 1, 2])
        assert first.get_ylabel() == "number"
        assert points(second, 0)[1] == [1, 2, 4]
        assert (second.get_xlabel(), second.get_ylabel()) == ("row", "(mV)")
        assert legend(second) == ["left", "right"]

    def test_no_numbers(self) -> None:
        rows = np.array([("a",)], [("name", object)])
        with pytest.raises(ValueError, match="no column of numbers"):
            nx.plot(nx.DataFrame(name="frame", type="t", data=rows))
        with pytest.raises(ValueError, match="no data"):
            nx.plot(nx.DataFrame(name="frame", type="t"))

    def test_no_rows(self) -> None:
        frame = nx.DataFrame(name="frame", type="t", data=self.ROWS[:0])
        assert drawn(nx.plot(frame)[0]).texts[0].get_text() == "no values"

    def test_no_key(self) -> None:
        frame = nx.DataFrame(name="frame", type="t", data=self.ROWS)
        with pytest.raises(TypeError, match="a part of a data array"):
            nx.plot(frame, key=1)  # type: ignore[call-overload]
