"""Two remainders compared: what no field claims, attribute by attribute and object by object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from nixschema.model.contrast import NOTHING, contrast, value_text
from nixschema.model.extra import Extra, Foreign, Stored
from nixschema.model.tally import Unreadable, same_values_within


class Unlike(NamedTuple):
    """One thing in which two remainders differ."""

    field: str
    """What differs, as a dotted path that begins at ``extra``."""
    left: Any
    """What is on the left."""
    right: Any
    """What is on the right."""
    message: str
    """Both in words."""
    is_order: bool = False
    """Both have the same, in another order."""


def compared_remainders(left: Extra, right: Extra, rtol: float = 0.0) -> Iterator[Unlike]:
    """What differs between two remainders: something exactly where they are not equal.

    Raises:
        Unreadable: values of an unknown dataset cannot be read.
    """
    stack = [("extra", left, right)]
    while stack:
        place, one, two = stack.pop()
        if one.link != two.link:
            yield Unlike(f"{place}.link", one.link, two.link, contrast(one.link, two.link))
        yield from _attributes(f"{place}.attributes", one.attributes, two.attributes, rtol)
        inside: list[tuple[str, Extra, Extra]] = []
        for name in dict.fromkeys((*one.members, *two.members)):
            a, b = one.members.get(name), two.members.get(name)
            field = f"{place}.members.{name}"
            if isinstance(a, Foreign) or isinstance(b, Foreign):
                if not _same_member(a, b):
                    texts = _member_text(a), _member_text(b)
                    is_told = texts[0] != texts[1]
                    message = contrast(*texts) if is_told else f"{texts[0]} that differs"
                    yield Unlike(field, *texts, message)
            elif a or b or (a is not None and b is not None):
                inside.append((field, a or Extra(), b or Extra()))
            else:
                texts = _member_text(a), _member_text(b)
                yield Unlike(field, *texts, contrast(*texts))
        stack.extend(reversed(inside))


def _attributes(
    place: str, left: dict[str, Stored], right: dict[str, Stored], rtol: float
) -> Iterator[Unlike]:
    for name in dict.fromkeys((*left, *right)):
        a, b = left.get(name), right.get(name)
        if a is not None and b is not None:
            if a == b or (rtol and _is_close(a, b, rtol)):
                continue
            yield Unlike(f"{place}.{name}", a.value, b.value, _stored_text(a, b))
        else:
            text = value_text(a.value) if a is not None else NOTHING
            other = value_text(b.value) if b is not None else NOTHING
            values = a.value if a is not None else None, b.value if b is not None else None
            yield Unlike(f"{place}.{name}", *values, f"{text} -> {other}")
    for position, (x, y) in enumerate(zip(left, right, strict=False)):
        if x != y and left.keys() == right.keys():
            message = f"another order from [{position}] on: {contrast(x, y)}"
            yield Unlike(place, x, y, message, is_order=True)
            return


def _is_close(one: Stored, two: Stored, rtol: float) -> bool:
    return (
        one.type == two.type
        and one.space == two.space
        and same_values_within(one.value, two.value, rtol)
    )


def _stored_text(one: Stored, two: Stored) -> str:
    left, right = value_text(one.value), value_text(two.value)
    text = left if left == right else contrast(one.value, two.value)
    if _type_text(one) != _type_text(two):
        return f"{text} ({_type_text(one)} -> {_type_text(two)})"
    return f"{text}, stored in another way" if left == right else text


def _type_text(stored: Stored) -> str:
    return stored.type.text if stored.type is not None else ""


def _same_member(one: Any, two: Any) -> bool:
    try:
        return bool(one == two)
    except (OSError, RuntimeError, KeyError) as error:
        raise Unreadable.of(error) from error


def _member_text(member: Extra | Foreign | None) -> str | None:
    if isinstance(member, Extra):
        return "attributes" if member else "an empty remainder"
    if member is None:
        return None
    kind = member.objects[0].kind if member.objects else f"{member.link.kind} link"
    return "unreadable object" if kind == "unreadable" else kind
