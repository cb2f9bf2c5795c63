"""Findings that were accepted: they are told, and do not count.

A finding is known again by its rule, the id of its entity, and a fingerprint of what it states; not
by its words, the file's name or the entity's. One without an entity's id is known by its file and
path. Equal findings are counted: of two, one accepted leaves one that is new.

The file has a line of JSON for each finding, sorted, so that git merges it by lines; rule, file,
path, level and message stand there for people.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Literal

from nixschema.coverage import Coverage, family_of, seen_from
from nixschema.findings import Finding, Level

if TYPE_CHECKING:
    from nixschema.reports.report import FileReport

VERSION = 1
HEADER = json.dumps({"nixschema-baseline": VERSION}).encode()

_LONGEST_LINE = 1024 * 1024
_MOST_LINES = 5_000_000
_NEEDED = ("rule", "file", "path", "level", "message", "fingerprint")
_OPTIONAL = ("entity_id", "file_id")


class BaselineError(ValueError):
    """A baseline that cannot be used: which file, which line, and why."""

    def __init__(self, file: str, line: int | None, reason: str) -> None:
        """Tell it; ``line`` is counted from 1, None where it is about all of the file."""
        super().__init__(file, line, reason)
        self.file = file
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        """Tell it in one line."""
        return f"{self.file}{'' if self.line is None else f':{self.line}'}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Entry:
    """An accepted finding."""

    rule: str
    """Id of the rule."""
    file: str
    """The file it was last seen in, from the baseline's folder."""
    path: str
    """Its path in the file."""
    level: str
    """How grave it was."""
    message: str
    """What it said."""
    entity_id: str | None
    """Id of the entity it is about."""
    file_id: str | None
    """Id that the file has in NIX."""
    fingerprint: str
    """What it states, as 16 hexadecimal digits."""

    @property
    def key(self) -> bytes:
        """By what it is known again."""
        place = [self.entity_id] if self.entity_id is not None else [self.file, self.path]
        return _digest([self.rule, *place, self.fingerprint], 16)

    @property
    def line(self) -> bytes:
        """Its line, without the end of it."""
        facts = {name: getattr(self, name) for name in self.__slots__}
        text = json.dumps(
            {name: value for name, value in facts.items() if value is not None},
            ensure_ascii=False,
        )
        return text.encode("utf-8", "backslashreplace")


