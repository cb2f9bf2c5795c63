"""Axes: which element lies where, on every kind of axis, against definitions by brute force."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import nixschema as nx
from nixschema.array import Array, MemorySource
from nixschema.model.units import PREFIXES
from tests.working.exact import Axis, Outside, by_definition

MODES: tuple[Any, ...] = ("at_or_before", "before", "at_or_after", "after", "nearest")
RULES: tuple[Any, ...] = ("exclusive", "inclusive")
EPS = float(np.finfo(float).eps)


def described(dimension: Any, length: int) -> Any:
    """The dimension as that of an array with so many elements."""
    array = nx.DataArray(name="a", type="t", data=np.arange(float(length)), dimensions=[dimension])
    return array.dimensions[0]


def sampled(interval: float, offset: float | None = None, unit: str | None = None) -> Any:
    return nx.SampledDimension(sampling_interval=interval, offset=offset, unit=unit)


def of_frame(rows: int) -> Any:
    data = np.array([(i,) for i in range(rows)], [("n", "i8")])
    return nx.DataFrameDimension(data_frame=nx.DataFrame(name="f", type="t", data=data))


def answer(ask: Callable[[], Any]) -> Any:
    """What is answered, or that there is no such element."""
    try:
        return ask()
    except nx.OutOfBounds:
        return "outside"


# Index and position are inverse


magnitudes = st.builds(lambda m, e: m * 10.0**e, st.floats(1, 9.999), st.integers(-12, 12))
offsets = st.one_of(st.none(), magnitudes, magnitudes.map(lambda one: -one))


def check_inverse(dimension: Any, index: int, position: Any, length: int, **more: Any) -> None:
    """A position is that of its element in every mode."""
    found = {mode: answer(lambda: dimension.index_of(position, mode, **more)) for mode in MODES}  # noqa: B023
    assert found["at_or_before"] == found["at_or_after"] == found["nearest"] == index
    assert found["before"] == (index - 1 if index else "outside")
    assert found["after"] == (index + 1 if index + 1 < length else "outside")


@given(interval=magnitudes, offset=offsets, index=st.integers(0, 10**6))
def test_a_sample_is_at_its_position(interval: float, offset: float | None, index: int) -> None:
    length = 10**6 + 1
    far = max(abs(offset or 0.0), abs((offset or 0.0) + index * interval))
    assume(interval > 16 * EPS * far)
    dimension = described_by_length(sampled(interval, offset), length)
    check_inverse(dimension, index, dimension.position_at(index), length)


def described_by_length(dimension: Any, length: int) -> Any:
    """The dimension of an array of which no value is needed."""
    values = np.broadcast_to(np.zeros(1, np.int8), (length,))
    array = nx.DataArray(name="a", type="t", data=values, dimensions=[dimension])
    return array.dimensions[0]


@pytest.mark.parametrize("offset", [None, 1.0, -3.7, 1e6])
@pytest.mark.parametrize("interval", [0.1, 1 / 3, 1 / 30000, 0.05, 1e-9 * 3, 7.0])
def test_every_sample_is_at_its_position(interval: float, offset: float | None) -> None:
    assume_exact = interval > 64 * EPS * abs(offset or 0)
    if not assume_exact:
        pytest.skip("positions are not distinct")
    numbers = np.arange(10_001)
    dimension = described(sampled(interval, offset), 10_002)
    for positions in (
        dimension.position_at(numbers),
        numbers * interval + (offset or 0.0),
        (offset or 0.0) + numbers / (1 / interval),
    ):
        for mode in ("at_or_before", "at_or_after", "nearest"):
            assert np.array_equal(dimension.index_of(positions, mode), numbers)
        assert np.array_equal(dimension.index_of(positions, "after"), numbers + 1)
        assert np.array_equal(dimension.index_of(positions[1:], "before"), numbers[:-1])


def test_the_positions_that_cpp_gets_wrong() -> None:
    dimension = described(sampled(0.1, 1.0), 10)
    for mode in ("at_or_before", "at_or_after", "nearest"):
        assert dimension.index_of(1.1, mode) == 1
        assert dimension.index_of(1.9, mode) == 9


@pytest.mark.parametrize("interval", [1e-4, 1 / 30000, 0.1])
def test_positions_that_were_summed_up_are_those_of_samples(interval: float) -> None:
    """As of spikes found in a simulation: nixio's own tutorials have them."""
    count = 1_000_000
    dimension = described_by_length(sampled(interval), count + 1)
    positions = np.cumsum(np.full(count, interval))
    for mode in ("at_or_before", "at_or_after", "nearest"):
        assert np.array_equal(dimension.index_of(positions, mode), np.arange(1, count + 1))


@given(
    ticks=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20),
    repeats=st.lists(st.integers(1, 3), min_size=20, max_size=20),
)
@example([-1e308, 1e308], [1] * 20)
@example([0.0, 5e-324], [1] * 20)
@example([-0.0, 0.0], [1] * 20)
def test_a_tick_is_at_its_position(ticks: list[float], repeats: list[int]) -> None:
    positions = [
        one for one, count in zip(sorted(ticks), repeats, strict=False) for _ in range(count)
    ]
    length = len(positions)
    dimension = described(nx.RangeDimension(ticks=positions), length)
    for tick in positions:
        first = min(i for i, one in enumerate(positions) if one == tick)
        last = max(i for i, one in enumerate(positions) if one == tick)
        assert dimension.index_of(tick) == last
        assert dimension.index_of(tick, "at_or_after") == first
        assert dimension.index_of(tick, "nearest") == first
        before = answer(lambda: dimension.index_of(tick, "before"))  # noqa: B023
        assert before == (first - 1 if first else "outside")
        after = answer(lambda: dimension.index_of(tick, "after"))  # noqa: B023
        assert after == (last + 1 if last + 1 < length else "outside")
        found = dimension.slice_of(tick, tick, stop_rule="inclusive")
        assert found == slice(first, last + 1)
    assert np.array_equal(dimension.position_at(np.arange(length)), positions)


