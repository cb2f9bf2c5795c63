"""What a file is: by what it contains, and by its name where that does not tell."""

from __future__ import annotations

import os
from typing import Literal, TypeAlias

from nixschema.descriptions.recognising import is_description
from nixschema.errors import NotNix
from nixschema.formats import Format, format_of_name
from nixschema.odml.reading import is_odml
from nixschema.schema.recognising import is_schema, says_schema
from nixschema.storage.files import has_signature, kept_elsewhere

TextFormat: TypeAlias = Literal["description", "odml", "schema"]
"""The formats that are texts, and are read."""


def text_format(path: str) -> TextFormat | None:
    """The format of a text: what it contains tells, or else its name; None for NIX and all else."""
    try:
        if not os.path.isfile(path) or has_signature(path):
            return None
        if (found := content_format(path)) is not None:
            return found
        named = format_of_name(path)
        if named == "description" and says_schema(path):
            return "schema"
        if (named == "description" or named == "odml") and kept_elsewhere(path) is None:
            return named
    except OSError:
        pass
    return None


def source_format(path: str) -> Format:
    """The format of a file that something is made of; NIX where nothing says otherwise.

    Raises:
        NotNix: it is a schema.
    """
    kind = text_format(path)
    if kind == "schema":
        raise NotNix(f"{path} is a schema, and holds no data")
    return kind or "nix"


def content_format(path: str) -> TextFormat | None:
    """The format of a text by what it contains, whatever its name.

    Raises:
        OSError: it cannot be read.
    """
    if is_odml(path):
        return "odml"
    if is_schema(path):
        return "schema"
    return "description" if is_description(path) else None
