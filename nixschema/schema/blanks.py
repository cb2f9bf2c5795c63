"""Blanks in texts, ``<word>``, ``<word:number>``; and wildcards, ``*`` and ``?``."""

from __future__ import annotations

import re

WORD = r"[^\W\d][\w-]*"
"""The word of a blank."""

BLANK = re.compile(rf"<({WORD})(?::(number|text))?>")
"""A blank: its word, and what narrows it."""

_LIKE_BLANK = re.compile(r"<([^<>\s][^<>]*)>")


def blanks_in(text: str) -> list[str]:
    """The words of the blanks in a text, in their order."""
    return [found[1] for found in BLANK.finditer(text)] if "<" in text else []


def is_blank(text: str) -> bool:
    """Whether a text is one blank and nothing else."""
    return BLANK.fullmatch(text) is not None


def is_plain(text: str) -> bool:
    """Whether a text stands for itself: it has no wildcards and no blanks."""
    return not ("*" in text or "?" in text or BLANK.search(text))


def wrong_blank(text: str) -> str | None:
    """What is wrong with something in a text that looks like a blank, or None."""
    if "<" not in text:
        return None
    for found in _LIKE_BLANK.finditer(text):
        if not BLANK.fullmatch(found[0]):
            word, colon, narrowed = found[1].partition(":")
            if colon and re.fullmatch(WORD, word):
                return (
                    f"`{narrowed}` narrows no blank; expected `<{word}:number>` or `<{word}:text>`"
                )
            joined = re.sub(r"\s+", "_", found[0])
            if BLANK.fullmatch(joined):
                return f"`{found[0]}` is no blank: did you mean `{joined}`?"
            return f"`{found[0]}` is no blank; expected a word, such as `<name>`"
    return None


def could_be(text: str, pattern: str) -> bool:
    """Whether a text may be what a pattern stands for, each blank taken for any text."""
    wanted = BLANK.sub("*", pattern)
    at = mark = 0
    star = -1
    i = 0
    while i < len(text):
        if at < len(wanted) and wanted[at] == "*":
            star, mark = at, i
            at += 1
        elif at < len(wanted) and wanted[at] in ("?", text[i]):
            at += 1
            i += 1
        elif star >= 0:
            mark += 1
            at, i = star + 1, mark
        else:
            return False
    return not wanted[at:].strip("*")
