"""Findings of generic rules that a schema accepts, for what its clauses are about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from nixschema.findings import Finding
from nixschema.layout import layout_of
from nixschema.model.entity import Model, NamedEntity, member_fields
from nixschema.schema.checking.outcome import Accepted

NEVER = ("NIX0", "NIX1")
"""Families of rules that nobody can accept: the container, and broken fields."""


def with_accepted(findings: list[Finding], accepted: Iterable[Accepted]) -> list[Finding]:
    """Findings, those marked that are accepted for the entity that they are about.

    Args:
        findings: of generic rules.
        accepted: what schemas accept, for which entities.
    """
    rules = {one.rule for one in findings if not one.rule.startswith(NEVER)}
    about: dict[str, list[Accepted]] = {}
    for one in accepted:
        if any(_fits(one.rule, rule) for rule in rules):
            about.setdefault(one.entity.path, []).append(one)
    if not about:
        return findings
    return [_marked(one, about) for one in findings]


def _fits(pattern: str, rule: str) -> bool:
    return not rule.startswith(NEVER) and (rule == pattern or fnmatchcase(rule, pattern))


def _marked(finding: Finding, about: dict[str, list[Accepted]]) -> Finding:
    if finding.accepted or finding.rule.startswith(NEVER):
        return finding
    path = finding.path
    while True:
        for one in about.get(path, ()):
            if _fits(one.rule, finding.rule) and _is_part(finding.path[len(path) :], one):
                return replace(finding, accepted=True, schema=one.place, reason=one.reason)
        above = path.rpartition("/")[0]
        if not above or above == path:
            return finding
        path = above


def _is_part(rest: str, accepted: Accepted) -> bool:
    """Whether the rest of a path stays in the entity, and leads to no other that it has."""
    steps = rest.strip("/").split("/")
    if len(steps) == 1:
        return True  # A field, or a container: which members it lacks.
    kind: type[Model] = type(accepted.entity)
    layout = layout_of(kind)
    for field in member_fields(kind):
        named = any(issubclass(one, NamedEntity) for one in layout[field].targets)
        if layout[field].name == steps[0] and named and field != "properties":
            return False
    return True
