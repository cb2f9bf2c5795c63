"""What the types of entities ask for: clauses by type, and types that nobody declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from nixschema.findings import Level
from nixschema.schema.checking.clauses import ClauseCheck, _words
from nixschema.schema.checking.compiling import (
    Context,
    blanks_in,
    clause_check,
    root_context,
)
from nixschema.schema.checking.near import Near
from nixschema.schema.checking.outcome import Asked, Hit, Outcome
from nixschema.schema.checking.patterns import Pattern
from nixschema.schema.checking.run import Run
from nixschema.schema.checking.scope import Scope
from nixschema.schema.language import Clause, Constraint, Said, Schema, Together

_MOST_TYPES = 20_000
"""Of so many types it is remembered which clauses are about them."""


@dataclass(slots=True, eq=False)
class TypeCheck:
    """What one key of ``types`` asks for."""

    key: Pattern
    clause: ClauseCheck
    kind: str | None
    formerly: tuple[str, ...]
    old: Asked
    is_: Asked
    counts: bool
    """Whether it asks how many entities belong together."""

    def fits(self, text: str) -> bool:
        """Whether it is about a type."""
        return self.key.bare_fits(text) or text in self.formerly


class Types:
    """The clauses of all layers, by type."""

    def __init__(self, layers: Iterable[Schema]) -> None:
        """Take them apart."""
        self._exact: dict[str, list[TypeCheck]] = {}
        self._patterns: list[TypeCheck] = []
        self._known: dict[str, list[TypeCheck]] = {}
        number = 0
        self._order: dict[int, int] = {}
        for schema in layers:
            context = root_context(schema)
            for key, clause in schema.types.items():
                one = _type_check(key, clause, context)
                self._order[id(one)] = number
                number += 1
                if one.key.literal is None:
                    self._patterns.append(one)
                else:
                    for name in (one.key.text, *one.formerly):
                        self._exact.setdefault(name, []).append(one)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._exact or self._patterns)

    def of(self, text: str, run: Run) -> list[TypeCheck]:
        """The clauses about a type, lowest layer first."""
        found = self._known.get(text)
        if found is None:
            run.spend(1 + len(self._patterns) // 2)
            found = self._exact.get(text, [])
            if more := [one for one in self._patterns if one.fits(text)]:
                found = sorted({*found, *more}, key=lambda one: self._order[id(one)])
            if len(self._known) < _MOST_TYPES and len(text) < 1000:
                self._known[text] = found
        return found

    @property
    def counts(self) -> bool:
        """Whether any asks how many entities belong together."""
        listed = [*self._patterns, *(one for found in self._exact.values() for one in found)]
        return any(one.counts for one in listed)

    def apply(self, entity: Any, run: Run, out: Outcome, *, counting: bool = False) -> None:
        """Look whether an entity is as clauses about its type ask for.

        Args:
            entity: the entity.
            run: the file.
            out: takes what does not hold.
            counting: only those clauses that ask how many entities belong together.
        """
        text = entity.__dict__.get("type")
        if not isinstance(text, str) or not text:
            return
        found = self.of(text, run)
        if counting:
            found = [one for one in found if one.counts]
        if not found:
            return
        kind = type(entity).__name__
        fitting = [one for one in found if one.kind is None or one.kind == kind]
        if not fitting:
            one = min(found, key=lambda one: (one.key.literal is None, -len(one.key.fixed)))
            words = getattr(type(entity), "words", "entity")
            told = f"is a {words}, where entities of type `{text}` are {_words(str(one.kind))}s"
            out.add(one.is_, entity, (), told)
            return
        for one in fitting:
            scope = Scope(run)
            if text in one.formerly:
                told = f"type `{text}` is an old spelling: now it is `{one.key.text}`"
                out.add(one.old, entity, ("type",), told)
            elif not one.key.fits(text, scope, "type"):
                continue
            named = id(entity) in out.named
            one.clause.apply(entity, scope, out)
            if not named:  # Its type is no place in the tree.
                out.named.discard(id(entity))
            scope.finish()


def _type_check(key: str, clause: Clause, root: Context) -> TypeCheck:
    pattern = Pattern(key)
    around = blanks_in(key, clause)
    part = pattern.fixed or "types"
    context = root.inner(clause, part, "", kind=clause.is_, around=around)
    bare = clause.model_copy(update={"is_": None, "formerly": [], "presence": "required"})
    bare._places = clause._places
    asked = context.asked(clause)
    return TypeCheck(
        pattern,
        clause_check(bare, context),
        clause.is_,
        tuple(clause.formerly),
        replace(_with(asked, "type", clause.level or Level.INFO), is_old=True),
        _with(asked, "is", asked.level),
        counts_in(clause),
    )


def _with(asked: Asked, field: str, level: Level) -> Asked:
    return Asked(f"{asked.id}.{field}", level, asked.place, None, asked.reason)


def _is_of_type(hit: Hit) -> bool:
    return hit.steps == ("type",) and not hit.asked.is_old


@dataclass(slots=True, eq=False)
class _Namespace:
    start: str
    asked: Asked
    patterns: list[Pattern] = field(default_factory=list)
    """Keys with wildcards or blanks that declare the types that fit."""


def _is_about_all(pattern: Pattern, start: str) -> bool:
    """Whether a key is about each type of a namespace: it declares none then."""
    return all(pattern.bare_fits(f"{start}{end}") for end in (".a", ".b.c-d", ".9.e.f_g"))


class Namespaces:
    """Beginnings of types that are declared somewhere, all of them.

    Declared is what a key of ``types`` is, and what clauses ask for or accept word by word. A key
    with wildcards or blanks declares what fits, but for what is another type of it with one letter
    amiss; one that fits the whole namespace declares nothing.
    """

    def __init__(self, layers: Iterable[Schema], types: Types) -> None:
        """Gather what is declared."""
        layers = list(layers)
        self._types = types
        self._names: dict[str, None] = {}
        self._patterns: list[Pattern] = []
        self._spaces: list[_Namespace] = []
        self._known: dict[str, tuple[_Namespace, str] | None] = {}
        for schema in layers:
            context = root_context(schema)
            for start, how in schema.namespaces.items():
                level = Level.ERROR if how == "closed" else Level.WARNING
                asked = Asked(
                    f"{schema.schema_}:namespaces.{start}", level,
                    context.place_of(schema, schema, "namespaces"), None, schema.reason,
                )  # fmt: skip
                if how != "open":
                    self._spaces.append(_Namespace(start.rstrip(".*"), asked))
            for text in schema.types:
                pattern = Pattern(text)
                if pattern.literal is None:
                    self._patterns.append(pattern)
                else:
                    self._names.setdefault(text)
            self._names |= dict.fromkeys(declared_types(schema))
        for space in self._spaces:
            space.patterns = [one for one in self._patterns if not _is_about_all(one, space.start)]
        self._near = Near(self._names) if self._spaces and self._patterns else None

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._spaces)

    def told_once(self, hits: list[Hit]) -> list[Hit]:
        """Without what both a namespace and the place of an entity say of its type.

        The namespace says it, unless the place is graver or has words of its own.
        """
        mine = {id(one.asked) for one in self._spaces}
        undeclared = {id(one.entity): one.asked for one in hits if id(one.asked) in mine}
        if not undeclared:
            return hits
        told_there = {
            id(one.entity)
            for one in hits
            if _is_of_type(one)
            and (asked := undeclared.get(id(one.entity))) is not None
            and asked is not one.asked
            and (one.asked.message or one.asked.level.rank > asked.level.rank)
        }
        return [
            one
            for one in hits
            if id(one.entity) not in undeclared
            or not _is_of_type(one)
            or (id(one.asked) in mine) != (id(one.entity) in told_there)
        ]

    def apply(self, entity: Any, run: Run, out: Outcome) -> None:
        """Look whether the type of an entity is declared, and note where it is not."""
        text = entity.__dict__.get("type")
        if not isinstance(text, str) or not text:
            return
        if text in self._known:
            told = self._known[text]
        else:
            run.spend(1 + len(self._patterns) // 2)
            told = self._undeclared(text, run)
            if run.has_hints and len(self._known) < _MOST_TYPES and len(text) < 1000:
                self._known[text] = told
        if told is not None:
            out.add(told[0].asked, entity, ("type",), told[1])

    def _undeclared(self, text: str, run: Run) -> tuple[_Namespace, str] | None:
        for space in self._spaces:
            if text != space.start and not text.startswith(f"{space.start}."):
                continue
            if text in self._names:
                return None
            if any(one.bare_fits(text) for one in space.patterns) and self._meant(text) is None:
                return None
            hint = run.did_you_mean(text[:200], self._names)
            return space, f"type `{text[:200]}` is declared nowhere in `{space.start}`{hint}"
        return None

    def _meant(self, text: str) -> str | None:
        """The type that one of a family stands for, where it is misspelt: also of the family."""
        meant = None if self._near is None else self._near.of(text)
        if meant is None or not all(
            one.bare_fits(meant) for one in self._patterns if one.bare_fits(text)
        ):
            return None
        return meant


def counts_in(said: Said) -> bool:
    """Whether a part of a schema asks how many entities belong together."""
    return any(isinstance(one, Together) and one.size is not None for one in said_in(said))


def declared_types(schema: Schema) -> Iterator[str]:
    """Types that clauses of the tree, or of entities that others name, ask for."""
    for one in said_in(schema):
        if isinstance(one, Clause):
            if one.type is not None:
                yield from _texts(one.type)
            if isinstance(one.every, str):
                yield one.every
            yield from one.formerly


def said_in(top: Said) -> Iterator[Said]:
    """All that is said in a part of a schema, the part first."""
    stack: list[Any] = [top]
    while stack:
        one = stack.pop()
        if isinstance(one, Said):
            yield one
            stack += [value for _, value in one]
        elif isinstance(one, dict):
            stack += one.values()
        elif isinstance(one, list):
            stack += one


def _texts(constraint: Constraint) -> Iterator[str]:
    """The types that a constraint allows word by word."""
    stack = [constraint]
    while stack:
        this = stack.pop()
        for one in (*(this.fits or ()), *(this.one_of or ())):
            if isinstance(one, str) and Pattern(one).literal is not None:
                yield one
        if isinstance(this.equals, str):
            yield this.equals
        yield from this.formerly
        stack += [*this.any_of, *this.all_of]
