"""From what entities have in common to what a schema asks of them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nixschema.model.units import Unit
from nixschema.schema.blanks import is_plain, wrong_blank
from nixschema.schema.inferring.entries import Entries, without
from nixschema.schema.inferring.evidence import KINDS_OF_VALUES, Evidence
from nixschema.schema.inferring.members import Members, Slot, form_of, looks_generated
from nixschema.schema.inferring.tally import Span, Tally
from nixschema.schema.leaves import DIMENSION_TYPES, LINK_TYPES

_WORDS = frozenset(("required", "optional", "forbidden", "any"))
_VERSION = re.compile(r"v?[0-9]+(?:\.[0-9]+)+\S*")
_MOST_LISTED = 4
_MOST_VOCABULARY = 8
_MOST_LABELS = 16
_MOST_OPTIONAL = 24
_SERIES = 4
"""So many names that differ in a number only are a series."""

_PLURALS = {
    "blocks": "blocks",
    "data_arrays": "data arrays",
    "data_frames": "data frames",
    "multi_tags": "multi tags",
    "metadata": "sections",
}


@dataclass(slots=True)
class Wanted:
    """What is asked of a schema."""

    share: float = 1.0
    """The part of the entities of which something holds, for it to be asked of all."""
    ranges: bool = False
    """Whether numbers must be in the range in which they were."""
    left_out: dict[str, int] = field(default_factory=dict)
    """What the schema says nothing about, and how often it was met."""


TypesSaid = dict[tuple[str, str], Entries]
"""What is said of a kind and type of entity, wherever it stands."""


def usable(text: str) -> bool:
    """Whether a text stands for itself in a schema, and may be a name or a type in it."""
    return (
        0 < len(text) <= 200
        and is_plain(text)
        and not wrong_blank(text)
        and text.isprintable()
        and text not in _WORDS
        and text.strip() == text
    )


class Clauses:
    """Makes clauses of evidence."""

    def __init__(self, wanted: Wanted, files: int) -> None:
        """Begin.

        Args:
            wanted: what is asked of the schema.
            files: how many files there were.
        """
        self._wanted = wanted
        self._files = files
        self.types: TypesSaid = {}

    # Entities

    def of(self, evidence: Evidence, *, in_types: bool = False, typed: bool = True) -> Entries:
        """What entities have in common.

        Args:
            evidence: what is known of them.
            in_types: whether it is the clause of a type, which holds wherever they stand.
            typed: whether the type is said.
        """
        said = Entries()
        type_ = self._type(evidence) if typed and not in_types else None
        if type_ is not None:
            said.put("type", type_, "" if isinstance(type_, str) else _frequent(evidence, "type"))
        if in_types:
            self._blanks(evidence, said)
        match evidence.kind:
            case "DataArray":
                self._array(evidence, said)
            case "Property":
                return self._property(evidence)
            case "Column":
                self._unit(evidence.tally("unit"), said)
                self._dtype(evidence, said)
            case "Tag" | "MultiTag":
                self._tag(evidence, said)
            case "Feature":
                self._feature(evidence, said)
        for name in evidence.links:
            self._links(name, evidence, said, in_types)
        if evidence.kind != "Link":
            self._metadata(evidence, said)
        for name, members in evidence.members.items():
            said.put(name, self.container(name, members))
        if not in_types and isinstance(type_, str):
            known = self.types.get((evidence.kind, type_))
            if known is not None:
                said = without(said, known)
        return said

    def _type(self, evidence: Evidence) -> Any:
        tally = evidence.tally("type")
        found = tally.usual(self._wanted.share)
        if (
            tally.share() < self._wanted.share
            or not 0 < len(found) <= _MOST_LISTED
            or not all(usable(one) for one in found)
        ):
            return None
        return found[0] if len(found) == 1 else found

    def _array(self, evidence: Evidence, said: Entries) -> None:
        self._unit(evidence.tally("unit"), said)
        self._text("label", evidence.tally("label"), said)
        self._dtype(evidence, said)
        rank = self._only(evidence.tally("rank"))
        if isinstance(rank, int):
            said.put("rank", rank)
        count = self._only(evidence.tally("dimensions"))
        if isinstance(count, int) and 0 < count <= 32 and rank in (None, count):
            said.put("dimensions", [self._dimension(evidence.axes[one]) for one in range(count)])
            spans = [evidence.axes[one].numbers for one in range(count)]
            told = [f"intervals {shown_span(one)}" for one in spans if one.count]
            if told and (entry := said.items.get("dimensions")):
                entry.comment = "; ".join(told)
        elif evidence.tally("dimensions").total and evidence.count:
            tally = evidence.tally("dimensions")
            if tally.complete and 0 not in tally.values:
                said.put("dimensions", "required")

    def _dimension(self, evidence: Evidence) -> Any:
        said = Entries()
        types = evidence.tally("type").usual(self._wanted.share)
        if 0 < len(types) <= 2 and all(one in DIMENSION_TYPES for one in types):
            said.put("type", types[0] if len(types) == 1 else types)
        self._unit(evidence.tally("unit"), said)
        self._text("label", evidence.tally("label"), said)
        link = evidence.tally("link")
        if (
            link.total
            and link.share() >= self._wanted.share
            and isinstance(name := self._only(link), str)
            and usable(name)
            and (name == "self" or evidence.files > 1)
        ):
            said.put("link", name)
        labels = evidence.tally("labels")
        if labels.total and labels.share() >= self._wanted.share and evidence.files > 1:
            only = self._only(labels)
            if (
                isinstance(only, tuple)
                and len(only) <= _MOST_LABELS
                and all(isinstance(one, str) and usable(one) for one in only)
            ):
                said.put("labels", list(only))
        if self._wanted.ranges and evidence.numbers.count and not evidence.numbers.odd:
            said.put("sampling_interval", _range(evidence.numbers))
        if not said:
            return "any"
        only = said.items.get("type")
        if only is not None and len(said.items) == 1 and isinstance(only.value, str):
            return only.value
        return {key: one.value for key, one in said.items.items()}

    def _tag(self, evidence: Evidence, said: Entries) -> None:
        count = self._only(evidence.tally("units"))
        if isinstance(count, int) and 0 < count <= 32:
            units: list[Any] = []
            for number in range(count):
                one = Entries()
                self._unit(evidence.units.get(number, Tally()), one)
                found = one.items.get("unit")
                units.append("optional" if found is None else found.value)
            if any(one != "optional" for one in units):
                said.put("units", units)
        for name in ("positions", "extents"):
            its = evidence.linked.get(name)
            if its is None:
                continue
            inner = said.items.pop(name).value if name in said.items else Entries()
            there = its.count / evidence.count
            if there < self._wanted.share:
                if not its.count or name == "positions":
                    continue
                inner.put("optional", True)
            inner.put("type", self._type(its))
            rank = self._only(its.tally("rank"))
            if "shape" not in inner.items and isinstance(rank, int):
                inner.put("rank", rank)
            if inner:
                said.put(name, inner, "" if there >= 1 else _in(its.count, evidence.count))

    def _feature(self, evidence: Evidence, said: Entries) -> None:
        data = evidence.linked.get("data")
        if data is not None and (type_ := self._type(data)) is not None:
            inner = Entries()
            inner.put("type", type_)
            said.put("data", inner)
        found = [str(one) for one in evidence.tally("link_type").usual(self._wanted.share)]
        if len(found) == 1 and found[0] in LINK_TYPES:
            said.put("link_type", found[0])

    def _metadata(self, evidence: Evidence, said: Entries) -> None:
        its = evidence.linked.get("metadata")
        if its is None or not its.count:
            return
        inner = said.items.pop("metadata").value if "metadata" in said.items else Entries()
        if its.count / evidence.count < self._wanted.share:
            inner.put("optional", True)
        type_ = self._type(its)
        inner.put("type", type_)
        if inner.items.keys() - {"optional"}:
            told = _in(its.count, evidence.count) if "optional" in inner.items else ""
            said.put("metadata", inner, told)
        elif not inner:
            said.put("metadata", "required")

    # Values

    def _unit(self, tally: Tally, said: Entries) -> None:
        if not tally.there:
            return
        found = [str(one) for one in tally.usual(self._wanted.share)]
        is_everywhere = tally.share() >= self._wanted.share
        if not found or not all(usable(one) for one in found):
            if is_everywhere:
                said.put("unit", "required")
            return
        value: Any
        told = "always" if is_everywhere else _in(tally.there, tally.total)
        if len(found) == 1:
            value = found[0]
        elif all(Unit(one).parts and Unit(one).is_convertible_to(found[0]) for one in found):
            value = {"like": found[0]}
            told = _frequencies(tally)
        elif len(found) <= _MOST_LISTED:
            value = found
            told = _frequencies(tally)
        elif is_everywhere:
            value = "required"
        else:
            return
        if not is_everywhere:
            if isinstance(value, dict):
                value = {"optional": True, **value}
            else:
                value = {"optional": True, "fits": value}
        said.put("unit", value, told)

    def _text(self, name: str, tally: Tally, said: Entries) -> None:
        """A label: the same in all, one of a few, or merely there."""
        if not tally.there or tally.share() < self._wanted.share:
            return
        found = [str(one) for one in tally.usual(self._wanted.share)]
        enough = len(found) == 1 or min((tally.values[one] for one in found), default=0) > 1
        if (
            0 < len(found) <= _MOST_LISTED
            and enough
            and all(usable(one) and not looks_generated(one) for one in found)
        ):
            told = "" if len(found) == 1 else _frequencies(tally)
            said.put(name, found[0] if len(found) == 1 else found, told)
        else:
            said.put(name, "required")

    def _dtype(self, evidence: Evidence, said: Entries) -> None:
        tally = evidence.tally("dtype")
        if not tally.there or tally.share() < self._wanted.share:
            return
        found = set(tally.usual(self._wanted.share))
        names = [str(one).removeprefix("=") for one in evidence.dtypes.values]
        told = ", ".join(sorted(names)[:_MOST_LISTED]) if evidence.dtypes.complete else ""
        if found == {"integer", "float"}:
            said.put("dtype", "number", told)
        elif len(found) == 1 and (only := found.pop()) in KINDS_OF_VALUES:
            said.put("dtype", only, "" if told == only else told)

    def _property(self, evidence: Evidence) -> Entries:
        said = Entries()
        self._dtype(evidence, said)
        if (entry := said.items.get("dtype")) is not None:
            entry.comment = ""
        self._unit(evidence.tally("unit"), said)
        words = self._vocabulary(evidence)
        if words:
            said.items.pop("dtype", None)
            said.put("values", {"one_of": words}, _frequencies(evidence.texts))
        if evidence.numbers.count and "values" not in said.items:
            span = shown_span(evidence.numbers)
            if self._wanted.ranges and not evidence.texts.total and not evidence.numbers.odd:
                units = evidence.tally("unit")
                if not units.there or (len(units.values) == 1 and units.complete):
                    said.put("values", _range(evidence.numbers), span)
            entry = said.items.get("values") or said.items.get("dtype")
            if entry is not None:
                entry.comment = span
        return said

    def _vocabulary(self, evidence: Evidence) -> list[str]:
        """Texts that are few, and repeated."""
        texts = evidence.texts
        found = [str(one) for one in texts.usual(1) or texts.usual(self._wanted.share)]
        if (
            not 0 < len(found) <= _MOST_VOCABULARY
            or evidence.files < 3
            or texts.there < 3 * len(found)
            or evidence.numbers.count
            or evidence.tally("dtype").values.keys() != {"string"}
        ):
            return []
        if any(texts.values[one] < 2 for one in found):
            return []
        is_word = all(
            len(one) <= 60 and is_plain(one) and not wrong_blank(one) and one.isprintable()
            and not looks_generated(one) and one.strip() == one
            and any(letter.isalpha() for letter in one) and not _VERSION.fullmatch(one)
            for one in found
        )  # fmt: skip
        return sorted(found) if is_word else []

    def _only(self, tally: Tally) -> Any:
        """The value that is enough for all; None where there is none."""
        found = tally.usual(self._wanted.share)
        return found[0] if len(found) == 1 and tally.share() >= self._wanted.share else None

    # What agrees

    def _blanks(self, evidence: Evidence, said: Entries) -> None:
        names: dict[str, str] = {}
        for name in ("metadata", "positions", "extents"):
            its = evidence.linked.get(name)
            if its is None or its.count != evidence.count:
                continue
            agreement = evidence.agreements.get(f"name {name}")
            suffixes = evidence.suffixes.get(name)
            if agreement is None or suffixes is None or not agreement.holds(evidence.count):
                continue
            found = suffixes.usual(1.0)
            if suffixes.there != evidence.count or len(found) != 1:
                continue
            suffix = str(found[0])[1:]
            if not suffix or (usable(suffix) and len(suffix) < 50):
                names[name] = f"<name>{suffix}"
        if names:
            said.put("name", "<name>", "the same in all")
        for name, text in names.items():
            inner = Entries()
            inner.put("name", text)
            said.put(name, inner)
        self._lengths(evidence, said)

    def _lengths(self, evidence: Evidence, said: Entries) -> None:
        positions = evidence.linked.get("positions")
        if positions is None or positions.count != evidence.count:
            return
        rank = positions.tally("rank").usual(1.0)
        if len(rank) != 1 or not 0 < int(rank[0]) <= 32:
            return
        parts: list[tuple[str, int]] = []
        if "extents" in evidence.linked and self._holds("extents", evidence):
            its = evidence.linked["extents"].tally("rank").usual(1.0)
            if len(its) == 1 and 0 < int(its[0]) <= 32:
                parts.append(("extents", int(its[0])))
        features = evidence.links.get("features")
        counted = features is not None and any(
            self._feature_axes(one, evidence, features) for one in features.of_types
        )
        if not parts and not counted:
            return
        for name, axes in (("positions", int(rank[0])), *parts):
            inner = said.items[name].value if name in said.items else Entries()
            inner.put("shape", ["<count>", *["any"] * (axes - 1)])
            said.put(name, inner)

    def _holds(self, part: str, evidence: Evidence) -> bool:
        agreement = evidence.agreements.get(part)
        return agreement is not None and agreement.holds(evidence.count)

    def _feature_axes(self, type_: str, evidence: Evidence, features: Members) -> int | None:
        """Axes of the data of a feature that is as long as the positions; None where none is."""
        its = features.of_types.get(type_)
        if (
            its is None
            or not usable(type_)
            or not self._holds(f"feature {type_}", evidence)
            or features.types[type_].parents != features.parents
        ):
            return None
        rank = its.linked["data"].tally("rank").usual(1.0) if "data" in its.linked else []
        return int(rank[0]) if len(rank) == 1 and 0 < int(rank[0]) <= 32 else None

    # Members and links

    def container(self, name: str, members: Members) -> Entries:
        """What is asked of the members of a container."""
        words = _PLURALS.get(name, name.replace("_", " "))
        sorted_out = _Sorted(members, self._wanted.share, self._files)
        said = Entries()
        for key, slot in sorted_out.fixed:
            said.put(key, self._member(slot, members, name), self._evidence(slot, members))
        for key, slot in sorted_out.patterns:
            clause = self._member(slot, members, name)
            said.put(key, clause, self._evidence(slot, members))
        for type_ in sorted_out.types:
            presence = members.types[type_]
            clause = Entries()
            select = Entries()
            select.put("type", type_)
            clause.put("select", select)
            if type_ in members.of_types:
                inner = self.of(members.of_types[type_], typed=False)
                known = self.types.get((members.of_types[type_].kind, type_), Entries())
                clause.items |= without(inner, known).items
            told = _in(presence.parents, members.parents)
            count = f"{presence.least} to {presence.most}"
            if presence.most > 1 and presence.least < presence.most:
                told = f"{count} {words}, {told}"
            said.put(f"any {type_}", clause, told)
        for key, slot in sorted_out.optional[:_MOST_OPTIONAL]:
            made = self._member(slot, members, name, optional=True)
            if made != "optional":
                said.put(key, made, self._evidence(slot, members))
        if sorted_out.rare:
            told = f"names of {words} that are rare, or differ from file to file"
            self._wanted.left_out[told] = self._wanted.left_out.get(told, 0) + sorted_out.rare
        return said

    def _member(
        self, slot: Slot, members: Members, container: str, *, optional: bool = False
    ) -> Any:
        clause = self.of(slot.evidence)
        if slot.presence.parents < members.parents * self._wanted.share or optional:
            made = Entries()
            made.put("optional", True)
            made.items |= clause.items
            return made if clause else "optional"
        if container == "properties" and clause.items.keys() == {"values"}:
            values = clause.items["values"].value
            words = values.get("one_of") if isinstance(values, dict) else None
            if words and not any(one in _WORDS for one in words):
                short: Entries | list[str] = words
                return short
        return clause or "required"

    def _evidence(self, slot: Slot, members: Members) -> str:
        presence = slot.presence
        told = "" if presence.parents == members.parents else _in(presence.parents, members.parents)
        if presence.most > 1:
            count = f"{presence.least} to {presence.most}"
            told = f"{count} of them{', ' if told else ''}{told}"
        frequencies = slot.evidence.texts if slot.evidence.kind == "Property" else None
        if (
            frequencies is not None
            and 1 < len(frequencies.values) <= _MOST_VOCABULARY
            and self._vocabulary(slot.evidence)
        ):
            words = _frequencies(frequencies)
            told = f"{told}{'; ' if told else ''}{words}"
        return told

    def _links(self, name: str, evidence: Evidence, said: Entries, in_types: bool) -> None:
        members = evidence.links[name]
        if not members.types:
            return
        sorted_out = _Sorted(members, self._wanted.share, self._files, series=False)
        found: list[Any] = []
        named: set[str] = set()
        for key, slot in sorted_out.fixed:
            if evidence.files < 2 and not in_types:
                break
            if evidence.files < 2 and evidence.count < 2:
                break
            type_ = self._type(
                slot.evidence.linked["data"] if name == "features" else slot.evidence
            )
            about: dict[str, Any] = {"name": key}
            if isinstance(type_, str):
                about["type"] = type_
                named.add(type_)
            if in_types and name == "features" and isinstance(type_, str):
                self._as_long(about, type_, evidence, members, said)
            found.append(self._link(name, about, slot.evidence))
        for type_, presence in members.types.items():
            if type_ in named or not usable(type_):
                continue
            its = members.of_types.get(type_)
            if presence.parents >= members.parents * self._wanted.share:
                about = {"type": type_}
                if in_types and name == "features":
                    self._as_long(about, type_, evidence, members, said)
                found.append(self._link(name, about, its))
        if found:
            said.put(name, found)

    def _as_long(
        self,
        about: dict[str, Any],
        type_: str,
        evidence: Evidence,
        features: Members,
        said: Entries,
    ) -> None:
        """Ask that data is as long as the positions, where it always was."""
        positions = said.items.get("positions")
        axes = self._feature_axes(type_, evidence, features)
        if axes is None or positions is None or "shape" not in positions.value.items:
            return
        about["shape"] = ["<count>", *["any"] * (axes - 1)]

    def _link(self, name: str, about: dict[str, Any], evidence: Evidence | None) -> dict[str, Any]:
        if name != "features":
            return about
        made: dict[str, Any] = {"data": about}
        if evidence is not None:
            inner = Entries()
            self._feature(evidence, inner)
            if "link_type" in inner.items:
                made["link_type"] = inner.items["link_type"].value
        return made


class _Sorted:
    """The members of a container by how they are told: by name, by pattern, by type."""

    def __init__(self, members: Members, share: float, files: int, *, series: bool = True) -> None:
        least = members.parents * share
        self.fixed: list[tuple[str, Slot]] = []
        self.patterns: list[tuple[str, Slot]] = []
        self.types: list[str] = []
        self.optional: list[tuple[str, Slot]] = []
        self.rare = 0
        alone = members.crowded and members.parents == 1
        counted = {
            key
            for key, slot in members.forms.items()
            if series and self._is_series(slot, members.parents)
        }
        told: dict[str, int] = {}
        for name, slot in members.names.items():
            types = list(slot.evidence.tally("type").values)
            type_ = str(types[0]) if len(types) == 1 else ""
            form = form_of(name)
            if (form is not None and (form, type_) in counted) or not usable(name):
                continue
            if looks_generated(name) or alone:
                continue
            if slot.presence.parents >= least - 1e-9:
                self.fixed.append((name, slot))
                if slot.evidence.tally("type").share() == 1 or members.types.keys() == {""}:
                    told[type_] = told.get(type_, 0) + slot.presence.total
            elif slot.presence.parents > 1 and slot.presence.parents >= members.parents * 0.1:
                self.optional.append((name, slot))
            else:
                self.rare += 1
        for (form, type_), slot in members.forms.items():
            if (form, type_) not in counted or not _pattern_usable(form):
                continue
            if any(one == form for one, _ in self.patterns):
                continue
            if sum(key[0] == form for key in members.forms) > 1:
                continue  # The same form with several types: types tell them apart.
            self.patterns.append((form, slot))
            if slot.presence.parents >= least - 1e-9:
                told[type_] = told.get(type_, 0) + slot.presence.total
        for type_, presence in members.types.items():
            if usable(type_) and presence.parents >= least - 1e-9 and not told.get(type_):
                self.types.append(type_)

    @staticmethod
    def _is_series(slot: Slot, parents: int) -> bool:
        presence = slot.presence
        if presence.most < _SERIES:
            return False
        return presence.least != presence.most or parents < 3 or presence.most > 8


def _pattern_usable(form: str) -> bool:
    """Whether a form says something: a few letters beside what varies."""
    bare = form.replace("*", "")
    return (
        usable(bare)
        and sum(one.isalpha() for one in bare) > 1
        and "?" not in form
        and form.isprintable()
    )


# Evidence in words


def _in(count: int, total: int) -> str:
    return f"in {count:,} of {total:,}"


def _frequent(evidence: Evidence, field: str) -> str:
    return _frequencies(evidence.tally(field))


def _frequencies(tally: Tally) -> str:
    """``mV in 30, uV in 10``."""
    common = sorted(tally.values.items(), key=lambda one: (-one[1], str(one[0])))
    shown = [f"{value} in {count:,}" for value, count in common[:_MOST_LISTED]]
    if len(common) > _MOST_LISTED or not tally.complete:
        shown.append("and others")
    missing = tally.total - tally.there
    if missing:
        shown.append(f"none in {missing:,}")
    return ", ".join(shown)


def shown_span(span: Span) -> str:
    """``0.1 to 20``."""
    if span.least == span.most:
        return f"{span.least:.6g}"
    return f"{span.least:.6g} to {span.most:.6g}"


def _range(span: Span) -> dict[str, float]:
    """A range with some room: rounded away from what was found, to two digits."""
    return {"min": _rounded(span.least, math.floor), "max": _rounded(span.most, math.ceil)}


def _rounded(number: float, rounding: Callable[[float], int]) -> float:
    if not number:
        return 0
    exponent = math.floor(math.log10(abs(number))) - 1
    if not -300 < exponent < 290:
        return number
    digits = rounding(round(number / 10.0**exponent, 6))
    return int(digits * 10**exponent) if 0 <= exponent < 15 else float(f"{digits}e{exponent}")
