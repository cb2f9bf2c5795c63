"""Blanks, and what fills them: the first that fills one fills it everywhere in its scope."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, NamedTuple

from nixschema.schema.checking.quantities import quantity, same, shown

if TYPE_CHECKING:
    from nixschema.schema.checking.run import Run


class Filled(NamedTuple):
    """What fills a blank."""

    content: Any
    """Text, number, boolean, tuple or entity."""
    unit: str | None
    """Its unit, where it has one."""
    where: str
    """The field that filled it first, as seen from the clause: ``positions.shape``."""


class Scope:
    """The blanks of a clause; one inside another tries, or has some blanks of its own."""

    __slots__ = ("_filled", "_local", "_parent", "filling", "later", "run")

    def __init__(
        self, run: Run, parent: Scope | None = None, local: Collection[str] | None = None
    ) -> None:
        """Begin.

        Args:
            run: what is known of the file.
            parent: the scope around it.
            local: blanks that are its own, and others the parent's; None to keep all to itself
                until `commit`.
        """
        self.run = run
        self._parent = parent
        self._local = local
        self._filled: dict[str, Filled] = {}
        shares = parent is not None and local is not None
        self.later: list[Callable[[], None]] = parent.later if parent and shares else []
        """What waits until all blanks are filled."""
        self.filling: list[Callable[[], None]] = parent.filling if parent and shares else []
        """What fills blanks from values, before all else that waits."""

    def get(self, name: str) -> Filled | None:
        """What fills a blank, or None."""
        here: Scope | None = self
        while here is not None:
            found = here._filled.get(name)
            if found is not None or (here._local is not None and name in here._local):
                return found
            here = here._parent
        return None

    def fill(self, name: str, content: Any, unit: str | None, where: str) -> None:
        """Fill a blank."""
        here = self
        while here._parent is not None and here._local is not None and name not in here._local:
            here = here._parent
        here._filled[name] = Filled(content, unit, where)

    def trial(self) -> Scope:
        """A scope to try something in."""
        return Scope(self.run, self)

    def inner(self, local: Collection[str]) -> Scope:
        """A scope in which some blanks are another's."""
        return Scope(self.run, self, local)

    def part(self, trial: Scope) -> Scope:
        """A scope that has for itself what a trial filled, and shares all other blanks."""
        made = Scope(self.run, self, frozenset(trial._filled))
        made._filled = dict(trial._filled)
        return made

    def commit(self) -> None:
        """Keep what a trial filled."""
        assert self._parent is not None
        for name, filled in self._filled.items():
            self._parent.fill(name, *filled)

    def finish(self) -> None:
        """Do what waited until all blanks are filled."""
        while self.filling or self.later:
            waits = self.filling or self.later
            waiting = list(waits)
            waits.clear()
            for one in waiting:
                one()


def agree(
    scope: Scope, name: str, kind: str, content: Any, unit: str | None, where: str
) -> str | None:
    """Fill a blank, or compare with what fills it; the sentence where that differs.

    Args:
        scope: where the blank is.
        name: its name.
        kind: ``number``, ``text`` or nothing.
        content: what is there.
        unit: its unit.
        where: the field, as seen from the clause.
    """
    if kind == "number" and isinstance(content, str):
        read = quantity(content)
        if read is None:
            return f"{shown(content, unit)} is no number for `<{name}>`"
        content, unit = read[0], read[1] or unit
    elif kind == "number" and (isinstance(content, bool) or not isinstance(content, int | float)):
        return f"{shown(content, unit)} is no number for `<{name}>`"
    elif kind == "text" and not isinstance(content, str):
        return f"{shown(content, unit)} is no text for `<{name}>`"
    filled = scope.get(name)
    if filled is None:
        scope.fill(name, content, unit, where)
        return None
    if same(filled.content, filled.unit, content, unit):
        return None
    return (
        f"`<{name}>` is {shown(filled.content, filled.unit)} in {filled.where} "
        f"but {shown(content, unit)} in {where}"
    )
