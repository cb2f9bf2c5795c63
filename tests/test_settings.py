"""What a configuration may say, where it is found, and what it does to findings."""

from __future__ import annotations

import os
import pickle
import re
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixschema.coverage import Coverage
from nixschema.findings import Finding, Level
from nixschema.reports.report import FileReport
from nixschema.rules.rule import all_rules
from nixschema.settings import Configuration, Settings, SettingsError, settings_schema
from nixschema.settings.globs import PathGlob, WrongPattern, name_pattern
from nixschema.settings.keys import KEYS

VALUES = [one.id for one in all_rules() if one.cost == "values"]


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def finding(rule: str = "NIX201", path: str = "/data/b/data_arrays/raw1", **more: Any) -> Finding:
    return Finding(rule, more.pop("level", Level.ERROR), path, "`3` for `2`", **more)


def report(path: Path | str, *findings: Finding, status: str = "findings") -> FileReport:
    return FileReport.model_validate(
        {"path": str(path), "status": status if findings else "ok", "findings": list(findings)}
    )


def refused(folder: Path, text: str, name: str = "nixschema.toml") -> str:
    put(folder, {name: text})
    with pytest.raises(SettingsError) as told:
        Configuration().for_file(folder / "a.nix")
    return str(told.value)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (
                'selct = ["NIX2"]',
                "nixschema.toml: selct: unknown key: did you mean `select`?",
            ),
            (
                'fail_on = "error"',
                "nixschema.toml: fail_on: unknown key: did you mean `fail-on`?",
            ),
            ("colour = 3", "nixschema.toml: colour: unknown key"),
            ('"a b" = 3', 'nixschema.toml: "a b": unknown key'),
            (
                'select = "NIX2"',
                'nixschema.toml: select: `"NIX2"`, where a list of rules, such as '
                '`["NIX201", "NIX3"]` was expected',
            ),
            (
                'select = ["NIX2", 3]',
                "nixschema.toml: select.2: `3`, where a rule, such as `NIX201` was expected",
            ),
            (
                'preview = "yes"',
                'nixschema.toml: preview: `"yes"`, where `true` or `false` was expected',
            ),
            (
                'fail-on = "fatal"',
                'nixschema.toml: fail-on: `"fatal"`, where `error`, `warning`, `info` or `never` '
                "was expected",
            ),
            (
                "timeout = -1",
                "nixschema.toml: timeout: `-1`, where a number of seconds, or 0 for no limit was "
                "expected",
            ),
            (
                "timeout = 0x" + "f" * 6000,
                "nixschema.toml: timeout: a huge number, where a number of seconds, or 0 for no "
                "limit was expected",
            ),
            (
                "rules = 0.1",
                'nixschema.toml: rules: `0.1`, where a version of nixschema as a text, such as '
                '`"0.1"` was expected',
            ),
            (
                'rules = "new"',
                "nixschema.toml: rules: `new` is no version of nixschema, such as `0.1`",
            ),
            (
                "[levels]\nNIX201 = 'off'",
                "nixschema.toml: levels.NIX201: `\"off\"`, where `error`, `warning` or `info` "
                "(`ignore` leaves findings out) was expected",
            ),
            ('select = ["NIX999"]', "nixschema.toml: select: no rule fits `NIX999`: "
             "`nixschema rule` lists them"),
            ('ignore = ["NIX999@/data"]', "nixschema.toml: ignore: no rule fits `NIX999`: "
             "`nixschema rule` lists them"),
            (
                "[per-file-ignores]\n'old/**' = ['NIX999']",
                'nixschema.toml: per-file-ignores."old/**": no rule fits `NIX999`: '
                "`nixschema rule` lists them",
            ),
            (
                'ignore = ["@/data"]',
                'nixschema.toml: ignore: `@/data`: no rule before `@`: `NIX` stands for all of '
                "them",
            ),
            (
                'ignore = ["NIX201@data/b"]',
                'nixschema.toml: ignore: `NIX201@data/b`: `data/b` after `@`, where a path that '
                "begins with `/` or `type:` was expected",
            ),
            (
                "ignore = ['NIX201@/data/a\\b']",
                'nixschema.toml: ignore: `NIX201@/data/a\\b`: a backslash that is not before `*`, '
                r"`?`, `@` or `\`",
            ),
            (
                'exclude = ["../x"]',
                "nixschema.toml: exclude: `../x`, where files in the configuration's folder or "
                "below",
            ),
            (
                "select = [",
                "nixschema.toml: end of document: is no TOML: invalid value",
            ),
            (
                "preview = true\npreview 3",
                "nixschema.toml: line 2, column 9: is no TOML: expected '=' after a key in a "
                "key/value pair",
            ),
            ("a = " + "[" * 100_000, "nixschema.toml: is nested too deeply"),
            ("#" * 1_100_000, "nixschema.toml: is larger than 1 MiB"),
            ('extend = "no.toml"', "no.toml: cannot be read: No such file or directory"),
            ('extend = "."', "nixschema.toml: extend: `.` is a folder: name the configuration"),
            (
                'extend = "nixschema.toml"',
                "nixschema.toml: extend: `nixschema.toml` extends itself",
            ),
        ],
    )  # fmt: skip
    def test_the_message_names_file_key_and_what_was_expected(
        self, tmp_path: Path, text: str, message: str
    ) -> None:
        assert refused(tmp_path, text) == message

    def test_pyproject_keys_are_named_with_their_table(self, tmp_path: Path) -> None:
        told = refused(tmp_path, "[tool.nixschema]\nselct = []", "pyproject.toml")
        assert told == "pyproject.toml: tool.nixschema.selct: unknown key: did you mean `select`?"

    def test_bytes_that_are_no_text(self, tmp_path: Path) -> None:
        (tmp_path / "nixschema.toml").write_bytes(b"a = '\xff'")
        with pytest.raises(SettingsError, match="is not UTF-8 at byte 5"):
            Configuration().for_file("a.nix")

    def test_rules_of_a_version_to_come(self, tmp_path: Path) -> None:
        assert "rules: `99.1` is newer than this nixschema" in refused(tmp_path, 'rules = "99.1"')

    def test_configurations_in_a_circle(self, tmp_path: Path) -> None:
        put(tmp_path, {"b.toml": 'extend = "c.toml"', "c.toml": 'extend = "nixschema.toml"'})
        told = refused(tmp_path, 'extend = "b.toml"')
        assert told == "c.toml: extend: `nixschema.toml` extends itself"

    def test_each_error_is_kept_once_and_raised_for_each_file(self, tmp_path: Path) -> None:
        put(tmp_path, {"bad/nixschema.toml": "x = 1", "good/nixschema.toml": ""})
        configuration = Configuration()
        for name in ("bad/a.nix", "bad/b.nix", "bad/deep/c.nix"):
            with pytest.raises(SettingsError):
                configuration.for_file(name)
            assert configuration.takes(name)
        assert configuration.for_file("good/a.nix") == replace(
            Settings(), source=str(tmp_path / "good/nixschema.toml")
        )
        assert [str(one) for one in configuration.errors] == ["bad/nixschema.toml: x: unknown key"]

    def test_the_command_line_is_checked_too(self) -> None:
        with pytest.raises(SettingsError) as told:
            Configuration({"select": ["NIX999"]})
        assert str(told.value).startswith("command line: --select: no rule fits `NIX999`")

    @given(st.dictionaries(st.sampled_from(sorted(KEYS)), st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=5,
    )))  # fmt: skip
    def test_any_value_is_used_or_refused(self, values: dict[str, Any]) -> None:
        with suppress(SettingsError):
            assert Configuration(values, isolated=True).for_file("a.nix").source is None


