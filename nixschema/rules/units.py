"""NIX5xx: units of arrays, of their axes, and of the columns of frames."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from nixschema.findings import Level
from nixschema.model import (
    DataArray,
    DataFrame,
    MultiTag,
    RangeDimension,
    SampledDimension,
    Tag,
)
from nixschema.model.units import MAX_LENGTH, PREFIXES, Unit
from nixschema.rules.rule import Sentence, at, rule

Measured: TypeAlias = DataArray | SampledDimension | RangeDimension | DataFrame
"""What has a unit."""

MEASURED = (DataArray, SampledDimension, RangeDimension, DataFrame)

Marking: TypeAlias = Tag | MultiTag
"""What has a unit for each axis."""

_WORDS = (
    "min h hr d day week year deg degree degrees ° arcmin arcsec rev cycle cycles turn dva",
    "degC °C degF °F eV u Da amu M bar atm Torr mmHg mmH2O cmH2O psi G Gs Ci R rem cal",
    "px pixel pixels voxel vox count counts cts event events spike spikes trial trials",
    "sample samples frame frames bin bins bit bits byte bytes B Bd baud bps adc ADC LSB",
    "a.u. a.u au AU arb.u. arb.unit arb.units arbitrary ppm ppb pH rpm bpm fps",
    "in inch ft ha ar t U IU dioptre D Np dBm dBV dBSPL sone phon mel Bark octave oct",
    "dimensionless 1 e sr",
)
OTHER_UNITS = frozenset(word for words in _WORDS for word in words.split())
"""Units in use that are none of NIX's, as they are written."""

PREFIXED = frozenset(("eV", "u", "Da", "M", "bar", "G", "Ci", "cal", "bit", "B", "U", "D", "sr"))
"""Those of them that take a prefix."""

MEANT: Mapping[str, str] = {
    **dict.fromkeys(("sec", "secs", "second", "seconds", "S.", "Sec"), "s"),
    **dict.fromkeys(("msec", "msecs", "millisecond", "milliseconds", "mS.", "Ms", "MS"), "ms"),
    **dict.fromkeys(("usec", "microsecond", "microseconds"), "us"),
    **dict.fromkeys(("nsec", "nanosecond", "nanoseconds"), "ns"),
    **dict.fromkeys(("volt", "volts", "Volt", "Volts", "v"), "V"),
    **dict.fromkeys(("millivolt", "millivolts", "mv", "MV.", "mVolt"), "mV"),
    **dict.fromkeys(("microvolt", "microvolts", "uv", "uVolt"), "uV"),
    **dict.fromkeys(("ampere", "amperes", "amp", "amps", "Amp"), "A"),
    **dict.fromkeys(("picoampere", "pa", "pAmp"), "pA"),
    **dict.fromkeys(("nanoampere", "na", "nAmp"), "nA"),
    **dict.fromkeys(("hertz", "Hertz", "hz", "HZ", "cps"), "Hz"),
    **dict.fromkeys(("kilohertz", "khz", "KHz", "Khz", "KHZ"), "kHz"),
    **dict.fromkeys(("megahertz", "mhz", "MHZ", "Mhz"), "MHz"),
    **dict.fromkeys(("meter", "metre", "meters", "metres"), "m"),
    **dict.fromkeys(("millimeter", "millimetre", "MM"), "mm"),
    **dict.fromkeys(("micron", "microns", "micrometer", "micrometre"), "um"),
    **dict.fromkeys(("gram", "grams", "gr"), "g"),
    **dict.fromkeys(("kilogram", "kilograms", "Kg", "KG", "kilo"), "kg"),
    **dict.fromkeys(("kelvin", "Kelvin", "degK", "°K"), "K"),
    **dict.fromkeys(("ohm", "ohms", "Ohms", "\u03a9", "\u2126"), "Ohm"),
    **dict.fromkeys(("kohm", "kohms", "k\u03a9", "k\u2126"), "kOhm"),
    **dict.fromkeys(("Mohm", "MOhms", "megohm", "M\u03a9", "M\u2126"), "MOhm"),
    **dict.fromkeys(("siemens", "Siemens", "mho"), "S"),
    **dict.fromkeys(("liter", "litre", "liters", "litres"), "l"),
    **dict.fromkeys(("percent", "pct", "\uff05"), "%"),
    **dict.fromkeys(("db", "DB", "decibel", "Db"), "dB"),
    **dict.fromkeys(("radian", "radians", "rads"), "rad"),
    **dict.fromkeys(("mole", "moles", "Mol"), "mol"),
    **dict.fromkeys(("pascal", "pascals"), "Pa"),
    **dict.fromkeys(("watt", "watts", "Watt"), "W"),
    **dict.fromkeys(("newton", "newtons"), "N"),
    **dict.fromkeys(("joule", "joules"), "J"),
    **dict.fromkeys(("tesla", "Tesla"), "T"),
    **dict.fromkeys(("lux",), "lx"),
}
"""What other spellings stand for."""

