"""What is wrong with a schema as a whole: blanks, types, accepted rules, ids, Python."""

from __future__ import annotations

import importlib
import importlib.machinery
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple

from nixschema.model.refusal import did_you_mean
from nixschema.rules.rule import all_rules
from nixschema.schema.blanks import blanks_in, could_be, is_plain
from nixschema.schema.language import (
    Clause,
    ColumnOf,
    Constraint,
    Place,
    Said,
    Schema,
    Together,
)
from nixschema.schema.problems import Problems, shown
from nixschema.schema.walking import Steps, path_of, walk

ID = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
"""An id of a schema."""

_PART = re.compile(r"[A-Za-z0-9_]+(?:[ ./-][A-Za-z0-9_]+)*")
_RULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
_MOST_COMPARED = 1_000_000
"""Pairs of a type and a pattern that are compared."""

_RESERVED = re.compile(r"NIX[0-9]", re.IGNORECASE)
_GENERIC = re.compile(r"NIX[0-9]{3}")


def tell_unsound(schema: Schema, problems: Problems, *, python_rules: bool) -> None:
    """Say what is wrong with one layer by itself.

    Args:
        schema: the layer.
        problems: gets it.
        python_rules: whether rules in Python are imported.
    """
    _tell_ids(schema, problems)
    _tell_blanks(schema, problems)
    _tell_accepted(schema, problems)
    _tell_rules(schema, problems, python_rules=python_rules)


def _tell(
    problems: Problems, rule: str, message: str, place: Place | None, at: str, help: str | None
) -> None:
    line, column = (place.line, place.column) if place else (0, 0)
    problems.tell(rule, message, help, line, column, at)


# Ids


def _tell_ids(schema: Schema, problems: Problems) -> None:
    name = schema.schema_
    if not ID.fullmatch(name) or len(name) > 100 or _RESERVED.match(name):
        help = "write letters and digits, with `-`, `_` or `.` between: `our-lab`"
        message = f"`{shown(name)}` is no id of a schema"
        if _RESERVED.match(name) and ID.fullmatch(name):
            message += ": those like `NIX201` are kept for generic rules"
            help = "choose another: `our-lab`"
        _tell(problems, "NIX060", message, schema.place("schema"), "/schema", help)
    for steps, one in walk(schema):
        if one.id is not None and (not _PART.fullmatch(one.id) or len(one.id) > 200):
            message = f"`{shown(one.id)}` is no part of an id"
            help = "write letters, digits, `_`, with `-`, `.`, `/` or spaces between"
            _tell(problems, "NIX062", message, one.place("id"), path_of((*steps, "id")), help)


# Blanks


class _Use(NamedTuple):
    blank: str
    place: Place | None
    steps: Steps
    optional: bool


def _tell_blanks(schema: Schema, problems: Problems) -> None:
    for key, clause in schema.types.items():
        uses = [*_in_text(key, clause.place(), ("types", key), False)]
        _tell_uses([*uses, *_uses(clause, ("types", key))], [], problems)
    root = [
        use
        for key, clause in schema.metadata.items()
        for use in (
            *_in_text(key, clause.place(), ("metadata", key), False),
            *_uses(clause, ("metadata", key)),
        )
    ]
    blocks: list[_Use] = []
    for key, clause in schema.blocks.items():
        uses = [*_in_text(key, clause.place(), ("blocks", key), False)]
        uses += _uses(clause, ("blocks", key))
        _tell_uses(uses, root, problems)
        blocks += uses
    _tell_uses(root, blocks, problems)
    for number, condition in enumerate(schema.when):
        _tell_uses(list(_uses(condition, ("when", number))), [*root, *blocks], problems)


def _tell_uses(uses: list[_Use], others: list[_Use], problems: Problems) -> None:
    """Say which blanks of a scope compare nothing."""
    counts = Counter(one.blank for one in (*uses, *others))
    needed = {one.blank for one in (*uses, *others) if not one.optional}
    told: set[str] = set()
    known = [one for one in counts if counts[one] > 1]
    for use in uses:
        if use.blank in told or problems.full:
            continue
        name = f"<{use.blank}>"
        if counts[use.blank] == 1:
            told.add(use.blank)
            meant = did_you_mean(use.blank, known).replace("`", "`<", 1)
            meant = f"{meant[:-2]}>`?" if meant else ""
            message = f"`{name}` occurs once, so that nothing must agree with it{meant}"
            help = "write `any` or `required` where it may be anything"
            _tell(problems, "NIX068", message, use.place, path_of(use.steps), help)
        elif use.blank not in needed and use.optional:
            told.add(use.blank)
            message = f"`{name}` is only used in parts that are optional"
            help = "where one of them is missing, nothing is compared"
            _tell(problems, "NIX068", message, use.place, path_of(use.steps), help)


