"""Settings that differ between two files, or between two servers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from redislint import catalog
from redislint.audit.facts import Resolved, named, resolve_all
from redislint.audit.inputs import Inputs
from redislint.audit.report import UsageError
from redislint.audit.servers import named_servers
from redislint.catalog import Spec
from redislint.conf.document import parse
from redislint.conf.reading import MAX_BYTES
from redislint.model import AuditError, Server, Setting
from redislint.sources import kinds
from redislint.sources.conf_file import load
from redislint.sources.discovery import ConfFile

DEFAULTS = "<defaults>"


@dataclass(frozen=True, slots=True)
class Difference:
    """A directive and its setting on either side; None where that server has no such."""

    name: str
    left: Setting | None
    right: Setting | None


@dataclass(frozen=True, slots=True)
class Diff:
    """What `redislint diff` found. `labels`: how to call the sides."""

    labels: tuple[str, str]
    servers: tuple[Server, Server]
    differences: tuple[Difference, ...]
    errors: tuple[AuditError, ...] = ()


def diff(
    left: str,
    right: str,
    *,
    server: str | None = None,
    allow_outside: bool = False,
    max_file_size: int = MAX_BYTES,
) -> Diff:
    """Compare the values in effect. Each side is a file or a server such as `redis-7.2`.

    A file and a server: the file as that server reads it against its defaults. `server`
    reads files that do not name theirs. Raises UsageError; a file that cannot be read is
    in `Diff.errors`.
    """
    errors: list[AuditError] = []
    chosen = named_servers([server]) if server else ()
    servers = [_as_server(text) for text in (left, right)]
    beside = [servers[1], servers[0]]
    sides: list[Resolved] = []
    for text, itself, other in zip((left, right), servers, beside, strict=True):
        if itself is not None:
            sides.append(_defaults(itself))
            continue
        held = (other,) if other is not None else chosen
        inputs = Inputs.of([text], allow_outside=allow_outside, max_file_size=max_file_size)
        if inputs.urls:
            raise UsageError("diff compares files and defaults: it takes no URL of a server")
        found = list(resolve_all(inputs, held, errors))
        if len(found) > 1:
            raise UsageError(f"{text} holds {len(found)} files: name one")
        sides.extend(found)
    if len(sides) < 2:
        errors = errors or [AuditError(left, "read", "no configuration file found")]
        oldest = catalog.SERVERS[0]
        return Diff((left, right), (oldest, oldest), (), tuple(errors))
    one, two = sides
    for side in sides:
        if side.kind == kinds.ACL_FILE:
            raise UsageError(f"{side.name} is an ACL file: it has no settings to compare")
    labels = (_label(one, two), _label(two, one))
    differences = tuple(_differences(one, two))
    return Diff(labels, (one.server, two.server), differences, tuple(errors))


def _as_server(text: str) -> Server | None:
    if os.path.lexists(text) or not text.lower().startswith(("redis-", "valkey-")):
        return None
    try:
        return named_servers([text])[0]
    except UsageError:
        if os.path.splitext(text)[1] in (".conf", ".acl"):
            return None
        raise


def _defaults(server: Server) -> Resolved:
    inputs = Inputs(())
    loaded = load(ConfFile(DEFAULTS, kinds.REDIS_CONF, b""))
    conf = parse(b"").resolve(server)
    paths = inputs.paths()
    return Resolved(DEFAULTS, kinds.REDIS_CONF, server, False, loaded, conf, paths)


def _label(side: Resolved, other: Resolved) -> str:
    if side.name == DEFAULTS:
        return f"{side.server} defaults"
    return side.name if side.server == other.server else f"{side.name} on {side.server}"


def _differences(one: Resolved, two: Resolved) -> Iterator[Difference]:
    for name, left, right in _pairs(one.server, two.server):
        before, after = _setting(one, left), _setting(two, right)
        if _value(one, left) != _value(two, right):
            yield Difference(name, before, after)


def _pairs(one: Server, two: Server) -> Iterator[tuple[str, Spec | None, Spec | None]]:
    """Each directive that either server knows, under the name that the newer side uses."""
    left = {spec.directive: spec for spec in catalog.specs(one).values()}
    right = {spec.directive: spec for spec in catalog.specs(two).values()}
    for directive in dict.fromkeys((*right, *left)):
        before, after = left.get(directive), right.get(directive)
        spec = after or before
        if spec is not None:
            yield spec.name, before, after


def _setting(side: Resolved, spec: Spec | None) -> Setting | None:
    if spec is None or side.configuration is None:
        return None
    return named(side.configuration[spec.name], side.paths)


def _value(side: Resolved, spec: Spec | None) -> str | None:
    """What to compare: the real text, a secret's too, which never leaves this module."""
    if spec is None or side.configuration is None:
        return None
    conf = side.configuration
    text = conf.config_get(spec.name)
    return conf[spec.name].text if text is None else text
