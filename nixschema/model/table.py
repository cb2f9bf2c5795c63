"""The model as documentation: every class with its fields, types, places and versions."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from nixschema.layout import (
    Attribute,
    Columns,
    Dataset,
    FieldPlace,
    Link,
    Links,
    Member,
    Members,
    Place,
    Unstored,
    Value,
    Version,
    layout_of,
)
from nixschema.model import MODELS, Column, Model
from nixschema.model.documentation import field_docstrings

_INTRODUCTION = """\
# The model

Every class and field of the NIX format as nixschema has it, and where each lies in HDF5. Generated
from the declarations in `nixschema/model/`.

*Since* is the first version of the format that has the field, where that is not 1.0.0. A field in
bold must be there in a sound file. Text attributes are of variable length, UTF-8 and scalar;
numbers are 64-bit floats unless said otherwise.
"""


def model_table() -> str:
    """All classes of the model, in Markdown."""
    parts = [_INTRODUCTION]
    parts += ["\n".join(_class_lines(model)) for model in MODELS]
    columns = [f"| `{name}` | {text} |" for name, text in field_docstrings(Column).items()]
    parts.append(
        "\n".join(["## Column", "", _sentences(Column), "", "| field | |", "|---|---|", *columns])
    )
    return "\n\n".join(parts) + "\n"


def _class_lines(model: type[Model]) -> Iterator[str]:
    yield f"## {model.__name__}"
    yield ""
    yield _sentences(model)
    if model.since > (1, 0, 0):
        yield ""
        yield f"Since format {_version(model.since)}."
    yield ""
    yield "| field | type | in HDF5 | since | |"
    yield "|---|---|---|---|---|"
    for name, field in layout_of(model).items():
        if name == "extra":
            continue
        description = " ".join(field_docstrings(model).get(name, "").split())
        shown = f"**`{name}`**" if field.needed else f"`{name}`"
        since = _version(field.place.since) if field.place.since > (1, 0, 0) else ""
        if field.place.until is not None:
            since += f" until {_version(field.place.until)}"
        place = place_text(field)
        kind = f"{field.text}, {field.limits}" if field.limits else field.text
        yield f"| {shown} | {_escaped(kind)} | {place} | {since} | {_escaped(description)} |"


def place_text(field: FieldPlace) -> str:
    """Where a field lies, in words."""
    place: Place = field.place
    name = f"`{place.name}`"
    match place:
        case Attribute():
            return f"attribute {name}" + (f", {place.dtype}" if place.dtype else "")
        case Dataset():
            return f"dataset {name}"
        case Value():
            return "the dataset itself" if place.itself else f"dataset {name}"
        case Members():
            return f"group {name}, one member for each by {place.by}"
        case Member():
            return f"group {name}"
        case Link():
            return f"hard link {name}" if place.by == "field" else "hard link named by the id"
        case Links():
            also = f" (and `{place.also}`)" if place.also else ""
            return f"group {name}{also} of hard links named by ids"
        case Columns():
            return f"compound type of `{place.of}`, attribute {name}"
        case Unstored():
            return "not stored"
    return name


def _sentences(model: type) -> str:
    return inspect.cleandoc(model.__doc__ or "")


def _version(version: Version) -> str:
    return ".".join(map(str, version))


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
