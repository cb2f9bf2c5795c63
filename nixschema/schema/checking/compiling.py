"""From the models of the language to checks: everything that files have no say in is done here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pydantic import BaseModel

from nixschema.findings import Level, SchemaPlace
from nixschema.schema.blanks import BLANK, WORD
from nixschema.schema.checking.clauses import (
    AllOfStep,
    AnyOfStep,
    ClauseCheck,
    ContainerStep,
    EntityStep,
    ExtraStep,
    FieldStep,
    MemberOfStep,
    WhenStep,
)
from nixschema.schema.checking.constraints import (
    ConstraintCheck,
    LeafCheck,
    Limit,
    item_subject,
)
from nixschema.schema.checking.dimensions import DimensionCheck, DimensionsStep
from nixschema.schema.checking.fields import CONTAINERS
from nixschema.schema.checking.links import LinksStep
from nixschema.schema.checking.lookups import column_values, ids_of, names_of
from nixschema.schema.checking.outcome import Asked
from nixschema.schema.checking.patterns import Blank, Pattern
from nixschema.schema.checking.quantities import is_number, quantity
from nixschema.schema.checking.regular import Unsupported, regular
from nixschema.schema.checking.together import TogetherStep
from nixschema.schema.checking.values import ValuesCheck, ValuesStep
from nixschema.schema.language import (
    Clause,
    Constraint,
    DimensionClause,
    Leaf,
    Said,
    Schema,
    Together,
    When,
)
from nixschema.schema.type_words import plain_word

_SAID = frozenset({"level", "message", "reason", "id"})
_NAMED = re.compile(rf"'(?:blank|by|counting|size)': '({WORD})'")

_FIELDS = (
    *("path", "definition", "unit", "label", "dtype", "rank", "shape"),
    *("polynom_coefficients", "expansion_origin", "rows", "position", "extent", "units"),
    *("link_type", "repository", "reference", "link", "uncertainty"),
    *("dependency", "dependency_value", "value_origin"),
)
"""Fields with a constraint, in the order in which they are looked at; values come last."""

_KIND_OF = {
    "blocks": "Block",
    "data_arrays": "DataArray",
    "data_frames": "DataFrame",
    "tags": "Tag",
    "multi_tags": "MultiTag",
    "groups": "Group",
    "sources": "Source",
    "sections": "Section",
    "metadata": "Section",
    "properties": "Property",
    "columns": "Column",
    "references": "DataArray",
    "features": "Feature",
}


@dataclass(frozen=True, slots=True)
class Context:
    """Where in a schema something stands, and what it inherits."""

    schema: Schema
    parts: tuple[str, ...] = ()
    """Keys that lead to it, for ids."""
    where: str = ""
    """The way to it from the clause whose blanks it shares."""
    level: Level = Level.ERROR
    reason: str | None = None
    kind: str | None = None
    """Class of the entity that it is about, where it is known."""
    around: Counter[str] | None = None
    """How often each blank occurs in all of the scope."""
    place: SchemaPlace | None = None

    def inner(self, said: Said, part: str, where: str | None = None, **more: Any) -> Context:
        """The same for something inside.

        Args:
            said: what it is.
            part: its part of ids.
            where: its part of the way; the same when None.
            more: what else differs.
        """
        way = part if where is None else where
        return replace(
            self,
            parts=(*self.parts, said.id or part) if said.id or part else self.parts,
            where=f"{self.where}/{way}" if self.where and way else way or self.where,
            level=said.level or self.level,
            reason=said.reason or self.reason,
            place=self.place_of(said),
            **more,
        )

    def place_of(self, said: Said, within: Said | None = None, keyword: str = "") -> SchemaPlace:
        """Where something stands, or else what is around it."""
        found = said.place() if said is not within else None
        found = found or (within.place(keyword) if within is not None else None)
        if found is None:
            return self.place or SchemaPlace(self.schema.schema_, self.schema.version)
        return SchemaPlace(found.schema, self.schema.version, found.file, found.line or None)

    def asked(
        self, said: Said, field: str = "", within: Said | None = None, level: Level | None = None
    ) -> Asked:
        """What is said where something does not hold.

        Args:
            said: the constraint or clause; this is the context of what is around a constraint,
                and of a clause itself.
            field: the field of a constraint.
            within: the clause that a constraint is in.
            level: another level than it has by itself.
        """
        place = "/".join(self.parts)
        part = said.id or field if field else ""
        return Asked(
            id=f"{self.schema.schema_}:{place}" + (f".{part}" if part else ""),
            level=level or said.level or self.level,
            place=self.place_of(said, within, field),
            message=said.message,
            reason=said.reason or self.reason,
        )

    def field(self, name: str) -> str:
        """The way to a field."""
        return f"{self.where}.{name}" if self.where else name


def root_context(schema: Schema) -> Context:
    """The context of a schema's top."""
    context = Context(schema, level=schema.level or Level.ERROR, reason=schema.reason)
    return replace(context, place=context.place_of(schema))


