"""Patterns of paths, of entities and of files.

``*`` stands for any characters of one name, ``?`` for one of them, ``**`` for any number of names.
A backslash before ``*``, ``?``, ``@`` or another backslash takes it as it is. All else, brackets
too, stands for itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from nixschema.coverage import seen_from

LONGEST = 1_000
"""Characters a pattern may have."""

ESCAPED = "*?@\\"
"""What a backslash may stand before."""


class WrongPattern(ValueError):
    """A text is no pattern."""


def name_pattern(text: str) -> re.Pattern[str]:
    """A pattern of one name as a regular expression that takes time in proportion to the name.

    Raises:
        WrongPattern: a backslash stands before something else, or it is too long.
    """
    if len(text) > LONGEST:
        raise WrongPattern(f"a pattern of {len(text):,} characters, but at most {LONGEST:,} are")
    pieces: list[str] = [""]
    position = 0
    while position < len(text):
        letter = text[position]
        if letter == "\\":
            position += 1
            if text[position : position + 1] not in tuple(ESCAPED):
                raise WrongPattern(r"a backslash that is not before `*`, `?`, `@` or `\`")
            pieces[-1] += re.escape(text[position])
        elif letter == "*":
            if len(pieces) == 1 or pieces[-1]:
                pieces.append("")
        else:
            pieces[-1] += "." if letter == "?" else re.escape(letter)
        position += 1
    first, *rest = pieces
    if rest:
        # Each piece is found as early as possible, and never looked for again.
        *middle, last = rest
        first += "".join(f"(?>.*?{one})" for one in middle) + f".*{last}"
    return re.compile(rf"(?s:{first})\Z")


@dataclass(frozen=True)
class PathGlob:
    """A pattern of a path, which is for all that is below it too."""

    text: str
    """As it was written."""
    _names: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take it apart.

        Raises:
            WrongPattern: it is none.
        """
        if len(self.text) > LONGEST:
            name_pattern(self.text)
        names = tuple(one for one in self.text.split("/") if one)
        for name in names:
            name_pattern(name)
        object.__setattr__(self, "_names", names)

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str] | None, ...]:
        """One for each name, None for any number of names."""
        return tuple(None if one == "**" else name_pattern(one) for one in self._names)

    def fits(self, path: str) -> bool:
        """Whether it stands for a path, or for one above it."""
        names = [one for one in path.split("/") if one]
        patterns = self._patterns
        at_pattern = at_name = 0
        again: tuple[int, int] | None = None
        while at_pattern < len(patterns):
            here = patterns[at_pattern]
            if here is None:
                at_pattern += 1
                again = (at_pattern, at_name)
            elif at_name == len(names):
                return False
            elif here.match(names[at_name]):
                at_pattern += 1
                at_name += 1
            elif again is not None:
                again = (again[0], again[1] + 1)
                at_pattern, at_name = again
            else:
                return False
        return True


@dataclass(frozen=True)
class FileGlob:
    """A pattern of files as a configuration has it: seen from its folder.

    One without a slash is for files and folders of that name at any depth.
    """

    text: str
    """As it was written."""
    folder: str
    """Whole path of the folder that it is seen from."""
    _glob: PathGlob = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take it apart.

        Raises:
            WrongPattern: it is none.
        """
        inner = self.text.rstrip("/")
        if not inner or ".." in inner.split("/"):
            raise WrongPattern(f"`{self.text}`, where files in the configuration's folder or below")
        glob = PathGlob(inner.removeprefix("./") if "/" in inner else f"**/{inner}")
        object.__setattr__(self, "_glob", glob)

    def fits(self, seen: str) -> bool:
        """Whether it stands for a file, or a folder that the file is in.

        Args:
            seen: the file's path as seen from the pattern's folder.
        """
        return not seen.startswith("../") and self._glob.fits(seen)


class Placed:
    """A file, and how it is seen from the folders of patterns."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._seen: dict[str, str] = {}

    def fits(self, glob: FileGlob) -> bool:
        """Whether a pattern stands for it."""
        seen = self._seen.get(glob.folder)
        if seen is None:
            seen = self._seen[glob.folder] = seen_from(self._path, glob.folder)
        return glob.fits(seen)
