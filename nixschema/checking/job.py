"""One file to check, by which rules, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from nixschema.checking.states import Seen

if TYPE_CHECKING:
    from nixschema.reports.report import FileReport
    from nixschema.rules.runner import Runner
    from nixschema.schema.applying import Schemas, SchemaSource


SECONDS = 300.0
"""How long a file may take where nobody says."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What a file is checked for."""

    rules: tuple[str, ...] | None = None
    """Ids of the rules to apply; all but previews where it is None."""
    readers: tuple[str, ...] = ()
    """Libraries that must be able to read the files."""
    checksum: bool = False
    """Tell the SHA-256 of the file."""
    description: str | None = None
    """The description that a NIX file was made from, to be compared with it."""
    allow_outside: bool = False
    """Whether data files of a description may lie outside its folder."""
    terminology: tuple[str, ...] = ()
    """Folders of odML files that sections of odML documents are compared with."""
    schemas: tuple[SchemaSource, ...] = ()
    """Labs' schemas, by name and content."""
    schema_required: bool = False
    """Whether it is an error where no schema is about a file."""
    python_rules: bool = True
    """Whether rules of schemas that are written in Python are applied."""
    depth: Literal["metadata", "full"] = "full"
    """Whether schemas read the values of arrays."""

    def schema_checks(self) -> Schemas | None:
        """The schemas, ready to be applied; None where there are none."""
        return _schemas(self) if self.schemas or self.schema_required else None

    def runner(self) -> Runner:
        """The rules, ready to be applied."""
        return _runner(self)


@lru_cache(maxsize=64)
def _schemas(checks: Checks) -> Schemas:
    from nixschema.schema.applying import Schemas

    return Schemas(
        checks.schemas,
        depth=checks.depth,
        required=checks.schema_required,
        python_rules=checks.python_rules,
    )


@lru_cache(maxsize=64)
def _runner(checks: Checks) -> Runner:
    from nixschema.rules.rule import all_rules, selected_rules
    from nixschema.rules.runner import Runner

    terms = None
    if checks.terminology:
        from nixschema.odml.terminologies import read_terminologies

        terms = read_terminologies(checks.terminology)
    rules = selected_rules()
    if checks.rules is not None:
        wanted = frozenset(checks.rules)
        rules = [one for one in all_rules() if one.id in wanted]
    return Runner(rules, readers=checks.readers, terminology=terms)


@dataclass(frozen=True, slots=True)
class Job:
    """A file to check."""

    path: str
    checks: Checks = Checks()
    named: bool = True
    """Whether somebody named it; one found in a folder is passed over unless it is ours."""
    seconds: float = SECONDS
    """How long it may take; 0 for no limit."""


@dataclass(slots=True)
class Outcome:
    """What came of a job."""

    path: str
    report: FileReport | None = None
    """None where the file was passed over, or could not be checked."""
    bug: str | None = None
    """What failed in nixschema itself, in one line."""
    details: str = ""
    """The traceback of a bug."""
    seen: Seen | None = None
    """The file's state before it was checked, if it was the same afterwards."""
    origin: Literal["checked", "cache", "earlier"] = "checked"
    """Whether it was found out now, or is known from the cache or from an earlier run."""
    lasting: bool = True
    """Whether it holds as long as the file is the same: it does not depend on other files."""

    @property
    def passed_over(self) -> bool:
        """Whether the file was found in a folder and is of another kind."""
        return self.report is None and self.bug is None
