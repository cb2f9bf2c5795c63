"""The list that a text of odML's XML stands for: a row of CSV between brackets."""

from __future__ import annotations

from typing import NamedTuple


class Listed(NamedTuple):
    """What a text stands for."""

    items: list[str]
    is_list: bool
    """Whether it has brackets."""
    complaint: str | None = None
    """Why readers may not agree about it."""


def listed(text: str) -> Listed:
    """The values that a text stands for.

    A text between brackets is a list; its items end at commas, and may stand between double
    quotes, which are doubled within. Any other text is one value, and blank text is none.
    White space around the brackets, around items between quotes, and around items on lines of
    their own does not count.
    """
    if not text or text.isspace():
        return Listed([], False)
    inner = text.strip()
    if not (inner[0] == "[" and inner[-1] == "]" and len(inner) > 1):
        return Listed([text], False)
    complaint = None
    if len(inner) != len(text):
        complaint = "white space stands around the brackets of a list"
    inner = inner[1:-1]
    if not inner:
        return Listed([], True, complaint)
    if '"' not in inner:
        items = inner.split(",")
        if "\n" in inner or "\r" in inner:
            items = [one.strip() for one in items]
            complaint = "a list is written in several lines"
        elif inner.isspace():
            return Listed([], True, "a list has blanks and no value")
    else:
        items, told = _quoted(inner)
        complaint = told or complaint
    if complaint is None:
        for one in items:
            if one[:1].isspace() or one[-1:].isspace():
                if '"' not in inner:
                    complaint = "a value begins or ends with a blank"
                break
    return Listed(items, True, complaint)


def _quoted(inner: str) -> tuple[list[str], str | None]:
    """Items of a row some of which stand between quotes."""
    items: list[str] = []
    complaint: str | None = None
    start, end = 0, len(inner)
    while True:
        first = start
        while first < end and inner[first].isspace():
            first += 1
        if first < end and inner[first] == '"':
            text, after, closed = _between(inner, first + 1)
            behind = after
            while behind < end and inner[behind].isspace():
                behind += 1
            if behind == end or inner[behind] == ",":
                items.append(text)
                if not closed:
                    complaint = "a quote is not closed in a list"
                elif first != start or behind != after:
                    complaint = complaint or "blanks stand around a value between quotes"
                if behind == end:
                    return items, complaint
                start = behind + 1
                continue
            if first == start:
                # As rows of CSV are read: what is behind the quotes belongs to the value.
                comma = inner.find(",", after)
                stop = comma if comma >= 0 else end
                items.append(text + inner[after:stop])
                complaint = "text stands behind a value between quotes"
                if comma < 0:
                    return items, complaint
                start = comma + 1
                continue
        comma = inner.find(",", start)
        stop = comma if comma >= 0 else end
        item = inner[start:stop]
        if "\n" in item or "\r" in item:
            item, complaint = item.strip(), "a list is written in several lines"
        elif '"' not in item and (item[:1].isspace() or item[-1:].isspace()):
            complaint = complaint or "a value begins or ends with a blank"
        items.append(item)
        if comma < 0:
            return items, complaint
        start = comma + 1


def _between(inner: str, start: int) -> tuple[str, int, bool]:
    """The text up to the closing quote, where that ends, and whether there is one."""
    at = start
    while True:
        at = inner.find('"', at)
        if at < 0:
            return inner[start:].replace('""', '"'), len(inner), False
        if inner[at + 1 : at + 2] != '"':
            return inner[start:at].replace('""', '"'), at + 1, True
        at += 2


def tuples(text: str) -> list[str] | None:
    """The tuples ``(a;b)`` of a text or list, each with its brackets; None where it has others."""
    inner = text.strip()
    if inner[:1] == "[" and inner[-1:] == "]":
        inner = inner[1:-1].strip()
    found: list[str] = []
    at, end = 0, len(inner)
    while at < end:
        close = inner.find(")", at)
        if inner[at] != "(" or close < 0:
            return None
        found.append(inner[at : close + 1])
        at = close + 1
        while at < end and inner[at].isspace():
            at += 1
        if at == end:
            break
        if inner[at] != ",":
            return None
        at += 1
        while at < end and inner[at].isspace():
            at += 1
        if at == end:
            return None
    return found
