"""``nixschema validate``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import click

from nixschema.cli.exits import refuse, writing_told
from nixschema.cli.limits import limit_options
from nixschema.cli.options import configuration_options, outside_option, report_options
from nixschema.cli.outputs import check_target, check_targets, output_of

LEVELS = ("error", "warning", "info")


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option(
    "--files-from", metavar="FILE",
    help="Also check the files that FILE lists, one a line or parted by NUL; - is stdin.",
)  # fmt: skip
@report_options
@click.option("--select", multiple=True, metavar="RULES", help="Apply these rules only.")
@click.option(
    "--ignore", multiple=True, metavar="RULES",
    help="Leave these rules out; NIX201@/data/*/data_arrays/raw* only at a place.",
)  # fmt: skip
@click.option("--preview", is_flag=True, help="Apply rules in preview too.")
@click.option(
    "--fail-on", type=click.Choice([*LEVELS, "never"]),
    help="Exit with 1 from findings of this level on.  [default: error]",
)  # fmt: skip
@click.option(
    "--depth", type=click.Choice(["metadata", "full"]),
    help="With metadata, leave out rules that read values of arrays.  [default: full]",
)  # fmt: skip
@click.option(
    "--reader", "readers", multiple=True, type=click.Choice(["nixio", "cpp", "neo"]),
    help="A library that must be able to read the files; may be given several times.",
)  # fmt: skip
@click.option(
    "--schema", "schemas", multiple=True, metavar="NAME|FILE|auto",
    help="Also check with this schema of a lab; auto takes those that recognise the file.",
)  # fmt: skip
@click.option(
    "--require-schema", is_flag=True, help="It is an error where no schema is about a file."
)
@click.option(
    "--no-python-rules", is_flag=True, help="Leave out Python rules of schemas of other packages."
)
@click.option(
    "--missing-content", type=click.Choice([*LEVELS, "skip"]),
    help="How grave it is that the content of a file was not fetched.  [default: error]",
)  # fmt: skip
@click.option(
    "--description", metavar="FILE",
    help="The description of the one NIX file: findings get its lines, differences are told.",
)  # fmt: skip
@click.option(
    "--terminology", multiple=True, metavar="DIR",
    help="A folder of odML terminologies or templates that odML files are compared with.",
)  # fmt: skip
@click.option("--baseline", metavar="FILE", help="Accept the findings that FILE lists.")
@click.option("--write-baseline", metavar="FILE", help="Write all findings to a baseline.")
@click.option("--prune-baseline", is_flag=True, help="Take out of the baseline what is fixed.")
@configuration_options
@outside_option
@limit_options("Check N files at a time; auto is as many as there are processors.")
@click.option("--cache", metavar="DIR", help="Keep results in DIR, and use them while they hold.")
@click.option(
    "--resume", metavar="RESULTS.jsonl",
    help="Take over what an interrupted run has finished.",
)  # fmt: skip
@click.option("--checksum", is_flag=True, help="Tell the SHA-256 of each file.")
@click.option("--allow-empty", is_flag=True, help="Exit with 0 where there is nothing to check.")
@click.option(
    "-v", "--verbose", is_flag=True,
    help="Show information, accepted findings and passed-over files too.",
)  # fmt: skip
@click.option(
    "-q", "--quiet", is_flag=True, help="Tell findings and what went wrong, and nothing else."
)
def validate(paths: tuple[str, ...], outputs: tuple[str, ...], **options: Any) -> None:
    """Check NIX files, descriptions of them, odML files, and folders of all of these.

    RULES are ids, beginnings of ids or globs, parted by commas: NIX201,NIX3,NIX?01.

    Exit codes: 0 nothing found; 1 findings; 2 wrong use, or nothing to check; 3 nixschema or the
    machine failed. The highest wins.
    """
    if options["quiet"] and options["verbose"]:
        raise click.UsageError("`--quiet` and `--verbose` exclude each other")
    if options["isolated"] and options["config"] is not None:
        raise click.UsageError("`--isolated` reads no configuration, and `--config` names one")
    _check_baselines(options)
    if options["cache"] == "":
        raise click.UsageError("`--cache` names no folder")
    targets = [output_of(one, options["report_format"]) for one in outputs]
    if not paths and options["files_from"] is None:
        raise click.UsageError("Missing argument 'PATH...'.")
    named = [*paths, *_listed(options["files_from"])]
    files = [path for _, path in targets]
    resumed = [path for name, path in targets if name != "jsonl"] and options["resume"]
    needed = [options["description"], options["baseline"], options["write_baseline"]]
    check_targets(files, [*needed, resumed or None])
    if options["write_baseline"] is not None:
        with writing_told():
            check_target(options["write_baseline"])
    from nixschema.cli.stopping import stopped_quietly
    from nixschema.cli.validation import Validation

    validation = Validation(named, targets, options)
    with stopped_quietly(lambda: validation.done, "checked"):
        code = validation.run()
    sys.exit(code)


def _check_baselines(options: dict[str, Any]) -> None:
    """Refuse what contradicts itself about baselines."""
    written, read = options["write_baseline"], options["baseline"]
    if written is None:
        return
    if options["prune_baseline"]:
        raise click.UsageError(
            "`--prune-baseline` takes nothing in, and `--write-baseline` takes in all: give one"
        )
    if read is not None and os.path.realpath(read) != os.path.realpath(written):
        raise click.UsageError("`--baseline` and `--write-baseline` name different files")


def _listed(files_from: str | None) -> Iterator[str]:
    if files_from is None:
        return
    from nixschema.checking.names import listed_files

    try:
        if files_from == "-":
            yield from listed_files(sys.stdin.buffer)
            return
        with open(files_from, "rb") as stream:
            yield from listed_files(stream)
    except OSError as error:
        refuse(f"cannot read {files_from}: {error.strerror or error}")
