"""Look-ups: which server knows what, and how versions resolve."""

from __future__ import annotations

import subprocess
import sys

import pytest

from redislint import catalog
from redislint.catalog import SERVERS, SUPPORTED, Spec
from redislint.model import Server


def server(text: str) -> Server:
    return Server.parse(text)


def spec(name: str, on: str) -> Spec:
    found = catalog.lookup(name, server(on))
    assert found is not None
    return found


def test_servers_in_order() -> None:
    assert [str(s) for s in SERVERS] == [
        *("redis-2.8", "redis-3.0", "redis-3.2", "redis-4.0", "redis-5.0", "redis-6.0"),
        *("redis-6.2", "redis-7.0", "redis-7.2", "redis-7.4", "redis-8.0", "redis-8.6"),
        *("valkey-7.2", "valkey-8.0", "valkey-8.1", "valkey-9.1"),
    ]
    assert [str(s) for s in SUPPORTED] == [str(s) for s in SERVERS[6:]]


def test_import_reads_nothing() -> None:
    code = (
        "import sys, redislint.catalog, redislint.catalog.tables as t;"
        "assert not t._loaded; assert 'json' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("name", "on", "default"),
    [
        ("maxmemory-policy", "redis-2.8", "volatile-lru"),
        ("maxmemory-policy", "redis-3.0", "noeviction"),
        ("repl-diskless-sync", "redis-6.2", "no"),
        ("repl-diskless-sync", "redis-7.0", "yes"),
        ("acl-pubsub-default", "redis-6.2", "allchannels"),
        ("acl-pubsub-default", "valkey-7.2", "resetchannels"),
        ("tcp-keepalive", "redis-3.0", "0"),
        ("tcp-keepalive", "redis-3.2", "300"),
        ("bind", "redis-6.2", ""),
        ("bind", "redis-7.0", "* -::*"),
        ("maxmemory", "valkey-9.1", "0"),
        ("save", "redis-2.8", "3600 1 300 100 60 10000"),
        ("io-threads-do-reads", "redis-7.4", "no"),
        ("io-threads-do-reads", "redis-8.0", None),
    ],
)
def test_default(name: str, on: str, default: str | None) -> None:
    assert spec(name, on).default == default


def test_save_points_without_a_save_line() -> None:
    assert spec("save", "redis-6.0").default_with_file == ""
    assert spec("save", "redis-6.2").default_with_file == "3600 1 300 100 60 10000"
    assert spec("port", "redis-6.0").default_with_file == "6379"


def test_spellings_lead_to_one_spec() -> None:
    assert spec("slaveof", "redis-7.2") is spec("replicaof", "redis-7.2")
    assert spec("slaveof", "redis-7.2").name == "replicaof"
    assert spec("slaveof", "redis-4.0").name == "slaveof"
    assert spec("slaveof", "redis-4.0").aliases == ()
    assert spec("masterauth", "valkey-8.0").name == "primaryauth"
    assert spec("masterauth", "valkey-8.0").directive == "masterauth"
    assert catalog.lookup("replicaof", server("redis-4.0")) is None
    assert catalog.lookup("primaryauth", server("redis-8.6")) is None


def test_equal_facts_share_one_object() -> None:
    assert spec("maxmemory", "redis-2.8") is spec("maxmemory", "redis-5.0")
    assert spec("maxmemory", "redis-6.0") is spec("maxmemory", "redis-8.6")
    assert spec("maxmemory", "redis-7.2") is spec("maxmemory", "valkey-9.1")
    assert spec("maxmemory", "redis-5.0") is not spec("maxmemory", "redis-6.0")


def test_different_facts_never_share() -> None:
    for entry in catalog.directives():
        seen: dict[int, tuple[object, ...]] = {}
        for one in entry.versions():
            found = entry.spec(one)
            assert found is not None
            facts = tuple(repr(getattr(found, slot)) for slot in Spec.__slots__)
            assert seen.setdefault(id(found), facts) == facts
        assert len(set(seen.values())) == len(seen), entry


def test_specs_hold_canonical_names_of_server_directives() -> None:
    specs = catalog.specs(server("redis-7.2"))
    assert list(specs) == [s.name for s in specs.values()]
    assert not any(name.startswith("sentinel") for name in specs)
    assert "slaveof" not in specs
    assert "replicaof" in specs
    assert catalog.specs(server("redis-7.2")) is specs