_WORD = re.compile(r"([^*/^]+?)(?:\^([+-]?[0-9]+))?")
_NUMBER = re.compile(r"[+-]?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?(?:/[0-9.]+(?:[eE][+-]?[0-9]+)?)?")

Verdict: TypeAlias = Literal["sound", "blank", "spelling", "other", "unknown"]
"""What a text is as a unit: of NIX, none, of NIX once mended, one in use elsewhere, or none."""


class Judgement(NamedTuple):
    """What a text is as a unit, and what to write instead where that is known."""

    verdict: Verdict
    instead: str = ""


def judged(unit: str) -> Judgement:
    """What a text is as a unit."""
    return _judged(unit) if len(unit) <= MAX_LENGTH else Judgement("unknown")


@lru_cache(maxsize=4096)
def _judged(text: str) -> Judgement:
    unit = Unit(text)
    if unit.is_blank:
        return Judgement("blank")
    if unit.is_si:
        return Judgement("sound")
    if unit.canonical.is_si:
        return Judgement("spelling", unit.canonical)
    factors = re.split(r"[*/]", "".join(text.split()))
    if "".join(text.split()) in OTHER_UNITS or all(map(_is_in_use, factors)):
        return Judgement("other")
    words = re.split(r"([*/])", "".join(text.split()).replace("\u00b5", "u").replace("\u03bc", "u"))
    meant = Unit("".join(MEANT.get(word, word) for word in words))
    return Judgement("unknown", meant.canonical if meant.canonical.is_si else "")


def _is_in_use(factor: str) -> bool:
    """Whether one factor of a unit is NIX's or in use elsewhere."""
    word = _WORD.fullmatch(factor)
    if word is None:
        return False
    name = word[1].replace("\u00b5", "u").replace("\u03bc", "u")
    if name in OTHER_UNITS or Unit(name).is_atomic:
        return True
    return any(name.startswith(one) and name[len(one) :] in PREFIXED for one in PREFIXES)


def _units(model: Measured | Marking) -> Iterator[tuple[tuple[str | int, ...], str, Unit]]:
    """Each unit of a model: where it is, what has it, and the unit."""
    if isinstance(model, DataFrame):
        for number, column in enumerate(model.columns):
            if column.unit is not None:
                yield ("columns", number), f"the unit of column `{column.name}`", column.unit
    elif isinstance(model, Tag | MultiTag):
        for number, unit in enumerate(model.units or ()):
            yield ("units", number), f"the unit for axis {number + 1}", Unit(unit)
    elif model.unit is not None:
        yield ("unit",), "`unit`", model.unit


@rule(
    "NIX501",
    on=(DataArray, SampledDimension, RangeDimension),
    level=Level.INFO,
    also=("cpp",),
    help="remove the attribute",
    fix="safe",
)
def unit_is_not_empty(model: DataArray | SampledDimension | RangeDimension) -> Iterator[Sentence]:
    """A unit that is there says something.

    What has no unit has no such attribute. An empty one means the same, but the C++ library's
    validator takes it for a unit that is no SI unit. `none` says it in words and is fine. So is an
    empty text among the units of a frame, where there is no other way.
    """
    if model.unit is not None and not model.unit.strip():
        yield at("unit", "`unit` is empty")


