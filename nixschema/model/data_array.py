"""Data arrays: values with a descriptor for each axis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
import numpy.typing as npt
from numpy.lib.mixins import NDArrayOperatorsMixin
from pydantic import Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from nixschema.array import Array, Values
from nixschema.layout import Dataset, Members
from nixschema.model.axis import Axis, axis_of
from nixschema.model.calibration import calibrate
from nixschema.model.container import Container
from nixschema.model.dimension import AnyDimension
from nixschema.model.entity import DataEntity, Model
from nixschema.model.fields import (
    LOADING,
    FiniteNumber,
    OptionalArray,
    OptionalNumbers,
    OptionalUnit,
    Text,
    unset,
)
from nixschema.model.reference import Refs
from nixschema.model.source import Source

if TYPE_CHECKING:
    import pandas
    import xarray


class DataArray(DataEntity, NDArrayOperatorsMixin):
    """An n-dimensional array of values, with one dimension descriptor for each axis."""

    words: ClassVar[str] = "data array"

    data: Annotated[OptionalArray, Dataset(bulk=True)] = unset
    """The values as stored: calibration is not applied. A sound array has them."""

    unit: OptionalUnit = unset
    """Unit of the values, as written, e.g. ``mV``."""

    label: Text | None = unset
    """What the values are, such as ``membrane voltage``."""

    polynom_coefficients: OptionalNumbers = unset
    """Calibration: the values meant are the sum of c[i] * (x - expansion_origin) ** i."""

    expansion_origin: FiniteNumber | None = unset
    """Origin of the calibration; zero when unset."""

    dimensions: Annotated[Container[AnyDimension], Members(by="number")] = Field(
        default_factory=Container
    )
    """One descriptor for each axis, in order."""

    sources: Refs[Source] = Field(default_factory=Refs)
    """Where the values come from."""

    @model_validator(mode="after")
    def _no_surplus_dimensions(self, info: ValidationInfo) -> DataArray:
        if info.context is not LOADING and self.data is not None:
            found, axes = len(self.dimensions), self.data.ndim
            if found > axes:
                raise PydanticCustomError(
                    "surplus_dimensions",
                    "{found} dimension descriptors for data of {axes}: there is one for each axis",
                    {"found": found, "axes": "1 axis" if axes == 1 else f"{axes} axes"},
                )
        return self

    def _check_room(self, field: str, more: int) -> None:
        if self.data is not None and len(self.dimensions) + more > self.data.ndim:
            axes = self.data.ndim
            raise ValueError(
                f"data array `{self.name}` has {axes} {'axis' if axes == 1 else 'axes'} and "
                f"{len(self.dimensions)} dimension descriptors: there is one for each axis"
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis of the data; empty without data."""
        return self.data.shape if self.data is not None else ()

    @property
    def dtype(self) -> np.dtype[Any] | None:
        """Type of the stored elements, or None without data."""
        return self.data.dtype if self.data is not None else None

    @property
    def ndim(self) -> int:
        """Number of axes of the data; 0 without data."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.data.size if self.data is not None else 0

    def __len__(self) -> int:
        """Length of the first axis."""
        return len(self._stored())

    def __bool__(self) -> bool:
        """True: an array is there, even without values."""
        return True

    def __getitem__(self, key: Any) -> Any:
        """Read the selected values, as stored."""
        return self._stored()[key]

    def __setitem__(self, key: Any, values: Any) -> None:
        """Change the selected values, as stored; see `Array.__setitem__`."""
        self._stored()[key] = values

    def append(self, values: Any, axis: int = 0) -> None:
        """Add values at the end of an axis, as stored; see `Array.append`.

        In a file that is open for it (`nixschema.open`) they are on the disk when this returns.
        """
        self._stored().append(values, axis)

    def calibrated(self, key: Any = ()) -> Values:
        """The values that are meant: `polynom_coefficients` and `expansion_origin` applied.

        Args:
            key: a selection, such as ``numpy.s_[10:20]``; all values by default.

        Returns:
            An array of float64, or complex; the values as stored where there is no calibration.

        Raises:
            TypeError: there is a calibration, and the values are no numbers.
        """
        return self.calibration(np.asarray(self._stored()[key]))

    def calibration(self, values: Values) -> Values:
        """What values as they are stored mean; see `calibrated`."""
        self.check_readable("polynom_coefficients", "expansion_origin")
        coefficients = self.polynom_coefficients
        powers = None if coefficients is None else coefficients.read()
        return calibrate(values, powers, self.expansion_origin)

    def axes(self) -> list[Axis]:
        """Values, label and unit of each axis, as its dimension descriptor says them.

        An axis without a descriptor is numbered.
        """
        described = [axis_of(one) for one in list(self.dimensions)[: self.ndim]]
        return described + [Axis(np.arange(length)) for length in self.shape[len(described) :]]

    def to_xarray(self, *, calibrated: bool = False) -> xarray.DataArray:
        """The array in xarray, as `nixschema.from_xarray` takes it back.

        All values are read. Each axis is a dimension, named by its label where that is an
        identifier and no other axis has it, else ``axis_1``, ``axis_2`` … by its number; it has
        the positions or labels as its coordinate, unless its elements are only counted. Units are
        the attribute ``units`` of the array and its coordinates, labels ``long_name``, the
        definition ``description``; the type and the exact interval and offset of sampled axes are
        attributes that begin with ``nix_``. Links are followed. Sources, metadata, id and times
        stay behind.

        Args:
            calibrated: give the values meant; see `calibrated`. Else those stored, and the
                calibration as attributes.

        Raises:
            MissingExtra: xarray is not installed.
            ValueError: there are no data, or a dimension does not fit them.
            UnresolvedReference: a dimension is linked to nothing.
        """
        from nixschema.model.as_xarray import to_xarray

        return to_xarray(self, calibrated=calibrated)

    def to_pandas(self, *, calibrated: bool = False) -> pandas.Series[Any] | pandas.DataFrame:
        """The array in pandas: a Series for one axis, a DataFrame for two.

        All values are read. The positions or labels of an axis are the index (of the second axis
        the columns), named by its label. ``attrs`` has what that of `to_xarray` has, and under
        ``index`` and ``columns`` that of the axes; `nixschema.from_pandas` takes a Series back.

        Args:
            calibrated: give the values meant; see `calibrated`. Else those stored.

        Raises:
            MissingExtra: pandas is not installed.
            TypeError: the elements are no numbers, booleans or text.
            ValueError: there are no data, more than two axes, or a dimension does not fit.
            UnresolvedReference: a dimension is linked to nothing.
        """
        from nixschema.model.as_pandas import array_to_pandas

        return array_to_pandas(self, calibrated=calibrated)

    def __eq__(self, other: object) -> bool:
        """Whether a rewrite would give the same; elements are compared by `numpy.equal`."""
        return isinstance(other, Model) and self.equals(other)

    def __ne__(self, other: object) -> bool:
        """Whether a rewrite would give something else."""
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Compute with the values as stored, as numpy does with its own arrays."""
        if any(isinstance(one, DataArray) for one in options.get("out", ())):
            return NotImplemented
        values = [one._stored() if isinstance(one, DataArray) else one for one in inputs]
        return self._stored().__array_ufunc__(ufunc, method, *values, **options)

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[Any]:
        """All values, as stored, for numpy."""
        return self._stored().__array__(dtype, copy)

    def _stored(self) -> Array:
        if self.data is None:
            raise ValueError(f"{self!r} has no data")
        return self.data

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        """The values along the first axis."""
        return iter(self._stored())
