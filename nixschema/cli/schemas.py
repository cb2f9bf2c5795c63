"""The schemas that a run checks files with, as command line and configurations name them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nixschema.errors import NixError

if TYPE_CHECKING:
    from nixschema.schema.applying import SchemaSource
    from nixschema.settings import Settings


class NamedSchemas:
    """The schemas of a run, each looked at when it is first named."""

    def __init__(self, applies_python: bool) -> None:
        """Begin a run.

        Args:
            applies_python: whether rules of schemas that are Python are applied.
        """
        self.applies_python = applies_python
        self._known: dict[str, SchemaSource | None] = {}
        self._news: list[str] = []
        self._told: set[str] = set()

    def __bool__(self) -> bool:
        """Whether any was used."""
        return any(one is not None for one in self._known.values())

    @property
    def size(self) -> int:
        """How many clauses and constraints the schemas have that were used."""
        from nixschema.schema.applying import size_of_source

        return sum(size_of_source(one) for one in self._known.values() if one is not None)

    def sources(self, names: Iterable[str]) -> tuple[SchemaSource, ...] | None:
        """Schemas by their names; None where one cannot be used, which `news` tells once."""
        found = [self._source(name) for name in names]
        return None if None in found else tuple(one for one in found if one is not None)

    def _source(self, name: str) -> SchemaSource | None:
        if name not in self._known:
            from nixschema.schema.applying import source_of

            try:
                self._known[name] = source_of(name)
            except (NixError, OSError) as error:
                self._known[name] = None
                self._news.append(str(error))
        return self._known[name]

    def news(self) -> list[str]:
        """What is wrong with schemas, and was not told yet."""
        news, self._news = self._news, []
        return news

    def left_out(self, sources: tuple[SchemaSource, ...], settings: Settings) -> list[str]:
        """What is not applied of some schemas, in sentences, each once."""
        told: list[str] = []
        if not sources:
            return told
        if not self.applies_python:
            from nixschema.schema.applying import python_rules_of

            rules = python_rules_of(sources)
            if rules:
                names = ", ".join(f"`{one}`" for one in rules)
                told.append(f"rules in Python are left out: {names}")
        if settings.select and not any(
            ":" in one for one in (*settings.select, *settings.extend_select)
        ):
            told.append("`select` names no rule of a schema: what schemas find is left out")
        news = [one for one in told if one not in self._told]
        self._told.update(news)
        return news


def schema_ids(sources: Iterable[SchemaSource]) -> list[str]:
    """The ids of schemas and of those that they extend."""
    sources = tuple(sources)
    if not sources:
        return []
    from nixschema.schema.applying import ids_of_source

    return [name for one in sources for name in ids_of_source(one)]
