"""A description to start from, with all that a schema requires."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nixschema.schema.blanks import BLANK, could_be, is_blank, is_plain
from nixschema.schema.language import (
    Clause,
    Constraint,
    Count,
    DimensionClause,
    Schema,
    SchemaDocument,
)
from nixschema.schema.merging import merged
from nixschema.schema.solving import (
    Asked,
    Scope,
    expanded,
    flattened,
    leaves_of,
    number_for,
    size_for,
    text_for,
    unify,
    word_of,
)
from nixschema.schema.words import constraint_words
from nixschema.text.emit import Flow

Held = tuple[Clause, Scope]
"""A clause that an entity fulfils, and the blanks that it shares."""

Tree = dict[str, Any]

_MOST_DEPTH = 100
_MOST_ENTITIES = 2_000
_SIZE = 2
"""Extent of an axis where nothing is said."""

_KEYS = {
    "DataArray": "data_arrays",
    "DataFrame": "data_frames",
    "Tag": "tags",
    "MultiTag": "multi_tags",
    "Group": "groups",
    "Source": "sources",
}
_KINDS = {key: kind for kind, key in _KEYS.items()}
_DTYPES = {
    "integer": "int64", "float": "float64", "number": "float64",
    "string": "string", "boolean": "bool",
}  # fmt: skip
_ODML = {"integer": "int", "float": "float", "number": "float", "string": "string",
         "boolean": "boolean"}  # fmt: skip
_TEXTS = {
    "date": "2026-01-01", "time": "12:00:00", "datetime": "2026-01-01T12:00:00",
    "url": "https://example.org",
}  # fmt: skip

COMMENT = "#"
"""Begins keys that are no keys, but stand for comments."""


class Draft:
    """The tree of a description that is made to fulfil a schema."""

    def __init__(self, document: SchemaDocument) -> None:
        """Make it."""
        self.schema: Schema = merged(document)
        self.metadata: Tree = {}
        self.blocks: Tree = {}
        self._made = 0
        self._notes = 0
        self.notes: dict[str, str] = {}
        """Comments, by the keys that stand for them."""
        root: Scope = {}
        tree = self.schema.recognise
        wanted = [tree, *(getattr(tree, "any_of", [])[:1])] if tree is not None else []
        for part in wanted:
            assert part is not None
            self._sections(part.metadata, {}, self.metadata)
        self._sections(self.schema.metadata, root, self.metadata)
        blocks: list[tuple[str, Clause]] = [*self.schema.blocks.items()]
        if not blocks and not (wanted and wanted[-1] and wanted[-1].metadata):
            blocks = [pair for part in wanted if part is not None for pair in part.blocks.items()]
        for key, clause in blocks:
            for number in range(_needed(clause)):
                scope = dict(root)
                self._block(_numbered(key, scope, number, clause), [(clause, scope)])

    def tree(self) -> Tree:
        """The description, with keys that stand for comments."""
        found: Tree = {"nix": "1.2.1"}
        if self.metadata:
            found["metadata"] = self.metadata
        found["blocks"] = self.blocks
        return {key: value for key, value in found.items() if value or key == "nix"} or found

    # Words

    def _note(self, into: Tree, text: str) -> None:
        if text:
            key = f"{COMMENT}{self._notes}"
            self._notes += 1
            self.notes[key] = " ".join(text.split())
            into[key] = None

    def _told(self, into: Tree, held: Sequence[Held]) -> None:
        for clause, _ in held:
            if clause.reason:
                self._note(into, clause.reason)

    # Entities

    def _clauses(self, held: Sequence[Held]) -> list[Held]:
        """Clauses with all that holds with them: `select`, `all_of`, the first of `any_of`."""
        found: list[Held] = []
        stack = [*held][::-1]
        while stack and len(found) < 1_000:
            clause, scope = stack.pop()
            found.append((clause, scope))
            stack += [(one, scope) for one in reversed(clause.all_of)]
            stack += [(one, scope) for one in clause.any_of[:1]]
            if clause.select is not None:
                stack.append((clause.select, scope))
        return found

    def _typed(self, kind: str, held: Sequence[Held], default: str) -> tuple[str, list[Held]]:
        """The type of an entity, and all clauses that it fulfils then."""
        every = self._clauses(held)
        known = [
            key
            for key, one in self.schema.types.items()
            if is_plain(key) and one.is_ in (None, kind)
        ]
        text, _ = text_for(_gathered(every, "type"), default, known)
        for key, clause in self.schema.types.items():
            if clause.is_ not in (None, kind):
                continue
            scope: Scope = {}
            if key == text or (not is_plain(key) and unify(key, text, scope)):
                every += self._clauses([(clause, scope)])
        for clause, scope in every:
            if clause.together is not None and clause.together.size is not None:
                scope.setdefault(word_of(clause.together.size), 1)
        return text, every

    def _room(self, depth: int) -> bool:
        self._made += 1
        return self._made <= _MOST_ENTITIES and depth <= _MOST_DEPTH

    def _block(self, name: str | None, held: list[Held]) -> None:
        text, every = self._typed("Block", held, "recording")
        name = _name(every, name, "recording")
        block: Tree = self.blocks.setdefault(name, {})
        if "type" in block or not self._room(0):
            return
        self._told(block, held)
        block["type"] = text
        self._common(block, every, name)
        self._metadata(block, every, name)
        for key in _KINDS:
            for clause, scope in every:
                members = getattr(clause, key)
                for label, one in members.items() if isinstance(members, dict) else ():
                    for number in range(_needed(one)):
                        given = None if one.select is not None else _numbered(label, scope, number)
                        self._member(block, _KINDS[key], given, [(one, scope)], 1, label)

    def _member(
        self,
        block: Tree,
        kind: str,
        name: str | None,
        held: list[Held],
        depth: int,
        default: str = "",
    ) -> str:
        """An entity of a block, made or made to fulfil more; returns its name."""
        default, given = default or kind.lower(), name
        text, every = self._typed(kind, held, f"{default}")
        name = _name(every, name, default)
        members: Tree = block.setdefault(_KEYS[kind], {})
        name = _free(name, members, given, every)
        if name in members or not self._room(depth):
            return name
        entity: Tree = members.setdefault(name, {})
        self._told(entity, held)
        entity["type"] = text
        self._common(entity, every, name)
        match kind:
            case "DataArray":
                self._array(block, entity, every, name)
            case "DataFrame":
                self._frame(entity, every)
            case "Tag" | "MultiTag":
                self._tag(block, entity, every, name, depth, many=kind == "MultiTag")
            case "Group":
                for key in ("data_arrays", "data_frames", "tags", "multi_tags"):
                    lists = [(c.members.get(key, []), scope) for c, scope in every]
                    names = self._linked(block, _KINDS[key], lists, depth)
                    if names:
                        entity[key] = names
            case "Source":
                self._sources(entity, every, depth)
        if kind != "Source":
            lists = [(c.sources, s) for c, s in every if isinstance(c.sources, list)]
            if names := self._linked(block, "Source", lists, depth):
                entity["sources"] = names
        self._metadata(entity, every, name)
        self._groups(block, kind, name, every, depth)
        return name

    def _sources(self, entity: Tree, every: Sequence[Held], depth: int) -> None:
        for clause, scope in every:
            members = clause.sources
            for label, one in members.items() if isinstance(members, dict) else ():
                for number in range(_needed(one)):
                    given = None if one.select is not None else _numbered(label, scope, number)
                    self._member(entity, "Source", given, [(one, scope)], depth + 1, label)

    def _common(self, entity: Tree, every: Sequence[Held], name: str) -> None:
        asked = _gathered(every, "definition")
        if _is_asked(asked):
            entity["definition"] = text_for(asked, f"what {name} is")[0]

    # Links

    def _linked(
        self,
        block: Tree,
        kind: str,
        lists: Iterable[tuple[Sequence[Clause], Scope]],
        depth: int,
    ) -> list[str]:
        """The names of what lists of links require, made where it is not there."""
        names: dict[str, None] = {}
        for clauses, scope in lists:
            for clause in clauses:
                if clause.only or not (_needed(clause) or clause.every):
                    continue
                names |= dict.fromkeys(self._target(block, kind, clause, scope, depth))
        return list(names)

    def _target(
        self, block: Tree, kind: str, clause: Clause, scope: Scope, depth: int
    ) -> Iterator[str]:
        members: Tree = block.get(_KEYS[kind], {})
        found = []
        for name, one in members.items():
            trial = dict(scope)
            if _is_so(clause, name, one.get("type", ""), trial):
                found.append(name)
                if not clause.every:
                    scope.update(trial)
                    break
        if not found and _needed(clause):
            label = str(leaves_of(clause.type)[0]) if clause.type and leaves_of(clause.type) else ""
            default = expanded(label.rpartition(".")[2], dict(scope)) if label else kind.lower()
            found = [self._member(block, kind, None, [(clause, scope)], depth + 1, default)]
        yield from found

    def _groups(self, block: Tree, kind: str, name: str, every: Sequence[Held], depth: int) -> None:
        for clause, scope in every:
            for one in clause.member_of.get("groups", []):
                if not _needed(one):
                    continue
                for group in self._target(block, "Group", one, scope, depth):
                    if group == name and kind == "Group":
                        continue
                    listed = block["groups"][group].setdefault(_KEYS[kind], [])
                    if name not in listed:
                        listed.append(name)

    def _tag(
        self, block: Tree, entity: Tree, every: Sequence[Held], name: str, depth: int, *, many: bool
    ) -> None:
        lists = [(c.references or [], s) for c, s in every]
        references = self._linked(block, "DataArray", lists, depth)
        axes = 1
        if references:
            entity["references"] = references
            axes = max(1, len(block["data_arrays"][references[0]].get("dimensions", [1])))
        units = _gathered(every, "units")
        if many:
            for field in ("positions", "extents"):
                inner = [(getattr(c, field), s) for c, s in every if getattr(c, field) is not None]
                wanted = [one for one in inner if _needed(one[0])]
                if wanted or field == "positions":
                    default = f"{name}.{field}"
                    entity[field] = self._member(
                        block, "DataArray", None, wanted, depth + 1, default
                    )
        else:
            for field in ("position", "extent"):
                asked = _gathered(every, field)
                if field == "position" or _is_asked(asked):
                    self._note(entity, f"{field}: {_words(asked)}")
                    entity[field] = Flow(_numbers(asked, axes))
        if _is_asked(units):
            entity["units"] = Flow(_texts(units, axes, "s"))
        features = []
        for clause, scope in every:
            for one in clause.features or ():
                if one.only or not _needed(one):
                    continue
                inner_clause = one.data if one.data is not None else Clause()
                kind = "DataFrame" if inner_clause.columns or inner_clause.rows else "DataArray"
                target = next(iter(self._target(block, kind, inner_clause, scope, depth)))
                default = "indexed" if many else "untagged"
                link = text_for([(one.link_type, scope)], default)[0] if one.link_type else default
                features.append({"data": target, "link_type": link})
        if features:
            entity["features"] = [Flow(one) for one in features]

    # Metadata

    def _sections(self, clauses: dict[str, Clause], scope: Scope, into: Tree) -> None:
        for key, clause in clauses.items():
            for number in range(_needed(clause)):
                given = None if clause.select is not None else _numbered(key, scope, number)
                self._section(given, [(clause, scope)], into, 0, key)

    def _section(
        self, name: str | None, held: list[Held], into: Tree, depth: int, default: str
    ) -> str:
        text, every = self._typed("Section", held, f"{default}")
        given, name = name, _name(every, name, default)
        name = _free(name, into, given, every)
        section: Tree = into.setdefault(name, {})
        if not self._room(depth):
            return name
        self._told(section, held)
        section.setdefault("type", text)
        self._common(section, every, name)
        for field in ("repository", "reference"):
            asked = _gathered(every, field)
            if _is_asked(asked):
                section[field] = text_for(asked, f"{field} of {name}")[0]
        properties: Tree = section.setdefault("properties", {})
        for key, held_by in self._asked_properties(every):
            if key not in properties:
                self._property(properties, key, held_by)
        if not properties:
            del section["properties"]
        for clause, scope in every:
            inner: Tree = section.get("sections", {})
            for key, one in clause.sections.items():
                for number in range(_needed(one)):
                    given = None if one.select is not None else _numbered(key, scope, number)
                    self._section(given, [(one, scope)], inner, depth + 1, key)
            if inner:
                section["sections"] = inner
        return name

    def _asked_properties(self, every: Sequence[Held]) -> Iterator[tuple[str, list[Held]]]:
        found: dict[str, list[Held]] = {}
        for clause, scope in every:
            for key, one in clause.properties.items():
                if one.presence == "forbidden" or one.select is not None:
                    continue
                name = expanded(key, scope)
                found.setdefault(name, []).append((one, scope))
        for name, held in found.items():
            if any(_needed(one) for one, _ in held):
                yield name, held

    def _property(self, into: Tree, name: str, held: Sequence[Held]) -> None:
        every = self._clauses(held)
        asked = _gathered(every, "values")
        dtype = text_for(_gathered(every, "dtype"), "")[0]
        told: Tree = {}
        units = _gathered(every, "unit")
        unit = text_for(units, "s")[0] if _is_asked(units) else None
        lengths = [one.length for one, _ in every if one.length is not None]
        lengths += [one.length for one, _ in flattened(asked) if one.length is not None]
        count = 1
        for length in lengths:
            scope = every[0][1]
            if length.blank is not None:
                count = size_for([(Constraint(fits=[length.blank]), scope)], 1)
            else:
                count = max(count, length.least)
                count = min(count, length.most) if length.most is not None else count
        value, invented = _property_value(asked, dtype, unit, name)
        if invented:
            self._note(into, f"{name}: {_words(asked, dtype or 'any value')}")
        short = _ODML.get(dtype, dtype)
        values = [value] * count
        if isinstance(value, int | float) and not isinstance(value, bool) and count > 1:
            values = [type(value)(one) for one in _numbers(asked, count)]
        if unit is None and not _needs_dtype(short, value) and count == 1:
            into[name] = value
            return
        if count == 1:
            told["value"] = value
        else:
            told["values"] = values
        if unit is not None:
            told["unit"] = unit
        if _needs_dtype(short, value):
            told["dtype"] = short
        for field in ("uncertainty",):
            more = _gathered(every, field)
            if _is_asked(more):
                told[field] = number_for(more, unit)[0]
        for field in ("definition", "reference", "dependency", "dependency_value", "value_origin"):
            more = _gathered(every, field)
            if _is_asked(more):
                told[field] = text_for(more, f"{field} of {name}")[0]
        into[name] = Flow(told)

    def _metadata(self, entity: Tree, every: Sequence[Held], name: str) -> None:
        """The section that an entity links to, by what its clauses say."""
        held = [(c.metadata, s) for c, s in every if c.metadata is not None]
        wanted = [one for one in held if _needed(one[0])]
        if not wanted:
            return
        filled = [s[word_of(c.blank)] for c, s in wanted if c.blank and word_of(c.blank) in s]
        path: tuple[str, ...] | None = None
        if filled and isinstance(filled[0], dict):
            path = filled[0]["path"]
        if path is None:
            path = self._section_for([one for one in wanted if one[0].blank is None], name)
        for clause, scope in wanted:
            if clause.blank is not None:
                scope.setdefault(word_of(clause.blank), {"path": path})
        entity["metadata"] = "/" + "/".join(path)

    def _section_for(self, held: list[Held], default: str) -> tuple[str, ...]:
        """A section that fulfils clauses, in the section that they name as its parent."""
        above: tuple[str, ...] = ()
        into = self.metadata
        parents = [(c.parent, s) for c, s in self._clauses(held) if c.parent is not None]
        for clause, scope in parents[:1]:
            filled = scope.get(word_of(clause.blank)) if clause.blank else None
            if isinstance(filled, dict):
                above = filled["path"]
            else:
                above = (self._section(None, [(clause, scope)], self.metadata, 0, "parent"),)
                if clause.blank:
                    scope[word_of(clause.blank)] = {"path": above}
            for step in above:
                into = into[step].setdefault("sections", {}) if step == above[-1] else (
                    into[step]["sections"]
                )  # fmt: skip
        paths = _gathered(self._clauses(held), "path")
        name = None
        if paths:
            text = text_for(paths, f"/{default}")[0]
            name = text.rpartition("/")[2]
        return (*above, self._section(name, held, into, len(above), default))

    # Data

    def _array(self, block: Tree, entity: Tree, every: Sequence[Held], name: str) -> None:
        units = _gathered(every, "unit")
        unit = text_for(units, "s")[0] if _is_asked(units) else None
        if unit is not None:
            entity["unit"] = unit
        labels = _gathered(every, "label")
        if _is_asked(labels):
            entity["label"] = text_for(labels, name)[0]
        dimensions = [(c.dimensions, s) for c, s in every if c.dimensions is not None]
        shape = _shape(every, dimensions, block)
        dtype = _dtype(_gathered(every, "dtype"), _gathered(every, "values"))
        data = _data(shape, dtype, _gathered(every, "values"), unit, block)
        if all(shape) and shape:
            inline = data if dtype in ("int64", "float64", "string", "bool") else {
                "values": data, "dtype": dtype,
            }  # fmt: skip
        else:
            inline = {"dtype": dtype, "shape": shape, "fill": "" if dtype == "string" else 0}
        if dtype == "float64" and isinstance(inline, list):
            inline = {"values": data, "dtype": dtype}
        self._note(entity, f"data: {_words(_gathered(every, 'values'))}")
        entity["data"] = Flow(inline)
        for field in ("polynom_coefficients",):
            asked = _gathered(every, field)
            if _is_asked(asked):
                entity[field] = Flow(_numbers(asked, 2))
        asked = _gathered(every, "expansion_origin")
        if _is_asked(asked):
            entity["expansion_origin"] = number_for(asked, None)[0]
        if any(one == "forbidden" for one, _ in dimensions):
            return
        described = [
            Flow(self._dimension(axis, size, dimensions, block, name, unit))
            for axis, size in enumerate(shape)
        ]
        intervals = [
            (one.sampling_interval, scope)
            for listed, scope in dimensions if isinstance(listed, list)
            for one in listed if one.sampling_interval is not None
        ]  # fmt: skip
        if any("sampling_interval" in one.value for one in described):
            self._note(entity, f"sampling_interval: {_words(intervals)}")
        if described:
            entity["dimensions"] = described

    def _dimension(
        self,
        axis: int,
        size: int,
        dimensions: Sequence[tuple[Any, Scope]],
        block: Tree,
        name: str,
        unit: str | None,
    ) -> Tree:
        held: list[tuple[DimensionClause, Scope]] = []
        for one, scope in dimensions:
            if isinstance(one, list) and axis < len(one) and one[axis].presence != "forbidden":
                clause = one[axis]
                held.append((clause, scope))
                held += [(each, scope) for each in clause.any_of[:1]]

        def asked(field: str) -> list[Asked]:
            return [(c, s) for one, s in held if (c := getattr(one, field)) is not None]

        default = "set"
        if asked("sampling_interval"):
            default = "sampled"
        elif asked("link") or asked("ticks"):
            default = "range"
        kind = text_for(asked("type"), default)[0]
        found: Tree = {"type": kind}
        if _is_asked(asked("unit")) and kind in ("sampled", "range") and not asked("link"):
            found["unit"] = text_for(asked("unit"), "s")[0]
        if _is_asked(asked("label")) and not asked("link"):
            found["label"] = text_for(asked("label"), "axis")[0]
        where = found.get("unit")
        if kind == "sampled":
            found["sampling_interval"] = number_for(asked("sampling_interval"), where)[0]
            if _is_asked(asked("offset")):
                found["offset"] = number_for(asked("offset"), where, default=0)[0]
        elif kind == "range":
            links = asked("link")
            if links:
                target = text_for(links, "self")[0]
                found["link"] = name if target == "self" else target
            else:
                found["ticks"] = [float(one) for one in range(size)]
        elif kind == "set" and _is_asked(asked("labels")):
            found["labels"] = _texts(asked("labels"), size, "")
        return found

    def _frame(self, entity: Tree, every: Sequence[Held]) -> None:
        rows = max(
            1, *(size_for([(c.rows, s)], _SIZE) for c, s in every if c.rows is not None), _SIZE
        )
        if any(c.rows is not None for c, _ in every):
            rows = size_for(_gathered(every, "rows"), _SIZE)
        columns: Tree = {}
        for clause, scope in every:
            for key, one in clause.columns.items():
                if not _needed(one) or one.select is not None:
                    continue
                held = self._clauses([(one, scope)])
                dtype = _dtype(_gathered(held, "dtype"), _gathered(held, "values"))
                asked = _gathered(held, "unit")
                told: Tree = {"dtype": dtype}
                unit = None
                if _is_asked(asked):
                    unit = told["unit"] = text_for(asked, "s")[0]
                told["values"] = _data([rows], dtype, _gathered(held, "values"), unit, {})
                columns.setdefault(_numbered(key, scope, 0) or key, Flow(told))
        self._note(entity, "columns: values as the rows have them")
        entity["columns"] = columns or {
            "value": Flow({"dtype": "float64", "values": [float(one) for one in range(rows)]})
        }


# What is asked for


def _words(asked: Iterable[Asked], otherwise: str = "any values") -> str:
    """What constraints ask for, for a comment above a placeholder."""
    told = dict.fromkeys(constraint_words(one) for one, _ in asked)
    return "; ".join(one for one in told if one not in ("", "any")) or otherwise


def _gathered(every: Iterable[Held], field: str) -> list[Asked]:
    return [
        (one, scope)
        for clause, scope in every
        if isinstance(one := getattr(clause, field), Constraint) and one.presence != "forbidden"
    ]


def _is_asked(asked: Iterable[Asked]) -> bool:
    return any(one.presence == "required" for one, _ in asked)


def _needed(clause: Clause) -> int:
    """How many entities a clause requires."""
    if clause.presence != "required":
        return 0
    count: Count | None = clause.count
    return 1 if count is None else 1 if count.blank is not None else min(count.least, 100)


def _numbered(key: str, scope: Scope, number: int, clause: Clause | None = None) -> str | None:
    """A name for a key; for several of one pattern each another."""
    if clause is not None and clause.select is not None:
        return None
    text = expanded(key, dict(scope) if number else scope) if BLANK.search(key) else key
    if "*" in key or "?" in key:
        mark = "abcdefghij"[number % 10] if "?" in key and "*" not in key else str(number + 1)
        return text.replace("*", mark).replace("?", mark) if not BLANK.search(key) else text
    return text


def _name(every: Sequence[Held], given: str | None, default: str) -> str:
    """The name of an entity: as its key says, or its clauses; their blanks are filled."""
    asked = _gathered(every, "name")
    if given is not None:
        asked = [(Constraint.model_construct(fits=[given]), {}), *asked]
    default = default if is_plain(default) else expanded(default, {})
    return text_for(asked, (given or default).replace("/", "-") or "unnamed")[0]


def _free(name: str, members: Tree, given: str | None, every: Sequence[Held]) -> str:
    """A name that nothing has yet, unless somebody asks for the name."""
    if given is not None or name not in members or _is_asked(_gathered(every, "name")):
        return name
    return next(one for n in range(2, len(members) + 3) if (one := f"{name} {n}") not in members)


def _is_so(clause: Clause, name: str, type_: str, scope: Scope) -> bool:
    """Whether an entity that is there is one that a clause is about."""
    for constraint, text in ((clause.name, name), (clause.type, type_)):
        if constraint is None:
            continue
        leaves = [str(leaf) for leaf in leaves_of(constraint)]
        if leaves and not any(
            leaf == text
            or (not is_plain(leaf) and could_be(text, leaf) and unify(leaf, text, scope))
            for leaf in leaves
        ):
            return False
    return True


def _needs_dtype(dtype: str, value: Any) -> bool:
    if not dtype or dtype.endswith("*"):
        return False
    plain = {bool: "boolean", int: "int", float: "float", str: "string"}[type(value)]
    return dtype != plain


def _property_value(
    asked: Sequence[Asked], dtype: str, unit: str | None, name: str
) -> tuple[Any, bool]:
    every = flattened(asked)
    fixed = [leaf for one, _ in every for leaf in leaves_of(one) if not isinstance(leaf, str)]
    ranged = any(
        getattr(one, word) is not None
        for one, _ in every for word in ("min", "max", "above", "below")
    )  # fmt: skip
    filled = [
        s[word_of(leaf)] for one, s in every for leaf in leaves_of(one)
        if isinstance(leaf, str) and is_blank(leaf) and word_of(leaf) in s
    ]  # fmt: skip
    if dtype in ("boolean", "bool") or (fixed and isinstance(fixed[0], bool)):
        return (fixed[0], False) if fixed else (True, True)
    if dtype in ("integer", "int"):
        return number_for(asked, unit, whole=True)
    numeric = dtype in ("float", "number") or ranged or bool(fixed)
    if numeric or (filled and isinstance(filled[0], tuple)) or (unit is not None and not dtype):
        value, invented = number_for(asked, unit)
        return (float(value) if dtype == "float" else value), invented
    return text_for(asked, _TEXTS.get(dtype, f"a {name}"))


def _dtype(asked: Sequence[Asked], values: Sequence[Asked]) -> str:
    text = text_for(asked, "")[0]
    if not text:
        leaves = [leaf for one, _ in flattened(values) for leaf in leaves_of(one)]
        if leaves and all(isinstance(one, str) and is_plain(one) for one in leaves):
            return "string"
        lookups = any(one.names_of or one.ids_of for one, _ in values)
        return "string" if lookups else "int64" if any(one.column_of for one, _ in values) else (
            "float64"
        )  # fmt: skip
    return _DTYPES.get(text, text)


def _shape(
    every: Sequence[Held], dimensions: Sequence[tuple[Any, Scope]], block: Tree
) -> list[int]:
    """Extents of the axes, by shapes, ranks and dimensions."""
    shapes = [
        (items, scope)
        for one, scope in flattened(_gathered(every, "shape"))
        if (items := one.items) is not None
    ]
    axes = max((len(one) for one, _ in shapes), default=0)
    if not axes:
        ranks = _gathered(every, "rank")
        axes = size_for(ranks, 1) if ranks else 0
    if not axes:
        axes = max(
            (
                sum(one.presence == "required" for one in listed)
                for listed, _ in dimensions if isinstance(listed, list)
            ),
            default=0,
        ) or 1  # fmt: skip
    found = []
    for axis in range(axes):
        size = _SIZE
        for listed, scope in dimensions:
            if not isinstance(listed, list) or axis >= len(listed):
                continue
            clause = listed[axis]
            labels = clause.labels
            if labels is not None and labels.items is not None:
                size = len(labels.items)
            for leaf in leaves_of(labels) if labels is not None else ():
                filled = scope.get(word_of(str(leaf)))
                size = len(filled) if isinstance(filled, list) else size
            if labels is not None and labels.length is not None and labels.length.blank:
                blank = Constraint(fits=[labels.length.blank])
                size = size_for([(blank, scope)], size)
            link = clause.link
            for leaf in leaves_of(link) if link is not None else ():
                other = block.get("data_arrays", {}).get(str(leaf), {}).get("data")
                if isinstance(other, Flow):
                    values = other.value
                    values = values.get("values") if isinstance(values, dict) else values
                    size = len(values) if isinstance(values, list) else size
        asked = [(items[axis], scope) for items, scope in shapes if axis < len(items)]
        found.append(size_for(asked, size))
    return found


def _texts(asked: Sequence[Asked], count: int, default: str) -> list[str]:
    """Texts of a list: item by item, or all alike."""
    every = flattened(asked)
    for one, scope in every:
        if one.items is not None:
            return [text_for([(each, scope)], default or "x")[0] for each in one.items]
    for one, scope in every:
        for leaf in leaves_of(one):
            if isinstance(leaf, str) and is_blank(leaf):
                filled = scope.get(word_of(leaf))
                if isinstance(filled, list):
                    return list(filled)
                made = [default or f"label {number + 1}" for number in range(count)]
                scope[word_of(leaf)] = made
                return made
    if default:
        return [text_for(asked, default)[0]] * count
    return [text_for(asked, f"label {number + 1}")[0] for number in range(count)]


def _numbers(asked: Sequence[Asked], count: int) -> list[Any]:
    every = flattened(asked)
    for one, scope in every:
        if one.items is not None:
            return [number_for([(each, scope)], None)[0] for each in one.items]
        if one.length is not None and one.length.blank is None:
            count = max(one.length.least, 1)
            if one.length.most is not None:
                count = min(count, one.length.most) or count
    return [number_for(asked, None)[0]] * count


def _data(
    shape: Sequence[int], dtype: str, asked: Sequence[Asked], unit: str | None, block: Tree
) -> Any:
    """Values of an array, as nested lists."""
    every = flattened(asked)
    length = 1
    for one in shape:
        length *= one
    if length > 10_000:
        length = 0
    if dtype in ("string", "str", "object"):
        texts = [text_for(asked, f"text {number + 1}")[0] for number in range(length)]
        return _nested(texts, shape)
    if dtype == "bool":
        return _nested([True] * length, shape)
    whole = "int" in dtype
    of = next((one.column_of for one, _ in every if one.column_of is not None), None)
    if of is not None:
        frame = block.get("data_frames", {}).get(of.data_frame, {})
        column = frame.get("columns", {}).get(of.column) if frame else None
        known = column.value["values"] if isinstance(column, Flow) else [0]
        return _nested([known[0]] * length, shape)
    first = number_for(asked, unit, whole=whole, default=0)[0]
    second = number_for(asked, unit, whole=whole, default=1 if whole else 0.5)[0]
    moves = any(one.ascending or one.unique for one, _ in every)
    step = 0 if first == second else (second - first)
    if moves and length > 1:
        step = step / (length - 1) if not whole else max(1, int(step))
        values = [first + number * step for number in range(length)]
    else:
        values = [second if number % 2 else first for number in range(length)]
    return _nested(values if whole else [float(one) for one in values], shape)


def _nested(values: list[Any], shape: Sequence[int]) -> Any:
    for size in reversed(shape[1:]):
        if not size:
            return []
        values = [values[at : at + size] for at in range(0, len(values), size)]
    return values
