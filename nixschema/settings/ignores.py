"""Findings that are not told: by rule, and by where they are.

``NIX215`` a rule, ``NIX2`` all that begin so, ``NIX?01`` a glob of rules; then places, each after
an ``@``: ``NIX201@/data/*/data_arrays/raw*`` the entities of these paths and all below,
``NIX201@type:neo.*`` entities of a type. Of several places one is enough.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from nixschema.settings.globs import FileGlob, PathGlob, WrongPattern, name_pattern

if TYPE_CHECKING:
    from nixschema.findings import Finding

_TYPE = "type:"


@dataclass(frozen=True)
class Ignore:
    """One rule or pattern of rules, and at most one place."""

    rules: str
    """Pattern of the rules."""
    place: str = ""
    """Pattern of paths, or ``type:`` and a pattern of types; empty for everywhere."""
    files: FileGlob | None = None
    """The files it is for; None for all of its configuration."""
    source: str = ""
    """Configuration it stands in; empty for the command line."""
    key: str = "ignore"
    """Where it stands there."""
    _glob: PathGlob | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        """Take it apart.

        Raises:
            WrongPattern: it is none.
        """
        if self.place.startswith(_TYPE):
            name_pattern(self.place.removeprefix(_TYPE))
        elif self.place:
            object.__setattr__(self, "_glob", PathGlob(self.place))

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{self.rules}@{self.place}" if self.place else self.rules

    @cached_property
    def _type(self) -> re.Pattern[str]:
        return name_pattern(self.place.removeprefix(_TYPE))

    def fits_rule(self, rule_id: str) -> bool:
        """Whether it is about a rule."""
        from nixschema.rules.rule import fits

        return fits(self.rules, rule_id)

    def fits_place(self, finding: Finding) -> bool:
        """Whether it is about the place of a finding."""
        if not self.place:
            return True
        if self._glob is not None:
            return self._glob.fits(finding.path)
        return finding.entity_type is not None and bool(self._type.match(finding.entity_type))


def parsed_ignores(
    text: str, *, files: FileGlob | None = None, source: str = "", key: str = "ignore"
) -> list[Ignore]:
    """An ignore for each place that a text names; one where it names none.

    Raises:
        WrongPattern: the text is no ignore.
    """
    rules, *places = _split(text)
    if not rules.strip():
        raise WrongPattern("no rule before `@`: `NIX` stands for all of them")
    for place in places:
        if place.startswith(_TYPE):
            if place == _TYPE:
                raise WrongPattern("no type after `@type:`")
        elif not place.startswith(("/", "**")):
            raise WrongPattern(
                f"`{place}` after `@`, where a path that begins with `/` or `type:` was expected"
            )
    return [
        Ignore(rules.strip(), place, files=files, source=source, key=key)
        for place in places or [""]
    ]


def _split(text: str) -> list[str]:
    r"""Parts between ``@``; ``\@`` does not part."""
    parts = [""]
    letters = iter(text)
    for letter in letters:
        if letter == "@":
            parts.append("")
        else:
            parts[-1] += letter + (next(letters, "") if letter == "\\" else "")
    return parts
