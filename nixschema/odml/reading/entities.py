"""What is written -> a document, with all that is wrong; nothing here recurses."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

from nixschema.odml.problems import Problems, shown
from nixschema.odml.reading.old import is_old, read_old_values
from nixschema.odml.reading.places import Names
from nixschema.odml.reading.raw import Raw, Written
from nixschema.odml.reading.typed import bare_value, is_date, is_known, number_of
from nixschema.odml.reading.values import read_values
from nixschema.odml_model.document import Cardinality, Document, Place, Property, Scalar, Section
from nixschema.odml_model.where import Where
from nixschema.text import nodes

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", re.ASCII)
_OPEN = frozenset(("", "none", "null", "~"))
_PAIR = re.compile(
    r"([\[(]?)\s*(None|null|~|[0-9]{1,18})?\s*,\s*(None|null|~|[0-9]{1,18})?\s*([\])]?)"
)
_VERSIONS = {"1": "1.0", "1.0": "1.0", "1.1": "1.1"}
_TEXTS = frozenset(("unit", "definition", "reference", "value_origin", "dependency"))
_UNNAMED = "unnamed"


def read_entities(written: Written, problems: Problems) -> Document:
    """The document that is written."""
    return _Reader(written, problems).document()


class _Reader:
    def __init__(self, written: Written, problems: Problems) -> None:
        self._root = written.document
        self._problems = problems
        self._yaml = written.format == "yaml"
        self._xml = written.format == "xml"
        self._version = (written.version or "").strip() or None
        self._old = self._is_old(written)

    def document(self) -> Document:
        raw = self._root
        document = Document(place=Place(raw.line, raw.column, raw.fields))
        document.format_version = self._version
        path = "/metadata"
        self._problems.place(raw, path)
        document.id = self._id(raw, path)
        document.author = self._scalar(raw, "author", path)
        document.version = self._scalar(raw, "version", path)
        document.repository = self._text(raw, "repository", path)
        document.date = self._text(raw, "date", path)
        if document.date is not None and not is_date(document.date):
            self._tell(
                *("NIX814", raw.fields["date"], path),
                f"the date is `{shown(document.date)}`, expected year, month and day",
                "write it as `2021-03-04`",
            )
        waiting: list[tuple[list[Raw], list[Section], Where | None]]
        waiting = [(raw.sections, document.sections, None)]
        while waiting:
            raws, made, owner = waiting.pop()
            for one, name, where in self._named(raws, owner, "section"):
                section = self._section(one, name, where)
                made.append(section)
                if one.properties or "mapping" in one.fields or "synonym" in one.fields:
                    self._properties(one, section, where)
                if one.sections:
                    waiting.append((one.sections, section.sections, where))
        return document

    def _section(self, raw: Raw, name: str, where: Where) -> Section:
        section = Section(name, place=Place(raw.line, raw.column, raw.fields))
        fields = raw.fields
        section.id = self._id(raw, where)
        section.type = self._text(raw, "type", where)
        if section.type is None or not section.type.strip():
            message = "the section has no type"
            self._tell("NIX813", raw, where, message, "say what it is about, such as `subject`")
        for field in ("definition", "reference", "repository", "link", "include"):
            if field in fields:
                setattr(section, field, self._text(raw, field, where))
        for field in ("sec_cardinality", "prop_cardinality"):
            if field in fields:
                setattr(section, field, self._cardinality(raw, field, where))
        return section

    def _foreign(
        self, raw: Raw, before: str, of: str | None, names: Names, where: Where
    ) -> Iterator[Property]:
        """What only odML 1.0 has, as properties."""
        for field in ("mapping", "synonym"):
            text = self._text(raw, field, where)
            if text is not None:
                made = Property(
                    names.give_new(f"{before}{field}"), place=Place(raw.line, raw.column)
                )
                made.values, made.dtype, made.dependency = [text], "string", of
                message = f"odML 1.1 has no `{field}`; it is kept in `{shown(made.name)}`"
                self._tell("NIX817", raw.fields[field], where, message, None)
                yield made

    def _properties(self, owner: Raw, section: Section, where: Where) -> None:
        names = Names(self._name_of(one) for one in owner.properties)
        if "mapping" in owner.fields or "synonym" in owner.fields:
            section.properties += self._foreign(owner, "", None, names, where)
        for raw, name, here in self._named(owner.properties, where, "property", names):
            made = self._property(raw, name, here)
            section.properties.append(made)
            dtype = made.dtype
            if "mapping" in raw.fields or "synonym" in raw.fields:
                section.properties += self._foreign(raw, f"{name}.", name, names, here)
            if not raw.values:
                continue
            if not isinstance(first := raw.values[0], Raw):
                raw.fields["values"] = first
            if self._old or is_old(raw):
                section.properties += read_old_values(
                    raw, made, names, here, self._problems, yaml=self._yaml, lists=not self._old
                )
                self._check_uncertainty(raw, made, here)
            else:
                read_values(raw, made, here, self._problems, xml=self._xml, yaml=self._yaml)
            if made.dtype is not dtype:
                self._check_dtype(raw, made, here)

    def _property(self, raw: Raw, name: str, where: Where) -> Property:
        made = Property(name, place=Place(raw.line, raw.column, raw.fields))
        for field, node in raw.fields.items():
            if field in _TEXTS:
                plain = node.text if isinstance(node, nodes.Scalar) else None
                setattr(made, field, plain if plain is not None else self._text(raw, field, where))
            elif field == "id":
                made.id = self._id(raw, where)
            elif field == "dtype":
                made.dtype = self._text(raw, "dtype", where)
                self._check_dtype(raw, made, where)
            elif field == "uncertainty":
                made.uncertainty = self._scalar(raw, "uncertainty", where)
                self._check_uncertainty(raw, made, where)
            elif field == "dependency_value":
                made.dependency_value = self._scalar(raw, "dependency_value", where)
            elif field == "val_cardinality":
                made.val_cardinality = self._cardinality(raw, "val_cardinality", where)
        return made

    def _named(
        self, raws: list[Raw], owner: Where | None, kind: str, names: Names | None = None
    ) -> Iterator[tuple[Raw, str, Where]]:
        unplaced = self._problems.unplaced
        container = "sections" if kind == "section" else "properties"
        if names is None:
            names = Names(self._name_of(one) for one in raws)
        for raw in raws:
            written = self._name_of(raw)
            name = names.give(written)
            where = Where(owner, name, container)
            if unplaced and id(raw) in unplaced:
                self._problems.place(raw, where.path)
            if "name" not in raw.fields or not written:
                called = f"it is read as `{shown(name)}`"
                message = f"the {kind} has no name; {called}"
                self._tell("NIX808", raw, where, message, "give it a name")
            elif name != written:
                self._tell(
                    *("NIX809", raw, where),
                    f"there is another {kind} with the name `{shown(written)}` beside this one, "
                    f"which is read as `{shown(name)}`",
                    "give one of both another name",
                )
            if not self._xml and isinstance(raw.fields.get("name"), nodes.Sequence | nodes.Mapping):
                self._text(raw, "name", where)
            yield raw, name, where

    def _name_of(self, raw: Raw) -> str:
        node = raw.fields.get("name")
        if node is None or (isinstance(node, nodes.Scalar) and not node.text):
            other = raw.fields.get("id")
            return (isinstance(other, nodes.Scalar) and other.text) or _UNNAMED
        return node.text if isinstance(node, nodes.Scalar) else _joined(node) or _UNNAMED

    def _text(self, raw: Raw, field: str, where: Where | str) -> str | None:
        node = raw.fields.get(field)
        if node is None:
            return None
        if isinstance(node, nodes.Scalar):
            return node.text
        text = _joined(node)
        if not (isinstance(node, nodes.Sequence) and len(node.items) == 1 and text is not None):
            what = "list" if isinstance(node, nodes.Sequence) else "mapping"
            read = f", and is read as `{shown(text)}`" if text is not None else ", and is not read"
            message = f"`{field}` is a {what}, expected a text{read}"
            self._tell("NIX805", node, where, message, "write one text")
        return text

    def _scalar(self, raw: Raw, field: str, where: Where | str) -> Scalar | None:
        node = raw.fields.get(field)
        if isinstance(node, nodes.Scalar) and not self._xml:
            found = bare_value(node, yaml=self._yaml)
            return found if not isinstance(found, tuple) else None
        return self._text(raw, field, where)

    def _id(self, raw: Raw, where: Where | str) -> str | None:
        text = self._text(raw, "id", where) if "id" in raw.fields else None
        if text is not None and not _UUID.fullmatch(text) and not _is_uuid(text):
            self._tell(
                *("NIX810", raw.fields["id"], where),
                f"the id is `{shown(text)}`, expected a UUID",
                "take it away, so that a new one is made; or write "
                "32 hexadecimal digits in groups of 8, 4, 4, 4 and 12",
            )
        return text

    def _cardinality(self, raw: Raw, field: str, where: Where) -> Cardinality | None:
        node = raw.fields[field]
        if isinstance(node, nodes.Sequence) and len(node.items) == 2:
            ends = [one.text if isinstance(one, nodes.Scalar) else "?" for one in node.items]
            found = _pair(*(one.strip() for one in ends))
        elif isinstance(node, nodes.Scalar):
            found = _cardinality(node.text.strip())
        else:
            found = None
        if found is None:
            said = node.text if isinstance(node, nodes.Scalar) else _joined(node) or "no text"
            self._tell(
                *("NIX816", node, where),
                f"`{field}` says `{shown(said)}`, expected at least and at most; it is not read",
                "write a pair such as `(1, 2)` or `(1, None)`",
            )
        return found

    def _check_dtype(self, raw: Raw, made: Property, where: Where) -> None:
        if made.dtype is not None and not is_known(made.dtype):
            at = raw.fields.get("dtype", raw)
            message = f"odML has no type `{shown(made.dtype)}` of values; they are read as texts"
            help = "write `string` or another type that odML has"
            self._tell("NIX812", at, where, message, help)

    def _check_uncertainty(self, raw: Raw, made: Property, where: Where) -> None:
        value = made.uncertainty
        if isinstance(value, str):
            number = number_of(value)
            if number is not None:
                made.uncertainty = number
                return
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
            return
        self._tell(
            *("NIX815", raw.fields.get("uncertainty", raw), where),
            f"the uncertainty is `{shown(str(value))}`, expected a number",
            "write a number, in the unit of the property",
        )

    def _is_old(self, written: Written) -> bool:
        version = written.version.strip() if written.version is not None else None
        known = _VERSIONS.get(version or "")
        if known is not None:
            return known == "1.0"
        old = self._has_old_values()
        has = f"the version of odML is `{shown(version)}`" if version else "there is no version"
        tag = '`<odML version="1.1">`' if self._xml else '`odml-version: "1.1"`'
        self._tell(
            *("NIX802", written.document, "/metadata"),
            f"{has}, expected `1.1` or `1.0`; it is read as {'1.0' if old else '1.1'}",
            f"write {tag}",
        )
        return old

    def _has_old_values(self) -> bool:
        waiting = [self._root]
        while waiting:
            raw = waiting.pop()
            if any(is_old(one) for one in raw.properties):
                return True
            waiting += raw.sections
        return False

    def _tell(
        self, rule: str, at: Raw | nodes.Node, where: Where | str, message: str, help: str | None
    ) -> None:
        if self._problems.full:
            return
        path = where if isinstance(where, str) else where.path
        self._problems.tell(rule, message, help, line=at.line, column=at.column, path=path)


def _is_uuid(text: str) -> bool:
    if len(text) > 100:
        return False
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _joined(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Sequence):
        texts = [one.text for one in node.items if isinstance(one, nodes.Scalar)]
        if texts and len(texts) == len(node.items):
            return ", ".join(texts)
    return None


def _cardinality(text: str) -> Cardinality | None:
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return None, int(text)
    found = _PAIR.fullmatch(text)
    if found is None or found[1] + found[4] not in ("", "()", "[]"):
        return None
    return _pair(found[2] or "", found[3] or "")


def _pair(least: str, most: str) -> Cardinality | None:
    ends: list[int | None] = []
    for one in (least, most):
        if one.lower() in _OPEN:
            ends.append(None)
        elif one.isascii() and one.isdigit() and len(one) <= 18:
            ends.append(int(one))
        else:
            return None
    return (ends[0], ends[1])
