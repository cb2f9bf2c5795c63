"""The configuration of each file: the nearest above it, what that extends, and the command line."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nixschema.coverage import Coverage, seen_from
from nixschema.findings import Level
from nixschema.settings.errors import SettingsError
from nixschema.settings.globs import FileGlob, Placed, WrongPattern
from nixschema.settings.ignores import Ignore, parsed_ignores
from nixschema.settings.keys import clipped, parsed, shown
from nixschema.settings.record import Settings

if TYPE_CHECKING:
    from nixschema.rules.rule import Rule

NAMES = ("nixschema.toml", "pyproject.toml")
"""Names of configurations; the first that is there is used."""

COMMAND_LINE = "command line"

_LARGEST = 1024 * 1024
_TAKEN_OVER = (
    *("rules", "preview", "depth", "readers", "fail-on", "timeout", "missing-content"),
    "require-schema",
)


@dataclass(frozen=True, slots=True)
class UnusedIgnore:
    """An ignore that is about no finding of any file."""

    file: str
    """Its configuration."""
    key: str
    """Where it stands there."""
    text: str
    """As it is written."""

    def __str__(self) -> str:
        """Tell it in one line."""
        return f"{self.file}: {self.key}: `{self.text}` matches nothing"


class Configuration:
    """The settings of all files of a run."""

    def __init__(
        self,
        command_line: Mapping[str, Any] | None = None,
        isolated: bool = False,
        file: str | None = None,
    ) -> None:
        """Begin a run.

        Args:
            command_line: what the command line says, by the keys of a configuration; None, an
                empty list and False stand for options that were not given. Paths are as seen from
                the present folder.
            isolated: read no configuration.
            file: the configuration of all files, wherever they are.

        Raises:
            SettingsError: the command line says what it cannot, or the file cannot be used.
        """
        self.isolated = isolated
        self.errors: list[SettingsError] = []
        """The configurations that cannot be used, each once."""
        self._used: set[Ignore] = set()
        self._folders: dict[str, Settings | SettingsError] = {}
        self._files: dict[str, Settings | SettingsError] = {}
        given = {
            key: value
            for key, value in (command_line or {}).items()
            if value is not None and value is not False and value != () and value != []
        }
        values = parsed(given, COMMAND_LINE, "--")
        self._command_line = _Layer(COMMAND_LINE, os.getcwd(), "", values, "--")
        self._bare = self._settled([self._command_line], None)
        self._one = self._bare if isolated else None if file is None else self._named(file)

    def for_file(self, path: str | os.PathLike[str]) -> Settings:
        """The settings of a file: the same object for all files of a configuration.

        Raises:
            SettingsError: its configuration cannot be used.
        """
        if self._one is not None:
            return self._one
        return self.for_folder(os.path.dirname(os.path.abspath(path)))

    def for_folder(self, folder: str | os.PathLike[str]) -> Settings:
        """The settings of the files in a folder.

        Raises:
            SettingsError: its configuration cannot be used.
        """
        if self._one is not None:
            return self._one
        here = os.path.abspath(folder)
        passed: list[str] = []
        found: Settings | SettingsError | None = self._folders.get(here)
        while found is None:
            passed.append(here)
            found = self._in_folder(here)
            above = os.path.dirname(here)
            if found is None and above == here:
                found = self._bare
            here = above
            found = found or self._folders.get(here)
        for one in passed:
            self._folders[one] = found
        if isinstance(found, SettingsError):
            raise found
        return found

    def takes(self, path: str) -> bool:
        """Whether a file that was found in a folder is to be looked at.

        It is where its configuration cannot be used, so that this is told.
        """
        try:
            return self.for_file(path).takes(path)
        except SettingsError:
            return True

    def excludes(self, path: str) -> bool:
        """Whether a file is left out even where it is named, if that is asked for.

        It is not where its configuration cannot be used, so that this is told.
        """
        try:
            return self.for_file(path).excludes(path)
        except SettingsError:
            return False

    def unused_ignores(self, coverage: Coverage) -> list[UnusedIgnore]:
        """Ignores of the configurations that were used which are about no finding.

        Nothing is said of one whose rules were not all applied to all files that it is for.

        Args:
            coverage: what the run saw.
        """
        ours = [one for one in self._files.values() if isinstance(one, Settings)]
        unused: dict[Ignore, None] = {}
        for settings in ours:
            assert settings.source is not None
            folder = os.path.dirname(settings.source)
            for ignore in settings.ignores:
                home = os.path.dirname(ignore.source)
                if (
                    ignore.source
                    and ignore not in self._used
                    and (home == folder or folder.startswith(os.path.join(home, "")))
                    and (rules := _about(ignore, settings))
                    and all(settings.counts(ignore, one) for one in rules)
                    and coverage.whole(home, rules, _subject(ignore, settings))
                ):
                    unused.setdefault(ignore)
        return [UnusedIgnore(_told(one.source), one.key, one.text) for one in unused]

    def _named(self, file: str) -> Settings:
        """The settings of a configuration that somebody named."""
        path = os.path.abspath(file)
        layer = _read(path, needed=True)
        if layer is None:
            raise SettingsError(_told(path), "", "has no `[tool.nixschema]`")
        return self._settled([self._command_line, layer, *_extended(layer)], path)

    def _in_folder(self, folder: str) -> Settings | SettingsError | None:
        """What the configuration of a folder says; None where there is none."""
        for name in NAMES:
            path = os.path.join(folder, name)
            if path in self._files:
                return self._files[path]
            try:
                layer = _read(path, needed=False)
                if layer is None:
                    continue
                found: Settings | SettingsError = self._settled(
                    [self._command_line, layer, *_extended(layer)], path
                )
            except SettingsError as error:
                found = error
                self.errors.append(error)
            self._files[path] = found
            return found
        return None

    def _settled(self, layers: list[_Layer], source: str | None) -> Settings:
        """Settings of several configurations, the first before the others."""
        values: dict[str, Any] = {}
        for layer in reversed(layers):
            values |= layer.settled(values)
        settings = Settings(**values, source=source, used=self._used)
        for layer in layers:
            layer.check_version()
            layer.check_terminology()
        for layer in layers:
            layer.check_rules(settings)
        return settings


@dataclass(frozen=True, slots=True)
class _Layer:
    """What one configuration, or the command line, says."""

    name: str
    """How it is called in messages."""
    folder: str
    source: str
    """Whole path; empty for the command line."""
    values: dict[str, Any]
    prefix: str = ""

    def settled(self, below: Mapping[str, Any]) -> dict[str, Any]:
        """Fields of settings that this sets, over what those below it set."""
        own = self.values
        fields: dict[str, Any] = {
            key.replace("-", "_"): own[key] for key in _TAKEN_OVER if key in own
        }
        if "schemas" in own:
            fields["schemas"] = self._schemas(own["schemas"])
            if not self.source:
                fields["file_schemas"] = ()
        if "per-file-schemas" in own:
            fields["file_schemas"] = tuple(
                (self._glob(f"per-file-schemas.{shown(files)}", files), self._schemas(names))
                for files, names in own["per-file-schemas"]
            )
        if "baseline" in own:
            fields["baseline"] = self._path(own["baseline"])
        if "terminology" in own:
            fields["terminology"] = tuple(map(self._path, own["terminology"]))
        if "select" in own:
            fields |= {"select": own["select"], "extend_select": ()}
            if not self.source:
                fields["insisted"] = own["select"]
        if "extend-select" in own:
            kept = fields.get("extend_select", below.get("extend_select", ()))
            fields["extend_select"] = (*kept, *own["extend-select"])
        self._settle_ignores(fields, below.get("ignores", ()))
        if "levels" in own:
            levels = {**dict(below.get("levels", ())), **dict(own["levels"])}
            fields["levels"] = tuple((pattern, Level(level)) for pattern, level in levels.items())
        for key in ("include", "exclude"):
            if key in own:
                fields[key] = self._globs(key)
        if "extend-exclude" in own:
            kept = fields.get("exclude", below.get("exclude", ()))
            fields["exclude"] = (*kept, *self._globs("extend-exclude"))
        return fields

    def check_version(self) -> None:
        """Refuse rules of a version that is none, or that is to come.

        Raises:
            SettingsError: it is such a one.
        """
        from importlib.metadata import version

        from nixschema.rules.rule import version_number

        if "rules" not in self.values:
            return
        text, present = self.values["rules"], version("nixschema")
        try:
            newer = version_number(text) > version_number(present)
        except ValueError:
            reason = f"`{clipped(text)}` is no version of nixschema, such as `0.1`"
            raise self._error("rules", reason) from None
        if newer:
            raise self._error("rules", f"`{clipped(text)}` is newer than this nixschema, {present}")

    def check_terminology(self) -> None:
        """Refuse folders of terminologies that are not there, or hold no odML.

        Raises:
            SettingsError: of the first.
        """
        if "terminology" not in self.values:
            return
        from nixschema.odml.terminologies import has_terms

        for text in self.values["terminology"]:
            path = self._path(text)
            if not os.path.exists(path):
                raise self._error("terminology", f"`{clipped(text)}` does not exist")
            if not has_terms(path):
                raise self._error("terminology", f"there is no odML file in `{clipped(text)}`")

    def check_rules(self, settings: Settings) -> None:
        """Refuse patterns that fit no rule.

        Raises:
            SettingsError: of the first.
        """
        for key in ("select", "extend-select", "ignore", "extend-ignore"):
            for text in self.values.get(key, ()):
                self._check_rule(key, text, settings)
        for files, texts in self.values.get("per-file-ignores", ()):
            for text in texts:
                self._check_rule(f"per-file-ignores.{shown(files)}", text, settings)
        for pattern, _ in self.values.get("levels", ()):
            self._check_rule(f"levels.{shown(pattern)}", pattern, settings)

    def _settle_ignores(self, fields: dict[str, Any], below: Iterable[Ignore]) -> None:
        own = self.values
        kept = list(below)
        if not self.source:
            told = own.get("ignore", ())
            fields["left_out"] = tuple(one for one in told if "@" not in one)
            own = {**own, "extend-ignore": tuple(one for one in told if "@" in one)}
        elif "ignore" in own:
            kept = [one for one in kept if one.files is not None]
            kept += self._ignores("ignore", own["ignore"])
        kept += self._ignores(
            "extend-ignore" if self.source else "ignore", own.get("extend-ignore", ())
        )
        for glob in own.get("per-file-ignores", ()):
            kept += self._per_file(*glob)
        fields["ignores"] = tuple(dict.fromkeys(kept))

    def _per_file(self, files: str, texts: tuple[str, ...]) -> list[Ignore]:
        key = f"per-file-ignores.{shown(files)}"
        return self._ignores(key, texts, self._glob(key, files))

    def _ignores(
        self, key: str, texts: Iterable[str], files: FileGlob | None = None
    ) -> list[Ignore]:
        found: list[Ignore] = []
        for text in texts:
            try:
                found += parsed_ignores(text, files=files, source=self.source, key=key)
            except WrongPattern as error:
                raise self._error(key, f"`{clipped(text)}`: {error}") from None
        return found

    def _schemas(self, names: Iterable[str]) -> tuple[str, ...]:
        """Schemas by name, or by whole path where there is such a file."""
        paths = {one: os.path.join(self.folder, os.path.expanduser(one)) for one in names}
        return tuple(
            os.path.abspath(path) if os.path.isfile(path) else name for name, path in paths.items()
        )

    def _globs(self, key: str) -> tuple[FileGlob, ...]:
        return tuple(self._glob(key, one) for one in self.values[key])

    def _glob(self, key: str, text: str) -> FileGlob:
        try:
            return FileGlob(text, self.folder)
        except WrongPattern as error:
            raise self._error(key, str(error)) from None

    def _path(self, text: str) -> str:
        return os.path.abspath(os.path.join(self.folder, os.path.expanduser(text)))

    def _check_rule(self, key: str, text: str, settings: Settings) -> None:
        from nixschema.rules.rule import fits

        pattern = text.partition("@")[0].strip()
        if ":" in pattern:
            return  # A rule of a lab's schema.
        ids = [one.id for one in _registered(settings.rules)]
        if not any(fits(pattern, one) for one in ids):
            older = (
                f" of {settings.rules}"
                if settings.rules and any(fits(pattern, one.id) for one in _registered(None))
                else ""
            )
            raise self._error(
                key, f"no rule{older} fits `{clipped(pattern)}`: `nixschema rule` lists them"
            )

    def _error(self, key: str, reason: str) -> SettingsError:
        return SettingsError(self.name, f"{self.prefix}{key}", reason)


def _registered(rules: str | None) -> list[Rule]:
    from nixschema.rules.rule import selected_rules

    return selected_rules(version=rules, preview=True)


def _about(ignore: Ignore, settings: Settings) -> list[str]:
    """The rules that an ignore is about, without previews that are not applied."""
    if ":" in ignore.rules:
        return _about_schema(ignore, settings)
    chosen = {one.id for one in settings.chosen()}
    return [
        one.id
        for one in _registered(settings.rules)
        if ignore.fits_rule(one.id) and (one.id in chosen or not one.preview)
    ]


def _about_schema(ignore: Ignore, settings: Settings) -> list[str]:
    """What stands for the rules of a schema; nothing where more than one may be meant."""
    from nixschema.rules.rule import chosen_of_schema

    schema = ignore.rules.partition(":")[0]
    if any(one in schema for one in "*?[") or not chosen_of_schema(
        ignore.rules, (*settings.select, *settings.extend_select)
    ):
        return []
    return [ignore.rules]


def _subject(ignore: Ignore, settings: Settings) -> Any:
    """Whether a file is one that an ignore is for."""
    if ignore.files is None:
        return settings.takes
    files = ignore.files
    return lambda path: settings.takes(path) and Placed(path).fits(files)


def _extended(layer: _Layer) -> list[_Layer]:
    """The configurations that one extends, the nearest first.

    Raises:
        SettingsError: one is not there, cannot be used, or extends itself.
    """
    found: list[_Layer] = []
    known = [os.path.realpath(layer.source)]
    while "extend" in layer.values:
        path = layer._path(layer.values["extend"])
        if os.path.isdir(path):
            raise layer._error("extend", f"`{_told(path)}` is a folder: name the configuration")
        if os.path.realpath(path) in known:
            raise layer._error("extend", f"`{_told(path)}` extends itself")
        below = _read(path, needed=True)
        if below is None:
            raise layer._error("extend", f"`{_told(path)}` has no `[tool.nixschema]`")
        known.append(os.path.realpath(path))
        found.append(below)
        layer = below
    return found


def _read(path: str, *, needed: bool) -> _Layer | None:
    """A configuration; None where there is none, or a ``pyproject.toml`` says nothing to us.

    Raises:
        SettingsError: it cannot be read, or says what it cannot.
    """
    name = _told(path)
    try:
        status = os.stat(path)
    except OSError as error:
        if needed:
            raise SettingsError(name, "", f"cannot be read: {_reason(error)}") from None
        return None
    if not stat.S_ISREG(status.st_mode):
        if needed:
            raise SettingsError(name, "", "is no regular file")
        return None
    if status.st_size > _LARGEST:
        raise SettingsError(name, "", "is larger than 1 MiB")
    try:
        with open(path, "rb") as stream:
            table: Any = tomllib.loads(stream.read(_LARGEST).decode("utf-8-sig"))
    except OSError as error:
        raise SettingsError(name, "", f"cannot be read: {_reason(error)}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(name, "", f"is not UTF-8 at byte {error.start:,}") from None
    except RecursionError:
        raise SettingsError(name, "", "is nested too deeply") from None
    except ValueError as error:
        text, _, place = str(error).rpartition(" (at ")
        raise SettingsError(name, place.rstrip(")") if text else "", _syntax(text, error)) from None
    prefix = ""
    if os.path.basename(path) == "pyproject.toml":
        prefix = "tool.nixschema."
        tools = table.get("tool", {})
        table = tools.get("nixschema") if isinstance(tools, dict) else None
        if table is None:
            return None
        if not isinstance(table, dict):
            raise SettingsError(name, "tool.nixschema", "is no table")
    return _Layer(name, os.path.dirname(path), path, parsed(table, name, prefix), prefix)


def _syntax(text: str, error: ValueError) -> str:
    said = text or str(error)
    return f"is no TOML: {said[:1].lower()}{said[1:]}"


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _told(path: str) -> str:
    """A path as it is told: from the present folder where it is in it."""
    from nixschema.model.display import printable

    seen = seen_from(path, os.getcwd())
    return printable(path if seen.startswith("../") else seen)
