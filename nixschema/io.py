"""The public verbs: where reading, checking and reports meet."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from functools import cache, partial
from typing import TYPE_CHECKING, Literal

from nixschema.descriptions.comparing import beside_description
from nixschema.descriptions.description import read_description
from nixschema.descriptions.findings import More, findings_about
from nixschema.discovery import find, is_ours
from nixschema.errors import NotNix, StaleFileError
from nixschema.findings import Finding
from nixschema.fixing.fix import with_fixable
from nixschema.model import Entity, File
from nixschema.model.extra import Problem
from nixschema.odml.placing import placed_file
from nixschema.odml.problems import OdmlProblem
from nixschema.odml.reading import read_odml
from nixschema.odml.terminologies import read_terminologies
from nixschema.odml.to_nix import sections_of
from nixschema.odml.unsaid import unsaid
from nixschema.recognition import text_format
from nixschema.reports.report import FileReport, Report
from nixschema.rules.container import OpenFailure
from nixschema.rules.descriptions import Fault
from nixschema.rules.rule import all_rules, chosen_rules
from nixschema.rules.runner import Runner
from nixschema.storage.files import CannotOpen, kept_open
from nixschema.storage.load import load, many_objects
from nixschema.storage.reader import read_tree, require_nix
from nixschema.storage.tree import Tree

if TYPE_CHECKING:
    from nixschema.schema.applying import Schemas
    from nixschema.schema.language import Schema, SchemaDocument


def read(path: str | os.PathLike[str]) -> File:
    """Read a NIX file of any version, sound or broken.

    Arrays stay in the file until they are asked for. ``file.findings`` says what reading found.

    Raises:
        NotNix: there is no NIX file at all: not HDF5, damaged, locked, or of another format.
    """
    name = os.fspath(path)
    if (kind := text_format(name)) is not None:
        reads = _READS[kind]
        raise NotNix(f"{name} is a text: nixschema.{reads}")
    with many_objects():
        tree = _nix_tree(name)
        file = load(tree)
        object.__setattr__(file, "_findings", reading_runner().check(file, tree))
    return file


def validate(
    path_or_file: str | os.PathLike[str] | File,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    depth: Literal["metadata", "full"] = "full",
    readers: Iterable[str] = (),
    terminology: Iterable[str | os.PathLike[str]] = (),
    schemas: Iterable[str | os.PathLike[str] | Schema | SchemaDocument] = (),
) -> Report:
    """Check a file, a folder of files, or a `File` in memory.

    Args:
        path_or_file: what to check.
        select: ids, beginnings or globs of the rules to apply; all of them when empty.
        ignore: ids, beginnings or globs of the rules to leave out.
        depth: ``metadata`` leaves out rules that read the values of arrays.
        readers: libraries that must be able to read the file: ``nixio``, ``cpp`` or ``neo``. What
            keeps others from it is information.
        terminology: folders of odML files that sections of odML documents are compared with.
        schemas: labs' schemas to check it with: names of shipped or installed ones, paths, ``auto``
            for those of them that recognise it, or schemas made in Python.

    Raises:
        NixError: a schema is not there, or cannot be used.
        ValueError: a pattern fits no rule, there is nothing to check, or no odML file in a folder
            of terminologies.
        FileNotFoundError: the path does not exist.
    """
    folders = [os.fspath(one) for one in terminology]
    wanted, dropped, labs = tuple(select), tuple(ignore), None
    runner = Runner(
        chosen_rules(wanted, dropped),
        depth=depth,
        readers=readers,
        terminology=read_terminologies(folders) if folders else None,
    )
    if named := list(schemas):
        from nixschema.schema.applying import Schemas, as_schema

        labs = Schemas(map(as_schema, named), depth=depth, select=wanted, ignore=dropped)
    if isinstance(path_or_file, File):
        reports = [_check_in_memory(path_or_file, runner, labs)]
    else:
        path = os.fspath(path_or_file)
        found = find((path,))
        if found.missing:
            raise FileNotFoundError(f"{path} does not exist")
        files = [one.path for one in found.candidates if one.named or is_ours(one.path)]
        if not files:
            raise ValueError(f"there is no NIX file, description, odML file or schema in {path}")
        reports = [check_file(one, runner, schemas=labs) for one in files]
    return Report.of(reports, rules=len(runner.rules))


def check_file(
    path: str,
    runner: Runner,
    *,
    description: str | None = None,
    allow_outside: bool = False,
    schemas: Schemas | None = None,
) -> FileReport:
    """Check one file; whatever is wrong with it is a finding.

    Args:
        path: the file.
        runner: the rules.
        description: the description that a NIX file was made from: findings get its lines, and it
            is told where the two differ.
        allow_outside: whether data files of a description may lie outside its folder.
        schemas: labs' schemas to check it with.
    """
    kind = text_format(path)
    if kind == "description":
        return _check_description(path, runner, schemas, allow_outside=allow_outside)
    if kind == "odml":
        return _check_odml(path, runner, schemas)
    if kind == "schema":
        return _check_schema(path, runner)
    beside = partial(beside_description, runner=runner, allow_outside=allow_outside)
    start = time.perf_counter()
    try:
        with kept_open(path), many_objects():
            tree = _nix_tree(path)
            file = load(tree)
            findings = with_fixable(runner.check(file, tree), file, tree)
            if schemas:
                findings = schemas.applied(findings, file, tree)
            if description is not None:
                findings = beside(findings, file, description)
    except CannotOpen as failure:
        report = failed_report(path, failure.kind, failure.reason, runner)
        if description is not None:
            report.findings = beside(report.findings, None, description)
        return report
    except StaleFileError:
        return failed_report(path, "failed", "changed while it was being checked", runner)
    report = _file_report(path, file, findings)
    report.size = _size(path)
    report.seconds = round(time.perf_counter() - start, 4)
    return report


_READS = {
    "description": "load_description reads descriptions",
    "odml": "odml.read reads odML",
    "schema": "load_schema reads schemas",
}


def _check_schema(path: str, runner: Runner) -> FileReport:
    from nixschema.schema.loading import findings_about, load_file

    start = time.perf_counter()
    try:
        loaded = load_file(path)
    except OSError as error:
        kind = "permission" if isinstance(error, PermissionError) else "failed"
        return failed_report(path, kind, f"cannot be read: {error.strerror or error}", runner)
    findings = findings_about(loaded, runner)
    status: Literal["unreadable", "findings", "ok"] = "findings" if findings else "ok"
    if loaded.document is None and findings:
        status = "unreadable"
    return FileReport(
        path=_readable(path),
        status=status,
        format="schema",
        format_version=loaded.document.schema.version if loaded.document else None,
        size=_size(path),
        seconds=round(time.perf_counter() - start, 4),
        findings=findings,
    )


def _check_description(
    path: str, runner: Runner, schemas: Schemas | None, *, allow_outside: bool
) -> FileReport:
    start = time.perf_counter()
    try:
        with many_objects():
            description = read_description(path, allow_outside=allow_outside)
            findings = findings_about(description, runner, _with_schemas(schemas))
    except OSError as error:
        kind = "permission" if isinstance(error, PermissionError) else "failed"
        return failed_report(path, kind, f"cannot be read: {error.strerror or error}", runner)
    if description.file is None:
        report = FileReport(path=_readable(path), status="unreadable", findings=findings)
    else:
        report = _file_report(path, description.file, findings)
        if description.lines is None or report.id not in description.lines.ids:
            report.id = None  # It is another one each time.
    report.format = "description"
    report.size = _size(path)
    report.seconds = round(time.perf_counter() - start, 4)
    return report


def _check_odml(path: str, runner: Runner, schemas: Schemas | None) -> FileReport:
    start = time.perf_counter()
    try:
        document, problems = read_odml(path)
    except OSError as error:
        kind = "permission" if isinstance(error, PermissionError) else "failed"
        return failed_report(path, kind, f"cannot be read: {error.strerror or error}", runner)
    with many_objects():
        findings = runner.check_document(document, problems)
        if schemas and document is not None:
            file, lines = placed_file(document)
            findings = schemas.applied(findings, file, None, lines, metadata_only=True)
    report = FileReport(path=_readable(path), status="findings" if findings else "ok")
    if document is None:
        report.status = "unreadable"
    else:
        report.format_version = document.format_version
        report.id = document.id
        report.entities = 1 + sum(1 + len(one.properties) for _, one in document.walk())
    report.findings = findings
    report.format = "odml"
    report.size = _size(path)
    report.seconds = round(time.perf_counter() - start, 4)
    return report


def read_any(path: str | os.PathLike[str], *, allow_outside: bool = False) -> File:
    """Read a NIX file, a description of one, or odML as the metadata that it becomes in NIX.

    Raises:
        NotNix: it is none of these.
        OSError: it cannot be read.
    """
    name = os.fspath(path)
    kind = text_format(name)
    if kind == "schema":
        raise NotNix(f"{name} is a schema, and holds no data")
    if kind == "description":
        return load_description(name, allow_outside=allow_outside)
    return load_odml(name) if kind == "odml" else read(name)


def load_odml(path: str) -> File:
    """Read odML as metadata of NIX; ``file.findings`` says what is wrong with the text.

    Raises:
        NotNix: nothing can be read from it.
        OSError: it cannot be read.
    """
    document, problems = read_odml(path)
    if document is None:
        raise NotNix(unreadable_text(path, problems[0]))
    with many_objects():
        file = File(metadata=sections_of(document))
        object.__setattr__(file, "_unsaid", unsaid(file, document))
    runner = Runner(all_rules())
    found = [told for one in problems if (told := runner.tell(one)) is not None]
    object.__setattr__(file, "_findings", found)
    return file


def unreadable_text(path: str | os.PathLike[str], first: Fault | OdmlProblem) -> str:
    """The sentence about a text that nothing can be read from."""
    return f"{os.fspath(path)}:{first.line}:{first.column}: {first.rule} {first.message}"


def load_description(path: str | os.PathLike[str], *, allow_outside: bool = False) -> File:
    """Read a description: a NIX file as YAML or JSON text.

    Values stay in the files that the description names until they are asked for.
    ``file.findings`` says what is wrong with the text, each finding with its line.

    Args:
        path: the description.
        allow_outside: whether data files may lie outside its folder.

    Raises:
        NotNix: it is no description, but another text, or none.
        OSError: it cannot be read.
    """
    with many_objects():
        description = read_description(path, allow_outside=allow_outside)
    runner = Runner(all_rules())
    found = [told for fault in description.faults if (told := runner.tell(fault)) is not None]
    if description.file is None:
        raise NotNix(unreadable_text(path, description.faults[0]))
    object.__setattr__(description.file, "_findings", found)
    return description.file


_HDF5_FAULTS = ("not-nix", "locked", "damaged", "crashed", "slow", "memory")


def _nix_tree(path: str) -> Tree:
    tree = read_tree(path)
    require_nix(tree, path)
    return tree


@cache
def reading_runner() -> Runner:
    """The rules that reading answers by itself: about the container, fields and broken links."""
    return Runner(
        [
            one
            for one in all_rules()
            if one.cost == "metadata" and (one.family in ("NIX0", "NIX1") or Problem in one.on)
        ]
    )


def _with_schemas(schemas: Schemas | None) -> More | None:
    if not schemas:
        return None
    return lambda found, file, origin: schemas.applied(found, file, None, origin)


def _check_in_memory(file: File, runner: Runner, schemas: Schemas | None) -> FileReport:
    start = time.perf_counter()
    findings = runner.check(file)
    if schemas:
        findings = schemas.applied(findings, file)
    report = _file_report(file.source or "<memory>", file, findings)
    report.seconds = round(time.perf_counter() - start, 4)
    return report


def _file_report(path: str, file: File, findings: list[Finding]) -> FileReport:
    return FileReport(
        path=_readable(path),
        status="findings" if findings else "ok",
        format="nix",
        format_version=".".join(map(str, file.version)) if file.version else None,
        id=file.id,
        entities=sum(isinstance(model, Entity) for model in file.walk()),
        findings=findings,
    )


def failed_report(path: str, kind: str, reason: str, runner: Runner) -> FileReport:
    """What there is to say about a file that no content could be read from.

    Args:
        path: the file.
        kind: what is wrong, as in `OpenFailure`.
        reason: the same as the end of a sentence about the file.
        runner: the rules that may say it.
    """
    return FileReport(
        path=_readable(path),
        status="absent" if kind == "absent" else "unreadable",
        format="hdf5" if kind in _HDF5_FAULTS else None,
        size=_size(path),
        findings=runner.check_failure(OpenFailure(kind, reason)),
    )


def _size(path: str) -> int | None:
    try:
        return os.path.getsize(path) if os.path.isfile(path) else None
    except OSError:
        return None


def _readable(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode()


__all__ = ["NotNix", "check_file", "load_description", "read", "read_any", "validate"]
