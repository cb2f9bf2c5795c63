"""What an axis of an array shows: values, label and unit, as a plot or a table needs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nixschema.array import Values
from nixschema.model.units import Unit

if TYPE_CHECKING:
    from nixschema.model.dimension import Dimension


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """The elements of an axis."""

    values: Values
    """Positions in ``unit``, or labels; one for each element of the data."""

    label: str | None = None
    """What the axis is, such as ``time``."""

    unit: Unit | None = None
    """Unit of the positions, as written."""

    is_set: bool = False
    """Whether the elements are categories: labelled, or numbered only."""

    @property
    def title(self) -> str:
        """Label and unit, as they stand beside an axis: ``time (ms)``."""
        unit = f"({self.unit})" if self.unit is not None and not self.unit.is_blank else ""
        return " ".join(filter(None, (self.label, unit)))


def axis_of(dimension: Dimension) -> Axis:
    """The axis that a descriptor describes; numbered where its kind is unknown.

    Raises:
        OutOfBounds, UnresolvedReference, ValueError: it does not fit the data, or says nothing.
    """
    return Axis(
        dimension.axis(), dimension.axis_label, dimension.axis_unit, is_set=dimension.is_set
    )