@pytest.mark.parametrize(
    "make",
    [nx.SetDimension, lambda: nx.SetDimension(labels=list("abcdefg")), lambda: of_frame(7)],
    ids=["set", "labels", "frame"],
)
def test_what_is_counted_is_at_its_number(make: Callable[[], Any]) -> None:
    dimension = described(make(), 7)
    for number in range(7):
        assert dimension.position_at(number) == number
        check_inverse(dimension, number, float(number), 7)
        check_inverse(dimension, number, number, 7)
    assert dimension.position_at(-1) == 6.0


def test_a_label_is_at_its_number() -> None:
    dimension = described(nx.SetDimension(labels=["north", "south", "south"]), 3)
    assert [dimension.index_of(one) for one in ("north", "south")] == [0, 1]
    assert dimension.slice_of("north", "south") == slice(0, 1)
    assert dimension.slice_of("north", "south", stop_rule="inclusive") == slice(0, 2)
    assert dimension.axis().tolist() == ["north", "south", "south"]
    with pytest.raises(nx.OutOfBounds, match="no element is labelled `nort`: did you mean `north`"):
        dimension.index_of("nort")
    with pytest.raises(nx.OutOfBounds, match="no element is labelled"):
        dimension.slice_of("west")


@given(interval=magnitudes, offset=offsets, index=st.integers(0, 10**5))
def test_a_float32_is_at_its_sample(interval: float, offset: float | None, index: int) -> None:
    far = max(abs(offset or 0.0), abs((offset or 0.0) + index * interval))
    assume(interval > 16 * float(np.finfo(np.float32).eps) * far)
    dimension = described_by_length(sampled(interval, offset), 10**5 + 1)
    position = np.float32(dimension.position_at(index))
    assume(np.isfinite(position) and abs(position) > 1e-30)
    check_inverse(dimension, index, position, 10**5 + 1)
    assert dimension.index_of(np.array([position] * 3)).tolist() == [index] * 3


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=10))
def test_a_float32_is_at_its_tick(ticks: list[float]) -> None:
    ticks = sorted(ticks)
    gaps = np.diff(ticks)
    assume(np.all(gaps > 1e-5 * np.abs(ticks).max()) and np.all(np.abs(ticks) > 1e-30))
    dimension = described(nx.RangeDimension(ticks=ticks), len(ticks))
    for index, tick in enumerate(ticks):
        check_inverse(dimension, index, np.float32(tick), len(ticks))
        assert dimension.slice_of(np.float32(tick)).start == index
        assert dimension.slice_of(None, np.float32(tick)) == slice(0, index)
        both = dimension.slice_of(np.float32(ticks[0]), np.float32(tick), stop_rule="inclusive")
        assert both == slice(0, index + 1)


@pytest.mark.parametrize("pair", list(product(["", *PREFIXES], repeat=2)), ids="-".join)
def test_a_position_in_another_unit_is_the_same(pair: tuple[str, str]) -> None:
    mine, other = (f"{prefix}s" for prefix in pair)
    factor = Fraction(10) ** (PREFIXES.get(pair[0], 0) - PREFIXES.get(pair[1], 0))
    length = 2000
    numbers = np.arange(length)
    ticks = np.cumsum(np.linspace(0.1, 0.7, length))
    for dimension in (
        described(sampled(1 / 30, 0.7, mine), length),
        described(nx.RangeDimension(ticks=ticks, unit=mine), length),
    ):
        own = dimension.position_at(numbers)
        exact = np.array([float(Fraction(one) * factor) for one in own])
        for positions in (exact, nx.Unit(mine).convert(own, other), own * float(factor)):
            for mode in ("at_or_before", "at_or_after", "nearest"):
                assert np.array_equal(dimension.index_of(positions, mode, other), numbers)
        found = dimension.slice_of(exact[3], exact[8], unit=other)
        assert found == slice(3, 8)
        found = dimension.slice_of(exact[3], exact[8], unit=other, stop_rule="inclusive")
        assert found == slice(3, 9)
        assert dimension.index_of(own[5], unit="none") == dimension.index_of(own[5], unit="") == 5
        with pytest.raises(nx.UnitError, match="their dimensions differ"):
            dimension.index_of(1.0, unit="mV")


# Modes and ranges are what brute force says


def brute_index(elements: list[Fraction], position: Fraction, mode: str, *, clips: bool) -> Any:
    """The element by its definition; what lies behind the last sample is missing."""
    below = [i for i, one in enumerate(elements) if one < position]
    at = [i for i, one in enumerate(elements) if one == position]
    above = [i for i, one in enumerate(elements) if one > position]
    if mode == "nearest":
        return min(range(len(elements)), key=lambda i: (abs(elements[i] - position), i))
    found: list[int]
    if mode == "before":
        found = below[-1:]
    elif mode == "after":
        found = above[:1]
    else:
        found = at[-1:] or below[-1:] if mode == "at_or_before" else at[:1] or above[:1]
    return found[0] if found else "outside"


