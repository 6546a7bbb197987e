"""What an editor's configuration may say: the options of `redislint check`."""

from __future__ import annotations

from typing import Any

from redislint.lsp.check import Settings
from redislint.policy.errors import did_you_mean

_ONE = ("profile", "config")
_SEVERAL = ("server", "workload", "select", "ignore", "policy")


class SettingsError(ValueError):
    """One line on what is wrong with the settings."""


def read_settings(given: Any) -> Settings:
    """The settings from a client's `initializationOptions`. Raises SettingsError."""
    if given is None:
        return Settings()
    if not isinstance(given, dict):
        raise SettingsError('settings: expected an object, such as {"server": "redis-7.2"}')
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key in _ONE:
            if value is not None and not isinstance(value, str):
                raise SettingsError(f"settings: '{key}': expected a text")
            found[key] = value
        elif key in _SEVERAL:
            values = [value] if isinstance(value, str) else value
            if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
                raise SettingsError(f"settings: '{key}': expected a text or a list of texts")
            found[key] = tuple(values)
        else:
            hint = did_you_mean(str(key), (*_ONE, *_SEVERAL))
            raise SettingsError(f"settings: unknown key '{key}'{hint}")
    return Settings(**found)
