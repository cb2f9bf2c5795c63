"""Bytes of XML -> UTF-8, whatever encoding they declare."""

from __future__ import annotations

import codecs
import re

from nixschema.odml.problems import Problems, shown

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARED = re.compile(
    rb"""\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']"""
)
_SLOW = frozenset(("idna", "punycode"))
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32)])
_REPLACE = bytes.maketrans(_CONTROLS, b"\x1a" * len(_CONTROLS))
_REPLACEMENT = "\ufffd".encode()
_AS_UTF8 = 'save the file as UTF-8, and declare it: `<?xml version="1.0" encoding="UTF-8"?>`'


def is_xml(data: bytes) -> bool:
    """Whether the first character but white space is that of a tag."""
    return beginning(data[:4096]).lstrip()[:1] == "<"


def beginning(data: bytes) -> str:
    """The first part of a text, roughly: what cannot be decoded is left out."""
    codec = _marked(data) or _codec(_declared(data)) or "utf-8"
    return data.removeprefix(codecs.BOM_UTF8).decode(codec, "ignore")


def as_utf8(data: bytes, problems: Problems) -> bytes | None:
    """The text as UTF-8 without characters that XML does not have; None where there is no text."""
    name = _marked(data) or _declared(data)
    codec = _marked(data) or _codec(name)
    data = data.removeprefix(codecs.BOM_UTF8)
    if codec is None:
        _tell(
            problems,
            f"the text is not in the encoding `{shown(name)}` that it declares; "
            "it is read as UTF-8",
            1,
        )
        codec = "utf-8"
    try:
        text = data.decode(codec)
        converted = data if codec == "utf-8" else text.encode()
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        if codec != "utf-8" or b"\0" in data:
            _tell(problems, f"the text is not in the encoding `{shown(name)}` that it declares", 1)
            return None
        line = data.count(b"\n", 0, start) + 1
        byte = data[start]
        meant = bytes([byte]).decode("cp1252", "replace")
        converted = data.decode("cp1252", "replace").encode()
        _tell(
            problems,
            f"the byte 0x{byte:02X} is not UTF-8; the text is read as Latin-1, "
            f"where it is `{shown(meant)}`",
            line,
        )
    return _without_controls(converted, problems)


def _marked(data: bytes) -> str | None:
    """The encoding that the first bytes tell."""
    for mark, name in (*_MARKS, *_UNMARKED):
        if data.startswith(mark):
            return name
    return None


def _declared(data: bytes) -> str:
    found = _DECLARED.match(data[:4096])
    return found[1].decode("ascii") if found else "utf-8"


def _codec(name: str) -> str | None:
    """What Python calls an encoding, or None for one that it does not have for text."""
    try:
        found = codecs.lookup(name).name
        # The declaration was read as ASCII: the encoding has it there.
        if found in _SLOW or b"<?xml".decode(found) != "<?xml":
            return None
    except (LookupError, ValueError):
        return None
    return "utf-8" if found in ("ascii", "utf-8-sig") else found


def _without_controls(data: bytes, problems: Problems) -> bytes:
    others = data.translate(None, _CONTROLS)
    number = len(data) - len(others)
    if not number:
        return data
    marked = data.translate(_REPLACE)
    first = marked.index(b"\x1a")
    more = f", and {number - 1:,} more in the text" if number > 1 else ""
    _tell(
        problems,
        f"the character `U+{data[first]:04X}` is not allowed in XML{more}; it is replaced",
        data.count(b"\n", 0, first) + 1,
        "take it away; JSON and YAML can hold it",
    )
    return marked.replace(b"\x1a", _REPLACEMENT)


def _tell(problems: Problems, message: str, line: int, help: str = _AS_UTF8) -> None:
    problems.tell("NIX801", message, help, line=line, column=1)