def blanks_in(*things: Any) -> Counter[str]:
    """How often each blank occurs in keys, clauses and constraints."""
    text = "\n".join(
        one
        if isinstance(one, str)
        else repr(one.model_dump(exclude_defaults=True, exclude=set(_SAID)))
        for one in things
        if isinstance(one, BaseModel | str)
    )
    return Counter(one[0] for one in BLANK.findall(text)) + Counter(_NAMED.findall(text))


def bare(name: str) -> tuple[str, str]:
    """Name and kind of a blank, with or without its brackets."""
    inner, _, kind = name.strip().strip("<>").partition(":")
    return inner, kind


def sole_blank(leaf: Leaf | None) -> Blank | None:
    """The blank that a text is, if it is nothing else."""
    return Pattern(leaf).sole if isinstance(leaf, str) else None


# Constraints


def constraint_check(
    constraint: Constraint,
    field: str,
    context: Context,
    within: Said | None = None,
    *,
    subject: str | None = None,
    where: str | None = None,
    formerly: Iterable[str] = (),
) -> ConstraintCheck:
    """A constraint, taken apart.

    Args:
        constraint: the constraint.
        field: the field that it is about, as the schema names it.
        context: that of the clause that it is in.
        within: that clause.
        subject: what it is about, in a sentence.
        where: the way to the field; by its name when None.
        formerly: old spellings beside those of the constraint.
    """
    subject = subject or field.replace("_", " ")
    where = context.field(field) if where is None else where
    inner = partial(
        constraint_check, context=context, within=within, subject=subject, where=where, field=field
    )
    if field == "dtype":
        constraint = _plain_types(constraint)
    fits = constraint.fits or []
    sole = sole_blank(fits[0]) if len(fits) == 1 else None
    asked = context.asked(constraint, field, within)
    inherited = replace(context, level=asked.level, reason=asked.reason)
    inner = partial(inner, context=inherited)
    made = ConstraintCheck(
        asked=asked,
        subject=subject,
        where=where,
        presence=constraint.presence,
        leaves=[] if sole is not None else [LeafCheck(one) for one in fits],
        blank=None if sole is None else (sole.name, sole.kind),
        equals=None if constraint.equals is None else LeafCheck(constraint.equals, literal=True),
        one_of=[LeafCheck(one) for one in constraint.one_of or ()],
        like=constraint.like,
        limits=list(_limits(constraint)),
        length=constraint.length,
        allowed=[LeafCheck(one, literal=True) for one in constraint.or_],
        formerly=(*constraint.formerly, *formerly),
    )
    if constraint.items is not None:
        made.items = [
            constraint_check(
                one, field, inherited, within,
                subject=item_subject(field, number), where=where,
            )
            for number, one in enumerate(constraint.items, 1)
        ]  # fmt: skip
    if constraint.not_ is not None:
        made.excluded = inner(constraint.not_)
    if constraint.pattern is not None:
        made.pattern_text = constraint.pattern
        try:
            made.pattern = regular(constraint.pattern)
        except Unsupported:
            made.pattern = None  # Nothing fits; loading tells why.
    if made.formerly:
        within_level = within.level if within is not None else None
        level = constraint.level or within_level or Level.INFO
        made.old = replace(context.asked(constraint, field, within, level), is_old=True)
    _look_up(made, constraint, inherited)
    made.any_of = [inner(one) for one in constraint.any_of]
    made.all_of = [inner(one) for one in constraint.all_of]
    made.is_bare = made.items is None and not (
        made.blank or made._judges_items or made.length or made.any_of or made.all_of
        or made.formerly
    )  # fmt: skip
    return made


