"""From models to an HDF5 file, by the places of fields.

Every object is made once, however many links lead to it: what a link leads to before its owner has
come is made ahead, without a name, and linked by the owner when its turn comes. So all links of a
group are made in their order. The walk is a loop with its own stack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from h5py import h5g, h5o

from nixschema.array import Array
from nixschema.layout import (
    Columns,
    Dataset,
    FieldPlace,
    Link,
    Links,
    Member,
    Members,
    Value,
    layout_of,
)
from nixschema.model import Container, DimensionLink, Extra, File, Model, Reference, Refs
from nixschema.model.extra import Foreign, ForeignLink
from nixschema.storage import making
from nixschema.storage.arrays import spot, write_array
from nixschema.storage.attributes import write_attributes, write_leftover_attributes
from nixschema.storage.copying import Copier
from nixschema.storage.datasets import ObjectSource
from nixschema.storage.files import all_kept_open, created
from nixschema.storage.lists import still_holds, write_list
from nixschema.storage.places import Key, Target, member_links, reference_link
from nixschema.storage.plan import plan_of
from nixschema.storage.replace import Stream
from nixschema.storage.survey import Survey

_FAULTS = (OSError, RuntimeError, ValueError, TypeError, KeyError, OverflowError)

Onward: TypeAlias = Iterator[tuple[Model, Any]]
"""Models whose objects are made, and are to be filled next."""


class Loss(NamedTuple):
    """Something that could not be written."""

    path: str
    """Where it is."""
    reason: str
    """Why, in words."""


def write_models(
    file: File,
    stream: Stream,
    *,
    changes: Mapping[int, Mapping[str, Any]] | None = None,
    compression: int | None = None,
    afresh: bool = False,
) -> list[Loss]:
    """Write a file and all that belongs to it as HDF5.

    Args:
        file: what to write.
        stream: where it goes.
        changes: values that take the place of fields, by identity of the model.
        compression: level of deflate for arrays; None keeps what they have.
        afresh: write links and units in all places they may have, not only where they were.

    Returns:
        What could not be written.

    Raises:
        StaleFileError: the file of an array has changed since it was read.
        OSError: the stream could not be written.
    """
    with all_kept_open(), created(stream) as file_id:
        writer = _Writer(file, file_id, stream.check, changes or {}, compression, afresh)
        writer.write()
        return writer.losses


class _Soft(NamedTuple):
    """A soft link, and what it has to lead to."""

    parent: Any
    name: str
    target: Any


class _Writer:
    def __init__(
        self,
        file: File,
        file_id: Any,
        check: Callable[[], None],
        changes: Mapping[int, Mapping[str, Any]],
        compression: int | None,
        afresh: bool,
    ) -> None:
        self.file = file
        self.file_id = file_id
        self.check = check
        self.changes = changes
        self.compression = compression
        self.afresh = afresh
        self.losses: list[Loss] = []
        self.copier = Copier(check)
        self.survey = Survey(file)
        self.made: dict[Key, Any] = {}
        """Objects that are there and that more links will lead to."""
        self.shared: dict[Any, Any] = {}
        """Datasets that several fields share, by where they lie in their file."""
        self.soft: list[_Soft] = []

    def write(self) -> None:
        """Write everything."""
        root = h5g.open(self.file_id, b"/")
        self.made[Target(self.file).key] = root
        self._fill_all(self.file, root)
        for model in self.survey.roots[1:]:
            if (made := self.made.get(Target(model).key)) is not None:
                self._fill_all(model, made)
        self.copier.finish()
        self._check_soft_links()

    def _fill_all(self, model: Model, made: Any) -> None:
        stack = [self._fill(model, made)]
        while stack:
            inner = next(stack[-1], None)
            if inner is None:
                stack.pop()
            else:
                stack.append(self._fill(*inner))

    def _fill(self, model: Model, made: Any) -> Onward:
        """Write all that an entity's object holds."""
        self.check()
        fields = self._fields(model)
        self._lose(model, write_attributes(model, fields, made, self.copier))
        columns = plan_of(type(model)).columns
        if columns is not None:
            self._write_units(model, columns, "", made)
        steps = dict(self._field_steps(model, fields))
        for name, leftover in model.extra.members.items():
            if isinstance(leftover, Foreign) and name not in steps and name != "values":
                steps[name] = partial(self._write_foreign, model, leftover)
        form = model.extra.form
        recorded = form.links.get("") if form is not None else None
        for name in _arranged(steps, recorded):
            yield from steps[name](made, name)

    def _fields(self, model: Model) -> Mapping[str, Any]:
        changed = self.changes.get(id(model))
        return model.__dict__ if changed is None else {**model.__dict__, **changed}

    def _field_steps(
        self, model: Model, fields: Mapping[str, Any]
    ) -> Iterator[tuple[str, Callable[[Any, str], Onward]]]:
        """What writes each child of an entity, by name, in the usual order."""
        for one in plan_of(type(model)).children:
            value = fields[one.field]
            match one.place:
                case Dataset():
                    if value is not None:
                        yield one.name, partial(self._write_part, model)
                case Value(itself=False):
                    if value is not None:
                        yield one.name, partial(self._write_part, model)
                case Members():
                    if len(value) or self._has_group(model, one):
                        yield one.name, partial(self._write_members, model, one, value)
                case Member():
                    yield from self._member_step(model, one, value)
                case Links():
                    for name in self._link_groups(model, one, value):
                        yield name, partial(self._write_links, model, one, value)
                case Link():
                    yield from self._link_step(model, one, value)

    def _has_group(self, model: Model, one: FieldPlace) -> bool:
        """Whether the group of an empty container is written all the same."""
        if isinstance(model.extra.members.get(one.name), Extra):
            return True
        if not isinstance(model, File):
            return False
        return model.source is None or one.field in model.model_fields_set

    # Objects and links

    def _link(self, target: Target, parent: Any, name: str, soft: str | None = None) -> Any:
        """Link to an object, made now or ahead, and give it; None where it cannot be made."""
        made = self.made.get(target.key)
        if soft is not None:
            made = made or self._ahead(target)
            if made is not None:
                making.soft_link(parent, name, soft)
                self.soft.append(_Soft(parent, name, made))
        elif made is not None:
            making.hard_link(made, parent, name)
        else:
            made = self._make(target, parent, name)
            kept = target.key in self.survey.wanted or isinstance(target.owner, Foreign)
            if kept and made is not None:
                self.made[target.key] = made
        return made

    def _ahead(self, target: Target) -> Any:
        """An object that will be linked by its owner later."""
        made = self.made.get(target.key)
        if made is None:
            made = self._make(target, self.file_id, None)
            if made is not None:
                self.made[target.key] = made
        return made

    def _make(self, target: Target, parent: Any, name: str | None) -> Any:
        owner, part = target
        if isinstance(owner, Foreign):
            return self._make_foreign(owner, int(part), parent, name)
        plan = plan_of(type(owner))
        if part == "":
            if plan.itself:
                return self._make_values(owner, parent, name)
            return making.group(parent, name)
        if part in plan.datasets:
            return self._make_dataset(owner, plan.datasets[str(part)], parent, name)
        made = making.group(parent, name)
        self._write_leftovers(owner, str(part), made)
        return made

    def _soft_path(self, model: Model, group: str, name: str) -> str | None:
        form = model.extra.form
        return form.soft.get((group, name)) if form is not None else None

    def _check_soft_links(self) -> None:
        """Make hard links of the soft ones that do not lead where they should."""
        for parent, name, target in self.soft:
            raw = making.link_name(name)
            try:
                found = h5o.get_info(h5o.open(parent, raw)).addr
            except (OSError, RuntimeError, KeyError, ValueError):
                found = None
            if found != h5o.get_info(target).addr:
                parent.unlink(raw)
                making.hard_link(target, parent, name)

    # Containers, parts and references

    def _write_members(
        self, model: Model, one: FieldPlace, members: Container[Any], parent: Any, name: str
    ) -> Onward:
        group = self._link(Target(model, name), parent, name, self._soft_path(model, "", name))
        steps: dict[str, Callable[[Any, str], Onward]] = {}
        for link, member in member_links(members):
            steps[_free(link, steps)] = partial(self._write_member, model, one.name, member)
        own = list(steps) if isinstance(one.place, Members) and one.place.by != "number" else []
        steps.update(self._foreign_steps(model, one.name, steps))
        for link in _arranged(steps, self._recorded(model, one.name), own):
            yield from steps[link](group, link)

    def _write_member(
        self, model: Model, group: str, member: Model, parent: Any, name: str
    ) -> Onward:
        made = self._link(Target(member), parent, name, self._soft_path(model, group, name))
        if made is not None:
            yield member, made

    def _member_step(
        self, model: Model, one: FieldPlace, part: Model | None
    ) -> Iterator[tuple[str, Callable[[Any, str], Onward]]]:
        if part is None:
            return
        if isinstance(part, DimensionLink) and self._fields(part)["alias"]:
            reference = part.__dict__["array"]
            target = self._target_of(part, layout_of(type(part))["array"], reference)
            if target is not None:
                name = reference_link(reference, target)
                yield name, partial(self._write_reference, model, "", target)
            return
        yield one.name, partial(self._write_member, model, "", part)

    def _link_step(
        self, model: Model, one: FieldPlace, reference: Reference | None
    ) -> Iterator[tuple[str, Callable[[Any, str], Onward]]]:
        if reference is None:
            return
        target = self._target_of(model, one, reference)
        if target is None:
            return
        by_id = isinstance(one.place, Link) and one.place.by == "id"
        name = reference_link(reference, target) if by_id else one.name
        yield name, partial(self._write_reference, model, "", target)

    def _target_of(self, model: Model, one: FieldPlace, reference: Reference) -> Model | None:
        target = reference.resolve(model, one.targets)  # type: ignore[arg-type]
        if target is None or id(target) not in self.survey.inside:
            text = reference.written(model)
            self.losses.append(Loss(f"{model.path}/{one.name}", f"`{text}` is not in the file"))
            return None
        return target

    def _write_reference(
        self, model: Model, group: str, target: Model, parent: Any, name: str
    ) -> Onward:
        soft = self._soft_path(model, group, name)
        made = self._ahead(Target(target))
        if soft is not None:
            making.soft_link(parent, name, soft)
            self.soft.append(_Soft(parent, name, made))
        else:
            making.hard_link(made, parent, name)
        yield from ()

    def _link_groups(self, model: Model, one: FieldPlace, references: Refs[Any]) -> Iterator[str]:
        """Names of the groups that hold some references: both, where two are in use."""
        names = [one.name]
        if isinstance(one.place, Links) and one.place.also:
            names.append(one.place.also)
            recorded = None if self.afresh else self._recorded(model, "")
            if recorded is not None and not set(names).isdisjoint(recorded):
                names = [name for name in names if name in recorded]
        for name in names:
            if len(references) or isinstance(model.extra.members.get(name), Extra):
                yield name

    def _write_links(
        self, model: Model, one: FieldPlace, references: Refs[Any], parent: Any, name: str
    ) -> Onward:
        group = self._link(Target(model, name), parent, name, self._soft_path(model, "", name))
        steps: dict[str, Callable[[Any, str], Onward]] = {}
        elsewhere = self._only_elsewhere(model, one, name)
        for reference in references.items:
            target = self._target_of(model, one, reference)
            if target is None:
                continue
            link = reference_link(reference, target)
            if link in steps:
                self.losses.append(Loss(f"{model.path}/{name}", f"`{link}` is there twice"))
            elif link not in elsewhere:
                steps[link] = partial(self._write_reference, model, name, target)
        own = list(steps)
        steps.update(self._foreign_steps(model, name, steps))
        for link in _arranged(steps, self._recorded(model, name), own):
            yield from steps[link](group, link)

    def _only_elsewhere(self, model: Model, one: FieldPlace, name: str) -> set[str]:
        """Names of links that only the other of two groups of references has."""
        recorded = self._recorded(model, name)
        if self.afresh or recorded is None or not isinstance(one.place, Links):
            return set()
        others = {one.name, one.place.also} - {name, ""}
        known = [self._recorded(model, other) or () for other in others]
        return {link for links in known for link in links} - set(recorded)

    def _recorded(self, model: Model, group: str) -> tuple[str, ...] | None:
        form = model.extra.form
        return form.links.get(group) if form is not None else None

    # Datasets

    def _write_part(self, model: Model, parent: Any, name: str) -> Onward:
        self._link(Target(model, name), parent, name, self._soft_path(model, "", name))
        yield from ()

    def _make_dataset(self, model: Model, one: FieldPlace, parent: Any, name: str | None) -> Any:
        value = self._fields(model)[one.field]
        if isinstance(value, Array):
            bulk = isinstance(one.place, Dataset) and one.place.bulk
            made = self._make_array(model, value, parent, name, bulk=bulk)
        else:
            made = self._make_list(model, one, value, parent, name)
        if made is not None:
            self._write_leftovers(model, one.name, made)
        return made

    def _make_array(
        self,
        owner: Model | Foreign,
        array: Array,
        parent: Any,
        name: str | None,
        *,
        bulk: bool = False,
        as_text: bool = True,
    ) -> Any:
        key = spot(array)
        if key in self.shared:
            return self._link_shared(self.shared[key], parent, name)
        compression = self.compression if bulk else None
        try:
            made = write_array(
                parent,
                name,
                array,
                self.copier,
                self.check,
                compression=compression,
                as_text=as_text,
                as_booleans=self.afresh and as_text,
            )
        except _FAULTS as error:
            self.check()
            place = f"{owner.path}/{name or ''}" if isinstance(owner, Model) else owner.path
            self.losses.append(Loss(place, " ".join(str(error).split())))
            return None
        if key is not None:
            self.shared[key] = made
        return made

    def _make_list(
        self, model: Model, one: FieldPlace, values: list[Any], parent: Any, name: str | None
    ) -> Any:
        form = model.extra.form.datasets.get(one.name) if model.extra.form is not None else None
        key = spot(Array(form)) if form is not None and still_holds(form, values) else None
        if key in self.shared:
            return self._link_shared(self.shared[key], parent, name)
        made = write_list(parent, name, one, values, model.__dict__.get("storage"), form)
        if key is not None:
            self.shared[key] = made
        return made

    def _link_shared(self, made: Any, parent: Any, name: str | None) -> Any:
        if name is not None:
            making.hard_link(made, parent, name)
        return made

    def _make_values(self, model: Model, parent: Any, name: str | None) -> Any:
        """The dataset that an entity is."""
        one = layout_of(type(model))["values"]
        values = self._fields(model)["values"]
        leftover = model.extra.members.get("values")
        if isinstance(leftover, Foreign) and not values and leftover.objects:
            return self._make_foreign(leftover, 0, parent, name)
        return self._make_list(model, one, values, parent, name)

    def _write_leftovers(self, model: Model, part: str, made: Any) -> None:
        """Write what no field claims of a part's attributes, and units of columns."""
        leftover = model.extra.members.get(part)
        if isinstance(leftover, Extra):
            self._lose(model, write_leftover_attributes(leftover.attributes, made, self.copier))
        columns = plan_of(type(model)).columns
        if columns is not None and isinstance(columns.place, Columns) and columns.place.of == part:
            self._write_units(model, columns, part, made)

    def _write_units(self, model: Model, one: FieldPlace, part: str, made: Any) -> None:
        """Write the units of columns to one of the two objects that may have them."""
        texts = [column.unit or "" for column in self._fields(model)[one.field]]
        form = model.extra.form
        where = form.columns if form is not None and not self.afresh else None
        if where and not where.get(part, True):
            texts = [""] * len(texts)
        if part in where if where else any(texts):
            making.texts_attribute(made, making.link_name(one.name), texts)

    # What no field claims

    def _foreign_steps(
        self, model: Model, group: str, taken: Iterable[str]
    ) -> Iterator[tuple[str, Callable[[Any, str], Onward]]]:
        leftover = model.extra.members.get(group)
        if isinstance(leftover, Extra):
            for name, member in leftover.members.items():
                if isinstance(member, Foreign) and name not in taken:
                    yield name, partial(self._write_foreign, model, member)

    def _write_foreign(self, model: Model, foreign: Foreign, parent: Any, name: str) -> Onward:
        self._foreign_link(model, foreign, foreign.link, parent, name)
        if foreign.link.kind == "hard":
            self._fill_foreign(model, foreign)
        yield from ()

    def _foreign_link(
        self, model: Model, foreign: Foreign, link: ForeignLink, parent: Any, name: str
    ) -> None:
        match link.kind:
            case "hard":
                self._link(Target(foreign, link.target), parent, name)
            case "soft":
                making.soft_link(parent, name, link.target)
            case "external":
                making.external_link(parent, name, *link.target)
            case "entity":
                found = self.survey.places.find(link, self.survey.inside)
                made = self._ahead(found) if found is not None else None
                if made is not None:
                    making.hard_link(made, parent, name)
                else:
                    self._lose(model, [(name, f"`{link.target}` is not in the file any more")])
            case _:
                self._lose(model, [(name, f"it is {link.target}")])

    def _fill_foreign(self, model: Model, foreign: Foreign) -> None:
        """Write what the objects of something foreign hold; each is there before its turn."""
        for number, thing in enumerate(foreign.objects):
            made = self.made.get(Target(foreign, number).key)
            if made is None:
                continue
            self._lose(model, write_leftover_attributes(thing.attributes, made, self.copier))
            for name, link in thing.links.items():
                self._foreign_link(model, foreign, link, made, name)
        for number in range(len(foreign.objects)):
            key = Target(foreign, number).key
            if key not in self.survey.wanted:
                self.made.pop(key, None)

    def _make_foreign(self, foreign: Foreign, number: int, parent: Any, name: str | None) -> Any:
        thing = foreign.objects[number]
        if thing.kind == "group":
            return making.group(parent, name)
        if thing.kind == "dataset" and thing.data is not None:
            return self._make_array(foreign, thing.data, parent, name, as_text=False)
        if thing.kind == "dataset" and thing.type is not None:
            return making.empty_dataset(parent, name, thing.type)
        if thing.kind == "datatype" and isinstance(thing.source, ObjectSource):
            return self._make_named_type(thing.source, parent, name)
        self.losses.append(Loss(foreign.path, "it cannot be read"))
        return None

    def _make_named_type(self, source: ObjectSource, parent: Any, name: str | None) -> Any:
        made = self.copier.copy_named_type(source, parent)
        if name is not None:
            making.hard_link(made, parent, name)
        return made

    def _lose(self, model: Model, lost: list[tuple[str, str]]) -> None:
        self.losses += [Loss(f"{model.path}/{name}", reason) for name, reason in lost]


def _arranged(
    names: Iterable[str], recorded: tuple[str, ...] | None, fixed: Iterable[str] = ()
) -> list[str]:
    """Names in the order that a file had, as long as that keeps those fixed in theirs."""
    usual = list(names)
    if recorded is None:
        return usual
    rank = {name: number for number, name in enumerate(recorded)}
    order = sorted(usual, key=lambda name: rank.get(name, len(rank)))
    kept = set(fixed)
    return order if [name for name in order if name in kept] == list(fixed) else usual


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """A name for a link that none has yet."""
    free = name or "_"
    while free in taken:
        free += "_"
    return free
