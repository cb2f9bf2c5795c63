"""What differs between two schemas, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from nixschema.findings import Level
from nixschema.schema.comparing import Change
from nixschema.schema.dumping import in_line
from nixschema.schema.language import Place, SchemaDocument
from nixschema.schema.narrowing import Verdict

_LONGEST = 120

_SENTENCES = {
    Verdict.TIGHTER: "tighter",
    Verdict.LOOSER: "looser",
    Verdict.EITHER: "either",
    Verdict.SAME: "note",
}


def is_different(changes: Sequence[Change]) -> bool:
    """Whether any file may be judged in another way: notes do not count."""
    return any(one.verdict for one in changes)


def diff_text(
    changes: Sequence[Change], documents: tuple[SchemaDocument, SchemaDocument]
) -> Iterator[str]:
    """Line by line: the clauses with what differs, a count, and what that means."""
    old, new = map(_titled, documents)
    last = None
    for one in changes:
        if one.path != last:
            yield one.path
            last = one.path
        yield f"  {_SENTENCES[one.verdict]:7}  {_sentence(one)}"
    if changes:
        yield ""
    if not is_different(changes):
        yield f"{new} asks for the same as {old}."
        return
    counts = [
        (sum(one.verdict is verdict for one in changes), word)
        for verdict, word in _SENTENCES.items()
        if verdict
    ]
    yield f"{', '.join(f'{count} {word}' for count, word in counts if count)}."
    breaking = sum(one.is_breaking for one in changes)
    if breaking:
        of = "1 change" if breaking == 1 else f"{breaking} changes"
        yield f"Breaking: files that pass {old} may fail {new}, by {of}."
    else:
        yield f"Not breaking: files that pass {old} pass {new}."


def _titled(document: SchemaDocument) -> str:
    schema = document.schema
    return f"{schema.schema_} {schema.version}" if schema.version else schema.schema_


def _sentence(one: Change) -> str:
    name = one.keyword
    level = "" if one.level is Level.ERROR or not one.verdict else f" ({one.level})"
    if one.keyword == "" or one.what in ("new", "gone"):
        state = "gone" if one.new is None else "new"
        shown = _shown(one.old if one.new is None else one.new, one.keyword)
        where = f"{state} {name}:" if name else f"{state}:"
        return f"{where} {shown}{level}"
    return f"{name}: {_shown(one.old, name)} -> {_shown(one.new, name)}{level}"


def _shown(value: Any, keyword: str) -> str:
    if value is None:
        return "-"
    text = in_line(value, keyword)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def diff_json(
    changes: Sequence[Change],
    documents: tuple[SchemaDocument, SchemaDocument],
    names: tuple[str, str],
) -> str:
    """The same for programs."""
    told: dict[str, Any] = {
        "version": 1,
        "a": {"path": names[0], **_about(documents[0])},
        "b": {"path": names[1], **_about(documents[1])},
        "changes": [_record(one) for one in changes],
        "summary": {
            **{
                _SENTENCES[verdict]: sum(one.verdict is verdict for one in changes)
                for verdict in _SENTENCES
            },
            "breaking": any(one.is_breaking for one in changes),
        },
    }
    return json.dumps(told, indent=2)


def _about(document: SchemaDocument) -> dict[str, Any]:
    return {"schema": document.schema.schema_, "version": document.schema.version}


def _record(one: Change) -> dict[str, Any]:
    return {
        "path": one.path,
        "keyword": one.keyword or None,
        "what": one.what,
        "verdict": _SENTENCES[one.verdict],
        "breaking": one.is_breaking,
        "level": str(one.level),
        "old": None if one.old is None else in_line(one.old, one.keyword),
        "new": None if one.new is None else in_line(one.new, one.keyword),
        "keywords": list(one.keywords),
        "old_place": _place(one.place_old),
        "new_place": _place(one.place_new),
    }


def _place(place: Place | None) -> dict[str, Any] | None:
    if place is None or not place.line:
        return None
    return {"schema": place.schema, "file": place.file, "line": place.line}
