"""The kinds of value that fields hold: text, names, ids, times, numbers, arrays, units.

Models are strict: text is text and numbers are numbers, numpy's scalars among them. What is read
from a file is validated with the context `LOADING`, in which text stands for times and a name may
be one that nobody is allowed to give.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID, uuid4

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from nixschema.array import Array, shape_text
from nixschema.model.checked import Checked
from nixschema.model.refusal import shown
from nixschema.model.units import Unit

LOADING: Final = {"loading": True}
"""Context of validation for what comes from a file."""

unset: Any = None
"""Default of a field that may be left unset."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TIME = re.compile(r"\d{8}T\d{6}", re.ASCII)


def now() -> datetime:
    """The present time as NIX keeps it: UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def new_id() -> str:
    """A new random id."""
    return str(uuid4())


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID as nixio accepts it."""
    if _UUID.fullmatch(text):
        return True
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def name_fault(name: str) -> str | None:
    """Why a name cannot be used for a link in HDF5, or None."""
    if not name:
        return "is empty"
    if name in (".", ".."):
        return f"is `{name}`, which HDF5 takes for a place"
    if "/" in name:
        return "has a `/` in it, which HDF5 takes for a path"
    if "\0" in name:
        return "has a NUL in it"
    return text_fault(name)


def is_utf8_text(text: object) -> bool:
    """Whether a value is a text that UTF-8 can hold."""
    return isinstance(text, str) and text_fault(text) is None


def text_fault(text: str) -> str | None:
    """Why a text cannot be written as UTF-8, or None."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"has half a character in it, at {error.start}: {shown(text)}"
    return None


@lru_cache(maxsize=4096)
def time_from_text(text: str) -> datetime:
    """A time from its text in a NIX file, ``YYYYMMDDTHHMMSS`` in UTC.

    Raises:
        ValueError: it is no such text.
    """
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    return datetime(year, month, day, int(text[9:11]), int(text[11:13]), int(text[13:]), tzinfo=UTC)


def time_as_text(time: datetime) -> str:
    """A time as a NIX file has it."""
    day = f"{time.year:04d}{time.month:02d}{time.day:02d}"
    return f"{day}T{time.hour:02d}{time.minute:02d}{time.second:02d}"


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _check_name(name: str, info: ValidationInfo) -> str:
    if info.context is not LOADING and (fault := name_fault(name)) is not None:
        raise PydanticCustomError("name", "a name {fault}", {"fault": fault})
    return name


def _check_text(text: str, info: ValidationInfo) -> str:
    if info.context is not LOADING and (fault := text_fault(text)) is not None:
        raise PydanticCustomError("text", "a text {fault}", {"fault": fault})
    return text


def _check_id(text: str) -> str:
    if not is_uuid(text):
        raise PydanticCustomError("uuid_text", "`{text}` is not a UUID", {"text": text[:60]})
    return text


def _read_time(value: Any, info: ValidationInfo) -> Any:
    if info.context is LOADING and isinstance(value, str):
        try:
            return time_from_text(value)
        except ValueError:
            text = {"text": value[:60]}
            raise PydanticCustomError("time_text", "`{text}` is no time", text) from None
    return value


def _check_time(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise PydanticCustomError(
            "time_zone", "a time needs a time zone, such as `datetime.UTC`", {}
        )
    if time.microsecond:
        raise PydanticCustomError("time_fraction", "NIX keeps times in whole seconds", {})
    try:
        return time if time.utcoffset() == timedelta() else time.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("time_range", "a time is in the years 1 to 9999", {}) from None


@dataclass(frozen=True, slots=True)
class Limit:
    """Says in words what a validator allows."""

    limit: str


Text = Annotated[str, BeforeValidator(_plain), AfterValidator(_check_text)]
"""Text, kept as written."""

Label = Annotated[str, Field(min_length=1), BeforeValidator(_plain), AfterValidator(_check_text)]
"""Text that is not empty."""

Name = Annotated[
    str,
    BeforeValidator(_plain),
    AfterValidator(_check_name),
    Limit("not empty, not `.` or `..`, no `/`"),
]
"""Name of an entity: not empty, not ``.`` or ``..``, without ``/``."""

Identifier = Annotated[str, BeforeValidator(_plain), AfterValidator(_check_id), Limit("a UUID")]
"""UUID as text, kept verbatim."""

Timestamp = Annotated[
    datetime,
    BeforeValidator(_read_time),
    AfterValidator(_check_time),
    Limit("`YYYYMMDDTHHMMSS`, UTC"),
]
"""A time in UTC, in whole seconds."""

Number = Annotated[float, BeforeValidator(_plain)]
"""A number; numpy's scalars are numbers, text is not."""

FiniteNumber = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(_plain)]
"""A number that is neither NaN nor infinite."""

PositiveNumber = Annotated[float, Field(gt=0, allow_inf_nan=False), BeforeValidator(_plain)]
"""A finite number above zero."""

Integer = Annotated[int, BeforeValidator(_plain)]
"""A whole number."""

Natural = Annotated[int, Field(ge=0), BeforeValidator(_plain)]
"""A whole number that is not negative."""


def _as_array(value: Any) -> Any:
    if value is None:
        return value
    try:
        return Array(value)
    except (TypeError, ValueError) as error:
        raise PydanticCustomError("array", "{why}", {"why": str(error)}) from None


def _check_axes(array: Array) -> Array:
    if array.ndim == 0:
        raise PydanticCustomError("array_rank", "a scalar has no axes", {"expected": "an array"})
    return array


def _check_vector(array: Array) -> Array:
    return _check_list(array, "numbers", fits=array.is_numeric)


