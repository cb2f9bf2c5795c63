"""What came of checking: what does not hold, and what the clauses said of entities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nixschema.findings import Level, SchemaPlace


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Something that a schema asks for."""

    id: str
    """Id of its findings: ``schema:place.field``.

    The place is made of keys, with wildcards and blanks left out; the clauses of a list of links
    (``references``, ``features``, members of a group, ``sources``) have no keys: theirs is the name
    of what is linked to or, where there is none, the last word of its type, ``references/trace``
    for ``our.trace``. An ``id`` of a clause replaces its part, that of a constraint the field.
    """
    level: Level
    place: SchemaPlace
    message: str | None = None
    """The sentence of the finding, in place of ours."""
    reason: str | None = None
    """Why it is asked for."""
    is_old: bool = False
    """Whether it is about an old spelling, which is accepted."""


class Hit(NamedTuple):
    """Something asked for that does not hold."""

    asked: Asked
    entity: Any
    """The entity; for a column its view."""
    steps: tuple[str, ...]
    """The field, where it is about one."""
    sentence: str


class Accepted(NamedTuple):
    """A rule that is accepted for an entity."""

    entity: Any
    rule: str
    """Its id, or a glob."""
    reason: str
    place: SchemaPlace


class Demand(NamedTuple):
    """That an entity has no members beside those that clauses name."""

    asked: Asked
    entity: Any


class Belonging(NamedTuple):
    """That an entity belongs together with others."""

    step: Any
    entity: Any
    scope: Any


@dataclass(slots=True)
class Outcome:
    """What came of checking some clauses; kept or thrown away as a whole."""

    level: Level = Level.ERROR
    """The level of what is tried, where it is a trial."""
    hits: list[Hit] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    named: set[int] = field(default_factory=set)
    """Identities of the members that clauses name."""
    columns: set[tuple[int, str]] = field(default_factory=set)
    """Columns that clauses name, by frame and name."""
    demands: list[Demand] = field(default_factory=list)
    together: list[Belonging] = field(default_factory=list)

    def add(self, asked: Asked, entity: Any, steps: tuple[str, ...], sentence: str) -> None:
        """Note something that does not hold."""
        self.hits.append(Hit(asked, entity, steps, sentence))

    def keep(self, other: Outcome, *, hits: bool = True) -> None:
        """Take over what came of a trial."""
        if hits:
            self.hits += other.hits
        self.accepted += other.accepted
        self.named |= other.named
        self.columns |= other.columns
        self.demands += other.demands
        self.together += other.together

    @property
    def holds(self) -> bool:
        """Whether all holds: what is merely told, such as an old spelling, does not count.

        Where all that is tried is information, what of it does not hold counts all the same.
        """
        return not self.hits or all(
            one.asked.is_old or (one.asked.level is Level.INFO and self.level is not Level.INFO)
            for one in self.hits
        )
