"""XML -> what is written, by expat: no tree, exact places, nothing expanded or fetched."""

from __future__ import annotations

from typing import NoReturn
from xml.parsers import expat

from nixschema.odml.problems import Problems, shown
from nixschema.odml.reading.decoding import as_utf8
from nixschema.odml.reading.raw import Kind, Raw, Written
from nixschema.odml.reading.tags import FIELDS, XML_NAMES
from nixschema.text.limits import LIMITS, Limits
from nixschema.text.nodes import Scalar

_ELEMENTS = 2_000_000
"""So many elements are read; each takes up to 600 bytes."""
_BUFFER = 1 << 16
_TEXT = 200
"""Characters of what is passed over that are gathered to be told."""
_ERRORS = expat.errors.codes
_RENAMED = ("dtype", "dependency_value", "oid")
_QUICK: dict[Kind, dict[str, str]] = {
    kind: {tag: field for tag, field in fields.items() if tag not in _RENAMED}
    for kind, fields in FIELDS.items()
}
_QUICK["value"] = {}  # It has text of its own.
_NO_FIELDS: dict[str, str] = {}
_OWNED: dict[str, tuple[str, ...]] = {
    "document": ("section",),
    "section": ("section", "property"),
    "property": ("value", "values"),
    "value": (),
}


def read_xml(data: bytes, problems: Problems, limits: Limits = LIMITS) -> Written | None:
    """What an XML text says, or None where a problem ends the reading."""
    utf8 = as_utf8(data, problems)
    if utf8 is None:
        return None
    reader = _Reader(problems, limits)
    try:
        reader.parser.Parse(utf8, True)
    except _Ended:
        return None
    except expat.ExpatError as error:
        reader.tell_syntax(error)
        return None
    finally:
        parser, reader.parser = reader.parser, expat.ParserCreate()
        parser.StartElementHandler = parser.EndElementHandler = None
        parser.CharacterDataHandler = None
    return Written(reader.root, reader.version, "xml") if reader.root else None


class _Ended(Exception):
    """Reading ends: why has been told."""


