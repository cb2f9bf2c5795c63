"""What holds for a file: which rules, which findings, which levels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from nixschema.findings import Finding, Level
from nixschema.settings.globs import FileGlob, Placed
from nixschema.settings.ignores import Ignore

if TYPE_CHECKING:
    from nixschema.reports.report import FileReport
    from nixschema.rules.rule import Rule


@dataclass(frozen=True)
class Settings:
    """The settings of the files of one configuration.

    They are equal where all of them are; which ignores were used is beside that.
    """

    select: tuple[str, ...] = ()
    """Patterns of the rules to apply; all but previews when empty."""
    extend_select: tuple[str, ...] = ()
    """Patterns of rules to apply beside those."""
    left_out: tuple[str, ...] = ()
    """Patterns of rules that the command line leaves out."""
    ignores: tuple[Ignore, ...] = ()
    """Findings that are not told."""
    levels: tuple[tuple[str, Level], ...] = ()
    """Patterns of rules and the levels that their findings get."""
    rules: str | None = None
    """Version of nixschema whose rules are applied; None for the present one."""
    preview: bool = False
    """Whether rules in preview are applied too."""
    depth: Literal["metadata", "full"] = "full"
    """``metadata`` leaves out rules that read the values of arrays."""
    readers: tuple[str, ...] = ()
    """Libraries that must be able to read the files."""
    fail_on: Literal["error", "warning", "info", "never"] = "error"
    """From which level on the command exits with 1."""
    baseline: str | None = None
    """Whole path of the baseline."""
    terminology: tuple[str, ...] = ()
    """Whole paths of the folders of terminologies that odML files are compared with."""
    include: tuple[FileGlob, ...] = ()
    """Files that are looked at in folders; all when empty."""
    exclude: tuple[FileGlob, ...] = ()
    """Files and folders that are not looked at."""
    timeout: float | None = None
    """Seconds that a file may take; 0 for no limit, None where nobody says."""
    missing_content: Literal["error", "warning", "info", "skip"] = "error"
    """How grave it is that a file's content is elsewhere."""
    schemas: tuple[str, ...] = ()
    """Labs' schemas that files are checked with: names of shipped ones, paths, or ``auto``."""
    file_schemas: tuple[tuple[FileGlob, tuple[str, ...]], ...] = ()
    """Schemas of some files only, beside those."""
    require_schema: bool = False
    """Whether it is an error where no schema is about a file."""
    source: str | None = None
    """Whole path of the configuration; None without one."""
    insisted: tuple[str, ...] = ()
    """Patterns of rules that the command line selects: what a configuration ignores everywhere is
    told all the same where the command line is as precise."""
    used: set[Ignore] = field(default_factory=set, compare=False, repr=False)
    """The ignores that were about a finding."""

    def chosen(self) -> list[Rule]:
        """The rules to apply, by id; `depth` may leave out more of them.

        Rules whose findings are ignored everywhere are applied, so that an ignore that nothing
        needs can be told; those that read values are not, because that takes time.

        Raises:
            ValueError: a pattern fits no rule, or the version is none.
        """
        from nixschema.rules.rule import chosen_rules, fits

        chosen = {
            one.id: one
            for one in chosen_rules(self.select, version=self.rules, preview=self.preview)
        }
        if self.extend_select:
            more = chosen_rules(self.extend_select, version=self.rules, preview=self.preview)
            chosen |= {one.id: one for one in more}
        return [
            one
            for rule_id, one in sorted(chosen.items())
            if not any(fits(pattern, rule_id) for pattern in self.left_out)
            and not (one.cost == "values" and self._never_told(rule_id))
        ]

    def applied(self) -> frozenset[str]:
        """Ids of the rules that are applied at this depth.

        Raises:
            ValueError: as `chosen`.
        """
        return frozenset(
            one.id for one in self.chosen() if self.depth == "full" or one.cost == "metadata"
        )

    def takes(self, path: str) -> bool:
        """Whether a file that was found in a folder is to be looked at."""
        if self.excludes(path):
            return False
        return not self.include or any(map(Placed(path).fits, self.include))

    def excludes(self, path: str) -> bool:
        """Whether a file is one of those to exclude."""
        return any(map(Placed(path).fits, self.exclude))

    def judge(self, report: FileReport) -> FileReport:
        """What is told of one file: levels as they are set, without what is ignored."""
        return self.parted(report)[0]

    def parted(self, report: FileReport) -> tuple[FileReport, list[Finding]]:
        """What is told of one file, and the findings that are ignored."""
        ignores = self._of_file(report.path)
        told: list[Finding] = []
        ignored: list[Finding] = []
        level_of: dict[str, Level | None] = {}
        about: dict[str, list[Ignore]] = {}
        for finding in report.findings:
            if finding.rule not in level_of:
                if not self._applies(finding.rule):
                    continue
                level_of[finding.rule] = self._level(finding.rule)
                about[finding.rule] = [one for one in ignores if self.counts(one, finding.rule)]
            level = level_of[finding.rule]
            if level is not None and level is not finding.level:
                finding = replace(finding, level=level)
            fitting = [one for one in about[finding.rule] if one.fits_place(finding)]
            self.used.update(fitting)
            (ignored if fitting else told).append(finding)
        status = "ok" if report.status == "findings" and not told else report.status
        return report.model_copy(update={"findings": told, "status": status}), ignored

    def schemas_of(self, path: str) -> tuple[str, ...]:
        """The schemas that a file is checked with, each once."""
        file = Placed(path)
        more = [names for glob, names in self.file_schemas if file.fits(glob)]
        return tuple(dict.fromkeys((*self.schemas, *(name for names in more for name in names))))

    def _applies(self, rule_id: str) -> bool:
        """Whether a rule is one of those to apply; of ours only those were."""
        from nixschema.rules.rule import chosen_of_schema, is_of_schema

        if not is_of_schema(rule_id):
            return True
        select = (*self.select, *self.extend_select) if self.select else ()
        return chosen_of_schema(rule_id, select, self.left_out)

    def _of_file(self, path: str) -> list[Ignore]:
        file = Placed(path)
        return [one for one in self.ignores if one.files is None or file.fits(one.files)]

    def _level(self, rule_id: str) -> Level | None:
        from nixschema.rules.rule import fits

        found = [(len(pattern), level) for pattern, level in self.levels if fits(pattern, rule_id)]
        return max(found, key=lambda one: one[0])[1] if found else None

    def counts(self, ignore: Ignore, rule_id: str) -> bool:
        """Whether an ignore is about a rule, and the command line does not insist on the rule."""
        from nixschema.rules.rule import fits

        return ignore.fits_rule(rule_id) and not (
            ignore.source
            and not ignore.place
            and ignore.files is None
            and any(
                len(pattern) >= len(ignore.rules) and fits(pattern, rule_id)
                for pattern in self.insisted
            )
        )

    def _never_told(self, rule_id: str) -> bool:
        return any(
            not one.place and one.files is None and self.counts(one, rule_id)
            for one in self.ignores
        )
