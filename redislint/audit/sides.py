"""Configurations as sides of a comparison: a file, a version's defaults, a running server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redislint import catalog
from redislint.audit.facts import named
from redislint.conf import placeholders
from redislint.conf.digests import digest
from redislint.facts.drift import Side
from redislint.facts.values import expression_values
from redislint.model import REDACTED

if TYPE_CHECKING:
    from redislint.audit.paths import Paths
    from redislint.conf.resolve import Configuration
    from redislint.sources.live.running import RunningConfiguration

UNREAD = "RL001"
"""The rule of an include that was not read."""


def of_file(conf: Configuration, paths: Paths) -> Side:
    """What one server makes of a file, or of none at all: its defaults.

    Only what CONFIG GET shows; a directive in whose value a template stands is unsettled.
    """
    texts: dict[str, str] = {}
    digests: dict[str, bytes] = {}
    unsettled = set()
    for name, spec in catalog.specs(conf.server).items():
        text = conf.config_get(name)
        if text is None:
            continue
        texts[name] = shown = named(conf[name], paths).text
        if spec.secret or REDACTED in shown:
            digests[name] = digest(text)
        if conf.is_set(name) and placeholders.find(name, text.encode("utf-8", "replace")):
            unsettled.add(name)
    return Side(
        expression_values(conf.values()),
        texts,
        digests,
        frozenset(name for name in texts if not conf.is_set(name)),
        frozenset(unsettled),
    )


def of_server(conf: RunningConfiguration) -> Side:
    """What a running server has in effect."""
    return Side(
        expression_values(conf.values()),
        {setting.canonical: setting.text for setting in conf.settings},
        conf.digests,
    )


def blind(conf: Configuration, paths: Paths) -> tuple[str, str] | None:
    """Why the values of a file cannot be known, as `PATH:LINE:COLUMN` and what is the
    matter there; None where they can."""
    unread = (one for one in conf.diagnostics if one.rule == UNREAD)
    found = conf.rejection or next(unread, None)
    if found is None:
        return None
    span = found.span
    place = f"{paths.name(span.path)}:{span.line}:{span.column}" if span else ""
    refused = f"{conf.server} refuses this file: " if found.fatal else ""
    return place, f"{refused}{found.message}"
