"""NIX82x, NIX84x: names, types, ids, dependencies and numbers of what is in odML documents."""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.findings import Level
from nixschema.odml_model.document import Cardinality, Document, Property, Section, Value
from nixschema.rules.contents import Contents
from nixschema.rules.fields import odd_letters
from nixschema.rules.metadata import DEEPEST, no_such_property
from nixschema.rules.rule import Sentence, at, rule

_FEW = 5
"""So many values of another property are shown."""


@rule(
    "NIX820",
    on=(Section, Property),
    level=Level.WARNING,
    help="give it another name; what is longer than a name can be the definition",
)
def names_can_be_addressed(entity: Section | Property) -> Iterator[Sentence]:
    """A name can stand in a path.

    Links and includes lead to `/recording/cell`: where a name has a `/` in it, or is `.` or `..`,
    they lead elsewhere. Python's odML library takes blanks from the edges of names in XML. NIX
    refuses such names, so that conversion writes them otherwise.
    """
    name = entity.name
    if name in (".", ".."):
        yield at("name", f"the name is `{name}`, which paths take for a place")
    elif "/" in name:
        yield at("name", f"the name `{name[:60]}` has a `/` in it, which ends names in paths")
    elif (fault := odd_letters(name)) is not None:
        yield at("name", f"the name `{name[:60]}` {fault}")


@rule("NIX821", on=(Section, Property), level=Level.INFO)
def names_have_no_colon(entity: Section | Property) -> Iterator[Sentence]:
    """A name has no `:` in it.

    In paths a `:` stands between sections and a property, as in `/recording/cell:age`. By its path
    alone an entity of such a name is not found; all else works.
    """
    if ":" in entity.name:
        yield at("name", f"the name `{entity.name[:60]}` has a `:` in it, which paths end with")


@rule("NIX822", on=(Section, Property), level=Level.INFO, help="give it a name that says something")
def name_is_not_the_id(entity: Section | Property) -> Iterator[Sentence]:
    """A name is more than the id.

    Python's odML library takes the id for the name of what is made without one.
    """
    if entity.id and entity.name == entity.id:
        yield at("name", f"the name is the id, `{entity.id[:60]}`")


@rule(
    "NIX823",
    on=(Document, Section, Property),
    help="give one of them a new id, or none: one is made then",
)
def ids_are_unique(entity: Document | Section | Property, contents: Contents) -> Iterator[Sentence]:
    """No two entities of a document have the same id.

    Programs find entities by id, and take the first. Python's odML library refuses to save the
    document. A section that was copied by hand is the usual cause.
    """
    if (twin := contents.twin(entity)) is not None:
        path, others = twin
        more = f" and {others - 1:,} more" if others > 1 else ""
        assert entity.id is not None
        yield at("id", f"the id `{entity.id}` is also that of `{path}`{more}", facts=(entity.id,))


@rule("NIX824", on=Section, level=Level.INFO, help="say what it is about, such as `subject`")
def types_are_specified(section: Section) -> Iterator[Sentence]:
    """The type of a section says what it is about.

    `n.s.` stands for *not specified*: Python's odML library writes it where nobody gave a type. By
    the type a section is found, and compared with terminologies.
    """
    if section.type is not None and section.type.strip().lower() == "n.s.":
        yield at("type", f"the type is `{section.type.strip()}`, which stands for none")


@rule(
    "NIX825",
    on=Property,
    level=Level.WARNING,
    help="name a property of the same section, and the value for which this one holds",
)
def dependency_is_there(prop: Property, section: Section, contents: Contents) -> Iterator[Sentence]:
    """A property depends on one that is there, and says for which of its values.

    `dependency` is the name of another property of the section, or of the section it links to, and
    `dependencyvalue` the value of that one for which this one holds. Python's odML library looks
    for it among the sections, so that it tells any dependency.
    """
    name = prop.dependency
    if prop.dependency_value is not None and not name:
        yield at("dependency_value", "`dependencyvalue` without a `dependency`")
    if not name:
        return
    if name == prop.name:
        yield at("dependency", f"`{prop.name}` depends on itself")
    elif contents.dependency(prop, section) is None:
        hint = contents.did_you_mean(name, contents.properties(section))
        yield no_such_property(name, section.name, hint)


@rule("NIX826", on=Property, level=Level.WARNING)
def dependency_has_value(
    prop: Property, section: Section, contents: Contents
) -> Iterator[Sentence]:
    """The property that another depends on has the value that is named.

    Otherwise the dependent property does not hold, and stands there for nothing. Any of several
    values will do, and `5` is the whole number as well as the text. A template, in which the other
    property has no values yet, is fine.
    """
    wanted = prop.dependency_value
    if wanted is None or not prop.dependency or prop.dependency == prop.name:
        return
    other = contents.dependency(prop, section)
    if other is None or not other.values or contents.has_value(other, wanted):
        return
    few = ", ".join(f"`{str(value)[:60]}`" for value in other.values[:_FEW] if _is_short(value))
    more = f" and {len(other.values) - _FEW:,} more" if len(other.values) > _FEW else ""
    shown = str(wanted)[:60] if _is_short(wanted) else "a long number"
    has = f"is {few}{more}" if few else "is another"
    yield at(
        "dependency_value", f"`dependencyvalue` is `{shown}`, but `{prop.dependency[:60]}` {has}"
    )


