"""Load schemas, and those that they extend."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nixschema.documents import documents
from nixschema.errors import NixError
from nixschema.schema.language import Place, Schema, SchemaDocument


class SchemaError(NixError):
    """A schema cannot be used; the message says why."""


def load_schema_document(name_or_path: str | os.PathLike[str]) -> SchemaDocument:
    """A schema with the layers below it.

    Args:
        name_or_path: id of a shipped schema, or the path of a file.

    Raises:
        SchemaError: there is none, or it cannot be read.
    """
    name = os.fspath(name_or_path)
    path = Path(name)
    if not path.is_file():
        path = documents() / "schemas" / f"{name}.yaml"
    if not path.is_file():
        raise SchemaError(f"there is no schema `{name}`")
    layers: list[Schema] = []
    _load(path, layers, ())
    return SchemaDocument(layers[-1], tuple(layers))


def _load(path: Path, layers: list[Schema], above: tuple[Path, ...]) -> None:
    import yaml

    if path in above:
        raise SchemaError(f"`{path}` extends itself")
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        schema = Schema.model_validate(content)
    except (OSError, yaml.YAMLError, UnicodeDecodeError, ValidationError, RecursionError) as error:
        told = " ".join(str(error).split())[:300]
        raise SchemaError(f"`{path}` is no schema: {told}") from None
    schema._places[""] = Place(schema.schema_, str(path), 1, 1)
    for one in schema.extends:
        below = path.parent / one
        if not below.is_file():
            below = documents() / "schemas" / f"{one.split()[0]}.yaml"
        _load(below, layers, (*above, path))
    if all(one.schema_ != schema.schema_ for one in layers):
        layers.append(schema)
