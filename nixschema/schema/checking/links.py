"""Lists of links: references, features, members of groups, sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nixschema.model import Feature
from nixschema.schema.checking.clauses import ClauseCheck, EntityStep, tried
from nixschema.schema.checking.constraints import count_fault
from nixschema.schema.checking.outcome import Outcome
from nixschema.schema.checking.quantities import shown
from nixschema.schema.checking.run import linked
from nixschema.schema.checking.scope import Scope

_WORDS = {
    "references": "reference",
    "features": "feature",
    "sources": "source",
    "data_arrays": "data array",
    "data_frames": "data frame",
    "tags": "tag",
    "multi_tags": "multi tag",
}
_HOME = {"references": "data_arrays", "features": "data_arrays"}
"""Where groups list what fields of tags refer to."""


@dataclass(slots=True, eq=False)
class LinksStep:
    """What a list of links must have."""

    field: str
    clauses: list[ClauseCheck]

    def run(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Find the links that each clause is about, and look at each."""
        if self.field not in entity.__dict__:
            return
        items = self._items(entity)
        taken: set[int] = set()
        closed: ClauseCheck | None = None
        for clause in self.clauses:
            if clause.only:
                closed = closed or clause
                if _is_bare(clause):
                    continue
            taken |= self._one(clause, entity, items, scope, out)
        if closed is None:
            return
        for item in items:
            if id(item) not in taken:
                told = f"lists {_told(item)}, and nothing else than the schema names is allowed"
                out.add(closed.asked, entity, (self.field,), told)

    def _items(self, entity: Any) -> list[Any]:
        if self.field == "features":
            return list(entity.__dict__["features"])
        return linked(entity, self.field)

    def _one(
        self, clause: ClauseCheck, entity: Any, items: list[Any], scope: Scope, out: Outcome
    ) -> set[int]:
        """The links that a clause is about, by their identity."""
        taken: set[int] = set()
        found: list[tuple[Any, Scope]] = []
        for item in items:
            scope.run.spend()
            inner = _selected(clause, item, scope)
            if inner is not None:
                found.append((item, inner))
        steps = (self.field,)
        for item, inner in found:
            taken.add(id(item))
            if clause.presence == "forbidden":
                told = f"lists {_told(item)}, and it is not allowed"
                out.add(clause.asked, entity, steps, told)
            elif len(found) == 1:
                inner.commit()
                clause.apply(item, scope, out)
            else:
                clause.apply(item, scope.part(inner), out)
        if clause.every:
            self._every(clause, entity, items, scope, out)
        elif not found and clause.least:
            hint = f" {clause.label}" if clause.label else ""
            out.add(clause.asked, entity, steps, f"no {_WORDS[self.field]}{hint}")
        elif clause.count is not None and (found or clause.presence == "required"):
            sentence = count_fault(
                clause.count, len(found), scope, f"the number of {_WORDS[self.field]}s"
            )
            if sentence is not None:
                told = f"{_WORDS[self.field]}s {clause.label}".rstrip()
                out.add(clause.counted or clause.asked, entity, steps, f"{told}: {sentence}")
        return taken

    def _every(
        self, clause: ClauseCheck, entity: Any, items: list[Any], scope: Scope, out: Outcome
    ) -> None:
        block = entity.block
        if block is None:
            return
        there = {id(_target(one)) for one in items}
        wanted = self._every_of(clause, _kind_of(self.field), block, scope)
        candidates = list(wanted.values())
        if isinstance(clause.every, str):
            near = {
                id(one): one
                for group in scope.run.groups_of(entity)
                if group.__dict__.get("type") == clause.every
                for one in linked(group, _HOME.get(self.field, self.field))
            }
            candidates = [one for key, one in near.items() if key in wanted]
        scope.run.spend(len(candidates))
        for one in candidates:
            if id(one) not in there and one is not entity:
                told = f"lacks {shown(one)}, and every one{_type_words(clause)} is expected"
                out.add(clause.asked, entity, (self.field,), told)

    def _every_of(self, clause: ClauseCheck, kind: str, block: Any, scope: Scope) -> dict[int, Any]:
        """The entities of a block that a clause selects; asked once where blanks play no part."""
        free = all(
            not leaf.pattern.blanks
            for step in _selecting(clause)
            for leaf in step.check.leaves
            if leaf.pattern is not None
        ) and all(step.check.blank is None for step in _selecting(clause))
        key = ("every", id(clause), id(block))
        if free and key in scope.run.answers:
            known: dict[int, Any] = scope.run.answers[key]
            return known
        found: dict[int, Any] = {}
        for one in scope.run.of_kind(kind, block):
            scope.run.spend()
            inner = scope.trial()
            trial = Outcome(clause.asked.level)
            for step in _selecting(clause):
                step.run(one, inner, trial)
            if trial.holds:
                found[id(one)] = one
        if free:
            scope.run.answers[key] = found
        return found


def _kind_of(field: str) -> str:
    return {
        "data_frames": "DataFrame",
        "tags": "Tag",
        "multi_tags": "MultiTag",
        "sources": "Source",
    }.get(field, "DataArray")


def _selecting(clause: ClauseCheck) -> list[Any]:
    """Name and type of what is linked to; of a feature, of its data."""
    if clause.selecting:
        return list(clause.selecting)
    for step in clause.steps:
        if isinstance(step, EntityStep) and step.field == "data":
            return list(step.clause.selecting)
    return []


def _selected(clause: ClauseCheck, item: Any, scope: Scope) -> Scope | None:
    """A scope in which a clause is about a link; None where it is not."""
    inner = scope.trial()
    if clause.select is not None:
        inner, out = tried(clause.select, item, scope)
        return inner if out.holds else None
    steps = _selecting(clause)
    if not steps:
        return inner
    target = item
    if isinstance(item, Feature) and not clause.selecting:
        target = _target(item)
        if target is None:
            return None
    trial = Outcome(clause.asked.level)
    for step in steps:
        step.run(target, inner, trial)
    return inner if trial.holds else None


def _is_bare(clause: ClauseCheck) -> bool:
    return not clause.steps and not clause.selecting and clause.select is None


def _target(item: Any) -> Any:
    return next(iter(linked(item, "data")), None) if isinstance(item, Feature) else item


def _told(item: Any) -> str:
    target = _target(item)
    return "a feature without data" if target is None else shown(target)


def _type_words(clause: ClauseCheck) -> str:
    return f" {clause.label}" if clause.label else ""
