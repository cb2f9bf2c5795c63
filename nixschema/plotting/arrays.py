"""Drawing a data array: which kind of plot shows it, and that plot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from nixschema.array import Values
from nixschema.plotting.sides import Part, Side, plain
from nixschema.plotting.thinning import Line, Spots, means, step_of

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

MOST_LINES = 20
"""Most elements of a set that are drawn as lines; more are an image."""

MOST_BARS = 60
"""Most elements of a set that are drawn as bars; more are markers."""

_MOST_LABELS = 30
"""Most labels beside an axis."""

_ROOM_FOR_LABELS = 60
"""How many letters fit beside each other below an axis."""

_MOST_TICK_MARKERS = 200
"""Most samples at irregular positions that are each marked."""

_COLOURS = {"r": 0, "g": 1, "b": 2, "a": 3, "red": 0, "green": 1, "blue": 2, "alpha": 3}


@dataclass
class View:
    """An array that has been drawn, and which of its axes lie where."""

    ax: Axes
    part: Part
    x: Side
    """The horizontal axis."""
    y: Side | None = None
    """The vertical axis, where it is none of values."""
    lines: Side | None = None
    """The set whose elements are a line each."""
    legend: list[tuple[Artist, str]] = field(default_factory=list)
    """What the legend tells."""
    heading: str = ""
    """What stands above the legend."""

    def tell_legend(self) -> None:
        """Draw the legend beside the axes, where there is something to tell."""
        if self.legend:
            handles, texts = zip(*self.legend, strict=True)
            self.ax.legend(
                handles,
                texts,
                title=self.heading or None,
                loc="upper left",
                bbox_to_anchor=(1.0, 1.0),
                frameon=False,
            )


Drawing = Callable[["Axes", Part], View]
"""Draws a part of an array."""


def drawing_of(part: Part) -> Drawing:
    """The kind of plot that shows a part of an array.

    Raises:
        ValueError: there is none.
    """
    sides = part.sides
    if len(sides) == 1:
        if sides[0].is_events and not part.is_text:
            return _events
        return _categories if sides[0].is_set else _signal
    if len(sides) == 2 and not part.is_text:
        sets = [side for side in sides if side.is_set]
        return _lines if len(sets) == 1 and len(sets[0]) <= MOST_LINES else _image
    if len(sides) == 3 and not part.is_text and _channels(sides) is not None:
        return _colours
    raise _refusal(part)


def _refusal(part: Part) -> ValueError:
    count = len(part.sides)
    if count == 0:
        return ValueError(f"a single value of {part.array!r} cannot be drawn: give it an axis")
    most = 1 if part.is_text else 2
    shown = (
        "one axis" if part.is_text else "one axis or two, and three with a set of 3 or 4 colours"
    )
    key = ", ".join([*[":"] * most, *["0"] * (count - most)])
    return ValueError(
        f"{part.array!r} cannot be drawn: {'text' if part.is_text else 'numbers'} can along "
        f"{shown}. Draw a part of it: nx.plot(array, key=numpy.s_[{key}])"
    )


def draw(ax: Axes, part: Part) -> View:
    """Draw a part of an array, and tell its axes.

    Raises:
        NixError, ValueError: it cannot be drawn.
    """
    drawing = drawing_of(part)
    if part.is_empty:
        return _nothing(ax, part)
    return drawing(ax, part)


def _nothing(ax: Axes, part: Part) -> View:
    """Axes without values."""
    tell_emptiness(ax)
    ax.set(xticks=[], yticks=[])
    if len(part.sides) == 1:
        return _titled(View(ax, part, part.sides[0]))
    return _titled(View(ax, part, part.sides[-1], part.sides[-2]))


def tell_emptiness(ax: Axes) -> None:
    """Say that there is nothing to see."""
    ax.text(0.5, 0.5, "no values", transform=ax.transAxes, ha="center", va="center")


def _titled(view: View) -> View:
    view.ax.set_xlabel(view.x.title)
    view.ax.set_ylabel(view.part.title if view.y is None else view.y.title)
    return view


def _signal(ax: Axes, part: Part) -> View:
    """A line, or steps where values are none that lie between others."""
    (side,) = part.sides
    line = Line(side.ends, exact=part.is_drawn_exactly)
    for (place,), values in part.blocks():
        line.add(side.positions(place), values)
    ax.plot(*line.points(), **_style(side, part))
    _fit(ax, side, part)
    _tell_texts(ax.yaxis, part)
    return _titled(View(ax, part, side))


def _marker(side: Side, part: Part) -> str:
    alone = len(side) == 1 or part.is_text
    if alone or (not side.is_regular and len(side) <= _MOST_TICK_MARKERS):
        return "o" if len(side) <= _MOST_TICK_MARKERS else "."
    return ""


def _style(side: Side, part: Part) -> dict[str, Any]:
    style: dict[str, Any] = {"marker": _marker(side, part)}
    if part.is_boolean:
        style["drawstyle"] = "steps-post"
    if part.is_text:
        style["linestyle"] = "none"
    return style


def _fit(ax: Axes, side: Side, part: Part) -> None:
    """Let the axis end where the line does; markers need more room."""
    first, last = side.ends
    if not _marker(side, part) and np.isfinite([first, last]).all() and first < last:
        ax.set_xlim(first, last)


def _tell_texts(axis: Axis, part: Part) -> None:
    texts = part.texts
    if texts:
        axis.set_ticks(range(len(texts)), texts)


def _events(ax: Axes, part: Part) -> View:
    """A mark at the time of each event."""
    (side,) = part.sides
    spots = Spots()
    for _, values in part.blocks():
        spots.add(values)
    draw_events(ax, spots.points())
    ax.set_xlabel(part.title)
    return View(ax, part, side)


def draw_events(ax: Axes, positions: Values) -> None:
    """Draw a mark at each of some positions."""
    ax.eventplot(positions, lineoffsets=0.5, linelengths=1.0, linewidths=1.0)
    ax.set(ylim=(-0.1, 1.1), yticks=[])


def _categories(ax: Axes, part: Part) -> View:
    """A bar for each element of a set, or a marker where there are many or no lengths to show."""
    (side,) = part.sides
    line = Line(side.ends, exact=part.is_drawn_exactly)
    for (place,), values in part.blocks():
        line.add(np.arange(place.start, place.stop), values)
    numbers, heights = line.points()
    if part.is_text or part.is_boolean or len(side) > MOST_BARS:
        ax.plot(numbers, heights, "o" if len(side) <= _MOST_TICK_MARKERS else ".")
    else:
        ax.bar(numbers, np.where(np.isfinite(heights), heights, np.nan))
    tell_elements(ax.xaxis, side)
    _tell_texts(ax.yaxis, part)
    ax.set_xlim(*side.borders)
    return _titled(View(ax, part, side))


def tell_elements(axis: Axis, side: Side) -> None:
    """The names of the elements of a set beside an axis, so many that they can be read."""
    from matplotlib.axis import XAxis

    step = -(-len(side) // _MOST_LABELS)
    names = side.names[::step]
    axis.set_ticks(range(side.start, side.stop, step), names)
    if isinstance(axis, XAxis) and sum(map(len, names)) > _ROOM_FOR_LABELS:
        for label in axis.get_ticklabels():
            label.set(rotation=30, horizontalalignment="right", rotation_mode="anchor")


def _lines(ax: Axes, part: Part) -> View:
    """A line for each element of the set."""
    across = next(axis for axis, side in enumerate(part.sides) if side.is_set)
    elements, side = part.sides[across], part.sides[1 - across]
    lines = [Line(side.ends, exact=part.is_drawn_exactly) for _ in range(len(elements))]
    for place, values in part.blocks():
        positions = side.positions(place[1 - across])
        rows = values if across == 0 else values.T
        for number, row in enumerate(rows, place[across].start - elements.start):
            lines[number].add(positions, row)
    style = _style(side, part)
    names = elements.labels or [f"{elements.title} {name}" for name in elements.names]
    view = View(ax, part, side, lines=elements, heading=elements.heading if elements.labels else "")
    for line, name in zip(lines, names, strict=True):
        view.legend += [(artist, name) for artist in ax.plot(*line.points(), **style)]
    _fit(ax, side, part)
    _tell_texts(ax.yaxis, part)
    return _titled(view)


def _image(ax: Axes, part: Part) -> View:
    """A colour for each value: the first axis upwards, the second to the right."""
    upwards, rightwards = part.sides
    values, (y_edges, x_edges) = _grid(part, (0, 1))
    if upwards.is_regular and rightwards.is_regular:
        extent = (x_edges[0], x_edges[-1], y_edges[0], y_edges[-1])
        image: Any = ax.imshow(
            values, origin="lower", extent=extent, aspect="auto", interpolation="nearest"
        )
    else:
        image = ax.pcolormesh(x_edges, y_edges, values, rasterized=True)
    figure = ax.get_figure()
    assert figure is not None
    bar = figure.colorbar(image, ax=ax, label=part.title)
    _tell_texts(bar.ax.yaxis, part)
    for axis, side in ((ax.xaxis, rightwards), (ax.yaxis, upwards)):
        if side.is_set:
            tell_elements(axis, side)
    return _titled(View(ax, part, rightwards, upwards))


def _grid(part: Part, axes: tuple[int, int]) -> tuple[Values, list[Values]]:
    """The values of an image, and the edges of its elements along two axes."""
    steps = [step_of(len(side)) if axis in axes else 1 for axis, side in enumerate(part.sides)]
    starts = [side.start for side in part.sides]
    edges = [part.sides[axis].edges(steps[axis]) for axis in axes]
    return means(part.blocks(), starts, part.shape, steps), edges


def _colours(ax: Axes, part: Part) -> View:
    """A picture: its first axis downwards, its second to the right."""
    channel = _channels(part.sides)
    assert channel is not None
    downwards, rightwards = (axis for axis in range(3) if axis != channel)
    values, (y_edges, x_edges) = _grid(part, (downwards, rightwards))
    pixels = np.moveaxis(values, channel, -1)[..., _order(part.sides[channel])]
    y_side, x_side = part.sides[downwards], part.sides[rightwards]
    extent = (x_edges[0], x_edges[-1], y_edges[-1], y_edges[0])
    image = ax.imshow(_brightness(pixels, part), extent=extent, interpolation="nearest")
    image.set_label(part.title)
    for axis, side in ((ax.xaxis, x_side), (ax.yaxis, y_side)):
        if side.is_set:
            tell_elements(axis, side)
    return _titled(View(ax, part, x_side, y_side))


def _channels(sides: list[Side]) -> int | None:
    """The axis of the colours: the last or the first, a set of red, green, blue and alpha."""
    for wanted in (_is_named_colours, _is_as_long_as_colours):
        for axis in (2, 0):
            if sides[axis].is_set and wanted(sides[axis]):
                return axis
    return None


def _is_named_colours(side: Side) -> bool:
    names = [name.lower() for name in side.labels]
    return sorted(_COLOURS.get(name, -1) for name in names) in ([0, 1, 2], [0, 1, 2, 3])


def _is_as_long_as_colours(side: Side) -> bool:
    return len(side) in (3, 4)


def _order(side: Side) -> list[int]:
    """Numbers of the elements for red, green, blue and alpha."""
    if not _is_named_colours(side):
        return list(range(len(side)))
    numbers = [_COLOURS[name.lower()] for name in side.labels]
    return [numbers.index(colour) for colour in range(len(numbers))]


def _brightness(pixels: Values, part: Part) -> Values:
    """Values from 0 to 1: those of whole numbers as shares of 255 or 65,535."""
    highest = float(np.nanmax(pixels, initial=0.0))
    full = 1.0
    if highest > 1 or part.data.dtype.kind in "iu":
        full = 255.0 if highest <= 255 and part.data.dtype.itemsize != 2 else 65_535.0
    return np.nan_to_num(np.clip(pixels / full, 0, 1))


def title(ax: Axes, *lines: str) -> None:
    """What stands above the axes."""
    ax.set_title("\n".join(plain(line) for line in lines if line))