def test_spellings_that_config_get_lists() -> None:
    assert spec("replicaof", "redis-6.2").listed == ("slaveof",)
    assert spec("replicaof", "redis-7.0").listed == ("replicaof", "slaveof")
    assert spec("include", "redis-7.0").listed == ()


def test_sentinel_directives() -> None:
    found = spec("sentinel auth-pass", "redis-6.2")
    assert (found.sentinel, found.secret, found.args) == (True, True, (2, 2))
    assert catalog.lookup("sentinel resolve-hostnames", server("redis-6.0")) is None
    assert spec("sentinel known-slave", "redis-6.2").name == "sentinel known-replica"
    assert "sentinel monitor" in catalog.sentinel_specs(server("redis-2.8"))


@pytest.mark.parametrize(
    ("given", "like", "measured"),
    [
        ("redis-8.2", "redis-8.0", False),
        ("redis-8.4", "redis-8.0", False),
        ("redis-9.9", "redis-8.6", False),
        ("redis-7.2.5", "redis-7.2", True),
        ("redis-2.6", "redis-2.8", False),
        ("valkey-9.0", "valkey-8.1", False),
        ("valkey-9.1.2", "valkey-9.1", True),
        ("redis-6.2", "redis-6.2", True),
    ],
)
def test_versions_between_the_measured_ones(given: str, like: str, measured: bool) -> None:
    assert str(catalog.measured(server(given))) == like
    assert catalog.is_measured(server(given)) is measured


def test_change_points_between_the_measured_versions() -> None:
    assert catalog.lookup("lookahead", server("redis-8.2")) is None
    assert catalog.lookup("lookahead", server("redis-8.4")) is spec("lookahead", "redis-8.6")
    assert spec("notify-keyspace-events", "redis-8.2").event_letters == "cdeghlmnostxzAEK$"
    assert catalog.lookup("mptcp", server("valkey-9.0")) is not None
    assert catalog.lookup("mptcp", server("valkey-8.1")) is None
    assert spec("port", "redis-2.6") is spec("port", "redis-2.8")
    assert catalog.specs(server("redis-9.9")) == catalog.specs(server("redis-8.6"))


def test_patch_releases() -> None:
    assert catalog.lookup("tls-key-file-pass", server("redis-6.2.1")) is None
    assert catalog.lookup("tls-key-file-pass", server("redis-6.2.2")) is not None
    assert catalog.lookup("tls-key-file-pass", server("redis-6.2")) is not None
    assert not spec("sanitize-dump-payload", "valkey-9.1.1").ignored
    assert spec("sanitize-dump-payload", "valkey-9.1").ignored
    name = "lua-enable-deprecated-api"
    known = {
        v: catalog.lookup(name, server(f"redis-{v}")) is not None
        for v in (
            "6.2",
            "6.2.19",
            "6.2.20",
            "7.0.15",
            "7.2.10",
            "7.2.11",
            "8.0",
            "8.0.3",
            "8.0.4",
            "8.6",
        )
    }
    assert known == {
        "6.2": False, "6.2.19": False, "6.2.20": True, "7.0.15": False, "7.2.10": False,
        "7.2.11": True, "8.0": True, "8.0.3": False, "8.0.4": True, "8.6": True,
    }  # fmt: skip


def test_unknown_engine() -> None:
    with pytest.raises(ValueError, match="expected redis or valkey"):
        catalog.lookup("port", Server("keydb", (6, 3)))
    with pytest.raises(ValueError, match="expected redis or valkey"):
        catalog.measured(Server("keydb", (6, 3)))


def test_facts_of_a_few_directives() -> None:
    port = spec("port", "redis-7.2")
    assert (port.type, port.bounds, port.unit, port.args) == (
        "int",
        (0, 65535),
        "port number",
        (1, 1),
    )
    assert not port.immutable
    assert spec("port", "redis-6.0").immutable
    fsync = spec("appendfsync", "redis-7.2")
    assert set(fsync.enum or ()) == {"always", "everysec", "no"}
    assert spec("unixsocketperm", "redis-7.2").bounds == (0, 0o777)
    assert spec("save", "redis-6.2").repeat == "append"
    assert not spec("save", "redis-6.2").multi_arg
    assert spec("save", "redis-7.0").multi_arg
    assert spec("dir", "redis-7.0").protected
    assert not spec("watchdog-period", "redis-6.2").config_file
    assert spec("watchdog-period", "redis-7.0").config_file
    assert spec("watchdog-period", "redis-7.0").hidden
    assert spec("loadmodule", "redis-7.0").args == (1, None)
    assert spec("client-output-buffer-limit", "redis-7.0").repeat == "per-class"