def _plain_types(constraint: Constraint) -> Constraint:
    """A constraint on types with their codes, ``<f8``, as names."""
    plain: dict[str, Any] = {
        word: [plain_word(one) if isinstance(one, str) else one for one in leaves]
        for word in ("fits", "one_of")
        if (leaves := getattr(constraint, word)) is not None
    }
    if isinstance(constraint.equals, str):
        plain["equals"] = plain_word(constraint.equals)
    made = constraint.model_copy(update=plain)
    made._places = constraint._places
    return made


def _limits(constraint: Constraint) -> Iterable[Limit]:
    for word in ("min", "max", "above", "below"):
        leaf = getattr(constraint, word)
        if leaf is None:
            continue
        blank = sole_blank(leaf)
        if blank is not None:
            yield Limit(word, None, None, blank.name)
        elif is_number(leaf):
            yield Limit(word, leaf, None, None)
        elif isinstance(leaf, str) and (read := quantity(leaf)) is not None:
            yield Limit(word, *read, None)


def _look_up(made: ConstraintCheck, constraint: Constraint, context: Context) -> None:
    for word, find in (("names", names_of), ("names_of", names_of), ("ids_of", ids_of)):
        clause = getattr(constraint, word)
        if clause is not None:
            check = clause_check(clause, context.inner(clause, "", ""))
            made.lookup = find(check, clause.is_, has_blanks=bool(blanks_in(clause)))
            of = "id" if word == "ids_of" else "name"
            kind = f" {check.label}" if check.label else ""
            made.lookup_words = f"the {of} of a {_kind_words(clause.is_)}{kind}"
    if constraint.column_of is not None:
        one = constraint.column_of
        made.lookup = column_values(one.data_frame, one.column)
        made.lookup_words = f"a value of column `{one.column}` of `{one.data_frame}`"


def _kind_words(kind: str | None) -> str:
    from nixschema import model

    return "thing" if kind is None else str(getattr(model, kind).words)


def values_check(
    constraint: Constraint, field: str, context: Context, within: Said | None
) -> ValuesCheck:
    """A constraint on the values of an array or a column, taken apart."""
    check = constraint_check(constraint, field, context, within)
    check.any_of, check.all_of = [], []
    inner = replace(context, level=check.asked.level, reason=check.asked.reason)
    return ValuesCheck(
        check,
        finite=bool(constraint.finite),
        ascending=constraint.ascending or False,
        unique=bool(constraint.unique),
        all_of=[values_check(one, field, inner, within) for one in constraint.all_of],
        any_of=[values_check(one, field, inner, within) for one in constraint.any_of],
    )


# Clauses


def clause_check(clause: Clause, context: Context) -> ClauseCheck:
    """A clause, taken apart.

    Args:
        clause: the clause.
        context: its own, as `Context.inner` makes it for it.
    """
    context = replace(context, kind=clause.is_ or context.kind)
    asked = context.asked(clause)
    made = ClauseCheck(
        asked,
        presence=clause.presence,
        count=clause.count,
        kind=clause.is_,
        every=clause.every,
        only=clause.only,
        label=_label(clause),
        asked_where=context.where or "the entity itself",
    )
    if clause.blank is not None:
        made.blank = Blank(*bare(clause.blank))
    if clause.count is not None:
        made.counted = replace(asked, id=f"{asked.id}.count")
    if clause.additional in ("forbid", "warn"):
        level = clause.level or (Level.WARNING if clause.additional == "warn" else context.level)
        place = context.place_of(clause, clause, "additional")
        made.demand = replace(asked, id=f"{asked.id}.additional", level=level, place=place)
    made.accepts = [(rule, reason, asked) for rule, reason in clause.accept.items()]
    if clause.select is not None:
        made.select = clause_check(clause.select, context.inner(clause.select, "", ""))
    for field in ("name", "type"):
        constraint = getattr(clause, field)
        if constraint is None and not (field == "type" and clause.formerly):
            continue
        old = clause.formerly if field == "type" else ()
        step = FieldStep(
            field,
            constraint_check(constraint or Constraint(), field, context, clause, formerly=old),
        )
        made.selecting.append(step)
        made.steps.append(step)
    _field_steps(made, clause, context)
    _member_steps(made, clause, context)
    _link_steps(made, clause, context)
    _combining_steps(made, clause, context)
    return made


