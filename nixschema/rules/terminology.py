"""What terminologies say about sections of a type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nixschema.odml_model.document import Property, Section


@dataclass(slots=True)
class Term:
    """What is said about sections of one type, in one place or several."""

    sections: list[Section] = field(default_factory=list)
    """The sections that say it."""
    properties: dict[str, list[Property]] = field(default_factory=dict)
    """Their properties, by name."""

    def add(self, section: Section, properties: Iterable[Property]) -> None:
        """Take in a section, with the properties that it has or includes."""
        self.sections.append(section)
        for one in properties:
            self.properties.setdefault(one.name, []).append(one)

    def for_name(self, name: str) -> Section | None:
        """The section that says how many there must be: the only one, or that of a name."""
        if len(self.sections) == 1:
            return self.sections[0]
        named = [one for one in self.sections if one.name == name]
        return named[0] if len(named) == 1 else None


class Terminology:
    """Terms by type of section: of all documents, and of each that a repository names."""

    def __init__(
        self, terms: Mapping[str, Term], documents: Mapping[str, Mapping[str, Term]]
    ) -> None:
        """Gather terms.

        Args:
            terms: of all documents together.
            documents: of each document, by its path with slashes.
        """
        self._terms = terms
        self._documents = documents
        self._ends: dict[str, list[str]] = {}
        for path in documents:
            self._ends.setdefault(path.rpartition("/")[2], []).append(path)
        self._repositories: dict[str, str | None] = {}

    @property
    def types(self) -> Iterable[str]:
        """The types that something is said about."""
        return self._terms

    def term(self, type: str, repository: str | None = None) -> Term | None:
        """What is said about sections of a type.

        Args:
            type: of the section.
            repository: the document that is meant, where it is one of ours that knows the type.
        """
        if repository is not None:
            if repository not in self._repositories:
                self._repositories[repository] = ending_alike(repository, self._ends)
            path = self._repositories[repository]
            if path is not None and (found := self._documents[path].get(type)) is not None:
                return found
        return self._terms.get(type)


def ending_alike(address: str, paths: Mapping[str, list[str]]) -> str | None:
    """The path whose last steps are those of an address; None where there is none, or several.

    Args:
        address: a URL, or a path.
        paths: by their last step.
    """
    steps = address.partition("#")[0].rstrip("/").split("/")
    known = paths.get(steps[-1], [])
    fitting = [(_alike(steps, one.split("/")), one) for one in known[:100]]
    if not fitting:
        return None
    most = max(count for count, _ in fitting)
    best = [one for count, one in fitting if count == most]
    return best[0] if len(best) == 1 else None


def _alike(one: list[str], other: list[str]) -> int:
    """How many last steps two paths have in common."""
    count = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left != right:
            break
        count += 1
    return count
