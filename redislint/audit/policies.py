"""From a configuration to a target that rules can be held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from redislint.audit.access import access
from redislint.audit.elsewhere import facts_from_elsewhere, why_unknown
from redislint.facts import derive
from redislint.facts.declared import declared_facts
from redislint.facts.values import expression_values
from redislint.model import Fact, Server, Span, Target

if TYPE_CHECKING:
    from redislint.conf.resolve import Configuration
    from redislint.facts.workload import Workload


class Values(Protocol):
    """A configuration in effect: that of a file, or that of a running server."""

    @property
    def server(self) -> Server: ...

    def values(self) -> Iterator[tuple[str, Any]]:
        """Canonical name and typed value of every directive that is known."""

    def is_set(self, name: str) -> bool:
        """Whether anything but the default sets it."""


def with_facts(
    target: Target,
    conf: Configuration,
    declared: Mapping[str, str],
    workloads: Mapping[str, Workload],
    *,
    known: Mapping[str, Any] | None = None,
    start: Span | None = None,
    places: Mapping[str, Span] = MappingProxyType({}),
) -> Target:
    """The target with every fact that its configuration and declarations decide.

    `declared` holds texts by key (`workload`, `rpo`, `environment`, ...); `workloads` all
    names and aliases; `known` facts, or their values, from elsewhere by path. `start` is
    the beginning of the file, where a finding about absent directives points; `places`
    those of facts from elsewhere. Raises DeclarationError.
    """
    told = access(conf)
    if conf.sentinel:
        from redislint.audit import sentinel

        user = told.default_user
        return sentinel.of_file(target, conf, declared, workloads, user, known=known, start=start)
    given, hidden = facts_from_elsewhere(known), conf.unknown
    said = given.get("acl.default_user")
    default_user = said.value if said else told.default_user
    more = {**told.facts, **given}
    facts = _facts(target, conf, declared, workloads, more, default_user, "file", hidden)
    return target._replace(
        server=conf.server,
        facts=facts,
        unknown={**target.unknown, **why_unknown(conf)},
        spans=_Spans(conf, start, places),
    )


def with_running_facts(
    target: Target,
    conf: Values,
    declared: Mapping[str, str],
    workloads: Mapping[str, Workload],
    default_user: str | None,
    origin: str = "running",
) -> Target:
    """The same for a running server or a managed cache: `target` has the facts that were
    read, which stay as they are. `default_user` as `derive` takes it, `origin` of the
    configuration. Raises DeclarationError."""
    facts = _facts(target, conf, declared, workloads, target.facts, default_user, origin)
    unknown = {path: why for path, why in target.unknown.items() if path not in facts}
    return target._replace(facts=facts, unknown=unknown)


def _facts(
    target: Target,
    conf: Values,
    declared: Mapping[str, str],
    workloads: Mapping[str, Workload],
    more: Mapping[str, Fact],
    default_user: str | None,
    origin: str,
    hidden: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Fact]:
    """`hidden`: directives whose value is not known, as `Configuration.unknown`."""
    config = expression_values(conf.values())
    if "cloud.service" in more:
        from redislint.facts.managed import in_effect

        config = in_effect(config)
    given = {name: conf.is_set(name) for name in config}
    facts = {
        "config": Fact(config, origin=origin),
        "set": Fact(given, origin=origin),
        "tags": Fact(dict(target.tags), origin="declared"),
        "target.kind": Fact(target.kind),
        "target.id": Fact(target.id),
        "target.path": Fact(target.uri),
        "target.assumed": Fact(target.assumed),
    }
    declarations = declared_facts(declared, workloads)
    elsewhere = {path: fact.value for path, fact in {**declarations, **more}.items()}
    visible = config
    if hidden:
        unseen = "" in hidden
        visible = {
            name: value
            for name, value in config.items()
            if name not in hidden and not (unseen and value is None and not given[name])
        }
    facts |= derive(
        visible,
        lambda name: given.get(name, False) or (name in config and name not in visible),
        conf.server,
        known=elsewhere,
        default_user=default_user,
    )
    return facts | declarations | dict(more)


class _Spans(Mapping[str, Span]):
    """Where directives get their values, found when somebody asks: only findings do.

    "" is the beginning of the file, where findings about absent directives point.
    """

    def __init__(self, conf: Configuration, start: Span | None, places: Mapping[str, Span]) -> None:
        self._conf = conf
        self._start = start
        self._places = places

    def __getitem__(self, name: str) -> Span:
        if not name and self._start is not None:
            return self._start
        span = self._conf.place(name) if name else None
        return self._places[name] if span is None else span

    def __iter__(self) -> Iterator[str]:
        names = [name for name, _ in self._conf.values() if self._conf.is_set(name)]
        names += self._places
        return iter(["", *names] if self._start is not None else names)

    def __len__(self) -> int:
        return sum(1 for _ in self)