def _uses(said: Said, at: Steps) -> Iterator[_Use]:
    """The blanks in a part, in order of the text."""
    optional: dict[Steps, bool] = {}
    for steps, one in walk(said, at):
        above = next(
            (
                optional[steps[:end]]
                for end in range(len(steps) - 1, 0, -1)
                if steps[:end] in optional
            ),
            False,
        )
        mine = above or getattr(one, "presence", "required") == "optional"
        optional[steps] = mine
        if isinstance(steps[-1], str) and len(steps) > len(at):
            # The key of a container.
            yield from _in_text(steps[-1], one.place(), steps, mine)
        for field, text in _texts_of(one):
            at_field = steps if field == "fits" else (*steps, field)
            yield from _in_text(text, one.place(field), at_field, mine)
        if isinstance(one, Together) and one.size is not None:
            # It may say how many there are, and nothing more.
            yield from _in_text(one.size, one.place("size"), (*steps, "size"), mine)


def _texts_of(said: Said) -> Iterator[tuple[str, str]]:
    """The texts of a part that may have blanks in them."""
    if isinstance(said, Constraint):
        for field in ("fits", "one_of", "or_"):
            for one in getattr(said, field) or ():
                if isinstance(one, str):
                    yield field, one
        for field in ("min", "max", "above", "below", "like"):
            if isinstance(text := getattr(said, field), str):
                yield field, text
        if said.length is not None and said.length.blank:
            yield "length", said.length.blank
    elif isinstance(said, Clause):
        if said.blank:
            yield "blank", said.blank
        for field in ("count", "length"):
            count = getattr(said, field)
            if count is not None and count.blank:
                yield field, count.blank
        if isinstance(said.every, str):
            yield "every", said.every
    elif isinstance(said, Together):
        for field in ("by", "counting", "size"):
            if isinstance(text := getattr(said, field), str):
                yield field, text
    elif isinstance(said, ColumnOf):
        yield "data_frame", said.data_frame
        yield "column", said.column


def _in_text(text: str, place: Place | None, steps: Steps, optional: bool) -> Iterator[_Use]:
    for blank in blanks_in(text):
        yield _Use(blank, place, steps, optional)


# Types


def tell_undeclared(layers: tuple[Schema, ...], problems: dict[str, Problems]) -> None:
    """Say which types of closed namespaces are asked for, and declared in no layer."""
    closed = {
        name: state
        for layer in layers
        for name, state in layer.namespaces.items()
        if state == "closed"
    }
    if not closed:
        return
    exact = {key for layer in layers for key in layer.types if is_plain(key)}
    in_tree = {
        text
        for layer in layers
        for steps, one in walk(layer)
        if _is_in_tree(steps)
        for text, _ in _types_of(one)
    }
    """The tree declares types as well, but for what looks misspelt."""
    meant: dict[str, str] = {}
    patterns = [key for layer in layers for key in layer.types if not is_plain(key)]
    room = _MOST_COMPARED
    for layer in layers:
        for steps, one in walk(layer):
            if "override" in steps or "not_" in steps or "recognise" in steps[:1]:
                continue  # In `recognise` types of others are normal.
            for text, place in _types_of(one):
                space = next((name for name in closed if text.startswith(f"{name}.")), None)
                if space is None or text in exact or room <= 0:
                    continue
                room -= len(patterns)
                where = problems.get((place.file if place else None) or "") or problems[""]
                if where.full or any(could_be(text, pattern) for pattern in patterns):
                    continue
                if text not in meant:
                    room -= len(exact)
                    meant[text] = did_you_mean(text, exact)
                if text in in_tree and not _is_nearly(text, exact, space):
                    continue
                message = f"no type `{shown(text)}` is declared in `types`{meant[text]}"
                help = f"declare it, or write `namespaces: {{{space}: warn}}`"
                _tell(where, "NIX070", message, place, path_of((*steps, "type")), help)