def _is_short(value: Value) -> bool:
    return not isinstance(value, int) or value.bit_length() < 10_000


@rule("NIX827", on=Property, level=Level.WARNING, help="take one of the dependencies away")
def dependencies_end(prop: Property, section: Section, contents: Contents) -> Iterator[Sentence]:
    """Dependencies of properties do not go round in a circle.

    Each of them would hold only where the next does, and nobody could say of any whether it does.
    """
    if prop.dependency and contents.depends_on_itself(prop, section):
        yield at("dependency", f"`dependency` leads back to `{prop.name[:60]}` itself")


@rule(
    "NIX828",
    on=Section,
    level=Level.WARNING,
    help="fill in what is missing, take out what is too much, or mend the cardinality",
)
def members_are_as_many_as_said(section: Section) -> Iterator[Sentence]:
    """A section has as many sections and properties as its cardinalities say.

    They are what a template asks for: at least, and at most. `(0, 0)` says that there are none.
    """
    for field, count, one, several in (
        ("sec_cardinality", len(section.sections), "section", "sections"),
        ("prop_cardinality", len(section.properties), "property", "properties"),
    ):
        limits: Cardinality | None = getattr(section, field)
        if limits is not None and (expected := misfit(count, limits)):
            yield at(field, f"{count:,} {one if count == 1 else several}, expected {expected}")


@rule(
    "NIX829",
    on=Property,
    level=Level.WARNING,
    help="fill in what is missing, take out what is too much, or mend the cardinality",
)
def values_are_as_many_as_said(prop: Property) -> Iterator[Sentence]:
    """A property has as many values as its cardinality says.

    It is what a template asks for: at least, and at most. A property that needs values and has none
    is one that nobody has filled in.
    """
    limits = prop.val_cardinality
    if limits is not None and (expected := misfit(len(prop.values), limits)):
        count = len(prop.values)
        yield at("values", f"{count:,} value{'' if count == 1 else 's'}, expected {expected}")


def misfit(count: int, limits: Cardinality) -> str:
    """What was expected instead of a number; nothing where it fits, or where nothing could."""
    least, most = limits
    if least is not None and most is not None and least > most:
        return ""
    if (least is None or count >= least) and (most is None or count <= most):
        return ""
    if most == 0:
        return "none"
    if least == most:
        return f"{least:,}"
    if least is not None and count < least:
        return f"at least {least:,}"
    return f"at most {most:,}"


@rule("NIX830", on=(Section, Property), level=Level.WARNING)
def cardinalities_are_possible(entity: Section | Property) -> Iterator[Sentence]:
    """A cardinality asks for no more than it allows.

    Nothing can be at least three and at most two. Python's odML library reads no cardinality then.
    """
    for field, (least, most) in _cardinalities(entity):
        if least is not None and most is not None and least > most:
            yield at(field, f"`{field}` says at least {least:,} and at most {most:,}")


@rule("NIX831", on=(Section, Property), level=Level.INFO)
def cardinalities_are_read_by_all(entity: Section | Property) -> Iterator[Sentence]:
    """A cardinality is one that other readers keep.

    Python's odML library writes an exact one, such as `(2, 2)`, and reads nothing where it stands;
    it cannot say that there are none at all, `(0, 0)`. Here they are read as written, and kept.
    """
    for field, (least, most) in _cardinalities(entity):
        if most == 0 and least in (None, 0):
            said = "none"
        elif least is not None and least == most:
            said = f"exactly {least:,}"
        else:
            continue
        yield at(field, f"`{field}` says {said}, which Python's odML library does not read")


def _cardinalities(entity: Section | Property) -> Iterator[tuple[str, Cardinality]]:
    if isinstance(entity, Property):
        if entity.val_cardinality is not None:
            yield "val_cardinality", entity.val_cardinality
        return
    if entity.sec_cardinality is not None:
        yield "sec_cardinality", entity.sec_cardinality
    if entity.prop_cardinality is not None:
        yield "prop_cardinality", entity.prop_cardinality


@rule("NIX849", on=Section, level=Level.WARNING)
def nesting_is_bounded(section: Section, contents: Contents) -> Iterator[Sentence]:
    """Sections are nested at most a thousand levels deep.

    Most programs walk them by recursion and fail far earlier; such depth comes from a loop gone
    wrong.
    """
    if section.sections and contents.depth(section) == DEEPEST:
        yield f"sections are nested deeper than {DEEPEST:,} levels from here"
