"""The types of odML's values."""

from __future__ import annotations

import re

TEXT_TYPES = ("string", "text", "url", "person")
"""Types whose values are texts of any kind."""

TIME_TYPES = ("date", "time", "datetime")
"""Types whose values are texts of a certain form."""

NUMBER_TYPES = ("int", "float")

TUPLE = re.compile(r"([1-9][0-9]*)-tuple")
"""Name of a type of tuples, with the number of their elements."""

KNOWN = (*TEXT_TYPES, *TIME_TYPES, *NUMBER_TYPES, "boolean")
"""All other types."""

ALIASES = {"str": "string", "bool": "boolean", "integer": "int"}
"""Other names that are met."""


def plain_type(dtype: str | None) -> str:
    """The type that a name means: in lower case, by its usual name; nothing for None."""
    name = (dtype or "").strip().lower()
    return ALIASES.get(name, name)
