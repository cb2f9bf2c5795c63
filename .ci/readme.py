"""Runs the examples of README.md in a fresh clone and a fresh environment.

A ``console`` block is one shell session: lines with ``$ `` are commands (``> `` continues one), the
lines after a command are what it prints, standard error included. A command that fails, fails the
block; where failing is the point, write ``$ command; echo $?``. A ``pycon`` block is a doctest.
In both, ``...`` stands for any text, on a line of its own for any lines, or none.

All blocks share one clone, one virtual environment and one empty home folder, in their order.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```(console|pycon)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "\x1e"
TIMEOUT = 900


@dataclass
class Command:
    """A command of a console block and the lines it should print."""

    text: str
    expected: list[str] = field(default_factory=list)


def commands(block: str) -> list[Command]:
    """Returns the commands of a console block, each with its expected output."""
    found: list[Command] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:]))
        elif not found:
            raise ValueError(f"output before the first command: {line!r}")
        elif line.startswith("> ") and not found[-1].expected:
            found[-1].text += "\n" + line[2:]
        else:
            found[-1].expected.append(line.rstrip())
    return found


def matches(expected: list[str], printed: str) -> bool:
    """Whether what was printed is what was expected; ``...`` stands for anything."""
    pattern = ""
    for line in expected:
        if line.strip() == "...":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("...")) + r"\n"
    lines = [line.rstrip() + "\n" for line in printed.strip("\n").splitlines()]
    return re.fullmatch(pattern, "".join(lines)) is not None


def environment(folder: Path) -> dict[str, str]:
    """Makes a home folder and a virtual environment; returns the variables that activate them."""
    home = folder / "home"
    home.mkdir()
    venv = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    dropped = {"PYTHONPATH", "PYTHONHOME", "MAKEFLAGS", "MAKELEVEL", "PYTHON", "VENV", "ARGS"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | {
        "HOME": str(home),
        "VIRTUAL_ENV": str(venv),
        "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "TERM": "dumb",
    }


def run(arguments: list[str], clone: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs a program in the clone, its two outputs as one text."""
    return subprocess.run(
        arguments,
        cwd=clone,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=TIMEOUT,
        check=False,
    )


def run_console(block: str, clone: Path, env: dict[str, str]) -> bool:
    """Runs a console block, says what it did, returns whether it did what it says."""
    wanted = commands(block)
    script = "".join(f"{command.text}\nprintf '{MARK}%d{MARK}' $?\n" for command in wanted)
    parts = run(["bash", "-c", script], clone, env).stdout.split(MARK)
    good = True
    for position, command in enumerate(wanted):
        print(f"$ {command.text}")
        printed = parts[2 * position] if 2 * position < len(parts) else ""
        status = parts[2 * position + 1] if 2 * position + 1 < len(parts) else "none"
        if status == "0" and matches(command.expected, printed):
            continue
        good = False
        if status != "0":
            print(f"  exit status {status}")
        print("  it printed:", *printed.strip("\n").splitlines(), sep="\n    ")
        print("  README.md says:", *command.expected, sep="\n    ")
    return good


def run_pycon(block: str, clone: Path, env: dict[str, str]) -> bool:
    """Runs a block of Python as a doctest, returns whether it passed."""
    text = clone.parent / "example.txt"
    text.write_text(block, encoding="utf-8")
    print(*(line for line in block.splitlines() if line.startswith((">>>", "... "))), sep="\n")
    done = run(["python", "-m", "doctest", "-o", "ELLIPSIS", str(text)], clone, env)
    print(done.stdout, end="")
    return done.returncode == 0


def main() -> int:
    """Runs every block; returns 1 if any of them failed."""
    runners = {"console": run_console, "pycon": run_pycon}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clone = folder / "nixschema"
        subprocess.run(["git", "clone", "--quiet", CHECKOUT, clone], check=True)
        env = environment(folder)
        blocks = FENCE.findall((clone / "README.md").read_text(encoding="utf-8"))
        failed = sum(not runners[kind](block, clone, env) for kind, block in blocks)
    print(f"README.md: {len(blocks) - failed} blocks passed, {failed} failed")
    return 1 if failed or not blocks else 0


if __name__ == "__main__":
    sys.exit(main())
