"""The rules as documentation: pages, a table, and a registry for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from nixschema.rules.rule import Rule

FAMILIES: dict[str, str] = {
    "NIX0": "the container: not HDF5, not NIX, header, version, locked, not present",
    "NIX1": "single fields: missing, wrong type, out of range",
    "NIX2": "arrays, frames, dimensions",
    "NIX3": "tags, multi tags, features",
    "NIX4": "sections and properties",
    "NIX5": "units",
    "NIX6": "other readers",
    "NIX7": "identity, names, links, membership",
    "NIX8": "odML files",
    "NIX9": "conversion: what the target cannot hold",
}
"""What the rules of each hundred are about."""


class Example(NamedTuple):
    """A file that a rule was tried on, in words."""

    name: str
    """What is the matter with it."""
    messages: tuple[str, ...] = ()
    """What the rule says about it; nothing where it has nothing to say."""
    text: str = ""
    """The file, where it is a short description, or odML."""


def page(one: Rule, examples: Sequence[Example] = ()) -> str:
    """The page of a rule, in Markdown.

    Args:
        one: the rule.
        examples: files that it was tried on.
    """
    facts = [f"Level: **{one.level}**", f"reads: {one.cost}", f"about: {subject(one)}"]
    if one.reader:
        facts.append(f"reader: {READERS[one.reader]}")
    if one.also:
        facts.append(f"also in: {', '.join(VALIDATORS[name] for name in one.also)}")
    if one.fix:
        facts.append(f"fix: {one.fix}")
    if one.preview:
        facts.append("preview")
    facts.append(f"since {one.since}")
    parts = [f"# {one.id}: {one.title.rstrip('.')}", " · ".join(facts), one.reason]
    if one.reader:
        parts.append(
            f"Its findings are information, unless `--reader {one.reader}` says that "
            f"{READERS[one.reader]} must be able to read the file."
        )
    if one.help:
        parts.append(f"**What to do:** {one.help}.")
    if one.fix:
        unsafe = " --unsafe" if one.fix == "unsafe" else ""
        parts.append(f"`nixschema fix{unsafe}` mends it.")
    parts += _shown(examples)
    return "\n\n".join(part for part in parts if part) + "\n"


READERS = {"nixio": "nixio", "cpp": "the C++ library", "neo": "neo"}
"""Other readers of NIX files, in words."""

VALIDATORS = {"nixio": "nixio's validator", "cpp": "the C++ library's validator"}
"""Other validators of NIX files, in words."""


def _shown(examples: Sequence[Example]) -> list[str]:
    found = [one for one in examples if one.messages]
    silent = [one for one in examples if not one.messages]
    parts = []
    if found:
        lines = [f"* {one.name}\n{_text(one)}{_indented(one.messages)}" for one in found]
        parts.append("## What it finds\n\n" + "\n".join(lines))
    if silent:
        lines = [f"* {one.name}\n{_text(one)}".rstrip() for one in silent]
        parts.append("## What it leaves alone\n\n" + "\n".join(lines))
    return parts


def _text(one: Example) -> str:
    """The text of an example as a block in the item of a list."""
    if not one.text:
        return ""
    language = "xml" if one.text.startswith("<") else "yaml"
    block = ["", f"```{language}", *one.text.splitlines(), "```", ""]
    return "".join(f"  {line}".rstrip() + "\n" for line in block)


def _indented(messages: Sequence[str]) -> str:
    return "\n".join(f"  * {message}" for message in dict.fromkeys(messages))


def subject(one: Rule) -> str:
    """What a rule is about, in words."""
    subjects = {**_SUBJECTS, **(_ODML if one.family == "NIX8" else {})}
    words = [getattr(kind, "words", "") or subjects.get(kind.__name__, "") for kind in one.on]
    return ", ".join(word for word in words if word)


_SUBJECTS = {
    "BaseTag": "tag, multi tag",
    "ConversionLoss": "conversions",
    "DataEntity": "entities with metadata",
    "Dimension": "dimensions",
    "Entity": "all entities",
    "Fault": "descriptions",
    "Foreign": "objects",
    "Model": "all entities",
    "NamedEntity": "named entities",
    "Node": "HDF5 objects",
    "OdmlProblem": "odML files",
    "OpenFailure": "the file",
    "Problem": "fields",
    "SchemaProblem": "schemas",
    "SourceError": "data sources of descriptions",
    "Stored": "attributes",
    "TextProblem": "text",
    "Tree": "the file",
    "TypedEntity": "entities with a type",
    "UnreadableValues": "values",
}


_ODML = {
    "Document": "odML documents",
    "Property": "properties in odML",
    "Section": "sections in odML",
}


def registry(rules: list[Rule]) -> list[dict[str, Any]]:
    """The rules as records for programs."""
    return [
        {
            "id": one.id,
            "family": FAMILIES[one.family],
            "level": str(one.level),
            "title": one.title,
            "reason": one.reason,
            "help": one.help,
            "about": subject(one),
            "cost": one.cost,
            "fix": one.fix,
            "preview": one.preview,
            "also": list(one.also),
            "reader": one.reader,
            "since": one.since,
        }
        for one in rules
    ]


def table(rules: list[Rule]) -> str:
    """A table of the rules by family, in Markdown."""
    lines = ["# The rules", ""]
    for family, about in FAMILIES.items():
        members = [one for one in rules if one.family == family]
        if members:
            lines += [f"## {family}xx: {about}", "", "| rule | level | |", "|---|---|---|"]
            lines += [
                f"| [{one.id}]({one.id}.md) | {_level(one)} | {one.title} |" for one in members
            ]
            lines.append("")
    return "\n".join(lines)


def _level(one: Rule) -> str:
    return f"{one.level} ({one.reader})" if one.reader else str(one.level)
