"""Keys that an entity does not have, and what was meant by them."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from nixschema.descriptions.drafts import Draft, Reading
from nixschema.descriptions.keys import DIMENSION_WORDS, ODML_KEYS, Key, Kind, keys_of
from nixschema.model import MODELS, File, Model, Property, Section
from nixschema.model.refusal import did_you_mean
from nixschema.text.nodes import Mapping, Node, Scalar
from nixschema.text.scalars import Reason, missing_space, number_of

_ALIKE = 0.7
"""How much of two keys agrees where one is written for the other."""

_LONGEST_LIST = 3
"""Most kinds of entity that are told to have a key."""


def meant(name: str, known: list[str]) -> str:
    """The key that a misspelt one stands for, or nothing."""
    longer = [one for one in known if len(name) > 2 and one.startswith(name)]
    if len(longer) == 1:
        return longer[0]
    found = re.search("`(.+)`", did_you_mean(name, known))
    if found is None or SequenceMatcher(None, name, found[1]).ratio() < _ALIKE:
        return ""
    return found[1]


def tell_unknown_key(reading: Reading, draft: Draft, name: str) -> None:
    """Say that an entity has no such key; what it may stand for is not told to be missing."""
    assert isinstance(draft.node, Mapping)
    here = draft.node.keys[name]
    known = [one for one in keys_of(draft.model) if one not in ("odml", "extra")]
    where = f"a {draft.model.words}" if draft.model is not File else "a description"
    message = f"no key `{name}` in {where}"
    value = draft.node.items[name]
    if isinstance(value, Scalar) and value.is_null and (help := missing_space(here)):
        told = name.partition(":")[0]
        key = keys_of(draft.model).get(told)
        if key is not None:
            reading.leave_open(draft, key.field)
        message = f"a space is missing after the colon of `{name}`"
        help = f"write `{told}: {name.partition(':')[2]}`" if "`" not in name else help
        reading.fault(draft, name, here, "NIX131", message, help)
        return
    if name in _beyond(draft.model):
        help = f"odML has it, and NIX has not: write it below `odml`, as `odml: {{{name}: …}}`"
        reading.fault(draft, name, here, "NIX131", message, help)
        return
    word = meant(name, known)
    if word:
        reading.leave_open(draft, keys_of(draft.model)[word].field)
        reading.fault(draft, name, here, "NIX131", f"{message}: did you mean `{word}`?")
        return
    others = [one for one in _models() if name in keys_of(one) and one is not draft.model]
    if others and draft.model in _DIMENSIONS and _DIMENSIONS.issuperset(others):
        reading.leave_open(draft, "")
    help = _where_it_belongs(draft, [one.words for one in others], known)
    reading.fault(draft, name, here, "NIX131", message, help)


def _beyond(model: type[Model]) -> frozenset[str]:
    """What odML has for an entity, and NIX has no field for."""
    if model is File:
        return frozenset(("author", "date", "version", "repository"))
    odml = ODML_KEYS.get(model.words, {}) if model in (Section, Property) else {}
    return frozenset(odml.keys() - keys_of(model).keys())


_DIMENSIONS = frozenset(DIMENSION_WORDS.values())


def _where_it_belongs(draft: Draft, others: list[str], known: list[str]) -> str:
    listed = f"there are {', '.join(known)}"
    if draft.model is Section and not others:
        return f"put a property below `properties`; {listed}"
    if 0 < len(others) <= _LONGEST_LIST:
        return f"it is a key of a {' and a '.join(others)}; {listed}"
    return listed


def _models() -> list[type[Model]]:
    return list(dict.fromkeys((*MODELS, *DIMENSION_WORDS.values())))


def decimal_comma(reading: Reading, draft: Draft, key: Key, node: Node) -> bool:
    """Whether a number within braces is cut in two by a decimal comma, which is told."""
    if key.kind not in (Kind.NUMBER, Kind.INTEGER) or not isinstance(node, Scalar):
        return False
    assert isinstance(draft.node, Mapping)
    end = (node.line, node.column + len(node.text) + 1)
    rest = next(
        (
            (name, one)
            for name, one in draft.node.keys.items()
            if (one.line, one.column) == end and name.isdecimal()
        ),
        None,
    )
    if rest is None or not isinstance(number_of(node), int):
        return False
    name, _ = rest
    whole = Scalar(f"{node.text},{name}", True, node.line, node.column)
    found = number_of(whole)
    assert isinstance(found, Reason)
    reading.refuse(draft, key.field, node, found)
    draft.node = Mapping(
        {one: value for one, value in draft.node.items.items() if one != name},
        draft.node.keys,
        draft.node.line,
        draft.node.column,
    )
    return True


def and_more(names: list[str]) -> str:
    """Some names in words."""
    told = ", ".join(f"`{one}`" for one in names[:_LONGEST_LIST])
    return f"{told} and {len(names) - _LONGEST_LIST} more" if len(names) > _LONGEST_LIST else told
