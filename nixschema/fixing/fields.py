"""Fixes of single fields: what is missing, misspelt, or written in another form."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from nixschema.fixing.fix import Place, fixes, is_text, text_of
from nixschema.model import DataArray, DataFrame, DimensionLink, File
from nixschema.model.fields import time_as_text
from nixschema.rules.fields import text_attributes
from nixschema.storage.edits import DropAttribute, Edit, Rename, SetNumber, SetText
from nixschema.storage.tree import Node

_TIMES = ("created_at", "updated_at")

_WORDS = {
    "format": ("nix",),
    "link_type": ("tagged", "untagged", "indexed"),
    "target_type": ("DataArray", "DataFrame"),
    "data_object_type": ("DataArray", "DataFrame"),
    "dimension_type": ("sample", "range", "set", "data_frame"),
    "odml_type": (
        *("boolean", "int", "float", "string", "text", "url", "person"),
        *("datetime", "date", "time"),
    ),
}
"""What fields that choose among words may have."""

_NUMBERS = ("sampling_interval", "offset", "expansion_origin", "uncertainty")

_MEANT = re.compile(r"did you mean `([^`]+)`\?$")


@fixes("NIX101", "NIX111", safety="safe")
def missing_time(place: Place) -> Iterator[Edit]:
    """The entity's other time, else that of the nearest owner, else that of the file."""
    if place.node is not None and place.named in _TIMES:
        yield SetText(place.node, place.named, _known_time(place, place.named))


@fixes("NIX102", "NIX103", "NIX108", "NIX109", "NIX110", safety="unsafe")
def unreadable_time(place: Place) -> Iterator[Edit]:
    """As one that is missing; where a time can be read in it, that without its fraction."""
    if place.node is not None and place.named in _TIMES and place.named in place.node.attributes:
        read = _read_time(place.node, place.named)
        text = _known_time(place, place.named) if read is None else _time_text(read)
        yield SetText(place.node, place.named, text)


@fixes("NIX108", safety="safe")
def time_of_other_form(place: Place) -> Iterator[Edit]:
    """The same second as the format writes it."""
    if place.node is not None and place.named in _TIMES:
        read = _read_time(place.node, place.named)
        if read is not None and read.microsecond == 0:
            yield SetText(place.node, place.named, _time_text(read))


def _known_time(place: Place, name: str) -> str:
    path = place.finding.path
    here = place.node
    names = (name, *(one for one in _TIMES if one != name))
    own = names[1:]  # The one that is reported cannot be used.
    while True:
        for one in own if path == place.finding.path else names:
            found = None if here is None else here.attributes.get(one)
            if found is not None and found.text is not None and _is_time(found.text):
                return found.text
        if path in ("", "/"):
            break
        path = path.rpartition("/")[0] or "/"
        here = place.around.node_at(path)
    return _time_text(datetime.fromtimestamp(place.around.modified, UTC))


def _is_time(text: str) -> bool:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%S").strftime("%Y%m%dT%H%M%S") == text
    except ValueError:
        return False


def _read_time(node: Node, name: str) -> datetime | None:
    """A time in one of the forms of ISO 8601; without a zone it is in UTC."""
    found = node.attributes.get(name)
    text = None if found is None else found.text
    if text is None or len(text) > 40 or not text.isascii() or len(text) < len("20210304T1200"):
        return None
    try:
        read = datetime.fromisoformat(text.strip())
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _time_text(moment: datetime) -> str:
    return time_as_text(moment.replace(microsecond=0))


@fixes("NIX101", safety="safe")
def missing_name(place: Place) -> Iterator[Edit]:
    """That of the link, by which readers find the entity."""
    node, holder = place.node, place.holder
    if place.named == "name" and node is not None and holder is not None:
        name = holder[1]
        if "name" not in node.attributes and is_text(name):
            yield SetText(node, "name", name)


@fixes("NIX101", safety="safe")
def missing_format(place: Place) -> Iterator[Edit]:
    """The root says that the file is NIX, as which it was recognised."""
    if place.node is not None and place.named == "format" and isinstance(place.model, File):
        yield SetText(place.node, "format", "nix")


@fixes("NIX101", "NIX105", safety="unsafe")
def missing_type(place: Place) -> Iterator[Edit]:
    """`undefined`, which nixio writes where no type is given."""
    if place.node is not None and place.named == "type":
        yield SetText(place.node, "type", "undefined")


