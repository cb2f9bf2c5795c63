"""Rules of a schema that are written in Python, in packages that somebody installed.

A rule is a function as those of nixschema are: it takes an entity, whose class its annotation says,
and what else it asks for by name (``file``, ``block``, ``uses``), and yields sentences. Nothing is
imported that merely lies beside a schema or in the present folder.
"""

from __future__ import annotations

import inspect
import os
import sys
import typing
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.metadata import entry_points
from types import UnionType
from typing import Any, TypeVar

from nixschema.errors import StaleFileError
from nixschema.findings import Finding, Level, SchemaPlace
from nixschema.model import File, Model
from nixschema.rules.origin import Origin
from nixschema.rules.rule import Cost, Rule, Sentence
from nixschema.rules.runner import Runner
from nixschema.schema.language import Schema
from nixschema.storage.tree import Tree

GROUP = "nixschema.rules"
"""Entry points under which packages name rules."""

_NEEDS = ("file", "tree", "block", "uses", "twins", "marked")

F = TypeVar("F", bound=Callable[..., Iterator[Sentence]])


class RuleUnusable(Exception):
    """A rule that a schema names cannot be used; the message says why."""


def lab_rule(
    *, level: Level | str = Level.ERROR, cost: Cost = "metadata", help: str | None = None
) -> Callable[[F], F]:
    """Say more about a rule of a lab than its function does.

    Args:
        level: how grave its findings are.
        cost: ``values`` where it reads values of arrays: it is left out with metadata only.
        help: what to do.
    """

    def mark(function: F) -> F:
        function.nixschema_rule = (Level(level), cost, help)  # type: ignore[attr-defined]
        return function

    return mark


def find_rule(name: str, schema: str, folder: str | None = None) -> Rule:
    """The rule that a schema names.

    Args:
        name: ``package.module:function``, or the name of an entry point.
        schema: the schema's id.
        folder: the folder that the schema lies in.

    Raises:
        RuleUnusable: there is none, or it is no rule.
    """
    if ":" in name:
        module, _, function = name.partition(":")
        rule_name = function
    else:
        found = entry_points(group=GROUP, name=name)
        if not found:
            raise RuleUnusable(f"no installed package has a rule `{name}`")
        module, _, function = next(iter(found)).value.partition(":")
        rule_name = name
    check: Any = _module(module.strip(), folder)
    for part in function.strip().split("."):
        check = getattr(check, part, None)
    if not callable(check):
        raise RuleUnusable(f"there is no function `{function}` in `{module}`")
    return _rule(check, f"{schema}:{rule_name}")


def _module(name: str, folder: str | None) -> Any:
    top = name.partition(".")[0]
    near = {os.path.realpath(one) for one in (os.getcwd(), folder or os.getcwd())}
    path = [one for one in sys.path if one and os.path.realpath(one) not in near]
    if top != "nixschema" and top not in sys.builtin_module_names:
        spec = PathFinder.find_spec(top, path)
        first = PathFinder.find_spec(top, sys.path)
        if spec is None:
            raise RuleUnusable(f"no package `{top}` is installed")
        if first is None or first.origin != spec.origin:
            raise RuleUnusable(f"`{top}` lies in the present folder: install it as a package")
    try:
        return import_module(name)
    except Exception as error:
        told = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise RuleUnusable(f"`{name}` cannot be imported: {told}") from None


def _rule(check: Callable[..., Any], rule_id: str) -> Rule:
    try:
        parameters = list(inspect.signature(check).parameters.values())
        hints = typing.get_type_hints(check)
    except (TypeError, ValueError, NameError):
        raise RuleUnusable(f"`{rule_id}` has no readable signature") from None
    if not parameters:
        raise RuleUnusable(f"`{rule_id}` takes nothing: a rule takes the entity that it is about")
    on = _kinds(hints.get(parameters[0].name, File))
    if not on:
        raise RuleUnusable(f"`{rule_id}` does not say the class of its first parameter")
    needs = tuple(one.name for one in parameters[1:] if one.default is one.empty)
    if odd := [one for one in needs if one not in _NEEDS]:
        raise RuleUnusable(f"`{rule_id}` asks for `{odd[0]}`: there is {', '.join(_NEEDS)}")
    level: Level
    cost: Cost
    level, cost, help_text = getattr(check, "nixschema_rule", (Level.ERROR, "metadata", None))
    title, _, reason = inspect.cleandoc(check.__doc__ or "").partition("\n")
    return Rule(
        id=rule_id,
        level=level,
        on=on,
        cost=cost,
        title=title,
        reason=reason.strip(),
        help=help_text,
        fix=None,
        preview=False,
        also=(),
        reader=None,
        since="0.1",
        check=check,
        needs=needs,
    )


def _kinds(hint: Any) -> tuple[type, ...]:
    args = (
        typing.get_args(hint) if isinstance(hint, UnionType) or typing.get_args(hint) else (hint,)
    )
    fitting = [one for one in args if isinstance(one, type) and issubclass(one, Model)]
    return tuple(fitting) if len(fitting) == len(args) else ()


class PythonRules:
    """The rules in Python of a schema and those that it extends."""

    def __init__(self, layers: tuple[Schema, ...], depth: str) -> None:
        """Find them; what cannot be used is a finding about each file."""
        self._runners: list[tuple[Runner, Rule, SchemaPlace]] = []
        self._unusable: list[Finding] = []
        for schema in layers:
            for name in schema.rules:
                self._add(schema, name, depth)

    def _add(self, schema: Schema, name: str, depth: str) -> None:
        said = schema.place("rules")
        file, line = (None, None) if said is None else (said.file, said.line or None)
        place = SchemaPlace(schema.schema_, schema.version, file, line)
        folder = None if file is None else os.path.dirname(os.path.abspath(file))
        try:
            one = find_rule(name, schema.schema_, folder)
        except RuleUnusable as error:
            told = f"the rule `{name}` cannot be applied: {error}"
            self._unusable.append(
                Finding(f"{schema.schema_}:rules", Level.ERROR, "/", told, schema=place)
            )
            return
        self._runners.append((Runner([one], depth=depth), one, place))

    def check(self, file: File, tree: Tree | None, origin: Origin | None) -> list[Finding]:
        """What they say about a file; one that fails says that."""
        found = list(self._unusable)
        for runner, rule, place in self._runners:
            try:
                said = runner.check(file, tree, origin)
            except (StaleFileError, MemoryError):
                raise
            except Exception as error:
                told = " ".join(f"{type(error).__name__}: {error}".split())[:300]
                message = f"the rule failed: {told}"
                said = [Finding(rule.id, Level.ERROR, "/", message)]
            found += [replace(one, schema=place) for one in said]
        return found
