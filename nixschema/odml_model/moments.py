"""Dates and times in the form that odML has for them."""

from __future__ import annotations

import re

_DATE = r"(\d{4})-(\d{1,2})-(\d{1,2})"
_TIME = r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,]0+)?)?"
_FORMS = {
    "date": (re.compile(_DATE, re.ASCII), "{}-{:0>2}-{:0>2}"),
    "time": (re.compile(_TIME, re.ASCII), "{:0>2}:{:0>2}:{:0>2}"),
    "datetime": (
        re.compile(f"{_DATE}[T ]{_TIME}", re.ASCII),
        "{}-{:0>2}-{:0>2} {:0>2}:{:0>2}:{:0>2}",
    ),
}


def usual_form(name: str, text: str) -> str | None:
    """A ``date``, ``time`` or ``datetime`` as ``2020-01-31 13:45:00``.

    None where that cannot say it: there is no such form of fractions of seconds and of zones.
    Whether there is such a day is not asked.
    """
    pattern, form = _FORMS[name]
    found = pattern.fullmatch(text)
    return None if found is None else form.format(*found.groups(""))
