"""Examples of one schema are tried, one after the other."""

from __future__ import annotations

import os
from collections.abc import Iterator

from nixschema.errors import NixError
from nixschema.io import check_file
from nixschema.rules.rule import selected_rules
from nixschema.rules.runner import Runner
from nixschema.schema.applying import Schemas
from nixschema.schema.examples import (
    Case,
    Verdict,
    cases_of,
    missing,
    named_by_file,
    unusable,
    verdict,
)
from nixschema.schema.language import Schema, SchemaDocument
from nixschema.schema.loading import load_schema_document


class Trying:
    """A schema, ready to try its examples."""

    def __init__(self, schema: str | os.PathLike[str] | Schema | SchemaDocument) -> None:
        """Load it.

        Raises:
            NixError: it is not there, or cannot be used.
        """
        if not isinstance(schema, Schema | SchemaDocument):
            schema = load_schema_document(schema)
        self.schema = schema.schema if isinstance(schema, SchemaDocument) else schema
        self._schemas = Schemas([schema])
        self._named = named_by_file(cases_of(self.schema))
        self._runner = Runner(selected_rules())

    def verdicts(self) -> Iterator[Verdict]:
        """What comes of each example, in order."""
        for case in cases_of(self.schema):
            yield self.verdict(case)

    def verdict(self, case: Case) -> Verdict:
        """What comes of one example."""
        if why := missing(case):
            return unusable(case, why)
        try:
            report = check_file(case.path, self._runner, schemas=self._schemas)
        except (NixError, OSError) as error:
            return unusable(case, str(error))
        return verdict(case, report.findings, self._named[case.path])