def _check_records(array: Array) -> Array:
    return _check_list(array, "records", fits=bool(array.dtype.names))


def _check_list(array: Array, elements: str, *, fits: bool) -> Array:
    expected = {"expected": f"a list of {elements}"}
    if array.ndim != 1:
        raise PydanticCustomError(
            "array_rank",
            "an array of shape {shape} is no list",
            {"shape": shape_text(array.shape), **expected},
        )
    if not fits:
        raise PydanticCustomError(
            "array_type",
            "an array of {type} is no list of {elements}",
            {"type": array.type_text, "elements": elements, **expected},
        )
    return array


def _as_list(value: Any, info: ValidationInfo) -> Any:
    """Tuples and arrays of one axis are lists by hand, and one value is a list of one."""
    if info.context is LOADING or value is None:
        return value
    if isinstance(value, np.ndarray | Array) and value.ndim <= 1:
        value = np.asarray(value).tolist()
    if isinstance(value, tuple | range):
        return list(value)
    return value if isinstance(value, list | dict | bytes) else [value]


def _numbers(values: list[Any]) -> list[float]:
    plain = [_plain(value) for value in values]
    for value in plain:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"expected a number, not {shown(value)}")
    try:
        return [float(value) for value in plain]
    except OverflowError:
        raise ValueError("a number is beyond the range of a float") from None


def integers(values: list[Any]) -> list[int]:
    """Whole numbers of a list.

    Raises:
        TypeError: one is anything else.
    """
    plain = [_plain(value) for value in values]
    for value in plain:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"expected a whole number, not {shown(value)}")
    return plain


def _texts(values: list[Any]) -> list[str]:
    plain = [_plain(value) for value in values]
    for value in plain:
        if not isinstance(value, str):
            raise TypeError(f"expected a text, not {shown(value)}")
        if (fault := text_fault(value)) is not None:
            raise ValueError(f"a text {fault}")
    return plain


def _units(values: list[Any]) -> list[Unit]:
    return [Unit(value) for value in _texts(values)]


def _as_several(value: Any, info: ValidationInfo) -> Any:
    """As `_as_list`, but for text: one text is easily taken for its letters."""
    return value if isinstance(value, str) else _as_list(value, info)


if TYPE_CHECKING:

    class OptionalArray:
        """An array or None; takes whatever numpy can make an array of."""

        def __get__(self, instance: object, owner: object = None) -> Array | None: ...
        def __set__(self, instance: object, value: npt.ArrayLike | Array | None) -> None: ...

    class OptionalNumbers:
        """A one-dimensional array of numbers or None; takes a list of numbers."""

        def __get__(self, instance: object, owner: object = None) -> Array | None: ...
        def __set__(self, instance: object, value: npt.ArrayLike | Array | None) -> None: ...

    class OptionalRecords:
        """A one-dimensional array of records or None; takes records, or columns by their names."""

        def __get__(self, instance: object, owner: object = None) -> Array | None: ...
        def __set__(
            self,
            instance: object,
            value: npt.ArrayLike | Array | Mapping[str, npt.ArrayLike] | None,
        ) -> None: ...

    class OptionalUnit:
        """A unit or None; takes text."""

        def __get__(self, instance: object, owner: object = None) -> Unit | None: ...
        def __set__(self, instance: object, value: str | None) -> None: ...

    class Units:
        """A list of units, one for each axis; takes texts."""

        def __get__(self, instance: object, owner: object = None) -> Checked[Unit] | None: ...
        def __set__(self, instance: object, value: Sequence[str] | None) -> None: ...

    class OptionalPosition:
        """A number for each axis, or None; takes one number for one axis."""

        def __get__(self, instance: object, owner: object = None) -> Checked[float] | None: ...
        def __set__(self, instance: object, value: npt.ArrayLike | None) -> None: ...

    class OptionalIntegers:
        """A list of whole numbers or None."""

        def __get__(self, instance: object, owner: object = None) -> Checked[int] | None: ...
        def __set__(self, instance: object, value: Sequence[int] | None) -> None: ...

    class OptionalLabels:
        """A list of texts or None; takes several texts."""

        def __get__(self, instance: object, owner: object = None) -> Checked[str] | None: ...
        def __set__(self, instance: object, value: Sequence[str] | None) -> None: ...

else:
    OptionalArray = Annotated[
        Annotated[Array, AfterValidator(_check_axes), Limit("one axis or more")] | None,
        BeforeValidator(_as_array),
    ]
    OptionalNumbers = Annotated[
        Annotated[Array, AfterValidator(_check_vector), Limit("one axis, numbers")] | None,
        BeforeValidator(_as_array),
    ]
    OptionalRecords = Annotated[
        Annotated[Array, AfterValidator(_check_records), Limit("one axis, records")] | None,
        BeforeValidator(_as_array),
    ]
    OptionalUnit = Annotated[
        Annotated[Unit, AfterValidator(_check_text)] | None, BeforeValidator(_plain)
    ]
    Units = Annotated[
        Annotated[list[Unit], AfterValidator(partial(Checked, check=_units))] | None,
        BeforeValidator(_as_list),
    ]
    OptionalPosition = Annotated[
        Annotated[list[Number], AfterValidator(partial(Checked, check=_numbers))] | None,
        BeforeValidator(_as_list),
    ]
    OptionalIntegers = Annotated[
        Annotated[list[Integer], AfterValidator(partial(Checked, check=integers))] | None,
        BeforeValidator(_as_list),
    ]
    OptionalLabels = Annotated[
        Annotated[list[Text], AfterValidator(partial(Checked, check=_texts))] | None,
        BeforeValidator(_as_several),
    ]
