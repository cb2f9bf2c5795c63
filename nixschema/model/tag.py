"""Tags, multi tags and features: marked points and regions."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias, overload

import numpy as np
import numpy.typing as npt
from pydantic import Field, ValidationInfo, model_validator

from nixschema.array import Array, Values
from nixschema.errors import OutOfBounds
from nixschema.layout import Attribute, Members, Needed, Value
from nixschema.model.container import Container, check_brought
from nixschema.model.data_array import DataArray
from nixschema.model.data_frame import DataFrame
from nixschema.model.entity import DataEntity, Entity
from nixschema.model.fields import LOADING, OptionalPosition, Units, unset
from nixschema.model.numbers import array_of_numbers, is_numbers, take_over
from nixschema.model.reference import Ref, Reference, Refs
from nixschema.model.refusal import shown
from nixschema.model.regions import Marks, Region, Regions, regions_in, values_in
from nixschema.model.scale import StopRule
from nixschema.model.source import Source

if TYPE_CHECKING:

    class Marked:
        """A reference to an array of numbers; takes the numbers, too."""

        def __get__(self, instance: object, owner: object = None) -> DataArray | None: ...
        def __set__(
            self, instance: object, value: DataArray | str | npt.ArrayLike | Array | None
        ) -> None: ...

else:
    Marked = Ref[DataArray]

TargetType: TypeAlias = Literal["DataArray", "DataFrame"]
"""What a feature's data are, as the file names it."""


class Feature(Entity):
    """Data that belong to a tag's points or regions, such as spike amplitudes."""

    words: ClassVar[str] = "feature"
    only_refers: ClassVar[bool] = True

    data: Ref[DataArray | DataFrame] = unset
    """The array or frame that holds the feature. A sound feature has it."""

    link_type: Annotated[Literal["tagged", "untagged", "indexed"] | None, Needed()] = unset
    """How the data belong: ``tagged``, the part that the tag marks; ``untagged``, all of them;
    ``indexed``, one row for each position."""

    target_type: Annotated[TargetType | None, Attribute(since=(1, 2, 0))] = unset
    """What the data are; a data array when unset."""

    def data_for(
        self,
        position: int | None = None,
        *,
        stop_rule: StopRule = "exclusive",
        calibrated: bool = False,
    ) -> Values:
        """The part of the feature that belongs to what its tag marks.

        ``tagged`` is the region that the tag marks in the feature's array, ``indexed`` the row of
        that number (all rows for a tag, which marks one thing), and ``untagged`` everything. All
        axes are kept: one row is an array of length one.

        Args:
            position: number of the position; for a feature of a multi tag.
            stop_rule: see `Tag.region`.
            calibrated: the values meant instead of those stored; see `DataArray.calibrated`.

        Returns:
            Values of the array, or records of the frame.

        Raises:
            OutOfBounds: there is no such position or row, or its region lies outside the data.
            UnresolvedReference: the reference to the data points nowhere.
            ValueError: there are no data or no tag, or they contradict each other.
        """
        tag, target = self.owner, self.data
        if not isinstance(tag, Tag | MultiTag):
            raise ValueError(f"{self!r} belongs to no tag")
        if target is None or target.data is None:
            raise ValueError(f"{self.path}: the feature has no data")
        multiple = isinstance(tag, MultiTag)
        if multiple and position is None and self.link_type != "untagged":
            raise ValueError(f"{self.path}: say for which position: data_for(position)")
        if self.link_type == "tagged":
            if not isinstance(target, DataArray):
                raise ValueError(f"{self.path}: the rows of a frame have no positions to be tagged")
            if isinstance(tag, MultiTag):
                assert position is not None
                return tag.data(target, position, stop_rule=stop_rule, calibrated=calibrated)
            return tag.data(target, stop_rule=stop_rule, calibrated=calibrated)
        rows = slice(None)
        if isinstance(tag, MultiTag) and position is not None:
            row = tag.row_of(position)
            if self.link_type == "indexed":
                rows = slice(row, row + 1)
                if row >= len(target):
                    raise OutOfBounds(f"{self.path}: no row {row} in {len(target):,} of {target!r}")
        if calibrated and isinstance(target, DataArray):
            return target.calibrated((rows,))
        return np.asarray(target.data[rows])

    def __setattr__(self, name: str, value: Any) -> None:
        """Assign a field; what the data are follows them."""
        super().__setattr__(name, value)
        if name == "data":
            self._resolved()

    def _resolved(self) -> None:
        reference = self.__dict__["data"]
        target = None if reference is None else reference.target
        if target is not None and type(target).__name__ != (self.target_type or "DataArray"):
            self.__dict__["target_type"] = type(target).__name__

    @model_validator(mode="before")
    @classmethod
    def _type_of_target(cls, given: Any) -> Any:
        """Name what the data are, when they are given and it is not."""
        if isinstance(given, dict) and isinstance(given.get("data"), DataArray | DataFrame):
            return {"target_type": type(given["data"]).__name__, **given}
        return given


