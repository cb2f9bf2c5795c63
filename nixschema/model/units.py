"""Units as NIX spells them: text that is kept as written and parsed on demand.

The grammar is that of the NIX format, as nixio and the C++ library have it: an atomic unit is
``PREFIX? UNIT POWER?``, a compound one is atomic units joined by ``*`` or ``/``. A reciprocal
(``1/kHz``, which neo writes) is taken as well. What a unit measures is its dimension, a product of
powers of base units; two units convert where their dimensions are the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["Atom", "Unit", "UnitError"]

PREFIXES: Mapping[str, int] = {
    "Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1,
    "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18, "z": -21, "y": -24,
}  # fmt: skip
"""The prefixes of the NIX grammar, as powers of ten."""

BASES = ("g", "m", "s", "A", "K", "mol", "cd", "rad", "dB")
"""The units dimensions are made of. The gram, not the kilogram, so that every prefix counts alike.

``rad`` and ``dB`` are bases here, though SI has them as plain numbers: ``rad/s`` is not ``Hz``, and
a level in ``dB`` is no ratio one could multiply.
"""

UNITS: Mapping[str, tuple[int, Mapping[str, int]]] = {
    "m": (0, {"m": 1}),
    "g": (0, {"g": 1}),
    "s": (0, {"s": 1}),
    "A": (0, {"A": 1}),
    "K": (0, {"K": 1}),
    "mol": (0, {"mol": 1}),
    "cd": (0, {"cd": 1}),
    "Hz": (0, {"s": -1}),
    "N": (3, {"g": 1, "m": 1, "s": -2}),
    "Pa": (3, {"g": 1, "m": -1, "s": -2}),
    "J": (3, {"g": 1, "m": 2, "s": -2}),
    "W": (3, {"g": 1, "m": 2, "s": -3}),
    "C": (0, {"s": 1, "A": 1}),
    "V": (3, {"g": 1, "m": 2, "s": -3, "A": -1}),
    "F": (-3, {"g": -1, "m": -2, "s": 4, "A": 2}),
    "S": (-3, {"g": -1, "m": -2, "s": 3, "A": 2}),
    "Wb": (3, {"g": 1, "m": 2, "s": -2, "A": -1}),
    "T": (3, {"g": 1, "s": -2, "A": -1}),
    "H": (3, {"g": 1, "m": 2, "s": -2, "A": -2}),
    "lm": (0, {"cd": 1, "rad": 2}),
    "lx": (0, {"m": -2, "cd": 1, "rad": 2}),
    "Bq": (0, {"s": -1}),
    "Gy": (0, {"m": 2, "s": -2}),
    "Sv": (0, {"m": 2, "s": -2}),
    "kat": (0, {"s": -1, "mol": 1}),
    "l": (-3, {"m": 3}),
    "L": (-3, {"m": 3}),
    "Ohm": (3, {"g": 1, "m": 2, "s": -3, "A": -2}),
    "%": (-2, {}),
    "dB": (0, {"dB": 1}),
    "rad": (0, {"rad": 1}),
}
"""The units of the NIX grammar: each a power of ten times a product of `BASES`."""

MAX_LENGTH = 256
"""A longer text is not read as a unit."""

MAX_EXPONENT = 307
"""A factor beyond ten to this power, up or down, leaves the range in which a float is precise."""

_ATOMS = {prefix + symbol: (prefix, symbol) for prefix in ("", *PREFIXES) for symbol in UNITS}
_TERM = re.compile(r"([*/])([A-Za-z%]+)(?:\^([+-]?[1-9][0-9]{0,2}))?")
_DENOMINATOR = re.compile(r"([^()]+)/\(([^()/]+)\)")


class UnitError(ValueError):
    """Two units do not convert into one another; the message names both and says why."""


class Atom(NamedTuple):
    """One factor of a unit: ``Atom("m", "V", 2)`` is ``mV^2``."""

    prefix: str
    """A prefix of the NIX grammar, ``u`` for micro, or nothing."""

    symbol: str
    """A unit of the NIX grammar."""

    power: int
    """Negative below the fraction line, never 0."""

    def __str__(self) -> str:
        """The spelling of the NIX grammar."""
        power = "" if self.power == 1 else f"^{self.power}"
        return f"{self.prefix}{self.symbol}{power}"


class Unit(str):
    """A unit: text kept as written, never refused, with what NIX reads in it.

    Only `is_si` and `is_atomic` judge the spelling. Everything else reads kindly, by the rules of
    `canonical`.
    """

    __slots__ = ()

    @property
    def canonical(self) -> Unit:
        """The spelling of the NIX grammar, for writing where other readers must understand it.

        Blanks go; ``mu``, U+00B5 and U+03BC become ``u``; ``**`` becomes ``^``; a denominator in
        parentheses at the end is written out (``V/(m*s)``, as quantities has it, becomes
        ``V/m/s``); ``^+2`` becomes ``^2``, and ``^1`` goes. The order of the factors, ``*``, ``/``,
        ``1/``, ``l`` and ``L`` stay. A text that even so is not SI is returned as written, without
        blanks at its ends.
        """
        reading = _read(self)
        return Unit(reading.spelling if reading else self.strip())

    @property
    def parts(self) -> tuple[Atom, ...]:
        """The factors in order, none where this is no SI unit: ``mV/s`` is ``mV``, ``s^-1``."""
        reading = _read(self)
        return reading.atoms if reading else ()

    @property
    def is_si(self) -> bool:
        """Whether the text follows the NIX grammar, as written and to its last character.

        An atomic unit, several joined by ``*`` or ``/``, or either after ``1/``. Powers have at
        most three digits and the text at most 256 characters.
        """
        reading = _read(self)
        return reading is not None and reading.as_written

    @property
    def is_atomic(self) -> bool:
        """Whether the text is one prefix, unit and power of the NIX grammar: ``mV``, ``s^-1``."""
        return self.is_si and "/" not in self and "*" not in self

    @property
    def is_blank(self) -> bool:
        """Whether it says that there is no unit: empty, blanks, or ``none`` as NIX tags have it."""
        return self.strip() in ("", "none")

    def factor_to(self, other: str) -> float:
        """What a value in this unit is multiplied by to be in the other: 1000 for ``ms`` to ``us``.

        It is the float nearest to the exact power of ten. Dimensions decide, not what is meant:
        ``Hz``, ``Bq`` and ``s^-1`` convert, so do ``Gy`` and ``Sv``, ``J`` and ``N*m``, ``ml`` and
        ``cm^3``, ``%`` and ``mm/m``; ``rad`` and ``dB`` only stand for themselves, and ``lm`` is
        ``cd*rad^2``. Texts that are the same convert by 1, even where they are no SI units, and so
        do two blank ones. Numbers in a unit (``1/30000*s``) are not understood.

        Raises:
            UnitError: If one of them is no SI unit, their dimensions differ, or the factor is
                beyond what a float holds precisely.
        """
        return float(f"1e{self._exponent_to(other)}")

    def convert(self, values: Any, other: str) -> Any:
        """Values in this unit, in the other: ``Unit("ms").convert(5, "s")`` is exactly 0.005.

        Args:
            values: a number or an array.
            other: the other unit.

        Raises:
            UnitError: see `factor_to`.
        """
        exponent = self._exponent_to(other)
        power = float(f"1e{abs(exponent)}")  # Exact up to 22; its inverse never is.
        return values * power if exponent >= 0 else values / power

    def _exponent_to(self, other: str) -> int:
        target = Unit(other)
        mine, its = _read(self), _read(target)
        if mine is None or its is None:
            if self.strip() == target.strip() or (self.is_blank and target.is_blank):
                return 0
            strange = self if mine is None else target
            why = "means no unit" if strange.is_blank else "is not an SI unit that NIX knows"
            raise _refusal(self, target, f"{_shown(strange)} {why}")
        if mine.dimension != its.dimension:
            dimensions = f"{_spelt(mine.dimension)} and {_spelt(its.dimension)}"
            raise _refusal(self, target, f"their dimensions differ, {dimensions}")
        exponent = mine.exponent - its.exponent
        if abs(exponent) > MAX_EXPONENT:
            raise _refusal(self, target, f"the factor 10^{exponent} is beyond a float")
        return exponent

    def is_convertible_to(self, other: str) -> bool:
        """Whether `factor_to` has an answer."""
        try:
            self.factor_to(other)
        except UnitError:
            return False
        return True

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A field of this type takes text, nothing else, and is plain text when dumped."""
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.str_schema(strict=True),
            serialization=core_schema.plain_serializer_function_ser_schema(
                str, return_schema=core_schema.str_schema()
            ),
        )


