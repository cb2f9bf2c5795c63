"""Where schemas are found: by shipped name, by path, or in an installed package."""

from __future__ import annotations

import os
import re
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from nixschema.documents import documents
from nixschema.model.refusal import did_you_mean
from nixschema.schema.problems import shown
from nixschema.schema.soundness import ID, installed

SUFFIXES = (".yaml", ".yml", ".json")
"""Endings of files that schemas are taken from."""

GROUP = "nixschema.schemas"
"""Entry points of packages that bring schemas: each names the folder of ``NAME.yaml``."""

_EXTENDS = re.compile(r"\s*([^\s<>=!~,]+)\s*((?:(?:>=|<=|==|!=|<|>|~=)\s*[^\s,]+\s*,?\s*)*)")
_CONDITION = re.compile(r"(>=|<=|==|!=|<|>|~=)\s*([^\s,]+)")
_PACKAGE = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*)")


class Wanted(NamedTuple):
    """What ``extends`` names."""

    name: str
    """A shipped name, a path, or ``package:name``."""
    conditions: tuple[tuple[str, str], ...]
    """Conditions on its version: ``(">=", "1.2")``."""


class NotFound(Exception):
    """There is no such schema; the message says why."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


def shipped_schemas() -> dict[str, Path]:
    """The schemas that come with nixschema: name and file."""
    folder = documents() / "schemas"
    return {
        path.stem: path
        for path in sorted(folder.glob("*.yaml"))
        if ID.fullmatch(path.stem) and path.is_file()
    }


def known_schemas() -> dict[str, Path]:
    """All schemas that a name is enough for: shipped ones, and those of installed packages."""
    found: dict[str, Path] = {}
    for point in metadata.entry_points(group=GROUP):
        path = _in_package(point.module, point.name)
        if path is not None and ID.fullmatch(point.name):
            found.setdefault(point.name, path)
    return {**dict(sorted(found.items())), **shipped_schemas()}


def find_schema(name: str) -> Path | None:
    """The file of a schema that is shipped, or that an installed package brings; or None."""
    if not ID.fullmatch(name):
        return None
    return shipped_schemas().get(name) or known_schemas().get(name)


def wanted(text: str) -> Wanted:
    """What one item of ``extends`` says.

    Raises:
        NotFound: it says nothing that is understood.
    """
    if is_path(text):
        return Wanted(text.strip(), ())
    found = _EXTENDS.fullmatch(text)
    if found is None:
        help = "write a name (`neo`, `neo >=1.2`), a path (`./base.yaml`) or `package:name`"
        raise NotFound(f"`{shown(text)}` names no schema", help)
    return Wanted(found[1], tuple(_CONDITION.findall(found[2])))


def is_path(text: str) -> bool:
    """Whether a text is the path of a schema, and not its name."""
    return "/" in text or "\\" in text or text.strip().lower().endswith(SUFFIXES)


def locate(name: str, folder: str | None, file: str | None = None) -> Path:
    """The file of a schema that another one extends.

    Args:
        name: a name, a path from the folder, or ``package:name``.
        folder: that of the schema that extends it; None where that was made in Python.
        file: that schema, which is never what is meant by a misspelt name.

    Raises:
        NotFound: there is none.
    """
    if is_path(name):
        return _by_path(name, folder, os.path.basename(file or ""))
    if ":" in name:
        return _by_package(name)
    path = find_schema(name)
    if path is not None:
        return path
    known = list(known_schemas())
    help = f"there are {', '.join(known)}" if known else None
    beside = next(
        (f"{name}{end}" for end in SUFFIXES if folder and os.path.isfile(f"{folder}/{name}{end}")),
        None,
    )
    if beside:
        help = f"for the file beside write `./{beside}`"
    raise NotFound(f"there is no schema `{shown(name)}`{did_you_mean(name, known)}", help)


def _by_path(name: str, folder: str | None, itself: str) -> Path:
    told = f"`{shown(name)}`"
    if os.path.isabs(name) or re.match(r"[A-Za-z]:|\\|~", name):
        message = f"{told} is an absolute path; expected one from the schema"
        raise NotFound(message, "write it as `./base.yaml`")
    if re.match(r"[a-z]+://", name):
        raise NotFound(f"{told} is an address; expected a file", "keep a copy beside the schema")
    if not name.lower().endswith(SUFFIXES):
        raise NotFound(f"{told} is no YAML or JSON file", "name a file that ends in `.yaml`")
    if folder is None:
        raise NotFound(f"{told} is a path, and the schema that names it is no file")
    path = Path(folder, *name.replace("\\", "/").split("/"))
    if path.is_file():
        return path
    if path.exists():
        raise NotFound(f"{told} is no file")
    try:
        beside = sorted(one.name for one in path.parent.iterdir())[:1000]
    except OSError:
        beside = []
    meant = did_you_mean(
        path.name, [one for one in beside if one.endswith(SUFFIXES) and one != itself]
    )
    raise NotFound(f"there is no file {told}{meant}")


def _by_package(name: str) -> Path:
    found = _PACKAGE.fullmatch(name)
    if found is None:
        raise NotFound(f"`{shown(name)}` names no schema of a package", "write `package:name`")
    package, schema = found[1], found[2]
    if installed(package.partition(".")[0]) is None:
        top = package.partition(".")[0]
        raise NotFound(f"there is no installed package `{top}`", f"install `{top}`")
    path = _in_package(package, schema)
    if path is None:
        help = f"the package brings it as `{schema}.yaml`, or as `schemas/{schema}.yaml`"
        raise NotFound(f"the package `{package}` has no schema `{schema}`", help)
    return path


def _in_package(package: str, name: str) -> Path | None:
    """The file of a schema in an installed package, which is not run for that."""
    top, *inner = package.split(".")
    spec = installed(top)
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        for below in ((), ("schemas",)):
            for suffix in SUFFIXES:
                path = Path(folder, *inner, *below, f"{name}{suffix}")
                if path.is_file():
                    return path
    return None


def wrong_version(version: str | None, conditions: tuple[tuple[str, str], ...]) -> str | None:
    """Why a version does not meet conditions, as the end of a sentence; None where it does."""
    if not conditions:
        return None
    asked = ", ".join(f"{sign}{number}" for sign, number in conditions)
    if version is None:
        return f"says no version; expected `{asked}`"
    mine = _numbers(version)
    for sign, number in conditions:
        its = _numbers(number)
        if its is None:
            return f"is to be `{sign}{shown(number)}`, which is no version, such as `1.2`"
        if mine is None:
            return f"is of version `{shown(version)}`, which is not compared with `{asked}`"
        if not _holds(mine, sign, its):
            return f"is of version `{shown(version)}`; expected `{asked}`"
    return None


def _numbers(version: str) -> tuple[int, ...] | None:
    if not re.fullmatch(r"v?[0-9]{1,9}(?:\.[0-9]{1,9}){0,9}", version):
        return None
    return tuple(map(int, version.removeprefix("v").split(".")))


def _holds(mine: tuple[int, ...], sign: str, its: tuple[int, ...]) -> bool:
    length = max(len(mine), len(its))
    first = mine + (0,) * (length - len(mine))
    second = its + (0,) * (length - len(its))
    match sign:
        case ">=":
            return first >= second
        case "<=":
            return first <= second
        case ">":
            return first > second
        case "<":
            return first < second
        case "!=":
            return first != second
        case "~=":
            return first >= second and first[: len(its) - 1] == second[: len(its) - 1]
    return first == second
