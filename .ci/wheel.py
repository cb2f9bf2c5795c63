"""Builds the sdist, from it the wheel, and tries the wheel in a fresh environment."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent

CLIENT = """\
import nixschema as nx
file: nx.File = nx.read("x.nix")
print([array.name for array in file.blocks[0].data_arrays])
"""

DOCUMENTS = """\
import sys
from nixschema.documents import documents
for name in sys.argv[1:]:
    assert documents().joinpath(*name.split("/")).is_file(), f"not found: {name}"
print(f"{len(sys.argv) - 1} documents found")
"""


def call(*arguments: str | Path, folder: Path) -> str:
    """Runs a program in a folder without a package in it; prints and returns what it says."""
    print("$", Path(arguments[0]).name, *arguments[1:], flush=True)
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        arguments, cwd=folder, env=env, stdout=subprocess.PIPE, encoding="utf-8", check=False
    )
    print(done.stdout, end="", flush=True)
    if done.returncode:
        raise SystemExit(f"exit status {done.returncode}")
    return done.stdout


def expect(holds: bool, sentence: str) -> None:
    """Stops with a sentence when something does not hold."""
    if not holds:
        raise SystemExit(sentence)


def check_sdist(path: Path) -> None:
    """The sdist holds what the wheel is built from, and what its users read and run."""
    with tarfile.open(path) as archive:
        folders = {name.split("/")[1] for name in archive.getnames() if name.count("/") > 1}
    needed = {"nixschema", "schemas", "converters", "tests", "docs", "examples"}
    expect(needed <= folders, f"the sdist lacks {sorted(needed - folders)}")


def check_wheel(path: Path) -> None:
    """Nothing but ``nixschema`` becomes importable, and it is typed."""
    with zipfile.ZipFile(path) as archive:
        (record,) = (name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        lines = archive.read(record).decode().splitlines()
    names = {line.rsplit(",", 2)[0].strip('"') for line in lines}
    tops = {name.split("/")[0] for name in names} - {record.split("/")[0]}
    expect(tops == {"nixschema"}, f"the wheel installs {sorted(tops)}")
    expect("nixschema/py.typed" in names, "the wheel lacks nixschema/py.typed")


def main() -> None:
    """Builds, installs, tries."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        call(sys.executable, "-m", "build", "--outdir", folder / "dist", CHECKOUT, folder=folder)
        (sdist,) = (folder / "dist").glob("*.tar.gz")
        (wheel,) = (folder / "dist").glob("*.whl")
        check_sdist(sdist)
        check_wheel(wheel)

        call(sys.executable, "-m", "venv", "venv", folder=folder)
        python = folder / "venv" / "bin" / "python"
        call(python, "-m", "pip", "install", "--quiet", wheel, folder=folder)
        call(python, "-c", "import nixschema", folder=folder)
        said = call(python.with_name("nixschema"), "--version", folder=folder)
        expect(project["version"] in said.split(), f"the version is {project['version']}")
        documents = [
            path.relative_to(CHECKOUT).as_posix()
            for top in ("schemas", "converters")
            for path in sorted((CHECKOUT / top).rglob("*"))
            if path.is_file()
        ]
        (folder / "find.py").write_text(DOCUMENTS, encoding="utf-8")
        call(python, "find.py", *documents, folder=folder)

        (folder / "client.py").write_text(CLIENT, encoding="utf-8")
        call(python, "-m", "pip", "install", "--quiet", "mypy", folder=folder)
        call(python, "-m", "mypy", "--strict", "client.py", folder=folder)


if __name__ == "__main__":
    main()
