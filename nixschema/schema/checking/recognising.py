"""What a file is recognised by: something in it is as a clause says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nixschema.schema.checking.clauses import ContainerStep, is_selecting, tried
from nixschema.schema.checking.fields import members_of
from nixschema.schema.checking.outcome import Outcome
from nixschema.schema.checking.scope import Scope


@dataclass(slots=True, eq=False)
class RecognisingStep:
    """One key of a tree by which files are recognised: some member is so, others need not be."""

    step: ContainerStep

    def run(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Find such a member."""
        step, clause = self.step, self.step.clause
        nearest: Outcome | None = None
        for member in members_of(entity, step.container) or ():
            scope.run.spend()
            inner = scope.trial()
            if not step.key.fits(member.__dict__.get("name") or "", inner, "name"):
                continue
            within, trial = tried(clause, member, inner)
            if clause.presence == "forbidden":
                step.run(entity, scope, out)
                return
            if trial.holds:
                within.commit()
                inner.commit()
                return
            if not any(is_selecting(clause, one.asked) for one in trial.hits):
                nearest = trial
        if clause.presence != "required":
            return
        if nearest is not None:
            out.keep(nearest)
        else:
            out.add(clause.asked, entity, (step.container,), step.missing(scope))
