"""JSON and YAML -> what is written."""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.odml.problems import Problems, shown
from nixschema.odml.reading.raw import Kind, Raw, Written
from nixschema.odml.reading.tags import FIELDS
from nixschema.text.limits import LIMITS, Limits
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence
from nixschema.text.yaml import is_json, read_text

_PYTHON = "tag:yaml.org,2002:python/"
_TAGS = frozenset(
    (
        f"{_PYTHON}object/apply:odml.dtypes.DType",
        f"{_PYTHON}object/apply:odml.format.DType",
        *(f"{_PYTHON}{name}" for name in ("tuple", "unicode", "str", "list", "dict")),
    )
)
"""Tags that Python's libraries write; no object is made."""
_MEMBERS = {
    "document": {"sections": "section"},
    "section": {"sections": "section", "properties": "property"},
    "property": {},
    "value": {},
}
_HELP = "write what it says as a property, or take it away"


def read_notation(data: bytes, problems: Problems, limits: Limits = LIMITS) -> Written | None:
    """What a JSON or YAML text says, or None where a problem ends the reading."""
    root, found = read_text(data, limits=limits, tags=_TAGS)
    for one in found:
        problems.tell(one.rule, one.message, one.help, line=one.line, column=one.column)
    if root is None:
        return None
    document = root.items.get("Document") if isinstance(root, Mapping) else None
    if not isinstance(root, Mapping) or not isinstance(document, Mapping):
        here = document if document is not None else root
        what = "the key `Document` is no mapping" if document else "there is no key `Document`"
        problems.tell(
            *("NIX802", f"{what}, expected one with the sections of a document"),
            "an odML file has `Document` and `odml-version` on top",
            line=here.line,
            column=here.column,
        )
        return None
    version: str | None = None
    for key, node in root.items.items():
        if key == "odml-version":
            version = node.text if isinstance(node, Scalar) and not node.is_null else None
        elif key != "Document":
            _tell_unknown(problems, key, node, root.keys[key], "beside the document")
    return Written(_raw(document, problems), version, "json" if is_json(data) else "yaml")


def _raw(document: Mapping, problems: Problems) -> Raw:
    root = Raw("document", document.line, document.column)
    waiting = [(root, document)]
    while waiting:
        raw, mapping = waiting.pop()
        kind = raw.kind
        known, owned = FIELDS[kind], _MEMBERS[kind]
        for key, node in mapping.items.items():
            low = key.lower()
            field = known.get(low)
            if field is not None:
                _take(raw, field, node, mapping.keys[key], problems)
            elif low in owned:
                member: Kind = "section" if low == "sections" else "property"
                made = raw.sections if low == "sections" else raw.properties
                for one in _members(node, low, problems, raw):
                    entity = Raw(member, one.line, one.column)
                    made.append(entity)
                    waiting.append((entity, one))
            elif kind == "property" and low in ("value", "values"):
                _take_values(raw, node, waiting)
            elif kind == "value" and low == "value":
                if not (isinstance(node, Scalar) and node.is_null):
                    raw.values.append(node)
            else:
                _tell_unknown(problems, key, node, mapping.keys[key], f"in a {kind}", raw)
    return root


def _take(raw: Raw, field: str, node: Node, key: Scalar, problems: Problems) -> None:
    if isinstance(node, Scalar) and node.is_null:
        return
    if field in raw.fields:
        message = f"`{shown(key.text)}` says again what another key says; it is not read"
        problems.tell(
            *("NIX807", message, "keep one of them"), line=key.line, column=key.column, about=raw
        )
        return
    raw.fields[field] = node


def _take_values(raw: Raw, node: Node, waiting: list[tuple[Raw, Mapping]]) -> None:
    if isinstance(node, Scalar) and node.is_null:
        return
    items = node.items if isinstance(node, Sequence) else [node]
    if not any(isinstance(one, Mapping) for one in items):
        raw.values.append(node)
        return
    for one in items:
        value = Raw("value", one.line, one.column)
        raw.values.append(value)
        if isinstance(one, Mapping):
            waiting.append((value, one))
        else:
            value.values.append(one)


def _members(node: Node, key: str, problems: Problems, owner: Raw) -> Iterator[Mapping]:
    if isinstance(node, Sequence):
        for one in node.items:
            if isinstance(one, Mapping):
                yield one
            elif not (isinstance(one, Scalar) and one.is_null):
                _tell_unknown(problems, key, one, one, "in the list", owner)
    elif not (isinstance(node, Scalar) and node.is_null):
        problems.tell(
            *("NIX805", f"`{key}` is no list, expected one of mappings", "begin each with `- `"),
            line=node.line,
            column=node.column,
            about=owner,
        )


def _tell_unknown(
    problems: Problems, key: str, node: Node, at: Node, where: str, about: Raw | None = None
) -> None:
    said = f"; it says `{shown(node.text)}`" if isinstance(node, Scalar) and node.text else ""
    message = f"`{shown(key)}` {where} is none that odML has, and is not read{said}"
    problems.tell("NIX805", message, _HELP, line=at.line, column=at.column, about=about)
