"""Configurations as sides of a comparison: a file, a version's defaults, a running server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redislint import catalog
from redislint.audit.facts import named
from redislint.conf import placeholders
from redislint.conf.digests import digest
from redislint.facts.drift import Side
from redislint.facts.values import expression_values
from redislint.model import REDACTED, Diagnostic

if TYPE_CHECKING:
    from redislint.audit.paths import Paths
    from redislint.conf.resolve import Configuration
    from redislint.sources.live.running import RunningConfiguration

UNREAD = "RL001"
"""The rule of an include that was not read."""

_INCLUDE = "include"
"""What it includes is compared, wherever it lies."""


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


def with_lines(side: Side, conf: Configuration, paths: Paths) -> Side:
    """The side of a file with what CONFIG GET does not show: modules, users, renamed
    commands. All lines of such a directive are one text."""
    shown: dict[str, list[str]] = {}
    for setting in conf.settings:
        shown.setdefault(setting.canonical, []).append(named(setting, paths).text)
    whole: dict[str, list[str]] = {}
    for applied in conf.applied:
        whole.setdefault(applied.spec.name, []).append(applied.value.text)
    texts, digests = dict(side.texts), dict(side.digests)
    for name, spec in catalog.specs(conf.server).items():
        if name in side.texts or spec.directive == _INCLUDE:
            continue
        texts[name] = "; ".join(shown.get(name, ()))
        if spec.secret or spec.repeat != "last-wins":
            digests[name] = digest("\n".join(whole.get(name, ())))
    return side._replace(texts=texts, digests=digests)


def of_server(conf: RunningConfiguration) -> Side:
    """What a running server has in effect."""
    return Side(
        expression_values(conf.values()),
        {setting.canonical: setting.text for setting in conf.settings},
        conf.digests,
    )


def blind(conf: Configuration, paths: Paths) -> tuple[str, str] | None:
    """Why the values of a file cannot be known, as `PATH:LINE:COLUMN` and what is the
    matter there: the server refuses it, or not all of it was read. None where they can."""
    if conf.rejection is not None:
        said = f"{conf.server} refuses this file: {conf.rejection.message}"
        return _place(conf.rejection, paths), said
    return unread(conf, paths)


def unread(conf: Configuration, paths: Paths) -> tuple[str, str] | None:
    """An include of the file that was not read, in the same form."""
    found = next((one for one in conf.diagnostics if one.rule == UNREAD), None)
    return None if found is None else (_place(found, paths), found.message)


def _place(diagnostic: Diagnostic, paths: Paths) -> str:
    span = diagnostic.span
    return f"{paths.name(span.path)}:{span.line}:{span.column}" if span else ""
