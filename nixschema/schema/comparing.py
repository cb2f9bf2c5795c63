"""What differs between two schemas: clause by clause, what is tighter, looser, new or gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from nixschema.findings import Level
from nixschema.schema.dumping import in_line
from nixschema.schema.language import (
    Clause,
    Constraint,
    Count,
    DimensionClause,
    Place,
    Said,
    Schema,
    SchemaDocument,
    Together,
    Tree,
    When,
)
from nixschema.schema.merging import merged
from nixschema.schema.narrowing import (
    Verdict,
    of_counts,
    of_order,
    of_presence,
    of_sets,
    steps,
    there_or_not,
    verdict_of,
)

What = Literal["new", "gone", "changed", "note"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two schemas."""

    path: str
    """Where: keys from the top, ``/blocks/recording/data_arrays/voltage``."""
    keyword: str
    """The keyword; nothing for the whole clause."""
    what: What
    verdict: Verdict
    old: Any = None
    """What is said before: a model, a word, or None."""
    new: Any = None
    level: Level = Level.ERROR
    """How grave it is where it does not hold, at its gravest."""
    keywords: tuple[str, ...] = ()
    """Of a constraint: which of its keywords differ."""
    place_old: Place | None = None
    place_new: Place | None = None

    @property
    def is_breaking(self) -> bool:
        """Whether files that passed may have errors."""
        return bool(self.verdict & Verdict.TIGHTER) and self.level is Level.ERROR


_WORDS = frozenset(("message", "reason"))
_MEMBERS = (
    *("metadata", "blocks", "data_arrays", "data_frames", "tags", "multi_tags", "groups"),
    *("sources", "columns", "sections", "properties"),
)
_ADDITIONAL = (None, "allow", "warn", "forbid")
_NAMESPACES = ("open", "warn", "closed")
_TEXTS = ("title", "version", "provenance", "extends", "examples")


@dataclass(frozen=True, slots=True)
class _Here:
    """Where two clauses stand that are compared."""

    path: str
    old: Level = Level.ERROR
    new: Level = Level.ERROR
    is_type: bool = False
    """Whether it is a clause of `types`, which never asks that something is there."""

    def inner(self, part: str, old: Said | None, new: Said | None) -> _Here:
        """The same for something inside; what is new or gone has one level alone."""
        mine = (old.level if old is not None else None) or self.old
        its = (new.level if new is not None else None) or self.new
        if old is None and new is not None:
            mine = its
        elif new is None and old is not None:
            its = mine
        return _Here(f"{self.path}/{part}", mine, its)

    @property
    def gravest(self) -> Level:
        return self.new if self.new.reaches(self.old) else self.old


def compared(old: SchemaDocument, new: SchemaDocument) -> list[Change]:
    """What differs, in order of the clauses; notes are about what no file is judged by.

    Args:
        old: a schema, with all its layers.
        new: another one.
    """
    return list(_schemas(merged(old), merged(new)))


def verdict_of_clauses(old: Clause, new: Clause) -> Verdict:
    """What it does to the entities that fit, that one clause takes the place of another."""
    found = Verdict.SAME
    for one in _clauses(old, new, _Here("")):
        found |= one.verdict
    return found


def _schemas(old: Schema, new: Schema) -> Iterator[Change]:
    top = _Here("", old.level or Level.ERROR, new.level or Level.ERROR)
    if old.schema_ != new.schema_:
        yield _note("/", "schema", old.schema_, new.schema_)
    for field in _TEXTS:
        mine, its = getattr(old, field), getattr(new, field)
        if mine != its:
            yield _note("/", field, mine, its)
    yield from _levels(old, new, _Here(""), top)
    yield from _trees(old.recognise, new.recognise, _Here("/recognise", top.old, top.new))
    yield from _namespaces(old, new, top)
    yield from _additional(old.additional, new.additional, top)
    closed = _closed(old.additional, new.additional)
    for field in ("metadata", "blocks"):
        yield from _members(getattr(old, field), getattr(new, field), field, top, closed=closed)
    yield from _types(old, new, top)
    yield from _conditions(old.when, new.when, top)
    for name in old.rules:
        if name not in new.rules:
            yield Change("/", "rules", "gone", Verdict.LOOSER, name, None, top.old)
    for name in new.rules:
        if name not in old.rules:
            yield Change("/", "rules", "new", Verdict.TIGHTER, None, name, top.new)


def _note(path: str, keyword: str, old: Any, new: Any) -> Change:
    return Change(path, keyword, "note", Verdict.SAME, old, new)


