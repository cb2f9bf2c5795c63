"""NIX83x, NIX84x: values, units and uncertainties of properties in odML documents."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from io import StringIO

from nixschema.findings import Level
from nixschema.model.units import Unit
from nixschema.odml_model.document import Property, Value
from nixschema.odml_model.types import KNOWN, TEXT_TYPES, TIME_TYPES, TUPLE, plain_type
from nixschema.rules.contents import Contents
from nixschema.rules.metadata import impossible_uncertainty, infinite_values, unconvertible_unit
from nixschema.rules.rule import At, Sentence, at, rule
from nixschema.rules.units import judged

_SHOWN = 60
_TRICKY = re.compile(r'[,"\[\]\r\n]|^\s|\s$')
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_FIELD = 131_072
"""Characters of which Python's csv module reads no more."""


@rule(
    "NIX837",
    on=Property,
    level=Level.INFO,
    help="keep the document as JSON or YAML, or have `nixschema convert` write the XML",
)
def values_survive_python_odml(prop: Property) -> Iterator[Sentence]:
    """Python's odML library writes the values to XML so that the same ones are read again.

    It takes the quotes off that it writes around a list, and blanks off the edges of values:
    commas, quotes and line breaks then end values, or become part of them. `nixschema convert`
    writes values so that this library, too, reads them as they are; JSON and YAML keep them as
    well.
    """
    values = prop.values
    if not values or plain_type(prop.dtype) not in _TEXTUAL:
        return
    texts = [one for one in values if isinstance(one, str)]
    if len(texts) < len(values):
        return
    control = next((one for one in map(_NOT_IN_XML.search, texts) if one is not None), None)
    if control is not None:
        yield at("values", f"XML has no U+{ord(control[0]):04X}: it cannot be written")
        return
    if not any(map(_TRICKY.search, texts)):
        return
    read = _read_again(texts)
    if read is None or read == texts:
        return
    if len(texts) == 1 and read:
        said = f"`{_shown(texts[0])}` is read as {_listed(read)}"
        yield at("values", f"written by Python's odML library, {said}")
        return
    count = "the value is" if len(texts) == 1 else f"{len(texts):,} values are"
    first = next((one for one, other in zip(texts, read, strict=False) if one != other), texts[-1])
    become = f"{len(read):,}" if len(read) != len(texts) else "others"
    yield at(
        "values",
        f"written by Python's odML library, {count} read as {become}; "
        f"the first that differs is `{_shown(first)}`",
    )


_TEXTUAL = frozenset((*TEXT_TYPES, ""))


def _read_again(texts: list[str]) -> list[str] | None:
    """What that library reads of values that it has written; None where they are too long."""
    if sum(map(len, texts)) > _LONGEST_FIELD:
        return None
    stream = StringIO()
    csv.writer(stream, dialect="excel").writerow([one.strip() for one in texts])
    text = stream.getvalue().strip().strip('"')
    if len(texts) > 1:
        text = f"[{text}]"
    # XML readers take any end of a line for a line feed.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text:
        return []
    if text[0] != "[" or text[-1] != "]":
        return [text]
    rows = list(csv.reader(StringIO(text[1:-1]), dialect="excel"))
    return rows[0] if rows else []


def _listed(texts: list[str]) -> str:
    few = " and ".join(f"`{_shown(one)}`" for one in texts[:2])
    return few if len(texts) < 3 else f"{few} and {len(texts) - 2:,} more"


@rule(
    "NIX838",
    on=Property,
    level=Level.WARNING,
    help="give the property the type `float`, or `string` where it is a number of something",
)
def integers_fit(prop: Property) -> Iterator[Sentence]:
    """Whole numbers fit into 64 bits.

    odML in Python has no limit, but NIX and most other programs have: there the number becomes a
    text or an error.
    """
    for place, value in enumerate(prop.values, 1):
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            of = f"value {place:,} of {len(prop.values):,}" if len(prop.values) > 1 else "the value"
            digits = len(str(value)) if value.bit_length() < 1_000 else 0
            said = f"is `{value}`" if 0 < digits <= 40 else "has more than 40 digits"
            yield at("values", f"{of} {said}, expected a number from -2^63 to 2^63 - 1")
            return


_FORMS = {
    "date": ("%Y-%m-%d", "2021-03-04"),
    "time": ("%H:%M:%S", "12:30:00"),
    "datetime": ("%Y-%m-%d %H:%M:%S", "2021-03-04 12:30:00"),
}


@rule("NIX839", on=Property, level=Level.WARNING)
def times_are_read_by_all(prop: Property) -> Iterator[Sentence]:
    """Dates and times are written in the one form that all readers of odML know.

    Fractions of seconds, time zones and a `T` in place of the blank are kept here. Python's odML
    library reads none of them: it drops the whole property, with its name and its other values.
    """
    name = plain_type(prop.dtype)
    if name not in TIME_TYPES:
        return
    form, example = _FORMS[name]
    for place, value in enumerate(prop.values, 1):
        if isinstance(value, str) and _is_time(name, value) and not _has_form(value.strip(), form):
            of = f"value {place:,} of {len(prop.values):,}" if len(prop.values) > 1 else "the value"
            sentence = f"{of} is `{_shown(value)}`, expected the form `{example}`"
            yield at("values", sentence, help=f"write it as `{example}`")
            return


_NEARLY = {
    "date": re.compile(r"[0-9]{4}-.*", re.ASCII),
    "time": re.compile(r"[0-9]{1,2}:.*", re.ASCII),
    "datetime": re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[T ].*", re.ASCII),
}


