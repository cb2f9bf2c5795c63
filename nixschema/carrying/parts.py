"""Parts of files: one section with all that is in it, or all but some of the metadata."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from nixschema.errors import NixError
from nixschema.model import File, Model, Property, Section
from nixschema.model.lookup import find_entity, similar_names
from nixschema.model.referring import references_to
from nixschema.odml import selecting
from nixschema.odml.from_nix import is_document
from nixschema.odml_model import document as odml
from nixschema.rules.odml_losses import ConversionLoss


def named_in_file(file: File, text: str, source: str, *, is_root: bool = False) -> Model:
    """The section or property of a file that a command names.

    Args:
        file: where it is looked for.
        text: a path or an id; see `find_entity`.
        source: name of the file, for messages.
        is_root: whether only a section will do.

    Raises:
        NixError: there is none.
    """
    found = find_entity(file, text)
    if isinstance(found, Section) or (isinstance(found, Property) and not is_root):
        return found
    if found is not None and found is not file:
        raise NixError(_no_section(source, text, is_root, []))
    raise NixError(_no_section(source, text, is_root, similar_names(file, text)))


def named_in_document(
    document: odml.Document, text: str, source: str, *, is_root: bool = False
) -> odml.Section | odml.Property:
    """The section or property of a document that a command names.

    Raises:
        NixError: there is none.
    """
    found = selecting.find(document, text)
    if isinstance(found, odml.Section) or (found is not None and not is_root):
        return found
    known: dict[str, str] = {}
    for name, path in selecting.names(document):
        known.setdefault(name, path)
    wanted = text.replace(":", "/").rstrip("/").split("/")[-1]
    near = [known[name] for name in difflib.get_close_matches(wanted, known, 3)]
    raise NixError(_no_section(source, text, is_root, near))


def _no_section(source: str, text: str, is_root: bool, similar: list[str]) -> str:
    what = "section" if is_root else "section or property"
    hint = f": did you mean {' or '.join(f'`{one}`' for one in similar)}?" if similar else ""
    return f"{source} has no {what} `{text}`{hint}"


def narrowed(
    file: File, section: Section | None, excluded: list[Model]
) -> tuple[File, list[ConversionLoss]]:
    """A file without some of its metadata; or with one section alone, and no data.

    References to what is left out are taken away and told.

    Args:
        file: changed in place.
        section: all there is to be; the whole file where None.
        excluded: sections and properties.
    """
    losses: list[ConversionLoss] = []
    for one in excluded:
        within = list(one.walk())
        inside = {id(inner) for inner in within}
        if one.root is file and section is None:
            for model, field, item in references_to(within, file):
                if id(model) not in inside:
                    target = item.resolve(model, field.targets)  # type: ignore[arg-type]
                    losses.append(_dropped(model, field.field, target))
        if one._container is not None:
            one._container.remove(one, unlink=section is None)
    if section is None:
        return file, losses
    made = section.copy(keep_id=True)
    inside = {id(one) for one in made.walk()}
    for original, one in zip(section.walk(), made.walk(), strict=True):
        for field, _, item in one.outgoing():
            target = item.resolve(one, field.targets)  # type: ignore[arg-type]
            if id(target) not in inside:
                one.__dict__[field.field] = None
                losses.append(_dropped(original, field.field, target))
    return File(metadata=[made]), losses


def counterpart(file: File, document: odml.Document, model: Section | Property) -> object:
    """What became of a section or property in the document that was made of a file.

    Nothing for sections that stand for documents, and their properties.
    """
    way: list[Model] = [model]
    while isinstance(owner := way[-1].owner, Section):
        way.append(owner)
    way.reverse()
    outer = list(_outer(file))
    if is_document(way[0]):  # type: ignore[arg-type]
        way.pop(0)
    if not way or not isinstance(way[0], Section):
        return None
    here: object = document.sections[_position(outer, way[0])]
    for one in way[1:]:
        assert isinstance(here, odml.Section)
        owner = one.owner
        assert isinstance(owner, Section)
        if isinstance(one, Property):
            here = here.properties[_position(owner.properties, one)]
        else:
            here = here.sections[_position(owner.sections, one)]
    return here


def _outer(file: File) -> Iterator[Section]:
    for one in file.metadata:
        if is_document(one):
            yield from one.sections
        else:
            yield one


def _position(members: Iterable[Model], wanted: Model) -> int:
    return next(position for position, one in enumerate(members) if one is wanted)


def _dropped(model: Model, field: str, target: Model | None) -> ConversionLoss:
    path = f"{model.path.rstrip('/')}/{field}"
    left = "what is nowhere" if target is None else f"`{target.path[:200]}`"
    return ConversionLoss("NIX855", path, f"it leads to {left}, which is left out")
