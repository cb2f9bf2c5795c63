"""References to entities that others own: given as the entity, its name, path or id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from operator import index
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, cast, get_args, overload

from pydantic_core import PydanticCustomError, core_schema

from nixschema.errors import UnresolvedReference
from nixschema.layout import Link, Links, Place, layout_of
from nixschema.model.container import Container
from nixschema.model.refusal import did_you_mean, kind_words, shown, thing

if TYPE_CHECKING:
    from nixschema.model.entity import Model

T = TypeVar("T", bound="Model")


class Reference:
    """One reference: an entity, or the text that names it until it is found.

    Texts are looked up once the owner is attached to a file: as a name, then as a path in the tree
    of sources or sections (``cell/axon``, ``/subject/cell``), then as an id. A reference that was
    found once follows its entity when that is renamed.
    """

    __slots__ = ("joins", "link", "target", "text")

    def __init__(
        self,
        target: Model | None = None,
        text: str = "",
        link: str | None = None,
        *,
        joins: bool = False,
    ) -> None:
        self.target = target
        """The entity, when it is known."""
        self.text = text
        """Name, path or id, when the entity is not known."""
        self.link = link
        """Name of the link on disk, where it is not the usual one."""
        self.joins = joins
        """Whether the entity was made for its referrer, and joins the block with it."""

    def resolve(self, owner: Model | None, kinds: tuple[type[Model], ...]) -> Model | None:
        """The entity, or None when the text names nothing in reach.

        One that is not in the referrer's file gives way to one of the same id that is: so entities
        that were copied into another file with their ids find each other there.
        """
        if owner is None:
            return self.target
        if self.target is None:
            self.target = found_by(self.text, owner, kinds)
        elif owner.owner is not None and not self._is_near(owner):
            self.target = self._twin(owner, kinds) or self.target
        return self.target

    def _is_near(self, owner: Model) -> bool:
        """Whether the entity is in the referrer's file, or in none but at a place in one."""
        target = self.target
        if target is None or target._owner is owner._owner:
            return True
        root = target.root
        return root is owner.root or bool(root._place)

    def _twin(self, owner: Model, kinds: tuple[type[Model], ...]) -> Model | None:
        wanted = getattr(self.target, "id", "")
        if not wanted:
            return None
        roots = ((root, kind) for kind in kinds for root in _roots(owner, kind))
        return next(filter(None, (_by_id(wanted, root, kind) for root, kind in roots)), None)

    def key(self) -> str:
        """What tells references apart: the target's id, else its path, else the text."""
        if self.target is None:
            return self.text
        return getattr(self.target, "id", "") or self.target.path

    def written(self, owner: Model | None) -> str:
        """The reference as text: a name, or a path for nested sources and for sections."""
        target = self.target
        if target is None:
            return self.text
        nested = _nesting(type(target))
        name = getattr(target, "name", "")
        if nested is None:
            return name or self.key()
        names = [name]
        above = target.owner
        while above is not None and type(above) is type(target):
            names.append(getattr(above, "name", ""))
            above = above.owner
        start = "/" if above is not None and above.scope == "file" else ""
        return start + "/".join(reversed(names))

    def unresolved(
        self, owner: Model | None, kinds: tuple[type[Model], ...]
    ) -> UnresolvedReference:
        """The error of using a reference that points nowhere."""
        where = f"{owner.path}: " if owner is not None else ""
        hint = self.hint(owner, kinds)
        return UnresolvedReference(f"{where}no {kind_words(kinds)} named `{self.text}`{hint}")

    def hint(self, owner: Model | None, kinds: tuple[type[Model], ...]) -> str:
        """``: did you mean `voltage`?`` where a similar name is in reach, else nothing."""
        names = (name for kind in kinds for root in _roots(owner, kind) for name in root.names())
        return did_you_mean(self.text.split("/")[-1], names)