class Baseline:
    """The accepted findings, and which of them a run met.

    Files are judged one by one; only what is accepted is kept in memory, and what is new where it
    is to be written.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        lines: Iterable[bytes] = (),
        *,
        least: Level = Level.WARNING,
        recording: bool = False,
    ) -> None:
        """A baseline with the entries of some lines.

        Args:
            path: where it is, or will be.
            lines: lines of entries.
            least: findings that are less grave are not taken in, and are not new.
            recording: keep what is new, to `write` it.

        Raises:
            BaselineError: a line is no entry.
        """
        self.path = os.path.abspath(path)
        self.folder = os.path.dirname(self.path)
        self._least = least
        self._recording = recording
        self._entries: dict[bytes, list[bytes]] = {}
        self._kept: dict[bytes, list[bytes]] = {}
        self._ignored: Counter[bytes] = Counter()
        self._new: list[bytes] = []
        for number, line in enumerate(lines, start=1):
            entry = _parsed(line, os.fspath(path), number)
            if entry is not None:
                self._entries.setdefault(entry.key, []).append(line.strip())

    def __len__(self) -> int:
        """How many findings are accepted."""
        return sum(map(len, self._entries.values()))

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        *,
        least: Level = Level.WARNING,
        recording: bool = False,
        missing_ok: bool = False,
    ) -> Baseline:
        """Read a baseline.

        Args:
            path: its file.
            least: findings that are less grave are not taken in, and are not new.
            recording: keep what is new, to `write` it.
            missing_ok: without a file, nothing is accepted.

        Raises:
            BaselineError: there is none, it cannot be read, or a line of it is wrong.
        """
        name = os.fspath(path)
        try:
            if os.path.exists(name) and not os.path.isfile(name):
                raise BaselineError(name, None, "is no regular file")
            with open(name, "rb") as stream:
                return cls(path, _lines(stream, name), least=least, recording=recording)
        except FileNotFoundError:
            if missing_ok:
                return cls(path, least=least, recording=recording)
            reason = "does not exist: `--write-baseline` makes it"
        except OSError as error:
            reason = f"cannot be read: {error.strerror or error}"
        raise BaselineError(name, None, reason)

    def judge(self, report: FileReport, ignored: Iterable[Finding] = ()) -> FileReport:
        """Mark the findings of a file: kept ones are accepted, the others are new.

        What is told of a file that was not checked is about this place, not about the file, and
        stays as it is.

        Args:
            report: what came of the file.
            ignored: findings about it that settings ignore: they are not told, and not fixed.
        """
        if report.status in ("absent", "skipped"):
            return report
        file = seen_from(report.path, self.folder)
        for finding in ignored:
            key = self._entry(finding, file, report).key
            if key in self._entries:
                self._ignored[key] += 1
        marked = [self._marked(finding, file, report) for finding in report.findings]
        return report.model_copy(update={"findings": marked})

    def fixed(self, coverage: Coverage) -> list[Entry]:
        """The accepted findings that are no more, as far as the run can tell.

        Args:
            coverage: what the run saw.
        """
        return [entry for entry, is_fixed in self._unmet(coverage) if is_fixed]

    def written(self, coverage: Coverage, *, prune: bool = False) -> bytes:
        """The baseline as it is after the run: without what is fixed, with what is new.

        Entries that the run could not check stay.

        Args:
            coverage: what the run saw.
            prune: leave out what is new.
        """
        lines = [line for kept in self._kept.values() for line in kept]
        lines += [entry.line for entry, is_fixed in self._unmet(coverage) if not is_fixed]
        if not prune:
            lines += self._new
        return b"\n".join([HEADER, *sorted(lines), b""])

    def write(self, coverage: Coverage, *, prune: bool = False) -> bool:
        """Write the baseline as it is after the run, all of it or nothing.

        Returns:
            Whether that changed the file.

        Raises:
            OSError: it cannot be written.
        """
        from nixschema.storage.replace import replacing

        content = self.written(coverage, prune=prune)
        try:
            with open(self.path, "rb") as stream:
                if stream.read(len(content) + 1) == content:
                    return False
        except FileNotFoundError:
            pass
        with replacing(self.path) as stream:
            stream.write(memoryview(content))
        return True

    def _marked(self, finding: Finding, file: str, report: FileReport) -> Finding:
        if finding.accepted:
            return finding  # By a schema.
        entry = self._entry(finding, file, report)
        key = entry.key
        state: Literal["new", "kept"] = "new"
        known, met = self._entries.get(key, ()), len(self._kept.get(key, ()))
        if met < len(known):
            # The bytes that are there already, where nothing changed: there may be many entries.
            line = known[met] if known[met] == entry.line else entry.line
            self._kept.setdefault(key, []).append(line)
            state = "kept"
        elif not finding.level.reaches(self._least):
            return finding
        elif self._recording:
            self._new.append(entry.line)
        return replace(finding, accepted=state == "kept", baseline=state)

    def _entry(self, finding: Finding, file: str, report: FileReport) -> Entry:
        return Entry(
            rule=finding.rule,
            file=file,
            path=finding.path,
            level=str(finding.level),
            message=finding.message,
            entity_id=finding.entity_id,
            file_id=report.id,
            fingerprint=fingerprint(finding),
        )

    def _unmet(self, coverage: Coverage) -> Iterator[tuple[Entry, bool]]:
        """Entries that no finding met, and whether they are fixed."""
        whole: dict[tuple[str, str], bool] = {}
        for key, lines in self._entries.items():
            kept = self._kept.get(key, ())
            if len(kept) == len(lines):
                continue
            left = _left_over([_known(line) for line in lines], kept, coverage, self.folder)
            present = self._ignored[key]
            for number, entry in enumerate(left):
                yield entry, number >= present and self._is_fixed(entry, coverage, whole)

    def _is_fixed(
        self, entry: Entry, coverage: Coverage, whole: dict[tuple[str, str], bool]
    ) -> bool:
        file = os.path.join(self.folder, entry.file)
        seen = coverage.seen(file)
        if seen is not None and family_of(entry.rule) in seen.rules:
            if entry.entity_id is None:
                return True
            if entry.file_id is not None and seen.id == entry.file_id:
                return True
        elif os.path.lexists(file):
            return False
        # The file is gone, or another one has its name: the entity may be in any other.
        outside = entry.file.startswith("../") or os.path.isabs(entry.file)
        for home in (self.folder, os.path.dirname(file)) if outside else (self.folder,):
            if (home, entry.rule) not in whole:
                whole[home, entry.rule] = coverage.whole(home, (entry.rule,))
            if not whole[home, entry.rule]:
                return False
        return True


def fingerprint(finding: Finding) -> str:
    """What a finding states about which part of its entity, as 16 hexadecimal digits."""
    return _digest([finding.part, *finding.facts], 8).hex()


def _digest(parts: list[str], size: int) -> bytes:
    return blake2b(json.dumps(parts).encode(), digest_size=size).digest()


def _left_over(
    entries: list[Entry], kept: Iterable[bytes], coverage: Coverage, folder: str
) -> list[Entry]:
    """Equal entries without as many as were met.

    Those of the same files go first, those of other files that the run saw go last.
    """
    by_file: dict[str, list[Entry]] = {}
    for entry in entries:
        by_file.setdefault(entry.file, []).append(entry)
    elsewhere = 0
    for line in kept:
        same = by_file.get(_known(line).file)
        if same:
            same.pop()
        else:
            elsewhere += 1
    unseen: list[Entry] = []
    seen: list[Entry] = []
    for file, left in by_file.items():
        known = coverage.seen(os.path.join(folder, file)) is not None
        (seen if known else unseen).extend(left)
    return [*unseen, *seen][elsewhere:]


def _lines(stream: Any, name: str) -> Iterator[bytes]:
    header_seen = False
    for number in range(1, _MOST_LINES + 1):
        line = stream.readline(_LONGEST_LINE + 1)
        if not line:
            if not header_seen:
                raise BaselineError(name, None, "is empty: a baseline begins with its version")
            return
        if len(line) > _LONGEST_LINE:
            raise BaselineError(name, number, "is longer than 1 MiB")
        if not header_seen and line.strip():
            _check_header(line, name, number)
            header_seen = True
        yield line
    raise BaselineError(name, None, f"has more than {_MOST_LINES:,} lines")


def _check_header(line: bytes, name: str, number: int) -> None:
    told = _table(line, name, number).get("nixschema-baseline")
    if told is None:
        raise BaselineError(
            name, number, f"is no baseline: its first line is not `{HEADER.decode()}`"
        )
    if told != VERSION or isinstance(told, bool):
        raise BaselineError(
            name, number, f"is a baseline of another version than {VERSION}: a newer nixschema "
            "may read it"
        )  # fmt: skip


def _parsed(line: bytes, name: str, number: int) -> Entry | None:
    """The entry of a line; None for an empty one, and the header."""
    if not line.strip():
        return None
    table = _table(line, name, number)
    if "nixschema-baseline" in table:
        _check_header(line, name, number)
        return None
    for key in (*_NEEDED, *_OPTIONAL):
        value = table.get(key)
        if value is None and key in _NEEDED:
            raise BaselineError(name, number, f"has no `{key}`")
        if value is not None and not isinstance(value, str):
            raise BaselineError(name, number, f"`{key}` is no text")
    return _made(table)


def _known(line: bytes) -> Entry:
    """The entry of a line that was read before."""
    return _made(json.loads(line))


def _made(table: dict[str, Any]) -> Entry:
    facts: dict[str, Any] = {key: table.get(key) for key in (*_NEEDED, *_OPTIONAL)}
    return Entry(**facts)


def _table(line: bytes, name: str, number: int) -> dict[str, Any]:
    if line.startswith((b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")):
        raise BaselineError(
            name, number, "is a mark of a merge conflict: keep the lines of both sides, without "
            "the marks"
        )  # fmt: skip
    try:
        table = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise BaselineError(name, number, "is not UTF-8") from None
    except (ValueError, RecursionError):
        raise BaselineError(name, number, "is no JSON") from None
    if not isinstance(table, dict):
        raise BaselineError(name, number, "is no JSON object")
    return table
