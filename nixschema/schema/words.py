"""What constraints ask for, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from nixschema.schema.language import Clause, Constraint, Count, DimensionClause, Leaf, Together

_MOST = 12
"""So many values of a list are named."""


def count_words(count: Count) -> str:
    """A count: ``1``, ``at least 2``, ``2 to 8``, ``as many as <n>``."""
    if count.blank is not None:
        return f"as many as `{count.blank}`"
    if count.most is None:
        return f"at least {count.least:,}" if count.least else "any number"
    if count.least == count.most:
        return f"{count.least:,}"
    return f"at most {count.most:,}" if not count.least else f"{count.least:,} to {count.most:,}"


def presence_words(clause: Clause) -> str:
    """Whether something must be there, and how often."""
    if clause.presence == "forbidden":
        return "forbidden"
    if clause.count is not None:
        optional = clause.presence == "optional" and clause.count.least > 0
        told = count_words(clause.count)
        return f"{told}, or none" if optional else told
    return clause.presence


def constraint_words(one: Constraint | None, *, many: str = "") -> str:
    """A constraint as the end of a sentence that begins with what it is about: ``at least 0 mV``.

    Args:
        one: the constraint.
        many: what there are several of, where what it is about is called so: labels, units …
    """
    if one is None:
        return ""
    if one.presence == "forbidden":
        return "none"
    parts = [*_parts(one, many)]
    if one.presence == "optional":
        parts.append("may be missing")
    return ", ".join(parts) or "any"


def _parts(one: Constraint, many: str) -> Iterable[str]:
    for values in (one.fits, one.one_of):
        if values is not None and "any" not in values:
            yield either(values)
    if one.equals is not None:
        yield f"exactly {leaf_words(one.equals)}"
    if one.items is not None:
        yield "[" + ", ".join(constraint_words(each) for each in one.items) + "]"
    if one.like is not None:
        yield f"like `{one.like}`"
    if one.pattern is not None:
        yield f"fits `{escaped(one.pattern)}`"
    ends = (("at least", one.min), ("at most", one.max), ("above", one.above), ("below", one.below))
    for word, end in ends:
        if end is not None:
            yield f"{word} {leaf_words(end)}"
    if one.not_ is not None:
        yield f"not {constraint_words(one.not_)}"
    if one.length is not None:
        number = count_words(one.length)
        noun = "value" if number == "1" else "values"
        yield number if many else f"{number} {noun}"
    if one.finite:
        yield "no NaN and nothing infinite"
    if one.ascending:
        yield "strictly ascending" if one.ascending == "strictly" else "ascending"
    if one.unique:
        yield "no value twice"
    for word, clause in (
        ("the name", one.names),
        ("ids", one.ids_of),
        ("names", one.names_of),
    ):
        if clause is not None:
            yield f"{word} of {subject_words(clause)}"
    if one.column_of is not None:
        of = one.column_of
        yield f"values of the column `{escaped(of.column)}` of `{escaped(of.data_frame)}`"
    if one.or_:
        yield f"or {either(one.or_)}"
    if one.any_of:
        yield "either " + " or ".join(constraint_words(each) for each in one.any_of)
    for each in one.all_of:
        level = f" ({each.level})" if each.level is not None else ""
        yield constraint_words(each) + level
    if one.formerly:
        yield f"formerly {either(one.formerly)}"


def either(leaves: Sequence[Leaf]) -> str:
    """One of several values."""
    told = [leaf_words(one) for one in leaves[:_MOST]]
    if len(leaves) > _MOST:
        told.append(f"{len(leaves) - _MOST:,} others")
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} or {told[-1]}"


def leaf_words(leaf: Leaf) -> str:
    """A value in backticks; numbers without."""
    if isinstance(leaf, bool):
        return f"`{str(leaf).lower()}`"
    if isinstance(leaf, int | float):
        return str(leaf)
    return f"`{escaped(leaf)}`"


def escaped(text: str) -> str:
    """A text as it may stand in backticks, in one line of a table."""
    shown = "".join(one if one.isprintable() else " " for one in text.replace("`", "'"))
    return shown.replace("|", "\\|")


def subject_words(clause: Clause) -> str:
    """What a clause is about: ``a group of type `neo.segment```."""
    from nixschema import model

    kind = clause.is_
    words = str(getattr(model, kind).words) if kind is not None else "entity"
    article = "an" if words[0] in "aeiou" else "a"
    return f"{article} {words}{selecting_words(clause)}"


def selecting_words(clause: Clause) -> str:
    """By name and type: `` `a` of type `b` ``; nothing where it says neither."""
    found = ""
    if clause.name is not None:
        found += f" {constraint_words(clause.name)}"
    if clause.type is not None:
        found += f" of type {constraint_words(clause.type)}"
    if clause.select is not None:
        found += selecting_words(clause.select)
    return found


def dimension_words(one: DimensionClause) -> str:
    """A dimension in a few words: ``sampled; unit like `s```."""
    if one.presence == "forbidden":
        return "none"
    parts = []
    for field in ("type", "unit", "label", "sampling_interval", "offset", "ticks", "labels"):
        constraint = getattr(one, field)
        if constraint is None:
            continue
        name = "" if field == "type" else f"{field.replace('_', ' ')} "
        parts.append(f"{name}{constraint_words(constraint, many=field)}")
    if one.link is not None:
        parts.append(f"linked to {constraint_words(one.link)}")
    if one.any_of:
        parts.append("either " + " or ".join(f"({dimension_words(each)})" for each in one.any_of))
    if one.presence == "optional":
        parts.append("may be missing")
    return "; ".join(parts) or "any"


def together_words(one: Together) -> str:
    """What belongs together, in a sentence."""
    parts = [f"arrays with the same `{one.by.strip('<>')}` belong together"]
    if one.same:
        parts.append(f"they have the same {', '.join(one.same)}")
    if one.counting is not None:
        parts.append(f"`{escaped(one.counting)}` counts them from 0")
    if one.size is not None:
        parts.append(f"their number is `{escaped(one.size)}`")
    return "; ".join(parts)


def clause_words(clause: Clause) -> str:
    """All that a clause asks for, short: for members of members and conditions."""
    parts: list[Any] = []
    if clause.blank is not None:
        parts.append(f"`{clause.blank}`")
    selecting = selecting_words(clause).strip()
    if selecting:
        parts.append(selecting)
    for field, constraint in clause.__dict__.items():
        if isinstance(constraint, Constraint) and field not in ("name", "type"):
            parts.append(f"{field.replace('_', ' ')} {constraint_words(constraint, many=field)}")
    if clause.length is not None:
        number = count_words(clause.length)
        parts.append(f"{number} value{'' if number == '1' else 's'}")
    if isinstance(clause.dimensions, list):
        told = ", ".join(f"({dimension_words(one)})" for one in clause.dimensions)
        parts.append(f"dimensions {told}")
    elif clause.dimensions is not None:
        parts.append(f"dimensions {clause.dimensions}")
    for field in ("parent", "metadata", "positions", "extents", "data"):
        inner = getattr(clause, field)
        if inner is not None:
            words = clause_words(inner)
            parts.append(f"{field}: {words}" if words else field)
    for field in _HELD:
        members = getattr(clause, field)
        if isinstance(members, dict) and members:
            told = ", ".join(f"`{escaped(key)}`{_in_brackets(one)}" for key, one in members.items())
            parts.append(f"{field.replace('_', ' ')} {told}")
    if clause.any_of:
        parts.append("either " + " or ".join(f"({clause_words(one)})" for one in clause.any_of))
    return "; ".join(str(one) for one in parts)


_HELD = (
    *("blocks", "data_arrays", "data_frames", "tags", "multi_tags", "groups", "sources"),
    *("columns", "sections", "properties"),
)


def _in_brackets(clause: Clause) -> str:
    words: list[str] = [] if clause.presence == "required" else [clause.presence]
    inner = clause_words(clause)
    if inner:
        words.append(inner)
    return f" ({'; '.join(words)})" if words else ""
