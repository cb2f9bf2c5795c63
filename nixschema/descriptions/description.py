"""Descriptions as files: read from YAML or JSON text, and written with the files beside them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from nixschema.descriptions.drafts import Reading
from nixschema.descriptions.lines import Lines
from nixschema.descriptions.placing import Data, Placing
from nixschema.descriptions.reading import read_nodes
from nixschema.descriptions.writing import Teller
from nixschema.errors import CheckFailed, NixError
from nixschema.model import File
from nixschema.rules.descriptions import Fault
from nixschema.storage.beside import folder_beside
from nixschema.storage.losses import Losses
from nixschema.storage.replace import replacing
from nixschema.text.emit import json_text, yaml_text
from nixschema.text.limits import LIMITS
from nixschema.text.nodes import Mapping
from nixschema.text.yaml import is_json, read_text

_MARKS = ("nix", "metadata", "blocks")
"""Keys that tell a description from other texts."""

_OTHERS = {"Document": "an odML file", "schema": "a schema"}
"""Keys that other kinds of text have at their top."""

SCHEMA = "nix.schema.json"
"""The JSON Schema of descriptions, as their first line names it."""


@dataclass(slots=True)
class Description:
    """A description that was read."""

    path: str
    """The file."""
    file: File | None = None
    """What it says; None where it is no mapping at all."""
    faults: list[Fault] = field(default_factory=list)
    """What is wrong with it as a text."""
    lines: Lines | None = None
    """Where its entities stand."""
    allow_errors: bool = False
    """Whether it asks to be written with its errors."""


def read_description(path: str | os.PathLike[str], *, allow_outside: bool = False) -> Description:
    """Read a description; whatever is wrong with it is a fault.

    Args:
        path: the file; data files are looked for in its folder.
        allow_outside: whether they may lie elsewhere.

    Raises:
        OSError: the file cannot be read.
    """
    source = os.fspath(path)
    with open(source, "rb") as stream:
        data = stream.read(LIMITS.size + 1)
    root, problems = read_text(data)
    found = Description(source)
    found.faults = [
        Fault(one.rule, one.line, one.column, "/", one.message, one.help) for one in problems
    ]
    if root is None:
        return found
    if not isinstance(root, Mapping) or root.items.keys().isdisjoint(_MARKS):
        message = "this is no description; expected a mapping with `nix`, `metadata` or `blocks`"
        found.faults.append(Fault("NIX130", root.line, root.column, "/", message))
        return found
    other = next((name for name in _OTHERS if name in root.items), None)
    if other is not None:
        here = root.keys[other]
        message = f"`{other}` makes this {_OTHERS[other]}, and no description"
        found.faults.append(Fault("NIX130", here.line, here.column, "/", message))
        return found
    folder = os.path.dirname(os.path.abspath(source))
    reading = Reading(folder, is_json=is_json(data), allow_outside=allow_outside)
    found.file = read_nodes(root, reading)
    told = {(one.line, one.column) for one in problems}
    found.faults += [one for one in reading.faults if (one.line, one.column) not in told]
    found.faults.sort(key=lambda one: (one.line, one.column))
    brought = [one for draft in reading.drafts for one in draft.brought]
    unsure = [(draft.made, field) for draft, field in reading.unsure() if draft.made is not None]
    found.lines = Lines(found.file, reading.drafts, brought, unsure)  # type: ignore[arg-type]
    found.allow_errors = reading.allow_errors
    return found


def write_description(
    file: File,
    path: str | os.PathLike[str],
    *,
    data: Data = "auto",
    plain: bool = False,
    allow_errors: bool = False,
    strict: bool = False,
) -> Losses:
    """Write a file as a description, and what does not fit into its text beside it.

    Values of more than a few elements go to files in the folder ``NAME.data``. Text and folder take
    their places when all is written; what was there of either is gone then.

    Args:
        file: what to write.
        path: where to; JSON where it ends in ``.json``, else YAML.
        data: where values go: ``auto`` puts few into the text and others into files, ``inline`` all
            into the text, ``files`` none, and with ``none`` they stay in the file they are in.
        plain: leave out ids, times, what the model does not know, how values are stored, and
            defaults.
        allow_errors: say that it is to be written with its errors.
        strict: write nothing where something cannot be said.

    Returns:
        What a description cannot say.

    Raises:
        CheckFailed: with ``strict``, something cannot be said.
        OSError: it cannot be written, or values not be read.
        NixError: with ``none``, the file was not read from one.
    """
    target = os.path.abspath(os.fspath(path))
    stem, suffix = os.path.splitext(target)
    shown = f"{os.path.basename(stem)}.data"
    origin = _origin(file, target) if data == "none" else ""
    with folder_beside(f"{stem}.data") as (folder, take_place):
        as_json = suffix.lower() == ".json"
        placing = Placing(
            data, plain=plain, folder=folder, shown=shown, origin=origin, is_json=as_json
        )
        teller = Teller(file, placing, plain=plain)
        tree = teller.tree(allow_errors=allow_errors)
        if strict and teller.losses:
            first = teller.losses[0]
            raise CheckFailed(f"not written: cannot be said: {first.path}: {first.reason}")
        if as_json:
            tree = {"$schema": SCHEMA, **tree}
            lines = json_text(tree)
        else:
            lines = yaml_text(tree, [f"yaml-language-server: $schema={SCHEMA}"])
        with replacing(target, take_place) as stream:
            for line in lines:
                stream.write(memoryview(line.encode("utf-8")))
    return teller.losses


def _origin(file: File, target: str) -> str:
    """The file that values stay in, from the folder of the description."""
    if file.source is None:
        raise NixError("values can only stay where they are when they are in a NIX file")
    source = os.path.abspath(file.source)
    try:
        return os.path.relpath(source, os.path.dirname(target)).replace(os.sep, "/")
    except ValueError:  # Another drive.
        return source.replace(os.sep, "/")
