"""The page of a schema, in Markdown: what it asks for, in words and tables."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nixschema.rules.rule import all_rules
from nixschema.schema.checking.program import Program
from nixschema.schema.dumping import in_line
from nixschema.schema.examples import Verdict
from nixschema.schema.finding import find_schema
from nixschema.schema.language import Clause, Constraint, Schema, SchemaDocument
from nixschema.schema.showing import file_of, overrides_of, rules_of
from nixschema.schema.walking import walk
from nixschema.schema.words import (
    clause_words,
    constraint_words,
    count_words,
    dimension_words,
    escaped,
    presence_words,
    selecting_words,
    subject_words,
    together_words,
)

_KINDS = {
    "metadata": "section",
    "blocks": "block",
    "data_arrays": "data array",
    "data_frames": "data frame",
    "tags": "tag",
    "multi_tags": "multi tag",
    "groups": "group",
    "sources": "source",
    "sections": "section",
    "properties": "property",
    "columns": "column",
}
_CONTAINERS = tuple(_KINDS)[2:]
_LINKS = {
    "references": "refers to",
    "features": "has the feature",
    "data_arrays": "has the data array",
    "data_frames": "has the data frame",
    "tags": "has the tag",
    "multi_tags": "has the multi tag",
    "sources": "has the source",
    "groups": "is in the group",
}
_NAMESPACES = {"closed": "an error", "warn": "a warning", "open": "nothing"}
_LONGEST = 200


def page(document: SchemaDocument, verdicts: Sequence[Verdict] = ()) -> str:
    """The page of a schema.

    Args:
        document: the schema; what lower layers ask for is on the pages of these.
        verdicts: what came of its examples.
    """
    schema = document.schema
    parts = [
        f"# {schema.schema_}: {schema.title}" if schema.title else f"# {schema.schema_}",
        _facts(document),
        _list("Provenance", _provenance(schema)),
        *_recognised(document),
        *_tree(schema),
        *_types(schema),
        *_accepted(schema),
        *_python(schema),
        *_overrides(schema),
        *_examples(verdicts),
    ]
    return "\n\n".join(one for one in parts if one) + "\n"


def _facts(document: SchemaDocument) -> str:
    schema = document.schema
    facts = [f"Version: **{schema.version}**" if schema.version else "No version"]
    below = document.layers[:-1]
    if below:
        names = ", ".join(f"{one.schema_} {one.version or ''}".strip() for one in below)
        facts.append(f"extends: {names}")
    named = schema.schema_
    if find_schema(named) is None:
        named = os.path.basename(file_of(schema) or named)
    facts.append(f"use: `nixschema validate --schema {named} FILE`")
    return " · ".join(facts)


def _provenance(schema: Schema) -> Iterator[str]:
    for name, said in schema.provenance.items():
        yield f"{_plain(str(name))}: {_plain(str(said))}"


def _list(title: str, items: Iterable[str]) -> str:
    lines = [f"* {one}" for one in items]
    return "\n".join([f"## {title}", "", *lines]) if lines else ""


def _plain(text: str) -> str:
    return " ".join(text.split())


def _recognised(document: SchemaDocument) -> Iterator[str]:
    schema = document.schema
    program = Program(document)
    told = []
    if program.can_recognise:
        told.append(f"A file is recognised by: {program.looks_for}.")
    else:
        told.append("It says of no file that it is about it, and is used where it is named.")
    for name, state in schema.namespaces.items():
        told.append(f"A type below `{name}.` that is not declared here is {_NAMESPACES[state]}.")
    if schema.additional in ("forbid", "warn"):
        grave = "an error" if schema.additional == "forbid" else "a warning"
        told.append(f"Blocks and sections that are not named here are {grave}.")
    yield "## Which files\n\n" + "\n".join(told)


# The tree


def _tree(schema: Schema) -> Iterator[str]:
    parts: list[str] = []
    for field, title in (("metadata", "section"), ("blocks", "block")):
        for key, clause in getattr(schema, field).items():
            parts.append(_entity(f"### {title.capitalize()} `{key}`", clause, "must be there"))
    parts += [_condition(when) for when in schema.when]
    if parts:
        yield "## What a file has"
        yield from parts


def _types(schema: Schema) -> Iterator[str]:
    bare = [key for key, one in schema.types.items() if not _asks(one)]
    if schema.types:
        yield "## What entities of a type look like"
    alike: dict[str, tuple[Clause, list[str]]] = {}
    for key, clause in schema.types.items():
        if key in bare:
            continue
        alike.setdefault(in_line(clause), (clause, []))[1].append(key)
    for clause, keys in alike.values():
        kind = _kind(clause) if clause.is_ else "entity"
        if len(keys) > 1:
            kind = "entities" if kind == "entity" else f"{kind}s"
            yield _entity(f"### {', '.join(f'`{key}`' for key in keys)}: {kind}", clause, "")
        else:
            article = "an" if kind[0] in "aeiou" else "a"
            yield _entity(f"### `{keys[0]}`: {article} {kind}", clause, "")
    if bare:
        yield (
            "Declared, and nothing more: "
            + ", ".join(
                f"`{key}`" + (f" ({_kind(schema.types[key])})" if schema.types[key].is_ else "")
                for key in bare
            )
            + "."
        )


def _kind(clause: Clause) -> str:
    return subject_words(Clause.model_construct(is_=clause.is_)).partition(" ")[2]


def _asks(clause: Clause) -> bool:
    return bool(clause.model_fields_set - {"is_", "accept", "level", "message", "reason", "id"})


def _entity(title: str, clause: Clause, needed: str) -> str:
    """A heading, a sentence, and a table of all that is asked of an entity."""
    lines = [title, ""]
    told = []
    if needed:
        presence = presence_words(clause)
        about = selecting_words(clause.select).strip() if clause.select is not None else ""
        told.append(f"The one {about}: {presence}." if about else f"{presence.capitalize()}.")
    told += _remarks(clause)
    if told:
        lines += [" ".join(told), ""]
    rows = list(_rows(clause, ""))
    if rows:
        lines += ["| | | |", "|---|---|---|"]
        lines += [f"| {what} | {asked} | {remark} |" for what, asked, remark in rows]
        lines.append("")
    return "\n".join(lines).rstrip()


def _remarks(said: Any) -> list[str]:
    """Level and reason, where they are said."""
    found = []
    if said.level is not None:
        found.append(f"({said.level})")
    if said.reason:
        found.append(f"{_cell(said.reason)}.")
    return found


Row = tuple[str, str, str]
"""What it is about, what is asked for, and why."""


def _rows(clause: Clause, within: str) -> Iterator[Row]:
    """The rows of a table about a clause and all that is in it.

    Args:
        clause: the clause.
        within: what leads to it, for its rows.
    """
    for field, value in clause.__dict__.items():
        if isinstance(value, Constraint):
            name = field.removesuffix("_").replace("_", " ")
            yield _row(f"{within}{name}", constraint_words(value, many=field), value)
    if clause.length is not None:
        yield _row(f"{within}number of values", count_words(clause.length), clause)
    if isinstance(clause.dimensions, list):
        for number, one in enumerate(clause.dimensions, 1):
            yield _row(f"{within}dimension {number}", dimension_words(one), one)
    elif clause.dimensions is not None:
        yield f"{within}dimensions", str(clause.dimensions), ""
    if clause.formerly:
        yield f"{within}formerly", ", ".join(f"`{escaped(one)}`" for one in clause.formerly), ""
    for name, constraint in clause.extra.items():
        yield _row(f"{within}attribute `{escaped(name)}`", constraint_words(constraint), constraint)
    for field in ("positions", "extents", "data", "metadata", "parent"):
        inner = getattr(clause, field)
        if inner is not None:
            words = {"metadata": "its section", "parent": "the section around it"}.get(field, field)
            if field == "metadata" and not within and inner.blank is None:
                yield _row(f"{within}{words}", _headed(inner), inner)
                yield from _rows_within(inner, f"{words}, ")
            else:
                yield _row(f"{within}{words}", clause_words(inner) or inner.presence, inner)
    yield from _rows_of_members(clause, within)
    yield from _rows_of_links(clause, within)
    if clause.together is not None:
        yield f"{within}together", together_words(clause.together), ""
    for when in clause.when:
        yield f"{within}where {_cell(clause_words(when.if_))}", _then(when), ""
    for number, alternative in enumerate(clause.any_of, 1):
        yield f"{within}either ({number})", _short(alternative), ""
    for each in clause.all_of:
        yield f"{within}also", _short(each), " ".join(_remarks(each))
    if clause.additional in ("forbid", "warn"):
        grave = "an error" if clause.additional == "forbid" else "a warning"
        yield f"{within}others", f"what is not named here is {grave}", ""


def _row(what: str, asked: str, said: Any) -> Row:
    return what, asked, " ".join(_remarks(said))


def _headed(clause: Clause) -> str:
    """Presence, name and type."""
    parts = [presence_words(clause), selecting_words(clause).strip()]
    if clause.blank is not None:
        parts.append(f"`{clause.blank}`")
    return ", ".join(one for one in parts if one)


def _rows_within(clause: Clause, within: str) -> Iterator[Row]:
    bare = clause.model_copy(update={"name": None, "type": None})
    yield from _rows(bare, within)


def _rows_of_members(clause: Clause, within: str) -> Iterator[Row]:
    for field in _CONTAINERS:
        members = getattr(clause, field)
        if not isinstance(members, dict):
            continue
        for key, one in members.items():
            name = f"{within}{_KINDS[field]} `{escaped(key)}`"
            if field in ("properties", "columns") or not _has_parts(one):
                asked = "; ".join(x for x in (presence_words(one), _short(one)) if x)
                yield _row(name, asked, one)
            else:
                yield _row(name, _headed(one), one)
                yield from _rows_within(one, f"{name}, ")


def _has_parts(clause: Clause) -> bool:
    """Whether a clause says more than fits into a cell."""
    return len(_short(clause)) > _LONGEST or any(
        isinstance(value, Clause | list) and value
        for field, value in clause.__dict__.items()
        if field not in ("formerly",)
    )


def _rows_of_links(clause: Clause, within: str) -> Iterator[Row]:
    lists: list[tuple[str, Sequence[Clause]]] = [
        ("references", clause.references or []),
        ("features", clause.features or []),
        *clause.members.items(),
        ("sources", clause.sources if isinstance(clause.sources, list) else []),
        *clause.member_of.items(),
    ]
    for field, clauses in lists:
        words = _LINKS[field]
        for one in clauses:
            if one.only and one == Clause.model_construct(only=True):
                yield f"{within}{words}", "nothing else", ""
                continue
            parts = [presence_words(one)]
            if one.every:
                shared = (
                    f" of each {one.every} that it shares" if isinstance(one.every, str) else ""
                )
                parts.append(f"every such one{shared} is listed")
            parts.append(clause_words(one))
            if one.only:
                parts.append("and nothing else")
            yield _row(f"{within}{words}", "; ".join(x for x in parts if x), one)


def _short(clause: Clause) -> str:
    return _cell(clause_words(clause))


def _then(when: Any) -> str:
    then = [f"then {_short(when.then)}"] if when.then is not None else []
    other = [f"else {_short(when.else_)}"] if when.else_ is not None else []
    return "; ".join([*then, *other])


def _condition(when: Any) -> str:
    return f"Where {_short(when.if_)}: {_then(when)}."


def _cell(text: str) -> str:
    return " ".join(text.split())


# What else there is


def _accepted(schema: Schema) -> Iterator[str]:
    titles = {one.id: one.title.rstrip(".") for one in all_rules()}
    rows: dict[tuple[str, str], list[str]] = {}
    for key, clause in _walked(schema):
        for rule, reason in clause.accept.items():
            rows.setdefault((rule, _cell(reason)), []).append(f"`{key}`")
    if rows:
        lines = ["## Generic rules that are accepted", "", "| rule | at | why |", "|---|---|---|"]
        lines += [
            f"| {rule}: {_cell(titles.get(rule, ''))} | {', '.join(dict.fromkeys(keys))} "
            f"| {escaped(reason)} |"
            for (rule, reason), keys in sorted(rows.items())
        ]
        yield "\n".join(lines)


def _walked(schema: Schema) -> Iterator[tuple[str, Clause]]:
    """Clauses that accept something, each with the key that it stands at or in."""
    for steps, one in walk(schema):
        if isinstance(one, Clause) and one.accept:
            keys = [str(key) for key in steps[1:] if isinstance(key, str) and key not in _KINDS]
            yield "/".join(keys) or str(steps[-1]), one


def _python(schema: Schema) -> Iterator[str]:
    lines = []
    for one in rules_of(schema):
        told = one.title or f"cannot be used: {one.fault}"
        lines.append(f"* `{one.id}` ({one.level or 'error'}): {told}")
        if one.reason:
            lines.append(f"  {one.reason}")
    if lines:
        yield "## Rules in Python\n\n" + "\n".join(lines)


def _overrides(schema: Schema) -> Iterator[str]:
    lines = [
        f"* `{one.path}` {', '.join(one.fields)}: {_cell(one.reason)}"
        for one in overrides_of(schema)
    ]
    if lines:
        yield "## What it loosens of the schemas below it\n\n" + "\n".join(lines)


def _examples(verdicts: Sequence[Verdict]) -> Iterator[str]:
    if not verdicts:
        return
    lines = ["## Examples", "", "| file | |", "|---|---|"]
    for one in verdicts:
        name = f"`{escaped(one.case.file)}`"
        if one.fault is not None:
            lines.append(f"| {name} | not as the schema says: {escaped(one.fault)} |")
        elif one.case.finds is None:
            lines.append(f"| {name} | passes |")
        else:
            told = "; ".join(dict.fromkeys(_cell(each.message) for each in one.found[:3]))
            lines.append(f"| {name} | `{one.case.finds}`: {told.replace('|', chr(92) + '|')} |")
    yield "\n".join(lines)
