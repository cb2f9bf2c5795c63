"""Small changes of an HDF5 file: attributes, links and groups, as plain data.

An edit names the objects of a `Tree` that was read from the file. It knows no entity of NIX by
name. See `nixschema.storage.editing` for how edits are made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from nixschema.storage.tree import Node


@dataclass(frozen=True, slots=True)
class _Edit:
    """A change of a part of an object, which has a name."""

    node: Node
    name: str


@dataclass(frozen=True, slots=True)
class _OfAttribute(_Edit):
    """A change of an attribute."""

    @property
    def key(self) -> tuple[int, str]:
        """What it changes: an object, and a part of it."""
        return self.node.address, f"@{self.name}"


@dataclass(frozen=True, slots=True)
class _OfLink(_Edit):
    """A change of a group's link, or of what it leads to."""

    @property
    def key(self) -> tuple[int, str]:
        """What it changes: an object, and a part of it."""
        return self.node.address, f"/{self.name}"


@dataclass(frozen=True, slots=True)
class SetText(_OfAttribute):
    """Write an attribute anew, as a text of variable length in UTF-8."""

    text: str

    @property
    def words(self) -> str:
        """What becomes of it."""
        before = self.node.attributes.get(self.name)
        if before is not None and before.text == self.text:
            return f"`{self.name}` is stored anew, as a text of variable length in UTF-8"
        return f"`{self.name}` becomes the text `{self.text[:60]}`"


@dataclass(frozen=True, slots=True)
class SetTexts(_OfAttribute):
    """Write an attribute anew, as a list of texts of variable length in UTF-8."""

    texts: tuple[str, ...]

    @property
    def words(self) -> str:
        """What becomes of it."""
        shown = ", ".join(f"`{text[:30]}`" for text in self.texts[:5])
        more = f" and {len(self.texts) - 5} more" if len(self.texts) > 5 else ""
        return f"`{self.name}` becomes the texts {shown}{more}"


@dataclass(frozen=True, slots=True)
class SetNumber(_OfAttribute):
    """Write an attribute anew, as a number."""

    value: float | int
    dtype: str = "float64"

    @property
    def words(self) -> str:
        """What becomes of it."""
        return f"`{self.name}` becomes the number {self.value} ({self.dtype})"


@dataclass(frozen=True, slots=True)
class DropAttribute(_OfAttribute):
    """Take an attribute away."""

    @property
    def words(self) -> str:
        """What becomes of it."""
        return f"`{self.name}` is removed"


@dataclass(frozen=True, slots=True)
class Unlink(_OfLink):
    """Take a link away, and with the last one what it leads to."""

    @property
    def words(self) -> str:
        """What becomes of it."""
        return f"the link `{self.name}` is removed"


@dataclass(frozen=True, slots=True)
class Relink(_OfLink):
    """Let a link lead to another object, as a hard link in the same place among the others."""

    target: Node
    new_name: str = ""
    """The link's new name, or nothing where it keeps its own."""

    @property
    def words(self) -> str:
        """What becomes of it."""
        return f"`{self.new_name or self.name}` becomes a hard link to `{self.target.path}`"


@dataclass(frozen=True, slots=True)
class Rename(_OfLink):
    """Give a link another name, in the same place among the others."""

    new_name: str

    @property
    def words(self) -> str:
        """What becomes of it."""
        return f"the link `{self.name}` gets the name `{self.new_name}`"


@dataclass(frozen=True, slots=True)
class AddLink(_OfLink):
    """Make one more hard link to an object."""

    target: Node

    @property
    def words(self) -> str:
        """What becomes of it."""
        return f"`{self.name}` is made, a hard link to `{self.target.path}`"


@dataclass(frozen=True, slots=True)
class NewGroup(_OfLink):
    """Make a group that keeps the order of its links, with texts as attributes."""

    texts: tuple[tuple[str, str], ...] = ()
    """Names and texts of its attributes."""

    @property
    def words(self) -> str:
        """What becomes of it."""
        return f"the group `{self.name}` is made"


@dataclass(frozen=True, slots=True)
class RewriteTexts(_OfLink):
    """Store a list of texts anew, of variable length in UTF-8, in the same place."""

    texts: tuple[str, ...]

    @property
    def words(self) -> str:
        """What becomes of it."""
        return f"the texts of `{self.name}` are stored anew, of variable length in UTF-8"


@dataclass(frozen=True, slots=True)
class KeepOrder(_OfLink):
    """Make a group anew that keeps the order of its links, which is that of their names.

    The group is the one that a link leads to: node and name are those of the link.
    """

    @property
    def words(self) -> str:
        """What becomes of it."""
        return f"the group `{self.name}` keeps the order of its members"


Edit: TypeAlias = (
    SetText
    | SetTexts
    | SetNumber
    | DropAttribute
    | Unlink
    | Relink
    | Rename
    | AddLink
    | NewGroup
    | RewriteTexts
    | KeepOrder
)
"""One small change."""