class BaseTag(DataEntity):
    """What tags and multi tags have in common."""

    units: Annotated[Units, Value()] = unset
    """Unit of the positions and extents for each axis, as written; blank or ``none`` for an axis
    without a unit."""

    references: Refs[DataArray] = Field(default_factory=Refs)
    """The arrays in which something is marked."""

    features: Annotated[Container[Feature], Members(by="id")] = Field(default_factory=Container)
    """Data that belong to what is marked."""

    sources: Refs[Source] = Field(default_factory=Refs)
    """Where the tag comes from."""

    def _array(self, array: DataArray | str | int | None) -> DataArray:
        """One of the references, or any array that is given itself."""
        if isinstance(array, DataArray):
            return array
        if array is not None:
            return self.references[array]
        if len(self.references) != 1:
            count = len(self.references)
            raise ValueError(f"{self!r} refers to {count:,} arrays: say in which one")
        return self.references[0]


class Tag(BaseTag):
    """Marks one point or region in some data arrays."""

    words: ClassVar[str] = "tag"

    position: OptionalPosition = unset
    """The point, or where the region begins: one number for each axis. A sound tag has it."""

    extent: OptionalPosition = unset
    """Length of the region along each axis; a point when unset."""

    def region(
        self, array: DataArray | str | int | None = None, *, stop_rule: StopRule = "exclusive"
    ) -> Region:
        """The part of an array that is marked, as a slice for each axis.

        Units are converted; an axis for which there is no position is whole. A region may be empty:
        a point between two elements marks none.

        Args:
            array: the array, or name, id or number of a reference; may be left out where there is
                one reference only.
            stop_rule: whether an element at the end of the region belongs to it.

        Raises:
            OutOfBounds: it lies outside the data, or ends behind a sampled axis.
            UnresolvedReference, KeyError: there is no such reference.
            UnitError: a unit does not convert into that of the axis.
            ValueError: there is no position, it contradicts the extent, or the array does not say
                where its elements are.
        """
        return regions_in(self._array(array), self._marks(), stop_rule)[0]

    def data(
        self,
        array: DataArray | str | int | None = None,
        *,
        stop_rule: StopRule = "exclusive",
        calibrated: bool = False,
    ) -> Values:
        """The values that are marked; see `region`.

        Args:
            array: see `region`.
            stop_rule: see `region`.
            calibrated: the values meant instead of those stored; see `DataArray.calibrated`.

        Returns:
            An array of as many axes as the data; of length 0 where the region is empty.
        """
        found = self._array(array)
        region = self.region(found, stop_rule=stop_rule)
        return found.calibrated(region) if calibrated else np.asarray(found[region])

    def _marks(self) -> Marks:
        self.check_readable("position", "extent", "units")
        if not self.position:
            raise ValueError(f"{self!r} has no position")
        if self.extent and len(self.extent) != len(self.position):
            lengths = f"an extent of {len(self.extent)} for a position of {len(self.position)}"
            raise ValueError(f"{self!r} has {lengths} numbers")
        extents = np.array([self.extent]) if self.extent else None
        return Marks(np.array([self.position]), extents, self.units or ())


