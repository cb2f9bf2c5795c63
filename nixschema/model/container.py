"""Ordered members of an entity, found by name, id or position."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast, get_args, overload

from pydantic_core import PydanticCustomError, core_schema

from nixschema.layout import Members, Place, layout_of
from nixschema.model.refusal import kind_words, shown, thing

if TYPE_CHECKING:
    from nixschema.model.entity import Model

T = TypeVar("T", bound="Model")


_MOST_COMPARED = 1_000
"""Names that are looked at for one that may be meant."""


class Container(Generic[T]):
    """The entities that another entity owns, in order, no two of one name.

    ``container["lfp"]`` finds by name, else by id; ``container[0]`` and ``container[1:]`` by
    position. Iteration gives the entities.
    """

    __slots__ = ("_by_id", "_by_name", "_field", "_items", "_kinds", "_owner")

    default_place: ClassVar[Place] = Members()
    described_as: ClassVar[str] = "container"

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._items: list[T] = []
        self._by_name: dict[str, T] | None = None
        self._by_id: dict[str, T] | None = None
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
        return self._items[key]

    def _missing(self, key: str) -> str:
        kinds = kind_words(self._kinds) if self._kinds else "member"
        where = f" in {self._owner.path}" if self._owner is not None else ""
        close = difflib.get_close_matches(key, self.names()[:_MOST_COMPARED], 1)
        hint = f": did you mean `{close[0]}`?" if close else ""
        return f"no {kinds} named `{key}`{where}{hint}"

    @overload
    def get(self, key: str) -> T | None: ...
    @overload
    def get(self, key: str, default: T) -> T: ...
    def get(self, key: str, default: T | None = None) -> T | None:
        """The member of that name or id, or the default."""
        found = self._names().get(key)
        if found is None:
            found = self._ids().get(key)
        return default if found is None else found

    def __contains__(self, key: object) -> bool:
        """Whether an entity, or one of that name or id, is a member."""
        if isinstance(key, str):
            return self.get(key) is not None
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

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the members, without their owner."""
        return Container, (list(self._items),)

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
        self._check(item)
        self._items.insert(position, item)
        self._adopt(item)
        if self._by_name is not None and (name := _name(item)):
            self._by_name[name] = item
        self._by_id = None

    def extend(self, items: Iterable[T]) -> None:
        """Add several entities at the end, or none where one of them is refused."""
        added: list[T] = []
        try:
            for item in items:
                self.append(item)
                added.append(item)
        except (TypeError, ValueError):
            for item in added:
                self.remove(item)
            raise

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
        item = self._items.pop(position)
        item._owner = item._container = None
        self._by_name = self._by_id = None
        return item

    def clear(self) -> None:
        """Take all members out."""
        while self._items:
            self.pop()

    def move(self, item: T | str, position: int) -> None:
        """Move a member to another position."""
        moved = self[item] if isinstance(item, str) else item
        del self._items[self.index(moved)]
        self._items.insert(position, moved)

    def _names(self) -> dict[str, T]:
        if self._by_name is None:
            self._by_name = {_name(item): item for item in reversed(self._items)}
            self._by_name.pop("", None)
        return self._by_name

    def _ids(self) -> dict[str, T]:
        if self._by_id is None:
            self._by_id = {getattr(item, "id", ""): item for item in reversed(self._items)}
            self._by_id.pop("", None)
        return self._by_id

    def _check(self, item: T) -> None:
        self._check_kind(item)
        if item._owner is not None or item._container is not None:
            where = f" at {item.path}" if item._owner is not None else " to another container"
            raise ValueError(
                f"{thing(item)} belongs{where}: remove it there first, or use `.copy()`"
            )
        name = _name(item)
        if name and name in self._names():
            raise self._taken(item, name)
        if self._owner is not None:
            self._owner._check_member(self._field, item)
            item._may_join(self._owner)
        above = self._owner if item._has_members() else None
        while above is not None:
            if above is item:
                raise ValueError(f"{item!r} cannot be a member of itself")
            above = above._owner

    def _check_kind(self, item: Any) -> None:
        if self._kinds and not isinstance(item, self._kinds):
            raise TypeError(f"expected a {kind_words(self._kinds)}, not {thing(item)}")

    def _adopt(self, item: T) -> None:
        item._container = self
        item._owner = self._owner
        if self._owner is not None:
            item._join()

    def _bind(self, owner: Model, field: str) -> None:
        self._owner = owner
        self._field = field
        self._kinds = layout_of(type(owner))[field].targets  # type: ignore[assignment]
        for item in self._items:
            item._owner = owner
            item._may_join(owner)
            item._join()

    def _load(self, items: list[T]) -> None:
        """Take over what a file has, equal names included."""
        self._items = items
        for item in items:
            self._adopt(item)

    def _renamed(self, item: T, name: str) -> None:
        """Make way for a member's new name.

        Raises:
            ValueError: another member has it.
        """
        known = self._names().get(name)
        if known is not None and known is not item:
            raise self._taken(item, name)
        self._by_name = None

    def _taken(self, item: T, name: str) -> ValueError:
        where = f" in {self._owner.path}" if self._owner is not None else ""
        return ValueError(
            f"there is a {type(item).words} named `{name}` already{where}: give this one another "
            "name, or remove that one first"
        )

    def _changed_id(self) -> None:
        self._by_id = None

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        """A container of the declared kind, or any iterable of such entities."""
        return core_schema.no_info_plain_validator_function(_container_of(cls, source))


def _container_of(cls: type[Container[Any]], source: Any) -> Callable[[Any], Container[Any]]:
    kinds = tuple(kind for arg in get_args(source) for kind in (get_args(arg) or (arg,)))

    def validate(value: Any) -> Container[Any]:
        if isinstance(value, kinds):
            value = [value]
        if isinstance(value, str | bytes | dict) or not isinstance(value, Iterable):
            why = f"expected a {kind_words(kinds)} or several, not {shown(value)}"
            raise PydanticCustomError("container", "{why}", {"why": why})
        fresh = isinstance(value, Container) and value._owner is None
        given = cast("Container[Any]", value) if fresh else cls()
        given._kinds = kinds
        try:
            if fresh:
                for item in given:
                    given._check_kind(item)
            else:
                given.extend(value)
        except TypeError as error:
            raise PydanticCustomError("container", "{why}", {"why": str(error)}) from None
        return given

    return validate


def _name(item: Any) -> str:
    name = getattr(item, "name", "")
    return name if isinstance(name, str) else ""
