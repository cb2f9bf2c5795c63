"""The short ways to sections of NIX, beside the long ones."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

import nixschema as nx
from nixschema.model import Container, Extra
from nixschema.model.fields import LOADING
from nixschema.model.trusted import container_of, made_anew, trusted
from nixschema.odml import native, overlay
from nixschema.odml.comparing import PROPERTY_FIELDS
from nixschema.odml.to_nix import sections_of
from nixschema.odml_model.document import Document, Property
from nixschema.odml_model.kinds import common_kind, kind_of
from tests.odml.strategies import sound, wild


def state(model: nx.Section | nx.Property) -> list[Any]:
    """All that a model is made of, values with their types."""
    fields = {
        name: container_state(value) if isinstance(value, Container) else typed(value)
        for name, value in model.__dict__.items()
    }
    private = model.__pydantic_extra__, model.__pydantic_private__, model._pending, model._place
    return [type(model), list(fields.items()), model.__pydantic_fields_set__, private]


def container_state(members: Container[Any]) -> Any:
    owned = all(one._owner is members.owner and one._container is members for one in members)
    return members.field, members._kinds, owned, list(map(id, members))


def typed(value: Any) -> Any:
    plain = [(type(one), repr(one)) for one in value] if isinstance(value, list) else None
    return type(value), repr(value), plain


def test_a_property_is_as_validation_makes_it() -> None:
    texts = dict.fromkeys(("definition", "reference", "dependency", "value_origin"), "text")
    fields: dict[str, Any] = {
        "name": "p", "id": nx.Property(name="x").id, "values": [1.5, 2.0], "dtype": "float",
        "uncertainty": 0.5, "unit": "mV", "extra": Extra(), **texts,
        "created_at": nx.Property(name="x").created_at, "updated_at": None,
    }  # fmt: skip
    validated = nx.Property.model_validate(fields, context=LOADING)
    quick = trusted(nx.Property, {**fields, "values": validated.values, "unit": validated.unit})
    assert state(quick) == state(validated)
    assert quick.values is validated.values
    quick.unit = "V"
    assert quick.unit is not None
    assert quick.unit.is_si
    assert made_anew(nx.Property) <= fields.keys()


def test_a_section_is_as_validation_makes_it() -> None:
    def fields() -> dict[str, Any]:
        inner = nx.Section(name="inner", type="t", id=identifier)
        one = nx.Property(name="p", values=1, id=identifier)
        return {
            "name": "s", "type": "t", "id": identifier, "created_at": None, "updated_at": None,
            "extra": Extra(), "sections": container_of([inner]),
            "properties": container_of([one]),
        }  # fmt: skip

    identifier = nx.Section(name="x", type="t").id
    quick = trusted(nx.Section, fields())
    validated = nx.Section.model_validate(fields(), context=LOADING)
    assert [
        [one, quick.__dict__[one].field, quick.__dict__[one]._kinds]
        for one in ("properties", "sections")
    ] == [
        [one, validated.__dict__[one].field, validated.__dict__[one]._kinds]
        for one in ("properties", "sections")
    ]
    assert quick == validated
    assert quick.sections[0].owner is quick
    assert quick.properties[0].path == validated.properties[0].path
    assert made_anew(nx.Section) <= fields().keys()


@settings(max_examples=30, deadline=None)
@given(sound() | wild())
def test_sections_of_odml_are_sound(document: Document) -> None:
    """What is made without validation passes it, and comes out of it as it was."""
    stack = sections_of(document)
    while stack:
        one = stack.pop()
        stack += one.sections
        for model in (one, *one.properties):
            given = {
                name: value
                for name, value in model.__dict__.items()
                if name in model.__pydantic_fields_set__ and name not in ("sections", "properties")
            }
            again = type(model).model_validate(given, context=LOADING)
            for name in given:
                assert typed(again.__dict__[name]) == typed(model.__dict__[name]), name


@settings(max_examples=30, deadline=None)
@given(sound() | wild())
def test_overlays_are_those_of_the_long_way(document: Document) -> None:
    for _, section in document.walk():
        for one in section.properties:
            data = native.property_data(one) | {"name": one.name, "id": one.id or "made"}
            wanted = {name: getattr(one, name) for name in PROPERTY_FIELDS}
            long = overlay.differing(native.property_reading(data), wanted)
            assert repr(native.property_overlay(one, data)) == repr(long)


def test_equal_values_of_other_types_differ() -> None:
    cases: list[tuple[list[Any], Any]] = [([1, 2.5], None), ([True, 1], None), ([1.0], 1)]
    for values, uncertainty in cases:
        one = Property("p", "made", values=values, dtype="float", uncertainty=uncertainty)
        data = native.property_data(one) | {"name": "p", "id": "made"}
        wanted = {name: getattr(one, name) for name in PROPERTY_FIELDS}
        long = overlay.differing(native.property_reading(data), wanted)
        assert repr(native.property_overlay(one, data)) == repr(long) != "{}"


def test_the_kind_of_values_of_one_type() -> None:
    for value in ("a", True, 1, 1.5, ("a", "b")):
        assert common_kind([value, value]) == kind_of(value)
    assert common_kind([1, True]) is None
    assert common_kind([]) is None
