"""pytest: the examples of schemas as tests, with ``--nix-schemas``; and a fixture.

A run without that option is as if this was not there: nothing of nixschema is imported beside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from nixschema.findings import Finding
    from nixschema.schema.examples import Case, Verdict

OPTION = "--nix-schemas"
SETTING = "nix_schemas"
SUFFIXES = (".yaml", ".yml", ".json")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option and the setting of the same name."""
    group = parser.getgroup("nixschema", "schemas of NIX files")
    group.addoption(
        OPTION, action="store_true", default=False, dest=SETTING,
        help="Make a test of each example that a schema of NIX files names.",
    )  # fmt: skip
    parser.addini(SETTING, "the same as --nix-schemas", type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take schemas of NIX files, where that is asked for."""
    if file_path.suffix.lower() not in SUFFIXES or not _is_asked(file_path, parent):
        return None
    from nixschema.schema.recognising import is_schema, says_schema

    named = parent.session.isinitpath(file_path)
    try:
        if not (says_schema if named else is_schema)(str(file_path)):
            return None
    except OSError:
        return None
    found: pytest.Collector = SchemaFile.from_parent(parent, path=file_path)
    return found


def _is_asked(path: Path, parent: pytest.Collector) -> bool:
    config = parent.config
    if config.getoption(SETTING) or config.getini(SETTING):
        return True
    return bool(parent.session.isinitpath(path))


class SchemaFile(pytest.File):
    """A schema: one test that it is sound, and one for each example."""

    def collect(self) -> Iterator[pytest.Item]:
        """The tests."""
        from nixschema.schema.examples import cases_of
        from nixschema.schema.loading import load_file

        yield SoundItem.from_parent(self, name="schema")
        loaded = load_file(self.path)
        if loaded.document is None:
            return
        taken: dict[str, int] = {}
        for case in cases_of(loaded.document.schema):
            name = case.file if case.finds is None else f"{case.file} finds {case.finds}"
            taken[name] = taken.get(name, 0) + 1
            shown = name if taken[name] == 1 else f"{name} ({taken[name]})"
            yield ExampleItem.from_parent(self, name=shown, case=case)


class SchemaFailure(Exception):
    """A schema, or an example of it, is not as it is to be; the text says why."""


class _Item(pytest.Item):
    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Say why, without a traceback."""
        if isinstance(excinfo.value, SchemaFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class SoundItem(_Item):
    """The schema loads without an error."""

    def runtest(self) -> None:
        """Load it."""
        from nixschema.errors import NixError
        from nixschema.schema.loading import load_schema_document

        try:
            load_schema_document(self.path)
        except NixError as error:
            raise SchemaFailure(str(error)) from None

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands."""
        return self.path, 0, f"{self.path.name}: schema"


class ExampleItem(_Item):
    """An example is as the schema says."""

    def __init__(self, *, case: Case, **given: Any) -> None:
        super().__init__(**given)
        self.case = case

    def runtest(self) -> None:
        """Try it."""
        from nixschema.errors import NixError
        from nixschema.testing import told_of

        try:
            one = self._verdict()
        except NixError as error:
            raise SchemaFailure(str(error)) from None
        if not one.holds:
            raise SchemaFailure(told_of(one))

    def _verdict(self) -> Verdict:
        from nixschema.testing.trying import Trying

        trying = self.session.stash.setdefault(_TRYING, {}).get(self.path)
        if trying is None:
            trying = self.session.stash[_TRYING][self.path] = Trying(self.path)
        found: Verdict = trying.verdict(self.case)
        return found

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the schema names it."""
        line = self.case.place.line if self.case.place is not None else 1
        return self.path, max(line - 1, 0), f"{self.path.name}: {self.name}"


_TRYING: pytest.StashKey[dict[Path, Any]] = pytest.StashKey()


@pytest.fixture
def nix_findings(tmp_path: Path) -> Callable[..., list[Finding]]:
    """What is found in a file: ``nix_findings(checked, schema)``, as `testing.findings_of` says.

    Data files of descriptions that are texts lie in ``tmp_path``.
    """
    from nixschema.testing import findings_of

    def found(checked: Any, schema: Any = None) -> list[Finding]:
        return findings_of(checked, schema, folder=tmp_path)

    return found
