"""The configuration in effect on a running server, from CONFIG GET or, without it, INFO."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from redislint import catalog
from redislint.catalog import Spec
from redislint.conf.credentials import LOGIN
from redislint.conf.dialect import Dialect, dialect
from redislint.conf.digests import digest
from redislint.conf.document import decode
from redislint.conf.load import read_value
from redislint.conf.passwords import is_weak
from redislint.conf.redact import secret_ranges
from redislint.conf.result import Value
from redislint.model import REDACTED, Server, Setting
from redislint.sources.live.info import Info

RUNNING = "running"
"""Origin of a setting that CONFIG GET told."""
INFO = "info"
"""Origin of a setting that a field of INFO told."""

_FREE_TEXT = frozenset({"string", "special", "ignored"})
"""Types of directives whose text could hold anything; the others are numbers and words."""

_LIMIT = "client-output-buffer-limit"

_FIELDS: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("maxmemory", "maxmemory", {}),
    ("maxmemory_policy", "maxmemory-policy", {}),
    ("maxclients", "maxclients", {}),
    ("aof_enabled", "appendonly", {"0": "no", "1": "yes"}),
    ("cluster_enabled", "cluster-enabled", {"0": "no", "1": "yes"}),
    ("configured_hz", "hz", {}),
    ("repl_backlog_size", "repl-backlog-size", {}),
    ("slave_read_only", "slave-read-only", {"0": "no", "1": "yes"}),
    ("slave_priority", "slave-priority", {}),
    ("replica_announced", "replica-announced", {"0": "no", "1": "yes"}),
)
"""Field of INFO, the directive that it shows by a name that every version takes, and its
text where that differs."""


@dataclass(frozen=True, slots=True)
class RunningConfiguration:
    """What a running server has in effect, secrets hidden from the moment of reading.

    Has the members of a resolved configuration that rules need. `by_name` holds a Setting
    by canonical name; a directive that is not there is unknown, for the reason in
    `unknown` ("" = everything was told). `texts` has all spellings as the server listed
    them, secrets hidden; `digests` stand for what was hidden, by canonical name. `weak`
    names the directives whose password is easy to guess.
    """

    server: Server
    by_name: Mapping[str, Setting] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    unknown: str = ""
    origin: str = RUNNING
    digests: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    weak: tuple[str, ...] = ()

    @property
    def settings(self) -> tuple[Setting, ...]:
        """One setting for each directive told, in the catalogue's order, others last."""
        return tuple(self.by_name.values())

    def values(self) -> Iterator[tuple[str, Any]]:
        """Canonical name and typed value of what is known."""
        for name, setting in self.by_name.items():
            if setting.known:
                yield name, setting.value

    def is_set(self, name: str) -> bool:
        """Whether the running value differs from the version's default. A running server
        does not tell whether something sets a directive to its default."""
        setting = self._find(name)
        if setting is None:
            return False
        spec = catalog.lookup(setting.canonical, self.server)
        return spec is None or setting.text != (spec.default or "")

    def config_get(self, name: str) -> str | None:
        """The text that the server told, secrets hidden; None when it told none."""
        setting = self._find(name)
        return setting.text if setting else None

    def __contains__(self, name: str) -> bool:
        return self._find(name) is not None

    def __getitem__(self, name: str) -> Setting:
        """The setting in effect. Raises KeyError for what is unknown."""
        setting = self._find(name)
        if setting is None:
            raise KeyError(f"'{name}' is not known of this server")
        return setting

    def _find(self, name: str) -> Setting | None:
        spec = catalog.lookup(name.lower(), self.server)
        return self.by_name.get(spec.name if spec else name.lower())


def from_config_get(pairs: Sequence[tuple[bytes, bytes]], server: Server) -> RunningConfiguration:
    """Read the reply to CONFIG GET *."""
    rules = dialect(server)
    found: dict[str, Setting] = {}
    texts: dict[str, str] = {}
    digests: dict[str, bytes] = {}
    for raw_name, raw_value in pairs:
        name = raw_name.decode("utf-8", "replace").lower()
        spec = catalog.lookup(name, server)
        texts[name] = shown(spec, name, raw_value)
        canonical = spec.name if spec else name
        if canonical not in found or name == canonical:
            found[canonical] = _setting(spec, canonical, raw_value, texts[name], rules, RUNNING)
            if (spec is not None and spec.secret) or REDACTED in texts[name]:
                digests[canonical] = digest(decode(raw_value))
    order = {name: place for place, name in enumerate(catalog.specs(server))}
    names = sorted(found, key=lambda name: (order.get(name, len(order)), name))
    by_name = {name: found[name] for name in names}
    return RunningConfiguration(server, by_name, texts, digests=digests, weak=_weak(pairs))