class TestWhichConfiguration:
    def test_the_nearest_alone_counts(self, tmp_path: Path) -> None:
        put(
            tmp_path,
            {
                "nixschema.toml": 'select = ["NIX2"]\ndepth = "metadata"',
                "lab/pyproject.toml": '[tool.nixschema]\nselect = ["NIX3"]',
                "lab/other/pyproject.toml": "[tool.ruff]",
                "lab/both/pyproject.toml": '[tool.nixschema]\nselect = ["NIX4"]',
                "lab/both/nixschema.toml": 'select = ["NIX5"]',
            },
        )
        configuration = Configuration()
        chosen = {
            name: configuration.for_file(name).select
            for name in ("a.nix", "far/away/a.nix", "lab/a.nix", "lab/other/a.nix", "lab/both/a")
        }
        assert chosen == {
            "a.nix": ("NIX2",),
            "far/away/a.nix": ("NIX2",),
            "lab/a.nix": ("NIX3",),
            "lab/other/a.nix": ("NIX3",),
            "lab/both/a": ("NIX5",),
        }
        assert configuration.for_file("lab/a.nix").depth == "full"
        assert configuration.for_file("lab/a.nix") is configuration.for_file("lab/x/b.nix")

    def test_isolated_reads_none(self, tmp_path: Path) -> None:
        put(tmp_path, {"nixschema.toml": "wrong"})
        assert Configuration({"select": ["NIX2"]}, isolated=True).for_file("a.nix").select == (
            "NIX2",
        )

    def test_a_folder_of_the_name_is_no_configuration(self, tmp_path: Path) -> None:
        (tmp_path / "nixschema.toml").mkdir()
        os.mkfifo(tmp_path / "pyproject.toml")
        assert Configuration().for_file("a.nix").source is None

    def test_what_is_not_set_comes_from_what_is_extended(self, tmp_path: Path) -> None:
        put(
            tmp_path,
            {
                "base/nixschema.toml": """
                    select = ["NIX2", "NIX3"]
                    ignore = ["NIX201"]
                    exclude = ["old"]
                    baseline = "known.jsonl"
                    levels = { NIX2 = "warning", NIX3 = "info" }
                    per-file-ignores = { "x.nix" = ["NIX302"] }
                """,
                "lab/nixschema.toml": """
                    extend = "../base/nixschema.toml"
                    extend-select = ["NIX4"]
                    ignore = ["NIX202"]
                    extend-exclude = ["raw/**"]
                    levels = { NIX3 = "error" }
                """,
            },
        )
        settings = Configuration().for_file("lab/a.nix")
        assert settings.select == ("NIX2", "NIX3")
        assert settings.extend_select == ("NIX4",)
        assert [(one.text, one.key) for one in settings.ignores] == [
            ("NIX302", 'per-file-ignores."x.nix"'),
            ("NIX202", "ignore"),
        ]
        assert settings.baseline == str(tmp_path / "base/known.jsonl")
        assert dict(settings.levels) == {"NIX2": Level.WARNING, "NIX3": Level.ERROR}
        assert not settings.takes("lab/raw/deep/a.nix")
        assert settings.takes("lab/old/a.nix")
        assert not settings.takes("base/old/a.nix")

    def test_the_command_line_wins(self, tmp_path: Path) -> None:
        put(tmp_path, {"nixschema.toml": """
            select = ["NIX2"]
            extend-select = ["NIX3"]
            ignore = ["NIX205"]
            fail-on = "never"
            baseline = "a"
        """})  # fmt: skip
        configuration = Configuration(
            {"select": ["NIX20"], "ignore": ["NIX201", "NIX202@/data/x"], "fail-on": "info",
             "depth": None, "preview": False, "readers": [], "baseline": "b"}
        )  # fmt: skip
        settings = configuration.for_file(tmp_path / "a.nix")
        ids = [one.id for one in settings.chosen()]
        assert {one[:5] for one in ids} == {"NIX20"}
        assert "NIX201" not in ids
        assert "NIX202" in ids
        assert (settings.fail_on, settings.baseline) == ("info", str(tmp_path / "b"))
        assert settings.depth == "full"
        told = settings.judge(report("a.nix", finding("NIX202", "/data/x"), finding("NIX202")))
        assert told.findings == [finding("NIX202")]

    def test_files_in_folders_are_taken_by_name(self, tmp_path: Path) -> None:
        put(tmp_path, {"nixschema.toml": """
            include = ["data/**", "*.nix"]
            exclude = ["scratch", "/data/*/raw?.nix", "*.h5"]
        """})  # fmt: skip
        takes = Configuration().takes
        taken = [
            "a.nix",
            "data/x.hdf5",
            "data/monday/raw12.nix",
            "data/raw1.nix",
            "x/scratchy/a.nix",
        ]
        left = ["a.hdf5", "data/a.h5", "data/monday/raw1.nix", "x/scratch/y/a.nix", "scratch/a.nix"]
        assert [one for one in (*taken, *left) if takes(one)] == taken


