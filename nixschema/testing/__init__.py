"""For people who write schemas and rules: what is found in a file, and the examples of a schema.

from nixschema.testing import assert_finds, check_examples

def test_a_missing_unit_is_told():
    assert_finds("recording.yaml", "our-lab.yaml", {"our-lab:recording/voltage.unit"})

def test_examples():
    check_examples("our-lab.yaml")

With pytest, ``pytest --nix-schemas`` makes a test of each example of each schema.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from nixschema.findings import Finding
    from nixschema.model import File
    from nixschema.schema.examples import Verdict
    from nixschema.schema.language import Schema, SchemaDocument

__all__ = ["assert_finds", "assert_passes", "check_examples", "findings_of", "tried_examples"]

Checked: TypeAlias = "str | os.PathLike[str] | File | Mapping[str, Any]"
"""What is checked: a path, a file in memory, or a description, as text of several lines or as
plain data."""

Asked: TypeAlias = "str | os.PathLike[str] | Schema | SchemaDocument | Mapping[str, Any]"
"""A schema: a name, a path, one made in Python, or its text of several lines or plain data."""


def findings_of(
    checked: Checked, schema: Asked | None = None, *, folder: str | os.PathLike[str] | None = None
) -> list[Finding]:
    """All that is found in a file: by the generic rules, and by a schema; accepted findings last.

    Args:
        checked: the file.
        schema: what it must contain; the generic rules alone when None.
        folder: where data files of a description lie that is a text or plain data.

    Raises:
        NixError: the schema is not there, or cannot be used.
        FileNotFoundError: there is no such file.
    """
    from nixschema.io import validate
    from nixschema.model import File

    schemas = [] if schema is None else [_schema(schema)]
    if isinstance(checked, File):
        report = validate(checked, schemas=schemas)
    elif isinstance(checked, Mapping) or (isinstance(checked, str) and "\n" in checked):
        with tempfile.NamedTemporaryFile(
            "w", suffix=".yaml", encoding="utf-8", dir=folder, prefix=".", delete=False
        ) as stream:
            stream.write(_text(checked))
        try:
            report = validate(stream.name, schemas=schemas)
        finally:
            os.unlink(stream.name)
    else:
        report = validate(checked, schemas=schemas)
    return sorted(report.findings, key=lambda one: one.accepted)


def assert_finds(
    checked: Checked,
    schema: Asked | None,
    ids: Iterable[str],
    *,
    folder: str | os.PathLike[str] | None = None,
) -> list[Finding]:
    """Assert that exactly these findings are made in a file, apart from information.

    An id may end in ``*``. What is accepted does not count; information counts where it is named.

    Args:
        checked: the file.
        schema: what it must contain.
        ids: ids of the findings, each however often it is made.
        folder: where data files of a description lie that is a text or plain data.

    Returns:
        The findings that were to be made.

    Raises:
        AssertionError: others are made, or one is not.
    """
    __tracebackhide__ = True
    from nixschema.findings import Level

    wanted = {ids} if isinstance(ids, str) else set(ids)
    found = [one for one in findings_of(checked, schema, folder=folder) if not one.accepted]
    named = [one for one in found if any(_is(one.rule, each) for each in wanted)]
    surplus = [one for one in found if one not in named and one.level is not Level.INFO]
    absent = sorted(one for one in wanted if not any(_is(each.rule, one) for each in named))
    told = [f"not found: {one}" for one in absent]
    told += [f"found as well: {_line(one)}" for one in surplus]
    if told:
        raise AssertionError("\n".join(told))
    return named


def assert_passes(
    checked: Checked, schema: Asked | None = None, *, folder: str | os.PathLike[str] | None = None
) -> None:
    """Assert that a file passes: neither errors nor warnings are found that are not accepted.

    Raises:
        AssertionError: there are such.
    """
    __tracebackhide__ = True
    assert_finds(checked, schema, (), folder=folder)


def tried_examples(schema: Asked) -> list[Verdict]:
    """What comes of each example of a schema: those that pass first, as the schema has them.

    Raises:
        NixError: the schema is not there, or cannot be used.
    """
    from nixschema.testing.trying import Trying

    return list(Trying(_schema(schema)).verdicts())


def check_examples(schema: Asked) -> None:
    """Assert that the examples of a schema are as it says.

    Valid ones bring no error, invalid ones the expected finding and no other error.

    Raises:
        AssertionError: one is not, or the schema has no examples.
        NixError: the schema is not there, or cannot be used.
    """
    __tracebackhide__ = True
    verdicts = tried_examples(schema)
    if not verdicts:
        raise AssertionError("the schema has no examples")
    told = [told_of(one) for one in verdicts if not one.holds]
    if told:
        raise AssertionError("\n".join(told))


def told_of(verdict: Verdict) -> str:
    """Why an example is not as its schema says, with what was found in it."""
    lines = [f"{verdict.case.file}: {verdict.fault}"]
    lines += [f"  {_line(one)}" for one in verdict.others]
    return "\n".join(lines)


def _line(finding: Finding) -> str:
    return f"{finding.rule} {finding.level} {finding.path}: {finding.message}"


def _is(rule: str, pattern: str) -> bool:
    return rule == pattern or (pattern.endswith("*") and rule.startswith(pattern[:-1]))


def _schema(schema: Asked) -> str | os.PathLike[str] | Schema | SchemaDocument:
    """A schema as the checks take it; texts and plain data are read."""
    if not isinstance(schema, Mapping) and not (isinstance(schema, str) and "\n" in schema):
        return schema
    from nixschema.errors import SchemaError
    from nixschema.findings import Level
    from nixschema.rules.rule import all_rules
    from nixschema.rules.runner import Runner
    from nixschema.schema.loading import document_of, findings_about, read_schema

    read, problems = read_schema(_text(schema).encode())
    if read is None:
        raise SchemaError(problems.found[0].message)
    loaded = document_of(read)
    loaded.problems = [*problems.found, *loaded.problems]
    found = findings_about(loaded, Runner(all_rules()))
    errors = [one for one in found if one.level is Level.ERROR]
    if errors or loaded.document is None:
        raise SchemaError(f"line {errors[0].line}: {errors[0].rule} {errors[0].message}", found)
    return loaded.document


def _text(given: str | Mapping[str, Any]) -> str:
    if isinstance(given, str):
        return given
    from nixschema.text.emit import yaml_text

    return "".join(yaml_text(dict(given)))