@rule("NIX502", on=MEASURED, level=Level.WARNING, also=("nixio", "cpp"), fix="unsafe")
def unit_is_known(model: Measured) -> Iterator[Sentence]:
    """A unit is an SI unit that NIX knows.

    A unit is a prefix, a symbol and a power, or several of these with `*` or `/` in between, also
    after `1/`. Nothing can be converted from or to anything else, and nobody can tell what is
    meant. A number has no place in a unit. Both validators warn for arrays and call it an error for
    dimensions; it is a warning for all here, as the values can be read. They do not look at frames.
    """
    for place, what, unit in _units(model):
        verdict, instead = judged(unit)
        if verdict == "unknown":
            shown = unit if len(unit) <= 60 else f"{unit[:59]}…"
            number = _NUMBER.match(unit)
            advice = f"write `{instead}`" if instead else "give an SI unit, such as `mV` or `1/s`"
            if not instead and number is not None:
                advice = "give a unit without a number, and put the number into the values"
            yield at(*place, f"{what} is `{shown}`, which NIX does not know", help=advice)


@rule("NIX503", on=MEASURED, level=Level.INFO, also=("nixio", "cpp"))
def unit_converts(model: Measured) -> Iterator[Sentence]:
    """A unit is one that converts.

    Degrees, minutes, mmHg, pixels and arbitrary units are no SI units and none of NIX's: they are
    kept and shown, and convert to nothing but themselves. Both validators warn of them; people who
    measure in them have no choice, so they are only told. Neo writes `dimensionless` for no unit:
    that is not told of its arrays.
    """
    for place, what, unit in _units(model):
        if unit == "dimensionless" and (getattr(model, "type", "") or "").startswith("neo."):
            continue
        if judged(unit).verdict == "other":
            yield at(*place, f"{what} is `{unit}`, which NIX cannot convert")


@rule(
    "NIX504", on=(*MEASURED, Tag, MultiTag), level=Level.WARNING, also=("nixio", "cpp"), fix="safe"
)
def unit_is_spelt(model: Measured | Marking) -> Iterator[Sentence]:
    """A unit is spelt as NIX spells it.

    `u` stands for micro and `^` for a power, and there are no blanks. nixschema understands other
    spellings, and keeps them; nixio and the C++ library do not, and refuse to take data by them.
    """
    for place, what, unit in _units(model):
        verdict, instead = judged(unit)
        if verdict == "spelling":
            yield at(*place, f"{what} is `{unit}`", help=f"write `{instead}`")


@rule("NIX505", on=(SampledDimension, RangeDimension), level=Level.WARNING, also=("nixio",))
def axis_unit_is_single(dimension: SampledDimension | RangeDimension) -> Iterator[Sentence]:
    """The unit of an axis is a single one.

    nixio converts positions of tags for units of one prefix, symbol and power only; the C++ library
    takes others where they are the same to the letter. `1/kHz`, which neo writes, is a single unit
    here: the kilohertz to the power of -1.
    """
    unit = dimension.unit
    if unit is not None and len(unit.parts) > 1:
        yield at("unit", f"`unit` is `{unit}`, a unit of {len(unit.parts)} factors")


@rule("NIX506", on=SampledDimension, level=Level.INFO, also=("nixio", "cpp"))
def offset_has_unit(dimension: SampledDimension) -> Iterator[Sentence]:
    """A sampled dimension with an offset has a unit.

    Without one nobody knows where the axis begins. Both validators warn; the offset is in whatever
    the interval is in, which has no unit either and is fine for them, so it is only told here.
    """
    unit = dimension.unit
    if dimension.offset and (unit is None or unit.is_blank) and not dimension.extra.has("unit"):
        yield at("offset", f"`offset` is {dimension.offset:g}, without a unit")
