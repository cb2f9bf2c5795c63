"""What types of values are called: by numpy, by odML, and by words such as ``integer``."""

from __future__ import annotations

import re
from functools import lru_cache

_SPELT = {
    "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64",
    "u1": "uint8", "u2": "uint16", "u4": "uint32", "u8": "uint64",
    "f2": "float16", "f4": "float32", "f8": "float64", "f16": "float128",
    "c8": "complex64", "c16": "complex128", "longdouble": "float128",
    "b1": "bool", "?": "bool",
}  # fmt: skip

_TEXT = re.compile(r"string|str|object|[SU][0-9]{0,5}", re.ASCII)


@lru_cache(maxsize=1024)
def type_words(name: str) -> tuple[str, ...]:
    """Names that a type goes by: its own, and ``integer``, ``float``, ``number`` and so on."""
    bare = name.lstrip("<>=|")
    bare = _SPELT.get(bare, bare)
    words = [bare]
    if bare.startswith(("int", "uint")) and bare.strip("uint").isdigit():
        words += ["integer", "int", "number"]
    elif bare.startswith("float") and bare.removeprefix("float").isdigit():
        words += ["float", "number"]
    elif bare in ("integer", "float"):
        words += ["number"]
    elif bare in ("bool", "boolean"):
        words = ["boolean", "bool"]
    elif _TEXT.fullmatch(bare):
        words = ["string"]
    return tuple(words)


def plain_word(name: str) -> str:
    """A type as values tell theirs: ``float64`` for ``<f8``, ``string`` for ``str``."""
    words = type_words(name)
    return name if name in words else words[0]


def are_compatible(one: str, other: str) -> bool:
    """Whether values may be of both types: ``int8`` and ``integer``."""
    return one in type_words(other) or other in type_words(one)