def _change(
    here: _Here,
    keyword: str,
    verdict: Verdict,
    old: Any,
    new: Any,
    *,
    keywords: tuple[str, ...] = (),
    places: tuple[Said | None, Said | None] = (None, None),
) -> Iterator[Change]:
    if not verdict:
        return
    what: What = "new" if old is None else "gone" if new is None else "changed"
    mine, its = (one.place(keyword) if one is not None else None for one in places)
    yield Change(
        here.path or "/", keyword, what, verdict, old, new, here.gravest, keywords, mine, its
    )


def _levels(old: Said, new: Said, outer: _Here, here: _Here) -> Iterator[Change]:
    """How grave something is, unless it is what is around it that changed."""
    if here.old is here.new or (outer.old, outer.new) == (here.old, here.new):
        return
    verdict = of_order(here.old.rank, here.new.rank, (0, 1, 2))
    yield Change(
        here.path or "/", "level", "changed", verdict, str(here.old), str(here.new), here.gravest,
        (), old.place("level"), new.place("level"),
    )  # fmt: skip


def _namespaces(old: Schema, new: Schema, here: _Here) -> Iterator[Change]:
    for name in sorted({*old.namespaces, *new.namespaces}):
        mine, its = old.namespaces.get(name), new.namespaces.get(name)
        verdict = of_order(mine or "open", its or "open", _NAMESPACES)
        inner = _Here(f"/namespaces/{name}", here.old, here.new)
        if "warn" in (mine, its) and "closed" not in (mine, its):
            inner = _Here(inner.path, Level.WARNING, Level.WARNING)
        yield from _change(inner, "", verdict, mine, its, places=(old, new))


def _additional(old: str | None, new: str | None, here: _Here) -> Iterator[Change]:
    verdict = of_order(old or "allow", new or "allow", _ADDITIONAL)
    if "forbid" not in (old, new):
        here = _Here(here.path, Level.WARNING, Level.WARNING)
    yield from _change(here, "additional", verdict, old, new)


def _closed(old: str | None, new: str | None) -> tuple[bool, bool]:
    return old == "forbid", new == "forbid"


def _trees(old: Tree | None, new: Tree | None, here: _Here) -> Iterator[Change]:
    """What files are recognised by."""
    if old is None or new is None:
        yield from _change(here, "", there_or_not(old, new), old, new, places=(old, new))
        return
    for field in ("metadata", "blocks"):
        yield from _members(getattr(old, field), getattr(new, field), field, here)
    mine, its = getattr(old, "any_of", []), getattr(new, "any_of", [])
    yield from _change(here, "any_of", _of_alternatives(mine, its), mine or None, its or None)


def _types(old: Schema, new: Schema, here: _Here) -> Iterator[Change]:
    for key in {**old.types, **new.types}:
        mine, its = old.types.get(key), new.types.get(key)
        inner = here.inner(f"types/{key}", mine, its)
        inner = _Here(inner.path, inner.old, inner.new, is_type=True)
        if mine is not None and its is not None:
            yield from _levels(mine, its, here, inner)
            yield from _clauses(mine, its, inner)
            continue
        only = mine or its
        assert only is not None
        closed = _is_closed(key, old), _is_closed(key, new)
        verdict = Verdict.TIGHTER if _asks(only) else Verdict.SAME
        if only.accept:
            verdict |= Verdict.LOOSER
        if all(closed):
            verdict = Verdict.LOOSER  # No entity of the type passed before.
        if mine is not None:
            verdict = verdict.reversed
        if verdict:
            yield from _change(inner, "", verdict, mine, its, places=(mine, its))
        else:
            yield _note(inner.path, "", mine, its)


def _is_closed(key: str, schema: Schema) -> bool:
    return any(
        state == "closed" and key.startswith(f"{name}.")
        for name, state in schema.namespaces.items()
    )


def _asks(clause: Clause) -> bool:
    """Whether a clause asks for anything of what it is about."""
    aside = ("presence", "level", "message", "reason", "id", "accept", "override", "formerly")
    return any(
        clause.__dict__[name] != info.get_default(call_default_factory=True)
        for name, info in Clause.model_fields.items()
        if name not in aside
    )


# Clauses


