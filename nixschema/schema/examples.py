"""The examples of a schema: files that pass, and files that bring the finding they are to bring."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from nixschema.findings import Finding, Level
from nixschema.model.refusal import did_you_mean
from nixschema.schema.language import Place, Schema

_NAMED = 5
"""So many ids are named in a sentence."""


@dataclass(frozen=True, slots=True)
class Case:
    """One example, as its schema names it."""

    schema: str
    """Id of the schema."""
    file: str
    """The file, by its path from the schema."""
    path: str
    """The same, to be opened."""
    finds: str | None
    """Id of the finding that it must bring; None where it must pass."""
    place: Place | None = None
    """Where the schema names it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one example."""

    case: Case
    fault: str | None
    """Why it is not as it is to be, in a sentence; None where it is."""
    found: list[Finding] = field(default_factory=list)
    """What was found that was to be found."""
    others: list[Finding] = field(default_factory=list)
    """Other errors and warnings that count."""

    @property
    def holds(self) -> bool:
        """Whether it is as the schema says."""
        return self.fault is None


def cases_of(schema: Schema) -> Iterator[Case]:
    """The examples of a schema, in order; of one that is no file they are sought here."""
    place = schema.place()
    folder = os.path.dirname(place.file) if place is not None and place.file else ""
    examples = schema.examples
    for number, name in enumerate(examples.valid):
        where = examples._places.get(f"valid/{number}") or examples.place("valid")
        yield Case(schema.schema_, name, _path(folder, name), None, where)
    for one in examples.invalid:
        where = one.place("file")
        yield Case(schema.schema_, one.file, _path(folder, one.file), one.finds, where)


def _path(folder: str, name: str) -> str:
    return os.path.join(folder, *name.replace("\\", "/").split("/")) if folder else name


def verdict(case: Case, findings: Iterable[Finding], also: Iterable[str] = ()) -> Verdict:
    """Whether what was found in an example is what it is to be.

    A valid example has no error. An invalid one brings the finding that is named, and no other
    error of a schema, but those that are named for the same file elsewhere: errors of generic rules
    and warnings are told. What is accepted does not count.

    Args:
        case: the example.
        findings: all that was found in its file.
        also: what else is to be found in the same file.
    """
    wanted = {case.finds} if case.finds is None else {case.finds, *also}
    counting = [one for one in findings if not one.accepted]
    found = [one for one in counting if one.rule == case.finds]
    others = [one for one in counting if one.rule not in wanted and one.level is not Level.INFO]
    errors = [one for one in others if one.level is Level.ERROR]
    if case.finds is None:
        told = f"it is to pass, and brings {_ids(errors)}" if errors else None
        return Verdict(case, told, [], others)
    if not found:
        meant = did_you_mean(case.finds, sorted({one.rule for one in counting if ":" in one.rule}))
        brings = _ids(others) if others else "nothing"
        fault = f"`{case.finds}` is not found; it brings {brings}{meant}"
        return Verdict(case, fault, [], others)
    surplus = [one for one in errors if ":" in one.rule]
    told = f"it brings {_ids(surplus)} as well" if surplus else None
    return Verdict(case, told, found, others)


def named_by_file(cases: Iterable[Case]) -> dict[str, set[str]]:
    """What is to be found in each file, by all examples that are about it."""
    found: dict[str, set[str]] = {}
    for one in cases:
        found.setdefault(one.path, set()).update([one.finds] if one.finds is not None else [])
    return found


def unusable(case: Case, why: str) -> Verdict:
    """What is said of an example that cannot be tried."""
    return Verdict(case, why)


def missing(case: Case) -> str | None:
    """Why an example cannot be tried, or None."""
    if os.path.isdir(case.path):
        return "it is a folder"
    return None if os.path.lexists(case.path) else "there is no such file"


def _ids(findings: Sequence[Finding]) -> str:
    ids = list(dict.fromkeys(one.rule for one in findings))
    shown = ", ".join(f"`{one}`" for one in ids[:_NAMED])
    return shown if len(ids) <= _NAMED else f"{shown} and {len(ids) - _NAMED} more"