class TestWhichFindings:
    @pytest.mark.parametrize(
        ("ignore", "ignored"),
        [
            ("NIX201", True),
            ("nix2", True),
            ("NIX?01", True),
            ("NIX3", False),
            ("NIX201@/data/b", True),
            ("NIX201@/", True),
            ("NIX201@/data/*/data_arrays/raw*", True),
            ("NIX201@/data/*/raw*", False),
            ("NIX201@/data/**/raw?", True),
            ("NIX201@**/raw1", True),
            ("NIX201@/data/b/data_arrays/raw", False),
            ("NIX201@/data/b/data_arrays/raw1/dimensions", False),
            ("NIX301@/data/b", False),
            ("NIX201@type:neo.*", True),
            ("NIX201@type:neo", False),
            ("NIX201@/x@type:neo.signal", True),
            ("NIX201@/x@type:nix", False),
        ],
    )
    def test_ignored_by_rule_and_place(self, tmp_path: Path, ignore: str, ignored: bool) -> None:
        put(tmp_path, {"nixschema.toml": f"ignore = ['{ignore}']"})
        told = (
            Configuration()
            .for_file("a.nix")
            .judge(report("a.nix", finding(entity_type="neo.signal")))
        )
        assert (told.findings, told.status) == (
            ([], "ok") if ignored else ([finding(entity_type="neo.signal")], "findings")
        )

    def test_odd_names_need_a_backslash(self, tmp_path: Path) -> None:
        put(tmp_path, {"nixschema.toml": r"ignore = ['NIX201@/data/\*\?\@\\[1]']"})
        judge = Configuration().for_file("a.nix").judge
        assert not judge(report("a.nix", finding(path="/data/*?@\\[1]/x"))).findings
        for other in ("/data/a?@\\[1]", "/data/*?@\\1", "/data/*?@[1]"):
            assert judge(report("a.nix", finding(path=other))).findings

    def test_ignored_by_file(self, tmp_path: Path) -> None:
        put(tmp_path, {"nixschema.toml": "per-file-ignores = { 'old/**' = ['NIX2@/data'] }"})
        settings = Configuration().for_file("a.nix")
        assert not settings.judge(report("old/x/a.nix", finding())).findings
        assert settings.judge(report("older/a.nix", finding())).findings
        assert settings.judge(report("old/a.nix", finding(path="/metadata"))).findings

    def test_levels_are_those_of_the_longest_pattern(self, tmp_path: Path) -> None:
        put(tmp_path, {"nixschema.toml": 'levels = { NIX201 = "info", NIX2 = "warning" }'})
        told = (
            Configuration()
            .for_file("a.nix")
            .judge(report("a.nix", finding(), finding("NIX202"), finding("NIX301")))
        )
        assert [one.level for one in told.findings] == ["info", "warning", "error"]

    def test_the_findings_of_unreadable_files_stay_unreadable(self, tmp_path: Path) -> None:
        put(tmp_path, {"nixschema.toml": "ignore = ['NIX0']"})
        told = (
            Configuration()
            .for_file("a.nix")
            .judge(report("a.nix", finding("NIX002"), status="unreadable"))
        )
        assert (told.findings, told.status) == ([], "unreadable")

    @pytest.mark.parametrize(
        ("select", "told"), [("NIX201", True), ("NIX20", True), ("NIX2", False)]
    )
    def test_a_rule_selected_as_precisely_is_told(
        self, tmp_path: Path, select: str, told: bool
    ) -> None:
        put(tmp_path, {"nixschema.toml": "ignore = ['NIX20', 'NIX202@/data']"})
        settings = Configuration({"select": [select]}).for_file("a.nix")
        assert bool(settings.judge(report("a.nix", finding())).findings) is told
        assert not settings.judge(report("a.nix", finding("NIX202"))).findings

    def test_rules_chosen(self, tmp_path: Path) -> None:
        ids = {one.id for one in all_rules()}
        plain = Configuration().for_file(tmp_path / "a.nix")
        assert plain.applied() == {one.id for one in all_rules() if not one.preview}
        assert VALUES
        put(tmp_path, {"nixschema.toml": f'ignore = ["{VALUES[0]}", "NIX001"]\npreview = true'})
        assert Configuration().for_file("a.nix").applied() == ids - {VALUES[0]}
        shallow = Configuration({"depth": "metadata"}).for_file("a.nix").applied()
        assert shallow == ids - set(VALUES)

    def test_settings_travel(self, tmp_path: Path) -> None:
        put(tmp_path, {"nixschema.toml": "ignore = ['NIX2@/a@type:b']\nexclude = ['x']"})
        settings = Configuration().for_file("a.nix")
        settings.judge(report("a.nix", finding()))
        again = pickle.loads(pickle.dumps(settings))
        assert again == settings
        assert hash(again) == hash(settings)
        assert not again.takes("x/a.nix")


