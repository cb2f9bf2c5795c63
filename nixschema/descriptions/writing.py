"""From a file to the tree of its description: plain dicts, lists and scalars, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nixschema.array import Array
from nixschema.descriptions.keys import DIMENSION_WORDS, Key, Kind, keys_of
from nixschema.descriptions.odml import NOTHING, Told, told
from nixschema.descriptions.placing import INLINE, Placing, has_words, nested
from nixschema.descriptions.properties import needed_storage, values_tree
from nixschema.descriptions.references import BY_ID
from nixschema.descriptions.remainder import Unsayable, extra_tree
from nixschema.layout import layout_of
from nixschema.model import (
    MODELS,
    Container,
    DataFrame,
    DimensionLink,
    Feature,
    File,
    Model,
    MultiTag,
    Property,
    RangeDimension,
    Reference,
    Refs,
    Section,
)
from nixschema.model.extra import Extra
from nixschema.model.fields import is_utf8_text as is_text
from nixschema.model.lookup import find_entity
from nixschema.model.reference import found_by
from nixschema.storage.faults import FAULTS
from nixschema.storage.losses import Losses
from nixschema.storage.plan import plan_of
from nixschema.storage.typenames import same_type_anew
from nixschema.text.emit import Flow

OMIT: Any = object()
"""Says that a key is left out."""

DEEPEST = 1000
"""Entities nested deeper than these levels are left out: no reader of YAML would go so deep."""

_UNSHOWN = ("id", "created_at", "updated_at", "extra", "storage")
"""What a plain description leaves out."""


class Teller:
    """Tells models in the words of a description."""

    def __init__(self, file: File, placing: Placing, *, plain: bool = False) -> None:
        """Prepare.

        Args:
            file: what is to be told.
            placing: where values go.
            plain: leave out ids, times, the remainder, how values are stored, and defaults.
        """
        self.file = file
        self.placing = placing
        self.plain = plain
        self.losses = Losses()
        self._outside: set[int] = set()
        self._odml = NOTHING
        """What is said for the overlay of the entity that is being told."""

    def tree(self, *, allow_errors: bool = False) -> dict[str, Any]:
        """The whole file.

        Args:
            allow_errors: say that it is to be written with its errors.
        """
        told = self._told(self.file)
        nix = told.pop("nix", None)
        head: dict[str, Any] = {"nix": nix if nix is not None else "1.2.1"}
        if allow_errors:
            head["allow_errors"] = True
        return {**head, **told}

    def _told(self, root: Model) -> dict[str, Any]:
        """A model with all that belongs to it."""
        trees: dict[int, dict[str, Any]] = {}
        for model in reversed(list(self._walk(root))):
            trees[id(model)] = self._entity(model, trees)
        return trees[id(root)]

    def _walk(self, root: Model) -> Iterator[Model]:
        stack = [(root, 0)]
        while stack:
            model, depth = stack.pop()
            yield model
            parts = list(model.parts())
            if depth >= DEEPEST and parts:
                self.losses.note(model.path, f"what is nested deeper than {DEEPEST} levels")
                continue
            stack.extend((part, depth + 1) for part in reversed(parts))

    def _entity(self, model: Model, trees: dict[int, dict[str, Any]]) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        around, self._odml = self._odml, self._overlay(model)
        absent = plan_of(type(model)).absent
        for key in keys_of(type(model)).values():
            if self.plain and key.field in _UNSHOWN:
                continue
            tell = _SPECIAL.get((type(model), key.name)) or _TELLERS.get(key.kind)
            if tell is None:
                continue
            value = model.__dict__.get(key.field) if key.field else None
            if not self.plain and key.field in absent and value == absent[key.field]:
                tree[key.name] = ""
                continue
            told = tell(self, model, key, value, trees)
            if told is not OMIT:
                tree[key.name] = told
        if "name" in layout_of(type(model)) and "name" not in model.model_fields_set:
            tree["name"] = ""
        self._odml = around
        return tree

    def lose(self, model: Model, part: str, reason: object) -> None:
        """Note that something cannot be said."""
        self.losses.note(f"{model.path.rstrip('/')}/{part}", reason)

    def _overlay(self, model: Model) -> Told:
        if not isinstance(model, Section | Property):
            return NOTHING
        return told(model, plain=self.plain, is_json=self.placing.is_json)

    # Kinds of keys

    def value(self, model: Model, key: Key, value: Any, trees: Any) -> Any:
        """A text, a number or a boolean."""
        return OMIT if value is None or value is False else _plain(value)

    def time(self, model: Model, key: Key, value: Any, trees: Any) -> Any:
        """A time."""
        return OMIT if value is None else value.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")

    def version(self, model: Model, key: Key, value: Any, trees: Any) -> Any:
        """The version of the format."""
        return OMIT if value is None else ".".join(map(str, value))

    def listed(self, model: Model, key: Key, value: Any, trees: Any) -> Any:
        """A list of texts or numbers."""
        return OMIT if value is None else Flow([_plain(one) for one in value])

    def array(self, model: Model, key: Key, value: Any, trees: Any) -> Any:
        """Values of an array."""
        return OMIT if value is None else self._data(model, key.field, value)

    def _data(self, model: Model, field: str, value: Array) -> Any:
        try:
            is_inside = model.root is self.file
            return self.placing.tree_of(value, *_steps(model, field), may_stay=is_inside)
        except FAULTS as error:
            self.lose(model, field, error)
            return OMIT

    def index(self, model: Model, key: Key, value: Any, trees: Any) -> Any:
        """The index of a link: ``any`` for the axis that is taken."""
        if value is None:
            is_array = model.__dict__["data_frame"] is None and model.__dict__["column"] is None
            return "" if is_array and not self.plain else OMIT
        if self.plain and list(value) == [-1]:
            return OMIT
        return Flow(["any" if one == -1 else one for one in value])

    def members(self, model: Model, key: Key, value: Container[Any], trees: Any) -> Any:
        """Entities by name, or as a list where names are no good keys."""
        known = [one for one in value if id(one) in trees]
        if not known or (key.field == "properties" and self._odml.has_properties):
            return OMIT
        names = [one.name for one in known]
        told = {id(one): self._member(one, trees[id(one)]) for one in known}
        if len(set(names)) == len(names) and all(map(_is_key, names)):
            return {one.name: told[id(one)] for one in known}
        # In a list the name is said by the key, empty or not.
        return [{"name": one.name, **_without_name(trees[id(one)])} for one in known]

    def _member(self, model: Model, tree: dict[str, Any]) -> Any:
        """A property that is nothing but its values is told by them."""
        if isinstance(model, Property) and not tree.keys() - {"value", "values"}:
            return tree.get("value", tree.get("values"))
        return tree

    def dimensions(self, model: Model, key: Key, value: Container[Any], trees: Any) -> Any:
        """One descriptor for each axis."""
        told = [trees[id(one)] for one in value if id(one) in trees]
        if not told:
            return OMIT
        return ["set" if one == {"type": "set"} else one for one in told]

    def features(self, model: Model, key: Key, value: Container[Any], trees: Any) -> Any:
        """Features of a tag."""
        told = [self._feature(model, one, trees[id(one)]) for one in value]
        return told or OMIT

    def _feature(self, tag: Model, feature: Feature, tree: dict[str, Any]) -> Any:
        usual = "indexed" if isinstance(tag, MultiTag) else "untagged"
        if self.plain and tree.keys() == {"data", "link_type"} and tree["link_type"] == usual:
            return tree["data"] if isinstance(tree["data"], str) else tree
        return tree

    def link(self, model: Model, key: Key, value: Any, trees: Any) -> Any:
        """What the ticks or labels of a dimension are taken from."""
        if value is None or (isinstance(model, RangeDimension) and _is_alias(model)):
            return OMIT
        tree = trees[id(value)]
        return tree["array"] if tree.keys() == {"array"} and _is_text(tree["array"]) else tree

    def reference(self, model: Model, key: Key, value: Any, trees: Any) -> Any:
        """The name of an entity."""
        if value is None or (isinstance(model, Feature) and _is_other_name(model, key, value)):
            return OMIT
        return self._reference(model, key, value)

    def references(self, model: Model, key: Key, value: Refs[Any], trees: Any) -> Any:
        """The names of entities."""
        told = [self._reference(model, key, one) for one in value.items]
        if not told:
            return OMIT
        return Flow(told) if all(map(_is_text, told)) else told

    def _reference(self, model: Model, key: Key, reference: Reference) -> Any:
        kinds = layout_of(type(model))[key.field].targets
        target = reference.resolve(model, kinds)  # type: ignore[arg-type]
        told = reference.text if target is None else self._name(model, kinds, reference, target)
        if reference.link is None or not _is_text(told):
            return told
        return Flow({"name": told, "link": reference.link})

    def _name(self, model: Model, kinds: Any, reference: Reference, target: Model) -> Any:
        name = reference.written(model)
        if name and found_by(name, model, kinds) is target:
            return name
        identifier = getattr(target, "id", "")
        if identifier and found_by(identifier, model, kinds) is target:
            return BY_ID + identifier
        if target.root is self.file and find_entity(self.file, target.path) is target:
            return {"elsewhere": target.path}
        if id(target) in self._outside and identifier:
            return {"elsewhere": BY_ID + identifier}
        self._outside.add(id(target))
        return {"elsewhere": {"name": getattr(target, "name", ""), **self._told(target)}}

    def values(self, model: Property, key: Key, value: Any, trees: Any) -> Any:
        """The values of a property, under `value` or `values`."""
        wanted = "value" if len(value) == 1 else "values"
        return values_tree(value) if key.name == wanted else OMIT

    def storage(self, model: Property, key: Key, value: Any, trees: Any) -> Any:
        """The type in the file, where neither values nor odML type tell it."""
        return needed_storage(model, is_json=self.placing.is_json) or OMIT

    def columns(self, model: DataFrame, key: Key, value: Any, trees: Any) -> Any:
        """Columns with their units."""
        told: dict[str, Any] = {}
        usual = model.data is None or same_type_anew(model.data)
        for column in value:
            one: dict[str, Any] = {}
            if usual:
                one["dtype"] = column.dtype
            if column.unit is not None:
                one["unit"] = str(column.unit)
            told[column.name] = Flow(one) if one else None
        return told or OMIT

    def rows(self, model: DataFrame, key: Key, value: Any, trees: Any) -> Any:
        """The rows of a frame."""
        if value is None:
            return OMIT
        names = value.dtype.names or ()
        count = value.size * max(1, len(names))
        few = self.placing.data == "inline" or (self.placing.data == "auto" and count <= INLINE)
        plain_columns = all(has_words(value.dtype[name]) for name in names)
        if few and names and plain_columns and value.ndim == 1 and same_type_anew(value):
            try:
                records = value.read()
            except FAULTS as error:
                self.lose(model, "data", error)
                return OMIT
            rows = [[_plain(record[name]) for name in names] for record in records]
            if all(is_text(one) for row in rows for one in row if isinstance(one, str)):
                return [Flow(row) for row in rows]
        return self._data(model, "rows", value)

    def extra(self, model: Model, key: Key, value: Extra, trees: Any) -> Any:
        """What the model does not know."""
        if self._odml.extra is not None:
            value = self._odml.extra
        if not value:
            return OMIT
        tree = extra_tree(
            value,
            lambda array: self._mapped(model, array),
            lambda part, reason: self.lose(model, part, reason),
        )
        return tree or OMIT

    def odml(self, model: Model, key: Key, value: Any, trees: Any) -> Any:
        """What odML has beyond NIX."""
        return OMIT if self._odml.tree is None else self._odml.tree

    def dtype(self, model: Property, key: Key, value: Any, trees: Any) -> Any:
        """The odML type, which NIX does not have for tuples."""
        return self.value(model, key, self._odml.dtype or value, trees)

    def _mapped(self, model: Model, array: Array) -> Any:
        try:
            told = self.placing.tree_of(array, *_steps(model, "extra"), may_stay=False)
        except FAULTS as error:
            raise Unsayable(f"values that cannot be read: {error}") from error
        return told if isinstance(told, dict) else {"values": told}

    def kind_of_dimension(self, model: Model, key: Key, value: Any, trees: Any) -> Any:
        """The ``type`` of a dimension."""
        return next(word for word, kind in DIMENSION_WORDS.items() if kind is type(model))

    def alias(self, model: RangeDimension, key: Key, value: Any, trees: Any) -> Any:
        """Whether it is an old alias of its own array."""
        return True if _is_alias(model) else OMIT

    def no_type(self, model: Section, key: Key, value: Any, trees: Any) -> Any:
        """The type of a section, which may be left out where it is the usual one."""
        return OMIT if self.plain and value == "n.s." else value

    def target_kind(self, model: DimensionLink, key: Key, value: Any, trees: Any) -> Any:
        """What a link leads to, where that is not what it leads to."""
        usual = "DataFrame" if model.__dict__["data_frame"] is not None else "DataArray"
        return OMIT if value == usual else value or ""

    def target_type(self, model: Feature, key: Key, value: Any, trees: Any) -> Any:
        """What a feature says that its data are, where that is not what they are."""
        reference = model.__dict__["data"]
        target = None if reference is None else reference.target
        usual = type(target).__name__ if target is not None else None
        return OMIT if value == usual or (self.plain and value is None) else value or ""


def _without_name(tree: dict[str, Any]) -> dict[str, Any]:
    return {key: told for key, told in tree.items() if key != "name"}


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return nested(value)
    return str(value) if isinstance(value, str) else value


def _steps(model: Model, field: str) -> list[str]:
    """Names that a data file is called by."""
    block = model.block
    holder: Model | None = model
    while holder is not None and not getattr(holder, "name", ""):
        holder = holder.owner
    name = getattr(holder, "name", "") or "file"
    usual = field in ("data", "rows") and holder is model
    last = name if usual else f"{name}-{field}"
    if block is None or block is model:
        return [last]
    return [getattr(block, "name", ""), last]


def _is_key(name: str) -> bool:
    return bool(name) and "\n" not in name and len(name) <= 100


def _is_text(told: Any) -> bool:
    return isinstance(told, str)


def _is_alias(model: RangeDimension) -> bool:
    link = model.link
    if link is None or not link.alias or link.extra or link.id or link.created_at is not None:
        return False
    reference = link.__dict__["array"]
    return reference is not None and reference.target is model.owner and reference.link is None


def _is_other_name(model: Feature, key: Key, value: Reference) -> bool:
    """Whether the data of a feature are to be told by its other key."""
    target = value.resolve(model, layout_of(Feature)["data"].targets)  # type: ignore[arg-type]
    is_frame = isinstance(target, DataFrame)
    block = model.block
    arrays = block.data_arrays.names() if block is not None else []
    return (key.name == "data_frame") != (is_frame and getattr(target, "name", "") in arrays)


Tell = Callable[[Teller, Any, Key, Any, Any], Any]

_TELLERS: dict[Kind, Tell] = {
    Kind.TEXT: Teller.value,
    Kind.WORD: Teller.value,
    Kind.NUMBER: Teller.value,
    Kind.INTEGER: Teller.value,
    Kind.BOOLEAN: Teller.value,
    Kind.COLUMN: Teller.value,
    Kind.TIME: Teller.time,
    Kind.VERSION: Teller.version,
    Kind.TEXTS: Teller.listed,
    Kind.NUMBERS: Teller.listed,
    Kind.LABELS: Teller.listed,
    Kind.ARRAY: Teller.array,
    Kind.INDEX: Teller.index,
    Kind.VALUE: Teller.values,
    Kind.VALUES: Teller.values,
    Kind.COLUMNS: Teller.columns,
    Kind.ROWS: Teller.rows,
    Kind.MEMBERS: Teller.members,
    Kind.DIMENSIONS: Teller.dimensions,
    Kind.FEATURES: Teller.features,
    Kind.LINK: Teller.link,
    Kind.REFERENCE: Teller.reference,
    Kind.REFERENCES: Teller.references,
    Kind.MARKED: Teller.reference,
    Kind.EXTRA: Teller.extra,
    Kind.ODML: Teller.odml,
}


def _omitted(teller: Teller, model: Any, key: Key, value: Any, trees: Any) -> Any:
    return OMIT


_SPECIAL: dict[tuple[type[Model], str], Tell] = {
    **{(model, "type"): Teller.kind_of_dimension for model in DIMENSION_WORDS.values()},
    (File, "$schema"): _omitted,
    (File, "format"): _omitted,
    **{(model, "name"): _omitted for model in MODELS},
    (RangeDimension, "alias"): Teller.alias,
    (Section, "type"): Teller.no_type,
    (DimensionLink, "data_object_type"): Teller.target_kind,
    (Feature, "target_type"): Teller.target_type,
    (Property, "dtype"): Teller.dtype,
    (Property, "storage"): Teller.storage,
}
