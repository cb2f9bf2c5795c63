"""NIX33x: what tags mark in the arrays they refer to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from typing import TypeGuard

from nixschema.findings import Level
from nixschema.model import DataArray, Feature, MultiTag, Tag
from nixschema.rules.marked import Example, Marked, Verdict, array_in, feature_data
from nixschema.rules.rule import At, Sentence, at, rule

NEO_TIMES = ("neo.event", "neo.epoch")
"""Multi tags that neo lets refer to all signals of their segment, whatever their times."""

NEO_CHANNELS = "neo.channelview"
"""Multi tags whose positions are numbers of channels, and no places on an axis."""


@rule(
    "NIX330",
    on=(Tag, MultiTag, Feature),
    level=Level.WARNING,
    cost="values",
    help="compare the times and units of both, or refer only to arrays that have data there",
)
def regions_are_in_data(model: Tag | MultiTag | Feature, marked: Marked) -> Iterator[Sentence]:
    """What a tag marks lies in the data.

    Positions and extents are compared with the axes of the arrays they mark something in. Both
    libraries refuse to read a region that begins outside an axis or ends behind its last sample,
    and leave out silently what lies before the first one or behind the last tick. Neither validator
    looks. An axis with ticks is left by what is farther from its end than any two ticks are apart;
    an axis whose ticks are the data themselves (events) has no end. Without units, positions are
    read in those of the axes.

    Events and epochs of neo refer to all signals of their segment: of them only those are told that
    are in none of these (for others see NIX333). Channel views of neo mark channels, and no places.
    """
    if _is_of_neo(model):
        if model.type in NEO_TIMES and (missed := marked.nowhere(model)):
            yield _in_no_array(model, *missed)
        return
    for verdict, names in _verdicts(model, marked):
        example = verdict.first_outside or verdict.first_beyond
        if example is not None:
            yield _told(model, verdict, example, names)


@rule(
    "NIX331",
    on=(Tag, MultiTag, Feature),
    level=Level.WARNING,
    cost="values",
    help="compare the times and units of both with the sampling interval",
)
def regions_hold_something(model: Tag | MultiTag | Feature, marked: Marked) -> Iterator[Sentence]:
    """What a tag marks has elements in it.

    A region between two samples marks nothing. At a point between two samples nixio reads nothing,
    and the C++ library the next one. For points of a multi tag and regions between ticks that is
    only information (NIX332). What neo refers to by itself (NIX333) is left out.
    """
    if _is_of_neo(model):
        return
    for verdict, names in _verdicts(model, marked):
        if verdict.first_empty is not None:
            yield _nothing(model, verdict.empty, verdict, verdict.first_empty, names)


@rule("NIX332", on=(Tag, MultiTag, Feature), level=Level.INFO, cost="values")
def points_are_elements(model: Tag | MultiTag | Feature, marked: Marked) -> Iterator[Sentence]:
    """The points of a multi tag are at elements, and regions on axes with ticks have some in them.

    Times of events rarely are those of samples: that is as it may be, but at a point between two
    samples nixio reads nothing, and the C++ library the next one. Ticks may be those of events, and
    that there is none in a region is an answer. What neo refers to by itself (NIX333) is left out.
    """
    if _is_of_neo(model):
        return
    for verdict, names in _verdicts(model, marked):
        if verdict.first_bare is not None:
            yield _nothing(model, verdict.bare, verdict, verdict.first_bare, names)


@rule("NIX333", on=MultiTag, level=Level.INFO, cost="values")
def events_of_neo_are_in_signals(tag: MultiTag, marked: Marked) -> Iterator[Sentence]:
    """Events and epochs of neo lie in all signals of their segment.

    Neo lets each refer to all of them, whenever they were recorded, and reads them all the same.
    Whoever asks nixio for the data at such an event gets none of some signals. One that lies in
    none of them is told by NIX330.
    """
    if tag.type not in NEO_TIMES:
        return
    arrays = list(tag.references.found())
    verdicts = [(marked.verdict(tag, array), array) for array in arrays]
    missed = [array.name for one, array in verdicts if one and one.outside + one.beyond]
    if missed and marked.nowhere(tag) is None:
        yield at(
            "positions",
            f"not all lie in the data of {len(missed):,} of {len(arrays):,} arrays referred to, "
            f"the first is `{missed[0]}`",
            facts=(missed[0], str(len(missed))),
        )


def _in_no_array(tag: MultiTag, number: int, first: int) -> At:
    """A sentence about places that are in none of the arrays referred to."""
    positions, extents = array_in(tag, "positions"), array_in(tag, "extents")
    count = 0 if positions is None else len(positions)
    arrays = len(list(tag.references.found()))
    where = f"all {arrays:,} arrays" if arrays > 1 else "the array"
    what = "positions are outside" if extents is None else "regions leave the data of"
    return at(
        "positions",
        f"{number:,} of {count:,} {what} {where} referred to: the first is row {first:,}",
        help="compare the times and their unit with those of the signals",
        facts=(str(number), str(first)),
    )


def _is_of_neo(model: Tag | MultiTag | Feature) -> TypeGuard[MultiTag]:
    """Whether neo itself chose what is referred to."""
    return isinstance(model, MultiTag) and model.type in (*NEO_TIMES, NEO_CHANNELS)


def _verdicts(
    model: Tag | MultiTag | Feature, marked: Marked
) -> Iterator[tuple[Verdict, list[str]]]:
    """Each verdict, with the names of all arrays that it is the same for."""
    tag = model.owner if isinstance(model, Feature) else model
    if not isinstance(tag, Tag | MultiTag):
        return
    arrays = {id(array): array for array in tag.references.found()}
    if isinstance(model, Feature):
        target = feature_data(model) if model.link_type == "tagged" else None
        if not isinstance(target, DataArray) or id(target) in arrays:
            return
        arrays = {id(target): target}
    found: dict[object, tuple[Verdict, list[str]]] = {}
    for array in arrays.values():
        verdict = marked.verdict(tag, array)
        if verdict is not None:
            found.setdefault(astuple(verdict), (verdict, []))[1].append(array.name)
    yield from found.values()


def _told(
    model: Tag | MultiTag | Feature, verdict: Verdict, example: Example, names: list[str]
) -> At:
    """A sentence about regions that are not in the data."""
    begins = verdict.first_outside is not None
    number = verdict.outside if begins else verdict.beyond
    where = example.start if begins else example.stop
    axis = f"axis {example.axis} of {_arrays(names)}, which goes from {_span(example)}"
    facts: tuple[str, ...] = (names[0], "begin" if begins else "end", f"axis {example.axis}")
    place = _position(where, example)
    if verdict.count == 1:
        thing = f"the position, {place}, is" if begins else f"the region ends at {place},"
        facts = (*facts, f"{where:.9g}")
        return at(_field(model, begins), f"{thing} outside {axis}", facts=facts)
    things = "positions are" if begins else "regions end"
    more = ""
    if begins and verdict.beyond:
        end = "region ends" if verdict.beyond == 1 else "regions end"
        more = f", and {verdict.beyond:,} more {end} there"
    return at(
        _field(model, begins),
        f"{number:,} of {verdict.count:,} {things} outside {axis}{more}: the first, row "
        f"{example.row:,}, is at {place}",
        facts=(*facts, str(number), str(example.row)),
    )


def _nothing(
    model: Tag | MultiTag | Feature,
    number: int,
    verdict: Verdict,
    example: Example,
    names: list[str],
) -> At:
    """A sentence about regions that hold no element."""
    start, stop = _position(example.start, example), _position(example.stop, example)
    is_point = example.start == example.stop
    where = f"at {start}" if is_point else f"from {start} to {stop}"
    axis = f"axis {example.axis} of {_arrays(names)}"
    facts: tuple[str, ...] = (names[0], f"axis {example.axis}")
    if verdict.count == 1:
        thing = "there is no element" if is_point else "the region has no element in it,"
        facts = (*facts, f"{example.start:.9g}", f"{example.stop:.9g}")
        return at(_field(model, begins=True), f"{thing} {where} on {axis}", facts=facts)
    things = "positions are at no element" if is_point else "regions hold no element"
    return at(
        _field(model, begins=True),
        f"{number:,} of {verdict.count:,} {things} of {axis}: the first, row {example.row:,}, is "
        f"{where}",
        facts=(*facts, str(number), str(example.row)),
    )


def _field(model: Tag | MultiTag | Feature, begins: bool) -> str:
    if isinstance(model, Feature):
        return "data"
    name = "position" if begins else "extent"
    return name if isinstance(model, Tag) else f"{name}s"


def _arrays(names: list[str]) -> str:
    more = len(names) - 1
    return f"`{names[0]}`" + (f" and {more:,} more array{'s' if more > 1 else ''}" if more else "")


def _position(value: float, example: Example) -> str:
    return f"{value:.12g} {example.unit}".rstrip()


def _span(example: Example) -> str:
    return " to ".join(_position(one, example) for one in example.limits)
