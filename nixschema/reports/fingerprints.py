"""What a finding is recognised by in another run: not its words, nor the place of its file."""

from __future__ import annotations

import hashlib
from collections import Counter

from nixschema.findings import Finding
from nixschema.reports.wording import tidy_path


class Fingerprints:
    """Fingerprints of the findings of one report, each of them once."""

    def __init__(self) -> None:
        """Begin a report."""
        self._given: Counter[str] = Counter()

    def of(self, file: str, finding: Finding) -> str:
        """The fingerprint of a finding, and a number: the next one of those that are equal.

        It is made from the rule, the entity's id, the part of the entity and the facts; without an
        id from the file and the path.
        """
        whose = (
            (finding.entity_id, finding.part)
            if finding.entity_id
            else (tidy_path(file), finding.path)
        )
        stated = (finding.rule, *whose, *finding.facts)
        text = "\0".join(stated).encode("utf-8", "backslashreplace")
        mark = hashlib.sha256(text).hexdigest()[:32]
        self._given[mark] += 1
        return f"{mark}:{self._given[mark]}"
