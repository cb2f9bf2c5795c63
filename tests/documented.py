"""Pages of documentation whose blocks are tried: files, commands and Python, in one folder.

A page is followed from its top, as a reader would:

- a ``yaml`` block is a file, named by the comment in its first line. A schema, and a description,
  is sound, unless its name begins with ``wrong``; a description becomes a NIX file. A description
  that the commands right after it name is judged by them;
- ``xml``, ``toml`` and ``python`` blocks with such a comment are files, and nothing more;
- a ``console`` block has commands and what they print; ``...`` stands for any text. Installing a
  package from a folder puts that folder where Python finds it;
- a ``pycon`` block is Python as it is typed.
"""

from __future__ import annotations

import doctest
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
import yaml
from click.testing import CliRunner

import nixschema as nx
from nixschema.cli import main

ROOT = Path(__file__).resolve().parent.parent
FILES = ("yaml", "xml", "toml", "python")
BLOCK = re.compile(
    r"^```(yaml|xml|toml|python|console|pycon)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
NAME = re.compile(r"(?:# |<!-- )([\w./-]+\.[a-z]+)(?: -->)?\n")
INSTALL = re.compile(r"pip install (?:-e )?(\./[\w./-]+)")
ECHO = "; echo $?"
OURS = frozenset(("schema", "nix", "blocks", "metadata"))
"""Keys by which a text is one that nixschema knows; configurations of other programs lack them."""

PAGES = {
    "descriptions": {"yaml", "console", "pycon"},
    "odml": {"xml", "yaml", "console", "pycon"},
    "schemas": {"yaml", "console", "python", "pycon"},
    "lab-schema": {"yaml", "console", "toml"},
    "porting-a-schema": {"yaml", "console", "python", "pycon"},
}
"""Pages in `docs/` that are tried so, with the kinds of blocks that they have."""


class Block(NamedTuple):
    """One block of a page."""

    kind: str
    name: str
    """Of the file; empty where it is none."""
    text: str


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
    found: list[Block] = []
    for number, (kind, text) in enumerate(BLOCK.findall(page.read_text("utf-8"))):
        match = NAME.match(text) if kind in FILES else None
        name = match[1] if match else f"block{number}.yaml" if kind == "yaml" else ""
        written = text[match.end() :] if match and kind == "xml" else text
        if name or kind not in FILES:
            found.append(Block(kind, name, written))
    return found


@cache
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
    line, echo, _ = command.partition(ECHO)
    if line.startswith("nixschema ") and not re.search(r"[|<>*]", line):
        done = CliRunner().invoke(main, shlex.split(line)[1:], catch_exceptions=False)
        if echo:
            return 0, f"{done.output}{done.exit_code}\n"
        return done.exit_code, done.output
    if install := INSTALL.fullmatch(line):
        sys.path.append(str(Path(install[1]).resolve()))
        return 0, ""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    shell = subprocess.run(
        ["bash", "-c", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=False,
        timeout=60,
    )
    return shell.returncode, shell.stdout


def follow(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Try each block of a page, in an empty folder; returns the kinds of blocks that there were."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "path", [*sys.path])
    names: dict[str, object] = {}
    found = blocks(page)
    for number, block in enumerate(found):
        if block.kind == "console":
            _try_commands(block.text)
        elif block.kind == "pycon":
            _try_python(block.text, page, names)
        else:
            Path(block.name).parent.mkdir(parents=True, exist_ok=True)
            Path(block.name).write_text(block.text, encoding="utf-8")
            after = found[number + 1] if number + 1 < len(found) else Block("", "", "")
            if block.kind == "yaml" and not (after.kind == "console" and block.name in after.text):
                _try_file(block.name, number)
    return {block.kind for block in found}


def _try_file(name: str, number: int) -> None:
    """A schema or a description is sound, or not where its name says so."""
    if Path(name).name.startswith("wrong"):
        assert not nx.validate(name).ok, name
        return
    document = yaml.safe_load(Path(name).read_text("utf-8"))
    if isinstance(document, dict) and OURS.isdisjoint(document):
        return
    findings = [one for one in nx.validate(name).findings if str(one.level) != "info"]
    assert findings == [], (name, findings)
    if "schema" not in document:
        nx.convert(name, f"block{number}.nix")
        assert nx.validate(f"block{number}.nix").ok, name


def _try_commands(text: str) -> None:
    readme = console()
    for command in readme.commands(text):
        status, output = printed(command.text)
        assert status == 0, (command.text, output)
        shown = "\n".join(command.expected)
        assert readme.matches(command.expected, output), f"$ {command.text}\n{output}\n!=\n{shown}"


def _try_python(text: str, page: Path, names: dict[str, object]) -> None:
    case = doctest.DocTestParser().get_doctest(text, names, page.name, str(page), 0)
    told: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(
        case, out=told.append, clear_globs=False
    )
    names.update(case.globs)
    assert not told, "".join(told)
