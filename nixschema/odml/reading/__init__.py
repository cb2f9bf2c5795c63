"""Reading odML: XML, JSON and YAML, of version 1.1 and 1.0, to one kind of document.

Tolerant: what is written is kept, as text where it is nothing better, and what is wrong with it is
told with its line. Nothing is fetched, expanded or executed.
"""

from __future__ import annotations

import re
from pathlib import Path

from nixschema.garbage import many_objects
from nixschema.odml.problems import OdmlProblem, Problems
from nixschema.odml.reading.decoding import beginning, is_xml
from nixschema.odml_model.document import Document
from nixschema.text.limits import LIMITS, Limits

__all__ = ["is_odml", "is_odml_bytes", "read_odml", "read_odml_bytes"]

_START = 64 * 1024
"""So many bytes tell whether a file is odML."""
_SUFFIXES = frozenset((".xml", ".odml"))
_ROOT = re.compile(
    r"\s*(?:<\?(?:[^?]|\?(?!>))*\?>\s*|<!--(?:[^-]|-(?!->))*-->\s*"
    r"|<!DOCTYPE[^<>\[]*(?:\[[^\]]*\]\s*)?>\s*)*<odML[\s/>]",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"""^(["']?)(?:Document\1\s*:[ \t]*(?:[{!&#]|\r?$)|odml-version\1\s*:\s)""", re.MULTILINE
)
_JSON_KEY = re.compile(r"""\{\s*"(?:Document|odml-version)"\s*:""")


def read_odml(
    path: str | Path, *, limits: Limits = LIMITS
) -> tuple[Document | None, list[OdmlProblem]]:
    """Read a file, as `read_odml_bytes` does.

    Raises:
        OSError: the file cannot be read.
    """
    with Path(path).open("rb") as file:
        return read_odml_bytes(file.read(limits.size + 1), str(path), limits=limits)


def read_odml_bytes(
    data: bytes, name: str = "", *, limits: Limits = LIMITS
) -> tuple[Document | None, list[OdmlProblem]]:
    """The document that a text holds, and all problems in order of their places.

    The document is None where a problem ends the reading. No text makes it raise.

    Args:
        data: XML, JSON or YAML; the text itself tells which.
        name: name of its file, which tells what is meant where the text does not.
        limits: how much of it is read.
    """
    problems = Problems()
    document: Document | None = None
    if len(data) > limits.size:
        message = f"the file is larger than {limits.size:,} bytes"
        help = "keep large data in files of their own, and name them in the metadata"
        problems.tell("NIX804", message, help, line=1, column=1)
        return None, problems.found
    with many_objects():
        document = _read(data, name, problems, limits)
    problems.found.sort(key=lambda one: (one.line, one.column))
    return document, problems.found


def _read(data: bytes, name: str, problems: Problems, limits: Limits) -> Document | None:
    from nixschema.odml.reading.entities import read_entities
    from nixschema.odml.reading.notation import read_notation
    from nixschema.odml.reading.xml import read_xml

    if is_xml(data):
        written = read_xml(data, problems, limits)
    elif not data.strip() or (Path(name).suffix.lower() in _SUFFIXES and not is_odml_bytes(data)):
        problems.tell("NIX802", "the text is no odML", "see that it is the right file", line=1)
        return None
    else:
        written = read_notation(data, problems, limits)
    return read_entities(written, problems) if written is not None else None


def is_odml(path: str | Path) -> bool:
    """Whether a file is odML, by its first part.

    That is XML with the root ``odML``, or JSON or YAML with the key ``Document`` or
    ``odml-version`` on top.

    Raises:
        OSError: the file cannot be read.
    """
    with Path(path).open("rb") as file:
        return is_odml_bytes(file.read(_START))


def is_odml_bytes(data: bytes) -> bool:
    """Whether a text is odML, as `is_odml` has it."""
    text = beginning(data[:_START])
    start = text.lstrip()[:1]
    if start == "<":
        return _ROOT.match(text) is not None
    if start == "{":
        return _JSON_KEY.match(text.lstrip()) is not None
    return _KEY.search(text) is not None
