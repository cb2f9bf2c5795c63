"""Drawing a data frame: its columns of numbers as lines over the numbers of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nixschema.model import Column, DataFrame
from nixschema.plotting.arrays import tell_emptiness
from nixschema.plotting.sides import EXACT, plain, title_of
from nixschema.plotting.thinning import Line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_KINDS = "iufb"


def panels_of(frame: DataFrame) -> list[list[Column]]:
    """The columns that are drawn together: those of numbers, by their unit.

    Raises:
        ValueError: there are none, or no data.
    """
    if frame.data is None:
        raise ValueError(f"{frame!r} has no data")
    panels: dict[str, list[Column]] = {}
    for column in frame.columns:
        if frame.data.dtype[column.name].kind in _KINDS and not frame.data.dtype[column.name].shape:
            panels.setdefault(str(column.unit or ""), []).append(column)
    if not panels:
        raise ValueError(f"{frame!r} cannot be drawn: it has no column of numbers")
    return list(panels.values())


def draw_columns(panels: list[Axes], frame: DataFrame, columns: list[list[Column]]) -> None:
    """Draw the columns, those of a unit in axes of their own."""
    assert frame.data is not None
    count = frame.row_count
    lines = {
        column.name: Line((0, max(count - 1, 1)), exact=count <= EXACT)
        for together in columns
        for column in together
    }
    with frame.data.kept_open():
        for (place,), rows in frame.data.blocks():
            numbers = np.arange(place.start, place.stop)
            for name, line in lines.items():
                line.add(numbers, rows[name])
    for ax, together in zip(panels, columns, strict=True):
        for column in together:
            ax.plot(*lines[column.name].points(), marker="o" if count == 1 else "")
        _tell(ax, together, count)
    panels[-1].set_xlabel("row")


def _tell(ax: Axes, columns: list[Column], count: int) -> None:
    from matplotlib.ticker import MaxNLocator

    alone = columns[0].name if len(columns) == 1 else None
    ax.set_ylabel(title_of(alone, columns[0].unit))
    if alone is None:
        texts = [plain(column.name) for column in columns]
        ax.legend(ax.lines, texts, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if count > 1:
        ax.set_xlim(0, count - 1)
    if not count:
        tell_emptiness(ax)