def _is_in_tree(steps: Steps) -> bool:
    """Whether a clause is about an entity at its place: nothing but containers and names."""
    return (
        len(steps) > 1
        and steps[0] in ("blocks", "metadata")
        and all(one in _CONTAINERS for one in steps[2::2])
        and not len(steps) % 2
    )


def _is_nearly(text: str, declared: Iterable[str], space: str) -> bool:
    """Whether a type is one letter or so away from one that is declared in its namespace."""
    start = len(space) + 1
    ends = [one[start:] for one in declared if one.startswith(f"{space}.")]
    return bool(get_close_matches(text[start:], ends, 1, 0.8))


_CONTAINERS = frozenset(
    ("data_arrays", "data_frames", "tags", "multi_tags", "groups", "sources", "sections")
)


def _types_of(said: Said) -> Iterator[tuple[str, Place | None]]:
    if isinstance(said, Clause):
        kind = said.type
        listed: list[Any] = [] if kind is None else [*(kind.fits or kind.one_of or ()), kind.equals]
        for one in listed:
            if isinstance(one, str) and is_plain(one):
                yield one, said.place("type")
        if isinstance(said.every, str) and is_plain(said.every):
            yield said.every, said.place("every")


# Accepted rules


def _tell_accepted(schema: Schema, problems: Problems) -> None:
    known: dict[str, str] = {}
    for steps, one in walk(schema):
        if not isinstance(one, Clause) or not one.accept:
            continue
        known = known or {each.id: each.title for each in all_rules()}
        for name in one.accept:
            at = path_of((*steps, "accept", name))
            place = one._places.get(f"accept/{name}") or one.place("accept")
            if not _GENERIC.fullmatch(name):
                message = f"`{shown(name)}` is no generic rule, such as `NIX201`"
                help = None
                if name.upper() in known:
                    help = f"write `{name.upper()}`"
                elif re.fullmatch(r"NIX[0-9]*[*?]*", name.upper()):
                    help = "name each rule by its whole id"
                _tell(problems, "NIX071", message, place, at, help)
            elif name not in known:
                message = f"there is no rule `{name}`"
                _tell(problems, "NIX071", message, place, at, "`nixschema rule` lists them")
            elif name[:4] in ("NIX0", "NIX1"):
                title = known[name].rstrip(".")
                message = f"`{name}` cannot be accepted: {title[:1].lower()}{title[1:]}"
                help = "a file that breaks it is broken, whatever a schema says"
                _tell(problems, "NIX071", message, place, at, help)


# Rules in Python


def _tell_rules(schema: Schema, problems: Problems, *, python_rules: bool) -> None:
    for number, name in enumerate(schema.rules):
        message, help = _wrong_rule(name, python_rules=python_rules)
        if message:
            place = schema._places.get(f"rules/{number}") or schema.place("rules")
            _tell(problems, "NIX072", message, place, "/rules", help)


def _wrong_rule(name: str, *, python_rules: bool) -> tuple[str, str | None]:
    """What is wrong with a rule in Python, and what to do."""
    told = f"`{shown(name)}`"
    if not _RULE.fullmatch(name):
        help = "write `package.module:function`"
        if name.endswith(".py") or "/" in name or ".py:" in name:
            help = "rules are taken from installed packages, never from a file: `package:function`"
        return f"{told} is no function of a package", help
    module, _, function = name.partition(":")
    top = module.partition(".")[0]
    if installed(top) is None:
        return f"there is no installed package `{top}`, of which {told} is", f"install `{top}`"
    if not python_rules:
        return "", None
    try:
        found = getattr(importlib.import_module(module), function, None)
    except Exception as error:  # Whatever the package does.
        why = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return f"{told} cannot be imported: {shown(why)}", None
    if not callable(found):
        return f"`{module}` has no function `{function}`", None
    return "", None


def installed(package: str) -> importlib.machinery.ModuleSpec | None:
    """Where an installed package is, without running it.

    The folder that one happens to work in does not count.
    """
    if package in sys.builtin_module_names or not package.isidentifier():
        return None
    here = os.getcwd() if os.path.isdir(".") else ""
    paths = [
        one for number, one in enumerate(sys.path) if one and not (number == 0 and one == here)
    ]
    for finder in sys.meta_path:
        try:
            if finder is importlib.machinery.PathFinder:
                found = importlib.machinery.PathFinder.find_spec(package, paths)
            else:
                found = finder.find_spec(package, None)
        except (ImportError, AttributeError, ValueError):
            continue
        if found is not None:
            return found
    return None