def _clauses(old: Clause, new: Clause, here: _Here) -> Iterator[Change]:
    """What differs between two clauses of one place."""
    if old == new:
        return
    yield from _how_many(old, new, here)
    if "forbidden" in (old.presence, new.presence) and not here.is_type:
        return
    closed = _closed(old.additional, new.additional)
    for field in Clause.model_fields:
        mine, its = old.__dict__[field], new.__dict__[field]
        if mine == its or field in ("presence", "count", "level", "override"):
            continue
        name = field.removesuffix("_")
        if field in _WORDS or field == "id":
            yield _note(here.path or "/", name, mine, its)
        elif field in _MEMBERS and isinstance(mine or its, dict):
            yield from _members(mine or {}, its or {}, name, here, closed=closed)
        elif field == "extra":
            for key in {**mine, **its}:
                yield from _constraints(
                    mine.get(key), its.get(key), f"extra.{key}", here, (old, new)
                )
        elif field in ("members", "member_of"):
            for key in {**mine, **its}:
                inner = _Here(f"{here.path}/{key}" if field == "members" else
                              f"{here.path}/member_of/{key}", here.old, here.new)  # fmt: skip
                yield from _lists(mine.get(key, []), its.get(key, []), inner)
        elif field in ("references", "features") or (
            field == "sources" and isinstance(mine or its, list)
        ):
            yield from _lists(mine or [], its or [], here.inner(name, None, None))
        elif field == "dimensions":
            yield from _dimensions(mine, its, here, (old, new))
        elif field == "when":
            yield from _conditions(mine, its, here)
        elif field == "accept":
            yield from _accepted(mine, its, here)
        elif isinstance(mine, Constraint) or isinstance(its, Constraint):
            yield from _constraints(mine, its, name, here, (old, new))
        elif isinstance(mine, Clause) and isinstance(its, Clause) and field != "select":
            inner = here.inner(name, mine, its)
            yield from _levels(mine, its, here, inner)
            yield from _clauses(mine, its, inner)
        else:
            verdict = _of_field(field, mine, its)
            yield from _change(here, name, verdict, mine or None, its or None, places=(old, new))


def _how_many(old: Clause, new: Clause, here: _Here) -> Iterator[Change]:
    if here.is_type:
        return
    verdict = of_counts(_count(old), _count(new))
    keyword = "count" if old.count != new.count else "presence"
    mine, its = (
        (one.count if keyword == "count" and one.count else one.presence) for one in (old, new)
    )
    yield from _change(here, keyword, verdict, mine, its, places=(old, new))


def _count(clause: Clause) -> Count:
    """How many entities there may be."""
    if clause.presence == "forbidden":
        return Count(0, 0)
    if clause.count is None:
        return Count(0 if clause.presence == "optional" else 1)
    if clause.presence == "optional" and clause.count.blank is None:
        return clause.count._replace(least=0)
    return clause.count


def _of_field(field: str, old: Any, new: Any) -> Verdict:
    """What a change of a field does that has no parts."""
    match field:
        case "additional":
            return of_order(old or "allow", new or "allow", _ADDITIONAL)
        case "only":
            return of_order(old, new, (False, True))
        case "formerly":
            return of_sets(old, new)
        case "any_of":
            return _of_alternatives(old, new)
        case "all_of":
            return of_sets(old, new).reversed
        case "length":
            return of_counts(old, new)
        case "together":
            return _of_together(old, new)
        case "select":
            return Verdict.EITHER
        case "metadata" | "parent" | "positions" | "extents" | "data":
            only = old or new
            found = Verdict.TIGHTER
            if only.presence == "optional" and not _asks(only):
                found = Verdict.SAME
            return found if old is None else found.reversed
    return there_or_not(old or None, new or None)


def _of_alternatives(old: Sequence[Any], new: Sequence[Any]) -> Verdict:
    if not old or not new:
        return there_or_not(old or None, new or None)
    return of_sets(old, new)


def _of_together(old: Together | None, new: Together | None) -> Verdict:
    if old is None or new is None:
        return there_or_not(old, new)
    if old.by != new.by:
        return Verdict.EITHER
    found = of_sets(old.same, new.same).reversed
    for mine, its in ((old.counting, new.counting), (old.size, new.size)):
        found |= there_or_not(mine, its)
    return found


def _constraints(
    old: Constraint | None,
    new: Constraint | None,
    name: str,
    here: _Here,
    places: tuple[Said, Said],
) -> Iterator[Change]:
    if old == new:
        return
    inside = here.inner("", old, new)
    inner = _Here(here.path, inside.old, inside.new)
    found = steps(old, new)
    yield from _change(
        inner, name, verdict_of(found), old, new,
        keywords=tuple(one.keyword for one in found), places=places,
    )  # fmt: skip
    if old is not None and new is not None:
        at = _Here(f"{here.path}.{name}", inner.old, inner.new)
        yield from _levels(old, new, here, at)
        for word in ("message", "reason", "id"):
            if getattr(old, word) != getattr(new, word):
                yield _note(at.path, word, getattr(old, word), getattr(new, word))


