"""What docs/descriptions.md shows is true: each description, command and line of Python."""

from __future__ import annotations

import doctest
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

import nixschema as nx
from nixschema.cli import main

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "descriptions.md"
BLOCK = re.compile(r"^```(yaml|console|pycon)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"# ([\w-]+\.yaml)\n")
ECHO = "; echo $?"


def blocks() -> list[tuple[str, str]]:
    """Kind and text of each block, in order."""
    return BLOCK.findall(PAGE.read_text("utf-8"))


def console() -> ModuleType:
    """How the blocks of README.md are read, and compared with what is printed."""
    spec = importlib.util.spec_from_file_location("readme", ROOT / ".ci" / "readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["readme"] = module
    spec.loader.exec_module(module)
    return module


def printed(command: str) -> tuple[int, str]:
    """Exit status of a command, and both its outputs; nixschema is called without a process."""
    if command.startswith("nixschema "):
        line, echo, _ = command.partition(ECHO)
        done = CliRunner().invoke(main, shlex.split(line)[1:], catch_exceptions=False)
        if echo:
            return 0, f"{done.output}{done.exit_code}\n"
        return done.exit_code, done.output
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    shell = subprocess.run(
        ["bash", "-c", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PATH": path},
        check=False,
        timeout=60,
    )
    return shell.returncode, shell.stdout


def test_every_block_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "schemas").mkdir()
    readme = console()
    tried = set()
    for number, (kind, text) in enumerate(blocks()):
        if kind == "yaml":
            name = match[1] if (match := NAME.match(text)) else f"block{number}.yaml"
            Path(name).write_text(text, encoding="utf-8")
            if name.startswith("wrong"):
                assert not nx.validate(name).ok
                continue
            findings = [one for one in nx.validate(name).findings if str(one.level) != "info"]
            assert findings == [], name
            nx.convert(name, f"block{number}.nix")
            assert nx.validate(f"block{number}.nix").ok, name
        elif kind == "console":
            for command in readme.commands(text):
                status, output = printed(command.text)
                assert status == 0, (command.text, output)
                shown = "\n".join(command.expected)
                assert readme.matches(command.expected, output), f"{output}\n!=\n{shown}"
        else:
            case = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
            told: list[str] = []
            doctest.DocTestRunner().run(case, out=told.append)
            assert not told, "".join(told)
        tried.add(kind)
    assert tried == {"yaml", "console", "pycon"}


def test_the_first_file_is_short() -> None:
    kind, text = blocks()[0]
    assert kind == "yaml"
    assert len(text.splitlines()) - 1 == 10
