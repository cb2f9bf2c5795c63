"""What is known of a file while schemas check it, found when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nixschema.model import Block, File, Group, Model
from nixschema.model.reference import Reference, Refs
from nixschema.model.refusal import did_you_mean

MOST_STEPS = 20_000_000
"""So many steps a schema takes at most over one file."""

MOST_HINTS = 200
"""So many findings about one file say which name may be meant."""

_GROUPED = ("data_arrays", "data_frames", "tags", "multi_tags")


class Exhausted(Exception):
    """A schema takes too many steps over a file."""


class ColumnView:
    """A column of a frame, with the fields of a column as an entity has them."""

    words = "column"

    def __init__(self, frame: Any, column: Any) -> None:
        self.frame = frame
        self.name = column.name
        self.unit = column.unit
        self.dtype = column.dtype

    @property
    def key(self) -> tuple[int, str]:
        """What tells it apart: a view is made anew each time."""
        return id(self.frame), self.name


class Run:
    """One file, and what was found out about it."""

    def __init__(self, file: File, *, depth: str, most_steps: int = MOST_STEPS) -> None:
        """Begin.

        Args:
            file: the file.
            depth: ``full`` where values of arrays may be read.
            most_steps: how many steps it may take.
        """
        self.file = file
        self.reads_values = depth == "full"
        self._left = most_steps
        self._hints = MOST_HINTS
        self._groups: dict[int, dict[int, list[Group]]] = {}
        self._kinds: dict[tuple[str, int], list[Any]] = {}
        self.unsure: set[int] = set()
        """Identities of entities that nobody knows: their text is refused."""
        self.answers: dict[Any, Any] = {}
        """What clauses found out about a block or the file, to be asked again."""
        self.sizes: dict[tuple[int, int], tuple[int, str]] = {}
        """How many belong together with an entity, by clause and entity; and what that is."""
        self.passed_over: dict[str, Any] = {}
        """What is too large to be compared, in sentences, and the entity that each is about."""

    def spend(self, steps: int = 1) -> None:
        """Take some steps.

        Raises:
            Exhausted: there were too many.
        """
        self._left -= steps
        if self._left < 0:
            raise Exhausted

    def did_you_mean(self, text: str, names: Iterable[str]) -> str:
        """A hint at a similar name, for the first findings that need one: they take long."""
        if not self.has_hints:
            return ""
        self._hints -= 1
        return did_you_mean(text, names)

    @property
    def has_hints(self) -> bool:
        """Whether there are hints still."""
        return self._hints > 0

    def groups_of(self, entity: Any) -> list[Group]:
        """The groups of its block that list an entity."""
        block = entity.block if isinstance(entity, Model) else None
        if block is None:
            return []
        known = self._groups.get(id(block))
        if known is None:
            known = self._groups[id(block)] = {}
            for group in block.__dict__.get("groups", ()):
                for field in _GROUPED:
                    for target in linked(group, field):
                        known.setdefault(id(target), []).append(group)
        return known.get(id(entity), [])

    def of_kind(self, kind: str | None, block: Block | None) -> list[Any]:
        """The entities of a class in a block, or in all of the file; of any class when None."""
        key = (kind or "", id(block) if block is not None else 0)
        found = self._kinds.get(key)
        if found is None:
            found = []
            for one in (self.file if block is None else block).walk():
                self.spend()
                if (kind is None and "type" in one.__dict__) or type(one).__name__ == kind:
                    found.append(one)
            self._kinds[key] = found
        return found


def linked(entity: Any, field: str) -> list[Any]:
    """The entities that a field refers to, those that are there."""
    value = entity.__dict__.get(field)
    if isinstance(value, Refs):
        return list(value.found())
    if isinstance(value, Reference):
        return list(_resolved(value, entity, field))
    return []


def _resolved(reference: Reference, entity: Any, field: str) -> Iterable[Any]:
    kinds = getattr(type(entity).__dict__.get(field) or _descriptor(entity, field), "kinds", ())
    target = reference.resolve(entity, kinds)
    return () if target is None else (target,)


def _descriptor(entity: Any, field: str) -> Any:
    for one in type(entity).__mro__:
        if field in one.__dict__:
            return one.__dict__[field]
    return None
