"""What the types of entities ask for: clauses by type, and types that nobody declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from nixschema.findings import Level
from nixschema.model.refusal import did_you_mean
from nixschema.schema.checking.clauses import ClauseCheck, _words
from nixschema.schema.checking.compiling import (
    Context,
    blanks_in,
    clause_check,
    root_context,
)
from nixschema.schema.checking.outcome import Asked, Outcome
from nixschema.schema.checking.patterns import Pattern
from nixschema.schema.checking.run import Run
from nixschema.schema.checking.scope import Scope
from nixschema.schema.language import Clause, Constraint, Said, Schema

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

    def of(self, text: str) -> list[TypeCheck]:
        """The clauses about a type, lowest layer first."""
        found = self._known.get(text)
        if found is None:
            found = self._exact.get(text, [])
            if more := [one for one in self._patterns if one.fits(text)]:
                found = sorted({*found, *more}, key=lambda one: self._order[id(one)])
            if len(self._known) < _MOST_TYPES and len(text) < 1000:
                self._known[text] = found
        return found

    def apply(self, entity: Any, run: Run, out: Outcome) -> None:
        """Look whether an entity is as clauses about its type ask for."""
        text = entity.__dict__.get("type")
        if not isinstance(text, str) or not text:
            return
        found = self.of(text)
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
    )


def _with(asked: Asked, field: str, level: Level) -> Asked:
    return Asked(f"{asked.id}.{field}", level, asked.place, None, asked.reason)


@dataclass(slots=True, eq=False)
class _Namespace:
    start: str
    asked: Asked


class Namespaces:
    """Beginnings of types that are declared somewhere, all of them."""

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
            for text in (*schema.types, *_declared(schema)):
                pattern = Pattern(text)
                if pattern.literal is None:
                    self._patterns.append(pattern)
                else:
                    self._names.setdefault(text)
            for clause in schema.types.values():
                self._names |= dict.fromkeys(clause.formerly)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._spaces)

    def apply(self, entity: Any, out: Outcome) -> None:
        """Look whether the type of an entity is declared."""
        text = entity.__dict__.get("type")
        if not isinstance(text, str) or not text:
            return
        if text in self._known:
            told = self._known[text]
        else:
            told = self._undeclared(text)
            if len(self._known) < _MOST_TYPES and len(text) < 1000:
                self._known[text] = told
        if told is not None:
            out.add(told[0].asked, entity, ("type",), told[1])

    def _undeclared(self, text: str) -> tuple[_Namespace, str] | None:
        for space in self._spaces:
            if text != space.start and not text.startswith(f"{space.start}."):
                continue
            if text in self._names or any(one.bare_fits(text) for one in self._patterns):
                return None
            hint = did_you_mean(text[:200], self._names)
            return space, f"type `{text[:200]}` is declared nowhere in `{space.start}`{hint}"
        return None


def _declared(schema: Schema) -> Iterator[str]:
    """Types that clauses of the tree, or of entities that others name, ask for."""
    for top in (*schema.types.values(), *schema.metadata.values(), *schema.blocks.values()):
        for one in said_in(top):
            if isinstance(one, Clause):
                if one.type is not None:
                    yield from _texts(one.type)
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
    for one in (*(constraint.fits or ()), *(constraint.one_of or ()), constraint.equals):
        if isinstance(one, str):
            yield one
