"""What all parts of a NIX file have in common: an owner, a remainder, an id, a name, a type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, TypeVar, overload

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nixschema.findings import Level
from nixschema.layout import (
    Attribute,
    FieldPlace,
    Link,
    Links,
    Members,
    Needed,
    Unstored,
    Version,
    layout_of,
)
from nixschema.model.container import Container
from nixschema.model.extra import Extra
from nixschema.model.fields import (
    LOADING,
    Identifier,
    Label,
    Name,
    Text,
    Timestamp,
    new_id,
    now,
    unset,
)
from nixschema.model.pending import Pending, resolve_pending, settle, settle_all
from nixschema.model.reference import Ref, Reference, Refs
from nixschema.model.referring import Referred
from nixschema.model.refusal import refusal, shown, thing

if TYPE_CHECKING:
    from nixschema.model.block import Block
    from nixschema.model.file import File
    from nixschema.model.section import Section


M = TypeVar("M")

_CLASS = type


class Model(BaseModel):
    """A part of a NIX file: its fields, its owner, and what no field claims."""

    __slots__ = ("_container", "_owner", "_pending", "_place")

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        validate_assignment=True,
        validate_default=False,
        arbitrary_types_allowed=True,
        defer_build=True,
        ignored_types=(Ref,),
    )

    scope: ClassVar[Literal["", "block", "file"]] = ""
    """Where names are looked up: the block's containers, the file's, or none of this one's."""
    words: ClassVar[str] = ""
    """The entity's kind in words: `data array`."""
    only_refers: ClassVar[bool] = False
    """Whether it is nothing without what it refers to."""
    since: ClassVar[Version] = (1, 0, 0)
    """First format version that has this class."""
    until: ClassVar[Version | None] = None
    """Last format version that has it; None for the present one."""

    extra: Annotated[Extra, Unstored()] = Field(default_factory=Extra, repr=False)
    """What the file holds of this entity and no field claims."""

    if TYPE_CHECKING:  # Slots: neither compared, printed, copied nor pickled.

        @property
        def _owner(self) -> Model | None: ...
        @_owner.setter
        def _owner(self, owner: Model | None) -> None: ...
        @property
        def _container(self) -> Container[Any] | None: ...
        @_container.setter
        def _container(self, container: Container[Any] | None) -> None: ...
        @property
        def _pending(self) -> Pending | None: ...
        @_pending.setter
        def _pending(self, pending: Pending | None) -> None: ...
        @property
        def _place(self) -> str: ...
        @_place.setter
        def _place(self, path: str) -> None: ...

    if not TYPE_CHECKING:  # Constructors have the fields as arguments, for type checkers too.

        def __init__(self, /, *given: Any, **fields: Any) -> None:
            """Make an entity of the fields given."""
            if given:
                name = type(self).__name__
                raise TypeError(f"fields are given by name, as in {name}(name=...), not {given!r}")
            try:
                super().__init__(**fields)
            except ValidationError as error:
                self._let_go()
                raise self._refusal(error, fields.get("name")) from None

        __init__.__pydantic_base_init__ = True  # Models that are read are made without it.

    def _refusal(self, error: ValidationError, name: Any) -> ValidationError:
        named = f" `{name}`" if isinstance(name, str) and name else ""
        owner = self._owner if hasattr(self, "_owner") else None
        where = f" at {self.path}" if owner is not None else ""
        fields = [one for one in type(self).model_fields if one != "extra"]
        return refusal(error, f"{type(self).__name__}{named}{where}", fields)

    def model_post_init(self, context: Any, /) -> None:
        """Take ownership of the parts given."""
        for slot in ("_owner", "_container", "_pending"):
            object.__setattr__(self, slot, None)
        object.__setattr__(self, "_place", "")
        try:
            for name in structure(type(self)):
                self._take(name, loaded=context is LOADING)
        except ValueError:
            self._let_go()
            raise

    def _take(self, name: str, *, loaded: bool) -> None:
        value = self.__dict__.get(name)
        if isinstance(value, Container):
            value._bind(self, name, loaded=loaded)
        elif isinstance(value, Refs):
            value._bind(self, name)
        elif isinstance(value, Model):
            self._take_part(value)

    def _take_part(self, part: Model) -> None:
        if part._owner is not None:
            raise ValueError(f"{thing(part)} belongs to {part._owner.path}: use `.copy()`")
        part._owner = self

    def _let_go(self) -> None:
        """Own nothing any more: this was refused."""
        for value in self.__dict__.values():
            if isinstance(value, Container) and value.owner is self:
                value._unbind()
            elif isinstance(value, Model) and value._owner is self:
                value._owner = None

    def __setattr__(self, name: str, value: Any) -> None:
        """Assign a field: validated, and left as it was when the value is refused."""
        if name in ("_owner", "_container", "_place", "_pending"):
            object.__setattr__(self, name, value)
            return
        if name not in type(self).model_fields:
            try:
                super().__setattr__(name, value)
            except ValidationError as error:
                raise self._refusal(error, getattr(self, "name", None)) from None
            return
        if name == "name":
            resolve_pending(self.root)
        if name in ("name", "id") and self._container is not None:
            self._container._expect_change()
        before = dict(self.__dict__)
        fields_set = set(self.__pydantic_fields_set__)
        try:
            super().__setattr__(name, value)
            self._settle(name, before.get(name))
        except BaseException as error:
            object.__setattr__(self, "__dict__", before)
            object.__setattr__(self, "__pydantic_fields_set__", fields_set)
            if isinstance(error, ValidationError):
                raise self._refusal(error, before.get("name")) from None
            raise
        if self.extra and name != "extra":
            self.extra.yield_to(layout_of(type(self))[name].name)
        if "updated_at" in before and name not in ("updated_at", "created_at", "id", "extra"):
            self.__dict__["updated_at"] = now()

    def __delattr__(self, name: str) -> None:
        """Refuse: a field may be unset, but is there.

        Raises:
            AttributeError: always.
        """
        raise AttributeError(f"`{name}` cannot be deleted: assign None, or an empty list")

    def _settle(self, name: str, old: Any) -> None:
        """Take over what was assigned to a field.

        Raises:
            ValueError: it belongs elsewhere, or the name is taken; nothing was changed.
        """
        new = self.__dict__[name]
        if name in ("name", "id") and self._container is not None:
            self._rekey(name)
        elif isinstance(old, Container | Refs):
            old._refill(new)
            self.__dict__[name] = old
        elif isinstance(new, Model) and new is not old:
            self._take_part(new)
            new._settle_references()
        elif isinstance(new, Reference):
            settle(self, layout_of(type(self))[name], new)
        if isinstance(old, Model) and new is not old:
            old._owner = None

    def _rekey(self, name: str) -> None:
        assert self._container is not None
        if name == "name":
            self._container._renamed(self, self.__dict__["name"])
            self.extra.link = None
        else:
            self._container._changed_id(self)

    def _settle_references(self) -> None:
        """Find what references mean, now that this has an owner: they follow renames from here."""
        if self.block is not None or self.file is not None:
            settle_all(self)

    def _resolved(self) -> None:
        """Adapt to what the references mean."""

    def _consolidate(self) -> None:
        """Adapt to lists that were changed in place, before this is written."""

    def _check_room(self, field: str, more: int) -> None:
        """Refuse more members than there is room for.

        Raises:
            ValueError: they are too many.
        """

    def _brings(self) -> Sequence[Model]:
        """What was made for this, and comes along to its block."""
        return []

    def _join(self) -> None:
        """Bring it along, now that there is an owner."""

    @property
    def owner(self) -> Model | None:
        """What this belongs to, or None."""
        return self._owner

    @property
    def block(self) -> Block | None:
        """The block this is in, or None."""
        return self._above("block")  # type: ignore[return-value]

    @property
    def file(self) -> File | None:
        """The file this is in, or None."""
        return self._above("file")  # type: ignore[return-value]

    def _above(self, scope: str) -> Model | None:
        above: Model | None = self
        while above is not None and above.scope != scope:
            above = above._owner
        return above

    @property
    def root(self) -> Model:
        """The outermost owner: the file, or whatever is not in one."""
        above = self
        while above._owner is not None:
            above = above._owner
        return above

    def check_readable(self, *fields: str) -> None:
        """Refuse to go on without what the file has and nobody can read.

        Raises:
            ValueError: one of the fields is unset because it is broken.
        """
        layout = layout_of(type(self))
        for field in fields:
            if self.extra.has(layout[field].name):
                raise ValueError(f"{self.path}: the `{field}` in the file cannot be read")

    @property
    def path(self) -> str:
        """Path in the NIX file, such as ``/data/session/data_arrays/lfp``."""
        parts: list[str] = []
        here: Model = self
        while True:
            owner = here._owner
            if owner is None:
                if here.scope != "file":
                    parts.append(here._place.strip("/") or here.key)
                break
            container = here._container
            if container is not None:
                parts.append(here.extra.link or here.key)
                parts.append(layout_of(type(owner))[container.field].name)
            else:
                parts.append(_part_name(owner, here))
            here = owner
        return "/" + "/".join(reversed(parts))

    @property
    def key(self) -> str:
        """What names this among its siblings: a name, an id or a number."""
        return type(self).__name__

    def parts(self) -> Iterator[Model]:
        """What belongs directly to this, in order of the fields that were not refused."""
        for name in structure(type(self)):
            value = self.__dict__.get(name)
            if isinstance(value, Container):
                yield from value
            elif isinstance(value, Model):
                yield value

    def walk(self) -> Iterator[Model]:
        """This and all that belongs to it, owners before what they own."""
        stack: list[Model] = [self]
        while stack:
            model = stack.pop()
            yield model
            if names := structure(type(model)):
                fields = model.__dict__
                for name in reversed(names):
                    value = fields.get(name)
                    if isinstance(value, Container):
                        stack.extend(reversed(value))
                    elif isinstance(value, Model):
                        stack.append(value)

    @overload
    def find(self, kind: None = ..., *, type: str = ..., name: str = ...) -> list[TypedEntity]: ...
    @overload
    def find(
        self, kind: type[M] | tuple[type[M], ...], *, type: str = ..., name: str = ...
    ) -> list[M]: ...
    def find(self, kind: Any = None, *, type: str = "*", name: str = "*") -> list[Any]:
        """The entities in this, at any depth, that are of a kind, a type and a name.

        ``file.find(type="neo.*")``, ``block.find(nx.DataArray, name="lfp*")``.

        Args:
            kind: class of the entities, or several; any that has a type when None.
            type: glob, with ``*``, ``?`` and ``[...]``; capitals count.
            name: glob, likewise.
        """
        wanted = TypedEntity if kind is None else kind
        for glob in (type, name):
            if not isinstance(glob, str):
                raise TypeError(f"a glob is a text, not {shown(glob)}")
        for one in wanted if isinstance(wanted, tuple) else (wanted,):
            if not isinstance(one, _CLASS):
                raise TypeError(f"find(kind) takes a class such as DataArray, not {shown(one)}")
        return [
            one
            for one in self.walk()
            if one is not self
            and isinstance(one, wanted)
            and (type == "*" or fnmatchcase(getattr(one, "type", None) or "", type))
            and (name == "*" or fnmatchcase(getattr(one, "name", None) or "", name))
        ]

    def outgoing(self) -> Iterator[tuple[FieldPlace, int, Reference]]:
        """All references of this, as (field, position, reference); see `Reference.resolve`."""
        layout = layout_of(type(self))
        for name in reference_fields(type(self)):
            value = self.__dict__[name]
            if isinstance(value, Refs):
                for position, item in enumerate(value.items):
                    yield layout[name], position, item
            elif isinstance(value, Reference):
                yield layout[name], 0, value

    def equals(self, other: Model, *, values: bool = True) -> bool:
        """Whether a rewrite would give the same: fields, order, references, remainder, data.

        Args:
            other: what to compare with.
            values: compare the values of arrays too, in blocks; else only shape and type.
        """
        from nixschema.model.equality import equal

        return equal(self, other, values=values)

    def __eq__(self, other: object) -> bool:
        """See `equals`."""
        return self.equals(other) if isinstance(other, Model) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def copy(self, *, keep_id: bool = False) -> Self:  # type: ignore[override]
        """A copy of this and all it owns, without an owner; arrays on disk stay there.

        References inside the copy lead to the copies, others to where they led.

        Args:
            keep_id: keep the ids; else the copy and all in it get new ones.
        """
        from nixschema.model.copying import copied

        return copied(self, keep_id=keep_id)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with the same ids, and some fields changed; use `copy` for one with new ids."""
        made = self.copy(keep_id=True)
        for name, value in (update or {}).items():
            setattr(made, name, value)
        return made

    def __copy__(self) -> Self:
        """A copy with the same ids."""
        return self.copy(keep_id=True)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """A copy with the same ids."""
        return self.copy(keep_id=True)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """Pickle flat, however deep this is nested."""
        from nixschema.model.copying import flattened, rebuilt

        return rebuilt, (flattened(self),)

    def __repr__(self) -> str:
        """Tell the entity in one line; never reads values."""
        from nixschema.model.display import one_line

        return one_line(self)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        from nixschema.model.display import html_tree

        return html_tree(self)


class Entity(Model):
    """A part of a NIX file that has an id and times of its own."""

    id: Annotated[Identifier, Attribute(name="entity_id"), Needed()] = Field(default_factory=new_id)
    """UUID, unique in all files; empty where a file lacks it."""

    created_at: Annotated[Timestamp | None, Needed()] = Field(default_factory=now)
    """When it was made, in UTC."""

    updated_at: Annotated[Timestamp | None, Needed(Level.WARNING)] = Field(default_factory=now)
    """When it was last changed, in UTC."""

    @property
    def key(self) -> str:
        """The id."""
        return self.id or type(self).__name__


class NamedEntity(Entity, Referred):
    """An entity that is found by its name."""

    name: Annotated[Name, Needed()]
    """Name, unique among its siblings; the link to the entity has it too."""

    definition: Text | None = unset
    """What it is, in words."""

    @property
    def key(self) -> str:
        """The name."""
        return self.name


class TypedEntity(NamedEntity):
    """A named entity with a type."""

    type: Annotated[Label, Needed()] = ""
    """What kind of thing it is, by convention a dotted path such as ``nix.sampled``; empty where a
    file lacks it."""


class DataEntity(TypedEntity):
    """A typed entity that may be described by a section of metadata."""

    metadata: Ref[Section] = unset
    """The section that describes it."""


@cache
def structure(model: type[Model]) -> tuple[str, ...]:
    """Names of the fields that hold members, parts or references."""
    return tuple(field.field for field in layout_of(model).values() if field.targets)


@cache
def member_fields(model: type[Model]) -> tuple[str, ...]:
    """Names of the fields that hold members: entities that this owns."""
    return tuple(
        field.field for field in layout_of(model).values() if isinstance(field.place, Members)
    )


@cache
def reference_fields(model: type[Model]) -> tuple[str, ...]:
    """Names of the fields that refer to entities that others own."""
    return tuple(
        field.field for field in layout_of(model).values() if isinstance(field.place, Link | Links)
    )


def _part_name(owner: Model, part: Model) -> str:
    for field in layout_of(type(owner)).values():
        if owner.__dict__.get(field.field) is part:
            return field.name
    return part.key
