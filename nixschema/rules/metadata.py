"""NIX4xx: sections and properties."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time

import numpy as np

from nixschema.findings import Level
from nixschema.model import File, Property, Section, Source
from nixschema.model.refusal import did_you_mean
from nixschema.model.units import Unit
from nixschema.rules.rule import Sentence, at, rule
from nixschema.storage.tree import Node, Tree

DEEPEST = 1000
"""Sections and sources nested deeper than this are reported."""


@rule("NIX401", on=(Section, Source), level=Level.WARNING)
def nesting_is_bounded(entity: Section | Source) -> Iterator[Sentence]:
    """Sections and sources are nested at most a thousand levels deep.

    Most programs walk them by recursion and fail far earlier; such depth comes from a loop gone
    wrong.
    """
    inner = entity.sections if isinstance(entity, Section) else entity.sources
    if not len(inner) or not _is_at_depth(entity, DEEPEST):
        return
    yield f"{type(entity).words}s are nested deeper than {DEEPEST:,} levels from here"


@rule("NIX402", on=Section)
def section_links_end(section: Section) -> Iterator[Sentence]:
    """The links of sections do not go round in a circle.

    A link lends a section the properties of another; nixio follows links of links, without end in
    a circle.
    """
    seen = {id(section)}
    here = section
    while True:
        reference = here.__dict__["link"]
        following = None if reference is None else reference.resolve(here, (Section,))
        if not isinstance(following, Section):
            return
        if following is section:
            yield at("link", f"`link` leads back to `{section.name}` itself")
            return
        if id(following) in seen:
            return
        seen.add(id(following))
        here = following


@rule("NIX403", on=Section)
def linked_section_is_in_file(section: Section, file: File) -> Iterator[Sentence]:
    """The section that a section links to is among the metadata of the file.

    A section that hangs on nothing else is lost as soon as the link is.
    """
    reference = section.__dict__["link"]
    target = None if reference is None else reference.resolve(section, (Section,))
    if isinstance(target, Section) and target.root is not file:
        yield at("link", f"the section `{target.name}` is not among the file's metadata")


def _is_at_depth(entity: Section | Source, depth: int) -> bool:
    """Whether an entity has exactly so many of its kind around it, itself included."""
    above = entity.owner
    count = 1
    while above is not None and type(above) is type(entity):
        count += 1
        if count > depth:
            return False
        above = above.owner
    return count == depth


@rule("NIX404", on=Property, level=Level.WARNING, help="leave out values that are not known")
def values_are_finite(prop: Property) -> Iterator[Sentence]:
    """The values of a property are finite numbers.

    NaN stands for a value that nobody knows, and infinity for a limit that was passed: programs
    that compare or average the values get NaN. A value that is not known is better left out.
    """
    yield from infinite_values(prop.values)


def infinite_values(values: Sequence[object]) -> Iterator[str]:
    """That values are NaN or infinite."""
    numbers = [one if isinstance(one, float) else 0.0 for one in values]
    odd = [(place, one) for place, one in enumerate(numbers, 1) if not math.isfinite(one)]
    if odd:
        place, one = odd[0]
        of = f"value {place:,} of {len(numbers):,}" if len(numbers) > 1 else "the value"
        more = f", and so are {len(odd) - 1:,} more" if len(odd) > 1 else ""
        yield f"{of} is {'NaN' if math.isnan(one) else 'infinite'}{more}"


@rule("NIX405", on=Property, level=Level.WARNING)
def odml_type_fits_values(prop: Property) -> Iterator[Sentence]:
    """The odML type of a property fits its values.

    `int` is for integers, `float` for numbers, `boolean` for booleans, all others for text. nixio
    refuses to set a type that does not fit; programs that carry the property to odML have to
    convert or drop the values. Integers are no contradiction of `float`.
    """
    if not prop.values or prop.dtype is None:
        return
    kind = type(prop.values[0])
    fitting = {"int": (int,), "float": (float, int), "boolean": (bool,)}.get(prop.dtype, (str,))
    if kind not in fitting:
        yield at("dtype", f"`odml_type` is `{prop.dtype}`, but the values are {_KINDS[kind]}")


_KINDS = {str: "text", bool: "booleans", int: "integers", float: "fractions"}

_TIMES = {
    "date": (re.compile(r"\d{4}-\d{2}-\d{2}"), "2021-03-04"),
    "time": (re.compile(r"\d{2}:\d{2}:\d{2}(\.\d+)?"), "12:30:00"),
    "datetime": (
        re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?"),
        "2021-03-04 12:30:00",
    ),
}


@rule("NIX406", on=Property, level=Level.WARNING)
def dates_are_dates(prop: Property) -> Iterator[Sentence]:
    """Values that are declared as dates or times can be read as such.

    odML writes dates as `2021-03-04`, times as `12:30:00`, and both with a blank between them;
    other spellings are ambiguous, and odML libraries refuse them.
    """
    if prop.dtype not in _TIMES or not prop.values or not isinstance(prop.values[0], str):
        return
    form, example = _TIMES[prop.dtype]
    for place, value in enumerate(prop.values, 1):
        text = str(value)
        if text and not (form.fullmatch(text) and _is_moment(prop.dtype, text)):
            yield f"value {place:,} is `{text[:60]}`; expected a {prop.dtype} such as `{example}`"
            return


def _is_moment(kind: str, text: str) -> bool:
    """Whether a text of the right form is a time that there is."""
    reads: dict[str, Callable[[str], object]] = {
        "date": date.fromisoformat,
        "time": time.fromisoformat,
        "datetime": datetime.fromisoformat,
    }
    try:
        reads[kind](text)
    except ValueError:
        return False
    return True


@rule(
    "NIX407",
    on=Property,
    level=Level.WARNING,
    help="remove the uncertainty, or give one that is finite and not negative",
)
def uncertainty_is_possible(prop: Property) -> Iterator[Sentence]:
    """The uncertainty of a property is a finite number that is not negative.

    It is a distance from the values, in their unit, so it cannot be below zero, and only numbers
    have one.
    """
    yield from impossible_uncertainty(prop.uncertainty, prop.values)


def impossible_uncertainty(uncertainty: object, values: Sequence[object]) -> Iterator[Sentence]:
    """That no number is as uncertain as that; texts are not judged."""
    if not isinstance(uncertainty, int | float) or isinstance(uncertainty, bool):
        return
    if isinstance(uncertainty, int) and abs(uncertainty) > _LARGEST:
        return
    if not math.isfinite(uncertainty):
        yield at("uncertainty", f"`uncertainty` is {uncertainty:g}; expected a finite number")
    elif uncertainty < 0:
        yield at("uncertainty", f"`uncertainty` is {uncertainty:g}; expected 0 or more")
    elif uncertainty and values and isinstance(values[0], str | bool):
        kind = _KINDS[type(values[0])]
        yield at("uncertainty", f"`uncertainty` is {uncertainty:g}, but the values are {kind}")


_LARGEST = 10**300
"""Larger whole numbers are no floats."""

_PLAIN_PROPERTIES = (1, 1, 1)
"""First version whose properties are plain values, to readers that go by the version."""

_OLDEST = (1, 0, 0)

_FEW = 3
"""So many properties of a layout are told one by one."""


@rule("NIX408", on=Tree)
def layout_of_properties_fits_version(tree: Tree) -> Iterator[Sentence]:
    """Property values are laid out as the version of the file says.

    Before 1.1.1 they were records with uncertainty and reference, since then they are plain values.
    nixio and the C++ library go by the version of the file, and fail on the other layout. nixschema
    goes by what is there, and reads both.
    """
    attribute = tree.root.attributes.get("version")
    value = None if attribute is None else attribute.value
    if (
        not isinstance(value, np.ndarray)
        or value.dtype.kind not in "iu"
        or value.shape != (3,)
        or value.min() < 0
    ):
        return
    version: tuple[int, ...] = tuple(value.tolist())
    if version < _OLDEST:
        return
    said = ".".join(map(str, version))
    properties = [node for node in tree.nodes.values() if _is_property(node)]
    if version >= _PLAIN_PROPERTIES:
        odd = [node for node in properties if node.old]
        how = "values are records, as before version 1.1.1"
    else:
        odd = [node for node in properties if not node.old and _is_plain(node)]
        how = "values are plain, as since version 1.1.1"
    if len(odd) <= _FEW and len(odd) < len(properties):
        for node in odd:
            yield at(node.path.strip("/"), f"{how}, in a file of version {said}")
    elif odd:
        count = "1 property" if len(odd) == 1 else f"{len(odd):,} properties"
        yield f"{how}, in {count} of a file of version {said}; the first is `{odd[0].path}`"


def _is_property(node: Node) -> bool:
    """Whether an object is a property, as the file has it."""
    is_there = node.kind == "dataset" and node.address >= 0 and "entity_id" in node.attributes
    return is_there and node.parent is not None and node.parent.name == "properties"


def _is_plain(node: Node) -> bool:
    return node.type is not None and node.type.kind != "compound"


@rule("NIX409", on=Property, level=Level.INFO, also=("cpp",), fix="safe")
def unit_is_known(prop: Property) -> Iterator[Sentence]:
    """The unit of a property is one that programs can convert.

    Properties hold what people write down, and any text may be their unit: it is kept as it is.
    nixio warns about every property without a unit, and the C++ library calls every unit an error
    that is none of SI's. Neither is done here: a property without a unit is fine, and what stands
    in the way of conversion is information.
    """
    if prop.unit is not None:
        yield from unconvertible_unit(prop.unit, prop.values)


def unconvertible_unit(unit: Unit, values: Sequence[object]) -> Iterator[Sentence]:
    """That a unit stands in the way of conversion."""
    if not unit:
        yield at("unit", "`unit` is empty; a property without a unit has no `unit`")
    elif values and isinstance(values[0], str | bool):
        kind = _KINDS[type(values[0])]
        yield at("unit", f"`unit` is `{unit[:60]}`, but the values are {kind}")
    elif not unit.is_si and not unit.canonical.is_si:
        yield at("unit", f"`unit` is `{unit[:60]}`, which is no unit of SI")


@rule(
    "NIX410",
    on=Property,
    level=Level.WARNING,
    help="name a property of the same section, and the value for which this one holds",
)
def dependency_is_there(prop: Property) -> Iterator[Sentence]:
    """A property depends on one that is there, and says for which of its values.

    `dependency` is the name of another property of the section, or of the section it links to, and
    `dependency_value` the value of that one for which this one holds.
    """
    section = prop.owner
    if prop.dependency_value is not None and not prop.dependency:
        yield at("dependency_value", "`dependency_value` without a `dependency`")
    if not prop.dependency or not isinstance(section, Section):
        return
    if prop.dependency == prop.name:
        yield at("dependency", f"`{prop.name}` depends on itself")
        return
    seen: list[Section] = []
    here: Section | None = section
    while here is not None and not any(here is one for one in seen):
        if here.properties.get(prop.dependency) is not None:
            return
        seen.append(here)
        reference = here.__dict__["link"]
        target = None if reference is None else reference.resolve(here, (Section,))
        here = target if isinstance(target, Section) else None
    names = [name for one in seen for name in one.properties.names()]
    yield no_such_property(prop.dependency, section.name, did_you_mean(prop.dependency, names))


def no_such_property(name: str, section: str, hint: str) -> Sentence:
    """That a dependency names no property."""
    return at("dependency", f"no property `{name[:60]}` in `{section}`{hint}")
