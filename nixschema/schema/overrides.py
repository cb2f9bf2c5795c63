"""Overrides: what takes the place of constraints of lower layers."""

from __future__ import annotations

import copy

from nixschema.schema.language import Clause, Override, Schema
from nixschema.schema.problems import Problems
from nixschema.schema.walking import Steps, path_of, walk


def resolved(
    layers: list[Schema], problems: Problems, *, complete: bool = True
) -> tuple[Schema, ...]:
    """Layers in which what is overridden is gone, and overrides are in its place.

    Args:
        layers: the lowest first; they stay as they are.
        problems: gets overrides that replace nothing.
        complete: whether all layers are there; what is not may have what is replaced.
    """
    if not any(_overrides(one) for one in layers):
        return tuple(layers)
    # Lower layers may be used by other schemas as well.
    copies = [copy.deepcopy(one) for one in layers]
    by_place: list[dict[Steps, Clause]] = [
        {steps: one for steps, one in walk(layer) if isinstance(one, Clause)} for layer in copies
    ]
    for height, layer in enumerate(copies):
        for steps, clause, override in _overrides(layer):
            replacing = override.clause
            if not isinstance(replacing, Clause):
                continue
            below = [places[steps] for places in by_place[:height] if steps in places]
            for field in sorted(replacing.model_fields_set):
                _replace(field, steps, clause, override, below, problems if complete else None)
            clause.override = override
    return tuple(copies)


def _overrides(layer: Schema) -> list[tuple[Steps, Clause, Override]]:
    return [
        (steps, one, one.override)
        for steps, one in walk(layer)
        if isinstance(one, Clause) and one.override is not None
    ]


def _replace(
    field: str,
    steps: Steps,
    clause: Clause,
    override: Override,
    below: list[Clause],
    problems: Problems | None,
) -> None:
    """Take one field away from lower clauses, and put that of an override in its place."""
    replacing = override.clause
    assert isinstance(replacing, Clause)
    value = getattr(replacing, field)
    default = Clause.model_fields[field].get_default(call_default_factory=True)
    gone = False
    if field == "presence":
        for one in below:
            if one.presence != value:
                one.presence, gone = value, True
                if one.count is not None and value == "optional":
                    one.count = one.count._replace(least=0)
    elif isinstance(value, dict):
        for one in below:
            members = getattr(one, field)
            if isinstance(members, dict):
                for key in value:
                    gone = members.pop(key, None) is not None or gone
    else:
        for one in below:
            if getattr(one, field) != default:
                setattr(one, field, copy.deepcopy(default))
                gone = True
    if not gone and problems is not None:
        place = replacing.place(field) or override.place()
        written = str(value) if field == "presence" else field.removesuffix("_")
        message = f"no lower layer has `{written}` there, so that nothing is replaced"
        problems.tell(
            "NIX067",
            message,
            "take it away, or put it where the lower layer has it",
            place.line if place else 0,
            place.column if place else 0,
            path_of((*steps, "override", written)),
        )
    own = getattr(clause, field)
    if isinstance(value, dict) and isinstance(own, dict):
        setattr(clause, field, {**own, **{k: v for k, v in value.items() if k not in own}})
    elif own == default or field == "presence":
        setattr(clause, field, value)
    if field not in clause._places and (at := replacing.place(field)):
        clause._places[field] = at
