"""``nixschema schema test``: the examples of schemas are tried."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from nixschema.cli.exits import BUG, CONTENT, FAILURE, USAGE, stdout_told, tell
from nixschema.cli.limits import limit_options

if TYPE_CHECKING:
    from nixschema.schema.examples import Case, Verdict
    from nixschema.schema.language import SchemaDocument


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="FILE|NAME...")
@click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text",
    show_default=True, help="How to write it.",
)  # fmt: skip
@click.option("--no-python-rules", is_flag=True, help="Leave out rules of schemas that are Python.")
@limit_options("Try N examples at a time; auto is as many as there are processors.")
def test(names: tuple[str, ...], output_format: str, no_python_rules: bool, **limits: Any) -> None:
    """Try the examples that schemas name below `examples`.

    A valid one brings no error. An invalid one brings the finding that the schema names, and no
    other error of a schema; a file with several is named several times. Errors of generic rules and
    warnings are told. Files are sought from the folder of the schema: NIX files,
    descriptions, odML.

    Exits with 1 where an example is not so, and with 2 where there is none.
    """
    from nixschema.cli.schema_named import loaded

    documents, code = [], 0
    for name in names:
        try:
            documents.append((name, loaded(name)))
        except SystemExit as end:  # The others are tried all the same.
            code = max(code, int(end.code or 0))
    runs = []
    for name, document in documents:
        verdicts = list(tried(name, document, python_rules=not no_python_rules, **limits))
        if not verdicts:
            tell(f"{name} has no examples")
        if any(not one.holds for one in verdicts):
            code = max(code, CONTENT)
        runs.append((name, document, verdicts))
    total = sum(len(verdicts) for _, _, verdicts in runs)
    if not total and documents:
        code = max(code, USAGE)
    from nixschema.schema.examples_told import told_json, told_text

    with stdout_told():
        if output_format == "json":
            click.echo(told_json(runs))
        elif total:
            for line in told_text(runs):
                click.echo(line)
    sys.exit(code)


def tried(
    name: str,
    document: SchemaDocument,
    *,
    python_rules: bool = True,
    jobs: int = 1,
    timeout: float | None = None,
    memory: int | None = None,
) -> Iterator[Verdict]:
    """What comes of each example of a schema; each is read in a process with limits.

    Args:
        name: the schema, as the command line has it.
        document: the same, loaded.
        python_rules: whether to apply its rules in Python.
        jobs: how many examples are read at a time.
        timeout: seconds that one may take.
        memory: bytes that one may take.
    """
    from nixschema.checking.job import SECONDS, Checks, Job
    from nixschema.checking.worker import MEMORY
    from nixschema.checking.workers import WorkerFailure, Workers
    from nixschema.rules.rule import selected_rules
    from nixschema.schema.applying import source_of
    from nixschema.schema.examples import cases_of, missing, named_by_file, unusable, verdict

    cases = list(cases_of(document.schema))
    named = named_by_file(cases)
    checks = Checks(
        tuple(sorted(one.id for one in selected_rules())),
        schemas=(source_of(name),),
        python_rules=python_rules,
    )
    seconds = SECONDS if timeout is None else timeout
    sought: list[Case] = [one for one in cases if missing(one) is None]
    work = [(Job(one.path, checks, named=True, seconds=seconds), None) for one in sought]
    outcomes: dict[int, Verdict] = {}
    with ExitStack() as stack:
        workers = stack.enter_context(Workers(jobs, MEMORY if memory is None else memory))
        try:
            for case, (_, outcome) in zip(sought, workers.run(work), strict=False):
                if outcome.report is None:
                    tell(f"{case.file}: {outcome.bug}. {BUG}")
                    sys.exit(FAILURE)
                outcomes[id(case)] = verdict(case, outcome.report.findings, named[case.path])
        except WorkerFailure as failure:
            tell(f"{failure}. {BUG}")
            sys.exit(FAILURE)
    for case in cases:
        known = outcomes.get(id(case))
        yield known if known is not None else unusable(case, missing(case) or "it is gone")
