"""The table of conformance, as texts: schemas and descriptions of `conformance/*.yaml`.

A case says `at` which place its snippets stand; what stands around them is put there, so that each
says only what it is about. Snippets stay as they are written: `1.50` does not become `1.5`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "conformance"

_KEYS = {
    "blocks": "block",
    "data_arrays": "data array",
    "data_frames": "data frame",
    "tags": "tag",
    "multi_tags": "multi tag",
    "groups": "group",
    "sources": "source",
    "metadata": "section",
    "sections": "section",
    "properties": "property",
    "columns": "column",
}
"""What stands in a container."""

_NEEDED = {
    "block": "type: nix.block",
    "data array": "type: nix.array, data: [0, 1, 2]",
    "data frame": "type: nix.frame",
    "tag": "type: nix.tag, position: [0]",
    "multi tag": "type: nix.multi_tag, positions: [0.5]",
    "group": "type: nix.group",
    "source": "type: nix.source",
    "section": "type: nix.section",
}
"""What an entity has in a description that does not say it."""


@dataclass(frozen=True)
class Expected:
    """A finding, or a problem of a schema."""

    id: str
    """Its id; `*` and `?` are wildcards."""
    path: str
    """The entity that it is about, or a part of it."""
    says: tuple[str, ...] = ()
    """Parts of the message."""
    help: str = ""
    """A part of the message or the help."""
    level: str = "error"
    """`any` for any."""
    line: int = 0

    def fits(self, found: Any) -> bool:
        """Whether this finding is meant."""
        around = self.path.rstrip("/")
        return (
            fnmatchcase(found.rule, self.id.replace("[", "[[]"))
            and (found.path == self.path or found.path.startswith(f"{around}/"))
            and all(part in found.message for part in self.says)
            and self.help in f"{found.message} {found.help}"
            and self.level in ("any", str(found.level))
            and (not self.line or found.line == self.line)
        )


@dataclass(frozen=True)
class Case:
    """A case of the table."""

    name: str
    keywords: tuple[str, ...]
    schema: str
    files: dict[str, str]
    """Lower layers, by name."""
    depth: Any
    valid: tuple[str, ...] = ()
    invalid: tuple[tuple[str, tuple[Expected, ...]], ...] = ()
    accepts: tuple[tuple[str, tuple[Expected, ...], tuple[Expected, ...]], ...] = ()
    """Descriptions, what is accepted in them, and what is told all the same."""
    tighter: str = ""
    looser: str = ""
    apart: str = ""
    """A description that the looser one of two schemas accepts and the tighter one does not."""
    both: tuple[str, ...] = ()
    """Descriptions that both accept."""
    problems: tuple[Expected, ...] = ()
    """What is wrong with the schema."""


def read_table(path: Path) -> list[Case]:
    """The cases of a file."""
    root = yaml.compose(path.read_text("utf-8"), Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.SequenceNode)
    return [_Reading(_fields(one)).case() for one in root.value]


def table() -> Iterator[tuple[str, Case]]:
    """All cases, each with the name of its file."""
    for path in sorted(FOLDER.glob("*.yaml")):
        for case in read_table(path):
            yield path.stem, case


@dataclass
class _Reading:
    """A case, as its nodes."""

    given: dict[str, yaml.Node]
    steps: list[str] = field(default_factory=list)

    def case(self) -> Case:
        plain = {key: _plain(node) for key, node in self.given.items()}
        at = plain.get("at", "file")
        self.steps = [] if at in ("file", "schema") else at.split("/")
        known = {"case", "keyword", "at", "schema", "files", "depth", "root", "mistake", "problems"}
        known |= {"valid", "invalid", "accepts", "tighter", "looser", "apart", "both"}
        assert not self.given.keys() - known, self.given.keys() - known
        keywords = plain.get("keyword", [])
        if "mistake" in plain:
            schema = plain["mistake"]
        else:
            schema = self.schema("schema", whole=at == "schema")
        files = _fields(self.given["files"]) if "files" in self.given else {}
        return Case(
            name=plain["case"],
            keywords=tuple([keywords] if isinstance(keywords, str) else keywords),
            schema=schema,
            files={name: yaml.serialize(node) for name, node in files.items()},
            depth=plain.get("depth", "metadata"),
            valid=tuple(map(self.description, self.several("valid"))),
            invalid=tuple(map(self.invalid, self.several("invalid"))),
            accepts=tuple(map(self.accepted, self.several("accepts"))),
            tighter=self.schema("tighter") if "tighter" in self.given else "",
            looser=self.schema("looser") if "looser" in self.given else "",
            apart=self.description(self.given["apart"]) if "apart" in self.given else "",
            both=(self.description(self.given["both"]),)
            if "both" in self.given
            else tuple(map(self.description, self.several("valid"))),
            problems=tuple(
                Expected(
                    id=one.get("rule", "NIX0*"),
                    path="/",
                    says=_texts(one["says"]),
                    level=one.get("level", "error"),
                    line=one["line"],
                )
                for one in plain.get("problems", [])
            ),
        )

    def several(self, key: str) -> list[yaml.Node]:
        node = self.given.get(key)
        return [] if node is None else list(node.value)

    def schema(self, key: str, *, whole: bool = False) -> str:
        node = self.given[key]
        if whole:
            return yaml.serialize(node)
        for step in reversed(self.steps):
            node = _mapping({step: node})
        return yaml.serialize(_mapping({"schema": _text("lab"), **_fields(node)}))

    def description(self, node: yaml.Node) -> str:
        """A description, with what stands around it and what its entities need."""
        for step in reversed(self.steps):
            node = _mapping({step: node})
        fields = _fields(node)
        if "root" in self.given:
            sections = {**_fields(fields.get("metadata")), **_fields(self.given["root"])}
            fields["metadata"] = _mapping(sections)
        _complete(_mapping(fields))
        return yaml.serialize(_mapping({"nix": _text("1.2.1"), **fields}))

    def expected(self, node: yaml.Node) -> tuple[Expected, ...]:
        plain = _plain(node)
        around = f"/{'/'.join(self.steps)}".replace("/blocks", "/data", 1)
        return tuple(
            Expected(
                id=one["id"] if "id" in one else one["rule"],
                path=one.get("path", around),
                says=_texts(one.get("says", [])),
                help=one.get("help", ""),
                level=one.get("level", "error" if "id" in one else "any"),
            )
            for one in ([plain] if isinstance(plain, dict) else plain)
        )

    def invalid(self, node: yaml.Node) -> tuple[str, tuple[Expected, ...]]:
        fields = _fields(node)
        return self.description(fields["is"]), self.expected(fields["finds"])

    def accepted(self, node: yaml.Node) -> tuple[str, tuple[Expected, ...], tuple[Expected, ...]]:
        fields = _fields(node)
        told = self.expected(fields["told"])
        return self.description(fields["is"]), self.expected(fields["accepted"]), told


def _texts(given: Any) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _fields(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if node is None or not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: value for key, value in node.value}


def _text(text: str) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", text)


def _mapping(fields: dict[str, yaml.Node]) -> yaml.MappingNode:
    return yaml.MappingNode(
        "tag:yaml.org,2002:map",
        [(_text(key), value) for key, value in fields.items()],
        flow_style=False,
    )


def _plain(node: yaml.Node) -> Any:
    """Data whose scalars are texts, but for line numbers."""
    if isinstance(node, yaml.MappingNode):
        plain = {key.value: _plain(value) for key, value in node.value}
        if "line" in plain:
            plain["line"] = int(plain["line"])
        return plain
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one) for one in node.value]
    return node.value


def _complete(root: yaml.Node) -> None:
    """Give the entities of a description what they cannot do without."""
    stack: list[tuple[str, yaml.Node]] = [("file", root)]
    while stack:
        kind, node = stack.pop()
        if not isinstance(node, yaml.MappingNode) or kind in ("property", "column"):
            continue
        has = _fields(node)
        if kind in _NEEDED:
            needed = yaml.compose(f"{{{_NEEDED[kind]}}}", Loader=yaml.SafeLoader)
            missing = [key for key in _fields(needed) if key not in has]
            node.value += [(_text(key), _fields(needed)[key]) for key in missing]
        for key, value in has.items():
            member = _KEYS.get(key)
            if member is not None and isinstance(value, yaml.MappingNode):
                if key == "metadata" and kind != "file":
                    continue
                stack += [(member, one) for _, one in value.value]
