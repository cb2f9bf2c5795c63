"""The schema that a command line names."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from nixschema.cli.exits import CONTENT, USAGE, tell

if TYPE_CHECKING:
    from nixschema.schema.language import SchemaDocument


def loaded(name: str) -> SchemaDocument:
    """A schema by name or path; exits where it cannot be used."""
    from nixschema.errors import NixError, SchemaError
    from nixschema.schema.loading import load_schema_document

    try:
        return load_schema_document(name)
    except SchemaError as error:
        tell(str(error))
        sys.exit(CONTENT if error.findings else USAGE)
    except (NixError, OSError) as error:
        tell(str(error))
        sys.exit(USAGE)


def known_hint() -> str:
    """The schemas that there are by name, as the end of a sentence."""
    from nixschema.schema.finding import known_schemas

    names = ", ".join(known_schemas())
    return f"; there are {names}" if names else ""
