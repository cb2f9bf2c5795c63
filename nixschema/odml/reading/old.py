"""Values of odML 1.0, each with its own type, unit and more -> those of odML 1.1.

What all values of a property share becomes a field of the property. Where they differ, and what
1.1 has no field for, is kept in properties beside it that have one value for each of its values:
``Voltage.unit`` for ``Voltage``. The property has no such field then: no value gets the unit of
another. Values without text are none; what only they say stands beside too, behind the others.
"""

from __future__ import annotations

from collections.abc import Iterable

from nixschema.odml.problems import Problems, shown
from nixschema.odml.reading.lists import listed
from nixschema.odml.reading.places import Names
from nixschema.odml.reading.raw import Raw
from nixschema.odml.reading.typed import is_text_type, number_of, plain_text
from nixschema.odml.reading.values import typed_values
from nixschema.odml_model.document import Property, Value
from nixschema.odml_model.where import Where
from nixschema.text.nodes import Node, Scalar, Sequence

_SHARED = {
    "dtype": "dtype",
    "unit": "unit",
    "uncertainty": "uncertainty",
    "definition": "definition",
    "reference": "reference",
    "filename": "value_origin",
}
"""Fields of values -> fields of properties."""
_FIELDS = (*_SHARED, "id", "encoder", "checksum", "comment")
"""Fields of values, in the order in which they are kept beside."""
_CALLED = {"dtype": "type"}


def is_old(raw: Raw) -> bool:
    """Whether the values of a property are those of odML 1.0."""
    return any(isinstance(one, Raw) for one in raw.values)


def read_old_values(
    raw: Raw,
    made: Property,
    names: Names,
    where: Where,
    problems: Problems,
    *,
    yaml: bool,
    lists: bool,
) -> list[Property]:
    """Give a property its values; returns the properties that stand beside it.

    Args:
        raw: what is written.
        made: the property, without values.
        names: those of its section.
        where: its path.
        problems: gathers what is wrong.
        yaml: whether the text is YAML.
        lists: whether texts between brackets are lists, as in odML 1.1.
    """
    texts, fields = _written(raw, yaml=yaml, lists=lists)
    kept = [one for text, one in zip(texts, fields, strict=True) if text.strip()]
    bare = [one for text, one in zip(texts, fields, strict=True) if not text.strip()]
    texts = [text for text in texts if text.strip()]
    if texts and bare:
        _tell_bare(len(bare), raw, where, problems)
    entries = kept + _new_in(bare, kept)
    beside: dict[str, list[str]] = {}
    for field in _FIELDS:
        given = [one.get(field, "") for one in entries]
        if any(given) and not _share(made, field, given, len(kept)):
            beside[field] = given
    if is_text_type(made.dtype):
        made.values += texts
    else:
        made.values += typed_values(texts, made, raw.values[0], where, problems)
    if not beside:
        return []
    called = [_CALLED.get(one, one) for one in beside]
    made_beside = [
        _beside(made, name, given, names)
        for name, given in zip(called, beside.values(), strict=True)
    ]
    listing = ", ".join(f"`{shown(one.name)}`" for one in made_beside)
    problems.tell(
        "NIX817",
        f"the values of `{shown(made.name)}` have fields of their own ({', '.join(called)}); "
        f"they are kept in {listing}",
        None,
        line=raw.line,
        column=raw.column,
        path=where.path,
    )
    return made_beside


def _beside(made: Property, field: str, given: list[str], names: Names) -> Property:
    beside = Property(names.give_new(f"{made.name}.{field}"), place=made.place)
    beside.dependency = made.name
    beside.definition = f"The {field} of each value of {made.name}"
    beside.dtype = "string"
    beside.values = list(given)
    if field == "uncertainty":
        numbers: list[Value] = [one for one in map(number_of, given) if one is not None]
        if len(numbers) == len(given):
            beside.dtype, beside.unit = "float", made.unit
            beside.values = [float(one) for one in numbers]  # type: ignore[arg-type]
    return beside


def _share(made: Property, field: str, given: list[str], kept: int) -> bool:
    """Give the property what its values say alike; whether that is all they say.

    Args:
        made: the property.
        field: the field of the values.
        given: what each says, those without text last.
        kept: how many have a text.
    """
    target = _SHARED.get(field)
    if target is None:
        return False
    own = getattr(made, target)
    said = set(given[:kept] or given[:1])
    if field == "dtype":
        said.discard("")
    if len(said) == 1:
        one = said.pop()
        if one and own is None:
            setattr(made, target, one)
            own = one
        return own == one and all(more in ("", one) for more in given[kept:])
    if field == "dtype" and own is None and said:
        made.dtype = "string"
    return False


def _new_in(bare: list[dict[str, str]], kept: list[dict[str, str]]) -> list[dict[str, str]]:
    """Of the fields of values without text, those that tell what no other value does."""
    said = {pair for one in kept for pair in one.items()}
    found = []
    for one in bare:
        pairs = {pair for pair in one.items() if pair[1]}
        if not pairs <= said:
            found.append(one)
            said |= pairs
    return found


def _written(raw: Raw, *, yaml: bool, lists: bool) -> tuple[list[str], list[dict[str, str]]]:
    """The text of each value, and its fields."""
    texts: list[str] = []
    fields: list[dict[str, str]] = []
    for one in raw.values:
        if isinstance(one, Raw):
            texts.append(_text(one.values[0], yaml=yaml) if one.values else "")
            fields.append({name: _text(node, yaml=False) for name, node in one.fields.items()})
        elif isinstance(one, Scalar):
            items: Iterable[str] = listed(one.text).items if lists else [one.text.strip()]
            for text in items:
                texts.append(text)
                fields.append({})
        elif isinstance(one, Sequence):
            for item in one.items:
                texts.append(_text(item, yaml=yaml))
                fields.append({})
    return texts, fields


def _text(node: Node | Raw, *, yaml: bool) -> str:
    if isinstance(node, Scalar):
        return "" if node.is_null else plain_text(node, yaml=yaml)
    if isinstance(node, Sequence):
        return ";".join(one.text for one in node.items if isinstance(one, Scalar))
    return ""


def _tell_bare(number: int, raw: Raw, where: Where, problems: Problems) -> None:
    message = f"{number:,} of the values has no text, and is no value"
    problems.tell(
        *("NIX805", message if number == 1 else message.replace(" has ", " have ")),
        "give it a text, or take it away",
        line=raw.line,
        column=raw.column,
        path=where.path,
    )
