"""What nixio gives for a tag beside what we give, and why they may differ.

`EXPLANATIONS` is a closed list: a difference that none of them explains is an error. Numbers of
sections are those of the description of the format that the models follow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import nixio
import numpy as np
from nixio.exceptions import IncompatibleDimensions
from nixio.exceptions import OutOfBounds as OutOfBoundsByNixio
from nixio.util import units as units_by_nixio

import nixschema as nx
from tests.working.exact import Axis, Outside, axis_of, by_definition, is_blank, meant

RULES = {"exclusive": nixio.SliceMode.Exclusive, "inclusive": nixio.SliceMode.Inclusive}


class Said(NamedTuple):
    """What a library answers."""

    kind: str
    """``values``, ``empty``, ``invalid`` (a view of nixio's without data), ``outside``, ``units``
    or ``refused``."""
    region: tuple[tuple[int, int], ...] | None = None
    values: Any = None
    error: str = ""


class Marked(NamedTuple):
    """One region of a tag in an array, in plain numbers."""

    axes: list[Axis]
    position: list[float]
    extent: list[float] | None
    units: list[str]
    stop_rule: str
    dtype: np.dtype[Any]
    """Type of the position or of the extent, the less precise of the two."""
    array: nx.DataArray
    feature: bool = False

    @property
    def sound(self) -> bool:
        """Whether every axis is described, and there are as many extents as positions."""
        fits = self.extent is None or len(self.extent) == len(self.position)
        return fits and len(self.axes) == self.array.ndim

    @property
    def edges(self) -> list[tuple[Axis, str | None, float, float, str]]:
        """For each axis with a position: the axis, the unit, where it begins and ends, the rule."""
        found = []
        for number, (axis, start) in enumerate(zip(self.axes, self.position, strict=False)):
            unit = self.units[number] if number < len(self.units) else None
            extent = self.extent[number] if self.extent else 0.0
            rule = self.stop_rule if extent > 0 else "inclusive"
            found.append((axis, unit, start, start + extent, rule))
        return found


def said_by_nixio(ask: Callable[[], Any]) -> Said:
    """What nixio answers; it may raise anything."""
    try:
        view = ask()
        if not view.valid:
            return Said("invalid")
        region = tuple((one.start, one.stop) for one in view._slices)
        return Said("values", region, np.asarray(view[:]))
    except OutOfBoundsByNixio as error:
        return Said("outside", error=str(error))
    except IncompatibleDimensions as error:
        return Said("units" if "unit" in str(error) else "refused", error=str(error))
    except Exception as error:
        return Said("refused", error=f"{type(error).__name__}: {error}")


def said_by_us(region: Callable[[], nx.Region], values: Callable[[], Any]) -> Said:
    """What we answer; only documented errors are answers."""
    try:
        found = region()
        edges = tuple((one.start, one.stop) for one in found)
        return Said("empty" if found.is_empty else "values", edges, values())
    except nx.OutOfBounds as error:
        return Said("outside", error=str(error))
    except nx.UnitError as error:
        return Said("units", error=str(error))
    except (ValueError, TypeError, nx.UnresolvedReference) as error:
        return Said("refused", error=str(error))


def said_by_definition(marked: Marked) -> Said:
    """What the format says, without any code of the library."""
    try:
        region = by_definition(
            marked.axes,
            marked.position,
            marked.extent,
            marked.units,
            marked.stop_rule,
            marked.dtype,
        )
    except Outside:
        return Said("outside")
    except nx.UnitError:
        return Said("units")
    empty = any(first >= last for first, last in region)
    return Said("empty" if empty else "values", tuple(region))


def marked_in(
    tag: nx.Tag | nx.MultiTag, array: nx.DataArray
) -> Callable[[int | None, str], Marked]:
    """The regions of a tag of ours by position and rule, in plain numbers from the fields alone."""
    lengths = zip(array.dimensions, array.shape, strict=False)
    axes = [axis_of(one, length) for one, length in lengths]
    units: list[str] = list(tag.units or ())
    extents: Any = None
    if isinstance(tag, nx.Tag):
        starts = np.array([tag.position or []], float)
        extents = np.array([tag.extent], float) if tag.extent else None
    else:
        starts = meant(tag.positions)
        extents = None if tag.extents is None else meant(tag.extents)

    def marked(position: int | None, stop_rule: str) -> Marked:
        start = np.atleast_1d(starts[position or 0])
        extent = None if extents is None else np.atleast_1d(extents[position or 0])
        narrow = [one.dtype for one in (start, extent) if one is not None and one.dtype.kind == "f"]
        return Marked(
            axes,
            start.astype(float).tolist(),
            None if extent is None else extent.astype(float).tolist(),
            units,
            stop_rule,
            min(narrow, key=lambda one: one.itemsize, default=np.dtype(float)),
            array,
        )

    return marked


def differing(theirs: Said, ours: Said) -> bool:
    """Whether the answers are not the same region and the same values."""
    if theirs.kind != "values" or ours.kind != "values":
        return theirs.kind != ours.kind
    return theirs.region != ours.region or not same_values(theirs.values, ours.values)


def same_values(theirs: Any, ours: Any) -> bool:
    """Whether values are the same; those of a polynomial but for the order of operations."""
    if theirs.shape != ours.shape or theirs.dtype != ours.dtype:
        return False
    if theirs.dtype.kind == "f":
        return bool(np.allclose(theirs, ours, rtol=1e-12, atol=0, equal_nan=True))
    return bool(np.array_equal(theirs, ours))


# Explanations


class Explanation(NamedTuple):
    """Why nixio gives something else."""

    holds: Callable[[Marked, Said, Said], bool]
    reason: str


def _kinds(theirs: str, ours: str) -> Callable[[Marked, Said, Said], bool]:
    return lambda _, one, two: (one.kind, two.kind) == (theirs, ours)


def _any_edge(
    holds: Callable[[Axis, str | None, float, str], bool],
) -> Callable[[Marked, Said, Said], bool]:
    """Whether something holds for a beginning or an end of the region along some axis."""

    def any_edge(marked: Marked, theirs: Said, ours: Said) -> bool:
        return any(
            holds(axis, unit, *edge)
            for axis, unit, start, stop, rule in marked.edges
            for edge in ((start, "at_or_after"), (stop, rule))
        )

    return any_edge


def _rough(axis: Axis, unit: str | None, edge: float, rule: str) -> bool:
    """Between two elements by more than rounding, and at one for `numpy.isclose`."""
    if axis.ticks is not None:
        return False
    counted = axis.counted(edge, unit)
    near = np.round(float(counted))
    return axis.snapped(edge, unit) != near and bool(np.isclose(float(counted), near))


def _exact(axis: Axis, unit: str | None, edge: float, rule: str) -> bool:
    """At an element but for rounding, where nixio allows for none."""
    snapped, plain = axis.snapped(edge, unit), axis.counted(edge, unit)
    if axis.ticks is not None:
        return snapped != plain
    return plain < snapped and (axis.counts or snapped == 0)


def _factors(marked: Marked) -> list[tuple[float | None, float]]:
    """For each axis with two units: the factor of nixio, None where it refuses, and the true."""
    found: list[tuple[float | None, float]] = []
    for axis, unit, *_ in marked.edges:
        if unit is None or is_blank(unit) or axis.unit is None:
            continue
        if not nx.Unit(unit).is_convertible_to(axis.unit):
            continue
        try:
            factor = units_by_nixio.scaling(unit, axis.unit)
        except nixio.exceptions.InvalidUnit:
            factor = None
        found.append((factor, nx.Unit(unit).factor_to(axis.unit)))
    return found


def _prefixes(marked: Marked, theirs: Said, ours: Said) -> bool:
    return any(by_nixio == 1.0 != true for by_nixio, true in _factors(marked))


def _spelling(marked: Marked, theirs: Said, ours: Said) -> bool:
    return any(by_nixio is None for by_nixio, _ in _factors(marked))


def _blank(marked: Marked, theirs: Said, ours: Said) -> bool:
    return theirs.kind == "units" and any(
        unit is not None and is_blank(unit) and not axis.counts for axis, unit, *_ in marked.edges
    )


def _few_units(marked: Marked, theirs: Said, ours: Said) -> bool:
    count = min(len(marked.axes), len(marked.position))
    return "IndexError" in theirs.error and 0 < len(marked.units) < count


def _zero(axis: Axis, unit: str | None, edge: float, rule: str) -> bool:
    return (
        rule == "exclusive"
        and axis.interval is not None
        and not axis.counts
        and axis.offset < 0
        and bool(np.isclose(float(axis.converted(edge, unit)), 0))
    )


def _uncalibrated(marked: Marked, theirs: Said, ours: Said) -> bool:
    return any(axis.calibrated_ticks for axis, *_ in marked.edges)


def _negative(marked: Marked, theirs: Said, ours: Said) -> bool:
    return ours.kind == "outside" and any(one < 0 for one in marked.extent or ())


def _strange(marked: Marked, theirs: Said, ours: Said) -> bool:
    numbers = [*marked.position, *(marked.extent or ())]
    return ours.kind == "outside" and not bool(np.all(np.isfinite(numbers)))


def _feature(marked: Marked, theirs: Said, ours: Said) -> bool:
    return marked.feature and (theirs.kind, ours.kind) == ("outside", "empty")


def _narrow(marked: Marked, theirs: Said, ours: Said) -> bool:
    return marked.dtype.kind == "f" and marked.dtype.itemsize < 8


def _undescribed(marked: Marked, theirs: Said, ours: Said) -> bool:
    return theirs.kind in ("invalid", "refused") and len(marked.axes) < marked.array.ndim


def _no_position(marked: Marked, theirs: Said, ours: Said) -> bool:
    return not marked.position and ours.kind == "refused"


EXPLANATIONS = {
    "NEGATIVE": Explanation(
        _negative,
        "an extent below zero is an IndexError for ticks and sets and an invalid view for samples, "
        "or the element at it; here it is OutOfBounds, as in C++ (5.10, row 3)",
    ),
    "STRANGE": Explanation(
        _strange,
        "NaN and infinite numbers raise what their conversion to an index happens to raise",
    ),
    "NOTHING": Explanation(
        _kinds("invalid", "empty"),
        "a point between two elements, or a range between them or behind the last tick, marks "
        "nothing: an invalid view in nixio, an empty region here (5.10, rows 1 and 5)",
    ),
    "NOTHING_OF_A_FEATURE": Explanation(
        _feature,
        "nixio raises OutOfBounds where a tagged feature has nothing (`_slices_in_data` of a slice "
        "that is None); here it is empty, as any other data (5.10)",
    ),
    "OUTSIDE": Explanation(
        _kinds("invalid", "outside"),
        "what lies before the first sample, begins behind the last or ends where no samples are "
        "is an invalid view for a multi tag, and before the first sample for a tag as well, of "
        "which only its message tells the cause; here it is always OutOfBounds (5.10, rows 2, 4)",
    ),
    "FRAMES": Explanation(
        lambda marked, theirs, ours: "not a valid DimensionType" in theirs.error,
        "nixio reads no array of which the rows of a frame describe an axis (5.5)",
    ),
    "UNDESCRIBED": Explanation(
        _undescribed,
        "an array with fewer descriptors than axes is an invalid view for a multi tag and a "
        "ValueError for a tag; here axes that need none are whole (5.10, row 8)",
    ),
    "NO_POSITION": Explanation(
        _no_position,
        "nixio takes a tag without a position for one of the whole array; a sound tag has one, "
        "here it is refused (5.6)",
    ),
    "FEW_UNITS": Explanation(
        _few_units,
        "nixio raises IndexError for fewer units than axes; here the others are in the axes' own, "
        "as in C++ (5.10, step 2)",
    ),
    "BLANK": Explanation(
        _blank,
        "nixio refuses a blank unit, or `none`, for an axis of samples or ticks; here it says that "
        "numbers are in the axis's own unit (5.10, step 2)",
    ),
    "PREFIXES": Explanation(
        _prefixes,
        "nixio's factor between two prefixes, such as ms and us, is 1.0 (4)",
    ),
    "SPELLING": Explanation(
        _spelling,
        "nixio refuses units that convert, but are spelt or split unlike: mmol and mol (4)",
    ),
    "UNCALIBRATED": Explanation(
        _uncalibrated,
        "nixio reads the ticks that a link leads to as they are stored (5.2)",
    ),
    "NARROW": Explanation(
        _narrow,
        "nixio adds extents to positions in float32, and compares exactly",
    ),
    "ZERO": Explanation(
        _any_edge(_zero),
        "nixio takes an end at position 0 for one before the first sample, whatever the offset "
        "(5.5, mode Less)",
    ),
    "ROUGH": Explanation(
        _any_edge(_rough),
        "nixio takes positions for that of an element with numpy.isclose, relative to the number "
        "of the element: 1e-5 of it, a whole interval for element 100,000 (5.5)",
    ),
    "EXACT": Explanation(
        _any_edge(_exact),
        "nixio compares with ticks, with the first sample and with the element behind a position "
        "of a set without any tolerance, so that rounding moves an element out of a region",
    ),
}
"""Why nixio and we may give different regions, by name."""


def explained(marked: Marked, theirs: Said, ours: Said) -> str | None:
    """Name of what explains a difference, the first that does."""
    for name, explanation in EXPLANATIONS.items():
        if explanation.holds(marked, theirs, ours):
            return name
    return None
