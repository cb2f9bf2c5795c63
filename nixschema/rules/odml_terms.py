"""NIX84x: whether sections of odML documents are as terminologies and templates have them."""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.findings import Level
from nixschema.odml_model.document import Cardinality, Property, Section
from nixschema.odml_model.types import plain_type
from nixschema.rules.contents import Contents
from nixschema.rules.odml_entities import misfit
from nixschema.rules.rule import Sentence, at, rule
from nixschema.rules.terminology import Term, Terminology

_FEW = 3

COMPARING = frozenset(("NIX840", "NIX841", "NIX842", "NIX843", "NIX844"))
"""The rules that compare with terminologies."""


@rule("NIX840", on=Section, level=Level.INFO)
def section_types_are_known(
    section: Section, contents: Contents, terminology: Terminology
) -> Iterator[Sentence]:
    """The type of a section is one that the terminologies have.

    By it programs know what the section is about, whatever it is called. Only checked with
    `--terminology`. Sections without a type, or with `n.s.`, are told by NIX813 and NIX824.
    """
    type = (section.type or "").strip()
    if type and type.lower() != "n.s." and _term(section, contents, terminology) is None:
        hint = contents.did_you_mean(type, terminology.types)
        yield at("type", f"the terminologies have no type `{type[:60]}`{hint}")


@rule("NIX841", on=Property, level=Level.INFO)
def properties_are_known(
    prop: Property, section: Section, contents: Contents, terminology: Terminology
) -> Iterator[Sentence]:
    """A property is one that the terminologies have in sections of that type.

    Others may be there: what people measure is more than any terminology has. A misspelt name is
    not found again. Only checked with `--terminology`.
    """
    term = _term(section, contents, terminology)
    if term is not None and prop.name not in term.properties:
        hint = contents.did_you_mean(prop.name, term.properties)
        type = (section.type or "")[:60]
        yield at("name", f"the terminologies have no `{prop.name[:60]}` in `{type}`{hint}")


@rule("NIX842", on=Property, level=Level.WARNING)
def types_are_those_of_terminology(
    prop: Property, section: Section, contents: Contents, terminology: Terminology
) -> Iterator[Sentence]:
    """The values of a property are of the type that the terminologies say.

    Programs that look for a number do not find it in a text. Whole numbers are as good as
    fractions, and `string`, `text`, `url` and `person` as good as each other. Only checked with
    `--terminology`.
    """
    said = [one.dtype for one in _said(prop, section, contents, terminology) if one.dtype]
    if said and prop.dtype and not any(_is_as_good(prop.dtype, one) for one in said):
        expected = " or ".join(f"`{one[:60]}`" for one in dict.fromkeys(said[:_FEW]))
        yield at("dtype", f"the type is `{prop.dtype[:60]}`, expected {expected}")


@rule("NIX843", on=Property, level=Level.WARNING)
def units_are_those_of_terminology(
    prop: Property, section: Section, contents: Contents, terminology: Terminology
) -> Iterator[Sentence]:
    """The unit of a property is the one that the terminologies say.

    Where values are compared without their units, others are wrong by a factor. A property without
    values needs no unit. Only checked with `--terminology`.
    """
    said = [one.unit for one in _said(prop, section, contents, terminology) if one.unit]
    if not said or (prop.unit is None and not prop.values):
        return
    if not any(_unit(prop.unit or "") == _unit(one) for one in said):
        expected = " or ".join(f"`{one[:60]}`" for one in dict.fromkeys(said[:_FEW]))
        has = f"the unit is `{prop.unit[:60]}`" if prop.unit else "there is no unit"
        yield at("unit", f"{has}, expected {expected}")


@rule("NIX844", on=Section, level=Level.WARNING)
def required_is_there(
    section: Section, contents: Contents, terminology: Terminology
) -> Iterator[Sentence]:
    """A section has what the template of its type requires.

    A template says by cardinalities how many sections and properties there are, and how many values
    a property has: with at least one value, the property is required. Only checked with
    `--terminology`.
    """
    term = _term(section, contents, terminology)
    model = None if term is None else term.for_name(section.name)
    if term is None or model is None:
        return
    there = contents.properties(section)
    for name, alternatives in term.properties.items():
        limits = alternatives[0].val_cardinality
        if limits is None:
            continue
        if name not in there:
            if limits[0]:
                type = (section.type or "")[:60]
                yield at("properties", f"there is no `{name[:60]}`, which `{type}` requires")
        elif expected := misfit(len(there[name].values), limits):
            count = len(there[name].values)
            values = "1 value" if count == 1 else f"{count:,} values"
            yield at("properties", f"`{name[:60]}` has {values}, expected {expected}")
    for field, count, one, several in (
        ("sec_cardinality", len(section.sections), "section", "sections"),
        ("prop_cardinality", len(section.properties), "property", "properties"),
    ):
        asked: Cardinality | None = getattr(model, field)
        if asked is not None and (expected := misfit(count, asked)):
            yield at(several, f"{count:,} {one if count == 1 else several}, expected {expected}")


def _term(section: Section, contents: Contents, terminology: Terminology) -> Term | None:
    if not section.type:
        return None
    return terminology.term(section.type.strip(), contents.repository(section))


def _said(
    prop: Property, section: Section, contents: Contents, terminology: Terminology
) -> list[Property]:
    term = _term(section, contents, terminology)
    return [] if term is None else term.properties.get(prop.name, [])


_ALIKE = {"text": "string", "url": "string", "person": "string"}


def _is_as_good(dtype: str, expected: str) -> bool:
    one, other = plain_type(dtype), plain_type(expected)
    return _ALIKE.get(one, one) == _ALIKE.get(other, other) or (one, other) == ("int", "float")


def _unit(text: str) -> str:
    """A unit as it compares: `µV` is `uV`, and blanks do not count."""
    return "".join(text.split()).replace("\u00b5", "u").replace("\u03bc", "u")