def _accepted(old: dict[str, str], new: dict[str, str], here: _Here) -> Iterator[Change]:
    at = _Here(f"{here.path}/accept", Level.ERROR, Level.ERROR)
    for rule in {**old, **new}:
        mine, its = old.get(rule), new.get(rule)
        if mine is not None and its is not None:
            if mine != its:
                yield _note(at.path, rule, mine, its)
            continue
        yield from _change(at, rule, there_or_not(mine, its).reversed, mine, its)


def _conditions(old: list[When], new: list[When], here: _Here) -> Iterator[Change]:
    left, added = _apart(old, new)
    pairs, left, added = _paired(left, added, lambda one: in_line(one.if_))
    numbers = {id(one): number for number, one in enumerate(new, 1)}
    for one, same in pairs:
        number = numbers[id(same)]
        for field in ("then", "else_"):
            mine, its = getattr(one, field), getattr(same, field)
            inner = here.inner(f"when/{number}/{field.removesuffix('_')}", mine, its)
            if mine is None or its is None:
                yield from _change(inner, "", there_or_not(mine, its), mine, its)
            else:
                yield from _clauses(mine, its, inner)
    for one in left:
        yield from _change(here, "when", Verdict.LOOSER, one, None, places=(one, None))
    for one in added:
        yield from _change(here, "when", Verdict.TIGHTER, None, one, places=(None, one))


# Members and links


def _members(
    old: dict[str, Clause],
    new: dict[str, Clause],
    field: str,
    here: _Here,
    *,
    closed: tuple[bool, bool] = (False, False),
) -> Iterator[Change]:
    """What differs between clauses on members, by key.

    Args:
        old: the clauses.
        new: the clauses.
        field: the container.
        here: what has them.
        closed: whether others are forbidden, before and now.
    """
    renamed = _renamed(old, new)
    for key in {**old, **new}:
        if key in renamed.values():
            continue
        if key in renamed:
            yield _note(f"{here.path}/{field}/{key}", "key", key, renamed[key])
            continue
        mine, its = old.get(key), new.get(key)
        inner = here.inner(f"{field}/{key}", mine, its)
        if mine is not None and its is not None:
            yield from _levels(mine, its, here, inner)
            yield from _clauses(mine, its, inner)
            continue
        verdict = _of_new_member(its, closed) if mine is None else (
            _of_new_member(mine, closed).reversed
        )  # fmt: skip
        if verdict:
            yield from _change(inner, "", verdict, mine, its, places=(mine, its))
        else:
            yield _note(inner.path, "", mine, its)


def _renamed(old: dict[str, Clause], new: dict[str, Clause]) -> dict[str, str]:
    """Labels of `select` that are other words for the same."""
    gone = {key: one for key, one in old.items() if key not in new and one.select is not None}
    found: dict[str, str] = {}
    by_text = {repr(one): key for key, one in gone.items()}
    for key, one in new.items():
        if key in old or one.select is None or not by_text:
            continue
        same = by_text.get(repr(one))
        if same is not None:
            found.setdefault(same, key)
    return found


def _of_new_member(clause: Clause | None, closed: tuple[bool, bool]) -> Verdict:
    """What a clause on members does that was not there."""
    assert clause is not None
    if clause.select is not None:
        return Verdict.TIGHTER
    if clause.presence == "forbidden":
        return Verdict.SAME if all(closed) else Verdict.TIGHTER
    needed = _count(clause).least > 0 or _count(clause).blank is not None
    if all(closed):
        return Verdict.EITHER if needed else Verdict.LOOSER
    if needed or _asks(clause.model_copy(update={"count": None})) or clause.count is not None:
        return Verdict.TIGHTER
    return Verdict.LOOSER if clause.accept else Verdict.SAME


def _lists(old: list[Clause], new: list[Clause], here: _Here) -> Iterator[Change]:
    """What differs between clauses on links: those on the same are compared."""
    left, added = _apart(old, new)
    closed = _is_only(old), _is_only(new)
    pairs, left, added = _paired(left, added, _selecting)
    for one, same in pairs:
        yield from _clauses(one, same, here.inner(_called(one), one, same))
    for one in left:
        inner = here.inner(_called(one), one, None)
        verdict = _of_new_link(one, closed).reversed
        yield from _change(inner, "", verdict, one, None, places=(one, None))
    for one in added:
        inner = here.inner(_called(one), None, one)
        verdict = _of_new_link(one, closed)
        yield from _change(inner, "", verdict, None, one, places=(None, one))