class Refs(Generic[T]):
    """References to several entities, in order; used like a list of them.

    ``array.sources[0]`` *is* the source. Using one that points nowhere raises
    `UnresolvedReference`.
    """

    __slots__ = ("_field", "_items", "_kinds", "_owner")

    default_place: ClassVar[Place] = Links()
    described_as: ClassVar[str] = "references"

    def __init__(self, items: Iterable[T | str | Reference] = ()) -> None:
        self._owner: Model | None = None
        self._field = ""
        self._kinds: tuple[type[Model], ...] = ()
        self._items: list[Reference] = []
        self.extend(items)

    if TYPE_CHECKING:

        def __get__(self, instance: object, owner: object = None) -> Refs[T]: ...
        def __set__(self, instance: object, value: Iterable[T | str]) -> None: ...

    @property
    def owner(self) -> Model | None:
        """The entity that refers."""
        return self._owner

    @property
    def items(self) -> list[Reference]:
        """The references themselves, those that point nowhere included."""
        return self._items

    @property
    def kinds(self) -> tuple[type[Model], ...]:
        """The kinds of entity they may lead to."""
        return self._kinds

    def __len__(self) -> int:
        """How many references there are."""
        return len(self._items)

    @overload
    def __getitem__(self, key: str | int) -> T: ...
    @overload
    def __getitem__(self, key: slice) -> list[T]: ...
    def __getitem__(self, key: str | int | slice) -> T | list[T]:
        """The entity at a position, or of that name or id.

        Raises:
            UnresolvedReference: the reference points nowhere.
            KeyError: no reference leads to an entity of that name or id.
        """
        if isinstance(key, slice):
            return [self._entity(item) for item in self._items[key]]
        if isinstance(key, str):
            found = self.get(key)
            if found is None:
                raise KeyError(f"no reference to `{key}`{self._where()}")
            return found
        try:
            return self._entity(self._items[key])
        except IndexError:
            count = f"{len(self):,} reference{'' if len(self) == 1 else 's'}"
            raise IndexError(f"{count}{self._where()}, and none of number {key}") from None

    def _where(self) -> str:
        return f" in {self._owner.path}" if self._owner is not None else ""

    def get(self, key: str) -> T | None:
        """The entity of that name or id, or None where no reference leads to one."""
        found = None
        for entity in self.found():
            if getattr(entity, "name", None) == key:
                return entity
            if found is None and getattr(entity, "id", None) == key:
                found = entity
        return found

    def __iter__(self) -> Iterator[T]:
        """The entities, in order."""
        return (self._entity(item) for item in self._items)

    def __contains__(self, key: object) -> bool:
        """Whether an entity, or one of that name or id, is referred to."""
        if isinstance(key, str):
            return self.get(key) is not None
        if any(item.target is key for item in self._items):
            return key is not None
        return any(entity is key for entity in self.found())

    def __eq__(self, other: object) -> bool:
        """Whether both lead to entities of the same ids in the same order."""
        if not isinstance(other, Refs):
            return NotImplemented
        return self.keys() == other.keys()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Tell the names."""
        names = [item.written(self._owner) for item in self._items[:5]]
        more = ", …" if len(self._items) > 5 else ""
        return f"[{', '.join(names)}{more}]"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as texts."""
        texts = [Reference(text=item.key(), link=item.link) for item in self._items]
        return _unowned, (texts, self._kinds)

    def found(self) -> Iterator[T]:
        """The entities that can be found, leaving out references that point nowhere."""
        for item in self._items:
            entity = item.resolve(self._owner, self._kinds)
            if entity is not None:
                yield cast("T", entity)

    def names(self) -> list[str]:
        """The references as texts."""
        return [item.written(self._owner) for item in self._items]

    def keys(self) -> list[tuple[str, str | None]]:
        """What two equal lists of references agree in."""
        for item in self._items:
            item.resolve(self._owner, self._kinds)
        return [(item.key(), item.link) for item in self._items]

    def append(self, item: T | str | Reference) -> None:
        """Refer to one more entity.

        Raises:
            TypeError: it is no entity of the right kind and no text.
            ValueError: it is referred to already.
        """
        self.insert(len(self._items), item)

    def insert(self, position: int, item: T | str | Reference) -> None:
        """Refer to one more entity, before a position; see `append`."""
        place = index(position)
        added = self._added([item])
        self._items[place:place] = added

    def extend(self, items: Iterable[T | str | Reference]) -> None:
        """Refer to several more entities, or to none where one is refused; see `append`."""
        if isinstance(items, str):
            raise TypeError(f"expected several names or entities, not the text {shown(items)}")
        self._items += self._added(items)

    def __iadd__(self, items: Iterable[T | str | Reference]) -> Self:
        """Refer to several more entities; see `extend`."""
        self.extend(items)
        return self

    def index(self, item: T | str) -> int:
        """Position of the reference to an entity, or the one of that name, id or text.

        Raises:
            ValueError: there is none.
        """
        for position, known in enumerate(self._items):
            if known.target is item and item is not None:
                return position
        for position, known in enumerate(self._items):
            target = known.resolve(self._owner, self._kinds)
            if (target is item and item is not None) or (
                isinstance(item, str) and (known.text == item or item in _names(target))
            ):
                return position
        raise ValueError(f"no reference to {thing(item)}{self._where()}")

    def remove(self, item: T | str) -> None:
        """Drop the reference to an entity, or the one of that name, id or text.

        Raises:
            ValueError: there is none.
        """
        del self._items[self.index(item)]

    def __delitem__(self, key: str | int | slice) -> None:
        """Drop references: by name, id, position or slice."""
        if isinstance(key, str):
            self.remove(key)
        else:
            del self._items[key]

    def pop(self, position: int = -1) -> T:
        """Drop a reference by position, and give the entity."""
        entity = self[position]
        del self._items[position]
        return entity

    def move(self, item: T | str, position: int) -> None:
        """Move a reference to another position."""
        place = index(position)
        self._items.insert(place, self._items.pop(self.index(item)))

    def clear(self) -> None:
        """Drop all references."""
        self._items.clear()

    def _entity(self, item: Reference) -> T:
        target = item.resolve(self._owner, self._kinds)
        if target is None:
            raise item.unresolved(self._owner, self._kinds)
        return cast("T", target)

    def _added(self, items: Iterable[Any]) -> list[Reference]:
        """References that may be added.

        Raises:
            TypeError, ValueError: see `append`.
        """
        added = [as_reference(item, self._kinds) for item in items]
        if self._owner is None:
            return added
        for item in added:
            self._settle(item)
        return self._without_doubles(self._items, added)

    def _settle(self, item: Reference) -> None:
        from nixschema.model.pending import settle

        if self._owner is not None:
            settle(self._owner, layout_of(type(self._owner))[self._field], item)

    def _without_doubles(self, known: list[Reference], added: list[Reference]) -> list[Reference]:
        """The references added, refused where one leads to what is referred to already."""
        if self._owner is not None and self._owner.owner is not None:
            for item in known:
                item.resolve(self._owner, self._kinds)
        there = {id(item.target) for item in known if item.target is not None}
        for item in added:
            if item.target is not None and item.link is None:
                if id(item.target) in there:
                    raise ValueError(f"{thing(item.target)} is referred to already{self._where()}")
                there.add(id(item.target))
        return added

    def _bind(self, owner: Model, field: str) -> None:
        self._owner = owner
        self._field = field
        self._kinds = layout_of(type(owner))[field].targets  # type: ignore[assignment]

    def _refill(self, other: Refs[T]) -> None:
        """Refer to other entities instead.

        Raises:
            ValueError: one of them is given twice.
        """
        for item in other.items:
            self._settle(item)
        self._items = self._without_doubles([], list(other.items))

    def __copy__(self) -> Refs[T]:
        """The same references, without an owner."""
        same = [Reference(one.target, one.text, one.link) for one in self._items]
        return _unowned(same, self._kinds)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Refs[T]:
        """The same references, without an owner; what they lead to is not copied."""
        return copy(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        """References of the declared kind, or any iterable of entities and texts."""
        kinds = reference_kinds(source)

        def validate(value: Any) -> Refs[Any]:
            if isinstance(value, str | Reference | _model()):
                value = [value]
            if isinstance(value, bytes | dict) or not isinstance(value, Iterable):
                why = f"expected {_one_of(kinds)} or several, not {shown(value)}"
                raise PydanticCustomError("references", "{why}", {"why": why})
            given = cls()
            given._kinds = kinds
            items = value.items if isinstance(value, Refs) else value
            try:
                given.extend(items)
                given._without_doubles([], given._items)
            except (TypeError, ValueError) as error:
                raise PydanticCustomError("references", "{why}", {"why": str(error)}) from None
            return given

        return core_schema.no_info_plain_validator_function(validate)


def _unowned(items: list[Reference], kinds: tuple[type[Model], ...]) -> Refs[Any]:
    """References to some kinds of entity that belong to nobody."""
    made: Refs[Any] = Refs()
    made._kinds = kinds
    made._items = items
    return made


class Ref(Generic[T]):
    """A reference to one entity, or None.

    ``tag.metadata`` *is* the section. Using one that points nowhere raises `UnresolvedReference`.
    """

    __slots__ = ("field", "kinds")

    default_place: ClassVar[Place] = Link()
    described_as: ClassVar[str] = "reference"

    def __init__(self, field: str, annotation: Any) -> None:
        self.field = field
        self.kinds = reference_kinds(annotation)

    def __get__(self, instance: Model | None, owner: object = None) -> T | None:
        """The entity."""
        if instance is None:
            raise AttributeError(self.field)
        reference = cast("Reference | None", instance.__dict__.get(self.field))
        if reference is None:
            return None
        target = reference.resolve(instance, self.kinds)
        if target is None:
            raise reference.unresolved(instance, self.kinds)
        return cast("T", target)

    def __set__(self, instance: Model, value: T | str | None) -> None:
        """Refer to another entity: the entity itself, its name, path or id."""
        instance.__dict__[self.field] = value

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        """An entity of the declared kind, a text that names one, or None."""
        kinds = reference_kinds(source)

        def validate(value: Any) -> Reference | None:
            if value is None:
                return None
            try:
                return as_reference(value, kinds)
            except TypeError as error:
                raise PydanticCustomError("reference", "{why}", {"why": str(error)}) from None

        return core_schema.no_info_plain_validator_function(validate)


def reference_kinds(source: Any) -> tuple[type[Model], ...]:
    """The model classes named in ``Ref[...]`` or ``Refs[...]``."""
    return tuple(kind for arg in get_args(source) for kind in (get_args(arg) or (arg,)))


def as_reference(item: Any, kinds: tuple[type[Model], ...]) -> Reference:
    """A reference from an entity or a text.

    Raises:
        TypeError: it is neither, or an entity of the wrong kind.
    """
    if isinstance(item, Reference):
        return item
    if isinstance(item, str):
        if not item:
            raise TypeError("a reference needs a name, a path or an id")
        return Reference(text=item)
    if kinds and not isinstance(item, kinds):
        raise TypeError(f"expected {_one_of(kinds)}, not {thing(item)}")
    return Reference(target=item)


def _one_of(kinds: tuple[type[Model], ...]) -> str:
    return f"a {kind_words(kinds)} or the name of one"


def _model() -> type[Model]:
    from nixschema.model.entity import Model

    return Model


def _names(entity: Any) -> tuple[str, ...]:
    return tuple(filter(None, (getattr(entity, "name", ""), getattr(entity, "id", ""))))


def found_by(text: str, owner: Model, kinds: tuple[type[Model], ...]) -> Model | None:
    """What a text names for an entity: by name, by path, by id; None where there is no such."""
    for kind in kinds:
        for root in _roots(owner, kind):
            found = _by_name(text, root) or _by_path(text, root, kind) or _by_id(text, root, kind)
            if found is not None:
                return found
    return None


def _roots(owner: Model | None, kind: type[Model]) -> Iterator[Container[Any]]:
    """The containers of the owner's block, then file, that hold entities of a kind."""
    above = owner
    while above is not None:
        if above.scope and above is not owner:
            for field in layout_of(type(above)).values():
                if kind in field.targets:
                    value = above.__dict__[field.field]
                    if isinstance(value, Container):
                        yield value
        above = above.owner


def _by_name(text: str, root: Container[Any]) -> Model | None:
    return cast("Model | None", root.by_name(text))


def _by_path(text: str, root: Container[Any], kind: type[Model]) -> Model | None:
    nested = _nesting(kind)
    if nested is None:
        return None
    level: Container[Any] = root
    found: Model | None = None
    for name in text.strip("/").split("/"):
        found = level.by_name(name)
        if found is None:
            return None
        level = found.__dict__[nested]
    return found


def _by_id(text: str, root: Container[Any], kind: type[Model]) -> Model | None:
    found: Model | None = root.by_id(text)
    nested = _nesting(kind)
    if found is not None or nested is None:
        return found
    stack = list(root)
    while stack:
        entity = stack.pop()
        if getattr(entity, "id", None) == text:
            return cast("Model", entity)
        stack.extend(entity.__dict__[nested])
    return None


def _nesting(kind: type[Model]) -> str | None:
    """The field in which entities of a kind hold others of it (sources, sections)."""
    for field in layout_of(kind).values():
        if kind in field.targets and isinstance(field.place, type(Container.default_place)):
            return field.field
    return None
