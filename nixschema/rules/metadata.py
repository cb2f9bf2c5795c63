"""NIX4xx: sections and properties."""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.findings import Level
from nixschema.model import File, Section, Source
from nixschema.rules.rule import Sentence, at, rule

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
