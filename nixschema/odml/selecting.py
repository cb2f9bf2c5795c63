"""Parts of documents: one section with all that is in it, or all but some entities."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nixschema.odml.lasting import replaced
from nixschema.odml.mapping import mapping
from nixschema.odml.native import native_name
from nixschema.odml.reserved import Facts, facts_of, is_reserved, section_of
from nixschema.odml.writing.losses import Loss
from nixschema.odml_model.document import Document, Property, Section
from nixschema.odml_model.paths import Paths

_MEMBERS = ("sections", "properties")


def find(document: Document, text: str) -> Section | Property | None:
    """The section or property that a text names, or None.

    Understood are paths in a NIX file (``/metadata/subject/properties/age``, with or without the
    section that stands for the document), paths of odML (``/subject/cell``, ``/subject:age``), and
    ids.
    """
    path = text.strip("/")
    return _by_nix_path(document, path) or _by_odml_path(document, path) or _by_id(document, text)


def names(document: Document) -> Iterator[tuple[str, str]]:
    """Name and path of entities, as many as a hint needs."""
    count = 0
    for path, section in document.walk():
        yield section.name, path
        for one in section.properties:
            yield one.name, f"{path}:{one.name}"
        count += 1 + len(section.properties)
        if count > 20_000:
            return


def narrowed(
    document: Document, section: Section | None, excluded: Collection[Section | Property]
) -> list[Loss]:
    """Leave a section and what is in it, or all; and take out what is excluded.

    The section becomes the root of a document of its own, with the fields of the old one but its
    id. Links are written anew. Those that lead to what is left out are taken away.

    Args:
        document: changed in place.
        section: all there is to be, at the root; the whole document where None.
        excluded: sections and properties.

    Returns:
        Links that are taken away.
    """
    before = Paths(document)
    targets = [
        (one, before.target(one.link, one)) for one in _sections(document) if one.link is not None
    ]
    facts, document.sections = facts_of(document)
    if section is not None:
        facts.has_root, facts.root, facts.documents = False, [], {}
        document.id = None
        above = [one.repository for one in before.way(section)[:-1] if one.repository is not None]
        document.repository = above[-1] if above else document.repository
        document.sections = [section]
    gone = {id(one) for one in excluded}
    document.sections = [one for one in document.sections if id(one) not in gone]
    for one in _sections(document):
        one.sections = [inner for inner in one.sections if id(inner) not in gone]
        one.properties = [inner for inner in one.properties if id(inner) not in gone]
    losses = _link_anew(document, targets, before)
    facts.keep(_ids(document))
    if facts:
        document.sections.append(section_of(facts, document))
    return losses


def without_reserved(document: Document) -> list[Loss]:
    """Take the reserved section out of a document; what is lost with it, but for times."""
    if not any(map(is_reserved, document.sections)):
        return []
    facts, document.sections = facts_of(document)
    return list(_facts_lost(document, facts))


def _facts_lost(document: Document, facts: Facts) -> Iterator[Loss]:
    reason = "odML has no place for it, and the reserved section is left out"
    if facts.fields or facts.saved:
        for path, entity in _paths(document):
            for field in (*facts.needed_for(entity.id or ""), *replaced(entity, facts)):
                yield Loss(path, field, reason, True)
    for _ in facts.documents:
        yield Loss("/metadata", "properties", reason, True)


def _link_anew(
    document: Document, targets: list[tuple[Section, Section | None]], before: Paths
) -> list[Loss]:
    if not targets:
        return []
    losses = []
    here = {id(one) for one in _sections(document)}
    after = Paths(document)
    for one, target in targets:
        if id(one) not in here or target is None or one.link is None:
            continue
        if id(target) in here and after.target(one.link, one) is target:
            continue
        path = after.path(target) if id(target) in here else None
        if path is None:
            left = "/" + "/".join(before.names(target))
            why = "cannot be named" if id(target) in here else "is left out"
            place = "/sections/".join(after.names(one))
            losses.append(
                Loss(f"/metadata/{place}", "link", f"it leads to `{left[:200]}`, which {why}", True)
            )
        one.link = path
    return losses


def _sections(document: Document) -> Iterator[Section]:
    """All sections, owners first."""
    stack = list(reversed(document.sections))
    while stack:
        one = stack.pop()
        yield one
        stack.extend(reversed(one.sections))


def _ids(document: Document) -> set[str]:
    found = set()
    for one in _sections(document):
        found.add((one.id or "").lower())
        found.update((inner.id or "").lower() for inner in one.properties)
    return found


def _paths(document: Document) -> Iterator[tuple[str, Section | Property]]:
    """All entities with their paths in a NIX file."""
    stack = [(f"/metadata/{one.name}", one) for one in reversed(document.sections)]
    while stack:
        path, one = stack.pop()
        yield path, one
        for inner in one.properties:
            yield f"{path}/properties/{inner.name}", inner
        stack.extend((f"{path}/sections/{inner.name}", inner) for inner in reversed(one.sections))


def _by_nix_path(document: Document, path: str) -> Section | Property | None:
    head, _, rest = path.partition("/")
    steps = rest.split("/")
    if head != "metadata" or not rest:
        return None
    found = _by_steps(document, ["sections", *steps])
    if found is None and steps[0].startswith(mapping().document_name):
        found = _by_steps(document, steps[1:])
    return found


def _by_steps(document: Document, steps: list[str]) -> Section | Property | None:
    """What steps such as ``sections``, ``subject``, ``properties``, ``age`` lead to."""
    here: Document | Section | Property = document
    if not steps or len(steps) % 2:
        return None
    for kind, name in zip(steps[::2], steps[1::2], strict=True):
        members = getattr(here, kind, None) if kind in _MEMBERS else None
        inner = _named(members or (), name)
        if inner is None:
            return None
        here = inner
    return here if not isinstance(here, Document) else None


def _by_odml_path(document: Document, path: str) -> Section | Property | None:
    found = _section(document, path)
    if found is not None:
        return found
    position = path.find(":")
    while position >= 0:
        section = _section(document, path[:position])
        if section is not None:
            one = _named(section.properties, path[position + 1 :])
            if one is not None:
                return one
        position = path.find(":", position + 1)
    return None


def _section(document: Document, path: str) -> Section | None:
    if not path:
        return None
    found = _named(document.sections, path)
    if isinstance(found, Section):
        return found
    here: Document | Section = document
    for name in path.split("/"):
        inner = _named(here.sections, name)
        if not isinstance(inner, Section):
            return None
        here = inner
    return here if isinstance(here, Section) else None


def _named(
    members: Collection[Section] | Collection[Property], name: str
) -> Section | Property | None:
    for one in members:
        if one.name == name:
            return one
    return next((one for one in members if native_name(one.name) == name), None)


def _by_id(document: Document, text: str) -> Section | Property | None:
    if not text:
        return None
    for one in _sections(document):
        if one.id == text:
            return one
        for inner in one.properties:
            if inner.id == text:
                return inner
    return None
