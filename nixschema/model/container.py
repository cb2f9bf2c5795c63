"""Ordered members of an entity, found by name, id or position."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import index
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, get_args, overload

from pydantic_core import PydanticCustomError, core_schema

from nixschema.layout import Members, Place, layout_of
from nixschema.model.index import Index
from nixschema.model.refusal import did_you_mean, kind_words, shown, thing

if TYPE_CHECKING:
    from nixschema.model.entity import Model

T = TypeVar("T", bound="Model")


class Container(Generic[T]):
    """The entities that another entity owns, in order, no two of one name.

    ``container["lfp"]`` finds by name, else by id; ``container[0]`` and ``container[1:]`` by
    position. Iteration gives the entities. What is assigned to the owner's field becomes the
    content of the container that is there.
    """

    __slots__ = ("_field", "_ids", "_items", "_kinds", "_names", "_owner")

    default_place: ClassVar[Place] = Members()
    described_as: ClassVar[str] = "container"

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._items: list[T] = []
        self._names: Index[T] = Index(_name)
        self._ids: Index[T] = Index(_id)
        self._owner: Model | None = None
        self._field = ""
        self._kinds: tuple[type[Model], ...] = ()
        self.extend(items)

    if TYPE_CHECKING:

        def __get__(self, instance: object, owner: object = None) -> Container[T]: ...
        def __set__(self, instance: object, value: Iterable[T]) -> None: ...

    @property
    def owner(self) -> Model | None:
        """The entity whose members these are."""
        return self._owner

    @property
    def field(self) -> str:
        """Name of the owner's field."""
        return self._field

    @overload
    def __getitem__(self, key: str | int) -> T: ...
    @overload
    def __getitem__(self, key: slice) -> list[T]: ...
    def __getitem__(self, key: str | int | slice) -> T | list[T]:
        """A member by name, id or position, or a list of members by slice.

        Raises:
            KeyError: no member has that name or id.
            IndexError: there is no such position.
        """
        if isinstance(key, str):
            found = self.get(key)
            if found is None:
                raise KeyError(self._missing(key))
            return found
        try:
            return self._items[key]
        except IndexError:
            raise IndexError(
                f"{self._where()} has {len(self):,}, and none of number {key}"
            ) from None

    def _where(self) -> str:
        kinds = kind_words(self._kinds) if self._kinds else "member"
        return f"the list of {kinds}s" + (f" in {self._owner.path}" if self._owner else "")

    def _missing(self, key: str) -> str:
        kinds = kind_words(self._kinds) if self._kinds else "member"
        where = f" in {self._owner.path}" if self._owner is not None else ""
        return f"no {kinds} named `{key}`{where}{did_you_mean(key, self.names())}"

    @overload
    def get(self, key: str) -> T | None: ...
    @overload
    def get(self, key: str, default: T) -> T: ...
    def get(self, key: str, default: T | None = None) -> T | None:
        """The member of that name or id, or the default."""
        found = self.by_name(key) or self.by_id(key)
        return default if found is None else found

    def by_name(self, name: str) -> T | None:
        """The first member of that name, or None."""
        return self._names.find(name, self._items)

    def by_id(self, identifier: str) -> T | None:
        """The first member of that id, or None."""
        return self._ids.find(identifier, self._items)

    def __contains__(self, key: object) -> bool:
        """Whether an entity, or one of that name or id, is a member."""
        if isinstance(key, str):
            return self.get(key) is not None
        if self._owner is not None:
            return getattr(key, "_container", None) is self
        return any(item is key for item in self._items)

    def __iter__(self) -> Iterator[T]:
        """The members in order."""
        return iter(self._items)

    def __reversed__(self) -> Iterator[T]:
        """The members in reverse order."""
        return reversed(self._items)

    def __len__(self) -> int:
        """How many members there are."""
        return len(self._items)

    def __repr__(self) -> str:
        """Tell the first few names."""
        shown = ", ".join(repr(item) for item in self._items[:3])
        more = f", … {len(self._items) - 3} more" if len(self._items) > 3 else ""
        return f"[{shown}{more}]"

    def __eq__(self, other: object) -> bool:
        """Whether both hold equal members in the same order."""
        if not isinstance(other, Container):
            return NotImplemented
        return len(self) == len(other) and all(
            one == two for one, two in zip(self._items, other._items, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> Container[T]:
        """The same members, without an owner."""
        return _unowned(list(self._items), self._kinds)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Container[T]:
        """Copies of the members with the same ids, without an owner."""
        return _unowned([item.copy(keep_id=True) for item in self._items], self._kinds)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the members, without their owner."""
        return _unowned, (list(self._items), self._kinds)

    def names(self) -> list[str]:
        """Names of the members, in order."""
        return [_name(item) for item in self._items]

    def index(self, item: T) -> int:
        """Position of a member.

        Raises:
            ValueError: it is not a member.
        """
        for position, known in enumerate(self._items):
            if known is item:
                return position
        raise ValueError(f"{item!r} is not a member")

    def append(self, item: T) -> None:
        """Add an entity at the end.

        Raises:
            ValueError: it has an owner already, its name is taken, or it holds this container.
            TypeError: it is of the wrong kind.
        """
        self.insert(len(self._items), item)

    def insert(self, position: int, item: T) -> None:
        """Add an entity before a position; see `append`."""
        place = index(position)
        self._check([item])
        self._insert(place, item)

    def extend(self, items: Iterable[T]) -> None:
        """Add several entities at the end, or none where one of them is refused; see `append`."""
        added = list(items)
        self._check(added)
        for item in added:
            self._insert(len(self._items), item)

    def __iadd__(self, items: Iterable[T]) -> Self:
        """Add several entities at the end; see `extend`."""
        self.extend(items)
        return self

    def remove(self, item: T | str, *, unlink: bool = False) -> None:
        """Take a member out.

        Args:
            item: the member, its name or its id.
            unlink: take out all references to it and to what belongs to it, too; features and
                dimension links that lead to it go as a whole. Else they stay, and are reported when
                the file is checked.

        Raises:
            ValueError: it is not a member.
            KeyError: no member has that name or id.
        """
        position = self.index(self[item] if isinstance(item, str) else item)
        if unlink:
            from nixschema.model.referring import unlink as drop_references

            drop_references(self._items[position])
        self.pop(position)

    def __delitem__(self, key: str | int | slice) -> None:
        """Take members out: by name, id, position or slice."""
        chosen = self[key]
        for item in list(chosen) if isinstance(chosen, list) else [chosen]:
            self.remove(item)

    def pop(self, position: int = -1) -> T:
        """Take a member out by position and return it."""
        item = self._items.pop(index(position))
        self._names.remove(item)
        self._ids.remove(item)
        if self._owner is not None:
            item._owner = item._container = None
        return item

    def clear(self) -> None:
        """Take all members out."""
        while self._items:
            self.pop()

    def move(self, item: T | str, position: int) -> None:
        """Move a member to another position."""
        place = index(position)
        moved = self[item] if isinstance(item, str) else item
        del self._items[self.index(moved)]
        self._items.insert(place, moved)
        self._names.reorder()
        self._ids.reorder()

    def _insert(self, position: int, item: T) -> None:
        self._items.insert(position, item)
        self._names.add(item)
        self._ids.add(item)
        if self._owner is not None:
            self._adopt(item)

    def _accept(self, item: T) -> None:
        """Add a member at the end that nobody owns, with all it holds, without any check.

        References are not looked for: what is nested deep would be walked through each time.
        """
        self._items.append(item)
        self._names.add(item)
        self._ids.add(item)
        item._container = self
        item._owner = self._owner

    def _check(self, added: list[T]) -> None:
        """Refuse what cannot be added.

        Raises:
            TypeError, ValueError: see `append`.
        """
        names: set[str] = set()
        for item in added:
            self._check_kind(item)
            name = _name(item)
            if name and (name in names or self.by_name(name) is not None):
                raise self._taken(item, name)
            names.add(name)
            if self._is_by_id() and (identifier := _id(item)) and self.by_id(identifier):
                raise ValueError(f"there is a {type(item).words} of the id {identifier} already")
        if self._owner is not None:
            self._owner._check_room(self._field, len(added))
            self._check_free(added)

    def _is_by_id(self) -> bool:
        """Whether members are told apart by their ids in the file."""
        place = layout_of(type(self._owner))[self._field].place if self._owner else None
        return isinstance(place, Members) and place.by == "id"

    def _check_free(self, added: list[T]) -> None:
        """Refuse entities that belong elsewhere, or that the owner of this belongs to."""
        owner = self._owner
        assert owner is not None
        given: set[int] = set()
        for item in added:
            if item._owner is not None:
                raise ValueError(
                    f"{thing(item)} belongs to {item._owner.path}: "
                    "remove it there first, or use `.copy()`"
                )
            if id(item) in given:
                raise ValueError(f"{thing(item)} is given twice")
            given.add(id(item))
            above: Model | None = owner
            while above is not None:
                if above is item:
                    raise ValueError(f"{thing(item)} cannot be a member of itself")
                above = above._owner
        check_brought([one for item in added for one in item._brings()], owner)

    def _check_kind(self, item: Any) -> None:
        if self._kinds and not isinstance(item, self._kinds):
            raise TypeError(f"expected a {kind_words(self._kinds)}, not {thing(item)}")

    def _adopt(self, item: T) -> None:
        item._container = self
        item._owner = self._owner
        item._pending = None
        item._join()
        item._settle_references()

    def _bind(self, owner: Model, field: str, *, loaded: bool = False) -> None:
        """Belong to an entity, with all members.

        Raises:
            ValueError: one of them belongs elsewhere.
        """
        self._field = field
        self._kinds = layout_of(type(owner))[field].targets  # type: ignore[assignment]
        self._owner = owner
        if loaded:
            put = object.__setattr__  # As the members' own does, which takes many times as long.
            for item in self._items:
                put(item, "_container", self)
                put(item, "_owner", owner)
            return
        try:
            self._check_free(self._items)
        except ValueError:
            self._owner = None
            raise
        for item in self._items:
            self._adopt(item)

    def _unbind(self) -> None:
        """Belong to nobody, nor any member."""
        self._owner = None
        for item in self._items:
            if item._container is self:
                item._owner = item._container = None

    def _refill(self, items: Iterable[T]) -> None:
        """Hold other members instead.

        Raises:
            ValueError: one of them belongs elsewhere.
        """
        added = list(items)
        self._check_free([item for item in added if item._container is not self])
        if len({id(item) for item in added}) < len(added):
            raise ValueError("an entity is given twice")
        staying = {id(item) for item in added}
        for item in self._items:
            if id(item) not in staying:
                item._owner = item._container = None
        self._items = added
        self._names.clear()
        self._ids.clear()
        for item in added:
            if item._container is not self:
                self._adopt(item)

    def _load(self, items: list[T]) -> None:
        """Take over what a file has, equal names included."""
        self._items = items

    def _expect_change(self) -> None:
        """Know the present names and ids, before a member changes its own."""
        self.by_name("")
        self.by_id("")

    def _renamed(self, item: T, name: str) -> None:
        """Make way for a member's new name.

        Raises:
            ValueError: another member has it.
        """
        known = self.by_name(name)
        if known is not None and known is not item:
            raise self._taken(item, name)
        self._names.change(item)

    def _changed_id(self, item: T) -> None:
        self._ids.change(item)

    def _taken(self, item: T, name: str) -> ValueError:
        where = f" in {self._owner.path}" if self._owner is not None else ""
        return ValueError(
            f"there is a {type(item).words} named `{name}` already{where}: give this one another "
            "name, or remove that one first"
        )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        """A container of the declared kind, or any iterable of such entities."""
        return core_schema.no_info_plain_validator_function(_container_of(cls, source))


def _unowned(items: list[Any], kinds: tuple[type[Model], ...]) -> Container[Any]:
    """A container of some kinds that belongs to nobody."""
    made: Container[Any] = Container()
    made._kinds = kinds
    made._load(items)
    return made


def check_brought(brought: Iterable[Model], owner: Model) -> None:
    """Refuse data arrays that come along to a block that has one of their name.

    Raises:
        ValueError: it has, or two of them have one name.
    """
    arrays = getattr(owner, "data_arrays", None)
    names: set[str] = set()
    for one in brought:
        name = _name(one)
        if name in names or (isinstance(arrays, Container) and name in arrays):
            raise ValueError(
                f"an array `{name}` is made of numbers, and {thing(owner)} has one of that name: "
                "rename it, or give it itself"
            )
        names.add(name)


def _container_of(cls: type[Container[Any]], source: Any) -> Callable[[Any], Container[Any]]:
    kinds = tuple(kind for arg in get_args(source) for kind in (get_args(arg) or (arg,)))

    def validate(value: Any) -> Container[Any]:
        if isinstance(value, kinds):
            value = [value]
        if isinstance(value, str | bytes | dict) or not isinstance(value, Iterable):
            why = f"expected a {kind_words(kinds)} or several, not {shown(value)}"
            raise PydanticCustomError("container", "{why}", {"why": why})
        given = cls()
        given._kinds = kinds
        try:
            if isinstance(value, Container) and value._owner is None:
                for item in value:
                    given._check_kind(item)
                given._load(list(value))
            else:
                given.extend(value)
        except (TypeError, ValueError) as error:
            raise PydanticCustomError("container", "{why}", {"why": str(error)}) from None
        return given

    return validate


def _name(item: Any) -> str:
    name = getattr(item, "name", "")
    return name if isinstance(name, str) else ""


def _id(item: Any) -> str:
    found = getattr(item, "id", "")
    return found if isinstance(found, str) else ""
