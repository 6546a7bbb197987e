"""From a Sentinel's file, or from what a running one answered, to a target with facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from redislint.audit.elsewhere import facts_from_elsewhere, why_unknown
from redislint.conf.sentinel import OPTIONS, Master, masters
from redislint.facts import derive_sentinel, server_facts
from redislint.facts import sentinel as facts
from redislint.facts.declared import declared_facts
from redislint.facts.replication import is_loopback
from redislint.facts.values import expression_values
from redislint.model import Fact, Span, Target

if TYPE_CHECKING:
    from redislint.conf.resolve import Configuration
    from redislint.facts.workload import Workload

LINE = "sentinel "
"""What the names of Sentinel's options begin with: `sentinel quorum` is no directive."""


def of_file(
    target: Target,
    conf: Configuration,
    declared: Mapping[str, str],
    workloads: Mapping[str, Workload],
    default_user: str | None,
    *,
    known: Mapping[str, Any] | None = None,
    start: Span | None = None,
) -> Target:
    """As `policies.with_facts`, for a file that a Sentinel reads. Raises DeclarationError."""
    given = {name: conf.is_set(name) for name, _ in conf.values()}
    config = facts.in_effect(expression_values(conf.values()), given)
    watched = masters([args for _, args in conf.sentinel_lines], conf.server)
    hidden = conf.unknown
    found = server_facts(conf.server)
    if not conf.unseen:
        found = derive_sentinel(
            {name: value for name, value in config.items() if name not in hidden},
            lambda name: given.get(name, False),
            conf.server,
            [_row(one) for one in watched],
            _options(conf),
            default_user,
        )
    found |= {
        "config": Fact(config, origin="file"),
        "set": Fact(given, origin="file"),
        "target.kind": Fact(target.kind),
        "target.id": Fact(target.id),
        "target.path": Fact(target.uri),
        "target.running": Fact(False, "", "derived"),
    }
    return target._replace(
        server=conf.server,
        facts=found | declared_facts(declared, workloads) | facts_from_elsewhere(known),
        unknown={**target.unknown, **why_unknown(conf)},
        spans=_Spans(conf, watched, start),
    )


def of_replies(
    target: Target, declared: Mapping[str, str], workloads: Mapping[str, Workload]
) -> Target:
    """A running Sentinel: `target` has the facts that it told. Raises DeclarationError."""
    primaries, options = target.facts.get("sentinel.primaries"), target.facts.get("sentinel.config")
    watched = facts.from_replies(primaries.value) if primaries else []
    found = derive_sentinel(
        {}, lambda _: False, target.server, watched, options.value if options else None
    )
    found["target.running"] = Fact(True, "", "derived")
    if primaries is None:
        del found["sentinel.watched"]
    return target._replace(facts=found | declared_facts(declared, workloads) | dict(target.facts))


def _row(one: Master) -> dict[str, Any]:
    """A watched primary as rules see it. A file that no Sentinel wrote yet names no others."""
    row: dict[str, Any] = {
        "name": one.name,
        "host": one.host,
        "port": one.port,
        "quorum": one.quorum,
        "down_after": one.down_after,
        "failover_timeout": one.failover_timeout,
        "parallel_syncs": one.parallel_syncs,
        "auth_user": one.auth_user,
        "auth_pass": one.has_auth_pass,
        "scripts": [s for s in (one.notification_script, one.client_reconfig_script) if s],
    }
    if one.sentinels:
        row["sentinels"] = len(one.sentinels) + 1
        row["elsewhere"] = not all(is_loopback(name.rpartition(":")[0]) for name in one.sentinels)
    if one.replicas:
        row["replicas"] = len(one.replicas)
    return row


def _options(conf: Configuration) -> dict[str, str]:
    """The last value of each option that names no primary; of passwords that there is one."""
    found = {}
    for _, args in conf.sentinel_lines:
        name = args[0].lower()
        option = OPTIONS.get(name)
        if option is not None and option.early and option.known(conf.server) and len(args) == 2:
            text = args[1].decode("utf-8", "backslashreplace")
            found[name.decode("ascii")] = "set" if name == b"sentinel-pass" else text.lower()
    return found


class _Spans(Mapping[str, Span]):
    """Places by directive, by `sentinel OPTION`, and by `sentinel OPTION PRIMARY`."""

    def __init__(
        self, conf: Configuration, watched: tuple[Master, ...], start: Span | None
    ) -> None:
        self._conf = conf
        self._start = start
        self._lines: dict[str, Span] = {}
        for line, args in conf.sentinel_lines:
            self._lines[LINE + args[0].decode("utf-8", "replace").lower()] = line.span()
        for one in watched:
            for option, index in (("monitor", one.line), *one.lines):
                self._lines[f"{LINE}{option} {one.name}"] = conf.sentinel_lines[index][0].span()

    def __getitem__(self, name: str) -> Span:
        span = self._lines.get(name)
        if span is None:
            span = self._conf.place(name) if name else self._start
        if span is None:
            raise KeyError(name)
        return span

    def __iter__(self) -> Iterator[str]:
        names = [name for name, _ in self._conf.values() if self._conf.is_set(name)]
        return iter([*self._lines, *names, *([""] if self._start is not None else [])])

    def __len__(self) -> int:
        return sum(1 for _ in self)
