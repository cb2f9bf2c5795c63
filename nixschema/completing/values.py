"""Constraints on one value as JSON Schema: what editors propose, and what is surely wrong.

A JSON Schema sees a text only, where checking sees the file that is made of it. So it never refuses
what may be right; what it cannot say, it says in words.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from nixschema.completing.texts import escaped, examples_like, expression, is_literal, unlike, whole
from nixschema.findings import Level
from nixschema.schema.checking.quantities import quantity
from nixschema.schema.language import Constraint, Count, Said

JsonSchema: TypeAlias = dict[str, Any]
"""A JSON Schema."""

_TOLERANCE = 1e-8


def is_error(said: Said, level: Level) -> Level:
    """The level of something, which may be inherited."""
    return said.level or level


def text_schema(constraint: Constraint, level: Level, formerly: tuple[str, ...] = ()) -> JsonSchema:
    """A text that fits a constraint.

    Args:
        constraint: the constraint.
        level: what it inherits; only errors refuse anything.
        formerly: old spellings, which are accepted too.
    """
    level = is_error(constraint, level)
    found: JsonSchema = {}
    old = [expression(one) for one in (*constraint.formerly, *formerly)]
    empty = [""] if constraint.presence == "optional" else []
    patterns = []
    for leaves in (constraint.fits, constraint.one_of, _one(constraint.equals)):
        if leaves is None:
            continue
        texts = [one for one in leaves if isinstance(one, str)]
        proposed = [one for one in leaves if not isinstance(one, str) or is_literal(one)]
        found.setdefault("examples", proposed)
        if len(texts) < len(leaves) or "any" in texts or any(quantity(one) for one in texts):
            continue
        literal = leaves is not constraint.fits and leaves is not constraint.one_of
        mine = [escaped(one) if literal else expression(one) for one in texts]
        patterns.append(whole([*mine, *old, *empty]))
    if constraint.like is not None:
        found.setdefault("examples", examples_like(constraint.like))
        patterns.append(_or(unlike(constraint.like), [*old, *empty]))
    written = constraint.pattern
    if written is not None and "(?" not in written and "\\" not in written:
        patterns.append(whole([written, *old, *empty]))
    if not found.get("examples"):
        found.pop("examples", None)
    if level is Level.ERROR and not constraint.any_of:
        told = constraint.message or f"Expected: {words_of(constraint)}."
        refusing = [{"pattern": one, "patternErrorMessage": told} for one in patterns]
        if len(refusing) == 1:
            found |= refusing[0]
        elif refusing:
            found["allOf"] = refusing
    return found


def _one(leaf: Any) -> list[Any] | None:
    return None if leaf is None else [leaf]


def _or(pattern: str, others: list[str]) -> str:
    return pattern if not others else f"(?:{pattern}|{whole(others)})"


def number_schema(constraint: Constraint, level: Level) -> JsonSchema:
    """A number within limits; those with units or blanks are not looked at."""
    level = is_error(constraint, level)
    found: JsonSchema = {}
    if level is not Level.ERROR or constraint.any_of:
        return found
    for word, keyword, sign in (
        ("min", "minimum", -1),
        ("max", "maximum", 1),
        ("above", "exclusiveMinimum", 0),
        ("below", "exclusiveMaximum", 0),
    ):
        limit = getattr(constraint, word)
        if isinstance(limit, int | float) and not isinstance(limit, bool) and limit - limit == 0:
            room = sign * abs(limit) * _TOLERANCE
            found[keyword] = limit + room if room else limit
    return found


def value_schema(constraint: Constraint, level: Level) -> JsonSchema:
    """A text or a number: values of properties."""
    return text_schema(constraint, level) | number_schema(constraint, level)


def explained(said: Said, words: str) -> JsonSchema:
    """What is told about something: its reason, and what is expected."""
    parts = [one.strip() for one in (said.reason or said.message or "", words) if one.strip()]
    text = " ".join(one if one.endswith((".", "!", "?")) else f"{one}." for one in parts)
    return {"description": text} if text else {}


def words_of(constraint: Constraint) -> str:
    """What a constraint asks for, in words."""
    if constraint.presence == "forbidden":
        return "nothing"
    parts = []
    leaves = constraint.fits or constraint.one_of or _one(constraint.equals)
    if leaves:
        shown = [str(one) for one in leaves[:8]]
        parts.append(" or ".join([*shown, "others"] if len(leaves) > 8 else shown))
    if constraint.items:
        parts.append(", ".join(words_of(one) or "any" for one in constraint.items))
    if constraint.like:
        parts.append(f"a unit like {constraint.like}")
    if constraint.pattern:
        parts.append(f"a text that fits {constraint.pattern}")
    for word in ("min", "max", "above", "below"):
        limit = getattr(constraint, word)
        if limit is not None:
            told = {"min": "at least", "max": "at most"}.get(word, word)
            parts.append(f"{told} {limit}")
    if constraint.length is not None:
        parts.append(f"{count_words(constraint.length)} of them")
    parts += [one for one in ("finite", "ascending", "unique") if getattr(constraint, one)]
    return ", ".join(parts)


def count_words(count: Count) -> str:
    """``1 or more``, ``2 to 8``."""
    if count.blank is not None:
        return f"as many as {count.blank}"
    if count.most is None:
        return f"{count.least} or more"
    return str(count.least) if count.least == count.most else f"{count.least} to {count.most}"
