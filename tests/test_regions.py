"""What rules say about regions, against counting one element after the other."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nixschema as nx
from nixschema.rules import marked
from nixschema.rules.marked import Marked

QUARTERS = st.integers(-12, 40).map(lambda number: number / 4)
"""Numbers that a float holds exactly: there is no rounding to be argued about."""


@st.composite
def axes(draw: st.DrawFn) -> tuple[nx.Dimension, list[float]]:
    """A descriptor, and the positions of its elements."""
    length = draw(st.integers(2, 8))
    kind = draw(st.sampled_from(["sampled", "set", "range"]))
    if kind == "set":
        return nx.SetDimension(), [float(number) for number in range(length)]
    start = draw(QUARTERS)
    if kind == "sampled":
        interval = draw(st.sampled_from([0.25, 0.5, 2.0]))
        made = nx.SampledDimension(sampling_interval=interval, offset=start)
        return made, [start + number * interval for number in range(length)]
    steps = draw(st.lists(st.sampled_from([0.25, 1.0, 3.0]), min_size=length, max_size=length))
    ticks = [start + sum(steps[:number]) for number in range(length)]
    return nx.RangeDimension(ticks=ticks), ticks


def expected(elements: list[float], start: float, extent: float, *, lasts: bool) -> str:
    """Where a region is, in words, told element by element.

    A sample or category lasts until where the next one would be; a tick does not.
    """
    stop = start + extent
    inside = [one for one in elements if one >= start and (one < stop or one == start == stop)]
    gaps = [right - left for left, right in pairwise(elements)]
    if stop < elements[0] or (stop == elements[0] and extent) or start < elements[0] - max(gaps):
        return "outside"
    room = max(gaps) if lasts else 0.0
    if start >= elements[-1] + room and start > elements[-1]:
        return "outside"
    if stop > elements[-1] + max(gaps):
        return "beyond"
    return "inside" if inside else "empty"


@settings(deadline=None, max_examples=200)
@given(axes(), st.lists(st.tuples(QUARTERS, QUARTERS.map(abs)), min_size=1, max_size=6))
def test_regions_are_where_counting_finds_them(
    axis: tuple[nx.Dimension, list[float]], regions: list[tuple[float, float]]
) -> None:
    dimension, elements = axis
    array, tag = _marking([dimension], (len(elements),), regions)
    verdict = Marked().verdict(tag, array)
    assert verdict is not None
    lasts = not isinstance(dimension, nx.RangeDimension)
    words = [expected(elements, *region, lasts=lasts) for region in regions]
    assert (verdict.outside, verdict.beyond) == (words.count("outside"), words.count("beyond"))
    assert verdict.empty + verdict.bare == words.count("empty")


def _marking(
    dimensions: list[Any], shape: tuple[int, ...], regions: list[tuple[float, float]]
) -> tuple[nx.DataArray, nx.MultiTag]:
    file = nx.File(blocks=[nx.Block(name="b", type="t")])
    block = file.blocks[0]
    array = nx.DataArray(name="a", type="t", data=np.zeros(shape), dimensions=dimensions)
    block.data_arrays.append(array)
    starts, extents = zip(*regions, strict=True)
    tag = nx.MultiTag(
        name="m", type="t", positions=list(starts), extents=list(extents), references=[array]
    )
    block.multi_tags.append(tag)
    return array, tag


def test_tags_are_judged_like_positions() -> None:
    """Many tags together, and one multi tag of as many positions."""
    regions = [(number * 0.375 - 1, 0.25 * (number % 3)) for number in range(10)] + [(0.0, 9.0)]
    dimension = nx.SampledDimension(sampling_interval=0.5)
    array, multi_tag = _marking([dimension], (5,), regions)
    block = array.block
    assert block is not None
    for number, (start, extent) in enumerate(regions):
        tag = nx.Tag(name=f"t{number}", type="t", position=[start], references=[array])
        tag.extent = [extent]
        block.tags.append(tag)
    marks = Marked()
    whole = marks.verdict(multi_tag, array)
    assert whole is not None
    single = [marks.verdict(tag, array) for tag in block.tags]
    for kind in ("outside", "beyond"):
        found = [getattr(one, kind) if one is not None else 0 for one in single]
        assert sum(found) == getattr(whole, kind) > 0
    empty = sum(one.empty for one in single if one is not None)
    assert empty == whole.empty + whole.bare > 0


@pytest.mark.parametrize("rows", [1, 3, 1000])
def test_ticks_in_blocks_say_what_ticks_in_memory_say(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(7)
    ticks = np.sort(rng.integers(0, 100, 60))
    regions = [(one, two) for one, two in rng.integers((-8, 0), (880, 12), (50, 2)) / 8]
    regions += [(float(tick), 0.0) for tick in ticks[::9]]
    array, tag = _marking([nx.RangeDimension(ticks=ticks)], ticks.shape, regions)
    in_memory = Marked().verdict(tag, array)
    monkeypatch.setattr(marked, "MAX_TICKS", 10)
    monkeypatch.setattr(marked, "_ROWS", rows)
    monkeypatch.setattr(
        type(array.data), "blocks", lambda self, limit=0: _blocks(np.asarray(self), 7)
    )
    in_blocks = Marked().verdict(tag, array)
    assert in_memory is not None
    assert in_memory.outside
    assert in_memory.bare
    assert in_blocks == in_memory


def _blocks(values: Any, step: int) -> Any:
    return [
        ((slice(start, start + step),), values[start : start + step])
        for start in range(0, len(values), step)
    ]


def test_a_finding_is_one_for_each_tag_not_for_each_position() -> None:
    regions = [(50.0 + number, 1.0) for number in range(1000)]
    array, _ = _marking([nx.SampledDimension(sampling_interval=1.0)], (10,), regions)
    file = array.file
    assert file is not None
    (finding,) = [one for one in nx.validate(file).findings if one.rule == "NIX330"]
    assert "1,000 of 1,000" in finding.message
    assert nx.validate(file, depth="metadata").findings == []
