"""Schemas from texts, with the layers that they stand on, and all that is wrong with them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from nixschema.errors import SchemaError
from nixschema.findings import Finding, Level
from nixschema.model.refusal import did_you_mean
from nixschema.rules.rule import all_rules
from nixschema.rules.runner import Runner
from nixschema.schema.contradictions import tell_contradictions
from nixschema.schema.finding import (
    NotFound,
    find_schema,
    is_path,
    known_schemas,
    locate,
    wanted,
    wrong_version,
)
from nixschema.schema.given import DEPTH
from nixschema.schema.language import Schema, SchemaDocument
from nixschema.schema.overrides import resolved
from nixschema.schema.problems import Problems, SchemaProblem, shown
from nixschema.schema.reading import Reading
from nixschema.schema.soundness import tell_undeclared, tell_unsound
from nixschema.text.limits import Limits
from nixschema.text.nodes import Mapping, Scalar
from nixschema.text.yaml import read_text

LIMITS = Limits(size=4 * 1024 * 1024, nodes=100_000, depth=DEPTH, repeated=50_000, problems=1_000)
"""How much of a schema is read."""

MOST_LAYERS = 100
"""So many schemas may stand on each other."""


@dataclass(slots=True)
class Loaded:
    """A schema that was read."""

    path: str | None
    """Its file; None where it was made in Python."""
    document: SchemaDocument | None = None
    """The schema with its layers; None where it cannot be read."""
    problems: list[SchemaProblem] = field(default_factory=list)
    """What is wrong with it and with what it extends, in order of the text."""


def read_schema(data: bytes, file: str | None = None) -> tuple[Schema | None, Problems]:
    """One schema, without what it extends.

    Args:
        data: its text, YAML or JSON.
        file: where it is from.
    """
    problems = Problems()
    root, told = read_text(data, limits=LIMITS)
    for one in told:
        problems.tell(one.rule, one.message, one.help, one.line, one.column, "/")
    if root is None:
        return None, problems
    if not isinstance(root, Mapping) or "schema" not in root.items:
        message = "this is no schema; expected a mapping with `schema`, its id"
        help = "begin with `schema: our-lab`"
        problems.tell("NIX060", message, help, root.line, root.column, "/")
        return None, problems
    said = root.items["schema"]
    if not isinstance(said, Scalar) or said.is_null or not said.text:
        message = "`schema` is not the id of the schema; expected a text"
        help = "write `schema: our-lab`"
        problems.tell("NIX060", message, help, said.line, said.column, "/schema")
        return None, problems
    return Reading(problems, file=file).schema_of(root), problems


def load_file(path: str | os.PathLike[str], *, python_rules: bool = False) -> Loaded:
    """A schema with its layers; whatever is wrong with any of them is a problem.

    Args:
        path: its file.
        python_rules: whether rules in Python are imported to see that they can be.

    Raises:
        OSError: the file cannot be read.
    """
    name = os.fspath(path)
    with open(name, "rb") as stream:
        data = stream.read(LIMITS.size + 1)
    schema, problems = read_schema(data, name)
    loaded = Loaded(name)
    if schema is None:
        loaded.problems = problems.found
        return loaded
    return _with_layers(schema, problems, loaded, python_rules=python_rules)


def document_of(schema: Schema, *, python_rules: bool = False) -> Loaded:
    """A schema made in Python, or read before, with its layers."""
    place = schema.place()
    file = place.file if place is not None else None
    return _with_layers(schema, Problems(), Loaded(file), python_rules=python_rules)


def load_schema_document(name_or_path: str | os.PathLike[str]) -> SchemaDocument:
    """A schema with all that it extends, the lowest first.

    Args:
        name_or_path: a shipped name, one that an installed package brings, or a path.

    Raises:
        SchemaError: there is no such schema, or it has errors.
        OSError: it cannot be read.
    """
    path = _path_of(name_or_path)
    loaded = load_file(path)
    findings = findings_about(loaded, Runner(all_rules()))
    errors = [one for one in findings if one.level is Level.ERROR]
    if errors or loaded.document is None:
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        where = f"{first.text or path}:{first.line}:{first.column}"
        raise SchemaError(f"{where}: {first.rule} {first.message}{more}", findings)
    return loaded.document


def load_schema(name_or_path: str | os.PathLike[str]) -> Schema:
    """Read a schema: what files must contain.

    Args:
        name_or_path: a shipped name, one that an installed package brings, or a path.

    Raises:
        SchemaError: there is no such schema, or it has errors; ``error.findings`` has them all.
        OSError: it cannot be read.
    """
    return load_schema_document(name_or_path).schema


def findings_about(loaded: Loaded, runner: Runner) -> list[Finding]:
    """What rules say about a schema, each with its line, in order of the text."""
    found = []
    for one in loaded.problems:
        told = runner.tell(one)
        if told is not None:
            found.append(told if one.file is None else replace(told, text=one.file))
    return found


def _path_of(name_or_path: str | os.PathLike[str]) -> str:
    name = os.fspath(name_or_path)
    if os.path.isfile(name):
        return name
    if not isinstance(name_or_path, str) or is_path(name):
        if os.path.lexists(name):
            raise SchemaError(f"`{name}` is no file")
        raise SchemaError(f"there is no schema `{name}`")
    found = find_schema(name)
    if found is None:
        known = known_schemas()
        listed = f"; there are {', '.join(known)}" if known else ""
        raise SchemaError(f"there is no schema `{name}`{did_you_mean(name, known) or listed}")
    return str(found)


# Layers


@dataclass(slots=True)
class _Layer:
    schema: Schema
    problems: Problems
    file: str | None
    extends: list[int] = field(default_factory=list)


def _with_layers(
    schema: Schema, problems: Problems, loaded: Loaded, *, python_rules: bool
) -> Loaded:
    """Read what a schema extends, and say what is wrong with all of it together."""
    layers = _gathered(schema, problems, loaded.path)
    all_problems = {one.file: one.problems for one in layers if one.file is not None}
    all_problems[""] = problems
    for one in layers:
        tell_unsound(one.schema, one.problems, python_rules=python_rules)
    complete = not any(told.rule == "NIX065" for one in layers for told in one.problems.found)
    whole = resolved([one.schema for one in layers], problems, complete=complete)
    tell_contradictions(whole, all_problems)
    if complete:
        tell_undeclared(whole, all_problems)
    loaded.document = SchemaDocument(schema, whole)
    for one in layers:
        shown_as = one.file if one.problems is not problems else None
        loaded.problems += sorted(
            (each._replace(file=shown_as) for each in one.problems.found),
            key=lambda each: (each.line, each.column),
        )
    loaded.problems.sort(key=lambda each: each.file is not None)
    return loaded


def _gathered(schema: Schema, problems: Problems, path: str | None) -> list[_Layer]:
    """A schema and all that it extends, each once, the lowest first."""
    order: list[_Layer] = []
    done: dict[str, bool] = {}
    """Files that were met: whether all that they extend is known."""
    top = _Layer(schema, problems, path)
    if path is not None:
        done[os.path.realpath(path)] = False
    stack: list[tuple[_Layer, list[tuple[int, str]]]] = [(top, [*enumerate(schema.extends)])]
    while stack:
        layer, left = stack[-1]
        if not left:
            stack.pop()
            if layer.file is not None:
                done[os.path.realpath(layer.file)] = True
            order.append(layer)
            continue
        number, text = left.pop(0)
        found = _found(number, text, layer)
        if found is None:
            continue
        real = os.path.realpath(found)
        if real in done:
            if not done[real]:
                names = [one.schema.schema_ for one, _ in stack]
                told = " extends ".join(f"`{shown(one)}`" for one in names)
                first = next(
                    (
                        o.schema.schema_
                        for o, _ in stack
                        if o.file and os.path.realpath(o.file) == real
                    ),
                    names[0],
                )
                message = f"{told} extends `{shown(first)}`: a schema that stands on itself"
                _tell_extends(layer, number, message, "take one of them away")
            continue
        if len(done) >= MOST_LAYERS:
            _tell_extends(
                layer, number, f"more than {MOST_LAYERS} schemas stand on each other", None
            )
            continue
        done[real] = False
        lower = _read_layer(str(found), number, text, layer)
        if lower is not None:
            stack.append((lower, [*enumerate(lower.schema.extends)]))
        else:
            done[real] = True
    return order


def _found(number: int, text: str, layer: _Layer) -> Path | None:
    folder = os.path.dirname(os.path.abspath(layer.file)) if layer.file is not None else None
    try:
        path = locate(wanted(text).name, folder, layer.file)
    except NotFound as error:
        _tell_extends(layer, number, str(error), error.help)
        return None
    if layer.file is not None and not os.path.isabs(layer.file):
        try:
            return Path(os.path.relpath(path))
        except ValueError:  # Another drive.
            return path
    return path


def _read_layer(path: str, number: int, text: str, above: _Layer) -> _Layer | None:
    try:
        with open(path, "rb") as stream:
            data = stream.read(LIMITS.size + 1)
    except OSError as error:
        message = f"`{shown(text)}` cannot be read: {error.strerror or error}"
        _tell_extends(above, number, message, None)
        return None
    schema, problems = read_schema(data, path)
    if schema is None:
        first = problems.found[0]
        message = f"`{shown(text)}` cannot be used: line {first.line}: {first.message}"
        _tell_extends(above, number, message, first.help)
        return None
    asked = wanted(text)
    if not is_path(asked.name) and ":" not in asked.name and schema.schema_ != asked.name:
        message = f"`{shown(asked.name)}` calls itself `{shown(schema.schema_)}`"
        _tell_extends(above, number, message, None)
    if why := wrong_version(schema.version, asked.conditions):
        _tell_extends(above, number, f"`{shown(asked.name)}` {why}", None)
    return _Layer(schema, problems, path)


def _tell_extends(layer: _Layer, number: int, message: str, help: str | None) -> None:
    place = layer.schema._places.get(f"extends/{number}") or layer.schema.place("extends")
    line, column = (place.line, place.column) if place else (0, 0)
    layer.problems.tell("NIX065", message, help, line, column, "/extends")


__all__ = [
    "Loaded",
    "SchemaError",
    "document_of",
    "find_schema",
    "findings_about",
    "load_file",
    "load_schema",
    "load_schema_document",
    "read_schema",
]
