"""Each rule finds what its examples say, where they say it, and nothing else.

An examples file patches the sound file of `tests.sound`; see `tests/rules/README.md`.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

import nixschema as nx
from nixschema.findings import Finding
from nixschema.model.lookup import find_entity
from nixschema.rules.rule import all_rules, find_rule
from tests.patches import Patch, patched
from tests.plain import write
from tests.sound import SOUND, id_of

FOLDER = Path(__file__).parent / "rules"

SECONDS = 10
"""Longer than any single test here may take."""


@dataclass(frozen=True)
class Expected:
    """One finding that an example expects."""

    path: str
    message: str

    def fits(self, finding: Finding) -> bool:
        return _fits(self.path, finding.path) and _fits(self.message, finding.message)


@dataclass(frozen=True)
class Example:
    """Patches of the sound file, and what a rule finds then."""

    rule: str
    name: str
    patch: list[Patch] = field(default_factory=list)
    refer: dict[str, dict[str, Any]] = field(default_factory=dict)
    finds: list[Expected] = field(default_factory=list)
    also: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.rule}-{self.name}"


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that is given twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key is given twice in {keys}"
        return super().construct_mapping(node, deep)


def _with_ids(value: Any) -> Any:
    """``<voltage>`` in any text stands for the id of what is named so in the sound file."""
    if isinstance(value, str):
        return re.sub("<([a-z_0-9]+)>", lambda match: id_of(match[1]), value)
    if isinstance(value, list):
        return [_with_ids(item) for item in value]
    if isinstance(value, dict):
        return {_with_ids(key): _with_ids(item) for key, item in value.items()}
    return value


def _examples_of(path: Path) -> list[Example]:
    document = _with_ids(yaml.load(path.read_text("utf-8"), _StrictLoader))
    assert set(document) == {"valid", "invalid"}, f"{path.name}: keys are `valid` and `invalid`"
    found = []
    for kind in ("valid", "invalid"):
        for given in document[kind]:
            finds = [Expected(**one) for one in given.pop("finds", ())]
            assert bool(finds) == (kind == "invalid"), f"{path.name}: {given['name']}"
            found.append(Example(path.stem, finds=finds, **given))
    return found


FILES = sorted(FOLDER.glob("*.yaml"))
EXAMPLES = [example for path in FILES for example in _examples_of(path)]


def _fits(expected: str, found: str) -> bool:
    pattern = ".*".join(map(re.escape, expected.split("...")))
    return re.fullmatch(pattern, found, re.DOTALL) is not None


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sound file, written once."""
    path = tmp_path_factory.mktemp("sound") / "session.nix"
    write(SOUND, path)
    return path


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    """Nothing in a file may make reading it go on without end."""

    def stop(*_: object) -> None:
        raise TimeoutError("reading goes on without end")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def _findings(path: Path) -> list[Finding]:
    (report,) = nx.validate(path).files
    return report.findings


def _findings_of(example: Example, path: Path) -> list[Finding]:
    if not example.refer:
        return _findings(path)
    file = nx.read(path)
    for place, fields in example.refer.items():
        entity = find_entity(file, place)
        for name, value in fields.items():
            setattr(entity, name, value)
    return nx.validate(file).findings


def test_sound_file_is_sound(sound: Path) -> None:
    assert _findings(sound) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example(example: Example, sound: Path, tmp_path: Path) -> None:
    if os.geteuid() == 0 and any("forbidden" in patch for patch in example.patch):
        pytest.skip("root may read everything")
    path = tmp_path / "session.nix"
    shutil.copyfile(sound, path)
    with patched(path, example.patch):
        findings = _findings_of(example, path)
    assert not any(str(tmp_path) in one.message for one in findings), "a message names the machine"
    if wrong := _difference(example, findings):
        pytest.fail(wrong, pytrace=False)


def _difference(example: Example, findings: list[Finding]) -> str:
    """What is wrong with the findings of an example, in words, or nothing."""
    rule = find_rule(example.rule)
    assert rule is not None
    mine = [one for one in findings if one.rule == rule.id]
    others = [one for one in findings if one.rule != rule.id]
    if _all_fit(example.finds, mine) and {one.rule for one in others} == set(example.also):
        assert {one.level for one in mine} <= {rule.level}
        assert all(one.message.isprintable() for one in findings)
        return ""
    expected = [f"{one.path}: {rule.id} {rule.level}: {one.message}" for one in example.finds]
    parts = ["expected:", *expected, f"also {example.also}", "found:", *map(str, findings)]
    return "\n  ".join(["", *(part[:1000] for part in parts)])


def _all_fit(expected: list[Expected], found: list[Finding]) -> bool:
    """Whether each finding is expected, and each expected one found, in any order."""
    left = list(found)
    for one in expected:
        fitting = next((finding for finding in left if one.fits(finding)), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return not left


def test_each_rule_has_examples() -> None:
    wanted = {rule.id for rule in all_rules()}
    assert {path.stem for path in FILES} == wanted
    for kind in (True, False):
        assert {one.rule for one in EXAMPLES if bool(one.finds) is kind} == wanted
