"""A badge: what shields.io asks an endpoint for, or an image of our own."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from nixschema.reports.encoding import json_text
from nixschema.reports.formats import Options
from nixschema.reports.report import Summary
from nixschema.reports.results import Results
from nixschema.reports.wording import count_text

LABEL = "NIX"

_COLOURS = {
    "brightgreen": "#3a7d0a",
    "yellow": "#8a6d00",
    "red": "#b5332a",
    "lightgrey": "#6a6a6a",
}
"""Colours of shields.io, and ones on which white text can be read."""

_NARROW = frozenset("iljtfr1 .,:'|!")


def lines(results: Results, options: Options) -> Iterator[str]:
    """The badge: SVG where the target is named ``*.svg``, else JSON."""
    message, colour = _told(results.summary)
    if (options.target or "").lower().endswith(".svg"):
        yield from _image(message, _COLOURS[colour])
        return
    badge = {"schemaVersion": 1, "label": LABEL, "message": message, "color": colour}
    if colour == "red":
        badge["isError"] = True
    yield json_text(badge)


def _told(summary: Summary) -> tuple[str, str]:
    if summary.error:
        return count_text(summary.error, "error"), "red"
    if not summary.checked:
        return "not checked", "lightgrey"
    if summary.warning:
        return count_text(summary.warning, "warning"), "yellow"
    return "valid", "brightgreen"


def _image(message: str, colour: str) -> Iterator[str]:
    left, right = _width(LABEL), _width(message)
    whole = left + right
    alternative = escape(f"{LABEL}: {message}")
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" '
        f'aria-label="{alternative}">'
    )
    yield f"  <title>{alternative}</title>"
    yield f'  <clipPath id="r"><rect width="{whole}" height="20" rx="3"/></clipPath>'
    yield '  <g clip-path="url(#r)">'
    yield f'    <rect width="{left}" height="20" fill="#555"/>'
    yield f'    <rect x="{left}" width="{right}" height="20" fill="{colour}"/>'
    yield "  </g>"
    yield '  <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
    for text, start, width in ((LABEL, 0, left), (message, left, right)):
        yield (f'    <text x="{start + 6}" y="14" textLength="{width - 12}">{escape(text)}</text>')
    yield "  </g>"
    yield "</svg>"


def _width(text: str) -> int:
    """Pixels that a text takes, with room at both ends; `textLength` makes the estimate true."""
    return 12 + sum(4 if letter in _NARROW else 7 for letter in text)
