"""NIX64x: what keeps neo from reading what claims to be neo's.

Neo keeps its objects in NIX under types that begin with `neo.`; only they are looked at. What is
said was tried with the `NixIO` of neo 0.14.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from nixschema.findings import Level
from nixschema.model import (
    Block,
    DataArray,
    Dimension,
    File,
    Group,
    Model,
    MultiTag,
    RangeDimension,
    SampledDimension,
    Section,
    SetDimension,
    Source,
)
from nixschema.model.entity import TypedEntity
from nixschema.model.refusal import did_you_mean
from nixschema.rules.rule import Sentence, at, rule

_GROUPS = ("neo.segment", "neo.group", "neo.subgroup")
_SIGNALS = ("neo.analogsignal", "neo.irregularlysampledsignal", "neo.imagesequence")
_TAGS = ("neo.event", "neo.epoch", "neo.spiketrain", "neo.channelview")
_PARTS = (
    *("neo.event.times", "neo.epoch.times", "neo.epoch.durations", "neo.spiketrain.times"),
    *("neo.waveforms", "neo.channelview.index"),
)
_TYPES_OF: dict[type[Model], tuple[str, ...]] = {
    Block: ("neo.block",),
    DataArray: (*_SIGNALS, *_PARTS),
    MultiTag: _TAGS,
}
_SECTIONS = frozenset(
    ("neo", "neo.block", *_GROUPS, *_SIGNALS, *_TAGS, *_PARTS, "neo.channelindex", "neo.unit")
)
_NEARLY = 0.85
"""How alike a section's type is to one of neo's when that is meant."""


def _is_neo(block: Model | None) -> bool:
    return isinstance(block, Block) and bool(block.type) and block.type.startswith("neo.")


@rule("NIX640", on=Group, level=Level.ERROR, reader="neo")
def groups_are_of_neo(group: Group, block: Block | None) -> Iterator[Sentence]:
    """A group of a block of neo's is a segment or a group of neo's.

    Neo knows the types `neo.segment`, `neo.group` and `neo.subgroup`, and reads nothing of a block
    that holds any other group.
    """
    if _is_neo(block) and group.type and group.type not in _GROUPS:
        yield at(
            "type",
            f"the type is `{group.type[:60]}`; expected one of neo's groups"
            f"{did_you_mean(group.type, _GROUPS)}",
        )


@rule("NIX641", on=TypedEntity, level=Level.WARNING, reader="neo")
def types_are_of_neo(entity: TypedEntity) -> Iterator[Sentence]:
    """A type that begins with `neo.` is one that neo has.

    Neo passes over arrays and multi tags of any other type. It does not look at the types of blocks
    and sections, but whoever chooses by them does; sections may be of types of one's own.
    """
    kind = entity.type or ""
    if not kind.startswith("neo.") or isinstance(entity, Group | Source):
        return
    if isinstance(entity, Section):
        own = kind.removesuffix(".metadata")
        if own in _SECTIONS:
            return
        near = get_close_matches(own, sorted(_SECTIONS), 1, _NEARLY)
        if near:
            said = f"neo has no section of the type `{kind[:60]}`"
            yield at("type", f"{said}: did you mean `{near[0]}`?")
        return
    known = _TYPES_OF.get(type(entity), ())
    if kind not in known:
        hint = did_you_mean(kind, known)
        yield at("type", f"neo has no {entity.words} of the type `{kind[:60]}`{hint}")


@rule("NIX642", on=DataArray, level=Level.ERROR, reader="neo")
def signals_have_metadata(array: DataArray) -> Iterator[Sentence]:
    """A signal of neo's has a section.

    Neo takes the name and all annotations of a signal from the section of its first array, and
    fails where there is none.
    """
    if array.type in _SIGNALS and _section(array) is None:
        yield at("metadata", "neo fails on the signal: it has no `metadata`")


@rule("NIX643", on=DataArray, level=Level.ERROR, reader="neo")
def signals_have_time(array: DataArray) -> Iterator[Sentence]:
    """A signal of neo's has a unit, and a dimension of time with a unit.

    Neo takes the first dimension whose label is `time`: sampled for a signal that is sampled
    regularly, range for another. It fails where it finds none, or no unit.
    """
    if array.type not in _SIGNALS[:2]:
        return
    if not array.unit:
        yield at("unit", "neo fails on the signal: it has no `unit`")
    kinds: dict[str, type[Dimension]] = {
        "neo.analogsignal": SampledDimension,
        "neo.irregularlysampledsignal": RangeDimension,
    }
    wanted = kinds[array.type]
    time = next((one for one in array.dimensions if getattr(one, "label", None) == "time"), None)
    if time is None:
        yield at("dimensions", "neo fails on the signal: no dimension has the label `time`")
    elif not isinstance(time, wanted):
        yield at("dimensions", f"the time is a {time.words}; expected a {wanted.words}")
    elif not getattr(time, "unit", None):
        yield at("dimensions", "neo fails on the signal: the time has no `unit`")


@rule("NIX644", on=MultiTag, level=Level.ERROR, reader="neo")
def times_have_units(tag: MultiTag) -> Iterator[Sentence]:
    """The times and durations of events, epochs and spike trains have units.

    Neo takes them from the arrays of positions and extents, and fails where there is none. An epoch
    has durations.
    """
    if tag.type not in _TAGS[:3]:
        return
    fields = ("positions", "extents") if tag.type == "neo.epoch" else ("positions",)
    for field in fields:
        array = _array(tag, field)
        if array is None and field == "extents":
            yield at(field, "neo fails on the epoch: it has no `extents`")
        elif array is not None and not array.unit:
            yield at(field, f"neo fails on `{tag.name}`: `{array.name}` has no `unit`")


@rule("NIX645", on=MultiTag, level=Level.ERROR, reader="neo")
def events_have_labels(tag: MultiTag) -> Iterator[Sentence]:
    """The positions of events and epochs have a set dimension, whose labels are theirs.

    Neo takes the labels from the first dimension of the positions, and fails where that has none
    such; labels themselves may be lacking.
    """
    if tag.type not in ("neo.event", "neo.epoch"):
        return
    array = _array(tag, "positions")
    if array is None:
        return
    if not len(array.dimensions):
        yield at("positions", f"neo fails on `{tag.name}`: `{array.name}` has no dimension")
    elif not isinstance(array.dimensions[0], SetDimension):
        words = array.dimensions[0].words
        yield at("positions", f"`{array.name}` has a {words}; expected a set dimension")


@rule("NIX646", on=(MultiTag, DataArray), level=Level.ERROR, reader="neo")
def metadata_is_complete(entity: MultiTag | DataArray) -> Iterator[Sentence]:
    """The section of a spike train or an image sequence says what neo needs.

    A spike train has a `t_stop`, an image sequence a `sampling_rate` and a `spatial_scale`: neo
    cannot make them without.
    """
    wanted = {
        "neo.spiketrain": ("t_stop",),
        "neo.imagesequence": ("sampling_rate", "spatial_scale"),
    }.get(entity.type or "", ())
    section = _section(entity)
    if section is None and not isinstance(entity, MultiTag):
        return
    names = _property_names(section)
    for name in wanted:
        if name not in names:
            yield at("metadata", f"neo fails on `{entity.name}`: no property `{name}`")


@rule("NIX647", on=Group, level=Level.ERROR, reader="neo")
def subgroups_have_parents(group: Group, block: Block | None) -> Iterator[Sentence]:
    """A subgroup of neo's names the group it belongs to.

    The property `neo_parent` of its section is the name of another group of the block; a group of
    the type `neo.group` has none.
    """
    if block is None or group.type not in ("neo.group", "neo.subgroup"):
        return
    section = _section(group)
    prop = None if section is None else section.properties.get("neo_parent")
    if group.type == "neo.group":
        if prop is not None:
            yield at("metadata", "a `neo.group` with a `neo_parent`; expected a `neo.subgroup`")
        return
    parent = None if prop is None else str(prop.value)
    if parent is None:
        yield at("metadata", "a subgroup without a `neo_parent`")
    elif parent not in block.groups.names():
        hint = did_you_mean(parent, block.groups.names())
        yield at("metadata", f"no group `{parent[:60]}`, which is the `neo_parent`{hint}")


@rule("NIX648", on=Block, level=Level.ERROR, reader="neo")
def channels_are_alike(block: Block) -> Iterator[Sentence]:
    """The channels of a signal of neo's have the same length.

    The arrays of a signal become one array, which takes as many values of each.
    """
    lengths: dict[str, tuple[DataArray, int]] = {}
    for array in block.data_arrays:
        if array.type not in _SIGNALS or array.data is None or not array.data.ndim:
            continue
        base = (array.name or "").rpartition(".")[0]
        first, length = lengths.setdefault(base, (array, array.data.shape[0]))
        if array.data.shape[0] != length:
            yield at(
                "data_arrays",
                f"`{array.name}` has {array.data.shape[0]:,} values, `{first.name}` {length:,}",
            )


@rule("NIX649", on=File, level=Level.ERROR, reader="neo")
def version_of_neo_is_told(file: File) -> Iterator[Sentence]:
    """A section `neo` says which version of neo wrote the file.

    Neo takes a section of that name for its own, and fails to open a file whose section lacks the
    property `version`. Without such a section it takes the file for one of an early version.
    """
    section = file.metadata.get("neo")
    if section is not None and "version" not in _property_names(section):
        yield at("metadata", "neo cannot open the file: the section `neo` has no `version`")


def _section(entity: Model) -> Section | None:
    reference = entity.__dict__["metadata"]
    found = None if reference is None else reference.resolve(entity, (Section,))
    return found if isinstance(found, Section) else None


def _array(tag: MultiTag, field: str) -> DataArray | None:
    for one, _, item in tag.outgoing():
        if one.field == field:
            found = item.resolve(tag, (DataArray,))
            return found if isinstance(found, DataArray) else None
    return None


def _property_names(section: Section | None) -> set[str]:
    """Names of the properties of a section and of those it links to."""
    names: set[str] = set()
    seen: list[Section] = []
    while section is not None and not any(section is one for one in seen):
        seen.append(section)
        names.update(section.properties.names())
        reference = section.__dict__["link"]
        found = None if reference is None else reference.resolve(section, (Section,))
        section = found if isinstance(found, Section) else None
    return names
