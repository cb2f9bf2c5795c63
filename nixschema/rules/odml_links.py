"""NIX83x: where links, includes and addresses of odML documents lead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nixschema.findings import Level
from nixschema.odml_model.document import Document, Property, Section
from nixschema.odml_model.paths import Missing
from nixschema.odml_model.types import plain_type
from nixschema.rules.contents import Contents
from nixschema.rules.rule import Sentence, at, rule

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_NO_URL = re.compile(r"[\s<>\"{}|\\^`\x00-\x20\x7f]")
_WITH_HOST = frozenset(("http", "https", "ftp", "ftps", "sftp", "ssh", "git", "s3"))
_SHOWN = 80


@rule("NIX832", on=Section, help="give the path of a section, from the root: `/recording/cell`")
def links_lead_to_sections(section: Section, contents: Contents) -> Iterator[Sentence]:
    """A link leads to a section of the document.

    What the other section has belongs here too. Python's odML library stops at a link that leads
    nowhere, when it resolves links or exports RDF.
    """
    path = section.link
    if path is None:
        return
    if ":" in path.rpartition("/")[2] and contents.linked(section) is None:
        shown = path[:_SHOWN]
        yield at("link", f"the link `{shown}` is the path of a property; expected a section")
        return
    found = contents.paths.follow(path, section)
    if isinstance(found, Missing):
        hint = contents.did_you_mean(found.step, found.names)
        where = f"in `{found.owner.name[:60]}`" if found.owner is not None else "on top"
        missing = f"there is no section `{found.step[:60]}` {where}{hint}"
        yield at("link", f"the link `{path[:_SHOWN]}` leads nowhere: {missing}")
    elif found is None:
        yield at("link", f"the link `{path[:_SHOWN]}` leads to no section")


@rule("NIX833", on=Section)
def links_end(section: Section, contents: Contents) -> Iterator[Sentence]:
    """The links of sections do not go round in a circle, and lead out of the section.

    A link lends a section the content of another. A section that links to one around it would hold
    itself, without end.
    """
    target = contents.linked(section)
    if target is None:
        return
    if target is section or contents.links_lead_back(section):
        yield at("link", f"`link` leads back to `{section.name[:60]}` itself")
    elif contents.is_within(section, target):
        yield at("link", f"`link` leads to `{target.name[:60]}`, which this section is a part of")


@rule("NIX834", on=Section, level=Level.WARNING, help="keep one of them")
def link_or_include(section: Section) -> Iterator[Sentence]:
    """A section links to another, or includes one, and not both.

    Python's odML library refuses to set the second of them, and to resolve both.
    """
    if section.link is not None and section.include is not None:
        yield at("include", "there are `link` and `include`; expected one of them")


@rule("NIX835", on=(Document, Section), level=Level.WARNING)
def addresses_are_urls(entity: Document | Section) -> Iterator[Sentence]:
    """A repository is the URL of a document, an include the address of one.

    Behind the address of an include may stand `#` and the path of a section in that document; the
    first is meant otherwise. It may be a path of a file too. Whether it can be reached is not
    looked at: nothing is fetched.
    """
    if entity.repository is not None and (fault := _url_fault(entity.repository)):
        shown = entity.repository[:_SHOWN]
        yield at("repository", f"`repository` is `{shown}`, which {fault}", help=_URL_HELP)
    include = entity.include if isinstance(entity, Section) else None
    if include is not None and (fault := _include_fault(include)):
        yield at(
            "include",
            f"`include` is `{include[:_SHOWN]}`, which {fault}",
            help="write it as `https://example.org/terms.xml#/cell`, or leave out `#` and the path",
        )


@rule("NIX836", on=Property, level=Level.INFO, help="write all of it: `https://example.org`")
def url_values_are_urls(prop: Property) -> Iterator[Sentence]:
    """Values of the type `url` are URLs.

    odML takes any text for one. Without `https://` nobody can tell an address from a name, and
    programs make no link of it.
    """
    if plain_type(prop.dtype) != "url":
        return
    for place, value in enumerate(prop.values, 1):
        if isinstance(value, str) and value.strip() and (fault := _url_fault(value.strip())):
            of = f"value {place:,} of {len(prop.values):,}" if len(prop.values) > 1 else "the value"
            yield at("values", f"{of} is `{value[:_SHOWN]}`, which {fault}")
            return


_URL_HELP = "write all of it: `https://example.org/terms.xml`"


def _url_fault(text: str) -> str:
    """Why a text is no URL, or nothing."""
    found = _SCHEME.match(text)
    if found is None:
        return "is no URL"
    if _NO_URL.search(text):
        return "has characters in it that URLs do not have"
    rest = text[found.end() :]
    if found[1].lower() in _WITH_HOST:
        host = rest[2:].partition("/")[0] if rest.startswith("//") else ""
        if not host:
            return "names no host"
    return "" if rest.strip("/") else "is no URL"


def _include_fault(text: str) -> str:
    """Why a text is no address of a section, or nothing."""
    address, hash, path = text.partition("#")
    if not address.strip():
        return "names no document"
    if "#" in path:
        return "has more than one `#`"
    if hash and not path.strip("/ "):
        return "names no section behind `#`"
    return _url_fault(address) if "://" in address else ""