def _field_steps(made: ClauseCheck, clause: Clause, context: Context) -> None:
    for field in _FIELDS:
        constraint = getattr(clause, field)
        if constraint is not None:
            check = constraint_check(constraint, field, context, clause)
            made.steps.append(FieldStep(field, check))
    of_property = context.kind == "Property"
    if clause.length is not None or (clause.values is not None and of_property):
        constraint = clause.values if clause.values is not None and of_property else None
        if clause.length is not None:
            silent = clause.values is not None and clause.values.presence == "required"
            counted = Constraint(
                length=clause.length, presence="optional" if silent else "required"
            )
            check = constraint_check(
                counted, "length", context, clause, subject="values", where=context.field("length")
            )
            made.steps.append(FieldStep("values", check))
        if constraint is not None:
            check = constraint_check(
                constraint, "values", context, clause,
                subject="value", where=context.where or "values",
            )  # fmt: skip
            made.steps.append(FieldStep("values", check))
    if clause.values is not None and not of_property:
        made.steps.append(ValuesStep(values_check(clause.values, "values", context, clause)))
    for name, constraint in clause.extra.items():
        check = constraint_check(
            constraint, f"extra.{name}", context, clause, subject=f"attribute `{name}`"
        )
        made.steps.append(ExtraStep(name, check))
    if clause.dimensions is not None:
        made.steps.append(_dimensions(clause, context))


def _dimensions(clause: Clause, context: Context) -> DimensionsStep:
    assert clause.dimensions is not None
    asked = context.asked(Said(), "dimensions", clause)
    if isinstance(clause.dimensions, str):
        return DimensionsStep(asked, clause.dimensions)
    return DimensionsStep(
        asked,
        [
            dimension_check(one, context.inner(one, f"dimensions/{number}"))
            for number, one in enumerate(clause.dimensions, 1)
        ],
    )


_DIMENSION_FIELDS = (
    *("type", "unit", "label", "sampling_interval", "offset", "labels"),
    *("link", "data_frame", "column"),
)


def dimension_check(clause: DimensionClause, context: Context) -> DimensionCheck:
    """A clause on a dimension descriptor, taken apart."""
    made = DimensionCheck(context.asked(clause), clause.presence)
    for field in _DIMENSION_FIELDS:
        constraint = getattr(clause, field)
        if constraint is not None:
            made.fields.append((field, constraint_check(constraint, field, context, clause)))
    if clause.ticks is not None:
        made.ticks = values_check(clause.ticks, "ticks", context, clause)
    made.any_of = [dimension_check(one, context.inner(one, "", "")) for one in clause.any_of]
    return made


def container_steps(
    container: str,
    clauses: Mapping[str, Clause],
    context: Context,
    *,
    is_root: bool = False,
) -> list[ContainerStep]:
    """What the keys of a container ask for, each a step."""
    made = []
    for key, clause in clauses.items():
        pattern = Pattern(key)
        inside = blanks_in(key, clause)
        around = inside if is_root else context.around or inside
        own = tuple(one.name for one in pattern.blanks if around[one.name] <= inside[one.name])
        part = pattern.fixed or container
        where = "" if is_root else key
        inner = context.inner(clause, part, where, kind=_KIND_OF[container], around=around)
        if is_root:
            inner = replace(inner, where="")
        made.append(
            ContainerStep(
                container,
                pattern,
                clause_check(clause, inner),
                own,
                type_words(clause),
                is_root,
            )
        )
    return made