def _is_time(name: str, text: str) -> bool:
    """Whether a text is some time; what is none at all was told while reading (NIX811)."""
    text = text.strip()
    if len(text) > _SHOWN or not _NEARLY[name].fullmatch(text):
        return False
    time = text if name == "time" else text.replace("T", " ").partition(" ")[2].strip()
    return name == "date" or _SOME_TIME.fullmatch(time) is not None


_SOME_TIME = re.compile(
    r"[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.,][0-9]+)?)?( ?(Z|z|[-+][0-9]{2}(:?[0-9]{2})?))?",
    re.ASCII,
)


@lru_cache(4096)
def _has_form(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)
    except ValueError:
        return False
    return True


_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})", re.ASCII)
_FLOAT = re.compile(
    r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,3})?", re.ASCII
)


def _is_date(text: str) -> bool:
    return len(text) == 10 and _has_form(text, _FORMS["date"][0])


def _is_clock(text: str) -> bool:
    return len(text) == 8 and _has_form(text, _FORMS["time"][0])


def _is_moment(text: str) -> bool:
    return len(text) == 19 and _has_form(text, _FORMS["datetime"][0])


def _is_tuple(text: str) -> bool:
    return text[:1] == "(" and text[-1:] == ")" and ";" in text


_LOOKS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("int", _INT.fullmatch),
    ("float", lambda text: _INT.fullmatch(text) or _FLOAT.fullmatch(text)),
    ("boolean", lambda text: text.lower() in ("true", "false")),
    ("date", _is_date),
    ("time", _is_clock),
    ("datetime", _is_moment),
)


@rule("NIX845", on=Property, level=Level.INFO, help="give the property that type")
def texts_are_meant_as_such(prop: Property) -> Iterator[Sentence]:
    """Texts that all look like another type are of that type.

    A number that is a text cannot be compared or converted. Where a text is meant, as in a phone
    number or a version, all is well: it is information.
    """
    values = prop.values
    if not values or plain_type(prop.dtype) not in ("string", ""):
        return
    texts = [one.strip() for one in values if isinstance(one, str)]
    if len(texts) < len(values) or not all(texts) or max(map(len, texts)) > _SHOWN:
        return
    kind = next((name for name, fits in _LOOKS if all(map(fits, texts))), None)
    if kind is None and all(map(_is_tuple, texts)):
        sizes = {one.count(";") + 1 for one in texts}
        kind = f"{sizes.pop()}-tuple" if len(sizes) == 1 else None
    if kind is not None:
        what = f"the value, `{_shown(texts[0])}`, looks"
        if len(texts) > 1:
            what = f"all {len(texts):,} values, such as `{_shown(texts[0])}`, look"
        has = f"the type is `{prop.dtype}`" if prop.dtype else "there is no type"
        yield at("values", f"{what} like `{kind}`, and {has}")


@rule("NIX846", on=Property, level=Level.INFO)
def unit_is_known(prop: Property, contents: Contents) -> Iterator[Sentence]:
    """The unit of a property is one that programs can convert, and NIX keeps.

    Properties hold what people write down, and any text may be their unit: it is kept as it is, and
    what stands in the way of conversion is information, told once for each unit. Units in use that
    are none of SI's, such as degrees and pixels, are fine. nixio takes blanks out of units and
    writes `u` for `µ` and `mu`; nixschema does not.
    """
    unit = prop.unit
    if unit is None:
        return
    values = [] if _is_odd(prop.dtype, prop.values) else prop.values
    if values and isinstance(values[0], str | bool):
        yield from unconvertible_unit(Unit(unit), values)
        return
    is_first, others = contents.unit(prop)
    verdict, instead = judged(unit)
    if not is_first or verdict == "other":
        return
    too = f", here and in {others:,} more" if others else ""
    help = f"write `{instead}`" if instead else None
    if verdict in ("blank", "unknown"):
        for sentence in unconvertible_unit(Unit(unit), []):
            assert isinstance(sentence, At)
            yield at("unit", f"{sentence.sentence}{too}", help=help, facts=(unit,))
    elif (rewritten := _rewritten(unit)) != unit:
        shown, made = unit[:_SHOWN], rewritten[:_SHOWN]
        yield at("unit", f"`unit` is `{shown}`, which nixio makes `{made}`{too}", facts=(unit,))


def _is_odd(dtype: str | None, values: list[Value]) -> bool:
    """Whether values are texts because they do not fit their type, or tuples."""
    name = plain_type(dtype)
    return TUPLE.fullmatch(name) is not None or (
        name in KNOWN and name not in TEXT_TYPES and any(isinstance(one, str) for one in values)
    )


def _rewritten(unit: str) -> str:
    """A unit as nixio stores it."""
    return unit.replace(" ", "").replace("mu", "u").replace("\u00b5", "u").replace("\u03bc", "u")


@rule(
    "NIX847",
    on=Property,
    level=Level.WARNING,
    help="remove the uncertainty, or give one that is finite and not negative",
)
def uncertainty_is_possible(prop: Property) -> Iterator[Sentence]:
    """The uncertainty of a property is a finite number that is not negative.

    It is a distance from the values, in their unit, so it cannot be below zero, and only numbers
    have one.
    """
    if prop.uncertainty is not None:
        values = [] if _is_odd(prop.dtype, prop.values) else prop.values
        yield from impossible_uncertainty(prop.uncertainty, values)


@rule("NIX848", on=Property, level=Level.WARNING, help="leave out values that are not known")
def values_are_finite(prop: Property) -> Iterator[Sentence]:
    """The values of a property are finite numbers.

    NaN stands for a value that nobody knows, and infinity for a limit that was passed: programs
    that compare or average the values get NaN. A value that is not known is better left out.
    """
    if plain_type(prop.dtype) in ("float", ""):
        for sentence in infinite_values(prop.values):
            yield at("values", sentence)


def _shown(text: str) -> str:
    cut = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    return cut.replace("`", "'")
