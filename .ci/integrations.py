"""Tries what docs/ci.md has to paste: pre-commit, the GitHub action's steps, the GitLab job.

pre-commit is the real one, on a git repository of two files. Of the action and the job the shell
commands are run, as their runners would; that the files are understood by GitHub and GitLab is
checked against the schemas of both that check-jsonschema carries.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).resolve().parent.parent
SOUND, BROKEN = "waveforms.nix", "no-dimensions.nix"
TIMEOUT = 600
IN_GITLAB = re.compile(r"\$\{?CI_PROJECT_DIR\}?")


class Failed(Exception):
    """Something is not as docs/ci.md promises."""


def run(
    *command: str, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command, and tells it."""
    print("$", " ".join(command)[:200], flush=True)
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def expect(done: subprocess.CompletedProcess[str], code: int, *texts: str) -> None:
    """Checks how a command ended and what it said."""
    missing = [text for text in texts if text not in done.stdout]
    if done.returncode != code or missing:
        raise Failed(
            f"expected exit {code}, got {done.returncode}; missing {missing}\n{done.stdout}"
        )


def tool(name: str) -> str:
    """A program of the environment that runs this."""
    return str(Path(sys.executable).with_name(name))


def pasted(first_line: str) -> Any:
    """The YAML of docs/ci.md that begins with a line."""
    text = (CHECKOUT / "docs/ci.md").read_text("utf-8")
    for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if block.startswith(first_line):
            return yaml.safe_load(block)
    raise Failed(f"docs/ci.md has no block that begins with {first_line}")


def new_repository(folder: Path) -> Path:
    """A git repository that holds a sound and a broken file below ``data``."""
    (folder / "data").mkdir(parents=True)
    for name in (SOUND, BROKEN):
        shutil.copy(CHECKOUT / "examples" / name, folder / "data" / name)
    run("git", "init", "--quiet", cwd=folder)
    run("git", "add", "--all", cwd=folder)
    return folder


def mended(repository: Path) -> None:
    """Takes the broken file away."""
    run("git", "rm", "--quiet", "--force", f"data/{BROKEN}", cwd=repository)


def try_pre_commit(folder: Path) -> None:
    """The real pre-commit, with nixschema from this checkout."""
    repository = new_repository(folder / "repository")
    config = pasted("repos:")
    (hooks,) = config["repos"]
    head = run("git", "rev-parse", "HEAD", cwd=CHECKOUT).stdout.strip()
    hooks.update(repo=str(CHECKOUT), rev=head)
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    env = {"PRE_COMMIT_HOME": str(folder / "home")}
    command = (tool("pre-commit"), "run", "--all-files", "--verbose", "--color=never")
    expect(run(*command, cwd=repository, env=env), 1, "Failed", "NIX201", f"data/{BROKEN}")
    mended(repository)
    expect(run(*command, cwd=repository, env=env), 0, "Passed", "No problems found in 1 file")


def try_action(folder: Path) -> None:
    """The shell steps of the GitHub action, with the inputs of the docs' first example."""
    repository = new_repository(folder / "repository")
    action = yaml.safe_load((CHECKOUT / "action.yml").read_text("utf-8"))
    used = pasted("name: recordings")["jobs"]["validate"]["steps"][-1]["with"]
    inputs = {key: str(one["default"]) for key, one in action["inputs"].items()}
    inputs |= {"sarif": "nixschema.sarif", "args": "--depth=full", **used}
    known = {f"inputs.{key}": value for key, value in inputs.items()}
    known["github.action_path"] = str(CHECKOUT)
    summary = folder / "summary.md"
    env = {"RUNNER_TEMP": str(folder), "GITHUB_STEP_SUMMARY": str(summary)}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def steps() -> subprocess.CompletedProcess[str]:
        summary.write_text("")
        for step in action["runs"]["steps"]:
            if "run" not in step:
                continue
            given = {
                key: re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda match: known[match[1]], value)
                for key, value in step.get("env", {}).items()
            }
            done = run(
                *("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]),
                cwd=repository,
                env={**env, **given},
            )
            if done.returncode:
                return done
        return done

    expect(steps(), 1, "::error", f"file=data/{BROKEN}", "NIX201")
    if "NIX201" not in summary.read_text() or not (repository / "nixschema.sarif").is_file():
        raise Failed("the action wrote no summary or no SARIF")
    mended(repository)
    expect(steps(), 0)


def try_gitlab(folder: Path) -> None:
    """The script of the GitLab job."""
    repository = new_repository(folder / "repository")
    template = yaml.safe_load((CHECKOUT / "ci/gitlab.yml").read_text("utf-8"))
    job, variables = template["nixschema"], template["variables"]
    variables |= pasted("include:")["variables"]
    variables |= {"NIXSCHEMA_SOURCE": str(CHECKOUT), "CI_PROJECT_DIR": str(repository)}
    variables["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    script = "\n".join(job["script"])

    def jobs() -> subprocess.CompletedProcess[str]:
        return run("sh", "-e", "-c", script, cwd=repository, env=variables)

    expect(jobs(), 1, "NIX201")
    for report in job["artifacts"]["reports"].values():
        if not (repository / report).is_file():
            raise Failed(f"the job wrote no {report}")
    mended(repository)
    expect(jobs(), 0, "No problems found in 1 file")


def understood(schema: str, path: str) -> None:
    """Checks a file against a schema that check-jsonschema carries."""
    command = (tool("check-jsonschema"), "--builtin-schema", schema, path)
    expect(run(*command, cwd=CHECKOUT), 0)


def try_schemas(folder: Path) -> None:
    """GitHub, GitLab and pre-commit understand the files."""
    for schema, path in (
        ("vendor.github-actions", "action.yml"),
        ("vendor.github-workflows", ".github/workflows/ci.yml"),
        ("vendor.gitlab-ci", "ci/gitlab.yml"),
    ):
        understood(schema, path)
    for kind, first_line in (
        ("github-workflows", "name: recordings"),
        ("gitlab-ci", "include:"),
    ):
        place = folder / f"{kind}.yml"
        text = yaml.safe_dump(pasted(first_line), sort_keys=False).replace("true:", "on:", 1)
        text = text.replace("REPOSITORY", "https://example.org/nixschema")
        place.write_text(text)
        understood(f"vendor.{kind}", str(place))
    command = (tool("pre-commit"), "validate-manifest", ".pre-commit-hooks.yaml")
    expect(run(*command, cwd=CHECKOUT), 0)


def main() -> int:
    """Tries all; returns the exit code."""
    failed = 0
    for trial in (try_schemas, try_pre_commit, try_action, try_gitlab):
        with tempfile.TemporaryDirectory() as folder:
            try:
                trial(Path(folder))
            except Failed as failure:
                print(f"{trial.__name__}: {failure}", flush=True)
                failed += 1
            else:
                print(f"{trial.__name__}: as promised", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
