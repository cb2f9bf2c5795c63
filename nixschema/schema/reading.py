"""From the nodes of a schema to the models of the language: every short form becomes a long one.

The keyword decides what stands at it, not the look of what is written. Texts are read so, and
schemas made in Python (`nixschema.schema.given`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from nixschema.findings import Level
from nixschema.model.refusal import did_you_mean
from nixschema.schema.blanks import is_blank, wrong_blank
from nixschema.schema.expressions import wrong_expression
from nixschema.schema.keywords import KINDS, LISTS, WORDS, Form, Keyword, keywords_of
from nixschema.schema.language import (
    Clause,
    ColumnOf,
    Constraint,
    Count,
    DimensionClause,
    Example,
    Examples,
    Override,
    Place,
    Said,
    Schema,
    Together,
    Tree,
    When,
)
from nixschema.schema.leaves import (
    DIMENSION_TYPES,
    Wrong,
    count_of,
    leaf_of,
    quantity_of,
    wrong_unit,
)
from nixschema.schema.misspelt import Meant, what_is_meant
from nixschema.schema.problems import Problems, shown
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence
from nixschema.text.scalars import Reason, boolean_of, core_value, doubt_of

PRESENCES = ("required", "optional", "forbidden")
"""The three words that stand for a whole constraint or clause."""

ANYTHING = "any"
"""What fits everything, and fills nothing."""

_ITEMS = {"texts": "text", "numbers": "number", "sizes": "size"}
_TEXTS = frozenset(("text", "dtype", "odml_type", "link_type", "dimension_type"))
_OF_NUMBERS = ("min", "max", "above", "below", "finite", "ascending")
_OF_VALUES = ("ids_of", "names_of", "column_of", "or", "finite", "ascending", "unique")

M = TypeVar("M", bound=Said)


class Made(Scalar):
    """A part that is a model already, in a schema made in Python."""

    __slots__ = ("made",)

    def __init__(self, made: Any) -> None:
        super().__init__(f"{type(made).__name__}", True, 0, 1)
        self.made = made


class _Missing:
    """Nothing could be read."""


MISSING: Any = _Missing()


class Reading:
    """Reads the parts of one schema; what is wrong goes to its problems."""

    def __init__(self, problems: Problems, schema: str = "", file: str | None = None) -> None:
        self.problems = problems
        self.schema = schema
        self.file = file

    # The whole

    def schema_of(self, node: Mapping) -> Schema | None:
        """The schema that a mapping says."""
        told = node.items.get("schema")
        self.schema = told.text if isinstance(told, Scalar) else ""
        return self.mapping(Schema, "Schema", node, "", same="File")

    def mapping(
        self,
        model: type[M],
        kind: str,
        node: Mapping,
        at: str,
        *,
        same: str,
        listed: bool = False,
        key: Node | None = None,
    ) -> M:
        """A model of the keywords in a mapping.

        Args:
            model: its class.
            kind: the kind of thing, whose keywords there are.
            node: the mapping.
            at: path of the mapping.
            same: what `any_of` and the like are about: a kind of entity, or a type of value.
            listed: whether it is an entity in a list of links.
            key: where the whole stands, where that is not the mapping.
        """
        known = keywords_of(kind, listed=listed)
        values: dict[str, Any] = {}
        places = {"": self.place(key or node)}
        for name, item in node.items.items():
            word = known.get(name)
            here = f"{at}/{name}"
            if word is None:
                self.unknown(kind, name, node, here, known)
                continue
            if isinstance(item, Scalar) and item.is_null and word.form not in _MAY_BE_NULL:
                if not isinstance(item, Made) and item.line:
                    message = f"`{name}` has no value"
                    help = _for_null(word)
                    self.tell("NIX062", message, node.keys[name], here, help)
                continue
            places[name] = places.setdefault(word.field, self.place(node.keys[name]))
            value = _READERS[word.form](self, word, item, here, same)
            if value is MISSING:
                continue
            if word.form is Form.TEXTS and isinstance(item, Sequence):
                for number, one in enumerate(item.items):
                    places[f"{word.field}/{number}"] = self.place(one)
            elif word.form is Form.ACCEPT and isinstance(item, Mapping):
                for rule, written in item.keys.items():
                    places[f"{word.field}/{rule}"] = self.place(written)
            if word.form is Form.PRESENCE:
                if "presence" in values and values["presence"] != value:
                    message = f"`{name}` contradicts `{values['presence']}`"
                    self.tell("NIX066", message, node.keys[name], here)
                values["presence"] = value
            elif word.field.startswith("members."):
                values.setdefault("members", {})[name] = value
            else:
                values[word.field] = value
        return made(model, values, places)

    # Entities

    def clause(
        self,
        kind: str,
        node: Node,
        at: str,
        *,
        listed: bool = False,
        linked: bool = False,
        key: Node | None = None,
    ) -> Clause | Any:
        """What an entity must be.

        Args:
            kind: its kind.
            node: a mapping, or a short form.
            at: path.
            listed: whether it is in a list of links.
            linked: whether it is linked to, so that its name may stand for it.
            key: where the whole stands.
        """
        if isinstance(node, Made) and isinstance(node.made, Clause):
            return node.made
        whole = {"": self.place(key or node)}
        if isinstance(node, Mapping):
            return self._clause_of_mapping(kind, node, at, listed=listed, key=key)
        if isinstance(node, Sequence):
            if kind == "Property":
                return self._of_values(node, at, whole)
            message = f"a list; expected a mapping of what {WORDS[kind]} must be"
            self.tell("NIX062", message, node, at)
            return MISSING
        text = node.text
        if node.is_null or (text == ANYTHING and kind != "Column"):
            return made(Clause, {}, whole)
        if text in PRESENCES:
            return made(Clause, {"presence": text}, whole)
        if kind == "Property":
            return self._of_values(node, at, whole)
        if is_blank(text) and kind != "Column":
            return made(Clause, {"blank": text}, whole)
        if listed or linked:
            return self._named(kind, node, at, whole)
        name = _end(at)
        message = f"`{name}` is `{shown(text)}`; expected a mapping of what {WORDS[kind]} must be"
        help = f"write `{name}: {{{_usual(kind)}: {shown(text)}}}`" if text else None
        self.tell("NIX062", message, node, at, help)
        return MISSING

    def _named(self, kind: str, node: Scalar, at: str, whole: dict[str, Place]) -> Clause | Any:
        """An entity by its name alone, or a section by its path."""
        leaf = self.leaf(node, "text", at, "name")
        if leaf is MISSING:
            return MISSING
        constraint = made(Constraint, {"fits": [leaf]}, whole)
        if kind == "Feature":
            return made(Clause, {"data": made(Clause, {"name": constraint}, whole)}, whole)
        field = "path" if kind == "Section" and node.text.startswith("/") else "name"
        return made(Clause, {field: constraint}, whole)

    def _clause_of_mapping(
        self, kind: str, node: Mapping, at: str, *, listed: bool, key: Node | None
    ) -> Clause | Any:
        said = node.items.get("is")
        if isinstance(said, Scalar) and said.text in KINDS.split("|"):
            allowed = {"Entity": KINDS.split("|"), "Data": ["DataArray", "DataFrame"]}
            if said.text not in allowed.get(kind, [kind]):
                message = f"`is` is `{said.text}`, where {WORDS[kind]} is"
                self.tell("NIX066", message, said, f"{at}/is", "take it away")
            else:
                kind = said.text
        if kind not in ("Property", "Column"):
            return self.mapping(Clause, kind, node, at, same=kind, listed=listed, key=key)
        mine = keywords_of(kind)
        rest = {
            name: one
            for name, one in node.items.items()
            if name not in mine and name in keywords_of("Constraint")
        }
        if not rest:
            return self.mapping(Clause, kind, node, at, same=kind, listed=listed, key=key)
        own = {name: one for name, one in node.items.items() if name not in rest}
        part = Mapping(own, node.keys, node.line, node.column)
        clause = self.mapping(Clause, kind, part, at, same=kind, listed=listed, key=key)
        if "values" in own:
            first = next(iter(rest))
            message = f"`{first}` stands beside `values`"
            here = f"{at}/{first}"
            self.tell("NIX062", message, node.keys[first], here, f"put `{first}` into `values`")
            return clause
        part = Mapping(rest, node.keys, node.line, node.column)
        clause.values = self.mapping(Constraint, "Constraint", part, at, same="value", key=key)
        clause._places["values"] = clause._places[""]
        return clause

    def _of_values(self, node: Node, at: str, whole: dict[str, Place]) -> Clause | Any:
        """A property by a constraint on its values alone."""
        constraint = self.constraint("value", node, at)
        if constraint is MISSING:
            return MISSING
        return made(Clause, {"values": constraint}, {**whole, "values": whole[""]})

    def clauses(self, kind: str, node: Node, at: str) -> list[Clause] | Any:
        """A list of links: one clause for each item, or one."""
        if isinstance(node, Mapping) and node.items:
            known = keywords_of(kind, listed=True)
            if not any(name in known for name in node.items):
                name = _end(at)
                message = f"`{name}` is a mapping of names; expected a list of links"
                first = shown(next(iter(node.items)))
                self.tell("NIX062", message, node, at, f"write `{name}: [{{name: {first}, …}}]`")
                return MISSING
        if not isinstance(node, Sequence):
            one = self.clause(kind, node, at, listed=True)
            return MISSING if one is MISSING else [one]
        if not node.items:
            message = f"`{_end(at)}` is an empty list"
            help = f"write `{_end(at)}: forbidden` where nothing may be listed"
            self.tell("NIX062", message, node, at, help)
            return MISSING
        read = [
            self.clause(kind, item, f"{at}/{number}", listed=True)
            for number, item in enumerate(node.items, 1)
        ]
        return [one for one in read if one is not MISSING]

    def container(self, kind: str, node: Node, at: str) -> dict[str, Clause] | Any:
        """Entities by their names, or a word about all of them."""
        name = _end(at)
        if isinstance(node, Scalar) and node.text in PRESENCES and name != "types":
            every = self.clause(kind, node, f"{at}/*", key=node)
            return {} if node.text == "optional" else {"*": every}
        if not isinstance(node, Mapping):
            one = "type" if name == "types" else "name"
            help = f"write each below its {one}: `{name}: {{{_example(name)}: …}}`"
            message = f"`{name}` is {_called(node)}; expected a mapping of {one}s"
            self.tell("NIX062", message, node, at, help)
            return MISSING
        found: dict[str, Clause] = {}
        for name, item in node.items.items():
            here = f"{at}/{name}"
            key = node.keys[name]
            if not name:
                self.tell("NIX062", "an empty text is no name", key, here)
                continue
            if wrong := wrong_blank(name):
                self.tell("NIX063", wrong, key, here)
            clause = self.clause(kind, item, here, key=key)
            if clause is not MISSING:
                found[name] = clause
        return found

    def dimensions(self, node: Node, at: str) -> Any:
        """Dimensions, one for each axis, or one of the three words."""
        if isinstance(node, Scalar) and node.text in PRESENCES:
            return node.text
        items = node.items if isinstance(node, Sequence) else [node]
        read = [self.dimension(one, f"{at}/{number}") for number, one in enumerate(items, 1)]
        if not items:
            help = "write `dimensions: forbidden` where there must be none"
            self.tell("NIX062", "`dimensions` is an empty list", node, at, help)
        return [one for one in read if one is not MISSING] or MISSING

    def dimension(self, node: Node, at: str) -> DimensionClause | Any:
        """What a dimension must be."""
        if isinstance(node, Made) and isinstance(node.made, DimensionClause):
            return node.made
        whole = {"": self.place(node)}
        if isinstance(node, Mapping):
            return self.mapping(DimensionClause, "Dimension", node, at, same="Dimension")
        if isinstance(node, Scalar):
            if node.text in (ANYTHING, "required"):
                return made(DimensionClause, {}, whole)
            if node.text in PRESENCES:
                return made(DimensionClause, {"presence": node.text}, whole)
            if node.text in DIMENSION_TYPES:
                kind = made(Constraint, {"fits": [node.text]}, whole)
                return made(DimensionClause, {"type": kind}, whole)
        told = f"`{shown(node.text)}`" if isinstance(node, Scalar) else _called(node)
        meant = did_you_mean(node.text, DIMENSION_TYPES) if isinstance(node, Scalar) else ""
        message = f"a dimension is {told}" + (
            meant or f"; expected a mapping, or one of {', '.join(DIMENSION_TYPES)}"
        )
        help = "write `{type: …}`" if isinstance(node, Scalar) else None
        self.tell("NIX062", message, node, at, help)
        return MISSING

    # Values

    def constraint(self, value: str, node: Node, at: str) -> Constraint | Any:
        """What a value of a type must be."""
        if isinstance(node, Made) and isinstance(node.made, Constraint):
            return node.made
        whole = {"": self.place(node)}
        name = _end(at)
        if isinstance(node, Mapping):
            found = self.mapping(Constraint, "Constraint", node, at, same=value)
            self._fitting_words(value, node, at)
            return found
        if isinstance(node, Scalar):
            if node.is_null:
                help = f"write `{name}: required` where it must be there"
                self.tell("NIX062", f"`{name}` has no value", node, at, help)
                return MISSING
            if node.text in PRESENCES or node.text == ANYTHING:
                word = "required" if node.text == ANYTHING else node.text
                return made(Constraint, {} if word == "required" else {"presence": word}, whole)
            if value in ("count", "size") and ".." in node.text:
                return self._rows(node, at, whole)
            if value in LISTS and not is_blank(node.text):
                node = Sequence([node], node.line, node.column)
            else:
                leaf = self.leaf(node, _ITEMS.get(value, value), at, name)
                return MISSING if leaf is MISSING else made(Constraint, {"fits": [leaf]}, whole)
        if not node.items:
            help = f"write `{name}: forbidden` where there must be none"
            self.tell("NIX062", f"`{name}` is an empty list", node, at, help)
            return MISSING
        if value in LISTS:
            items = self._items(node, value, at)
            return made(Constraint, {"items": items}, whole)
        leaves = self._leaves(node, value, at, name)
        return made(Constraint, {"fits": leaves}, whole) if leaves else MISSING

    def _items(self, node: Sequence, value: str, at: str) -> list[Constraint]:
        each = [
            self.constraint(_ITEMS.get(value, value), one, f"{at}/{number}")
            for number, one in enumerate(node.items, 1)
        ]
        # The place of one that cannot be read counts as well.
        return [made(Constraint, {}, {}) if one is MISSING else one for one in each]

    def _leaves(self, node: Sequence, value: str, at: str, name: str) -> list[Any]:
        found = []
        for number, item in enumerate(node.items, 1):
            here = f"{at}/{number}"
            if isinstance(item, Scalar):
                if item.is_null:
                    self.tell("NIX062", f"an item of `{name}` has no value", item, here)
                else:
                    found.append(self.leaf(item, value, here, name))
            else:
                message = f"an item of `{name}` is {_called(item)}; expected a single value"
                help = "alternatives that are more than values stand in `any_of`"
                self.tell("NIX062", message, item, here, help)
        return [one for one in found if one is not MISSING]

    def _rows(self, node: Scalar, at: str, whole: dict[str, Place]) -> Constraint | Any:
        count = self._checked(count_of(node, _end(at)), node, at)
        if count is MISSING:
            return MISSING
        limits = {"min": count.least} | ({} if count.most is None else {"max": count.most})
        return made(Constraint, limits, whole)

    def _fitting_words(self, value: str, node: Mapping, at: str) -> None:
        """Say which words mean nothing for values of the type."""
        unfit: tuple[str, ...] = ()
        if value in _TEXTS:
            unfit = (*_OF_NUMBERS, *(_OF_VALUES if value != "text" else ()))
        elif value in ("number", "size", "count"):
            unfit = ("like", "pattern", "finite", "ascending", "unique", "items")
        for name in node.items:
            if name in unfit:
                what = "a text" if value in _TEXTS else "a number"
                message = f"`{name}` says nothing about `{_end(at)}`, which is {what}"
                self.tell("NIX062", message, node.keys[name], f"{at}/{name}")

    def leaf(self, node: Scalar, value: str, at: str, name: str) -> Any:
        """A single value of a type."""
        read = self._checked(leaf_of(node, _ITEMS.get(value, value), name), node, at)
        if value == "value" and node.line and (doubt := doubt_of(node)):
            self.tell("NIX062", doubt.message, node, at, "put a text between quotes")
        return read

    def _checked(self, read: Any, node: Node, at: str) -> Any:
        if isinstance(read, Wrong):
            self.tell(read.rule, read.message, node, at, read.help)
            return MISSING
        return read

    # What is wrong

    def place(self, node: Node) -> Place:
        """Where a node stands."""
        return Place(self.schema, self.file, node.line, node.column)

    def tell(self, rule: str, message: str, node: Node, at: str, help: str | None = None) -> None:
        """Add a problem."""
        self.problems.tell(rule, message, help, node.line, node.column, at)

    def unknown(
        self, kind: str, name: str, node: Mapping, at: str, known: dict[str, Keyword]
    ) -> None:
        """Say that there is no such keyword."""
        if not self.problems.full:
            meant: Meant = what_is_meant(kind, name, node, known)
            self.tell("NIX061", meant.message, node.keys[name], at, meant.help)

    def expect_mapping(self, node: Node, at: str, example: str) -> bool:
        """Whether a node is a mapping; told where it is not."""
        if isinstance(node, Mapping):
            return True
        message = f"`{_end(at)}` is {_called(node)}; expected a mapping"
        self.tell("NIX062", message, node, at, f"such as `{example}`")
        return False

    def text(self, node: Node, at: str) -> str | Any:
        """A text, whatever it looks like."""
        if isinstance(node, Scalar):
            return node.text
        self.tell("NIX062", f"`{_end(at)}` is {_called(node)}; expected a text", node, at)
        return MISSING


def made(model: type[M], values: dict[str, Any], places: dict[str, Place]) -> M:
    """A model of values that are known to be right."""
    found = model.model_construct(set(values), **values)
    found._places = places
    return found


# What stands at a keyword, by its form


def _text(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    return reading.text(node, at)


def _texts(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    items = node.items if isinstance(node, Sequence) else [node]
    found = [reading.text(one, at) for one in items]
    return [one for one in found if one is not MISSING]


def _word(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    known = word.about.split("|")
    if isinstance(node, Scalar) and node.text in known:
        return Level(node.text) if word.name == "level" else node.text
    told = f"`{shown(node.text)}`" if isinstance(node, Scalar) else _called(node)
    listed = ", ".join(f"`{one}`" for one in known)
    help = None
    if isinstance(node, Scalar):
        meant = _MEANT.get((word.name, node.text.lower()))
        lower = next((one for one in known if one.lower() == node.text.lower()), meant)
        help = f"write `{word.name}: {lower}`" if lower else None
    reading.tell("NIX062", f"`{word.name}` is {told}; expected {listed}", node, at, help)
    return MISSING


_MEANT = {
    ("level", "warn"): "warning",
    ("level", "critical"): "error",
    ("level", "fatal"): "error",
    ("level", "information"): "info",
    ("level", "hint"): "info",
    ("level", "must"): "error",
    ("level", "should"): "warning",
    ("additional", "false"): "forbid",
    ("additional", "true"): "allow",
    ("additional", "forbidden"): "forbid",
    ("additional", "error"): "forbid",
    ("additional", "warning"): "warn",
    ("additional", "allowed"): "allow",
    ("is", "array"): "DataArray",
    ("is", "data_array"): "DataArray",
    ("is", "data_frame"): "DataFrame",
    ("is", "frame"): "DataFrame",
    ("is", "multi_tag"): "MultiTag",
}


def _truth(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    read = boolean_of(node) if isinstance(node, Scalar) else Reason(_called(node))
    if isinstance(read, Reason):
        told = f"`{shown(node.text)}`" if isinstance(node, Scalar) else _called(node)
        message = f"`{word.name}` is {told}; expected `true` or `false`"
        reading.tell("NIX062", message, node, at, read.help)
        return MISSING
    return read


def _presence(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    said = _truth(reading, word, node, at, same)
    if said is MISSING:
        return MISSING
    if said:
        return word.name
    return {"optional": "required", "required": "optional"}.get(word.name, MISSING)


def _count(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if isinstance(node, Made) and isinstance(node.made, Count):
        return node.made
    if not isinstance(node, Scalar):
        message = f"`{word.name}` is {_called(node)}; expected a count: `1`, `1..`, `0..1`, `2..8`"
        reading.tell("NIX062", message, node, at, _count_of_list(node))
        return MISSING
    return reading._checked(count_of(node, word.name), node, at)


def _count_of_list(node: Node) -> str | None:
    """What to do about ``[1, 3]``, ``{min: 1}``."""
    if isinstance(node, Sequence):
        ends = [one.text for one in node.items if isinstance(one, Scalar) and one.text.isdecimal()]
        return f"write `{ends[0]}..{ends[1]}`" if len(ends) == len(node.items) == 2 else None
    if isinstance(node, Mapping) and node.items and set(node.items) <= {"min", "max"}:
        least, most = node.items.get("min"), node.items.get("max")
        begin = least.text if isinstance(least, Scalar) else "0"
        return f"write `{begin}..{most.text if isinstance(most, Scalar) else ''}`"
    return None


def _value_of(same: str) -> str:
    """The type of the leaves below a constraint."""
    return same if same in (*_TEXTS, "number", "size", "count", *LISTS) else "value"


def _leaf(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if isinstance(node, Scalar):
        return reading.leaf(node, _value_of(same), at, word.name)
    help = "several values stand in `one_of`" if isinstance(node, Sequence) else None
    message = f"`{word.name}` is {_called(node)}; expected a single value"
    reading.tell("NIX062", message, node, at, help)
    return MISSING


def _leaves(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if isinstance(node, Mapping):
        message = f"`{word.name}` is a mapping; expected a list of values"
        reading.tell("NIX062", message, node, at)
        return MISSING
    listed = node if isinstance(node, Sequence) else Sequence([node], node.line, node.column)
    if not listed.items:
        reading.tell("NIX066", f"`{word.name}` is an empty list, which nothing is in", node, at)
        return MISSING
    return reading._leaves(listed, _ITEMS.get(_value_of(same), _value_of(same)), at, word.name)


def _limit(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if not isinstance(node, Scalar):
        message = f"`{word.name}` is {_called(node)}; expected a number"
        reading.tell("NIX062", message, node, at)
        return MISSING
    return reading._checked(quantity_of(node, word.name), node, at)


def _unit(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    text = reading.text(node, at)
    if text is MISSING:
        return MISSING
    if not is_blank(text) and (wrong := wrong_unit(text, word.name)):
        return reading._checked(wrong, node, at)
    return text


def _pattern(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    text = reading.text(node, at)
    if text is not MISSING and (wrong := wrong_expression(text)):
        what, help = wrong
        reading.tell("NIX063", f"`{word.name}` is `{shown(text)}`: {what}", node, at, help)
        return MISSING
    return text


def _ascending(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if isinstance(node, Scalar) and node.text == "strictly":
        return "strictly"
    if isinstance(node, Scalar) and node.plain and node.text.lower() in ("true", "false"):
        return node.text.lower() == "true"
    told = f"`{shown(node.text)}`" if isinstance(node, Scalar) else _called(node)
    message = f"`ascending` is {told}; expected `true`, `false` or `strictly`"
    help = "write `strictly`" if "strict" in told else None
    reading.tell("NIX062", message, node, at, help)
    return MISSING


def _every(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if isinstance(node, Scalar) and node.plain and node.text in ("true", "false"):
        return node.text == "true"
    return reading.text(node, at)


def _blank(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    text = reading.text(node, at)
    if text is MISSING or is_blank(text):
        return text
    help = f"write `<{shown(text)}>`" if text.isidentifier() else None
    message = f"`{word.name}` is `{shown(text)}`; expected a blank, such as `<signal>`"
    reading.tell("NIX062", message, node, at, help)
    return MISSING


def _constraint(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    return reading.constraint(word.about, node, at)


def _same(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if same in WORDS and same != "Dimension":
        if not isinstance(node, Mapping | Made):
            what = "what the entity must be" if same != "File" else "parts of a file"
            told = f"`{word.name}` is {_called(node)}; expected a mapping of {what}"
            reading.tell("NIX062", told, node, at)
            return MISSING
        return reading.clause(same, node, at)
    if same == "Dimension":
        return reading.dimension(node, at)
    return reading.constraint(same, node, at)


def _sames(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if not isinstance(node, Sequence):
        message = f"`{word.name}` is {_called(node)}; expected a list"
        reading.tell("NIX062", message, node, at, f"write `{word.name}: [{{…}}, {{…}}]`")
        return MISSING
    if not node.items:
        reading.tell("NIX066", f"`{word.name}` is an empty list", node, at)
        return MISSING
    read = []
    for number, one in enumerate(node.items, 1):
        here = f"{at}/{number}"
        if same == "Property" and not isinstance(one, Mapping):
            read.append(reading.clause("Property", one, here))
        else:
            read.append(_same(reading, word, one, here, same))
    return [one for one in read if one is not MISSING]


def _items(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if not isinstance(node, Sequence):
        message = f"`{word.name}` is {_called(node)}; expected a list of constraints"
        reading.tell("NIX062", message, node, at)
        return MISSING
    return reading._items(node, _value_of(same), at)


def _clause(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    return reading.clause(word.about, node, at, linked=True, key=None)


def _clauses(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    return reading.clauses(word.about, node, at)


def _container(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if isinstance(node, Scalar) and node.is_null:
        return {}
    if same == "Entity" and isinstance(node, Sequence):
        # Of a clause that does not say its kind: a list can only be one of links.
        kind = "Source" if word.name == "sources" else word.about
        read = reading.clauses(kind, node, at)
        if word.name != "sources":
            message = f"`{word.name}` is a list, where a mapping of names is expected"
            reading.tell("NIX062", message, node, at, "say `is: Group` if it is a group")
            return MISSING
        return read
    return reading.container(word.about, node, at)


def _dimensions(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    return reading.dimensions(node, at)


def _conditions(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    items = node.items if isinstance(node, Sequence) else [node]
    found = []
    for number, one in enumerate(items, 1):
        here = f"{at}/{number}"
        if isinstance(one, Made) and isinstance(one.made, When):
            found.append(one.made)
            continue
        if not isinstance(one, Mapping):
            message = f"a condition is {_called(one)}; expected a mapping with `if` and `then`"
            reading.tell("NIX062", message, one, here)
            continue
        told = reading.mapping(When, "When", one, here, same=same)
        if "if" not in one.items:
            help = "write `if: {…}`, which decides"
            reading.tell("NIX062", "a condition has no `if`", one, here, help)
        elif "then" not in one.items and "else" not in one.items:
            help = "write `then: {…}`, which must hold where it does"
            reading.tell("NIX062", "a condition has neither `then` nor `else`", one, here, help)
        if "if_" in told.model_fields_set:
            found.append(told)
    return found


def _together(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if isinstance(node, Made) and isinstance(node.made, Together):
        return node.made
    if not reading.expect_mapping(node, at, "together: {by: <signal>, same: [unit, shape]}"):
        return MISSING
    assert isinstance(node, Mapping)
    found = reading.mapping(Together, "Together", node, at, same="Together")
    if "by" not in node.items:
        help = "name the blank whose filling they share: `by: <signal>`"
        reading.tell("NIX062", "`together` has no `by`", node, at, help)
    known = keywords_of("DataArray")
    for name in found.same:
        if name not in known or known[name].form not in _COMPARED:
            reading.tell(
                "NIX062",
                f"`{shown(name)}` at `same` is no field of a data array that is compared",
                node.items["same"],
                f"{at}/same",
                "there are " + ", ".join(_compared_fields()),
            )
    return found if "by" in found.model_fields_set else MISSING


_COMPARED = (Form.CONSTRAINT, Form.DIMENSIONS, Form.CLAUSE, Form.CLAUSES)


def _compared_fields() -> list[str]:
    return [one.name for one in keywords_of("DataArray").values() if one.form in _COMPARED]


def _accept(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if not isinstance(node, Mapping):
        message = f"`accept` is {_called(node)}; expected rules, each with a reason"
        name = "NIX201"
        first = node.items[0] if isinstance(node, Sequence) and node.items else node
        if isinstance(first, Scalar) and first.text:
            name = shown(first.text)
        reading.tell("NIX062", message, node, at, f'write `accept: {{{name}: "…"}}`')
        return MISSING
    found: dict[str, str] = {}
    for name, item in node.items.items():
        if isinstance(item, Scalar) and item.text.strip() and not item.is_null:
            found[name] = item.text
        else:
            message = f"`{shown(name)}` is accepted without a reason"
            here = f"{at}/{name}"
            reading.tell("NIX062", message, node.keys[name], here, "write why behind it")
    return found


def _override(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if isinstance(node, Made) and isinstance(node.made, Override):
        return node.made
    if not reading.expect_mapping(node, at, 'override: {unit: V, reason: "…"}'):
        return MISSING
    assert isinstance(node, Mapping)
    said = ("level", "message", "id", "reason")
    own = {name: one for name, one in node.items.items() if name in said}
    rest = {name: one for name, one in node.items.items() if name not in said}
    places = {"": reading.place(node)}
    values: dict[str, Any] = {}
    for name, one in own.items():
        places[name] = reading.place(node.keys[name])
        known = keywords_of("Constraint")[name]
        read = _READERS[known.form](reading, known, one, f"{at}/{name}", same)
        if read is not MISSING:
            values[name] = read
    if not values.get("reason", "").strip():
        help = 'say why: `reason: "…"`'
        reading.tell("NIX067", "an override has no `reason`", node, at, help)
        values.setdefault("reason", "")
    if not rest:
        reading.tell("NIX067", "an override replaces nothing", node, at, "write what it replaces")
        return MISSING
    part = Mapping(rest, node.keys, node.line, node.column)
    values["clause"] = reading.clause(same, part, at)
    return made(Override, values, places)


def _extra(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    example = "extra: {attributes: {name: required}}"
    if not reading.expect_mapping(node, at, example):
        return MISSING
    assert isinstance(node, Mapping)
    found: dict[str, Constraint] = {}
    for name, item in node.items.items():
        here = f"{at}/{name}"
        if name != "attributes":
            message = f"no keyword `{shown(name)}` in `extra`"
            reading.tell("NIX061", message, node.keys[name], here, f"write `{example}`")
        elif reading.expect_mapping(item, here, "attributes: {name: required}"):
            assert isinstance(item, Mapping)
            for one, value in item.items.items():
                read = reading.constraint("value", value, f"{here}/{one}")
                if read is not MISSING:
                    found[one] = read
    return found


def _member_of(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if not reading.expect_mapping(node, at, "member_of: {groups: [{type: neo.segment}]}"):
        return MISSING
    assert isinstance(node, Mapping)
    found: dict[str, list[Clause]] = {}
    for name, item in node.items.items():
        here = f"{at}/{name}"
        if name != "groups":
            message = f"no keyword `{shown(name)}` in `member_of`: entities are members of `groups`"
            reading.tell("NIX061", message, node.keys[name], here)
            continue
        read = reading.clauses("Group", item, here)
        if read is not MISSING:
            found[name] = read
    return found


def _column_of(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if isinstance(node, Made) and isinstance(node.made, ColumnOf):
        return node.made
    if not reading.expect_mapping(node, at, "column_of: {data_frame: track map, column: index}"):
        return MISSING
    assert isinstance(node, Mapping)
    found = reading.mapping(ColumnOf, "ColumnOf", node, at, same="ColumnOf")
    lacking = [one for one in ("data_frame", "column") if one not in found.model_fields_set]
    for name in lacking:
        if name not in node.items:
            reading.tell("NIX062", f"`column_of` has no `{name}`", node, at)
    return MISSING if lacking else found


def _namespaces(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if not reading.expect_mapping(node, at, "namespaces: {our: closed}"):
        return MISSING
    assert isinstance(node, Mapping)
    found: dict[str, str] = {}
    for name, item in node.items.items():
        read = _word(reading, Keyword(name, Form.WORD, name, word.about), item, f"{at}/{name}", "")
        if read is not MISSING:
            found[name] = read
    return found


def _provenance(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if not reading.expect_mapping(node, at, "provenance: {writer: our-rig 3.1}"):
        return MISSING
    return plain_of(node)


def plain_of(node: Node) -> Any:
    """What a node says as plain data, by its look."""
    if isinstance(node, Mapping):
        return {name: plain_of(one) for name, one in node.items.items()}
    if isinstance(node, Sequence):
        return [plain_of(one) for one in node.items]
    return None if node.is_null else core_value(node)


def _tree(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if isinstance(node, Made) and isinstance(node.made, Tree):
        return node.made
    if not reading.expect_mapping(node, at, "recognise: {metadata: {neo: {type: neo.metadata}}}"):
        return MISSING
    assert isinstance(node, Mapping)
    found = reading.mapping(Tree, "Tree", node, at, same="File")
    if not found.metadata and not found.blocks and not found.any_of:
        message = "`recognise` asks for nothing, so that every file is recognised"
        help = "name a section or block: `recognise: {metadata: {our: {type: our.metadata}}}`"
        reading.tell("NIX069", message, node, at, help)
    return found


def _trees(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if not isinstance(node, Sequence) or not node.items:
        message = f"`{word.name}` is {_called(node)}; expected a list of parts of a file"
        reading.tell("NIX062", message, node, at)
        return MISSING
    read = [_tree(reading, word, one, f"{at}/{n}", same) for n, one in enumerate(node.items, 1)]
    return [one for one in read if one is not MISSING]


def _examples(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    if isinstance(node, Made) and isinstance(node.made, Examples):
        return node.made
    if not reading.expect_mapping(node, at, "examples: {valid: [examples/good.yaml]}"):
        return MISSING
    assert isinstance(node, Mapping)
    return reading.mapping(Examples, "Examples", node, at, same="Examples")


def _invalid(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    items = node.items if isinstance(node, Sequence) else [node]
    found = []
    for number, one in enumerate(items, 1):
        here = f"{at}/{number}"
        if isinstance(one, Made) and isinstance(one.made, Example):
            found.append(one.made)
            continue
        if not isinstance(one, Mapping):
            message = f"an invalid example is {_called(one)}; expected `file` and `finds`"
            help = "write `{file: examples/no_unit.yaml, finds: our-lab:recording/voltage.unit}`"
            reading.tell("NIX062", message, one, here, help)
            continue
        read = reading.mapping(Example, "Example", one, here, same="Example")
        lacking = [name for name in ("file", "finds") if name not in one.items]
        for name in lacking:
            reading.tell("NIX062", f"an invalid example has no `{name}`", one, here)
        if not lacking and len(read.model_fields_set & {"file", "finds"}) == 2:
            found.append(read)
    return found


def _passed_over(reading: Reading, word: Keyword, node: Node, at: str, same: str) -> Any:
    return MISSING


_READERS: dict[Form, Callable[[Reading, Keyword, Node, str, str], Any]] = {
    Form.TEXT: _text,
    Form.TEXTS: _texts,
    Form.WORD: _word,
    Form.TRUTH: _truth,
    Form.PRESENCE: _presence,
    Form.COUNT: _count,
    Form.LEAF: _leaf,
    Form.LEAVES: _leaves,
    Form.LIMIT: _limit,
    Form.UNIT: _unit,
    Form.PATTERN: _pattern,
    Form.ASCENDING: _ascending,
    Form.EVERY: _every,
    Form.BLANK: _blank,
    Form.CONSTRAINT: _constraint,
    Form.SAME: _same,
    Form.SAMES: _sames,
    Form.ITEMS: _items,
    Form.CLAUSE: _clause,
    Form.CLAUSES: _clauses,
    Form.CONTAINER: _container,
    Form.DIMENSIONS: _dimensions,
    Form.CONDITIONS: _conditions,
    Form.TOGETHER: _together,
    Form.ACCEPT: _accept,
    Form.OVERRIDE: _override,
    Form.EXTRA: _extra,
    Form.MEMBER_OF: _member_of,
    Form.COLUMN_OF: _column_of,
    Form.NAMESPACES: _namespaces,
    Form.PROVENANCE: _provenance,
    Form.TREE: _tree,
    Form.TREES: _trees,
    Form.EXAMPLES: _examples,
    Form.INVALID: _invalid,
    Form.PASSED_OVER: _passed_over,
}

_MAY_BE_NULL = (Form.CONTAINER, Form.PASSED_OVER, Form.CLAUSE)


def _for_null(word: Keyword) -> str | None:
    if word.form is Form.CONSTRAINT:
        return f"write `{word.name}: required` where it must be there"
    return "write a value behind it, or take it away"


def _called(node: Node) -> str:
    """What a node is, in a message."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    return "nothing" if node.is_null or not node.text else f"`{shown(node.text)}`"


def _end(at: str) -> str:
    parts = [one for one in at.split("/") if one and not one.isdecimal()]
    return shown(parts[-1]) if parts else "the schema"


def _usual(kind: str) -> str:
    """The keyword that a bare text of an entity is meant for, most often."""
    return "dtype" if kind == "Column" else "type"


def _example(container: str) -> str:
    return {"types": "our.trace", "blocks": "recording", "properties": "age"}.get(container, "name")
