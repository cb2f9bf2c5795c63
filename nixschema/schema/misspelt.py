"""Keywords that a thing in a schema does not have, and what was meant by them."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

from nixschema.model.refusal import did_you_mean
from nixschema.schema.keywords import ENTITIES, WORDS, Keyword, keywords_of
from nixschema.schema.problems import shown
from nixschema.text.nodes import Mapping, Scalar
from nixschema.text.scalars import missing_space

_ALIKE = 0.7
_LONGEST_LIST = 3

_OTHERWISE_CALLED = {
    "regex": ("pattern",),
    "regexp": ("pattern",),
    "matches": ("pattern",),
    "enum": ("one_of",),
    "choices": ("one_of",),
    "allowed": ("one_of",),
    "allowed_values": ("one_of",),
    "oneOf": ("one_of", "any_of"),
    "anyOf": ("any_of",),
    "allOf": ("all_of",),
    "const": ("equals",),
    "is": ("equals",),
    "minimum": ("min",),
    "maximum": ("max",),
    "exclusiveMinimum": ("above",),
    "exclusiveMaximum": ("below",),
    "greater_than": ("above",),
    "less_than": ("below",),
    "range": ("min",),
    "description": ("definition", "title", "message"),
    "doc": ("definition", "title", "reason"),
    "why": ("reason",),
    "help": ("reason",),
    "severity": ("level",),
    "error": ("message",),
    "arrays": ("data_arrays",),
    "dataArrays": ("data_arrays",),
    "frames": ("data_frames",),
    "multitags": ("multi_tags",),
    "multiTags": ("multi_tags",),
    "ndim": ("rank",),
    "data_type": ("dtype",),
    "datatype": ("dtype",),
    "sampling_rate": ("sampling_interval",),
    "samplingrate": ("sampling_interval",),
    "start": ("offset",),
    "axes": ("dimensions",),
    "dims": ("dimensions",),
    "additionalProperties": ("additional",),
    "allow_other": ("additional",),
    "strict": ("additional",),
    "extend": ("extends",),
    "inherits": ("extends",),
    "imports": ("extends",),
    "base": ("extends",),
    "name": ("schema",),
    "definitions": ("types",),
    "entities": ("types",),
    "sections": ("metadata",),
    "recognize": ("recognise",),
    "detect": ("recognise",),
    "match": ("select", "pattern"),
    "where": ("select",),
    "default": (),
    "if": ("when",),
    "then": ("when",),
    "else": ("when",),
    "ignore": ("accept",),
    "mandatory": ("required",),
    "must": ("required",),
    "nullable": ("optional",),
    "number": ("count",),
    "amount": ("count",),
    "size": ("length", "shape"),
    "links": ("references",),
    "refs": ("references",),
    "old": ("formerly",),
    "aliases": ("formerly",),
    "was": ("formerly",),
}
"""What keywords are called elsewhere, and here."""


class Meant(NamedTuple):
    """What is told about a keyword that is not known."""

    message: str
    help: str | None


def what_is_meant(kind: str, name: str, node: Mapping, known: dict[str, Keyword]) -> Meant:
    """The words about a keyword that a thing does not have.

    Args:
        kind: the kind of thing.
        name: what is written.
        node: the mapping that it is in.
        known: the keywords that there are.
    """
    message = f"no keyword `{shown(name)}` in {WORDS[kind]}"
    if kind in ("Property", "Column"):
        known = known | keywords_of("Constraint")
    value = node.items[name]
    if isinstance(value, Scalar) and value.is_null and (help := missing_space(node.keys[name])):
        return Meant(f"a space is missing after the colon of `{shown(name)}`", help)
    for word in _OTHERWISE_CALLED.get(name, ()):
        if word in known:
            return Meant(f"{message}: did you mean `{word}`?", None)
    if word := _similar(name, [one for one in known if one != "$schema"]):
        return Meant(f"{message}: did you mean `{word}`?", None)
    return Meant(message, _where_it_belongs(kind, name, list(known)))


def _similar(name: str, known: list[str]) -> str:
    """The keyword that a misspelt one stands for, or nothing."""
    folded = name.lower().replace("-", "_")
    if folded in known:
        return folded
    longer = [one for one in known if len(name) > 2 and one.startswith(name)]
    if len(longer) == 1:
        return longer[0]
    found = re.search("`(.+)`", did_you_mean(name, known))
    if found is None or SequenceMatcher(None, name, found[1]).ratio() < _ALIKE:
        return ""
    return found[1]


def _where_it_belongs(kind: str, name: str, known: list[str]) -> str:
    listed = f"there are {', '.join(one for one in known if one != '$schema')}"
    if kind == "Section":
        inside = [one for one in ENTITIES if name in keywords_of(one)]
        if not inside:
            return f"put a property below `properties`; {listed}"
    others = [one for one in ENTITIES if one not in (kind, "Data") and name in keywords_of(one)]
    if name in keywords_of("Dimension") and not others:
        others = ["Dimension"]
    if not others and name in keywords_of("Constraint") and kind != "Constraint":
        return f"it says what a value must be: write `FIELD: {{{name}: …}}`; {listed}"
    if name in keywords_of("Schema") and kind != "Schema" and not others:
        return f"it stands at the top of a schema; {listed}"
    if 0 < len(others) <= _LONGEST_LIST:
        words = " and ".join(WORDS[one] for one in others)
        return f"it is a keyword of {words}; {listed}"
    if kind == "Schema":
        return f"sections stand below `metadata`, blocks below `blocks`; {listed}"
    return listed
