"""Which schemas a file is about."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from nixschema.errors import NixError
from nixschema.model import File
from nixschema.schema.checking.program import Program
from nixschema.schema.finding import known_schemas, shipped_schemas
from nixschema.schema.language import SchemaDocument
from nixschema.schema.loading import load_schema_document


class Detected(NamedTuple):
    """Whether a schema recognises a file."""

    name: str
    """The schema's id."""
    recognised: bool
    why: str
    """What it looks for, or what is missing."""


def detect(file: File, schemas: Iterable[SchemaDocument | Program]) -> list[Detected]:
    """Which schemas recognise a file, and why, or why not.

    A schema that does not say what it is about recognises none.
    """
    found = []
    for one in schemas:
        program = one if isinstance(one, Program) else Program(one)
        if not program.can_recognise:
            told = "it does not say what it is about: there is no `recognise`"
            found.append(Detected(program.name, False, told))
            continue
        why = program.recognises(file)
        found.append(Detected(program.name, why is None, why or program.looks_for))
    return found


def fitting(file: File, programs: Iterable[Program]) -> list[Program]:
    """The schemas that recognise a file, without those that another of them extends."""
    found = [one for one in programs if one.can_recognise and one.recognises(file) is None]
    below = {layer.schema_ for one in found for layer in one.layers[:-1]}
    return [one for one in found if one.name not in below]


def shipped_names() -> tuple[str, ...]:
    """The ids of the schemas that come with nixschema."""
    return tuple(name for name in known_names() if name in shipped_schemas())


@cache
def known_names() -> tuple[str, ...]:
    """The names of all schemas that can be used: shipped ones, and those of installed packages."""
    names = []
    for name in known_schemas():
        try:
            load_schema_document(name)
        except (NixError, OSError):
            continue
        names.append(name)
    return tuple(names)
