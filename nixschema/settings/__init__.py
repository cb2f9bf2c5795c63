"""Configuration: what is checked, what is told, and how grave it is, file by file."""

from nixschema.settings.configuration import Configuration, UnusedIgnore
from nixschema.settings.errors import SettingsError
from nixschema.settings.ignores import Ignore
from nixschema.settings.keys import settings_schema
from nixschema.settings.record import Settings

__all__ = [
    "Configuration",
    "Ignore",
    "Settings",
    "SettingsError",
    "UnusedIgnore",
    "settings_schema",
]