@given(
    interval=magnitudes,
    offset=offsets,
    length=st.integers(1, 30),
    place=st.integers(-3000, 33_000),
)
def test_samples_by_brute_force(
    interval: float, offset: float | None, length: int, place: int
) -> None:
    assume(interval > 1e6 * EPS * abs(offset or 0.0))
    assume(place % 1000 not in (0, 500))  # at an element, or in the middle
    dimension = described(sampled(interval, offset), length)
    elements = [Fraction(offset or 0.0) + i * Fraction(interval) for i in range(length)]
    position = float(Fraction(offset or 0.0) + Fraction(place, 1000) * Fraction(interval))
    beyond = place > length * 1000
    for mode in MODES:
        due = brute_index(elements, Fraction(position), mode, clips=False)
        if beyond and mode in ("at_or_before", "before"):
            due = "outside"
        if mode == "nearest" and not -500 < place < length * 1000 - 500:
            due = "outside"
        assert answer(lambda: dimension.index_of(position, mode)) == due  # noqa: B023


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=12), st.integers(-600, 600))
def test_ticks_by_brute_force(ticks: list[int], place: int) -> None:
    ticks = sorted(ticks)
    dimension = described(nx.RangeDimension(ticks=[float(one) for one in ticks]), len(ticks))
    elements = [Fraction(one) for one in ticks]
    position = Fraction(place, 10)
    halves = {2 * position - one for one in elements}
    for mode in MODES:
        if mode == "nearest" and halves & set(elements) and place % 10 and place % 5:
            continue
        due = brute_index(elements, position, mode, clips=True)
        assert answer(lambda: dimension.index_of(float(position), mode)) == due  # noqa: B023


KINDS: dict[str, tuple[Callable[[], Any], Axis]] = {
    "samples": (lambda: sampled(0.25, -0.5), Axis(12, 0.25, -0.5)),
    "ticks": (
        lambda: nx.RangeDimension(
            ticks=[-1.0, -0.5, -0.5, 0, 0.25, 0.5, 0.5, 0.5, 1, 1.5, 2, 2.25]
        ),
        Axis(12, ticks=np.array([-1.0, -0.5, -0.5, 0, 0.25, 0.5, 0.5, 0.5, 1, 1.5, 2, 2.25])),
    ),
    "set": (nx.SetDimension, Axis(12, 1.0, counts=True)),
    "labels": (
        lambda: nx.SetDimension(labels=list("abcdefghijkl")),
        Axis(12, 1.0, named=12, counts=True),
    ),
    "frame": (lambda: of_frame(12), Axis(12, 1.0, counts=True)),
}


@pytest.mark.parametrize("kind", KINDS)
@given(start=st.integers(-32, 128), extent=st.integers(0, 128), rule=st.sampled_from(RULES))
def test_a_slice_by_the_definition(kind: str, start: int, extent: int, rule: Any) -> None:
    make, axis = KINDS[kind]
    dimension = described(make(), 12)
    begin, length = start / 8, extent / 8
    found = answer(lambda: dimension.slice_of(begin, begin + length, stop_rule=rule))
    try:
        (due,) = by_definition([axis], [begin], [length], [], rule)
    except Outside:
        assert found == "outside"
        return
    if not extent and rule == "exclusive":
        assert found.start == found.stop == due[0]  # from a position to itself lies nothing
    else:
        assert found == slice(*due)
    from_here = answer(lambda: dimension.slice_of(begin))
    assert from_here == slice(due[0], 12)


def test_a_slice_without_ends() -> None:
    for make, _ in KINDS.values():
        dimension = described(make(), 12)
        assert dimension.slice_of() == slice(0, 12)
        assert dimension.slice_of(None, 2.25) == slice(0, dimension.index_of(2.25, "before") + 1)
        with pytest.raises(ValueError, match="from 2 to 1 ends before it begins"):
            dimension.slice_of(2, 1)
        with pytest.raises(ValueError, match="a stop rule is exclusive or inclusive, not 'x'"):
            dimension.slice_of(1, 2, stop_rule="x")
        with pytest.raises(ValueError, match=r"a mode is one of at_or_before, .*, not 'x'"):
            dimension.index_of(1, "x")
    free = sampled(0.5, 1.0)
    assert free.slice_of(2.0) == slice(2, None)
    assert free.slice_of(2.0, 3.0) == slice(2, 4)
    assert free.slice_of(None, 1e6) == slice(0, 1_999_998)
    assert free.axis(3).tolist() == [1.0, 1.5, 2.0]
    with pytest.raises(nx.OutOfBounds):
        free.slice_of(-5.0, 0.0)


# Arrays are what their numbers are


@pytest.mark.parametrize("kind", KINDS)
@given(
    st.lists(st.integers(0, 90), min_size=1, max_size=12),
    st.sampled_from(MODES),
    st.sampled_from([float, np.float32, np.float16]),
)
def test_numbers_and_arrays_agree(kind: str, places: list[int], mode: Any, dtype: Any) -> None:
    dimension = described(KINDS[kind][0](), 12)
    positions = np.array([one / 8 for one in places], dtype)
    one_by_one = [answer(lambda: dimension.index_of(one, mode)) for one in positions]  # noqa: B023
    at_once = answer(lambda: dimension.index_of(positions, mode))
    if "outside" in one_by_one:
        assert isinstance(at_once, str)
        return
    assert at_once.dtype == np.int64
    assert at_once.tolist() == one_by_one
    assert all(type(one) is int for one in one_by_one)
    table = dimension.index_of(positions.reshape(1, -1, 1), mode)
    assert table.shape == (1, len(places), 1)
    back = dimension.position_at(at_once)
    assert back.tolist() == [dimension.position_at(one) for one in one_by_one]
    assert all(type(dimension.position_at(one)) is float for one in one_by_one)
    assert dimension.index_of(positions.tolist(), mode).tolist() == one_by_one