_Dimension = tuple[tuple[str, int], ...]


class _Reading(NamedTuple):
    """What a text says, read as a unit: the value is ten to the exponent times the dimension."""

    spelling: str
    as_written: bool
    atoms: tuple[Atom, ...]
    exponent: int
    dimension: _Dimension


def _read(text: str) -> _Reading | None:
    """What the text says, or nothing where it is no SI unit; long texts are not even cached."""
    return _read_short(text) if len(text) <= MAX_LENGTH else None


@lru_cache(maxsize=4096)
def _read_short(text: str) -> _Reading | None:
    clean = _sanitised(text)
    reciprocal = clean.startswith("1/")
    terms = _split(clean.removeprefix("1") if reciprocal else f"*{clean}")
    if terms is None:
        return None
    spelling = "".join(f"{operator}{atom}" for operator, atom in terms)
    atoms = tuple(
        atom if operator == "*" else atom._replace(power=-atom.power) for operator, atom in terms
    )
    exponent = 0
    powers = Counter[str]()
    for prefix, symbol, power in atoms:
        scale, bases = UNITS[symbol]
        exponent += (PREFIXES.get(prefix, 0) + scale) * power
        for base, base_power in bases.items():
            powers[base] += base_power * power
    return _Reading(
        spelling=f"1{spelling}" if reciprocal else spelling.removeprefix("*"),
        as_written=clean == text,
        atoms=atoms,
        exponent=exponent,
        dimension=tuple((base, powers[base]) for base in BASES if powers[base]),
    )


