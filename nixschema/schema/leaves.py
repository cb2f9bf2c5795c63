"""Single values in a schema: texts, numbers, quantities, counts, types, units."""

from __future__ import annotations

import re
from typing import NamedTuple

from nixschema.model.refusal import did_you_mean
from nixschema.model.section import ODML_TYPES
from nixschema.model.units import Unit
from nixschema.schema.blanks import is_blank, is_plain, wrong_blank
from nixschema.schema.language import Count, Leaf
from nixschema.schema.problems import shown
from nixschema.text.nodes import Scalar
from nixschema.text.scalars import Reason, core_value, integer_of, number_of

LONGEST = 4000
"""Characters of a text that a constraint compares with."""

_QUANTITY = re.compile(
    r"([-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?) ?([^\s\d.,+-].{0,60})", re.ASCII
)
_QUANTITY_OF_MICRO = re.compile(r"([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?) ?([^\s\d.,+-].{0,60})")
_COUNT = re.compile(r"([0-9]{1,15})(?:\.\.([0-9]{1,15})?)?", re.ASCII)

LINK_TYPES = ("tagged", "untagged", "indexed")
DIMENSION_TYPES = ("sampled", "range", "set", "data_frame")
DTYPE_WORDS = ("integer", "float", "number", "string", "boolean")
_BITS = (8, 16, 32, 64)
NUMPY_NAMES = (
    "bool",
    *(f"int{bits}" for bits in _BITS),
    *(f"uint{bits}" for bits in _BITS),
    *("float16", "float32", "float64", "float128", "longdouble"),
    *("complex64", "complex128", "object", "bytes", "str", "void", "compound"),
)
_DTYPE_CODE = re.compile(r"[<>=|]?(?:\?|[biufcSUV][0-9]{0,5})", re.ASCII)
_TUPLE = re.compile(r"[0-9]{1,3}-tuple", re.ASCII)


class Wrong(NamedTuple):
    """Why a value cannot stand where it does."""

    rule: str
    message: str
    help: str | None = None


def leaf_of(scalar: Scalar, value: str, keyword: str) -> Leaf | Wrong:
    """What a scalar says where a value of a type is expected.

    Args:
        scalar: what is written.
        value: the type: ``text``, ``number``, ``size``, ``value`` and so on.
        keyword: what it is the value of.
    """
    text = scalar.text
    if len(text) > LONGEST:
        return Wrong("NIX062", f"`{keyword}` is a text of {len(text):,} characters")
    if keyword != "equals" and (wrong := wrong_blank(text)):
        return Wrong("NIX063", wrong, "a text with `<` is compared as it is by `equals`")
    match value:
        case "number":
            return quantity_of(scalar, keyword)
        case "size" | "count":
            return _size(scalar, keyword)
        case "value":
            return core_value(scalar)
        case "dtype" | "odml_type" | "link_type" | "dimension_type":
            return _word(text, value, keyword)
    return text


def quantity_of(scalar: Scalar, keyword: str) -> Leaf | Wrong:
    """A number, a number with a unit, or a blank."""
    text = scalar.text.strip()
    if is_blank(text):
        return text
    if scalar.plain:
        number = number_of(scalar)
        if not isinstance(number, Reason):
            if isinstance(number, float) and number != number:
                return Wrong("NIX062", f"`{keyword}` is `{shown(text)}`; expected a number")
            return number
    found = _QUANTITY.fullmatch(text) or _QUANTITY_OF_MICRO.fullmatch(text)
    if found is None or not isinstance(number_of(Scalar(found[1], True)), int | float):
        bare = number_of(Scalar(text, True))
        help = "take the quotes away" if not isinstance(bare, Reason) else None
        expected = "a number, a number with a unit (`0.1 ms`), or a blank"
        return Wrong("NIX062", f"`{keyword}` is `{shown(text)}`; expected {expected}", help)
    if wrong := wrong_unit(found[2], keyword):
        return wrong
    return text


def wrong_unit(text: str, keyword: str) -> Wrong | None:
    """Why nothing converts to a unit, or None."""
    if Unit(text).parts:
        return None
    message = f"`{shown(text)}` at `{keyword}` is no unit that values are converted to"
    return Wrong("NIX064", message, "write an SI unit: `mV`, `s`, `1/kHz`")


