"""A run over many files: what is known from before is taken over, the rest is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from nixschema.checking.cache import Cache
from nixschema.checking.earlier import EarlierRun
from nixschema.checking.job import Job, Outcome
from nixschema.checking.states import time_text
from nixschema.checking.workers import Workers


@dataclass(slots=True)
class Run:
    """How files are checked, and where results of before are."""

    workers: Workers
    cache: Cache | None = None
    earlier: EarlierRun | None = None
    digest: Callable[[Job], str] | None = None
    """What a file is checked with and for, as `FileReport.checks` tells it."""

    def over(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Check files; outcomes come in the order of the jobs.

        Raises:
            WorkerFailure: no process can be started.
        """
        for job, outcome in self.workers.run((job, self._known(job)) for job in jobs):
            if self.cache is not None:
                self.cache.put(job, outcome)
            report = outcome.report
            if report is not None and outcome.seen is not None:
                report.size, report.modified = outcome.seen[1], time_text(outcome.seen[2])
                if outcome.lasting and self.digest is not None:
                    report.checks = self.digest(job)
            yield job, outcome

    def _known(self, job: Job) -> Outcome | None:
        known = None
        if self.earlier is not None and self.digest is not None:
            known = self.earlier.get(job, self.digest(job))
        if known is None and self.cache is not None:
            known = self.cache.get(job)
        return known
