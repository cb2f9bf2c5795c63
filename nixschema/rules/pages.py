"""The rules as documentation: pages, a table, and a registry for programs."""

from __future__ import annotations

from typing import Any

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
    "NIX9": "conversion: what the target cannot hold",
}
"""What the rules of each hundred are about."""


def page(one: Rule) -> str:
    """The page of a rule, in Markdown."""
    facts = [f"Level: **{one.level}**", f"reads: {one.cost}", f"about: {subject(one)}"]
    if one.fix:
        facts.append(f"fix: {one.fix}")
    if one.preview:
        facts.append("preview")
    parts = [f"# {one.id}: {one.title.rstrip('.')}", " · ".join(facts), one.reason]
    if one.help:
        parts.append(f"**What to do:** {one.help}.")
    return "\n\n".join(part for part in parts if part) + "\n"


def subject(one: Rule) -> str:
    """What a rule is about, in words."""
    words = [getattr(kind, "words", "") or _SUBJECTS.get(kind.__name__, "") for kind in one.on]
    return ", ".join(word for word in words if word)


_SUBJECTS = {
    "OpenFailure": "the file",
    "Node": "HDF5 objects",
    "Tree": "the file",
    "Problem": "fields",
    "Stored": "attributes",
    "Foreign": "objects",
    "UnreadableValues": "values",
    "Model": "all entities",
    "NamedEntity": "named entities",
    "DataEntity": "entities with metadata",
}


def registry(rules: list[Rule]) -> list[dict[str, Any]]:
    """The rules as records for programs."""
    return [
        {
            "id": one.id,
            "level": str(one.level),
            "title": one.title,
            "reason": one.reason,
            "help": one.help,
            "about": subject(one),
            "cost": one.cost,
            "fix": one.fix,
            "preview": one.preview,
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
            lines += [f"| [{one.id}]({one.id}.md) | {one.level} | {one.title} |" for one in members]
            lines.append("")
    return "\n".join(lines)