class TestUnusedIgnores:
    TEXT = """
        ignore = ["NIX201@/data/gone", "NIX202", "NIX204@type:neo.*", "NIX001"]
        per-file-ignores = { "old/**" = ["NIX301"] }
    """

    def run(
        self, folder: Path, folders: list[str], options: dict[str, Any], *reports: FileReport
    ) -> list[str]:
        put(folder, {"nixschema.toml": self.TEXT})
        for name in ("data/a.nix", "data/b.nix", "old/c.nix"):
            put(folder, {name: ""})
        configuration = Configuration(options)
        coverage = Coverage(folders)
        for one in reports:
            settings = configuration.for_file(one.path)
            coverage.note(one, settings.applied())
            settings.judge(one)
        return [str(one) for one in configuration.unused_ignores(coverage)]

    ALL = (
        "nixschema.toml: ignore: `NIX201@/data/gone` matches nothing",
        "nixschema.toml: ignore: `NIX204@type:neo.*` matches nothing",
        "nixschema.toml: ignore: `NIX001` matches nothing",
        'nixschema.toml: per-file-ignores."old/**": `NIX301` matches nothing',
    )

    def test_those_that_match_nothing_are_told(self, tmp_path: Path) -> None:
        reports = (
            report("data/a.nix", finding("NIX202")),
            report("data/b.nix", finding("NIX301")),
            report("old/c.nix"),
        )
        assert self.run(tmp_path, ["."], {}, *reports) == [*self.ALL]
        assert self.run(tmp_path, ["data", "old"], {}, *reports) == [*self.ALL]
        assert self.run(tmp_path, [], {}, *reports) == [*self.ALL]

    def test_not_in_a_run_that_saw_some_files(self, tmp_path: Path) -> None:
        assert self.run(tmp_path, ["data"], {}, report("data/a.nix"), report("data/b.nix")) == []
        assert self.run(tmp_path, [], {}, report("old/c.nix")) == [self.ALL[3]]

    @pytest.mark.parametrize("status", ["unreadable", "absent", "skipped"])
    def test_not_where_a_file_could_not_be_checked(self, tmp_path: Path, status: str) -> None:
        broken = report("data/a.nix", finding("NIX002"), status=status)
        assert self.run(tmp_path, ["."], {}, broken) == [self.ALL[3]]

    def test_not_of_rules_that_were_not_applied(self, tmp_path: Path) -> None:
        reports = (report("data/a.nix"), report("data/b.nix"), report("old/c.nix"))
        told = self.run(tmp_path, ["."], {"select": ["NIX3"]}, *reports)
        assert told == [self.ALL[3]]

    def test_not_of_rules_that_the_command_line_insists_on(self, tmp_path: Path) -> None:
        reports = (report("data/a.nix"), report("data/b.nix"), report("old/c.nix"))
        assert self.run(tmp_path, ["."], {"select": ["NIX001"]}, *reports) == []
        assert self.run(tmp_path, ["."], {"select": ["NIX00"]}, *reports) == [self.ALL[2]]