class _Reader:
    """Takes events, and builds entities of them."""

    def __init__(self, problems: Problems, limits: Limits) -> None:
        self._problems = problems
        self._depth = limits.depth
        self._count = 0
        self._stack: list[Raw] = []
        self._open: Raw | None = None
        """The entity that is being read."""
        self._quick = _NO_FIELDS
        """Tags that are fields of it here, in the usual spelling."""
        self._leaf: str | None = None
        """The field of it that is being read."""
        self._tag = ""
        self._texts: list[str] = []
        self._value_texts: list[str] = []
        self._line = self._column = 0
        self._inside = 0
        """Levels of elements within a field, whose text belongs to it."""
        self._passed = 0
        """Levels of elements that are passed over."""
        self._told: list[str] = []
        self._about: tuple[str, str, int, int] = ("", "", 0, 0)
        self.root: Raw | None = None
        self.version: str | None = None
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.buffer_size = _BUFFER
        parser.specified_attributes = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._entity
        parser.StartDoctypeDeclHandler = self._doctype
        parser.SkippedEntityHandler = self._skipped

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        field = self._quick.get(tag)
        if field is None or attributes:
            self._start_other(tag, attributes)
            return
        # Nearly all elements are fields, so they take the shortest way.
        parser = self.parser
        self._quick = _NO_FIELDS
        self._leaf = field
        self._tag = tag
        self._line = parser.CurrentLineNumber
        self._column = parser.CurrentColumnNumber + 1

    def _start_other(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > _ELEMENTS:
            self._end_by("NIX804", f"the file has more than {_ELEMENTS:,} elements")
        if self._passed:
            self._passed += 1
            return
        owner = self._open
        parser = self.parser
        line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber + 1
        name = tag.lower()
        if owner is None:
            self._start_root(tag, attributes, line, column)
            return
        leaf = self._leaf
        if leaf is not None:
            if leaf != "value":
                self._read_on(tag, attributes, line, column)
                return
            if name not in FIELDS["value"]:
                self._pass_over(tag, line, column, f"in `<{shown(self._tag)}>`")
                return
            value = Raw("value", self._line, self._column)
            self._open_entity(value)
            self._value_texts, self._texts = self._texts, []
            owner, self._leaf = value, None
        kind = owner.kind
        field = FIELDS[kind].get(name)
        if field is not None:
            self._start_leaf(field, tag, line, column)
            if kind == "property" and name in _RENAMED:
                self._check_name(name, line, column)
        elif name in _OWNED[kind]:
            if name == "section":
                entity = Raw("section", line, column)
                owner.sections.append(entity)
                self._open_entity(entity)
            elif name == "property":
                entity = Raw("property", line, column)
                owner.properties.append(entity)
                self._open_entity(entity)
            else:
                self._start_leaf("value", tag, line, column)
        else:
            self._pass_over(tag, line, column, f"in a {kind}")
            return
        if attributes:
            self._take_attributes(attributes, line, column)

    def _start_leaf(self, field: str, tag: str, line: int, column: int) -> None:
        self._quick = _NO_FIELDS
        self._leaf, self._tag, self._line, self._column = field, tag, line, column

    def _start_root(self, tag: str, attributes: dict[str, str], line: int, column: int) -> None:
        if tag.lower() != "odml":
            self._end_by("NIX802", f"the root is `<{shown(tag)}>`, expected `<odML>`")
        entity = self.root = Raw("document", line, column)
        self.version = attributes.pop("version", None)
        self._open_entity(entity)
        self._take_attributes(attributes, line, column)

    def _open_entity(self, entity: Raw) -> None:
        if self._open is not None:
            self._stack.append(self._open)
            if len(self._stack) > self._depth:
                self._end_by("NIX804", f"more than {self._depth:,} levels are nested here")
        self._open = entity
        self._quick = _QUICK[entity.kind]

    def _end(self, tag: str) -> None:
        leaf = self._leaf
        if leaf is None or self._passed or self._inside:
            self._end_other()
            return
        entity = self._open
        assert entity is not None
        texts = self._texts
        text = texts[0] if len(texts) == 1 else "".join(texts)
        texts.clear()
        self._leaf = None
        self._quick = _QUICK[entity.kind]
        if leaf == "value":
            entity.values.append(Scalar(text, False, self._line, self._column))
            return
        fields = entity.fields
        if leaf in fields:
            self._tell_again(entity, leaf, tag)
        text = text.strip()
        if text:
            fields[leaf] = Scalar(text, False, self._line, self._column)

    def _end_other(self) -> None:
        if self._passed:
            self._passed -= 1
            if not self._passed:
                self._tell_passed()
            return
        if self._inside:
            self._inside -= 1
            return
        entity = self._open
        if not self._stack or entity is None:
            return
        owner = self._open = self._stack.pop()
        self._quick = _QUICK[owner.kind]
        if entity.kind == "value":
            text = "".join(self._value_texts).strip()
            self._value_texts = []
            if text:
                entity.values.append(Scalar(text, False, entity.line, entity.column))
            owner.values.append(entity)

    def _text(self, text: str) -> None:
        if self._quick and text.isspace():
            return  # Between the fields of an entity, as most of it is.
        if self._passed:
            if len(self._told) < _TEXT:
                self._told.append(text[:_TEXT])
        elif self._leaf is not None:
            self._texts.append(text)
        elif self._open is not None:
            if self._open.kind == "value":
                self._value_texts.append(text)
            else:
                self._tell_stray(text)

    def _tell_stray(self, text: str) -> None:
        entity = self._about_entity()
        kind = entity.kind if entity else "document"
        after = text.count("\n", len(text) - len(text.lstrip()))
        self._problems.tell(
            "NIX805",
            f"the text `{shown(text.strip())}` stands in a {kind} outside of its fields",
            "put it into a field, such as `<definition>`",
            line=self.parser.CurrentLineNumber - after,
            column=1,
            about=entity,
        )

    def _take_attributes(self, attributes: dict[str, str], line: int, column: int) -> None:
        """Fields that stand as attributes; others are told."""
        entity, leaf = self._open, self._leaf
        assert entity is not None
        for name, text in attributes.items():
            low = name.lower()
            if low.startswith(("xmlns", "xml:")):
                continue
            field = FIELDS[entity.kind].get(low) if leaf is None else None
            if field is not None and text.strip():
                entity.fields.setdefault(field, Scalar(text.strip(), False, line, column))
            if self._problems.full:
                continue
            if field is None:
                where = f"`<{shown(self._tag)}>`" if leaf is not None else f"a {entity.kind}"
                message = f"the attribute `{shown(name)}` of {where} says `{shown(text)}`, "
                message += "and odML has none"
                help = "write what it says as an element"
            else:
                message = f"`{shown(name)}` is an attribute here, expected an element"
                help = f"write `<{low}>{shown(text)}</{low}>`"
            self._problems.tell(
                "NIX805", message, help, line=line, column=column, about=self._about_entity()
            )

    def _check_name(self, name: str, line: int, column: int) -> None:
        if self.version is not None and self.version.strip() == "1.1":
            message = f"`<{name}>` is no tag of odML 1.1, and is read as `<{XML_NAMES[name]}>`"
            help = f"write `<{XML_NAMES[name]}>`: other readers pass over it"
            self._problems.tell(
                "NIX805", message, help, line=line, column=column, about=self._about_entity()
            )

    def _tell_again(self, entity: Raw, field: str, tag: str) -> None:
        before = entity.fields[field]
        was = shown(before.text) if isinstance(before, Scalar) else ""
        self._problems.tell(
            "NIX807",
            f"`<{shown(tag)}>` is there twice; the first, in line {before.line:,}, says `{was}` "
            "and is not read",
            "keep one of them",
            line=self._line,
            column=self._column,
            about=self._about_entity(),
        )

    def _read_on(self, tag: str, attributes: dict[str, str], line: int, column: int) -> None:
        """An element within a text: markup that somebody wrote."""
        self._inside += 1
        if self._problems.full:
            return
        said = "".join(f" {name}=`{shown(text)}`" for name, text in list(attributes.items())[:3])
        message = f"`<{shown(tag)}>`{said} stands in `<{shown(self._tag)}>`; only its text is read"
        help = "write the text alone: other readers stop here"
        self._problems.tell(
            "NIX805", message, help, line=line, column=column, about=self._about_entity()
        )

    def _pass_over(self, tag: str, line: int, column: int, where: str) -> None:
        self._passed = 1
        self._quick = _NO_FIELDS
        self._told = []
        self._about = tag, where, line, column

    def _tell_passed(self) -> None:
        if self._open is not None and self._leaf is None:
            self._quick = _QUICK[self._open.kind]
        tag, where, line, column = self._about
        text = shown(" ".join("".join(self._told).split()))
        self._told = []
        if ":" in tag and tag.rpartition(":")[2] in ("stylesheet", "transform"):
            message, help = f"a style sheet (`<{shown(tag)}>`) is left out", None
            rule = "NIX806"
        else:
            said = f"; it says `{text}`" if text else ""
            message = f"`<{shown(tag)}>` {where} is none that odML has, and is not read{said}"
            rule, help = "NIX805", "write what it says as a property, or take it away"
        self._problems.tell(
            rule, message, help, line=line, column=column, about=self._about_entity()
        )

    def _doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        if system is not None or public is not None:
            told = shown(system or public or "")
            self._tell(
                "NIX803",
                f"the text refers to another file, `{told}`, which is not read",
                "take the line with `<!DOCTYPE` away",
            )

    def _entity(self, name: str, *_: object) -> None:
        self._end_by(
            "NIX803",
            f"the text declares the entity `{shown(name)}`",
            "take the declaration away, and write what the entity stands for",
        )

    def _skipped(self, name: str, *_: object) -> None:
        self._tell(
            "NIX803",
            f"`&{shown(name)};` stands for something that is not in this file, and is left out",
            "write the character itself",
        )

    def _tell(self, rule: str, message: str, help: str | None) -> None:
        parser = self.parser
        self._problems.tell(
            *(rule, message, help),
            line=parser.CurrentLineNumber,
            column=parser.CurrentColumnNumber + 1,
            about=self._about_entity(),
        )

    def _end_by(self, rule: str, message: str, help: str | None = None) -> NoReturn:
        self._tell(rule, message, help)
        raise _Ended

    def tell_syntax(self, error: expat.ExpatError) -> None:
        """Tell where and why the text is no XML."""
        code = error.code
        opened = self._opened()
        help: str | None = None
        if code == _ERRORS[expat.errors.XML_ERROR_NO_ELEMENTS]:
            message = "the text ends before all is closed"
            if opened is None:
                message = "the text has no element, expected `<odML>`"
            else:
                message = f"the text ends, and {opened} is not closed"
        elif code == _ERRORS[expat.errors.XML_ERROR_UNCLOSED_TOKEN]:
            message, help = "a tag is not complete", "close it with `>`"
        elif code == _ERRORS[expat.errors.XML_ERROR_TAG_MISMATCH]:
            message = f"the closing tag does not fit {opened or 'what is open'}"
            help = "close each element before the one around it"
        elif code == _ERRORS[expat.errors.XML_ERROR_UNDEFINED_ENTITY]:
            message = "an entity (`&name;`) stands here that XML does not have"
            help = "write the character itself; only `&amp;`, `&lt;`, `&gt;`, `&quot;` and "
            help += "`&apos;` are known"
        elif code == _ERRORS[expat.errors.XML_ERROR_INVALID_TOKEN]:
            message = "a character stands here that is not allowed"
            help = "write `&` as `&amp;` and `<` as `&lt;`"
        elif code == _ERRORS[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]:
            message = "something stands behind the end of the document"
            help = "a document is one `<odML>` element"
        else:
            message = f"the text is no XML: {expat.ErrorString(code)}"
        self._problems.tell("NIX801", message, help, line=error.lineno, column=error.offset + 1)

    def _about_entity(self) -> Raw | None:
        """The entity that a problem is about."""
        entity = self._open
        return self._stack[-1] if entity is not None and entity.kind == "value" else entity

    def _opened(self) -> str | None:
        """The innermost element that is open."""
        if self._passed:
            return f"`<{shown(self._about[0])}>` of line {self._about[2]:,}"
        if self._leaf is not None:
            return f"`<{shown(self._tag)}>` of line {self._line:,}"
        if self._open is not None:
            tag = "odML" if self._open.kind == "document" else self._open.kind
            return f"`<{tag}>` of line {self._open.line:,}"
        return None