def test_directive_across_versions() -> None:
    gopher = catalog.directive("gopher-enabled")
    assert gopher is not None
    assert gopher.engines == ("redis",)
    assert (str(gopher.since("redis")), str(gopher.removed_in("redis"))) == (
        "redis-6.0",
        "redis-7.0",
    )
    assert gopher.since("valkey") is None
    assert gopher.removed_in("valkey") is None
    assert [str(s) for s in gopher.versions()] == ["redis-6.0", "redis-6.2"]

    replicaof = catalog.directive("slaveof")
    assert replicaof is not None
    assert (replicaof.name, replicaof.aliases) == ("replicaof", ("slaveof",))
    assert replicaof.versions() == SERVERS
    assert replicaof.removed_in("redis") is None

    threads = catalog.directive("io-threads-do-reads")
    assert threads is not None
    assert str(threads.ignored_since("redis")) == "redis-8.0"
    assert str(threads.ignored_since("valkey")) == "valkey-8.1"

    key = catalog.directive("tls-key-file-pass")
    assert key is not None
    assert (str(key.since("redis")), str(key.since_patch("redis"))) == ("redis-6.2", "redis-6.2.2")

    lua = catalog.directive("lua-enable-deprecated-api")
    assert lua is not None
    assert str(lua.since("redis")) == "redis-8.0"
    assert [str(s) for s in lua.backports("redis")] == [
        "redis-6.2.20",
        "redis-7.2.11",
        "redis-7.4.6",
    ]
    assert lua.removed_in("redis") is None

    assert catalog.directive("no-such-thing") is None


def test_module_and_historic_names() -> None:
    module = catalog.module_directive("search-timeout")
    assert module is not None
    assert (module.module, module.type, module.default) == ("redisearch", "int", "500")
    assert catalog.module_directive("port") is None
    old = catalog.historic("hash-max-zipmap-entries")
    assert old is not None
    assert (old.engine, old.last_seen, old.removed_in) == ("redis", "2.4", "2.6")
    assert old.replaced_by == "hash-max-ziplist-entries"
    assert catalog.historic("port") is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("gopher-enabled", "redis 6.0 to 6.2"),
        ("port", "redis 2.8 on, valkey 7.2 on"),
        ("tls-key-file-pass", "redis 6.2.2 on, valkey 7.2 on"),
        ("mptcp", "valkey 9.0 on"),
        (
            "lua-enable-deprecated-api",
            "redis 6.2 from 6.2.20, redis 7.2 from 7.2.11, redis 7.4 from 7.4.6,"
            " redis 8.0.4 on, valkey 9.1 on",
        ),
    ],
)
def test_availability(name: str, text: str) -> None:
    entry = catalog.directive(name)
    assert entry is not None
    assert catalog.availability(entry) == text


def test_values_by_version() -> None:
    policy = catalog.directive("maxmemory-policy")
    assert policy is not None
    assert catalog.by_version(policy, lambda s: s.default) == (
        ("volatile-lru", "redis 2.8"),
        ("noeviction", "redis 3.0 on, valkey"),
    )
    assert catalog.by_version(policy, lambda s: s.type) == (("enum", ""),)
    stats = catalog.directive("cluster-slot-stats-enabled")
    assert stats is not None
    assert catalog.by_version(stats, lambda s: s.type) == (
        ("bool", "redis 8.2 to 8.4, valkey"),
        ("enum", "redis 8.6 on"),
    )
    dump = catalog.directive("sanitize-dump-payload")
    assert dump is not None
    assert catalog.by_version(dump, lambda s: s.ignored) == (
        (False, "redis, valkey 7.2 to 9.1.1"),
        (True, "valkey 9.1.2 on"),
    )