class TestPatterns:
    @given(st.text("ab/", max_size=8), st.text("ab*?/", max_size=8))
    def test_as_defined(self, path: str, pattern: str) -> None:
        """The definition, written down as plainly as can be."""

        def name_fits(name: str, glob: str) -> bool:
            if not glob:
                return not name
            if glob[0] == "*":
                return name_fits(name, glob[1:]) or bool(name and name_fits(name[1:], glob))
            return bool(name) and glob[0] in ("?", name[0]) and name_fits(name[1:], glob[1:])

        def fits(names: list[str], globs: list[str]) -> bool:
            if not globs:
                return True
            if globs[0] == "**":
                return fits(names, globs[1:]) or bool(names and fits(names[1:], globs))
            return bool(names) and name_fits(names[0], globs[0]) and fits(names[1:], globs[1:])

        names, globs = ([part for part in one.split("/") if part] for one in (path, pattern))
        assert PathGlob(pattern).fits(path) == fits(names, globs)

    @given(st.lists(st.text(min_size=1).filter(lambda one: "/" not in one), max_size=4))
    def test_escaped_names_stand_for_themselves(self, names: list[str]) -> None:
        def escaped(text: str) -> str:
            return "".join(f"\\{one}" if one in "*?@\\" else one for one in text)

        glob = PathGlob("/" + "/".join(map(escaped, names)))
        assert glob.fits("/" + "/".join(names))
        assert not names or not glob.fits("/" + "/".join([names[0] + "x", *names[1:]]))

    def test_no_pattern_takes_long(self) -> None:
        start = time.process_time()
        assert not name_pattern("*a" * 400 + "b").match("a" * 100_000)
        assert not PathGlob("/**/a" * 150 + "/b").fits("/a" * 20_000)
        assert not PathGlob("**/a*/" + "?*" * 300 + "b").fits("/" + "a" * 100_000)
        assert time.process_time() - start < 5

    def test_too_long(self) -> None:
        with pytest.raises(WrongPattern, match="at most 1,000"):
            PathGlob("a/" * 600)


def test_the_schema_takes_what_settings_take() -> None:
    schema = settings_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(schema)
    assert set(schema["properties"]) == set(KEYS)
    assert checker.is_valid({"select": ["NIX2"], "levels": {"NIX2": "info"}, "timeout": 3})
    wrong: dict[str, Any]
    for wrong in ({"selct": []}, {"select": "NIX2"}, {"levels": {"NIX2": "off"}}, {"timeout": -1}):
        assert not checker.is_valid(wrong)


PAGE = Path(__file__).parent.parent / "docs/configuration.md"


def test_every_key_is_documented() -> None:
    page = PAGE.read_text("utf-8")
    assert [key for key in KEYS if f"`{key}`" not in page] == []


def test_the_examples_of_the_page_are_sound(tmp_path: Path) -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 4
    for number, block in enumerate(blocks):
        name = "pyproject.toml" if "[tool." in block else "nixschema.toml"
        put(tmp_path, {f"{number}/{name}": block, "nixschema.toml": ""})
        assert Configuration().for_file(f"{number}/a.nix").source == str(
            tmp_path / f"{number}" / name
        )
