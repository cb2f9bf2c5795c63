"""What a rule is, and the registry of all rules.

A rule is a function that yields sentences about one thing: a model, an HDF5 object, or a problem
met while reading. Its docstring is its documentation: the first line is the title, the rest the
reason. It asks for what it needs by the names of its parameters: the first is the thing, others
may be ``file``, ``tree`` (None for a file in memory), and for models ``block``, ``uses`` and
``marked``. For what is in odML documents they may be ``contents``, ``section`` (that has the
property) and ``terminology``.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import import_module
from typing import Any, Literal, TypeAlias, TypeVar

from nixschema.findings import Level

Cost: TypeAlias = Literal["metadata", "values"]
"""What a rule reads: ``metadata`` only, or ``values`` of arrays as well."""

F = TypeVar("F", bound=Callable[..., Iterator[Any]])


@dataclass(frozen=True, slots=True)
class At:
    """A sentence about a part of the thing."""

    steps: tuple[str | int, ...]
    sentence: str
    help: str | None = None
    facts: tuple[str, ...] | None = None
    fixable: bool | None = None


Sentence: TypeAlias = str | At
"""What a rule yields."""


def at(
    *steps_and_sentence: str | int,
    help: str | None = None,
    facts: tuple[str, ...] | None = None,
    fixable: bool | None = None,
) -> At:
    """A sentence about a field of the thing: ``at("ticks", "3 ticks for 4 elements")``.

    The finding's path ends at the field; the position of one of several values, as in
    ``at("references", 2, "…")``, only helps the reader of the rule.

    Args:
        steps_and_sentence: fields and positions, the sentence last.
        help: what to do about it.
        facts: what is stated, where that is not all that stands in backticks and all numbers.
        fixable: whether it can be mended, where not all findings of the rule can.
    """
    *steps, sentence = steps_and_sentence
    return At(tuple(steps), str(sentence), help, facts, fixable)


@dataclass(frozen=True, slots=True)
class Rule:
    """One check with an id."""

    id: str
    level: Level
    on: tuple[type, ...]
    """What it is about."""
    cost: Cost
    title: str
    reason: str
    help: str | None
    """What to do, where it is always the same."""
    fix: Literal["safe", "unsafe"] | None
    preview: bool
    also: tuple[str, ...]
    """Other validators that have it: ``nixio``, ``cpp``."""
    reader: str | None
    """The reader that it is about: ``nixio``, ``cpp`` or ``neo``. Its findings are information
    unless that reader is asked for."""
    since: str
    """First version of nixschema that has it."""
    check: Callable[..., Iterator[Sentence]] = field(repr=False)
    needs: tuple[str, ...] = ()
    """Names of the parameters beside the first."""

    @property
    def family(self) -> str:
        """The hundred it belongs to: ``NIX2``."""
        return self.id[:4]


_rules: dict[str, Rule] = {}
_ID = re.compile(r"NIX[0-9]{3}")


def rule(
    id: str,
    *,
    on: type | tuple[type, ...],
    level: Level = Level.ERROR,
    cost: Cost = "metadata",
    help: str | None = None,
    fix: Literal["safe", "unsafe"] | None = None,
    preview: bool = False,
    also: tuple[str, ...] = (),
    reader: str | None = None,
    since: str = "0.1",
) -> Callable[[F], F]:
    """Register a function as a rule.

    Args:
        id: such as ``NIX201``; a number is never used again.
        on: the class or classes the function takes: a model, `Node`, `Problem` and so on.
        level: how grave a finding of it is.
        cost: whether it reads values of arrays.
        help: what to do, where that is the same for all findings.
        fix: whether nixschema can mend it.
        preview: whether it only runs when asked for.
        also: other validators that have it: ``nixio``, ``cpp``.
        reader: the reader that it is about, for rules on what others can open or understand.
        since: first version of nixschema that has it.
    """

    def register(function: F) -> F:
        if not _ID.fullmatch(id) or id in _rules:
            raise ValueError(f"{id} is no free id of a rule")
        title, _, reason = inspect.cleandoc(function.__doc__ or "").partition("\n")
        needs = tuple(inspect.signature(function).parameters)[1:]
        kinds = on if isinstance(on, tuple) else (on,)
        _rules[id] = Rule(
            *(id, level, kinds, cost, title, reason.strip(), help, fix, preview),
            *(also, reader, since, function, needs),
        )
        return function

    return register


_SUBJECTS = (
    "arrays",
    "container",
    "descriptions",
    "dimensions",
    "fields",
    "frames",
    "identity",
    "metadata",
    "neo",
    "odml",
    "odml_entities",
    "odml_links",
    "odml_losses",
    "odml_terms",
    "odml_values",
    "readers",
    "regions",
    "schemas",
    "sources",
    "tags",
    "text",
    "units",
)
"""The modules that rules stand in."""


def all_rules() -> list[Rule]:
    """Every rule, by id."""
    for subject in _SUBJECTS:
        import_module(f"nixschema.rules.{subject}")
    return [_rules[one] for one in sorted(_rules)]


def find_rule(rule_id: str) -> Rule | None:
    """The rule of an id, in any case, or None."""
    return next((one for one in all_rules() if one.id == rule_id.upper()), None)


def selected_rules(
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    *,
    version: str | None = None,
    preview: bool = False,
) -> list[Rule]:
    """The rules that patterns choose: ids, beginnings of ids (``NIX2``), or globs (``NIX?01``).

    Args:
        select: patterns of the rules to apply; all but previews when empty.
        ignore: patterns of the rules to leave out.
        version: leave out rules that later versions of nixschema brought.
        preview: apply rules in preview too.

    Raises:
        ValueError: a pattern fits no rule, or the version is none.
    """
    known = all_rules()
    if version is not None:
        newest = version_number(version)
        known = [one for one in known if version_number(one.since) <= newest]
    chosen = list(select)
    dropped = list(ignore)
    for pattern in (*chosen, *dropped):
        if not any(fits(pattern, one.id) for one in known):
            raise ValueError(f"no rule fits `{pattern}`")
    return [
        one
        for one in known
        if (
            any(fits(pattern, one.id) for pattern in chosen)
            if chosen
            else preview or not one.preview
        )
        and not any(fits(pattern, one.id) for pattern in dropped)
    ]


def chosen_rules(
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    *,
    version: str | None = None,
    preview: bool = False,
) -> list[Rule]:
    """The rules that patterns choose, of which some may be about rules of labs' schemas.

    Where all that are to be applied are such, none of ours is.

    Raises:
        ValueError: as `selected_rules`.
    """
    wanted = list(select)
    ours = [one for one in wanted if not is_of_schema(one)]
    if wanted and not ours:
        return []
    dropped = [one for one in ignore if not is_of_schema(one)]
    return selected_rules(ours, dropped, version=version, preview=preview)


def is_of_schema(rule: str) -> bool:
    """Whether an id, or a pattern of ids, is about rules of a lab's schema."""
    return ":" in rule


def chosen_of_schema(rule_id: str, select: Iterable[str], ignore: Iterable[str] = ()) -> bool:
    """Whether patterns choose a rule of a lab's schema; all of them where none is selected."""
    wanted = list(select)
    return (not wanted or any(fits(one, rule_id) for one in wanted)) and not any(
        fits(one, rule_id) for one in ignore
    )


def version_number(text: str) -> tuple[int, ...]:
    """``0.1`` as numbers.

    Raises:
        ValueError: it is no version.
    """
    if not re.fullmatch(r"\d+(\.\d+)*", text):
        raise ValueError(f"`{text}` is no version of nixschema, such as `0.1`")
    return tuple(map(int, text.split(".")))


def fits(pattern: str, rule_id: str) -> bool:
    """Whether a pattern chooses a rule; capitals count in those of labs' schemas."""
    if not is_of_schema(rule_id):
        pattern = pattern.upper()
    return rule_id.startswith(pattern) or fnmatchcase(rule_id, pattern)
