"""From models to an HDF5 file, by the places of fields.

The walk is a loop with its own stack. `Objects` makes each object once and all links in their
order, `Contents` makes datasets, `Strangers` writes what no field claims.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, TypeAlias

from h5py import h5g

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
from nixschema.model import (
    Container,
    DimensionLink,
    Extra,
    File,
    Model,
    Reference,
    Refs,
    Section,
)
from nixschema.model.extra import Foreign, Form
from nixschema.storage import making
from nixschema.storage.attributes import write_attributes, write_leftover_attributes
from nixschema.storage.contents import Contents
from nixschema.storage.files import all_kept_open, created
from nixschema.storage.losses import Losses
from nixschema.storage.metadata import Ahead, AheadWriter
from nixschema.storage.names import name_bytes
from nixschema.storage.objects import Objects
from nixschema.storage.places import Target, member_links, reference_link
from nixschema.storage.plan import plan_of
from nixschema.storage.present import Present
from nixschema.storage.strangers import Strangers
from nixschema.storage.stream import Stream
from nixschema.storage.survey import Survey

Onward: TypeAlias = Iterator[tuple[Model, Any]]
"""Models whose objects are made, and are to be filled next."""

Step: TypeAlias = Callable[[Any, str], Onward]
"""Makes a link in a group, and what it leads to."""

_NO_FORM = Form()

_SECTION_LINK = layout_of(Section)["link"]


def write_models(
    file: File,
    stream: Stream,
    *,
    changes: Mapping[int, Mapping[str, Any]] | None = None,
    compression: int | None = None,
    afresh: bool = False,
    survey: Survey | None = None,
) -> Losses:
    """Write a file and all that belongs to it as HDF5.

    Args:
        file: what to write.
        stream: where it goes.
        changes: values that take the place of fields, by identity of the model.
        compression: level of deflate for arrays; None keeps what they have.
        afresh: write as a new file would be: links and units in all places that they may have,
            and not only where they were, and bits as booleans.
        survey: all models of the file, where that is known.

    Returns:
        What could not be written.

    Raises:
        StaleFileError: the file of an array has changed since it was read.
        OSError: the stream could not be written.
    """
    metadata = AheadWriter(file, stream, changes or {})
    with all_kept_open(), created(stream, metadata.write) as file_id:
        root = h5g.open(file_id, b"/")
        writer = Writer(
            file,
            root,
            stream.check,
            changes=changes,
            compression=compression,
            afresh=afresh,
            ahead=metadata.opened(file_id),
            survey=survey,
        )
        writer.write()
        return writer.losses


class Writer:
    """Writes a file as all that hangs on a group."""

    def __init__(
        self,
        file: File,
        root: Any,
        check: Callable[[], None],
        *,
        changes: Mapping[int, Mapping[str, Any]] | None = None,
        compression: int | None = None,
        afresh: bool = False,
        present: Present | None = None,
        ahead: Ahead | None = None,
        survey: Survey | None = None,
    ) -> None:
        """Prepare; see `write_models`.

        Args:
            file: what to write.
            root: an empty group, the root.
            check: raises when writing has failed.
            changes: values that take the place of fields, by identity of the model.
            compression: level of deflate for arrays.
            afresh: write as a new file would be.
            present: what the file has already, where it is not a new one.
            ahead: what was written ahead, and has to be linked.
            survey: all models of the file, where that is known.
        """
        self.file = file
        self.root = root
        self.check = check
        self.changes = changes or {}
        self.afresh = afresh
        self.present = present
        self.ahead = ahead
        self.losses = Losses()
        self.survey = survey or Survey(file)
        self.objects = Objects(root, self.survey.wanted, self._make)
        self.contents = Contents(check, self.losses, compression, afresh, present, root)
        self.strangers = Strangers(self.objects, self.contents, self.survey, self.losses, present)

    def write(self) -> None:
        """Write everything."""
        self.objects.keep(Target(self.file), self.root)
        if self.ahead is not None:
            self.ahead.link_groups()
        for model in self.survey.roots:
            if (made := self.objects.known(Target(model))) is not None:
                self._fill_all(model, made)
        if self.ahead is not None:
            self._link_linked(self.ahead)
        if lost := self.contents.copier.finish():
            self.losses.note("/", f"HDF5 references to what is not in the file: {lost:,}")
        self.objects.check_soft_links()

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
        plan = plan_of(type(model))
        fields = self._fields(model)
        self._lose(model, "", write_attributes(model, fields, made, self.contents.copier))
        if plan.columns is not None:
            self._write_units(model, plan.columns, "", made)
        if plan.itself:
            return
        steps = dict(self._field_steps(model, fields))
        steps.update(self._foreign_steps(model.extra, steps))
        order = self._form(model).links.get("") or plan.rank
        for name in _arranged(steps, order):
            yield from steps[name](made, name)

    def _fields(self, model: Model) -> Mapping[str, Any]:
        changed = self.changes.get(id(model))
        return model.__dict__ if changed is None else {**model.__dict__, **changed}

    def _form(self, model: Model) -> Form:
        """How the file that an entity was read from stores it."""
        return model.extra.form or _NO_FORM

    def _field_steps(self, model: Model, fields: Mapping[str, Any]) -> Iterator[tuple[str, Step]]:
        """What makes each child of an entity, by name, in the usual order."""
        for one in plan_of(type(model)).children:
            value = fields[one.field]
            match one.place:
                case Dataset() | Value():
                    if value is not None:
                        yield one.name, partial(self._write_dataset, model)
                case Members():
                    if len(value) or self._has_group(model, one):
                        yield one.name, partial(self._write_members, model, one, value)
                case Member():
                    if value is not None:
                        yield from self._part_step(model, one, value)
                case Links():
                    for name in self._link_groups(model, one, value):
                        yield name, partial(self._write_links, model, one, value)
                case Link():
                    if value is not None:
                        yield from self._link_step(model, one, value)

    def _foreign_steps(self, extra: Extra, taken: Iterable[str]) -> Iterator[tuple[str, Step]]:
        for name, member in extra.members.items():
            if isinstance(member, Foreign) and name not in taken:
                yield name, partial(self._write_foreign, member)

    # Making objects

    def _make(self, target: Target, parent: Any, name: str | None) -> Any:
        """Make an object, without its children; None where that cannot be done."""
        owner, part = target
        if isinstance(owner, Foreign):
            return self.strangers.make(owner, int(part), parent, name)
        if self._is_ahead(owner):
            assert self.ahead is not None
            made = self.ahead.object(owner, str(part))
            if name is not None:
                making.hard_link(made, parent, name)
            return made
        if self._stays(owner):
            assert self.present is not None
            made = self.present.entity(owner, str(part))
            if name is not None:
                making.hard_link(made, parent, name)
            return made
        plan = plan_of(type(owner))
        if part == "":
            make = self._make_values if plan.itself else _make_group
            return make(owner, parent, name)
        part = str(part)
        if part not in plan.datasets:
            made = making.group(parent, name)
            self._write_leftover(owner, part, made)
            return made
        made = self._make_dataset(owner, plan.datasets[part], parent, name)
        if self.present is not None and self.present.has(made):
            self.present.note_attributes(owner, part, made)
        elif made is not None:
            self.describe(owner, part, made)
        return made

    def _make_dataset(self, model: Model, one: FieldPlace, parent: Any, name: str | None) -> Any:
        value = self._fields(model)[one.field]
        where = partial(_path_of, model, one.name)
        key = (id(model), one.name)
        if not isinstance(value, Array):
            form = self._form(model).datasets.get(one.name)
            return self.contents.of_list(value, one, None, form, where, parent, name, key)
        bulk = isinstance(one.place, Dataset) and one.place.bulk
        return self.contents.of_array(value, where, parent, name, key, bulk=bulk)

    def _make_values(self, model: Model, parent: Any, name: str | None) -> Any:
        """The dataset that an entity is."""
        one = layout_of(type(model))["values"]
        fields = self._fields(model)
        leftover = model.extra.members.get(one.name)
        if isinstance(leftover, Foreign) and not fields[one.field] and leftover.objects:
            return self.strangers.make(leftover, 0, parent, name)
        form = self._form(model).datasets.get(one.name)
        values, storage = fields[one.field], fields["storage"]
        return self.contents.of_list(
            values, one, storage, form, partial(_path_of, model), parent, name
        )

    def describe(self, model: Model, part: str, made: Any) -> None:
        """Write the attributes of a dataset of an entity, which has none."""
        columns = plan_of(type(model)).columns
        if columns is not None and _is_of(columns, plan_of(type(model)).datasets[part]):
            self._write_units(model, columns, part, made)
        self._write_leftover(model, part, made)

    def _write_leftover(self, model: Model, part: str, made: Any) -> None:
        leftover = model.extra.members.get(part)
        if isinstance(leftover, Extra):
            lost = write_leftover_attributes(leftover.attributes, made, self.contents.copier)
            self._lose(model, part, lost)

    def _write_units(self, model: Model, one: FieldPlace, part: str, made: Any) -> None:
        """Write the units of columns to one of the two objects that may have them."""
        extra = model.extra.members.get(part) if part else model.extra
        if isinstance(extra, Extra) and one.name in extra.attributes:
            return  # What stands there is kept, though it is none.
        units = self._units_of(model, one)
        known = None if self.afresh else self._form(model).columns
        blank = [""] * len(units)
        if not known:
            given = units if any(units) else None
        elif part in known:
            given = units if known[part] else blank
        else:
            given = None
        if given is not None:
            making.texts_attribute(made, name_bytes(one.name), given)

    def _units_of(self, model: Model, one: FieldPlace) -> list[str]:
        """The units of columns in the order of the data, which columns are told apart in."""
        fields = self._fields(model)
        columns = fields[one.field]
        data = fields[one.place.of] if isinstance(one.place, Columns) else None
        names = [column.name for column in columns]
        stored = list(data.dtype.names or ()) if isinstance(data, Array) else names
        if sorted(names) != sorted(stored):
            found = f"columns {', '.join(names)} do not fit data with {', '.join(stored)}"
            self.losses.note(model.path, found)
        units = {column.name: column.unit or "" for column in columns}
        return [units.get(name, "") for name in stored]

    def _stays(self, model: Model) -> bool:
        """Whether a model's object is in the file already, and stays as it is."""
        return self.present is not None and self.present.stays(model)

    def _is_ahead(self, model: Model) -> bool:
        """Whether all that a model's object holds was written ahead, but for its reference."""
        return self.ahead is not None and self.ahead.has(model)

    # Making links

    def _link_linked(self, ahead: Ahead) -> None:
        """Make the links from sections to others."""
        for section in ahead.linked:
            made = ahead.object(section)
            for name, step in self._link_step(section, _SECTION_LINK, section.__dict__["link"]):
                self.check()
                list(step(made, name))

    def _write_dataset(self, model: Model, parent: Any, name: str) -> Onward:
        self.objects.own(Target(model, name), parent, name, self._soft(model, "", name))
        yield from ()

    def _write_foreign(self, foreign: Foreign, parent: Any, name: str) -> Onward:
        self.strangers.write(foreign, parent, name)
        yield from ()

    def _write_members(
        self, model: Model, one: FieldPlace, members: Container[Any], parent: Any, name: str
    ) -> Onward:
        steps: dict[str, Step] = {}
        for link, member in member_links(members):
            steps[_free(link, steps)] = partial(self._write_member, model, name, member)
        numbered = isinstance(one.place, Members) and one.place.by == "number"
        yield from self._write_group(model, steps, parent, name, in_order=not numbered)

    def _write_member(
        self, model: Model, group: str, member: Model, parent: Any, name: str
    ) -> Onward:
        made = self.objects.own(Target(member), parent, name, self._soft(model, group, name))
        if made is not None and not (self._stays(member) or self._is_ahead(member)):
            yield member, made

    def _write_links(
        self, model: Model, one: FieldPlace, references: Refs[Any], parent: Any, name: str
    ) -> Onward:
        steps: dict[str, Step] = {}
        leading: dict[str, Model] = {}
        elsewhere = self._only_elsewhere(model, one, name)
        for reference in references.items:
            target = self._target_of(model, one, reference)
            if target is None:
                continue
            link = reference_link(reference, target)
            if link in elsewhere:
                continue
            if leading.get(link) is target:
                self.losses.note(f"{model.path}/{name}", f"`{link}` is there twice")
                continue
            link = _free(link, steps)
            leading[link] = target
            steps[link] = partial(self._write_reference, model, name, target)
        yield from self._write_group(model, steps, parent, name)

    def _write_group(
        self,
        model: Model,
        steps: dict[str, Step],
        parent: Any,
        name: str,
        *,
        in_order: bool = True,
    ) -> Onward:
        """Write a group of an entity: members or references, and what no field claims of it."""
        group = self.objects.own(Target(model, name), parent, name, self._soft(model, "", name))
        own = list(steps) if in_order else []
        leftover = model.extra.members.get(name)
        if isinstance(leftover, Extra):
            steps.update(self._foreign_steps(leftover, steps))
        for link in _arranged(steps, self._form(model).links.get(name), own):
            yield from steps[link](group, link)

    def _write_reference(
        self, model: Model, group: str, target: Model, parent: Any, name: str
    ) -> Onward:
        self.objects.refer(Target(target), parent, name, self._soft(model, group, name))
        yield from ()

    def _part_step(self, model: Model, one: FieldPlace, part: Model) -> Iterator[tuple[str, Step]]:
        if isinstance(part, DimensionLink) and self._fields(part)["alias"]:
            yield from self._link_step(
                part, layout_of(DimensionLink)["array"], part.__dict__["array"]
            )
        else:
            yield one.name, partial(self._write_member, model, "", part)

    def _link_step(
        self, model: Model, one: FieldPlace, reference: Reference | None
    ) -> Iterator[tuple[str, Step]]:
        target = self._target_of(model, one, reference) if reference is not None else None
        if reference is not None and target is not None:
            by_id = isinstance(one.place, Link) and one.place.by == "id"
            name = reference_link(reference, target) if by_id else one.name
            yield name, partial(self._write_reference, model, "", target)

    def _target_of(self, model: Model, one: FieldPlace, reference: Reference) -> Model | None:
        target = reference.resolve(model, one.targets)  # type: ignore[arg-type]
        if target is None or id(target) not in self.survey.inside:
            text = reference.written(model)
            self.losses.note(f"{model.path}/{one.name}", f"`{text}` is not in the file")
            return None
        return target

    def _soft(self, model: Model, group: str, name: str) -> str | None:
        """The path of a link of an entity, where it was a soft one."""
        return self._form(model).soft.get((group, name))

    # Which groups, and what is in them

    def _has_group(self, model: Model, one: FieldPlace) -> bool:
        """Whether the group of an empty container is written all the same."""
        member = model.extra.members.get(one.name)
        if isinstance(member, Extra):
            return True
        if not isinstance(model, File) or member is not None:
            return False
        return model.source is None or one.field in model.model_fields_set

    def _link_groups(self, model: Model, one: FieldPlace, references: Refs[Any]) -> Iterator[str]:
        """Names of the groups that hold some references: both, where two are in use."""
        names = [one.name]
        if isinstance(one.place, Links) and one.place.also:
            names.append(one.place.also)
            known = () if self.afresh else self._form(model).links.get("", ())
            names = [name for name in names if name in known] or names
        for name in names:
            if len(references) or isinstance(model.extra.members.get(name), Extra):
                yield name

    def _only_elsewhere(self, model: Model, one: FieldPlace, name: str) -> set[str]:
        """Names of links that only the other of two groups of references has."""
        links = self._form(model).links
        if self.afresh or name not in links or not isinstance(one.place, Links):
            return set()
        others = {one.name, one.place.also} - {name}
        return {link for other in others for link in links.get(other, ())} - set(links[name])

    def _lose(self, model: Model, part: str, lost: list[tuple[str, str]]) -> None:
        for name, reason in lost:
            self.losses.note(_path_of(model, part, name), reason)


def _path_of(model: Model, *parts: str) -> str:
    return "/".join(filter(None, (model.path.rstrip("/"), *parts)))


def _is_of(columns: FieldPlace, one: FieldPlace) -> bool:
    """Whether columns are those of a dataset."""
    return isinstance(columns.place, Columns) and columns.place.of == one.name


def _make_group(model: Model, parent: Any, name: str | None) -> Any:
    return making.group(parent, name)


def _arranged(
    names: Iterable[str], wanted: Iterable[str] | None, fixed: Iterable[str] = ()
) -> list[str]:
    """Names in an order that is wanted, as long as that keeps those fixed in theirs."""
    usual = list(names)
    if wanted is None:
        return usual
    rank = {name: number for number, name in enumerate(wanted)}
    order = sorted(usual, key=lambda name: rank.get(name, len(rank)))
    kept = set(fixed)
    return order if [name for name in order if name in kept] == list(fixed) else usual


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """A name for a link that none has yet."""
    free = name or "_"
    while free in taken:
        free += "_"
    return free