def _sanitised(text: str) -> str:
    """The text with the habits of other writers put into NIX's; what follows its grammar stays."""
    text = "".join(text.split())
    text = text.replace("mu", "u").replace("\u00b5", "u").replace("\u03bc", "u").replace("**", "^")
    if fraction := _DENOMINATOR.fullmatch(text):
        text = f"{fraction[1]}/{fraction[2].replace('*', '/')}"
    return text


def _split(text: str) -> list[tuple[str, Atom]] | None:
    """Each operator with the atom behind it, or nothing where the text is anything else."""
    terms: list[tuple[str, Atom]] = []
    position = 0
    while position < len(text):
        term = _TERM.match(text, position)
        if term is None or term[2] not in _ATOMS:
            return None
        terms.append((term[1], Atom(*_ATOMS[term[2]], int(term[3] or 1))))
        position = term.end()
    return terms


def _refusal(unit: str, other: str, why: str) -> UnitError:
    return UnitError(f"{_shown(unit)} does not convert to {_shown(other)}: {why}")


def _shown(text: str) -> str:
    """The text in backticks, on one line and not too long."""
    short = text if len(text) <= 40 else f"{text[:39]}…"
    return f"`{short if short.isprintable() else repr(short)[1:-1]}`"


def _spelt(dimension: _Dimension) -> str:
    """The dimension in backticks, in base units."""
    factors = "*".join(str(Atom("", base, power)) for base, power in dimension)
    return f"`{factors or '1'}`"
