"""Models in words: one line, or a bounded tree; values are never read."""

from __future__ import annotations

import html
from typing import Any

from nixschema.array import Array, shape_text
from nixschema.layout import layout_of
from nixschema.model.block import Block
from nixschema.model.container import Container
from nixschema.model.data_array import DataArray
from nixschema.model.data_frame import DataFrame
from nixschema.model.dimension import Dimension, DimensionLink
from nixschema.model.entity import Model, TypedEntity, structure
from nixschema.model.file import File
from nixschema.model.group import Group
from nixschema.model.reference import Reference, Refs
from nixschema.model.section import Property, Section
from nixschema.model.tag import BaseTag, Feature, MultiTag, Tag
from nixschema.model.unsaid import is_from_odml

TEXT_WIDTH = 60
"""Longest piece of text shown."""

LIST_LENGTH = 6
"""Most values of a list shown."""


def one_line(model: Model) -> str:
    """``<DataArray 'voltage' (nix.sampled): float64 1000, mV>``."""
    label = type(model).__name__
    name = model.__dict__.get("name")
    if name is not None:
        label += f" {short(name)!r}"
    kind = model.__dict__.get("type")
    if kind:
        label += f" ({short(kind)})"
    facts = summary(model)
    return f"<{label}: {facts}>" if facts else f"<{label}>"


def summary(model: Model) -> str:
    """The facts about a model that fit on a line, without its name and type."""
    return ", ".join(fact for fact in _facts(model) if fact)


def short(text: str, width: int = TEXT_WIDTH) -> str:
    """A text on one line, cut where it is long."""
    line = " ".join(text.split()) if len(text) < 10 * width else text[: 2 * width]
    line = printable(line)
    return line if len(line) <= width else line[: width - 1] + "…"


def printable(text: str) -> str:
    """A text on one line that does nothing to a terminal: odd characters are spelled out."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def short_list(values: list[Any]) -> str:
    """The first values of a list."""
    shown = ", ".join(
        short(value, 40) if isinstance(value, str) else _number(value)
        for value in values[:LIST_LENGTH]
    )
    return f"{shown}, … {len(values):,} in all" if len(values) > LIST_LENGTH else shown


def reference_text(model: Model, item: Reference | None) -> str:
    """A reference as text, without raising when it points nowhere."""
    return short(item.written(model)) if item is not None else ""


def counted(number: int, word: str) -> str:
    """``1 block``, ``3 blocks``, ``2 properties``."""
    if number != 1:
        word = f"{word[:-1]}ies" if word.endswith("ty") else f"{word}s"
    return f"{number:,} {word}"


def _number(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _facts(model: Model) -> list[str]:
    match model:
        case File():
            if is_from_odml(model):
                return ["odML", counted(len(model.metadata), "section")]
            version = ".".join(map(str, model.version)) if model.version else "?"
            counts = [
                counted(len(model.blocks), "block"),
                counted(len(model.metadata), "section"),
            ]
            return [f"NIX {version}", *counts]
        case Block() | Group() | Section():
            return _member_counts(model)
        case DataArray():
            return [array_text(model.data), short(model.unit or "")]
        case DataFrame():
            names = [column.name for column in model.columns]
            return [counted(model.row_count, "row"), short(short_list(names))]
        case Property():
            unit = f" {short(model.unit)}" if model.unit else ""
            return [(short_list(model.values) or "no values") + unit]
        case Tag():
            region = f"at {short_list(model.position or [])}"
            extent = f"over {short_list(model.extent)}" if model.extent else ""
            return [f"{region} {extent}".strip(), *_marked(model)]
        case MultiTag():
            positions = reference_text(model, model.__dict__["positions"])
            return [f"at {positions}" if positions else "no positions", *_marked(model)]
        case Feature():
            data = reference_text(model, model.__dict__["data"])
            return [f"{model.link_type or '?'} {data or 'nothing'}"]
        case DimensionLink():
            reference = model.__dict__["array"] or model.__dict__["data_frame"]
            return [reference_text(model, reference)]
        case Dimension():
            return _dimension_facts(model)
    return []


def _member_counts(model: Model) -> list[str]:
    """How many entities of each kind a model holds or refers to, without those it has none of."""
    counts: list[str] = []
    for name in structure(type(model)):
        value = model.__dict__[name]
        if isinstance(value, Container | Refs) and len(value):
            (kind,) = layout_of(type(model))[name].targets
            counts.append(counted(len(value), getattr(kind, "words", "")))
    return counts


def array_text(array: Array | None) -> str:
    """Type and shape of an array."""
    return f"{array.type_text} {shape_text(array.shape)}" if array is not None else "no data"


def _marked(tag: BaseTag) -> list[str]:
    units = short_list([unit for unit in tag.units or [] if not unit.is_blank])
    marked = short_list(tag.references.names())
    return [units, f"in {marked}" if marked else ""]


def _dimension_facts(model: Dimension) -> list[str]:
    fields = model.__dict__
    facts: list[str] = []
    unit = f" {short(fields['unit'])}" if fields.get("unit") else ""
    if (interval := fields.get("sampling_interval")) is not None:
        facts.append(f"every {_number(interval)}{unit}")
        if fields.get("offset"):
            facts.append(f"from {_number(fields['offset'])}{unit}")
    elif (ticks := fields.get("ticks")) is not None:
        facts.append(f"{counted(ticks.size, 'tick')}{unit}")
    elif fields.get("labels"):
        facts.append(short_list(fields["labels"]))
    if (link := fields.get("link")) is not None:
        facts.append(f"from {summary(link)}")
    if (frame := fields.get("data_frame")) is not None:
        facts.append(f"rows of {reference_text(model, frame)}")
    label = short(fields.get("label") or "")
    is_set = bool(fields.get("labels"))
    return [f"{label}: {', '.join(facts)}"] if label and is_set else [label, *facts]


def label_of(model: Model) -> str:
    """How a tree names a model: kind, name and type."""
    name = "" if isinstance(model, File | Feature | DimensionLink) else model.key
    kind = f" ({short(model.type)})" if isinstance(model, TypedEntity) and model.type else ""
    words = type(model).words
    shown = f'"{short(name)}"' if " " in name else short(name)
    return f"{words} {shown}{kind}" if name else words


def html_tree(model: Model, *, depth: int = 3, width: int = 20) -> str:
    """A bounded tree of a model for notebooks."""
    label = f"<b>{html.escape(label_of(model))}</b> {html.escape(summary(model))}"
    parts = list(model.parts())
    if not parts or depth == 0:
        return f"<div>{label}</div>"
    shown = "".join(html_tree(part, depth=depth - 1, width=width) for part in parts[:width])
    more = f"<div>… {len(parts) - width:,} more</div>" if len(parts) > width else ""
    opened = " open" if depth > 1 else ""
    return (
        f"<details{opened}><summary>{label}</summary>"
        f'<div style="margin-left:1.5em">{shown}{more}</div></details>'
    )
