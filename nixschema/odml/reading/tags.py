"""The fields that odML has, by the names that files give them."""

from __future__ import annotations

from nixschema.odml.reading.raw import Kind

_SECTION = ("id", "name", "type", "definition", "reference", "repository", "link", "include")
_OLD = ("mapping", "synonym")
"""What only odML 1.0 has."""

FIELDS: dict[Kind, dict[str, str]] = {
    "document": {
        **{name: name for name in ("id", "author", "version", "date", "repository")},
        "oid": "id",
    },
    "section": {
        **{name: name for name in (*_SECTION, *_OLD, "sec_cardinality", "prop_cardinality")},
        "oid": "id",
    },
    "property": {
        **{name: name for name in ("id", "name", "unit", "uncertainty", "definition", *_OLD)},
        **{name: name for name in ("reference", "value_origin", "dependency", "val_cardinality")},
        "oid": "id",
        "type": "dtype",
        "dtype": "dtype",
        "dependencyvalue": "dependency_value",
        "dependency_value": "dependency_value",
    },
    "value": {
        **{name: name for name in ("id", "unit", "uncertainty", "definition", "reference")},
        **{name: name for name in ("encoder", "checksum", "comment", "filename")},
        "type": "dtype",
        "dtype": "dtype",
    },
}
"""Names of tags and keys in lower case -> names of fields."""

XML_NAMES = {"dtype": "type", "oid": "id", "values": "value", "dependency_value": "dependencyvalue"}
"""What odML 1.1 calls tags that other formats, or odML 1.0, call so."""