@fixes("NIX101", "NIX106", "NIX217", safety="safe")
def kind_of_linked_object(place: Place) -> Iterator[Edit]:
    """The kind that a dimension link leads to."""
    if place.node is None or place.named != "data_object_type":
        return
    model = place.model
    if isinstance(model, DimensionLink) and not model.alias:
        reference = model.__dict__["array"] or model.__dict__["data_frame"]
        target = None if reference is None else reference.target
        if isinstance(target, DataArray | DataFrame):
            yield SetText(place.node, "data_object_type", type(target).__name__)


@fixes("NIX106", "NIX315", safety="safe")
def kind_of_feature_data(place: Place) -> Iterator[Edit]:
    """The kind that the data of a feature are of."""
    if place.node is None or place.named != "target_type":
        return
    reference = place.model.__dict__.get("data")
    target = getattr(reference, "target", None)
    if isinstance(target, DataArray | DataFrame):
        yield SetText(place.node, "target_type", type(target).__name__)


@fixes("NIX106", "NIX112", "NIX207", safety="safe")
def word_in_other_case(place: Place) -> Iterator[Edit]:
    """The word as the format spells it."""
    if place.node is None:
        return
    text = text_of(place.node, place.named)
    for word in _WORDS.get(place.named, ()):
        if text is not None and text != word and text.strip().lower() == word.lower():
            yield SetText(place.node, place.named, word)


@fixes("NIX207", safety="unsafe")
def missing_kind_of_dimension(place: Place) -> Iterator[Edit]:
    """The kind of dimension whose content is there."""
    node = place.node
    if node is None or node.kind != "group" or "dimension_type" in node.attributes:
        return
    signs = {
        "sample": "sampling_interval" in node.attributes,
        "range": "ticks" in node.links,
        "set": "labels" in node.links,
    }
    kinds = [kind for kind, is_there in signs.items() if is_there]
    if len(kinds) == 1:
        yield SetText(node, "dimension_type", kinds[0])


@fixes("NIX102", safety="safe")
def number_as_text(place: Place) -> Iterator[Edit]:
    """The number that a text says."""
    if place.node is None or place.named not in _NUMBERS:
        return
    text = text_of(place.node, place.named)
    try:
        number = float(text) if text is not None and text.isascii() and "_" not in text else None
    except ValueError:
        return
    if number is None or not math.isfinite(number):
        return
    if number > 0 or place.named not in ("sampling_interval",):
        yield SetNumber(place.node, place.named, number)


@fixes("NIX103", safety="unsafe")
def text_in_latin_1(place: Place) -> Iterator[Edit]:
    """The text that the bytes are in Windows' Western encoding, which has Latin-1 in it."""
    node = place.node
    found = None if node is None else node.attributes.get(place.named)
    if node is None or found is None or not isinstance(found.value, bytes):
        return
    if place.named in (*_TIMES, "entity_id", "id"):
        return
    try:
        text = found.value.decode("cp1252")
    except UnicodeDecodeError:
        text = found.value.decode("latin-1")
    if "\0" not in text:
        yield SetText(node, place.named, text)


@fixes("NIX117", safety="unsafe")
def blanks_around_type(place: Place) -> Iterator[Edit]:
    """They go."""
    kind = text_of(place.node, "type")
    if place.node is not None and kind is not None and kind.strip() not in ("", kind):
        yield SetText(place.node, "type", kind.strip())


@fixes("NIX123", safety="unsafe")
def misspelt_attribute(place: Place) -> Iterator[Edit]:
    """A text gets the name that is meant, where there is none of that name."""
    names = _meant(place)
    text = text_of(place.node, place.named)
    if place.node is None or names is None or text is None:
        return
    if names[1] in text_attributes() and names[1] not in place.node.attributes:
        yield SetText(place.node, names[1], text)
        yield DropAttribute(place.node, names[0])


@fixes("NIX124", safety="unsafe")
def misspelt_link(place: Place) -> Iterator[Edit]:
    """It gets the name that is meant, where there is none of that name."""
    names = _meant(place)
    links = {} if place.node is None else place.node.links
    there = names is not None and names[0] in links and names[1] not in links
    if place.node is not None and names is not None and there:
        yield Rename(place.node, *names)


def _meant(place: Place) -> tuple[str, str] | None:
    """The name that is there, and the one that is meant."""
    found = _MEANT.search(place.finding.message)
    return None if found is None else (place.named, found[1])