def _member_steps(made: ClauseCheck, clause: Clause, context: Context) -> None:
    for container in ("positions", "extents", "data"):
        one = getattr(clause, container)
        if one is not None:
            kind = None if container == "data" else "DataArray"
            inner = (
                context.inner(one, "", "", kind=kind)
                if container == "data"
                else context.inner(one, container, kind=kind)
            )
            made.steps.append(EntityStep(container, clause_check(one, inner)))
    for container in CONTAINERS:
        if container in ("metadata", "sources"):
            continue
        clauses = getattr(clause, container)
        where = "metadata" if container == "sections" and context.kind == "File" else container
        made.steps += container_steps(where, clauses, context, is_root=container == "blocks")
    if isinstance(clause.sources, dict):
        made.steps += container_steps("sources", clause.sources, context)


def _link_steps(made: ClauseCheck, clause: Clause, context: Context) -> None:
    lists: dict[str, list[Clause]] = {}
    for field in ("references", "features"):
        found = getattr(clause, field)
        if found is not None:
            lists[field] = found
    if isinstance(clause.sources, list):
        lists["sources"] = clause.sources
    lists |= clause.members
    for field, clauses in lists.items():
        kind = "Source" if field == "sources" else _KIND_OF.get(field)
        made.steps.append(
            LinksStep(
                field,
                [
                    clause_check(
                        one,
                        context.inner(one, _linked_part(field, one), kind=kind),
                    )
                    for one in clauses
                ],
            )
        )
    for field in ("metadata", "parent"):
        one = getattr(clause, field)
        if one is not None:
            inner = context.inner(one, field, kind="Section")
            made.steps.append(EntityStep(field, clause_check(one, inner)))
    groups = clause.member_of.get("groups", [])
    if groups:
        made.steps.append(
            MemberOfStep(
                [clause_check(one, context.inner(one, "member_of", kind="Group")) for one in groups]
            )
        )


def _linked_part(field: str, clause: Clause) -> str:
    """``features/amplitude``: by the name of what is linked to, or the last word of its type."""
    about = clause.data if clause.data is not None and clause.name is None else clause
    for constraint in (about.name, about.type):
        for leaf in constraint.fits or [] if constraint is not None else []:
            fixed = Pattern(str(leaf)).fixed
            if fixed:
                word = fixed if constraint is about.name else fixed.rpartition(".")[2]
                return f"{field}/{word}"
    return field


def _combining_steps(made: ClauseCheck, clause: Clause, context: Context) -> None:
    made.steps += [when_step(one, context) for one in clause.when]
    if clause.any_of:
        made.steps.append(
            AnyOfStep([clause_check(one, context.inner(one, "", "")) for one in clause.any_of])
        )
    if clause.all_of:
        made.steps.append(
            AllOfStep([clause_check(one, context.inner(one, "", "")) for one in clause.all_of])
        )
    if clause.together is not None:
        together = _together(clause.together, context, clause)
        made.steps.append(together)
        made.first.append(together)


def when_step(when: When, context: Context) -> WhenStep:
    """A condition, taken apart."""
    around = context.inner(when, "", "")

    def inner(clause: Clause | None) -> ClauseCheck | None:
        return None if clause is None else clause_check(clause, around.inner(clause, "", ""))

    condition = inner(when.if_)
    assert condition is not None
    return WhenStep(condition, inner(when.then), inner(when.else_))


def _together(together: Together, context: Context, within: Clause) -> TogetherStep:
    inner = context.inner(together, "together", "")

    def asked(field: str) -> Asked:
        return replace(inner.asked(Said(), field, together), message=together.message)

    def blank(word: str) -> tuple[str, Asked] | None:
        name = getattr(together, word)
        return None if name is None else (bare(name)[0], asked(word))

    return TogetherStep(
        inner.asked(together),
        bare(together.by)[0],
        [(field, asked(field)) for field in together.same],
        blank("counting"),
        blank("size"),
    )


def _label(clause: Clause) -> str:
    """What a clause is about, in a message."""
    about = clause.data if clause.data is not None and clause.name is None else clause
    if clause.blank is not None:
        return f"`<{bare(clause.blank)[0]}>`"
    name = next(iter(about.name.fits or ()), None) if about.name is not None else None
    if name is not None:
        return f"`{name}`"
    return type_words(about).strip()


def type_words(clause: Clause) -> str:
    """The type that a clause asks for, in a sentence: `` of type `x```."""
    fits = clause.type.fits if clause.type is not None else None
    return f" of type {' or '.join(f'`{one}`' for one in fits)}" if fits else ""
