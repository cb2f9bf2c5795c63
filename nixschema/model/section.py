"""Sections and properties: odML-like metadata."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias, cast

import numpy as np
import numpy.typing as npt
from pydantic import Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError, core_schema

from nixschema.layout import Attribute, Value
from nixschema.model.checked import Checked
from nixschema.model.container import Container
from nixschema.model.entity import NamedEntity, TypedEntity
from nixschema.model.fields import LOADING, Number, OptionalUnit, Text, text_fault, unset
from nixschema.model.reference import Ref

PropertyValue: TypeAlias = str | bool | int | float
"""One value of a property."""

ODML_TYPES = (
    "string",
    "text",
    "url",
    "person",
    "int",
    "float",
    "boolean",
    "date",
    "time",
    "datetime",
)
"""The odML types that a property may declare."""

STORAGE_TYPES = (
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "string", "boolean"),
)
"""The element types that values may have in the file."""

_BIG_ENDIAN = (">i2", ">i4", ">i8", ">u2", ">u4", ">u8", ">f2", ">f4", ">f8")


class _Values:
    """Validates a list of values that are all text, all booleans, all integers or all numbers."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        def validate(given: Any, info: core_schema.ValidationInfo) -> list[PropertyValue]:
            values = property_values(given)
            if info.context is not LOADING:
                _check_texts(values)
            return Checked(values, _values_or_error)

        return core_schema.with_info_plain_validator_function(validate)


if TYPE_CHECKING:

    class Values:
        """The values of a property; takes one value or several."""

        def __get__(self, instance: object, owner: object = None) -> Checked[PropertyValue]: ...
        def __set__(
            self,
            instance: object,
            value: PropertyValue | Sequence[PropertyValue] | npt.NDArray[Any],
        ) -> None: ...

else:
    Values = Annotated[list[PropertyValue], _Values]


def _values_or_error(given: Any) -> list[PropertyValue]:
    try:
        values = property_values(given)
        _check_texts(values)
        return values
    except PydanticCustomError as error:
        raise ValueError(error.message()) from None


def _check_texts(values: list[PropertyValue]) -> None:
    for value in values:
        if isinstance(value, str) and (fault := text_fault(value)) is not None:
            raise PydanticCustomError("text", "a text {fault}", {"fault": fault})


def checked_values(values: list[PropertyValue]) -> Checked[PropertyValue]:
    """The list that a property has for values that are known to be sound."""
    return Checked(values, _values_or_error)


def _no_values() -> Any:
    return checked_values([])


class _OdmlType:
    """Validates the name of an odML type."""

    limit: ClassVar[str] = "one of " + ", ".join(f"`{one}`" for one in ODML_TYPES)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        def validate(text: str) -> str:
            if text not in ODML_TYPES:
                raise PydanticCustomError("odml_type", "`{text}` is no odML type", {"text": text})
            return text

        return core_schema.no_info_after_validator_function(
            validate, core_schema.str_schema(strict=True)
        )


def property_values(given: Any) -> list[PropertyValue]:
    """A property's values as plain Python values of one type.

    Raises:
        PydanticCustomError: they are no list, or not of one type that NIX can hold.
    """
    if isinstance(given, str | bool | int | float | np.generic):
        given = [given]
    if isinstance(given, np.ndarray) and given.ndim != 1:
        raise PydanticCustomError("property_values", "values stand in one list", {})
    if isinstance(given, np.ndarray):
        given = given.tolist()
    if not isinstance(given, list | tuple):
        raise PydanticCustomError("property_values", "a list of values was expected", {})
    values = [item.item() if isinstance(item, np.generic) else item for item in given]
    kinds = set(map(type, values))
    if int in kinds and not _fit_64_bits([one for one in values if type(one) is int]):
        raise PydanticCustomError("property_values", "integers have 64 bits at most", {})
    if kinds <= {str} or kinds <= {bool} or kinds <= {int} or kinds <= {float}:
        return cast("list[PropertyValue]", values)
    if kinds == {int, float}:
        return [float(item) for item in values]
    words = ", ".join(sorted(kind.__name__ for kind in kinds))
    raise PydanticCustomError(
        "property_values",
        "values are all text, all booleans, all integers or all numbers, not {kinds}",
        {"kinds": words},
    )


def _fit_64_bits(values: list[int]) -> bool:
    """Whether one integer type holds all values."""
    return min(values) >= -(2**63) and max(values) < (2**63 if min(values) < 0 else 2**64)


