"""The schemas that files are checked with, beside the generic rules."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from nixschema.findings import Finding, Level
from nixschema.model import File
from nixschema.rules.origin import Origin
from nixschema.rules.rule import chosen_of_schema
from nixschema.schema.checking.accepting import with_accepted
from nixschema.schema.checking.program import Depth, Program
from nixschema.schema.detecting import fitting, known_names
from nixschema.schema.language import Schema, SchemaDocument
from nixschema.schema.loading import load_schema_document
from nixschema.schema.python_rules import PythonRules
from nixschema.storage.tree import Tree

AUTO = "auto"
"""Stands for the schemas that recognise a file: of those that are shipped or installed."""

NONE_FITS = "schema:none"
"""Id of the finding that no schema recognises a file."""


@dataclass(frozen=True, slots=True)
class SchemaSource:
    """A schema as somebody names it; can be sent to other processes."""

    name: str
    """Id of a shipped schema, path of a file, or ``auto``."""
    digest: str
    """Of its content, and of what it extends."""


def source_of(name: str, folder: str | None = None) -> SchemaSource:
    """A schema by its name or path, looked at.

    Args:
        name: as it is given.
        folder: where paths begin; the present folder when None.

    Raises:
        NixError: there is no such schema, or it cannot be used.
    """
    if name == AUTO:
        return SchemaSource(AUTO, "-".join(source_of(one).digest for one in known_names()))
    path = os.path.join(folder or os.getcwd(), os.path.expanduser(name))
    seen = _seen(os.path.abspath(path)) if os.path.isfile(path) else name
    return SchemaSource(seen, digest_of(load_schema_document(seen)))


def _seen(path: str) -> str:
    """A path as it is told: from the present folder where it is in it."""
    here = os.path.join(os.getcwd(), "")
    return path[len(here) :] if path.startswith(here) else path


def digest_of(document: SchemaDocument) -> str:
    """A short text that is another one for another schema."""
    digest = hashlib.sha256()
    for layer in document.layers:
        digest.update(repr(layer.model_dump()).encode("utf-8", "backslashreplace"))
        place = layer.place()
        if place is not None and place.file is not None and os.path.isfile(place.file):
            with open(place.file, "rb") as stream:  # Lines are told too.
                digest.update(stream.read())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=64)
def _program(source: SchemaSource) -> Program:
    return Program(load_schema_document(source.name))


def as_schema(
    one: str | os.PathLike[str] | Schema | SchemaDocument,
) -> SchemaSource | Schema | SchemaDocument:
    """A schema as somebody gives it in Python.

    Raises:
        NixError: there is no such schema, or it cannot be used.
    """
    if isinstance(one, Schema | SchemaDocument):
        return one
    return source_of(os.fspath(one))


class Schemas:
    """Some schemas, ready to check files."""

    def __init__(
        self,
        schemas: Iterable[SchemaSource | SchemaDocument | Schema | Program] = (),
        *,
        depth: Depth = "full",
        required: bool = False,
        python_rules: bool = True,
        select: Iterable[str] = (),
        ignore: Iterable[str] = (),
    ) -> None:
        """Take them apart.

        Args:
            schemas: those that every file is checked with; ``auto`` adds those that recognise it,
                shipped or installed.
            depth: ``metadata`` leaves values of arrays unread.
            required: it is an error where no schema is about a file.
            python_rules: apply rules of schemas that are written in Python.
            select: patterns of the rules to apply; all of them when empty.
            ignore: patterns of the rules to leave out.
        """
        self._select, self._ignore = tuple(select), tuple(ignore)
        self._depth = depth
        self._required = required
        self._programs: list[Program] = []
        self._candidates: list[Program] = []
        for one in schemas:
            if isinstance(one, SchemaSource) and one.name == AUTO:
                self._candidates += [_program(source_of(name)) for name in known_names()]
            elif isinstance(one, SchemaSource):
                self._programs.append(_program(one))
            elif isinstance(one, Program):
                self._programs.append(one)
            elif isinstance(one, Schema):
                self._programs.append(Program([one]))
            else:
                self._programs.append(Program(one))
        self._python: dict[int, PythonRules] = {}
        self._applies_python = python_rules

    def __bool__(self) -> bool:
        """Whether there is anything to say."""
        return bool(self._programs or self._candidates or self._required)

    def applied(
        self,
        findings: list[Finding],
        file: File,
        tree: Tree | None = None,
        origin: Origin | None = None,
        *,
        metadata_only: bool = False,
    ) -> list[Finding]:
        """The findings about a file with what schemas say, and with what they accept marked.

        Args:
            findings: of the generic rules.
            file: the file.
            tree: what was read.
            origin: the text that it was read from.
            metadata_only: it holds metadata only, as odML does.
        """
        programs = [*self._programs]
        if self._candidates:
            found = fitting(file, self._candidates)
            programs += [one for one in found if one not in programs]
        said: list[Finding] = []
        recognised = False
        for program in programs:
            checked = program.check(
                file, depth=self._depth, origin=origin, metadata_only=metadata_only
            )
            recognised = recognised or checked.recognised
            findings = with_accepted(findings, checked.accepted)
            said += checked.findings
            if checked.recognised and self._applies_python:
                said += self._python_of(program).check(file, tree, origin)
        if self._required and not recognised and not (programs and said):
            said.append(_none_fits(self._candidates))
        told = [
            one for one in _once(said) if chosen_of_schema(one.rule, self._select, self._ignore)
        ]
        return [*findings, *told]

    def _python_of(self, program: Program) -> PythonRules:
        known = self._python.get(id(program))
        if known is None:
            known = self._python[id(program)] = PythonRules(program.layers, self._depth)
        return known


def _none_fits(candidates: list[Program]) -> Finding:
    names = ", ".join(f"`{one.name}`" for one in candidates)
    told = f": {names} do not recognise it" if names else ""
    return Finding(NONE_FITS, Level.ERROR, "/", f"no schema is about this file{told}")


def _once(findings: list[Finding]) -> list[Finding]:
    """Without what a schema and another that extends it both say."""
    return list(dict.fromkeys(findings))


def size_of_source(source: SchemaSource) -> int:
    """How many clauses and constraints a schema has, with those that it extends."""
    return 0 if source.name == AUTO else _program(source).size


def python_rules_of(sources: Iterable[SchemaSource]) -> list[str]:
    """The rules in Python that schemas name, for telling that they are left out."""
    names: dict[str, None] = {}
    for one in sources:
        if one.name == AUTO:
            names |= dict.fromkeys(python_rules_of(source_of(name) for name in known_names()))
            continue
        for layer in _program(one).layers:
            names |= dict.fromkeys(layer.rules)
    return list(names)


def ids_of_source(source: SchemaSource) -> list[str]:
    """The ids of a schema and of those that it extends; of all known ones for ``auto``."""
    if source.name == AUTO:
        return list(known_names())
    return [one.schema_ for one in _program(source).layers]
