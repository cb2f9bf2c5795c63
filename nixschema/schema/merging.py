"""The layers of a schema as one: what a file must be that fulfils them all."""

from __future__ import annotations

from typing import Any

from nixschema.schema.language import (
    Clause,
    Constraint,
    Said,
    Schema,
    SchemaDocument,
)

_PRESENCES = ("optional", "required", "forbidden")
"""From the loosest to the tightest."""

_STRICTNESS = ("allow", "warn", "forbid")
_NAMESPACES = ("open", "warn", "closed")
_SAID = frozenset(("level", "message", "reason", "id"))
_LISTS = frozenset(("references", "features", "sources", "when", "formerly", "all_of"))


def merged(document: SchemaDocument) -> Schema:
    """One schema that asks for what all layers ask for; it keeps the words of the upper ones.

    Where layers say different things of one place, both stand in `all_of`.
    """
    whole = document.layers[0]
    for layer in document.layers[1:]:
        whole = _schemas(whole, layer)
    return whole.model_copy(update={"extends": []}) if whole.extends else whole


def _schemas(low: Schema, high: Schema) -> Schema:
    update: dict[str, Any] = {
        "metadata": _members(low.metadata, high.metadata),
        "blocks": _members(low.blocks, high.blocks),
        "types": _members(low.types, high.types),
        "namespaces": {
            name: max(
                (one[name] for one in (low.namespaces, high.namespaces) if name in one),
                key=_NAMESPACES.index,
            )
            for name in {**low.namespaces, **high.namespaces}
        },
        "when": [*low.when, *high.when],
        "rules": list(dict.fromkeys((*low.rules, *high.rules))),
        "additional": _tightest(low.additional, high.additional, _STRICTNESS),
        "recognise": high.recognise or low.recognise,
    }
    return high.model_copy(update=update)


def _tightest(low: str | None, high: str | None, order: tuple[str, ...]) -> str | None:
    said = [one for one in (low, high) if one is not None]
    return max(said, key=order.index) if said else None


def _members(low: dict[str, Clause], high: dict[str, Clause]) -> dict[str, Clause]:
    return {
        key: clauses_as_one(low[key], high[key])
        if key in low and key in high
        else (low.get(key) or high[key])
        for key in {**low, **high}
    }


def clauses_as_one(low: Clause, high: Clause) -> Clause:
    """A clause that asks for what two clauses of one place ask for."""
    update: dict[str, Any] = {}
    apart: dict[str, Any] = {}
    for field, info in Clause.model_fields.items():
        mine, its = low.__dict__[field], high.__dict__[field]
        default = info.get_default(call_default_factory=True)
        if field == "presence":
            update[field] = _tightest(mine, its, _PRESENCES)
        elif mine in (default, its):
            continue
        elif its == default:
            update[field] = mine
        elif field in _SAID or field in ("override", "is_"):
            continue
        elif isinstance(mine, dict) and isinstance(its, dict):
            update[field] = _dicts(mine, its)
        elif isinstance(mine, list) and isinstance(its, list) and field in _LISTS:
            update[field] = [*mine, *(one for one in its if one not in mine)]
        elif isinstance(mine, Clause) and isinstance(its, Clause) and field != "select":
            update[field] = clauses_as_one(mine, its)
        elif isinstance(mine, Constraint) and isinstance(its, Constraint):
            update[field] = constraints_as_one(mine, its)
        elif field == "additional":
            update[field] = _tightest(mine, its, _STRICTNESS)
        else:
            apart[field] = mine
    if apart:
        update["all_of"] = [*update.get("all_of", high.all_of), Clause.model_construct(**apart)]
    found = high.model_copy(update=update)
    found._places = {**low._places, **high._places}
    return found


def _dicts(low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
    found = dict(low)
    for key, its in high.items():
        mine = low.get(key)
        if isinstance(mine, Clause) and isinstance(its, Clause):
            found[key] = clauses_as_one(mine, its)
        elif isinstance(mine, Constraint) and isinstance(its, Constraint):
            found[key] = constraints_as_one(mine, its)
        elif isinstance(mine, list) and isinstance(its, list):
            found[key] = [*mine, *(one for one in its if one not in mine)]
        else:
            found[key] = its
    return found


def constraints_as_one(low: Constraint, high: Constraint) -> Constraint:
    """A constraint that asks for what two constraints on one value ask for."""
    if low == high or _is_bare(low):
        tightest = _tightest(low.presence, high.presence, _PRESENCES)
        return high if tightest == high.presence else high.model_copy(update={"presence": tightest})
    if _is_bare(high):
        tightest = _tightest(low.presence, high.presence, _PRESENCES)
        return low if tightest == low.presence else low.model_copy(update={"presence": tightest})
    presence: Any = _tightest(low.presence, high.presence, _PRESENCES)
    parts = [one.model_copy(update={"presence": "required"}) for one in (low, high)]
    return Constraint.model_construct(presence=presence, all_of=parts)


def _is_bare(said: Said) -> bool:
    """Whether a constraint asks for nothing but presence."""
    return all(
        said.__dict__[name] == info.get_default(call_default_factory=True)
        for name, info in type(said).model_fields.items()
        if name != "presence"
    )