def storage_holds(storage: str, values: list[PropertyValue]) -> bool:
    """Whether an element type holds all values as they are."""
    if not values:
        return True
    kind = type(values[0])
    if storage in ("string", "boolean"):
        return kind is {"string": str, "boolean": bool}[storage]
    dtype = np.dtype(storage)
    if kind is int and dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return limits.min <= min(values) and max(values) <= limits.max  # type: ignore[operator]
    if kind is float and dtype.kind == "f":
        with np.errstate(over="ignore"):
            numbers = np.array(values)
            return bool(np.array_equal(numbers.astype(dtype), numbers, equal_nan=True))
    return False


class Property(NamedEntity):
    """A named list of values in a section, with unit, uncertainty and odML's other fields."""

    words: ClassVar[str] = "property"

    values: Annotated[Values, Value(itself=True)] = Field(default_factory=_no_values)
    """The values: all text, all booleans, all integers or all numbers."""

    dtype: Annotated[str | None, _OdmlType, Attribute(name="odml_type", since=(1, 2, 0))] = unset
    """odML type of the values, where the file declares one."""

    storage: Annotated[str | None, Value(itself=True)] = unset
    """Element type in the file, such as ``int32``, where it is not the widest for the values."""

    unit: OptionalUnit = unset
    """Unit of the values, as written."""

    uncertainty: Number | None = unset
    """Uncertainty of the values, in their unit."""

    reference: Annotated[Text | None, Attribute(since=(1, 2, 0))] = unset
    """Where the values come from, such as a publication."""

    dependency: Annotated[Text | None, Attribute(since=(1, 2, 0))] = unset
    """Name of the property this one depends on."""

    dependency_value: Annotated[Text | None, Attribute(since=(1, 2, 0))] = unset
    """Value of that property for which this one holds."""

    value_origin: Annotated[Text | None, Attribute(since=(1, 2, 0))] = unset
    """Where the values were taken from, such as a file name."""

    @model_validator(mode="after")
    def _storage_holds_values(self, info: ValidationInfo) -> Property:
        if self.storage is not None and self.storage not in STORAGE_TYPES + _BIG_ENDIAN:
            raise PydanticCustomError(
                "storage", "`{text}` is no element type", {"text": self.storage}
            )
        fits = info.context is LOADING or self.storage is None
        if not fits and not storage_holds(str(self.storage), self.values):
            raise PydanticCustomError(
                "storage_range", "`{text}` does not hold the values", {"text": self.storage}
            )
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        """Assign a field; a `storage` that does not hold new values gives way to the widest."""
        if name == "values" and self.storage is not None:
            before = self.storage
            self.__dict__["storage"] = None
            try:
                super().__setattr__(name, value)
            finally:
                if storage_holds(before, self.values):
                    self.__dict__["storage"] = before
            return
        super().__setattr__(name, value)

    def _consolidate(self) -> None:
        if self.storage is None:
            return
        if self.storage == widest(self.values) or not storage_holds(self.storage, self.values):
            self.__dict__["storage"] = None

    @property
    def value(self) -> PropertyValue | None:
        """The first value, or None where there is none."""
        return self.values[0] if self.values else None

    @property
    def element_type(self) -> str:
        """Element type in the file: `storage`, or the widest for the values."""
        return self.storage or widest(self.values)


_LARGEST_INT64 = 2**63 - 1


def widest(values: list[PropertyValue]) -> str:
    """The element type that values have in a file when nothing else is said."""
    if not values or isinstance(values[0], str):
        return "string"
    if isinstance(values[0], bool):
        return "boolean"
    if isinstance(values[0], float):
        return "float64"
    return "uint64" if max(cast("list[int]", values)) > _LARGEST_INT64 else "int64"


class Section(TypedEntity):
    """A group of properties about one subject; sections nest."""

    words: ClassVar[str] = "section"

    repository: Text | None = unset
    """Address of the terminology or template that the section follows."""

    reference: Text | None = unset
    """Free text that refers to something outside, such as an id in a data base."""

    link: Ref[Section] = unset
    """Another section, whose properties hold for this one too."""

    properties: Container[Property] = Field(default_factory=Container)
    """The properties."""

    sections: Container[Section] = Field(default_factory=Container)
    """Sections that are parts of this one."""
