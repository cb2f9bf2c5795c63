"""Clauses about entities, taken apart into steps that are done one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from nixschema.schema.checking.constraints import ConstraintCheck, count_fault
from nixschema.schema.checking.fields import CONTAINERS, UNKNOWN, content_of, members_of
from nixschema.schema.checking.outcome import Accepted, Asked, Demand, Outcome
from nixschema.schema.checking.patterns import Blank, Pattern
from nixschema.schema.checking.quantities import shown
from nixschema.schema.checking.run import ColumnView, linked
from nixschema.schema.checking.scope import Scope, agree
from nixschema.schema.language import Count, Presence

_DISTINCT = 1000


class Step(Protocol):
    """One thing that a clause asks for."""

    def run(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Look whether an entity has it."""


class FirstStep(Step, Protocol):
    """One that does something before all others."""

    def begin(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Do it."""


@dataclass(slots=True, eq=False)
class ClauseCheck:
    """A clause, taken apart."""

    asked: Asked
    steps: list[Step] = field(default_factory=list)
    selecting: list[FieldStep] = field(default_factory=list)
    """Name and type: they select in lists of links."""
    select: ClauseCheck | None = None
    presence: Presence = "required"
    count: Count | None = None
    blank: Blank | None = None
    label: str = ""
    """What it is called in messages: its name, or its type."""
    kind: str | None = None
    accepts: list[tuple[str, str, Asked]] = field(default_factory=list)
    demand: Asked | None = None
    every: bool | str | None = None
    only: bool = False
    counted: Asked | None = None
    """What is said where there are too many or too few."""
    first: list[FirstStep] = field(default_factory=list)
    """Those of the steps that begin before the others."""

    def apply(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Look whether an entity is as it must be."""
        scope.run.spend(1 + len(self.steps))
        if id(entity) in scope.run.unsure:
            return
        if isinstance(entity, ColumnView):
            out.columns.add(entity.key)
        else:
            out.named.add(id(entity))
        if self.kind is not None and type(entity).__name__ != self.kind:
            words = getattr(type(entity), "words", "entity")
            out.add(
                self.asked, entity, (), f"is a {words}, where a {_words(self.kind)} is expected"
            )
            return
        for rule, reason, asked in self.accepts:
            out.accepted.append(Accepted(entity, rule, reason, asked.place))
        if self.demand is not None:
            out.demands.append(Demand(self.demand, entity))
        if self.blank is not None:
            sentence = agree(scope, *self.blank, entity, None, self.asked_where)
            if sentence is not None:
                out.add(self.asked, entity, (), sentence)
        for one in self.first:
            one.begin(entity, scope, out)
        for step in self.steps:
            step.run(entity, scope, out)

    asked_where: str = ""

    @property
    def least(self) -> int:
        """How many entities there must be at least."""
        if self.presence != "required":
            return 0
        return 1 if self.count is None else self.count.least


def _words(kind: str) -> str:
    from nixschema import model

    return str(getattr(getattr(model, kind, None), "words", kind) or kind)


def tried(clause: ClauseCheck, entity: Any, scope: Scope) -> tuple[Scope, Outcome]:
    """A clause applied on trial: its scope, to be committed, and what came of it."""
    inner, out = scope.trial(), Outcome(clause.asked.level)
    clause.apply(entity, inner, out)
    inner.finish()
    return inner, out


@dataclass(slots=True, eq=False)
class FieldStep:
    """What one field holds."""

    field: str
    check: ConstraintCheck

    def run(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Compare it."""
        content, unit = content_of(entity, self.field)
        if content is not UNKNOWN:
            self.check.run(content, unit, scope, out, entity, (self.field,))


@dataclass(slots=True, eq=False)
class ExtraStep:
    """Attributes that the model does not know."""

    name: str
    check: ConstraintCheck

    def run(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Compare one."""
        stored = entity.extra.attributes.get(self.name)
        value: Any = None if stored is None else stored.value
        if hasattr(value, "tolist"):
            value = value.tolist()
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        self.check.run(value, None, scope, out, entity, ())


@dataclass(slots=True, eq=False)
class EntityStep:
    """An entity that another refers to, or is in."""

    field: str
    """``metadata``, ``positions``, ``extents``, ``data``, or ``parent``."""
    clause: ClauseCheck

    def run(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Look at it."""
        clause = self.clause
        steps = (self.field,) if self.field in entity.__dict__ else ()
        if self.field == "parent":
            owner = entity.owner
            target = owner if type(owner) is type(entity) else None
        elif self.field not in entity.__dict__:
            return
        else:
            target = next(iter(linked(entity, self.field)), None)
            if target is None and entity.__dict__[self.field] is not None:
                if clause.presence != "optional":
                    text = entity.__dict__[self.field].written(entity)
                    out.add(clause.asked, entity, steps, f"{self.field} leads nowhere: `{text}`")
                return
        if target is None:
            if clause.presence == "required":
                out.add(clause.asked, entity, steps, f"no {self.field}{_like(clause)}")
            return
        if clause.presence == "forbidden":
            told = f"{self.field} is {shown(target)}, and none is allowed"
            out.add(clause.asked, entity, steps, told)
            return
        if clause.blank is not None:
            told = agree(scope, *clause.blank, target, None, clause.asked_where) or ""
            if told:  # The target may be sound: what refers to it is not.
                out.add(clause.asked, entity, steps, told)
                return
        clause.apply(target, scope, out)


def _like(clause: ClauseCheck) -> str:
    one = "one " if clause.label.startswith("of ") else ""
    return f", where {one}{clause.label} is expected" if clause.label else ""


@dataclass(slots=True, eq=False)
class ContainerStep:
    """What one key of a container asks for."""

    container: str
    key: Pattern
    clause: ClauseCheck
    own: tuple[str, ...] = ()
    """Blanks of the key that occur in no other part of the scope."""
    type_words: str = ""
    """`` of type `x```, where the clause says its type."""

    def run(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Find the members that it is about, and look at each."""
        members = members_of(entity, self.container)
        if members is None:
            return
        clause = self.clause
        if clause.select is not None:
            count = self._selected(members, clause.select, scope, out)
        elif self.key.literal is not None:
            count = self._literal(entity, members, scope, out)
        else:
            count = self._fitting(members, scope, out)
        self._count(entity, members, count, scope, out)

    def _literal(self, entity: Any, members: Any, scope: Scope, out: Outcome) -> int:
        name = self.key.text
        if isinstance(members, list):
            found = next((one for one in members if one.name == name), None)
        else:
            found = members.by_name(name)
        if found is None:
            return 0
        self._apply(found, scope, out)
        return 1

    is_root: bool = False
    """Whether each member has a scope of its own: blocks of the tree."""

    def _apply(self, member: Any, scope: Scope, out: Outcome) -> None:
        if self.clause.presence == "forbidden":
            out.named.add(id(member))
            told = f"{shown(member)} is there, and none is allowed"
            out.add(self.clause.asked, member, (), told)
            return
        if self.is_root:
            fresh = Scope(scope.run)
            for one in self.key.blanks:
                if (filled := scope.get(one.name)) is not None:
                    fresh.fill(one.name, *filled)
            self.clause.apply(member, fresh, out)
            fresh.finish()
            return
        self.clause.apply(member, scope, out)

    def _fitting(self, members: Any, scope: Scope, out: Outcome) -> int:
        scope.run.spend(1 + len(members) // 2)
        shared = [
            one.name
            for one in self.key.blanks
            if one.name not in self.own and scope.get(one.name) is None
        ]
        candidates = [one for one in members if self._may_be(one)]
        count = 0
        if shared and len(candidates) > 1:
            first = self._first(candidates, scope, out)
            if first is None:
                return 0
            candidates.remove(first)
            count = 1
        several = len(candidates) > 1
        for one in candidates:
            inner = scope.inner(self.own) if self.own and several else scope
            if self.key.fits(one.name, inner, "name"):
                self._apply(one, inner, out)
                count += 1
        return count

    def _may_be(self, member: Any) -> bool:
        name = member.__dict__.get("name")
        return isinstance(name, str) and self.key.bare_fits(name)

    def _first(self, candidates: list[Any], scope: Scope, out: Outcome) -> Any:
        """The first for which all holds; the first of all where there is none."""
        nearest: tuple[Any, Scope, Outcome] | None = None
        for one in candidates[:_DISTINCT]:
            inner, trial = scope.trial(), Outcome(self.clause.asked.level)
            own = inner.inner(self.own) if self.own else inner
            if not self.key.fits(one.name, own, "name"):
                continue
            self._apply(one, own, trial)
            inner.finish()
            if nearest is None or trial.holds:
                nearest = (one, inner, trial)
            if trial.holds:
                break
        if nearest is None:
            return None
        nearest[1].commit()
        out.keep(nearest[2])
        return nearest[0]

    def _selected(
        self, members: Iterable[Any], select: ClauseCheck, scope: Scope, out: Outcome
    ) -> int:
        found = []
        for one in members:
            scope.run.spend()
            inner, trial = tried(select, one, scope)
            if trial.holds:
                found.append((one, inner))
        for one, inner in found:
            if len(found) == 1:
                inner.commit()
                self._apply(one, scope, out)
            else:
                self._apply(one, scope.part(inner), out)
        return len(found)

    def _count(self, entity: Any, members: Any, count: int, scope: Scope, out: Outcome) -> None:
        clause = self.clause
        if clause.presence == "forbidden" or (not count and clause.presence == "optional"):
            return
        words = CONTAINERS[self.container]
        steps = (self.container,)
        if not count and clause.least:
            told, hint = self.missing(scope), ""
            if self.key.literal is not None and clause.select is None:
                names = (one.name for one in members if one.name)
                hint = scope.run.did_you_mean(self.key.text, names)
            out.add(clause.asked, entity, steps, told + hint)
        elif clause.count is not None:
            sentence = count_fault(clause.count, count, scope, f"the number of {_plural(words)}")
            if sentence is not None:
                what = f"{_plural(words)}{self._named(scope)}"
                out.add(clause.counted or clause.asked, entity, steps, f"{what}: {sentence}")

    def missing(self, scope: Scope) -> str:
        """The sentence where there is none."""
        return f"no {CONTAINERS[self.container]}{self._named(scope)}{self.type_words}"

    def _named(self, scope: Scope) -> str:
        if self.clause.select is not None and self.key.text != "*":
            return f" that is `{self.key.text}`"
        text = self.key.expected(scope)
        return "" if text == "*" else f" `{text}`"


def _plural(words: str) -> str:
    return "properties" if words == "property" else f"{words}s"


@dataclass(slots=True, eq=False)
class WhenStep:
    """A condition."""

    condition: ClauseCheck
    then: ClauseCheck | None
    otherwise: ClauseCheck | None

    def run(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Where the one holds, the other must."""
        inner, trial = tried(self.condition, entity, scope)
        if trial.holds:
            inner.commit()
            out.named |= trial.named
        chosen = self.then if trial.holds else self.otherwise
        if chosen is not None:
            chosen.apply(entity, scope, out)


@dataclass(slots=True, eq=False)
class AnyOfStep:
    """Alternatives, of which one must hold."""

    alternatives: list[ClauseCheck]

    def run(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Tell about the nearest where none holds."""
        nearest: Outcome | None = None
        for one in self.alternatives:
            inner, trial = tried(one, entity, scope)
            if trial.holds:
                inner.commit()
                out.keep(trial)
                return
            if nearest is None or _distance(trial) < _distance(nearest):
                nearest = trial
        if nearest is not None:
            out.keep(nearest)


def _distance(trial: Outcome) -> int:
    return sum(not one.asked.is_old for one in trial.hits)


@dataclass(slots=True, eq=False)
class AllOfStep:
    """Several clauses, of which each must hold."""

    clauses: list[ClauseCheck]

    def run(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Apply them."""
        for one in self.clauses:
            one.apply(entity, scope, out)


@dataclass(slots=True, eq=False)
class MemberOfStep:
    """The way back: a group that has the entity."""

    clauses: list[ClauseCheck]

    def run(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Find such a group for each clause."""
        groups = scope.run.groups_of(entity)
        for clause in self.clauses:
            self._one(clause, groups, entity, scope, out)

    def _one(
        self, clause: ClauseCheck, groups: list[Any], entity: Any, scope: Scope, out: Outcome
    ) -> None:
        nearest: Outcome | None = None
        for group in groups:
            inner, trial = tried(clause, group, scope)
            if trial.holds:
                if clause.presence == "forbidden":
                    told = f"is in {shown(group)}, and may not be"
                    out.add(clause.asked, entity, (), told)
                    return
                inner.commit()
                out.keep(trial)
                return
            if nearest is None or len(trial.hits) < len(nearest.hits):
                nearest = trial
        if clause.presence != "required":
            return
        told = f"is in no group{_of(clause)}"
        if nearest is not None and all(not is_selecting(clause, one.asked) for one in nearest.hits):
            told = f"is in no fitting group{_of(clause)}: {nearest.hits[0].sentence}"
        out.add(clause.asked, entity, (), told)


def is_selecting(clause: ClauseCheck, asked: Asked) -> bool:
    """Whether something asked for is the name or the type of what a clause is about."""
    return any(step.check.asked is asked for step in clause.selecting)


def _of(clause: ClauseCheck) -> str:
    return f" {clause.label}" if clause.label else ""
