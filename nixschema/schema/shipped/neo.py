"""Rules about neo's files that join several entities."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from nixschema.findings import Level
from nixschema.model import Block, DataArray, File, Group, MultiTag, Section
from nixschema.rules.rule import Sentence, at
from nixschema.schema.checking.run import linked
from nixschema.schema.python_rules import lab_rule

_SIGNALS = ("neo.analogsignal", "neo.irregularlysampledsignal")
_VIEWED = (*_SIGNALS, "neo.imagesequence")
_SOON = timedelta(seconds=1)
"""So soon after a file neo makes a block that it is about to write."""


@lab_rule(help="let each `neo_parent` name the group above")
def parents_lead_to_a_group(block: Block) -> Iterator[Sentence]:
    """The parents of a subgroup lead to a group that has none.

    neo keeps the group that a subgroup is in as text, in `neo_parent`. Where the parents form a
    circle, no group has the subgroups, and neo reads them as lost.
    """
    if block.type != "neo.block":
        return
    parents = {
        group.name: parent
        for group in block.groups
        if group.type == "neo.subgroup" and (parent := _parent(group)) is not None
    }
    met: dict[str, str] = {}
    for start in parents:
        here = start
        while here in parents and here not in met:
            met[here] = start
            here = parents[here]
        if met.get(here) == start:
            circle = _circle(here, parents)
            told = " → ".join(f"`{one}`" for one in (*circle[:4], circle[0]))
            yield at("groups", f"the parents of subgroups form a circle: {told}")


def _parent(group: Group) -> str | None:
    section = _section(group)
    found = None if section is None else section.properties.by_name("neo_parent")
    values = () if found is None else found.values
    return str(values[0]) if values else None


def _circle(name: str, parents: dict[str, str]) -> list[str]:
    names = [name]
    while parents[names[-1]] != name:
        names.append(parents[names[-1]])
    return names


@lab_rule(help="refer to each array of the signal, `<signal>.0`, `<signal>.1` …")
def views_list_whole_signals(view: MultiTag, block: Block | None) -> Iterator[Sentence]:
    """A view of channels refers to all arrays of one signal.

    neo counts the channels of a view in the signal, not in what the view refers to.
    """
    if block is None or view.type != "neo.channelview":
        return
    arrays = [one for one in linked(view, "references") if one.type in _VIEWED]
    signals = {_signal(one): one for one in arrays}
    if len(signals) > 1:
        names = " and ".join(f"`{name}`" for name in list(signals)[:2])
        yield at("references", f"the view is of {len(signals):,} signals, {names}; expected one")
    there = {id(one) for one in arrays}
    for name, first in signals.items():
        for channel in _channels(block, name):
            if channel.type == first.type and id(channel) not in there:
                yield at("references", f"the view leaves out `{channel.name}` of its signal")
                break


def _signal(array: DataArray) -> str:
    return (array.name or "").rpartition(".")[0]


def _channels(block: Block, signal: str) -> Iterator[DataArray]:
    number = 0
    while (one := block.data_arrays.by_name(f"{signal}.{number}")) is not None:
        yield one
        number += 1


@lab_rule(level=Level.WARNING, help="refer to all signals of the segment")
def events_refer_to_all_signals(tag: MultiTag, block: Block | None) -> Iterator[Sentence]:
    """Events and epochs refer to all signals of the segment that they were written with.

    They may be in other segments too; neo does not refer to the signals of those.
    """
    if block is None or tag.type not in ("neo.event", "neo.epoch"):
        return
    section = _section(tag)
    home = None if section is None else section.owner
    segment = block.groups.by_name(home.name) if isinstance(home, Section) else None
    if segment is None or segment.type != "neo.segment":
        return
    there = {id(one) for one in linked(tag, "references")}
    for one in segment.data_arrays.found():
        if one.type in _SIGNALS and id(one) not in there:
            yield at("references", f"lacks `{one.name}` of its segment")
            break


@lab_rule(level=Level.INFO, help="set `rec_datetime` before neo writes")
def recording_time_is_known(block: Block, file: File) -> Iterator[Sentence]:
    """The time of a recording is not that of writing.

    neo keeps `rec_datetime` as the time at which the block was made. Where it is not set, the block
    has the time of writing, and whoever reads it takes that for the time of the recording.
    """
    if block.type != "neo.block" or block.created_at is None or file.created_at is None:
        return
    if timedelta() <= block.created_at - file.created_at <= _SOON:
        yield at(
            "created_at",
            "the recording seems to be as old as the file: neo was not told when it was made",
        )


def _section(entity: Group | MultiTag) -> Section | None:
    found = next(iter(linked(entity, "metadata")), None)
    return found if isinstance(found, Section) else None