def test_no_positions_are_no_elements() -> None:
    for make, _ in KINDS.values():
        dimension = described(make(), 12)
        assert dimension.index_of([]).tolist() == []
        assert dimension.position_at(np.array([], int)).tolist() == []
        assert dimension.axis(0).tolist() == []
        assert dimension.axis(3, 2).tolist() == dimension.axis().tolist()[2:5]
        with pytest.raises(nx.OutOfBounds):
            dimension.axis(13)
        with pytest.raises(ValueError, match="an axis begins at 0 or later"):
            dimension.axis(2, -1)


# Regions at once


class Counting:
    """A source that counts how often it is read, and how much."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self.reads: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.source, name)

    @property
    def stored_type(self) -> Any:
        return self.source.stored_type

    def read(self, selection: tuple[Any, ...]) -> Any:
        values = self.source.read(selection)
        self.reads.append(values.nbytes)
        return values


def marking(array: nx.DataArray, positions: Any, extents: Any = None) -> Any:
    """A multi tag of an array, in a block of their own."""
    starts = table("starts", positions)
    lengths = None if extents is None else table("lengths", extents)
    arrays = [one for one in (array, starts, lengths) if one is not None]
    multi = nx.MultiTag(name="m", type="t", positions=starts, extents=lengths, references=[array])
    nx.Block(name="b", type="t", data_arrays=arrays, multi_tags=[multi])
    return multi


def table(name: str, numbers: Any) -> nx.DataArray:
    """Numbers with a set for each axis."""
    values = np.asarray(numbers)
    sets = [nx.SetDimension() for _ in values.shape]
    return nx.DataArray(name=name, type="t", data=values, dimensions=sets)


def check_data(multi: Any, stop_rule: Any) -> Counting:
    """Data of all positions are those of each; returns the source, with what it has read."""
    array = multi.references[0]
    counting = Counting(array.data.source)
    regions = multi.regions(stop_rule=stop_rule)
    values = array.data.read()
    one_by_one = [values[tuple(region)] for region in regions]
    array.data.source = counting
    at_once = multi.data(stop_rule=stop_rule)
    array.data.source = counting.source
    assert len(at_once) == len(one_by_one)
    for one, two in zip(at_once, one_by_one, strict=True):
        assert one.dtype == two.dtype
        assert np.array_equal(one, two)
        assert one.flags.owndata
    return counting


def grid(shape: tuple[int, ...]) -> nx.DataArray:
    dimensions: list[Any] = [sampled(0.5), nx.SetDimension(), nx.RangeDimension()]
    if len(shape) > 2:
        dimensions[2].ticks = [float(2**i) for i in range(shape[2])]
    values = np.arange(math.prod(shape), dtype=np.int32).reshape(shape)
    return nx.DataArray(name="a", type="t", data=values, dimensions=dimensions[: len(shape)])


@st.composite
def tables(draw: st.DrawFn) -> tuple[tuple[int, ...], Any, Any]:
    """Shape of an array, positions and extents in it; few of them lie outside."""
    shape = draw(st.sampled_from([(40,), (20, 6), (12, 5, 4)]))
    count = draw(st.integers(0, 12))
    axes = draw(st.integers(1, len(shape)))
    numbers = st.integers(-2, 2 * shape[-1]).map(lambda one: one / 2)
    rows = [[draw(numbers) for _ in range(axes)] for _ in range(count)]
    lengths = st.integers(-1, 8).map(lambda one: one / 4)
    extents = [[draw(lengths) for _ in range(axes)] for _ in range(count)]
    shaped = np.array(rows, float).reshape(count, axes)
    return shape, shaped, np.array(extents, float).reshape(count, axes)


@given(tables(), st.sampled_from(RULES), st.booleans())
def test_regions_are_those_of_each_position(table: Any, stop_rule: Any, points: bool) -> None:
    shape, positions, extents = table
    array = grid(shape)
    multi = marking(array, positions, None if points else extents)
    regions = multi.regions(stop_rule=stop_rule)
    assert len(regions) == len(positions)
    inside = []
    for number in range(len(positions)):
        one = answer(lambda: multi.region(array, number, stop_rule=stop_rule))  # noqa: B023
        assert answer(lambda: regions[number]) == one  # noqa: B023
        assert regions.is_outside[number] == (one == "outside")
        tag = nx.Tag(name="t", type="t", position=positions[number].tolist())
        if not points:
            tag.extent = extents[number].tolist()
        assert answer(lambda: tag.region(array, stop_rule=stop_rule)) == one  # noqa: B023
        if one != "outside":
            inside.append(number)
            assert regions.is_empty[number] == one.is_empty
            assert one.shape == array[one].shape
    if len(inside) == len(positions):
        assert list(regions) == regions[:] == [regions[i] for i in range(len(positions))]
    else:
        with pytest.raises(nx.OutOfBounds):
            multi.data(stop_rule=stop_rule)
    if inside:
        some = marking(grid(shape), positions[inside], None if points else extents[inside])
        check_data(some, stop_rule)


@pytest.mark.parametrize("shape", [(200_000,), (5000, 30), (500, 20, 9)])
@pytest.mark.parametrize("spread", [1.0, 0.02], ids=["sparse", "dense"])
@pytest.mark.parametrize("stop_rule", RULES)
def test_values_on_disk_are_read_with_few_requests(
    shape: tuple[int, ...], spread: float, stop_rule: Any, tmp_path: Path
) -> None:
    random = np.random.default_rng(len(shape))
    ends = np.array([shape[0] / 2, *shape[1:2], *([2.0 ** (n - 1) for n in shape[2:]])])
    positions = random.uniform(0, (ends - 3) * np.where(ends > 100, spread, 1), (200, len(shape)))
    extents = random.uniform(0, 2, positions.shape)
    multi = marking(grid(shape), positions, extents)
    path = tmp_path / "file.nix"
    nx.write(nx.File(blocks=[multi.block]), path)
    multi = nx.read(path).blocks[0].multi_tags[0]
    regions = multi.regions(stop_rule=stop_rule)
    counting = check_data(multi, stop_rule)
    full = [one for one in regions if not one.is_empty]
    useful = 4 * sum(math.prod(one.shape) for one in full)
    assert len(counting.reads) <= len(full)
    assert sum(counting.reads) <= 16 * useful + 64 * 1024 * len(counting.reads)
    if spread < 1 and len(shape) < 3:
        assert len(counting.reads) <= 20
    for number in (0, 77, -1):
        values = multi.data(None, number, stop_rule=stop_rule)
        array: Any = multi.references[0]
        assert np.array_equal(values, array[multi.region(position=number, stop_rule=stop_rule)])
        assert np.array_equal(values, array.data.read()[tuple(regions[number])])


def test_dense_regions_are_read_at_once() -> None:
    array = nx.DataArray(name="a", type="t", data=np.arange(100_000.0), dimensions=[sampled(1.0)])
    multi = marking(array, np.arange(0.0, 99_000, 100), np.full(990, 100.0))
    assert len(check_data(multi, "exclusive").reads) == 1


def test_nothing_is_read_for_what_is_empty() -> None:
    values = np.broadcast_to(np.zeros(1), (10**8,))
    array = nx.DataArray(name="a", type="t", data=values, dimensions=[sampled(1.0)])
    multi = marking(array, np.arange(500) * 1e5 + 0.5)
    counting = Counting(MemorySource(values))
    assert array.data is not None
    array.data.source = counting
    parts = multi.data()
    assert counting.reads == []
    assert [part.shape for part in parts] == [(0,)] * 500
    assert parts[0].dtype == float


def test_sparse_regions_do_not_read_what_lies_between() -> None:
    values = np.broadcast_to(np.zeros(1), (10**9,))
    array = nx.DataArray(name="a", type="t", data=values, dimensions=[sampled(1.0)])
    multi = marking(array, np.arange(0, 1e9, 1e7), np.full(100, 10.0))
    counting = Counting(MemorySource(values))
    assert array.data is not None
    array.data.source = counting
    assert [part.shape for part in multi.data()] == [(10,)] * 100
    assert sum(counting.reads) == 100 * 80


@pytest.mark.parametrize("shape", [(0,), (0, 1), (0, 2)])
def test_no_positions_are_no_regions(shape: tuple[int, ...]) -> None:
    multi = marking(grid((20, 6)), np.zeros(shape), np.zeros(shape))
    assert list(multi.regions()) == multi.data() == []
    with pytest.raises(nx.OutOfBounds, match="has 0 positions"):
        multi.region(position=0)


def test_texts_are_read_at_once() -> None:
    labels = nx.DataArray(name="a", type="t", data=list("abcdef"), dimensions=[nx.SetDimension()])
    multi = marking(labels, [0.0, 2.0, 3.5], [2.0, 1.0, 0.25])
    assert [part.tolist() for part in multi.data()] == [["a", "b"], ["c"], []]
    assert [part.dtype for part in multi.data()] == [np.dtype(object)] * 3


# Errors


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_there_is_out_of_bounds(kind: str) -> None:
    dimension = described(KINDS[kind][0](), 12)
    for index in (
        12,
        -13,
        10**9,
        np.array([0, 12]),
        np.uint64(2**64 - 1),
        np.int8(-128),
        np.uint8(255),
    ):
        with pytest.raises(
            nx.OutOfBounds, match=r"there is no element .* in an axis of 12"
        ) as told:
            dimension.position_at(index)
        assert isinstance(told.value, IndexError)
    for mode in ("at_or_before", "before"):
        with pytest.raises(
            nx.OutOfBounds, match=r"there is no element .*before -100: the axis begi"
        ):
            dimension.index_of(-100, mode)
    for mode in ("at_or_after", "after"):
        with pytest.raises(nx.OutOfBounds, match=r"after 100: .*its last element is at"):
            dimension.index_of(100, mode)
        assert dimension.index_of(-100, mode) == 0
    if kind in ("ticks", "labels"):
        assert dimension.index_of(100) == dimension.index_of(100, "before") == 11
    else:
        with pytest.raises(nx.OutOfBounds):
            dimension.index_of(100)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("position", [math.nan, math.inf, -math.inf, [1.0, math.nan]])
def test_numbers_that_are_no_position(kind: str, position: Any) -> None:
    dimension = described(KINDS[kind][0](), 12)
    for mode in MODES:
        with pytest.raises(ValueError, match=r"(nan|inf) is no position on an axis"):
            dimension.index_of(position, mode)
    if not isinstance(position, list):
        for edges in ((position, None), (None, position), (0.0, position), (position, 1.0)):
            with pytest.raises(ValueError, match=r"no position on an axis|ends before it begins"):
                dimension.slice_of(*edges)


@pytest.mark.parametrize("kind", ["samples", "ticks", "frame", "set", "labels"])
@pytest.mark.parametrize(
    "position",
    ["", "text", True, 1j, None, b"1", object(), [None], ["a"], [True], 10**400, [[1], [2, 3]]],
)
def test_what_is_no_number_is_no_position(kind: str, position: Any) -> None:
    dimension = described(KINDS[kind][0](), 12)
    with pytest.raises((TypeError, ValueError, nx.NixError)):
        dimension.index_of(position)
    if position is not None:
        with pytest.raises((TypeError, ValueError, nx.NixError)):
            dimension.slice_of(position)
        with pytest.raises((TypeError, ValueError, nx.NixError)):
            dimension.slice_of(0.0, position)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("index", [1.0, "1", None, True, 1j, [0.5], [True], 10**400])
def test_what_is_no_whole_number_is_no_index(kind: str, index: Any) -> None:
    dimension = described(KINDS[kind][0](), 12)
    with pytest.raises(TypeError, match="an index is a whole number, not"):
        dimension.position_at(index)


@pytest.mark.parametrize("kind", KINDS)
def test_a_slice_is_between_two_numbers(kind: str) -> None:
    dimension = described(KINDS[kind][0](), 12)
    for edges in (([1.0],), ([1.0, 2.0],), (0.0, [1.0]), ([0.0], [1.0])):
        with pytest.raises((TypeError, ValueError)):
            dimension.slice_of(*edges)


@pytest.mark.parametrize("position", [1.5, "1", None, [1], math.nan])
def test_the_number_of_a_position_is_whole(position: Any) -> None:
    multi = marking(grid((20,)), [1.0, 2.0, 3.0])
    with pytest.raises(KeyError if position == "1" else TypeError):
        multi.region(None, position)
    assert multi.region(None, np.int64(1)) == multi.region(None, 1)


def test_units_that_do_not_convert() -> None:
    dimension = described(sampled(0.1, unit="s"), 10)
    for unit in ("mV", "parsec", "s^2"):
        with pytest.raises(nx.UnitError, match=f"`{unit.replace('^', '.')}` does not convert"):
            dimension.index_of(0.1, unit=unit)
        with pytest.raises(nx.UnitError):
            dimension.slice_of(0.1, unit=unit)
    bare = described(sampled(0.1), 10)
    with pytest.raises(nx.UnitError, match="positions in `ms` on an axis without unit"):
        bare.index_of(0.1, unit="ms")


@given(
    position=st.floats(allow_nan=False, allow_infinity=False),
    interval=st.floats(5e-324, 1.7e308, exclude_min=False),
    offset=st.floats(allow_nan=False, allow_infinity=False),
    mode=st.sampled_from(MODES),
)
@example(1e308, 1.0, -1e308, "at_or_before")
@example(1e308, 5e-324, 0.0, "at_or_before")
@example(-1e308, 1e300, 1e308, "nearest")
def test_extreme_numbers_are_answered(
    position: float, interval: float, offset: float, mode: Any
) -> None:
    for dimension in (
        described(sampled(interval, offset), 10),
        described(nx.RangeDimension(ticks=sorted([-1e308, offset, 0.0, interval, 1e308])), 5),
        described(nx.SetDimension(), 10),
    ):
        found = answer(lambda: dimension.index_of(position, mode))  # noqa: B023
        assert found == "outside" or 0 <= found < 10
        cut = answer(lambda: dimension.slice_of(position))  # noqa: B023
        assert cut == "outside" or 0 <= cut.start <= cut.stop <= 10


# Broken dimensions


def changed(tmp_path: Path, dimension: Any, change: Callable[[Any], None]) -> Any:
    """The array of a file of which the descriptor of the only axis was changed."""
    ticks = table("ticks", [1.0, 2.0, 3.0])
    ticks.unit = "ms"
    array = nx.DataArray(name="values", type="t", data=[10.0, 20.0, 30.0])
    block = nx.Block(name="b", type="t", data_arrays=[ticks, array])
    array.dimensions.append(dimension(ticks))
    multi = nx.MultiTag(name="m", type="t", positions=ticks, references=[array])
    block.multi_tags.append(multi)
    path = tmp_path / "broken.nix"
    nx.write(nx.File(blocks=[block]), path)
    with h5py.File(path, "a") as file:
        change(file["data/b/data_arrays/values/dimensions/1"])
    return nx.read(path).blocks[0].data_arrays["values"]


def attribute(name: str, value: Any) -> Callable[[Any], None]:
    def change(group: Any) -> None:
        if value is None:
            del group.attrs[name]
        else:
            group.attrs[name] = value

    return change


def dataset(name: str, values: Any) -> Callable[[Any], None]:
    def change(group: Any) -> None:
        del group[name]
        if values is not None:
            group.create_dataset(name, data=values)

    return change


def child(name: str) -> Callable[[Any], None]:
    def change(group: Any) -> None:
        link = group[name] if name == "link" else group
        for key in list(link):
            del link[key]

    return change


def sampled_here(ticks: Any) -> Any:
    return sampled(1.0)


def range_here(ticks: Any) -> Any:
    return nx.RangeDimension(ticks=[1.0, 2.0, 3.0])


def linked_here(ticks: Any) -> Any:
    return nx.RangeDimension(link=nx.DimensionLink(array=ticks))


def set_here(ticks: Any) -> Any:
    return nx.SetDimension(labels=["a", "b", "c"])


BROKEN: dict[str, tuple[Any, Callable[[Any], None]]] = {
    "no interval": (sampled_here, attribute("sampling_interval", None)),
    "an interval of zero": (sampled_here, attribute("sampling_interval", 0.0)),
    "an interval below zero": (sampled_here, attribute("sampling_interval", -1.0)),
    "an interval of NaN": (sampled_here, attribute("sampling_interval", math.nan)),
    "an infinite interval": (sampled_here, attribute("sampling_interval", math.inf)),
    "an interval of text": (sampled_here, attribute("sampling_interval", "0.1")),
    "descending ticks": (range_here, dataset("ticks", [1.0, 3.0, 2.0])),
    "a tick of NaN": (range_here, dataset("ticks", [1.0, math.nan, 3.0])),
    "the first tick NaN": (range_here, dataset("ticks", [math.nan, 1.0, 3.0])),
    "the only tick NaN": (range_here, dataset("ticks", [math.nan])),
    "no ticks": (range_here, dataset("ticks", None)),
    "ticks of text": (range_here, dataset("ticks", [b"a", b"b", b"c"])),
    "a table of ticks": (range_here, dataset("ticks", [[1.0], [2.0], [3.0]])),
    "a link to nothing": (linked_here, child("link")),
    "a link to no axis": (linked_here, lambda group: attribute("index", [0])(group["link"])),
    "a link to two axes": (linked_here, lambda group: attribute("index", [-1, -1])(group["link"])),
    "a link below": (linked_here, lambda group: attribute("index", [-2])(group["link"])),
    "an unknown kind": (sampled_here, attribute("dimension_type", "fractal")),
    "no kind": (sampled_here, attribute("dimension_type", None)),
    "a frame that is not there": (sampled_here, attribute("dimension_type", "range")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_axis_says_what_is_wrong(name: str, tmp_path: Path) -> None:
    array = changed(tmp_path, *BROKEN[name])
    dimension = array.dimensions[0]
    multi = array.block.multi_tags[0]
    refusals: list[Callable[[], Any]] = [
        lambda: dimension.index_of(1.0),
        lambda: dimension.position_at(0),
        lambda: dimension.slice_of(1.0, 2.0),
        lambda: dimension.slice_of(),
        lambda: multi.regions(),
        lambda: multi.region(position=0),
        lambda: multi.data(),
        lambda: nx.Tag(name="t", type="t", position=[1.0]).region(array),
    ]
    if not isinstance(dimension, nx.UnknownDimension):
        refusals += [dimension.axis, lambda: dimension.axis(1), array.axes]
    for refusal in refusals:
        with pytest.raises((ValueError, nx.NixError)) as told:
            refusal()
        assert "/data_arrays/values/dimensions/1" in str(told.value)


def test_an_axis_of_unknown_kind_is_numbered(tmp_path: Path) -> None:
    array = changed(tmp_path, sampled_here, attribute("dimension_type", "fractal"))
    assert array.axes()[0].values.tolist() == [0, 1, 2]


def test_fewer_ticks_than_data(tmp_path: Path) -> None:
    array = changed(tmp_path, range_here, dataset("ticks", [1.0, 2.0]))
    dimension = array.dimensions[0]
    assert dimension.index_of(5.0) == 1
    assert dimension.slice_of(1.0, 99.0) == slice(0, 2)
    with pytest.raises(nx.OutOfBounds, match="in an axis of 2"):
        dimension.position_at(2)
    with pytest.raises(nx.OutOfBounds, match="there is no element 2 in an axis of 2"):
        dimension.axis()
    with pytest.raises(nx.OutOfBounds):
        array.axes()


def test_more_ticks_than_data(tmp_path: Path) -> None:
    array = changed(tmp_path, range_here, dataset("ticks", [1.0, 2.0, 3.0, 4.0, 5.0]))
    dimension = array.dimensions[0]
    assert dimension.axis().tolist() == [1.0, 2.0, 3.0]
    assert dimension.slice_of(2.0, 3.5) == slice(1, 3)
    for refusal in (
        lambda: dimension.index_of(4.0),
        lambda: dimension.index_of(99.0),
        lambda: dimension.position_at(3),
        lambda: dimension.slice_of(2.0, 4.5),
        lambda: dimension.slice_of(4.0, 4.5),
        lambda: nx.Tag(name="t", type="t", position=[4.0]).region(array),
        lambda: nx.Tag(name="t", type="t", position=[2.0], extent=[9.0]).region(array),
    ):
        with pytest.raises(nx.OutOfBounds):
            refusal()


def test_labels_that_do_not_fit(tmp_path: Path) -> None:
    array = changed(tmp_path, set_here, dataset("labels", [b"a", b"b"]))
    dimension = array.dimensions[0]
    assert dimension.index_of("b") == 1
    assert dimension.slice_of(0, 99) == slice(0, 2)
    with pytest.raises(nx.OutOfBounds):
        dimension.axis()
    with pytest.raises(nx.OutOfBounds):
        dimension.position_at(2)
    array = changed(tmp_path, set_here, dataset("labels", [b"a", b"b", b"c", b"d", b"e"]))
    dimension = array.dimensions[0]
    assert dimension.axis().tolist() == ["a", "b", "c"]
    for refusal in (
        lambda: dimension.index_of("d"),
        lambda: dimension.index_of(3.0),
        lambda: dimension.position_at(3),
        lambda: dimension.slice_of(1, 99),
        lambda: nx.Tag(name="t", type="t", position=[3.0]).region(array),
    ):
        with pytest.raises(nx.OutOfBounds):
            refusal()


@pytest.mark.parametrize("value", [math.nan, math.inf, "1.0", [1.0, 2.0]], ids=str)
def test_an_offset_that_cannot_be_read_is_not_taken_for_zero(value: Any, tmp_path: Path) -> None:
    array = changed(tmp_path, sampled_here, attribute("offset", value))
    dimension = array.dimensions[0]
    for ask in (lambda: dimension.position_at(0), lambda: dimension.index_of(1.0), dimension.axis):
        with pytest.raises(ValueError, match="the `offset` in the file cannot be read"):
            ask()
    dimension.offset = 1.0
    assert dimension.position_at(0) == 1.0


def replaced(path: str, values: Any) -> Callable[[Any], None]:
    """Put something else in the place of an object, or of an attribute behind an ``@``."""

    def change(block: Any) -> None:
        place, _, name = path.partition("@")
        if name:
            block[place].attrs[name] = values
            return
        del block[place]
        block[place] = values

    return change


BROKEN_MARKS: dict[str, tuple[str, Any, str]] = {
    "units of a tag": ("tags/t/units", [1], "tag"),
    "extent of a tag": ("tags/t/extent", [b"x"], "tag"),
    "position of a tag": ("tags/t/position", [b"x"], "tag"),
    "units of a multi tag": ("multi_tags/m/units", [1], "multi"),
    "extents of a multi tag": ("multi_tags/m/extents", [1.0], "multi"),
    "coefficients": ("data_arrays/a/polynom_coefficients", [b"x"], "values"),
    "a coefficient of NaN": ("data_arrays/a@expansion_origin", math.nan, "values"),
}


@pytest.mark.parametrize("name", BROKEN_MARKS)
def test_what_cannot_be_read_is_not_taken_for_unset(name: str, tmp_path: Path) -> None:
    place, value, whose = BROKEN_MARKS[name]
    array = nx.DataArray(name="a", type="t", data=np.arange(10.0), polynom_coefficients=[0.0, 10.0])
    array.dimensions.append(sampled(0.1, unit="s"))
    starts, lengths = table("s", [100.0, 200.0]), table("e", [300.0, 300.0])
    marks: dict[str, Any] = {"type": "t", "units": ["ms"], "references": [array]}
    tag = nx.Tag(name="t", position=[100.0], extent=[300.0], **marks)
    multi = nx.MultiTag(name="m", positions=starts, extents=lengths, **marks)
    block = nx.Block(name="b", type="t", data_arrays=[array, starts, lengths], tags=[tag])
    block.multi_tags.append(multi)
    path = tmp_path / "broken.nix"
    nx.write(nx.File(blocks=[block]), path)
    for broken in (False, True):
        if broken:
            with h5py.File(path, "a") as file:
                replaced(place, value)(file["data/b"])
        block = nx.read(path).blocks[0]
        asked: dict[str, Callable[[], Any]] = {
            "tag": block.tags[0].data,
            "multi": lambda: block.multi_tags[0].data(None, 0),  # noqa: B023
            "values": lambda: block.data_arrays["a"].calibrated()[1:4] / 10,  # noqa: B023
        }
        for key, ask in asked.items():
            if broken and key == whose:
                with pytest.raises(ValueError, match=r"cannot be read|has no position"):
                    ask()
            else:
                assert ask().tolist() == [1.0, 2.0, 3.0]


def test_infinite_ticks() -> None:
    """Nothing but they themselves is at them."""
    dimension = described(nx.RangeDimension(ticks=[1.0, math.inf]), 2)
    assert [dimension.index_of(one) for one in (1.0, 5.0, 1e308)] == [0, 0, 0]
    assert dimension.index_of(5.0, "at_or_after") == 1
    only = described(nx.RangeDimension(ticks=[math.inf]), 1)
    assert answer(lambda: only.index_of(5.0)) == "outside"
    assert only.index_of(5.0, "after") == 0


def test_a_frame_that_is_not_there() -> None:
    dimension = described(nx.DataFrameDimension(), 3)
    assert dimension.axis().tolist() == [0, 1, 2]
    assert dimension.index_of(2.0) == 2
    frame = nx.DataFrame(name="f", type="t", data=np.array([(1,)] * 3, [("n", "i4")]))
    wrong = described(nx.DataFrameDimension(data_frame=frame, column=1), 3)
    with pytest.raises(ValueError, match="there is no column 1 in"):
        wrong.axis()
    unknown = described(nx.DataFrameDimension(data_frame="nowhere"), 3)
    with pytest.raises(nx.UnresolvedReference):
        unknown.axis()


@settings(max_examples=30)
@given(st.integers(0, 5), st.integers(0, 5))
def test_rows_of_a_frame_that_do_not_fit(rows: int, length: int) -> None:
    dimension = described(of_frame(rows), length)
    for index in range(6):
        found = answer(lambda: dimension.index_of(index))  # noqa: B023
        assert found == (index if index < min(rows, length) else "outside")


def test_two_sources_are_counted() -> None:
    """The count is of requests, not of what numpy does with them."""
    counting = Counting(MemorySource(np.arange(10.0)))
    array = Array(counting)
    assert array[2:4].tolist() == [2.0, 3.0]
    assert counting.reads == [16]
