"""The schemas that a name is enough for, each with what it says about itself."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from nixschema.errors import NixError
from nixschema.schema.finding import GROUP, known_schemas, shipped_schemas
from nixschema.schema.language import SchemaDocument
from nixschema.schema.loading import load_schema_document

SHIPPED = "shipped"
"""Where the schemas come from that nixschema brings."""


class Known(NamedTuple):
    """A schema that is shipped, or that an installed package brings."""

    name: str
    path: Path
    origin: str
    """``shipped``, or the package that brings it."""
    document: SchemaDocument | None
    """None where it cannot be used."""
    fault: str | None = None
    """Why it cannot."""


def catalogue() -> list[Known]:
    """All schemas that are known by name: shipped ones first, each group by name."""
    shipped = shipped_schemas()
    found = []
    for name, path in known_schemas().items():
        origin = SHIPPED if shipped.get(name) == path else _package_of(name)
        try:
            document = load_schema_document(path)
        except (NixError, OSError) as error:
            found.append(Known(name, path, origin, None, str(error)))
            continue
        found.append(Known(name, path, origin, document))
    return sorted(found, key=lambda one: (one.origin != SHIPPED, one.origin, one.name))


def _package_of(name: str) -> str:
    """The package that brings a schema, by the name that it is installed by."""
    for point in metadata.entry_points(group=GROUP, name=name):
        if point.dist is not None:
            return str(point.dist.name)
        return point.module.partition(".")[0]
    return "installed"
