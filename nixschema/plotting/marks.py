"""Drawing what a tag marks, in an array that is drawn already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from nixschema.array import Values
from nixschema.errors import OutOfBounds
from nixschema.model import DataArray, MultiTag, Tag, Unit
from nixschema.plotting.arrays import View, draw_events, tell_emptiness
from nixschema.plotting.sides import Side, plain, title_of
from nixschema.plotting.thinning import COLUMNS, Spots, merged

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_COLOUR = "tab:red"
_SHADE = 0.25
_MOST_RECTANGLES = 10_000
_RUG = (0.92, 1.0)
"""From where to where the marks of points reach, in parts of the height of the axes."""

_NEARLY = 1e-9


@dataclass(frozen=True, eq=False)
class Marks:
    """What a tag marks in an array."""

    starts: Values
    """Where regions begin, in the units of the axes: a row for each, a column for each axis."""
    stops: Values
    """Where they end; points end where they begin."""
    count: int
    """How many there are, those included that are no regions: negative, NaN or infinite."""
    outside: int
    """How many lie outside the data, at least in part, or are no regions."""

    def every(self, step: int) -> Marks:
        """One in several."""
        return replace(self, starts=self.starts[::step], stops=self.stops[::step])


class Ranges(NamedTuple):
    """Where marks begin and end along one axis."""

    starts: Values
    stops: Values


def marks_in(tag: Tag | MultiTag, array: DataArray) -> Marks:
    """What a tag marks in an array.

    Raises:
        UnitError: a unit does not convert into that of the axis.
        ValueError: positions are missing or contradict something, or the array does not say where
            its elements are.
    """
    outside = _count_outside(tag, array)
    starts, lengths = _numbers(tag)
    units = tag.units or ()
    with np.errstate(over="ignore", invalid="ignore"):
        stops = starts + lengths
        for axis in range(min(array.ndim, starts.shape[1])):
            unit = units[axis] if axis < len(units) else None
            dimension = array.dimensions[axis]
            starts[:, axis] = dimension.in_axis_unit(starts[:, axis], unit)
            stops[:, axis] = dimension.in_axis_unit(stops[:, axis], unit)
    whole = np.isfinite(starts).all(axis=1) & np.isfinite(stops).all(axis=1)
    whole &= (stops >= starts).all(axis=1)
    return Marks(starts[whole], stops[whole], len(starts), outside)


def _count_outside(tag: Tag | MultiTag, array: DataArray) -> int:
    if isinstance(tag, MultiTag):
        return int(np.count_nonzero(tag.regions(array).is_outside))
    try:
        tag.region(array)
    except OutOfBounds:
        return 1
    return 0


def _numbers(tag: Tag | MultiTag) -> tuple[Values, Values]:
    """Positions and extents in the units of the tag, one row for each region."""
    if isinstance(tag, Tag):
        starts = np.array([tag.position or ()], np.float64)
        lengths = np.array([tag.extent], np.float64) if tag.extent else np.zeros_like(starts)
        return starts, lengths
    assert tag.positions is not None
    starts = _table(tag.positions.calibrated())
    return starts, _table(tag.extents.calibrated()) if tag.extents is not None else 0 * starts


def _table(values: Values) -> Values:
    table = np.array(values, np.float64)
    return table[:, np.newaxis] if table.ndim == 1 else table


class Events(NamedTuple):
    """Points or ranges along a line, which are marked in no array."""

    ranges: Ranges
    title: str
    """What the axis is, with its unit."""


def events_of(tag: Tag | MultiTag) -> Events:
    """The positions of a tag that refers to no array.

    Raises:
        ValueError: they are not those of many points or ranges along a line.
    """
    if isinstance(tag, Tag) or tag.positions is None:
        raise ValueError(f"{tag!r} refers to no array to draw it in")
    starts, lengths = _numbers(tag)
    if starts.ndim != 2 or starts.shape[1] != 1 or starts.shape != lengths.shape:
        raise ValueError(f"{tag!r} refers to no array, and its positions lie on no line")
    with np.errstate(over="ignore", invalid="ignore"):
        starts, stops = starts[:, 0], starts[:, 0] + lengths[:, 0]
    whole = np.isfinite(starts) & np.isfinite(stops) & (stops >= starts)
    units = [one for one in tag.units or () if not Unit(one).is_blank]
    unit = units[0] if units else tag.positions.unit
    title = title_of(tag.positions.label or "position", unit)
    return Events(Ranges(starts[whole], stops[whole]), title)


def draw_alone(ax: Axes, events: Events) -> None:
    """Draw points and ranges on an axis of their own."""
    starts, stops = events.ranges
    points = stops <= starts
    if not len(starts):
        tell_emptiness(ax)
    spots = Spots()
    spots.add(starts[points])
    draw_events(ax, spots.points())
    if not points.all():
        gap = (stops.max() - starts.min()) / COLUMNS
        _shade(ax, Ranges(starts[~points], stops[~points]), "tab:blue", gap)
    ax.set_xlabel(events.title)


def draw_marks(view: View, tag: Tag | MultiTag, marks: Marks) -> None:
    """Draw the marks of a tag, and name it in the legend."""
    if not len(marks.starts):
        return
    name = plain(tag.name)
    if view.y is None:
        artist: Artist | None = _draw_along(view, marks, single=isinstance(tag, Tag))
    else:
        step = -(-len(marks.starts) // _MOST_RECTANGLES)
        name += f" (1 in {step:,})" if step > 1 else ""
        artist = _draw_in_image(view, view.y, marks.every(step))
    if artist is not None:
        view.legend.append((artist, name))


def _along(side: Side, marks: Marks) -> Ranges:
    """Where marks begin and end along an axis; all of it where they have no position there."""
    if side.axis >= marks.starts.shape[1]:
        first, last = side.borders
        count = len(marks.starts)
        return Ranges(np.full(count, first), np.full(count, last))
    starts, stops = marks.starts[:, side.axis], marks.stops[:, side.axis]
    if side.is_set:
        begin, behind = _elements(starts, stops)
        return Ranges(begin - 0.5, behind - 0.5)
    return Ranges(starts, stops)


def _elements(starts: Values, stops: Values) -> tuple[Values, Values]:
    """Numbers of the first elements of a set that are marked, and of those behind the last."""
    first = np.ceil(starts - _NEARLY)
    return first, np.where(stops > starts, np.ceil(stops - _NEARLY), first + 1)


def _draw_along(view: View, marks: Marks, *, single: bool) -> Artist | None:
    """Draw lines at points and shades over regions; each in the colour of the line it belongs to.

    Returns:
        What stands for them in the legend; nothing where none is in sight.
    """
    ax = view.ax
    limits = ax.get_xlim()
    if not single:
        bottom, top = ax.get_ylim()
        ax.set_ylim(bottom, top + (top - bottom) * (1 - _RUG[0]))
    drawn: list[Artist] = []
    starts, stops = _along(view.x, marks)
    in_sight = (stops >= limits[0]) & (starts <= limits[1])
    for colour, chosen in _by_line(view, marks):
        points = chosen & in_sight & (stops <= starts)
        regions = chosen & in_sight & (stops > starts)
        if points.any():
            drawn.append(_draw_points(view, starts[points], colour, single))
        if regions.any():
            gap = (limits[1] - limits[0]) / COLUMNS
            ranges = Ranges(starts[regions], stops[regions])
            drawn.append(_shade(ax, ranges, colour, gap))
    ax.set_xlim(limits)
    return drawn[-1] if drawn else None


def _by_line(view: View, marks: Marks) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    """Colours, and which marks are drawn in them."""
    others = np.ones(len(marks.starts), np.bool_)
    if view.lines is None or view.lines.axis >= marks.starts.shape[1]:
        return [(_COLOUR, others)]
    from matplotlib.colors import to_hex

    axis = view.lines.axis
    first, behind = _elements(marks.starts[:, axis], marks.stops[:, axis])
    found = []
    for number, (line, _) in enumerate(view.legend, view.lines.start):
        chosen = (first == number) & (behind == number + 1)
        if chosen.any():
            found.append((to_hex(line.get_color()), chosen))  # type: ignore[attr-defined]
            others &= ~chosen
    return [*found, (_COLOUR, others)]


def _draw_points(view: View, points: Values, colour: str, single: bool) -> Artist:
    if single:
        return view.ax.axvline(points[0], color=colour)
    from matplotlib.collections import LineCollection

    spots = Spots()
    spots.add(points)
    segments = [[(point, _RUG[0]), (point, _RUG[1])] for point in spots.points()]
    transform = view.ax.get_xaxis_transform()
    rug = LineCollection(segments, colors=colour, transform=transform, linewidths=1.5)
    view.ax.add_collection(rug, autolim=False)
    return rug


def _shade(ax: Axes, ranges: Ranges, colour: str, gap: float) -> Artist:
    """Shade over ranges, those that lie closer than a gap as one where there are many."""
    if len(ranges.starts) > COLUMNS:
        ranges = Ranges(*merged(*ranges, gap))
    widths = np.stack([ranges.starts, ranges.stops - ranges.starts], axis=1).tolist()
    return ax.broken_barh(
        [(start, width) for start, width in widths],
        (0, 1),
        transform=ax.get_xaxis_transform(),
        color=colour,
        alpha=_SHADE,
        linewidth=0,
    )


def _draw_in_image(view: View, y_side: Side, marks: Marks) -> Artist:
    """Draw rectangles around regions and circles around points."""
    ax = view.ax
    limits = ax.get_xlim(), ax.get_ylim()
    x, y = _along(view.x, marks), _along(y_side, marks)
    points = (x.stops <= x.starts) & (y.stops <= y.starts)
    drawn: list[Artist] = []
    if points.any():
        circles = ax.scatter(
            x.starts[points], y.starts[points], s=60, facecolors="none", edgecolors=_COLOUR
        )
        drawn.append(_on_any_colour(circles))
    if not points.all():
        x, y = (Ranges(one.starts[~points], one.stops[~points]) for one in (x, y))
        drawn.append(_draw_rectangles(view, x, y))
    ax.set(xlim=limits[0], ylim=limits[1])
    return drawn[-1]


def _draw_rectangles(view: View, x: Ranges, y: Ranges) -> Artist:
    from matplotlib.collections import PolyCollection

    across = np.stack([x.starts, x.stops, x.stops, x.starts], axis=1)
    upwards = np.stack([y.starts, y.starts, y.stops, y.stops], axis=1)
    corners = np.stack([across, upwards], axis=-1)
    outlines = PolyCollection(list(corners), facecolors="none", edgecolors=_COLOUR, linewidths=1.5)
    view.ax.add_collection(outlines, autolim=False)
    return _on_any_colour(outlines)


def _on_any_colour(artist: Artist) -> Artist:
    """Give outlines in an image a light border."""
    from matplotlib.patheffects import withStroke

    artist.set_path_effects([withStroke(linewidth=4, foreground="white")])
    return artist
