"""Why a value is refused, in words that name entity and field, and say what is expected."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

_LONGEST = 60

_FARTHEST = 3
"""By how many letters the length of a similar name may differ."""

_MOST_COMPARED = 200
"""How many names are compared letter by letter."""


def refusal(error: ValidationError, entity: str, fields: Iterable[str]) -> ValidationError:
    """The same errors, as people read them.

    Args:
        error: what pydantic says.
        entity: what the values are for: ``DataArray `voltage```.
        fields: names of its fields.
    """
    known = list(fields)
    lines = [_line(one, known) for one in error.errors(include_url=False)]
    return ValidationError.from_exception_data(entity, lines, hide_input=True)


def expectation(error: Mapping[str, Any]) -> str | None:
    """What a field is for, by the error that pydantic found; None where the error says it."""
    context = error.get("ctx") or {}
    match error["type"]:
        case "literal_error":
            return str(context["expected"]).replace("'", "`")
        case "greater_than":
            return f"a number above {context['gt']:g}"
        case "greater_than_equal":
            return f"a number of at least {context['ge']:g}"
        case "finite_number":
            return "a finite number"
        case "string_too_short":
            return "a text that is not empty"
        case "uuid_text":
            return "a UUID"
        case "time_text" | "datetime_type":
            return "a time as `20210304T120000`"
        case "float_type":
            return "a number"
        case "int_type" | "int_from_float":
            return "a whole number"
        case "string_type" | "string_unicode":
            return "a text"
        case "bool_type":
            return "a boolean"
        case "list_type" | "tuple_type":
            return "a list"
        case "odml_type":
            return "a type of odML"
        case "property_values":
            return "a list of texts, booleans or numbers"
        case "missing" | "too_short" | "too_long":
            return "three numbers"
        case "array_rank" | "array_type":
            return str(context.get("expected", "a list of numbers"))
    return None


def _line(error: ErrorDetails, fields: list[str]) -> InitErrorDetails:
    why = PydanticCustomError(error["type"], "{why}", {"why": _why(error, fields)})
    return InitErrorDetails(type=why, loc=error["loc"], input=error["input"])


def _why(error: ErrorDetails, fields: list[str]) -> str:
    kind, given = error["type"], error["input"]
    if kind in ("extra_forbidden", "no_such_attribute"):
        name = str(error["loc"][-1])
        hint = did_you_mean(name, fields) or f": there are {', '.join(fields)}"
        return f"there is no such field{hint}"
    if kind == "missing":
        return "is needed, and was not given"
    if kind == "model_type":
        return f"expected {_article((error.get('ctx') or {})['class_name'])}, not {shown(given)}"
    if kind == "datetime_type":
        return f"expected a `datetime` in UTC, not {shown(given)}"
    if kind in _SAYS_IT or (wanted := expectation(error)) is None:
        return error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return f"expected {wanted}, not {shown(given)}"


_SAYS_IT = frozenset({"array_rank", "array_type", "property_values", "uuid_text", "odml_type"})
"""Errors of our own whose message tells what is there as well."""


def did_you_mean(text: str, names: Iterable[str]) -> str:
    """``: did you mean `voltage`?`` where there is a similar name, else nothing.

    Few of many names are compared: those of about the same length that begin or end alike.
    """
    near = (
        name
        for name in names
        if name
        and abs(len(name) - len(text)) <= _FARTHEST
        and (name[:1].lower() == text[:1].lower() or name[-1:] == text[-1:])
    )
    close = difflib.get_close_matches(text, islice(near, _MOST_COMPARED), 1)
    return f": did you mean `{close[0]}`?" if close else ""


def shown(value: Any) -> str:
    """A value in a message: short, and on one line."""
    text = " ".join(repr(value).split())
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST - 1]}…"
    return text if isinstance(value, str | int | float | None) else f"{type(value).__name__} {text}"


def kind_words(kinds: Iterable[type[Any]]) -> str:
    """Kinds of entity in words: ``data array or data frame``."""
    words = [getattr(kind, "words", "") or kind.__name__ for kind in kinds]
    if len(words) > 1 and all(one.endswith(" dimension") for one in words):
        return "dimension descriptor"
    return " or ".join(words) or "entity"


def thing(value: Any) -> str:
    """What a value is, in words: ``the tag `stimulus```, or the value itself."""
    words = getattr(type(value), "words", "")
    name = getattr(value, "name", "")
    return f"the {words} `{name}`" if words and name else f"a {words}" if words else shown(value)


def _article(name: str) -> str:
    return f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}"
