"""Plots of NIX entities, drawn from what the file says alone; needs matplotlib (extra ``plot``).

Labels and units of the axes come from the dimension descriptors, those of the values from the
array. Arrays of any length are read in blocks: of a long one, what shows is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from nixschema.errors import NixError
from nixschema.extras import needed
from nixschema.model import DataArray, DataFrame, MultiTag, Tag
from nixschema.plotting.arrays import draw, drawing_of, title
from nixschema.plotting.frames import draw_columns, panels_of
from nixschema.plotting.marks import Marks, draw_alone, draw_marks, events_of, marks_in
from nixschema.plotting.sides import Part

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

DRAWN = (DataArray, DataFrame, Tag, MultiTag)
"""The kinds of entity that can be drawn."""

MOST_PANELS = 20
"""Most panels in a figure."""

_WIDTH, _HEIGHT, _PANEL_HEIGHT = 8.0, 4.5, 2.6


def size_for(panels: int) -> tuple[float, float]:
    """Width and height of a figure, in inches."""
    return _WIDTH, max(_HEIGHT, _PANEL_HEIGHT * panels)


@overload
def plot(
    entity: DataArray,
    *,
    ax: Axes | None = ...,
    figure: Figure | SubFigure | None = ...,
    key: Any = ...,
    calibrated: bool = ...,
) -> Axes: ...
@overload
def plot(
    entity: DataFrame | Tag | MultiTag,
    *,
    ax: Axes | Sequence[Axes] | None = ...,
    figure: Figure | SubFigure | None = ...,
    calibrated: bool = ...,
) -> list[Axes]: ...
def plot(
    entity: DataArray | DataFrame | Tag | MultiTag,
    *,
    ax: Axes | Sequence[Axes] | None = None,
    figure: Figure | SubFigure | None = None,
    key: Any = None,
    calibrated: bool = True,
) -> Axes | list[Axes]:
    """Draw an array, or what a tag marks in the arrays it refers to.

    A data array along one axis is a line; event times (an array whose range dimension takes its
    ticks from the array itself) are marks; a set is bars. Along two axes it is an image, or a line
    for each element where one axis is a set of at most 20. Along three axes it is a picture, where
    the last or the first is a set of 3 or 4: red, green, blue and alpha.

    A tag is drawn into each array it refers to: points as lines, regions shaded. A multi tag that
    refers to none is drawn as events. A data frame is drawn as lines, its columns of numbers over
    the rows. There are at most 20 panels.

    Args:
        entity: what to draw.
        ax: where to draw it; for tags and frames a list with as many as there are panels.
        figure: where to make axes, when none are given; a new figure of pyplot when None.
        key: the part of an array to draw, such as ``numpy.s_[:1000]`` or ``numpy.s_[:, :, 0]``; an
            axis with an index is not drawn. All of it by default.
        calibrated: draw the values meant; see `DataArray.calibrated`. Else those stored.

    Returns:
        The axes; for tags and frames a list of them, one for each array or unit.

    Raises:
        MissingExtra: matplotlib is not installed.
        TypeError: the entity is of another kind.
        IndexError: ``key`` names elements that are not there.
        ValueError: the entity cannot be drawn, or the axes are not as many as the panels.
        NixError: a reference points nowhere, or a position lies outside.
    """
    if not isinstance(entity, DRAWN):
        kinds = "data arrays, data frames, tags and multi tags"
        raise TypeError(f"{entity!r} cannot be drawn: {kinds} can")
    if key is not None and not isinstance(entity, DataArray):
        raise TypeError("a key takes a part of a data array, and of nothing else")
    needed("matplotlib", "plot")
    place = _Place([ax] if _is_axes(ax) else ax, figure)  # type: ignore[list-item,arg-type]
    if isinstance(entity, DataArray):
        return _plot_array(entity, () if key is None else key, place, calibrated)
    if isinstance(entity, DataFrame):
        return _plot_frame(entity, place)
    return _plot_tag(entity, place, calibrated)


class _Place(NamedTuple):
    """Where to draw."""

    axes: Sequence[Axes] | None
    figure: Figure | SubFigure | None

    @contextmanager
    def panels(self, count: int) -> Iterator[list[Axes]]:
        """As many axes as are needed, one below the other.

        Raises:
            ValueError: other axes are given.
        """
        if self.axes is not None:
            if len(self.axes) != count:
                raise ValueError(f"{count} panels are drawn, and {len(self.axes)} axes are given")
            yield list(self.axes)
        elif self.figure is not None:
            yield list(self.figure.subplots(count, 1, squeeze=False)[:, 0])
        else:
            with _new_figure(count) as figure:
                yield list(figure.subplots(count, 1, squeeze=False)[:, 0])


@contextmanager
def _new_figure(count: int) -> Iterator[Figure]:
    """A figure of pyplot, gone again when drawing fails."""
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=size_for(count), layout="constrained")
    try:
        yield figure
    except BaseException:
        pyplot.close(figure)
        raise


def _is_axes(given: object) -> bool:
    return given is not None and not isinstance(given, Sequence) and hasattr(given, "get_figure")


def _plot_array(array: DataArray, key: Any, place: _Place, calibrated: bool) -> Axes:
    part = Part(array, key, calibrated=calibrated)
    drawing_of(part)
    with place.panels(1) as (ax,):
        view = draw(ax, part)
        title(ax, array.name)
        view.tell_legend()
    return ax


def _plot_frame(frame: DataFrame, place: _Place) -> list[Axes]:
    every = panels_of(frame)
    columns = every[:MOST_PANELS]
    with place.panels(len(columns)) as panels:
        draw_columns(panels, frame, columns)
        title(panels[0], frame.name, *_left_out(len(every) - len(columns)))
    return panels


def _left_out(count: int) -> list[str]:
    return [f"{count:,} more not drawn"] if count else []


class _Panel(NamedTuple):
    """An array that a tag refers to, and what the tag marks in it."""

    part: Part
    marks: Marks | None
    notes: list[str]


def _plot_tag(tag: Tag | MultiTag, place: _Place, calibrated: bool) -> list[Axes]:
    if not len(tag.references):
        events = events_of(tag)
        with place.panels(1) as panels:
            draw_alone(panels[0], events)
            title(panels[0], tag.name)
        return panels
    found = _panels(tag, calibrated)
    failures: list[Exception] = []
    with place.panels(len(found)) as panels:
        for ax, panel in zip(panels, found, strict=True):
            try:
                _draw_panel(ax, tag, panel)
            except (NixError, ValueError) as error:
                failures.append(error)
                title(ax, panel.part.array.name, f"cannot be drawn: {error}")
        if len(failures) == len(found):
            raise failures[0]
    return panels


def _draw_panel(ax: Axes, tag: Tag | MultiTag, panel: _Panel) -> None:
    view = draw(ax, panel.part)
    if panel.marks is not None and not panel.part.is_empty:
        draw_marks(view, tag, panel.marks)
    title(ax, panel.part.array.name, *panel.notes)
    view.tell_legend()


def _panels(tag: Tag | MultiTag, calibrated: bool) -> list[_Panel]:
    """A panel for each array that can be drawn; the first tells how many cannot.

    Raises:
        NixError, ValueError: nothing can be drawn.
    """
    found: list[_Panel] = []
    failures: list[Exception] = []
    for number in range(len(tag.references)):
        if len(found) == MOST_PANELS:
            break
        try:
            part = Part(tag.references[number], calibrated=calibrated)
            drawing_of(part)
        except (NixError, ValueError) as error:
            failures.append(error)
            continue
        found.append(_panel(tag, part, failures))
    if not any(panel.marks is not None for panel in found):
        raise failures[0]
    found[0].notes.extend(_left_out(len(tag.references) - len(found)))
    return found


def _panel(tag: Tag | MultiTag, part: Part, failures: list[Exception]) -> _Panel:
    try:
        marks = marks_in(tag, part.array)
    except (NixError, ValueError) as error:
        failures.append(error)
        return _Panel(part, None, [f"{tag.name} is not marked: {error}"])
    if not marks.outside:
        return _Panel(part, marks, [])
    if isinstance(tag, Tag):
        return _Panel(part, marks, [f"{tag.name} lies outside"])
    return _Panel(part, marks, [f"{tag.name}: {marks.outside:,} of {marks.count:,} lie outside"])