class MultiTag(BaseTag):
    """Marks many points or regions in some data arrays."""

    words: ClassVar[str] = "multi tag"

    positions: Marked = unset
    """The points, or where the regions begin: one row for each, one column for each axis; a list
    for one axis. Plain numbers become an array ``<name>-positions``. A sound multi tag has them."""

    extents: Marked = unset
    """Lengths of the regions, of the same shape; points when unset. Plain numbers become an array
    ``<name>-extents``."""

    @model_validator(mode="before")
    @classmethod
    def _arrays_from_numbers(cls, given: Any, info: ValidationInfo) -> Any:
        """Make arrays of positions and extents that are given as numbers."""
        if info.context is LOADING or not isinstance(given, dict):
            return given
        made = dict(given)
        for field in ("positions", "extents"):
            if is_numbers(given.get(field)):
                name, kind = given.get("name"), given.get("type")
                units = given.get("units")
                array = array_of_numbers(name, kind, field, given[field], units)
                made[field] = Reference(target=array, joins=True)
        return made

    def __setattr__(self, name: str, value: Any) -> None:
        """Assign a field; plain numbers for positions and extents go into an array of their own."""
        if name not in ("positions", "extents") or not is_numbers(value):
            super().__setattr__(name, value)
            return
        made = array_of_numbers(self.name, self.type, name, value, self.units)
        known = self.__dict__[name]
        current = None if known is None else known.resolve(self, (DataArray,))
        if isinstance(current, DataArray) and self._has_made(current, known, made.name):
            take_over(current, made)
            return
        if self.owner is not None:
            check_brought([made], self.owner)
        super().__setattr__(name, Reference(target=made, joins=True))
        self._join()

    def _has_made(self, array: DataArray, reference: Reference, name: str) -> bool:
        """Whether an array was made of plain numbers for this, here or before it was written."""
        return array.block is self.block and (reference.joins or array.name == name)

    def _brings(self) -> list[DataArray]:
        references = (self.__dict__["positions"], self.__dict__["extents"])
        return [
            one.target
            for one in references
            if isinstance(one, Reference) and one.joins and isinstance(one.target, DataArray)
            if one.target.owner is None
        ]

    def _join(self) -> None:
        block = self.block
        if block is not None:
            for made in self._brings():
                block.data_arrays.append(made)

    def region(
        self,
        array: DataArray | str | int | None = None,
        position: DataArray | str | int | None = None,
        *,
        stop_rule: StopRule = "exclusive",
    ) -> Region:
        """The part of an array that a position marks, as a slice for each axis; see `Tag.region`.

        Array and position may stand in either order: ``region(voltage, 3)``, ``region(3)``.

        Args:
            array: the array, or name or id of a reference; may be left out where there is one
                reference only.
            position: number of the position; negative ones count from the end.
            stop_rule: see `Tag.region`.

        Raises:
            OutOfBounds: there is no such position, or see `Tag.region`.
            TypeError: array and position are not one of each.
            UnresolvedReference, UnitError, KeyError, ValueError: see `Tag.region`.
        """
        wanted, row = self._wanted(array, position)
        if row is None:
            raise TypeError("say for which position; `regions` gives those of all positions")
        return regions_in(wanted, self._marks(slice(row, row + 1)), stop_rule)[0]

    def regions(
        self, array: DataArray | str | None = None, *, stop_rule: StopRule = "exclusive"
    ) -> Regions:
        """The parts of an array that all positions mark, computed at once; see `Tag.region`.

        Those that lie outside are told by ``regions.is_outside``, and raise when they are asked
        for.

        Raises:
            UnresolvedReference, UnitError, KeyError, TypeError, ValueError: see `region`.
        """
        wanted, row = self._wanted(array)
        if row is not None:
            raise TypeError(f"`regions` gives those of all positions: `region({row})` gives one")
        return regions_in(wanted, self._marks(slice(None)), stop_rule)

    @overload
    def data(
        self,
        array: int,
        position: DataArray | str | None = ...,
        *,
        stop_rule: StopRule = ...,
        calibrated: bool = ...,
    ) -> Values: ...
    @overload
    def data(
        self,
        array: DataArray | str | None,
        position: int,
        *,
        stop_rule: StopRule = ...,
        calibrated: bool = ...,
    ) -> Values: ...
    @overload
    def data(
        self, *, position: int, stop_rule: StopRule = ..., calibrated: bool = ...
    ) -> Values: ...
    @overload
    def data(
        self,
        array: DataArray | str | None = ...,
        position: None = ...,
        *,
        stop_rule: StopRule = ...,
        calibrated: bool = ...,
    ) -> list[Values]: ...
    def data(
        self,
        array: DataArray | str | int | None = None,
        position: DataArray | str | int | None = None,
        *,
        stop_rule: StopRule = "exclusive",
        calibrated: bool = False,
    ) -> Values | list[Values]:
        """The values that a position marks, or a list of those of all positions.

        Array and position may stand in either order: ``data(voltage, 3)``, ``data(3)``.

        Args:
            array: see `region`.
            position: number of the position; all of them when None.
            stop_rule: see `Tag.region`.
            calibrated: the values meant instead of those stored; see `DataArray.calibrated`.

        Raises:
            OutOfBounds: one of them lies outside the data; `regions` tells which.
            UnresolvedReference, UnitError, KeyError, TypeError, ValueError: see `region`.
        """
        found, row = self._wanted(array, position)
        if row is not None:
            region = self.region(found, row, stop_rule=stop_rule)
            return found.calibrated(region) if calibrated else np.asarray(found[region])
        if found.data is None:
            raise ValueError(f"{found!r} has no data")
        parts = values_in(found.data, self.regions(found, stop_rule=stop_rule))
        return [found.calibration(one) for one in parts] if calibrated else parts

    def _wanted(self, *given: DataArray | str | int | None) -> tuple[DataArray, int | None]:
        """The array and the row of the position that are meant, in whatever order."""
        arrays = [one for one in given if isinstance(one, DataArray | str)]
        positions = [
            one for one in given if one is not None and not isinstance(one, DataArray | str)
        ]
        if len(arrays) > 1 or len(positions) > 1:
            raise TypeError(
                "give an array, itself or its name, and the number of a position, "
                f"not {' and '.join(map(shown, given))}"
            )
        row = self.row_of(positions[0]) if positions else None
        return self._array(arrays[0] if arrays else None), row

    def row_of(self, position: int) -> int:
        """The row of a position; negative ones count from the end.

        Raises:
            OutOfBounds: there is no such position.
            TypeError: the number is no whole one.
            ValueError: there are no positions.
        """
        count = len(self._numbers("positions"))
        row = operator.index(position)
        if not -count <= row < count:
            raise OutOfBounds(f"{self!r} has {count:,} positions, and none of number {position}")
        return row % count

    def _marks(self, rows: slice) -> Marks:
        self.check_readable("positions", "extents", "units")
        positions, extents = self._numbers("positions"), None
        if self.__dict__["extents"] is not None:
            lengths = self._numbers("extents")
            if lengths.shape != positions.shape:
                shapes = f"extents of shape {lengths.shape} for positions of {positions.shape}"
                raise ValueError(f"{self!r} has {shapes}")
            extents = lengths.calibrated((rows,))
        return Marks(_table(positions.calibrated((rows,))), _table(extents), self.units or ())

    def _numbers(self, field: str) -> DataArray:
        array: DataArray | None = getattr(self, field)
        if array is None or array.data is None:
            raise ValueError(f"{self!r} has no {field}")
        if not array.data.is_numeric or array.ndim > 2:
            raise ValueError(f"{field} of {self!r} are a list or a table of numbers: {array!r}")
        return array


@overload
def _table(numbers: Values) -> Values: ...
@overload
def _table(numbers: Values | None) -> Values | None: ...
def _table(numbers: Values | None) -> Values | None:
    """Numbers with a column for each axis; a list is for one axis."""
    return numbers[:, np.newaxis] if numbers is not None and numbers.ndim == 1 else numbers