def count_of(scalar: Scalar, keyword: str) -> Count | Wrong:
    """``1``, ``1..``, ``0..1``, ``2..8``, or a blank."""
    text = scalar.text.strip()
    if is_blank(text):
        return Count(0, None, text)
    found = _COUNT.fullmatch(text)
    if found is None:
        return Wrong("NIX062", _no_count(text, keyword), _count_help(text))
    least = int(found[1])
    most = least if ".." not in text else int(found[2]) if found[2] else None
    if most is not None and most < least:
        swapped = f"write `{most}..{least}`"
        return Wrong("NIX066", f"`{keyword}` is `{text}`, which no number is", swapped)
    return Count(least, most)


def _no_count(text: str, keyword: str) -> str:
    told = f"`{shown(text)}`" if text else "nothing"
    return f"`{keyword}` is {told}; expected a count: `1`, `1..`, `0..1`, `2..8`, or a blank"


def _count_help(text: str) -> str | None:
    for pattern, form in (
        (r"\.\.([0-9]{1,15})", r"0..\1"),
        (r"([0-9]{1,15}) ?(?:-|to|–|:|\.\.\.|…| \.\. ) ?([0-9]{1,15})", r"\1..\2"),
        (r"([0-9]{1,15}) ?(?:\+|or more|\.\.\.)", r"\1.."),
        (r">= ?([0-9]{1,15})", r"\1.."),
        (r"<= ?([0-9]{1,15})", r"0..\1"),
        (r"\*|any", "0.."),
        (r"\+", "1.."),
    ):
        if found := re.fullmatch(pattern, text):
            return f"write `{found.expand(form)}`"
    if re.fullmatch(r"[0-9]+\.0*", text):
        return f"write `{text.partition('.')[0]}`"
    return None


def _size(scalar: Scalar, keyword: str) -> Leaf | Wrong:
    text = scalar.text.strip()
    if is_blank(text):
        return text
    number = integer_of(scalar)
    if isinstance(number, Reason):
        expected = "expected a whole number or a blank"
        found = f"`{shown(text)}`" if text else "nothing"
        return Wrong(
            "NIX062", f"`{keyword}` is {found}; {expected}", _size_help(text) or number.help
        )
    if number < 0:
        return Wrong("NIX062", f"`{keyword}` is {number}; expected a number that is not negative")
    return number


_FEW = 15
"""As many words are listed beside the one that may be meant."""


def _size_help(text: str) -> str | None:
    """What to write for a count, where a constraint stands."""
    found = re.fullmatch(r"([0-9]{1,15})?\.\.([0-9]{1,15})?", text)
    if found is None or found[0] == "..":
        return None
    limits = [
        f"{name}: {one}" for name, one in zip(("min", "max"), found.groups(), strict=True) if one
    ]
    return f"write `{{{', '.join(limits)}}}`"


def _word(text: str, value: str, keyword: str) -> Leaf | Wrong:
    """A text of which only some are possible, unless it has wildcards or blanks."""
    known: tuple[str, ...] = {
        "dtype": (*DTYPE_WORDS, *NUMPY_NAMES),
        "odml_type": (*ODML_TYPES, *DTYPE_WORDS),
        "link_type": LINK_TYPES,
        "dimension_type": DIMENSION_TYPES,
    }[value]
    also = {"dtype": _DTYPE_CODE, "odml_type": _TUPLE}.get(value)
    if not is_plain(text) or text in known or (also is not None and also.fullmatch(text)):
        return text
    if value == "link_type" and text.lower() in known:
        return text
    meant = did_you_mean(text, known)
    what = {"dtype": "type of values", "odml_type": "type of properties"}
    listed = ", ".join(dict.fromkeys(known))
    if value in what:
        told = f"`{shown(text)}` at `{keyword}` is no {what[value]}"
    else:
        told = f"`{keyword}` is `{shown(text)}`"
        meant = meant or "; expected " + ", ".join(f"`{one}`" for one in known)
    help = None if "did you mean" in meant and len(known) > _FEW else f"there are {listed}"
    return Wrong("NIX062", f"{told}{meant}", help)
