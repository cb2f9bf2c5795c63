"""The table of conformance: what each word of the schema language accepts, refuses, and tells."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import nixschema as nx
from nixschema.rules.rule import all_rules
from nixschema.rules.runner import Runner
from nixschema.schema import keywords
from nixschema.schema.loading import findings_about, load_file
from tests.schema.table import Case, Expected, table

CASES = {f"{file}: {case.name}": case for file, case in table()}
SOUND = {name: case for name, case in CASES.items() if not case.problems}


def each(cases: dict[str, Case]) -> pytest.MarkDecorator:
    """Try a test with each of some cases."""
    return pytest.mark.parametrize("case", list(cases.values()), ids=list(cases))


@cache
def runner() -> Runner:
    return Runner(all_rules())


def problems(text: str, files: dict[str, str], folder: Path) -> list[Any]:
    """What is wrong with a schema."""
    for name, lower in files.items():
        (folder / name).write_text(lower, "utf-8")
    (folder / "schema.yaml").write_text(text, "utf-8")
    return findings_about(load_file(folder / "schema.yaml", python_rules=True), runner())


def findings(description: str, folder: Path, *, depth: Any, every: bool = False) -> list[Any]:
    """What a schema, or any rule, says of a description."""
    path = folder / "description.yaml"
    path.write_text(description, "utf-8")
    report = nx.validate(path, schemas=[str(folder / "schema.yaml")], depth=depth)
    text = [one for one in report.findings if one.rule.startswith("NIX0")]
    assert not text, (description, text)
    return [one for one in report.findings if every or not one.rule.startswith("NIX")]


def agree(found: list[Any], expected: tuple[Expected, ...], about: str) -> None:
    """Each finding is expected, and each that is expected is found."""
    left = list(found)
    missing = []
    for one in expected:
        fitting = next((there for there in left if one.fits(there)), None)
        if fitting is None:
            missing.append(one)
        else:
            left.remove(fitting)
    told = "\n".join(
        f"  {one.rule} {one.level} {one.path} {one.line}: {one.message} ({one.help})"
        for one in found
    )
    agreed = not missing and not left
    assert agreed, f"\n{about}\nfound:\n{told}\nmissing: {missing}"


@each(SOUND)
def test_a_schema_of_the_table_is_sound(case: Case, tmp_path: Path) -> None:
    agree(problems(case.schema, case.files, tmp_path), (), case.schema)


@each({name: case for name, case in CASES.items() if case.problems})
def test_a_mistake_is_told_at_its_line(case: Case, tmp_path: Path) -> None:
    agree(problems(case.schema, case.files, tmp_path), case.problems, case.schema)


@each(SOUND)
def test_valid_and_invalid(case: Case, tmp_path: Path) -> None:
    assert case.valid or case.accepts
    problems(case.schema, case.files, tmp_path)
    for one in case.valid:
        found = findings(one, tmp_path, depth=case.depth)
        agree(found, (), f"valid:\n{case.schema}\n{one}")
    for one, expected in case.invalid:
        found = findings(one, tmp_path, depth=case.depth)
        agree(found, expected, f"invalid:\n{case.schema}\n{one}")


@each({name: case for name, case in SOUND.items() if case.accepts})
def test_accepted(case: Case, tmp_path: Path) -> None:
    problems(case.schema, case.files, tmp_path)
    for one, accepted, told in case.accepts:
        found = findings(one, tmp_path, depth=case.depth, every=True)
        rules = {wanted.id for wanted in (*accepted, *told)}
        about = f"{case.schema}\n{one}"
        there = [finding for finding in found if finding.rule in rules]
        agree([finding for finding in there if finding.accepted], accepted, about)
        agree([finding for finding in there if not finding.accepted], told, about)


@each({name: case for name, case in SOUND.items() if case.tighter})
def test_one_schema_is_tighter(case: Case, tmp_path: Path) -> None:
    for schema, accepts in ((case.tighter, False), (case.looser, True)):
        assert not problems(schema, {}, tmp_path)
        found = findings(case.apart, tmp_path, depth=case.depth)
        assert (not found) is accepts, (schema, case.apart, found)
        assert case.both
        for one in case.both:
            assert not findings(one, tmp_path, depth=case.depth), (schema, one)


KINDS = (*keywords.ENTITIES, "Schema", "Dimension", "Constraint", "When", "Together", "ColumnOf")
FURTHER = ("Tree", "Examples", "Example")


def keys_of(text: str) -> set[str]:
    """The keys of a schema, those of containers among them."""
    found: set[str] = set()
    stack = [yaml.compose(text, Loader=yaml.SafeLoader)]
    while stack:
        node = stack.pop()
        if isinstance(node, yaml.MappingNode):
            found |= {key.value for key, _ in node.value}
            stack += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            stack += node.value
    return found


def test_every_keyword_has_a_case() -> None:
    cases = [
        (set(case.keywords), keys_of(case.schema)) for case in CASES.values() if not case.problems
    ]
    meant = {name for names, keys in cases for name in names & keys}
    wanted = {name for kind in (*KINDS, *FURTHER) for name in keywords.keywords_of(kind)}
    assert not wanted - meant, sorted(wanted - meant)


@pytest.mark.parametrize(
    "word", ["required", "optional", "forbidden", "self", "any", "blank", ":number", ":text"]
)
def test_every_word_has_a_case(word: str) -> None:
    assert any(word in case.keywords for case in CASES.values())


def test_every_keyword_of_a_value_has_files_that_are_refused() -> None:
    refused = {name for case in CASES.values() if case.invalid for name in case.keywords}
    told = {one.name for one in keywords.CONSTRAINT}
    assert not told - refused, sorted(told - refused)
