"""Entities that belong together though nothing links them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nixschema.model.dimension import Dimension
from nixschema.model.reference import Reference
from nixschema.schema.checking.fields import UNKNOWN, content_of
from nixschema.schema.checking.outcome import Asked, Belonging, Outcome
from nixschema.schema.checking.quantities import same, shown
from nixschema.schema.checking.run import Run, linked
from nixschema.schema.checking.scope import Scope, agree


@dataclass(slots=True, eq=False)
class TogetherStep:
    """What entities that share the filling of a blank have in common."""

    asked: Asked
    by: str
    same: list[tuple[str, Asked]]
    counting: tuple[str, Asked] | None
    size: tuple[str, Asked] | None

    def begin(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Fill the blank of their number, where that is known already."""
        known = scope.run.sizes.get((id(self), id(entity)))
        if self.size is not None and known is not None:
            sentence = agree(scope, self.size[0], "", known[0], None, known[1])
            if sentence is not None:
                out.add(self.size[1], entity, (), sentence)

    def run(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Note that the entity is one of them."""
        out.together.append(Belonging(self, entity, scope))


def compare_all(noted: Iterable[Belonging], out: Outcome) -> None:
    """Compare all that belongs together."""
    for members in _sets(noted):
        _compare(members, out)


def count_all(noted: Iterable[Belonging], run: Run) -> None:
    """Keep how many belong together, to fill blanks before all else."""
    for members in _sets(noted):
        for one in members:
            run.sizes[id(one.step), id(one.entity)] = (len(members), _where(one))


def _sets(noted: Iterable[Belonging]) -> Iterable[list[Belonging]]:
    sets: dict[tuple[int, int, str], list[Belonging]] = {}
    for one in noted:
        filled = one.scope.get(one.step.by)
        if filled is not None:
            key = (id(one.step), id(one.entity.owner), str(filled.content))
            sets.setdefault(key, []).append(one)
    return sets.values()


def _where(one: Belonging) -> str:
    by = one.step.by
    return f"the number of those with `<{by}>` {shown(one.scope.get(by).content)}"


def _compare(members: list[Belonging], out: Outcome) -> None:
    step: TogetherStep = members[0].step
    first = members[0]
    for field, asked in step.same:
        mine = _comparable(first.entity, field)
        for one in members[1:]:
            one.scope.run.spend()
            its = _comparable(one.entity, field)
            if mine is UNKNOWN or its is UNKNOWN or _same(mine, its):
                continue
            steps = (field,) if field in one.entity.__dict__ else ()
            if field in ("dimensions", "metadata"):
                told = f"{field} differ from those of {shown(first.entity)}"
            else:
                told = (
                    f"{field} is {shown(its) if its is not None else 'missing'}, and "
                    f"{shown(mine) if mine is not None else 'missing'} in {shown(first.entity)}"
                )
            out.add(asked, one.entity, steps, told)
    if step.counting is not None:
        _count(members, *step.counting, out)
    if step.size is not None:
        name, asked = step.size
        for one in members:
            sentence = agree(one.scope, name, "", len(members), None, _where(one))
            if sentence is not None:
                out.add(asked, one.entity, (), sentence)


def _count(members: list[Belonging], blank: str, asked: Asked, out: Outcome) -> None:
    found: dict[int, Any] = {}
    for one in members:
        filled = one.scope.get(blank)
        content = None if filled is None else filled.content
        if isinstance(content, str) and content.isdecimal() and len(content) < 18:
            content = int(content)
        if not isinstance(content, int) or isinstance(content, bool):
            continue
        if content in found:
            told = f"`<{blank}>` is {content}, as in {shown(found[content])}"
            out.add(asked, one.entity, (), told)
        found[content] = one.entity
    missing = next((number for number in range(len(found)) if number not in found), None)
    if missing is not None:
        told = f"`<{blank}>` counts 0, 1, 2 …, and {missing} is missing"
        out.add(asked, members[0].entity, (), told)


def _comparable(entity: Any, field: str) -> Any:
    if field == "dimensions":
        if "dimensions" not in entity.__dict__:
            return UNKNOWN
        return tuple(_of_dimension(one) for one in entity.__dict__["dimensions"])
    if field == "metadata":
        target = next(iter(linked(entity, "metadata")), None)
        return None if target is None else id(target)
    content, _ = content_of(entity, field)
    return tuple(content) if isinstance(content, list) else content


def _of_dimension(dimension: Dimension) -> tuple[Any, ...]:
    """What a descriptor says; of ticks only how many there are."""
    found: list[Any] = [type(dimension).__name__]
    for name, value in dimension.__dict__.items():
        if name == "extra":
            continue
        if name == "ticks" and value is not None:
            value = value.shape
        elif isinstance(value, Reference):
            value = value.key()
        elif isinstance(value, list):
            value = tuple(value)
        elif name == "link" and value is not None:
            value = tuple(one.key() for _, _, one in value.outgoing())
        found.append(value)
    return tuple(found)


def _same(one: Any, two: Any) -> bool:
    return bool(one == two) or same(one, None, two, None)