def _is_only(clauses: list[Clause]) -> bool:
    return any(one.only for one in clauses)


def _of_new_link(clause: Clause, closed: tuple[bool, bool]) -> Verdict:
    if clause.only or not all(closed):
        return Verdict.TIGHTER
    return Verdict.LOOSER if _count(clause).least == 0 and not clause.every else Verdict.EITHER


T = TypeVar("T", Clause, When)


def _apart(old: Sequence[T], new: Sequence[T]) -> tuple[list[T], list[T]]:
    """What is in one list and not in the other."""
    mine, its = ([repr(one) for one in listed] for listed in (old, new))
    known_old, known_new = set(mine), set(its)
    left = [one for one, key in zip(old, mine, strict=True) if key not in known_new]
    added = [one for one, key in zip(new, its, strict=True) if key not in known_old]
    return left, added


def _paired(
    left: Sequence[T], added: Sequence[T], key_of: Callable[[T], str | None]
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """Those of two lists that are about the same, and what is left of both."""
    by_key: dict[str, list[T]] = {}
    for one in added:
        if (key := key_of(one)) is not None:
            by_key.setdefault(key, []).append(one)
    pairs, single = [], []
    for one in left:
        same = by_key.get(key_of(one) or "")
        if same:
            pairs.append((one, same.pop(0)))
        else:
            single.append(one)
    taken = {id(one) for _, one in pairs}
    return pairs, single, [one for one in added if id(one) not in taken]


def _selecting(clause: Clause) -> str | None:
    """What a clause on links selects by, as a text; None where it only closes the list."""
    if clause.only:
        return None
    one = clause.data if clause.data is not None else clause
    return repr((clause.data is None, one.name, one.type, one.select))


def _called(clause: Clause) -> str:
    for one in (clause, clause.data):
        for said in (one.name, one.type) if one is not None else ():
            if said is not None and said.fits:
                return str(said.fits[0])
    return "only" if clause.only else "any"


def _dimensions(old: Any, new: Any, here: _Here, places: tuple[Said, Said]) -> Iterator[Change]:
    if not isinstance(old, list) or not isinstance(new, list):
        yield from _change(
            here, "dimensions", _of_words(old, new), old or None, new or None, places=places
        )
        return
    for number in range(max(len(old), len(new))):
        mine = old[number] if number < len(old) else None
        its = new[number] if number < len(new) else None
        inner = here.inner(f"dimensions/{number + 1}", mine, its)
        if mine is None or its is None:
            only = mine or its
            assert only is not None
            verdict = Verdict.LOOSER if only.presence == "optional" else Verdict.EITHER
            if its is None:
                verdict = verdict.reversed
            yield from _change(inner, "", verdict, mine, its, places=(mine, its))
        else:
            yield from _dimension(mine, its, inner)


def _of_words(old: Any, new: Any) -> Verdict:
    """What a change of `dimensions` does where one of them is a word, or missing."""
    if isinstance(old, str) and isinstance(new, str):
        return of_presence(old, new)
    if old == "required" and isinstance(new, list):
        return Verdict.TIGHTER
    if new == "required" and isinstance(old, list):
        return Verdict.LOOSER
    if (old or "optional") == "optional" or (new or "optional") == "optional":
        return there_or_not(
            None if old in (None, "optional") else old, None if new in (None, "optional") else new
        )
    return Verdict.EITHER


def _dimension(old: DimensionClause, new: DimensionClause, here: _Here) -> Iterator[Change]:
    yield from _change(
        here, "presence", of_presence(old.presence, new.presence), old.presence, new.presence,
        places=(old, new),
    )  # fmt: skip
    if "forbidden" in (old.presence, new.presence):
        return
    for field in DimensionClause.model_fields:
        mine, its = getattr(old, field), getattr(new, field)
        if mine == its:
            continue
        if field in _WORDS or field == "id":
            yield _note(here.path, field, mine, its)
        elif field == "any_of":
            yield from _change(here, field, _of_alternatives(mine, its), mine or None, its or None)
        elif isinstance(mine, Constraint) or isinstance(its, Constraint):
            yield from _constraints(mine, its, field, here, (old, new))
    yield from _levels(old, new, _Here("", Level.ERROR, Level.ERROR), here)
