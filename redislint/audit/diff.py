"""Settings that differ between two configurations: files, versions, running servers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from redislint import catalog
from redislint.audit.facts import Resolved, named, resolve_all
from redislint.audit.inputs import Inputs, is_cloud_url, is_url
from redislint.audit.report import UsageError
from redislint.audit.servers import named_servers
from redislint.audit.sides import of_file, of_server, unread, with_lines
from redislint.catalog import Spec
from redislint.conf.document import parse
from redislint.conf.reading import MAX_BYTES
from redislint.facts.drift import Side, left_out, same
from redislint.model import AuditError, Diagnostic, Server, Setting
from redislint.sources import kinds

if TYPE_CHECKING:
    from redislint.audit.paths import Paths
    from redislint.conf.resolve import Configuration
    from redislint.sources.live.options import LiveOptions

STAGE = "diff"
"""Stage of an error about a side that cannot be compared."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A directive and its setting on either side; None where that server has no such.

    `change` is `new` or `gone` (a side has no such directive), `ignored` (a side takes it
    without effect), `default` (nobody sets it, and the defaults differ) or `value`.
    """

    name: str
    change: str
    left: Setting | None
    right: Setting | None


@dataclass(frozen=True, slots=True)
class Diff:
    """What `redislint diff` found. `labels`: how to call the sides. `refused`: what the
    server of either side refuses of its file."""

    labels: tuple[str, str]
    servers: tuple[Server, Server]
    differences: tuple[Difference, ...] = ()
    refused: tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]] = ((), ())
    errors: tuple[AuditError, ...] = ()


class _Part(NamedTuple):
    """One side: `settings` by canonical name, and whether it is a version's defaults or a
    running server (`live`)."""

    name: str
    server: Server
    side: Side
    settings: dict[str, Setting]
    defaults: bool = False
    live: bool = False
    refused: tuple[Diagnostic, ...] = ()


def diff(
    left: str,
    right: str,
    *,
    server: str | Sequence[str] | None = None,
    allow_outside: bool = False,
    max_file_size: int = MAX_BYTES,
    live: LiveOptions | None = None,
) -> Diff:
    """Compare the values in effect. Each side is a file, a server such as `redis-7.2` for
    its defaults, or the URL of a running server.

    `server` says who reads files: one for both sides, or one for each. Without it a file
    is read by the server of the other side, else by the one that it names itself, else by
    the newest that accepts it. `live` says how running servers are reached. Raises
    UsageError; what cannot be read or compared is in `Diff.errors`.
    """
    texts = (left, right)
    chosen = _chosen(server)
    errors: list[AuditError] = []
    inputs = Inputs((), allow_outside=allow_outside, max_file_size=max_file_size)
    found: list[_Part | None] = [_without_file(text, live, errors) for text in texts]
    for place, text in enumerate(texts):
        if found[place] is None and not is_url(text):
            other = found[1 - place]
            held = chosen[place] or (other.server if other else None)
            found[place] = _file(text, inputs, (held,) if held else (), errors)
        elif len(set(chosen)) > 1:
            raise UsageError(f"--server says who reads a file, and {_shown(text)} is none")
    one, two = found
    if one is None or two is None or errors:
        oldest = catalog.SERVERS[0]
        return Diff((_shown(left), _shown(right)), (oldest, oldest), errors=tuple(errors))
    return Diff(
        (_label(one, two), _label(two, one)),
        (one.server, two.server),
        tuple(_differences(one, two)),
        (one.refused, two.refused),
    )


def _chosen(server: str | Sequence[str] | None) -> tuple[Server | None, Server | None]:
    """Who reads the file of either side, None where nobody said."""
    given = [server] if isinstance(server, str) else list(server or ())
    if len(given) > 2:
        raise UsageError(f"--server was given {len(given)} times: once for each side at most")
    servers = [named_servers([text])[0] for text in given]
    if not servers:
        return None, None
    return servers[0], servers[-1]


def _shown(text: str) -> str:
    """A side as errors name it: a URL without what may be a password."""
    if not is_url(text):
        return text
    from redislint.sources.live.address import parse_url
    from redislint.sources.live.errors import LiveError

    try:
        return parse_url(text).uri
    except LiveError:
        return "(URL)"


def _without_file(text: str, live: LiveOptions | None, errors: list[AuditError]) -> _Part | None:
    """A side that is a running server or a version's defaults; None for a file, and for a
    server that cannot be compared."""
    if is_url(text):
        return _running(text, live, errors)
    server = _as_server(text)
    if server is None:
        return None
    paths = Inputs(()).paths()
    return _of_configuration(str(server), parse(b"").resolve(server), paths)._replace(defaults=True)


def _as_server(text: str) -> Server | None:
    if os.path.lexists(text) or not text.lower().startswith(("redis-", "valkey-")):
        return None
    try:
        return named_servers([text])[0]
    except UsageError:
        if os.path.splitext(text)[1] in (".conf", ".acl"):
            return None
        raise


def _running(url: str, live: LiveOptions | None, errors: list[AuditError]) -> _Part | None:
    from redislint.sources.live import read

    (reading,) = read([url], live)
    errors.extend(reading.errors)
    found = reading.targets
    if reading.errors or not found:
        return None
    if len(found) > 1:
        raise UsageError(f"{_shown(url)} stands for {len(found)} servers: name one")
    conf = found[0].configuration
    identity = found[0].target.id
    if conf.unknown:
        errors.append(AuditError(identity, STAGE, f"cannot be compared: {conf.unknown}"))
        return None
    settings = {setting.canonical: setting for setting in conf.settings}
    return _Part(identity, conf.server, of_server(conf), settings, live=True)


def _file(
    text: str, inputs: Inputs, held: tuple[Server, ...], errors: list[AuditError]
) -> _Part | None:
    failed: list[AuditError] = []
    if is_cloud_url(text):
        raise UsageError(f"{_shown(text)}: diff does not compare managed caches")
    named_inputs = Inputs.of([text])._replace(
        allow_outside=inputs.allow_outside, max_file_size=inputs.max_file_size
    )
    found: list[Resolved] = list(resolve_all(named_inputs, held, failed))
    errors.extend(failed)
    if len(found) > 1:
        raise UsageError(f"{text} holds {len(found)} files: name one")
    if not found:
        if not failed:
            errors.append(AuditError(text, "read", "no configuration file found"))
        return None
    (resolved,) = found
    if resolved.kind != kinds.REDIS_CONF or resolved.configuration is None:
        raise UsageError(f"{resolved.name} is a {resolved.kind}: only a redis.conf is compared")
    lost = unread(resolved.configuration, resolved.paths)
    if lost is not None:
        errors.append(AuditError(lost[0] or resolved.name, STAGE, lost[1]))
        return None
    return _of_configuration(resolved.name, resolved.configuration, resolved.paths)


def _of_configuration(name: str, conf: Configuration, paths: Paths) -> _Part:
    side = with_lines(of_file(conf, paths), conf, paths)
    settings = {directive: named(conf[directive], paths) for directive in side.texts}
    refused = tuple(
        one._replace(span=one.span and one.span._replace(path=paths.name(one.span.path)))
        for one in conf.diagnostics
        if one.fatal
    )
    return _Part(name, conf.server, side, settings, refused=refused)


def _label(part: _Part, other: _Part) -> str:
    if part.defaults:
        return f"{part.server} defaults"
    if part.live or part.server == other.server:
        return part.name
    return f"{part.name} on {part.server}"


def _differences(one: _Part, two: _Part) -> Iterator[Difference]:
    for left, right in _pairs(one.server, two.server):
        change = _change(one, left, two, right)
        spec = right or left
        if spec is not None and change:
            yield Difference(spec.name, change, _setting(one, left), _setting(two, right))


def _change(one: _Part, left: Spec | None, two: _Part, right: Spec | None) -> str:
    """How a directive changed, "" where it did not or where a side does not tell it."""
    if _is_silent(one, left) or _is_silent(two, right):
        return ""
    if left is None or right is None:
        return "new" if left is None else "gone"
    unset = _is_unset(one, left) and _is_unset(two, right)
    if left.ignored or right.ignored:
        return "" if unset or left.ignored == right.ignored else "ignored"
    if unset and "none" in (left.config_get, right.config_get):
        return ""  # without a default that anybody sees
    if same(left.name, one.side, right.name, two.side) or _means_nothing(one, two, right):
        return ""
    return "default" if unset else "value"


def _is_unset(part: _Part, spec: Spec) -> bool:
    return part.settings[spec.name].origin == "default"


def _pairs(one: Server, two: Server) -> Iterator[tuple[Spec | None, Spec | None]]:
    """Each directive that either server knows, those of the right one first."""
    left = {spec.directive: spec for spec in catalog.specs(one).values()}
    right = {spec.directive: spec for spec in catalog.specs(two).values()}
    for directive in dict.fromkeys((*right, *left)):
        yield left.get(directive), right.get(directive)


def _is_silent(part: _Part, spec: Spec | None) -> bool:
    """Whether the server has the directive and this side does not tell it."""
    return spec is not None and spec.name not in part.side.texts


def _means_nothing(one: _Part, two: _Part, spec: Spec) -> bool:
    if one.live == two.live:
        return False
    file, live = (two, one) if one.live else (one, two)
    return left_out(spec.name, file.side, live.side)


def _setting(part: _Part, spec: Spec | None) -> Setting | None:
    if spec is None:
        return None
    setting = part.settings[spec.name]
    if spec.ignored:
        return setting._replace(text="", value=None, origin="ignored", span=None)
    return setting._replace(text=part.side.texts[spec.name])