def _weak(pairs: Sequence[tuple[bytes, bytes]]) -> tuple[str, ...]:
    """The login directives whose password is easy to guess; old names count once."""
    told = {name.decode("utf-8", "replace").lower(): value for name, value in pairs}
    return tuple(name for name in LOGIN if told.get(name) and is_weak(told[name]))


def from_info(
    info: Info, server: Server, reason: str, *, managed: bool = False
) -> RunningConfiguration:
    """The few directives that INFO shows, where CONFIG GET is not to be had for `reason`.

    A `managed` service shows an AOF that is off whatever it does with the data.
    """
    rules = dialect(server)
    found: dict[str, Setting] = {}
    for name, directive, words in _FIELDS:
        text = info.text(name)
        spec = catalog.lookup(directive, server)
        if text is None or spec is None or (words and text not in words):
            continue
        if managed and directive == "appendonly":
            continue
        raw = words.get(text, text).encode()
        found[spec.name] = _setting(spec, spec.name, raw, raw.decode(), rules, INFO)
    replica = catalog.lookup("slaveof", server)
    if replica is not None:
        text = _replicaof(info)
        if text is not None:
            found[replica.name] = _setting(
                replica, replica.name, text.encode("utf-8", "replace"), text, rules, INFO
            )
    texts = {name: setting.text for name, setting in found.items()}
    return RunningConfiguration(server, found, texts, reason, INFO)


def _replicaof(info: Info) -> str | None:
    role = info.text("role")
    if role == "master":
        return ""
    host, port = info.text("master_host"), info.text("master_port")
    return f"{host} {port}" if role == "slave" and host and port else None


def shown(spec: Spec | None, name: str, value: bytes) -> str:
    """A value's text, with whatever is secret in it hidden."""
    text = value.decode("utf-8", "replace")
    if spec is not None:
        if spec.secret:
            return REDACTED if text else ""
        if spec.type not in _FREE_TEXT:
            return text
    line = f"{name} {text}"
    for start, end in reversed(secret_ranges(line)):
        line = line[:start] + REDACTED + line[end:]
    return line[len(name) + 1 :]


def setting_of(name: str, raw: bytes, server: Server, origin: str) -> Setting:
    """What a source other than CONFIG GET tells of a directive, under the name it has there;
    secrets are hidden. A name that the server does not know keeps its text as value."""
    spec = catalog.lookup(name.lower(), server)
    text = shown(spec, name, raw)
    canonical = spec.name if spec else name
    return _setting(spec, canonical, raw, text, dialect(server), origin)._replace(name=name)


def _setting(
    spec: Spec | None, name: str, raw: bytes, text: str, rules: Dialect, origin: str
) -> Setting:
    if spec is None:
        return Setting(name, name, text, text, origin)
    if spec.secret:
        return Setting(name, name, text, text, origin)
    known, value = _typed(spec, raw, rules)
    return Setting(name, name, text, value, origin, known=known)


def _typed(spec: Spec, raw: bytes, rules: Dialect) -> tuple[bool, Any]:
    """Whether the text could be read, and the value."""
    words = raw.split()
    if spec.directive == "save":
        return _save(words)
    if spec.directive == _LIMIT:
        return _limits(words)
    if spec.directive == "replicaof" and not words:
        return True, None
    if spec.directive in ("bind", "rdma-bind", "bind-source-addr") and spec.args[1] != 1:
        return True, tuple(word.decode("utf-8", "replace") for word in words)
    several = spec.multi_arg or spec.args[1] != 1
    result = read_value(spec, rules, tuple(words) if several else (raw,))
    return (True, result.value) if isinstance(result, Value) else (False, None)


def _save(words: Sequence[bytes]) -> tuple[bool, Any]:
    if len(words) % 2 or not all(word.isdigit() for word in words):
        return False, None
    numbers = [int(word) for word in words]
    return True, tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _limits(words: Sequence[bytes]) -> tuple[bool, Any]:
    rows = [words[at : at + 4] for at in range(0, len(words), 4)]
    if any(len(row) != 4 or not all(w.isdigit() for w in row[1:]) for row in rows):
        return False, None
    return True, tuple(
        (row[0].decode("utf-8", "replace"), *(int(word) for word in row[1:])) for row in rows
    )
